#include "migrate/run/run.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "borrowed_work.h"
#include "chain.h"
#include "context.h"
#include "contract.h"
#include "fixes.h"
#include "forecast.h"
#include "gone_inputs.h"
#include "increments.h"
#include "matching.h"
#include "matching_import.h"
#include "migrate/base/clock.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/schema.h"
#include "migrate/ledger/versions.h"
#include "migrate/report/page.h"
#include "migrate/run/audit.h"
#include "migrate/run/scratch_folder.h"
#include "migrate/run/target.h"
#include "observer.h"
#include "overtaken.h"
#include "plan_work.h"
#include "retention.h"
#include "run_events.h"
#include "shards.h"
#include "snapshot_retry.h"
#include "stage_order.h"
#include "summary.h"
#include "take_back.h"
#include "tell.h"

namespace migrate::run {
namespace {

using nlohmann::json;
using plan::Stage;

std::string Name(Stage s) { return std::string(plan::kStageNames[static_cast<size_t>(s)]); }

bool Has(const std::vector<Stage>& stages, Stage s) {
  return std::find(stages.begin(), stages.end(), s) != stages.end();
}

std::vector<Stage> StagesOf(const plan::Plan& plan, const RunOptions& o) {
  if (!o.stages.empty()) {
    std::vector<Stage> stages = o.stages;
    std::sort(stages.begin(), stages.end());
    stages.erase(std::unique(stages.begin(), stages.end()), stages.end());
    return stages;
  }
  if (!o.from) return plan.stages;
  std::vector<Stage> stages;
  for (Stage s : plan.stages)
    if (s >= *o.from) stages.push_back(s);
  return stages;
}

bool ByName(const RunOptions& o) { return !o.stages.empty() || o.from.has_value(); }

Ask AskOf(const plan::Plan& plan, const RunOptions& o) {
  if (!ByName(o)) return Ask::kRun;
  if (!Has(StagesOf(plan, o), Stage::kExtract)) return Ask::kStage;
  return o.shard ? Ask::kRun : Ask::kAgain;  // a shard's part that is there is passed over
}

class Runner {
 public:
  Runner(const plan::Plan& plan, const RunOptions& options, progress::Meter* meter, std::optional<Partitioner> cut_for)
      : plan_(plan), o_(options), c_(plan, options, meter) {
    c_.cut_for = cut_for;
    unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    c_.threads = o_.threads == 0 ? cores : o_.threads;
    c_.partitioner = {plan.target.sqlite ? Partitioner::Kind::kRange : Partitioner::Kind::kModulo,
                      static_cast<uint32_t>(plan.target.partitions)};
    stages_ = StagesOf(plan, o_);
  }

  // The plan and every input by source, path and content, after Run().
  std::string InputsText() const {
    std::string text = plan_.hash + "\n";
    for (const Input& i : c_.inputs) text += plan_.sources[i.source].name + "\t" + i.path + "\t" + i.sha256 + "\n";
    return text;
  }

  // After Run(): it did nothing, for this import is to be taken back before (take_back.h); 0: none.
  int64_t take_back() const { return take_back_; }

  RunOutcome Run() {
    started_at_ = NowUtc();
    begun_ = std::chrono::steady_clock::now();
    out_.status = Inner();
    if (!out_.status.ok()) out_.exit_code = ExitCode(out_.status);
    NoteRun();
    c_.board->Hide();  // before the workspace's lock goes with this object
    return std::move(out_);
  }

