// Values that people and programs write where they have none.
#pragma once

#include <string_view>
#include <vector>

namespace migrate::normalize {

// True if the cleaned value stands for "nothing" in any field: no letter or digit at all ("-", ".", "?"), one of the
// usual words in any case and in brackets or not (UNKNOWN, N/A, NULL, (none), #N/A, not provided, tbd, nil), or a run
// of x ("xx", "XXXX"). Zeros are not junk here: whether "0" says something depends on the field.
bool IsJunk(std::string_view value);

// IsJunk, and what only names have: placeholders of forms (FNU, LNU, NFN, NLN: first or last name unknown), test
// entries (asdf, qwerty), one letter repeated three times or more ("aaa"), digits alone. "Null" and "Na" with one
// capital are surnames (Christopher Null; Korean and Chinese 나, 那) and no junk; "NULL", "null", "NA", "na" are. "Nan"
// is a given name in any case.
bool IsJunkName(std::string_view value);

// The words, in small letters, that IsJunkName knows from a list; besides these only letters that are repeated ("aaa",
// "xx") and texts without letters are junk. For a table that has to know them as well.
std::vector<std::string_view> JunkNameWords();

// All digits of `digits` are the same ("0000000000"), or they count up or down in steps of one ("1234567890",
// "987654321"). Needs at least four digits.
bool IsDigitPlaceholder(std::string_view digits);

}  // namespace migrate::normalize
