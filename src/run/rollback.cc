#include "migrate/run/rollback.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "chain.h"
#include "context.h"
#include "increments.h"
#include "migrate/base/clock.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/fixes.h"
#include "migrate/load/undo.h"
#include "migrate/run/scratch_folder.h"
#include "snapshot_retry.h"

namespace migrate::run {
namespace {

using Json = nlohmann::ordered_json;
constexpr size_t kNamedConflicts = 20;

std::string Dump(const Json& j) { return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }
std::string Line(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

Status NoSuchImport(int64_t import_id) {
  return Status::Plan(fmt::format("there is no import {}", import_id), "`migrate imports list` shows the imports");
}

// What taking an import back means: a run goes; a rollback is taken back, so that its subject comes back, or, if it
// had brought one back itself, goes again.
struct Target {
  ledger::Import import;
  int64_t subject = 0;  // the run at the end of the chain
  bool remove = true;
  std::vector<int64_t> chain;  // the import, what it undoes, and so on to the subject
};

Result<Target> FindTarget(const plan::Plan& plan, store::Connection* db, const ledger::VersionsById& versions,
                          int64_t import_id) {
  Target t;
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  const auto it = std::find_if(imports.begin(), imports.end(), [&](const auto& i) { return i.import_id == import_id; });
  if (it == imports.end()) return NoSuchImport(import_id);
  t.import = *it;
  if (it->plan_name != plan.name)
    return Status::Plan(fmt::format("import {} is of the plan '{}', not of '{}'", import_id, it->plan_name, plan.name),
                        "name that plan's file");
  if (versions.at(import_id).matching)
    return Status::Plan(fmt::format("import {} brought no rows: it matched what was there anew", import_id),
                        fmt::format("migrate review undo {} NUMBER takes a steward's decision back", plan.file));
  for (int64_t at = import_id; at != 0; at = versions.at(at).undoes) {
    t.chain.push_back(at);
    t.subject = at;
    if (!versions.at(at).rollback) break;
  }
  t.remove = t.chain.size() % 2 == 1;
  const auto is_subject = [&](const ledger::Import& i) { return i.import_id == t.subject; };
  if (const auto s = std::find_if(imports.begin(), imports.end(), is_subject);
      !t.remove && s != imports.end() && s->state == "abandoned")
    return Status::Plan(fmt::format("import {} never ended: there is no whole import that could come back", t.subject),
                        fmt::format("migrate run {} reads its inputs again", plan.file));
  for (const auto& i : imports)
    if (i.import_id >= t.subject && i.state == "done" && versions.at(i.import_id).root.empty())
      return Status::Plan(
          fmt::format("import {} was made by a version of migrate that did not keep what a rollback needs",
                      i.import_id),
          "what was loaded before the update stays; imports behind it can be rolled back");
  return t;
}

// (import, file) of tables that were read in part.
Result<std::set<std::pair<int64_t, int64_t>>> PartsRead(store::Connection* db) {
  std::set<std::pair<int64_t, int64_t>> parts;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT import_id, part FROM checkpoint WHERE stage = 'part'"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return parts;
    parts.insert({q->Integer(0), q->Integer(1)});
  }
}

class Runner {
 public:
  Runner(const plan::Plan& plan, const RollbackOptions& o, const RunOptions& run, progress::Meter* meter)
      : plan_(plan), o_(o), c_(plan, run, meter) {
    c_.threads = o.threads == 0 ? std::max(1u, std::thread::hardware_concurrency()) : o.threads;
    c_.partitioner.kind = plan.target.sqlite ? Partitioner::Kind::kRange : Partitioner::Kind::kModulo;
    c_.own_import = false;
    c_.keeps_model = false;
    c_.run_key = "rollback";  // of no work in the workspace
    c_.folder = plan.workspace + "/rollback";
  }

