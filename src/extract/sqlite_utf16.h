// Texts of a database in UTF-16.
#pragma once

#include <string>
#include <string_view>

namespace migrate::extract {

// Appends the text as UTF-8. False, with *out as it was, where the bytes are no UTF-16 (an odd number of them, half a
// surrogate pair), which SQLite's own conversion would replace by U+FFFD or drop.
bool AppendUtf16(std::string_view bytes, bool big_endian, std::string* out);

}  // namespace migrate::extract
