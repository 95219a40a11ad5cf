// Record: a person record after normalization; Row: the source row before it; Reject: a row that could not become one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/hash.h"
#include "migrate/record/field.h"

namespace migrate {

// Where a row lies in its source. For tables `file` is the table's file, line and byte_offset are 0, row counts from 1.
struct Place {
  uint32_t file = 0;         // index into the import's list of inputs
  uint64_t row = 0;          // counted from 1 after the header; ragged rows count, blank lines do not
  uint64_t line = 0;         // physical line, counted from 1, where the row begins (0: not a text file)
  uint64_t byte_offset = 0;  // of the row's first byte in the unpacked file
};

// One cell of a source row. SQLite may hold any type in any column; CSV cells are all kText.
enum class CellType : uint8_t { kNull, kText, kInteger, kReal, kBytes };
struct Cell {
  CellType type = CellType::kNull;
  std::string_view bytes;  // kText: UTF-8; kInteger, kReal: its canonical decimal text; kBytes: raw; kNull: empty
};

// Quality flags of a record, one bit each: the value could not be normalized (it is NULL, its raw form stays in the
// payload), or it is kept although it is not known to be right (where said), or it was a placeholder. Names in
// kQualityFlagNames, stored as an integer in record.flags.
enum QualityFlag : uint32_t {
  kFlagName = 1u << 0,          // name was junk (UNKNOWN, N/A, ...) or had no letters
  kFlagBirthDate = 1u << 1,     // unparsable or impossible date; or kept: see IsPlausibleBirth in normalize/dates.h
  kFlagEmail = 1u << 2,         // not an address; or kept: a slip of a well-known domain (gmial.com)
  kFlagPhone = 1u << 3,         // not a number; or kept: a North American number whose area code is in no table
  kFlagAddress = 1u << 4,       // one-line address without city, or without state and postal code; unknown country
  kFlagState = 1u << 5,         // no letters; or kept: no state of its country
  kFlagZip = 1u << 6,           // no digits; or kept: not of the form of its country
  kFlagSex = 1u << 7,           // a word outside the vocabularies
  kFlagUpdatedAt = 1u << 8,     // no moment
  kFlagNationalId = 1u << 9,    // fewer than four characters or no digit
  kFlagPlaceholder = 1u << 10,  // a well-formed placeholder was dropped (1900-01-01, 0000000000, test@test.com)
  kFlagEmpty = 1u << 11,        // no name, birth date, contact, street, city, zip, id, attribute: proposes no pairs, a
                                // person of its own
  kFlagOptOut = 1u << 12,       // an opt-out cell that is neither true nor false: taken as true, see normalize
  kFlagTruncated = 1u << 13,    // a value was longer than its column
  kFlagAttribute = 1u << 14,    // an attribute (date, number) that could not be read
  kFlagCompany = 1u << 15,      // the name is a company's
  kFlagRoleEmail = 1u << 16,    // an e-mail is a function's, not a person's (info@, sales@): see keys.h IsRoleEmail
};
inline constexpr std::array<std::string_view, 17> kQualityFlagNames = {
    "name",        "birth_date",  "email", "phone",   "address",   "state",     "zip",     "sex",       "updated_at",
    "national_id", "placeholder", "empty", "opt_out", "truncated", "attribute", "company", "role_email"};

// A normalized record. Values are UTF-8; an empty string is NULL. Reused row by row: Clear() keeps the capacity.
//
// Field values after normalization:
//   full_name    the display form of the whole name where the source has only that, and it could not be split (one
//   word,
//                two persons, a company); else ""
//   first/middle/last_name   display case ("O'Brien", "van der Berg"), no periods, no titles
//   suffix       canonical, generation before profession: "Jr", "III", "Jr MD"
//   sex          "F", "M" or "X"
//   birth_date   "YYYY-MM-DD"; a partial date keeps what is known: "YYYY-MM", "YYYY"
//   email        strict key: trimmed, lower case, IDNA (ASCII) domain
//   phone        E.164, an extension as ";ext=123" (RFC 3966)
//   street, unit, city   display case; USPS abbreviations in English-speaking countries ("12 N Main St", "Apt 4")
//   state        code where the country has them (US, CA, AU), else as written
//   zip          US: 5 or 9 digits "62704-1234"; others as the country writes them
//   country      ISO 3166-1 alpha-2; "" where the source says nothing (the plan's default is not filled in)
//   national_id  letters and digits only, upper case
//   updated_at   "YYYY-MM-DD HH:MM:SS[.ffffff]", UTC where the source says so
//   address, opt_out  always "" here (address was split into its parts; opt_out is the bits below)
struct Record {
  uint64_t record_id = 0;
  uint32_t source = 0;  // source number (the ledger's source_id)
  Place place;
  std::string source_key;
  std::array<std::string, kFieldCount> values;
  // Further values, best first, without repeats. Among the telephone numbers are the bare digits of what is none that
  // can be dialled: they name nobody (PhoneNumber is empty), but say something to matching.
  std::vector<std::string> more_emails, more_phones;
  std::vector<std::string> attributes;  // in plan order, "" is NULL
  uint8_t opt_out = 0;                  // OptOut bits
  uint32_t flags = 0;                   // QualityFlag bits
  std::string payload;                  // canonical JSON array of the row
  Sha256 row_sha256{};
  std::string raw;  // original bytes where they cannot be rebuilt from payload (see RawRow), else ""

  std::string& operator[](Field f) { return values[static_cast<size_t>(f)]; }
  const std::string& operator[](Field f) const { return values[static_cast<size_t>(f)]; }

  void ClearValues() {
    for (auto& v : values) v.clear();
    for (auto& v : attributes) v.clear();
    more_emails.clear();
    more_phones.clear();
    opt_out = 0;
    flags = 0;
  }
};

// A source row as extract hands it on.
struct RawRow {
  Place place;
  std::string_view source_key;
  std::string_view payload;  // canonical JSON array, see record/payload.h
  Sha256 row_sha256{};
  std::string_view raw;  // the row's original bytes; "" where joining the payload's texts with the delimiter gives them
};

// A row that is in quarantine: kept with its reason and original bytes.
struct Reject {
  Place place;
  std::string source_key;  // "" where it has none
  std::string reason;      // see kReasons in record/reasons.h
  std::string detail;      // what exactly, for a person
  std::string raw;         // original bytes without the line end
};

}  // namespace migrate
