// Countries to ISO 3166-1 alpha-2.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

// "US", "USA", "840" (ISO 3166-1 numeric), "United States of America", "U.S.A." -> "US"; English short names and the
// usual other spellings. kBad (NULL) for what is no country.
Outcome NormalizeCountry(std::string_view text, std::string* out);

// How a country writes addresses, as far as the rules differ.
enum class AddressStyle : uint8_t {
  kUs,  // states, ZIP codes, Publication 28 abbreviations (also PR, GU, VI, AS, MP)
  kCanada,
  kCommonwealth,  // GB, AU, NZ, IE: the same street suffixes, other codes
  kOther,         // white space and case only
};
AddressStyle StyleOf(std::string_view country);

}  // namespace migrate::normalize
