#include "migrate/dedupe/levels.h"

#include <algorithm>
#include <vector>

namespace migrate::dedupe {
namespace {

using Names = std::vector<std::string_view>;

const Names& NamesOf(int evidence) {
  static const Names kName = {"null",    "exact", "nickname",  "close",   "weak",
                              "initial", "part",  "different", "crossed", "crossed_close"};
  static const std::array<Names, kAttribute0 + 1> kAll = {{
      kName,
      kName,
      {"null", "same", "initial", "different"},
      {"null", "same", "different"},
      {"null", "exact", "day_month_swapped", "one_digit", "one_part", "within_month", "same_year", "within_year",
       "within_decade", "different", "partial_same"},
      {"null", "exact", "same_local_part", "close", "different"},
      {"null", "exact", "last_seven_digits", "close", "different"},
      {"null", "exact", "near", "street", "zip", "city", "zip_close", "zip_area", "state", "different", "zip_only",
       "city_only"},
      {"null", "exact", "close", "different"},
      {"null", "exact", "most_words", "some_words", "different"},
      {"null", "exact", "close", "part", "different"},
  }};
  return kAll[static_cast<size_t>(std::min<int>(evidence, kAttribute0))];
}

}  // namespace

std::string_view LevelName(int evidence, int level) {
  const Names& names = NamesOf(evidence);
  return static_cast<size_t>(level) < names.size() ? names[static_cast<size_t>(level)] : "";
}

uint8_t DifferentLevel(int evidence) {
  switch (evidence) {
    case kFirst:
    case kLast:
      return kNameDifferent;
    case kMiddle:
      return kMiddleDifferent;
    case kSex:
      return kSexDifferent;
    case kBirth:
      return kBirthDifferent;
    case kEmail:
    case kPhone:
      return kContactDifferent;
    case kAddress:
      return kAddressDifferent;
    case kNationalId:
      return kIdDifferent;
    case kCompany:
      return kCompanyDifferent;
    default:
      return kTextDifferent;
  }
}

int LevelsOf(int evidence) { return static_cast<int>(NamesOf(evidence).size()); }

}  // namespace migrate::dedupe