  Result<std::string> Run() {
    MIGRATE_ASSIGN(auto workspace, Workspace::Open(plan_, o_.tool_version));
    MIGRATE_TRY(MakeFolders(c_.folder));
    MIGRATE_TRY(Persist([this] { return Find(); }));
    if (already_) return Dump(ResultJson());
    MIGRATE_TRY(Stage("records", [this] { return Records(); }));
    MIGRATE_TRY(Persist([this] { return Rejects(); }));
    const auto& stages = plan_.stages;
    bool matches = std::count(stages.begin(), stages.end(), plan::Stage::kDedupe) > 0;
    if (!matches)
      MIGRATE_TRY(Persist([&] { return AnyPersons(&matches); }));  // another plan's: none keeps a record that goes
    if (matches) MIGRATE_TRY(Stage("dedupe", [this] { return DedupeStage(&c_); }));
    if (std::count(stages.begin(), stages.end(), plan::Stage::kReconcile) > 0)
      MIGRATE_TRY(Stage("reconcile", [this] { return ReconcileStage(&c_); }));
    MIGRATE_TRY(Persist([this] { return Finish(); }));
    (void)RemoveTree(c_.folder);
    return Dump(ResultJson());
  }

 private:
  Status AnyPersons(bool* any) {
    MIGRATE_TRY(OpenTarget(&c_, false));
    MIGRATE_ASSIGN(const int64_t links, c_.db->QueryInteger("SELECT EXISTS (SELECT 1 FROM person_record)"));
    *any = links != 0;
    return {};
  }

  // Looks at what is asked for, and begins the rollback, or finds the one that was begun.
  Status Find() {
    {
      MIGRATE_ASSIGN(auto db, LookAtTarget(plan_.target));
      if (!db) return NoSuchImport(o_.import_id);
      MIGRATE_TRY(CheckTargetAge(plan_, db.get(), o_.import_id));
      MIGRATE_ASSIGN(auto partitions, ledger::PartitionsOf(db.get()));
      c_.partitioner.count = partitions.value_or(static_cast<uint32_t>(plan_.target.partitions));
    }
    MIGRATE_TRY(OpenTarget(&c_, false));
    MIGRATE_ASSIGN(versions_, ledger::Versions(c_.db.get()));
    MIGRATE_ASSIGN(target_, FindTarget(plan_, c_.db.get(), versions_, o_.import_id));
    const std::string& state = target_.import.state;
    gives_up_ = o_.abandon || state == "abandoned" || (state == "loading" && !versions_[o_.import_id].rollback);
    MIGRATE_ASSIGN(auto imports, ledger::Imports(c_.db.get()));
    for (const auto& i : imports) {
      const ledger::Version& v = versions_[i.import_id];
      if (i.state == "abandoned") abandoned_.insert(i.import_id);
      if (gives_up_ && i.import_id == o_.import_id) abandoned_.insert(i.import_id);
      if (v.matching) continue;  // persons are decided anew in any case
      if (i.state != "loading" || (gives_up_ && i.import_id == o_.import_id)) continue;
      // Another plan's may wait for this one in turn.
      if (gives_up_ && i.plan_name != plan_.name && !v.rollback) continue;
      if (v.rollback && v.undoes == o_.import_id) {
        c_.import_id = i.import_id;
        keep_later_ = v.keep_later;
        c_.meter->printer()->Note(fmt::format("going on with the rollback that was begun as import {}", i.import_id));
        return SourceIds();
      }
      return Status::Failed(
          fmt::format("{}: import {} was begun and did not end", TargetName(plan_.target), i.import_id),
          fmt::format(
              "`migrate run` of the plan {} finishes it; or `migrate rollback` of that plan with {} gives it up",
              i.plan_name, i.import_id));
    }
    const ledger::Version& v = versions_[o_.import_id];
    if (v.rolled_back_by != 0 && v.rolled_back_by == imports.back().import_id &&
        versions_[v.rolled_back_by].undoes == o_.import_id)
      return Already(imports.back());
    if (v.rolled_back_by != 0)
      return Status::Plan(
          fmt::format("import {} was rolled back already, by import {}", o_.import_id, v.rolled_back_by),
          gives_up_ ? fmt::format("`migrate run {}` reads its inputs again", plan_.file)
                    : fmt::format("`migrate rollback {} {}` brings it back", plan_.file, v.rolled_back_by));
    keep_later_ = o_.keep_later || gives_up_;
    MIGRATE_TRY(CheckConflicts());
    if (!o_.abandon && gives_up_)
      c_.meter->printer()->Note(fmt::format("import {} did not end: it is given up", o_.import_id));
    MIGRATE_TRY(Begin());
    return SourceIds();
  }

