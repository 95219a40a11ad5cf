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
  std::vector<std::string> columns;  // names as the plan writes them
  std::string with = " ";            // kJoin
  std::string constant;              // kConstant
  std::vector<std::string> formats;  // formats of a date (see IsDateFormat), tried in order; empty: by date_order
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

// Whether a bare five-digit number is a day, counted as Excel counts them.
enum class ExcelSerials : uint8_t {
  kOff,   // it is no date
  k1900,  // 1 is 1900-01-01, and 60 the 29th of February 1900, which never was (Excel on Windows)
  k1904,  // 0 is 1904-01-01 (old Excel on the Macintosh)
};

inline constexpr int kDefaultPivot = 29;  // as Excel and Windows read two-digit years

// `normalize:` of the plan.
struct NormalizeOptions {
  std::string country = "US";  // ISO 3166-1 alpha-2: default of phones, postal codes and addresses
  DateOrder date_order = DateOrder::kMdy;
  int two_digit_year_pivot = kDefaultPivot;  // 00 to it are 20xx, the years above it 19xx
  ExcelSerials excel_serials = ExcelSerials::kOff;
  std::string as_of =
      {};  // "YYYY-MM-DD": birth dates after it, or more than 120 years before it, are flagged; "": no check
};

}  // namespace migrate