 private:
  Status Inner() {
    const bool by_name = ByName(o_);
    const Ask ask = AskOf(plan_, o_);
    std::string gone;
    MIGRATE_ASSIGN(c_.inputs, InputsOfRun(c_, ask, &gone));
    if (o_.only_files != nullptr && c_.inputs.empty()) {
      out_.report_json = "{\"unchanged\": true}";
      return {};
    }
    if (Has(stages_, Stage::kDedupe)) MIGRATE_TRY(CheckModelFile(plan_));
    if (o_.shard) {
      MIGRATE_TRY(HashInputs(plan_, c_.threads, &c_.inputs));
      MIGRATE_TRY(Section());
      MIGRATE_ASSIGN(workspace_, Workspace::OpenBeside(plan_, o_.tool_version, o_.shard->Text()));
      c_.board->ShowAt(workspace_->Path(fmt::format("status-{}-of-{}.json", o_.shard->i, o_.shard->n)));
    } else {
      MIGRATE_ASSIGN(workspace_, Workspace::Open(plan_, o_.tool_version));
      c_.board->ShowAt(workspace_->Path("status.json"));
      MIGRATE_TRY(HashInputs(plan_, c_.threads, &c_.inputs));
    }
    MIGRATE_TRY(TakePartitions());
    if (take_back_ != 0) return {};
    // What has been loaded can be matched and proven whatever the sources look like by now.
    if (Has(stages_, Stage::kExtract) || Has(stages_, Stage::kNormalize) || Has(stages_, Stage::kLoad))
      MIGRATE_TRY(CheckContracts(c_));
    if (o_.shard) return RunShard(ask, gone);
    MIGRATE_ASSIGN(Work work, PlanWork(&c_, workspace_.get(), ask));
    if (Has(stages_, Stage::kLoad)) {
      MIGRATE_ASSIGN(take_back_, ImportToTakeBack(c_));
    }
    if (take_back_ != 0) return {};
    MIGRATE_TRY(Say(work, gone));
    if (!work.same && !work.nothing) MIGRATE_TRY(SayDoubled(c_));
    const bool idle = work.nothing && !by_name;
    MIGRATE_ASSIGN(const bool matching, idle ? EndsMatching(&c_, &stages_) : Result<bool>(false));
    if (idle && !matching) return Persist([this] { return NothingToDo(); });
    if (work.same && by_name && Has(stages_, Stage::kNormalize)) MIGRATE_TRY(ForgetNormalized(&c_));
    if (work.same && work.nothing && Has(stages_, Stage::kLoad)) MIGRATE_TRY(BeginAnew(&c_));
    Status s = RunStages(by_name);
    if (!s.ok() && s.kind() == ErrorKind::kQuarantineLimit) MIGRATE_TRY(ForgetExtracted(&c_));
    if (s.ok() && nothing_) return Persist([this] { return NothingToDo(); });
    if (s.ok() && o_.dry_run) s = ForecastLimit(c_);
    Status written = WriteReport(s);
    if (!s.ok()) return s;
    MIGRATE_TRY(written);
    // Last, so that an import that is done has its report.
    return c_.db ? Persist([this] { return FinishImport(); }) : Status();
  }

  // A run that has left no event by itself: stages done again, a mismatch. One that max_quarantined stops has not
  // touched the target, and does not for its event.
  void NoteRun() {
    const bool judged = out_.status.kind() == ErrorKind::kMismatch;
    const bool done = out_.status.ok() && c_.db && !o_.shard;
    if (audited_ || o_.dry_run || take_back_ != 0 || (!judged && !done)) return;
    c_.db.reset();  // what it has read of a SQLite file must not hold up the commit
    const Status s = AuditCommand(plan_, "run_ended", RunEvent(c_, stages_, out_.exit_code));
    if (!s.ok()) c_.meter->printer()->Note(s.message());
  }

  Status Section() {
    MIGRATE_ASSIGN(auto section, Workspace::Section(plan_, o_.cancel, c_.meter->printer()));
    section_.emplace(std::move(section));
    return {};
  }

  void LeaveSection() {
    LeaveTarget(&c_);
    section_.reset();
  }

  // Other shards' work is gone on with, or nothing is done.
  Status MayClear() const {
    if (!workspace_->alone())
      return Status::Failed(plan_.workspace + ": other shards are at work with other inputs or another plan",
                            "wait for them to end; then call the shards again");
    if (Has(stages_, Stage::kExtract)) return {};
    return Status::Plan(fmt::format("{}: the stage extract has not begun for these inputs", Name(stages_.front())),
                        "run all shards with --stage extract first; nothing was done");
  }