  // The last thing that was done to the target: whoever was killed behind it, and asks again, has it.
  Status Already(const ledger::Import& rollback) {
    already_ = true;
    c_.import_id = rollback.import_id;
    keep_later_ = versions_[rollback.import_id].keep_later;
    const Json j = Json::parse(rollback.counts, nullptr, false);
    if (j.is_object()) {
      counts_ = {j.value("removed", 0ULL), j.value("restored", 0ULL), j.value("added", 0ULL), j.value("history", 0ULL)};
      c_.persons.total = j.value("persons", 0ULL);
    }
    (void)RemoveTree(c_.folder);
    return o_.dry_run ? Status() : RememberTarget(plan_, c_.db.get());
  }

  Status SourceIds() {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c_.db.get()));
    c_.source_ids.clear();
    for (const auto& s : plan_.sources) {
      MIGRATE_ASSIGN(int64_t id, ledger::SourceId(c_.db.get(), s.name));
      c_.source_ids.push_back(id);
    }
    return transaction.Commit();
  }

  Status CheckConflicts() {
    if (!target_.remove) {
      MIGRATE_ASSIGN(const auto twice, ledger::FindReplayedTwice(c_.db.get(), target_.subject));
      if (twice.by != 0)
        return Status::Failed(
            fmt::format(
                "import {} cannot be rolled back: {} of the quarantine that import {} had brought in {} brought in "
                "again by import {}",
                o_.import_id, Counted(twice.rows, "row"), target_.subject, Plural(twice.rows, "was", "were"), twice.by),
            fmt::format("they would be there twice: migrate rollback {} {} first", plan_.file, twice.by));
    }
    MIGRATE_ASSIGN(load::UndoOptions options, Options());
    MIGRATE_ASSIGN(conflicts_, load::FindConflicts(options, kNamedConflicts));
    if (conflicts_.count == 0 || keep_later_) return {};
    std::string text =
        fmt::format("import {} cannot be rolled back: {} {} changed again by later imports:", o_.import_id,
                    Counted(conflicts_.count, "record"), Plural(conflicts_.count, "was", "were"));
    for (const auto& x : conflicts_.first)
      text += fmt::format("\n  {}:{} (record {}) by import {}", x.source, x.source_key, x.record_id, x.later_import);
    if (conflicts_.count > conflicts_.first.size())
      text += fmt::format("\n  and {} more", conflicts_.count - conflicts_.first.size());
    return Status::Failed(
        text, fmt::format("roll the later imports back first, or let their rows stand: migrate rollback {} {} "
                          "--keep-later",
                          plan_.file, o_.import_id));
  }

