#include "command.h"
#include "migrate/report/rejects_view.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  size_t limit = 100;
  int64_t id = 0;
};

template <class View>
int Print(const Options& o, const std::function<Result<View>(store::Connection*)>& view) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  auto db = OpenTargetToRead(*plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto result = view(db->get());
  if (!result.ok()) return Fail(o.common, result.status());
  return PrintResult(o.common.json ? report::RenderJson(*result) : report::RenderText(*result));
}

}  // namespace

void AddRejects(CLI::App& app, Action* action) {
  CLI::App* rejects = app.add_subcommand("rejects", "The rows in quarantine");
  rejects->require_subcommand(1);
  auto o = std::make_shared<Options>();
  CLI::App* list = rejects->add_subcommand("list", "Reasons with counts and examples, and the rows");
  AddCommon(list, &o->common);
  list->add_option("--limit", o->limit, "rows to list (default 100)");
  list->callback([o, action] {
    *action = [o] {
      return Print<report::RejectList>(*o, [&](store::Connection* db) { return report::ListRejects(db, o->limit); });
    };
  });
  auto one = std::make_shared<Options>();
  CLI::App* show = rejects->add_subcommand("show", "One row with its original bytes");
  AddCommon(show, &one->common);
  show->add_option("ID", one->id, "its number in `rejects list`")->required();
  show->callback([one, action] {
    *action = [one] {
      return Print<report::RejectDetail>(*one, [&](store::Connection* db) { return report::ShowReject(db, one->id); });
    };
  });
}

}  // namespace migrate::cli
