// E-mail addresses to their strict key: lower case, without display name, comments, "mailto:" and what else people put
// around an address, domain in its ASCII form (UTS #46, IDNA 2008, libidn2). The loose key for matching and the list of
// role addresses are in record/keys.h.
//
//   "Smith, John" <John.Smith@X.org>   -> john.smith@x.org
//   john@x.org (work)                  -> john@x.org             comments, RFC 5322 3.2.2
//   "john.smith"@x.org                 -> john.smith@x.org       quotes that nothing needs, RFC 5321 4.1.2
//   "john smith"@x.org                 -> "john smith"@x.org     quotes that are needed stay
//   j@MÜNCHEN.de, j@xn--mnchen-3ya.de  -> j@xn--mnchen-3ya.de    both forms are one key
//   SMTP:john@x.org                    -> john@x.org             a label and a colon before it
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

inline constexpr size_t kEmailBound = 254;      // RFC 5321, 4.5.3.1.3; a longer one is no address: kBad, never cut
inline constexpr size_t kEmailLocalBound = 64;  // RFC 5321, 4.5.3.1.1, quotes and backslashes included

// The next of several addresses in one cell, separated by ; , | / or blanks, with or without "or" and "and"; false at
// the end.
bool NextEmail(std::string_view* rest, std::string_view* part);

// One address, cleaned with Form::kCode. The local part is a dot-atom (RFC 5322) or, beyond ASCII, any letters
// (RFC 6531), or a quoted string; address literals are refused. The domain has at least two labels, the last one
// letters only (or xn--).
//   kPlaceholder  noreply@anything, none@none.com, test@test.com, test@example.com and their like; a plausible person
//   at
//                 example.com is kept
//   kDoubtful     a slip of a well-known domain (gmial.com, hotmail.con). It is kept as it stands: such domains are
//                 registered and take mail, so that a guess at what was meant could bring two strangers together
//   kBad          anything else
Outcome NormalizeEmail(std::string_view text, std::string* out);

}  // namespace migrate::normalize
