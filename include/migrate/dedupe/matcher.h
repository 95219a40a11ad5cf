// Matcher: records in, persons out.
//
//   Matcher matcher(options);
//   for (...) MIGRATE_TRY(matcher.Add(record));
//   MIGRATE_ASSIGN(MatchResult result, matcher.Run());
//
// The result depends on the records, the options and the model alone: not on the order of Add, threads, or memory.
// docs/matching.md explains the method.
//
// Memory at a million records of nine fields: see docs/matching.md, "Cost".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/dedupe/blocking.h"
#include "migrate/dedupe/model.h"
#include "migrate/record/field.h"
#include "migrate/record/record.h"

namespace migrate::dedupe {

// The least memory for so many records, all that the process holds included: Run refuses less.
inline constexpr uint64_t kFloorPerRecord = 90, kFloorBase = uint64_t{512} << 20;
inline constexpr uint64_t DedupeFloor(uint64_t records) { return kFloorPerRecord * records + kFloorBase; }

// An error that says what is needed, if `memory_bytes` (0: no limit) is less.
Status CheckFloor(uint64_t records, uint64_t memory_bytes);

// A steward's decision about two records.
struct Decision {
  enum class Kind : uint8_t { kMustLink, kCannotLink };
  Kind kind = Kind::kMustLink;
  uint64_t a = 0, b = 0;  // record ids; one that is not among the records is passed over
};

struct MatchKeep;
struct ScoreParts;

struct MatchOptions {
  double match_probability = 0.95, review_probability = 0.60;
  std::vector<Attribute> attributes;  // of the plan; the first kMaxAttributes are compared
  unsigned threads = 1;
  uint64_t memory_bytes = 0;     // of the whole process; 0: no limit. Run refuses less than DedupeFloor,
  bool memory_asked = true;      // or, if nobody asked for that limit, takes the floor
  std::string scratch;           // a folder for what does not fit the memory; "": all must fit
  const Model* model = nullptr;  // null: train. Outlives Run
  std::vector<Decision> decisions;
  MatchKeep* keep = nullptr;          // match_state.h: filled for the next matching, if it is there
  const ScoreParts* parts = nullptr;  // scoring.h: pairs are scored in parts that other processes may have scored
  const Cancel* cancel = nullptr;
  // Called from the thread that called Run: "packing", "counting", "blocking", "training", "candidates",
  // "scoring", "clustering".
  std::function<void(std::string_view step, uint64_t done, uint64_t total)> progress;
};

// Two clusters that a steward should look at, by the two records that speak most for them.
struct ReviewPair {
  enum class Reason : uint8_t {
    kBand,       // the two records lie between review_probability and match_probability
    kRefused,    // the two records are above match_probability; their clusters' pooled evidence or a generation is not
    kOversized,  // cut off a cluster that was too large, as its weakest member
  };
  uint64_t a = 0, b = 0;  // record ids, a < b
  float probability = 0;  // of the two records
  float pooled = 0;       // of the two clusters, from all their records
  double gain = 0;        // entropy of `pooled` in bits, times the pairs of records that a decision settles
  Reason reason = Reason::kBand;
};
inline constexpr std::array<std::string_view, 3> kReviewReasons = {"band", "refused", "oversized"};
inline constexpr size_t kMaxReviewPairs = 100'000;

// A value that far more records have than others of its field: a shared telephone, a role address, a default date.
struct Hub {
  std::string field;  // email, phone, national_id, birth_date
  std::string value;  // as matching sees it: the loose e-mail, E.164, ISO date
  uint64_t records = 0;
};
// A hub has at least this many records, and this many times as many as the field's values have on average: out by an
// order of magnitude.
inline constexpr uint64_t kHubTimes = 10;
inline constexpr size_t kMaxHubs = 20;  // a field, the largest

struct StepSeconds {
  std::string step;
  double seconds = 0;      // by the clock
  double cpu_seconds = 0;  // of all threads of the process
};

struct MatchStats {
  uint64_t records = 0, clusters = 0, pairs_scored = 0, pairs_kept = 0;
  uint64_t review_pairs = 0;  // pairs of clusters, before the cap
  std::vector<KeyStats> keys;
  std::vector<CappedBlock> capped;
  std::vector<Hub> hubs;  // by field, the largest first
  std::vector<uint64_t>
      weight_histogram;  // pairs by floor(log2 odds), from kHistogramLow; the first bin has all that were not kept
  int em_iterations = 0;
  uint64_t refused_unions = 0, attracted = 0;
  uint64_t oversized = 0, cut_off = 0;  // clusters that were too large, records that were cut off them
  double alone = 1;                     // share of records that have no other one of their person, see clustering.h
  uint64_t memory_bytes = 0;            // of features, dictionaries, frequencies, blocks and edges
  std::vector<StepSeconds> seconds;
};
inline constexpr int kHistogramLow = -13, kHistogramHigh = 60;

struct MatchResult {
  std::vector<uint64_t> record_ids;  // ascending
  std::vector<uint32_t> cluster;     // per record: index (in record_ids) of the cluster's lowest record
  std::vector<float> confidence;     // per record: probability that it belongs to its cluster; 1 for single records
  std::vector<ReviewPair> review;    // greatest gain first
  Model model;
  MatchStats stats;
};

class Matcher {
 public:
  explicit Matcher(MatchOptions options);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  // Copies what it needs; with more than one thread, another one packs it meanwhile. Not thread-safe.
  Status Add(const Record& record);
  // Once. Fails on a record id given twice, on a cancel, on too little memory.
  Result<MatchResult> Run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace migrate::dedupe
