#include "migrate/run/repair.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "context.h"
#include "migrate/base/file.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/versions.h"
#include "migrate/reconcile/unequal.h"
#include "migrate/run/scratch_folder.h"
#include "repair_lost.h"
#include "repair_persons.h"
#include "repair_records.h"
#include "repair_rows.h"
#include "repair_write.h"
#include "source_rows.h"

namespace migrate::run {
namespace {

using nlohmann::json;

constexpr size_t kMostNamed = 1000;

// Why a row could not be found, by table.
const char* WhyLost(const std::string& table) {
  if (table == "record" || table == "record_history" || table == "record_undone")
    return "neither what is left of the row, nor the workspace, nor the sources give the row that was written";
  if (table == "quarantine") return "neither the workspace nor the sources give the reject that was written";
  if (table == "person_record") return "no person and confidence make the link that was written";
  if (table == "person" || table == "person_identifier")
    return "its records and links do not make the row that was written";
  return "nothing else tells what the row was";
}

constexpr char kWeak[] =
    "a row that fits was found among very many, which proves nothing while other rows beside it are lost";
constexpr char kMayBeOurs[] = "the ledger does not name it, but rows beside it are lost, so it is not removed";

class Repairer {
 public:
  Repairer(const plan::Plan& plan, const plan::Plan& original, const RepairOptions& options, bool write,
           progress::Meter* meter)
      : original_(original), o_(options), write_(write), meter_(meter), c_(plan, run_options_, meter) {
    run_options_.tool_version = options.tool_version;
    run_options_.plan_file = options.plan_file;
    run_options_.dry_run = options.dry_run;
    run_options_.cancel = options.cancel;
    run_options_.printer = options.printer;
    c_.threads = options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  }

  Status Run() {
    MIGRATE_TRY(Open());
    for (;;) {
      MIGRATE_ASSIGN(bool again, Round());
      if (!again) break;
    }
    if (!write_) return {};
    MIGRATE_ASSIGN(std::string last,
                   c_.db->QueryText("SELECT verdict FROM reconciliation ORDER BY reconciliation_id DESC LIMIT 1"));
    return damaged_ || last == "mismatch" ? Verify() : Status();
  }

  json Result(int exit_code) const {
    json tables = json::array(), unrepaired = json::array();
    for (const auto& [name, t] : done_)
      if (t.Any() || t.unrepaired > 0)
        tables.push_back({{"table", t.table},
                          {"rewritten", t.rewritten},
                          {"restored", t.restored},
                          {"removed", t.removed},
                          {"buckets", t.buckets},
                          {"unrepaired", t.unrepaired}});
    for (const auto& u : unrepaired_) unrepaired.push_back({{"table", u.table}, {"key", u.key}, {"why", u.why}});
    return {{"schema", 1},
            {"ok", exit_code == 0},
            {"exit_code", exit_code},
            {"dry_run", o_.dry_run},
            {"damaged", damaged_},
            {"tables", tables},
            {"unrepaired", unrepaired},
            {"unrepaired_total", unrepaired_total_},
            {"notes", notes_},
            {"verdict", verdict_.empty() ? json() : json(verdict_)}};
  }

  std::string Text() const {
    if (!damaged_ && verdict_.empty()) return "sound: every row is the one that was written; nothing was changed\n";
    std::string text;
    for (const auto& [name, t] : done_) {
      if (!t.Any() && t.unrepaired == 0) continue;
      text += fmt::format("{:<18} {} rewritten, {} restored, {} removed", t.table, t.rewritten, t.restored, t.removed);
      if (t.buckets > 0) text += fmt::format(", digests of {} made anew", Counted(t.buckets, "bucket"));
      if (t.unrepaired > 0) text += fmt::format(", {} not repaired", t.unrepaired);
      text += "\n";
    }
    for (size_t i = 0; i < std::min<size_t>(unrepaired_.size(), 20); ++i)
      text += fmt::format("  {} {}: {}\n", unrepaired_[i].table, unrepaired_[i].key, unrepaired_[i].why);
    if (unrepaired_total_ > 20) text += fmt::format("  and {} more; --json names them\n", unrepaired_total_ - 20);
    for (const auto& note : notes_) text += "note: " + note + "\n";
    if (o_.dry_run)
      text += "dry run, nothing was written\n";
    else if (!verdict_.empty())
      text += verdict_ == "match" ? "reconciled by SHA-256: match\n" : "reconciled by SHA-256: MISMATCH\n";
    if (open_rollback_ != 0 && !o_.dry_run)
      text += fmt::format("a rollback is not finished: migrate rollback {} {}\n", o_.plan_file, open_rollback_);
    else if (open_import_ && !o_.dry_run)
      text += fmt::format("an import is not finished: migrate run {}\n", o_.plan_file);
    return text;
  }

