#include "shards.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "gone_inputs.h"
#include "plan_work.h"
#include "read_parts.h"

namespace migrate::run {
namespace {

using plan::Stage;

// What a server held is known to the shard that has read it, and which inputs hold nothing new to the one that settled
// that; from the manifest all others know.
Status States(Context* c) {
  if (TakeStates(c)) return {};
  return Status::Failed(c->Work("manifest.jsonl") + ": is of other inputs than this shard's",
                        "call it again: inputs or the plan have changed since it began");
}

Status ManifestForSection(Context* c) {
  MIGRATE_ASSIGN(c->manifest, spool::Manifest::Open(c->Work("manifest.jsonl")));
  return States(c);
}

Result<FileLock> Section(Context* c) { return Workspace::Section(c->plan, c->options.cancel, c->meter->printer()); }

void AddAll(uint32_t n, std::set<uint32_t>* missing) {
  for (uint32_t i = 1; i <= n; ++i) missing->insert(i);
}

// Shards of which chunks of the input are missing; of an input whose chunks are all there the end is noted down.
Status EndOfInput(Context* c, const Input& input, std::set<uint32_t>* missing) {
  const uint32_t n = c->options.shard->n;
  if (c->manifest->Find("extracted", input.file_no, 0) != nullptr) return {};
  if (IsReadByOne(*c, input)) {
    missing->insert(input.file_no % n + 1);
    return {};
  }
  const auto* cut = c->manifest->Find("cut", input.file_no, 0);
  if (cut == nullptr) {
    AddAll(n, missing);
    return {};
  }
  bool all = true;
  for (uint64_t chunk = 0; chunk < cut->Number("chunks"); ++chunk) {
    if (c->manifest->Find("raw", input.file_no, static_cast<uint32_t>(chunk)) != nullptr) continue;
    missing->insert(static_cast<uint32_t>((input.file_no + chunk) % n) + 1);
    all = false;
  }
  if (!all) return {};
  return c->manifest->Append({"extracted",
                              input.file_no,
                              0,
                              {{"content", input.sha256},
                               {"raw_delimiter", cut->Text("raw_delimiter")},
                               {"findings", cut->Text("findings")}}});
}

Status FinishExtract(Context* c, std::set<uint32_t>* missing) {
  for (const Input& input : c->inputs)
    if (input.state == Input::State::kImport) MIGRATE_TRY(EndOfInput(c, input, missing));
  if (!missing->empty() || c->manifest->Find("settled", 0, 0) != nullptr) return {};
  MIGRATE_TRY(CheckRejectLimit(*c));
  MIGRATE_TRY(SettleLive(c));
  MIGRATE_TRY(MarkExtracted(c));
  return c->manifest->Append({"settled", 0, 0, {}});
}

void FinishNormalize(const Context& c, std::set<uint32_t>* missing) {
  const uint32_t n = c.options.shard->n;
  for (const auto& raw : c.manifest->Lines("raw"))
    if (c.manifest->Find("records", raw.file, raw.chunk) == nullptr)
      missing->insert(static_cast<uint32_t>((uint64_t{raw.file} + raw.chunk) % n) + 1);
}

// `stage` was asked for before its time.
Status Incomplete(const Context& c, Stage stage, Stage before, const std::set<uint32_t>& missing) {
  const std::vector<uint32_t> list(missing.begin(), missing.end());
  const std::string_view name = plan::kStageNames[static_cast<size_t>(before)];
  return Status::Plan(
      fmt::format("{}: the stage {} is not complete: {} missing", plan::kStageNames[static_cast<size_t>(stage)], name,
                  ShardList(list, c.options.shard->n)),
      fmt::format("run these with --stage {} first; nothing was done", name));
}

// Whoever comes first to a stage finishes the one before, if nothing but that is missing.
Status NeedExtracted(Context* c, Stage stage) {
  std::set<uint32_t> missing;
  MIGRATE_TRY(FinishExtract(c, &missing));
  if (missing.empty()) return {};
  return Incomplete(*c, stage, Stage::kExtract, missing);
}

Status NeedNormalized(Context* c, Stage stage) {
  MIGRATE_TRY(NeedExtracted(c, stage));
  std::set<uint32_t> missing;
  FinishNormalize(*c, &missing);
  if (missing.empty()) return {};
  return Incomplete(*c, stage, Stage::kNormalize, missing);
}

Result<bool> ImportIsDone(Context* c) {
  MIGRATE_ASSIGN(auto import, ImportOfWork(*c, c->db.get()));
  return import && import->state == "done";
}

Result<std::set<uint32_t>> ShardsOfOpenPartitions(Context* c) {
  std::set<uint32_t> missing;
  MIGRATE_ASSIGN(auto open, load::OpenPartitions(c->db.get(), c->import_id, c->partitioner.count));
  for (uint32_t p : open) missing.insert(p % c->options.shard->n + 1);
  return missing;
}

// The target, with an import of this work whose load is complete.
Status NeedLoaded(Context* c, Stage stage) {
  MIGRATE_TRY(OpenTarget(c, false));
  const char* name = plan::kStageNames[static_cast<size_t>(stage)].data();
  if (c->import_id == 0)
    return Status::Plan(fmt::format("{}: the stage load has not begun for these inputs", name),
                        "run all shards with --stage load first; nothing was done");
  MIGRATE_ASSIGN(auto missing, ShardsOfOpenPartitions(c));
  if (missing.empty()) return LoadStage(c);  // what comes behind the last partition, once
  return Incomplete(*c, stage, Stage::kLoad, missing);
}

Status NeedDeduped(Context* c) {
  const auto& stages = c->plan.stages;
  if (std::find(stages.begin(), stages.end(), Stage::kDedupe) == stages.end()) return {};
  MIGRATE_ASSIGN(auto done, ledger::Checkpoint(c->db.get(), c->import_id, "dedupe", 0));
  if (done) return {};
  return Status::Plan("reconcile: the stage dedupe is not complete for these inputs",
                      "run all shards with --stage dedupe first; nothing was done");
}

Status NormalizeParts(Context* c) {
  {
    MIGRATE_ASSIGN(auto section, Section(c));
    MIGRATE_TRY(ManifestForSection(c));
    MIGRATE_TRY(NeedExtracted(c, Stage::kNormalize));
  }
  MIGRATE_TRY(OpenManifestForParts(c));
  return NormalizeStage(c);
}

// The partitions that are this shard's and that no other process is at: whoever was paused at one still has its lock.
class PartitionShare {
 public:
  explicit PartitionShare(Context* c) : c_(c) {}
  bool operator()(uint32_t partition) {
    if (!c_->options.shard->Has(partition)) return false;
    if (locks_.contains(partition)) return true;
    auto lock = FileLock::Try(c_->Work(fmt::format("load-{}.lock", partition)));
    if (!lock.ok() || !*lock) return false;
    locks_.emplace(partition, *std::move(*lock));
    return true;
  }

