// Tables that are read in parts (extract: {incremental: COLUMN}): where a part begins, and how far it came.
//
// The watermark of a source is the greatest value of its column when its last import began to read; it stands in the
// target (setting "watermark PLAN SOURCE") and is written with the import's last commit. The next import reads the rows
// from the watermark less the overlap on, and those without a value. It holds only for the plan it was written under,
// and while no other import of that plan has come between; else the whole table is read, which is always safe.
#pragma once

#include <string>

#include "context.h"

namespace migrate::run {

// Where the reading of an input begins; nothing for inputs that are read as a whole by their plan. Asks source and
// target; keeps the answer in the manifest (line "bound"), where `again` takes it from.
Status SetBound(Context* c, Input* input, Servers* servers, bool again);

// Every row of the part is what the target holds already, and every reject is in its quarantine. False for a part that
// is too large to be worth the look.
Result<bool> PartIsKnown(Context* c, const Input& input);

// Within the transaction that ends the import.
Status KeepWatermarks(Context* c);

// The value from which on rows are read again: a number less `number` (1000), a time less `seconds` (600) in the form
// that it has. kPlan where an overlap does not go with the value. For tests.
Result<std::string> BelowWatermark(const plan::Incremental& rule, bool is_number, const std::string& value);

}  // namespace migrate::run
