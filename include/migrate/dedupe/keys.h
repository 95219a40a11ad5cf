// The blocking keys themselves: what a record hashes to under each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "migrate/dedupe/features.h"
#include "migrate/dedupe/frequency.h"

namespace migrate::dedupe {

struct BlockingKey {
  enum class Kind : uint8_t {
    kNationalId,
    kEmail,
    kPhone,
    kNameBirth,
    kAddress,
    kEmailLocal,  // strong
    kTwoWords,
    kBirthSound,
    kBirthInitial,
    kBirth,
    kWordYear,
    kWordMonthDay,
    kWordZip,
    kWordArea,
    kWordCity,
    kWordAttribute,
    kSounds,
    kSoundArea,
    kYearZip,
    kMonthDayZip,
    kHouseStreet,
    kHouseZip,
    kZip,
    kYearCity,
    kMonthDayCity,
    kAttributeYear,
    kAttributeMonthDay,
    kAttributeZip,
    kAttributes,
    kEmailHead,
    kEmailTail,
    kPhoneTail,  // the last: see AppendRows
  };
  Kind kind;
  uint8_t first = 0, second = 0;  // attribute numbers
  bool strong = false;
  std::string name;
};

// All keys for a table with this many attributes, strong ones first.
std::vector<BlockingKey> AllKeys(size_t attributes);

// Appends the hashes of a row under a key; none where it lacks a part of the key.
void AppendHashes(const BlockingKey& key, const Table& table, const Frequencies& frequencies, uint32_t row,
                  std::vector<uint64_t>* out);

// The hashes of consecutive rows, one behind the other.
struct RowHashes {
  std::vector<uint64_t> hashes;
  std::vector<uint32_t> ends;  // of each row, in hashes
};
// Appends those of the rows [from, to); as AppendHashes, but faster.
void AppendRows(const BlockingKey& key, const Table& table, const Frequencies& frequencies, uint32_t from, uint32_t to,
                RowHashes* out);

// Hashes of the values of a table's dictionaries, by number: they stand for the values in every table, while numbers
// are one table's own. Memory: 8 bytes a value; those of e-mails and ids are made when they are asked for.
struct ValueHashes {
  explicit ValueHashes(const Dictionaries& dictionaries);
  std::vector<uint64_t> names, streets, cities, zips;
  std::vector<std::vector<uint64_t>> attributes;
};

// The same as AppendHashes with hashes of values in place of their numbers: equal for equal values of any two tables.
void AppendValueHashes(const BlockingKey& key, const Table& table, const Frequencies& frequencies,
                       const ValueHashes& values, uint32_t row, std::vector<uint64_t>* out);

}  // namespace migrate::dedupe
