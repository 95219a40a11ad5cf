#include "migrate/base/visible.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

TEST(Visible, SpellsOutWhatATerminalWouldObeyOrHide) {
  EXPECT_EQ(Visible("plain, Zoë 李 😀\n\ttab"), "plain, Zoë 李 😀\n\ttab");
  EXPECT_EQ(Visible(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(Visible("\x1b[31mred\r\x7f"), "\\x1b[31mred\\x0d\\x7f");
  EXPECT_EQ(Visible("\xef\xbb\xbfid"), "\\u{feff}id");
  EXPECT_EQ(Visible("a\xe2\x80\x8b\xe2\x80\xae"), "a\\u{200b}\\u{202e}");
  EXPECT_EQ(Visible("\xff\xe2\x80"), "\xff\xe2\x80");
}

}  // namespace
}  // namespace migrate
