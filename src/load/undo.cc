#include "migrate/load/undo.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lives.h"
#include "migrate/ledger/chunk.h"
#include "migrate/ledger/tables.h"
#include "undo_writer.h"

namespace migrate::load {
namespace {

using nlohmann::json;
constexpr char kStage[] = "undo";
constexpr size_t kBatch = 512;

std::string ToJson(const UndoCounts& c, bool done) {
  return json({{"done", done},
               {"removed", c.removed},
               {"restored", c.restored},
               {"added", c.added},
               {"history", c.history}})
      .dump();
}

void Merge(UndoCounts* all, const UndoCounts& c) {
  all->removed += c.removed;
  all->restored += c.restored;
  all->added += c.added;
  all->history += c.history;
}

// Distinct record_ids of a query, ascending.
Result<std::vector<uint64_t>> Ids(store::Connection* db, const std::vector<std::string>& queries) {
  std::vector<uint64_t> ids;
  for (const std::string& sql : queries) {
    MIGRATE_ASSIGN(auto q, db->Scan(sql));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      const auto id = static_cast<uint64_t>(q->Integer(0));
      if (ids.empty() || ids.back() != id) ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

class Undoer {
 public:
  explicit Undoer(const UndoOptions& o) : o_(o) {}

  Result<UndoCounts> Run() {
    MIGRATE_ASSIGN(buckets_, ledger::BucketingOf(o_.db));
    UndoCounts all;
    UndoWriter writer(o_, buckets_);
    ledger::Chunk chunk(o_.db);
    for (uint32_t p = 0; p < o_.partitioner.count; ++p) {
      MIGRATE_ASSIGN(auto before, ledger::SettledCheckpoint(o_.db, o_.import_id, kStage, p));
      UndoCounts counts;
      bool done = false;
      if (before) Resume(*before, &counts, &done);
      if (!done) {
        writer.set_counts(counts);
        MIGRATE_TRY(Partition(p, &writer, &chunk));
        counts = writer.counts();
      }
      Merge(&all, counts);
      if (o_.progress) o_.progress(all.records());
    }
    MIGRATE_TRY(chunk.Commit());
    return all;
  }

  Result<Conflicts> FindConflicts(size_t most) {
    const std::string which =
        o_.remove ? fmt::format(
                        "SELECT DISTINCT record_id FROM record_history WHERE (import_id = {0} AND ended_import "
                        "> {0}) OR gone_import = {0} ORDER BY record_id",
                        o_.subject)
                  : fmt::format(
                        "SELECT DISTINCT record_id FROM record_undone WHERE undone_import = {} ORDER BY "
                        "record_id",
                        o_.subject);
    MIGRATE_ASSIGN(auto ids, Ids(o_.db, {which}));
    Conflicts out;
    for (size_t begin = 0; begin < ids.size(); begin += kBatch) {
      if (o_.cancel != nullptr && o_.cancel->requested()) return Status::Cancelled("rollback: cancelled");
      MIGRATE_ASSIGN(auto lives, ReadLives(o_.db, Batch(ids, begin)));
      for (const auto& [id, stored] : lives) {
        const int64_t later = o_.remove ? ChangedAgain(stored.life, o_.subject) : ChangedAfter(stored.life, o_.since);
        if (later == 0 || (!o_.remove && CameAgain(stored))) continue;
        ++out.count;
        if (out.first.size() >= most) continue;
        const Image& any = stored.life.current ? *stored.life.current : stored.life.history.front().image;
        MIGRATE_ASSIGN(std::string source, SourceName(any.row.record.source));
        out.first.push_back({id, source, any.row.record.source_key, later});
      }
    }
    return out;
  }

 private:
  // Did a later import bring the very image that is to come back, and nothing else? The overlap of a table that is read
  // in parts does so.
  bool CameAgain(const StoredLife& stored) const {
    const auto& current = stored.life.current;
    if (!current || current->row.gone_import != 0) return false;
    for (const OldImage& old : stored.life.history)
      if (old.ended_import > o_.since || old.image.row.import_id > o_.since) return false;
    for (const UndoneImage& u : stored.undone)
      if (u.undone_import == o_.subject && u.ended_import == 0 && u.image.row.gone_import == 0)
        return u.image.row.record.row_sha256 == current->row.record.row_sha256;
    return false;
  }

  static void Resume(const std::string& text, UndoCounts* counts, bool* done) {
    const json j = json::parse(text, nullptr, false);
    if (!j.is_object()) return;
    *done = j.value("done", false);
    counts->removed = j.value("removed", 0ULL);
    counts->restored = j.value("restored", 0ULL);
    counts->added = j.value("added", 0ULL);
    counts->history = j.value("history", 0ULL);
  }

  static std::vector<uint64_t> Batch(const std::vector<uint64_t>& ids, size_t begin) {
    return {ids.begin() + static_cast<ptrdiff_t>(begin),
            ids.begin() + static_cast<ptrdiff_t>(std::min(ids.size(), begin + kBatch))};
  }

  Result<std::string> SourceName(int64_t id) const {
    return o_.db->QueryText(fmt::format("SELECT name FROM source WHERE source_id = {}", id));
  }

  std::string In(const std::string& table, uint32_t partition, const std::string& condition) const {
    std::string sql =
        "SELECT record_id FROM " + ledger::TablePartition(*o_.db, table, partition) + " WHERE (" + condition + ")";
    if (o_.partitioner.kind == Partitioner::Kind::kRange)
      sql += fmt::format(" AND record_id BETWEEN {} AND {}", o_.partitioner.RangeBegin(partition),
                         o_.partitioner.RangeBegin(partition + 1) - 1);
    return sql;
  }

  // Records of a partition that are to be looked at.
  Result<std::vector<uint64_t>> Touched(uint32_t p) {
    const std::string n = std::to_string(o_.subject);
    if (o_.remove)
      return Ids(o_.db, {In("record", p, "import_id = " + n + " OR gone_import = " + n),
                         In("record_history", p, "import_id = " + n + " OR ended_import = " + n)});
    MIGRATE_ASSIGN(auto ids, Ids(o_.db, {In("record_undone", p, "undone_import = " + n)}));
    MIGRATE_ASSIGN(auto others, Ids(o_.db, {In("record_undone", p, "undone_import < " + n)}));
    // The subject may have found there what an import had brought that was taken back since.
    for (const uint64_t id : others) {
      MIGRATE_ASSIGN(const Seen* seen, SeenOf(id));
      const auto list = seen->find(o_.subject);
      if (list != seen->end() && std::any_of(list->second.begin(), list->second.end(),
                                             [id](const ledger::SeenRow& r) { return r.record_id == id; }))
        ids.push_back(id);
    }
    // And what it did not find, because it was taken back then, or found as an older import had left it.
    const std::string back = BackSince();
    if (!back.empty()) {
      MIGRATE_ASSIGN(
          auto more,
          Ids(o_.db, {In("record", p, "import_id IN (" + back + ") OR gone_import IN (" + back + ")"),
                      In("record_history", p, "import_id IN (" + back + ") OR ended_import IN (" + back + ")")}));
      ids.insert(ids.end(), more.begin(), more.end());
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
  }

  // Imports before the subject that stand, and did not when it ran: "1,4", "" for none.
  std::string BackSince() const {
    std::string list;
    for (const auto& [import_id, v] : o_.versions) {
      if (import_id >= o_.subject) break;
      if (v.rollback || v.matching || v.rolled_back_by != 0 || StoodAt(o_.versions, import_id, o_.subject)) continue;
      list += (list.empty() ? "" : ",") + std::to_string(import_id);
    }
    return list;
  }

  Status Partition(uint32_t p, UndoWriter* writer, ledger::Chunk* chunk) {
    seen_bucket_.reset();
    MIGRATE_ASSIGN(auto ids, Touched(p));
    MIGRATE_TRY(writer->Begin(p));
    for (size_t begin = 0; begin < ids.size(); begin += kBatch) {
      if (o_.cancel != nullptr && o_.cancel->requested()) return Status::Cancelled("rollback: cancelled");
      MIGRATE_TRY(chunk->Begin());
      MIGRATE_ASSIGN(auto lives, ReadLives(o_.db, Batch(ids, begin)));
      for (const auto& [id, stored] : lives) {
        MIGRATE_ASSIGN(const Seen* seen, SeenOf(id));
        MIGRATE_TRY(writer->Write(id, stored, Replay(AllEvents(stored, o_, *seen)), *seen));
        chunk->Count(1);
      }
      const bool last = begin + kBatch >= ids.size();
      if (!last && chunk->rows() < o_.chunk_rows) continue;
      MIGRATE_TRY(Save(p, writer, last));
      seen_bucket_.reset();
      if (chunk->rows() >= o_.chunk_rows) MIGRATE_TRY(chunk->Commit());
    }
    return {};
  }

  Status Save(uint32_t p, UndoWriter* writer, bool done) {
    MIGRATE_TRY(writer->Flush());
    return ledger::SetCheckpoint(o_.db, o_.import_id, kStage, p, ToJson(writer->counts(), done));
  }

  using Seen = std::map<int64_t, std::vector<ledger::SeenRow>>;
  Result<const Seen*> SeenOf(uint64_t id) {
    const uint64_t bucket = buckets_.Of(ledger::RecordTable(), id);
    if (seen_bucket_ != bucket) {
      MIGRATE_ASSIGN(seen_, ledger::SeenOfBucket(o_.db, bucket));
      seen_bucket_ = bucket;
    }
    return &seen_;
  }

  const UndoOptions& o_;
  ledger::Bucketing buckets_;
  std::optional<uint64_t> seen_bucket_;
  Seen seen_;
};

}  // namespace

Result<Conflicts> FindConflicts(const UndoOptions& options, size_t most) { return Undoer(options).FindConflicts(most); }

Result<UndoCounts> UndoRecords(const UndoOptions& options) { return Undoer(options).Run(); }

}  // namespace migrate::load
