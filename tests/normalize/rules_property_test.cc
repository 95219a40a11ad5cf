// What holds for every input of the rules for names, e-mails, codes and text: over random texts of meaningful words and
// over mutations of real ones. Each rule alone; the whole normalizer has its own test.
#include <gtest/gtest.h>

#include <clocale>
#include <random>

#include "migrate/normalize/casing.h"
#include "migrate/normalize/codes.h"
#include "migrate/normalize/emails.h"
#include "migrate/normalize/junk.h"
#include "migrate/normalize/names.h"
#include "migrate/record/keys.h"

namespace migrate::normalize {
namespace {

constexpr const char* kNameWords[] = {
    "John", "MARY",  "smith", "O'Brien", "O'",     "Smith-Jones", "van",   "der",     "de",         "la",  "von",
    "und",  "zu",    "al",    "bin",     "Dr.",    "Mr.",         "Mrs.",  "&",       "and",        "Jr.", "III",
    "MD",   "M.D.",  "DO",    "V",       "née",    "a/k/a",       "(Bob)", "\"Bob\"", "'Bob'",      "12",  "#3",
    "Inc",  "LLC",   "Bank",  "of",      "the",    "Estate",      "Trust", "Family",  "Test",       "N/A", "xx",
    "李明", "山田",  "Иван",  "Иванов",  "ΣΟΦΟΣ",  "İ",           "ﬁ",     "José",    "Jose\u0301", "`",   "´",
    "c/o",  "dba",   "A",     "JR",      "Garcia", "Lopez",       "y",     "e",       "i",          "St.", "Lt.",
    "Col.", "Major", "x@y.z", "-",       "/",      "deceased",    "S.A.",  "AG",      "\xFF",       "\xE9"};
constexpr const char* kEmailWords[] = {"john",
                                       "@",
                                       "x.org",
                                       "\"",
                                       "\\",
                                       "(",
                                       ")",
                                       "<",
                                       ">",
                                       " ",
                                       ".",
                                       ",",
                                       ";",
                                       "mailto:",
                                       "%40",
                                       "münchen.de",
                                       "xn--mnchen-3ya",
                                       "gmail.com",
                                       "+tag",
                                       "-",
                                       "or",
                                       "İ",
                                       "é",
                                       "例え",
                                       ":",
                                       "?",
                                       "noreply",
                                       "yahoo.com",
                                       "'",
                                       "[",
                                       "]",
                                       "A",
                                       "\xFF"};
constexpr const char* kAddresses[] = {"john@gmail.com",
                                      "\"Smith, John\" <john@x.org>",
                                      "\"john smith\"@x.org",
                                      "\"john.smith\"@x.org",
                                      "john (c) @x.org",
                                      "j@m\u00FCnchen.de",
                                      "mailto:john%40x.org",
                                      "x-y@yahoo.com",
                                      "any@joe.fastmail.com",
                                      "JOS\u00C9@x.org",
                                      "'a'@x.org"};
constexpr const char* kSeparators[3] = {"; ", ", ", " or "};
constexpr const char* kCodeWords[] = {
    "1", "0", "m",          "F",          "male",     "Female", "x",    "yes", "NO", "stop", "opt", "out",   "-",
    " ", "/", "2020-01-01", "0000-00-00", "männlich", "É",      "NULL", ".0",  "(",  ")",    "$",   "1,234", "abc"};

class Texts {
 public:
  explicit Texts(uint64_t seed) : rng_(seed) {}

  template <size_t N>
  std::string Of(const char* const (&words)[N], const char* const (&between)[3]) {
    std::string text;
    const size_t count = 1 + Below(6);
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) text += between[Below(3)];
      text += words[Below(N)];
    }
    if (Below(4) == 0) Mutate(&text);
    return text;
  }

 private:
  size_t Below(size_t n) { return static_cast<size_t>(rng_() % n); }
  // A byte changed, dropped or doubled.
  void Mutate(std::string* text) {
    const size_t at = Below(text->size());
    switch (Below(3)) {
      case 0:
        (*text)[at] = static_cast<char>(rng_());
        break;
      case 1:
        text->erase(at, 1);
        break;
      default:
        text->insert(at, 1, (*text)[at]);
    }
  }
  std::mt19937_64 rng_;
};

constexpr const char* kBlanks[3] = {" ", " ", ", "};
constexpr const char* kNothing[3] = {"", "", " "};
constexpr Field kNameFields[] = {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName,
                                 Field::kSuffix};

std::string Cleaned(std::string_view text, Form form) {
  std::string scratch;
  return std::string(Clean(text, form, &scratch));
}

TEST(RuleProperties, Names) {
  Texts texts(1);
  for (int round = 0; round < 60'000; ++round) {
    std::string raw[5];
    for (size_t i = 0; i < 5; ++i)
      if (round % 3 == 0 ? i == 0 : round % 3 == 1 ? i == 1 || i == 3 : true)
        raw[i] = Cleaned(texts.Of(kNameWords, kBlanks), Form::kDisplay);
    Record once, twice;
    NormalizeNames({raw[0], raw[1], raw[2], raw[3], raw[4]}, &once);
    NormalizeNames({once[Field::kFullName], once[Field::kFirstName], once[Field::kMiddleName], once[Field::kLastName],
                    once[Field::kSuffix]},
                   &twice);
    const std::string what = raw[0] + "|" + raw[1] + "|" + raw[2] + "|" + raw[3] + "|" + raw[4];
    EXPECT_TRUE(once[Field::kFullName].empty() || once[Field::kFirstName].empty()) << what;
    for (const Field f : kNameFields) {
      EXPECT_TRUE(IsValidUtf8(once[f])) << what;
      EXPECT_LE(once[f].size(), kNameBound) << what;
      if ((once.flags & kFlagTruncated) == 0) {
        EXPECT_EQ(twice[f], once[f]) << what;
      }
    }
    if (HasFailure()) break;
  }
}

