#include "migrate/dedupe/hubs.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace migrate::dedupe {
namespace {

constexpr std::array<const char*, kHubFields> kNames = {"email", "phone", "national_id", "birth_date"};

HubCounts OfDictionary(const Dictionary& d) {
  HubCounts out;
  out.values = d.size() - 1;
  for (uint32_t id = 1; id < d.size(); ++id) {
    out.occurrences += d.Count(id);
    if (d.Count(id) >= kHubTimes) out.frequent.emplace(d.Of(id), d.Count(id));
  }
  return out;
}

HubCounts OfBirths(const Table& table) {
  std::unordered_map<uint32_t, uint64_t> births;
  HubCounts out;
  for (uint32_t row = 0; row < table.size(); ++row) {
    if (DayOf(table[row].birth) == 0) continue;
    ++births[table[row].birth];
    ++out.occurrences;
  }
  out.values = births.size();
  for (const auto& [date, count] : births)
    if (count >= kHubTimes) out.frequent.emplace(IsoDate(date), count);
  return out;
}

}  // namespace

std::string IsoDate(uint32_t birth) {
  return fmt::format("{:04}-{:02}-{:02}", YearOf(birth), MonthOf(birth), DayOf(birth));
}

AllHubCounts CountHubs(const Table& table) {
  const Dictionaries& d = table.dictionaries();
  return {OfDictionary(d.emails), OfDictionary(d.phones), OfDictionary(d.ids), OfBirths(table)};
}

std::vector<Hub> FindHubs(const AllHubCounts& counts) {
  std::vector<Hub> out;
  for (size_t field = 0; field < kHubFields; ++field) {
    const HubCounts& c = counts[field];
    const double mean = static_cast<double>(c.occurrences) / static_cast<double>(std::max<uint64_t>(1, c.values));
    std::vector<Hub> found;
    for (const auto& [value, n] : c.frequent)
      if (static_cast<double>(n) >= kHubTimes * mean) found.push_back({kNames[field], value, n});
    std::stable_sort(found.begin(), found.end(), [](const Hub& a, const Hub& b) { return a.records > b.records; });
    if (found.size() > kMaxHubs) found.resize(kMaxHubs);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

}  // namespace migrate::dedupe
