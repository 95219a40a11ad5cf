// Diagnostics apart from the parser: likeness of words, masks, missing columns.
#include "migrate/plan/diagnostic.h"

#include <gtest/gtest.h>

#include "error_case.h"

namespace migrate::plan {
namespace {

TEST(PlanDiagnostic, EditDistance) {
  struct Case {
    const char *a, *b;
    int limit, distance;
  };
  const Case cases[] = {{"", "", 3, 0},
                        {"a", "", 3, 1},
                        {"email", "email", 3, 0},
                        {"emial", "email", 3, 1},
                        {"feilds", "fields", 3, 1},
                        {"kitten", "sitting", 5, 3},
                        {"ca", "abc", 5, 3},
                        {"abc", "xyz", 2, 3},
                        {"abcdef", "a", 2, 3}};
  for (const Case& c : cases) {
    EXPECT_EQ(EditDistance(c.a, c.b, c.limit), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(EditDistance(c.b, c.a, c.limit), c.distance) << c.b << " " << c.a;
  }
}

TEST(PlanDiagnostic, Nearest) {
  const std::vector<std::string> have = {"E-Mail", "e_mail", "email2", "phone", "Zip"};
  const std::pair<const char*, const char*> cases[] = {
      {"e-mail", "E-Mail"}, {"E_MAIL", "e_mail"}, {"email", "E-Mail"}, {"phnoe", "phone"}, {"ZIP", "Zip"},
      {"zap", "Zip"},       {"street", ""},       {"x", ""},           {"", ""},           {"email3", "email2"}};
  for (const auto& [word, expected] : cases) EXPECT_EQ(Nearest(word, have), expected) << word;
}

TEST(PlanDiagnostic, OneOf) {
  EXPECT_EQ(OneOf({"a"}), "'a'");
  EXPECT_EQ(OneOf({"a", "b"}), "one of 'a', 'b'");
  EXPECT_EQ(OneOf({"a", "b", "c", "d"}, 2), "one of 'a', 'b' and 2 more");
}

TEST(PlanDiagnostic, MaskUrls) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"mysql://u@h:3306/d", "mysql://u@h:3306/d"},
      {"mysql://u:p@h/d", "mysql://u:***@h/d"},
      {"mysql://u:p@q:r@h/d", "mysql://u:***@h/d"},
      {"x mysql://u:p@h y http://v:q@i", "x mysql://u:***@h y http://v:***@i"},
      {"mysql://u:a b@h", "mysql://u:***@h"},
      {"http://h:80/ and a mail", "http://h:80/ and a mail"},
      {"mysql://${USER}@h/d", "mysql://${USER}@h/d"},
      {"mysql://${USER:-bob}@h:3306/d", "mysql://${USER:-bob}@h:3306/d"},
      {"mysql://${USER:?who is it}@h/d", "mysql://${USER:?who is it}@h/d"},
      {"mysql://${USER:-bob}:pw@h/d", "mysql://${USER:-bob}:***@h/d"},
      {"mysql://${USER:-bob:pw}@h/d", "mysql://${USER:-bob:***@h/d"},
      {"mysql://u:${PW:-pw}@h/d", "mysql://u:***@h/d"},
      {"${URL:-mysql://u:p@h/d}", "${URL:-mysql://u:***@h/d}"},
      {"mysql://${@h:3/d", "mysql://${@h:3/d"},
      {"mysql://${:x@h/d", "mysql://${:***@h/d"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(MaskUrls(text), expected) << text;
}

TEST(PlanDiagnostic, MissingColumn) {
  LoadResult loaded = LoadPlanText(WithSource("{type: csv, path: a.csv, fields: {email: EMail, phone: tel}}"),
                                   "plan.yaml", TestOptions());
  ASSERT_TRUE(loaded.ok()) << loaded.Text();
  const Layout& layout = loaded.plan->sources[0].layouts[0];
  EXPECT_EQ(MissingColumn(*loaded.plan, layout.column_at[0][0], "crm", "EMail", {"id", "e-mail", "email"}).Text(),
            R"(plan.yaml:4:49: error: source 'crm' has no column 'EMail'
  crm: {type: csv, path: a.csv, fields: {email: EMail, phone: tel}}
                                                ^
  expected one of 'id', 'e-mail', 'email'; did you mean 'email'?
)");
  EXPECT_EQ(MissingColumn(*loaded.plan, layout.column_at[1][0], "crm", "tel", {}).Text(),
            R"(plan.yaml:4:63: error: source 'crm' has no column 'tel'
  crm: {type: csv, path: a.csv, fields: {email: EMail, phone: tel}}
                                                              ^
  expected a source with columns: it has none
)");
}

TEST(PlanDiagnostic, MissingColumnOfAPlanWithoutText) {
  Plan plan;
  plan.file = "/p.yaml";
  EXPECT_EQ(MissingColumn(plan, {3, 4}, "crm", "tel", {"telephone", "Tel"}).Text(),
            "/p.yaml:3:4: error: source 'crm' has no column 'tel'\n  expected one of 'telephone', 'Tel'; did you mean "
            "'Tel'?\n");
}

TEST(PlanDiagnostic, LongLinesAreShownAroundTheCaret) {
  std::string line = std::string(200, 'a') + "ö!" + std::string(200, 'b');
  SourceText source("p", line);
  std::string a(55, 'a'), b(54, 'b');
  a.pop_back();
  EXPECT_EQ(source.Make({1, 202}, "m").Text(),
            "p:1:202: error: m\n..." + a + "ö!" + b + "...\n" + std::string(58, ' ') + "^\n");
  EXPECT_EQ(source.Make({1, 1}, "m").Text(), "p:1:1: error: m\n" + std::string(110, 'a') + "...\n^\n");
}

TEST(PlanDiagnostic, SeveralAreApartByABlankLine) {
  SourceText source("p", "x");
  EXPECT_EQ(DiagnosticsText({source.Make({}, "one"), source.Make({1, 1}, "two", "", "three")}),
            "p: error: one\n\np:1:1: error: two\nx\n^\n  did you mean 'three'?\n");
}

TEST(PlanDiagnostic, MaskedSpansMoveTheCaret) {
  SourceText source("p", "a: secret, b: 1\nc: d");
  source.Mask({1, 4}, {1, 12});
  EXPECT_EQ(source.Make({1, 15}, "m").Text(), "p:1:15: error: m\na: ***, b: 1\n           ^\n");
  EXPECT_EQ(source.Make({1, 6}, "m").Text(), "p:1:6: error: m\na: ***, b: 1\n   ^\n");
  source.Mask({2, 1}, source.End());
  EXPECT_EQ(source.Make({2, 4}, "m").Text(), "p:2:4: error: m\n***\n^\n");
}

}  // namespace
}  // namespace migrate::plan
