#include "observer.h"

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "migrate/base/clock.h"
#include "migrate/base/file.h"

namespace migrate::run {
namespace {

using progress::LogEntry;
using progress::LogLevel;
using progress::RunFacts;

constexpr auto kTick = std::chrono::milliseconds(250);
constexpr int kStatusTicks = 4, kMetricsTicks = 20;

double SinceEpoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string NewRunId() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

LogEntry Entry(LogLevel level, const char* event, const std::string& text, const std::string& hint = "") {
  LogEntry e;
  e.level = level;
  e.event = event;
  e.text = text;
  e.hint = hint;
  return e;
}

RunFacts FirstFacts(const std::string& plan, const std::string& plan_file, const std::string& tool_version) {
  RunFacts f;
  f.run_id = NewRunId();
  f.plan = plan;
  f.plan_file = plan_file;
  f.tool_version = tool_version;
  f.pid = ::getpid();
  f.host = HostName();
  f.operator_name = OperatorName();
  f.started_at = SinceEpoch();
  return f;
}

// A file that is not ours to read, or of another program, has no last success.
std::optional<double> LastSuccess(const std::string& metrics) {
  auto text = PathExists(metrics) ? ReadWholeFile(metrics) : Result<std::string>(std::string());
  return text.ok() ? progress::LastSuccessIn(*text) : std::nullopt;
}

Result<std::unique_ptr<progress::RunLog>> OpenLog(const ObserveOptions& o, const RunFacts& facts,
                                                  std::function<void(const std::string&)> failed) {
  progress::LogOptions log;
  log.file = o.log;
  log.format = o.log_format.value_or(progress::LogFormat::kText);
  log.level = o.log_level.value_or(LogLevel::kInfo);
  log.run_id = facts.run_id;
  log.plan = facts.plan;
  return progress::RunLog::Open(log, std::move(failed));
}

Status MetricsWritable(const std::string& path, const RunFacts& facts) {
  Status s = progress::WriteMetrics(path, facts);
  return s.ok() ? s
                : Status::Plan("--metrics " + s.message(), "name a file in a folder that exists and may be written to");
}

void SetEnd(int exit_code, RunFacts* f) {
  f->now = {};
  f->ended_at = SinceEpoch();
  f->exit_code = exit_code;
  f->stall.reset();
  f->resources = progress::ResourcesNow();
  if (!f->dry_run && (exit_code == 0 || exit_code == 3)) f->last_success_at = f->ended_at;
}

}  // namespace

ObserveOptions WithPlan(const ObserveOptions& options, const plan::Plan& plan, bool dry_run) {
  ObserveOptions o = options;
  if (dry_run) return o;
  const plan::Observe& p = plan.observe;
  if (o.log.empty()) o.log = p.log;
  if (!o.log_format && p.log_json) o.log_format = *p.log_json ? progress::LogFormat::kJson : progress::LogFormat::kText;
  if (!o.log_level && p.log_level) o.log_level = static_cast<LogLevel>(*p.log_level);
  if (o.metrics.empty()) o.metrics = p.metrics;
  if (!o.stall_after) o.stall_after = p.stall_after;
  if (o.notify.empty()) o.notify = p.notify;
  return o;
}

Observer::Observer(const RunOptions& options, ObserveOptions observe)
    : o_(options),
      observe_(std::move(observe)),
      shown_(options.printer),
      watchdog_(observe_.stall_after.value_or(kStallAfterSeconds)) {}

Result<std::unique_ptr<Observer>> Observer::Begin(const plan::Plan& plan, const RunOptions& options) {
  std::unique_ptr<Observer> o(new Observer(options, WithPlan(options.observe, plan, options.dry_run)));
  const auto secret = [&](const plan::Secret& s) {
    if (s.kind == plan::Secret::Kind::kEnv) o->secrets_.push_back(s.value);
  };
  secret(plan.target.password);
  for (const plan::Source& source : plan.sources) secret(source.password);
  RunFacts facts = FirstFacts(plan.name, options.plan_file, options.tool_version);
  facts.dry_run = options.dry_run;
  if (!o->observe_.log.empty()) {
    MIGRATE_ASSIGN(o->log_, OpenLog(o->observe_, facts, [at = o.get()](const std::string& why) {
                     std::lock_guard lock(at->printing_);
                     at->shown_->Warning(why);
                   }));
  }
  if (!o->observe_.metrics.empty()) {
    facts.last_success_at = LastSuccess(o->observe_.metrics);
    MIGRATE_TRY(MetricsWritable(o->observe_.metrics, facts));
  }
  o->board_.Update([&](RunFacts* f) { *f = facts; });
  LogEntry begun = Entry(LogLevel::kInfo, "run_begun", "run begun");
  begun.values = {{"version", options.tool_version},
                  {"plan_file", plan.file},
                  {"plan_hash", plan.hash},
                  {"pid", facts.pid},
                  {"host", facts.host},
                  {"operator", facts.operator_name},
                  {"dry_run", int64_t{options.dry_run ? 1 : 0}}};
  o->Log(std::move(begun));
  o->thread_ = std::thread([at = o.get()] { at->Run(); });
  return o;
}

Observer::~Observer() { Stop(); }

void Observer::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Observer::Log(LogEntry entry) {
  if (!log_) return;
  const RunFacts facts = board_.Copy();
  if (entry.stage.empty()) entry.stage = facts.now.stage;
  if (entry.step.empty()) entry.step = facts.now.detail;
  if (facts.import != 0) entry.values.emplace_back("import", facts.import);
  log_->Write(entry);
}

void Observer::Progress(const progress::Snapshot& s) {
  board_.Update([&](RunFacts* f) {
    if (f->now.stage != s.stage) f->now_began_at = SinceEpoch() - s.seconds;
    f->now = s;
  });
  std::lock_guard lock(printing_);
  shown_->Progress(s);
}

void Observer::StageDone(const progress::Snapshot& s, const std::string& summary) {
  board_.Update([&](RunFacts* f) {
    f->done.push_back({s.stage, s.seconds, s.rows});
    f->now = {};
  });
  LogEntry e = Entry(LogLevel::kInfo, "stage_done", summary);
  e.stage = s.stage;
  e.values = {{"rows", static_cast<int64_t>(s.rows)}, {"seconds", s.seconds}};
  Log(std::move(e));
  std::lock_guard lock(printing_);
  shown_->StageDone(s, summary);
}

void Observer::Note(const std::string& text) {
  Log(Entry(LogLevel::kInfo, "note", text));
  std::lock_guard lock(printing_);
  shown_->Note(text);
}

void Observer::Warning(const std::string& text) {
  board_.Update([](RunFacts* f) { ++f->warnings; });
  Log(Entry(LogLevel::kWarning, "warning", text));
  std::lock_guard lock(printing_);
  shown_->Warning(text);
}

void Observer::Run() {
  for (int tick = 0;; ++tick) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, kTick, [this] { return stop_; })) return;
    }
    Look();
    if (tick % kStatusTicks == 0) board_.WriteStatus();
    if (tick % kMetricsTicks == 0) KeepMetrics();
  }
}

