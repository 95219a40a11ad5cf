#include "migrate/dedupe/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {
namespace {

using Fill = std::function<void(Record*)>;

// Compares two records that differ from empty ones by what the two functions fill in.
Comparison Compared(const Fill& first, const Fill& second) {
  Table table(1);
  uint64_t id = 0;
  for (const Fill& fill : {first, second}) {
    Record r;
    r.record_id = ++id;
    fill(&r);
    table.Add(r);
  }
  EXPECT_TRUE(table.Finish());
  const Frequencies frequencies = CountFrequencies(table, Duplication{}, Nicknames());
  Comparison ab, ba;
  Comparator(table, frequencies).Compare(0, 1, &ab);
  Comparator(table, frequencies).Compare(1, 0, &ba);
  EXPECT_EQ(ab.Pattern(), ba.Pattern()) << "a comparison must not depend on the order";
  for (size_t e = 0; e < kEvidenceCount; ++e)
    EXPECT_TRUE(ab.level[e] == kNull || std::isnan(ab.log_chance[e]) || ab.log_chance[e] <= 0.0f);
  return ab;
}

int Level(Evidence e, Field field, std::string_view a, std::string_view b) {
  return Compared([&](Record* r) { (*r)[field] = a; }, [&](Record* r) { (*r)[field] = b; }).level[e];
}

struct Case {
  std::string_view a, b;
  int level;
};

TEST(Compare, FirstNames) {
  const Case kCases[] = {
      {"Robert", "ROBERT", kNameExact}, {"Robert", "Bob", kNameNickname},     {"Chris", "Christophe", kNameNickname},
      {"Robert", "Robetr", kNameClose}, {"Mark", "Mary", kNameWeak},          {"Joan", "John", kNameWeak},
      {"Marj", "Mary", kNameClose},     {"Daniel", "Danielle", kNameWeak},    {"Paul", "Paula", kNameWeak},
      {"Robert", "R", kNameInitial},    {"Robert", "B", kNameDifferent},      {"Robert", "", kNull},
      {"Stephan", "Steven", kNameWeak}, {"Robert", "Alfred", kNameDifferent}, {"Mary Jane", "Jane", kNamePart},
      {"Al", "Ed", kNameDifferent}};
  for (const Case& c : kCases) EXPECT_EQ(Level(kFirst, Field::kFirstName, c.a, c.b), c.level) << c.a << " " << c.b;
}

TEST(Compare, LastNames) {
  const Case kCases[] = {{"Smith", "smith", kNameExact},           {"Smith", "Smyth", kNameClose},
                         {"Smith", "Smythe", kNameWeak},           {"Catherwood", "Catterwod", kNameClose},
                         {"Smith-Jones", "Jones", kNamePart},      {"Smith", "Baker", kNameDifferent},
                         {"de la Cruz", "De La Cruz", kNameExact}, {"Smith", "", kNull}};
  for (const Case& c : kCases) EXPECT_EQ(Level(kLast, Field::kLastName, c.a, c.b), c.level) << c.a << " " << c.b;
}

Fill Name(std::string_view first, std::string_view last, std::string_view full = "") {
  return [=](Record* r) {
    (*r)[Field::kFirstName] = first;
    (*r)[Field::kLastName] = last;
    (*r)[Field::kFullName] = full;
  };
}

// A line of a mailing list, or of a list of numbers.
TEST(Compare, OnlyAnIdentifier) {
  const auto mail = [](Record* r) { (*r)[Field::kEmail] = "ann@example.org"; };
  const auto phone = [](Record* r) { (*r)[Field::kPhone] = "+12025550123"; };
  const auto person = [=](Record* r) {
    Name("Ann", "Lee")(r);
    mail(r);
    phone(r);
  };
  EXPECT_EQ(Compared(mail, mail).only_identifier, kEmail);
  EXPECT_EQ(Compared(person, mail).only_identifier, kEmail);
  EXPECT_EQ(Compared(person, person).only_identifier, Comparison::kNothing) << "their names say more";
  EXPECT_EQ(Compared(phone, phone).only_identifier, kPhone);
  EXPECT_EQ(Compared(person, phone).only_identifier, Comparison::kNothing) << "a household may share it";
  EXPECT_EQ(Compared(mail, phone).only_identifier, Comparison::kNothing);
  const auto office = [](Record* r) { (*r)[Field::kEmail] = "info@example.org"; };
  EXPECT_EQ(Compared(office, office).only_identifier, Comparison::kNothing) << "of whoever is there";
  const auto first = [=](Record* r) { Name("Ann", "")(r), mail(r); };
  const auto last = [=](Record* r) { Name("", "Lee")(r), mail(r); };
  EXPECT_EQ(Compared(first, last).only_identifier, Comparison::kNothing) << "may be a couple";
  const auto both = [=](Record* r) { mail(r), phone(r); };
  EXPECT_EQ(Compared(person, both).only_identifier, kEmail) << "a telephone number does not count as one, too";
  Weights w = InitialWeights(1000);
  w.lambda_match = 1e-9;  // a table of mails alone: no other evidence tells EM that there are matches
  for (const auto& [a, b] : {std::pair<Fill, Fill>(mail, mail), {person, mail}, {phone, phone}})
    EXPECT_NEAR(LogOddsToProbability(Scorer(w).LogOdds(Compared(a, b))), 1 - kOtherOwner, 0.003);
}

TEST(Compare, NamesCrosswise) {
  const struct {
    Fill a, b;
    int first, last;
  } kCases[] = {
      {Name("Anna", "Berg"), Name("Berg", "Anna"), kNameCrossed, kNameCrossed},
      {Name("Anna", "Berger"), Name("Bergre", "Anna"), kNameCrossed, kNameCrossedClose},
      {Name("Anna", "Berg"), Name("Berg", ""), kNull, kNameCrossed},
      {Name("Anna", "Berg"), Name("Berg", "Otto"), kNameDifferent, kNameCrossed},
      {Name("Anna", "Berg"), Name("Anna", ""), kNameExact, kNull},
      {Name("Anna", "Berg"), Name("Anna", "Anna"), kNameExact, kNameDifferent},
      {Name("Thomas", "Ackroyd", "Thomas Raven Ackroyd"), Name("Raven", "Ackroyd"), kNamePart, kNameExact},
  };
  for (const auto& c : kCases) {
    const Comparison got = Compared(c.a, c.b);
    EXPECT_EQ(got.level[kFirst], c.first);
    EXPECT_EQ(got.level[kLast], c.last);
  }
}

TEST(Compare, BirthDates) {
  const Case kCases[] = {{"1972-03-05", "1972-03-05", kBirthExact},   {"1972-03-05", "1972-05-03", kBirthSwapped},
                         {"1972-03-05", "1973-03-05", kBirthDigit},   {"1972-03-05", "1927-03-05", kBirthDigit},
                         {"1972-03-05", "1972-03-28", kBirthPart},    {"1972-03-25", "1972-04-03", kBirthMonthApart},
                         {"1972-03-05", "1972-11-28", kBirthYear},    {"1972-11-28", "1973-04-01", kBirthYearApart},
                         {"1972-11-28", "1979-04-01", kBirthDecade},  {"1972-11-28", "1999-04-01", kBirthDifferent},
                         {"1972-03-05", "1972", kBirthPartialSame},   {"1972-03-05", "1972-03", kBirthPartialSame},
                         {"1972-03-05", "1972-04", kBirthMonthApart}, {"1972-03-05", "", kNull},
                         {"1972-03-05", "1950", kBirthDifferent}};
  for (const Case& c : kCases) EXPECT_EQ(Level(kBirth, Field::kBirthDate, c.a, c.b), c.level) << c.a << " " << c.b;
}

TEST(Compare, Emails) {
  const Case kCases[] = {{"anna@web.de", "anna@web.de", kContactExact},
                         {"an.na+x@gmail.com", "anna@gmail.com", kContactExact},
                         {"anna1972@web.de", "anna1972@aol.com", kContactLocal},
                         {"anna@web.de", "anna@aol.com", kNull},
                         {"anna.berg@web.de", "anan.berg@web.de", kContactClose},
                         {"anna12@web.de", "anna15@web.de", kContactDifferent},
                         {"lana.demol28@web.de", "lara.demol24@web.de", kContactDifferent},
                         {"anna.berg20@web.de", "anna.ber2g0@web.de", kContactClose},
                         {"ann0.berg@web.de", "anno.berg@web.de", kContactClose},
                         {"anna@web.de", "otto@web.de", kContactDifferent},
                         {"anna@web.de", "", kNull}};
  for (const Case& c : kCases) EXPECT_EQ(Level(kEmail, Field::kEmail, c.a, c.b), c.level) << c.a << " " << c.b;
}

TEST(Compare, Phones) {
  const Case kCases[] = {{"+12025550123", "+12025550123", kContactExact},
                         {"+12025550123", "+12025550123;ext=7", kContactExact},
                         {"+12025550123", "+13015550123", kContactLocal},
                         {"+12025550123", "+12025550124", kContactClose},
                         {"+12025550123", "+12025551023", kContactClose},
                         {"+12025550123", "+12029876543", kContactDifferent},
                         {"+12025550123", "", kNull}};
  for (const Case& c : kCases) EXPECT_EQ(Level(kPhone, Field::kPhone, c.a, c.b), c.level) << c.a << " " << c.b;
}

Fill Address(std::string_view street, std::string_view unit, std::string_view city, std::string_view zip,
             std::string_view state = "") {
  return [=](Record* r) {
    (*r)[Field::kStreet] = street;
    (*r)[Field::kUnit] = unit;
    (*r)[Field::kCity] = city;
    (*r)[Field::kZip] = zip;
    (*r)[Field::kState] = state;
  };
}

TEST(Compare, AddressesAreOnePiece) {
  const struct {
    Fill a, b;
    int level;
  } kCases[] = {
      {Address("12 Main St", "", "Bonn", "53111"), Address("12 Main St", "", "Bonn", "53111"), kAddressExact},
      {Address("12 Main St", "", "", "53111"), Address("12 Main St", "4", "", "53111"), kAddressExact},
      {Address("12 Main St", "4", "", "53111"), Address("12 Main St", "5", "", "53111"), kAddressNear},
      {Address("12 Main St", "", "", "53111"), Address("12 Mian St", "", "", "53111"), kAddressNear},
      {Address("12 Main St", "", "", "53111"), Address("12 Main St", "", "", "53112"), kAddressNear},
      {Address("12 Main St", "", "", "53111"), Address("120 Main St", "", "", "53111"), kAddressNear},
      {Address("12 Main St", "", "", "53111"), Address("99 Main St", "", "", "53111"), kAddressStreet},
      {Address("12 Main St", "", "", "53111"), Address("12 Oak Ave", "", "", "53111"), kAddressZip},
      {Address("", "", "", "53111"), Address("12 Oak Ave", "", "", "53111"), kAddressZipOnly},
      {Address("12 Main St", "", "Bonn", "53111"), Address("7 Oak Ave", "", "Bonn", "53229"), kAddressCity},
      {Address("", "", "Bonn", ""), Address("7 Oak Ave", "", "Bonn", ""), kAddressCityOnly},
      {Address("", "", "Hannover", ""), Address("", "", "Hanover", ""), kAddressZipClose},
      {Address("", "", "", "53111"), Address("", "", "", "53199"), kAddressZipArea},
      {Address("", "", "", "SY5 7NT"), Address("", "", "", "SY5 9AB"), kAddressZipArea},
      {Address("", "", "", "10115", "BE"), Address("", "", "", "53111", "BE"), kAddressState},
      {Address("", "", "", "10115"), Address("", "", "", "53111"), kAddressDifferent},
      {Address("12 Main St", "", "", ""), Address("", "", "", "53111"), kNull},
  };
  int n = 0;
  for (const auto& c : kCases) EXPECT_EQ(Compared(c.a, c.b).level[kAddress], c.level) << "case " << n++;
}

TEST(Compare, Companies) {
  const auto company = [](std::string_view name) {
    return [=](Record* r) {
      (*r)[Field::kFullName] = name;
      r->flags = kFlagCompany;
    };
  };
  EXPECT_EQ(Compared(company("Acme Tools Inc"), company("Acme Tools LLC")).level[kCompany], kCompanyExact);
  EXPECT_EQ(Compared(company("Acme Tools Group"), company("Tools Acme")).level[kCompany], kCompanyMost);
  EXPECT_EQ(Compared(company("Acme Tools"), company("Zenith Bakery")).level[kCompany], kCompanyDifferent);
  const Comparison mixed = Compared(company("Anna Berg"), Name("Anna", "Berg"));
  EXPECT_EQ(mixed.level[kCompany], kCompanyDifferent);
  EXPECT_EQ(mixed.level[kFirst], kNull);
}

TEST(Compare, RestOfTheEvidence) {
  EXPECT_EQ(Level(kNationalId, Field::kNationalId, "123456789", "123456789"), kIdExact);
  EXPECT_EQ(Level(kNationalId, Field::kNationalId, "123456789", "123456798"), kIdClose);
  EXPECT_EQ(Level(kNationalId, Field::kNationalId, "123456789", "987654321"), kIdDifferent);
  EXPECT_EQ(Level(kSex, Field::kSex, "F", "F"), kSexSame);
  EXPECT_EQ(Level(kSex, Field::kSex, "F", "M"), kSexDifferent);
  const auto attribute = [](std::string_view v) { return [=](Record* r) { r->attributes = {std::string(v)}; }; };
  EXPECT_EQ(Compared(attribute("Frodesley"), attribute("frodesley")).level[kAttribute0], kTextExact);
  EXPECT_EQ(Compared(attribute("Frodesley"), attribute("Frodesly")).level[kAttribute0], kTextClose);
  EXPECT_EQ(Compared(attribute("Edinburgh"), attribute("City of Edinburgh")).level[kAttribute0], kTextPart);
  EXPECT_EQ(Compared(attribute("Edinburgh"), attribute("Leeds")).level[kAttribute0], kTextDifferent);
  EXPECT_EQ(Compared(attribute("Edinburgh"), attribute("")).level[kAttribute0], kNull);
}

TEST(Compare, SexSaysNothingWhereFirstNamesAreEqual) {
  const auto person = [](std::string_view first, std::string_view sex) {
    return [=](Record* r) {
      (*r)[Field::kFirstName] = first;
      (*r)[Field::kSex] = sex;
    };
  };
  EXPECT_EQ(Compared(person("Anna", "F"), person("Anna", "F")).level[kSex], kNull);
  EXPECT_EQ(Compared(person("Kim", "F"), person("Kim", "M")).level[kSex], kSexDifferent);
}

TEST(DayNumber, CountsDays) {
  EXPECT_EQ(DayNumber(PackDate("2000-03-01")) - DayNumber(PackDate("2000-02-28")), 2);
  EXPECT_EQ(DayNumber(PackDate("1901-01-01")) - DayNumber(PackDate("1900-01-01")), 365);
}

}  // namespace
}  // namespace migrate::dedupe