  // Within the section, which ends where others may go on.
  Status RunShard(Ask ask, const std::string& gone) {
    MIGRATE_ASSIGN(Work work, PlanWork(&c_, workspace_.get(), ask, [this] { return MayClear(); }));
    if (Has(stages_, Stage::kLoad)) {
      MIGRATE_ASSIGN(take_back_, ImportToTakeBack(c_));
    }
    if (take_back_ != 0) return {};
    MIGRATE_TRY(Say(work, gone));
    if (!work.same && !work.nothing) MIGRATE_TRY(SayDoubled(c_));
    if (work.nothing) return Persist([this] { return NothingToDo(); });
    MIGRATE_TRY(workspace_->LetOthersIn());
    LeaveSection();
    Status s;
    for (Stage stage : stages_) {
      s = OneStage(stage);
      if (!s.ok() || !end_.missing.empty() || end_.done) break;
      nothing_ = stage == Stage::kExtract && !c_.inputs.empty() && !AnyImported();
      if (nothing_) break;
      if (stage != stages_.back()) LeaveSection();
    }
    if (s.ok() && !end_.missing.empty()) {  // that is no failure
      out_.summary = MissingText(c_, missing_at_, end_.missing);
      out_.report_json = MissingJson(c_, missing_at_, end_.missing);
      return {};
    }
    if (s.ok() && (nothing_ || end_.done)) return Persist([this] { return NothingToDo(); });
    const bool judged = s.kind() == ErrorKind::kMismatch || s.kind() == ErrorKind::kQuarantineLimit;
    if (!s.ok() && !judged) return s;
    if (s.kind() == ErrorKind::kQuarantineLimit) {
      if (!section_) MIGRATE_TRY(Section());
      MIGRATE_TRY(ForgetFinishedExtract(&c_));
    }
    MIGRATE_TRY(WriteReport(s));
    if (judged) return s;
    return c_.db ? Persist([this] { return FinishImport(); }) : Status();
  }

  // One stage of a shard; afterwards the section is held, unless it failed before.
  Status ShardStage(Stage stage) {
    const auto persist = [&](const std::function<Status()>& work) {
      return stage < Stage::kLoad ? work() : Persist(work);
    };
    section_.reset();
    const Status done = persist([&]() -> Status {
      MIGRATE_TRY(CheckMemory(stage));
      return ShardParts(&c_, stage);
    });
    MIGRATE_TRY(done);
    if (c_.cancelled()) return c_.Cancelled();
    MIGRATE_TRY(Section());
    return Persist([&]() -> Status {
      MIGRATE_ASSIGN(end_, ShardFinish(&c_, stage));
      missing_at_ = stage;
      return {};
    });
  }

  // The digests of a target speak of its partitions, so their number is fixed by the first load.
  Status TakePartitions() {
    MIGRATE_ASSIGN(auto db, LookAtTarget(plan_.target));
    reached_ = true;
    if (!db) {
      if (o_.dry_run) return {};
      MIGRATE_ASSIGN(const std::string warning, ForgetTarget(plan_));
      if (!warning.empty()) c_.meter->printer()->Warning(warning);
      return {};
    }
    MIGRATE_ASSIGN(take_back_, TakeBackUnderWay(plan_, db.get()));
    MIGRATE_TRY(CheckTargetAge(plan_, db.get(), take_back_));
    if (take_back_ == 0) MIGRATE_TRY(CheckMatchingEnds(plan_, db.get(), stages_));
    MIGRATE_ASSIGN(auto count, ledger::PartitionsOf(db.get()));
    if (!count || *count == c_.partitioner.count) return {};
    c_.meter->printer()->Warning(
        fmt::format("the target has {} partitions since its first load; target.partitions: {} is not used", *count,
                    c_.partitioner.count));
    c_.partitioner.count = *count;
    return {};
  }

  Status Say(const Work& work, const std::string& gone) {
    progress::Printer* p = c_.meter->printer();
    for (const std::string& note : {gone, work.note})
      if (!note.empty()) p->Note(note);
    for (const Input& i : c_.inputs) {
      if (i.state == Input::State::kDuplicate)
        p->Note(fmt::format("{}: skipped, same content as {}", i.path, i.same_as));
      if (i.held_by != 0)
        p->Note(
            fmt::format("{}: held, its content came with import {}, which was rolled back; `migrate imports release "
                        "{} {}` lets it in again",
                        i.path, i.held_by, plan_.file, i.held_by));
      if (i.state != Input::State::kImport || work.same) continue;
      for (const auto& f : i.findings) p->Note(fmt::format("{}: {}", i.path, f));
    }
    if (work.same && !work.nothing) p->Note("resuming the run that was begun before");
    MIGRATE_ASSIGN(const auto overtaken, OvertakenFiles(c_));
    for (const std::string& text : overtaken) p->Warning(text);
    return {};
  }

