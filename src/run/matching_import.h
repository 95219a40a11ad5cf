// An import of its own for persons that change behind the end of a run or rollback (ledger/versions.h, "matching").
#pragma once

#include <string>

#include "context.h"
#include "migrate/dedupe/persons.h"

namespace migrate::run {

// Which import persons change in: that of the run or rollback under way, if it is the last one; the last one too where
// it decided about them, and by the same; else a matching of its own, which may not be begun yet.
struct PersonsImport {
  int64_t import_id = 0;
  bool matching = false;
  bool behind = false;  // the run or rollback has ended before
};
Result<PersonsImport> ImportOfPersons(Context* c);

// Before the first person is written. May be done twice.
Status BeginMatching(Context* c, int64_t import_id);
// Once all are: the import ends, with its counts, its place in the chain and its audit event.
Status FinishMatching(Context* c, int64_t import_id, const dedupe::PersonCounts& persons);

// Where a run has nothing to do, and a steward's command that died left a matching half written: takes out of `stages`
// what comes before dedupe, so that the run ends it; and says so.
Result<bool> EndsMatching(Context* c, std::vector<plan::Stage>* stages);

// Before another import begins: a matching whose persons are all there, and that only lacks its end, gets it.
Status EndMatchingThatIsWritten(Context* c);

// The setting kDecidedBy, written with the last person: what decides beside the records, "DECISION PLAN HASH MODEL":
// the stewards' last word, the plan, the model in force ("-": it is learned anew).
inline constexpr const char* kDecidedBy = "persons_decided_by";
Result<std::string> DecidedByNow(Context* c);
// A line for the operator where persons would be decided by something else now than when they were, else "". What an
// older version of this tool decided is not known.
Result<std::string> SayPersonsAreBehind(Context* c);

}  // namespace migrate::run
