// What the stages of one run share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "migrate/dedupe/matcher.h"
#include "migrate/dedupe/persons.h"
#include "migrate/ledger/ledger.h"
#include "migrate/load/load.h"
#include "migrate/plan/plan.h"
#include "migrate/progress/progress.h"
#include "migrate/reconcile/reconcile.h"
#include "migrate/record/digest.h"
#include "migrate/run/inputs.h"
#include "migrate/run/run.h"
#include "migrate/run/target.h"
#include "migrate/spool/manifest.h"
#include "workspace.h"

namespace migrate::run {

// Counts of one field over the records of a run, for the report's fill rates.
struct Fill {
  uint64_t before = 0, after = 0, flagged = 0;
};

struct StageTime {
  std::string stage;
  double seconds = 0;
  uint64_t rows = 0;
  bool skipped = false;  // done by an earlier attempt
};

// import_file.state of rows that were read from the quarantine.
inline constexpr char kReplayed[] = "replayed";

struct Context {
  Context(const plan::Plan& p, const RunOptions& o, progress::Meter* m)
      : plan(p), options(o), folder(p.workspace + "/work"), meter(m), board(o.board) {
    if (board == nullptr) board = (own_board = std::make_unique<progress::Board>()).get();
  }
  const plan::Plan& plan;
  const RunOptions& options;
  std::string folder;  // of work/
  progress::Meter* meter = nullptr;
  progress::Board* board;  // never null
  std::unique_ptr<progress::Board> own_board;
  unsigned threads = 1;
  Partitioner partitioner;
  std::optional<Partitioner> cut_for;  // of a dry run with borrowed work (borrowed_work.h): the plan's own target's
  std::vector<Input> inputs;
  std::unique_ptr<spool::Manifest> manifest;
  std::string run_key;                    // identity of this work: (plan, inputs, limit) and when it began
  std::shared_ptr<ledger::Lease> lease;   // of the target, from load on
  std::unique_ptr<store::Connection> db;  // open from load on
  int64_t import_id = 0;
  bool keeps_model = true;          // what is learned here is in force from now on; not of what a rollback leaves
  bool behind = false;              // persons change behind the end of the import (matching_import.h)
  bool own_import = true;           // false: stages run on an import of which work/ knows nothing
  std::vector<int64_t> source_ids;  // by index of plan.sources
  bool had_target = false;          // the target was open in this run: a connection that broke is made again
  // What the stages found, for the books and the report.
  load::CountsBySource loaded;
  dedupe::PersonCounts persons;
  dedupe::MatchStats match;
  dedupe::Model model;
  bool matched = false;  // dedupe ran in this process: match and model are filled
  std::unique_ptr<reconcile::Report> reconciled;
  std::string verification;  // JSON of what --verify-source found (verify_source.h), "" without it
  std::vector<StageTime> times;

  std::string Work(const std::string& name) const { return folder + "/" + name; }
  bool replay() const { return options.inputs != nullptr; }  // of rows in quarantine (run/replay.h)
  bool cancelled() const { return options.cancel != nullptr && options.cancel->requested(); }
  Status Cancelled() const { return Status::Cancelled("stopped as asked, after the chunk at hand"); }
};

// Books of one input, summed up from the manifest.
struct InputBook {
  uint64_t counted = 0, rows = 0, rejects = 0;  // rows: good ones
  MultisetDigest digest, reject_digest;
};
Result<InputBook> BookOf(const spool::Manifest& manifest, uint32_t file_no);
// Rows of a file that is skipped: as many as the file with the same content had, in this import or an earlier one.
uint64_t SkippedRows(const Context& c, const Input& input);

// kQuarantineLimit if the plan does not allow so many rejects.
Status CheckQuarantineLimit(const plan::Plan& plan, uint64_t rows, uint64_t rejects);

// kQuarantineLimit if extract has found more rejects than the plan allows.
Status CheckRejectLimit(const Context& c);

// Each returns when its artifacts or rows are committed; kCancelled between two chunks.
Status ExtractStage(Context* c);
Status NormalizeStage(Context* c);
Status LoadStage(Context* c);
Status DedupeStage(Context* c);
// Before a run of load and dedupe writes its first record: is --memory enough for dedupe, too? Counts the records that
// there will be at the least: the most of a file of each source, or those that are there.
Status CheckDedupeMemory(const Context& c);
Status ReconcileStage(Context* c);

// What a shard of dedupe finds missing: shards, ascending; none where it is itself the only one, for the finish scores
// what is missing.
Result<std::vector<uint32_t>> MissingPairs(Context* c);
// A shard's part of dedupe. The target is open; `section` is given back when nobody is to be kept out any more.
Status DedupeShards(Context* c, std::optional<FileLock>* section);

// A shard's part of extract. NormalizeStage does no more than the shard's part by itself.
Status ExtractShards(Context* c);
// Is the input a snapshot of one session, or a part of a table, which one process reads as a whole?
bool IsReadByOne(const Context& c, const Input& input);
// Up to the first record: begins the import (once), its rejects, and what load needs to know.
Status BeginLoad(Context* c, load::Options* options);

// Is the target, if it is there, one that this version may write?
Status CheckTarget(const plan::Plan& plan);

// The secondary indexes that are missing. Only lookups need them, so an account that may not make them has not failed:
// a warning.
Status MakeIndexes(Context* c);
// Survivorship as the plan has it, with the stewards' pins.
Result<dedupe::SurvivorshipRules> Rules(const Context& c);

// A copy of the target for a dry run; none if nothing was loaded yet.
Status CopyTarget(const plan::Plan& plan, const std::string& to);

// Rows of a transaction: `fallback`, or what MIGRATE_CHUNK_ROWS says, with which tests make many commits of few rows.
uint64_t ChunkRows(uint64_t fallback);

// Opens the target (making its tables if `create`) and finds the import of this run, if there is one.
Status OpenTarget(Context* c, bool create);

// The import that this work began, if it did and was not abandoned since.
Result<std::optional<ledger::Import>> ImportOfWork(const Context& c, store::Connection* db);

// Files of raw and record segments, in the order of files and chunks.
std::string RawPath(uint32_t file, uint32_t chunk);
std::string RecordsPath(uint32_t file, uint32_t chunk);

// What a worker throws (out of memory) becomes its error instead of the end of the process.
template <class Work>
Status NoThrow(Work work) {
  try {
    return work();
  } catch (const std::exception& e) {
    return Status::Failed(std::string("a worker failed: ") + e.what(),
                          "give the run less to hold at once (--threads 1), or more memory");
  }
}

// Runs work(i) for i in [0, n) on `threads` threads; stops at the first error.
Status ParallelFor(size_t n, unsigned threads, const std::function<Status(size_t)>& work);

// The report's JSON.
std::string ReportJson(const Context& c, int exit_code, const std::string& started_at, double seconds, bool dry_run);
std::map<std::string, Fill> FillOf(const Context& c);

}  // namespace migrate::run
