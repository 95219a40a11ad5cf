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

// each(row, take) calls take(hash, text maker) for the values of a row.
template <class Each>
void OfHashed(const char* field, const Table& table, const ValueCounts::Hashed& counts, Each each,
              std::vector<Hub>* out) {
  std::unordered_map<uint64_t, Hub> found;
  for (const auto& [hash, count] : counts.repeated)
    if (count >= kHubTimes) found[hash] = {field, "", count};
  if (found.empty()) return;
  for (uint32_t row = 0; row < table.size(); ++row)
    each(table[row], [&](uint64_t hash, auto text) {
      if (const auto it = found.find(hash); it != found.end() && it->second.value.empty()) it->second.value = text();
    });
  std::vector<Hub> hubs;
  for (auto& [hash, hub] : found) hubs.push_back(std::move(hub));
  Keep(std::move(hubs), static_cast<uint64_t>(counts.records), static_cast<uint64_t>(counts.distinct), out);
}

void OfTexts(const char* field, const Table& table, const ValueCounts::Hashed& counts, const Texts& texts,
             uint32_t Features::*number, std::vector<Hub>* out) {
  OfHashed(
      field, table, counts,
      [&](const Features& f, auto take) {
        const auto give = [&](uint32_t id) {
          if (id != 0) take(HashBytes(texts.Of(id)), [&] { return std::string(texts.Of(id)); });
        };
        give(f.*number);
        if (&texts != &table.dictionaries().emails) return;
        for (const uint32_t more : table.MoreEmails(f)) give(more);
      },
      out);
}

void OfPhones(const Table& table, const ValueCounts::Hashed& counts, std::vector<Hub>* out) {
  OfHashed(
      "phone", table, counts,
      [&](const Features& f, auto take) {
        const auto give = [&](PhoneBits phone) {
          if (phone != 0) take(Frequencies::PhoneHash(phone), [phone] { return PhoneText(phone); });
        };
        give(f.phone);
        for (const PhoneBits more : table.MorePhones(f)) give(more);
      },
      out);
}

}  // namespace

std::vector<Hub> FindHubs(const Table& table, const ValueCounts& counts) {
  std::vector<Hub> out;
  const Dictionaries& d = table.dictionaries();
  OfTexts("email", table, counts.email, d.emails, &Features::email, &out);
  OfPhones(table, counts.phone, &out);
  OfTexts("national_id", table, counts.national_id, d.ids, &Features::national_id, &out);
  std::vector<Hub> found;
  uint64_t records = 0, dates = 0;
  for (uint32_t date = 1; date < counts.births.size(); ++date) {
    const uint32_t count = counts.births[date];
    records += count;
    dates += count == 0 ? 0 : 1;
    if (count >= kHubTimes)
      found.push_back(
          {"birth_date", fmt::format("{:04}-{:02}-{:02}", YearOf(date), MonthOf(date), DayOf(date)), count});
  }
  Keep(std::move(found), records, dates, &out);
  return out;
}

}  // namespace migrate::dedupe
