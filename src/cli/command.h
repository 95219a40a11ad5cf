// What the commands share: options that all take, loading the plan, printing errors. One cmd_*.cc a command.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/report/output.h"
#include "migrate/store/connection.h"

namespace migrate::cli {

struct Common {
  std::string plan_file;
  bool json = false, quiet = false, verbose = false;
};

// A command adds itself to the app; when it is chosen, `action` is set to what it does and returns the exit code.
using Action = std::function<int()>;
void AddInit(CLI::App& app, Action* action);
void AddRun(CLI::App& app, Action* action);
void AddWatch(CLI::App& app, Action* action);
void AddValidate(CLI::App& app, Action* action);
void AddStatus(CLI::App& app, Action* action);
void AddReport(CLI::App& app, Action* action);
void AddExport(CLI::App& app, Action* action);
void AddRejects(CLI::App& app, Action* action);
void AddShow(CLI::App& app, Action* action);
void AddFind(CLI::App& app, Action* action);
void AddWhy(CLI::App& app, Action* action);
void AddModel(CLI::App& app, Action* action);
void AddReview(CLI::App& app, Action* action);
void AddExplain(CLI::App& app, Action* action);
void AddImports(CLI::App& app, Action* action);
void AddRollback(CLI::App& app, Action* action);
void AddHistory(CLI::App& app, Action* action);
void AddAudit(CLI::App& app, Action* action);
void AddSchema(CLI::App& app, Action* action);
void AddRepair(CLI::App& app, Action* action);
void AddRows(CLI::App& app, Action* action);
void AddHelp(CLI::App& app, Action* action);
void AddCompletion(CLI::App& app, Action* action);

// Checks the number of an import.
// What every target has room for: names, and words of explanation.
inline CLI::Validator AtMostBytes(size_t most) {
  const auto check = [most](const std::string& text) {
    return text.size() <= most
               ? std::string()
               : "it has " + std::to_string(text.size()) + " bytes, and may have " + std::to_string(most);
  };
  return CLI::Validator(check, "", "");
}
constexpr size_t kNameBytes = 255, kReasonBytes = 10000;
inline CLI::Validator Positive() { return CLI::Range(int64_t{1}, int64_t{1} << 62, "POSITIVE"); }
inline CLI::Validator NotNegative() { return CLI::Range(int64_t{0}, int64_t{1} << 62, "NUMBER"); }

// PLAN, --json, --quiet, --verbose.
void AddCommon(CLI::App* command, Common* common);
// The same without PLAN.
void AddOutputFlags(CLI::App* command, Common* common);

// Prints "migrate: error: MESSAGE" and the hint to stderr (with --json an object to stdout too); returns the exit code.
int Fail(const Common& common, const Status& status);

// The same without a result on stdout: a run that failed may still have a report to print there.
int Complain(const Common& common, const Status& status);

// The plan, or its diagnostics as a kPlan status; prints nothing.
Result<std::unique_ptr<plan::Plan>> LoadPlanFile(const Common& common);

// Each line as a warning: "warning: TEXT", or an event with --json.
void PrintWarnings(const Common& common, const std::string& lines);

// The plan, or the exit code 2 after its diagnostics were printed.
std::unique_ptr<plan::Plan> LoadPlanOrFail(const Common& common, int* exit_code);

// Adds a command on a plan to `parent`: when it is chosen, the plan is loaded, and `main` does the rest and returns the
// exit code. Options is a struct with a member Common common; what is returned takes the command's own options.
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddPlanCommand(CLI::App* parent, Action* action, const std::string& name,
                                                              const std::string& purpose,
                                                              int (*main)(const Options&, const plan::Plan&)) {
  auto o = std::make_shared<Options>();
  CLI::App* command = parent->add_subcommand(name, purpose);
  AddCommon(command, &o->common);
  command->callback([o, action, main] {
    *action = [o, main] {
      int code = 2;
      auto plan = LoadPlanOrFail(o->common, &code);
      return plan ? main(*o, *plan) : code;
    };
  });
  return {command, o};
}

// The target, open for reading. kPlan if it is not there yet.
Result<std::unique_ptr<store::Connection>> OpenTargetToRead(const plan::Plan& plan);

// The same, open for writing, with all of its tables.
Result<std::unique_ptr<store::Connection>> OpenTargetToWrite(const plan::Plan& plan);

// A message for people, on stderr; texts of inputs in it cannot reach the terminal's controls.
void PrintMessage(const std::string& text);

// `export WHAT PLAN [--output FILE]`, also under another command's name; returns the exit code.
int ExportWhat(const Common& common, const std::string& what, const std::string& output);

// Puts an event of a command that changed nothing else into the target's audit trail. If that cannot be written, the
// command goes on and says so on stderr, unless --quiet.
void Audit(const Common& common, const plan::Plan& plan, const std::string& kind, const std::string& detail_json);

// Where a result goes: --output FILE or stdout.
Result<std::unique_ptr<report::Output>> OpenOutput(const std::string& file);

// The value of --memory in bytes: "8GiB", "512MiB", "100000000"; kPlan if it is none or less than 64 MiB.
Result<uint64_t> MemoryOption(const std::string& text);

// Prints a result to stdout, with a line end behind it. Returns the exit code: 1 if it cannot be written.
int PrintResult(std::string text);

}  // namespace migrate::cli
