// Two records of a target that somebody asks about, found by what was typed, with the records of their persons.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "migrate/dedupe/explain.h"
#include "migrate/dedupe/model.h"
#include "migrate/plan/plan.h"
#include "migrate/store/connection.h"

namespace migrate::run {

struct AskedRecord {
  uint64_t record_id = 0, person_id = 0;  // person_id 0: the record has none yet
  std::vector<uint64_t> members;          // all records of the person, ascending; the record alone if it has none
};

struct AskedPair {
  AskedRecord a, b;
  dedupe::Model model;
  int64_t model_version = 0;     // 0: the plan's file
  std::vector<uint64_t> loaded;  // records that the explainer knows: both, and up to kMostLoaded members of each person
  std::unique_ptr<dedupe::Explainer> explainer;

  // The explainer's view of a person: those of its records that take part in pooling.
  static std::vector<uint64_t> Pooled(const AskedRecord& side);
};
inline constexpr size_t kMostLoaded = 300;

Result<AskedPair> FindAskedPair(const plan::Plan& plan, store::Connection* db, const std::string& a,
                                const std::string& b);

// A record without its payload; kFailed if it is not there.
Result<Record> ReadOneRecord(store::Connection* db, const std::vector<Attribute>& attributes, uint64_t record_id);

}  // namespace migrate::run
