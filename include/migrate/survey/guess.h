// Which column is which field: names and values are weighed, and all columns are assigned at once.
//
// For each column and role there is a score from 0 to 1,
//   1 - (1 - n g) (1 - v),
// n: what the name says (column_names.h), g: whether the values allow it (0 if they are of another kind), v: how much
// the values alone speak for it. So values overrule a misleading name, and a clear name decides where values say little
// (a city, a middle name). The assignment of columns to roles with the greatest sum of scores is taken (each role once;
// e-mails and phones several times); scores under kLeastScore count as nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/record/field.h"
#include "migrate/record/mapping.h"
#include "migrate/survey/column_names.h"
#include "migrate/survey/profile.h"

namespace migrate::survey {

inline constexpr double kLeastScore = 0.42;

struct Alternative {
  Role role = Role::kNone;
  double score = 0;
};

// One column and what was made of it.
struct ColumnGuess {
  size_t column = 0;  // index into the profile
  Role role = Role::kNone;
  double score = 0;
  double by_name = 0, by_values = 0;  // n and v of the role
  NameReading reading;
  std::string phone_country;              // whose rule reads most of its numbers; "" if they are none
  double phone_share = 0;                 // how many it reads
  std::vector<Alternative> alternatives;  // other roles of at least kLeastScore, best first
};

// How well the values of a column fit a role, whatever its name.
struct Fit {
  double allowed = 1;   // g: 0 the values are something else, 1 they may well be
  double specific = 0;  // v: 1 they can hardly be anything else
  double share = 0;     // of the values that look like the role
};
Fit FitOf(const ColumnProfile& profile, const ColumnGuess& phones, Role role);

// How many of the column's telephone numbers the rule of a country reads; 0 without numbers.
double PhoneShare(const ColumnProfile& profile, std::string_view country);

// The country whose rule reads most of the telephone numbers, and the share that it reads.
void ReadPhones(const ColumnProfile& profile, ColumnGuess* guess);

// One guess a column, in the order of the columns. Deterministic. Columns of `key` are what their names say, and only
// e-mail addresses and other unmistakable values of theirs count by themselves.
std::vector<ColumnGuess> AssignRoles(const TableProfile& profile, const std::vector<std::string>& key = {});

// Do the assigned columns speak of persons? If not, `why` says what is missing.
bool HoldsPersons(const TableProfile& profile, const std::vector<ColumnGuess>& guesses, std::string* why);

// The column or columns that identify a row.
struct KeyGuess {
  std::vector<std::string> columns;  // empty: none found
  std::string why;                   // "declared primary key", "unique in 1,000 rows"
  std::string doubt;                 // "" or what is unsure
};
// `declared`: the primary key or a unique index of a table.
KeyGuess GuessKey(const TableProfile& profile, const std::vector<ColumnGuess>& guesses,
                  const std::vector<std::string>& declared, bool several_files);

// The assignment with the greatest sum: score[i][j] of row i and column j (j is as often usable as it stands there),
// scores <= 0 are never taken. Returns for each row its column or -1. Hungarian method, O(rows * columns * min).
std::vector<int> BestAssignment(const std::vector<std::vector<double>>& score);

}  // namespace migrate::survey
