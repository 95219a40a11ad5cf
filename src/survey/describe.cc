// Words for people about a column.
#include <fmt/core.h>

#include <algorithm>

#include "migrate/survey/mapping.h"

namespace migrate::survey {

std::string Percent(double share) {
  const double p = share * 100;
  if (p > 0 && p < 1) return "<1%";
  if (p > 99 && p < 100) return ">99%";
  return fmt::format("{:.0f}%", p);
}

std::string Thousands(uint64_t n) {
  const std::string digits = std::to_string(n);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out.push_back(',');
    out.push_back(digits[i]);
  }
  return out;
}

namespace {

// What the values of a role are called, and which share of them looks like it.
struct Noun {
  const char* plural = "";
  double share = 0;
};

Noun NounOf(const ColumnProfile& p, const ColumnGuess& g, Role role) {
  switch (role) {
    case Role::kEmail:
      return {"e-mail addresses", p.Share(Kind::kEmail)};
    case Role::kPhone:
      return {"phone numbers", FitOf(p, g, role).share};
    case Role::kZip:
      return {"postal codes", FitOf(p, g, role).share};
    case Role::kState:
      return {"states or provinces", FitOf(p, g, role).share};
    case Role::kCountry:
      return {"countries", p.Share(Kind::kCountry)};
    case Role::kBirthDate:
    case Role::kUpdatedAt:
      return {"dates", FitOf(p, g, role).share};
    case Role::kSex:
      return {"sexes", p.Share(Kind::kSex)};
    case Role::kSuffix:
      return {"name suffixes", p.Share(Kind::kSuffix)};
    case Role::kFirstName:
      return {"common given names", p.Share(Kind::kGiven)};
    case Role::kLastName:
      return {"common family names", p.Share(Kind::kSurname)};
    case Role::kFullName:
      return {"names of persons", FitOf(p, g, role).share};
    case Role::kStreet:
      return {"street lines", p.Share(Kind::kStreet)};
    case Role::kUnit:
      return {"units of buildings", p.Share(Kind::kUnit)};
    case Role::kAddress:
      return {"whole addresses", p.Share(Kind::kAddressLine)};
    case Role::kCity:
      return {"known cities", p.Share(Kind::kCity)};
    case Role::kNationalId:
      return {"numbers written like national ids", p.Share(Kind::kSocial)};
    case Role::kOptOut:
    case Role::kOptOutCall:
    case Role::kOptOutSms:
    case Role::kOptOutEmail:
    case Role::kOptOutMail:
      return {"yes or no", p.Share(Kind::kBool)};
    default:
      return {};
  }
}

}  // namespace

double PhonesOf(const ColumnProfile& p, const ColumnGuess& g, std::string_view country) {
  if (country.empty()) return FitOf(p, g, Role::kPhone).share;
  const double share = PhoneShare(p, country) * p.Share(Kind::kPhoneLike);
  return country == "US" ? std::max(share, p.Share(Kind::kPhone)) : share;
}

std::string ValueReason(const ColumnProfile& p, const ColumnGuess& g, Role role, std::string_view country) {
  if (p.filled() == 0) return "no value in the rows that were looked at";
  Noun noun = NounOf(p, g, role);
  if (role == Role::kPhone) noun.share = PhonesOf(p, g, country);
  std::string out;
  if (noun.share >= 0.05)
    out = fmt::format("{} of {} values are {}", Percent(noun.share), Thousands(p.filled() - p.junk()), noun.plural);
  if (!p.examples().empty()) out += fmt::format("{}like '{}'", out.empty() ? "" : ", ", p.examples().front());
  return out;
}

std::string LooksLike(const ColumnProfile& p, const ColumnGuess& g) {
  if (p.filled() == 0) return "empty";
  if (p.binary_cells()) return "binary data";
  const struct {
    Kind kind;
    const char* words;
  } kKinds[] = {
      {Kind::kEmail, "e-mail addresses"}, {Kind::kUrl, "web addresses"}, {Kind::kUuid, "UUIDs"},
      {Kind::kMoment, "moments"},         {Kind::kDate, "dates"},        {Kind::kAddressLine, "whole addresses"},
      {Kind::kStreet, "street lines"},    {Kind::kCompany, "companies"}, {Kind::kBool, "yes or no"}};
  for (const auto& k : kKinds)
    if (p.Share(k.kind) >= 0.8) return k.words;
  if (g.phone_share >= 0.8 && p.Share(Kind::kPhoneLike) >= 0.8 && p.Share(Kind::kPunctuated) > 0.5)
    return "phone numbers";
  if (p.distinct() == 1) return "the same value in every row that has one";
  if (p.Share(Kind::kInteger) >= 0.95) return p.unique() ? "numbers, all different" : "whole numbers";
  if (p.Share(Kind::kDecimal) + p.Share(Kind::kInteger) >= 0.95) return "numbers";
  if (p.Share(Kind::kIdentifier) >= 0.8) return "codes of letters and digits";
  if (p.Share(Kind::kFullName) >= 0.5) return "names of persons";
  if (p.distinct() <= 50 && p.distinct() * 4 <= p.filled()) return fmt::format("{} different words", p.distinct());
  return "text";
}

}  // namespace migrate::survey
