#include "migrate/dedupe/matcher.h"

#include <fmt/format.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <new>
#include <optional>

#include "migrate/base/plural.h"
#include "migrate/dedupe/background.h"
#include "migrate/dedupe/clustering.h"
#include "migrate/dedupe/compare.h"
#include "migrate/dedupe/edge_list.h"
#include "migrate/dedupe/hubs.h"
#include "migrate/dedupe/match_state.h"
#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/parallel.h"
#include "migrate/dedupe/review_pairs.h"
#include "migrate/dedupe/scoring.h"
#include "migrate/dedupe/training.h"
#include "packer.h"

namespace migrate::dedupe {

Status CheckFloor(uint64_t records, uint64_t memory_bytes) {
  const uint64_t floor = DedupeFloor(records);
  if (memory_bytes == 0 || memory_bytes >= floor) return Status();
  return Status::Failed(fmt::format("dedupe: {} {} {} MiB ({} bytes each and {} MiB), --memory allows {} MiB",
                                    Counted(records, "record"), Plural(records, "needs", "need"), (floor >> 20) + 1,
                                    kFloorPerRecord, kFloorBase >> 20, memory_bytes >> 20),
                        fmt::format("give it more memory: --memory {}MiB", (floor >> 20) + 1));
}

class Matcher::Impl {
 public:
  explicit Impl(MatchOptions options) : options_(std::move(options)), table_(options_.attributes.size()) {}

  Status Add(const Record& record) {
    if (packer_ == nullptr) packer_ = std::make_unique<Packer>(&table_, options_.threads > 1);
    return packer_->Add(record);
  }

  Result<MatchResult> Run() {
    try {
      return RunAll();
    } catch (const ScratchFailure& failure) {
      return failure.status();
    } catch (const std::bad_alloc&) {
      return Status::Failed(fmt::format("dedupe: memory is not enough for {}", Counted(table_.size(), "record")),
                            fmt::format("{} MiB are", DedupeFloor(table_.size()) >> 20));
    }
  }

 private:
  Result<MatchResult> RunAll() {
    MatchResult result;
    Step("packing", &result.stats);
    if (packer_ != nullptr) MIGRATE_TRY(packer_->Finish());
    packer_.reset();
    if (!table_.Finish()) return Status::Failed("dedupe: a record id was given twice");
    result.stats.records = table_.size();
    if (options_.memory_bytes != 0 && !options_.memory_asked)
      options_.memory_bytes = std::max(options_.memory_bytes, DedupeFloor(table_.size()));
    MIGRATE_TRY(CheckFloor(table_.size(), options_.memory_bytes));
    TakeDecisions();
    if (options_.model != nullptr) MIGRATE_TRY(CheckModel(*options_.model, options_.attributes));
    MIGRATE_TRY(TakeLearned());
    Step("counting", &result.stats);
    counts_ = KnownModel() != nullptr ? CountContacts(table_, CountOptionsNow(Left() / 2))
                                      : CountValues(table_, CountOptionsNow(Left() / 2));
    AllHubCounts hubs = CountHubs(table_, counts_);
    result.stats.hubs = FindHubs(hubs);
    if (options_.keep != nullptr) options_.keep->hubs = std::move(hubs);
    if (KnownModel() != nullptr) {
      counts_ = ValueCounts{};
      frequencies_ = UseFrequencies(table_, KnownModel()->frequencies, nicknames_);
    } else {
      frequencies_ = MakeFrequencies(table_, counts_, Duplication{}, nicknames_);
    }
    Step("blocking", &result.stats);
    MIGRATE_TRY(Block());
    Step("training", &result.stats);
    MIGRATE_TRY(Train(&result));
    PutIdsAside();
    const Scorer scorer(result.model.weights);
    const Comparator comparator(table_, frequencies_);
    Scores scores;
    scores.edges = EdgeList(RoomForEdges());
    if (options_.parts != nullptr)
      ScoreByParts(comparator, scorer, result.model, &scores, &result.stats);
    else
      ScoreAll(comparator, scorer, &scores, &result.stats);
    if (Cancelled()) return Status::Cancelled();
    if (options_.parts != nullptr && options_.parts->only) return MatchResult{};
    for (size_t i = 0; i < plan_.keys.size(); ++i) plan_.keys[i].new_pairs = scores.new_pairs[i];
    result.stats.keys = std::move(plan_.keys);
    result.stats.capped = LargestCapped(result.stats.keys);
    if (options_.model == nullptr) Step("counting", &result.stats);
    if (options_.model == nullptr) CountPersons(comparator, scorer, &scores.edges, &result.model);
    if (options_.keep != nullptr && options_.keep->features) {
      Step("keeping", &result.stats);
      options_.keep->features(table_, frequencies_, result.model);
    }
    result.stats.pairs_scored = scores.pairs;
    result.stats.pairs_kept = scores.edges.size();
    result.stats.weight_histogram = WeightHistogram(scores.edges, scores.pairs);
    result.stats.memory_bytes = table_.MemoryBytes() + frequencies_.MemoryBytes() + scores.edges.MemoryBytes();
    Step("clustering", &result.stats);
    Cluster(comparator, scorer, std::move(scores.edges), &result);
    Step("", &result.stats);
    if (Cancelled()) return Status::Cancelled();
    result.record_ids = table_.TakeRecordIds();
    return result;
  }

