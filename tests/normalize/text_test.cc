#include "migrate/normalize/text.h"

#include <gtest/gtest.h>

#include "migrate/normalize/casing.h"
#include "migrate/normalize/junk.h"

namespace migrate::normalize {
namespace {

TEST(Text, CleanForDisplay) {
  const std::pair<std::string, std::string> cases[] = {{"John", "John"},
                                                       {"  John  ", "John"},
                                                       {"John   Smith", "John Smith"},
                                                       {"John\tSmith\r\n", "John Smith"},
                                                       {"", ""},
                                                       {"   ", ""},
                                                       {"\t\n", ""},
                                                       {std::string("a\0b", 3), "a b"},
                                                       {"José", "José"},
                                                       {"Jose\u0301", "José"},
                                                       {"O\u2019Brien", "O'Brien"},
                                                       {"\u201CBob\u201D", "\"Bob\""},
                                                       {"1\u20132", "1-2"},
                                                       {"a\u00A0b", "a b"},
                                                       {"a\u200Bb", "ab"},
                                                       {"\uFEFFJohn", "John"},
                                                       {"soft\u00ADhyphen", "softhyphen"},
                                                       {"Jos\xE9", "José"},  // Windows-1252
                                                       {"\x93"
                                                        "Bob\x94",
                                                        "\"Bob\""},
                                                       {"JosÃ©", "José"},
                                                       {"MÃ¼ller", "Müller"},
                                                       {"JosÃƒÂ©", "José"},
                                                       {"Ã", "Ã"},
                                                       {"naïve café", "naïve café"},
                                                       {"李明", "李明"},
                                                       {"😀", "😀"},
                                                       {"１２", "１２"},
                                                       {"\x7F", ""}};
  for (const auto& [in, out] : cases) {
    std::string scratch;
    EXPECT_EQ(Clean(in, Form::kDisplay, &scratch), out) << in;
  }
}

TEST(Text, CleanForCodes) {
  const std::pair<std::string, std::string> cases[] = {
      {"１２３", "123"}, {"ＡＢＣ", "ABC"}, {"ａ＠ｂ．ｃｏｍ", "a@b.com"}, {"２０２２－０３－１９", "2022-03-19"},
      {"ﬁ", "fi"},       {"½", "1⁄2"}};
  for (const auto& [in, out] : cases) {
    std::string scratch;
    EXPECT_EQ(Clean(in, Form::kCode, &scratch), out) << in;
  }
}

TEST(Text, PlainAsciiIsNotCopied) {
  const std::string in = "  12 Main St ";
  std::string scratch = "untouched";
  const std::string_view out = Clean(in, Form::kDisplay, &scratch);
  EXPECT_EQ(out.data(), in.data() + 2);
  EXPECT_EQ(scratch, "untouched");
}

TEST(Text, PlainOrNotAtEveryPlace) {
  // Whatever stands at whichever place of a word of the machine, cleaning sees it.
  for (size_t size = 1; size < 20; ++size) {
    for (size_t at = 1; at + 1 < size; ++at) {
      for (const char c : {'\t', '\x1F', '\x7F', '\x01', '\x80'}) {
        std::string s(size, 'b');
        s[at] = c;
        std::string scratch;
        EXPECT_NE(Clean(s, Form::kDisplay, &scratch), s) << size << " " << at;
      }
      std::string s(size, 'b');
      s[at] = ' ';
      std::string scratch;
      EXPECT_EQ(Clean(s, Form::kDisplay, &scratch).data(), s.data()) << size << " " << at;
      if (at + 2 >= size) continue;
      s[at + 1] = ' ';
      EXPECT_EQ(Clean(s, Form::kDisplay, &scratch).size(), size - 1) << size << " " << at;
    }
  }
  std::string printable, scratch;
  for (char c = '!'; c < 0x7F; ++c) printable.push_back(c);
  EXPECT_EQ(Clean(printable, Form::kDisplay, &scratch).data(), printable.data());
}

TEST(Text, Cut) {
  const struct {
    std::string in;
    size_t bound;
    const char* out;
    bool cut;
  } cases[] = {{"abc", 3, "abc", false}, {"abcd", 3, "abc", true}, {"ab cd", 3, "ab", true}, {"aé", 2, "a", true},
               {"aé", 3, "aé", false},   {"é", 1, "", true},       {"a😀", 4, "a", true},     {"", 0, "", false}};
  for (const auto& c : cases) {
    std::string s = c.in;
    EXPECT_EQ(Cut(&s, c.bound), c.cut) << c.in;
    EXPECT_EQ(s, c.out) << c.in;
  }
}

TEST(Text, LoadBytes) {
  const char bytes[] = "\x01\x02\x03\x04\x05\x06\x07\x88";
  for (size_t n = 0; n <= 8; ++n) {
    uint64_t expected = 0;
    for (size_t i = 0; i < n; ++i) expected |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
    EXPECT_EQ(LoadBytes(bytes, n), expected) << n;
  }
}

TEST(Text, WordTableIgnoresCase) {
  const WordTable table{{"street", 1}, {"a", 2}, {"exactly16letters", 3}, {"street", 9}, {"[x", 4}, {"é", 5}};
  const std::pair<const char*, uint32_t> cases[] = {{"street", 1},
                                                    {"STREET", 1},
                                                    {"StReEt", 1},
                                                    {"stree", 0},
                                                    {"streets", 0},
                                                    {"A", 2},
                                                    {"EXACTLY16LETTERS", 3},
                                                    {"exactly16letters1", 0},
                                                    {"", 0},
                                                    {"[X", 4},
                                                    {"{x", 0},
                                                    {"@", 0},
                                                    {"é", 5},
                                                    {"É", 0}};
  for (const auto& [word, value] : cases) EXPECT_EQ(table.Find(word), value) << word;
}

TEST(Text, Words) {
  Words words;
  EXPECT_TRUE(words.Split(" a  b,c ", ","));
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[2], "c");
  words.Erase(0, 2);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0], "c");
  std::string many;
  for (size_t i = 0; i < Words::kMax; ++i) many += "w ";
  EXPECT_TRUE(words.Split(many));
  EXPECT_FALSE(words.Split(many + "w"));
}

