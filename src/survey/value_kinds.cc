#include "migrate/survey/value_kinds.h"

#include <cstdlib>

#include "migrate/normalize/addresses.h"
#include "migrate/normalize/codes.h"
#include "migrate/normalize/countries.h"
#include "migrate/normalize/dates.h"
#include "migrate/normalize/emails.h"
#include "migrate/normalize/junk.h"
#include "migrate/normalize/names.h"
#include "migrate/normalize/phones.h"
#include "migrate/normalize/postal_codes.h"
#include "migrate/normalize/states.h"
#include "migrate/record/keys.h"
#include "word_lists.h"

namespace migrate::survey {
namespace {

using namespace normalize;  // NOLINT: this file is about its rules

// What a first pass over the bytes tells.
struct Shape {
  int digits = 0, letters = 0, blanks = 0, other = 0, phone_marks = 0;
  bool high = false;  // bytes beyond ASCII
};

Shape ShapeOf(std::string_view text) {
  Shape s;
  constexpr CharSet kPhoneMarks("+()-./ ");
  for (char c : text) {
    s.digits += IsDigit(c);
    const bool letter = IsAlpha(c) || !IsAscii(c);
    s.letters += letter;
    s.high |= !IsAscii(c);
    s.blanks += c == ' ';
    s.phone_marks += kPhoneMarks.Contains(c);
    s.other += !IsDigit(c) && !letter && c != ' ';
  }
  return s;
}

int ToInt(std::string_view digits) { return std::atoi(std::string(digits).c_str()); }

// "03/04/1972 10:00", "19.3.72": nothing else is of use for finding an order.
DateShape ShapeOfDate(std::string_view text) {
  DateShape d;
  size_t at = 0;
  auto number = [&](size_t most, std::string_view* out) {
    size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    *out = text.substr(begin, at - begin);
    return !out->empty() && out->size() <= most;
  };
  std::string_view a, b, c;
  if (!number(2, &a) || at >= text.size()) return d;
  d.separator = text[at++];
  if (!CharSet("/.- ").Contains(d.separator) || !number(2, &b) || at >= text.size() || text[at] != d.separator)
    return d;
  ++at;
  if (!number(4, &c) || c.size() == 1 || c.size() == 3) return d;
  if (at < text.size() && text[at] != ' ' && text[at] != 'T') return d;
  d.first = ToInt(a);
  d.second = ToInt(b);
  d.short_year = c.size() == 2;
  d.time = at < text.size();
  d.numeric = d.first >= 1 && d.second >= 1 && d.first <= 31 && d.second <= 31 && (d.first <= 12 || d.second <= 12);
  return d;
}

void Dates(std::string_view text, CellType type, const Shape& s, Look* look) {
  if (s.digits == 0 || text.size() > 40) return;
  if (text.size() == 4 && s.digits == 4) {
    const int year = ToInt(text);
    if (year >= 1900 && year <= 2035) {
      look->kinds |= Bit(Kind::kYear);
      look->date.year = year;
    }
    return;
  }
  if (s.digits == static_cast<int>(text.size()) && text.size() != 8) return;  // a number
  look->date = ShapeOfDate(text);
  std::string day;
  const Outcome o = NormalizeDate(text, {}, &day);
  if (o == Outcome::kPlaceholder) look->kinds |= Bit(Kind::kDate);
  if (o != Outcome::kOk || day.size() < 7) return;
  const int year = ToInt(day.substr(0, 4));
  if (s.digits == 8 && text.size() == 8 && (year < 1900 || year > 2035)) return;
  look->kinds |= Bit(Kind::kDate);
  look->date.year = year;
  std::string moment;
  if (text.size() > 10 && NormalizeTimestamp(text, type, {}, &moment) == Outcome::kOk && text.find(':') != text.npos)
    look->kinds |= Bit(Kind::kMoment);
}

void Phones(std::string_view text, const Shape& s, Look* look) {
  std::string_view number = text;
  for (std::string_view mark : {" ext", " x", "x", " ext.", " #"})
    if (size_t at = number.rfind(mark); at != number.npos && at > 6 && number.size() - at <= 10)
      number = number.substr(0, at);
  const Shape n = number.size() == text.size() ? s : ShapeOf(number);
  if (n.letters != 0 || n.digits < 7 || n.digits > 15 || n.other + n.blanks > n.phone_marks) return;
  if (look->Is(Kind::kDate)) return;
  look->kinds |= Bit(Kind::kPhoneLike);
  if (n.phone_marks > 0) look->kinds |= Bit(Kind::kPunctuated);
  std::string out;
  if (HasValue(NormalizePhone(text, "US", &out)) && out.size() > 4) look->kinds |= Bit(Kind::kPhone);
}

void Codes(std::string_view text, CellType type, const Shape& s, Look* look) {
  auto set = [&](Kind k, bool on) { look->kinds |= on ? Bit(k) : 0; };
  if (text.size() <= 12 && s.digits > 0) {
    set(Kind::kZipUs, IsZipOf(text, "US") || (type == CellType::kInteger && text.size() == 4));
    set(Kind::kZipLong, text.size() == 10 && text[5] == '-' && s.digits == 9);
    set(Kind::kZipCa, IsZipOf(text, "CA"));
    set(Kind::kZipGb, IsZipOf(text, "GB"));
    set(Kind::kZipOther, s.letters == 0 && s.digits >= 4 && s.digits <= 8 && s.blanks + s.other <= 1);
  }
  if (s.digits == 0 && text.size() <= 30) {
    set(Kind::kStateUs, !StateCode(text, "US").empty());
    set(Kind::kStateCa, !StateCode(text, "CA").empty());
    set(Kind::kStateAu, !StateCode(text, "AU").empty());
    std::string out;
    set(Kind::kCountry, NormalizeCountry(text, &out) == Outcome::kOk);
    set(Kind::kSuffix, !SuffixOf(text).empty());
    set(Kind::kInitial, (s.letters == 1 && text.size() <= 2) || (s.high && text.size() == 2));
  }
  std::string out;
  set(Kind::kSex, text.size() <= 12 && NormalizeSex(text, &out) == Outcome::kOk);
  set(Kind::kBool, text.size() <= 6 && ReadOptOut(text) != Consent::kUnclear);
}

void Numbers(std::string_view text, const Shape& s, Look* look) {
  const auto size = static_cast<int>(text.size());
  auto set = [&](Kind k, bool on) { look->kinds |= on ? Bit(k) : 0; };
  set(Kind::kInteger, s.digits > 0 && (s.digits == size || (s.digits == size - 1 && text[0] == '-')));
  set(Kind::kDecimal, s.digits > 0 && s.digits == size - 1 && text.find('.') != text.npos);
  set(Kind::kHouseNumber, s.digits > 0 && s.digits <= 5 && IsDigit(text[0]) && s.letters <= 1 && size <= 9 &&
                              s.other <= 1 && text.find('.') == text.npos);
  set(Kind::kIdentifier,
      s.digits > 0 && s.letters > 0 && s.blanks == 0 && !s.high && size <= 40 && text.find('@') == text.npos);
  set(Kind::kUuid, size >= 32 && size <= 38 && s.digits + s.letters == 32);
  set(Kind::kUrl, text.starts_with("http") || text.starts_with("www."));
  std::string form;
  for (char c : text) form += IsDigit(c) ? '9' : c;
  set(Kind::kSocial, form == "999-99-9999" || form == "999.999.999-99" || form == "999-999-999");
}

void Names(std::string_view text, const Shape& s, Look* look) {
  if (s.digits > 0 || s.letters == 0 || text.size() > 80) return;
  auto set = [&](Kind k, bool on) { look->kinds |= on ? Bit(k) : 0; };
  Words words;
  if (!words.Split(text, ",")) return;
  int given = 0, others = 0;
  bool company = false;
  std::string folded;
  for (size_t i = 0; i < words.size(); ++i) {
    FoldKey(words[i], &(folded = ""));
    given += IsGivenName(folded);
    others += folded.size() > 1 && !IsGivenName(folded);
    company |= words.size() > 1 && IsCompanyWord(folded);
    set(Kind::kStreetName, IsStreetWord(folded));
  }
  FoldKey(text, &(folded = ""));
  const bool marks = text.find_first_of("&@/:;_()<>=!?*#") != text.npos;
  const bool comma = text.find(',') != text.npos;
  set(Kind::kGiven, words.size() <= 2 && given > 0 && !comma && others == 0);
  set(Kind::kSurname, IsSurname(folded));
  set(Kind::kCity, IsCity(folded));
  set(Kind::kNameWords, words.size() <= 3 && !marks && !comma && !company);
  set(Kind::kCommaName, comma && words.size() >= 2 && words.size() <= 5 && !company && !marks);
  set(Kind::kFullName, !marks && !company && words.size() >= 2 && words.size() <= 5 && given > 0);
  set(Kind::kCompany, company);
}

void Addresses(std::string_view text, const Shape& s, Look* look) {
  auto set = [&](Kind k, bool on) { look->kinds |= on ? Bit(k) : 0; };
  if (look->Is(Kind::kEmail) || look->Is(Kind::kDate) || look->Is(Kind::kUrl) || s.letters == 0) return;
  Words words;
  if (!words.Split(text, ",")) return;
  bool street_word = false, number = false;
  std::string folded;
  for (size_t i = 0; i < words.size(); ++i) {
    FoldKey(words[i], &(folded = ""));
    street_word |= IsStreetWord(folded);
    number |= IsDigit(words[i][0]);
  }
  static const WordTable kUnits{{"apt", 1},   {"apt.", 1}, {"apartment", 1}, {"unit", 1},  {"ste", 1}, {"ste.", 1},
                                {"suite", 1}, {"#", 1},    {"fl", 1},        {"floor", 1}, {"rm", 1},  {"room", 1},
                                {"lot", 1},   {"bldg", 1}, {"trlr", 1},      {"flat", 1},  {"spc", 1}};
  set(Kind::kUnit, (kUnits.Find(words.size() > 0 ? words[0] : "") != 0 || text[0] == '#') && words.size() <= 4);
  if (s.digits == 0) return;
  const bool first_number = IsDigit(text[0]) && words.size() >= 2 && s.letters >= 2;
  set(Kind::kStreet, number && words.size() >= 2 && (street_word || first_number) && !look->Is(Kind::kUnit));
  if (text.size() >= 4 && EqualsIgnoreCase(text.substr(0, 4), "p.o.")) look->kinds |= Bit(Kind::kStreet);
  if (text.size() >= 6 && EqualsIgnoreCase(text.substr(0, 6), "po box")) look->kinds |= Bit(Kind::kStreet);
  if (words.size() < 3) return;
  const AddressLine line = SplitAddress(text, "");
  const bool commas = text.find(',') != text.npos && !line.city.empty() && !line.street.empty();
  set(Kind::kAddressLine, line.complete || (commas && (!line.zip.empty() || !line.state.empty())));
}

}  // namespace

Look LookAt(std::string_view text, CellType type) {
  Look look;
  if (text.empty()) return look;
  if (IsJunk(text)) {
    look.kinds = Bit(Kind::kJunk);
    return look;
  }
  const Shape s = ShapeOf(text);
  std::string out;
  if (text.find('@') != text.npos) {
    std::string_view rest = text, part;
    if (NextEmail(&rest, &part)) {
      const Outcome o = NormalizeEmail(part, &out);
      if (HasValue(o) || o == Outcome::kPlaceholder) look.kinds |= Bit(Kind::kEmail);
    }
    return look;
  }
  Dates(text, type, s, &look);
  Numbers(text, s, &look);
  Phones(text, s, &look);
  Codes(text, type, s, &look);
  Names(text, s, &look);
  Addresses(text, s, &look);
  return look;
}

}  // namespace migrate::survey