  // What another process has learned from the same records, if it is there.
  Status TakeLearned() {
    if (options_.model != nullptr || options_.parts == nullptr || !options_.parts->read_learned) return {};
    Learned learned;
    if (!options_.parts->read_learned(&learned)) return {};
    MIGRATE_TRY(CheckModel(learned.model, options_.attributes));
    learned_ = std::move(learned);
    return {};
  }

  const Model* KnownModel() const { return learned_ ? &learned_->model : options_.model; }

  Status LeaveLearned(const MatchResult& result) const {
    if (options_.parts == nullptr || !options_.parts->write_learned) return {};
    return options_.parts->write_learned({result.model, plan_.keys, plan_.all_pairs, result.stats.em_iterations});
  }

  bool Cancelled() const { return options_.cancel != nullptr && options_.cancel->requested(); }

  void Progress(std::string_view step, uint64_t done, uint64_t total) const {
    if (options_.progress) options_.progress(step, done, total);
  }

  // Ends the step before and begins `step`.
  void Step(std::string_view step, MatchStats* stats) {
    const auto now = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    if (step_ < stats->seconds.size()) {
      stats->seconds[step_].seconds += std::chrono::duration<double>(now - step_began_).count();
      stats->seconds[step_].cpu_seconds += static_cast<double>(cpu - cpu_began_) / CLOCKS_PER_SEC;
    }
    step_began_ = now;
    cpu_began_ = cpu;
    if (step.empty()) return;
    const auto same = [&](const StepSeconds& s) { return s.step == step; };
    const auto known = std::find_if(stats->seconds.begin(), stats->seconds.end(), same);
    step_ = static_cast<size_t>(known - stats->seconds.begin());
    if (known == stats->seconds.end()) stats->seconds.push_back({std::string(step), 0, 0});
    // The table is the packer's until it has finished.
    Progress(step, 0, packer_ != nullptr ? 0 : table_.size());
  }

  // Blocking may take so much while keys are sorted.
  BlockingOptions BlockingOptionsNow(uint64_t memory_bytes) const {
    BlockingOptions blocking;
    blocking.memory_bytes = memory_bytes;
    blocking.scratch = options_.scratch;
    // About what the blocks of all keys take.
    constexpr uint64_t kBlocksPerRecord = 250;
    blocking.keep_blocks = true;
    blocking.spill_blocks = Limited() && memory_bytes <= kBlocksPerRecord * table_.size();
    blocking.threads = options_.threads;
    blocking.cancel = options_.cancel;
    if (options_.model != nullptr) blocking.caps = options_.model->caps;
    return blocking;
  }

  CountOptions CountOptionsNow(uint64_t memory_bytes) const {
    return {options_.threads, memory_bytes, options_.scratch};
  }

