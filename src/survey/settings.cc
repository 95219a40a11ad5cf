// Country and date order: one for the plan, from the evidence of all its sources.
#include <fmt/core.h>

#include <algorithm>
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

void VoteByColumn(const SurveyedSource& source, const ColumnGuess& g, Votes* votes) {
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
  if (g.role == Role::kPhone && g.phone_share > kClear)
    votes->Add(g.phone_country, weight * (HasCountries(source) ? 0.3 : 1) * (g.phone_country == "US" ? 1.2 : 2),
               because(g.phone_share, fmt::format("phone numbers by the rules of {}", g.phone_country).c_str()));
}

void VoteByLanguage(const SurveyedSource& source, Votes* votes) {
  std::map<char, int> languages;
  int known = 0;
  for (const auto& g : source.guesses) {
    if (g.role == Role::kNone) continue;
    ++known;
    ++languages[g.reading.language];
  }
  const std::pair<char, const char*> kOf[] = {{'d', "DE"}, {'f', "FR"}, {'s', "ES"},
                                              {'p', "BR"}, {'i', "IT"}, {'n', "NL"}};
  for (const auto& [language, country] : kOf)
    if (languages[language] >= 2 && languages[language] * 3 >= known)
      votes->Add(country, 1.6, fmt::format("the names of the columns of {} are in that language", source.name));
}

void GuessCountry(const std::vector<SurveyedSource>& sources, Settings* out) {
  Votes votes;
  for (const auto& s : sources) {
    for (const auto& g : s.guesses) VoteByColumn(s, g, &votes);
    VoteByLanguage(s, &votes);
  }
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
  bool any_mixed = false;
  std::string day_column, month_column;
  for (const auto& s : sources)
    for (const auto& g : s.guesses) {
      if (!IsDateRole(g.role)) continue;
      const ColumnProfile& p = s.profile.columns()[g.column];
      numeric += p.dates().numeric;
      any_mixed |= p.dates().day_first > 0 && p.dates().month_first > 0;
      day_first += p.dates().day_first;
      month_first += p.dates().month_first;
      const std::string says = fmt::format("{}: {}", p.name(), OrderEvidence(p));
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
  if (any_mixed)
    out->order_doubt = fmt::format("{} dates begin with the day for sure, {} with the month", Thousands(day_first),
                                   Thousands(month_first));
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

Settings GuessSettings(const std::vector<SurveyedSource>& sources) {
  Settings out;
  GuessCountry(sources, &out);
  GuessOrder(sources, &out);
  return out;
}

}  // namespace migrate::survey
