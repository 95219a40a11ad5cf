#include "migrate/report/person_view.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "../../src/report/fold.h"
#include "target.h"

namespace migrate::report {
namespace {

class PersonViewTest : public TargetTest {
 protected:
  void SetUp() override {
    TargetTest::SetUp();
    attributes_ = {{"occupation", AttributeType::kCategory}};
    AddSource(1, "web");
    AddSource(2, "old");
    AddFile(1, 0, 1, "in/a.csv");
    AddFile(1, 1, 2, "old.db", "contacts");
    AddSchema(1, 1, R"([{"name":"id","type":"text"},{"name":"E-Mail","type":"text"}])");
    AddSchema(2, 2, R"([{"name":"key","type":"INTEGER"}])");

    auto a = NewRecord(1, "a1", 1, 0, 1, R"(["a1","ANN@X.ORG"])");
    a.record.place.line = 17;
    a.record[Field::kFirstName] = "Ann";
    a.record[Field::kLastName] = "Müller";
    a.record[Field::kEmail] = "ann@x.org";
    a.record.more_emails = {"second@x.org"};
    a.record.attributes = {"welder"};
    a.record.flags = kFlagPhone | kFlagZip;
    first_ = AddRecord(a, "web");
    auto b = NewRecord(2, "77", 1, 1, 2, "[77]");
    b.record[Field::kLastName] = "Mueller";
    b.record[Field::kPhone] = "+12065551234";
    b.record[Field::kZip] = "89501-0001";
    b.record.opt_out = kOptOutSms;
    b.record.attributes = {""};
    second_ = AddRecord(b, "old");
    if (first_ > second_) std::swap(first_, second_), swapped_ = true;
    Link(first_, 5, 0.9731);
    Link(second_, 5);

    ledger::Person p;
    p.person_id = 5;
    p.import_id = 1;
    p.record_count = 2;
    p.confidence = 0.9731;
    p[Field::kFirstName] = "Ann";
    p[Field::kLastName] = "Müller";
    p[Field::kEmail] = "ann@x.org";
    p[Field::kPhone] = "+12065551234";
    p[Field::kZip] = "89501-0001";
    p.opt_out = kOptOutSms;
    p.attributes = {"welder"};
    int web = swapped_ ? 1 : 0, old = 1 - web;
    p.provenance = fmt::format(
        R"({{"first_name":{0},"last_name":{0},"email":{0},"phone":{1},"zip":{1},"occupation":{0}}})", web, old);
    AddPerson(p);
    AddIdentifier("email", "ann@x.org", 5);
    AddIdentifier("email", "second@x.org", 5);
    AddIdentifier("phone", "+12065551234", 5);
  }
  uint64_t Web() const { return swapped_ ? second_ : first_; }
  uint64_t Old() const { return swapped_ ? first_ : second_; }
  PersonView Get(const std::string& id) {
    auto view = Show(db_.get(), attributes_, id);
    EXPECT_TRUE(view.ok()) << view.status().message();
    return view.ok() ? *view : PersonView();
  }
  std::vector<uint64_t> Search(const FindQuery& query) {
    auto found = Find(db_.get(), attributes_, query);
    EXPECT_TRUE(found.ok()) << found.status().message();
    std::vector<uint64_t> ids;
    for (const auto& p : found->persons) ids.push_back(p.person_id);
    return ids;
  }
  void AddNamed(uint64_t id, const std::string& last_name, const std::string& zip) {
    ledger::Person p;
    p.person_id = id;
    p.record_count = 1;
    p[Field::kLastName] = last_name;
    p[Field::kZip] = zip;
    AddPerson(p);
  }
  uint64_t first_ = 0, second_ = 0;
  bool swapped_ = false;
};

TEST_F(PersonViewTest, ShowsMembersAndTheOriginOfEveryValue) {
  PersonView v = Get("5");
  EXPECT_EQ(v.asked, PersonView::Asked::kPerson);
  EXPECT_EQ(v.record_count, 2u);
  std::vector<std::string> got;
  for (const auto& g : v.values)
    got.push_back(g.name + "=" + g.value + (!g.record_id ? "" : *g.record_id == Web() ? " web" : " old"));
  EXPECT_EQ(got, (std::vector<std::string>{"first_name=Ann web", "last_name=Müller web", "email=ann@x.org web",
                                           "phone=+12065551234 old", "zip=89501-0001 old", "opt_out=sms",
                                           "occupation=welder web"}));
  ASSERT_EQ(v.members.size(), 2u);
  EXPECT_LT(v.members[0].record_id, v.members[1].record_id);
  const MemberView& web = v.members[swapped_ ? 1 : 0];
  EXPECT_EQ(web.source, "web");
  EXPECT_EQ(web.source_key, "a1");
  EXPECT_EQ(web.file, "in/a.csv");
  EXPECT_EQ(web.line, 17u);
  EXPECT_EQ(web.values, (std::vector<NamedValue>{{"first_name", "Ann"},
                                                 {"last_name", "Müller"},
                                                 {"email", "ann@x.org"},
                                                 {"email", "second@x.org"},
                                                 {"occupation", "welder"}}));
  EXPECT_EQ(web.row, (std::vector<NamedValue>{{"id", "a1"}, {"E-Mail", "ANN@X.ORG"}}));
  EXPECT_EQ(web.flags, (std::vector<std::string>{"phone", "zip"}));
}

TEST_F(PersonViewTest, SaysHowManyRecordsAgreeOnAValue) {
  PersonView v = Get("5");
  for (const auto& g : v.values) {
    EXPECT_LE(g.agree, g.of) << g.name;
    if (g.name == "opt_out") {
      EXPECT_EQ(g.of, 0u);
    } else {
      size_t agree = 0, of = 0;
      double all = 0, agreeing = 0;
      for (const auto& m : v.members) {
        const bool has = std::any_of(m.values.begin(), m.values.end(), [&](const auto& x) { return x.name == g.name; });
        const bool same = std::count(m.values.begin(), m.values.end(), NamedValue{g.name, g.value}) > 0;
        of += has ? 1 : 0;
        agree += same ? 1 : 0;
        all += has ? m.confidence : 0;
        agreeing += same ? m.confidence : 0;
      }
      EXPECT_EQ(g.agree, agree) << g.name;
      EXPECT_EQ(g.of, of) << g.name;
      EXPECT_DOUBLE_EQ(g.confidence, all > 0 ? agreeing / all : 0) << g.name;
    }
  }
  const std::string json = RenderJson(v);
  EXPECT_NE(json.find("\"agree\":1"), std::string::npos) << json;
}

TEST_F(PersonViewTest, ARecordIdShowsItsPerson) {
  PersonView v = Get(std::to_string(Old()));
  EXPECT_EQ(v.asked, PersonView::Asked::kRecord);
  EXPECT_EQ(v.person_id, 5u);
  EXPECT_EQ(RenderText(v).find(fmt::format("record {} belongs to:\nperson 5   2 records", Old())), 0u);
}

TEST_F(PersonViewTest, AliasesAreFollowedAndSaid) {
  AddNamed(6, "Split", "");
  AddAlias(3, 4, "merged_into", 2);
  AddAlias(4, 5, "merged_into", 3);
  AddAlias(5, 4, "merged_into", 1);  // undone later: a cycle
  AddAlias(4, 6, "split_from", 2);
  PersonView v = Get("3");
  EXPECT_EQ(v.asked, PersonView::Asked::kAlias);
  EXPECT_EQ(v.person_id, 5u);
  ASSERT_EQ(v.followed.size(), 2u);
  EXPECT_EQ(v.other_persons, (std::vector<uint64_t>{6}));
  std::string text = RenderText(v);
  EXPECT_EQ(text.find("3 was merged into 4 by import 2\n4 was merged into 5 by import 3\n"
                      "records of 3 are also in person 6\nperson 5 "),
            0u)
      << text;
  EXPECT_NE(text.find("\nids:\n  5 was merged into 4 by import 1\n  4 was merged into 5 by import 3\n"),
            std::string::npos)
      << text;
}

TEST_F(PersonViewTest, UnknownIdsAreClearErrors) {
  for (const char* bad : {"", "abc", "-1", "5x", "99999999999999999999", " 5"}) {
    auto view = Show(db_.get(), attributes_, bad);
    ASSERT_FALSE(view.ok()) << bad;
    EXPECT_EQ(view.status().message(), fmt::format("`{}` is no id", bad));
    EXPECT_EQ(view.status().kind(), ErrorKind::kPlan);
  }
  EXPECT_EQ(Show(db_.get(), attributes_, "404").status().message(), "no person and no record has the id 404");
  AddAlias(8, 9, "merged_into", 2);  // leads nowhere
  EXPECT_EQ(Show(db_.get(), attributes_, "8").status().message(), "no person and no record has the id 8");
  uint64_t loose = AddRecord(NewRecord(1, "loose"), "web");
  EXPECT_EQ(Show(db_.get(), attributes_, std::to_string(loose)).status().message(),
            fmt::format("record {} is loaded, but belongs to no person yet", loose));
}

TEST_F(PersonViewTest, TextAndJsonHoldEverything) {
  PersonView v = Get("5");
  std::string text = RenderText(v, true);
  EXPECT_NE(text.find("  phone       +12065551234  from ["), std::string::npos) << text;
  EXPECT_NE(text.find(fmt::format("record {}   web a1   in/a.csv:17   import 1, confidence", Web())), std::string::npos)
      << text;
  EXPECT_NE(text.find("    not usable: phone zip\n    source row:\n      id      a1\n      E-Mail  ANN@X.ORG\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(RenderText(v).find("source row"), std::string::npos);
  auto j = nlohmann::json::parse(RenderJson(v));
  EXPECT_EQ(j["person_id"], 5);
  EXPECT_EQ(j["values"][2]["record_id"], std::to_string(Web()));
  EXPECT_EQ(j["members"].size(), 2u);
  EXPECT_EQ(j["members"][swapped_ ? 1 : 0]["row"][1]["value"], "ANN@X.ORG");
}

TEST_F(PersonViewTest, ControlCharactersDoNotReachTheTerminal) {
  AddNamed(9, "Evil\x1b[31m\xc2\x9bName", "1");
  EXPECT_NE(RenderText(Get("9")).find("Evil?[31m?Name"), std::string::npos);
}

TEST_F(PersonViewTest, FindsByIdentifierOfAnyMember) {
  EXPECT_EQ(Search({.email = " Second@X.org "}), (std::vector<uint64_t>{5}));
  EXPECT_EQ(Search({.phone = "+1 (206) 555-1234"}), (std::vector<uint64_t>{5}));
  EXPECT_EQ(Search({.email = "nobody@x.org"}), (std::vector<uint64_t>{}));
  EXPECT_EQ(Search({.email = "ann@x.org", .last_name = "else"}), (std::vector<uint64_t>{}));
  Sql("DELETE FROM person_identifier");
  EXPECT_EQ(Search({.email = "ann@x.org"}), (std::vector<uint64_t>{5}));
}

TEST_F(PersonViewTest, FindsByNameWithoutCase) {
  AddNamed(10, "o'brien", "10001");
  AddNamed(11, "O'BRIEN", "10001-1234");
  AddNamed(12, "O'Brien", "100010");
  EXPECT_EQ(Search({.last_name = "O'Brien", .zip = "10001"}), (std::vector<uint64_t>{10, 11}));
  EXPECT_EQ(Search({.last_name = "O'Brien"}), (std::vector<uint64_t>{10, 11, 12}));
  for (const char* name : {"müller", "MÜLLER", "Müller", "mÜLLER"})
    EXPECT_EQ(Search({.last_name = name, .zip = "89501"}), (std::vector<uint64_t>{5})) << name;
  auto limited = Find(db_.get(), attributes_, {.last_name = "O'Brien", .limit = 2});
  EXPECT_EQ(limited->persons.size(), 2u);
  EXPECT_TRUE(limited->more);
  EXPECT_FALSE(Find(db_.get(), attributes_, {.zip = "10001"}).ok());
  EXPECT_FALSE(Find(db_.get(), attributes_, {}).ok());
}

TEST_F(PersonViewTest, FindRendersATable) {
  auto found = Find(db_.get(), attributes_, {.email = "ann@x.org"});
  EXPECT_EQ(RenderText(*found),
            "person_id  records  name        born  email      phone         address\n"
            "        5        2  Ann Müller        ann@x.org  +12065551234  89501-0001\n"
            "1 person\n");
  EXPECT_EQ(nlohmann::json::parse(RenderJson(*found))["persons"][0]["matched"][0], "email");
  EXPECT_EQ(RenderText(FindResult{}), "no person found\n");
}

TEST(CaseVariantsTest, SpellsLettersBeyondAscii) {
  using V = std::vector<std::string>;
  EXPECT_EQ(CaseVariants("smith"), (V{"smith"}));
  EXPECT_EQ(CaseVariants("žižka"), (V{"ŽiŽka", "Žižka", "žižka"}));
  for (const auto& [given, stored] : std::vector<std::pair<std::string, std::string>>{{"ČAPEK", "čapek"},
                                                                                      {"łukasz", "Łukasz"},
                                                                                      {"иванов", "Иванов"},
                                                                                      {"ИВАНОВ", "Иванов"},
                                                                                      {"αθηνα", "ΑΘΗΝΑ"},
                                                                                      {"ÿ÷×ß", "ÿ÷×ß"}}) {
    V all = CaseVariants(given);
    auto ascii_folded = [](const std::string& s) { return LowerAscii(s); };
    bool hit = false;
    for (const auto& v : all) hit = hit || ascii_folded(v) == ascii_folded(stored);
    EXPECT_TRUE(hit) << given << " " << stored;
  }
}

}  // namespace
}  // namespace migrate::report
