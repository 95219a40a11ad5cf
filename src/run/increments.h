// Tables that are read in parts (extract: {incremental: COLUMN}): where a part begins, and how far it came.
//
// The watermark of a source is the greatest value of its column when its last import began to read; it stands in the
// target (setting "watermark PLAN SOURCE") and is written with the import's last commit. The next import reads the rows
// from the watermark less the overlap on, and those without a value (column_order.h says of which columns it is sure
// that nothing new sorts before it). It holds only for the plan it was written under, and while no other import of that
// plan has come between; else the whole table is read, which is always safe.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "context.h"

namespace migrate::run {

// Where the reading of an input begins; nothing for inputs that are read as a whole by their plan. Asks source and
// target; keeps the answer in the manifest (line "bound"), where `again` takes it from.
Status SetBound(Context* c, Input* input, Servers* servers, bool again);

// Does each file bring something more, whenever it comes? A table, or a snapshot, is what there is.
inline bool IsOnlyAddedTo(const plan::Source& source) {
  return source.type == plan::SourceType::kCsv && source.mode != plan::Mode::kSnapshot;
}

// The next import reads the source as a whole, though its file, or what it held, is known.
Status ReadAsAWhole(store::Connection* db, const plan::Plan& plan, const plan::Source& source);
Result<bool> IsReadAsAWhole(store::Connection* db, const plan::Plan& plan, const plan::Source& source);

// Every row of the part is what the target holds already, and every reject is in its quarantine. False for a part that
// is too large to be worth the look.
Result<bool> PartIsKnown(Context* c, const Input& input);

// Rows of a source that is read in parts which came with imports that were rolled back and whose inputs are held: they
// are held row by row, for the overlap reads some of them again in a part with another content. 16 bytes a row.
class HeldRows {
 public:
  bool Holds(uint64_t record_id, const Sha256& row_sha256) const;
  bool Holds(std::string_view reason, std::string_view raw) const;  // a reject
  // Rows that were put aside for their key: alone they would be read without complaint.
  bool HoldsRepeated(std::string_view raw) const;
  bool any_repeated() const { return repeated_; }
  bool empty() const { return rows_.empty() && rejects_.empty(); }

 private:
  friend Result<HeldRows> RowsHeldBack(const Context& c, const Input& input);
  using Print = std::array<uint64_t, 2>;
  std::vector<Print> rows_;     // record_id and the beginning of row_sha256, sorted
  std::vector<Print> rejects_;  // the beginning of SHA-256 of reason and original bytes, sorted
  bool repeated_ = false;
};
// None for inputs that are always read as a whole. Reads the target.
Result<HeldRows> RowsHeldBack(const Context& c, const Input& input);

// Within the transaction that ends the import.
Status KeepWatermarks(Context* c);

// The value from which on rows are read again: a number less `number` (1000), a time less `seconds` (4200) in the form
// that it has, in whole seconds. kPlan where an overlap does not go with the value, or a text is no time. For tests.
Result<std::string> BelowWatermark(const plan::Incremental& rule, bool is_number, const std::string& value);

}  // namespace migrate::run
