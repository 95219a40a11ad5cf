#include "migrate/normalize/codes.h"

#include <algorithm>

#include "migrate/normalize/junk.h"
#include "migrate/normalize/names.h"
#include "migrate/record/keys.h"

namespace migrate::normalize {
namespace {

constexpr uint32_t kMale = 1, kFemale = 2, kOther = 3, kUnknown = 4;
constexpr uint32_t kYes = 1, kNo = 2;

// The words of each list, separated by blanks, with the list's number.
struct WordList {
  uint32_t number;
  std::string_view words;
};

WordTable TableOf(std::initializer_list<WordList> lists) {
  std::vector<WordTable::Entry> entries;
  for (const WordList& list : lists) {
    for (std::string_view rest = list.words; !rest.empty();) {
      const size_t blank = rest.find(' ');
      entries.emplace_back(rest.substr(0, blank), list.number);
      rest = blank == std::string_view::npos ? std::string_view() : rest.substr(blank + 1);
    }
  }
  return WordTable(entries);
}

// Keys as FoldKey makes them: no accents, blanks, hyphens. No "h" (hombre and homme, but then M is mujer), no "v"
// (vrouw, varón), no "3" (in no standard): see the header.
const WordTable& SexWords() {
  static const WordTable table =
      TableOf({{kMale,
                "m male man men boy 1 01 masc masculine gentleman mr mister "
                "homme masculin garcon monsieur hombre masculino varon senor nino mann mannlich maennlich junge herr "
                "uomo maschio maschile ragazzo signore homem menino senhor jongen mannelijk heer meneer "
                "transman transmale"},
               {kFemale,
                "f female woman women girl 2 02 w fem feminine lady mrs ms miss mss "
                "femme feminin fille madame mademoiselle mujer femenino hembra senora senorita nina frau weiblich "
                "madchen maedchen fraulein donna femmina femminile ragazza signora mulher feminino menina senhora "
                "vrouw vrouwelijk meisje mevrouw dame transwoman transfemale"},
               {kOther,
                "x nonbinary nb enby other diverse divers d intersex genderqueer agender genderfluid bigender mx "
                "twospirit indeterminate otro autre altro outro anders andere nobinario nonbinaire nonbinario "
                "nichtbinar nietbinair thirdgender"},
               {kUnknown,
                "0 00 9 09 99 u n unk unbekannt inconnu desconocido sconosciuto desconhecido onbekend "
                "notapplicable prefernottosay prefernot declinetostate undisclosed"}});
  return table;
}

// "1.0", as spreadsheets export a whole number.
std::string_view WithoutFraction(std::string_view text) {
  return text.size() == 3 && IsDigit(text[0]) && text.ends_with(".0") ? text.substr(0, 1) : text;
}

uint32_t SexOf(std::string_view text) {
  const uint32_t plain = SexWords().Find(text);
  return plain != WordTable::kNone ? plain : SexWords().Find(FoldKey(text));
}

// "M - Male", "F (female)", "1=Male": a code and its word, which must agree.
uint32_t SexOfPair(std::string_view text) {
  const size_t end = text.find_first_of(" -=:/(");
  if (end == 0 || end == std::string_view::npos) return WordTable::kNone;
  const uint32_t code = SexOf(text.substr(0, end)), word = SexOf(text.substr(end + 1));
  return code == word ? code : WordTable::kNone;
}

const WordTable& ConsentWords() {
  static const WordTable table =
      TableOf({{kYes,
                "1 y yes t true x stop "                              // the contract's
                "stopall quit end revoke optout cancel unsubscribe "  // 47 CFR 64.1200(a)(10)
                "on checked selected set optedout unsubscribed unsub dnc donotcall donotcontact donotemail donotmail "
                "donottext nocontact nocalls noemail nomail nosms suppress suppressed blocked revoked withdrawn "
                "withdrew optsout removeme remove "
                "ja oui si sim vrai wahr verdadero vero waar da 01 "
                "\xE2\x9C\x93 \xE2\x9C\x94 \xE2\x98\x91 \xE2\x98\x92 \xE2\x9C\x97 \xE2\x9C\x98 \xE2\x88\x9A -1"},
               {kNo,
                "0 n no f false "  // the contract's
                "off unchecked nein non nao faux falsch falso 00 optedin optin oktocontact "
                "\xE2\x98\x90 null (null) <null> \\n"}});
  return table;
}

// A day on which someone opted out. A placeholder (1900-01-01) and a year alone are none.
bool IsDay(std::string_view text) {
  if (text.size() < 6 || CountDigits(text) < 3 || text.find_first_of("-/. ") == std::string_view::npos) return false;
  std::string day;
  return NormalizeDate(text, {}, &day) == Outcome::kOk && day.size() == 10;
}

// 0000-00-00 and 00/00/0000 00:00:00, which MySQL stores where a date that must not be NULL has no value.
bool IsZeroDate(std::string_view text) {
  size_t zeros = 0;
  for (const char c : text) {
    zeros += c == '0';
    if (c != '0' && c != '-' && c != '/' && c != ':' && c != ' ' && c != '.') return false;
  }
  return zeros >= 8;
}

bool IsPlainAscii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return IsAscii(c); });
}

