#include "migrate/spool/page_buffer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace migrate::spool {
namespace {

bool IsDirect(const File& file) { return (::fcntl(file.fd(), F_GETFL) & O_DIRECT) != 0; }

// A file system may take the flag and refuse the write.
Status WriteOrGoBack(const File& file, const char* p, size_t n) {
  while (n > 0) {
    const ssize_t written = ::write(file.fd(), p, n);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EINVAL && IsDirect(file)) {
      if (::fcntl(file.fd(), F_SETFL, ::fcntl(file.fd(), F_GETFL) & ~O_DIRECT) == 0) continue;
      errno = EINVAL;
    }
    if (written < 0) return PosixError(file.path(), "cannot write", errno);
    p += written;
    n -= static_cast<size_t>(written);
  }
  return {};
}

}  // namespace

void PageBuffer::Append(std::string_view bytes) {
  if (size_ + bytes.size() > capacity_) {
    const size_t pages = (std::max(2 * capacity_, size_ + bytes.size()) + kPage - 1) / kPage;
    char* grown = static_cast<char*>(std::aligned_alloc(kPage, pages * kPage));
    if (grown == nullptr) throw std::bad_alloc();
    if (size_ > 0) std::memcpy(grown, bytes_.get(), size_);
    bytes_.reset(grown);
    capacity_ = pages * kPage;
  }
  if (!bytes.empty()) std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

Status PageBuffer::WritePages(File* file) {
  const size_t whole = size_ / kPage * kPage;
  MIGRATE_TRY(WriteOrGoBack(*file, bytes_.get(), whole));
  size_ -= whole;
  if (size_ > 0) std::memmove(bytes_.get(), bytes_.get() + whole, size_);
  return {};
}

Status PageBuffer::WriteEnd(File* file, uint64_t before) {
  const uint64_t end = before + size_;
  if (size_ % kPage != 0) Append(std::string(kPage - size_ % kPage, '\0'));
  MIGRATE_TRY(WritePages(file));
  if (::ftruncate(file->fd(), static_cast<off_t>(end)) != 0) return PosixError(file->path(), "cannot write", errno);
  return {};
}

PageBuffer PageBufferPool::Take() {
  std::lock_guard lock(mutex_);
  if (free_.empty()) return {};
  PageBuffer buffer = std::move(free_.back());
  free_.pop_back();
  return buffer;
}

void PageBufferPool::Give(PageBuffer buffer) {
  buffer.Clear();
  std::lock_guard lock(mutex_);
  free_.push_back(std::move(buffer));
}

void AskForDirectWrites(const File& file) {
  const int flags = ::fcntl(file.fd(), F_GETFL);
  if (flags >= 0) (void)::fcntl(file.fd(), F_SETFL, flags | O_DIRECT);
}

}  // namespace migrate::spool
