// libphonenumber behind one function, because its headers take seconds to compile. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

// Reads digits, '+' before them or not, to E.164. Numbers of country code 1 are not checked, that is for the caller;
// all others are held against the library's metadata. Exceptions do not leave. kOk or kBad.
Outcome NormalizeForeignPhone(std::string_view text, std::string_view country, std::string* out);

}  // namespace migrate::normalize
