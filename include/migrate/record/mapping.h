// How the columns of a source become the fields of a person: the parsed form of `fields:` in a plan.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "migrate/record/field.h"

namespace migrate {

// One `FIELD: ...` line. `slot` is the Field's number, or kFieldCount + i for the plan's i-th attribute.
struct FieldMapping {
  enum class Kind : uint8_t {
    kColumns,   // first column that is not empty; email and phone: all values, best first
    kJoin,      // the non-empty columns joined by `with`
    kConstant,  // `constant`, whatever the row says
    kOptOut,    // channel_columns: one column per channel ("" is none); `columns` is empty
  };
  int slot = 0;
  Kind kind = Kind::kColumns;
  std::vector<std::string> columns;            // names as the plan writes them
  std::string with = " ";                      // kJoin
  std::string constant;                        // kConstant
  std::vector<std::string> formats;            // strptime formats of a date, tried in order; empty: ISO and date_order
  std::array<std::string, 4> channel_columns;  // kOptOut, in the order of kOptOutChannels
};

// A mapping whose column names were looked up in one header: what normalize works with.
struct BoundField {
  FieldMapping::Kind kind = FieldMapping::Kind::kColumns;
  int slot = 0;
  std::vector<uint32_t> columns;  // indexes into the row
  std::string with, constant;
  std::vector<std::string> formats;
  std::array<int32_t, 4> channel_columns{-1, -1, -1, -1};  // -1: none
};

enum class DateOrder : uint8_t { kMdy, kDmy, kYmd };

// `normalize:` of the plan.
struct NormalizeOptions {
  std::string country = "US";  // ISO 3166-1 alpha-2: default of phones, postal codes and addresses
  DateOrder date_order = DateOrder::kMdy;
};

}  // namespace migrate
