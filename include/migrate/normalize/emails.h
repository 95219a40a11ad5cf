// E-mail addresses to their strict key: trimmed, without "mailto:", display name, brackets and trailing punctuation,
// lower case, domain in its ASCII form (IDNA 2008, libidn2). The loose key for matching is record/keys.h LooseEmail.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

inline constexpr size_t kEmailBound = 254;      // RFC 5321, 4.5.3.1.3; a longer one is no address: kBad, never cut
inline constexpr size_t kEmailLocalBound = 64;  // RFC 5321, 4.5.3.1.1

// The next of several addresses in one cell, separated by ; , | / or blanks; false at the end.
bool NextEmail(std::string_view* rest, std::string_view* part);

// One address, cleaned with Form::kCode. The local part is a dot-atom (RFC 5322) or, beyond ASCII, any letters
// (RFC 6531); quoted local parts and address literals are refused. The domain has at least two labels, the last one
// letters only (or xn--). kPlaceholder: noreply@anything, none@none.com, test@test.com, test@example.com and their
// like; a plausible person at example.com is kept.
Outcome NormalizeEmail(std::string_view text, std::string* out);

}  // namespace migrate::normalize
