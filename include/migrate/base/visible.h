// Texts of inputs in messages: what a terminal would obey or not show at all is spelled out.
#pragma once

#include <string>
#include <string_view>

namespace migrate {

// Control characters other than the line end and the tab become \x1b; characters without a shape of their own that
// change how others look (byte order mark, zero-width and direction marks, line and paragraph separator) become
// \u{feff}. All else stays, valid UTF-8 or not.
std::string Visible(std::string_view text);

}  // namespace migrate
