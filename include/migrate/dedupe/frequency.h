// Frequencies: how probable it is that two strangers agree on a given value (term-frequency adjustment).
//
// For a value that c of the n records with the field have, the chance that the record of another person has it too is
//   f = (max(0, c - 1 - d) + 1) / (n + 1 / u0)
// where d is the number of records that the average record's own person has besides it (they are no strangers) and u0
// the average chance of agreement; a value seen once is thus neither impossible nor certain to be unique (Gamma prior
// of one observation at the average). While the model is learned, records are counted and d is a mean; in the end
// persons are counted (WeightsByPerson), and d takes both persons of a pair away.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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
  uint8_t letter = 0;                                               // the first byte
  bool initial = false;                                             // one byte long
  uint16_t families = 0;                                            // place in Frequencies::families, 0 is none
};

// Tables hold log2 of the frequency, indexed by dictionary number. Fields in which most values are somebody's own are
// looked up by hash instead, where two records agree: that is rare, and a number for each value would not be.
struct Frequencies {
  std::vector<NameEntry> names;
  std::vector<std::vector<uint16_t>> families;  // nickname families of names
  std::array<float, 256> initial_first{}, initial_last{};
  std::vector<float> cities, zips, states, zip_areas;
  std::vector<uint32_t> area_hash;                  // of each zip's area
  std::vector<uint32_t> city_letters, zip_letters;  // CharacterSet
  std::vector<uint64_t> street_hash, place_hash;    // of streets; of zips, for addresses
  std::vector<std::vector<uint32_t>> attribute_letters;
  std::vector<float> births;  // by packed date
  std::vector<float> years;
  std::array<float, 4> sexes{};
  std::vector<std::vector<float>> attributes;
  std::array<double, kEvidenceCount> average{};  // u0 of exact agreement

  HashedLogs email, email_local, phone, national_id, address;

  float Email(std::string_view loose) const { return email.Log(HashBytes(loose)); }
  float EmailLocal(std::string_view loose) const { return email_local.Log(LocalHash(loose)); }
  float Phone(PhoneBits bits) const { return phone.Log(PhoneHash(bits)); }
  float NationalId(std::string_view id) const { return national_id.Log(HashBytes(id)); }
  // House number, street, zip or city of a record that has a street.
  float Address(const Table& table, const Features& f) const { return address.Log(AddressHash(table, f)); }
  uint64_t AddressHash(const Table& table, const Features& f) const;

  // Hash of what stands before the last @.
  static uint64_t LocalHash(std::string_view email) { return HashBytes(email.substr(0, email.rfind('@'))); }
  // That of the phone as text.
  static uint64_t PhoneHash(PhoneBits bits);

  uint64_t MemoryBytes() const;
};

// Fills street_hash and place_hash.
void HashPlaces(const Table& table, Frequencies* out);

// How often each value occurs in a table. Counted once: frequencies of whatever duplication follow from it.
//
// Memory: 4 bytes a distinct name, street, place, date; 16 bytes a distinct e-mail, phone, id, address that more than
// one record has. While it is made 16 bytes a value of each record (24 with weights) for each thread, or what
// CountOptions allow: values then go through ranges of hashes on the disk, and what a large part of all records have in
// common is summed as it comes.
struct ValueCounts {
  using Numbers = std::vector<uint32_t>;
  Numbers first, last, company, words, initial_first, initial_last, births, years, zips, zip_areas, cities, states,
      sexes;
  std::vector<Numbers> attributes;

  // Values that more than one record has, by hash, ascending.
  struct Hashed {
    std::shared_ptr<HashedCounts> repeated = std::make_shared<HashedCounts>();
    double records = 0, distinct = 0;
  };
  Hashed email, email_local, phone, national_id, address;
};
// What a row counts, by row.
using RowWeights = std::vector<float>;
struct CountOptions {
  unsigned threads = 1;
  uint64_t memory_bytes = 0;  // of all threads, for values that are sorted; 0: no limit
  std::string scratch = {};   // a folder for those that do not fit; "": there is no limit
};
// With weights the sums of them, rounded.
ValueCounts CountValues(const Table& table, const CountOptions& options = {}, const RowWeights* weights = nullptr);
// Only e-mails, phones, ids and birth dates.
ValueCounts CountContacts(const Table& table, const CountOptions& options = {});

// Weights by which every person counts the same, as many records as the average person has. `cluster`: by row, the
// lowest row of its cluster. A name that one person's forty records have is then as rare as it is among persons, which
// the mean d cannot say.
RowWeights WeightsByPerson(const std::vector<uint32_t>& cluster, double* records_per_person);

// Frequencies of the table's own values. With `learned` what a model keeps of them goes there.
Frequencies MakeFrequencies(const Table& table, const ValueCounts& counts, const Duplication& duplication,
                            const Nicknames& nicknames, TermFrequencies* learned = nullptr);
// Both steps in one.
Frequencies CountFrequencies(const Table& table, const Duplication& duplication, const Nicknames& nicknames,
                             TermFrequencies* learned = nullptr);
// The frequencies that a model learned, for the values of this table: what two records weigh does then not depend on
// what else is in the table.
Frequencies UseFrequencies(const Table& table, const TermFrequencies& learned, const Nicknames& nicknames);

// "627" of "62704", "sy5" of "sy57nt": what a zip has in common with its neighbourhood.
std::string_view ZipArea(std::string_view folded);

}  // namespace migrate::dedupe
