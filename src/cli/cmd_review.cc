#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/report/review_view.h"
#include "migrate/run/review.h"
#include "migrate/run/run.h"

namespace migrate::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  Common common;
  std::string a, b, value;  // positionals, by command
  int64_t decision = 0;
  run::Word word;
  uint64_t limit = 20, offset = 0;
  bool decisions = false, later = false;
};

Cancel g_cancel;
void OnSignal(int) { g_cancel.Request(); }

std::string UserName() {
  const passwd* user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_name : std::to_string(::geteuid());
}

int List(const Options& o, const plan::Plan& plan) {
  auto db = OpenTargetToRead(plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto json = o.decisions ? run::DecisionsJson(db->get(), o.limit, o.offset)
                          : run::ReviewListJson(plan, db->get(), o.limit, o.offset);
  if (!json.ok()) return Fail(o.common, json.status());
  if (o.common.json) return PrintResult(*json);
  return PrintResult(o.decisions ? report::RenderDecisionsText(*json) : report::RenderReviewText(*json));
}

int Next(const Options& o, const plan::Plan& plan) {
  auto db = OpenTargetToRead(plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto next = run::NextReview(plan, db->get());
  if (!next.ok()) return Fail(o.common, next.status());
  if (o.common.json) {
    Json j = {{"schema", 1}, {"left", next->left}, {"gain", next->gain}, {"why", nullptr}};
    if (next->found) j["why"] = Json::parse(report::RenderJson(next->why));
    return PrintResult(j.dump(2, ' ', false, Json::error_handler_t::replace));
  }
  if (!next->found) return PrintResult("nothing to review\n");
  const auto &a = next->why.a, &b = next->why.b;
  std::string text = fmt::format(
      "1 of {} pairs, gain {:.2f}\n{}\nmigrate review link {p} {a} {b} --reason \"...\"\n"
      "migrate review unlink {p} {a} {b} --reason \"...\"\n",
      next->left, next->gain, report::RenderText(next->why), fmt::arg("p", o.common.plan_file),
      fmt::arg("a", a.record_id), fmt::arg("b", b.record_id));
  return PrintResult(text);
}

// Matches anew, so that what was decided shows.
Status Apply(const Options& o, const plan::Plan& plan) {
  run::RunOptions options;
  options.tool_version = MIGRATE_VERSION;
  options.plan_file = o.common.plan_file;
  options.stages = {plan::Stage::kDedupe};
  options.cancel = &g_cancel;
  auto printer = progress::MakePrinter(progress::DetectStyle(o.common.quiet, o.common.json));
  options.printer = printer.get();
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  const run::RunOutcome out = run::Run(plan, options);
  return out.status;
}

// What was decided, then, unless it is for later, the matching that heeds it.
int Conclude(const Options& o, const plan::Plan& plan, const Result<std::string>& written) {
  if (!written.ok()) return Fail(o.common, written.status());
  Json j = Json::parse(*written);
  const int64_t number = j["decision"]["decision"].get<int64_t>();
  Status applied = o.later ? Status() : Apply(o, plan);
  if (!applied.ok())
    return Fail(o.common,
                Status(applied.kind(),
                       fmt::format("decision {} is kept, but nothing was matched: {}", number, applied.message()),
                       "migrate review apply " + o.common.plan_file + " matches anew"));
  j["applied"] = !o.later;
  if (o.common.json) return PrintResult(j.dump(2, ' ', false, Json::error_handler_t::replace));
  return PrintResult(
      fmt::format("decision {} is kept{}\n", number,
                  o.later ? "; migrate review apply " + o.common.plan_file + " makes it effective" : " and effective"));
}

template <class Write>
int Decided(const Options& o, const plan::Plan& plan, Write write) {
  auto db = OpenTargetToWrite(plan);
  if (!db.ok()) return Fail(o.common, db.status());
  if (Status s = run::MayDecide(plan, db->get()); !s.ok()) return Fail(o.common, s);
  auto written = write(db->get());
  db->reset();  // the run that follows opens the target itself
  return Conclude(o, plan, written);
}

int Link(const Options& o, const plan::Plan& plan) {
  return Decided(o, plan, [&](store::Connection* db) { return run::Decide(plan, db, true, o.a, o.b, o.word); });
}
int Unlink(const Options& o, const plan::Plan& plan) {
  return Decided(o, plan, [&](store::Connection* db) { return run::Decide(plan, db, false, o.a, o.b, o.word); });
}
int Undo(const Options& o, const plan::Plan& plan) {
  return Decided(o, plan, [&](store::Connection* db) { return run::UndoDecision(db, o.decision, o.word); });
}
int Pin(const Options& o, const plan::Plan& plan) {
  return Decided(o, plan, [&](store::Connection* db) { return run::PinValue(plan, db, o.a, o.b, o.value, o.word); });
}
int ApplyAll(const Options& o, const plan::Plan& plan) {
  auto db = OpenTargetToWrite(plan);
  if (!db.ok()) return Fail(o.common, db.status());
  db->reset();
  if (Status s = Apply(o, plan); !s.ok()) return Fail(o.common, s);
  if (o.common.json) return PrintResult(R"({"schema":1,"ok":true,"exit_code":0})");
  return PrintResult("all decisions in force are effective\n");
}

void AddWord(Syntax c, const std::shared_ptr<Options>& o) {
  o->word.who = UserName();
  c.Option("--reason", o->word.reason, "why, kept with the decision").Type("TEXT").Must(AtMostBytes(kReasonBytes));
  c.Option("--by", o->word.who, "who decides (default: the user at the keyboard)")
      .Type("NAME")
      .Must(AtMostBytes(kNameBytes));
  c.Flag("--later", o->later, "only keep the decision: `review apply` or the next import makes it effective");
}

}  // namespace

void AddReview(Syntax app, Action* action) {
  Syntax review = app.Subcommand("review", "Pairs that a person should look at, and what was decided");
  review.NeedsSubcommand();
  const auto [list, l] =
      AddPlanCommand(review, action, "list", "Doubtful pairs of persons, those first whose decision gains most", List);
  list.Flag("--decisions", l->decisions, "what was decided instead, the latest first");
  list.Option("--limit", l->limit, "how many to list (default 20)").Must(Positive());
  list.Option("--offset", l->offset, "how many to pass over before").Must(NotNegative());
  AddPlanCommand(review, action, "next", "The first of the list, with the weight of every field", Next);
  const char* id = "a person_id, a record_id, or SOURCE:KEY";
  const auto [link, k] =
      AddPlanCommand(review, action, "link", "Two records are one person, whatever the matcher says", Link);
  link.Option("A", k->a, id).Required();
  link.Option("B", k->b, "the other one").Required();
  AddWord(link, k);
  const auto [unlink, u] = AddPlanCommand(review, action, "unlink",
                                          "Two records are not one person: a person that has both is split", Unlink);
  unlink.Option("A", u->a, id).Required();
  unlink.Option("B", u->b, "the other one").Required();
  AddWord(unlink, u);
  const auto [pin, p] =
      AddPlanCommand(review, action, "pin", "A field of a person keeps a value that one of its records has", Pin);
  pin.Option("PERSON", p->a, "a person_id").Required();
  pin.Option("FIELD", p->b, "the field, as `show` names it").Required();
  pin.Option("VALUE", p->value, "the value, as `show` prints it").Required();
  AddWord(pin, p);
  const auto [undo, n] = AddPlanCommand(review, action, "undo", "Takes a decision back", Undo);
  undo.Option("DECISION", n->decision, "its number in `review list --decisions`").Required().Must(Positive());
  AddWord(undo, n);
  AddPlanCommand(review, action, "apply", "Matches anew with all decisions in force", ApplyAll);
}

}  // namespace migrate::cli
