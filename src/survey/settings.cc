// Country and date order: one for the plan, from the evidence of all its sources.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

#include "migrate/normalize/countries.h"
#include "migrate/survey/mapping.h"

namespace migrate::survey {
namespace {

struct Votes {
  std::map<std::string, double> points;
  std::map<std::string, std::string> why;  // the strongest reason of each
  std::map<std::string, double> strongest;
  void Add(const std::string& country, double n, const std::string& reason) {
    points[country] += n;
    if (n > strongest[country]) {
      strongest[country] = n;
      why[country] = reason;
    }
  }
};

constexpr double kClear = 0.6;

// Where rows name their countries, their phone numbers are of all of these.
bool HasCountries(const SurveyedSource& source) {
  return std::any_of(source.guesses.begin(), source.guesses.end(), [&](const ColumnGuess& g) {
    return g.role == Role::kCountry && source.profile.columns()[g.column].Fill() > 0.5;
  });
}

// The country of the language of the columns' names, "" if they are English, or of several.
std::string CountryOfLanguage(const SurveyedSource& source) {
  std::map<char, int> languages;
  int known = 0;
  for (const auto& g : source.guesses) {
    if (g.role == Role::kNone) continue;
    ++known;
    ++languages[g.reading.language];
  }
  constexpr std::array<std::pair<char, const char*>, 6> kOf = {
      {{'d', "DE"}, {'f', "FR"}, {'s', "ES"}, {'p', "BR"}, {'i', "IT"}, {'n', "NL"}}};
  for (const auto& [language, country] : kOf)
    if (languages[language] >= 2 && languages[language] * 3 >= known) return country;
  return "";
}

// The country whose rule reads the most of a column's phone numbers; that of the language where it reads about as many.
std::string PhoneCountry(const ColumnProfile& p, const ColumnGuess& g, const std::string& language) {
  return !language.empty() && PhoneShare(p, language) + 0.05 >= g.phone_share ? language : g.phone_country;
}

void VoteByColumn(const SurveyedSource& source, const ColumnGuess& g, const std::string& language, Votes* votes) {
  const ColumnProfile& p = source.profile.columns()[g.column];
  // What few values say counts less.
  const double seen = static_cast<double>(p.filled());
  const double weight = seen / (seen + 10);
  auto because = [&](double share, const char* what) {
    return fmt::format("{} of the values of {} are {}", Percent(share), p.name(), what);
  };
  if (g.role == Role::kCountry) {
    for (const auto& [word, n] : p.vocabulary()) {
      std::string code;
      const double share = static_cast<double>(n) / static_cast<double>(p.filled());
      if (share > 0.5 && normalize::NormalizeCountry(word, &code) == normalize::Outcome::kOk)
        votes->Add(code, 4 * share, because(share, ("'" + code + "'").c_str()));
    }
  }
  if (g.role == Role::kState) {
    const double us = p.Share(Kind::kStateUs), ca = p.Share(Kind::kStateCa), au = p.Share(Kind::kStateAu);
    const double most = std::max({us, ca, au});
    if (most > kClear && us == most)
      votes->Add("US", 3 * weight, because(us, "states of the US"));
    else if (most > kClear && ca == most)
      votes->Add("CA", 3 * weight, because(ca, "provinces of Canada"));
    else if (most > kClear)
      votes->Add("AU", 3 * weight, because(au, "states of Australia"));
  }
  if (g.role == Role::kZip) {
    if (p.Share(Kind::kZipCa) > kClear)
      votes->Add("CA", 3 * weight, because(p.Share(Kind::kZipCa), "postal codes of Canada"));
    if (p.Share(Kind::kZipGb) > kClear)
      votes->Add("GB", 3 * weight, because(p.Share(Kind::kZipGb), "postcodes of Great Britain"));
    if (p.Share(Kind::kZipLong) > 0.05)
      votes->Add("US", 2, because(p.Share(Kind::kZipLong), "ZIP codes of nine digits"));
    else if (p.Share(Kind::kZipUs) > 0.9)
      votes->Add("US", 0.5, because(p.Share(Kind::kZipUs), "codes of five digits"));
  }
  if (g.role == Role::kPhone && g.phone_share > kClear) {
    const std::string country = PhoneCountry(p, g, language);
    votes->Add(country, weight * (HasCountries(source) ? 0.3 : 1) * (country == "US" ? 1.2 : 2),
               because(PhoneShare(p, country), fmt::format("phone numbers by the rules of {}", country).c_str()));
  }
}

void VoteBySource(const SurveyedSource& source, Votes* votes) {
  const std::string language = CountryOfLanguage(source);
  for (const auto& g : source.guesses) VoteByColumn(source, g, language, votes);
  if (!language.empty())
    votes->Add(language, 1.6, fmt::format("the names of the columns of {} are in that language", source.name));
}

void GuessCountry(const std::vector<SurveyedSource>& sources, Settings* out) {
  Votes votes;
  for (const auto& s : sources) VoteBySource(s, &votes);
  double best = 0, second = 0;
  std::string runner_up;
  for (const auto& [country, n] : votes.points) {
    if (n > best) {
      second = best;
      runner_up = out->normalize.country;
      best = n;
      out->normalize.country = country;
    } else if (n > second) {
      second = n;
      runner_up = country;
    }
  }
  if (best == 0) {
    out->country_why = "the default";
    out->country_doubt = "nothing in the data says which country it is of";
    return;
  }
  out->country_why = votes.why[out->normalize.country];
  if (best < 1.5) out->country_doubt = "little in the data says which country it is of";
  if (second > best / 2) out->country_doubt = fmt::format("it may as well be {}: {}", runner_up, votes.why[runner_up]);
}

bool IsDateRole(Role r) { return r == Role::kBirthDate || r == Role::kUpdatedAt; }

void GuessOrder(const std::vector<SurveyedSource>& sources, Settings* out) {
  uint64_t day_first = 0, month_first = 0, numeric = 0;
  std::string mixed;
  std::string day_column, month_column;
  for (const auto& s : sources)
    for (const auto& g : s.guesses) {
      if (!IsDateRole(g.role)) continue;
      const ColumnProfile& p = s.profile.columns()[g.column];
      numeric += p.dates().numeric;
      day_first += p.dates().day_first;
      month_first += p.dates().month_first;
      const std::string says = fmt::format("{}: {}", p.name(), OrderEvidence(p));
      if (p.dates().day_first > 0 && p.dates().month_first > 0) mixed += (mixed.empty() ? "" : "; ") + says;
      if (p.dates().day_first > p.dates().month_first && day_column.empty()) day_column = says;
      if (p.dates().month_first > p.dates().day_first && month_column.empty()) month_column = says;
    }
  const bool us = out->normalize.country == "US";
  if (day_first == 0 && month_first == 0) {
    out->normalize.date_order = us ? DateOrder::kMdy : DateOrder::kDmy;
    out->order_why =
        us ? "the custom of the US" : fmt::format("the custom of most countries ({})", out->normalize.country);
    if (numeric > 0)
      out->order_doubt =
          fmt::format("{} dates like 03/04/1972 leave open which number is the month", Thousands(numeric));
    return;
  }
  out->normalize.date_order = day_first > month_first ? DateOrder::kDmy : DateOrder::kMdy;
  out->order_why = day_first > month_first ? day_column : month_column;
  // Columns that differ from the others get a format of their own.
  if (!mixed.empty()) out->order_doubt = "both orders occur in one column: " + mixed;
}

}  // namespace

std::optional<DateOrder> OrderOf(const ColumnProfile& p, bool* mixed) {
  const DateEvidence& d = p.dates();
  *mixed = d.day_first > 0 && d.month_first > 0;
  if (d.day_first == 0 && d.month_first == 0) return std::nullopt;
  return d.day_first > d.month_first ? DateOrder::kDmy : DateOrder::kMdy;
}

std::string OrderEvidence(const ColumnProfile& p) {
  const DateEvidence& d = p.dates();
  auto say = [&](const char* position, uint64_t n) {
    return fmt::format("day 13..31 in {} position in {} of {}", position, Thousands(n), Thousands(d.numeric));
  };
  if (d.day_first > 0 && d.month_first > 0) return say("first", d.day_first) + ", " + say("second", d.month_first);
  if (d.day_first > 0) return say("first", d.day_first);
  if (d.month_first > 0) return say("second", d.month_first);
  return "";
}

namespace {

// How much more of its phone numbers or postal codes can be read by the rules of `country` than by those of `plan`.
struct Gain {
  double phones = 0, zips = 0;
  bool trunk = false;  // numbers begin with 0, which none of North America does
  std::string why;
};

double ZipShare(const ColumnProfile& p, std::string_view country) {
  if (country == "US") return p.Share(Kind::kZipUs);
  if (country == "CA") return p.Share(Kind::kZipCa);
  if (country == "GB") return p.Share(Kind::kZipGb);
  return std::max(p.Share(Kind::kZipOther), p.Share(Kind::kZipUs));
}

Gain GainOf(const SurveyedSource& source, const std::string& country, const std::string& plan) {
  Gain gain;
  for (const auto& g : source.guesses) {
    const ColumnProfile& p = source.profile.columns()[g.column];
    const bool phone = g.role == Role::kPhone;
    if ((!phone && g.role != Role::kZip) || p.filled() == p.junk()) continue;
    const double own = phone ? PhonesOf(p, g, country) : ZipShare(p, country);
    const double others = phone ? PhonesOf(p, g, plan) : ZipShare(p, plan);
    double& most = phone ? gain.phones : gain.zips;
    if (own - others <= most) continue;
    most = own - others;
    gain.why = fmt::format("{} of the values of {} are {} by the rules of {}, by those of {} {}", Percent(own),
                           p.name(), phone ? "phone numbers" : "postal codes", country, plan, Percent(others));
    const auto zeros = std::count_if(p.phones().begin(), p.phones().end(), [](const auto& n) { return n[0] == '0'; });
    gain.trunk |= phone && zeros * 5 > static_cast<long>(p.phones().size()) * 4;
  }
  return gain;
}

}  // namespace

SourceCountry CountryOf(const SurveyedSource& source, const Settings& settings) {
  for (const auto& g : source.guesses)
    if (g.role == Role::kCountry) return {};
  Votes votes;
  VoteBySource(source, &votes);
  const std::string& plan = settings.normalize.country;
  std::string best;
  for (const auto& [country, n] : votes.points)
    if (country != plan && (best.empty() || n > votes.points[best])) best = country;
  if (best.empty() || votes.points[best] < 1.5 || votes.points[best] < 2 * votes.points[plan]) return {};
  const Gain gain = GainOf(source, best, plan);
  if (std::max(gain.phones, gain.zips) < 0.2) return {};
  // Numbers of seven digits can be read by many rules: something else must speak for the country too.
  const double phones_alone = 2.0;
  if (gain.zips < 0.2 && !gain.trunk && votes.points[best] <= phones_alone) return {};
  return {best, gain.why};
}

Settings GuessSettings(const std::vector<SurveyedSource>& sources) {
  Settings out;
  GuessCountry(sources, &out);
  GuessOrder(sources, &out);
  return out;
}

}  // namespace migrate::survey
