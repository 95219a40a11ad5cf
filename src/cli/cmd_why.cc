#include "command.h"
#include "migrate/run/why.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string a, b;
  bool blocks = false;
};

int Main(const Options& o, const plan::Plan& plan) {
  auto db = OpenTargetToRead(plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto why = run::Why(plan, db->get(), o.a, o.b, o.blocks);
  if (!why.ok()) return Fail(o.common, why.status());
  return PrintResult(o.common.json ? report::RenderJson(*why) : report::RenderText(*why));
}

}  // namespace

void AddWhy(Syntax app, Action* action) {
  const auto [c, o] =
      AddPlanCommand(app, action, "why", "Why two records are one person, or are not: every field's weight", Main);
  c.Option("A", o->a, "a person_id, a record_id, or SOURCE:KEY").Required();
  c.Option("B", o->b, "the other one").Required();
  c.Flag("--blocks", o->blocks, "count the blocks that both share, also where they are one person");
}

}  // namespace migrate::cli
