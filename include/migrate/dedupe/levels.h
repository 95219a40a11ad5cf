// Comparison levels: how two values of one piece of evidence may agree.
//
// A pair of records has one level for each piece of evidence; level 0 (kNull) means that a side is missing, and says
// nothing. Correlated fields are one piece: the whole address; the first name with its nicknames; the birth date. A
// pair's levels fit in one 64-bit pattern, 4 bits each.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace migrate::dedupe {

enum Evidence : uint8_t {
  kFirst,
  kLast,
  kMiddle,
  kSex,
  kBirth,
  kEmail,
  kPhone,
  kAddress,
  kNationalId,
  kCompany,
  kAttribute0,
};
inline constexpr int kEvidenceCount = 16;  // kAttribute0 + kMaxAttributes
inline constexpr int kLevelCount = 16;
inline constexpr uint8_t kNull = 0;

inline constexpr std::array<std::string_view, kAttribute0> kEvidenceNames = {
    "first_name", "last_name", "middle_name", "sex",         "birth_date",
    "email",      "phone",     "address",     "national_id", "company"};

// kFirst, kLast. The last two are set where first and last name agree better crosswise.
enum NameLevel : uint8_t {
  kNameExact = 1,
  kNameNickname,  // forms of one first name (Bob, Robert), or one the beginning of the other
  kNameClose,     // one edit; two in a long name
  kNameWeak,      // two edits, Jaro-Winkler >= 0.88, one Soundex code, or nearly the same letters
  kNameInitial,   // one is the initial of the other
  kNamePart,      // equal to another word of the other's name: a middle name, one half of a double name
  kNameDifferent,
  kNameCrossed,  // exact or a nickname, but first against last
  kNameCrossedClose,
};
enum MiddleLevel : uint8_t { kMiddleSame = 1, kMiddleInitial, kMiddleDifferent };
enum SexLevel : uint8_t { kSexSame = 1, kSexDifferent };
enum BirthLevel : uint8_t {
  kBirthExact = 1,
  kBirthSwapped,     // day and month exchanged
  kBirthDigit,       // one digit, or two neighbouring digits exchanged
  kBirthPart,        // one of year, month, day differs
  kBirthMonthApart,  // within 31 days
  kBirthYear,        // the same year, else different
  kBirthYearApart,   // within a year
  kBirthDecade,      // within ten years
  kBirthDifferent,
  kBirthPartialSame,  // what both know is equal, and one knows less (year, or year and month)
};
enum ContactLevel : uint8_t {  // kEmail, kPhone
  kContactExact = 1,
  kContactLocal,  // e-mail: the part before @ is equal; phone: the last seven digits are
  kContactClose,  // a typing slip
  kContactDifferent,
};
enum AddressLevel : uint8_t {
  kAddressExact = 1,  // house number, street and (zip or city)
  kAddressNear,       // the same with a slip in one of them, or another unit of the house
  kAddressStreet,     // street and (zip or city), another house
  kAddressZip,        // zip, other street
  kAddressCity,       // city, other street or zip
  kAddressZipClose,   // a slip in zip or city
  kAddressZipArea,    // three digits of a zip; outward code of a postcode
  kAddressState,
  kAddressDifferent,
  kAddressZipOnly,   // zip, and a side has no street
  kAddressCityOnly,  // city, and a side has neither street nor zip
};
enum IdLevel : uint8_t { kIdExact = 1, kIdClose, kIdDifferent };
enum CompanyLevel : uint8_t { kCompanyExact = 1, kCompanyMost, kCompanySome, kCompanyDifferent };
enum TextLevel : uint8_t { kTextExact = 1, kTextClose, kTextPart, kTextDifferent };

// Names of a piece's levels, indexed by level, for models and explanations. "" where there is none.
std::string_view LevelName(int evidence, int level);
// The level that stands for plain disagreement of a piece of evidence.
uint8_t DifferentLevel(int evidence);
// Number of levels of a piece of evidence, kNull included.
int LevelsOf(int evidence);

inline int LevelAt(uint64_t pattern, int evidence) { return static_cast<int>(pattern >> (4 * evidence) & 15); }

}  // namespace migrate::dedupe
