// SHA-256 (FIPS 180-4, by OpenSSL) and the digest of a multiset of rows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "migrate/base/status.h"

namespace migrate {

using Sha256 = std::array<uint8_t, 32>;

// Streaming hash. One object may be reused: Finish() resets it. Not thread-safe; about 0.3 us overhead a message.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;
  void Update(std::string_view bytes);
  Sha256 Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

Sha256 Sha256Of(std::string_view bytes);
std::string Sha256Hex(std::string_view bytes);         // 64 lower-case hex digits
Result<Sha256> Sha256OfFile(const std::string& path);  // of the file as it lies

std::string_view AsView(const Sha256& h);
// From 32 raw bytes; all zero if the length is wrong.
Sha256 Sha256FromBytes(std::string_view bytes);

// Count, XOR and 64-bit sum of the hashes of a multiset of rows: order does not matter, and a row that is missing,
// extra, or changed shows. Two equal rows cancel in the XOR but not in the sum.
struct MultisetDigest {
  uint64_t count = 0;
  Sha256 xor_hash{};
  uint64_t sum = 0;  // of the first 8 bytes, big-endian, modulo 2^64

  void Add(const Sha256& row);
  void Remove(const Sha256& row);
  void Merge(const MultisetDigest& other);
  bool operator==(const MultisetDigest&) const = default;
  std::string Text() const;  // "count:xor:sum", hex; for reports and manifests
  static Result<MultisetDigest> FromText(std::string_view text);
};

}  // namespace migrate