  bool repaired() const { return unrepaired_total_ == 0; }
  const std::vector<Unrepaired>& unrepaired() const { return unrepaired_; }
  uint64_t unrepaired_total() const { return unrepaired_total_; }

 private:
  Status Open() {
    c_.own_import = false;
    MIGRATE_ASSIGN(auto looked, LookAtTarget(c_.plan.target));
    if (!looked) return NothingLoaded();
    MIGRATE_ASSIGN(auto partitions, ledger::PartitionsOf(looked.get()));
    c_.partitioner = {c_.plan.target.sqlite ? Partitioner::Kind::kRange : Partitioner::Kind::kModulo,
                      partitions.value_or(static_cast<uint32_t>(c_.plan.target.partitions))};
    if (write_) {
      looked.reset();
      MIGRATE_TRY(OpenTarget(&c_, false));
    } else {
      c_.db = std::move(looked);
    }
    MIGRATE_ASSIGN(auto imports, ledger::Imports(c_.db.get()));
    MIGRATE_ASSIGN(auto versions, ledger::Versions(c_.db.get()));
    MIGRATE_ASSIGN(auto last, ledger::LastImportOf(c_.db.get(), c_.plan.name));
    if (last) c_.import_id = last->import_id;
    for (const auto& i : imports) {
      open_import_ |= i.plan_name == c_.plan.name && i.state == "loading";
      if (i.state == "loading" && versions[i.import_id].rollback) open_rollback_ = versions[i.import_id].undoes;
    }
    if (c_.import_id == 0) return NothingLoaded();
    MIGRATE_ASSIGN(buckets_, ledger::BucketingOf(c_.db.get()));
    return {};
  }

  Status NothingLoaded() const {
    return Status::Plan(TargetName(c_.plan.target) + ": this plan has loaded nothing yet", "run without --stage");
  }

  // One round: looks, finds, writes. True if there may be more to repair.
  ::migrate::Result<bool> Round() {
    meter_->Begin("repair");
    meter_->Detail("looking at every row");
    reconcile::UnequalOptions look;
    look.db = c_.db.get();
    look.cancel = o_.cancel;
    look.workers = write_ ? c_.threads : 1;
    look.connect = [this] { return ConnectWorker(c_.plan.target, c_.lease); };
    look.progress = [this](uint64_t n) { meter_->Set(n); };
    MIGRATE_ASSIGN(reconcile::Unequal unequal, reconcile::FindUnequal(look));
    std::map<std::string, TableDamage> damage;
    bool any = false;
    for (const ledger::Table* table : ledger::DigestTables()) {
      TableDamage& d = damage[table->name];
      d.table = table;
      if (unequal.count(table->name) > 0) MIGRATE_TRY(LookAtBuckets(c_.db.get(), buckets_, unequal[table->name], &d));
      any |= !d.buckets.empty();
    }
    if (!any) {
      unrepaired_.clear();
      unrepaired_total_ = 0;
      meter_->Done("nothing is damaged any more");
      return false;
    }
    damaged_ = true;
    written_ = false;
    Status repaired = RepairTables(&damage);
    Name(damage);
    meter_->Done(repaired.ok() ? fmt::format("{} not repaired", unrepaired_total_) : "failed");
    MIGRATE_TRY(repaired);
    // What was written may be what other rows are made of; and a round may have been full.
    const bool full = std::any_of(damage.begin(), damage.end(), [](const auto& d) { return d.second.more; });
    return write_ && written_ && (full || unrepaired_total_ > 0);
  }

  Status RepairTables(std::map<std::string, TableDamage>* damage) {
    auto& d = *damage;
    MIGRATE_ASSIGN(TargetFacts facts, TargetFacts::Read(c_.plan, c_.db.get()));
    PersonSearch persons(c_.plan, facts, c_.db.get());
    MIGRATE_TRY(persons.Prepare());
    MIGRATE_ASSIGN(verdicts_, JudgeLost(d, c_.db.get(), buckets_, c_.partitioner, o_.cancel, &persons));
    meter_->Detail("records and quarantine");
    MIGRATE_TRY(FindRecords(facts, &d));
    for (const char* table : {"record", "record_history", "record_undone", "quarantine"}) MIGRATE_TRY(Write(&d[table]));
    meter_->Detail("persons");
    TableDamage &links = d["person_record"], &person = d["person"];
    MIGRATE_TRY(persons.Links(&links));
    MIGRATE_TRY(Write(&links));
    MIGRATE_TRY(persons.Persons(&person, write_ ? nullptr : &links));
    MIGRATE_TRY(Write(&person));
    MIGRATE_TRY(persons.Identifiers(&d["person_identifier"], write_ ? nullptr : &links));
    MIGRATE_TRY(persons.Aliases(&d["person_alias"]));
    MIGRATE_TRY(persons.Histories(&d["person_history"]));
    for (const char* table : {"person_identifier", "person_alias", "person_history"}) MIGRATE_TRY(Write(&d[table]));
    return {};
  }

