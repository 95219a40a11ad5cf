#include "command.h"
#include "migrate/normalize/phones.h"
#include "migrate/report/history_view.h"
#include "migrate/report/person_view.h"

namespace migrate::cli {
namespace {

struct ShowOptions {
  Common common;
  std::string id, as_of;
};

struct FindOptions {
  Common common;
  report::FindQuery query;
};

template <class View>
int Print(const Common& common, const std::function<Result<View>(store::Connection*, const plan::Plan&)>& view) {
  int code = 2;
  auto plan = LoadPlanOrFail(common, &code);
  if (!plan) return code;
  auto db = OpenTargetToRead(*plan);
  if (!db.ok()) return Fail(common, db.status());
  auto result = view(db->get(), *plan);
  if (!result.ok()) return Fail(common, result.status());
  return PrintResult(common.json ? report::RenderJson(*result) : report::RenderText(*result));
}

}  // namespace

void AddShow(Syntax app, Action* action) {
  auto o = std::make_shared<ShowOptions>();
  Syntax c = app.Subcommand("show", "One person: golden values, where each came from, its records");
  AddCommon(c, &o->common);
  c.Option("ID", o->id, "a person_id, also one that was merged away, a record_id, or SOURCE:KEY").Required();
  c.Option("--as-of", o->as_of, "as it was at the end of that day or UTC time, or of the import of that number")
      .Type("DATE|IMPORT");
  c.WhenChosen([o, action] {
    *action = [o] {
      return Print<report::PersonView>(o->common,
                                       [&](store::Connection* db, const plan::Plan& p) -> Result<report::PersonView> {
                                         if (o->as_of.empty()) return report::Show(db, p.attributes, o->id);
                                         MIGRATE_ASSIGN(int64_t import_id, report::ImportAsOf(db, o->as_of));
                                         return report::ShowAsOf(db, p.attributes, o->id, import_id);
                                       });
    };
  });
}

void AddFind(Syntax app, Action* action) {
  auto o = std::make_shared<FindOptions>();
  Syntax c = app.Subcommand("find", "Persons by e-mail, phone, or last name and ZIP code");
  AddCommon(c, &o->common);
  c.Option("--email", o->query.email, "e-mail address").Type("E");
  c.Option("--phone", o->query.phone, "phone number, as people write it").Type("P");
  c.Option("--last-name", o->query.last_name, "last name, with --zip").Type("NAME");
  c.Option("--zip", o->query.zip, "ZIP code, with --last-name").Type("ZIP");
  c.Option("--limit", o->query.limit, "persons to list (default 100)").Must(Positive());
  c.WhenChosen([o, action] {
    *action = [o] {
      return Print<report::FindResult>(o->common, [&](store::Connection* db, const plan::Plan& p) {
        report::FindQuery query = o->query;
        // As people write it, in the plan's country; what cannot be read is looked up as it stands.
        std::string e164;
        if (!query.phone.empty() &&
            normalize::NormalizePhone(query.phone, p.normalize.country, &e164) != normalize::Outcome::kBad &&
            !e164.empty())
          query.phone = e164;
        return report::Find(db, p.attributes, query);
      });
    };
  });
}

}  // namespace migrate::cli
