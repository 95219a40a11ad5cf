#include "migrate/normalize/codes.h"

#include <algorithm>

#include "migrate/normalize/junk.h"
#include "migrate/normalize/names.h"

namespace migrate::normalize {
namespace {

constexpr uint32_t kMale = 1, kFemale = 2, kOther = 3, kUnknown = 4;

const WordTable& SexWords() {
  static const WordTable table{{"m", kMale},
                               {"male", kMale},
                               {"man", kMale},
                               {"boy", kMale},
                               {"1", kMale},
                               {"masculine", kMale},
                               {"homme", kMale},
                               {"masculin", kMale},
                               {"hombre", kMale},
                               {"masculino", kMale},
                               {"varon", kMale},
                               {"mann", kMale},
                               {"maennlich", kMale},
                               {"m\xC3\xA4nnlich", kMale},
                               {"uomo", kMale},
                               {"maschio", kMale},
                               {"homem", kMale},
                               {"mr", kMale},
                               {"herr", kMale},
                               {"m.", kMale},
                               {"f", kFemale},
                               {"female", kFemale},
                               {"woman", kFemale},
                               {"girl", kFemale},
                               {"2", kFemale},
                               {"w", kFemale},
                               {"feminine", kFemale},
                               {"femme", kFemale},
                               {"feminin", kFemale},
                               {"f\xC3\xA9minin", kFemale},
                               {"mujer", kFemale},
                               {"femenino", kFemale},
                               {"feminino", kFemale},
                               {"frau", kFemale},
                               {"weiblich", kFemale},
                               {"donna", kFemale},
                               {"femmina", kFemale},
                               {"mulher", kFemale},
                               {"mrs", kFemale},
                               {"ms", kFemale},
                               {"f.", kFemale},
                               {"x", kOther},
                               {"nonbinary", kOther},
                               {"non-binary", kOther},
                               {"non binary", kOther},
                               {"nb", kOther},
                               {"enby", kOther},
                               {"other", kOther},
                               {"diverse", kOther},
                               {"divers", kOther},
                               {"d", kOther},
                               {"3", kOther},
                               {"intersex", kOther},
                               {"genderqueer", kOther},
                               {"0", kUnknown},
                               {"9", kUnknown},
                               {"u", kUnknown},
                               {"n", kUnknown},
                               {"not applicable", kUnknown}};
  return table;
}

const WordTable& ConsentWords() {
  constexpr uint32_t kYes = 1, kNo = 2;
  static const WordTable table{{"1", kYes},    {"y", kYes}, {"yes", kYes}, {"t", kYes}, {"true", kYes}, {"x", kYes},
                               {"stop", kYes}, {"0", kNo},  {"n", kNo},    {"no", kNo}, {"f", kNo},     {"false", kNo}};
  return table;
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
  switch (SexWords().Find(text)) {
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
  switch (ConsentWords().Find(text)) {
    case 1:
      return Consent::kOptedOut;
    case 2:
      return Consent::kNotSaid;
    default:
      return Consent::kUnclear;
  }
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
