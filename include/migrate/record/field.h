// The built-in fields of a person, in the order of the contract, and the attributes a plan adds to them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate {

enum class Field : uint8_t {
  kFullName,
  kFirstName,
  kMiddleName,
  kLastName,
  kSuffix,
  kSex,
  kBirthDate,
  kEmail,
  kPhone,
  kStreet,
  kUnit,
  kCity,
  kState,
  kZip,
  kAddress,
  kCountry,
  kNationalId,
  kUpdatedAt,
  kOptOut,
};
inline constexpr int kFieldCount = 19;

// Names as plans, tables and exports spell them, indexed by Field.
inline constexpr std::array<std::string_view, kFieldCount> kFieldNames = {
    "full_name", "first_name", "middle_name", "last_name",  "suffix", "sex",   "birth_date",
    "email",     "phone",      "street",      "unit",       "city",   "state", "zip",
    "address",   "country",    "national_id", "updated_at", "opt_out"};

inline std::string_view FieldName(Field f) { return kFieldNames[static_cast<size_t>(f)]; }

inline std::optional<Field> FieldByName(std::string_view name) {
  for (int i = 0; i < kFieldCount; ++i)
    if (kFieldNames[static_cast<size_t>(i)] == name) return static_cast<Field>(i);
  return std::nullopt;
}

// How two values of an attribute compare (CONTRACT: `attributes`).
enum class AttributeType : uint8_t { kText, kName, kCategory, kIdentifier, kDate, kNumber };
inline constexpr std::array<std::string_view, 6> kAttributeTypeNames = {"text",       "name", "category",
                                                                        "identifier", "date", "number"};
struct Attribute {
  std::string name;
  AttributeType type = AttributeType::kText;
};

// Contact channels of opt_out, as bits; 15 is "all channels".
enum OptOut : uint8_t { kOptOutCall = 1, kOptOutSms = 2, kOptOutEmail = 4, kOptOutMail = 8, kOptOutAll = 15 };
inline constexpr std::array<std::string_view, 4> kOptOutChannels = {"call", "sms", "email", "mail"};

}  // namespace migrate
