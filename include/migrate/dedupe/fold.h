// Keys of values for matching only: what is left when case, accents and punctuation are taken away.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migrate::dedupe {

// NFKC casefold, accents stripped, letters and digits only ("O'Brien" -> "obrien", "Łódź" -> "lodz").
std::string FoldKey(std::string_view text);

// The same behind what *out holds.
void AppendFoldKey(std::string_view text, std::string* out);

// The folded words of a text, one behind the other in `bytes`. Reused value by value.
struct FoldedWords {
  std::string bytes;
  std::vector<size_t> ends;

  size_t size() const { return ends.size(); }
  std::string_view operator[](size_t i) const {
    const size_t from = i == 0 ? 0 : ends[i - 1];
    return std::string_view(bytes).substr(from, ends[i] - from);
  }
};
void FoldWords(std::string_view text, FoldedWords* words);

// The folded words of a text: it is split at blanks, commas, hyphens, slashes and points before folding.
std::vector<std::string> FoldWords(std::string_view text);

}  // namespace migrate::dedupe
