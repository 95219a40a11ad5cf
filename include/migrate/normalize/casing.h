// Case for display: words that are written all in capitals or all in small letters get the case a reader expects.
#pragma once

#include <string>
#include <string_view>

namespace migrate::normalize {

// Appends `word` (no blanks) to *out. A word of mixed case is somebody's choice and stays as it is ("DeWitt"); others
// get a capital at the beginning, after a hyphen or period, after "Mc" and the well-known "Mac" names, and after an
// apostrophe that follows one or two letters and precedes two ("O'BRIEN" -> "O'Brien", "D'ANGELO"; not "HARRY'S").
// Letters of all scripts that have case are treated alike (a sigma that ends a word is a final one); scripts without
// case pass through.
void AppendDisplayWord(std::string_view word, std::string* out);

// The words of `text` (cleaned), one blank between them, each through AppendDisplayWord.
void AppendDisplayText(std::string_view text, std::string* out);

}  // namespace migrate::normalize
