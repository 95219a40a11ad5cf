// What the columns of an input hold, gathered row by row: how many values are filled, what they look like, whether they
// repeat, how dates are written. Shared by `init`, which guesses a mapping from it, and `validate`, which holds a
// mapping against it.
//
// Memory: about 1.5 kB a column and 16 bytes a value that was added, so callers bound rows times columns
// (kMaxCells); texts are not kept beyond a few samples of each column.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/extract/source.h"
#include "migrate/record/record.h"
#include "migrate/survey/value_kinds.h"

namespace migrate::survey {

// Of one survey; 32 MB of hashes.
inline constexpr uint64_t kMaxCells = 2'000'000;

// In what order the days of a column are written, by those that leave no choice.
struct DateEvidence {
  uint64_t numeric = 0;      // values of two small numbers and a year behind them
  uint64_t day_first = 0;    // the first is 13 to 31, so it is a day
  uint64_t month_first = 0;  // the second is 13 to 31
  uint64_t with_time = 0;    // of `numeric`
  uint64_t short_year = 0;   // of `numeric`: two digits
  std::map<char, uint64_t> separators;
};

class ColumnProfile {
 public:
  explicit ColumnProfile(extract::Column column) : column_(std::move(column)) {}
  // `file` tells the files of one survey apart.
  void Add(const Cell& cell, uint32_t file);
  // After the last Add: counts distinct values, and forgets their hashes.
  void Finish();

  const std::string& name() const { return column_.name; }
  const std::string& declared_type() const { return column_.type; }
  uint64_t rows() const { return rows_; }
  uint64_t filled() const { return filled_; }  // not NULL, not blank
  uint64_t junk() const { return Count(Kind::kJunk); }
  uint64_t Count(Kind k) const { return counts_[static_cast<size_t>(k)]; }
  // Of the filled values that are no junk; 0 if there is none.
  double Share(Kind k) const { return filled_ > junk() ? static_cast<double>(Count(k)) / Real() : 0; }
  double Fill() const { return rows_ == 0 ? 0 : static_cast<double>(filled_) / static_cast<double>(rows_); }
  // Of the filled values; valid after Finish.
  uint64_t distinct() const { return distinct_; }
  uint64_t repeats_in_file() const { return repeats_in_file_; }  // values that an earlier row of the same file has
  uint64_t top_count() const { return top_count_; }              // of the most frequent value
  // Every row has a value and no two rows (of one file) the same.
  bool unique() const { return rows_ > 0 && filled_ == rows_ && distinct_ == rows_; }
  bool unique_in_files() const { return rows_ > 0 && filled_ == rows_ && repeats_in_file_ == 0; }

  const DateEvidence& dates() const { return dates_; }
  // Years of the dates: how far apart the tenth and the ninetieth of a hundred are, and the middle one; 0 without
  // dates.
  int YearSpread() const;
  int MiddleYear() const;
  double mean_length() const { return filled_ == 0 ? 0 : static_cast<double>(bytes_) / static_cast<double>(filled_); }
  bool numeric_cells() const { return filled_ > 0 && number_cells_ == filled_; }
  bool binary_cells() const { return filled_ > 0 && binary_cells_ * 2 > filled_; }
  bool leading_zero() const { return leading_zero_; }
  bool capitals() const { return capitals_; }  // some value has a capital letter (of ASCII)
  // Some of the values that may be telephone numbers of any country, as cleaned; at most 200.
  const std::vector<std::string>& phones() const { return phones_; }
  // The first different values, masked; at most 3.
  const std::vector<std::string>& examples() const { return examples_; }
  // The few different values in small letters with their counts; empty where there are more than 8 or long ones.
  const std::map<std::string, uint64_t>& vocabulary() const { return vocabulary_; }

 private:
  double Real() const { return static_cast<double>(filled_ - junk()); }
  void Remember(std::string_view text, const Look& look);

  extract::Column column_;
  uint64_t rows_ = 0, filled_ = 0, bytes_ = 0, number_cells_ = 0, binary_cells_ = 0;
  std::array<uint32_t, kKindCount> counts_{};
  struct Seen {
    uint64_t hash;
    uint32_t file;
    auto operator<=>(const Seen&) const = default;
  };
  std::vector<Seen> seen_;
  uint64_t distinct_ = 0, repeats_in_file_ = 0, top_count_ = 0;
  DateEvidence dates_;
  std::map<int, uint32_t> years_;
  bool leading_zero_ = false, many_words_ = false, capitals_ = false;
  std::vector<std::string> phones_, examples_, example_texts_;
  std::map<std::string, uint64_t> vocabulary_;
};

// All columns of one input, or of several with the same header.
class TableProfile {
 public:
  explicit TableProfile(const std::vector<extract::Column>& columns);
  void Add(const std::vector<Cell>& row, uint32_t file);
  void Finish();
  uint64_t rows() const { return rows_; }
  const std::vector<ColumnProfile>& columns() const { return columns_; }
  // The profile of a column by its name, nullptr if there is none.
  const ColumnProfile* Find(std::string_view name) const;

 private:
  std::vector<ColumnProfile> columns_;
  uint64_t rows_ = 0;
};

}  // namespace migrate::survey
