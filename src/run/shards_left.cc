#include "migrate/run/shards_left.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "context.h"
#include "matching.h"
#include "migrate/base/file.h"
#include "pair_parts.h"
#include "read_parts.h"

namespace migrate::run {
namespace {

using nlohmann::json;
using plan::Stage;

struct Left {
  uint64_t parts = 0, done = 0;
  std::set<uint32_t> missing;  // shards
  bool complete = false;

  void Part(bool there, uint64_t number, uint32_t n) {
    ++parts;
    if (there)
      ++done;
    else
      missing.insert(static_cast<uint32_t>(number % n) + 1);
  }
};

// What the last shard that was called wrote of itself, "... , shard 2/3"; 0: the last call was no shard's.
uint32_t LastN(const plan::Plan& plan) {
  const auto text = ReadWholeFile(plan.workspace + "/lock");
  if (!text.ok()) return 0;
  const size_t slash = text->rfind('/'), shard = text->rfind(", shard ");
  if (shard == std::string::npos || slash == std::string::npos || slash < shard) return 0;
  uint32_t n = 0;
  std::from_chars(text->data() + slash + 1, text->data() + text->size(), n);
  return n;
}

class Looker {
 public:
  Looker(const plan::Plan& plan, const RunOptions& options, uint32_t n) : c_(plan, options, nullptr), n_(n) {}

  Result<std::string> Look() {
    MIGRATE_ASSIGN(c_.manifest, spool::Manifest::OpenBeside(c_.Work("manifest.jsonl")));
    const auto* work = c_.manifest->Find("work", 0, 0);
    if (work == nullptr) return std::string();
    c_.run_key = work->Text("run_key");
    MIGRATE_ASSIGN(c_.db, LookAtTarget(c_.plan.target));
    std::optional<ledger::Import> import;
    if (c_.db) {
      MIGRATE_ASSIGN(import, ImportOfWork(c_, c_.db.get()));
      if (import && import->state == "done") return std::string();
      if (import) c_.import_id = import->import_id;
    }
    json stages = json::array();
    for (const Stage stage : c_.plan.stages) {
      MIGRATE_ASSIGN(const Left left, Of(stage));
      stages.push_back({{"stage", plan::kStageNames[static_cast<size_t>(stage)]},
                        {"parts", left.parts},
                        {"done", left.done},
                        {"complete", left.complete},
                        {"missing", left.missing}});
      if (!left.complete) break;
    }
    return json({{"n", n_}, {"stages", stages}}).dump();
  }

 private:
  Result<Left> Of(Stage stage) {
    switch (stage) {
      case Stage::kExtract:
        return Extract();
      case Stage::kNormalize:
        return Normalize();
      case Stage::kLoad:
        return Load();
      case Stage::kDedupe:
        return Dedupe();
      case Stage::kReconcile:
        return Reconcile();
    }
    return Left();
  }

  Left Extract() const {
    Left left;
    bool all = true;
    std::map<uint32_t, std::set<uint32_t>> there;
    for (const auto& raw : c_.manifest->Lines("raw")) there[raw.file].insert(raw.chunk);
    std::map<uint32_t, spool::ManifestLine> inputs;  // the last line of an input is its state
    for (const auto& line : c_.manifest->Lines("input")) inputs.insert_or_assign(line.file, line);
    for (const auto& [file, line] : inputs) {
      if (line.Text("state") != "import") continue;
      const bool extracted = c_.manifest->Find("extracted", file, 0) != nullptr;
      all = all && extracted;
      const auto* cut = c_.manifest->Find("cut", file, 0);
      if (cut == nullptr) {  // one part, as long as nobody has cut it, or what one reads as a whole
        left.Part(extracted, file, n_);
        const bool whole = line.Text("live") == "yes" || IsRead(line.Text("source"));
        for (uint32_t shard = 0; !extracted && !whole && shard < n_; ++shard) left.missing.insert(shard + 1);
        continue;
      }
      for (uint64_t chunk = 0; chunk < cut->Number("chunks"); ++chunk)
        left.Part(extracted || there[file].contains(static_cast<uint32_t>(chunk)), file + chunk, n_);
    }
    left.complete = left.missing.empty() && all;
    return left;
  }

  // In parts, of which one session reads each (`extract: incremental`)?
  bool IsRead(const std::string& source) const {
    for (const auto& s : c_.plan.sources)
      if (s.name == source) return !s.incremental.column.empty();
    return false;
  }

  Left Normalize() const {
    Left left;
    std::set<std::pair<uint32_t, uint32_t>> there;
    for (const auto& line : c_.manifest->Lines("records")) there.insert({line.file, line.chunk});
    for (const auto& raw : c_.manifest->Lines("raw"))
      left.Part(there.contains({raw.file, raw.chunk}), uint64_t{raw.file} + raw.chunk, n_);
    left.complete = left.missing.empty();
    return left;
  }

  Result<Left> Load() {
    Left left;
    std::set<uint32_t> open;
    uint32_t partitions = static_cast<uint32_t>(c_.plan.target.partitions);
    if (c_.db) {
      MIGRATE_ASSIGN(const auto count, ledger::PartitionsOf(c_.db.get()));
      partitions = count.value_or(partitions);
    }
    if (c_.import_id != 0) {
      MIGRATE_ASSIGN(const auto list, load::OpenPartitions(c_.db.get(), c_.import_id, partitions));
      open.insert(list.begin(), list.end());
    }
    for (uint32_t p = 0; p < partitions; ++p) left.Part(c_.import_id != 0 && !open.contains(p), p, n_);
    left.complete = left.missing.empty();
    return left;
  }

  Result<Left> Dedupe() {
    Left left;
    MIGRATE_ASSIGN(auto done, ledger::Checkpoint(c_.db.get(), c_.import_id, "dedupe", 0));
    left.complete = done.has_value();
    if (done) {
      left.Part(true, 0, n_);
      return left;
    }
    MatchingOptions matching;
    matching.plan = &c_.plan;
    matching.db = c_.db.get();
    MIGRATE_ASSIGN(const PairWork work, PairsToScore(c_, matching));
    if (work.parts == 0) left.Part(false, 0, n_);  // whoever comes first does all of it
    const auto missing = MissingPairParts(c_, work);
    for (uint32_t part = 0; part < work.parts; ++part) left.Part(!missing.contains(part), part, n_);
    return left;
  }

  Result<Left> Reconcile() {
    Left left;
    MIGRATE_ASSIGN(const ReadWork work, PartsToRead(c_));
    const auto missing = MissingReadParts(c_, work);
    for (uint32_t part = 0; part < work.labels.size(); ++part) left.Part(!missing.contains(part), part, n_);
    MIGRATE_ASSIGN(left.complete, IsJudged(c_, work));
    if (left.complete) left.missing.clear();
    return left;
  }

  Context c_;
  uint32_t n_;
};

}  // namespace

Result<std::string> ShardsLeftJson(const plan::Plan& plan, const std::string& tool_version, uint32_t n) {
  if (n == 0) n = LastN(plan);
  if (n == 0 || !PathExists(WorkPath(plan, "manifest.jsonl"))) return std::string();
  RunOptions options;
  options.tool_version = tool_version;
  return Looker(plan, options, n).Look();
}

}  // namespace migrate::run
