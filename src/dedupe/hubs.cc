#include "migrate/dedupe/hubs.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace migrate::dedupe {
namespace {

void Keep(std::vector<Hub> found, uint64_t records, uint64_t values, std::vector<Hub>* out) {
  const double mean = static_cast<double>(records) / static_cast<double>(std::max<uint64_t>(1, values));
  std::erase_if(
      found, [&](const Hub& h) { return h.records < kHubTimes || static_cast<double>(h.records) < kHubTimes * mean; });
  std::sort(found.begin(), found.end(), [](const Hub& a, const Hub& b) {
    return a.records != b.records ? a.records > b.records : a.value < b.value;
  });
  if (found.size() > kMaxHubs) found.resize(kMaxHubs);
  out->insert(out->end(), found.begin(), found.end());
}

void OfDictionary(const char* field, const Dictionary& d, std::vector<Hub>* out) {
  std::vector<Hub> found;
  uint64_t records = 0;
  for (uint32_t id = 1; id < d.size(); ++id) {
    records += d.Count(id);
    if (d.Count(id) >= kHubTimes) found.push_back({field, std::string(d.Of(id)), d.Count(id)});
  }
  Keep(std::move(found), records, d.size() - 1, out);
}

}  // namespace

std::vector<Hub> FindHubs(const Table& table) {
  std::vector<Hub> out;
  OfDictionary("email", table.dictionaries().emails, &out);
  OfDictionary("phone", table.dictionaries().phones, &out);
  OfDictionary("national_id", table.dictionaries().ids, &out);
  std::unordered_map<uint32_t, uint64_t> births;
  uint64_t records = 0;
  for (uint32_t row = 0; row < table.size(); ++row) {
    if (DayOf(table[row].birth) == 0) continue;
    ++births[table[row].birth];
    ++records;
  }
  std::vector<Hub> found;
  for (const auto& [date, count] : births)
    if (count >= kHubTimes)
      found.push_back(
          {"birth_date", fmt::format("{:04}-{:02}-{:02}", YearOf(date), MonthOf(date), DayOf(date)), count});
  Keep(std::move(found), records, births.size(), &out);
  return out;
}

}  // namespace migrate::dedupe
