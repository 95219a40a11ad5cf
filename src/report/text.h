// Numbers and tables for people: terminals and the report page. No locale is involved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::report {

std::string Thousands(int64_t n);                // 1234567 -> "1,234,567"
std::string Percent(double part, double whole);  // "12.3 %"; "<0.1 %" and ">99.9 %" where rounding would lie; "–" of 0
std::string Bytes(int64_t n);                    // "1.4 MiB"
std::string Duration(double seconds);            // "0.42 s", "12.3 s", "4 min 05 s", "3 h 07 min"
std::string Rate(double n, double seconds);      // "123,456/s"; "" where it says nothing

// Shell word: quoted where it must be.
std::string ShellWord(std::string_view word);

// Characters of a UTF-8 text; the text padded with blanks on the right (on the left: PaddedLeft).
size_t Width(std::string_view utf8);
std::string Padded(std::string_view utf8, size_t width);
std::string PaddedLeft(std::string_view utf8, size_t width);
// The text cut to `width` characters, the last one an ellipsis if something was cut off.
std::string Clipped(std::string_view utf8, size_t width);
// The text in lines of at most `width` characters, broken at blanks, `indent` before each; each ends with a newline.
std::string Wrapped(std::string_view utf8, size_t width, std::string_view indent = "");
// Control characters, which could steer a terminal, as "?".
std::string Plain(std::string_view utf8);

// Rows of cells in columns two blanks apart, the first row being the header; `align` has a letter a column, 'l' or 'r';
// columns beyond it are 'l'. Blanks at line ends are left out.
std::string TextTable(const std::vector<std::vector<std::string>>& rows, std::string_view align,
                      std::string_view indent = "");

}  // namespace migrate::report
