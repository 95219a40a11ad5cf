#include <algorithm>
#include <cmath>

#include "migrate/normalize/phones.h"
#include "migrate/survey/guess.h"

namespace migrate::survey {
namespace {

// 0 at `low` and below, 1 at `high` and above.
double Ramp(double share, double low, double high) { return std::clamp((share - low) / (high - low), 0.0, 1.0); }

// The columns of few values say less: the specific part grows with how many were seen.
double Trust(const ColumnProfile& p) {
  const double n = static_cast<double>(p.filled() - p.junk());
  return n / (n + 2);
}

Fit FitOfPhone(const ColumnProfile& p, const ColumnGuess& phones) {
  const double share = std::max(phones.phone_share * p.Share(Kind::kPhoneLike), p.Share(Kind::kPhone));
  const bool mere_numbers = p.Share(Kind::kPunctuated) < 0.2;
  const double varied = p.distinct() * 4 >= p.filled() ? 1 : 0.3;
  return {Ramp(std::max(share, 0.6 * p.Share(Kind::kPhoneLike)), 0.15, 0.5),
          varied * Ramp(share, 0.3, 0.9) * (mere_numbers ? 0.62 : 0.85), share};
}

Fit FitOfZip(const ColumnProfile& p) {
  const double typical = std::max({p.Share(Kind::kZipUs), p.Share(Kind::kZipCa), p.Share(Kind::kZipGb)});
  const double share = std::max(typical, p.Share(Kind::kZipOther));
  double specific = 0.3;
  if (p.leading_zero() && p.Share(Kind::kZipUs) > 0.9) specific = 0.62;
  if (p.Share(Kind::kZipLong) > 0.05) specific = 0.8;
  if (std::max(p.Share(Kind::kZipCa), p.Share(Kind::kZipGb)) > 0.5)
    specific = 0.85;
  else if (p.Share(Kind::kZipUs) < 0.9)
    specific = 0;
  if (p.unique() || p.Share(Kind::kHouseNumber) > 0.98) specific = std::min(specific, 0.45);
  if (p.Share(Kind::kDate) > 0.5) specific = 0;
  return {Ramp(share, 0.2, 0.6), specific * Ramp(typical, 0.5, 0.95), share};
}

Fit FitOfState(const ColumnProfile& p) {
  const double share = std::max({p.Share(Kind::kStateUs), p.Share(Kind::kStateCa), p.Share(Kind::kStateAu)});
  // Of other countries there is no list: words, or codes of up to three letters, may be states.
  const double cities = p.Share(Kind::kCity) > 0.3 && share < 0.3 ? 0.45 : 0.9;
  const double allowed = std::max(Ramp(share, 0.2, 0.6), p.Share(Kind::kNameWords) > 0.6 ? cities : 0.0);
  const double varied = p.distinct() >= 3 ? 1 : 0.6;
  // "ok", "in", "me", "or", "hi": two small letters are a word before they are a state.
  const double written = p.capitals() || p.mean_length() > 2.5 ? 1 : 0;
  const double sexes = p.Share(Kind::kSex) > 0.9 || p.Share(Kind::kSuffix) > 0.9 || p.Share(Kind::kBool) > 0.9 ? 0 : 1;
  return {allowed, 0.8 * varied * written * sexes * Ramp(share, 0.6, 0.95), share};
}

Fit FitOfBirth(const ColumnProfile& p) {
  const double share = p.Share(Kind::kDate);
  const double years = std::max(share, p.Share(Kind::kYear));
  const bool lives = p.YearSpread() >= 18 && p.MiddleYear() <= 2012 && p.Share(Kind::kMoment) < 0.3;
  return {Ramp(years, 0.2, 0.6), lives ? 0.66 * Ramp(share, 0.5, 0.95) : 0.0, years};
}

Fit FitOfUpdated(const ColumnProfile& p) {
  // Seconds since 1970 count too: ten digits that begin with 1.
  const double share = std::max(p.Share(Kind::kDate), p.Share(Kind::kMoment));
  const double seconds = p.Share(Kind::kInteger) > 0.95 && std::abs(p.mean_length() - 10) < 0.1 ? 1 : 0;
  return {Ramp(std::max(share, seconds), 0.2, 0.6), 0, std::max(share, seconds)};
}

Fit FitOfSex(const ColumnProfile& p) {
  const double share = p.Share(Kind::kSex);
  const bool words = p.Share(Kind::kInteger) < 0.1;
  const auto& v = p.vocabulary();
  const bool both = (v.contains("m") && v.contains("f")) || (v.contains("male") && v.contains("female")) ||
                    (v.contains("m") && v.contains("w")) || (v.contains("mann") && v.contains("frau"));
  const bool few = !v.empty() && v.size() <= 6;
  return {few ? Ramp(share, 0.3, 0.7) : 0, few && words && both ? 0.85 * Ramp(share, 0.6, 0.95) : 0, share};
}

Fit FitOfNames(const ColumnProfile& p, Role role) {
  const double words = p.Share(Kind::kNameWords), given = p.Share(Kind::kGiven), family = p.Share(Kind::kSurname);
  const double companies = p.Share(Kind::kCompany), varied = p.distinct() >= 5 || p.filled() < 8 ? 1 : 0.2;
  const double full = std::max(p.Share(Kind::kFullName) * 1.6, p.Share(Kind::kCommaName));
  const double whole = full > 0.6 && given < 0.3 ? 0.4 : 1;  // first and last name in one
  switch (role) {
    case Role::kFirstName: {
      const bool misled = family > 3 * given + 0.1 || p.Share(Kind::kCity) > given + 0.25;
      return {Ramp(words, 0.3, 0.7) * (misled ? 0.45 : 1) * whole,
              misled || given < family ? 0 : varied * 0.85 * Ramp(given, 0.15, 0.4), words};
    }
    case Role::kLastName: {
      const bool misled = given > 2 * family + 0.25;
      return {Ramp(words, 0.3, 0.7) * (misled ? 0.4 : 1) * whole,
              misled || family <= given || p.Share(Kind::kCity) > family ? 0 : varied * 0.75 * Ramp(family, 0.08, 0.3),
              words};
    }
    case Role::kMiddleName: {
      const double initials = p.Share(Kind::kInitial);
      const bool flags = p.Share(Kind::kBool) + p.Share(Kind::kSex) > 0.9 && p.distinct() <= 3;
      return {flags ? 0.1 : Ramp(words, 0.3, 0.7), flags || p.distinct() < 6 ? 0 : 0.55 * Ramp(initials, 0.7, 0.95),
              words};
    }
    default: {
      const double one_word = 1 - std::min(1.0, full + companies + p.Share(Kind::kCompany));
      const double share = std::max(p.Share(Kind::kFullName), p.Share(Kind::kCommaName));
      return {std::max(Ramp(full, 0.1, 0.45), one_word > 0.9 ? 0.0 : 0.3 * companies),
              varied * 0.82 * Ramp(full, 0.3, 0.8), share};
    }
  }
}

Fit FitOfPlace(const ColumnProfile& p, Role role) {
  const double letters = std::max(p.Share(Kind::kNameWords), p.Share(Kind::kStreetName));
  switch (role) {
    case Role::kCity: {
      const double cities = p.Share(Kind::kCity);
      const double states = std::max(p.Share(Kind::kStateUs), p.Share(Kind::kStateCa));
      const bool codes = states > 0.8 && p.mean_length() < 2.5;
      const bool names = codes || (p.Share(Kind::kGiven) > cities && p.Share(Kind::kGiven) > 0.3);
      return {Ramp(letters, 0.3, 0.7) * (names ? 0.4 : 1), names ? 0 : 0.7 * Ramp(cities, 0.12, 0.4), letters};
    }
    case Role::kStreet: {
      const double share = p.Share(Kind::kStreet), lines = p.Share(Kind::kAddressLine);
      return {Ramp(share + p.Share(Kind::kStreetName), 0.15, 0.5) * (lines > 0.6 ? 0.4 : 1),
              0.75 * Ramp(share, 0.4, 0.8) * (1 - Ramp(lines, 0.3, 0.7)), share};
    }
    case Role::kStreetName: {
      const double without = p.Share(Kind::kStreet) > 0.3 ? 0.0 : 1.0;
      return {without * Ramp(letters, 0.3, 0.7), without * 0.4 * Ramp(p.Share(Kind::kStreetName), 0.4, 0.8), letters};
    }
    case Role::kStreetNumber:
      return {Ramp(p.Share(Kind::kHouseNumber), 0.4, 0.8), 0, p.Share(Kind::kHouseNumber)};
    case Role::kUnit: {
      const bool other = p.Share(Kind::kEmail) + p.Share(Kind::kDate) + p.Share(Kind::kAddressLine) > 0.4;
      return {other ? 0.1 : 1, 0.7 * Ramp(p.Share(Kind::kUnit), 0.4, 0.8), p.Share(Kind::kUnit)};
    }
    default: {
      const double lines = p.Share(Kind::kAddressLine);
      return {Ramp(lines, 0.2, 0.6), 0.86 * Ramp(lines, 0.3, 0.8), lines};
    }
  }
}

}  // namespace

double PhoneShare(const ColumnProfile& p, std::string_view country) {
  if (p.phones().empty()) return 0;
  size_t read = 0;
  std::string out;
  for (const auto& phone : p.phones()) read += HasValue(normalize::NormalizePhone(phone, country, &out));
  return static_cast<double>(read) / static_cast<double>(p.phones().size());
}

void ReadPhones(const ColumnProfile& p, ColumnGuess* guess) {
  guess->phone_country.clear();
  guess->phone_share = 0;
  if (p.phones().empty() || p.Share(Kind::kPhoneLike) < 0.25) return;
  // The large countries of the languages that the dictionary has; further ones are read by their "+".
  constexpr std::string_view kCountries[] = {"US", "GB", "DE", "FR", "ES", "IT", "AU", "NL", "BR", "MX",
                                             "AT", "CH", "SE", "IN", "BE", "PT", "DK", "NO", "IE", "NZ"};
  for (std::string_view country : kCountries) {
    // Numbers with a country code of their own do not tell whose rule is right.
    const double share = PhoneShare(p, country);
    if (share <= guess->phone_share + 0.02) continue;
    guess->phone_share = share;
    guess->phone_country = country;
    if (country == "US" && share > 0.9) break;
  }
}

Fit FitOf(const ColumnProfile& p, const ColumnGuess& phones, Role role) {
  if (p.filled() == p.junk()) return {0.8, 0, 0};  // nothing there to speak against the name
  Fit fit;
  switch (role) {
    case Role::kNone:
    case Role::kKey:
      return {0, 0, 0};
    case Role::kFullName:
    case Role::kFirstName:
    case Role::kMiddleName:
    case Role::kLastName:
      fit = FitOfNames(p, role);
      break;
    case Role::kSuffix: {
      const double share = p.Share(Kind::kSuffix);
      const bool states = p.Share(Kind::kStateUs) > share || p.distinct() > 12;
      fit = {Ramp(share, 0.2, 0.6), states ? 0 : 0.75 * Ramp(share, 0.6, 0.95), share};
      break;
    }
    case Role::kSex:
      fit = FitOfSex(p);
      break;
    case Role::kBirthDate:
      fit = FitOfBirth(p);
      break;
    case Role::kEmail: {
      const double share = p.Share(Kind::kEmail);
      fit = {Ramp(share, 0.1, 0.4), 0.97 * Ramp(share, 0.3, 0.8), share};
      break;
    }
    case Role::kPhone:
      fit = FitOfPhone(p, phones);
      break;
    case Role::kStreet:
    case Role::kStreetNumber:
    case Role::kStreetName:
    case Role::kUnit:
    case Role::kCity:
    case Role::kAddress:
      fit = FitOfPlace(p, role);
      break;
    case Role::kState:
      fit = FitOfState(p);
      break;
    case Role::kZip:
      fit = FitOfZip(p);
      break;
    case Role::kZipPlus:
      fit = {Ramp(p.Share(Kind::kInteger), 0.5, 0.9) * (p.mean_length() <= 4.01 ? 1 : 0), 0, p.Share(Kind::kInteger)};
      break;
    case Role::kCountry: {
      const double share = p.Share(Kind::kCountry);
      const bool names = p.mean_length() > 2.5;
      const bool states = p.Share(Kind::kStateUs) > 0.8 * share;
      const double specific = states || (!names && !p.capitals()) ? 0 : names ? 0.75 : 0.5;
      fit = {Ramp(share, 0.2, 0.6), specific * Ramp(share, 0.7, 0.97), share};
      break;
    }
    case Role::kNationalId: {
      const double share = p.Share(Kind::kSocial);
      const double any = 1 - p.Share(Kind::kNameWords) - p.Share(Kind::kEmail);
      fit = {p.mean_length() < 4 ? 0.1 : Ramp(any, 0.4, 0.8), 0.75 * Ramp(share, 0.5, 0.9), share};
      break;
    }
    case Role::kUpdatedAt:
      fit = FitOfUpdated(p);
      break;
    default: {  // opt-outs: yes and no, or the day of it
      const double share = std::max(p.Share(Kind::kBool), p.Share(Kind::kDate));
      fit = {Ramp(share, 0.3, 0.7), 0, share};
    }
  }
  // The same value in all rows says nothing by itself; only a country is like that.
  if (p.distinct() == 1 && p.filled() >= 3 && role != Role::kCountry) fit.specific = 0;
  fit.specific *= Trust(p);
  return fit;
}

}  // namespace migrate::survey
