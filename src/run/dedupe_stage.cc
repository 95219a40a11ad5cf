// The stage dedupe: matches what is new, or everything, and writes the persons.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "context.h"
#include "decisions.h"
#include "match_again.h"
#include "matching.h"
#include "matching_import.h"
#include "migrate/base/file.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/fixes.h"
#include "migrate/ledger/schema.h"
#include "migrate/ledger/versions.h"
#include "migrate/run/estimate.h"
#include "pair_parts.h"
#include "retention.h"
#include "shards.h"

namespace migrate::run {
namespace {

MatchingOptions MatchingOf(const Context& c) {
  MatchingOptions m;
  m.plan = &c.plan;
  m.db = c.db.get();
  m.threads = c.threads;
  m.memory_bytes = c.options.memory_bytes;
  m.scratch = c.folder;
  m.cancel = c.options.cancel;
  m.records = [meter = c.meter](uint64_t n) { meter->Set(n); };
  m.step = [meter = c.meter](std::string_view step) { meter->Detail(std::string(step)); };
  return m;
}

// Only what is new is matched, if that is possible. A failure to keep the state for the next time fails nothing.
Result<bool> DecideIncrement(Context* c, const MatchingOptions& matching, const dedupe::Model& model,
                             dedupe::PersonOptions* options) {
  MIGRATE_ASSIGN(auto again, MatchWhatIsNew(*c, matching, model, *options));
  if (!again) return false;
  dedupe::MatchIncrement& found = again->increment;
  MIGRATE_ASSIGN(again->state->facts, MatchFacts(*c, matching, *options));
  dedupe::MatchResult match;
  match.review = std::move(found.review);
  match.stats = std::move(found.stats);
  {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
    MIGRATE_TRY(KeepMatching(matching, match, false));
    MIGRATE_TRY(transaction.Commit());
  }
  c->meter->Detail("golden records");
  const dedupe::PersonScope scope{found.replaced, found.sizes};
  MIGRATE_TRY(dedupe::DecidePersons(*options, {found.record_ids, found.cluster, found.confidence}, &scope));
  if (const Status kept = again->state->Save(MatchFolder(*c)); !kept.ok())
    c->meter->printer()->Warning("what was matched is not kept, the next import matches all records: " +
                                 kept.message());
  c->match = std::move(match.stats);
  return true;
}

// What the state takes while it is made, beside the matching itself: 24 bytes a record in a vector that grows, and its
// text.
bool StateFits(uint64_t records, uint64_t memory_bytes) {
  constexpr uint64_t kStateBytes = 96;
  return memory_bytes == 0 || memory_bytes >= dedupe::DedupeFloor(records) + kStateBytes * records;
}

// Have shards been at this work, which left scored pairs?
bool MayHavePairs(const Context& c) {
  return !c.options.limit && !c.options.dry_run && c.own_import && !c.replay() && PathExists(c.Work("pairs"));
}

Status DecideAll(Context* c, MatchingOptions* matching, std::optional<dedupe::Model> model,
                 dedupe::PersonOptions* options) {
  MIGRATE_TRY(MakeFolders(matching->scratch));
  std::optional<dedupe::MatchStateWriter> keep;
  MIGRATE_ASSIGN(const uint64_t records, ledger::CountedRecords(matching->db));
  if (!c->plan.retention.match) MIGRATE_TRY(RemoveTree(MatchFolder(*c)));
  if (c->plan.retention.match && !c->options.limit && !c->options.dry_run && StateFits(records, matching->memory_bytes))
    keep.emplace(MatchFolder(*c), matching->threads);
  std::optional<PairFiles> pairs;
  if (MayHavePairs(*c)) {
    MIGRATE_ASSIGN(const PairWork work, PairsToScore(*c, *matching));
    if (work.parts != 0) pairs.emplace(*c, work, std::nullopt);
    matching->pairs = pairs ? &*pairs : nullptr;
  }
  MIGRATE_ASSIGN(dedupe::MatchResult match, Match(*matching, model, keep ? &*keep : nullptr));
  // Records were read by other sessions: this one may have been idle for too long for somebody between.
  if (Status alive = c->db->Execute("SELECT 1"); !alive.ok() && alive.may_pass()) {
    c->db.reset();
    MIGRATE_TRY(OpenTarget(c, false));
    matching->db = options->db = c->db.get();
  }
  {
    // Before the decision is complete: from then on nobody matches again. A trial on a few rows must not decide for
    // those that come, so it leaves no model.
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
    MIGRATE_TRY(KeepMatching(*matching, match, !model && !c->options.limit && c->keeps_model));
    MIGRATE_TRY(transaction.Commit());
  }
  if (keep) {
    MIGRATE_ASSIGN(auto facts, MatchFacts(*c, *matching, *options));
    MIGRATE_ASSIGN(const auto used, OptionsOf(*matching, nullptr));
    if (const Status kept = keep->Finish(match, used.decisions, std::move(facts)); !kept.ok()) {
      c->meter->printer()->Warning("what was matched is not kept, the next import matches all records: " +
                                   kept.message());
      keep.reset();
      (void)RemoveTree(MatchFolder(*c));  // the disk may be full, and the persons need it
    }
  }
  c->meter->Detail("golden records");
  MIGRATE_TRY(dedupe::DecidePersons(*options, {match.record_ids, match.cluster, match.confidence}));
  c->match = std::move(match.stats);
  c->model = std::move(match.model);
  return {};
}

// A first import of a few rows, as a trial, leaves a model that knows little; it stays in force, for ids and clusters
// are to be stable, but that is said. From 100,000 records on more of them change little.
Status SayModelOfFew(const Context& c, const dedupe::Model& model) {
  MIGRATE_ASSIGN(const uint64_t records, ledger::CountedRecords(c.db.get()));
  if (model.records >= 100000 || records / 10 < std::max<uint64_t>(model.records, 100)) return {};
  c.meter->printer()->Warning(fmt::format(
      "the model in force was learned from {}, and {} are there now: `migrate model train {}` learns it anew",
      Counted(model.records, "record"), records, c.plan.file));
  return {};
}

// Finds the persons and leaves what is to change as a decision in work/.
Status DecidePersons(Context* c, dedupe::PersonOptions* options) {
  MatchingOptions matching = MatchingOf(*c);
  MIGRATE_ASSIGN(auto model, ModelInForce(matching));
  if (model && c->plan.dedupe.model.empty()) MIGRATE_TRY(SayModelOfFew(*c, *model));
  bool decided = false;
  if (model && !c->options.limit && c->plan.retention.match) {
    MIGRATE_ASSIGN(decided, DecideIncrement(c, matching, *model, options));
    if (decided) c->model = *std::move(model);
  }
  if (!decided) MIGRATE_TRY(DecideAll(c, &matching, std::move(model), options));
  c->matched = true;
  return {};
}

}  // namespace

Result<dedupe::SurvivorshipRules> Rules(const Context& c) {
  dedupe::SurvivorshipRules rules;
  // The two enums list the same strategies in the same order.
  rules.fallback = static_cast<dedupe::Strategy>(c.plan.dedupe.default_strategy);
  for (const auto& [name, s] : c.plan.dedupe.strategies) rules.by_field[name] = static_cast<dedupe::Strategy>(s);
  for (size_t i = 0; i < c.source_ids.size(); ++i)
    rules.source_priority[static_cast<uint32_t>(c.source_ids[i])] = static_cast<int>(i);
  MIGRATE_TRY(LoadPins(c.db.get(), &rules));
  return rules;
}

namespace {

Status WritePersons(Context* c, const PersonsImport& in, dedupe::PersonOptions* options) {
  if (in.matching) {  // one that died behind its last person
    MIGRATE_ASSIGN(auto done, ledger::Checkpoint(c->db.get(), in.import_id, "dedupe", 0));
    if (done) {
      c->persons = dedupe::PersonCountsFrom(*done);
      return FinishMatching(c, in.import_id, c->persons);
    }
  }
  MIGRATE_ASSIGN(bool decided, dedupe::PersonsDecided(*options));
  if (!decided) MIGRATE_TRY(DecidePersons(c, options));
  if (in.matching) MIGRATE_TRY(BeginMatching(c, in.import_id));
  MIGRATE_ASSIGN(options->decided_by, DecidedByNow(c));  // the model may have been learned just now
  MIGRATE_ASSIGN(c->persons, dedupe::ApplyPersons(*options));
  return in.matching ? FinishMatching(c, in.import_id, c->persons) : Status();
}

}  // namespace

Status CheckDedupeMemory(const Context& c) {
  if (c.options.memory_bytes == 0) return {};
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  uint64_t before = 0;
  if (db) {
    MIGRATE_ASSIGN(const auto import, ImportOfWork(c, db.get()));
    if (import) {
      MIGRATE_ASSIGN(auto loaded, ledger::Checkpoint(db.get(), import->import_id, "duplicates", 0));
      if (loaded) return {};  // it is too late
    }
    MIGRATE_ASSIGN(before, ledger::CountedRecords(db.get()));
    if (before != 0 && c.plan.retention.match && PathExists(MatchFolder(c))) return {};  // what is new may be enough
  }
  // A key that comes in several files is one record.
  std::map<uint32_t, uint64_t> of_file, of_source;
  for (const auto& line : c.manifest->Lines("raw")) of_file[line.file] += line.Number("rows");
  for (const auto& [file, rows] : of_file) {
    uint64_t& most = of_source[static_cast<uint32_t>(c.inputs[file].source)];
    most = std::max(most, rows);
  }
  uint64_t records = 0;
  for (const auto& [source, rows] : of_source) records += rows;
  return dedupe::CheckFloor(std::max(records, before), c.options.memory_bytes);
}

Status DedupeStage(Context* c) {
  MIGRATE_ASSIGN(auto done, ledger::Checkpoint(c->db.get(), c->import_id, "dedupe", 0));
  MIGRATE_ASSIGN(const int64_t open_matching, ledger::OpenMatching(c->db.get(), c->plan.name));
  if (done && open_matching == 0) {
    c->persons = dedupe::PersonCountsFrom(*done);
    return MakeIndexes(c);
  }
  MIGRATE_ASSIGN(uint64_t records, ledger::CountedRecords(c->db.get()));
  c->meter->Step("", records);
  dedupe::PersonOptions options;
  options.db = c->db.get();
  // A steward's word that came after the decision about persons asks for another one.
  MIGRATE_ASSIGN(int64_t last_word, c->db->QueryInteger("SELECT max(decision_id) FROM decision"));
  options.identity = fmt::format("{} {}", c->plan.hash, last_word);
  if (!c->plan.dedupe.model.empty()) {
    MIGRATE_ASSIGN(const std::string model, ModelPrint(MatchingOf(*c)));
    options.identity += " " + model;
  }
  MIGRATE_ASSIGN(const PersonsImport in, ImportOfPersons(c));
  options.import_id = in.import_id;
  if (in.matching) options.identity += " matching";
  c->behind = in.behind;
  options.attributes = c->plan.attributes;
  MIGRATE_ASSIGN(options.rules, Rules(*c));
  MIGRATE_ASSIGN(options.buckets, ledger::BucketingOf(c->db.get()));
  options.scratch = c->folder;
  options.chunk_rows = ChunkRows(options.chunk_rows);
  options.sort_bytes = SortBudget(c->options.memory_bytes);
  options.cancel = c->options.cancel;
  options.step = [c](std::string_view step, uint64_t rows, uint64_t before) {
    c->meter->Step(std::string(step), rows, before);
  };
  options.progress = [c](uint64_t n) { c->meter->Set(n); };
  if (!c->plan.target.sqlite) {
    options.workers = c->threads;
    options.connect = [c] { return ConnectWorker(c->plan.target, c->lease); };
  }
  MIGRATE_TRY(WritePersons(c, in, &options));
  if (options.import_id != c->import_id) {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
    MIGRATE_TRY(ledger::SetCheckpoint(c->db.get(), c->import_id, "dedupe", 0, dedupe::PersonCountsJson(c->persons)));
    MIGRATE_TRY(transaction.Commit());
  }
  if (MayHavePairs(*c)) MIGRATE_TRY(RemoveTree(c->Work("pairs")));
  MIGRATE_TRY(DropAfterDedupe(c));
  c->meter->Step("indexes", records, records);
  return MakeIndexes(c);
}

Result<std::vector<uint32_t>> MissingPairs(Context* c) {
  MIGRATE_ASSIGN(const PairWork work, PairsToScore(*c, MatchingOf(*c)));
  auto missing = ShardsOfMissingPairs(*c, work, c->options.shard->n);
  if (missing == std::vector{c->options.shard->i}) missing.clear();
  return missing;
}

Status DedupeShards(Context* c, std::optional<FileLock>* section) {
  MatchingOptions matching = MatchingOf(*c);
  MIGRATE_ASSIGN(const PairWork work, PairsToScore(*c, matching));
  if (!work.why.empty())
    c->meter->printer()->Note("dedupe: " + work.why + ", by the shard that comes first; there is nothing to share");
  const Shard& shard = *c->options.shard;
  const std::vector<uint32_t> missing = ShardsOfMissingPairs(*c, work, shard.n);
  // What only this one lacks the finish scores, so that it reads and learns once.
  if (!std::binary_search(missing.begin(), missing.end(), shard.i) || missing.size() == 1) return {};
  MIGRATE_ASSIGN(auto model, ModelInForce(matching));
  MIGRATE_ASSIGN(const uint64_t records, ledger::CountedRecords(c->db.get()));
  c->meter->SetTotal(records);
  PairFiles pairs(*c, work, shard);
  matching.pairs = &pairs;
  // A server is read beside the others; a SQLite file by one at a time, as it is written.
  matching.all_read = [&] {
    LeaveTarget(c);
    section->reset();
  };
  if (!c->plan.target.sqlite) section->reset();
  const auto match = Match(matching, model);
  c->db.reset();  // idle for as long as that took
  return match.status();
}

}  // namespace migrate::run
