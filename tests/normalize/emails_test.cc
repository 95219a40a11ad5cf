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

// Quoted local parts and comments: RFC 5321, 4.1.2; RFC 5322, 3.2 and 3.4; the examples of RFC 3696, 3.
const Case kQuoted[] = {
    {"\"a b\"@x.org", "\"a b\"@x.org"},
    {"\"John.Smith\"@X.org", "john.smith@x.org"},
    {"\"Abc@def\"@example.org", "\"abc@def\"@example.org"},
    {"\"Fred Bloggs\"@example.org", "\"fred bloggs\"@example.org"},
    {"\"Joe\\\\Blow\"@x.org", "\"joe\\\\blow\"@x.org"},
    {"\"a\\b\"@x.org", "ab@x.org"},
    {"\"a\\\"b\"@x.org", "\"a\\\"b\"@x.org"},
    {"\"a..b\"@x.org", "\"a..b\"@x.org"},
    {"\" \"@x.org", "\" \"@x.org"},
    {"\"\"@x.org", "", Outcome::kBad},
    {"\"a\"b@x.org", "", Outcome::kBad},
    {"a\"b\"@x.org", "", Outcome::kBad},
    {"customer/department=shipping@x.org", "customer/department=shipping@x.org"},
    {"$A12345@x.org", "$a12345@x.org"},
    {"!def!xyz%abc@x.org", "!def!xyz%abc@x.org"},
    {"_somename@x.org", "_somename@x.org"},
    {"john(comment)@x.org", "john@x.org"},
    {"(comment)john@x.org", "john@x.org"},
    {"john@(comment)x.org", "john@x.org"},
    {"john@x.org (work)", "john@x.org"},
    {"john@x.org(a (nested) one)", "john@x.org"},
    {"\"a(b)c\"@x.org", "\"a(b)c\"@x.org"},
    {"((john@x.org))", "john@x.org"},
    {"john(@x.org", "", Outcome::kBad},
};

// What people and programs write around an address: RFC 5322 display names, RFC 6068 mailto, proxyAddresses of
// Exchange.
const Case kAround[] = {
    {"\"Smith, John (Sales)\" <john@x.org>", "john@x.org"},
    {"John <john@x.org", "john@x.org"},
    {"john@x.org <john@x.org>", "john@x.org"},
    {"<<john@x.org>>", "john@x.org"},
    {"mailto:john@x.org?subject=Hi", "john@x.org"},
    {"mailto:john%40x.org", "john@x.org"},
    {"mailto:j%C3%B6hn@x.org", "jöhn@x.org"},
    {"mailto:j%FFhn@x.org", "", Outcome::kBad},
    {"SMTP:John@x.org", "john@x.org"},
    {"E-Mail: john@x.org", "john@x.org"},
    {"'john@x.org'", "john@x.org"},
    {"john@x.org,", "john@x.org"},
    {"john@x.org...", "john@x.org"},
    {";john@x.org;", "john@x.org"},
    {"john@x.org.;", "john@x.org"},
    {" john@x.org", "john@x.org"},
};

// IDNA: RFC 5890 to 5892, UTS #46 (nontransitional); SMTPUTF8: RFC 6531.
const Case kInternational[] = {
    {"j@bücher.example", "j@xn--bcher-kva.example"},
    {"j@BÜCHER.example", "j@xn--bcher-kva.example"},
    {"j@xn--BCHER-KVA.example", "j@xn--bcher-kva.example"},
    {"j@straße.de", "j@xn--strae-oqa.de"},
    {"j@παράδειγμα.δοκιμή", "j@xn--hxajbheg2az3al.xn--jxalpdlp"},
    {"j@пример.испытание", "j@xn--e1afmkfd.xn--80akhbyknj4f"},
    {"j@مثال.إختبار", "j@xn--mgbh0fb.xn--kgbechtv"},
    {"用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d"},
    {"ΝΊΚΟΣ@x.org", "νίκοσ@x.org"},
    {"j@xn--a.de", "", Outcome::kBad},
    {"j@xn--zzzz999999.de", "", Outcome::kBad},
    {"j@\xE2\x98\x83\xE2\x80\xA8.de", "", Outcome::kBad},
    {"j@a\xCC\x81.de", "j@xn--1ca.de"},
    {"j@ab--cd.com", "j@ab--cd.com"},
};

// Slips are kept as they stand, and said.
const Case kSlips[] = {
    {"john@gmial.com", "john@gmial.com", Outcome::kDoubtful},
    {"john@gmail.con", "john@gmail.con", Outcome::kDoubtful},
    {"john@anything.con", "john@anything.con", Outcome::kDoubtful},
    {"john@hotmail.co", "john@hotmail.co", Outcome::kDoubtful},
    {"john@yahooo.com", "john@yahooo.com", Outcome::kDoubtful},
    {"john@anything.co", "john@anything.co"},
    {"john@gmail.co.uk", "john@gmail.co.uk"},
    {"john@ymail.com", "john@ymail.com"},
    {"john@mail.com", "john@mail.com"},
    {"john@icloud.com", "john@icloud.com"},
};

TEST(Emails, QuotedAroundInternationalSlips) {
  const auto check = [](const Case& c) {
    std::string out = "stale", scratch;
    EXPECT_EQ(NormalizeEmail(Clean(c.in, Form::kCode, &scratch), &out), c.outcome) << c.in;
    EXPECT_EQ(out, c.out) << c.in;
  };
  for (const Case& c : kQuoted) check(c);
  for (const Case& c : kAround) check(c);
  for (const Case& c : kInternational) check(c);
  for (const Case& c : kSlips) check(c);
}

TEST(Emails, BoundsOfTheQuotedLocalPart) {
  std::string out;
  EXPECT_EQ(NormalizeEmail("\"" + std::string(61, 'a') + " \"@x.org", &out), Outcome::kOk);
  EXPECT_EQ(out.size(), 64u + 6);
  EXPECT_EQ(NormalizeEmail("\"" + std::string(62, 'a') + " \"@x.org", &out), Outcome::kBad);
  EXPECT_EQ(NormalizeEmail("\"" + std::string(64, 'a') + "\"@x.org", &out), Outcome::kOk) << "needs no quotes";
  EXPECT_EQ(NormalizeEmail("a@" + std::string(64, 'd') + ".org", &out), Outcome::kBad) << "label of 63 at most";
}

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
      {"a@x.org or b@x.org", {"a@x.org", "b@x.org"}},
      {"a@x.org AND b@x.org", {"a@x.org", "b@x.org"}},
      {"a@x.org / b@x.org", {"a@x.org", "b@x.org"}},
      {"a@x.org|b@x.org|c@x.org", {"a@x.org", "b@x.org", "c@x.org"}},
      {"A <a@x.org>, B <b@x.org>", {"A <a@x.org>", "B <b@x.org>"}},
      {"\"Smith, A\" <a@x.org>; \"B@home\" <b@x.org>", {"\"Smith, A\" <a@x.org>", "\"B@home\" <b@x.org>"}},
      {"\"a@b c\"@x.org", {"\"a@b c\"@x.org"}},
      {"a@x.org (work) b@x.org (home)", {"a@x.org", "(work) b@x.org (home)"}},
      {"a@x.org;;b@x.org", {"a@x.org", "b@x.org"}},
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
