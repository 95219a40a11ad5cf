// Memory from which a file is written past the system's page cache (O_DIRECT). Putting a page into the cache, and out
// to the disk by the clock of the system, costs the processor fifteen times what handing the memory to the disk costs:
// for files of many MB that are read once, and much later, it is only a detour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/status.h"

namespace migrate::spool {

// Bytes that begin at a page. Moved, not copied.
class PageBuffer {
 public:
  static constexpr size_t kPage = 4096;  // what any disk of today accepts as a unit

  PageBuffer() = default;
  PageBuffer(PageBuffer&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  PageBuffer& operator=(PageBuffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }
  void Append(std::string_view bytes);
  size_t size() const { return size_; }
  void Clear() { size_ = 0; }  // keeps the memory
  // Writes the whole pages to the end of `file`, which holds whole pages so far, and keeps the rest.
  Status WritePages(File* file);
  // Writes all; the file then ends with the last byte, and nothing more can be written this way. `before`: its size.
  Status WriteEnd(File* file, uint64_t before);

 private:
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  std::unique_ptr<char, Free> bytes_;
  size_t size_ = 0, capacity_ = 0;
};

// Buffers that were used, for those who need one: the first touch of fresh memory costs more than the copy into it.
// Thread-safe. Memory: as many as were out at one time.
class PageBufferPool {
 public:
  PageBuffer Take();  // empty
  void Give(PageBuffer buffer);

 private:
  std::mutex mutex_;
  std::vector<PageBuffer> free_;
};

// Writes to `file` go past the page cache from now on, where the file system can do that; else as before.
void AskForDirectWrites(const File& file);

}  // namespace migrate::spool
