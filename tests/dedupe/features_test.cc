#include "migrate/dedupe/features.h"
#include "migrate/dedupe/name_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "migrate/dedupe/fold.h"
#include "migrate/dedupe/nicknames.h"

namespace migrate::dedupe {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FoldKey, LeavesLettersAndDigits) {
  const struct {
    std::string_view text, key;
  } kCases[] = {{"O'Brien", "obrien"},
                {"Müller", "muller"},
                {"  van der Berg ", "vanderberg"},
                {"Ł\xC3\xB3\x64\xC5\xBA", "lodz"},
                {"ﬁnn", "finn"},
                {"Straße 7", "strasse7"},
                {"Иванов", "иванов"},
                {"--", ""},
                {"", ""}};
  for (const auto& c : kCases) EXPECT_EQ(FoldKey(c.text), c.key) << c.text;
}

TEST(SplitName, TakesTitlesAwayAndFillsGaps) {
  const struct {
    std::string_view full, first, middle, last;
    std::vector<std::string> want_first, want_middle, want_last;
  } kCases[] = {
      {"", "John", "", "Smith", {"john"}, {}, {"smith"}},
      {"John Paul Smith", "John", "", "Smith", {"john"}, {"paul"}, {"smith"}},
      {"Sir Richard Cox, 1st Baronet", "Sir", "", "Baronet", {"richard"}, {}, {"cox"}},
      {"", "Dr", "", "Who", {}, {}, {"who"}},
      {"", "", "", "Earl", {}, {}, {"earl"}},
      {"", "Jane", "", "Earl", {"jane"}, {}, {"earl"}},
      {"George Cave, Viscount Cave", "George", "", "Cave", {"george"}, {}, {"cave"}},
      {"Thomas de Barry", "", "", "", {"thomas"}, {}, {"barry"}},
      {"", "Mary Jane", "", "Smith-Jones", {"mary", "jane"}, {}, {"smith", "jones"}},
      {"Madonna", "", "", "", {"madonna"}, {}, {}},
      {"", "Baby Girl", "", "Ruiz", {}, {}, {"ruiz"}},
      {"", "BABYBOY", "", "Ruiz", {}, {}, {"ruiz"}},
      {"", "Newborn Twin B", "", "Ruiz", {"newbornb"}, {}, {"ruiz"}},
      {"", "Baby", "", "Ruiz", {"baby"}, {}, {"ruiz"}},
      {"", "Baby Jane", "", "Ruiz", {"baby", "jane"}, {}, {"ruiz"}},
      {"", "", "", "", {}, {}, {}},
  };
  for (const auto& c : kCases) {
    const NameWords name = SplitName(c.full, c.first, c.middle, c.last);
    EXPECT_EQ(name.first, c.want_first) << c.full << "|" << c.first;
    EXPECT_EQ(name.middle, c.want_middle) << c.full << "|" << c.first;
    EXPECT_EQ(name.last, c.want_last) << c.full << "|" << c.first;
  }
}

TEST(CompanyWords, LeaveOutTheLegalForm) {
  const struct {
    std::string_view name;
    std::vector<std::string> words;
  } kCases[] = {
      {"Acme Tools Inc.", {"acme", "tools"}},
      {"Costa Padaria S/A", {"costa", "padaria"}},
      {"Soto Talleres S.L.U.", {"soto", "talleres"}},
      {"Soto Talleres S L U", {"soto", "talleres"}},
      {"Nowak Meble Sp. z o.o.", {"nowak", "meble"}},
      {"Braun Bau GmbH & Co. KG", {"braun", "bau"}},
      {"Smith and Sons Pvt. Ltd.", {"smith", "sons"}},
      {"J & J Plumbing", {"jj", "plumbing"}},
      {"J.J. Plumbing", {"jj", "plumbing"}},
      {"Co", {"co"}},
      {"", {}},
  };
  for (const auto& c : kCases) EXPECT_EQ(CompanyWords(c.name), c.words) << c.name;
}

TEST(PackDate, WholePartialAndBroken) {
  EXPECT_EQ(PackDate("1972-03-05"), 1972u << 9 | 3u << 5 | 5u);
  EXPECT_EQ(PackDate("1972-03"), 1972u << 9 | 3u << 5);
  EXPECT_EQ(PackDate("1972"), 1972u << 9);
  for (const std::string_view broken : {"", "x", "1972-13-01", "1972-01-32", "1972-1-2-3", "19720305", "0000-01-01"})
    EXPECT_EQ(PackDate(broken), 0u) << broken;
}

Record Person(uint64_t id, std::string_view first, std::string_view last) {
  Record r;
  r.record_id = id;
  r[Field::kFirstName] = first;
  r[Field::kLastName] = last;
  return r;
}