 private:
  Context* c_;
  std::map<uint32_t, FileLock> locks_;
};

Status LoadParts(Context* c) {
  load::Options options;
  PartitionShare share(c);
  options.share = [&share](uint32_t p) { return share(p); };
  MIGRATE_ASSIGN(FileLock taken, Section(c));
  std::optional<FileLock> section(std::move(taken));
  MIGRATE_TRY(ManifestForSection(c));
  MIGRATE_TRY(NeedNormalized(c, Stage::kLoad));
  MIGRATE_TRY(BeginLoad(c, &options));
  MIGRATE_ASSIGN(const bool done, ImportIsDone(c));
  if (done) {
    LeaveTarget(c);
    return {};
  }
  MIGRATE_TRY(load::PrepareLoad(options));
  // Of a SQLite file one process writes at a time; shards of a server's target go on side by side.
  if (!c->plan.target.sqlite) section.reset();
  Status s = load::LoadRecords(options).status();
  LeaveTarget(c);
  return s;
}

Status ReconcileParts(Context* c) {
  MIGRATE_ASSIGN(FileLock taken, Section(c));
  std::optional<FileLock> section(std::move(taken));
  MIGRATE_TRY(ManifestForSection(c));
  MIGRATE_TRY(NeedLoaded(c, Stage::kReconcile));
  MIGRATE_TRY(OpenTarget(c, false));
  MIGRATE_ASSIGN(const bool done, ImportIsDone(c));
  Status s = done ? Status() : NeedDeduped(c);
  if (s.ok() && !done) s = ReconcileShards(c, &section);
  LeaveTarget(c);
  return s;
}

Status DedupeParts(Context* c) {
  MIGRATE_ASSIGN(FileLock taken, Section(c));
  std::optional<FileLock> section(std::move(taken));
  MIGRATE_TRY(ManifestForSection(c));
  MIGRATE_TRY(NeedLoaded(c, Stage::kDedupe));
  MIGRATE_TRY(OpenTarget(c, false));
  MIGRATE_ASSIGN(const bool done, ImportIsDone(c));
  Status s = done ? Status() : DedupeShards(c, &section);
  LeaveTarget(c);
  return s;
}

}  // namespace

std::string ShardList(const std::vector<uint32_t>& shards, uint32_t n) {
  // Of thousands the first ones say enough.
  constexpr size_t kMost = 20;
  std::string text;
  for (size_t i = 0; i < std::min(shards.size(), kMost); ++i)
    text += fmt::format("{}{}/{}", i == 0 ? "" : i + 1 == shards.size() ? " and " : ", ", shards[i], n);
  if (shards.size() > kMost) text += fmt::format(" and {} more", shards.size() - kMost);
  return text + (shards.size() == 1 ? " is" : " are");
}

std::string MissingText(const Context& c, Stage stage, const std::vector<uint32_t>& missing) {
  constexpr size_t kMost = 3;
  const std::string_view name = plan::kStageNames[static_cast<size_t>(stage)];
  const Shard& shard = *c.options.shard;
  std::string text = fmt::format("{}: shard {} is done as far as it can be; {} missing\n", name, shard.Text(),
                                 ShardList(missing, shard.n));
  for (size_t i = 0; i < std::min(missing.size(), kMost); ++i)
    text += fmt::format("  migrate run {} --stage {} --shard {}/{}\n", c.options.plan_file, name, missing[i], shard.n);
  return text;
}

std::string MissingJson(const Context& c, Stage stage, const std::vector<uint32_t>& missing) {
  return nlohmann::json({{"schema", 1},
                         {"tool", "migrate " + c.options.tool_version},
                         {"shard", c.options.shard->Text()},
                         {"stage", plan::kStageNames[static_cast<size_t>(stage)]},
                         {"complete", false},
                         {"missing", missing},
                         {"exit_code", 0}})
             .dump(2) +
         "\n";
}

Status OpenManifestForParts(Context* c) {
  MIGRATE_ASSIGN(c->manifest, spool::Manifest::OpenBeside(c->Work("manifest.jsonl")));
  return States(c);
}

void LeaveTarget(Context* c) {
  if (!c->plan.target.sqlite) return;
  c->db.reset();
  c->lease.reset();
}

Status ShardParts(Context* c, Stage stage) {
  switch (stage) {
    case Stage::kExtract:
      MIGRATE_TRY(OpenManifestForParts(c));
      return ExtractShards(c);
    case Stage::kNormalize:
      return NormalizeParts(c);
    case Stage::kLoad:
      return LoadParts(c);
    case Stage::kDedupe:
      return DedupeParts(c);
    case Stage::kReconcile:
      return ReconcileParts(c);
  }
  return {};
}

Result<ShardEnd> ShardFinish(Context* c, Stage stage) {
  ShardEnd end;
  std::set<uint32_t> missing;
  MIGRATE_TRY(ManifestForSection(c));
  if (stage == Stage::kExtract) {
    MIGRATE_TRY(FinishExtract(c, &missing));
  } else if (stage == Stage::kNormalize) {
    FinishNormalize(*c, &missing);
  } else {
    if (stage != Stage::kLoad) MIGRATE_TRY(NeedLoaded(c, stage));
    MIGRATE_TRY(OpenTarget(c, false));
    MIGRATE_ASSIGN(end.done, ImportIsDone(c));
    if (end.done) return end;
    if (stage == Stage::kLoad) {
      MIGRATE_ASSIGN(missing, ShardsOfOpenPartitions(c));
      if (missing.empty()) MIGRATE_TRY(LoadStage(c));
    } else if (stage == Stage::kDedupe) {
      MIGRATE_ASSIGN(const auto shards, MissingPairs(c));
      missing.insert(shards.begin(), shards.end());
      if (missing.empty()) MIGRATE_TRY(DedupeStage(c));
    } else {
      MIGRATE_TRY(NeedDeduped(c));
      MIGRATE_ASSIGN(const auto shards, MissingReads(c));
      missing.insert(shards.begin(), shards.end());
      if (missing.empty()) MIGRATE_TRY(ReconcileStage(c));
    }
  }
  end.missing.assign(missing.begin(), missing.end());
  return end;
}

Status ForgetFinishedExtract(Context* c) {
  MIGRATE_TRY(ManifestForSection(c));
  MIGRATE_TRY(ForgetExtracted(c));
  return c->manifest->Find("settled", 0, 0) == nullptr ? Status() : c->manifest->Drop("settled");
}

}  // namespace migrate::run
