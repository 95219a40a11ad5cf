// The ways in which telephone numbers are written. Sources: ITU-T E.164 and E.123, RFC 3966 (tel URIs), ATIS-0300051
// and nanpa.com (North America), and the numbering plans of the countries as libphonenumber knows them.
#include <gtest/gtest.h>
#include <phonenumbers/phonenumberutil.h>

#include <random>

#include "migrate/normalize/area_codes.h"
#include "migrate/normalize/phones.h"

namespace migrate::normalize {
namespace {

constexpr Outcome kBad = Outcome::kBad, kDoubtful = Outcome::kDoubtful, kPlaceholder = Outcome::kPlaceholder;

struct Case {
  const char *country, *in, *out;
  Outcome outcome = Outcome::kOk;
};

template <size_t n>
void CheckAll(const Case (&cases)[n]) {
  for (const Case& c : cases) {
    std::string clean, out = "stale";
    EXPECT_EQ(NormalizePhone(Clean(c.in, Form::kCode, &clean), c.country, &out), c.outcome) << c.country << " " << c.in;
    EXPECT_EQ(out, c.out) << c.country << " " << c.in;
  }
}

TEST(PhoneForms, PrefixesAndTrunkZeros) {
  const Case cases[] = {
      {"US", "00 44 20 7946 0958", "+442079460958"},
      {"US", "0044 20 7946 0958", "+442079460958"},
      {"US", "00 1 206 555 9857", "+12065559857"},
      {"US", "011-44-20-7946-0958", "+442079460958"},
      {"US", "+011 44 20 7946 0958", "+442079460958"},
      {"US", "+0044 20 7946 0958", "+442079460958"},
      {"US", "+ 44 20 7946 0958", "+442079460958"},
      {"US", "(+44) 20 7946 0958", "+442079460958"},
      {"US", "+44(0)20 7946 0958", "+442079460958"},
      {"US", "+49 (0) 30 1234567", "+49301234567"},
      {"US", "+33 (0)1 42 68 53 00", "+33142685300"},
      {"US", "+39 06 6982", "+39066982"},  // Italy keeps its zero
      {"US", "+1 (206) 555.9857", "+12065559857"},
      {"US", "(1) 206-555-9857", "+12065559857"},
      {"US", "1 (206) 555-9857", "+12065559857"},
      {"US", "+12065559857", "+12065559857"},
      {"US", "+1 206 555 985", "", kBad},
      {"US", "+1 206 555 98577", "", kBad},
      {"US", "+0 206 555 9857", "", kBad},
      {"US", "+999 206 555 9857", "", kBad},
      {"US", "+44 20", "", kBad},
      {"GB", "(020) 7946 0958", "+442079460958"},
      {"GB", "44 20 7946 0958", "+442079460958"},
      {"GB", "07400 123456", "+447400123456"},
      {"GB", "7400123456", "+447400123456"},  // a column of numbers lost the zero
      {"GB", "001 206 555 9857", "+12065559857"},
      {"GB", "00 1 729 555 9857", "+17295559857"},  // newer than the library
      {"DE", "0176 12345678", "+4917612345678"},
      {"DE", "0049 30 1234567", "+49301234567"},
      {"FR", "06 12 34 56 78", "+33612345678"},
      {"FR", "+33.6.12.34.56.78", "+33612345678"},
      {"ES", "912 34 56 78", "+34912345678"},
      {"IT", "06 6982 1234", "+390669821234"},
      {"MX", "55 5123 4567", "+525551234567"},
      {"AU", "0412 345 678", "+61412345678"},
      {"AU", "0011 44 20 7946 0958", "+442079460958"},
      {"NZ", "021 123 4567", "+64211234567"},
      {"IN", "098765 43211", "+919876543211"},
      {"BR", "(11) 96123-4567", "+5511961234567"},
      {"JP", "03-1234-5678", "+81312345678"},
      {"JP", "010 44 20 7946 0958", "+442079460958"},
      {"CH", "044 668 18 00", "+41446681800"},
      {"NL", "020-1234567", "+31201234567"},
      {"PL", "22 123 45 67", "+48221234567"},
      {"JM", "876-555-0123", "+18765550123"},
      {"PR", "787 555 0123", "+17875550123"},
      {"BB", "+1 (246) 555-0123", "+12465550123"},
  };
  CheckAll(cases);
}

TEST(PhoneForms, Extensions) {
  const Case cases[] = {
      {"US", "206-555-9857 x 12", "+12065559857;ext=12"},
      {"US", "206-555-9857 X12", "+12065559857;ext=12"},
      {"US", "206-555-9857, x12", "+12065559857;ext=12"},
      {"US", "206-555-9857 (x12)", "+12065559857;ext=12"},
      {"US", "206-555-9857 (ext. 12)", "+12065559857;ext=12"},
      {"US", "206-555-9857 ext: 12", "+12065559857;ext=12"},
      {"US", "206-555-9857 ext-12", "+12065559857;ext=12"},
      {"US", "206-555-9857 - ext 12", "+12065559857;ext=12"},
      {"US", "206-555-9857 Extn 0012", "+12065559857;ext=0012"},
      {"US", "206-555-9857 xtn 12", "+12065559857;ext=12"},
      {"US", "206-555-9857,,12", "+12065559857;ext=12"},
      {"US", "206-555-9857,12", "+12065559857;ext=12"},
      {"US", "2065559857;12", "+12065559857;ext=12"},
      {"US", "206-555-9857 poste 12", "+12065559857;ext=12"},
      {"US", "1-800-FLOWERS x12", "+18003569377;ext=12"},
      {"US", "206-555-9857 ext", "+12065559857"},
      {"US", "206-555-9857 ext none", "+12065559857"},
      {"US", "x12", "", kBad},
      {"US", "ext 2345678", "", kPlaceholder},
      {"US", "206-555-9857 ext 12345678", "", kBad},
      {"DE", "030 1234567 Durchwahl 12", "+49301234567;ext=12"},
      {"ES", "912 34 56 78 int. 12", "+34912345678;ext=12"},
      {"GB", "+44 20 7946 0958 #12", "+442079460958;ext=12"},
      {"GB", "+442079460958;ext=12", "+442079460958;ext=12"},
  };
  CheckAll(cases);
}

TEST(PhoneForms, UrisWordsAndDigitsOfOtherScripts) {
  const Case cases[] = {
      {"US", "tel:+1-206-555-9857;ext=123", "+12065559857;ext=123"},
      {"US", "tel:+1-206-555-9857;isub=12345", "+12065559857"},
      {"US", "tel:555-9857;phone-context=+1-206", "+12065559857"},
      {"US", "tel:9857;phone-context=example.com", "", kBad},
      {"US", "TEL: 206-555-9857", "+12065559857"},
      {"US", "callto:+12065559857", "+12065559857"},
      {"US", "sms:+12065559857", "+12065559857"},
      {"US", "Home 206-555-9857", "+12065559857"},
      {"US", "206-555-9857 (mobile)", "+12065559857"},
      {"US", "H: (206) 555-9857", "+12065559857"},
      {"US", "206-555-9857 - call after 5", "", kBad},  // 5 is a digit too many
      {"US", "206555 cell", "", kBad},                  // not the keys of "cell"
      {"US", "206-555-HOME", "", kBad},
      {"US", "206-555-WXYZ", "+12065559999"},
      {"US", "1-888-CALL-NOW", "+18882255669"},
      {"US", "1-900-GET-INFO", "+19004384636"},
      {"US", "1-800-GO-FEDEX", "+18004633339"},
      {"US", "call me", "", kBad},
      {"US", "２０６－５５５－９８５７", "+12065559857"},
      {"US", "٢٠٦٥٥٥٩٨٥٧", "+12065559857"},
      {"US", "۲۰۶ ۵۵۵ ۹۸۵۷", "+12065559857"},
      {"US", "२०६५५५९८५७", "+12065559857"},
      {"US", "206–555–9857", "+12065559857"},
      {"US", "206\u00A0555\u00A09857", "+12065559857"},
      {"US", "206\u200B5559857", "+12065559857"},
      {"US", "☎ 206-555-9857", "+12065559857"},
      {"US", "*206*555*9857", "+12065559857"},
      {"US", "206_555_9857", "+12065559857"},
  };
  CheckAll(cases);
}

TEST(PhoneForms, NumbersOfSpreadsheets) {
  const Case cases[] = {
      {"US", "2065559857.0", "+12065559857"},
      {"US", "2065559857.00", "+12065559857"},
      {"US", "12065559857.0", "+12065559857"},
      {"US", "1206555985.0", "", kBad},  // a number of ten digits, the first of them 1
      {"US", "2.065559857E9", "+12065559857"},
      {"US", "2.065559857e+09", "+12065559857"},
      {"US", "1.2065559857E+10", "+12065559857"},
      {"US", "2.06556E+09", "", kBad},   // the rest of the digits is gone
      {"US", "2.065560E+09", "", kBad},  // and not dialled with the keys of E
      {"US", "2.06555985E9", "", kBad},  // a zero at the end, or a lost digit
      {"US", "2E9", "", kBad},
      {"US", "206.5559857", "+12065559857"},
      {"GB", "4.42079460958E+11", "+442079460958"},
      {"GB", "442079460958.0", "+442079460958"},
  };
  CheckAll(cases);
}

TEST(PhoneForms, RulesOfTheNorthAmericanPlan) {
  const Case cases[] = {
      {"US", "211-555-9857", "", kBad},
      {"US", "411-555-9857", "", kBad},
      {"US", "206-911-9857", "+12069119857", kDoubtful},
      {"US", "206-211-9857", "+12062119857", kDoubtful},
      {"US", "290-555-9857", "+12905559857", kDoubtful},  // N9X is kept for longer numbers
      {"US", "370-555-9857", "+13705559857", kDoubtful},
      {"US", "206-555-1212", "", kPlaceholder},
      {"US", "800-555-1212", "", kPlaceholder},
      {"US", "206-555-0100", "+12065550100"},
      {"US", "206-555-0000", "+12065550000"},
      {"US", "555-555-0100", "+15555550100", kDoubtful},
      {"US", "006-555-9857", "", kBad},
      {"US", "206-000-0000", "", kPlaceholder},
      {"US", "206-999-9999", "", kPlaceholder},
      {"US", "9876543210", "", kPlaceholder},
      {"US", "1111111", "", kPlaceholder},
      {"US", "0000", "", kPlaceholder},
      {"US", "0", "", kBad},
      {"US", "911", "", kBad},
      {"US", "206-555-9857-", "+12065559857"},
      {"US", "206-555", "", kBad},
      {"CA", "600-555-0123", "+16005550123"},
      {"US", "867-5309", "", kBad},
      {"US", "2 206-555-9857", "", kBad},
  };
  CheckAll(cases);
}

TEST(PhoneForms, SeveralInOneCell) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"206-555-9857 425-555-0100", {"206-555-9857", "425-555-0100"}},
      {"2065559857 4255550100 3605550100", {"2065559857", "4255550100", "3605550100"}},
      {"1-206-555-9857 1-425-555-0100", {"1-206-555-9857", "1-425-555-0100"}},
      {"(206) 555-9857 (425) 555-0100", {"(206) 555-9857", "(425) 555-0100"}},
      {"H: 206-555-9857 W: 425-555-0100", {"H: 206-555-9857", "W: 425-555-0100"}},
      {"206-555-9857 (home) 425-555-0100 (cell)", {"206-555-9857", "(home) 425-555-0100 (cell)"}},
      {"+44 20 7946 0958 +1 206 555 9857", {"+44 20 7946 0958", "+1 206 555 9857"}},
      {"206-555-9857 x12345", {"206-555-9857 x12345"}},
      {"206-555-9857 x1234567", {"206-555-9857 x1234567"}},
      {"206-555-9857 AND 425-555-0100", {"206-555-9857", "425-555-0100"}},
      {"206-555-9857 & 425-555-0100", {"206-555-9857", "425-555-0100"}},
      {"206-555-9857 | 425-555-0100", {"206-555-9857", "425-555-0100"}},
      {"206-555-9857, 425-555-0100 x3, 360-555-0100", {"206-555-9857", "425-555-0100 x3", "360-555-0100"}},
      {"912 34 56 78 y 934 56 78 90", {"912 34 56 78", "934 56 78 90"}},
      {"01 42 68 53 00 ou 06 12 34 56 78", {"01 42 68 53 00", "06 12 34 56 78"}},
      {"030/1234567 oder 0176/12345678", {"030/1234567", "0176/12345678"}},
      {"tel:555-9857;phone-context=+1-914-555", {"tel:555-9857;phone-context=+1-914-555"}},
      {"206-555-9857/58", {"206-555-9857/58"}},
  };
  for (const auto& [in, out] : cases) {
    std::string_view rest = in, part;
    std::vector<std::string> parts;
    while (NextPhone(&rest, &part)) parts.emplace_back(part);
    EXPECT_EQ(parts, out) << in;
  }
  const Case alternatives[] = {{"US", "206-555-9857/58", "+12065559857"},
                               {"US", "206-555-9857/8", "+12065559857"},
                               {"US", "206/555-9857", "+12065559857"},
                               {"US", "206/555/9857", "+12065559857"}};
  CheckAll(alternatives);
}