TEST(Table, SortsByIdAndFindsRepeats) {
  Table table(1);
  Record a = Person(7, "Anna", "Berg");
  a.attributes = {"x"};
  table.Add(a);
  table.Add(Person(3, "Bert", "Berg"));
  EXPECT_TRUE(table.Finish());
  EXPECT_EQ(table.record_id(0), 3u);
  EXPECT_EQ(table.dictionaries().names.Of(table[1].first), "anna");
  EXPECT_EQ(table[0].last, table[1].last);
  EXPECT_EQ(table.attribute(0, 0), 0u);
  EXPECT_NE(table.attribute(1, 0), 0u);
  Table twice(0);
  twice.Add(a);
  twice.Add(a);
  EXPECT_FALSE(twice.Finish());
}

TEST(Table, ReadsHouseNumbersBeforeAndBehind) {
  Table table(0);
  Record a = Person(1, "A", "B"), b = a, c = a;
  a[Field::kStreet] = "12 Main St";
  b.record_id = 2;
  b[Field::kStreet] = "Main St 12";
  c.record_id = 3;
  c[Field::kStreet] = "Broadway";
  a[Field::kZip] = "62704-1234";
  b[Field::kZip] = "62704";
  for (const Record& r : {a, b, c}) table.Add(r);
  ASSERT_TRUE(table.Finish());
  EXPECT_EQ(table[0].number, 12u);
  EXPECT_EQ(table[1].number, 12u);
  EXPECT_EQ(table[0].street, table[1].street);
  EXPECT_EQ(table[0].zip, table[1].zip);
  EXPECT_EQ(table[2].number, 0u);
}

TEST(Table, KeepsFurtherContacts) {
  Table table(0);
  Record a = Person(1, "A", "B");
  a[Field::kEmail] = "a@b.com";
  a.more_emails = {"c@d.com"};
  a.more_phones = {"+15551230000", "+15551230001"};
  table.Add(a);  // of those without one of their own the first is it
  a.record_id = 2;
  a[Field::kPhone] = "+15551239999";
  table.Add(a);
  table.Add(Person(3, "C", "D"));
  ASSERT_TRUE(table.Finish());
  EXPECT_EQ(table.MoreEmails(table[0]).size(), 1u);
  EXPECT_EQ(table.MorePhones(table[0]).size(), 1u);
  EXPECT_NE(table[0].phone, 0u);
  EXPECT_EQ(table.MorePhones(table[1]).size(), 2u);
  EXPECT_THAT(table.MorePhones(table[2]), IsEmpty());
}

TEST(Table, CompanyNamesLoseTheirLegalForm) {
  Table table(0);
  Record a = Person(1, "", "");
  a[Field::kFullName] = "Acme Tools, Inc.";
  a.flags = kFlagCompany;
  Record b = a;
  b.record_id = 2;
  b[Field::kFullName] = "ACME Tools LLC";
  table.Add(a);
  table.Add(b);
  ASSERT_TRUE(table.Finish());
  EXPECT_EQ(table[0].last, table[1].last);
  EXPECT_EQ(table.dictionaries().names.Of(table[0].last), "acmetools");
}

TEST(Dictionary, NumbersValuesOnce) {
  Dictionary d;
  EXPECT_EQ(d.Add(""), 0u);
  std::vector<uint32_t> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(d.Add("v" + std::to_string(i)));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(d.Add("v" + std::to_string(i)), ids[static_cast<size_t>(i)]);
  EXPECT_EQ(d.size(), 1001u);
  EXPECT_EQ(d.Of(ids[999]), "v999");
  // Values that begin alike, shorter and longer than a slot holds.
  const std::string_view long_ones[] = {"abcdefghijk", "abcdefghijkl", "abcdefghijkm", "abcdefghij"};
  std::set<uint32_t> numbers;
  for (const auto value : long_ones) numbers.insert(d.Add(value));
  for (const auto value : long_ones) EXPECT_EQ(d.Of(d.Add(value)), value);
  EXPECT_EQ(numbers.size(), 4u);
}

TEST(Texts, FindsEachTextAgain) {
  Texts texts;
  EXPECT_EQ(texts.Add(""), 0u);
  EXPECT_EQ(texts.Of(0), "");
  std::vector<std::string> values;
  for (size_t i = 0; i < 2000; ++i) values.push_back(std::string(i % 300, 'x') + std::to_string(i));
  values.push_back(std::string(30000, 'y'));
  std::vector<uint32_t> numbers;
  for (const std::string& value : values) numbers.push_back(texts.Add(value));
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(texts.Add(values[i]), numbers[i]);
  texts.Finish();
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(texts.Of(numbers[i]), values[i]);
  EXPECT_EQ(std::set<uint32_t>(numbers.begin(), numbers.end()).size(), values.size());
}

