#include "migrate/record/keys.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

// Unicode TR15 (NFKC), CaseFolding.txt.
TEST(Keys, FoldKey) {
  const std::pair<std::string, const char*> cases[] = {{"Smith", "smith"},
                                                       {"O'Brien-Núñez", "obriennunez"},
                                                       {"JOSÉ", "jose"},
                                                       {"Jose\u0301", "jose"},
                                                       {"van der Berg", "vanderberg"},
                                                       {"ＡＢＣ１", "abc1"},
                                                       {"Straße", "strasse"},
                                                       {"STRASSE", "strasse"},
                                                       {"Ærø", "aero"},
                                                       {"Łódź", "lodz"},
                                                       {"Đorđe", "dorde"},
                                                       {"Þór", "thor"},
                                                       {"ΣΊΣΥΦΟΣ", "σισυφοσ"},
                                                       {"ИВАН", "иван"},
                                                       {"Й", "и"},
                                                       {"李 明", "李明"},
                                                       {"ﬁ", "fi"},
                                                       {"x²", "x2"},
                                                       {"", ""},
                                                       {"-.' ", ""},
                                                       {"a\xFFz", "az"},
                                                       {"İstanbul", "istanbul"},
                                                       {"ı", "i"},
                                                       {"12 Main St.", "12mainst"},
                                                       {"Å", "a"},
                                                       {"Ñ", "n"},
                                                       {"😀", ""}};
  for (const auto& [in, out] : cases) EXPECT_EQ(FoldKey(in), out) << in;
}

TEST(Keys, FoldKeyAppendsAndIsIdempotent) {
  std::string out = "x";
  FoldKey("É", &out);
  EXPECT_EQ(out, "xe");
  for (const char* s : {"Straße", "ΣΊΣΥΦΟΣ", "İ", "ŉ", "ǰ", "ﬃ", "김", "Œuvre", "ẞ", "ſ", "ͅ"}) {
    const std::string once = FoldKey(s);
    EXPECT_EQ(FoldKey(once), once) << s;
  }
}

TEST(Keys, LooseEmail) {
  const std::pair<const char*, const char*> cases[] = {{"john.smith@gmail.com", "johnsmith@gmail.com"},
                                                       {"john.smith+news@gmail.com", "johnsmith@gmail.com"},
                                                       {"johnsmith@googlemail.com", "johnsmith@gmail.com"},
                                                       {"john.smith@x.org", "john.smith@x.org"},
                                                       {"john+tag@x.org", "john@x.org"},
                                                       {"john+a+b@x.org", "john@x.org"},
                                                       {"+tag@x.org", "+tag@x.org"},
                                                       {"...@gmail.com", "...@gmail.com"},
                                                       {"john", "john"},
                                                       {"", ""},
                                                       {"john-tag@yahoo.com", "john-tag@yahoo.com"}};
  for (const auto& [in, out] : cases) EXPECT_EQ(LooseEmail(in), out) << in;
}

}  // namespace
}  // namespace migrate