  Status Block() {
    if (learned_) {
      plan_ = {};
      plan_.keys = learned_->keys;
      plan_.all_pairs = learned_->all_pairs;
      plan_.counted = true;
      return Status();
    }
    plan_ = PlanBlocking(table_, frequencies_, BlockingOptionsNow(Left() / 2));
    if (Cancelled()) return Status::Cancelled();
    return Status();
  }

  bool Limited() const { return options_.memory_bytes != 0 && !options_.scratch.empty(); }

  // What the process may take beside the table and what is known of its values; without a limit 0.
  uint64_t Left() const {
    if (!Limited()) return 0;
    constexpr uint64_t kElsewhere = uint64_t{192} << 20, kLeast = uint64_t{64} << 20;
    const uint64_t used = table_.MemoryBytes() + frequencies_.MemoryBytes() + CountsBytes() + kElsewhere;
    return options_.memory_bytes > used + kLeast ? options_.memory_bytes - used : kLeast;
  }

  uint64_t CountsBytes() const {
    uint64_t sum = 0;
    for (const auto* field :
         {&counts_.email, &counts_.email_local, &counts_.phone, &counts_.national_id, &counts_.address})
      sum += field->repeated->capacity() * sizeof(HashedCounts::value_type);
    return sum;
  }

  // A quarter of what clusters leave: for the pairs, for those that are clustered to count persons, for what was
  // weighed, for what comes and goes.
  EdgeList::Room RoomForEdges() const {
    if (!Limited()) return {};
    constexpr uint64_t kClusterBytes = 14, kLeast = uint64_t{12} << 20;
    const uint64_t left = Left(), clusters = kClusterBytes * table_.size();
    return {options_.scratch, left > clusters + 4 * kLeast ? (left - clusters) / 4 : kLeast};
  }

  ScoreOptions ScoreOptionsNow() {
    ScoreOptions score;
    score.threads = options_.threads;
    score.cancel = options_.cancel;
    if (options_.model == nullptr) score.least -= kWeighAgainMargin;  // CountPersons
    score.progress = [this](uint64_t done, uint64_t total) { Progress("scoring", done, total); };
    return score;
  }

  Candidates Find(RowSlice slice) {
    const uint64_t spare = Limited() ? std::max(Left() - RoomForEdges().memory_bytes, Left() / 2) : 0;
    // Where they were not counted, as many as there may well be.
    const uint64_t pairs = plan_.counted ? plan_.PairsWithRepeats() : uint64_t{64} * table_.size();
    BlockingOptions blocking = BlockingOptionsNow(spare / 2);
    blocking.spill_pairs = Limited() && pairs * 9 > spare / 2;
    return FindCandidates(table_, frequencies_, plan_, std::move(slice), blocking);
  }

  void ScoreAll(const Comparator& comparator, const Scorer& scorer, Scores* scores, MatchStats* stats) {
    Step("candidates", stats);
    Candidates found = Find(RowSlice::Range(0, table_.size()));
    found.CountInto(&plan_);
    plan_.kept.clear();
    Step("scoring", stats);
    ScorePairs(&found, comparator, scorer, ScoreOptionsNow(), scores);
    scores->new_pairs.resize(plan_.keys.size());
  }

  RowSlice RowsOf(const std::vector<uint32_t>& numbers, uint32_t rows) const {
    std::vector<uint32_t> all;
    for (const uint32_t part : numbers)
      for (uint64_t row = uint64_t{part} * rows; row < std::min<uint64_t>(table_.size(), (uint64_t{part} + 1) * rows);
           ++row)
        all.push_back(static_cast<uint32_t>(row));
    return all.size() == table_.size() ? RowSlice::Range(0, table_.size())
                                       : RowSlice::Behind(std::move(all), table_.size());
  }

