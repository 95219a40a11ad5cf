#include "migrate/normalize/emails.h"

#include <gtest/gtest.h>

namespace migrate::normalize {
namespace {

struct Case {
  const char *in, *out;
  Outcome outcome = Outcome::kOk;
};

// RFC 5321 and 5322 addresses; RFC 6531 and IDNA 2008 beyond ASCII.
const Case kCases[] = {
    {"john@gmail.com", "john@gmail.com"},
    {"John.Smith@GMAIL.COM", "john.smith@gmail.com"},
    {"john+tag@gmail.com", "john+tag@gmail.com"},
    {"j@x.org", "j@x.org"},
    {"j.o'brien@x.org", "j.o'brien@x.org"},
    {"j_s-1@sub.x-y.co.uk", "j_s-1@sub.x-y.co.uk"},
    {"!#$%&'*+/=?^_`{|}~@x.org", "!#$%&'*+/=?^_`{|}~@x.org"},
    {"<john@x.org>", "john@x.org"},
    {"John Smith <john@x.org>", "john@x.org"},
    {"\"Smith, John\" <john@x.org>", "john@x.org"},
    {"mailto:john@x.org", "john@x.org"},
    {"MAILTO:John@x.org", "john@x.org"},
    {"<mailto:john@x.org>", "john@x.org"},
    {"john@x.org.", "john@x.org"},
    {"john@x.org;", "john@x.org"},
    {"(john@x.org)", "john@x.org"},
    {"john @ x.org", "john@x.org"},
    {"j@münchen.de", "j@xn--mnchen-3ya.de"},
    {"j@MÜNCHEN.DE", "j@xn--mnchen-3ya.de"},
    {"j@xn--mnchen-3ya.de", "j@xn--mnchen-3ya.de"},
    {"j@faß.de", "j@xn--fa-hia.de"},
    {"J@例え.テスト", "j@xn--r8jz45g.xn--zckzah"},
    {"JOSÉ@x.org", "josé@x.org"},
    {"alice@example.com", "alice@example.com"},
    {"test.user@x.org", "test.user@x.org"},
    {"tester@gmail.com", "tester@gmail.com"},
    {"info@smith.com", "info@smith.com"},
    {"a@b.co", "a@b.co"},
    {"me@me.com", "me@me.com"},
    {"evihd56@earris-bailey.net", "evihd56@earris-bailey.net"},
    {"john", "", Outcome::kBad},
    {"john@", "", Outcome::kBad},
    {"@x.org", "", Outcome::kBad},
    {"john@x", "", Outcome::kBad},
    {"john@localhost", "", Outcome::kBad},
    {"john@x.o", "", Outcome::kBad},
    {"john@x.c8m", "", Outcome::kBad},
    {"john@x..org", "", Outcome::kBad},
    {"john@.org", "", Outcome::kBad},
    {"john@-x.org", "", Outcome::kBad},
    {"john@x-.org", "", Outcome::kBad},
    {"john@@x.org", "", Outcome::kBad},
    {"em@aosn@ware.com", "", Outcome::kBad},
    {"a..b@x.org", "", Outcome::kBad},
    {".a@x.org", "", Outcome::kBad},
    {"a.@x.org", "", Outcome::kBad},
    {"john smith@x.org", "", Outcome::kBad},
    {"\"a b\"@x.org", "", Outcome::kBad},
    {"john@[192.0.2.1]", "", Outcome::kBad},
    {"john@192.0.2.1", "", Outcome::kBad},
    {"http://x.org", "", Outcome::kBad},
    {"noreply@example.com", "", Outcome::kPlaceholder},
    {"NoReply@bank.com", "", Outcome::kPlaceholder},
    {"no-reply@x.org", "", Outcome::kPlaceholder},
    {"donotreply@x.org", "", Outcome::kPlaceholder},
    {"none@none.com", "", Outcome::kPlaceholder},
    {"none@gmail.com", "", Outcome::kPlaceholder},
    {"test@test.com", "", Outcome::kPlaceholder},
    {"test@example.com", "", Outcome::kPlaceholder},
    {"a@a.com", "", Outcome::kPlaceholder},
    {"xxx@xxx.com", "", Outcome::kPlaceholder},
    {"na@na.com", "", Outcome::kPlaceholder},
    {"email@email.com", "", Outcome::kPlaceholder},
    {"unknown@unknown.com", "", Outcome::kPlaceholder},
    {"N/A", "", Outcome::kPlaceholder},
    {"none", "", Outcome::kPlaceholder},
    {"", "", Outcome::kEmpty},
};

TEST(Emails, Table) {
  for (const Case& c : kCases) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeEmail(c.in, &out), c.outcome) << c.in;
    EXPECT_EQ(out, c.out) << c.in;
  }
}

TEST(Emails, LongOnesAreRefusedNotCut) {
  std::string out;
  EXPECT_EQ(NormalizeEmail(std::string(64, 'a') + "@x.org", &out), Outcome::kOk);
  EXPECT_EQ(NormalizeEmail(std::string(65, 'a') + "@x.org", &out), Outcome::kBad);
  std::string domain;
  for (int i = 0; i < 5; ++i) domain += std::string(50, 'd') + ".";
  EXPECT_EQ(NormalizeEmail("a@" + domain.substr(0, 248) + ".com", &out), Outcome::kOk);
  EXPECT_EQ(NormalizeEmail("abc@" + domain.substr(0, 248) + ".com", &out), Outcome::kBad);
  EXPECT_EQ(out, "");
}

TEST(Emails, SeveralInOneCell) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"a@x.org", {"a@x.org"}},
      {"a@x.org; b@x.org", {"a@x.org", "b@x.org"}},
      {"a@x.org,b@x.org c@x.org", {"a@x.org", "b@x.org", "c@x.org"}},
      {"a@x.org;", {"a@x.org;"}},
      {"John Smith <a@x.org>", {"John Smith <a@x.org>"}},
      {"none", {"none"}},
      {"", {}},
  };
  for (const auto& [in, out] : cases) {
    std::string_view rest = in, part;
    std::vector<std::string> parts;
    while (NextEmail(&rest, &part)) parts.emplace_back(part);
    EXPECT_EQ(parts, out) << in;
  }
}

}  // namespace
}  // namespace migrate::normalize
