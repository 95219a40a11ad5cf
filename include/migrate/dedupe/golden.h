// Survivorship: which of its members' values a person shows. Pure functions.
//
// A golden value is always one of the members' values, and `provenance` remembers whose. street, unit, city, state, zip
// and country come from one record (an address is not mixed from two), and a part that it lacks only from members that
// contradict no part it has. A lone initial stands back where a member has a longer first or middle name, and a partial
// birth date where a member has a whole one, whatever the strategy: they say the same with less. Suppression (opt_out)
// is the OR of all members; no strategy applies to it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "migrate/ledger/tables.h"

namespace migrate::dedupe {

// Ties are broken, for every strategy, in the order: most recent (updated_at), most frequent, longest,
// source priority, lowest record_id.
enum class Strategy : uint8_t { kMostRecent, kMostFrequent, kLongest, kSourcePriority, kMostComplete };

// A steward's word that a field of the person who has a record is to be `value`. It holds as long as a member has this
// value; of several pins of one field among a person's members the last one (by number) holds. A pin of a part of the
// address chooses the record whose whole address is taken.
struct Pin {
  int64_t number = 0;
  std::string field, value;
};

struct SurvivorshipRules {
  Strategy fallback = Strategy::kMostRecent;
  std::map<std::string, Strategy> by_field;        // field or attribute name
  std::map<uint32_t, int> source_priority;         // by source_id: 0 is the first source of the plan
  std::map<uint64_t, std::vector<Pin>> pins = {};  // by record_id
  Strategy Of(std::string_view field) const;
};

// Fills values, attributes, opt_out, record_count and provenance of *person. Members ascending by record_id, at least
// one.
void MakeGolden(const std::vector<ledger::StoredRecord>& members, const SurvivorshipRules& rules,
                const std::vector<Attribute>& attributes, ledger::Person* person);

}  // namespace migrate::dedupe