  Status Begin() {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c_.db.get()));
    ledger::Import import;
    import.state = "loading";
    import.plan_name = plan_.name;
    import.plan_hash = plan_.hash;
    import.tool_version = o_.tool_version;
    import.started_at = NowUtc();
    if (gives_up_) MIGRATE_TRY(ledger::SetImportState(c_.db.get(), o_.import_id, "abandoned"));
    MIGRATE_ASSIGN(auto imports, ledger::Imports(c_.db.get()));
    for (const auto& i : imports)
      if (versions_[i.import_id].matching && i.state == "loading")
        MIGRATE_TRY(ledger::SetImportState(c_.db.get(), i.import_id, "abandoned"));
    MIGRATE_ASSIGN(const int64_t id, ledger::BeginImport(c_.db.get(), import));
    ledger::Version v;
    v.import_id = id;
    v.rollback = true;
    v.undoes = o_.import_id;
    v.keep_later = keep_later_;
    MIGRATE_TRY(ledger::PutVersion(c_.db.get(), v));
    // The work in the workspace is no import of the target any more.
    MIGRATE_TRY(ledger::SetSetting(c_.db.get(), "run_key " + plan_.name, ""));
    const Json detail = {{"import", id},
                         {"undoes", o_.import_id},
                         {"keep_later", keep_later_},
                         {"conflicts", conflicts_.count},
                         {"who", OperatorName()}};
    MIGRATE_TRY(ledger::AppendAudit(c_.db.get(), "rollback_begun", Line(detail)));
    MIGRATE_TRY(transaction.Commit());
    c_.import_id = id;
    return {};
  }

  Result<load::UndoOptions> Options() {
    load::UndoOptions u;
    u.db = c_.db.get();
    u.import_id = c_.import_id;
    u.subject = target_.subject;
    u.remove = target_.remove;
    u.since = o_.import_id;
    u.versions = versions_;
    u.versions.erase(c_.import_id);
    u.abandoned = abandoned_;
    MIGRATE_ASSIGN(u.parts, PartsRead(c_.db.get()));
    MIGRATE_ASSIGN(auto mended, ledger::MendedRecords(c_.db.get()));
    for (const auto& [record_id, m] : mended) u.mended[record_id] = m.since;
    std::set<int64_t> added_to;
    for (size_t i = 0; i < plan_.sources.size() && i < c_.source_ids.size(); ++i)
      if (IsOnlyAddedTo(plan_.sources[i])) added_to.insert(c_.source_ids[i]);
    MIGRATE_ASSIGN(u.first_imports, ledger::FirstImportsOfFiles(u.db, added_to, [&](int64_t id) {
                     return id == u.subject ? !u.remove : versions_[id].rolled_back_by == 0;
                   }));
    u.partitioner = c_.partitioner;
    u.chunk_rows = ChunkRows(u.chunk_rows);
    u.cancel = o_.cancel;
    u.progress = [this](uint64_t n) { c_.meter->Set(n); };
    for (const auto& [id, v] : versions_) {
      MIGRATE_ASSIGN(auto files, ledger::ImportFiles(c_.db.get(), id));
      std::map<int64_t, int> count;
      for (const auto& f : files) ++count[f.source_id];
      for (const auto& f : files)
        if (count[f.source_id] == 1) u.file_of[{id, f.source_id}] = f.file_no;
    }
    return u;
  }

  Status Records() {
    MIGRATE_ASSIGN(auto done, ledger::SettledCheckpoint(c_.db.get(), c_.import_id, "undone", 0));
    if (done) {
      const Json j = Json::parse(*done, nullptr, false);
      counts_ = {j.value("removed", 0ULL), j.value("restored", 0ULL), j.value("added", 0ULL), j.value("history", 0ULL)};
      return {};
    }
    MIGRATE_ASSIGN(load::UndoOptions options, Options());
    MIGRATE_ASSIGN(counts_, load::UndoRecords(options));
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c_.db.get()));
    MIGRATE_TRY(ledger::SetCheckpoint(c_.db.get(), c_.import_id, "undone", 0, Line(CountsJson())));
    return transaction.Commit();
  }

  Status Rejects() {
    MIGRATE_TRY(OpenTarget(&c_, false));
    MIGRATE_ASSIGN(auto done, ledger::SettledCheckpoint(c_.db.get(), c_.import_id, "undone", 1));
    if (done) return {};
    ledger::RejectRules rules;
    for (size_t i = 0; i < plan_.sources.size(); ++i) {
      if (plan_.sources[i].mode == plan::Mode::kSnapshot) rules.snapshots.insert(c_.source_ids[i]);
      if (!plan_.sources[i].incremental.column.empty()) rules.parts.insert(c_.source_ids[i]);
    }
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c_.db.get()));
    MIGRATE_TRY(ledger::UndoRejects(c_.db.get(), target_.subject, target_.remove, rules));
    MIGRATE_TRY(ledger::SetCheckpoint(c_.db.get(), c_.import_id, "undone", 1, "{}"));
    return transaction.Commit();
  }

  Status Finish() {
    MIGRATE_TRY(OpenTarget(&c_, false));
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c_.db.get()));
    MIGRATE_ASSIGN(versions_, ledger::Versions(c_.db.get()));
    if (versions_[o_.import_id].rolled_back_by != c_.import_id) {
      int64_t by = c_.import_id;
      for (size_t i = 0; i < target_.chain.size(); ++i) {
        ledger::Version& v = versions_[target_.chain[i]];
        v.rolled_back_by = i % 2 == 0 ? by : 0;
        v.released = i == 0 && abandoned_.count(o_.import_id) > 0;  // what it had brought in was never all there
        by = target_.chain[i];
        MIGRATE_TRY(ledger::PutVersion(c_.db.get(), v));
      }
      Json counts = CountsJson();
      counts["persons"] = c_.persons.total;
      MIGRATE_TRY(ledger::FinishImport(c_.db.get(), c_.import_id, counts.dump()));
      MIGRATE_ASSIGN(ledger::Version closed, ledger::CloseVersion(c_.db.get(), c_.import_id));
      const Json detail = {{"import", c_.import_id},
                           {"undoes", o_.import_id},
                           {"counts", counts},
                           {"root", closed.root},
                           {"chain", closed.chain}};
      MIGRATE_TRY(ledger::AppendAudit(c_.db.get(), "rollback_done", Line(detail)));
      MIGRATE_TRY(ledger::MarkAudit(c_.db.get(), c_.import_id));
    }
    MIGRATE_TRY(transaction.Commit());
    return RememberTarget(plan_, c_.db.get());
  }

  Status Stage(const std::string& name, const std::function<Status()>& work) {
    if (c_.cancelled()) return Cancelled();
    c_.meter->Begin(name);
    Status s = Persist([&]() -> Status {
      MIGRATE_TRY(OpenTarget(&c_, false));
      return work();
    });
    c_.meter->Done(s.ok() ? "done" : s.kind() == ErrorKind::kCancelled ? "stopped" : "failed");
    return s.ok() || s.kind() != ErrorKind::kCancelled ? s : Cancelled();
  }

  Status Cancelled() const {
    return Status::Cancelled("stopped as asked, after the chunk at hand",
                             fmt::format("migrate rollback {} {} goes on", plan_.file, o_.import_id));
  }

  // As Runner::Persist of a run: work that a lost server ended is done again on a new connection.
  Status Persist(const std::function<Status()>& work) {
    SnapshotRetry retry(extract::WaitClock::Real(), std::random_device()(), RetryScale());
    for (;;) {
      Status s = work();
      if (s.ok() || !s.may_pass() || plan_.target.sqlite) return s;
      c_.db.reset();
      const std::optional<double> wait = retry.After(s, false, true);
      if (!wait) return s;
      c_.meter->printer()->Warning(fmt::format("{}; trying again in {:.1f} s", s.message(), *wait));
      MIGRATE_TRY(extract::WaitFor(extract::WaitClock::Real(), *wait, [this] { return c_.cancelled(); }));
    }
  }

  Json CountsJson() const {
    return {{"removed", counts_.removed},
            {"restored", counts_.restored},
            {"added", counts_.added},
            {"history", counts_.history}};
  }

  Json ResultJson() const {
    Json first = Json::array();
    for (const auto& x : conflicts_.first)
      first.push_back({{"record_id", std::to_string(x.record_id)},
                       {"source", x.source},
                       {"source_key", x.source_key},
                       {"later_import", x.later_import}});
    return {{"schema", 1},
            {"ok", true},
            {"exit_code", 0},
            {"dry_run", o_.dry_run},
            {"already", already_},
            {"import", o_.dry_run ? Json(nullptr) : Json(c_.import_id)},
            {"undoes", o_.import_id},
            {"direction", target_.remove ? "back" : "again"},
            {"keep_later", keep_later_},
            {"given_up", gives_up_},
            {"conflicts", {{"count", conflicts_.count}, {"first", first}}},
            {"records", CountsJson()},
            {"persons",
             {{"total", c_.persons.total},
              {"created", c_.persons.created},
              {"changed", c_.persons.changed},
              {"merged", c_.persons.merged},
              {"split", c_.persons.split}}},
            {"reconciled", c_.reconciled ? Json(c_.reconciled->match()) : Json(nullptr)}};
  }

  const plan::Plan& plan_;
  const RollbackOptions& o_;
  Context c_;
  ledger::VersionsById versions_;
  std::set<int64_t> abandoned_;
  Target target_;
  bool keep_later_ = false, already_ = false;
  bool gives_up_ = false;  // the import did not end, see RollbackOptions::abandon
  load::Conflicts conflicts_;
  load::UndoCounts counts_;
};

