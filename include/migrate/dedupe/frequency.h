// Frequencies: how probable it is that two strangers agree on a given value (term-frequency adjustment).
//
// For a value that c of the n records with the field have, the chance that the record of another person has it too is
//   f = (max(0, c - 1 - d) + 1) / (n + 1 / u0)
// where d is the number of records that the average record's own person has besides it (they are no strangers) and u0
// the average chance of agreement; a value seen once is thus neither impossible nor certain to be unique (Gamma prior
// of one observation at the average).
#pragma once

#include <cstdint>
#include <vector>

#include "migrate/dedupe/features.h"
#include "migrate/dedupe/levels.h"
#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/term_frequencies.h"

namespace migrate::dedupe {

// How many records of one person there are, as far as is known when frequencies are made.
struct Duplication {
  double duplicates_per_record = 0;            // expected further records of a record's person
  std::array<double, kEvidenceCount> exact{};  // share of them that agree exactly on the piece of evidence
};

// A word of a name, ready to be compared.
struct NameEntry {
  uint32_t characters = 0;  // CharacterSet
  uint32_t soundex = 0;
  float log_first = 0, log_last = 0, log_company = 0, log_any = 0;  // log2 of the frequency as ..., as any word
  uint16_t families = 0;                                            // place in Frequencies::families, 0 is none
};

// All tables hold log2 of the frequency, indexed by dictionary number.
struct Frequencies {
  std::vector<NameEntry> names;
  std::vector<std::vector<uint16_t>> families;  // nickname families of names
  std::array<float, 256> initial_first{}, initial_last{};
  std::vector<float> emails, email_locals, phones, ids, cities, zips, states, zip_areas;
  std::vector<uint32_t> local_hash;                 // of each e-mail's part before @
  std::vector<uint32_t> area_hash;                  // of each zip's area
  std::vector<uint32_t> city_letters, zip_letters;  // CharacterSet
  std::vector<std::vector<uint32_t>> attribute_letters;
  std::vector<float> births;  // by packed date
  std::vector<float> years;
  std::vector<float> addresses;  // by row: number, street, zip or city
  std::array<float, 4> sexes{};
  std::vector<std::vector<float>> attributes;
  std::array<double, kEvidenceCount> average{};  // u0 of exact agreement

  uint64_t MemoryBytes() const;
};

// Counts the table's values. With `learned` what a model keeps of them goes there.
Frequencies CountFrequencies(const Table& table, const Duplication& duplication, const Nicknames& nicknames,
                             TermFrequencies* learned = nullptr);
// The frequencies that a model learned, for the values of this table: what two records weigh does then not depend on
// what else is in the table.
Frequencies UseFrequencies(const Table& table, const TermFrequencies& learned, const Nicknames& nicknames);

// "627" of "62704", "sy5" of "sy57nt": what a zip has in common with its neighbourhood.
std::string_view ZipArea(std::string_view folded);

}  // namespace migrate::dedupe
