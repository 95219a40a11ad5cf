#include "migrate/dedupe/compare.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "migrate/dedupe/similarity.h"
#include "migrate/record/keys.h"

namespace migrate::dedupe {
namespace {

constexpr float kAverage = std::numeric_limits<float>::quiet_NaN();

void Set(Comparison* out, int evidence, uint8_t level, float log_chance = kAverage) {
  out->level[static_cast<size_t>(evidence)] = level;
  out->log_chance[static_cast<size_t>(evidence)] = log_chance;
}

bool StartsWith(std::string_view s, std::string_view prefix) { return s.substr(0, prefix.size()) == prefix; }

// What makes a girl's name of a boy's: Paul and Paula, Daniel and Danielle, Gerald and Geraldine.
bool IsFeminineEnding(std::string_view rest) {
  static constexpr std::array<std::string_view, 10> kEndings = {"a",   "etta", "ette", "ia", "ina",
                                                                "ine", "le",   "lle",  "na", "ne"};
  return std::binary_search(kEndings.begin(), kEndings.end(), rest);
}

// A bound from character sets: Jaro-Winkler of 0.88 takes a Jaro of 0.8 at least, so of the shares of common letters
// 1.4 in sum; a letter that the other has not is not common.
bool MayReachJaro(std::string_view a, uint32_t set_a, std::string_view b, uint32_t set_b) {
  const int la = static_cast<int>(a.size()), lb = static_cast<int>(b.size());
  const int common = std::min(la - std::popcount(set_a & ~set_b), lb - std::popcount(set_b & ~set_a));
  return 5 * common * (la + lb) >= 7 * la * lb;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int DigitsOf(std::string_view s) { return static_cast<int>(std::count_if(s.begin(), s.end(), IsDigit)); }

std::string_view LocalPart(std::string_view email) { return email.substr(0, email.rfind('@')); }

// Equal once all digits, or all but digits, are left out.
bool SameBut(bool digits, std::string_view a, std::string_view b) {
  size_t i = 0, j = 0;
  for (;;) {
    while (i < a.size() && IsDigit(a[i]) == digits) ++i;
    while (j < b.size() && IsDigit(b[j]) == digits) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

// A typing slip: one edit, in a long string two.
bool Slip(std::string_view a, std::string_view b) {
  const size_t shorter = std::min(a.size(), b.size());
  if (shorter < 3) return false;
  const int limit = shorter >= 8 ? 2 : 1;
  return Distance(a, b, limit) <= limit;
}

}  // namespace

uint64_t Comparison::Pattern() const {
  uint64_t pattern = 0;
  for (size_t i = 0; i < level.size(); ++i) pattern |= uint64_t{level[i]} << (4 * i);
  return pattern;
}

uint8_t Comparator::CompareNames(uint32_t a, uint32_t b, bool first) const {
  if (a == b) return kNameExact;
  const Dictionary& names = table_.dictionaries().names;
  const NameEntry &ea = frequencies_.names[a], &eb = frequencies_.names[b];
  const std::string_view sa = names.Of(a), sb = names.Of(b);
  const size_t shorter = std::min(sa.size(), sb.size());
  if (shorter == 1) return sa[0] == sb[0] ? kNameInitial : kNameDifferent;
  bool two_names = false;  // Mark and Mary: either is a name of its own, which a slip of the other is in 2 of 100 cases
  if (first) {
    two_names = ea.families != 0 && eb.families != 0;
    if (ea.families != 0 && eb.families != 0 &&
        ShareFamily(frequencies_.families[ea.families], frequencies_.families[eb.families]))
      return kNameNickname;
    if (shorter >= 3 && (StartsWith(sa, sb) || StartsWith(sb, sa))) {
      const bool feminine = shorter >= 4 && IsFeminineEnding((sa.size() > sb.size() ? sa : sb).substr(shorter));
      return two_names && feminine ? kNameWeak : kNameNickname;
    }
  }
  const int apart = std::popcount(ea.characters ^ eb.characters);
  if (apart <= 4 && shorter >= 3) {
    const int distance = Distance(sa, sb, 2);
    if (distance == 1 || (distance == 2 && shorter >= 7)) return two_names ? kNameWeak : kNameClose;
    if (distance == 2 && shorter >= 5) return kNameWeak;
  }
  if (apart <= 2 && shorter >= 5 && std::max(sa.size(), sb.size()) - shorter <= 1) return kNameWeak;
  if (ea.soundex != 0 && ea.soundex == eb.soundex) return kNameWeak;
  return shorter >= 4 && MayReachJaro(sa, ea.characters, sb, eb.characters) && JaroWinkler(sa, sb) >= 0.88
             ? kNameWeak
             : kNameDifferent;
}

// False where two names can be neither equal nor forms of one name nor a slip apart.
bool Comparator::MayBeNear(uint32_t a, uint32_t b) const {
  const NameEntry &ea = frequencies_.names[a], &eb = frequencies_.names[b];
  return std::popcount(ea.characters ^ eb.characters) <= 4 || (ea.families != 0 && eb.families != 0);
}

bool Comparator::PartOf(uint32_t name, const Features& other, Role own) const {
  for (int i = 0; i < kMaxWords && other.words[i] != 0; ++i)
    if (other.words[i] == name && (other.RoleOf(i) == own || other.RoleOf(i) == Role::kMiddle)) return true;
  return false;
}

void Comparator::SetName(Evidence which, uint8_t level, uint32_t a, uint32_t b, Comparison* out) const {
  const NameEntry &ea = frequencies_.names[a], &eb = frequencies_.names[b];
  const auto value = [&](const NameEntry& e) { return which == kFirst ? e.log_first : e.log_last; };
  switch (level) {
    case kNameExact:
      return Set(out, which, level, value(ea));
    // A stranger with the rarer form is most often a slip or a nickname of the more frequent one.
    case kNameNickname:
    case kNameClose:
      return Set(out, which, level, std::max(value(ea), value(eb)));
    case kNameCrossed:
    case kNameCrossedClose:
    case kNamePart:
      return Set(out, which, level, std::max(ea.log_any, eb.log_any));
    case kNameInitial: {
      const auto& table = which == kFirst ? frequencies_.initial_first : frequencies_.initial_last;
      const std::string_view text = table_.dictionaries().names.Of(a);
      return Set(out, which, level, table[static_cast<uint8_t>(text[0])]);
    }
    default:
      return Set(out, which, level);
  }
}

void Comparator::Names(const Features& a, const Features& b, Comparison* out) const {
  uint8_t first = kNull, last = kNull;
  if (a.first != 0 && b.first != 0) first = CompareNames(a.first, b.first, true);
  if (a.last != 0 && b.last != 0) last = CompareNames(a.last, b.last, false);
  const auto good = [](uint8_t level) { return level >= kNameExact && level <= kNameClose; };
  if (!good(first) && !good(last)) {
    uint8_t ab = kNull, ba = kNull;  // a's first against b's last, and the other way round
    if (a.first != 0 && b.last != 0 && MayBeNear(a.first, b.last)) ab = CompareNames(a.first, b.last, true);
    if (b.first != 0 && a.last != 0 && MayBeNear(a.last, b.first)) ba = CompareNames(a.last, b.first, true);
    if (ab == kNull && ba != kNull && a.first != 0 && b.last != 0) ab = CompareNames(a.first, b.last, true);
    if (ba == kNull && ab != kNull && b.first != 0 && a.last != 0) ba = CompareNames(a.last, b.first, true);
    if (good(ab) || good(ba)) {
      const auto crossed = [](uint8_t level) -> uint8_t {
        if (level == kNull) return kNull;
        return level <= kNameNickname ? kNameCrossed : level == kNameClose ? kNameCrossedClose : kNameDifferent;
      };
      // A level must not depend on which record comes first. Where only one half fits, a last name stands among the
      // first names (or the other way round): relatives have that too, so it is the last names that agree.
      const uint8_t x = crossed(ab), y = crossed(ba);
      const bool last_is_ab = y == kNull || y == kNameDifferent || (x != kNull && x != kNameDifferent && x > y);
      const Evidence of_ab = last_is_ab ? kLast : kFirst, of_ba = last_is_ab ? kFirst : kLast;
      if (x != kNull) SetName(of_ab, x, a.first, b.last, out);
      if (y != kNull) SetName(of_ba, y, a.last, b.first, out);
      return;
    }
  }
  if (first >= kNameWeak) {
    if (PartOf(a.first, b, Role::kFirst)) {
      SetName(kFirst, kNamePart, a.first, a.first, out);
      first = kNull;
    } else if (PartOf(b.first, a, Role::kFirst)) {
      SetName(kFirst, kNamePart, b.first, b.first, out);
      first = kNull;
    }
  }
  if (last >= kNameWeak) {
    for (const auto& [x, y] : {std::pair(&a, &b), std::pair(&b, &a)}) {
      for (int i = 0; i < kMaxWords && x->words[i] != 0 && last != kNull; ++i) {
        const uint32_t word = x->words[i];
        // One letter is no part of a name.
        if (x->RoleOf(i) != Role::kLast || frequencies_.names[word].initial || !PartOf(word, *y, Role::kLast)) continue;
        SetName(kLast, kNamePart, word, word, out);
        last = kNull;
      }
    }
  }
  if (first != kNull) SetName(kFirst, first, a.first, b.first, out);
  if (last != kNull) SetName(kLast, last, a.last, b.last, out);
}

void Comparator::Middle(const Features& a, const Features& b, Comparison* out) const {
  const Dictionary& names = table_.dictionaries().names;
  uint8_t best = kNull;
  float chance = kAverage;
  for (int i = 0; i < kMaxWords && a.words[i] != 0; ++i) {
    if (a.RoleOf(i) != Role::kMiddle) continue;
    for (int j = 0; j < kMaxWords && b.words[j] != 0; ++j) {
      if (b.RoleOf(j) != Role::kMiddle) continue;
      if (a.words[i] == b.words[j]) {
        return Set(out, kMiddle, kMiddleSame, frequencies_.names[a.words[i]].log_any);
      }
      const std::string_view x = names.Of(a.words[i]), y = names.Of(b.words[j]);
      const bool initial = (x.size() == 1 || y.size() == 1) && x[0] == y[0];
      if (best != kMiddleInitial) best = initial || Slip(x, y) ? kMiddleInitial : kMiddleDifferent;
    }
  }
  if (best != kNull) Set(out, kMiddle, best, chance);
}

void Comparator::Company(const Features& a, const Features& b, Comparison* out) const {
  if (a.last == 0 || b.last == 0) return;
  if (a.last == b.last) return Set(out, kCompany, kCompanyExact, frequencies_.names[a.last].log_company);
  const Dictionary& names = table_.dictionaries().names;
  // Words weigh by their rarity: "Acme" says more than "Services".
  double common = 0, all_a = 0, all_b = 0;
  const auto weight = [&](uint32_t word) { return -static_cast<double>(frequencies_.names[word].log_any); };
  for (int j = 0; j < kMaxWords && b.words[j] != 0; ++j) all_b += weight(b.words[j]);
  for (int i = 0; i < kMaxWords && a.words[i] != 0; ++i) {
    all_a += weight(a.words[i]);
    for (int j = 0; j < kMaxWords && b.words[j] != 0; ++j) {
      if (a.words[i] != b.words[j] && !Slip(names.Of(a.words[i]), names.Of(b.words[j]))) continue;
      common += std::min(weight(a.words[i]), weight(b.words[j]));
      break;
    }
  }
  if (Slip(names.Of(a.last), names.Of(b.last))) common = std::max(all_a, all_b);
  const double share = common / std::max(1.0, std::min(all_a, all_b));
  const auto cap = static_cast<float>(-common);
  if (share >= 0.8) return Set(out, kCompany, kCompanyMost, cap);
  if (share >= 0.4) return Set(out, kCompany, kCompanySome);
  Set(out, kCompany, kCompanyDifferent);
}

// A name of which one spelling says that it is a firm's ("Sharma Exports Ltd") and another does not. A person of whom a
// firm has the whole name is not the firm; what is no person's name says nothing either way.
void Comparator::CompanyOrPerson(const Features& company, const Features& person, Comparison* out) const {
  const auto has = [](const Features& f, uint32_t word) {
    return std::find(std::begin(f.words), std::end(f.words), word) != std::end(f.words);
  };
  if (person.words[0] == 0) return;
  bool same = person.words[1] != 0;
  for (int i = 0; i < kMaxWords && same; ++i)
    same = (company.words[i] == 0 || has(person, company.words[i])) &&
           (person.words[i] == 0 || has(company, person.words[i]));
  const bool person_name = frequencies_.names[person.first].families != 0;
  if (!same || person_name) Set(out, kCompany, kCompanyDifferent);
}

void Comparator::Email(const Features& a, const Features& b, Comparison* out) const {
  if (a.email == 0 || b.email == 0) return;
  const Texts& emails = table_.dictionaries().emails;
  if (a.email == b.email) return Set(out, kEmail, kContactExact, frequencies_.Email(emails.Of(a.email)));
  const auto has = [&](const Features& f, uint32_t email) {
    const auto more = table_.MoreEmails(f);
    return std::find(more.begin(), more.end(), email) != more.end();
  };
  if (has(a, b.email)) return Set(out, kEmail, kContactExact, frequencies_.Email(emails.Of(b.email)));
  if (has(b, a.email)) return Set(out, kEmail, kContactExact, frequencies_.Email(emails.Of(a.email)));
  // One local part at two domains differs by the domains' letters only.
  if (a.email_local == b.email_local && std::popcount(a.email_letters & b.email_letters) >= 3 &&
      LocalPart(emails.Of(a.email)) == LocalPart(emails.Of(b.email))) {
    // j.smith at two domains: what the names have said already.
    if (DigitsOf(emails.Of(a.email)) < 2) return;
    return Set(out, kEmail, kContactLocal, frequencies_.EmailLocal(emails.Of(a.email)));
  }
  bool close = std::popcount(a.email_letters ^ b.email_letters) <= 6;
  if (close) {
    const std::string_view x = emails.Of(a.email), y = emails.Of(b.email);
    const int limit = std::min(x.size(), y.size()) >= 14 ? 3 : 2;
    // Providers number their Smiths: addresses with other digits are of different people, however alike the names in
    // them are, which have been compared by themselves. A letter for a digit is a slip.
    const int apart = Distance(x, y, limit);
    const bool same_digits = SameBut(false, x, y);
    close = apart <= limit && (same_digits || (apart == 1 && !SameBut(true, x, y)));
  }
  Set(out, kEmail, close ? kContactClose : kContactDifferent);
}

void Comparator::Phone(const Features& a, const Features& b, Comparison* out) const {
  if (a.phone == 0 || b.phone == 0) return;
  if (a.phone == b.phone) return Set(out, kPhone, kContactExact, frequencies_.Phone(a.phone));
  const auto more_a = table_.MorePhones(a), more_b = table_.MorePhones(b);
  const auto in = [](std::span<const PhoneBits> list, PhoneBits phone) {
    return std::find(list.begin(), list.end(), phone) != list.end();
  };
  for (const PhoneBits phone : more_b)
    if (phone == a.phone || in(more_a, phone)) return Set(out, kPhone, kContactExact, frequencies_.Phone(phone));
  if (in(more_a, b.phone)) return Set(out, kPhone, kContactExact, frequencies_.Phone(b.phone));
  const uint32_t digits_a = LastEightDigits(a.phone), digits_b = LastEightDigits(b.phone);
  if (((digits_a ^ digits_b) & 0x0fffffffu) == 0) return Set(out, kPhone, kContactLocal);
  Set(out, kPhone,
      PhoneHead(a.phone) == PhoneHead(b.phone) && OneDigitSlip(digits_a, digits_b) ? kContactClose : kContactDifferent);
}

// kAddressExact, kAddressNear, kAddressStreet, or kNull where the streets differ.
uint8_t Comparator::Street(const Features& a, const Features& b) const {
  const Dictionary& streets = table_.dictionaries().streets;
  const bool same = a.street == b.street, number = a.number == b.number;
  const bool near = same || Slip(streets.Of(a.street), streets.Of(b.street));
  if (same && number) {
    const bool unit = a.unit == b.unit || a.unit == 0 || b.unit == 0;
    return unit ? kAddressExact : kAddressNear;
  }
  if (near && number) return kAddressNear;
  if (!same) return kNull;
  // A slip in a number of two digits or more; a single digit would make all houses of a street near.
  const bool slip =
      a.number > 9 && b.number > 9 && Distance(std::to_string(a.number), std::to_string(b.number), 1) <= 1;
  return slip ? kAddressNear : kAddressStreet;
}

void Comparator::Address(const Features& a, const Features& b, Comparison* out) const {
  const Dictionaries& d = table_.dictionaries();
  const bool streets = a.street != 0 && b.street != 0;
  const bool zips = a.zip != 0 && b.zip != 0, cities = a.city != 0 && b.city != 0;
  const bool states = a.state != 0 && b.state != 0;
  if (!streets && !zips && !cities && !states) return;
  const bool zip = zips && a.zip == b.zip, city = cities && a.city == b.city;
  const auto alike = [](const std::vector<uint32_t>& letters, uint32_t x, uint32_t y) {
    return std::popcount(letters[x] ^ letters[y]) <= 4;
  };
  const bool zip_slip = zips && !zip && alike(frequencies_.zip_letters, a.zip, b.zip) &&
                        Distance(d.zips.Of(a.zip), d.zips.Of(b.zip), 1) <= 1;
  const bool city_slip = cities && !city && alike(frequencies_.city_letters, a.city, b.city) &&
                         Slip(d.cities.Of(a.city), d.cities.Of(b.city));
  const bool there = zip || city || zip_slip || city_slip || (!zips && !cities);
  if (streets && there) {
    const uint8_t level = Street(a, b);
    const bool sure = zip || city || (!zips && !cities);
    if (level == kAddressExact && sure)
      return Set(out, kAddress, level, std::max(frequencies_.Address(table_, a), frequencies_.Address(table_, b)));
    if (level != kNull) return Set(out, kAddress, level == kAddressExact ? static_cast<uint8_t>(kAddressNear) : level);
  }
  if (zip) return Set(out, kAddress, streets ? kAddressZip : kAddressZipOnly, frequencies_.zips[a.zip]);
  if (city) return Set(out, kAddress, streets || zips ? kAddressCity : kAddressCityOnly, frequencies_.cities[a.city]);
  if (zip_slip || city_slip) return Set(out, kAddress, kAddressZipClose);
  if (zips && frequencies_.area_hash[a.zip] == frequencies_.area_hash[b.zip])
    return Set(out, kAddress, kAddressZipArea, frequencies_.zip_areas[a.zip]);
  if (states && a.state == b.state) return Set(out, kAddress, kAddressState, frequencies_.states[a.state]);
  if (streets || zips || cities || states) Set(out, kAddress, kAddressDifferent);
}

void Comparator::Attribute(size_t i, uint32_t a, uint32_t b, Comparison* out) const {
  if (a == 0 || b == 0) return;
  const int evidence = kAttribute0 + static_cast<int>(i);
  const std::vector<float>& chance = frequencies_.attributes[i];
  if (a == b) return Set(out, evidence, kTextExact, chance[a]);
  const Dictionary& d = table_.dictionaries().attributes[i];
  const std::string_view x = d.Of(a), y = d.Of(b);
  const uint32_t letters_x = frequencies_.attribute_letters[i][a], letters_y = frequencies_.attribute_letters[i][b];
  if (std::popcount(letters_x ^ letters_y) <= 4 && Slip(x, y))
    return Set(out, evidence, kTextClose, std::max(chance[a], chance[b]));
  const std::string_view shorter = x.size() < y.size() ? x : y, longer = x.size() < y.size() ? y : x;
  const bool inside = (shorter.data() == x.data() ? letters_x & ~letters_y : letters_y & ~letters_x) == 0;
  if (inside && shorter.size() >= 4 && longer.find(shorter) != std::string_view::npos)
    return Set(out, evidence, kTextPart);
  if (shorter.size() >= 5 && MayReachJaro(x, letters_x, y, letters_y) && JaroWinkler(x, y) >= 0.9)
    return Set(out, evidence, kTextPart);
  Set(out, evidence, kTextDifferent);
}

void Comparator::Compare(const Features& a, uint32_t row_a, uint32_t row_b, Comparison* out) const {
  const Features b = table_[row_b];
  *out = Comparison{};
  if (a.company != b.company) {
    CompanyOrPerson(a.company ? a : b, a.company ? b : a, out);
  } else if (a.company) {
    Company(a, b, out);
  } else {
    Names(a, b, out);
    Middle(a, b, out);
  }
  if (a.sex != 0 && b.sex != 0) {
    const bool same = a.sex == b.sex;
    // Who bears one first name is of one sex: that is no further evidence.
    if (!same || out->level[kFirst] != kNameExact)
      Set(out, kSex, same ? kSexSame : kSexDifferent, same ? frequencies_.sexes[a.sex] : kAverage);
  }
  if (a.birth != 0 && b.birth != 0) {
    const uint8_t level = CompareBirths(a.birth, b.birth);
    const float chance = level == kBirthExact         ? frequencies_.births[a.birth]
                         : level == kBirthPartialSame ? frequencies_.years[YearOf(a.birth)]
                                                      : kAverage;
    Set(out, kBirth, level, chance);
  }
  Email(a, b, out);
  Phone(a, b, out);
  Address(a, b, out);
  if (a.national_id != 0 && b.national_id != 0) {
    const Texts& ids = table_.dictionaries().ids;
    if (a.national_id == b.national_id) {
      Set(out, kNationalId, kIdExact, frequencies_.NationalId(ids.Of(a.national_id)));
    } else {
      Set(out, kNationalId, Distance(ids.Of(a.national_id), ids.Of(b.national_id), 1) <= 1 ? kIdClose : kIdDifferent);
    }
  }
  for (size_t i = 0; i < table_.attribute_count(); ++i)
    Attribute(i, table_.attribute(row_a, i), table_.attribute(row_b, i), out);
  out->only_identifier = OnlyIdentifier(a, row_a, b, row_b, *out);
}

int8_t Comparator::OnlyIdentifier(const Features& a, uint32_t row_a, const Features& b, uint32_t row_b,
                                  const Comparison& c) const {
  const auto nameless = [](const Features& f) { return !f.company && (f.first | f.last | f.words[0] | f.birth) == 0; };
  if (!nameless(a) && !nameless(b)) return Comparison::kNothing;
  const auto shared = [&c](int e, const HashedLogs& values) {
    constexpr float kFew = 4;  // log2: up to sixteen times as many as a value of one record
    const auto se = static_cast<size_t>(e);
    return c.level[se] == kContactExact && c.log_chance[se] <= values.OfOne() + kFew;
  };
  if (shared(kNationalId, frequencies_.national_id)) return kNationalId;
  const Texts& emails = table_.dictionaries().emails;
  if (shared(kEmail, frequencies_.email) && !IsRoleEmail(emails.Of(a.email)) && !IsRoleEmail(emails.Of(b.email)))
    return kEmail;
  const auto only_phone = [&](const Features& f, uint32_t row) {
    bool only = nameless(f) && (f.email | f.national_id | f.street | f.zip | f.city | f.state | f.sex) == 0;
    for (size_t i = 0; i < table_.attribute_count(); ++i) only = only && table_.attribute(row, i) == 0;
    return only;
  };
  if (shared(kPhone, frequencies_.phone) && only_phone(a, row_a) && only_phone(b, row_b)) return kPhone;
  return Comparison::kNothing;
}

int DayNumber(uint32_t date) {
  const int m = static_cast<int>(std::max(1u, MonthOf(date))), d = static_cast<int>(std::max(1u, DayOf(date)));
  const int y = static_cast<int>(YearOf(date)) - (m <= 2 ? 1 : 0);
  const int era = y / 400, yoe = y - era * 400;
  const int doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy;
}

// "19720305": the digits of a date, four bits each.
static uint32_t DateDigits(uint32_t date) {
  const auto two = [](uint32_t n) { return n / 10 << 4 | n % 10; };
  return two(YearOf(date) / 100) << 24 | two(YearOf(date) % 100) << 16 | two(MonthOf(date)) << 8 | two(DayOf(date));
}

uint8_t CompareBirths(uint32_t a, uint32_t b) {
  const uint32_t ya = YearOf(a), yb = YearOf(b), ma = MonthOf(a), mb = MonthOf(b), da = DayOf(a), db = DayOf(b);
  if (da == 0 || db == 0) {
    if (ya == yb && (ma == mb || ma == 0 || mb == 0)) return kBirthPartialSame;
  } else {
    if (a == b) return kBirthExact;
    if (ya == yb && ma == db && da == mb) return kBirthSwapped;
    if (OneDigitSlip(DateDigits(a), DateDigits(b))) return kBirthDigit;
    if (static_cast<int>(ya == yb) + static_cast<int>(ma == mb) + static_cast<int>(da == db) == 2) return kBirthPart;
  }
  const int apart = std::abs(DayNumber(a) - DayNumber(b));
  if (apart <= 31) return kBirthMonthApart;
  if (ya == yb) return kBirthYear;
  if (apart <= 366) return kBirthYearApart;
  return apart <= 3653 ? kBirthDecade : kBirthDifferent;
}

}  // namespace migrate::dedupe
