// Packer: puts records into a table on a thread of its own, while the caller gets the next ones.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/dedupe/features.h"

namespace migrate::dedupe {

class Packer {
 public:
  // `table` outlives it. Without `threaded` the caller packs.
  Packer(Table* table, bool threaded);
  ~Packer();
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  // Copies what packing reads. Fails where the table is full, or memory was not enough for an earlier record.
  Status Add(const Record& record);
  // Once, after the last one: waits until all is packed.
  Status Finish();

 private:
  struct Batch {
    std::vector<Record> records;
    size_t used = 0;
  };
  void Run();
  void Pack(const Record& record);
  void HandOver();

  Table* table_;
  const bool threaded_;
  Batch filling_, packing_;  // packing_ belongs to the thread while busy_
  std::mutex mutex_;
  std::condition_variable changed_;
  bool busy_ = false, ended_ = false;
  Status status_;
  std::thread thread_;
};

}  // namespace migrate::dedupe
