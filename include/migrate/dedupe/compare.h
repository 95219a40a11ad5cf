// Comparator: two records in, levels of agreement and the chance of each under "strangers" out.
#pragma once

#include <array>
#include <cstdint>

#include "migrate/dedupe/features.h"
#include "migrate/dedupe/frequency.h"
#include "migrate/dedupe/levels.h"

namespace migrate::dedupe {

// Probability of each level by evidence, given one class of pairs.
using LevelTable = std::array<std::array<float, kLevelCount>, kEvidenceCount>;

// What comparing two records gives.
struct Comparison {
  std::array<uint8_t, kEvidenceCount> level{};  // kNull: says nothing
  // log2 of the chance that two strangers agree so on this very value; NAN where the level's average applies.
  std::array<float, kEvidenceCount> log_chance{};
  // The one piece of evidence, or kNothing: a national id, or an e-mail address that is no office's, that few have and
  // both share, where a side has neither name nor birth date: a line of a mailing list, say. Or a telephone number,
  // which a household may share, where neither side has anything else.
  static constexpr int8_t kNothing = -1;
  int8_t only_identifier = kNothing;

  uint64_t Pattern() const;
};

// Reads the table and the frequencies, both of which outlive it. Safe to share between threads.
class Comparator {
 public:
  Comparator(const Table& table, const Frequencies& frequencies) : table_(table), frequencies_(frequencies) {}

  void Compare(uint32_t a, uint32_t b, Comparison* out) const { Compare(table_[a], a, b, out); }
  // The same with the features of `a` at hand.
  void Compare(const Features& features_of_a, uint32_t a, uint32_t b, Comparison* out) const;
  Features FeaturesOf(uint32_t row) const { return table_[row]; }

  // Brings a row's features into the cache.
  void Prefetch(uint32_t row) const { table_.Prefetch(row); }

  // The level of two single names, direct. Exposed for tests.
  uint8_t CompareNames(uint32_t a, uint32_t b, bool first) const;

 private:
  void Names(const Features& a, const Features& b, Comparison* out) const;
  void Middle(const Features& a, const Features& b, Comparison* out) const;
  void Company(const Features& a, const Features& b, Comparison* out) const;
  void CompanyOrPerson(const Features& company, const Features& person, Comparison* out) const;
  void Email(const Features& a, const Features& b, Comparison* out) const;
  void Phone(const Features& a, const Features& b, Comparison* out) const;
  void Address(const Features& a, const Features& b, Comparison* out) const;
  void Attribute(size_t i, uint32_t a, uint32_t b, Comparison* out) const;
  void SetName(Evidence which, uint8_t level, uint32_t a, uint32_t b, Comparison* out) const;
  uint8_t Street(const Features& a, const Features& b) const;
  bool MayBeNear(uint32_t a, uint32_t b) const;
  bool PartOf(uint32_t name, const Features& other, Role own) const;
  int8_t OnlyIdentifier(const Features& a, uint32_t row_a, const Features& b, uint32_t row_b,
                        const Comparison& c) const;

  const Table& table_;
  const Frequencies& frequencies_;
};

// Level of two dates packed as Features::birth; neither is 0.
uint8_t CompareBirths(uint32_t a, uint32_t b);

// Days from 0000-03-01 in the proleptic Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
int DayNumber(uint32_t date);

}  // namespace migrate::dedupe