  Status FindRecords(const TargetFacts& facts, std::map<std::string, TableDamage>* damage) {
    auto& d = *damage;
    RecordSearch search(c_.plan, facts, &d["record"], &d["record_history"], &d["record_undone"], &d["quarantine"]);
    MIGRATE_TRY(search.FromStored(c_.db.get()));
    if (search.done()) return {};
    RowTaker take;
    take.row = [&](const RowOrigin& origin, const RawRow& row) { return search.OnRow(origin, row); };
    take.reject = [&](const RowOrigin& origin, const Reject& reject) { return search.OnReject(origin, reject); };
    take.cancel = o_.cancel;
    RowTaker twins = take;
    twins.row = [&](const RowOrigin& origin, const RawRow& row) { return search.OnTwin(origin, row); };
    twins.reject = nullptr;
    meter_->Detail("the workspace");
    MIGRATE_TRY(EachRowInWork(original_, c_.db.get(), take, &notes_));
    if (search.FindTwins()) {
      MIGRATE_TRY(EachRowInWork(original_, c_.db.get(), twins, &notes_));
      search.TryTwins();
    }
    if (search.done()) return {};
    if (!inputs_) inputs_ = OpenableInputs(c_.plan, c_.threads, &notes_);
    Servers servers(c_.plan, 1);
    for (const Input& input : *inputs_) {
      if (search.done()) return {};
      meter_->Detail(input.path);
      MIGRATE_TRY(Tolerate(EachRow(c_.plan, input, &servers, take)));
      if (!search.FindTwins()) continue;
      MIGRATE_TRY(Tolerate(EachRow(c_.plan, input, &servers, twins)));
      search.TryTwins();
    }
    return {};
  }

  // A source that cannot be read to its end gives what it gave.
  Status Tolerate(const Status& read) {
    if (read.ok() || read.kind() == ErrorKind::kCancelled) return read;
    if (std::find(notes_.begin(), notes_.end(), read.message()) == notes_.end()) notes_.push_back(read.message());
    return {};
  }

  Status Write(TableDamage* damage) {
    if (o_.cancel != nullptr && o_.cancel->requested()) return Status::Cancelled("stopped as asked");
    const std::string& name = damage->table->name;
    LostVerdict& verdict = verdicts_[name];
    const Decided decided{std::move(verdict.remake), std::move(verdict.remove)};
    std::set<uint64_t> partial(damage->buckets.begin(), damage->buckets.end()), unproven;
    for (uint64_t bucket : damage->Whole()) partial.erase(bucket);
    damage->wanted.DropWeak(partial);
    TableRepair done = CountRepair(buckets_, decided, *damage);
    if (write_ && done.Any()) {
      MIGRATE_ASSIGN(done, WriteRepair(c_.db.get(), buckets_, decided, damage, &unproven));
      written_ |= done.Any();
    }
    done.table = name;
    done_[name].table = name;
    done_[name].Merge(done);
    lost_[name] = std::move(verdict.left);
    for (uint64_t bucket : unproven)
      lost_[name].push_back(
          {name, fmt::format("bucket {}", bucket), "rows were found for it, but its digest does not agree with them"});
    for (const RowImage* row : StrangeRowsLeft(buckets_, *damage, unproven))
      if (!damage->wanted.Has(row->key()))
        lost_[name].push_back({name, fmt::format("{} {}", damage->table->key.front(), row->key()), kMayBeOurs});
    return {};
  }

  void Name(const std::map<std::string, TableDamage>& damage) {
    unrepaired_.clear();
    unrepaired_total_ = 0;
    for (const auto& [name, d] : damage) {
      uint64_t n = 0;
      const auto add = [&](Unrepaired u) {
        ++n;
        if (unrepaired_.size() < kMostNamed) unrepaired_.push_back(std::move(u));
      };
      for (const WantedRow& row : d.wanted.rows())
        if (!row.found)
          add({name, fmt::format("{} {}", d.table->key.front(), row.key), row.weak ? kWeak : WhyLost(name)});
      for (const Unrepaired& u : lost_[name]) add(u);
      unrepaired_total_ += n;
      done_[name].table = name;
      done_[name].unrepaired = n;
    }
  }