// Letters and digits in capitals; characters beyond ASCII are kept.
void AppendIdentifier(std::string_view text, std::string* out) {
  for (const char c : text)
    if (IsAlnum(c) || !IsAscii(c)) out->push_back(Upper(c));
  // Without what stood between them, characters may compose.
  if (!IsPlainAscii(*out)) Compose(Form::kCode, out);
}

// Digits of a number without grouping; "" if it is none.
std::string Decimal(std::string_view text) {
  bool negative = false;
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    negative = true;
    text = text.substr(1, text.size() - 2);
  }
  text = TrimChars(text, " $%");
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text = TrimChars(text.substr(1), " $");
  }
  std::string whole, fraction;
  bool point = false;
  size_t since_comma = 0, commas = 0;
  for (const char c : text) {
    if (IsDigit(c)) {
      (point ? fraction : whole).push_back(c);
      ++since_comma;
    } else if (c == '.' && !point) {
      if (commas > 0 && since_comma != 3) return {};
      point = true;
    } else if (c == ',' && !point && !whole.empty()) {
      if (commas > 0 && since_comma != 3) return {};
      ++commas;
      since_comma = 0;
    } else {
      return {};
    }
  }
  if ((whole.empty() && fraction.empty()) || (commas > 0 && !point && since_comma != 3)) return {};
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (whole.empty()) whole = "0";
  if (!fraction.empty()) whole.append(".").append(fraction);
  return negative && whole != "0" ? "-" + whole : whole;
}

}  // namespace

Outcome NormalizeSex(std::string_view text, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  uint32_t sex = SexOf(WithoutFraction(text));
  if (sex == WordTable::kNone) sex = SexOfPair(text);
  switch (sex) {
    case kMale:
      out->assign("M");
      return Outcome::kOk;
    case kFemale:
      out->assign("F");
      return Outcome::kOk;
    case kOther:
      out->assign("X");
      return Outcome::kOk;
    case kUnknown:
      return Outcome::kPlaceholder;
    default:
      return IsJunk(text) ? Outcome::kPlaceholder : Outcome::kBad;
  }
}

Consent ReadOptOut(std::string_view text) {
  if (text.empty()) return Consent::kNotSaid;
  uint32_t word = ConsentWords().Find(WithoutFraction(text));
  if (word == WordTable::kNone && IsAlnum(text.front())) word = ConsentWords().Find(FoldKey(text));
  if (word == kYes) return Consent::kOptedOut;
  if (word == kNo || IsZeroDate(text)) return Consent::kNotSaid;
  return IsDay(text) ? Consent::kOptedOut : Consent::kUnclear;
}

Outcome NormalizeNationalId(std::string_view text, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  if (IsJunk(text)) return Outcome::kPlaceholder;
  AppendIdentifier(text, out);
  const int digits = CountDigits(*out);
  const bool placeholder = digits == static_cast<int>(out->size()) && IsDigitPlaceholder(*out);
  if (!placeholder && digits > 0 && out->size() >= 4) return Outcome::kOk;
  out->clear();
  return placeholder ? Outcome::kPlaceholder : Outcome::kBad;
}

Outcome NormalizeAttribute(std::string_view text, AttributeType type, const DateRules& rules, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  if (type == AttributeType::kDate) return NormalizeDate(text, rules, out);
  if (type == AttributeType::kName) return NormalizeName(text, out);
  if (IsJunk(text)) return Outcome::kPlaceholder;
  if (type == AttributeType::kIdentifier) {
    AppendIdentifier(text, out);
    if (IsJunk(*out)) out->clear();
  } else if (type == AttributeType::kNumber) {
    *out = Decimal(text);
  } else {
    out->assign(text);
  }
  return out->empty() ? Outcome::kBad : Outcome::kOk;
}

}  // namespace migrate::normalize
