// ApplyPersons: a pass a table, partitions shared among the workers, a transaction a chunk.
#include "migrate/dedupe/persons.h"

#include <fmt/core.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "migrate/ledger/chunk.h"
#include "migrate/ledger/crew.h"
#include "migrate/ledger/ledger.h"
#include "person_decision.h"
#include "person_lists.h"
#include "person_tables.h"

namespace migrate::dedupe {
namespace {

using nlohmann::json;
using Segment = std::shared_ptr<spool::SegmentReader>;

// In this order: whoever follows an old id finds the alias before the person goes.
constexpr List kPasses[] = {List::kAlias, List::kPerson, List::kLink, List::kIdentifier};

std::string TableOf(List list) {
  static constexpr const char* kTables[kLists] = {"person_alias", "person", "", "person_record", "person_identifier"};
  return kTables[static_cast<int>(list)];
}

std::string Stage(List list) { return "apply:" + TableOf(list); }

// The checkpoints of all passes; of other imports too, whose decisions hold no more.
Status ForgetApplied(const PersonOptions& o) {
  for (List list : kPasses)
    MIGRATE_TRY(o.db->Execute(fmt::format("DELETE FROM checkpoint WHERE stage = '{}'", Stage(list))));
  return {};
}

// Sets the new ids aside, and says that this decision is the one that is being written. Once a decision.
Status BeginApply(const PersonOptions& o, const Decision& d) {
  MIGRATE_ASSIGN(std::string stamp, ledger::Setting(o.db, "persons_stamp"));
  if (stamp == d.stamp) return {};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(o.db));
  MIGRATE_TRY(ForgetApplied(o));
  MIGRATE_TRY(ledger::SetSetting(o.db, "next_person_id", std::to_string(d.next_person_id)));
  MIGRATE_TRY(ledger::SetSetting(o.db, "persons_stamp", d.stamp));
  return transaction.Commit();
}

Status FinishApply(const PersonOptions& o, const Decision& d) {
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(o.db));
  MIGRATE_TRY(ForgetApplied(o));
  MIGRATE_TRY(ledger::SetSetting(o.db, "persons_stamp", DoneStamp(d)));
  if (!o.decided_by.empty()) MIGRATE_TRY(ledger::SetSetting(o.db, "persons_decided_by", o.decided_by));
  MIGRATE_TRY(ledger::SetCheckpoint(o.db, o.import_id, "dedupe", 0, PersonCountsJson(d.counts)));
  return transaction.Commit();
}

struct Written {  // of all partitions
  std::mutex mutex;
  uint64_t rows = 0;
};

struct Pass {
  const PersonOptions& options;
  List list;
  Segment segment, members;
  Written* written;
};

constexpr uint64_t kCountedRows = 4096;  // at a time

// `counted` of a partition's rows are in the pass's sum; from now on all of them.
void Count(const Pass& pass, uint64_t rows, uint64_t* counted) {
  const std::lock_guard lock(pass.written->mutex);
  pass.written->rows += rows - std::exchange(*counted, rows);
  if (pass.options.progress) pass.options.progress(pass.written->rows);
}

// How far a partition is, as its checkpoint says.
struct Applied {
  uint64_t rows = 0;
  bool done = false;
};

Result<Applied> AppliedOf(const store::Connection& db, const std::string& stage,
                          const std::optional<std::string>& checkpoint) {
  if (!checkpoint) return Applied();
  const json j = json::parse(*checkpoint, nullptr, false);
  if (!j.is_object() || !j.contains("rows"))
    return Status::Failed(fmt::format("{}: checkpoint of {} cannot be read: {}", db.name(), stage, *checkpoint),
                          "restore the target from a backup");
  return Applied{j.value("rows", 0ULL), j.value("done", false)};
}

// One partition of one table, from its checkpoint on.
Status ApplyPartition(const Pass& pass, store::Connection* db, TableWriter* writer, ledger::Chunk* chunk,
                      uint32_t partition) {
  const PersonOptions& o = pass.options;
  const std::string stage = Stage(pass.list);
  MIGRATE_ASSIGN(auto checkpoint, ledger::SettledCheckpoint(db, o.import_id, stage, partition));
  MIGRATE_ASSIGN(const Applied before, AppliedOf(*db, stage, checkpoint));
  if (before.done) return {};
  uint64_t rows = before.rows, counted = rows;  // these are in the sum from the beginning
  MIGRATE_TRY(writer->Begin(partition));
  ListReader list(pass.segment, partition, rows);
  std::string_view entry;
  MIGRATE_ASSIGN(bool more, list.Next(&entry));
  while (more) {
    if (o.cancel != nullptr && o.cancel->requested()) return Status::Cancelled("dedupe: cancelled");
    MIGRATE_TRY(chunk->Begin());
    for (; more && chunk->rows() < o.chunk_rows; chunk->Count(1)) {
      MIGRATE_TRY(writer->Apply(entry));
      if (++rows - counted == kCountedRows) Count(pass, rows, &counted);
      MIGRATE_ASSIGN(more, list.Next(&entry));
    }
    MIGRATE_TRY(writer->Flush());
    Count(pass, rows, &counted);
    MIGRATE_TRY(
        ledger::SetCheckpoint(db, o.import_id, stage, partition, json({{"rows", rows}, {"done", !more}}).dump()));
    if (chunk->rows() >= o.chunk_rows) MIGRATE_TRY(chunk->Commit());
  }
  return {};
}

