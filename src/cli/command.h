// What the commands share: options that all take, loading the plan, printing errors. One cmd_*.cc a command.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/report/output.h"
#include "migrate/store/connection.h"
#include "syntax.h"

namespace migrate::cli {

struct Common {
  std::string plan_file;
  bool json = false, quiet = false, verbose = false;
};

// A command adds itself to the app; when it is chosen, `action` is set to what it does and returns the exit code.
using Action = std::function<int()>;
void AddInit(Syntax app, Action* action);
void AddRun(Syntax app, Action* action);
void AddWatch(Syntax app, Action* action);
void AddValidate(Syntax app, Action* action);
void AddStatus(Syntax app, Action* action);
void AddReport(Syntax app, Action* action);
void AddExport(Syntax app, Action* action);
void AddRejects(Syntax app, Action* action);
void AddShow(Syntax app, Action* action);
void AddFind(Syntax app, Action* action);
void AddWhy(Syntax app, Action* action);
void AddModel(Syntax app, Action* action);
void AddReview(Syntax app, Action* action);
void AddExplain(Syntax app, Action* action);
void AddImports(Syntax app, Action* action);
void AddRollback(Syntax app, Action* action);
void AddHistory(Syntax app, Action* action);
void AddAudit(Syntax app, Action* action);
void AddSchema(Syntax app, Action* action);
void AddRepair(Syntax app, Action* action);
void AddRows(Syntax app, Action* action);
void AddHelp(Syntax app, Action* action);
void AddCompletion(Syntax app, Action* action);

// What every target has room for: names, and words of explanation.
constexpr size_t kNameBytes = 255, kReasonBytes = 10000;

// PLAN, --json, --quiet, --verbose.
void AddCommon(Syntax command, Common* common);
// The same without PLAN.
void AddOutputFlags(Syntax command, Common* common);

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
std::pair<Syntax, std::shared_ptr<Options>> AddPlanCommand(Syntax parent, Action* action, const std::string& name,
                                                           const std::string& purpose,
                                                           int (*main)(const Options&, const plan::Plan&)) {
  auto o = std::make_shared<Options>();
  Syntax command = parent.Subcommand(name, purpose);
  AddCommon(command, &o->common);
  command.WhenChosen([o, action, main] {
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