  // A rerun over unchanged inputs: one audit event and nothing else; a watch, which looks often, leaves none.
  Status NothingToDo() {
    MIGRATE_TRY(OpenTarget(&c_, false));
    if (!o_.shard) MIGRATE_TRY(DropAfterImport(&c_));
    if (o_.only_files == nullptr && !o_.shard) MIGRATE_TRY(AuditUnchanged(&c_));
    audited_ = true;
    MIGRATE_ASSIGN(int64_t persons, c_.db->QueryInteger("SELECT EXISTS (SELECT 1 FROM person)"));
    if (persons != 0 && !plan_.target.sqlite) MIGRATE_TRY(MakeIndexes(&c_));  // an earlier account might not
    MIGRATE_ASSIGN(int64_t open, OpenRejects(c_));
    out_.summary = fmt::format("nothing new: {} {} imported before under this plan; no import was made\n",
                               c_.inputs.size() == 1 ? "the input" : fmt::format("all {} inputs", c_.inputs.size()),
                               Plural(c_.inputs.size(), "was", "were"));
    const auto held = static_cast<uint64_t>(
        std::count_if(c_.inputs.begin(), c_.inputs.end(), [](const Input& i) { return i.held_by != 0; }));
    if (held > 0)
      out_.summary = fmt::format(
          "nothing new: of {} {} {} held after a rollback, the others were imported before under "
          "this plan; no import was made\n",
          Counted(c_.inputs.size(), "input"), held, Plural(held, "is", "are"));
    MIGRATE_ASSIGN(const std::string behind, SayPersonsAreBehind(&c_));
    out_.summary += behind;
    if (open > 0)
      out_.summary += fmt::format("{} of these inputs {} still in quarantine: migrate rejects list {}\n",
                                  Counted(static_cast<uint64_t>(open), "row"),
                                  Plural(static_cast<uint64_t>(open), "is", "are"), o_.plan_file);
    MIGRATE_ASSIGN(std::string verdict,
                   c_.db->QueryText("SELECT verdict FROM reconciliation ORDER BY reconciliation_id DESC LIMIT 1"));
    out_.exit_code = verdict == "mismatch" ? 4 : open > 0 ? 3 : 0;
    if (verdict == "mismatch")
      out_.summary += "the last reconciliation found a MISMATCH; run with --stage reconcile to look again\n";
    out_.report_json = json({{"schema", 1},
                             {"tool", "migrate " + o_.tool_version},
                             {"import", nullptr},
                             {"unchanged", true},
                             {"dry_run", o_.dry_run},
                             {"exit_code", out_.exit_code},
                             {"open_rejects", open},
                             {"forecast", o_.dry_run ? json({{"inserted", 0},
                                                             {"updated", 0},
                                                             {"unchanged", 0},
                                                             {"quarantined", 0},
                                                             {"persons_created", 0},
                                                             {"persons_merged", 0}})
                                                     : json()}})
                           .dump(2) +
                       "\n";
    return {};
  }

  Status RunStages(bool by_name) {
    for (Stage s : {Stage::kExtract, Stage::kNormalize}) {
      if (!Has(stages_, s)) continue;
      MIGRATE_TRY(OneStage(s));
      if (c_.cancelled()) return c_.Cancelled();
      if (s == Stage::kExtract) MIGRATE_TRY(MarkExtracted(&c_));
      if (s != Stage::kExtract || by_name) continue;
      MIGRATE_TRY(Persist([this] { return SettleLive(&c_); }));
      nothing_ = !c_.inputs.empty() && !AnyImported();
      if (nothing_) return {};
    }
    const bool target = Has(stages_, Stage::kLoad) || Has(stages_, Stage::kDedupe) || Has(stages_, Stage::kReconcile);
    if (!target) return {};
    bool loading = Has(stages_, Stage::kLoad);
    if (loading && by_name) {
      MIGRATE_ASSIGN(const bool idle, NothingToLoad(c_));
      nothing_ = idle && stages_.back() == Stage::kLoad;
      if (nothing_) return {};
      if (idle) c_.meter->printer()->Note("nothing new: there is nothing to load, and no import is made");
      loading = !idle;
    }
    // Load opens it itself, once nothing speaks against it.
    if (!loading) MIGRATE_TRY(Persist([&] { return OpenToGoOn(by_name); }));
    if (loading || (c_.import_id != 0 && AnyImported())) MIGRATE_TRY(OneStage(Stage::kLoad, !loading));
    if (c_.import_id == 0) MIGRATE_TRY(Persist([this] { return TakeLastImport(); }));
    if (Has(stages_, Stage::kDedupe)) {
      if (by_name) MIGRATE_TRY(Persist([this] { return ForgetDedupe(&c_); }));
      MIGRATE_TRY(OneStage(Stage::kDedupe));
    }
    if (Has(stages_, Stage::kReconcile)) MIGRATE_TRY(OneStage(Stage::kReconcile));
    return {};
  }

