// Nicknames: which first names are forms of one another ("Bob" and "Rob" of "Robert").
//
// Source: config/nicknames.csv, compiled in as kNicknameTable (facts of carltonnorthern/nicknames, Apache-2.0).
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace migrate::dedupe {

// "name nickname nickname...;" repeated, lower-case ASCII, sorted by name.
extern const std::string_view kNicknameTable;

// A lookup from a folded first name to the families it belongs to. A family is the number of a formal name in the
// table; a formal name belongs to its own family, a nickname to one or more.
class Nicknames {
 public:
  static constexpr int kMaxFamilies = 8;

  Nicknames();

  // The families of `folded`, ascending and without repeats; empty where the table does not know the name.
  const std::vector<uint16_t>& Families(std::string_view folded) const;

  // True where two different names share a family.
  bool Related(std::string_view a, std::string_view b) const;

  uint16_t family_count() const { return family_count_; }

 private:
  std::unordered_map<std::string_view, std::vector<uint16_t>> families_;
  uint16_t family_count_ = 0;
};

// True where two ascending lists have a member in common.
bool ShareFamily(const std::vector<uint16_t>& a, const std::vector<uint16_t>& b);

}  // namespace migrate::dedupe
