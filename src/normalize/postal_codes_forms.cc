#include "postal_codes_forms.h"

#include <algorithm>
#include <iterator>

#include "migrate/normalize/countries.h"
#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

struct CountryForms {
  std::string_view country, forms, sign;
};

constexpr std::string_view kUs = "99999|99999-9999";
constexpr std::string_view kBritish = "AA9 9AA|A9 9AA|A99 9AA|AA99 9AA|A9A 9AA|AA9A 9AA|AAA 9AA";

// Sorted by country.
constexpr CountryForms kForms[] = {
    {"AD", "AA999", ""},          {"AR", "A9999AAA|9999", ""}, {"AT", "9999", "A"},     {"AU", "9999", ""},
    {"BE", "9999", "B"},          {"BG", "9999", ""},          {"BR", "99999-999", ""}, {"BY", "999999", ""},
    {"CA", "A9A 9A9", ""},        {"CH", "9999", ""},          {"CN", "999999", ""},    {"CO", "999999", ""},
    {"CR", "99999", ""},          {"CY", "9999", ""},          {"CZ", "999 99", ""},    {"DE", "99999", "D"},
    {"DK", "9999", ""},           {"EE", "99999", ""},         {"ES", "99999", "E"},    {"FI", "99999", "FIN"},
    {"FR", "99999", "F"},         {"GB", kBritish, ""},        {"GG", kBritish, ""},    {"GR", "999 99", ""},
    {"HR", "99999", ""},          {"HU", "9999", "H"},         {"IE", "A9X XXXX", ""},  {"IL", "9999999|99999", ""},
    {"IM", kBritish, ""},         {"IN", "999 999", ""},       {"IS", "999", ""},       {"IT", "99999", "I"},
    {"JE", kBritish, ""},         {"JP", "999-9999", ""},      {"KR", "99999", ""},     {"LI", "9999", ""},
    {"LT", "99999", ""},          {"LU", "9999", "L"},         {"LV", "9999", ""},      {"MC", "99999", ""},
    {"MT", "AAA 9999", ""},       {"MX", "99999", ""},         {"MY", "99999", ""},     {"NL", "9999 AA", ""},
    {"NO", "9999", "N"},          {"NZ", "9999", ""},          {"PH", "9999", ""},      {"PL", "99-999", ""},
    {"PT", "9999-999|9999", "P"}, {"RO", "999999", ""},        {"RS", "99999", ""},     {"RU", "999999", ""},
    {"SE", "999 99", "S"},        {"SG", "999999", ""},        {"SI", "9999", ""},      {"SK", "999 99", ""},
    {"TH", "99999", ""},          {"TR", "99999", ""},         {"UA", "99999", ""},     {"ZA", "9999", ""}};

static_assert(std::is_sorted(std::begin(kForms), std::end(kForms),
                             [](const CountryForms& a, const CountryForms& b) { return a.country < b.country; }));

const CountryForms* Find(std::string_view country) {
  const auto* found = std::lower_bound(std::begin(kForms), std::end(kForms), country,
                                       [](const CountryForms& f, std::string_view c) { return f.country < c; });
  return found != std::end(kForms) && found->country == country ? found : nullptr;
}

bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

}  // namespace

std::string_view PostalForms(std::string_view country) {
  if (country == "US" || StyleOf(country) == AddressStyle::kUs) return kUs;
  const CountryForms* found = Find(country);
  return found == nullptr ? std::string_view() : found->forms;
}

bool IsCountrySign(std::string_view sign, std::string_view country) {
  if (EqualsIgnoreCase(sign, country)) return true;
  const CountryForms* found = Find(country);
  return found != nullptr && !found->sign.empty() && EqualsIgnoreCase(sign, found->sign);
}

bool IsCanadaPostCode(std::string_view c) {
  for (const char letter : c)
    if (IsOneOf(letter, "DFIOQU")) return false;
  return c[0] != 'W' && c[0] != 'Z';
}

bool IsRoyalMailCode(std::string_view c) {
  if (c == "GIR0AA") return true;
  const std::string_view outward = c.substr(0, c.size() - 3);
  for (const char letter : c.substr(c.size() - 2))
    if (IsOneOf(letter, "CIKMOV")) return false;
  if (IsOneOf(outward[0], "QVX")) return false;
  const bool two = IsUpper(outward[1]);
  if (two && (IsOneOf(outward[1], "IJZ") || !IsDigit(outward[2]))) return false;
  if (!IsUpper(outward.back()) || outward.size() < 3) return true;
  return IsOneOf(outward.back(), two ? "ABEHMNPRVWXY" : "ABCDEFGHJKPSTUW");
}

}  // namespace migrate::normalize