  // What ScoreAll does, by parts that are there, with those scored first that are not.
  void ScoreByParts(const Comparator& comparator, const Scorer& scorer, const Model& model, Scores* scores,
                    MatchStats* stats) {
    const ScoreParts& parts = *options_.parts;
    const uint32_t count = (table_.size() + parts.rows - 1) / parts.rows;
    const ScoreOptions score = ScoreOptionsNow();
    parts.begin(model, score.least);
    Step("candidates", stats);
    std::vector<uint32_t> missing;
    ScoredPart part;
    for (uint32_t p = 0; p < count; ++p)
      if ((!parts.only || parts.mine(p)) && !parts.read(p, &part)) missing.push_back(p);
    if (!missing.empty()) {
      Candidates found = Find(RowsOf(missing, parts.rows));
      plan_.kept.clear();
      if (Cancelled()) return;
      Step("scoring", stats);
      ScoreInParts(&found, missing, comparator, scorer, score, parts);
    }
    if (parts.only || Cancelled()) return;
    CountBlocks(table_, frequencies_, BlockingOptionsNow(Left() / 2), &plan_);
    plan_.kept.clear();
    Step("scoring", stats);
    scores->new_pairs.resize(plan_.keys.size());
    for (uint32_t p = 0; p < count; ++p) {
      if (!parts.read(p, &part))
        throw ScratchFailure(Status::Failed(fmt::format("dedupe: the scored pairs of part {} are gone", p),
                                            "run the same command again, which scores them anew"));
      scores->edges.Append(part.edges.data(), part.edges.size());
      scores->pairs += part.pairs;
      for (size_t i = 0; i < std::min(part.new_pairs.size(), scores->new_pairs.size()); ++i)
        scores->new_pairs[i] += part.new_pairs[i];
    }
  }

  // Where memory is short the ids lie on the disk until somebody asks for them.
  void PutIdsAside() {
    constexpr uint64_t kAmple = 64;  // bytes a record beyond the floor
    if (!Limited() || options_.memory_bytes > DedupeFloor(table_.size()) + kAmple * table_.size()) return;
    ids_ = ScratchFile(options_.scratch);
    const std::vector<uint64_t> ids = table_.TakeRecordIds();
    WriteScratch(&ids_, {reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(uint64_t)});
  }

  void BringIdsBack() {
    if (table_.record_ids().size() == table_.size()) return;
    std::vector<uint64_t> ids(table_.size());
    ReadScratch(ids_, 0, reinterpret_cast<char*>(ids.data()), ids.size() * sizeof(uint64_t));
    table_.GiveRecordIds(std::move(ids));
    ids_ = File();
  }

  Status Train(MatchResult* result) {
    if (options_.model != nullptr) {
      result->model = *options_.model;
      return Status();
    }
    if (learned_) {
      result->model = std::move(learned_->model);
      result->stats.em_iterations = learned_->em_iterations;
      return Status();
    }
    TrainingResult trained =
        TrainModel(table_, counts_, plan_, nicknames_,
                   {options_.threads, Left() / 2, options_.scratch, options_.cancel}, &frequencies_);
    if (Cancelled()) return Status::Cancelled();
    Model& model = result->model;
    DropFruitless(trained.yields);
    for (const KeyStats& key : plan_.keys) model.caps.push_back(key.cap);
    model.weights = trained.weights;
    model.records = table_.size();
    model.duplicates_per_record = trained.duplication.duplicates_per_record;
    model.exact = trained.duplication.exact;
    for (size_t i = 0; i < table_.attribute_count(); ++i) model.attributes.push_back(options_.attributes[i].name);
    model.match_probability = options_.match_probability;
    model.review_probability = options_.review_probability;
    model.alone = 0;
    // What the model leaves out this run leaves out too: the next one, with the model, must weigh as this one did.
    (void)MakeFrequencies(table_, counts_, trained.duplication, nicknames_, &model.frequencies);
    counts_ = ValueCounts{};
    frequencies_ = UseFrequencies(table_, model.frequencies, nicknames_);
    result->stats.em_iterations = trained.iterations;
    return LeaveLearned(*result);
  }

