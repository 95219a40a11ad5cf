#include "command.h"
#include "migrate/report/history_view.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string id;
};

int Main(const Options& o, const plan::Plan& plan) {
  auto db = OpenTargetToRead(plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto json = report::HistoryJson(db->get(), plan.attributes, o.id);
  if (!json.ok()) return Fail(o.common, json.status());
  return PrintResult(o.common.json ? *json : report::RenderHistory(*json));
}

}  // namespace

void AddHistory(Syntax app, Action* action) {
  const auto [c, o] = AddPlanCommand(app, action, "history",
                                     "Every change of a person or record: when, who, what, from which rows", Main);
  c.Option("ID", o->id, "a person_id, also of one that is no more, a record_id, or SOURCE:KEY").Required();
}

}  // namespace migrate::cli
