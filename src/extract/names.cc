#include "migrate/extract/names.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "migrate/record/payload.h"

namespace migrate::extract {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = diagonal + (Lower(a[i - 1]) != Lower(b[j - 1]));
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> MakeUnique(std::vector<Column>* columns) {
  std::vector<std::string> changes;
  std::set<std::string> taken;
  for (const Column& c : *columns) taken.insert(c.name);
  std::set<std::string> seen;
  for (size_t i = 0; i < columns->size(); ++i) {
    std::string& name = (*columns)[i].name;
    if (seen.insert(name).second) continue;
    std::string unique;
    for (int n = 2; unique.empty() || taken.contains(unique); ++n) unique = fmt::format("{}_{}", name, n);
    changes.push_back(fmt::format("column {} repeats the name '{}': it is called '{}' here", i + 1, name, unique));
    name = unique;
    taken.insert(unique);
    seen.insert(unique);
  }
  return changes;
}

std::string DidYouMean(std::string_view wanted, const std::vector<std::string>& names) {
  size_t best = wanted.size() / 3 + 2;
  const std::string* nearest = nullptr;
  for (const std::string& name : names) {
    if (name.size() > wanted.size() + best || wanted.size() > name.size() + best) continue;
    size_t distance = EditDistance(wanted, name);
    if (distance < best) {
      best = distance;
      nearest = &name;
    }
  }
  return nearest == nullptr ? "" : fmt::format(" (did you mean '{}'?)", *nearest);
}

Result<std::vector<uint32_t>> FindKeys(const std::string& where, const std::vector<std::string>& key,
                                       const std::vector<Column>& columns) {
  std::vector<uint32_t> found;
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const Column& c : columns) names.push_back(c.name);
  for (const std::string& name : key) {
    auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) it = std::find(names.begin(), names.end(), Trimmed(name));
    if (it == names.end())
      return Status::Plan(
          fmt::format("{}: there is no column '{}' for the key{}", where, name, DidYouMean(name, names)),
          fmt::format("its columns are: {}", fmt::join(names, ", ")));
    found.push_back(static_cast<uint32_t>(it - names.begin()));
  }
  return found;
}

bool AppendSourceKey(const std::vector<Cell>& row, const std::vector<uint32_t>& key_columns, std::string* key) {
  for (uint32_t c : key_columns)
    if (row[c].type == CellType::kNull || row[c].bytes.empty()) return false;
  if (key_columns.size() == 1) {
    key->append(row[key_columns[0]].bytes);
    return true;
  }
  key->push_back('[');
  for (size_t i = 0; i < key_columns.size(); ++i) {
    if (i > 0) key->push_back(',');
    AppendJsonString(key, row[key_columns[i]].bytes);
  }
  key->push_back(']');
  return true;
}

}  // namespace migrate::extract
