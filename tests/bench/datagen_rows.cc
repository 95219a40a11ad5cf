// The rows: what somebody wrote down about a person, with the faults that real lists have.
#include <array>

#include "datagen_people.h"

namespace migrate::datagen {
namespace {

enum FirstFault : uint32_t { kFirstTypo, kFirstNickname, kFirstInitial, kFirstMissing };
enum LastFault : uint32_t { kLastTypo, kLastChanged, kLastMissing };
enum BirthFault : uint32_t { kBirthMissing, kBirthDigit, kBirthSwapped };
enum ContactFault : uint32_t { kContactMissing, kContactChanged, kContactTypo };
enum AddressFault : uint32_t { kAddressMissing, kAddressMoved, kAddressTypo };
constexpr uint32_t kNoFault = 99;

// Which one fault of a field happens, if any; chances per 100,000 in the order of the enum.
template <size_t n>
uint32_t Pick(Rng& rng, const std::array<uint32_t, n>& chances) {
  uint32_t u = rng.Below(100'000);
  for (uint32_t i = 0; i < n; ++i) {
    if (u < chances[i]) return i;
    u -= chances[i];
  }
  return kNoFault;
}

bool IsAscii(const std::string& s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}

// One insertion, deletion, substitution or transposition of a letter or digit.
void Typo(Rng& rng, std::string& s) {
  if (s.empty()) return;
  const uint32_t at = rng.Below(static_cast<uint32_t>(s.size()));
  const bool digit = s[at] >= '0' && s[at] <= '9';
  const char fresh = static_cast<char>(digit ? '0' + rng.Below(10) : 'a' + rng.Below(26));
  uint32_t kind = rng.Below(4);
  if (kind == 1 && s.size() < 4) kind = 2;
  if (kind == 3 && at + 1 >= s.size()) kind = 2;
  if (kind == 0) s.insert(s.begin() + at, fresh);
  if (kind == 1) s.erase(at, 1);
  if (kind == 2) s[at] = fresh;
  if (kind == 3) std::swap(s[at], s[at + 1]);
}

void Upper(std::string& s) {
  for (char& c : s)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
}

// Gives some names in their own letters; `latin` takes the plain form where those are beyond Latin-1.
void Accent(const Name& name, Rng& rng, uint32_t foreign, std::string& written, std::string& latin) {
  if (name.accented.empty() || !rng.Chance(name.latin1 ? 40'000 : foreign)) return;
  written = name.accented;
  if (!name.latin1) latin = name.text;
}

void Lower(std::string& s) {
  for (char& c : s)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
}

}  // namespace

void World::WriteNames(const Person& p, bool duplicate, bool keep, Rng& rng, Row& row) const {
  const std::array<uint32_t, 4> first_faults = {traps_.typos, traps_.nicknames, 4'000, traps_.gaps * 3 / 25};
  const std::array<uint32_t, 3> last_faults = {traps_.typos * 2 / 3, traps_.maiden, 1'000};
  const uint32_t first_fault = duplicate ? Pick(rng, first_faults) : rng.Chance(1'000) ? kFirstMissing : kNoFault;
  const uint32_t last_fault = duplicate && !keep ? Pick(rng, last_faults) : kNoFault;
  Name first_scratch, last_scratch;
  const Name& first = pools_.First(p.female, p.first, first_scratch);
  const Name& last = pools_.Last(last_fault == kLastChanged ? p.other_last : p.last, last_scratch);
  row.first = first.text;
  row.last = last.text;
  row.first_latin.clear();
  row.last_latin.clear();
  if (first_fault == kFirstNickname && !first.nicknames.empty())
    row.first = first.nicknames[rng.Below(static_cast<uint32_t>(first.nicknames.size()))];
  else if (first_fault == kFirstInitial)
    row.first.resize(1);
  else if (first_fault == kFirstMissing)
    row.first.clear();
  else if (first_fault == kFirstTypo)
    Typo(rng, row.first);
  else
    Accent(first, rng, traps_.foreign, row.first, row.first_latin);
  if (last_fault == kLastTypo)
    Typo(rng, row.last);
  else if (last_fault == kLastMissing)
    row.last.clear();
  else
    Accent(last, rng, traps_.foreign, row.last, row.last_latin);
  row.suffix = "";
  if (p.generation == Generation::kJunior && rng.Chance(60'000)) row.suffix = rng.Chance(50'000) ? "Jr" : "Jr.";
  if (p.generation == Generation::kSenior && rng.Chance(30'000)) row.suffix = "Sr";
  if (duplicate && rng.Chance(traps_.swapped_name)) {
    std::swap(row.first, row.last);
    std::swap(row.first_latin, row.last_latin);
  }
  if (!row.first.empty() && rng.Chance(4'000)) {
    (row.first += ' ') += p.middle;
    if (!row.first_latin.empty()) (row.first_latin += ' ') += p.middle;
  }
  if (rng.Chance(traps_.junk * 2 / 5)) {
    row.first = row.last = rng.Chance(50'000) ? "UNKNOWN" : "N/A";
    row.first_latin.clear();
    row.last_latin.clear();
  }
}

void World::WriteBirth(const Person& p, bool duplicate, bool keep, uint32_t fault, Rng& rng, Row& row) const {
  row.birth = DateOfDays(p.birth_day);
  if (!duplicate && rng.Chance(5'000)) row.birth = Date{};
  if (!keep && fault == kBirthMissing) row.birth = Date{};
  if (!keep && fault == kBirthDigit) {
    Date wrong = row.birth;
    const uint32_t which = rng.Below(3);
    if (which == 0) wrong.year = wrong.year / 10 * 10 + static_cast<int>(rng.Below(10));
    if (which == 1) wrong.month = 1 + static_cast<int>(rng.Below(12));
    if (which == 2) wrong.day = wrong.day / 10 * 10 + static_cast<int>(rng.Below(10));
    if (wrong.day >= 1 && wrong.day <= 28) row.birth = wrong;
  }
  if (!keep && fault == kBirthSwapped && row.birth.day <= 12) std::swap(row.birth.day, row.birth.month);
  if (rng.Chance(traps_.junk)) row.birth = Date{1900, 1, 1};
}

void World::WriteEmail(uint64_t id, const Person& p, bool duplicate, uint32_t fault, Rng& rng, Row& row) const {
  static constexpr std::array<const char*, 3> kJunk = {"noreply@example.com", "none@none.com", "test@test.com"};
  row.email.clear();
  if (rng.Chance(traps_.junk / 2)) {
    row.email = kJunk[rng.Below(3)];
    return;
  }
  if (fault == kContactMissing || (!duplicate && rng.Chance(15'000))) return;
  row.email = MakeEmail(id, p, fault == kContactChanged ? 1 + rng.Below(2) : 0);
  if (fault == kContactTypo) Typo(rng, row.email);
  if (rng.Chance(2'000)) Upper(row.email);
}

void World::WritePhone(uint64_t id, const Person& p, bool duplicate, uint32_t fault, Rng& rng, Row& row) const {
  static constexpr std::array<std::string_view, 3> kJunk = {"000-000-0000", "555-555-5555", "999-999-9999"};
  row.phone = row.phone2 = 0;
  row.phone_text = {};
  row.phone_style = Pick(rng, std::array<uint32_t, kPhoneStyles>{45'000, 25'000, 14'000, 8'000, 4'000, 4'000});
  row.phone_extension = 0;
  Rng other(seed_, Stream::kPhone, id * 2 + rng.Below(2));
  const uint64_t further = MakePhone(other, p.address.city);
  if (rng.Chance(12'000)) row.phone2 = further;
  if (rng.Chance(traps_.junk * 3 / 4)) {
    row.phone_text = kJunk[rng.Below(3)];
    return;
  }
  if (fault == kContactMissing || (!duplicate && rng.Chance(10'000))) return;
  row.phone = fault == kContactChanged ? further : p.phone;
  if (fault == kContactTypo) {
    constexpr std::array<uint64_t, 6> kPowers = {1, 10, 100, 1'000, 10'000, 100'000};
    const uint64_t unit = kPowers[rng.Below(6)];
    const uint64_t digit = row.phone / unit % 10;
    row.phone += (((digit + 1 + rng.Below(9)) % 10) - digit) * unit;  // wraps around as unsigned numbers do
  }
  if (rng.Chance(600)) row.phone_extension = 1 + rng.Below(999);
}

void World::WriteAddress(const Address& a, bool duplicate, uint32_t fault, Rng& rng, Row& row) const {
  static constexpr std::array<std::string_view, 10> kTypes = {"Street", "Avenue",    "Road", "Drive", "Lane",
                                                              "Court",  "Boulevard", "Way",  "Place", "Circle"};
  static constexpr std::array<std::string_view, 10> kShort = {"St", "Ave",  "Rd",  "Dr", "Ln",
                                                              "Ct", "Blvd", "Way", "Pl", "Cir"};
  static constexpr std::array<std::string_view, 4> kUnits = {"Apt ", "#", "Unit ", "Apartment "};
  const City& city = pools_.cities[a.city];
  std::string name = pools_.streets[a.street];
  if (fault == kAddressTypo) Typo(rng, name);
  row.street = std::to_string(a.number);
  (row.street += ' ') += name;
  const uint32_t style = rng.Below(100);
  if (style < 62) (row.street += ' ') += kTypes[a.type];
  if (style >= 62) (row.street += ' ') += kShort[a.type];
  if (style >= 92) row.street += '.';
  row.unit.clear();
  if (a.unit && !rng.Chance(6'000))
    (row.unit = kUnits[Pick(rng, std::array<uint32_t, 3>{70'000, 12'000, 12'000}) % 4]) += std::to_string(a.unit);
  row.city = city.name;
  row.state = city.state;
  if (duplicate && rng.Chance(3'000)) Typo(rng, row.city);
  uint32_t zip = a.zip;
  row.zip.assign(5, '0');
  for (size_t i = 5; i-- > 0; zip /= 10) row.zip[i] = static_cast<char>('0' + zip % 10);
  if (duplicate && rng.Chance(3'000)) row.zip[1 + rng.Below(4)] = static_cast<char>('0' + rng.Below(10));
  if (fault == kAddressMissing || (!duplicate && rng.Chance(3'000))) {
    row.street.clear();
    row.unit.clear();
  }
  if (rng.Chance(traps_.junk / 2)) row.street = rng.Chance(50'000) ? "N/A" : "UNKNOWN";
}

void World::MakeRow(uint64_t position, Row& row) const {
  const uint64_t number = row_order_.At(position);
  Rng rng(seed_, Stream::kRow, number);
  bool duplicate = false;
  const uint64_t id = PersonOfRow(number, rng, duplicate);
  const Person p = MakePerson(id);
  row.cluster = person_order_.At(id);
  row.female = p.female;
  row.sex_known = rng.Chance(85'000);
  row.variety = rng.Below(1u << 31);

  uint32_t email = kNoFault, phone = kNoFault, birth = kNoFault, where = kNoFault;
  if (duplicate) {
    email = Pick(rng, std::array<uint32_t, 3>{traps_.gaps, traps_.other_email, traps_.typos / 3});
    phone = Pick(rng, std::array<uint32_t, 3>{traps_.gaps * 4 / 5, traps_.other_phone, traps_.typos / 4});
    birth = Pick(rng, std::array<uint32_t, 3>{traps_.gaps * 2 / 5, 4'000, traps_.swapped_date});
    where = Pick(rng, std::array<uint32_t, 3>{traps_.gaps / 5, traps_.moved, traps_.typos * 2 / 3});
  }
  // No hopeless row: where e-mail, phone, birthday and address all go, the birthday and the last name stay.
  const bool keep = email != kNoFault && phone != kNoFault && birth != kNoFault && where < kAddressTypo;
  WriteNames(p, duplicate, keep, rng, row);
  WriteBirth(p, duplicate, keep, birth, rng, row);
  WriteEmail(id, p, duplicate, email, rng, row);
  WritePhone(id, p, duplicate, phone, rng, row);
  Address moved = p.address;
  if (where == kAddressMoved) {
    Rng next(seed_, Stream::kAddress, id * 2 + rng.Below(2));
    moved = MakeAddress(next);
  }
  WriteAddress(moved, duplicate, where, rng, row);

  const bool later = where == kAddressMoved || email == kContactChanged || phone == kContactChanged;
  constexpr int64_t kStart = 1'388'534'400, kHalf = 189'000'000;  // 2014-01-01, six years
  row.updated_at = kStart + (later ? kHalf : 0) + static_cast<int64_t>(rng.Below(static_cast<uint32_t>(kHalf)));

  const uint32_t habit = Rng(seed_, Stream::kFamily, ~id).Below(100);
  row.opt_out = habit < 3 ? 4 : habit < 5 ? 1 : habit < 6 ? 2 : 0;
  row.opt_out_known = rng.Chance(70'000);
  if (!row.opt_out_known) row.opt_out = 0;

  const uint32_t letter_case = rng.Below(100);
  if (letter_case < 8) {
    auto change = [&](std::string& s) { letter_case < 6 ? Upper(s) : Lower(s); };
    if (IsAscii(row.first)) change(row.first);
    if (IsAscii(row.last)) change(row.last);
    change(row.street);
    change(row.unit);
    change(row.city);
  }
}

}  // namespace migrate::datagen
