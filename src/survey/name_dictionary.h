// The dictionary behind column_names.h.
#pragma once

#include <span>
#include <string_view>

#include "migrate/survey/column_names.h"

namespace migrate::survey {

struct DictionaryEntry {
  Role role;
  double strength;
  char language;
  std::string_view words;  // names without anything between their words, one blank between two names
};
std::span<const DictionaryEntry> Dictionary();
// Strength of names that say when a row was made, not when it was changed.
inline constexpr double kMadeAt = 0.5;

// Words that say whose or which, not what: left away when the whole name is not known.
struct Qualifier {
  std::string_view word;
  int rank;  // see NameReading::rank
  bool address_group;
};
const Qualifier* FindQualifier(std::string_view word);

bool IsOtherPerson(std::string_view word);
bool IsCompanyName(std::string_view word);
// "type", "status", "verified": what is about a value and not the value.
bool IsAboutValue(std::string_view word);

}  // namespace migrate::survey