// Every region's own examples of landlines and mobiles, in the ways libphonenumber writes them.
TEST(PhoneForms, AsLibphonenumberReadsThem) {
  using i18n::phonenumbers::PhoneNumber;
  using i18n::phonenumbers::PhoneNumberUtil;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::set<std::string> regions;
  util.GetSupportedRegions(&regions);
  int compared = 0;
  for (const std::string& region : regions) {
    for (const auto type : {PhoneNumberUtil::FIXED_LINE, PhoneNumberUtil::MOBILE}) {
      PhoneNumber number;
      if (!util.GetExampleNumberForType(region, type, &number)) continue;
      std::string expected;
      util.Format(number, PhoneNumberUtil::E164, &expected);
      for (const auto format : {PhoneNumberUtil::E164, PhoneNumberUtil::INTERNATIONAL, PhoneNumberUtil::NATIONAL,
                                PhoneNumberUtil::RFC3966}) {
        std::string text, out;
        util.Format(number, format, &text);
        const Outcome outcome = NormalizePhone(text, region, &out);
        if (outcome == kPlaceholder) continue;  // 01 23 45 67 89: nobody's
        EXPECT_TRUE(HasValue(outcome)) << region << " " << text;
        EXPECT_EQ(out, expected) << region << " " << text;
        if (format == PhoneNumberUtil::NATIONAL) continue;
        NormalizePhone(text, "US", &out);  // nothing of the record's country in an international number
        EXPECT_EQ(out, expected) << region << " " << text;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 1200);
}

TEST(PhoneForms, NorthAmericanFormsAgree) {
  std::mt19937_64 rng(5);
  for (int i = 0; i < 20000; ++i) {
    const auto digits = [&](int from, int to) { return std::to_string(from + static_cast<int>(rng() % (to - from))); };
    const std::string a = digits(200, 1000), e = digits(200, 1000), l = digits(1000, 10000);
    std::string first;
    const Outcome outcome = NormalizePhone(a + e + l, "US", &first);
    for (const std::string& text : {"(" + a + ") " + e + "-" + l, "1-" + a + "-" + e + "-" + l,
                                    "+1 " + a + " " + e + " " + l, a + "." + e + "." + l, "tel:+1" + a + e + l,
                                    "Cell: " + a + "-" + e + "-" + l, "011 1 " + a + e + l, a + e + l + ".0"}) {
      std::string out;
      EXPECT_EQ(NormalizePhone(text, "US", &out), outcome) << text;
      EXPECT_EQ(out, first) << text;
    }
  }
}

TEST(PhoneForms, BoundedAndIdempotent) {
  std::mt19937_64 rng(11);
  const std::vector<std::string> pieces = {
      "206", "555", "9857", "0", "1", "44",  "+",    "00", "011", "(0)",  "x", "ext", "#", ";", "ext=", "-",
      ".",   " ",   "/",    ",", "E", "e+9", "tel:", "12", "7",   "cell", "A", "WXY", "٢", "&", "or",   "2079460958"};
  for (int i = 0; i < 60000; ++i) {
    std::string text, clean, out, again;
    for (size_t n = rng() % 9; n > 0; --n) text += pieces[rng() % pieces.size()];
    for (const char* country : {"US", "GB", "DE"}) {
      const Outcome outcome = NormalizePhone(Clean(text, Form::kCode, &clean), country, &out);
      EXPECT_EQ(HasValue(outcome), !out.empty()) << text;
      EXPECT_LE(out.size(), kPhoneBound) << text;
      if (out.empty()) continue;
      EXPECT_EQ(NormalizePhone(out, country, &again), outcome) << country << " " << text << " " << out;
      EXPECT_EQ(again, out) << country << " " << text;
    }
  }
}

}  // namespace
}  // namespace migrate::normalize