// A suffix that says nothing leads past the short way for simple parts; both ways must give the same.
TEST(RuleProperties, ShortAndLongWayAgree) {
  constexpr const char* kPlain[] = {"John", "MARY", "smith",    "O'BRIEN", "Smith-Jones", "van", "DER", "Berg",
                                    "de",   "la",   "Jr",       "JR",      "MA",          "Ma",  "Nan", "xx",
                                    "aa",   "A",    "McDonald", "LEE",     "y",           "St",  "al",  "Bin",
                                    "Bank", "Test", "TJ",       "-",       "'",           "NA",  "Null"};
  constexpr const char* kOneBlank[3] = {" ", " ", " "};
  Texts texts(5);
  for (int round = 0; round < 60'000; ++round) {
    std::string raw[3];
    for (std::string& part : raw) part = Cleaned(texts.Of(kPlain, kOneBlank), Form::kDisplay);
    if (round % 2 == 0) raw[1].clear();
    Record by_short, by_long;
    NormalizeNames({{}, raw[0], raw[1], raw[2], {}}, &by_short);
    NormalizeNames({{}, raw[0], raw[1], raw[2], "-"}, &by_long);
    for (const Field f : kNameFields) EXPECT_EQ(by_short[f], by_long[f]) << raw[0] << "|" << raw[1] << "|" << raw[2];
    EXPECT_EQ(by_short.flags, by_long.flags) << raw[0] << "|" << raw[1] << "|" << raw[2];
    if (HasFailure()) break;
  }
}

TEST(RuleProperties, Emails) {
  Texts texts(2);
  size_t good = 0;
  for (int round = 0; round < 100'000; ++round) {
    const bool whole = round % 2 == 0;
    const std::string text =
        Cleaned(whole ? texts.Of(kAddresses, kSeparators) : texts.Of(kEmailWords, kNothing), Form::kCode);
    std::string_view rest = text, part;
    std::string once, twice;
    while (NextEmail(&rest, &part)) {
      if (!HasValue(NormalizeEmail(part, &once))) {
        EXPECT_EQ(once, "") << text;
        continue;
      }
      ++good;
      EXPECT_TRUE(IsValidUtf8(once)) << text;
      EXPECT_LE(once.size(), kEmailBound) << text;
      EXPECT_TRUE(HasValue(NormalizeEmail(once, &twice))) << text;
      EXPECT_EQ(twice, once) << text;
      EXPECT_EQ(LooseEmail(LooseEmail(once)), LooseEmail(once)) << text;
    }
  }
  EXPECT_GT(good, 2000u);
}

TEST(RuleProperties, Codes) {
  Texts texts(3);
  for (int round = 0; round < 60'000; ++round) {
    const std::string text = Cleaned(texts.Of(kCodeWords, kNothing), Form::kCode);
    std::string once, twice;
    for (Outcome (*rule)(std::string_view, std::string*) : {&NormalizeSex, &NormalizeNationalId}) {
      const Outcome outcome = rule(text, &once);
      EXPECT_EQ(HasValue(outcome), !once.empty()) << text;
      if (!HasValue(outcome)) continue;
      EXPECT_TRUE(HasValue(rule(once, &twice))) << text;
      EXPECT_EQ(twice, once) << text;
    }
    std::string upper = text;
    for (char& c : upper) c = Upper(c);
    EXPECT_EQ(ReadOptOut(upper), ReadOptOut(text)) << text;
    // Only a no, a NULL or a zero date may leave a person contactable.
    if (ReadOptOut(text) == Consent::kNotSaid && !text.empty()) {
      EXPECT_NE(text.find_first_of("0nNfFoO"), std::string::npos) << text;
    }
  }
}

TEST(RuleProperties, Text) {
  Texts texts(4);
  for (int round = 0; round < 60'000; ++round) {
    const std::string text = texts.Of(kNameWords, kNothing);
    for (const Form form : {Form::kDisplay, Form::kCode}) {
      const std::string once = Cleaned(text, form);
      EXPECT_TRUE(IsValidUtf8(once)) << text;
      EXPECT_EQ(Cleaned(once, form), once) << text;
    }
    const std::string clean = Cleaned(text, Form::kDisplay);
    std::string once, twice;
    AppendDisplayText(clean, &once);
    AppendDisplayText(once, &twice);
    EXPECT_EQ(twice, once) << text;
    EXPECT_EQ(FoldKey(FoldKey(text)), FoldKey(text)) << text;
  }
}

// A locale with other letters (Turkish: i and I are no pair) changes nothing. Where the machine has none, C.UTF-8 does.
TEST(RuleProperties, NoLocale) {
  const auto results = [] {
    std::string all, value;
    for (const char* text : {"TITIZ, IRMAK", "ISTANBUL", "INFO@X.ORG", "FEMININ", "STIRLING III"}) {
      Record r;
      NormalizeNames({text, {}, {}, {}, {}}, &r);
      for (const Field f : kNameFields) all += r[f] + "|";
      NormalizeEmail(text, &value);
      all += value + "|";
      NormalizeSex(text, &value);
      all += value + "|" + FoldKey(text) + "\n";
    }
    return all;
  };
  const std::string plain = results();
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* locale : {"tr_TR.UTF-8", "tr_TR", "C.UTF-8"}) {
    std::setlocale(LC_ALL, locale);
    EXPECT_EQ(results(), plain) << locale;
  }
  std::setlocale(LC_ALL, before.c_str());
}

}  // namespace
}  // namespace migrate::normalize