RunOptions RunOptionsOf(const RollbackOptions& o) {
  RunOptions run;
  run.tool_version = o.tool_version;
  run.threads = o.threads;
  run.memory_bytes = o.memory_bytes;
  run.cancel = o.cancel;
  run.printer = o.printer;
  run.dry_run = o.dry_run;
  return run;
}

// One transaction on the target, with an audit event and what the workspace remembers.
Result<std::string> Change(const plan::Plan& plan, const std::string& tool_version, const std::string& event,
                           const std::function<Result<Json>(store::Connection*)>& change) {
  MIGRATE_ASSIGN(auto workspace, Workspace::Open(plan, tool_version));
  MIGRATE_ASSIGN(auto db, OpenTargetToWrite(plan.target, false, static_cast<uint32_t>(plan.target.partitions)));
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db.get()));
  MIGRATE_ASSIGN(Json detail, change(db.get()));
  Json event_detail = detail;
  event_detail["who"] = OperatorName();
  MIGRATE_TRY(ledger::AppendAudit(db.get(), event, Line(event_detail)));
  MIGRATE_TRY(transaction.Commit());
  MIGRATE_TRY(RememberTarget(plan, db.get()));
  Json j = {{"schema", 1}, {"ok", true}, {"exit_code", 0}};
  j.update(detail);
  return Dump(j);
}

}  // namespace

