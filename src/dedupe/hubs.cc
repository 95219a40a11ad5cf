#include "migrate/dedupe/hubs.h"

#include <fmt/format.h>

#include <algorithm>

namespace migrate::dedupe {
namespace {

constexpr std::array<const char*, kHubFields> kNames = {"email", "phone", "national_id", "birth_date"};

uint64_t BirthHash(uint32_t date) { return HashMix(date, kHubBirth); }

std::string IsoDate(uint32_t date) {
  return fmt::format("{:04}-{:02}-{:02}", YearOf(date), MonthOf(date), DayOf(date));
}

HubCounts OfHashed(const ValueCounts::Hashed& counts) {
  HubCounts out;
  out.occurrences = static_cast<uint64_t>(counts.records);
  out.values = static_cast<uint64_t>(counts.distinct);
  for (const auto& [hash, count] : *counts.repeated)
    if (count >= kHubTimes) out.frequent[hash] = {"", count};
  return out;
}

HubCounts OfBirths(const ValueCounts::Numbers& births) {
  HubCounts out;
  for (uint32_t date = 1; date < births.size(); ++date) {
    const uint32_t count = births[date];
    out.occurrences += count;
    out.values += count == 0 ? 0 : 1;
    if (count >= kHubTimes) out.frequent[BirthHash(date)] = {IsoDate(date), count};
  }
  return out;
}

template <class Call>
void EachValue(const Table& table, const Features& f, Call call) {
  const Dictionaries& d = table.dictionaries();
  const auto email = [&](uint32_t id) {
    if (id != 0) call(kHubEmail, HashBytes(d.emails.Of(id)), [&d, id] { return std::string(d.emails.Of(id)); });
  };
  email(f.email);
  for (const uint32_t more : table.MoreEmails(f)) email(more);
  const auto phone = [&](PhoneBits bits) {
    if (bits != 0) call(kHubPhone, Frequencies::PhoneHash(bits), [bits] { return PhoneText(bits); });
  };
  phone(f.phone);
  for (const PhoneBits more : table.MorePhones(f)) phone(more);
  if (const uint32_t id = f.national_id; id != 0)
    call(kHubNationalId, HashBytes(d.ids.Of(id)), [&d, id] { return std::string(d.ids.Of(id)); });
  if (const uint32_t date = f.birth; DayOf(date) != 0)
    call(kHubBirth, BirthHash(date), [date] { return IsoDate(date); });
}

}  // namespace

AllHubCounts CountHubs(const Table& table, const ValueCounts& counts) {
  AllHubCounts out = {OfHashed(counts.email), OfHashed(counts.phone), OfHashed(counts.national_id),
                      OfBirths(counts.births)};
  const bool hashed =
      !out[kHubEmail].frequent.empty() || !out[kHubPhone].frequent.empty() || !out[kHubNationalId].frequent.empty();
  for (uint32_t row = 0; hashed && row < table.size(); ++row)
    EachValue(table, table[row], [&](HubField field, uint64_t hash, auto text) {
      if (field == kHubBirth) return;
      const auto it = out[field].frequent.find(hash);
      if (it != out[field].frequent.end() && it->second.value.empty()) it->second.value = text();
    });
  return out;
}

std::vector<Hub> FindHubs(const AllHubCounts& counts) {
  std::vector<Hub> out;
  for (size_t field = 0; field < kHubFields; ++field) {
    const HubCounts& c = counts[field];
    const double mean = static_cast<double>(c.occurrences) / static_cast<double>(std::max<uint64_t>(1, c.values));
    std::vector<Hub> found;
    for (const auto& [hash, f] : c.frequent)
      if (static_cast<double>(f.occurrences) >= kHubTimes * mean)
        found.push_back({kNames[field], f.value, f.occurrences});
    std::sort(found.begin(), found.end(), [](const Hub& a, const Hub& b) {
      return a.records != b.records ? a.records > b.records : a.value < b.value;
    });
    if (found.size() > kMaxHubs) found.resize(kMaxHubs);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

void HubValues(const Table& table, uint32_t row, const EachHubValue& call) { EachValue(table, table[row], call); }

}  // namespace migrate::dedupe
