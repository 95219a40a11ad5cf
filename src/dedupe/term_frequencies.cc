#include "migrate/dedupe/term_frequencies.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>

namespace migrate::dedupe {
namespace {

constexpr std::array<std::string_view, kTermAttribute0> kNames = {
    "first_name", "last_name", "company", "name_word",   "first_initial", "last_initial",
    "birth_date", "year",      "email",   "email_local", "phone",         "national_id",
    "zip",        "zip_area",  "city",    "state",       "address",       "sex"};

double Others(double count, double duplicates) { return std::max(0.0, count - 1 - duplicates) + 1; }

}  // namespace

float FieldFrequencies::LogOf(double others) const {
  return static_cast<float>(std::log2(std::min(1.0, others / denominator)));
}

float FieldFrequencies::LogOfCount(double c) const { return LogOf(Others(c, duplicates)); }

float FieldFrequencies::LogIn(const HashedCounts& list, uint64_t hash) const {
  // Steps of growing width from the guess, then halving between the last two.
  const size_t n = list.size();
  size_t from = 0, to = n, step = 8;
  size_t at = static_cast<size_t>(static_cast<double>(hash) * 0x1p-64 * static_cast<double>(n));
  at = std::min(at, n == 0 ? 0 : n - 1);
  if (n > 0 && list[at].first < hash) {
    for (from = at; at + step < n && list[at + step].first < hash; step *= 2) from = at + step;
    to = std::min(n, at + step + 1);
  } else if (n > 0) {
    for (to = at + 1; at >= step && list[at - step].first >= hash; step *= 2) to = at - step + 1;
    from = at >= step ? at - step : 0;
  }
  const auto it =
      std::lower_bound(list.begin() + static_cast<std::ptrdiff_t>(from), list.begin() + static_cast<std::ptrdiff_t>(to),
                       std::pair<uint64_t, uint32_t>(hash, 0));
  if (it == list.end() || it->first != hash) return LogOf(rest);
  return LogOfCount(it->second);
}

HashedLogs::HashedLogs(const FieldFrequencies& field) : rest_(field.LogOf(field.rest)) {
  if (field.counts.empty()) return;
  const int bits = std::clamp(static_cast<int>(std::bit_width(field.counts.size())), 1, 28);
  shift_ = 64 - bits;
  starts_.assign((size_t{1} << bits) + 1, 0);
  entries_.reserve(field.counts.size());
  for (const auto& [hash, count] : field.counts) {
    entries_.push_back({hash, field.LogOfCount(count)});
    ++starts_[(hash >> shift_) + 1];
  }
  for (size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
}

HashedLogs::HashedLogs(const FieldFrequencies& field, std::shared_ptr<const HashedCounts> list)
    : list_(std::move(list)), field_(field) {}

void ListValues(const HashedCounts& values, FieldFrequencies* field) {
  const double d = field->duplicates;
  // Values that are nobody else's need no place: they are what `rest` is without the ones left out.
  const auto nobodys = [&](const auto& v) { return Others(v.second, d) <= 1; };
  uint32_t least = 0;
  if (std::vector<uint32_t> sizes; values.size() > kMaxListed) {
    for (const auto& v : values)
      if (!nobodys(v)) sizes.push_back(v.second);
    if (sizes.size() > kMaxListed)
      std::nth_element(sizes.begin(), sizes.begin() + kMaxListed, sizes.end(), std::greater<>());
    if (sizes.size() > kMaxListed) least = sizes[kMaxListed];
  }
  double pairs = 0, weighed = 0;
  field->counts.clear();
  for (const auto& value : values) {
    if (nobodys(value)) continue;
    if (value.second > least) {
      field->counts.push_back(value);
      continue;
    }
    const double c = value.second;
    pairs += c * (c - 1);
    weighed += c * (c - 1) * Others(c, d);
  }
  field->rest = pairs > 0 ? weighed / pairs : 1;
  std::sort(field->counts.begin(), field->counts.end());
}

std::string TermFieldName(size_t field, const std::vector<std::string>& attributes) {
  if (field < kTermAttribute0) return std::string(kNames[field]);
  const size_t i = field - kTermAttribute0;
  return "attribute:" + (i < attributes.size() ? attributes[i] : std::to_string(i + 1));
}

}  // namespace migrate::dedupe
