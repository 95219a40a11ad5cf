// Fields of JSON that anybody may have written: one of another type is as if it were not there, and never an exception.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace migrate::ledger {

inline std::string TextField(const nlohmann::json& object, const char* name, const char* otherwise = "") {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : otherwise;
}

// Of an integer, 64 bits of it.
inline int64_t NumberField(const nlohmann::json& object, const char* name, int64_t otherwise = 0) {
  const auto it = object.find(name);
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>() : otherwise;
}

// Milliseconds since 1970, before the year 10000: anything else can be neither counted with nor said.
inline int64_t TimeField(const nlohmann::json& object, const char* name, int64_t otherwise = 0) {
  constexpr int64_t kYear10000 = 253402300800000;
  const int64_t ms = NumberField(object, name, otherwise);
  return ms >= 0 && ms < kYear10000 ? ms : otherwise;
}

}  // namespace migrate::ledger