TEST(Casing, Words) {
  const std::pair<const char*, const char*> cases[] = {{"SMITH", "Smith"},
                                                       {"smith", "Smith"},
                                                       {"Smith", "Smith"},
                                                       {"DeWitt", "DeWitt"},
                                                       {"sMITH", "sMITH"},
                                                       {"O'BRIEN", "O'Brien"},
                                                       {"o'brien", "O'Brien"},
                                                       {"D'ANGELO", "D'Angelo"},
                                                       {"HARRY'S", "Harry's"},
                                                       {"MCDONALD", "McDonald"},
                                                       {"mcdonald", "McDonald"},
                                                       {"MC", "Mc"},
                                                       {"MCGEE", "McGee"},
                                                       {"MACDONALD", "MacDonald"},
                                                       {"MACHADO", "Machado"},
                                                       {"MACY", "Macy"},
                                                       {"SMITH-JONES", "Smith-Jones"},
                                                       {"JEAN-PAUL", "Jean-Paul"},
                                                       {"O'NEIL-MCGEE", "O'Neil-McGee"},
                                                       {"ÉMILE", "Émile"},
                                                       {"émile", "Émile"},
                                                       {"ØRSTED", "Ørsted"},
                                                       {"ИВАН", "Иван"},
                                                       {"李明", "李明"},
                                                       {"A", "A"},
                                                       {"a", "A"},
                                                       {"", ""},
                                                       {"123", "123"},
                                                       {"straße", "Straße"},
                                                       {"D'É", "D'é"}};
  for (const auto& [in, out] : cases) {
    std::string got;
    AppendDisplayWord(in, &got);
    EXPECT_EQ(got, out) << in;
  }
}

TEST(Junk, Values) {
  for (const char* junk : {"UNKNOWN",   "unknown",       "Unknown",      "N/A",    "n/a",    "NA",     "na",
                           "NULL",      "null",          "None",         "-",      "--",     ".",      "...",
                           "?",         "xxx",           "XX",           "XXXXXX", "(none)", "<null>", "#N/A",
                           "[unknown]", "not available", "Not Provided", "TBD",    "nil",    "NaN",    "*"})
    EXPECT_TRUE(IsJunk(junk)) << junk;
  for (const char* good : {"", "x", "John", "Nancy", "0", "00000", "1", "Naomi", "none such", "É", "李", "Xanthippe",
                           "x-ray", "unknown soldier lane"})
    EXPECT_FALSE(IsJunk(good)) << good;
}

TEST(Junk, Names) {
  for (const char* junk :
       {"FNU", "lnu", "aaa", "ZZZZ", "asdf", "test test", "123", "12-34", "NULL", "null", "NA", "na", "no name"})
    EXPECT_TRUE(IsJunkName(junk)) << junk;
  for (const char* good : {"", "Null", "Na", "Nan", "NAN", "aa", "A", "Test", "John", "R2", "Bo", "Blank"})
    EXPECT_FALSE(IsJunkName(good)) << good;
}

TEST(Junk, Digits) {
  for (const char* junk : {"0000", "1111111111", "1234567890", "0123456789", "9876543210", "123456789", "4321"})
    EXPECT_TRUE(IsDigitPlaceholder(junk)) << junk;
  for (const char* good : {"", "111", "1112", "1235", "2065559857", "1212"})
    EXPECT_FALSE(IsDigitPlaceholder(good)) << good;
}

}  // namespace
}  // namespace migrate::normalize
