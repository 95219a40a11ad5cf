#include "command.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "migrate/base/file.h"
#include "migrate/base/visible.h"
#include "migrate/plan/load.h"
#include "migrate/progress/progress.h"
#include "migrate/run/audit.h"
#include "migrate/run/run.h"
#include "migrate/run/target.h"

namespace migrate::cli {

void AddCommon(Syntax command, Common* common) {
  command.Option("PLAN", common->plan_file, "the plan file (YAML)").Required();
  AddOutputFlags(command, common);
}

void AddOutputFlags(Syntax command, Common* common) {
  command.Flag("--json", common->json, "one JSON object on stdout, events as JSON lines on stderr");
  command.Flag("--quiet", common->quiet, "only errors and results");
  command.Flag("--verbose", common->verbose, "say more");
}

void PrintMessage(const std::string& text) { std::fputs(Visible(text).c_str(), stderr); }

namespace {

// Rooms below do not know how the plan was named: a hint's word PLAN is made what can be typed.
std::string Typed(const Common& common, std::string hint) {
  constexpr std::string_view kWord = " PLAN";
  if (common.plan_file.empty()) return hint;
  for (size_t at = 0; (at = hint.find(kWord, at)) != std::string::npos;) {
    const size_t end = at + kWord.size();
    const bool word = end == hint.size() || std::isalnum(static_cast<unsigned char>(hint[end])) == 0;
    if (word) hint.replace(at + 1, kWord.size() - 1, common.plan_file);
    at = word ? at + 1 + common.plan_file.size() : end;
  }
  return hint;
}

}  // namespace

int Fail(const Common& common, const Status& status) {
  const int code = run::ExitCode(status);
  if (common.json) {
    nlohmann::json j = {{"schema", 1},
                        {"ok", false},
                        {"exit_code", code},
                        {"error", status.message()},
                        {"hint", Typed(common, status.hint())}};
    std::fputs((j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n").c_str(), stdout);
  }
  return Complain(common, status);
}

int Complain(const Common& common, const Status& status) {
  const int code = run::ExitCode(status);
  if (common.json) {
    nlohmann::json j = {{"schema", 1},
                        {"event", "error"},
                        {"exit_code", code},
                        {"text", status.message()},
                        {"hint", Typed(common, status.hint())}};
    std::fputs((j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n").c_str(), stderr);
    return code;
  }
  // Diagnostics of a plan and of its inputs are whole texts with places of their own.
  if (status.message().find(": error: ") != std::string::npos) {
    PrintMessage(status.message());
    return code;
  }
  PrintMessage("migrate: error: " + status.message() + "\n");
  if (!status.hint().empty()) PrintMessage("  " + Typed(common, status.hint()) + "\n");
  return code;
}

Result<std::unique_ptr<plan::Plan>> LoadPlanFile(const Common& common) {
  plan::LoadResult loaded = plan::LoadPlan(common.plan_file, {.version = MIGRATE_VERSION, .environment = {}});
  if (loaded.plan) return std::make_unique<plan::Plan>(*std::move(loaded.plan));
  return Status::Plan(loaded.Text());
}

std::unique_ptr<plan::Plan> LoadPlanOrFail(const Common& common, int* exit_code) {
  auto loaded = LoadPlanFile(common);
  if (loaded.ok()) return *std::move(loaded);
  *exit_code = Fail(common, loaded.status());
  return nullptr;
}

void PrintWarnings(const Common& common, const std::string& lines) {
  auto printer = progress::MakePrinter(progress::DetectStyle(common.quiet, common.json));
  for (size_t begin = 0, end; begin < lines.size(); begin = end + 1) {
    end = std::min(lines.find('\n', begin), lines.size());
    printer->Warning(lines.substr(begin, end - begin));
  }
}

Result<std::unique_ptr<store::Connection>> OpenTargetToRead(const plan::Plan& plan) {
  MIGRATE_ASSIGN(auto db, run::LookAtTarget(plan.target));
  if (db) return db;
  const bool missing = plan.target.sqlite && !PathExists(plan.target.path);
  return Status::Plan(run::TargetName(plan.target) + (missing ? ": the target is not there: nothing" : ": nothing") +
                          " has been loaded yet",
                      "migrate run " + plan.file);
}

Result<std::unique_ptr<store::Connection>> OpenTargetToWrite(const plan::Plan& plan) {
  MIGRATE_TRY(OpenTargetToRead(plan).status());
  return run::OpenTargetToWrite(plan.target, false, static_cast<uint32_t>(plan.target.partitions));
}

namespace {

// "8GiB", "512MiB", "1000000": bytes, 0 if it is none.
uint64_t ParseBytes(const std::string& text) {
  char* end = nullptr;
  double n = std::strtod(text.c_str(), &end);
  std::string unit = end;
  const std::pair<const char*, double> units[] = {
      {"", 1},          {"KiB", 1024.0},     {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"K", 1024.0},
      {"M", 1048576.0}, {"G", 1073741824.0}, {"kB", 1e3},        {"MB", 1e6},           {"GB", 1e9}};
  for (const auto& [name, factor] : units)
    if (unit == name && n > 0) return static_cast<uint64_t>(n * factor);
  return 0;
}

}  // namespace

Result<uint64_t> MemoryOption(const std::string& text) {
  const uint64_t bytes = ParseBytes(text);
  if (bytes >= (64 << 20)) return bytes;
  return Status::Plan("--memory " + text + ": not an amount of memory of at least 64MiB",
                      "write it like 8GiB or 512MiB");
}

void Audit(const Common& common, const plan::Plan& plan, const std::string& kind, const std::string& detail_json) {
  const Status s = run::AuditCommand(plan, kind, detail_json);
  if (s.ok() || common.quiet) return;
  const std::string& text = s.message();
  if (common.json)
    std::fputs((nlohmann::json({{"schema", 1}, {"event", "note"}, {"text", text}})
                    .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
                "\n")
                   .c_str(),
               stderr);
  else
    PrintMessage(text + "\n");
}

Result<std::unique_ptr<report::Output>> OpenOutput(const std::string& file) {
  if (file.empty()) return report::StdoutOutput();
  return report::FileOutput(file);
}

int PrintResult(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return 0;
  std::fputs(("migrate: error: " + PosixError("standard output", "cannot write", errno).message() + "\n").c_str(),
             stderr);
  return 1;
}

}  // namespace migrate::cli
