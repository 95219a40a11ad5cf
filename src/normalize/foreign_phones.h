// libphonenumber behind one function, because its headers take seconds to compile. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

// Reads a number outside country code 1. Exceptions do not leave. kOk or kBad.
Outcome NormalizeForeignPhone(std::string_view text, std::string_view country, std::string* out);

}  // namespace migrate::normalize
