// Postal codes as their countries write them.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"
#include "migrate/record/record.h"

namespace migrate::normalize {

inline constexpr size_t kZipBound = 16;  // bytes

// US: "62704", "62704-1234" (a plus-four of 0000 is none); CA: "K1A 0B1"; GB: "SY5 7NT"; others in capitals.
// A column of numbers has lost its leading zeros, so where `type` is kInteger or kReal a code that is too short is
// padded (US, DE, ES, FR, IT, MX: 5 digits, US also 9; AU, NZ: 4); text is never padded. A code that has digits but not
// the form of the country is kept as kDoubtful, unless it is longer than kZipBound (kBad: no code is); 00000 and 99999
// are placeholders.
Outcome NormalizeZip(std::string_view text, CellType type, std::string_view country, std::string* out);

// True if `text` has the form of a postal code of the country and nothing else (US, CA, GB, AU; others: five digits).
bool IsZipOf(std::string_view text, std::string_view country);

}  // namespace migrate::normalize