  bool AnyImported() const {
    return std::any_of(c_.inputs.begin(), c_.inputs.end(),
                       [](const Input& i) { return i.state == Input::State::kImport; });
  }

  // Stages that go on from what the target holds.
  Status OpenToGoOn(bool by_name) {
    MIGRATE_TRY(OpenTarget(&c_, false));
    if (by_name) MIGRATE_TRY(CheckStagesBefore(c_, stages_));
    return TakeSourceIds(&c_);
  }

  // When this work has no import of its own.
  Status TakeLastImport() {
    MIGRATE_TRY(OpenTarget(&c_, false));
    MIGRATE_ASSIGN(auto last, ledger::LastImportOf(c_.db.get(), plan_.name));
    if (last) c_.import_id = last->import_id;
    if (c_.import_id == 0)
      return Status::Plan(TargetName(plan_.target) + ": this plan has loaded nothing yet", "run without --stage");
    c_.own_import = false;
    return {};
  }

  Status OneStage(Stage stage, bool silent = false) {
    if (c_.cancelled()) return c_.Cancelled();
    uint64_t total = 0;
    if (stage == Stage::kNormalize || stage == Stage::kLoad)
      for (const auto& l : c_.manifest->Lines("raw")) total += l.Number("rows");
    c_.meter->Begin(Name(stage), total);
    TellInputs(c_);
    Status s = o_.shard                     ? ShardStage(stage)
               : stage == Stage::kExtract   ? ExtractStage(&c_)
               : stage == Stage::kNormalize ? NormalizeStage(&c_)
                                            : Persist([&] { return TargetStage(stage); });
    const bool waits = !end_.missing.empty() || end_.done;
    std::string summary = s.ok() && waits
                              ? end_.done ? "done before" : ShardList(end_.missing, o_.shard->n) + " missing"
                          : s.ok()                            ? StageSummary(c_, stage)
                          : s.kind() == ErrorKind::kCancelled ? "stopped"
                          : s.kind() == ErrorKind::kMismatch  ? "MISMATCH"
                                                              : "failed";
    TellStage(c_, stage);
    StageTime t{Name(stage), c_.meter->Done(silent ? "already loaded" : summary), StageRows(c_, stage), false};
    c_.times.push_back(t);
    return s;
  }

  Status CheckMemory(Stage stage) const {
    return stage == Stage::kLoad && Has(stages_, Stage::kDedupe) ? CheckDedupeMemory(c_) : Status();
  }

  Status TargetStage(Stage stage) {
    if (stage == Stage::kLoad) {
      MIGRATE_TRY(CheckMemory(stage));
      return LoadStage(&c_);
    }
    MIGRATE_TRY(OpenTarget(&c_, false));
    return stage == Stage::kDedupe ? DedupeStage(&c_) : ReconcileStage(&c_);
  }

  // Work on a server's tables that may be interrupted: it resumes behind its last checkpoint, on a new connection. What
  // was committed when a connection broke is what the checkpoints say. Work must be such that it can be done again.
  Status Persist(const std::function<Status()>& work) {
    SnapshotRetry retry(extract::WaitClock::Real(), std::random_device()(), RetryScale());
    std::string before;
    for (;;) {
      const auto begun = std::chrono::steady_clock::now();
      Status s = work();
      if (s.ok() || !s.may_pass() || !reached_ || plan_.target.sqlite) return s;
      c_.db.reset();
      const std::string now = Committed();
      // Matching and reconcile commit nothing while they work, but who worked for longer than any wait had a server.
      const double worked = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
      const bool progress = (!now.empty() && now != before) || worked > SnapshotRetry::kLongestWait * RetryScale();
      const std::optional<double> wait = retry.After(s, progress, true);
      if (!wait) return s;
      if (!now.empty()) before = now;
      c_.meter->printer()->Warning(fmt::format("{}; trying again in {:.1f} s", s.message(), *wait));
      MIGRATE_TRY(extract::WaitFor(extract::WaitClock::Real(), *wait, [this] { return c_.cancelled(); }));
    }
  }

