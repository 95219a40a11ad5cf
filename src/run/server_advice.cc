#include "server_advice.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

namespace migrate::run {
namespace {

constexpr uint64_t kMiB = 1 << 20, kGiB = 1 << 30;

// Of what the tables take. Each stage reads and writes a table in the order of its key, partition by partition: no
// page is asked for twice but those that are being filled. At 84 million records (docs/performance.md) a tenth was
// enough for a load to keep up with LOAD DATA.
constexpr uint64_t kPoolShare = 10;
constexpr uint64_t kLeastPool = 512 * kMiB;  // or all of the tables, where they are smaller
// A quarter of what the tables will take, from MySQL's default up to what the runs of that page had.
constexpr uint64_t kLeastLog = 100 * kMiB, kMostLog = 2 * kGiB;

std::string GibOf(uint64_t bytes) { return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / kGiB); }

// The server works in such steps: innodb_buffer_pool_chunk_size, from a pool of 1 GiB on times eight instances.
uint64_t PoolUnit(uint64_t bytes) { return bytes > kGiB ? kGiB : 128 * kMiB; }

ServerSetting PoolSetting(uint64_t now, const ServerUse& use) {
  const uint64_t wanted = std::max({128 * kMiB, std::min(kLeastPool, use.tables), use.tables / kPoolShare});
  const uint64_t unit = PoolUnit(wanted);
  ServerSetting s{"innodb_buffer_pool_size", now, (wanted + unit - 1) / unit * unit, std::nullopt, {}};
  s.why = fmt::format(
      "the tables will take {}; each stage goes through them in the order of their keys, for which a tenth is enough",
      GibOf(use.tables));
  if (use.machine == 0) return s;
  const uint64_t room = use.machine > use.beside ? use.machine - use.beside : 0;
  s.most = room / PoolUnit(room) * PoolUnit(room);
  if (*s.most >= s.recommended) return s;
  s.recommended = *s.most;
  s.why = fmt::format("this machine has {}, of which the run and the system take {}; the tables will take {}",
                      GibOf(use.machine), GibOf(use.beside), GibOf(use.tables));
  return s;
}

}  // namespace

Result<ServerVariables> ReadServerVariables(store::Connection* db) {
  ServerVariables found;
  MIGRATE_ASSIGN(auto q, db->Prepare("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('innodb_buffer_pool_size', "
                                     "'innodb_redo_log_capacity', 'innodb_log_file_size', 'innodb_log_files_in_group', "
                                     "'aurora_version')"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return found;
    found[std::string(q->Text(0))] = std::strtoull(std::string(q->Text(1)).c_str(), nullptr, 10);
  }
}

std::vector<ServerSetting> AdviseServer(const ServerVariables& variables, const ServerUse& use) {
  std::vector<ServerSetting> advice;
  if (auto pool = variables.find("innodb_buffer_pool_size"); pool != variables.end())
    advice.push_back(PoolSetting(pool->second, use));
  if (variables.count("aurora_version") != 0) return advice;  // its storage keeps log and pages
  // MySQL since 8.0.30 leaves the older names without effect; MariaDB has one file.
  const auto capacity = variables.find("innodb_redo_log_capacity"), file = variables.find("innodb_log_file_size"),
             files = variables.find("innodb_log_files_in_group");
  const auto log = capacity != variables.end() ? capacity : file;
  if (log == variables.end()) return advice;
  const uint64_t parts = log == file && files != variables.end() ? std::max<uint64_t>(files->second, 1) : 1;
  advice.push_back({log->first, log->second, std::clamp(use.tables / 4, kLeastLog, kMostLog) / parts / kMiB * kMiB,
                    std::nullopt, "a load waits for pages to be written whenever the log is full"});
  return advice;
}

}  // namespace migrate::run
