#include <unistd.h>
#include <csignal>
#include <cstdlib>

#include "command.h"
#include "migrate/progress/progress.h"
#include "migrate/run/run.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::vector<std::string> stages;
  std::string from, memory, scratch;
  bool dry_run = false, verify_source = false;
  unsigned threads = 0;
  uint64_t limit = 0;
};

Cancel g_cancel;
volatile std::sig_atomic_t g_json = 0;

void OnSignal(int) {
  // The second one stops at once; what is committed stays, and the same command resumes.
  if (g_cancel.requested()) ::_exit(130);
  g_cancel.Request();
  static constexpr std::string_view kText = "\nstopping after the chunk at hand; press Ctrl-C again to stop at once\n";
  static constexpr std::string_view kEvent = R"({"schema":1,"event":"note","text":"stopping after the chunk at hand"})"
                                             "\n";
  const std::string_view text = g_json ? kEvent : kText;
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

std::optional<plan::Stage> StageByName(const std::string& name) {
  for (size_t i = 0; i < plan::kStageNames.size(); ++i)
    if (plan::kStageNames[i] == name) return static_cast<plan::Stage>(i);
  return std::nullopt;
}

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  run::RunOptions options;
  options.tool_version = MIGRATE_VERSION;
  options.plan_file = o.common.plan_file;
  options.tool_build = std::string("g++ or clang ") + __VERSION__;
  for (const auto& s : o.stages) options.stages.push_back(*StageByName(s));
  options.from = StageByName(o.from);
  options.dry_run = o.dry_run;
  options.verify_source = o.verify_source;
  options.scratch = o.scratch;
  options.threads = o.threads;
  if (o.limit > 0) options.limit = o.limit;
  if (!o.memory.empty()) {
    auto bytes = MemoryOption(o.memory);
    if (!bytes.ok()) return Fail(o.common, bytes.status());
    options.memory_bytes = *bytes;
  }
  options.cancel = &g_cancel;
  auto printer = progress::MakePrinter(progress::DetectStyle(o.common.quiet, o.common.json));
  options.printer = printer.get();
  g_json = o.common.json ? 1 : 0;
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  run::RunOutcome out = run::Run(*plan, options);
  int printed = 0;
  if (o.common.json && !out.report_json.empty())
    printed = PrintResult(out.report_json);
  else if (!o.common.json)
    printed = PrintResult(out.summary);
  if (!out.status.ok()) out.report_json.empty() ? Fail(o.common, out.status) : Complain(o.common, out.status);
  return out.exit_code == 0 ? printed : out.exit_code;
}

}  // namespace

void AddRun(CLI::App& app, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("run", "Reads, loads, matches and proves: all stages of the plan");
  AddCommon(c, &o->common);
  auto stage = CLI::IsMember(std::vector<std::string>(plan::kStageNames.begin(), plan::kStageNames.end()));
  c->add_option("--stage", o->stages, "only this stage (repeatable): extract, normalize, load, dedupe, reconcile")
      ->type_name("STAGE")
      ->check(stage)
      ->group("What to do");
  c->add_option("--from", o->from, "this stage and all after it, anew")
      ->type_name("STAGE")
      ->check(stage)
      ->excludes("--stage")
      ->group("What to do");
  c->add_flag("--dry-run", o->dry_run, "read and match everything, write nothing, and say what a run would do")
      ->group("What to do");
  c->add_flag("--verify-source", o->verify_source,
              "reconcile reads the sources once more and compares reconcile.sample of their rows")
      ->group("What to do");
  c->add_option("--limit", o->limit, "only the first N rows of each source")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 62, "POSITIVE"))
      ->group("What to do");
  c->add_option("--threads", o->threads, "threads (default: one per processor)")
      ->check(CLI::Range(1u, 1024u))
      ->group("What it may use");
  c->add_option("--memory", o->memory, "memory to keep to, for example 8GiB")
      ->type_name("SIZE")
      ->group("What it may use");
  c->add_option("--scratch", o->scratch, "folder for a dry run's temporary files (default: $TMPDIR)")
      ->type_name("FOLDER")
      ->group("What it may use");
  c->callback([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
