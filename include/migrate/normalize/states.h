// States and provinces to the two- or three-letter codes of their postal services.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

inline constexpr size_t kStateBound = 64;  // bytes

// United States and territories (USPS Publication 28, appendix B), Canada (Canada Post), Australia (Australia Post):
// codes and English names, with the old abbreviations ("Calif.", "Penna"). A code that several countries use belongs to
// `country`, else to the first of US, CA, AU. Elsewhere the text stays, in capitals where it has at most three letters.
// In the three countries, what is no state is kept in the same way, as kDoubtful.
Outcome NormalizeState(std::string_view text, std::string_view country, std::string* out);

// The code if `text` is a state of that country ("US", "CA", "AU"), else "".
std::string_view StateCode(std::string_view text, std::string_view country);

}  // namespace migrate::normalize
