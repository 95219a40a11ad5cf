// What must hold between tables and within the database's own structures, whatever the rows say.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "migrate/reconcile/reconcile.h"
#include "part_keeper.h"
#include "server_check.h"
#include "sessions.h"

namespace migrate::reconcile {

inline constexpr const char* kRecordHasPerson = "every record has a person";
// Of `alone` records without a person, those that a matching has left behind.
Result<Check> RecordHasPerson(const Options& options, store::Connection* db, uint64_t alone);
inline constexpr const char* kLinkHasRecord = "every person_record has its record";
inline constexpr const char* kPersonHasRecords = "every person has its records";
inline constexpr const char* kLinkHasPerson = "every person_record has its person";
inline constexpr const char* kIndexes = "every index leads to every row";
inline constexpr const char* kIntegrity = "database integrity";

Check CountCheck(const char* name, uint64_t bad);
Result<Check> AuditCheck(store::Connection* db);
// Of the control tables under digest (ledger/control.h).
Result<Check> ControlCheck(store::Connection* db);

// On a server (sqlite_structure.h has it for SQLite): every record in exactly one person, every person with its
// records, the audit chain, shared out among the sessions. `keys`: what the pass over each table found, by table; where
// record and person_record hold the same record_ids, and where persons and links agree on every person's number of
// records (`same_members`), nothing need be joined. In place of an integrity check every
// secondary index is read from end to end, and must name exactly the keys of its table: CHECK TABLE finds less (it
// counts), ends the snapshot, and costs more than all digests together (docs/performance.md).
Result<std::vector<Check>> ServerStructure(const Options& options, Sessions* sessions,
                                           const std::map<std::string, KeySet>& keys, bool same_members,
                                           const PartKeeper& parts);

// The parts of it that this process is to read, each index one.
Status ReadIndexParts(const Options& options, Sessions* sessions, const PartKeeper& parts);
Result<std::vector<std::string>> IndexPartLabels(store::Connection* db);

}  // namespace migrate::reconcile
