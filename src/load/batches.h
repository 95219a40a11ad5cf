// The reading half of load: a thread that merges segments and prepares rows, partition by partition.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "migrate/ledger/buckets.h"
#include "migrate/ledger/tables.h"
#include "migrate/load/load.h"

namespace migrate::load {

// A record ready to be written.
struct Prepared {
  ledger::StoredRecord row;
  std::string more, attributes_json;
  Sha256 hash;  // of the row of `record` as it would be inserted
};

struct Batch {
  uint32_t partition = 0;
  bool last = false;  // of its partition
  size_t size = 0;    // rows in use
  size_t bytes = 0;   // of their payloads
  std::vector<Prepared> rows;
  Status error;  // the reader failed; nothing follows
};

// Reads partitions in the order given. Next() hands over batches of at most kRows rows and about kBytes; records of one
// id are never torn apart by it being two batches: the writer looks across. Memory: kQueue + 1 batches.
class BatchReader {
 public:
  static constexpr size_t kRows = 1024, kBytes = 4 << 20, kQueue = 4;
  BatchReader(const Options& options, std::vector<uint32_t> partitions);
  ~BatchReader();
  std::unique_ptr<Batch> Next();  // null at the end
  void Recycle(std::unique_ptr<Batch> batch);

 private:
  void Run();
  Status ReadPartition(uint32_t partition);
  bool Push(std::unique_ptr<Batch> batch);
  std::unique_ptr<Batch> Fresh(uint32_t partition);

  const Options& options_;
  std::vector<uint32_t> partitions_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Batch>> full_, empty_;
  bool stop_ = false, done_ = false;
  std::thread thread_;
};

}  // namespace migrate::load
