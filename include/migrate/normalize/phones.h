// Telephone numbers to E.164 (ITU-T), an extension as ";ext=123" (RFC 3966).
//
// Numbers of the North American Numbering Plan are read by hand (tens of millions a second); all others by
// libphonenumber (20 to 28 microseconds each), with the country that the row or the plan names.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

// Bytes of a number with extension. A longer one is not cut, it would be another number: kBad.
inline constexpr size_t kPhoneBound = 32;

// The first part of *rest that holds a number of its own ("206-555-9857; 425-555-0100", "... or ...", "a / b", and two
// numbers with a mere blank between them, which no single number is long enough for), which is taken off *rest; false
// at the end. What follows a separator but is no number ("x12") stays with the number before.
bool NextPhone(std::string_view* rest, std::string_view* part);

// One number, cleaned with Form::kCode; `country` is ISO 3166-1 alpha-2.
//   kOk           "+12065559857", "+12065559857;ext=123", "+442079460958"
//   kDoubtful     a number of North American form whose area code is in no table, or whose exchange is a service code
//                 (206-911-0101): kept, for tables age and a number with a typo still tells two people apart
//   kPlaceholder  all digits alike, 1234567890, the seven after the area code all alike (206-555-5555), and directory
//                 assistance (555-1212). The numbers for fiction (555-0100 to 555-0199) are none: test files are full
//                 of them.
//   kBad          anything else: seven digits without an area code are not a number, area codes that cannot exist (N11,
//                 a first 0 or 1), digits lost to a spreadsheet ("2.06556E+09")
// Read are besides: the prefixes +, 00 and 011; a trunk zero in brackets "+44 (0)20"; extensions (x, ext., #, commas
// that are pauses, and the words of other languages); tel: URIs (RFC 3966); digits of other scripts; whole numbers as
// programs write them (2065559857.0, 2.065559857E9); "206-555-9857/58" for its first number. "1-800-FLOWERS" is dialled
// by its letters; other words ("cell", "home:") are skipped.
Outcome NormalizePhone(std::string_view text, std::string_view country, std::string* out);

}  // namespace migrate::normalize
