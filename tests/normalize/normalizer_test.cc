#include "migrate/normalize/normalizer.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "migrate/record/keys.h"

namespace migrate::normalize {
namespace {

using Kind = FieldMapping::Kind;

BoundField Columns(Field f, std::vector<uint32_t> columns) {
  BoundField bound;
  bound.slot = static_cast<int>(f);
  bound.columns = std::move(columns);
  return bound;
}

std::vector<Cell> Row(const std::vector<std::string>& texts) {
  std::vector<Cell> row;
  for (const std::string& t : texts) row.push_back({CellType::kText, t});
  return row;
}

// A field each in the order of the contract, up to opt_out.
std::vector<BoundField> AllFields() {
  std::vector<BoundField> fields;
  for (int f = 0; f < kFieldCount; ++f) fields.push_back(Columns(static_cast<Field>(f), {static_cast<uint32_t>(f)}));
  return fields;
}

TEST(Normalizer, ATypicalRow) {
  const Normalizer n({}, {},
                     {Columns(Field::kFirstName, {0}), Columns(Field::kLastName, {1}), Columns(Field::kBirthDate, {2}),
                      Columns(Field::kEmail, {3}), Columns(Field::kPhone, {4}), Columns(Field::kStreet, {5}),
                      Columns(Field::kCity, {6}), Columns(Field::kState, {7}), Columns(Field::kZip, {8})});
  const std::vector<std::string> texts = {"MARY",        "O’BRIEN",        "03/19/1972",
                                          "Mary@X.org",  "(206) 555-9857", "12 North Main Street Apt 4",
                                          "SPRINGFIELD", "Illinois",       "62704-1234"};
  Record r;
  r.source_key = "untouched";
  n.Normalize(Row(texts), &r);
  EXPECT_EQ(r[Field::kFirstName], "Mary");
  EXPECT_EQ(r[Field::kLastName], "O'Brien");
  EXPECT_EQ(r[Field::kBirthDate], "1972-03-19");
  EXPECT_EQ(r[Field::kEmail], "mary@x.org");
  EXPECT_EQ(r[Field::kPhone], "+12065559857");
  EXPECT_EQ(r[Field::kStreet], "12 N Main St");
  EXPECT_EQ(r[Field::kUnit], "Apt 4");
  EXPECT_EQ(r[Field::kCity], "Springfield");
  EXPECT_EQ(r[Field::kState], "IL");
  EXPECT_EQ(r[Field::kZip], "62704-1234");
  EXPECT_EQ(r[Field::kCountry], "");  // nothing is invented
  EXPECT_EQ(r.flags, 0u);
  EXPECT_EQ(r.source_key, "untouched");
  // The next row leaves nothing of this one behind.
  n.Normalize(Row({}), &r);
  for (const std::string& value : r.values) EXPECT_EQ(value, "");
  EXPECT_EQ(r.flags, uint32_t{kFlagEmpty});
}

TEST(Normalizer, SeveralColumns) {
  const Normalizer n({}, {},
                     {Columns(Field::kPhone, {0, 1}), Columns(Field::kEmail, {2, 3}), Columns(Field::kCity, {4, 5})});
  Record r;
  n.Normalize(Row({"junk", "206-555-9857; 425-555-0100; 2065559857", "a@x.org", "B@x.org, a@x.org", "N/A", "Boston"}),
              &r);
  EXPECT_EQ(r[Field::kPhone], "+12065559857");
  EXPECT_EQ(r.more_phones, (std::vector<std::string>{"+14255550100"}));
  EXPECT_EQ(r[Field::kEmail], "a@x.org");
  EXPECT_EQ(r.more_emails, (std::vector<std::string>{"b@x.org"}));
  EXPECT_EQ(r[Field::kCity], "Boston");
  EXPECT_EQ(r.flags, uint32_t{kFlagPhone});
  n.Normalize(Row({"", "", "", "", "N/A", " "}), &r);
  EXPECT_EQ(r.flags, uint32_t{kFlagPlaceholder | kFlagEmpty});
}

TEST(Normalizer, DigitsThatCannotBeDialledAreKeptForMatching) {
  const Normalizer n({}, {}, {Columns(Field::kPhone, {0, 1})});
  Record r;
  n.Normalize(Row({"111-222-3334", "(206) 555-9857"}), &r);
  EXPECT_EQ(r[Field::kPhone], "+12065559857");
  EXPECT_EQ(r.more_phones, (std::vector<std::string>{"1112223334"}));
  EXPECT_EQ(r.flags, uint32_t{kFlagPhone});
  n.Normalize(Row({"555-9857", "0555 98 57"}), &r);
  EXPECT_EQ(r[Field::kPhone], "");
  EXPECT_EQ(r.more_phones, (std::vector<std::string>{"5559857"}));
  EXPECT_EQ(PhoneNumber(r.more_phones[0]), "");
  for (const char* none : {"12345", "0000000", "11 22 11 22", "5559857 office", "N/A", "unknown"}) {
    n.Normalize(Row({none, ""}), &r);
    EXPECT_TRUE(r.more_phones.empty()) << none;
  }
}

TEST(Normalizer, JoinAndConstant) {
  BoundField street = Columns(Field::kStreet, {0, 1, 2});
  street.kind = Kind::kJoin;
  street.with = " ";
  BoundField country;
  country.slot = static_cast<int>(Field::kCountry);
  country.kind = Kind::kConstant;
  country.constant = "United Kingdom";
  BoundField city = Columns(Field::kCity, {3, 4});
  city.kind = Kind::kJoin;
  city.with = "-";
  const Normalizer n({}, {}, {street, country, city, Columns(Field::kPhone, {5}), Columns(Field::kZip, {6})});
  Record r;
  n.Normalize(Row({"7", " ", "HIGH   STREET", "winston", "salem", "020 7946 0958", "sy57nt"}), &r);
  EXPECT_EQ(r[Field::kStreet], "7 High St");
  EXPECT_EQ(r[Field::kCity], "Winston-Salem");
  EXPECT_EQ(r[Field::kCountry], "GB");
  EXPECT_EQ(r[Field::kPhone], "+442079460958");
  EXPECT_EQ(r[Field::kZip], "SY5 7NT");
  n.Normalize(Row({}), &r);
  EXPECT_EQ(r.flags, uint32_t{kFlagEmpty}) << "a constant is no content";
}

TEST(Normalizer, OptOut) {
  const Normalizer all({}, {}, {Columns(Field::kOptOut, {0})});
  BoundField by_channel;
  by_channel.slot = static_cast<int>(Field::kOptOut);
  by_channel.kind = Kind::kOptOut;
  by_channel.channel_columns = {0, -1, 1, 7};
  const Normalizer some({}, {}, {by_channel});
  Record r;
  all.Normalize(Row({"Y"}), &r);
  EXPECT_EQ(r.opt_out, kOptOutAll);
  EXPECT_EQ(r.flags & kFlagOptOut, 0u);
  all.Normalize(Row({"no"}), &r);
  EXPECT_EQ(r.opt_out, 0);
  all.Normalize(Row({"since 2020"}), &r);
  EXPECT_EQ(r.opt_out, kOptOutAll);
  EXPECT_NE(r.flags & kFlagOptOut, 0u);
  some.Normalize(Row({"0", "stop"}), &r);
  EXPECT_EQ(r.opt_out, kOptOutEmail);
  some.Normalize(Row({"1", "?"}), &r);
  EXPECT_EQ(r.opt_out, kOptOutCall | kOptOutEmail);
  EXPECT_NE(r.flags & kFlagOptOut, 0u);
}

TEST(Normalizer, AddressOnOneLine) {
  const Normalizer n({}, {}, {Columns(Field::kAddress, {0}), Columns(Field::kCity, {1})});
  Record r;
  n.Normalize(Row({"12 N Main Street Apt 4\nSpringfield, IL 62704, USA", ""}), &r);
  EXPECT_EQ(r[Field::kStreet], "12 N Main St");
  EXPECT_EQ(r[Field::kUnit], "Apt 4");
  EXPECT_EQ(r[Field::kCity], "Springfield");
  EXPECT_EQ(r[Field::kState], "IL");
  EXPECT_EQ(r[Field::kZip], "62704");
  EXPECT_EQ(r[Field::kCountry], "US");
  EXPECT_EQ(r[Field::kAddress], "");
  EXPECT_EQ(r.flags, 0u);
  n.Normalize(Row({"12 N Main Street, Springfield, IL 62704", "BOSTON"}), &r);
  EXPECT_EQ(r[Field::kCity], "Boston") << "a given part wins";
  n.Normalize(Row({"12 N Main Street", ""}), &r);
  EXPECT_EQ(r[Field::kStreet], "12 N Main St");
  EXPECT_EQ(r.flags, uint32_t{kFlagAddress});
  n.Normalize(Row({"N/A", ""}), &r);
  EXPECT_EQ(r.flags, uint32_t{kFlagPlaceholder | kFlagEmpty});
}

TEST(Normalizer, PartsInWrongColumns) {
  const Normalizer n({}, {},
                     {Columns(Field::kStreet, {0}), Columns(Field::kCity, {1}), Columns(Field::kState, {2}),
                      Columns(Field::kZip, {3})});
  const struct {
    std::vector<std::string> in;
    const char *street, *city, *state, *zip;
  } cases[] = {
      {{"12 Main St", "Springfield, IL 62704", "", ""}, "12 Main St", "Springfield", "IL", "62704"},
      {{"12 Main St", "Springfield, IL", "IL", "62704"}, "12 Main St", "Springfield", "IL", "62704"},
      {{"12 Main St", "Springfield, IL", "", ""}, "12 Main St", "Springfield", "IL", ""},
      {{"12 Main St", "St. Louis, MO 63101", "", ""}, "12 Main St", "St Louis", "MO", "63101"},
      {{"12 Main St", "Springfield", "62704", ""}, "12 Main St", "Springfield", "", "62704"},
      {{"12 Main St", "Springfield", "IL 62704", ""}, "12 Main St", "Springfield", "IL", "62704"},
      {{"12 Main St", "Springfield", "", "IL 62704"}, "12 Main St", "Springfield", "IL", "62704"},
      {{"12 Main St", "Springfield", "", "IL"}, "12 Main St", "Springfield", "IL", ""},
      {{"12 Main St, Springfield, IL 62704", "", "", ""}, "12 Main St", "Springfield", "IL", "62704"},
      {{"12 Main St, Apt 4", "", "", ""}, "12 Main St", "", "", ""},
      // Two that contradict each other stay where they are.
      {{"12 Main St", "Springfield, MO", "IL", "62704"}, "12 Main St", "Springfield, Mo", "IL", "62704"},
  };
  for (const auto& c : cases) {
    Record r;
    n.Normalize(Row(c.in), &r);
    EXPECT_EQ(r[Field::kStreet], c.street) << c.in[0] << "|" << c.in[1];
    EXPECT_EQ(r[Field::kCity], c.city) << c.in[0] << "|" << c.in[1];
    EXPECT_EQ(r[Field::kState], c.state) << c.in[1] << "|" << c.in[2];
    EXPECT_EQ(r[Field::kZip], c.zip) << c.in[1] << "|" << c.in[3];
  }
}

TEST(Normalizer, CellTypes) {
  const Normalizer n({}, {},
                     {Columns(Field::kZip, {0}), Columns(Field::kPhone, {1}), Columns(Field::kFirstName, {2}),
                      Columns(Field::kUpdatedAt, {3})});
  Record r;
  n.Normalize({{CellType::kInteger, "2139"},
               {CellType::kReal, "2065559857.0"},
               {CellType::kBytes, "Jos\xE9"},
               {CellType::kInteger, "1647653415"}},
              &r);
  EXPECT_EQ(r[Field::kZip], "02139");
  EXPECT_EQ(r[Field::kPhone], "+12065559857");
  EXPECT_EQ(r[Field::kFirstName], "José");
  EXPECT_EQ(r[Field::kUpdatedAt], "2022-03-19 01:30:15");
  n.Normalize({{CellType::kReal, "2.139e+03"},
               {CellType::kReal, "2.06555985e+09"},  // a number has all of its digits, unlike a text
               {CellType::kReal, "1.5e-07"},
               {CellType::kReal, "1647653415.0"}},
              &r);
  EXPECT_EQ(r[Field::kZip], "02139");
  EXPECT_EQ(r[Field::kPhone], "+12065559850");
  n.Normalize({{CellType::kReal, "2139.0"},
               {CellType::kNull, ""},
               {CellType::kBytes, std::string_view("J\0hn", 4)},
               {CellType::kNull, ""}},
              &r);
  EXPECT_EQ(r[Field::kZip], "02139");
  EXPECT_EQ(r[Field::kFirstName], "");
}

TEST(Normalizer, DatesByThePlan) {
  NormalizeOptions options;
  options.date_order = DateOrder::kDmy;
  options.two_digit_year_pivot = 40;
  options.excel_serials = ExcelSerials::k1900;
  options.as_of = "2026-01-31";
  BoundField formatted = Columns(Field::kBirthDate, {0});
  formatted.formats = {"%m/%d/%y"};
  const Normalizer n(options, {}, {Columns(Field::kBirthDate, {0}), Columns(Field::kUpdatedAt, {1})});
  const Normalizer by_format(options, {}, {formatted});
  Record r;
  const auto birth = [&](const Normalizer& rules, const char* text, const char* updated, CellType type) {
    rules.Normalize({{type, text}, {CellType::kText, updated}}, &r);
    return r[Field::kBirthDate];
  };
  constexpr CellType t = CellType::kText;
  EXPECT_EQ(birth(n, "03/04/41", "", t), "1941-04-03");
  EXPECT_EQ(birth(n, "26377", "", t), "1972-03-19");
  EXPECT_EQ(r.flags, 0u);
  EXPECT_EQ(birth(n, "9031972", "", CellType::kInteger), "1972-03-09");
  EXPECT_EQ(birth(n, "9031972", "", t), "");
  // Kept, though nobody can be born then.
  EXPECT_EQ(birth(n, "03/04/40", "", t), "2040-04-03");
  EXPECT_EQ(r.flags, uint32_t{kFlagBirthDate});
  EXPECT_EQ(birth(n, "1905-01-30", "", t), "1905-01-30");
  EXPECT_EQ(r.flags, uint32_t{kFlagBirthDate});
  EXPECT_EQ(birth(n, "2001-02-03", "1999-12-31 23:59", t), "2001-02-03");
  EXPECT_EQ(r.flags, uint32_t{kFlagBirthDate});
  EXPECT_EQ(birth(n, "1999-12-31", "1999-12-31 23:59", t), "1999-12-31");
  EXPECT_EQ(r.flags, 0u);
  // A column's format wins.
  EXPECT_EQ(birth(by_format, "03/04/41", "", t), "1941-03-04");
  EXPECT_EQ(birth(by_format, "26377", "", t), "");
  EXPECT_EQ(birth(by_format, "1972-03-19", "", t), "");
}

TEST(Normalizer, Attributes) {
  const std::vector<Attribute> attributes = {
      {"occupation", AttributeType::kCategory}, {"hired", AttributeType::kDate}, {"score", AttributeType::kNumber}};
  BoundField occupation, hired;
  occupation.slot = kFieldCount;
  occupation.columns = {0};
  hired.slot = kFieldCount + 1;
  hired.columns = {1};
  hired.formats = {"%d.%m.%Y"};
  const Normalizer n({}, attributes, {occupation, hired});
  Record r;
  n.Normalize(Row({" geologist ", "19.03.1972"}), &r);
  EXPECT_EQ(r.attributes, (std::vector<std::string>{"geologist", "1972-03-19", ""}));
  EXPECT_EQ(r.flags, 0u);
  n.Normalize(Row({"", "03/19/1972"}), &r);
  EXPECT_EQ(r.flags, uint32_t{kFlagAttribute | kFlagEmpty});
}

TEST(Normalizer, CutValues) {
  const Normalizer n({}, {}, AllFields());
  std::vector<std::string> texts(kFieldCount);
  texts[static_cast<size_t>(Field::kStreet)] = "12 " + std::string(300, 'a');
  texts[static_cast<size_t>(Field::kCity)] = std::string(99, 'a') + "éé";
  texts[static_cast<size_t>(Field::kEmail)] = std::string(300, 'a') + "@x.org";
  Record r;
  n.Normalize(Row(texts), &r);
  EXPECT_EQ(r[Field::kStreet].size(), 200u);
  EXPECT_EQ(r[Field::kCity].size(), 99u);
  EXPECT_EQ(r[Field::kEmail], "");
  EXPECT_EQ(r.flags, uint32_t{kFlagTruncated | kFlagEmail});
}

// ---- properties of made-up rows
// --------------------------------------------------------------------------------------

// Pieces that rules look for, glued together at random, and random characters.
std::string RandomText(std::mt19937_64* rng) {
  static const std::vector<std::string> pieces = {
      " ",      " ",        " ",     ",",        ".",         "-",      "'",       "#",
      "/",      "(",        ")",     "@",        ";",         "+",      "\"",      "&",
      "\n",     "12",       "4",     "206",      "555",       "9857",   "1972",    "03",
      "19",     "00",       "JOHN",  "Smith",    "o'brien",   "jr",     "III",     "Dr.",
      "van",    "der",      "de",    "la",       "St",        "Street", "Ave",     "N",
      "North",  "Apt",      "Unit",  "Box",      "PO",        "P.O.",   "Main",    "Springfield",
      "IL",     "Illinois", "62704", "SY5 7NT",  "gmail.com", "x.org",  "mailto:", "<",
      ">",      "x123",     "Mar",   "unknown",  "N/A",       "null",   "US",      "Canada",
      "m",      "é",        "É",     "ß",        "ø",         "李",     "😀",       "\u2019",
      "\u00A0", "\u200B",   "\xE9",  "\xC3",     "Ã©",        "ﬁ",      "１",      "LLC",
      "and",    "MC",       "MAC",   "mcdonald", "2nd",       "Floor",  "rear",    "+44 20 7946 0958",
      "x",      "XX",       "T",     ":",        "30",        "Z",      "İ",       "ǆ",
      "\u0301", "\u1E9E"};
  std::string text;
  const size_t n = (*rng)() % 9;
  for (size_t i = 0; i < n; ++i) text += pieces[(*rng)() % pieces.size()];
  if ((*rng)() % 50 == 0) text += std::string((*rng)() % 300, static_cast<char>('a' + (*rng)() % 26));
  return text;
}

TEST(NormalizerProperties, ValidBoundedAndIdempotent) {
  const std::vector<Attribute> attributes = {{"t", AttributeType::kText},
                                             {"n", AttributeType::kName},
                                             {"i", AttributeType::kIdentifier},
                                             {"d", AttributeType::kDate},
                                             {"x", AttributeType::kNumber}};
  constexpr size_t kBounds[kFieldCount] = {100, 100, 100, 100, 100, 1, 10, 254, 32, 200,
                                           50,  100, 64,  16,  0,   2, 64, 26,  0};
  std::mt19937_64 rng(20250101);
  for (const char* country : {"US", "GB", "DE", "CA", "AU"}) {
    std::vector<BoundField> fields = AllFields();
    for (uint32_t i = 0; i < attributes.size(); ++i) {
      BoundField bound;
      bound.slot = kFieldCount + static_cast<int>(i);
      bound.columns = {kFieldCount + i};
      fields.push_back(bound);
    }
    const Normalizer n({country, DateOrder::kMdy}, attributes, fields);
    for (int round = 0; round < 6000; ++round) {
      std::vector<std::string> texts(kFieldCount + attributes.size());
      for (std::string& t : texts) t = RandomText(&rng);
      Record once, twice;
      n.Normalize(Row(texts), &once);
      std::vector<std::string> again(once.values.begin(), once.values.end());
      again.insert(again.end(), once.attributes.begin(), once.attributes.end());
      n.Normalize(Row(again), &twice);
      for (size_t f = 0; f < kFieldCount; ++f) {
        const std::string what = std::string(country) + " " + std::string(kFieldNames[f]) + " of '" + texts[f] + "'";
        EXPECT_TRUE(IsValidUtf8(once.values[f])) << what;
        EXPECT_LE(once.values[f].size(), kBounds[f]) << what;
        EXPECT_EQ(twice.values[f], once.values[f]) << what;
      }
      for (size_t a = 0; a < attributes.size(); ++a) {
        EXPECT_TRUE(IsValidUtf8(once.attributes[a]));
        EXPECT_LE(once.attributes[a].size(), 500u);
        EXPECT_EQ(twice.attributes[a], once.attributes[a])
            << attributes[a].name << " of '" << texts[kFieldCount + a] << "'";
      }
      for (const std::string& e : once.more_emails) EXPECT_NE(e, once[Field::kEmail]);
    }
  }
}

TEST(NormalizerProperties, ThreadsShareOneNormalizer) {
  const Normalizer n({"GB", DateOrder::kDmy}, {}, AllFields());
  std::mt19937_64 rng(7);
  std::vector<std::vector<std::string>> rows(500, std::vector<std::string>(kFieldCount));
  for (auto& row : rows)
    for (std::string& text : row) text = RandomText(&rng);
  const auto all = [&](std::vector<Record>* out) {
    out->resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) n.Normalize(Row(rows[i]), &(*out)[i]);
  };
  std::vector<Record> alone, results[3];
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back(all, &result);
  for (std::thread& thread : threads) thread.join();
  all(&alone);
  for (const auto& result : results) {
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(result[i].values, alone[i].values);
      EXPECT_EQ(result[i].flags, alone[i].flags);
      EXPECT_EQ(result[i].more_phones, alone[i].more_phones);
    }
  }
}

}  // namespace
}  // namespace migrate::normalize
