// A whole address on one line, from its end: country, postal code, state, city, street.
#include "address_parts.h"
#include "migrate/normalize/addresses.h"
#include "migrate/normalize/postal_codes.h"
#include "migrate/normalize/states.h"
#include "street_parts.h"

namespace migrate::normalize {
namespace {

constexpr CharSet kEnds = " ,;";

bool IsStateOfAmerica(std::string_view text) {
  return !StateCode(text, "US").empty() || !StateCode(text, "CA").empty();
}

bool IsShortCountry(std::string_view word) {
  for (const char* known : {"usa", "u.s.a", "u.s.a.", "us", "u.s.", "u.s", "uk", "u.k.", "u.k"})
    if (EqualsIgnoreCase(word, known)) return true;
  return false;
}

bool HasTail(std::string_view text) {
  std::string_view before;
  const std::string_view last = LastWords(text, 1, &before);
  return HasDigit(last) || text.find_first_of(",;") != std::string_view::npos || !StateCode(last, "US").empty() ||
         !LooksLikeStreet(text);
}

// `candidate` ends *text and can be its country.
bool IsCountryAtEnd(std::string_view candidate, std::string_view before) {
  if (candidate.empty() || before.empty() || HasDigit(candidate)) return false;
  if (IsShortCountry(candidate)) return true;
  // Two letters are a state or anything else before they are a country, and three seldom are one.
  if (candidate.size() <= 3 || IsStateOfAmerica(candidate)) return false;
  std::string code;
  return NormalizeCountry(candidate, &code) == Outcome::kOk && HasTail(before);
}

void TakeCountry(std::string_view* text, std::string_view* country) {
  const size_t comma = text->find_last_of(",;");
  if (comma != std::string_view::npos) {
    const std::string_view last = Trim(text->substr(comma + 1)), before = TrimChars(text->substr(0, comma), kEnds);
    if (IsCountryAtEnd(last, before)) {
      *country = last;
      *text = before;
      return;
    }
  }
  for (const int words : {4, 3, 2, 1}) {
    std::string_view before;
    const std::string_view last = LastWords(*text, words, &before);
    if (last.empty()) continue;
    // "New Jersey" is no Jersey.
    if (IsStateOfAmerica(last)) return;
    if (!IsCountryAtEnd(last, before)) continue;
    // Without a comma a name stands behind a code or a state, or it is the city's.
    std::string_view rest;
    const std::string_view previous = LastWords(before, 1, &rest);
    if (!IsShortCountry(last) && !HasDigit(previous) && !IsStateOfAmerica(previous)) continue;
    *country = last;
    *text = before;
    return;
  }
}

// "IL62704", "IL-62704": a state and a ZIP in one word. The ZIP's place in it, or 0.
size_t GluedZip(std::string_view word) {
  size_t letters = 0;
  while (letters < word.size() && IsAlpha(word[letters])) ++letters;
  if (letters != 2 || letters == word.size() || StateCode(word.substr(0, 2), "US").empty()) return 0;
  const size_t digits = word[letters] == '-' || word[letters] == '.' ? letters + 1 : letters;
  return IsZipOf(word.substr(digits), "US") ? digits : 0;
}

// A code of `country`, or of a country whose codes nothing else looks like.
bool IsZipAtEnd(std::string_view candidate, std::string_view country, int words) {
  if (candidate.empty()) return false;
  if (IsZipOf(candidate, country)) return true;
  const AddressStyle style = StyleOf(country);
  if (style != AddressStyle::kUs && style != AddressStyle::kCanada) return false;
  if (IsZipOf(candidate, "CA") || (style == AddressStyle::kCanada && IsZipOf(candidate, "US"))) return true;
  return words == 2 && IsZipOf(candidate, "GB");
}

void TakeZip(std::string_view country, std::string_view* text, AddressLine* line) {
  std::string_view before;
  const std::string_view word = LastWords(*text, 1, &before);
  if (const size_t zip = StyleOf(country) == AddressStyle::kUs ? GluedZip(word) : 0; zip > 0) {
    line->zip = word.substr(zip);
    line->state = word.substr(0, 2);
    *text = before;
    return;
  }
  for (const int words : {3, 2, 1}) {
    const std::string_view candidate = LastWords(*text, words, &before);
    // "62704 - 1234" is a code of three words; else only letters and digits of one code may stand together.
    if (words == 3 && (candidate.size() < 3 || candidate.find(" - ") == std::string_view::npos)) continue;
    if (before.empty() || !IsZipAtEnd(candidate, country, words)) continue;
    // "12 Main St, 4500" in Australia is a code; a mere number behind a street's suffix is none.
    line->zip = candidate;
    *text = before;
    return;
  }
}

void TakeState(std::string_view country, std::string_view* text, std::string_view* state) {
  if (!state->empty()) return;
  const AddressStyle style = StyleOf(country);
  if (style == AddressStyle::kOther) return;
  for (const int words : {4, 3, 2, 1}) {
    std::string_view before;
    const std::string_view candidate = LastWords(*text, words, &before);
    if (candidate.empty() || before.empty()) continue;
    // "Washington DC" is a city and its state.
    std::string_view rest;
    const std::string_view code = StateCode(LastWords(*text, 1, &rest), country);
    if (words > 1 && !code.empty() && code == StateCode(candidate, country)) continue;
    const bool own = country == "GB" ? IsBritishCounty(candidate) && before.find(',') != std::string_view::npos
                                     : !StateCode(candidate, country).empty();
    const bool american = (style == AddressStyle::kUs || style == AddressStyle::kCanada) && IsStateOfAmerica(candidate);
    if (!own && !american) continue;
    *state = candidate;
    *text = before;
    return;
  }
}

// What is left when country, code and state are gone.
void TakeCity(std::string_view text, AddressLine* line) {
  const size_t comma = text.find_last_of(",;");
  if (comma != std::string_view::npos) {
    const std::string_view last = Trim(text.substr(comma + 1));
    const bool last_is_street = LooksLikeStreet(last);
    if (last_is_street && SplitBySuffix(last, line)) {
      // "Apt 4, 12 Main St Springfield": what stands before the comma belongs to the street.
      line->street = Trim(text.substr(0, static_cast<size_t>(line->city.data() - text.data())));
      return;
    }
    line->street = last_is_street ? text : TrimChars(text.substr(0, comma), kEnds);
    line->city = last_is_street ? std::string_view() : last;
  } else if (!LooksLikeStreet(text)) {
    line->city = text;
  } else if (!SplitBySuffix(text, line)) {
    line->street = text;
  }
}

}  // namespace

AddressLine SplitAddress(std::string_view text, std::string_view country) {
  AddressLine line;
  text = TrimChars(text, kEnds);
  if (text.empty()) return line;
  if (IsZipOf(text, country)) {
    line.zip = text;
    return line;
  }
  TakeCountry(&text, &line.country);
  std::string code;
  if (!line.country.empty() && NormalizeCountry(line.country, &code) == Outcome::kOk) country = code;
  if (StyleOf(country) == AddressStyle::kOther) {
    SplitContinental(text, country, &line);
  } else {
    TakeZip(country, &text, &line);
    TakeState(country, &text, &line.state);
    if (line.zip.empty()) TakeZip(country, &text, &line);
    TakeCity(text, &line);
  }
  line.complete = (!line.zip.empty() || !line.state.empty()) && !line.city.empty();
  return line;
}

}  // namespace migrate::normalize
