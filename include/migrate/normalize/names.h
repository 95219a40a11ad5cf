// Person names: from what a source has (parts, a full name in either order, or both) to first, middle, last, suffix.
//
//   "SMITH, JOHN A JR"            -> John | A | Smith | Jr
//   "Dr. John A. Smith III"       -> John | A | Smith | III
//   "van der Berg, Anna"          -> Anna |   | van der Berg       also "Berg, Anna van der"
//   "GABRIEL JOSE GARCIA MARQUEZ" -> Gabriel | Jose | Garcia Marquez   two of the frequent Iberian surnames
//   "SMITH JOHN A"                -> John | A | Smith              capitals, and an initial at the end
//   "李明", "山田 太郎", "김민수"  -> 明 |  | 李 ...                family name first, as the script has it
//   "Петров Иван Иванович"        -> Иван | Иванович | Петров      the patronymic stands behind the given name
//   first "MARY", last "O'BRIEN", full "Mary Jane O'Brien" -> Mary | Jane | O'Brien
//
// Parts that are given win; the full name only supplies what is missing, and only where it agrees with them. A column
// of first or last names that alone holds "Smith, John" is a full name. Left out: titles and ranks (Mr, Dr, Lt Col; "Mr
// Smith" is a last name), nicknames in quotes or brackets, former names ("née Jones", "f/k/a ..."), "c/o ..." behind a
// name, "deceased", e-mail addresses, numbers. Suffixes go to `suffix` (generation before profession: "Jr MD"), periods
// are dropped ("J. R." -> "J R"). What cannot be split stays whole in full_name: one word, two persons ("John & Mary
// Smith"), a household; "c/o John Smith" too, flagged kFlagName, for that person only takes the letters. A company
// keeps its name and is flagged kFlagCompany. Placeholders ("Test Test", "Current Resident") are NULL.
//
// Normalizing what came out gives it back; names with words that mean something are read twice for that.
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
