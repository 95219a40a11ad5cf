// From clusters to the tables person, person_record, person_identifier, person_alias and person_history.
//
// Ids (DESIGN.md "Ids"): a cluster keeps the person_id that holds most of its records (ties: the oldest, which is the
// lowest); new ids come from the target's counter in the order of the clusters' lowest record_id; an id is never
// reused. An old id that no cluster keeps is answered by an alias merged_into; one whose records went to several
// persons has an alias split_from to each of the others.
//
// Only what changed is written; old images go to person_history. Everything happens in the caller's transaction.
// Memory: 40 bytes a record, and the sort budget.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/dedupe/golden.h"
#include "migrate/ledger/buckets.h"
#include "migrate/store/connection.h"

namespace migrate::dedupe {

struct PersonOptions {
  store::Connection* db = nullptr;
  int64_t import_id = 0;
  std::vector<Attribute> attributes;
  SurvivorshipRules rules;
  ledger::Bucketing buckets;
  std::string scratch;              // folder for sort runs
  uint64_t sort_bytes = 128 << 20;  // budget of each of up to three sorts
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t records)> progress;
};

struct PersonCounts {
  uint64_t total = 0;
  uint64_t created = 0;                // under a new id
  uint64_t changed = 0;                // golden values, members or confidence
  uint64_t merged = 0;                 // old ids that went into another person
  uint64_t split = 0;                  // new ids for records that belonged to an older person
  std::map<uint64_t, uint64_t> sizes;  // records in a person -> persons
};

// The partition of the records of a target: record_ids ascending, cluster[i] = index of the cluster's lowest record.
struct Clusters {
  const std::vector<uint64_t>& record_ids;
  const std::vector<uint32_t>& cluster;
  const std::vector<float>& confidence;
};

Result<PersonCounts> WritePersons(const PersonOptions& options, const Clusters& clusters);

}  // namespace migrate::dedupe
