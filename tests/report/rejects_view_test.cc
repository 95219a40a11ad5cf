#include "migrate/report/rejects_view.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "migrate/base/bytes.h"
#include "migrate/record/reason_table.h"
#include "target.h"

namespace migrate::report {
namespace {

std::string Source(const std::string& path) {
  std::ifstream in(MIGRATE_SOURCE_DIR "/" + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ReasonTableTest, HasEveryReasonOnceWithMeaningAndMend) {
  std::set<std::string> declared, tabled;
  const std::string header = Source("include/migrate/record/reasons.h");
  const std::regex constant("string_view k\\w+ = \"(\\w+)\"");
  for (std::sregex_iterator i(header.begin(), header.end(), constant), end; i != end; ++i) declared.insert((*i)[1]);
  ASSERT_GE(declared.size(), 12u);
  for (const ReasonText& r : kReasonTexts) {
    EXPECT_TRUE(tabled.insert(std::string(r.reason)).second) << r.reason;
    EXPECT_FALSE(r.meaning.empty()) << r.reason;
    EXPECT_FALSE(r.mend.empty()) << r.reason;
    EXPECT_EQ(FindReason(r.reason), &r);
    EXPECT_EQ(ReasonMeaning(r.reason), r.meaning);
  }
  EXPECT_EQ(declared, tabled);
  EXPECT_EQ(FindReason("no_such_reason"), nullptr);
}

TEST(ReasonTableTest, RunbookSaysTheSame) {
  const std::string runbook = Source("docs/runbook.md");
  for (const ReasonText& r : kReasonTexts)
    EXPECT_NE(runbook.find("| `" + std::string(r.reason) + "` | " + std::string(r.meaning) + " | " +
                           std::string(r.mend) + " |"),
              std::string::npos)
        << "docs/runbook.md lacks the row\n| `" << r.reason << "` | " << r.meaning << " | " << r.mend << " |";
}

TEST(EscapedTest, ShowsWhatCannotBePrinted) {
  const std::pair<std::string, std::string> cases[] = {{"plain, text", "plain, text"},
                                                       {"a\tb\nc\rd\\e", "a\\tb\\nc\\rd\\\\e"},
                                                       {std::string("\0\x1b[31m\x7f", 7), "\\x00\\x1B[31m\\x7F"},
                                                       {"caf\xe9", "caf\\xE9"},
                                                       {"café 東京 🙂", "café 東京 🙂"},
                                                       {"\xc2\x9b", "\\xC2\\x9B"},           // CSI of Latin-1
                                                       {"\xed\xa0\x80", "\\xED\\xA0\\x80"},  // a surrogate
                                                       {"\xf0\x9f\x99", "\\xF0\\x9F\\x99"},
                                                       {"", ""}};
  for (const auto& [bytes, text] : cases) EXPECT_EQ(Escaped(bytes), text);
}

struct SplitCase {
  std::string reason, detail, raw;
  char delimiter;
  std::vector<std::string> values;
  size_t broke_at, broke_column;
};

TEST(SplitRejectTest, CutsAsFarAsItGoesAndSaysWhereItBroke) {
  constexpr size_t kNone = RejectColumns::kNone;
  const SplitCase cases[] = {
      {"too_few_fields", "2 fields, the header has 3", "1,Ann", ',', {"1", "Ann"}, 5, 2},
      {"too_many_fields", "5 fields, the header has 3", "1,Ann,x,y,z", ',', {"1", "Ann", "x", "y", "z"}, 8, 3},
      {"bad_quote",
       "after a closing quote a delimiter or a line end is needed, not what stands at byte 108",
       "1,\"Ann \"the\" Lee\",x",
       ',',
       {"1", "\"Ann \"the\" Lee\",x"},
       8,
       1},
      {"unclosed_quote",
       "the quote at byte 102 is not closed before the end of the file or within 9 bytes",
       "1,\"Ann,x",
       ',',
       {"1", "\"Ann,x"},
       2,
       1},
      {"undecodable_bytes",
       "column 'at byte 7': byte E9 at byte 104 of the file is not utf-8",
       "1;Jos\xe9;x",
       ';',
       {"1", "Jos\xe9", "x"},
       4,
       1},
      {"undecodable_bytes",
       "column 'b': byte E9 at byte 5 of the file is not utf-8",
       "1;Jos\xe9;x",
       ';',
       {"1", "Jos\xe9", "x"},
       kNone,
       kNone},  // not of this row
      {"null_key", "key column 'b' is empty", "1,,x", ',', {"1", "", "x"}, 2, 1},
      {"duplicate_key",
       "the row at line 2 has the same key and is kept",
       "1,\"a \"\"b\"\"\" ,x",
       ',',
       {"1", "a \"b\"", "x"},
       kNone,
       kNone},
      {"too_few_fields", "1 fields, the header has 3", "", ',', {""}, 0, 1},
      {"duplicate_key", "", "a,", ',', {"a", ""}, kNone, kNone},
  };
  for (const SplitCase& c : cases) {
    RejectDetail d;
    d.row.line = 7;
    d.row.byte_offset = 100;
    d.row.reason = c.reason;
    d.row.detail = c.detail;
    d.columns = {"a", "b", "c"};
    d.raw = c.raw;
    RejectColumns split = SplitReject(d, c.delimiter);
    EXPECT_EQ(split.values, c.values) << c.raw;
    EXPECT_EQ(split.broke_at, c.broke_at) << c.raw;
    EXPECT_EQ(split.broke_column, c.broke_column) << c.raw;
  }
}

TEST(SplitRejectTest, DecodesTheCellsOfATable) {
  RejectDetail d;
  d.row.reason = "null_key";
  d.row.detail = "key column 'id' is NULL";
  d.columns = {"name", "id"};
  d.raw = R"(["Ann",null])";
  RejectColumns split = SplitReject(d, ',');
  EXPECT_EQ(split.values, (std::vector<std::string>{"Ann", "NULL"}));
  EXPECT_EQ(split.broke_column, 1u);
}

class RejectsViewTest : public TargetTest {
 protected:
  void SetUp() override {
    TargetTest::SetUp();
    AddSource(1, "web");
    AddSource(2, "crm");
    AddFile(1, 0, 1, "data/a.csv");
    AddFile(1, 1, 2, "data/b.csv");
    for (int i = 1; i <= 5; ++i) AddReject(i, 1, 1, 0, i + 1, i * 10, "NULL", "too_few_fields", "426f622c31393830");
    AddReject(6, 1, 1, 0, 9, 5, "'k'", "bad_quote", "ff");
    AddReject(7, 1, 1, 0, 9, 6, "'k'", "bad_quote", "ff", "superseded");
    AddReject(8, 1, 2, 1, 2, 5, "'k'", "too_few_fields", "41");
  }
  RejectList List(const RejectFilter& filter) {
    auto list = ListRejects(db_.get(), filter);
    EXPECT_TRUE(list.ok()) << list.status().message();
    return list.ok() ? *std::move(list) : RejectList();
  }
  std::vector<int64_t> Ids(const RejectFilter& filter) {
    std::vector<int64_t> ids;
    for (const auto& r : List(filter).rows) ids.push_back(r.quarantine_id);
    return ids;
  }
};

TEST_F(RejectsViewTest, GroupsCountsAndMasks) {
  RejectList list = List({.limit = 2});
  EXPECT_EQ(list.total, 7u);
  ASSERT_EQ(list.groups.size(), 2u);
  const RejectGroup& g = list.groups[0];
  EXPECT_EQ(g.reason, "too_few_fields");
  EXPECT_EQ(g.count, 6u);
  ASSERT_EQ(g.places.size(), 2u);
  EXPECT_EQ(g.places[0].source + " " + g.places[0].file + " " + std::to_string(g.places[0].count), "web data/a.csv 5");
  ASSERT_EQ(g.examples.size(), 3u);
  EXPECT_EQ(g.examples[1].masked, "B**,**80");
  std::string text = RenderText(list, "my plan.yaml", false);
  EXPECT_EQ(text.find("7 open rejects\n"), 0u);
  for (const char* words :
       {"too_few_fields: 6 rows\n", "bad_quote: 1 row\n", "the row has fewer fields than the header",
        "web a.csv (5), crm b.csv (1)", "migrate rejects list 'my plan.yaml' --reason bad_quote"})
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  text += RenderText(list, "p", true) + RenderJson(list);
  EXPECT_NE(text.find("... and 5 more: --offset 2\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("Bob"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(RenderJson(list))["groups"][0]["count"], 6);
  Sql("DELETE FROM quarantine");
  EXPECT_EQ(RenderText(List({}), "p", false), "no open rejects\n");
}

TEST_F(RejectsViewTest, Filters) {
  using Ids_ = std::vector<int64_t>;
  EXPECT_EQ(Ids({}), (Ids_{8, 6, 1, 2, 3, 4, 5}));
  EXPECT_EQ(Ids({.limit = 2, .offset = 1}), (Ids_{6, 1}));
  EXPECT_EQ(Ids({.offset = 100}), Ids_{});
  EXPECT_EQ(Ids({.reason = "bad_quote"}), Ids_{6});
  EXPECT_EQ(Ids({.reason = "bad_quote", .all = true}), (Ids_{6, 7}));
  EXPECT_EQ(Ids({.source = "crm"}), Ids_{8});
  EXPECT_EQ(Ids({.file = "b.csv"}), Ids_{8});
  EXPECT_EQ(Ids({.file = "data/b.csv"}), Ids_{8});
  EXPECT_EQ(Ids({.reason = "bad_quote", .source = "crm"}), Ids_{});
  EXPECT_EQ(Ids({.reason = "null_key"}), Ids_{});
  for (const RejectFilter& f : {RejectFilter{.reason = "bad_quotes"}, RejectFilter{.source = "web2"},
                                RejectFilter{.file = ".csv"}, RejectFilter{.file = "%"}}) {
    auto list = ListRejects(db_.get(), f);
    ASSERT_FALSE(list.ok());
    EXPECT_EQ(list.status().kind(), ErrorKind::kPlan);
  }
}

TEST_F(RejectsViewTest, WalksInTheOrderOfTheList) {
  int64_t before = 0;
  std::vector<int64_t> ids = Ids({});
  for (size_t i = 0; i < ids.size(); ++i) {
    auto one = ShowReject(db_.get(), ids[i]);
    ASSERT_TRUE(one.ok()) << one.status().message();
    EXPECT_EQ(one->previous, before);
    EXPECT_EQ(one->next, i + 1 < ids.size() ? ids[i + 1] : 0);
    before = ids[i];
  }
  auto closed = ShowReject(db_.get(), 7);
  ASSERT_TRUE(closed.ok());
  EXPECT_EQ(closed->previous, 6);
  EXPECT_EQ(closed->next, 1);
}

TEST_F(RejectsViewTest, ShowsBytesOnDemand) {
  auto one = ShowReject(db_.get(), 6);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->raw, "\xff");
  RejectContext context;
  context.no_lines = "a.csv is no longer there";
  std::string text = RenderText(*one, context, "p.yaml");
  for (const char* words : {"original, 1 byte, what cannot be printed as \\xNN:\n  \\xFF\n", "00000000  ff ", "|.|",
                            "a.csv is no longer there", "previous: migrate rejects show p.yaml 8",
                            "next:     migrate rejects show p.yaml 1"})
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  auto j = nlohmann::json::parse(RenderJson(*one, context));
  EXPECT_EQ(j["schema"], 1);
  EXPECT_TRUE(j["raw"].is_null());
  EXPECT_EQ(j["raw_base64"], "/w==");
  EXPECT_FALSE(ShowReject(db_.get(), 99).ok());
}

TEST(RenderRejectTest, PutsTheCaretUnderTheCharacterWhereItBroke) {
  RejectDetail d;
  d.row.line = 3;
  d.row.byte_offset = 50;
  d.row.file = "a.csv";
  d.row.reason = "bad_quote";
  d.row.detail = "after a closing quote a delimiter or a line end is needed, not what stands at byte 59";
  d.raw = "1,\"Ané\" x";  // é has two bytes
  d.columns = {"id", "name"};
  RejectContext context;
  context.before = {{1, "id,name"}, {2, "9,\"ok\""}};
  context.after = {{4, "2,Bob"}};
  std::string text = RenderText(d, context, "p.yaml");
  EXPECT_NE(text.find("  1,\"Ané\" x\n          ^\n"), std::string::npos) << text;
  EXPECT_NE(text.find("          1  id,name\n          2  9,\"ok\"\n>         3  1,\"Ané\" x\n          4  2,Bob\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("bytes that cannot be printed"), std::string::npos) << "no hex dump of what can be printed";
  d.raw = std::string(5000, 'x');  // a long row is shown around the place
  d.row.detail = "not what stands at byte 3050";
  text = RenderText(d, context, "p.yaml");
  EXPECT_NE(text.find("(2700 bytes before) …"), std::string::npos) << text;
}

}  // namespace
}  // namespace migrate::report