void Observer::Look() {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  const progress::Resources resources = progress::ResourcesNow();
  const progress::Watchdog::Look look = watchdog_.At(seconds, board_.Copy().now, resources.cpu_seconds);
  std::string text;
  board_.Update([&](RunFacts* f) {
    f->resources = resources;
    f->workers = WhatThreadsDo();
    f->idle_seconds = look.idle_seconds;
    if (look.event == progress::Watchdog::Event::kMoves) f->stall.reset();
    if (look.event != progress::Watchdog::Event::kStalled) return;
    text = progress::StallText(*f, look);
    f->stall = {look.idle_seconds, look.cpu_seconds, text};
  });
  if (look.event == progress::Watchdog::Event::kMoves)
    Note(fmt::format("progress again, after {}", progress::DurationText(look.idle_seconds)));
  if (text.empty()) return;
  Warning(text);
  KeepMetrics();
}

void Observer::KeepMetrics() {
  if (observe_.metrics.empty()) return;
  Status s = progress::WriteMetrics(observe_.metrics, board_.Copy());
  if (s.ok() || metrics_failed_) return;
  metrics_failed_ = true;
  Warning("the metrics cannot be written: " + s.message());
}

void Observer::End(const RunOutcome& outcome) {
  Stop();
  Look();  // a stall that is over by now
  board_.Update([&](RunFacts* f) { SetEnd(outcome.exit_code, f); });
  if (!outcome.status.ok()) {
    LogEntry error = Entry(LogLevel::kError, "error", outcome.status.message(), outcome.status.hint());
    error.values = {{"exit_code", int64_t{outcome.exit_code}}};
    Log(std::move(error));
  }
  const RunFacts facts = board_.Copy();
  LogEntry ended = Entry(LogLevel::kInfo, "run_ended", outcome.summary.empty() ? "run ended" : outcome.summary);
  ended.values = {{"exit_code", int64_t{outcome.exit_code}},
                  {"seconds", *facts.ended_at - facts.started_at},
                  {"memory_peak_bytes", static_cast<int64_t>(facts.resources.resident_peak_bytes)},
                  {"cpu_seconds", facts.resources.cpu_seconds},
                  {"warnings", static_cast<int64_t>(facts.warnings)}};
  if (!outcome.report_path.empty()) ended.values.emplace_back("report", outcome.report_path);
  Log(std::move(ended));
  KeepMetrics();
  // A round of a watch that found nothing is nobody's news.
  const bool idle = o_.only_files != nullptr && outcome.status.ok() && outcome.report_path.empty();
  if (observe_.notify.empty() || idle) return;
  Ended e{outcome.exit_code, o_.plan_file,        facts.import == 0 ? "" : std::to_string(facts.import),
          outcome.summary,   outcome.report_path, secrets_};
  if (!outcome.status.ok()) e.summary += outcome.status.message() + "\n";
  if (Status s = Notify(observe_.notify, observe_.notify_timeout_seconds, e); !s.ok())
    Warning(s.message() + "; " + s.hint());
}

