#include <csignal>
#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/base/bytes.h"
#include "migrate/base/clock.h"
#include "migrate/base/hash.h"
#include "migrate/report/exports.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string what, output, name, file;
};

// Counts what goes through: bytes and CSV lines, of which one is the header.
class Counted : public report::Output {
 public:
  explicit Counted(std::unique_ptr<report::Output> to) : to_(std::move(to)) {}
  Status Write(std::string_view text) override {
    bytes += text.size();
    hasher_.Update(text);
    for (char c : text) {
      quoted_ ^= c == '"';
      lines += !quoted_ && c == '\n' ? 1 : 0;
    }
    return to_->Write(text);
  }
  Status Finish() override { return to_->Finish(); }
  std::string Sha256() { return Hex(AsView(hasher_.Finish())); }
  uint64_t bytes = 0, lines = 0;

 private:
  std::unique_ptr<report::Output> to_;
  Sha256Hasher hasher_;
  bool quoted_ = false;
};

// While it lives, a reader that goes away is an error of a write instead of the end of the process.
class NoPipeSignal {
 public:
  NoPipeSignal() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  ~NoPipeSignal() { std::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

Status Export(const Options& o, const plan::Plan& plan, std::string* result) {
  if (o.common.json && o.output.empty())
    return Status::Plan("export: --json needs --output FILE",
                        "stdout has room for the CSV or for the object, not both");
  if (o.what == "source" && o.name.empty())
    return Status::Plan("export source: needs --name SOURCE", "one of the plan's sources");
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  const NoPipeSignal no_signal;
  MIGRATE_ASSIGN(auto file, OpenOutput(o.output));
  Counted out(std::move(file));
  Status written = o.what == "links"     ? report::ExportLinks(db.get(), out)
                   : o.what == "persons" ? report::ExportPersons(db.get(), plan.attributes, out)
                   : o.what == "rejects" ? report::ExportRejects(db.get(), out)
                                         : report::ExportSource(db.get(), o.name, o.file, out);
  if (written.ok()) written = out.Finish();
  db.reset();
  if (!written.ok() && out.bytes == 0) return written;
  // Also of one that its reader has cut off: somebody has what was written until then.
  const nlohmann::ordered_json event = {{"what", o.what},         {"source", o.name},        {"who", OperatorName()},
                                        {"output", o.output},     {"rows", out.lines - 1},   {"bytes", out.bytes},
                                        {"sha256", out.Sha256()}, {"complete", written.ok()}};
  Audit(o.common, plan, "export", event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  MIGRATE_TRY(written);
  nlohmann::ordered_json j = {{"schema", 1},       {"ok", true},         {"exit_code", 0},
                              {"what", o.what},    {"output", o.output}, {"rows", out.lines - 1},
                              {"bytes", out.bytes}};
  if (o.common.json) *result = j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return {};
}

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  std::string result;
  Status s = Export(o, *plan, &result);
  return s.ok() ? PrintResult(result) : Fail(o.common, s);
}

}  // namespace

int ExportWhat(const Common& common, const std::string& what, const std::string& output) {
  return Main({common, what, output, "", ""});
}

void AddExport(CLI::App& app, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("export", "CSV of links, persons, rejects, or of a source as it was read");
  c->add_option("WHAT", o->what, "links, persons, rejects or source")
      ->required()
      ->check(CLI::IsMember({"links", "persons", "rejects", "source"}));
  AddCommon(c, &o->common);
  c->add_option("--output", o->output, "file to write (default: stdout)")->type_name("FILE");
  c->add_option("--name", o->name, "export source: the source's name")->type_name("SOURCE");
  c->add_option("--file", o->file, "export source: only rows of this file (several layouts)")->type_name("FILE");
  c->callback([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