  // Frequencies anew once it is known roughly which records are one person's: pairs above the threshold are clustered,
  // values are counted by person, and the pairs that were kept are weighed by that. What a pair that was not kept could
  // gain by it does not bring it near a decision. Neither of the two persons that a pair is about counts as a stranger
  // who has the value: d is two persons' records, less the one that the formula leaves out.
  void CountPersons(const Comparator& comparator, const Scorer& scorer, EdgeList* edges, Model* model) {
    ClusterInput input;
    input.records = table_.size();
    input.match_log_odds = ProbabilityToLogOdds(options_.match_probability);
    input.generation = [this](uint32_t row) { return table_.generation(row); };
    input.combine = [&scorer](double m, double h) { return scorer.Combine(m, h); };
    input.evidence = [&](uint32_t a, uint32_t b) { return EvidenceOf(comparator, scorer, a, b); };
    input.cancel = options_.cancel;
    input.threads = options_.threads;
    input.confidences = input.for_increments = false;
    input.edges = EdgeList(RoomForEdges());
    input.memory_bytes = RoomForEdges().memory_bytes;
    const auto strong = [&](const Edge& e) { return static_cast<double>(e.log_odds) >= input.match_log_odds; };
    uint64_t count = 0;
    edges->Each([&](const Edge& e) { count += strong(e) ? 1 : 0; });
    input.edges.Reserve(count);
    edges->Each([&](const Edge& e) {
      if (strong(e)) input.edges.push_back(e);
    });
    std::vector<uint32_t> cluster = BuildClusters(&input).cluster;
    input.edges = EdgeList();
    double per_person = 1;
    const RowWeights weights = WeightsByPerson(cluster, &per_person);
    cluster = std::vector<uint32_t>();
    Duplication by_person;
    by_person.duplicates_per_record = 2 * per_person - 1;
    by_person.exact.fill(1);
    const ValueCounts counts = CountValues(table_, CountOptionsNow(Left() / 4), &weights);
    (void)MakeFrequencies(table_, counts, by_person, nicknames_, &model->frequencies);
    frequencies_ = UseFrequencies(table_, model->frequencies, nicknames_);
    WeighAgain(comparator, scorer, options_.threads, options_.cancel, edges);
  }

  // Where there are many candidates, blocks go of which less than one pair in 1,000 that no key before has proposed is
  // expected to be a match. A record is as likely to meet another one of its person in a large block of a key as in a
  // small one, while the strangers that it meets grow with the block: so the yield of a block of s records is that of
  // the key as a whole times 2 / (s - 1) times the key's pairs a record.
  void DropFruitless(const std::vector<double>& yields) {
    constexpr uint64_t kAffordable = 3'000'000, kAffordablePerRecord = 8;  // seconds of work
    constexpr double kLeastYield = 1.0 / 1000;
    // What is compared whole is compared whatever a key yields.
    if (plan_.all_pairs || plan_.PairsWithRepeats() < std::max(kAffordable, kAffordablePerRecord * table_.size()))
      return;
    for (size_t i = 0; i < yields.size(); ++i) {
      if (plan_.keys[i].pairs <= table_.size() / 10) continue;
      const std::vector<uint64_t>& blocks = plan_.blocks_of_size[i];
      double records = 0;
      for (size_t size = 2; size < blocks.size(); ++size) records += static_cast<double>(size * blocks[size]);
      if (records == 0) {  // a strong key
        if (yields[i] < kLeastYield / 2) plan_.Drop(i);
        continue;
      }
      const double cap = 1 + 2 * static_cast<double>(plan_.keys[i].pairs) / records * yields[i] / kLeastYield;
      if (cap < 2)
        plan_.Drop(i);
      else if (cap < plan_.keys[i].cap)
        plan_.LowerCap(i, static_cast<uint32_t>(cap));
    }
  }

