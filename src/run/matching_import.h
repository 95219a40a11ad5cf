// An import of its own for persons that change behind the end of a run or rollback (ledger/versions.h, "matching").
#pragma once

#include <string>

#include "context.h"
#include "migrate/dedupe/persons.h"

namespace migrate::run {

// Which import persons change in: that of the run or rollback under way; behind its end, where what decides is not what
// decided last, a matching of its own, which may not be begun yet; else the last one, of which nothing can change.
struct PersonsImport {
  int64_t import_id = 0;
  bool matching = false;
};
Result<PersonsImport> ImportOfPersons(Context* c, const std::string& decided_by);

// Before the first person is written. May be done twice.
Status BeginMatching(Context* c, int64_t import_id);
// Once all are: the import ends, with its counts, its place in the chain and its audit event.
Status FinishMatching(Context* c, int64_t import_id);

// What decided about the persons as they stand; "" if an older version of this tool wrote them.
Status KeepDecidedBy(Context* c, const std::string& decided_by);

}  // namespace migrate::run