Result<std::string> Rollback(const plan::Plan& plan, const RollbackOptions& options) {
  progress::Meter meter(options.printer);
  const RunOptions run = RunOptionsOf(options);
  if (!options.dry_run) return Runner(plan, options, run, &meter).Run();
  MIGRATE_ASSIGN(auto scratch, ScratchFolder::Make(options.scratch));
  plan::Plan copy = plan;
  copy.workspace = scratch.path() + "/workspace";
  copy.target.sqlite = true;
  copy.target.path = scratch.path() + "/target.db";
  MIGRATE_TRY(CopyTarget(plan, copy.target.path));
  return Runner(copy, options, run, &meter).Run();
}

std::string RenderRollback(const std::string& text, const std::string& plan_file) {
  const Json j = Json::parse(text);
  const int64_t undoes = j["undoes"];
  auto n = [&](const char* group, const char* name) { return j[group].value(name, 0ULL); };
  std::string out;
  if (j["dry_run"].get<bool>() && j.value("already", false))
    return fmt::format("dry run, nothing was written. Import {} is taken back already\n", undoes);
  if (j["dry_run"].get<bool>())
    out = fmt::format("dry run, nothing was written. The rollback of import {} would\n", undoes);
  else
    out = fmt::format("import {}: import {} is taken back{}\n", j["import"].get<int64_t>(), undoes,
                      j.value("already", false) ? " already; nothing was done" : "");
  out += fmt::format("{} removed, {} restored to another image, {} there again\n",
                     Counted(n("records", "removed"), "record"), n("records", "restored"), n("records", "added"));
  if (const uint64_t conflicts = j["conflicts"]["count"]; conflicts > 0)
    out += fmt::format("{} stay{} as later imports made {}\n", Counted(conflicts, "record"), conflicts == 1 ? "s" : "",
                       conflicts == 1 ? "it" : "them");
  out += fmt::format("{}: {} changed, {} new, {} merged into others\n", Counted(n("persons", "total"), "person"),
                     n("persons", "changed"), n("persons", "created"), n("persons", "merged"));
  if (j["reconciled"].is_boolean()) out += "reconciled by SHA-256: match\n";
  if (j["given_up"].get<bool>()) {
    out += fmt::format("its inputs are not held: migrate run {} reads those that are there\n", plan_file);
  } else if (!j["dry_run"].get<bool>()) {
    if (j["direction"] == "back")
      out += fmt::format("its inputs are held: migrate imports release {} {} lets them in again\n", plan_file, undoes);
    out += fmt::format("migrate rollback {} {} takes this back\n", plan_file, j["import"].get<int64_t>());
  }
  return out;
}

