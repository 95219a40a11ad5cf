#include "migrate/dedupe/nicknames.h"

#include <algorithm>

namespace migrate::dedupe {

Nicknames::Nicknames() {
  std::string_view rest = kNicknameTable;
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    while (!entry.empty()) {
      const size_t blank = std::min(entry.find(' '), entry.size());
      std::vector<uint16_t>& list = families_[entry.substr(0, blank)];
      if (list.empty() || list.back() != family_count_) list.push_back(family_count_);
      entry.remove_prefix(std::min(blank + 1, entry.size()));
    }
    ++family_count_;
  }
}

const std::vector<uint16_t>& Nicknames::Families(std::string_view folded) const {
  static const std::vector<uint16_t> kNone;
  const auto it = families_.find(folded);
  return it == families_.end() ? kNone : it->second;
}

bool Nicknames::Related(std::string_view a, std::string_view b) const {
  return a != b && ShareFamily(Families(a), Families(b));
}

bool ShareFamily(const std::vector<uint16_t>& a, const std::vector<uint16_t>& b) {
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) return true;
    a[i] < b[j] ? ++i : ++j;
  }
  return false;
}

}  // namespace migrate::dedupe
