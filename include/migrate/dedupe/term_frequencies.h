// Term frequencies: what a model keeps of how often values occur, so that later runs weigh a value as the first one
// did.
//
// The chance that a stranger has a value that c of the n records have is (frequency.h)
//   f = (max(0, c - 1 - d) + 1) / denominator,   denominator = n + 1 / u0
// Kept are, by field: denominator, d, u0, and the counts of the most frequent values, at most kMaxListed of them, under
// hashes. All values that occur as often as the first that has no place are left out with it, so that no order decides.
// What is not listed, or was never seen, counts `rest` others: the mean over chance pairs of values left out, 1 where
// none was.
//
// Memory: 16 bytes a listed value; at most 18 MB for all fields together, in practice a tenth.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace migrate::dedupe {

enum TermField : uint8_t {
  kTermFirst,
  kTermLast,
  kTermCompany,
  kTermWord,
  kTermInitialFirst,
  kTermInitialLast,
  kTermBirth,
  kTermYear,
  kTermEmail,
  kTermEmailLocal,
  kTermPhone,
  kTermNationalId,
  kTermZip,
  kTermZipArea,
  kTermCity,
  kTermState,
  kTermAddress,
  kTermSex,
  kTermAttribute0,  // and one for each attribute
};
inline constexpr size_t kMaxListed = 50'000;

// Values by hash, and how many records each has; ascending.
using HashedCounts = std::vector<std::pair<uint64_t, uint32_t>>;

struct FieldFrequencies {
  double denominator = 1, duplicates = 0, average = 0;  // average: u0
  double rest = 1;                                      // max(0, c - 1 - d) + 1 of a value that is not listed
  HashedCounts counts = {};                             // of the values that are listed

  // log2 f of a value.
  float Log(uint64_t hash) const { return LogIn(counts, hash); }
  // The same by another list.
  float LogIn(const HashedCounts& list, uint64_t hash) const;
  float LogOf(double others) const;
  // log2 f of a value that c of the records have.
  float LogOfCount(double c) const;
};

// The same numbers, ready to be looked up often: about 32 bytes a listed value; or, while a model is learned and all
// values are listed, in a list that is there anyway.
class HashedLogs {
 public:
  HashedLogs() = default;
  explicit HashedLogs(const FieldFrequencies& field);
  HashedLogs(const FieldFrequencies& field, std::shared_ptr<const HashedCounts> list);

  float Log(uint64_t hash) const {
    if (list_ != nullptr) return field_.LogIn(*list_, hash);
    if (starts_.empty()) return rest_;
    const uint64_t bucket = hash >> shift_;
    for (uint32_t i = starts_[bucket]; i < starts_[bucket + 1]; ++i)
      if (entries_[i].hash == hash) return entries_[i].log;
    return rest_;
  }
  // Of a value that is not listed: that one record has, or few.
  float OfOne() const { return list_ != nullptr ? field_.LogOf(field_.rest) : rest_; }
  uint64_t MemoryBytes() const { return entries_.capacity() * sizeof(Entry) + starts_.capacity() * 4; }

 private:
  struct Entry {
    uint64_t hash;
    float log;
  };
  std::vector<Entry> entries_;    // by hash
  std::vector<uint32_t> starts_;  // by the highest bits of the hash: first entry
  int shift_ = 0;
  float rest_ = 0;
  std::shared_ptr<const HashedCounts> list_;  // instead of the entries
  FieldFrequencies field_;
};

struct TermFrequencies {
  std::vector<FieldFrequencies> fields;  // by TermField; empty: nothing is known
  bool empty() const { return fields.empty(); }
};

// Keeps what the header says of `values` (hash, count); denominator, duplicates and average are already in *field.
void ListValues(const HashedCounts& values, FieldFrequencies* field);

// "first_name", ..., "attribute:NAME".
std::string TermFieldName(size_t field, const std::vector<std::string>& attributes);

}  // namespace migrate::dedupe
