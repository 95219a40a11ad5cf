// Hubs: values that far more records have than others of their field (kHubTimes in matcher.h).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "migrate/dedupe/features.h"
#include "migrate/dedupe/matcher.h"

namespace migrate::dedupe {

enum HubField : uint8_t { kHubEmail, kHubPhone, kHubNationalId, kHubBirth };
inline constexpr size_t kHubFields = 4;

// How often the values of a field occur. Memory: the values that occur at least kHubTimes.
struct HubCounts {
  uint64_t occurrences = 0, values = 0;      // of all values; different ones
  std::map<std::string, uint64_t> frequent;  // value -> occurrences
};
using AllHubCounts = std::array<HubCounts, kHubFields>;

AllHubCounts CountHubs(const Table& table);
// By field, the largest first.
std::vector<Hub> FindHubs(const AllHubCounts& counts);

// "1972-03-05" of a packed date with all parts.
std::string IsoDate(uint32_t birth);

}  // namespace migrate::dedupe
