// From clusters to the tables person, person_record, person_identifier, person_alias and person_history: decided
// first, as a whole, then written in chunks.
//
//   MIGRATE_ASSIGN(bool decided, PersonsDecided(options));      // by an attempt that died while it wrote
//   if (!decided) MIGRATE_TRY(DecidePersons(options, clusters));
//   MIGRATE_ASSIGN(PersonCounts counts, ApplyPersons(options));
//
// Ids (design.md "Dedupe"): a cluster keeps the person_id that holds most of its records (ties: the oldest, which is
// the lowest); new ids come from the target's counter in the order of the clusters' lowest record_id; an id is never
// reused. An old id that no cluster keeps has an alias merged_into, one whose records went to several persons an alias
// split_from to each of the others, one that a rollback ended came_back_as to who gets its records when they come anew.
//
// Deciding reads the target and changes nothing in it. What is to change, and nothing else, goes to lists in
// scratch/persons, by partition and key (formats.md has the form); decision.json, written last, makes them the
// decision of this import. Applying makes one pass a table over its list, and each partition is written in chunks of
// about chunk_rows rows: one transaction with the rows, old images in person_history, digests, and the checkpoint
// "apply:TABLE" of the partition. So a run that died goes on behind the last checkpoint, and what it then leaves is
// what an undisturbed one leaves. The last transaction takes the checkpoints away and sets "dedupe".
//
// A decision holds as long as the target's persons are those it was made for: if another import began, or another
// decision was applied, it is made anew. That is right whatever was written before: the differences are taken to what
// is stored, new ids are set aside before the first row is written, and no image that this same import made becomes
// history.
//
// Memory: deciding, 8 bytes a record for its new person; while ids are given 24 more, and 32 a record that had a person
// before; 8 bytes a person that is changed or retired; the sort budget. Applying, a worker: 48 bytes a row of one chunk
// for its digests, a block (128 KiB) or two. On disk, until the end: about 22 bytes a link, 40 an identifier, 170 a
// person that changed, and as much again for an old image that goes to history; 200 a record at a first import.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/dedupe/golden.h"
#include "migrate/ledger/buckets.h"
#include "migrate/store/connection.h"

namespace migrate::dedupe {

struct PersonOptions {
  store::Connection* db = nullptr;
  // Connections for workers beside the caller's; needed if workers > 1 (SQLite has one writer).
  std::function<Result<std::unique_ptr<store::Connection>>()> connect;
  unsigned workers = 1;
  uint64_t chunk_rows = 1u << 18;  // of a transaction; at most two rows a change, and their digests
  int64_t import_id = 0;
  std::string identity;    // of what decides beside the records (the plan's hash): under another one, decide anew
  std::string decided_by;  // becomes the target's setting persons_decided_by with the last person
  std::vector<Attribute> attributes;
  SurvivorshipRules rules;
  ledger::Bucketing buckets;
  std::string scratch;              // folder of the import's work, for sort runs and the decision
  uint64_t sort_bytes = 128 << 20;  // budget of each of up to three sorts
  const Cancel* cancel = nullptr;
  // A step begins that has so many rows (0: not known), some of them written by an earlier attempt; then how many of
  // them are done, from any worker, ascending.
  std::function<void(std::string_view step, uint64_t rows, uint64_t before)> step;
  std::function<void(uint64_t rows)> progress;
};

struct PersonCounts {
  uint64_t total = 0;
  uint64_t created = 0;                // under a new id
  uint64_t changed = 0;                // golden values, members or confidence
  uint64_t merged = 0;                 // old ids that went into another person
  uint64_t split = 0;                  // new ids for records that belonged to an older person
  std::map<uint64_t, uint64_t> sizes;  // records in a person -> persons
};
// The value of the checkpoint "dedupe". Text that is none gives zeros.
std::string PersonCountsJson(const PersonCounts& counts);
PersonCounts PersonCountsFrom(const std::string& text);

// The partition of the records of a target: record_ids ascending, cluster[i] = index of the cluster's lowest record.
struct PersonClusters {
  const std::vector<uint64_t>& record_ids;
  const std::vector<uint32_t>& cluster;
  const std::vector<float>& confidence;
};

// Where only some records can have another person than before (match_increment.h): PersonClusters then holds these
// alone, with all records of their persons, old and new.
struct PersonScope {
  const std::vector<Record>& replaced;        // what they said before, where that has changed: e-mails and phones
  const std::map<uint64_t, uint64_t>& sizes;  // of all persons: PersonCounts::sizes
};

// Is there a decision of this import that holds?
Result<bool> PersonsDecided(const PersonOptions& options);

// With a scope the decision is the same, as long as all is as the decision before has left it, and only what is in the
// scope is read.
Status DecidePersons(const PersonOptions& options, const PersonClusters& clusters, const PersonScope* scope = nullptr);

// The import whose decision about persons was applied in part, 0: none.
Result<int64_t> HalfApplied(store::Connection* db);

// The target's setting persons_stamp as it will be once a decision that is made now has been applied.
Result<std::string> StampOnceApplied(const PersonOptions& options);

// Writes what was decided, as far as it is not written yet, then takes the decision away. kCancelled between chunks if
// cancel was requested; an error that may_pass if the server was: call again, on new connections, and it resumes.
Result<PersonCounts> ApplyPersons(const PersonOptions& options);

// Takes a decision away that is not to be applied (again).
Status ForgetPersons(const std::string& scratch);

}  // namespace migrate::dedupe
