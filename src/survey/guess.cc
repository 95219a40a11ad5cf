#include "migrate/survey/guess.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace migrate::survey {
namespace {

constexpr bool IsAddressRole(Role r) { return r >= Role::kStreet && r <= Role::kCountry; }
constexpr int Slots(Role r) { return r == Role::kPhone ? 6 : r == Role::kEmail ? 4 : 1; }

struct Scored {
  double by_name = 0, by_values = 0, total = 0;
};

// An identifier's digits may look like a phone number or a ZIP code; what cannot be one speaks for itself.
bool IsUnmistakable(const ColumnProfile& p, Role role) {
  return role == Role::kEmail || role == Role::kNationalId ||
         (role == Role::kPhone && p.Share(Kind::kPunctuated) > 0.5);
}

// All scores of one column, by role.
std::vector<Scored> ScoreColumn(const ColumnProfile& p, const ColumnGuess& g, bool key) {
  std::vector<Scored> out(kRoleCount);
  double known = 0;  // how sure name and values agree on something
  std::vector<Fit> fits(kRoleCount);
  for (int r = 1; r < kRoleCount; ++r) {
    const Role role = static_cast<Role>(r);
    fits[static_cast<size_t>(r)] = FitOf(p, g, role);
    known = std::max(known, g.reading.Strength(role) * fits[static_cast<size_t>(r)].allowed);
  }
  const bool other = (g.reading.other_person || g.reading.about) && known < 0.9;
  for (int r = 1; r < kRoleCount; ++r) {
    const auto at = static_cast<size_t>(r);
    const double n = g.reading.Strength(static_cast<Role>(r)) * fits[at].allowed;
    double v = fits[at].specific;
    // A name that fits its values leaves little to other readings; one that speaks of somebody else, nothing.
    if (n < known) v *= 1 - 0.75 * known;
    if (other) v *= 0.3;
    if (key && !IsUnmistakable(p, static_cast<Role>(r))) v = 0;
    out[at] = {n, v, 1 - (1 - n) * (1 - v)};
  }
  return out;
}

// Where a column is called a phone and holds them, mere numbers too short for an area code under another name are ids.
void DropPhoneLikeIds(const TableProfile& profile, std::vector<std::vector<Scored>>* scores) {
  const auto phone = static_cast<size_t>(Role::kPhone);
  if (std::none_of(scores->begin(), scores->end(), [&](const auto& s) { return s[phone].by_name >= 0.5; })) return;
  for (size_t c = 0; c < scores->size(); ++c) {
    const ColumnProfile& p = profile.columns()[c];
    if ((*scores)[c][phone].by_name < 0.3 && p.Share(Kind::kPunctuated) < 0.2 && p.mean_length() < 9.5)
      (*scores)[c][phone].by_values = (*scores)[c][phone].total = 0;
  }
}

// Street, city, state and ZIP should be of one address: the group ("home", "billing") that has most of them is
// preferred a little.
void PreferOneAddress(const std::vector<ColumnGuess>& guesses, std::vector<std::vector<Scored>>* scores) {
  std::map<std::string, double> sum;
  for (size_t c = 0; c < guesses.size(); ++c) {
    double best = 0;
    for (int r = 1; r < kRoleCount; ++r)
      if (IsAddressRole(static_cast<Role>(r))) best = std::max(best, (*scores)[c][static_cast<size_t>(r)].total);
    if (best >= kLeastScore) sum[guesses[c].reading.group] += best;
  }
  if (sum.size() < 2) return;
  auto preferred =
      std::max_element(sum.begin(), sum.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  for (size_t c = 0; c < guesses.size(); ++c)
    for (int r = 1; r < kRoleCount; ++r)
      if (Scored& s = (*scores)[c][static_cast<size_t>(r)];
          IsAddressRole(static_cast<Role>(r)) && guesses[c].reading.group != preferred->first)
        s.total *= 0.88;
}

bool IsWholeOf(Role whole, Role part) {
  return whole == Role::kStreet && (part == Role::kStreetName || part == Role::kStreetNumber);
}

void Assign(const std::vector<std::vector<Scored>>& scores, std::vector<ColumnGuess>* guesses) {
  std::vector<Role> slots;
  std::vector<std::vector<double>> matrix;
  for (int r = 1; r < kRoleCount; ++r) {
    const Role role = static_cast<Role>(r);
    if (role == Role::kKey) continue;
    for (int s = 0; s < Slots(role); ++s) {
      slots.push_back(role);
      std::vector<double> row;
      for (size_t c = 0; c < guesses->size(); ++c) {
        const double total = scores[c][static_cast<size_t>(r)].total;
        // The first columns win ties; later ones are what exports repeat.
        row.push_back(total < kLeastScore ? -1
                                          : total - 1e-5 * static_cast<double>(c) - 1e-4 * (*guesses)[c].reading.rank);
      }
      matrix.push_back(std::move(row));
    }
  }
  const std::vector<int> chosen = BestAssignment(matrix);
  for (size_t s = 0; s < chosen.size(); ++s) {
    if (chosen[s] < 0) continue;
    ColumnGuess& g = (*guesses)[static_cast<size_t>(chosen[s])];
    const Scored& scored = scores[g.column][static_cast<size_t>(slots[s])];
    g.role = slots[s];
    g.score = scored.total;
    g.by_name = scored.by_name;
    g.by_values = scored.by_values;
  }
}

ColumnGuess* FindRole(std::vector<ColumnGuess>* guesses, Role role) {
  for (auto& g : *guesses)
    if (g.role == role) return &g;
  return nullptr;
}

// A number needs the name of its street, and the other way round; a street that is whole needs neither.
void SettleStreets(const TableProfile& profile, const std::vector<std::vector<Scored>>& scores,
                   std::vector<ColumnGuess>* guesses) {
  ColumnGuess* street = FindRole(guesses, Role::kStreet);
  ColumnGuess* name = FindRole(guesses, Role::kStreetName);
  ColumnGuess* number = FindRole(guesses, Role::kStreetNumber);
  auto take = [&](ColumnGuess* g, Role role) {
    g->role = role;
    if (role == Role::kNone) return;
    const Scored& s = scores[g->column][static_cast<size_t>(role)];
    g->score = std::max(s.total, 0.5);
    g->by_name = s.by_name;
    g->by_values = s.by_values;
  };
  if (name != nullptr && number == nullptr) {
    if (street == nullptr)
      take(name, Role::kStreet);
    else
      take(name, Role::kNone);
  } else if (number != nullptr && name == nullptr) {
    // "Straße" or "address 1" beside "Hausnr": do its values have numbers of their own?
    if (street != nullptr && profile.columns()[street->column].Share(Kind::kStreet) < 0.3)
      take(street, Role::kStreetName);
    else
      take(number, Role::kNone);
  } else if (name != nullptr && street != nullptr) {
    take(name, Role::kNone);
    take(number, Role::kNone);
  }
}

}  // namespace

std::vector<ColumnGuess> AssignRoles(const TableProfile& profile, const std::vector<std::string>& key) {
  std::vector<std::string> names;
  for (const auto& c : profile.columns()) names.push_back(c.name());
  const std::string prefix = SharedPrefix(names);
  std::vector<ColumnGuess> guesses;
  std::vector<std::vector<Scored>> scores;
  for (size_t c = 0; c < names.size(); ++c) {
    ColumnGuess g;
    g.column = c;
    g.reading = ReadName(names[c], prefix);
    ReadPhones(profile.columns()[c], &g);
    scores.push_back(ScoreColumn(profile.columns()[c], g, std::find(key.begin(), key.end(), names[c]) != key.end()));
    guesses.push_back(std::move(g));
  }
  DropPhoneLikeIds(profile, &scores);
  PreferOneAddress(guesses, &scores);
  Assign(scores, &guesses);
  SettleStreets(profile, scores, &guesses);
  for (auto& g : guesses) {
    for (int r = 1; r < kRoleCount; ++r) {
      const Role role = static_cast<Role>(r);
      const double total = scores[g.column][static_cast<size_t>(r)].total;
      if (role != g.role && !IsWholeOf(g.role, role) && total >= kLeastScore) g.alternatives.push_back({role, total});
    }
    std::stable_sort(g.alternatives.begin(), g.alternatives.end(),
                     [](const Alternative& a, const Alternative& b) { return a.score > b.score; });
  }
  return guesses;
}

bool HoldsPersons(const TableProfile& profile, const std::vector<ColumnGuess>& guesses, std::string* why) {
  bool first = false, last = false, full = false, email = false, other = false, filled_name = false;
  for (const auto& g : guesses) {
    const ColumnProfile& p = profile.columns()[g.column];
    const bool clear = g.score >= 0.5;
    first |= g.role == Role::kFirstName && clear;
    last |= g.role == Role::kLastName && clear;
    full |= g.role == Role::kFullName && clear;
    filled_name |=
        (g.role == Role::kFullName || g.role == Role::kLastName || g.role == Role::kFirstName) && p.filled() > 0;
    email |= g.role == Role::kEmail && p.filled() > 0;
    other |= g.role == Role::kPhone || g.role == Role::kBirthDate || g.role == Role::kNationalId ||
             g.role == Role::kStreet || g.role == Role::kStreetName || g.role == Role::kAddress ||
             g.role == Role::kSex || g.role == Role::kZip;
  }
  const bool named = (first && last) || ((first || last || full) && (other || email));
  if (profile.rows() == 0) {
    if (named || email) return true;
    *why = "it has no rows, and its columns are not those of persons";
    return false;
  }
  if (email || (named && filled_name) || (full && filled_name && profile.columns().size() <= 3)) return true;
  *why =
      first || last || full ? "it has names, but nothing else of a person" : "no names or e-mail addresses of persons";
  return false;
}

namespace {

double KeyScore(const ColumnProfile& p, const ColumnGuess& g, size_t column) {
  const double name = g.reading.Strength(Role::kKey);
  const bool code =
      p.Share(Kind::kInteger) + p.Share(Kind::kIdentifier) + p.Share(Kind::kUuid) > 0.95 || p.mean_length() <= 40;
  if (!code || p.Share(Kind::kDate) > 0.5 || p.Share(Kind::kDecimal) > 0.5) return 0;
  if (name >= 0.3) return name + 0.1 / static_cast<double>(column + 1);
  // A first column that counts, or a UUID, is a key whatever its name.
  const bool counts = column == 0 && p.Share(Kind::kInteger) + p.Share(Kind::kUuid) > 0.99 && p.rows() >= 5;
  return counts && g.role == Role::kNone ? 0.25 : 0;
}

}  // namespace

KeyGuess GuessKey(const TableProfile& profile, const std::vector<ColumnGuess>& guesses,
                  const std::vector<std::string>& declared, bool several_files) {
  KeyGuess key;
  if (!declared.empty()) {
    key.columns = declared;
    key.why = "declared as the key of the table";
    return key;
  }
  double best = 0, best_repeated = 0;
  std::string repeated;
  for (const auto& g : guesses) {
    const ColumnProfile& p = profile.columns()[g.column];
    const double score = KeyScore(p, g, g.column);
    if (score <= 0 || p.name().empty() || (g.role != Role::kNone && g.role != Role::kNationalId && score < 0.9))
      continue;
    // A named key with a few faults is still the key: rows without one, or with one that was there, are quarantined.
    const bool faulty = !p.unique() && score >= 0.7 && p.rows() >= 50 && p.distinct() * 100 >= p.rows() * 98 &&
                        !(several_files && p.unique_in_files());
    if ((p.unique() || faulty) && score > best) {
      best = score;
      key.columns = {p.name()};
      key.why = faulty ? "by its name" : fmt::format("unique in all {} rows that were looked at", p.rows());
      key.doubt = faulty ? fmt::format(
                               "{} of {} rows have no value in {} or one that an earlier row has: they would be "
                               "quarantined",
                               p.rows() - p.distinct(), p.rows(), p.name())
                  : p.rows() < 20 ? "few rows were seen"
                  : score < 0.3   ? fmt::format("the name of column {} does not say that it is a key", g.column + 1)
                                  : "";
    } else if (!p.unique() && p.Fill() > 0.5 && score >= 0.7 && score > best_repeated) {
      best_repeated = score;
      repeated = several_files && p.unique_in_files()
                     ? fmt::format(
                           "{} is unique in each file, but recurs from file to file: if it is the same person "
                           "there, make it the key",
                           p.name())
                     : fmt::format(
                           "{} would be one by its name, but {} of {} rows have a value that is missing or "
                           "repeats",
                           p.name(), p.rows() - p.distinct(), p.rows());
    }
  }
  if (key.columns.empty()) key.doubt = repeated;
  return key;
}

}  // namespace migrate::survey
