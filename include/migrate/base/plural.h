// "1 row", "2 rows", "0 rows": counts in messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace migrate {

// The number and the noun; `plural` for nouns that take no plain s ("entry", "entries").
inline std::string Counted(uint64_t n, std::string_view noun, std::string_view plural = "") {
  std::string text = std::to_string(n);
  text += ' ';
  text += n == 1 || plural.empty() ? noun : plural;
  if (n != 1 && plural.empty()) text += 's';
  return text;
}

// The form of a verb or noun that goes with the number: Plural(n, "is", "are").
constexpr std::string_view Plural(uint64_t n, std::string_view one, std::string_view many) {
  return n == 1 ? one : many;
}

}  // namespace migrate
