// Keys of values for matching only: what is left when case, accents and punctuation are taken away.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migrate::dedupe {

// NFKC casefold, accents stripped, letters and digits only ("O'Brien" -> "obrien", "Łódź" -> "lodz").
std::string FoldKey(std::string_view text);

// The folded words of a text: it is split at blanks, commas, hyphens, slashes and points before folding.
std::vector<std::string> FoldWords(std::string_view text);

}  // namespace migrate::dedupe
