// What one value looks like: an e-mail address, a telephone number, a day, a street ... Asked of thousands of values of
// a column, the shares say what the column holds, whatever its name. The project's own rules decide
// (migrate/normalize): a value counts as a phone number if the rule for phone numbers accepts it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "migrate/record/record.h"

namespace migrate::survey {

// A value is of any number of kinds ("CA" is a state, a country and a word).
enum class Kind : uint8_t {
  kEmail,
  kPhone,       // the rule reads it with the country US, or with a country code of its own
  kPhoneLike,   // 7 to 15 digits and nothing but the usual punctuation, maybe an extension
  kPunctuated,  // beside kPhoneLike: with + ( ) - . / or blanks, so that it is no mere number
  kZipUs,       // five digits, or five and four
  kZipLong,     // with four more: "62704-1234"
  kZipCa,       // "K1A 0B1"
  kZipGb,       // "SY5 7NT"
  kZipOther,    // four to eight digits, maybe with one blank or hyphen
  kStateUs,
  kStateCa,
  kStateAu,
  kCountry,
  kDate,    // a day with its year
  kMoment,  // a day and a time
  kYear,    // four digits, 1900 to 2035
  kSex,
  kBool,       // the rule for opt-outs reads it as yes or no
  kSuffix,     // Jr, III, MD
  kGiven,      // one word that is a common given name
  kSurname,    // one word that is a common family name
  kCity,       // a large city, or a word that ends like a town
  kNameWords,  // one to three words of letters
  kFullName,   // two to five words of letters, one of them a common given name; or "SMITH, JOHN"
  kCommaName,
  kInitial,      // one letter
  kStreet,       // a house number and words, or a post-office box
  kStreetName,   // a street word without a number
  kUnit,         // "Apt 4", "# 12", "2nd floor"
  kAddressLine,  // a whole address on one line
  kHouseNumber,  // "12", "12a", "12-14"
  kInteger,
  kDecimal,
  kIdentifier,  // letters and digits mixed, no blanks
  kUuid,
  kSocial,   // "123-45-6789", "123.456.789-09": a number of a public register
  kCompany,  // ends with Inc, LLC, GmbH ...
  kUrl,
  kJunk,  // N/A, UNKNOWN, "-"
};
inline constexpr size_t kKindCount = 39;
using KindSet = uint64_t;
constexpr KindSet Bit(Kind k) { return KindSet{1} << static_cast<unsigned>(k); }

// Three numbers as a day, as it is written; for finding out in which order.
struct DateShape {
  bool numeric = false;  // two numbers of one or two digits and a year behind them
  int first = 0, second = 0;
  char separator = 0;  // '/', '.', '-', ' '
  bool short_year = false;
  bool time = false;  // something follows
  int year = 0;       // of any kind of date; 0: not known
};

struct Look {
  KindSet kinds = 0;
  DateShape date;
  bool Is(Kind k) const { return (kinds & Bit(k)) != 0; }
};

// `text` is the cell cleaned (normalize::Clean with kCode), not empty. A pure function; about 2 us, 25 us for what may
// be a foreign telephone number.
Look LookAt(std::string_view text, CellType type);

}  // namespace migrate::survey
