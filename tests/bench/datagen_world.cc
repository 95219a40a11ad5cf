// The persons: who there is, before anybody writes a row about them.
#include <array>

#include "datagen_people.h"

namespace migrate::datagen {
namespace {

constexpr std::array<uint8_t, 12> kHouseholdSizes = {2, 3, 2, 4, 2, 3, 2, 2, 5, 3, 2, 4};

uint32_t PersonsOf(uint64_t rows, uint32_t duplicates_per_100k) {
  const uint64_t persons = (rows * (100'000 - duplicates_per_100k) + 50'000) / 100'000;
  return static_cast<uint32_t>(std::max<uint64_t>(persons, 1));
}

uint64_t AllPersons(uint64_t rows, uint32_t duplicates_per_100k) {
  const uint64_t full = rows / kBlockRows, rest = rows % kBlockRows;
  return full * PersonsOf(kBlockRows, duplicates_per_100k) + (rest ? PersonsOf(rest, duplicates_per_100k) : 0);
}

const int32_t kFirstBirthday = DaysOfDate(1932, 1, 1), kLastBirthday = DaysOfDate(2007, 12, 31);

}  // namespace

Date DateOfDays(int32_t days) {
  const int32_t z = days + 719468;
  const int32_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int32_t doe = z - era * 146097;
  const int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int32_t mp = (5 * doy + 2) / 153;
  const int32_t month = mp < 10 ? mp + 3 : mp - 9;
  return Date{yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

int32_t DaysOfDate(int year, int month, int day) {
  const int32_t y = year - (month <= 2);
  const int32_t era = (y >= 0 ? y : y - 399) / 400;
  const int32_t yoe = y - era * 400;
  const int32_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

World::World(uint64_t seed, uint64_t rows, uint32_t duplicates_per_100k, const Traps& traps)
    : seed_(seed),
      rows_(rows),
      traps_(traps),
      block_persons_(PersonsOf(kBlockRows, duplicates_per_100k)),
      persons_(AllPersons(rows, duplicates_per_100k)),
      row_order_(std::max<uint64_t>(rows, 1), seed, 0),
      person_order_(std::max<uint64_t>(persons_, 1), seed, 1),
      places_(block_persons_) {
  const uint32_t in_households = block_persons_ * traps_.households / 100'000;
  uint32_t at = 0;
  for (size_t n = 0; at + 2 <= in_households; ++n) {
    const uint32_t size = std::min<uint32_t>(kHouseholdSizes[n % kHouseholdSizes.size()], in_households - at);
    for (uint32_t m = 0; m < size; ++m) places_[at + m] = Place{static_cast<uint8_t>(m), static_cast<uint8_t>(size)};
    at += size;
  }
}

Address World::MakeAddress(Rng& rng) const {
  static const Weighted type_weights(std::vector<uint32_t>{30, 22, 16, 14, 6, 4, 3, 2, 2, 1});
  Address a;
  a.city = pools_.city_weights.Draw(rng);
  const City& city = pools_.cities[a.city];
  a.zip = city.zip_prefix * 100 + 1 + rng.Below(city.zips);
  const uint32_t u = rng.Below(100);
  a.number = 1 + rng.Below(100 + u * u);
  a.street = pools_.street_weights.Draw(rng);
  a.type = type_weights.Draw(rng);
  a.unit = rng.Chance(18'000) ? 1 + rng.Below(399) : 0;
  return a;
}

uint64_t World::MakePhone(Rng& rng, uint32_t city) const {
  uint64_t exchange = 200 + rng.Below(800);
  if (exchange % 100 == 11) ++exchange;  // N11 codes are services
  if (exchange == 555) exchange = 556;
  return pools_.cities[city].area_code * uint64_t{10'000'000} + exchange * 10'000 + rng.Below(10'000);
}

// A person by itself, as if there were no households.
Person World::MakeCore(uint64_t id) const {
  Rng rng(seed_, Stream::kCore, id);
  Person p;
  p.female = rng.Chance(51'000);
  p.first = pools_.first_weights[p.female].Draw(rng);
  p.last = p.other_last = pools_.last_weights.Draw(rng);
  p.middle = "ABCDEFGHJKLMNPRSTVW"[rng.Below(19)];
  // The mean of two uniform numbers: more people in middle age.
  const auto span = static_cast<uint32_t>(kLastBirthday - kFirstBirthday + 1);
  p.birth_day = kFirstBirthday + static_cast<int32_t>((rng.Below(span) + rng.Below(span)) / 2);
  p.address = MakeAddress(rng);
  p.phone = MakePhone(rng, p.address.city);
  p.head = id;
  return p;
}

int32_t World::ChildBirthday(const Person& head, uint64_t id) const {
  Rng rng(seed_, Stream::kFamily, id);
  const int32_t birth_day = head.birth_day + rng.Between(19 * 365, 39 * 365);
  return std::min(birth_day, kLastBirthday - rng.Between(0, 4000));
}

// Turns a person into the household's `member`-th: 0 the head, 1 mostly the spouse, then children.
void World::MakeMember(uint64_t id, uint32_t member, uint32_t size, Person& p) const {
  p.in_household = true;
  const uint64_t head_id = id - member;
  Rng house(seed_, Stream::kHousehold, head_id);
  const bool twins = size >= 4 && house.Chance(traps_.twins);
  const bool father_and_son = size >= 3 && house.Chance(traps_.father_and_son);
  const bool family_email = house.Chance(traps_.family_email);
  Rng rng(seed_, Stream::kPerson, id);
  p.shared_email = family_email && rng.Chance(75'000);
  Person head = member == 0 ? p : MakeCore(head_id);
  if (size >= 3) {  // old enough to have the children, young enough that they are not all of 2007
    const int32_t latest = DaysOfDate(1982, 1, 1);
    if (head.birth_day > latest) head.birth_day = latest - house.Between(0, 20 * 365);
  }
  const bool senior = father_and_son && !head.female;
  if (member == 0) {
    p.birth_day = head.birth_day;
    if (senior) p.generation = Generation::kSenior;
    return;
  }
  p.head = head_id;
  p.address = head.address;
  const uint32_t own_last = p.last;
  if (rng.Chance(86'000)) p.last = head.last;
  p.phone = rng.Chance(60'000) ? head.phone : MakePhone(rng, head.address.city);
  p.other_last = p.last;
  if (member == 1) {
    p.female = rng.Chance(96'000) ? !head.female : head.female;
    p.first = pools_.first_weights[p.female].Draw(rng);
    p.birth_day = head.birth_day + rng.Between(-3000, 3000);
    if (p.birth_day < kFirstBirthday) p.birth_day = 2 * kFirstBirthday - p.birth_day;
    if (p.birth_day > kLastBirthday) p.birth_day = 2 * kLastBirthday - p.birth_day;
    if (p.female) p.other_last = own_last;
    return;
  }
  p.birth_day = ChildBirthday(head, id);
  if (member == 2 && senior) {
    p.female = false;
    p.first = head.first;
    p.last = p.other_last = head.last;
    p.generation = Generation::kJunior;
  }
  if (member == 3 && twins) {
    p.birth_day = ChildBirthday(head, id - 1);
    p.last = p.other_last = MakePerson(id - 1).last;
    // Twins differ in the first name, whatever was drawn; half of them share the initial's neighbourhood by chance
    // only.
    const Person other = MakePerson(id - 1);
    if (other.female == p.female && other.first == p.first) p.first = (p.first + 1) % 100;
  }
}

// Some people are strangers of the same name; some of those were born in the same year.
void World::MakeNamesake(uint64_t id, Person& p) const {
  Rng rng(seed_, Stream::kFamily, id);
  if (!rng.Chance(traps_.namesakes)) return;
  const Person other = MakeCore(static_cast<uint64_t>(rng.Next() % persons_));
  p.female = other.female;
  p.first = other.first;
  p.last = p.other_last = other.last;
  if (rng.Chance(35'000)) p.birth_day = DaysOfDate(DateOfDays(other.birth_day).year, 1, 1) + rng.Between(0, 364);
}

Person World::MakePerson(uint64_t id) const {
  Person p = MakeCore(id);
  const Place& place = places_[id % block_persons_];
  if (place.size > 1) {
    MakeMember(id, place.member, place.size, p);
  } else {
    MakeNamesake(id, p);
    if (p.female && Rng(seed_, Stream::kPerson, id).Chance(30'000))
      p.other_last = MakeCore(id ^ 0x5555'5555'0000'0000ULL).last;  // a number no person has: a name of her own
  }
  Rng rng(seed_, Stream::kOffice, id);
  if (rng.Chance(traps_.offices)) {  // gives the number of one of the offices
    Rng office(seed_, Stream::kOffice, ~uint64_t{0} - rng.Next() % (persons_ / 400 + 1));
    p.phone = MakePhone(office, pools_.city_weights.Draw(office));
  }
  return p;
}

// The person's addresses are numbered: 0 and 1 private, 2 at work.
std::string World::MakeEmail(uint64_t id, const Person& p, uint32_t number) const {
  const bool shared = number == 0 && p.shared_email;
  Rng rng(seed_, Stream::kEmail, (shared ? p.head : id) * 4 + (shared ? 3 : number));
  Name first_scratch, last_scratch;
  const std::string& first = pools_.First(p.female, p.first, first_scratch).key;
  const std::string& last = pools_.Last(p.last, last_scratch).key;
  const std::string tail = std::to_string(1 + rng.Below(9999));
  const int year = DateOfDays(p.birth_day).year;
  const std::string yy{static_cast<char>('0' + year / 10 % 10), static_cast<char>('0' + year % 10)};
  const std::string& domain = pools_.domains[number == 2 ? 12 + rng.Below(240) : pools_.domain_weights.Draw(rng)];
  const uint32_t style = rng.Below(5);
  std::string user;
  if (shared) {
    user = "the" + pools_.Last(MakeCore(p.head).last, last_scratch).key + "family" + tail;
  } else if (number == 2) {
    user = first + "." + last + (rng.Chance(50'000) ? std::to_string(1 + rng.Below(99)) : "");
  } else if (style == 0) {
    user = first + "." + last + tail;
  } else if (style == 1) {
    user = first.substr(0, 1) + last + tail;
  } else if (style == 2) {
    user = first + "_" + last + yy + std::to_string(rng.Below(100));
  } else if (style == 3) {
    user = first + tail + yy;
  } else {
    user = last + first.substr(0, 1) + tail;
  }
  return user + "@" + domain;
}

uint64_t World::PersonOfRow(uint64_t number, Rng& rng, bool& duplicate) const {
  const uint64_t block = number / kBlockRows, slot = number % kBlockRows;
  const uint64_t first = block * block_persons_;
  const uint64_t here = std::min<uint64_t>(block_persons_, persons_ - first);
  duplicate = slot >= here;
  if (!duplicate) return first + slot;
  const auto count = static_cast<uint32_t>(here);
  // Every 25th person of the block, from a different one in each.
  if (rng.Chance(40'000)) return first + (rng.Below((count + 24) / 25) * 25 + block * 7) % count;
  return first + rng.Below(count);
}

uint64_t World::ClusterOf(uint64_t position) const {
  const uint64_t number = row_order_.At(position);
  Rng rng(seed_, Stream::kRow, number);
  bool duplicate = false;
  return person_order_.At(PersonOfRow(number, rng, duplicate));
}

}  // namespace migrate::datagen
