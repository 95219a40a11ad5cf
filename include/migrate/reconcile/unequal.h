// Which buckets of which tables do not hold what the ledger says of them: where a repair has to look.
//
// The same passes over the tables as reconcile makes (one connection that hashes here for SQLite; on a server the
// server's own digests on several sessions), without naming rows. From SQLite a bucket whose list of rows is damaged
// while its rows are sound is among them too.
//
// Memory: 8 bytes a bucket that differs; on a server 150 bytes a bucket of the largest table besides.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/store/connection.h"

namespace migrate::reconcile {

struct UnequalOptions {
  store::Connection* db = nullptr;
  // As in reconcile.h.
  std::function<Result<std::unique_ptr<store::Connection>>()> connect;
  unsigned workers = 1;
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t rows)> progress;
};

// Numbers as in the column bucket.bucket, ascending, by table; tables that are sound are not named.
using Unequal = std::map<std::string, std::vector<uint64_t>>;
Result<Unequal> FindUnequal(const UnequalOptions& options);

}  // namespace migrate::reconcile
