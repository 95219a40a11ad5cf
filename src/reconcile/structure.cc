#include "structure.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>

#include "migrate/base/plural.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/control.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/schema.h"
#include "migrate/store/mysql.h"

namespace migrate::reconcile {
namespace {

// Persons of one statement: the groups of their links stay in the server's memory.
constexpr uint64_t kPersonsATask = 1 << 16;

// Rows of one partition of `table` whose record_id is not in `other`. Both are partitioned by record_id in the same
// way.
Result<uint64_t> Unmatched(store::Connection* db, const std::string& table, const std::string& other,
                           uint32_t partition) {
  MIGRATE_ASSIGN(int64_t n, db->QueryInteger(fmt::format(
                                "SELECT COUNT(*) FROM {} a WHERE NOT EXISTS (SELECT 1 FROM {} b WHERE b.record_id = "
                                "a.record_id)",
                                ledger::TablePartition(*db, table, partition), other)));
  return static_cast<uint64_t>(n);
}

Result<std::vector<Check>> RecordsAndLinks(const Options& o, Sessions* sessions, bool same_keys) {
  std::atomic<uint64_t> alone{0}, dangling{0};
  if (!same_keys) {
    MIGRATE_ASSIGN(ledger::Bucketing buckets, ledger::BucketingOf(o.db));
    MIGRATE_TRY(sessions->ForEach(buckets.partitions, o.cancel, [&](store::Connection* db, size_t i) -> Status {
      const auto partition = static_cast<uint32_t>(i);
      MIGRATE_ASSIGN(uint64_t a, Unmatched(db, "record", "person_record", partition));
      MIGRATE_ASSIGN(uint64_t b, Unmatched(db, "person_record", "record", partition));
      alone += a;
      dangling += b;
      return {};
    }));
  }
  MIGRATE_ASSIGN(Check persons, RecordHasPerson(o, o.db, alone));
  return std::vector<Check>{std::move(persons), CountCheck(kLinkHasRecord, dangling)};
}

// Where the counts do not agree as a whole: links are counted per person and stretch of person_ids by the index
// person_record_person, and held against the persons of that stretch; a lookup per person would probe every partition.
Result<std::vector<Check>> PersonsAndLinks(const Options& o, Sessions* sessions, uint64_t all_links,
                                           bool same_members) {
  if (same_members) return std::vector<Check>{CountCheck(kPersonHasRecords, 0), CountCheck(kLinkHasPerson, 0)};
  MIGRATE_ASSIGN(int64_t last_person, o.db->QueryInteger("SELECT MAX(person_id) FROM person"));
  MIGRATE_ASSIGN(int64_t last_link, o.db->QueryInteger("SELECT MAX(person_id) FROM person_record"));
  MIGRATE_ASSIGN(int64_t next, o.db->QueryInteger("SELECT COUNT(*) FROM person"));
  // Ids are running numbers; what somebody put far beyond them is left to one last stretch.
  const uint64_t most = static_cast<uint64_t>(std::max(last_person, last_link));
  const uint64_t tasks = std::min(most / kPersonsATask, 4 * (static_cast<uint64_t>(next) / kPersonsATask + 1)) + 1;
  std::atomic<uint64_t> wrong_count{0}, with_person{0};
  MIGRATE_TRY(sessions->ForEach(tasks, o.cancel, [&](store::Connection* db, size_t i) -> Status {
    std::string range = fmt::format("person_id >= {}", i * kPersonsATask);
    if (i + 1 < tasks) range += fmt::format(" AND person_id < {}", (i + 1) * kPersonsATask);
    const std::string links =
        "(SELECT person_id, COUNT(*) AS n FROM person_record WHERE " + range + " GROUP BY person_id) g";
    MIGRATE_ASSIGN(auto q,
                   db->Prepare("SELECT CAST(COALESCE(SUM(p.record_count <> COALESCE(g.n, 0)), 0) AS SIGNED), "
                               "CAST(COALESCE(SUM(g.n), 0) AS SIGNED) FROM (SELECT person_id, record_count FROM "
                               "person WHERE " +
                               range + ") p LEFT JOIN " + links + " ON g.person_id = p.person_id"));
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return Status::Failed(db->name() + ": a sum gave no row");
    wrong_count += static_cast<uint64_t>(q->Integer(0));
    with_person += static_cast<uint64_t>(q->Integer(1));
    return {};
  }));
  return std::vector<Check>{CountCheck(kPersonHasRecords, wrong_count),
                            CountCheck(kLinkHasPerson, all_links - with_person)};
}

struct Index {
  const ledger::Table* table;
  std::string name;
};

Result<std::vector<Index>> SecondaryIndexes(store::Connection* db) {
  std::vector<Index> out;
  MIGRATE_ASSIGN(auto q,
                 db->Prepare("SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = "
                             "DATABASE() AND table_name = ? AND index_name <> 'PRIMARY' ORDER BY index_name"));
  const std::vector<std::string> ours = ledger::SecondaryIndexNames();
  for (const ledger::Table* table : ledger::DigestTables()) {
    q->BindText(1, table->name);
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      std::string name(q->Text(0));
      // What operators add is theirs, and may be invisible to queries.
      if (std::find(ours.begin(), ours.end(), name) != ours.end()) out.push_back({table, std::move(name)});
    }
  }
  return out;
}

// An index holds the primary key of each row, so reading it alone tells which rows it leads to.
Result<KeySet> KeysOfIndex(store::Connection* db, const Index& index) {
  const std::string& key = index.table->key.front();
  MIGRATE_ASSIGN(auto q, db->Prepare(fmt::format("SELECT COUNT(*), BIT_XOR({0}), SUM({0}) FROM {1} FORCE INDEX ({2})",
                                                 key, index.table->name, store::QuoteMysqlName(index.name))));
  MIGRATE_ASSIGN(bool row, q->Step());
  KeySet keys;
  if (row) keys = {Unsigned(q->Text(0)), Unsigned(q->Text(1)), Unsigned(q->Text(2))};
  return keys;
}

std::string LabelOf(const Index& index) { return "index " + index.table->name + "." + index.name; }

// What each index leads to, as far as it is there or this process is to read it.
Result<std::vector<KeySet>> KeysOfIndexes(const Options& o, Sessions* sessions, const std::vector<Index>& indexes,
                                          const PartKeeper& parts) {
  std::vector<KeySet> found(indexes.size());
  std::vector<size_t> todo;
  for (size_t i = 0; i < indexes.size(); ++i)
    if (!parts.Has(LabelOf(indexes[i]), &found[i]) && parts.Mine(LabelOf(indexes[i]))) todo.push_back(i);
  MIGRATE_TRY(sessions->ForEach(todo.size(), o.cancel, [&](store::Connection* db, size_t t) -> Status {
    const size_t i = todo[t];
    MIGRATE_ASSIGN(found[i], KeysOfIndex(db, indexes[i]));
    return parts.Keep(LabelOf(indexes[i]), found[i]);
  }));
  return found;
}

Result<Check> IndexCheck(const Options& o, Sessions* sessions, const std::map<std::string, KeySet>& keys,
                         const PartKeeper& parts) {
  MIGRATE_ASSIGN(auto indexes, SecondaryIndexes(o.db));
  MIGRATE_ASSIGN(const auto found, KeysOfIndexes(o, sessions, indexes, parts));
  for (size_t i = 0; i < indexes.size(); ++i) {
    const KeySet& rows = keys.at(indexes[i].table->name);
    if (found[i] == rows) continue;
    return Check{kIndexes, false,
                 fmt::format("index {} of {} leads to {}, the table has {}; build it anew", indexes[i].name,
                             indexes[i].table->name, Counted(found[i].count, "row"), Counted(rows.count, "row"))};
  }
  return Check{kIndexes, true, Counted(indexes.size(), "index", "indexes")};
}

}  // namespace

