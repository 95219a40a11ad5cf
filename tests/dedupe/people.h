// Made-up persons for tests of the matcher: each with up to three records, all but the first with a fault.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "migrate/dedupe/dictionary.h"
#include "migrate/record/record.h"

namespace migrate::dedupe {

inline std::string Syllables(uint64_t n, int count) {
  static constexpr std::string_view kParts[] = {"ba", "de", "fi", "go", "hu", "ka", "le", "mi",
                                                "no", "pu", "ra", "se", "ti", "vo", "wu", "za"};
  std::string out;
  for (int i = 0; i < count; ++i, n /= 16) out += kParts[n % 16];
  return out;
}

// A person's record number `copy`: from the second on with a fault.
inline Record PersonRecord(uint64_t person, uint64_t copy) {
  Record r;
  r.record_id = HashMix(person, copy) >> 1;
  r[Field::kFirstName] = Syllables(HashMix(person, 1) % 500, 3);
  r[Field::kLastName] = Syllables(HashMix(person, 2) % 3000, 3);
  r[Field::kBirthDate] = fmt::format("{}-{:02}-{:02}", 1940 + HashMix(person, 3) % 60, 1 + HashMix(person, 4) % 12,
                                     1 + HashMix(person, 5) % 28);
  r[Field::kPhone] = fmt::format("+1202{:07}", HashMix(person, 6) % 9000000 + 1000000);
  r[Field::kZip] = fmt::format("{:05}", 10000 + HashMix(person, 7) % 300);
  r.attributes = {Syllables(HashMix(person, 8) % 40, 2)};
  switch (copy == 0 ? 9 : HashMix(person, 100 + copy) % 5) {
    case 0:
      r[Field::kFirstName] = r[Field::kFirstName].substr(0, 1);
      break;
    case 1:
      r[Field::kBirthDate] = "";
      break;
    case 2:
      r[Field::kPhone] = fmt::format("+1202{:07}", HashMix(person, 16) % 9000000 + 1000000);
      break;
    case 3:
      r[Field::kLastName].back() = 'x';
      break;
    case 4:
      r[Field::kZip] = "";
      break;
    default:
      break;
  }
  return r;
}

struct Data {
  std::vector<Record> records;
  std::map<uint64_t, uint64_t> truth;  // record_id -> person
};

inline Data MakeData(uint64_t persons) {
  Data data;
  for (uint64_t p = 1; p <= persons; ++p) {
    for (uint64_t c = 0; c <= HashMix(p, 9) % 3; ++c) {
      data.records.push_back(PersonRecord(p, c));
      data.truth[data.records.back().record_id] = p;
    }
  }
  return data;
}

// The same with half of what tells people apart taken away, so that many pairs are doubtful.
inline Data MakeDoubtfulData(uint64_t persons) {
  Data data = MakeData(persons);
  for (Record& r : data.records) {
    const uint64_t h = HashMix(r.record_id, 31);
    if (h % 2 == 0) r[Field::kPhone] = "";
    if (h / 2 % 2 == 0) r[Field::kBirthDate] = r[Field::kBirthDate].substr(0, 4);
    if (h / 4 % 2 == 0) r[Field::kZip] = "";
    if (h / 8 % 4 == 0) r[Field::kFirstName] = r[Field::kFirstName].substr(0, 1);
  }
  return data;
}

}  // namespace migrate::dedupe