  // Reconciles; what only this pass sees and can be mended is mended, once.
  Status Verify() {
    for (int attempt = 0;; ++attempt) {
      meter_->Begin("reconcile");
      c_.persons = {};
      Status s = ReconcileStage(&c_);
      meter_->Done(s.ok() ? "match" : s.kind() == ErrorKind::kMismatch ? "MISMATCH" : "failed");
      if (!s.ok() && s.kind() != ErrorKind::kMismatch) return s;
      verdict_ = s.ok() ? "match" : "mismatch";
      if (s.ok() || attempt > 0) return s;
      MIGRATE_ASSIGN(bool mended, MendRest());
      if (!mended) return s;
      damaged_ = true;
    }
  }

  ::migrate::Result<bool> MendRest() {
    const reconcile::Report& report = *c_.reconciled;
    bool records = true, digests = false, database = false;
    for (const auto& k : report.checks) {
      if (k.name.starts_with("record:")) records = k.ok;
      if (k.name == "database integrity" || k.name == "every index leads to every row")
        database |= !k.ok && c_.plan.target.sqlite;
    }
    for (const auto& b : report.books) digests |= b.partition >= 0 && !b.ok;
    if (digests && records) {
      MIGRATE_TRY(RemakeSourceDigests(c_.db.get(), c_.partitioner));
      done_["source_digest"].table = "source_digest";
      ++done_["source_digest"].buckets;
    }
    if (database) {
      notes_.push_back("the database's indexes were built anew");
      MIGRATE_TRY(c_.db->Execute("REINDEX"));
    }
    return database || (digests && records);
  }

  const plan::Plan& original_;  // whose workspace is read
  const RepairOptions& o_;
  const bool write_;
  progress::Meter* meter_;
  RunOptions run_options_;
  Context c_;
  ledger::Bucketing buckets_;
  std::optional<std::vector<Input>> inputs_;
  std::map<std::string, TableRepair> done_;
  std::map<std::string, LostVerdict> verdicts_;  // of the round
  std::map<std::string, std::vector<Unrepaired>> lost_;
  std::vector<Unrepaired> unrepaired_;
  uint64_t unrepaired_total_ = 0;
  std::vector<std::string> notes_;
  std::string verdict_;
  int64_t open_rollback_ = 0;  // what a rollback that did not end takes back
  bool damaged_ = false, written_ = false, open_import_ = false;
};

RepairOutcome Finish(const Repairer& r, Status s) {
  RepairOutcome out;
  if (s.ok() && !r.repaired()) {
    const Unrepaired& first = r.unrepaired().front();
    s = Status(ErrorKind::kMismatch,
               fmt::format("{} could not be repaired; first: {} {}: {}", Counted(r.unrepaired_total(), "place"),
                           first.table, first.key, first.why),
               "bring back the sources that are named in the notes and repair again, or restore the target from a "
               "backup");
  }
  out.status = s;
  out.exit_code = ExitCode(s);
  if (s.ok() || s.kind() == ErrorKind::kMismatch) {
    out.json = r.Result(out.exit_code).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    out.text = r.Text();
  }
  return out;
}

}  // namespace

RepairOutcome Repair(const plan::Plan& plan, const RepairOptions& options) {
  progress::Meter meter(options.printer);
  const auto fail = [](const Status& s) {
    RepairOutcome out;
    out.status = s;
    out.exit_code = ExitCode(s);
    return out;
  };
  if (!options.dry_run) {
    auto workspace = Workspace::Open(plan, options.tool_version);
    if (!workspace.ok()) return fail(workspace.status());
    Repairer r(plan, plan, options, true, &meter);
    Status s = r.Run();
    return Finish(r, s);
  }
  if (!plan.target.sqlite) {
    Repairer r(plan, plan, options, false, &meter);
    Status s = r.Run();
    return Finish(r, s);
  }
  if (!PathExists(plan.target.path)) {
    Repairer r(plan, plan, options, false, &meter);
    Status s = r.Run();
    return Finish(r, s);
  }
  auto folder = ScratchFolder::Make(options.scratch, "repair");
  if (!folder.ok()) return fail(folder.status());
  plan::Plan copy = plan;
  copy.workspace = folder->path() + "/workspace";
  copy.target.path = folder->path() + "/target.db";
  if (Status s = CopyTarget(plan, copy.target.path); !s.ok()) return fail(s);
  Repairer r(copy, plan, options, true, &meter);
  Status s = r.Run();
  return Finish(r, s);
}

}  // namespace migrate::run
