// Case without a locale, for looking names up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migrate::report {

// The spellings under which a name may be stored, for a comparison that folds ASCII only: as given, with its other
// letters in lower case, in upper case, and with capitals at the starts of words. Without repeats.
std::vector<std::string> CaseVariants(std::string_view utf8);

std::string LowerAscii(std::string_view text);
std::string Trimmed(std::string_view text);  // blanks, tabs and line ends at both ends

}  // namespace migrate::report
