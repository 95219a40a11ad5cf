// From guesses to the lines of a plan: fields with their columns, each with the reason, and with what is unsure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/record/mapping.h"
#include "migrate/survey/guess.h"
#include "migrate/survey/sources.h"

namespace migrate::survey {

// What holds for the whole plan. `*_doubt` is "" where the evidence is clear.
struct Settings {
  NormalizeOptions normalize;
  std::string country_why, country_doubt;
  std::string order_why, order_doubt;
};
Settings GuessSettings(const std::vector<SurveyedSource>& sources);

// A country of its own for a source whose rows name none: that by whose rules more of its phone numbers or postal codes
// can be read than by the plan's.
struct SourceCountry {
  std::string country;  // "": the plan's
  std::string why;      // "100% of the values of Telefon are phone numbers by the rules of DE, by those of US 0%"
};
SourceCountry CountryOf(const SurveyedSource& source, const Settings& settings);

// In what order a column's days are written; nullopt: its values leave it open, or it has none of that form. `mixed`:
// both orders occur.
std::optional<DateOrder> OrderOf(const ColumnProfile& profile, bool* mixed);
// "day 13..31 in first position in 212 of 1,000"; "" if there is nothing to say.
std::string OrderEvidence(const ColumnProfile& profile);

struct MappedField {
  FieldMapping mapping;  // slot: the built-in field
  double score = 0;
  std::vector<std::string> reasons;  // one a column
  std::vector<std::string> doubts;   // what is unsure
};

struct Unmapped {
  std::string column;
  std::string looks_like;      // "12 different words", "yes or no"
  std::string attribute_type;  // "category"; "" if it is of no use as an attribute
  bool empty = false;          // nothing in it in any row that was looked at
};

struct Mapping {
  std::vector<MappedField> fields;  // in the order of the contract
  std::vector<Unmapped> unmapped;   // in the order of the columns
};
Mapping BuildMapping(const SurveyedSource& source, const Settings& settings);

// "98% of 1,000 values are e-mail addresses", as far as the role has values that can be told. Phone numbers are those
// that the rule of `country` reads; "": of the country that reads most of them.
std::string ValueReason(const ColumnProfile& profile, const ColumnGuess& guess, Role role,
                        std::string_view country = "");
// How many of a column's values are phone numbers by the rule of a country; "": of that which reads most of them.
double PhonesOf(const ColumnProfile& profile, const ColumnGuess& guess, std::string_view country);
// What a column holds, whatever its name: "e-mail addresses", "yes or no", "12 different words".
std::string LooksLike(const ColumnProfile& profile, const ColumnGuess& guess);

std::string Percent(double share);  // "98%", "<1%", ">99%"
std::string Thousands(uint64_t n);  // "1,000"

}  // namespace migrate::survey