// Says what is to be written, and how much of it was before.
Status BeginPass(const Pass& pass, const std::vector<uint32_t>& partitions) {
  const PersonOptions& o = pass.options;
  if (!o.step || partitions.empty()) return {};
  const std::string stage = Stage(pass.list);
  for (uint32_t p : partitions) {
    MIGRATE_ASSIGN(auto checkpoint, ledger::Checkpoint(o.db, o.import_id, stage, p));
    MIGRATE_ASSIGN(const Applied before, AppliedOf(*o.db, stage, checkpoint));
    pass.written->rows += before.rows;
  }
  uint64_t rows = 0;
  for (const auto& b : pass.segment->blocks()) rows += b.rows;
  o.step("writing " + TableOf(pass.list), rows, pass.written->rows);
  return {};
}

// One table. Worker i takes every nth partition that has entries; the first error stops the others after theirs.
Status ApplyTable(const Pass& pass, const std::vector<store::Connection*>& workers) {
  std::set<uint32_t> distinct;
  for (const auto& b : pass.segment->blocks()) distinct.insert(b.partition);
  const std::vector<uint32_t> partitions(distinct.begin(), distinct.end());
  MIGRATE_TRY(BeginPass(pass, partitions));
  const size_t n = std::min(workers.size(), partitions.size());
  return ledger::RunCrew(n, "dedupe", [&](size_t i, const std::atomic<bool>& stop) -> Status {
    auto writer = MakeTableWriter(pass.list, pass.options, workers[i], pass.members);
    ledger::Chunk chunk(workers[i]);
    for (size_t p = i; p < partitions.size() && !stop; p += n) {
      Status s = ApplyPartition(pass, workers[i], writer.get(), &chunk, partitions[p]);
      // What was finished before the operator said stop stays.
      if (!s.ok() && s.kind() == ErrorKind::kCancelled) MIGRATE_TRY(chunk.Commit());
      MIGRATE_TRY(s);
    }
    return chunk.Commit();
  });
}

Status ApplyTables(const PersonOptions& options, const std::vector<store::Connection*>& workers) {
  MIGRATE_ASSIGN(Segment members, spool::SegmentReader::Open(ListPath(options.scratch, List::kMembers)));
  for (List list : kPasses) {
    MIGRATE_ASSIGN(Segment segment, spool::SegmentReader::Open(ListPath(options.scratch, list)));
    Written written;
    MIGRATE_TRY(ApplyTable({options, list, segment, members, &written}, workers));
  }
  return {};
}

Status ReadAll(const std::string& path) {
  MIGRATE_ASSIGN(Segment segment, spool::SegmentReader::Open(path));
  std::string block;
  for (const auto& b : segment->blocks()) MIGRATE_TRY(segment->Read(b, &block));
  return {};
}

// After a failure: if a list is damaged, resuming would fail again, so the decision goes.
Status ForgetIfDamaged(const PersonOptions& options, Status failure) {
  if (failure.kind() != ErrorKind::kFailed) return failure;
  for (int list = 0; list < kLists; ++list) {
    const Status s = ReadAll(ListPath(options.scratch, static_cast<List>(list)));
    if (s.ok()) continue;
    MIGRATE_TRY(ForgetPersons(options.scratch));
    return Status::Failed(s.message(), "run the same command again: the persons are decided anew");
  }
  return failure;
}

}  // namespace

Result<PersonCounts> ApplyPersons(const PersonOptions& options) {
  MIGRATE_ASSIGN(auto decision, DecisionInForce(options));
  if (!decision)
    return Status::Failed(options.scratch + ": there is no decision about persons, or it holds no more",
                          "run the same command again");
  MIGRATE_TRY(BeginApply(options, *decision));
  std::vector<std::unique_ptr<store::Connection>> connections;
  std::vector<store::Connection*> workers = {options.db};
  while (workers.size() < std::min(options.workers, decision->partitions)) {
    MIGRATE_ASSIGN(auto connection, options.connect());
    workers.push_back(connection.get());
    connections.push_back(std::move(connection));
  }
  if (Status s = ApplyTables(options, workers); !s.ok()) return ForgetIfDamaged(options, std::move(s));
  MIGRATE_TRY(FinishApply(options, *decision));
  MIGRATE_TRY(ForgetPersons(options.scratch));
  return decision->counts;
}

}  // namespace migrate::dedupe