RunOutcome Observed(const plan::Plan& plan, const RunOptions& options,
                    const std::function<RunOutcome(const RunOptions&)>& work) {
  auto observer = Observer::Begin(plan, options);
  if (!observer.ok()) {
    RunOutcome out;
    out.status = observer.status();
    out.exit_code = ExitCode(out.status);
    return out;
  }
  RunOptions inner = options;
  inner.printer = observer->get();
  inner.board = (*observer)->board();
  RunOutcome out = work(inner);
  (*observer)->End(out);
  return out;
}

std::string ObserveFailure(const ObserveOptions& options, const std::string& plan_file, const std::string& tool_version,
                           const Status& error, int exit_code) {
  std::string warnings;
  auto warn = [&](const std::string& text) { warnings += text + "\n"; };
  // The plan's name is in the plan; its file's stands in for it.
  RunFacts facts = FirstFacts(std::filesystem::path(plan_file).stem().string(), plan_file, tool_version);
  if (!options.log.empty()) {
    auto log = OpenLog(options, facts, warn);
    if (!log.ok()) warn(log.status().message());
    LogEntry e = Entry(LogLevel::kError, "error", error.message(), error.hint());
    e.values = {{"exit_code", int64_t{exit_code}}, {"plan_file", plan_file}};
    if (log.ok()) (*log)->Write(e);
  }
  if (!options.metrics.empty()) {
    facts.last_success_at = LastSuccess(options.metrics);
    SetEnd(exit_code, &facts);
    if (Status s = progress::WriteMetrics(options.metrics, facts); !s.ok()) warn(s.message());
  }
  if (options.notify.empty()) return warnings;
  Status s = Notify(options.notify, options.notify_timeout_seconds,
                    {exit_code, plan_file, "", error.message() + "\n", "", {}});
  if (!s.ok()) warn(s.message() + "; " + s.hint());
  return warnings;
}

}  // namespace migrate::run
