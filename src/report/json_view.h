// Reading a JSON that may lack anything: absent keys and wrong types give 0, "", or an empty list.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace migrate::report {

using Json = nlohmann::json;

inline const Json& Get(const Json& j, const char* key) {
  static const Json null;
  if (!j.is_object()) return null;
  auto it = j.find(key);
  return it == j.end() ? null : *it;
}
inline const Json& List(const Json& j, const char* key) {
  static const Json none = Json::array();
  const Json& v = Get(j, key);
  return v.is_array() ? v : none;
}
inline int64_t Int(const Json& j, const char* key, int64_t fallback = 0) {
  const Json& v = Get(j, key);
  if (!v.is_number_float()) return v.is_number() ? v.get<int64_t>() : fallback;
  auto real = v.get<double>();
  return real > -9e18 && real < 9e18 ? static_cast<int64_t>(real) : fallback;
}
inline double Real(const Json& j, const char* key, double fallback = 0) {
  const Json& v = Get(j, key);
  return v.is_number() ? v.get<double>() : fallback;
}
inline std::string Text(const Json& j, const char* key) {
  const Json& v = Get(j, key);
  return v.is_string() ? v.get<std::string>() : "";
}
inline bool Flag(const Json& j, const char* key) {
  const Json& v = Get(j, key);
  return v.is_boolean() && v.get<bool>();
}
inline bool Has(const Json& j, const char* key) { return !Get(j, key).is_null(); }

}  // namespace migrate::report
