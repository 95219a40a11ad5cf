// The words of a name, as matching sees them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migrate::dedupe {

// The words of a person's name by part, after titles ("Sir", "1st Baronet") are taken away and the parts that are
// missing are filled from full_name.
struct NameWords {
  std::vector<std::string> first, middle, last;
};
NameWords SplitName(std::string_view full, std::string_view first, std::string_view middle, std::string_view last);

// False for titles and the like, which SplitName takes away.
bool IsNamePart(std::string_view folded);

// The words of a firm's name without its legal form ("Inc", "GmbH & Co. KG", "S.L.", "S L", "S/A") and without "and";
// all its words where it has no others.
std::vector<std::string> CompanyWords(std::string_view name);

}  // namespace migrate::dedupe
