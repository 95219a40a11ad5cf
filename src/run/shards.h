// Shards: several calls of `run --shard i/n`, on one machine or on many with one folder, that together do what one run
// does, and leave the same.
//
// A stage is its parts and its finish. Which part is whose follows from its number and n alone, so shards agree without
// talking: of extract and normalize (file + chunk) mod n, of load partition mod n. What one session reads as a whole (a
// table on a server, a part of a table) is one part. A part that is there is passed over, whoever made it and under
// whatever n; one that is made twice is the same twice. So any n, any order and any repetition lead to the same.
//
// What happens once happens in the section (Workspace::Section), which one process has at a time: planning the work,
// beginning an import, and the finish of a stage, by whichever process finds all parts there. Both are idempotent: a
// shard that died there is followed by the next one that comes.
//
// A server's target is held by all shards of the work together (ledger/lease.h); of a SQLite file each writes within
// the section.
#pragma once

#include <vector>

#include "context.h"

namespace migrate::run {

// Begins the stage, if nobody has, and does this shard's parts. kPlan if a stage before it is not complete. Not within
// the section: takes it where it is needed.
Status ShardParts(Context* c, plan::Stage stage);

struct ShardEnd {
  std::vector<uint32_t> missing;  // shards of which parts are not there, ascending; if empty the stage is finished
  bool done = false;              // another shard has ended the import
};
// Within the section: finishes the stage if all its parts are there.
Result<ShardEnd> ShardFinish(Context* c, plan::Stage stage);

// Within the section, after exit 5: as ForgetExtracted (gone_inputs.h), so that whoever comes next finishes extract
// anew.
Status ForgetFinishedExtract(Context* c);

// "2/3 and 3/3 are"
std::string ShardList(const std::vector<uint32_t>& shards, uint32_t n);
// What a call says of a stage of which others' parts are missing, with what to do.
std::string MissingText(const Context& c, plan::Stage stage, const std::vector<uint32_t>& missing);
std::string MissingJson(const Context& c, plan::Stage stage, const std::vector<uint32_t>& missing);

// The manifest as a shard has it outside of the section: read, with a file of its own to write.
Status OpenManifestForParts(Context* c);

// Before the section ends: a SQLite target is left to the others.
void LeaveTarget(Context* c);

}  // namespace migrate::run
