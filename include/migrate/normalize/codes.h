// Values with a small vocabulary: sex, opt-out, identity numbers, and the attributes a plan adds.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/dates.h"
#include "migrate/normalize/text.h"
#include "migrate/record/field.h"

namespace migrate::normalize {

// "F", "M" or "X". Words, letters and forms of address in English, French, Spanish, German, Italian, Portuguese and
// Dutch, in any case, with or without accents; 1 and 2 of ISO/IEC 5218; a code with its word ("M - Male"). X is what
// stands beside the two (nonbinary, divers, ICAO 9303's X).
//   kPlaceholder  0 "not known" and 9 "not applicable" of ISO/IEC 5218, u, unknown, "prefer not to say"
//   kBad          anything else. H (hombre, homme) and V (varón; vrouw) are left unread on purpose: in a column of H
//   and M
//                 the M is mujer, and the flag on every H is what shows it. So is 3, which no standard has.
// One value is read at a time, so a column of 0 and 1 is read by ISO/IEC 5218, as "not known" and "male", whatever its
// author meant: map such a column through a query that says M and F.
Outcome NormalizeSex(std::string_view text, std::string* out);

enum class Consent : uint8_t { kNotSaid, kOptedOut, kUnclear };
// What an opt-out cell says.
//   kOptedOut  1 y yes t true x stop; the words that 47 CFR 64.1200(a)(10) names for text messages (quit, end, revoke,
//   opt
//              out, cancel, unsubscribe); on, checked, "do not call" and its like, -1 (true in Access), check marks,
//              yes in other languages; a day: since then
//   kNotSaid   nothing, NULL; 0 n no f false, off, "opted in", no in other languages; a zero date, which is how MySQL
//              writes that there was no day
//   kUnclear   anything else (2, maybe, n/a, 1900-01-01), which the caller takes for an opt-out and flags: whoever
//   wrote
//              something there may have wanted to be left alone
// A column that says the opposite ("may be contacted: yes") cannot be told from this one and must not be mapped as it
// is.
Consent ReadOptOut(std::string_view text);

inline constexpr size_t kNationalIdBound = 64;  // bytes
// Letters and digits only, in capitals. kPlaceholder: all digits alike or counting (000-00-0000, 123-45-6789). kBad:
// fewer than four characters, or no digit.
Outcome NormalizeNationalId(std::string_view text, std::string* out);

inline constexpr size_t kAttributeBound = 500;  // bytes
// text, category: as cleaned. name: display case. identifier: letters and digits in capitals. date: like birth_date.
// number: canonical decimal ("1,234.50" -> "1234.5", "$12" -> "12", "(5)" -> "-5"); kBad if it is none.
Outcome NormalizeAttribute(std::string_view text, AttributeType type, const DateRules& rules, std::string* out);

}  // namespace migrate::normalize
