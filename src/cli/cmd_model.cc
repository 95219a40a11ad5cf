#include <csignal>
#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/base/clock.h"
#include "migrate/base/hash.h"
#include "migrate/report/model_view.h"
#include "migrate/run/model.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string output, memory;
  unsigned threads = 0;
};

Cancel g_cancel;
void OnSignal(int) { g_cancel.Request(); }

int PrintModel(const Common& common, const Result<std::string>& json) {
  if (!json.ok()) return Fail(common, json.status());
  return PrintResult(common.json ? *json : report::RenderModelText(*json));
}

int Show(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  auto db = OpenTargetToRead(*plan);
  if (!db.ok()) return Fail(o.common, db.status());
  return PrintModel(o.common, run::ModelViewJson(*plan, db->get()));
}

int Train(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  run::TrainOptions options;
  options.tool_version = MIGRATE_VERSION;
  options.threads = o.threads;
  if (!o.memory.empty()) {
    auto bytes = MemoryOption(o.memory);
    if (!bytes.ok()) return Fail(o.common, bytes.status());
    options.memory_bytes = *bytes;
  }
  auto db = OpenTargetToWrite(*plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto printer = progress::MakePrinter(progress::DetectStyle(o.common.quiet, o.common.json));
  options.printer = printer.get();
  options.cancel = &g_cancel;
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  return PrintModel(o.common, run::TrainTargetModel(*plan, db->get(), options));
}

Status WriteModel(const Options& o, const plan::Plan& plan, std::string* text) {
  if (o.common.json && o.output.empty())
    return Status::Plan("with --json the model needs a file: stdout has room for one object", "add --output FILE");
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  MIGRATE_ASSIGN(std::string model, run::ModelText(plan, db.get()));
  MIGRATE_ASSIGN(auto out, OpenOutput(o.output));
  MIGRATE_TRY(out->Write(model));
  MIGRATE_TRY(out->Finish());
  db.reset();
  const nlohmann::ordered_json event = {
      {"who", OperatorName()}, {"output", o.output}, {"bytes", model.size()}, {"sha256", Sha256Hex(model)}};
  Audit(o.common, plan, "model_exported", event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (o.common.json)
    *text = nlohmann::ordered_json(
                {{"schema", 1}, {"ok", true}, {"exit_code", 0}, {"output", o.output}, {"bytes", model.size()}})
                .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return {};
}

int Export(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  std::string text;
  Status s = WriteModel(o, *plan, &text);
  if (!s.ok()) return Fail(o.common, s);
  return text.empty() ? 0 : PrintResult(text);
}

}  // namespace

void AddModel(Syntax app, Action* action) {
  Syntax model = app.Subcommand("model", "What matching learned: shown, learned anew, written to a file");
  model.NeedsSubcommand();
  const auto add = [&](const char* name, const char* purpose, int (*main)(const Options&)) {
    auto o = std::make_shared<Options>();
    Syntax c = model.Subcommand(name, purpose);
    AddCommon(c, &o->common);
    c.WhenChosen([o, action, main] { *action = [o, main] { return main(*o); }; });
    return std::pair(c, o);
  };
  add("show", "The model in force: weight of every level, frequencies, what each blocking key found", Show);
  const auto [train, t] =
      add("train", "Learns a new model from all that the target holds; the next matching uses it", Train);
  train.Option("--threads", t->threads, "threads (default: one per processor)").Must(Threads());
  train.Option("--memory", t->memory, "memory to keep to, for example 8GiB").Type("SIZE");
  const auto [write, w] =
      add("export", "The model in force as a file, for dedupe.model of this or another plan", Export);
  write.Option("--output", w->output, "file to write (default: stdout)").Type("FILE");
}

}  // namespace migrate::cli
