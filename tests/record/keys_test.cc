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
                                                       {"john-tag@yahoo.com", "john@yahoo.com"},
                                                       {"john-tag@ymail.com", "john@ymail.com"},
                                                       {"john-tag@yahoo.co.uk", "john@yahoo.co.uk"},
                                                       {"john_a.b@yahoo.com", "john_a.b@yahoo.com"},
                                                       {"-tag@yahoo.com", "-tag@yahoo.com"},
                                                       {"john-tag@x.org", "john-tag@x.org"},
                                                       {"john.smith@outlook.com", "john.smith@outlook.com"},
                                                       {"john+tag@outlook.com", "john@outlook.com"},
                                                       {"john+tag@hotmail.com", "john@hotmail.com"},
                                                       {"john@me.com", "john@icloud.com"},
                                                       {"john@mac.com", "john@icloud.com"},
                                                       {"john.s+x@icloud.com", "john.s@icloud.com"},
                                                       {"john@protonmail.com", "john@proton.me"},
                                                       {"john@protonmail.ch", "john@proton.me"},
                                                       {"john+x@pm.me", "john@proton.me"},
                                                       {"john+x@fastmail.com", "john@fastmail.com"},
                                                       {"shop@john.fastmail.com", "john@fastmail.com"},
                                                       {"shop@john.fastmail.fm", "john@fastmail.fm"},
                                                       {"shop@a.b.fastmail.com", "shop@a.b.fastmail.com"},
                                                       {"shop@myfastmail.com", "shop@myfastmail.com"},
                                                       {"j.s@gmail.com.example", "j.s@gmail.com.example"},
                                                       {"\"a+b\"@x.org", "\"a+b\"@x.org"}};
  for (const auto& [in, out] : cases) EXPECT_EQ(LooseEmail(in), out) << in;
}

// RFC 2142, and the names that providers call role addresses.
TEST(Keys, RoleEmail) {
  for (const char* in :
       {"info@x.org",     "marketing@x.org",  "sales@x.org",      "support@x.org", "abuse@x.org",  "noc@x.org",
        "security@x.org", "postmaster@x.org", "hostmaster@x.org", "usenet@x.org",  "news@x.org",   "webmaster@x.org",
        "www@x.org",      "uucp@x.org",       "ftp@x.org",        "info2@x.org",   "info+a@x.org", "noreply@x.org",
        "no-reply@x.org", "admin@x.org",      "hr@x.org",         "kontakt@x.de",  "ventas@x.es",  "accueil@x.fr"})
    EXPECT_TRUE(IsRoleEmail(in)) << in;
  for (const char* in :
       {"john@x.org", "information@x.org", "john.info@x.org", "infos@x.org", "", "info", "@x.org", "12@x.org"})
    EXPECT_FALSE(IsRoleEmail(in)) << in;
}

}  // namespace
}  // namespace migrate
