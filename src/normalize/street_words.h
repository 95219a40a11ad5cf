// The word lists of USPS Publication 28 (appendices B and C); private to this room.
#pragma once

#include <string_view>

namespace migrate::normalize {

// The standard abbreviation of a street suffix in any of its spellings ("avenue", "aven", "av" -> "Ave"), or "".
std::string_view SuffixAbbreviation(std::string_view word);
// Its primary name ("ave" -> "Avenue"), or "".
std::string_view SuffixName(std::string_view word);
// "north", "n", "no" is none -> "N"; "northeast", "ne" -> "NE"; or "".
std::string_view Directional(std::string_view word);

// "n", "north" -> "North"; or "".
std::string_view DirectionalName(std::string_view word);

struct UnitWord {
  std::string_view abbreviation;  // "Apt"; "" if the word is no designator
  bool needs_number = false;      // an identifier follows it (appendix C2)
  bool is_common_word = false;    // also a word of street names (Front, Upper, Key): only at the very end
};
UnitWord UnitDesignator(std::string_view word);

}  // namespace migrate::normalize
