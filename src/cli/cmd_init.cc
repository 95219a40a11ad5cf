#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "command.h"
#include "migrate/base/file.h"
#include "migrate/plan/load.h"
#include "migrate/run/inputs.h"
#include "migrate/survey/init.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  survey::InitOptions init;
  bool force = false;
};

// Opens every source as a run would; what a plan's text cannot show (a file that changed meanwhile) shows here.
Status CheckInputs(const survey::InitResult& made, const std::string& file) {
  plan::LoadResult loaded = plan::LoadPlanText(made.plan, file, {.version = MIGRATE_VERSION, .environment = {}});
  if (!loaded.plan) return Status::Plan(loaded.Text());
  run::InputErrors errors;
  run::FindInputs(*loaded.plan, &errors);
  if (errors.text.empty()) return {};
  return Status(errors.plan ? ErrorKind::kPlan : ErrorKind::kFailed, errors.text);
}

// Reads the password, and checks what the plan will hold.
Status PrepareAccess(survey::ServerAccess* access) {
  const std::string& name = access->password_env;
  const bool variable = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  }) && !(name[0] >= '0' && name[0] <= '9');
  if (!variable)
    return Status::Plan("--password-env wants the name of an environment variable, not a password",
                        "export the password under a name, then: --password-env NAME");
  const std::string& mode = access->tls_mode;
  if (!mode.empty() && mode != "disabled" && mode != "required" && mode != "verify_ca" && mode != "verify_identity")
    return Status::Plan("--tls-mode is '" + mode + "'", "disabled, required, verify_ca or verify_identity");
  if (!access->tls_ca.empty()) {
    MIGRATE_TRY(StatFile(access->tls_ca).status());
    access->tls_ca = std::filesystem::absolute(access->tls_ca).lexically_normal().string();
  }
  const char* password = std::getenv(name.c_str());
  access->password = password == nullptr ? "" : password;
  return {};
}

// The plan as it now lies on disk.
Status LoadAgain(const std::string& file) {
  plan::LoadResult loaded = plan::LoadPlan(file, {.version = MIGRATE_VERSION, .environment = {}});
  return loaded.plan ? Status() : Status::Plan(loaded.Text());
}

void Summary(const Options& o, const survey::InitResult& made) {
  const std::string where = o.init.output.empty() ? "plan.yaml" : o.init.output;
  std::string out;
  for (size_t i = 0; i < made.survey.sources.size(); ++i) {
    const auto& s = made.survey.sources[i];
    out += fmt::format("{}: {} of {} columns mapped\n", s.name, s.guesses.size() - made.mappings[i].unmapped.size(),
                       s.guesses.size());
  }
  for (const auto& l : made.survey.left_out) out += fmt::format("left out: {}\n", survey::LeftOutText(l, ""));
  if (made.unsure > 0)
    out += fmt::format("{} of the plan {} UNSURE: read {} first\n",
                       made.unsure == 1 ? "1 line" : fmt::format("{} lines", made.unsure),
                       made.unsure == 1 ? "says" : "say", made.unsure == 1 ? "it" : "them");
  out += fmt::format("next: migrate validate {0}   then: migrate run {0}\n", where);
  PrintMessage(out);
}

Status WriteOutput(const std::string& file, const std::string& text) {
  MIGRATE_ASSIGN(auto out, OpenOutput(file));
  MIGRATE_TRY(out->Write(text));
  return out->Finish();
}

int Main(const Options& o) {
  if (!o.init.output.empty() && PathExists(o.init.output) && !o.force)
    return Fail(o.common, Status::Plan(o.init.output + ": is there already, and is not overwritten",
                                       "name another --output, or say --force"));
  survey::InitOptions init = o.init;
  if (Status s = PrepareAccess(&init.access); !s.ok()) return Fail(o.common, s);
  auto made = survey::MakePlan(init);
  if (!made.ok()) return Fail(o.common, made.status());
  const std::string file = o.init.output.empty() ? "plan.yaml" : o.init.output;
  if (Status s = CheckInputs(*made, file); !s.ok()) return Fail(o.common, s);
  if (!o.init.output.empty()) {
    if (Status s = WriteOutput(o.init.output, made->plan); !s.ok()) return Fail(o.common, s);
    // A device or a pipe does not give back what was written to it.
    const bool regular = std::filesystem::is_regular_file(o.init.output);
    if (Status s = regular ? LoadAgain(o.init.output) : Status(); !s.ok()) return Fail(o.common, s);
  }
  if (!o.common.quiet && !o.common.json) Summary(o, *made);
  if (o.common.json) return PrintResult(survey::InitJson(*made));
  return PrintResult(o.init.output.empty() ? made->plan : fmt::format("{}: written and valid\n", o.init.output));
}

}  // namespace

void AddInit(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  o->init.version = MIGRATE_VERSION;
  Syntax c = app.Subcommand("init", "Looks at files and databases and writes a commented plan for them");
  c.Option("SOURCE", o->init.sources,
           "CSV files (.gz, .zst too), patterns, folders, SQLite databases, mysql://user@host:port/database, or "
           "DATABASE:TABLE")
      .Required();
  c.Option("--output", o->init.output, "file to write the plan to (default: stdout); its paths start there");
  c.Option("--name", o->init.name, "name of the plan (default: made of the output's or the source's)");
  c.Option("--target", o->init.target, "URL of the target (default: sqlite:people.db, beside the plan)");
  c.Option("--password-env", o->init.access.password_env,
           "variable that holds the password of a MySQL server (default: MIGRATE_PASSWORD); the plan names it");
  c.Option("--tls-mode", o->init.access.tls_mode,
           "disabled, required, verify_ca or verify_identity (default: as in a plan)");
  c.Option("--tls-ca", o->init.access.tls_ca, "file with the authorities that are trusted (PEM)");
  c.Flag("--force", o->force, "overwrite the output");
  c.Flag("--json", o->common.json, "what was found, and the plan, as one JSON object on stdout");
  c.Flag("--quiet", o->common.quiet, "only errors and results");
  c.Flag("--verbose", o->common.verbose, "say more");
  c.Footer(
      "Exit codes: 0 the plan is there, loads, and opens its sources; 1 something could not be read or written;\n"
      "2 no such source, nothing that holds persons, or the output is there already.");
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
