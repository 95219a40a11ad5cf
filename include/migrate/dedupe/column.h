// Column: an array that grows by an eighth instead of doubling, and moves by realloc, which for large blocks changes
// the page table instead of copying: what it takes stays near what it holds.
#pragma once

#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace migrate::dedupe {

template <class T>
class Column {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Column() = default;
  Column(Column&& other) noexcept { swap(other); }
  Column& operator=(Column&& other) noexcept {
    swap(other);
    return *this;
  }
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  ~Column() { std::free(data_); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T* data() const { return data_; }
  T* data() { return data_; }
  const T& operator[](size_t i) const { return data_[i]; }
  T& operator[](size_t i) { return data_[i]; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }

  // Throws std::bad_alloc where there is no memory, as what follows does.
  void push_back(const T& value) {
    const T copy = value;
    if (size_ == capacity_) Reserve(size_ + size_ / 8 + 64);
    data_[size_++] = copy;
  }
  void append(const T* values, size_t n) {
    if (n == 0) return;
    if (size_ + n > capacity_) Reserve(size_ + n + size_ / 8 + 64);
    std::memcpy(data_ + size_, values, n * sizeof(T));
    size_ += n;
  }
  // Room for n more values, to be written by the caller.
  T* Extend(size_t n) {
    if (size_ + n > capacity_) Reserve(size_ + n + size_ / 8 + 64);
    size_ += n;
    return data_ + (size_ - n);
  }
  // Fewer values; the room stays.
  void Truncate(size_t n) { size_ = n; }
  void Clear() {
    std::free(data_);
    data_ = nullptr;
    size_ = capacity_ = 0;
  }
  void shrink_to_fit() {
    if (size_ < capacity_) Reserve(size_);
  }
  void swap(Column& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  size_t MemoryBytes() const { return capacity_ * sizeof(T); }

 private:
  void Reserve(size_t capacity) {
    void* const grown = std::realloc(static_cast<void*>(data_), capacity == 0 ? 1 : capacity * sizeof(T));
    if (grown == nullptr) throw std::bad_alloc();
    data_ = static_cast<T*>(grown);
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

}  // namespace migrate::dedupe