TEST(PackPhone, KeepsNumbersAndTellsOthersApart) {
  for (const std::string_view phone : {"+1", "+12025550123", "+442079460000", "+123456789012345", "+0123"})
    EXPECT_EQ(PhoneText(PackPhone(phone)), phone);
  EXPECT_EQ(PackPhone(""), 0u);
  const std::string_view distinct[] = {"+12025550123", "12025550123", "+02025550123",      "(202) 555-0123",
                                       "+1202555012",  "x",           "+1234567890123456", "555-0123"};
  std::set<PhoneBits> bits;
  for (const auto phone : distinct) bits.insert(PackPhone(phone));
  EXPECT_EQ(bits.size(), std::size(distinct));
  EXPECT_EQ(PhoneHead(PackPhone("+12025550123")), PhoneHead(PackPhone("+12099999999")));
  EXPECT_NE(PhoneHead(PackPhone("+12025550123")), PhoneHead(PackPhone("+2025550123")));
  EXPECT_EQ(LastEightDigits(PackPhone("+12025550123")), 0x25550123u);
  EXPECT_EQ(PhoneText(PackPhone("ext. 12345678")), "...12345678");
}

// What goes in packed comes out as it was, whatever the name's form.
TEST(Table, KeepsWordsAndRoles) {
  Table table(0);
  Record middle = Person(2, "Anna", "Berg");
  middle[Field::kMiddleName] = "Maria";
  const Record records[] = {
      Person(1, "Anna", "Berg"), middle,           Person(3, "Mary Jane", "Smith-Jones"), Person(4, "", "Berg"),
      Person(5, "Anna", ""),     Person(6, "", "")};
  for (const Record& r : records) table.Add(r);
  ASSERT_TRUE(table.Finish());
  const auto words = [&](uint32_t row) {
    std::string out;
    const Features f = table[row];
    for (int i = 0; i < kMaxWords && f.words[i] != 0; ++i)
      out += std::string(table.dictionaries().names.Of(f.words[i])) + "FML"[static_cast<int>(f.RoleOf(i)) - 1];
    return out;
  };
  EXPECT_EQ(words(0), "annaFbergL");
  EXPECT_EQ(words(1), "annaFbergLmariaM");
  EXPECT_EQ(words(2), "maryFsmithLjonesLjaneF");
  EXPECT_EQ(words(3), "bergL");
  EXPECT_EQ(words(4), "annaF");
  EXPECT_EQ(words(5), "");
}

TEST(Table, SortsRowsInPlace) {
  Table table(1);
  constexpr uint64_t kRows = 1000;
  for (uint64_t i = 0; i < kRows; ++i) {
    const uint64_t id = HashMix(i, 3);
    Record r = Person(id, "A", "B");
    r[Field::kPhone] = "+1" + std::to_string(2000000000 + id % 1000000);
    r.attributes = {std::to_string(id)};
    table.Add(r);
  }
  ASSERT_TRUE(table.Finish());
  for (uint32_t row = 0; row < kRows; ++row) {
    const uint64_t id = table.record_id(row);
    if (row > 0) {
      EXPECT_LT(table.record_id(row - 1), id);
    }
    EXPECT_EQ(PhoneText(table[row].phone), "+1" + std::to_string(2000000000 + id % 1000000));
    EXPECT_EQ(table.dictionaries().attributes[0].Of(table.attribute(row, 0)), std::to_string(id));
  }
}

TEST(Nicknames, KnowsFormsOfOneName) {
  const Nicknames nicknames;
  const struct {
    std::string_view a, b;
    bool related;
  } kCases[] = {{"robert", "bob", true},     {"bob", "rob", true},      {"bob", "robert", true},
                {"robert", "robert", false}, {"robert", "anna", false}, {"xyzzy", "bob", false}};
  for (const auto& c : kCases) EXPECT_EQ(nicknames.Related(c.a, c.b), c.related) << c.a << " " << c.b;
}

TEST(Nicknames, CompiledTableIsTheFile) {
  std::ifstream in(MIGRATE_SOURCE_DIR "/config/nicknames.csv");
  ASSERT_TRUE(in);
  const Nicknames nicknames;
  int pairs = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#' || line == "name,nickname") continue;
    const size_t comma = line.find(',');
    EXPECT_TRUE(ShareFamily(nicknames.Families(line.substr(0, comma)), nicknames.Families(line.substr(comma + 1))))
        << line;
    ++pairs;
  }
  EXPECT_EQ(pairs, 2691);
}

}  // namespace
}  // namespace migrate::dedupe
