#include "migrate/dedupe/golden.h"

#include <gtest/gtest.h>

namespace migrate::dedupe {
namespace {

using ledger::StoredRecord;

StoredRecord Member(uint64_t id, std::vector<std::pair<Field, std::string>> values, std::string updated_at = "") {
  StoredRecord s;
  s.record.record_id = id;
  s.record.source = 1;
  s.import_id = 1;
  for (auto& [f, v] : values) s.record[f] = v;
  s.record[Field::kUpdatedAt] = std::move(updated_at);
  return s;
}

ledger::Person Golden(const std::vector<StoredRecord>& members, SurvivorshipRules rules = {},
                      std::vector<Attribute> attributes = {}) {
  ledger::Person p;
  MakeGolden(members, rules, attributes, &p);
  return p;
}

TEST(Golden, MostRecentWinsAndIsRemembered) {
  auto p = Golden({Member(1, {{Field::kEmail, "old@x.example"}}, "2020-01-01"),
                   Member(2, {{Field::kEmail, "new@x.example"}}, "2021-01-01"),
                   Member(3, {{Field::kEmail, ""}}, "2022-01-01")});
  EXPECT_EQ(p[Field::kEmail], "new@x.example");
  EXPECT_EQ(p.record_count, 3u);
  EXPECT_NE(p.provenance.find("\"email\":1"), std::string::npos) << p.provenance;
}

TEST(Golden, EachStrategyChoosesByItsOwnRule) {
  std::vector<StoredRecord> members = {
      Member(1, {{Field::kLastName, "Smith"}}, "2020"), Member(2, {{Field::kLastName, "Smith"}}, "2020"),
      Member(3, {{Field::kLastName, "Smith-Jones"}, {Field::kCity, "Rome"}, {Field::kZip, "1"}}, "2019"),
      Member(4, {{Field::kLastName, "Sm"}}, "2024")};
  members[3].record.source = 2;
  const std::pair<Strategy, std::string> cases[] = {{Strategy::kMostRecent, "Sm"},
                                                    {Strategy::kMostFrequent, "Smith"},
                                                    {Strategy::kLongest, "Smith-Jones"},
                                                    {Strategy::kSourcePriority, "Sm"},
                                                    {Strategy::kMostComplete, "Smith-Jones"}};
  for (const auto& [strategy, expected] : cases) {
    SurvivorshipRules rules{Strategy::kMostRecent, {{"last_name", strategy}}, {{1, 1}, {2, 0}}};
    EXPECT_EQ(Golden(members, rules)[Field::kLastName], expected) << static_cast<int>(strategy);
  }
}

TEST(Golden, APlansOwnFieldsCountForCompleteness) {
  std::vector<StoredRecord> members = {Member(1, {{Field::kLastName, "Smith"}}, "2019"),
                                       Member(2, {{Field::kLastName, "Jones"}}, "2024")};
  members[0].record.attributes = {"gold", "7"};
  members[1].record.attributes = {"", "7"};
  EXPECT_EQ(Golden(members, {Strategy::kMostComplete, {}, {}})[Field::kLastName], "Smith");
}

TEST(Golden, InitialsAndPartialDatesStandBack) {
  auto p = Golden({Member(1, {{Field::kFirstName, "John"}, {Field::kBirthDate, "1970-02-03"}}, "2019"),
                   Member(2, {{Field::kFirstName, "J"}, {Field::kBirthDate, "1970"}}, "2024")});
  EXPECT_EQ(p[Field::kFirstName], "John");
  EXPECT_EQ(p[Field::kBirthDate], "1970-02-03");
  EXPECT_EQ(Golden({Member(1, {{Field::kFirstName, "J"}}), Member(2, {{Field::kFirstName, "J"}})})[Field::kFirstName],
            "J");
}

TEST(Golden, AnAddressIsNotMixedFromTwoRecords) {
  auto p = Golden(
      {Member(1, {{Field::kStreet, "1 Oak St"}, {Field::kCity, "Salem"}, {Field::kState, "OR"}, {Field::kZip, "97301"}},
              "2019"),
       Member(2, {{Field::kStreet, "9 Elm Ave"}, {Field::kCity, "Reno"}}, "2024"),
       Member(3, {{Field::kCity, "Reno"}, {Field::kState, "NV"}}, "2018")});
  EXPECT_EQ(p[Field::kStreet], "9 Elm Ave");
  EXPECT_EQ(p[Field::kCity], "Reno");
  EXPECT_EQ(p[Field::kState], "NV");  // record 3 shares the city and contradicts nothing
  EXPECT_EQ(p[Field::kZip], "");      // Salem's is not Reno's
}

TEST(Golden, OptOutIsTheOrOfAllMembers) {
  auto a = Member(1, {}), b = Member(2, {});
  a.record.opt_out = kOptOutCall;
  b.record.opt_out = kOptOutMail;
  EXPECT_EQ(Golden({a, b}).opt_out, kOptOutCall | kOptOutMail);
}

TEST(Golden, EveryValueIsAMembersValue) {
  std::vector<Attribute> attributes = {{"job", AttributeType::kText}};
  auto a = Member(1, {{Field::kFirstName, "Ann"}}), b = Member(2, {{Field::kLastName, "Lee"}});
  a.record.attributes = {""};
  b.record.attributes = {"smith"};
  auto p = Golden({a, b}, {}, attributes);
  EXPECT_EQ(p[Field::kFirstName], "Ann");
  EXPECT_EQ(p[Field::kLastName], "Lee");
  EXPECT_EQ(p.attributes, std::vector<std::string>{"smith"});
  EXPECT_EQ(p.provenance, R"({"first_name":0,"last_name":1,"job":1})");
}

SurvivorshipRules Pinned(std::map<uint64_t, std::vector<Pin>> pins) {
  SurvivorshipRules rules;
  rules.pins = std::move(pins);
  return rules;
}

TEST(Golden, APinnedValueWinsAsLongAsAMemberHasIt) {
  const std::vector<StoredRecord> members = {
      Member(1, {{Field::kLastName, "Lee"}, {Field::kFirstName, "J"}}, "2019"),
      Member(2, {{Field::kLastName, "Lee-Fox"}, {Field::kFirstName, "Jane"}}, "2024")};
  EXPECT_EQ(Golden(members)[Field::kLastName], "Lee-Fox");
  const auto p = Golden(members, Pinned({{1, {{1, "last_name", "Lee"}, {2, "first_name", "J"}}}}));
  EXPECT_EQ(p[Field::kLastName], "Lee");
  EXPECT_EQ(p[Field::kFirstName], "J") << "also against an initial's standing back";
  EXPECT_EQ(p.provenance, R"({"first_name":0,"last_name":0,"updated_at":1})");
  // The value counts, not who said it; a value that nobody has any more pins nothing; nor does another person's record.
  EXPECT_EQ(Golden(members, Pinned({{2, {{1, "last_name", "Lee"}}}}))[Field::kLastName], "Lee");
  EXPECT_EQ(Golden(members, Pinned({{1, {{1, "last_name", "Poe"}}}}))[Field::kLastName], "Lee-Fox");
  EXPECT_EQ(Golden(members, Pinned({{9, {{1, "last_name", "Lee"}}}}))[Field::kLastName], "Lee-Fox");
}

TEST(Golden, OfSeveralPinsTheLastThatCanHolds) {
  const std::vector<StoredRecord> members = {Member(1, {{Field::kCity, "Rome"}}), Member(2, {{Field::kCity, "Bonn"}}),
                                             Member(3, {{Field::kCity, "Oslo"}}, "2024")};
  EXPECT_EQ(Golden(members, Pinned({{1, {{5, "city", "Rome"}}}, {2, {{3, "city", "Bonn"}}}}))[Field::kCity], "Rome");
  EXPECT_EQ(Golden(members, Pinned({{1, {{5, "city", "Paris"}}}, {2, {{3, "city", "Bonn"}}}}))[Field::kCity], "Bonn");
}

TEST(Golden, APinnedPartOfAnAddressBringsTheWholeAddress) {
  const std::vector<StoredRecord> members = {
      Member(1, {{Field::kStreet, "1 Oak St"}, {Field::kCity, "Rome"}, {Field::kZip, "10001"}}, "2019"),
      Member(2, {{Field::kStreet, "2 Elm St"}, {Field::kCity, "Bonn"}, {Field::kZip, "20002"}}, "2024")};
  const auto p = Golden(members, Pinned({{1, {{1, "zip", "10001"}}}}));
  EXPECT_EQ(p[Field::kStreet], "1 Oak St");
  EXPECT_EQ(p[Field::kCity], "Rome");
}

TEST(Golden, AnAttributeCanBePinned) {
  std::vector<StoredRecord> members = {Member(1, {}), Member(2, {}, "2024")};
  members[0].record.attributes = {"chess"};
  members[1].record.attributes = {"golf"};
  EXPECT_EQ(Golden(members, {}, {{"club", AttributeType::kText}}).attributes[0], "golf");
  EXPECT_EQ(Golden(members, Pinned({{1, {{1, "club", "chess"}}}}), {{"club", AttributeType::kText}}).attributes[0],
            "chess");
}

}  // namespace
}  // namespace migrate::dedupe