  void Cluster(const Comparator& comparator, const Scorer& scorer, EdgeList edges, MatchResult* result) {
    ClusterInput input;
    input.records = table_.size();
    input.match_log_odds = ProbabilityToLogOdds(options_.match_probability);
    input.generation = [this](uint32_t row) { return table_.generation(row); };
    input.combine = [&scorer](double m, double h) { return scorer.Combine(m, h); };
    input.evidence = [&](uint32_t a, uint32_t b) { return EvidenceOf(comparator, scorer, a, b); };
    input.background = [&](uint32_t row) {
      Comparison itself;
      comparator.Compare(row, row, &itself);
      return Background(itself, result->model);
    };
    input.cancel = options_.cancel;
    input.threads = options_.threads;
    input.must = must_;
    input.cannot = cannot_;
    input.alone = result->model.alone;
    input.for_increments = options_.keep != nullptr;
    input.memory_bytes = 2 * RoomForEdges().memory_bytes;  // no other pairs are clustered beside them now
    input.edges = std::move(edges);
    input.prefetch = [&comparator](uint32_t row) { comparator.Prefetch(row); };
    Clusters clusters = BuildClusters(&input);
    result->stats.refused_unions = clusters.refused_unions;
    result->stats.attracted = clusters.moved.size();
    result->stats.oversized = clusters.oversized;
    result->stats.cut_off = clusters.cut.size();
    result->stats.alone = result->model.alone = clusters.alone;
    result->cluster = std::move(clusters.cluster);
    result->confidence = std::move(clusters.confidence);
    for (uint32_t row = 0; row < table_.size(); ++row) result->stats.clusters += result->cluster[row] == row ? 1 : 0;
    BringIdsBack();
    Review(input, clusters.cut, result);
    if (options_.keep == nullptr) return;
    options_.keep->edges = input.edges.Take();
    options_.keep->clusters = std::move(clusters);
  }

  void Review(const ClusterInput& input, const std::vector<Edge>& cut, MatchResult* result) const {
    const ReviewInput review{table_.record_ids(),
                             result->cluster,
                             input.edges,
                             cut,
                             input.cannot,
                             input.match_log_odds,
                             ProbabilityToLogOdds(options_.review_probability)};
    const Questions questions = FindQuestions(review);
    result->stats.review_pairs = questions.all;
    result->review = WeighQuestions(
        review, questions, [&](const Edge&, const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
          return static_cast<float>(
              LogOddsToProbability(PooledLogOdds(PooledMembers(a), PooledMembers(b), input.evidence, input.combine)));
        });
  }

  void TakeDecisions() {
    for (const Decision& d : options_.decisions) {
      const auto a = RowOf(d.a), b = RowOf(d.b);
      if (a == kNoRow || b == kNoRow || a == b) continue;
      (d.kind == Decision::Kind::kMustLink ? must_ : cannot_).emplace_back(a, b);
    }
  }

  static constexpr uint32_t kNoRow = ~0u;
  uint32_t RowOf(uint64_t record_id) const {
    const auto& ids = table_.record_ids();
    const auto it = std::lower_bound(ids.begin(), ids.end(), record_id);
    return it == ids.end() || *it != record_id ? kNoRow : static_cast<uint32_t>(it - ids.begin());
  }

  MatchOptions options_;
  Nicknames nicknames_;
  Table table_;
  std::unique_ptr<Packer> packer_;
  ValueCounts counts_;
  Frequencies frequencies_;
  BlockingPlan plan_;
  std::optional<Learned> learned_;  // by another process; without its model once that has been taken
  std::vector<std::pair<uint32_t, uint32_t>> must_, cannot_;  // rows of decisions
  File ids_;
  std::chrono::steady_clock::time_point step_began_;
  std::clock_t cpu_began_ = 0;
  size_t step_ = 0;  // in MatchStats::seconds
};

namespace {

// glibc keeps what is freed for the next who asks, and what counts as too large to be kept grows to 32 MiB as such
// blocks are freed: the large lists of one step would then lie about while the next makes its own. 1 MiB, once and for
// all.
void GiveBackLargeBlocks() {
#ifdef __GLIBC__
  static const int done = mallopt(M_MMAP_THRESHOLD, 1 << 20);
  (void)done;
#endif
}

}  // namespace

Matcher::Matcher(MatchOptions options) : impl_(std::make_unique<Impl>(std::move(options))) { GiveBackLargeBlocks(); }
Matcher::~Matcher() = default;
Status Matcher::Add(const Record& record) { return impl_->Add(record); }
Result<MatchResult> Matcher::Run() { return impl_->Run(); }

}  // namespace migrate::dedupe
