// Which person_id each cluster gets, and what becomes of the ids that were given out before.
#pragma once

#include <cstdint>
#include <vector>

namespace migrate::dedupe {

struct Alias {
  uint64_t old_id = 0, person_id = 0;
  bool merged = true;  // else split_from
  auto operator<=>(const Alias&) const = default;
};

struct IdAssignment {
  std::vector<uint64_t> person;   // per record
  std::vector<uint64_t> retired;  // old ids that no cluster keeps, ascending
  std::vector<Alias> aliases;     // ascending
  uint64_t next_id = 1;           // after the new ones
  uint64_t created = 0, split = 0;
};

// cluster[i]: index of the lowest record of record i's cluster; old_person[i]: its person before, 0 for none.
IdAssignment AssignIds(const std::vector<uint32_t>& cluster, const std::vector<uint64_t>& old_person, uint64_t next_id);

}  // namespace migrate::dedupe
