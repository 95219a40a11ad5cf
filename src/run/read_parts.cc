#include "read_parts.h"

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <set>
#include <utility>

#include "migrate/base/hash.h"
#include "migrate/ledger/versions.h"

namespace migrate::run {
namespace {

// Lines of one kind, file and chunk are one; so the state is in `file`, too.
uint32_t FileOf(const std::string& state) {
  return static_cast<uint32_t>(std::strtoul(state.substr(0, 8).c_str(), nullptr, 16));
}

Result<std::string> StateOf(const Context& c, const reconcile::Options& options) {
  MIGRATE_ASSIGN(const std::string root, ledger::DigestRoot(c.db.get()));
  // Of events that change rows.
  MIGRATE_ASSIGN(const std::string event,
                 c.db->QueryText("SELECT hash FROM audit_event WHERE kind NOT IN ('decision', 'export', "
                                 "'run_ended', 'model_exported', 'run_unchanged') ORDER BY event_id DESC LIMIT 1"));
  const std::string text = fmt::format("{} {} {} {} {} {} {}", c.options.tool_version, c.plan.hash, c.import_id, root,
                                       event, options.sample, options.persons);
  return Sha256Hex(text).substr(0, 16);
}

// What was read of this state, by part; a line of another part of that number, as of an index that was there before, is
// none.
std::map<uint32_t, std::string> Known(const Context& c, const ReadWork& work) {
  std::map<uint32_t, std::string> known;
  for (const auto& line : c.manifest->Lines("read"))
    if (line.Text("state") == work.state && line.chunk < work.labels.size() &&
        line.Text("part") == work.labels[line.chunk])
      known[line.chunk] = line.Text("found");
  return known;
}

}  // namespace

Result<ReadWork> PartsToRead(const Context& c) {
  ReadWork work;
  reconcile::Options options;
  options.db = c.db.get();
  options.sample = c.plan.reconcile.sample;
  MIGRATE_ASSIGN(const int64_t links, c.db->QueryInteger("SELECT EXISTS (SELECT 1 FROM person_record)"));
  options.persons = links != 0;
  MIGRATE_ASSIGN(work.state, StateOf(c, options));
  MIGRATE_ASSIGN(work.labels, reconcile::PartLabels(options));
  for (const auto& line : c.manifest->Lines("read")) work.stale += line.Text("state") != work.state ? 1 : 0;
  return work;
}

std::set<uint32_t> MissingReadParts(const Context& c, const ReadWork& work) {
  const auto known = Known(c, work);
  std::set<uint32_t> missing;
  for (uint32_t part = 0; part < work.labels.size(); ++part)
    if (!known.contains(part)) missing.insert(part);
  return missing;
}

std::vector<uint32_t> ShardsOfMissingReads(const Context& c, const ReadWork& work, uint32_t n) {
  std::set<uint32_t> missing;
  for (const uint32_t part : MissingReadParts(c, work)) missing.insert(part % n + 1);
  return {missing.begin(), missing.end()};
}

Result<std::vector<uint32_t>> MissingReads(Context* c) {
  MIGRATE_ASSIGN(const ReadWork work, PartsToRead(*c));
  return ShardsOfMissingReads(*c, work, c->options.shard->n);
}

Result<int64_t> BeginVerdict(Context* c, const ReadWork& work) {
  for (const auto& line : c->manifest->Lines("judged"))
    if (line.Text("state") == work.state) return static_cast<int64_t>(line.Number("above"));
  MIGRATE_ASSIGN(const int64_t above, c->db->QueryInteger("SELECT max(reconciliation_id) FROM reconciliation"));
  MIGRATE_TRY(c->manifest->Append(
      {"judged", FileOf(work.state), 0, {{"state", work.state}, {"above", std::to_string(above)}}}));
  return above;
}

Status ForgetReads(Context* c) {
  if (!c->manifest) return {};
  for (const char* kind : {"read", "judged"})
    if (!c->manifest->Lines(kind).empty()) MIGRATE_TRY(c->manifest->Drop(kind));
  return {};
}

Result<bool> IsJudged(const Context& c, const ReadWork& work) {
  for (const auto& line : c.manifest->Lines("judged")) {
    if (line.Text("state") != work.state) continue;
    MIGRATE_ASSIGN(const int64_t after,
                   c.db->QueryInteger(fmt::format(
                       "SELECT count(*) FROM reconciliation WHERE import_id = {} AND reconciliation_id > {}",
                       c.import_id, line.Number("above"))));
    return after != 0;
  }
  return false;
}

ReadLines::ReadLines(Context* c, const ReadWork& work, std::optional<Shard> share) : c_(c), known_(Known(*c, work)) {
  parts_.only = share.has_value();
  parts_.mine = [share](uint32_t part) { return !share || share->Has(part); };
  parts_.read = [this](uint32_t part, std::string* found) {
    const auto known = known_.find(part);
    if (known != known_.end()) *found = known->second;
    return known != known_.end();
  };
  parts_.write = [this, state = work.state](uint32_t part, const std::string& label, const std::string& found) {
    return Add({"read", FileOf(state), part, {{"state", state}, {"part", label}, {"found", found}}});
  };
}

Status ReadLines::Add(spool::ManifestLine line) {
  constexpr std::chrono::seconds kGathered{1};
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (waiting_.empty()) since_ = now;
  waiting_.push_back(std::move(line));
  if (now - since_ < kGathered) return {};
  return c_->manifest->AppendAll(std::exchange(waiting_, {}));
}

Status ReadLines::Flush() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return {};
  return c_->manifest->AppendAll(std::exchange(waiting_, {}));
}

}  // namespace migrate::run
