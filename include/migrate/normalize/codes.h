// Values with a small vocabulary: sex, opt-out, identity numbers, and the attributes a plan adds.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/dates.h"
#include "migrate/normalize/text.h"
#include "migrate/record/field.h"

namespace migrate::normalize {

// "F", "M" or "X". m/male/man/boy, f/female/woman/girl in English, French, Spanish, German, Italian, Portuguese; x,
// nonbinary, other, diverse; 1 and 2 of ISO/IEC 5218 (its 0 "not known" and 9 "not applicable" are kPlaceholder).
Outcome NormalizeSex(std::string_view text, std::string* out);

enum class Consent : uint8_t { kNotSaid, kOptedOut, kUnclear };
// What an opt-out cell says: true is 1 y yes t true x stop; false is 0 n no f false and nothing at all. Anything else
// is kUnclear, which the caller takes for an opt-out: whoever wrote something there may have wanted to be left alone.
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
