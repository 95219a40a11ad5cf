// Entries: the blocks that a record is in, as 64-bit numbers that mean the same in every import. By them an increment
// finds the records that a new one is to be compared with, without the features of all others.
//
// An entry is the blocking key's number in its upper 7 bits, and 57 bits of a hash of what the record says to the key.
// Two blocks of one key are confused where these agree: at 84 million records less than one pair of blocks a key is
// expected to be, and its records are then compared, which alone joins nobody. The values that hubs are counted of
// (hubs.h) have entries too, one an occurrence.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "migrate/dedupe/features.h"
#include "migrate/dedupe/frequency.h"
#include "migrate/dedupe/hubs.h"
#include "migrate/dedupe/keys.h"

namespace migrate::dedupe {

inline constexpr int kTagBits = 7;
inline constexpr uint8_t kHubTag = 120;  // and one for each of kHubFields

inline uint64_t EntryOf(uint8_t tag, uint64_t hash) { return uint64_t{tag} << (64 - kTagBits) | hash >> kTagBits; }
inline uint8_t TagOf(uint64_t entry) { return static_cast<uint8_t>(entry >> (64 - kTagBits)); }
inline uint64_t HubEntryOf(HubField field, uint64_t hash) {
  return EntryOf(static_cast<uint8_t>(kHubTag + field), hash);
}
inline bool IsHubEntry(uint64_t entry) { return TagOf(entry) >= kHubTag; }

// Names within a strong key's block that is too large, as hashes; 0: none.
inline constexpr size_t kNameEntries = 2;  // first, last

class EntryMaker {
 public:
  // `caps` by key as a model keeps them: a key below 2 has no entries. All outlive it; safe to share between threads.
  EntryMaker(const Table& table, const Frequencies& frequencies, const std::vector<uint32_t>& caps);

  // Appends a row's first and last name, then its entries, ascending. An empty record has names alone.
  void Append(uint32_t row, std::vector<uint64_t>* out) const;

 private:
  const Table& table_;
  const Frequencies& frequencies_;
  std::vector<std::pair<uint8_t, BlockingKey>> keys_;  // that are in use, with their numbers
  ValueHashes values_;
};

}  // namespace migrate::dedupe
