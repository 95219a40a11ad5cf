#include "slot_table.h"

#include <algorithm>

#include "migrate/dedupe/nicknames.h"

namespace migrate::dedupe {

Result<std::unique_ptr<SlotTable>> SlotTable::Make(const MatchState& state, std::vector<uint32_t> slots,
                                                   const Model& model) {
  std::unique_ptr<SlotTable> out(new SlotTable(model));
  std::sort(slots.begin(), slots.end(),
            [&](uint32_t a, uint32_t b) { return state.slots[a].record_id < state.slots[b].record_id; });
  out->slots_ = std::move(slots);
  out->row_of_.resize(state.size());
  Record record;
  for (uint32_t row = 0; row < out->slots_.size(); ++row) {
    out->row_of_[out->slots_[row]] = row;
    if (!state.ReadRecord(out->slots_[row], &record))
      return Status::Failed("the state of the last matching is damaged: its records",
                            "nothing is lost: all is matched anew");
    out->table_.Add(record);
  }
  if (!out->table_.Finish())
    return Status::Failed("the state of the last matching is damaged: a record is there twice");
  static const Nicknames kNicknames;
  out->frequencies_ = UseFrequencies(out->table_, model.frequencies, kNicknames);
  return out;
}

}  // namespace migrate::dedupe
