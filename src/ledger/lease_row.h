// Where a lease stands: its row in the target, and when it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "migrate/base/process.h"
#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

struct LeaseRow {
  std::string token, by, since;
  std::string group;  // "": of one process
  int64_t since_ms = 0;
  ProcessId process;
};

// A new token, this process.
LeaseRow NewLeaseRow();

enum class RowLock { kNone, kShared, kExclusive };
// nullopt: nobody holds the target. With a lock within a transaction; SQLite's are the transaction's own.
Result<std::optional<LeaseRow>> ReadLeaseRow(store::Connection* db, RowLock lock);
Status WriteLeaseRow(store::Connection* db, const LeaseRow& row);
Status DeleteLeaseRow(store::Connection* db);

// A SQLite target is named by its file; on a server `file` is "" and what stands in `db` counts.

// Milliseconds since 1970 by the clock that the lease goes by.
Result<int64_t> LeaseNow(store::Connection* db, const std::string& file);
// When the lease of `row` ends. What nobody has put off ends a term after it began.
Result<int64_t> LeaseUntil(store::Connection* db, const std::string& file, const LeaseRow& row, double seconds);
// On a server within the transaction; SQLite: the file beside it, written to another name and renamed.
Status SetLeaseUntil(store::Connection* db, const std::string& file, const LeaseRow& row, int64_t until);

// A member of the group that holds a server.
struct LeaseMember {
  std::string id;
  int64_t until = 0;
  ProcessId process;
};
Result<std::vector<LeaseMember>> LeaseMembers(store::Connection* db);
Status PutLeaseMember(store::Connection* db, const LeaseMember& member);
Status DeleteLeaseMember(store::Connection* db, const std::string& id);
// Those that hold it at that moment.
size_t LiveMembers(const std::vector<LeaseMember>& members, int64_t now);

// "2026-03-01T04:05:06Z"
std::string UtcOfMs(int64_t ms);
std::string LeaseFile(const std::string& file);

}  // namespace migrate::ledger
