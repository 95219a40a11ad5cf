// What the fuzzers of single rules share: the first byte of an input chooses a country and an option, the rest is the
// text, cleaned as the normalizer cleans it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

inline void Require(bool holds, const char* what, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "%s: '%.*s'\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

struct FuzzInput {
  uint8_t choice = 0;
  std::string text;

  std::string_view country() const {
    constexpr std::string_view kCountries[] = {"US", "CA", "GB", "AU", "DE", "FR", "NL", ""};
    return kCountries[choice & 7];
  }
  unsigned option() const { return choice >> 3; }
};

inline FuzzInput ReadFuzzInput(const uint8_t* data, size_t size, Form form) {
  FuzzInput input;
  if (size == 0) return input;
  input.choice = data[0];
  std::string scratch;
  input.text = Clean({reinterpret_cast<const char*>(data) + 1, size - 1}, form, &scratch);
  return input;
}

// What holds for every value of every rule.
inline void RequireValue(Outcome outcome, const std::string& value, size_t bound, std::string_view text) {
  Require(HasValue(outcome) == !value.empty(), "a value where the outcome has none, or the other way round", text);
  Require(value.size() <= bound, "longer than its bound", text);
  Require(IsValidUtf8(value), "no UTF-8", text);
}

}  // namespace migrate::normalize
