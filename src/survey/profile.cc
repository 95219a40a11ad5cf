#include "migrate/survey/profile.h"

#include <algorithm>

#include "migrate/normalize/text.h"
#include "migrate/record/digest.h"

namespace migrate::survey {
namespace {

// FNV-1a with a final mix: a value's identity for counting repeats. Two different values meet once in 2^64.
uint64_t HashOf(std::string_view text) {
  uint64_t h = 14695981039346656037u;
  for (char c : text) h = (h ^ static_cast<uint8_t>(c)) * 1099511628211u;
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93u;
  return h ^ (h >> 32);
}

constexpr size_t kPhoneSamples = 200, kVocabulary = 8, kVocabularyWord = 16, kExamples = 3;
// A longer text is looked at up to here: it is a note, whatever follows.
constexpr size_t kLookBytes = 300;

}  // namespace

void ColumnProfile::Add(const Cell& cell, uint32_t file) {
  ++rows_;
  if (cell.type == CellType::kNull) return;
  std::string scratch;
  const std::string_view text = normalize::Clean(cell.bytes.substr(0, kLookBytes), normalize::Form::kCode, &scratch);
  if (text.empty()) return;
  ++filled_;
  bytes_ += cell.bytes.size();
  number_cells_ += cell.type == CellType::kInteger || cell.type == CellType::kReal;
  binary_cells_ += cell.type == CellType::kBytes;
  seen_.push_back({HashOf(cell.bytes), file});
  const Look look = LookAt(text, cell.type);
  for (size_t k = 0; k < kKindCount; ++k) counts_[k] += (look.kinds >> k) & 1;
  if (look.date.year > 0) ++years_[look.date.year];
  if (look.date.numeric && look.Is(Kind::kDate)) {
    ++dates_.numeric;
    dates_.day_first += look.date.first > 12;
    dates_.month_first += look.date.second > 12;
    dates_.with_time += look.date.time;
    dates_.short_year += look.date.short_year;
    ++dates_.separators[look.date.separator];
  }
  Remember(text, look);
}

void ColumnProfile::Remember(std::string_view text, const Look& look) {
  if (look.Is(Kind::kJunk)) return;
  leading_zero_ |= text.size() > 1 && text[0] == '0' && look.Is(Kind::kInteger);
  capitals_ = capitals_ || std::any_of(text.begin(), text.end(), normalize::IsUpper);
  if (look.Is(Kind::kPhoneLike) && phones_.size() < kPhoneSamples) phones_.emplace_back(text);
  if (examples_.size() < kExamples && text.size() <= 100 &&
      std::find(example_texts_.begin(), example_texts_.end(), text) == example_texts_.end()) {
    example_texts_.emplace_back(text);
    examples_.push_back(Masked(text));
  }
  if (many_words_) return;
  std::string word(text);
  for (char& c : word) c = normalize::Lower(c);
  if (text.size() <= kVocabularyWord) ++vocabulary_[word];
  if (text.size() > kVocabularyWord || vocabulary_.size() > kVocabulary) {
    many_words_ = true;
    vocabulary_.clear();
  }
}

void ColumnProfile::Finish() {
  std::sort(seen_.begin(), seen_.end());
  distinct_ = repeats_in_file_ = top_count_ = 0;
  for (size_t i = 0; i < seen_.size();) {
    size_t end = i + 1;
    for (; end < seen_.size() && seen_[end].hash == seen_[i].hash; ++end)
      repeats_in_file_ += seen_[end].file == seen_[end - 1].file;
    ++distinct_;
    top_count_ = std::max<uint64_t>(top_count_, end - i);
    i = end;
  }
  std::vector<Seen>().swap(seen_);
}

int ColumnProfile::MiddleYear() const {
  uint64_t total = 0, sum = 0;
  for (const auto& [year, n] : years_) total += n;
  for (const auto& [year, n] : years_)
    if ((sum += n) * 2 >= total) return year;
  return 0;
}

int ColumnProfile::YearSpread() const {
  uint64_t total = 0, sum = 0;
  for (const auto& [year, n] : years_) total += n;
  int low = 0, high = 0;
  for (const auto& [year, n] : years_) {
    sum += n;
    if (low == 0 && sum * 10 >= total) low = year;
    if (high == 0 && sum * 10 >= total * 9) high = year;
  }
  return high - low;
}

TableProfile::TableProfile(const std::vector<extract::Column>& columns) {
  for (const auto& c : columns) columns_.emplace_back(c);
}

void TableProfile::Add(const std::vector<Cell>& row, uint32_t file) {
  ++rows_;
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i].Add(i < row.size() ? row[i] : Cell(), file);
}

void TableProfile::Finish() {
  for (auto& c : columns_) c.Finish();
}

const ColumnProfile* TableProfile::Find(std::string_view name) const {
  for (const auto& c : columns_)
    if (c.name() == name) return &c;
  return nullptr;
}

}  // namespace migrate::survey
