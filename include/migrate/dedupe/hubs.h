// Hubs: values that are no person's own, found by their frequency (matcher.h, Hub).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "migrate/dedupe/features.h"
#include "migrate/dedupe/frequency.h"
#include "migrate/dedupe/matcher.h"

namespace migrate::dedupe {

enum HubField : uint8_t { kHubEmail, kHubPhone, kHubNationalId, kHubBirth };
inline constexpr size_t kHubFields = 4;

// How often the values of a field occur. Memory: the values that occur at least kHubTimes.
struct HubCounts {
  struct Frequent {
    std::string value;
    uint64_t occurrences = 0;
  };
  uint64_t occurrences = 0, values = 0;   // of all values; different ones
  std::map<uint64_t, Frequent> frequent;  // by the value's hash
};
using AllHubCounts = std::array<HubCounts, kHubFields>;

AllHubCounts CountHubs(const Table& table, const ValueCounts& counts);
// By field; within a field the largest first, equal ones by value.
std::vector<Hub> FindHubs(const AllHubCounts& counts);

// Each value of a row that counts, with its hash; the text is made where it is asked for.
using EachHubValue = std::function<void(HubField field, uint64_t hash, const std::function<std::string()>& text)>;
void HubValues(const Table& table, uint32_t row, const EachHubValue& call);

}  // namespace migrate::dedupe