  // What the checkpoints of the import say; "" if the server does not answer.
  std::string Committed() {
    auto db = LookAtTarget(plan_.target);
    if (!db.ok() || !*db) return "";
    auto text = (*db)->QueryText(
        fmt::format("SELECT concat(count(*), ' ', coalesce(sum(crc32(value)), 0)) FROM checkpoint WHERE import_id = {}",
                    c_.import_id));
    return text.ok() ? *text : "";
  }

  // The import is done when the plan's last stage is.
  Status FinishImport() {
    MIGRATE_TRY(OpenTarget(&c_, false));
    if (plan_.stages.empty() || !Has(stages_, plan_.stages.back())) return {};
    MIGRATE_ASSIGN(auto imports, ledger::Imports(c_.db.get()));
    bool open = false;
    for (const auto& i : imports) open |= i.import_id == c_.import_id && i.state == "loading";
    if (!open) return {};
    if (Has(plan_.stages, Stage::kDedupe)) {
      MIGRATE_ASSIGN(auto deduped, ledger::Checkpoint(c_.db.get(), c_.import_id, "dedupe", 0));
      if (!deduped) return {};
    }
    load::Counts all;
    for (const auto& [s, k] : c_.loaded) all.Merge(k);
    json counts = {{"inserted", all.inserted},     {"updated", all.updated},       {"unchanged", all.unchanged},
                   {"superseded", all.superseded}, {"duplicates", all.duplicates}, {"gone", all.gone},
                   {"persons", c_.persons.total},  {"digest", all.seen.Text()}};
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c_.db.get()));
    if (c_.replay()) MIGRATE_TRY(LeaveQuarantine(&c_));
    MIGRATE_TRY(ledger::FinishImport(c_.db.get(), c_.import_id, counts.dump()));
    MIGRATE_TRY(KeepWatermarks(&c_));
    MIGRATE_ASSIGN(ledger::Version closed, ledger::CloseVersion(c_.db.get(), c_.import_id));
    json detail = {{"import", c_.import_id}, {"counts", counts}, {"root", closed.root}, {"chain", closed.chain}};
    MIGRATE_TRY(
        ledger::AppendAudit(c_.db.get(), "import_done", detail.dump(-1, ' ', false, json::error_handler_t::replace)));
    MIGRATE_TRY(ledger::MarkAudit(c_.db.get(), c_.import_id));
    MIGRATE_TRY(transaction.Commit());
    audited_ = true;
    if (c_.own_import) MIGRATE_TRY(MarkOver(&c_));
    MIGRATE_TRY(DropAfterImport(&c_));
    return o_.dry_run ? Status() : RememberTarget(plan_, c_.db.get());
  }

  Status WriteReport(const Status& run) {
    const bool ended = run.ok() || run.kind() == ErrorKind::kMismatch || run.kind() == ErrorKind::kQuarantineLimit;
    if (!ended || !c_.manifest) return {};
    int64_t open = 0;
    if (c_.db) {
      auto count = [&]() -> Status {
        MIGRATE_TRY(OpenTarget(&c_, false));
        MIGRATE_ASSIGN(open, OpenRejects(c_));
        return {};
      };
      MIGRATE_TRY(Persist(count));
      c_.board->Update([&](progress::RunFacts* f) { f->open_rejects = static_cast<uint64_t>(open); });
    }
    out_.exit_code = run.ok() ? (open > 0 ? 3 : 0) : ExitCode(run);
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
    out_.report_json = ReportJson(c_, out_.exit_code, started_at_, seconds, o_.dry_run);
    out_.summary = RunDigest(c_, out_.report_json, open);
    if (o_.dry_run || c_.import_id == 0 || !c_.own_import) return {};
    const std::string base = workspace_->Path(fmt::format("reports/{}", c_.import_id));
    MIGRATE_TRY(KeepMatch(c_, base + ".json", &out_.report_json));
    MIGRATE_TRY(WriteFileAtomic(base + ".json", out_.report_json));
    MIGRATE_ASSIGN(std::string page, report::RenderReportPage(out_.report_json));
    MIGRATE_TRY(WriteFileAtomic(base + ".html", page));
    out_.report_path = base + ".html";
    out_.summary += "report: " + out_.report_path + "\n";
    return {};
  }

