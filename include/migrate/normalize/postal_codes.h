// Postal codes as their countries write them.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"
#include "migrate/record/record.h"

namespace migrate::normalize {

inline constexpr size_t kZipBound = 16;  // bytes

// US: "62704", "62704-1234" (a plus-four of 0000 is none); CA: "K1A 0B1"; GB: "SY5 7NT"; NL "1012 AB", PL "00-950", SE
// "114 55": some sixty countries as they write them, the sign of the country before the code ("D-10115") dropped;
// others in capitals. A column of numbers has lost its leading zeros, so where `type` is kInteger or kReal, or the text
// ends in ".0", a code of digits that is too short by one or two is padded (US also to nine); other text is never
// padded. O and I that stand where only a digit can, 0 and 1 where only a letter can, are read as what was meant if a
// single code comes out of it
// ("O2139", "SW1A OAA"). A code that has digits but not the form of the country is kept as kDoubtful, unless it is
// longer than kZipBound (kBad: no code is); 00000 and 99999 are placeholders.
Outcome NormalizeZip(std::string_view text, CellType type, std::string_view country, std::string* out);

// True if `text` has the form of a postal code of the country and nothing else (where the form is not known: five
// digits).
bool IsZipOf(std::string_view text, std::string_view country);

}  // namespace migrate::normalize
