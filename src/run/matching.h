// Feeds the matcher from a target's tables: its records, its stewards' decisions, its model.
//
// The stage dedupe and the commands that explain or steer matching all come through here, so that they see the same.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/dedupe/match_state.h"
#include "migrate/dedupe/matcher.h"
#include "migrate/plan/plan.h"
#include "migrate/store/connection.h"

namespace migrate::run {

class PairFiles;

struct MatchingOptions {
  const plan::Plan* plan = nullptr;
  store::Connection* db = nullptr;  // the target
  unsigned threads = 1;
  uint64_t memory_bytes = 0;  // as the operator gave it; 0: a half of what there is
  std::string scratch;        // a folder that is there, for what does not fit the memory
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t records)> records;    // read so far; may be empty
  std::function<void(std::string_view step)> step;  // may be empty
  PairFiles* pairs = nullptr;                       // Match: pairs are scored in parts (pair_parts.h)
  std::function<void()> all_read;                   // Match: `db` is needed no more; may be empty
};

// May the model file that the plan names be used with the plan's attributes? kPlan if not; so said before a row is
// read.
Status CheckModelFile(const plan::Plan& plan);

// Of the model in force, or of what it will be read from: another text, another print.
Result<std::string> ModelPrint(const MatchingOptions& matching);

// Is the target's model in force for the plan? A target has one model, for its persons are of the records of all plans.
// A change of the plan that it was learned under takes it out of force, and so do other attributes in another plan: a
// model speaks of one set of attributes.
Result<bool> TargetModelHolds(store::Connection* db, const plan::Plan& plan);

// The model in force: the plan's file, else the target's if it holds for the plan; none: train.
Result<std::optional<dedupe::Model>> ModelInForce(const MatchingOptions& options);

// Hands every record of the target, or those for which `where` holds, to `take`, by record_id, without payloads.
Status EachRecord(const MatchingOptions& options, const std::function<Status(const Record&)>& take,
                  const std::string& where = "");

// Half of the machine's memory, or of the control group's where that is less: the other half is the database's and the
// page cache's. 0 where it is not known.
uint64_t HalfOfMemory();

// The matcher's options, with the decisions in force. `model` outlives them. memory_bytes is still the operator's.
Result<dedupe::MatchOptions> OptionsOf(const MatchingOptions& options, const dedupe::Model* model);

// Matches every record of the target. Memory: the matcher's (docs/matching.md, "Cost"). `keep`, if it is there, gets
// what the next matching needs.
Result<dedupe::MatchResult> Match(const MatchingOptions& options, const std::optional<dedupe::Model>& model,
                                  dedupe::MatchStateWriter* keep = nullptr);

// The name of a blocking key, which counts attributes from 1, with their names.
std::string KeyLabel(std::string key, const std::vector<Attribute>& attributes);

// Keeps what a matching found beside the persons: the pairs for review (instead of those before), what `model show`
// tells, and, if it was `learned`, the model. Within the caller's transaction.
Status KeepMatching(const MatchingOptions& options, const dedupe::MatchResult& match, bool learned);

// The model becomes the target's, under the next version, for this plan.
Status KeepModel(const MatchingOptions& options, const dedupe::Model& model);

}  // namespace migrate::run