  const plan::Plan& plan_;
  const RunOptions& o_;
  Context c_;
  std::vector<Stage> stages_;
  bool reached_ = false;  // the target answered in this run: what breaks from then on is tried again
  int64_t take_back_ = 0;
  bool audited_ = false;  // this run has left its last event
  bool nothing_ = false;  // live inputs were read and hold nothing new
  std::unique_ptr<Workspace> workspace_;
  std::optional<FileLock> section_;  // of a shard
  ShardEnd end_;                     // of its last stage
  Stage missing_at_ = Stage::kExtract;
  std::string started_at_;
  std::chrono::steady_clock::time_point begun_;
  RunOutcome out_;
};

// A run; before it, one of its own kind that did not end and cannot go on is taken back.
RunOutcome RunThrough(const plan::Plan& plan, const RunOptions& options, progress::Meter* meter,
                      std::optional<Partitioner> cut_for = std::nullopt, std::string* inputs = nullptr) {
  for (;;) {
    auto runner = std::make_unique<Runner>(plan, options, meter, cut_for);
    RunOutcome out = runner->Run();
    if (inputs != nullptr) *inputs = runner->InputsText();
    const int64_t take_back = runner->take_back();
    runner.reset();  // it holds the workspace
    if (take_back == 0 || !out.status.ok()) return out;
    if (Status s = TakeBack(plan, options, take_back); !s.ok()) {
      out.status = s;
      out.exit_code = ExitCode(s);
      return out;
    }
  }
}

// A dry run is a run on a copy of the target and of the work that the run would go on with: the same code, so what it
// forecasts is what the run does.
RunOutcome DryRun(const plan::Plan& plan, const RunOptions& options, progress::Meter* meter) {
  RunOutcome out;
  auto fail = [&](const Status& s) {
    out.status = s;
    out.exit_code = ExitCode(s);
    return out;
  };
  auto scratch = ScratchFolder::Make(options.scratch);
  if (!scratch.ok()) return fail(scratch.status());
  plan::Plan copy = plan;
  // The copy's workspace remembers nothing.
  if (auto db = LookAtTarget(plan.target); !db.ok()) {
    return fail(db.status());
  } else if (*db) {
    auto take_back = TakeBackUnderWay(plan, db->get());
    if (!take_back.ok()) return fail(take_back.status());
    if (Status s = CheckTargetAge(plan, db->get(), *take_back); !s.ok()) return fail(s);
  }
  copy.workspace = scratch->path() + "/workspace";
  copy.target.sqlite = true;
  copy.target.path = scratch->path() + "/target.db";
  if (Status s = CopyTarget(plan, copy.target.path); !s.ok()) return fail(s);
  auto before = RootOf(plan.target);
  if (!before.ok()) return fail(before.status());
  auto cut_for = BorrowWork(plan, copy, options, AskOf(plan, options));
  if (!cut_for.ok()) return fail(cut_for.status());
  std::string inputs;
  RunOutcome ran = RunThrough(copy, options, meter, *cut_for, &inputs);
  auto after = RootOf(copy.target);
  if (!after.ok()) return fail(after.status());
  if (Status s = AddFingerprints(inputs, *before, *after, &ran.report_json); !s.ok()) return fail(s);
  return ran;
}

}  // namespace

RunOutcome Run(const plan::Plan& plan, const RunOptions& options) {
  return Observed(plan, options, [&plan](const RunOptions& observed) {
    progress::Meter meter(observed.printer);
    if (observed.dry_run) return DryRun(plan, observed, &meter);
    RunOutcome out = RunThrough(plan, observed, &meter);
    if (Status s = AddKeptEvents(plan); !s.ok() && out.status.ok())
      meter.printer()->Note("events that wait for the audit trail: " + s.message());
    return out;
  });
}

}  // namespace migrate::run
