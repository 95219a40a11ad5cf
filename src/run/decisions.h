// Stewards' decisions as the target keeps them: append-only rows of `decision`, and what is in force of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/dedupe/golden.h"
#include "migrate/dedupe/matcher.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// kind: "link" and "unlink" of two records; "pin" of a field of the person that has record a; "undo" of the decision
// whose number is a.
struct Steward {
  int64_t id = 0;
  std::string kind;
  uint64_t a = 0, b = 0;
  std::string who, reason, at;
  std::string field, value;  // of a pin
  int64_t undone_by = 0;     // decision that took it back, 0: in force
};

// All of them, ascending. Of several links and unlinks of one pair, and of several pins of one record's field, the last
// that nobody took back is in force: the ones before are marked as undone by it.
Result<std::vector<Steward>> ReadStewards(store::Connection* db);

// Those in force, for the matcher.
std::vector<dedupe::Decision> InForce(const std::vector<Steward>& all);

// The pins in force, for golden values.
// The records that a pin holds at: the one it was written for; if a rollback took that out, the others of the person
// that had it then, for one of them may have the value as well.
Result<std::vector<uint64_t>> AnchorsOf(store::Connection* db, uint64_t record);
Status LoadPins(store::Connection* db, dedupe::SurvivorshipRules* rules);

// Writes a decision under the next number, which it returns, with its audit event. Within the caller's transaction.
Result<int64_t> WriteSteward(store::Connection* db, const Steward& decision);

}  // namespace migrate::run
