// Features of some of a match state's records.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "migrate/dedupe/compare.h"
#include "migrate/dedupe/match_state.h"
#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {

// Rows ascend by record_id, as in a table of all records.
class SlotTable {
 public:
  // `slots` in any order, each once, of different records. Fails on a record that is damaged.
  static Result<std::unique_ptr<SlotTable>> Make(const MatchState& state, std::vector<uint32_t> slots,
                                                 const Model& model);
  uint32_t RowOf(uint32_t slot) const { return row_of_[slot]; }  // of a slot that is in the table
  uint32_t SlotOf(uint32_t row) const { return slots_[row]; }
  const std::vector<uint32_t>& slots() const { return slots_; }
  const Table& table() const { return table_; }
  const Frequencies& frequencies() const { return frequencies_; }
  const Comparator& comparator() const { return comparator_; }

 private:
  explicit SlotTable(const Model& model) : table_(model.attributes.size()), comparator_(table_, frequencies_) {}
  std::vector<uint32_t> slots_, row_of_;
  Table table_;
  Frequencies frequencies_;
  Comparator comparator_;
};

}  // namespace migrate::dedupe
