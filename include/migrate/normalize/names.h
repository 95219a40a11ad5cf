// Person names: from what a source has (parts, a full name in either order, or both) to first, middle, last, suffix.
//
//   "SMITH, JOHN A JR"       -> John | A | Smith | Jr
//   "Dr. John A. Smith III"  -> John | A | Smith | III
//   "van der Berg, Anna"     -> Anna |   | van der Berg
//   first "MARY", last "O'BRIEN", full "Mary Jane O'Brien" -> Mary | Jane | O'Brien
//
// Parts that are given win; the full name only supplies what is missing, and only where it agrees with them. Titles
// (Mr, Dr, Sir) are dropped, suffixes go to `suffix` (generation before profession: "Jr MD"), nicknames in quotes or
// brackets are left out, periods are dropped ("J. R." -> "J R"). A company keeps its name and is flagged. What cannot
// be split (one word, two persons: "John & Mary Smith") stays whole in full_name.
#pragma once

#include <string_view>

#include "migrate/normalize/text.h"
#include "migrate/record/record.h"

namespace migrate::normalize {

inline constexpr size_t kNameBound = 100;  // bytes of each part; longer ones are cut and flagged kFlagTruncated

// Cleaned texts (Form::kDisplay), "" where the source has none.
struct RawNames {
  std::string_view full, first, middle, last, suffix;
};

// Writes full_name, first_name, middle_name, last_name, suffix and adds to out->flags.
void NormalizeNames(const RawNames& raw, Record* out);

// The canonical suffix for one word, periods or not: "jr." -> "Jr", "3rd" -> "III", "m.d." -> "MD"; "" if it is none.
std::string_view SuffixOf(std::string_view word);
// True for generation suffixes: Jr, Sr, II, III, IV, ... as SuffixOf writes them.
bool IsGeneration(std::string_view suffix);

// The words of a name of any kind (of an attribute, say) in display case.
Outcome NormalizeName(std::string_view text, std::string* out);

}  // namespace migrate::normalize