Check CountCheck(const char* name, uint64_t bad) { return {name, bad == 0, bad == 0 ? "" : Counted(bad, "violation")}; }

Result<Check> RecordHasPerson(const Options& options, store::Connection* db, uint64_t alone) {
  if (alone == 0) return CountCheck(kRecordHasPerson, 0);
  MIGRATE_ASSIGN(const int64_t waiting,
                 db->QueryInteger(fmt::format("SELECT COUNT(*) FROM record r WHERE r.import_id > {} AND NOT EXISTS "
                                              "(SELECT 1 FROM person_record p WHERE p.record_id = r.record_id)",
                                              options.matched_through)));
  Check check = CountCheck(kRecordHasPerson, alone - std::min(alone, static_cast<uint64_t>(waiting)));
  if (check.ok && waiting != 0)
    check.detail = Counted(static_cast<uint64_t>(waiting), "record") + " of later imports not matched yet";
  return check;
}

Result<Check> AuditCheck(store::Connection* db) {
  MIGRATE_ASSIGN(ledger::AuditVerdict audit, ledger::VerifyAudit(db));
  return Check{"audit chain", audit.first_bad == 0,
               audit.first_bad == 0 ? Counted(static_cast<uint64_t>(audit.events), "event")
                                    : fmt::format("event {} does not fit", audit.first_bad)};
}

Result<Check> ControlCheck(store::Connection* db) {
  MIGRATE_ASSIGN(const auto damaged, ledger::DamagedControl(db));
  std::string names;
  for (const std::string& name : damaged) names += (names.empty() ? "" : "; ") + name;
  return Check{"control tables", damaged.empty(), damaged.empty() ? "" : "not as it was: " + names};
}

Result<std::vector<Check>> ServerStructure(const Options& options, Sessions* sessions,
                                           const std::map<std::string, KeySet>& keys, bool same_members,
                                           const PartKeeper& parts) {
  std::vector<Check> out;
  if (options.persons) {
    MIGRATE_ASSIGN(auto records, RecordsAndLinks(options, sessions, keys.at("record") == keys.at("person_record")));
    MIGRATE_ASSIGN(auto persons, PersonsAndLinks(options, sessions, keys.at("person_record").count, same_members));
    for (auto* checks : {&records, &persons})
      for (Check& c : *checks) out.push_back(std::move(c));
  }
  MIGRATE_ASSIGN(Check audit, AuditCheck(options.db));
  out.push_back(std::move(audit));
  MIGRATE_ASSIGN(Check control, ControlCheck(options.db));
  out.push_back(std::move(control));
  MIGRATE_ASSIGN(Check indexes, IndexCheck(options, sessions, keys, parts));
  out.push_back(std::move(indexes));
  return out;
}

Status ReadIndexParts(const Options& options, Sessions* sessions, const PartKeeper& parts) {
  MIGRATE_ASSIGN(auto indexes, SecondaryIndexes(options.db));
  return KeysOfIndexes(options, sessions, indexes, parts).status();
}

Result<std::vector<std::string>> IndexPartLabels(store::Connection* db) {
  MIGRATE_ASSIGN(auto indexes, SecondaryIndexes(db));
  std::vector<std::string> labels;
  for (const Index& index : indexes) labels.push_back(LabelOf(index));
  return labels;
}

}  // namespace migrate::reconcile