Result<std::string> ReleaseImport(const plan::Plan& plan, int64_t import_id, const std::string& tool_version) {
  return Change(plan, tool_version, "import_released", [&](store::Connection* db) -> Result<Json> {
    MIGRATE_TRY(CheckTargetAge(plan, db));
    MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
    const auto v = versions.find(import_id);
    if (v == versions.end()) return NoSuchImport(import_id);
    if (!v->second.held())
      return Status::Plan(fmt::format("the inputs of import {} are not held", import_id),
                          "only those of an import that was rolled back are; `migrate imports list` shows which");
    v->second.released = true;
    MIGRATE_TRY(ledger::PutVersion(db, v->second));
    // What is to be imported is another matter now: the work in the workspace is neither resumed nor taken for done.
    MIGRATE_TRY(ledger::SetSetting(db, "run_key " + plan.name, ""));
    // Tables that are read from a watermark on are read as a whole once.
    MIGRATE_ASSIGN(auto q, db->Prepare("SELECT DISTINCT s.name FROM import_file f JOIN source s ON s.source_id = "
                                       "f.source_id WHERE f.import_id = ?"));
    q->Bind(1, import_id);
    std::vector<std::string> names;
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      names.emplace_back(q->Text(0));
    }
    for (const plan::Source& source : plan.sources)
      if (!source.incremental.column.empty() && std::count(names.begin(), names.end(), source.name) > 0)
        MIGRATE_TRY(ReadAsAWhole(db, plan, source));
    return Json{{"import", import_id}, {"rolled_back_by", v->second.rolled_back_by}};
  });
}

Result<ledger::AuditVerdict> VerifyAuditOf(const plan::Plan& plan, store::Connection* db) {
  MIGRATE_ASSIGN(Remembered r, RememberedTarget(plan));
  return ledger::VerifyAudit(db, r.audit);
}

Result<std::string> AcceptTarget(const plan::Plan& plan, const std::string& tool_version) {
  MIGRATE_ASSIGN(Remembered before, RememberedTarget(plan));
  return Change(plan, tool_version, "target_accepted", [&](store::Connection* db) -> Result<Json> {
    MIGRATE_ASSIGN(ledger::ChainHead head, ledger::ChainHeadOf(db));
    // Ids that the lost imports gave out are known outside: nobody else gets them.
    MIGRATE_ASSIGN(std::string next, ledger::Setting(db, "next_person_id", "1"));
    if (std::strtoull(next.c_str(), nullptr, 10) < before.next_person_id)
      MIGRATE_TRY(ledger::SetSetting(db, "next_person_id", std::to_string(before.next_person_id)));
    return Json{{"remembered_import", before.chain.import_id}, {"import", head.import_id}};
  });
}

}  // namespace migrate::run
