#include "command.h"
#include "migrate/report/history_view.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string id;
};

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  auto db = OpenTargetToRead(*plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto json = report::HistoryJson(db->get(), plan->attributes, o.id);
  if (!json.ok()) return Fail(o.common, json.status());
  return PrintResult(o.common.json ? *json : report::RenderHistory(*json));
}

}  // namespace

void AddHistory(CLI::App& app, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("history", "Every change of a person or record: when, who, what, from which rows");
  AddCommon(c, &o->common);
  c->add_option("ID", o->id, "a person_id, also of one that is no more, a record_id, or SOURCE:KEY")->required();
  c->callback([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
