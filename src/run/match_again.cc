#include "match_again.h"

#include <fmt/core.h>

#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>
#include <set>

#include "decisions.h"
#include "migrate/base/checksum.h"
#include "migrate/base/file.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/tables.h"
#include "retention.h"

namespace migrate::run {
namespace {

using nlohmann::json;
using Facts = std::map<std::string, std::string>;

// Events behind the state's that change neither records nor persons, or whose changes are looked at.
bool Harmless(std::string_view kind) {
  for (const std::string_view known : {"import_begun", "import_done", "run_unchanged", "run_ended", "decision",
                                       "export", "model_exported", "reject_fixed", "rejects_replayed", "matched"})
    if (kind == known) return true;
  return false;
}

// Pins in force: "DECISION RECORD" for each record that one holds at.
Result<std::set<std::string>> Pins(store::Connection* db) {
  std::set<std::string> pins;
  MIGRATE_ASSIGN(auto all, ReadStewards(db));
  for (const Steward& d : all) {
    if (d.kind != "pin" || d.undone_by != 0) continue;
    MIGRATE_ASSIGN(const auto anchors, AnchorsOf(db, d.a));
    for (const uint64_t record : anchors) pins.insert(fmt::format("{} {}", d.id, record));
  }
  return pins;
}

// Records whose pins are others than they were.
Result<std::vector<uint64_t>> PinnedAnew(const std::string& before, store::Connection* db) {
  MIGRATE_ASSIGN(const auto now, Pins(db));
  const json j = json::parse(before, nullptr, false);
  std::set<std::string> old;
  if (j.is_array())
    for (const auto& pin : j)
      if (pin.is_string()) old.insert(pin.get<std::string>());
  std::vector<std::string> changed;
  std::set_symmetric_difference(old.begin(), old.end(), now.begin(), now.end(), std::back_inserter(changed));
  std::vector<uint64_t> records;
  for (const std::string& pin : changed)
    records.push_back(std::strtoull(pin.c_str() + std::min(pin.find(' '), pin.size() - 1), nullptr, 10));
  return records;
}

// "" where the state holds, else why it does not.
Result<std::string> Misfit(const Context& c, const MatchingOptions& matching, const Facts& state,
                           const dedupe::PersonOptions& persons) {
  const auto fact = [&](const char* name) {
    const auto it = state.find(name);
    return it == state.end() ? std::string() : it->second;
  };
  if (fact("version") != c.options.tool_version) return std::string("it is of another version of migrate");
  if (fact("plan") != c.plan.hash) return std::string("it is of another plan");
  MIGRATE_ASSIGN(const std::string model, ModelPrint(matching));
  if (fact("model") != model) return std::string("it is of another model");
  MIGRATE_ASSIGN(const std::string stamp, ledger::Setting(matching.db, "persons_stamp"));
  if (fact("stamp") != stamp) return std::string("the target's persons were decided without it");
  const int64_t import = std::strtoll(fact("import").c_str(), nullptr, 10);
  const bool own = c.own_import && persons.import_id == c.import_id;
  const bool next = persons.import_id == import + 1 && (own || c.behind);
  if (persons.import_id != import && !next) return std::string("another import came between");
  const std::string event = std::to_string(std::strtoll(fact("event").c_str(), nullptr, 10));
  MIGRATE_ASSIGN(const std::string hash,
                 matching.db->QueryText("SELECT hash FROM audit_event WHERE event_id = " + event));
  if (hash != fact("event_hash")) return std::string("the target is not the one that it was made for");
  MIGRATE_ASSIGN(auto q, matching.db->Prepare("SELECT kind FROM audit_event WHERE event_id > " + event));
  std::string other;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return other;
    if (!Harmless(q->Text(0))) other = "since then there was: " + std::string(q->Text(0));
  }
}

Status Polled(const Cancel* cancel) {
  return cancel != nullptr && cancel->requested() ? Status::Cancelled("dedupe: cancelled") : Status();
}

// As many changes as pay, and fit beside the state: what is made of one (its record, the blocks that it is in, those
// that it is compared with) takes about 4 KiB, the state 64 bytes a slot.
size_t MostChanges(size_t slots, uint64_t memory_bytes) {
  constexpr uint64_t kChangeBytes = 4096, kSlotBytes = 64, kElsewhere = uint64_t{128} << 20;
  const size_t pay = slots / 4;
  if (memory_bytes == 0) return pay;
  const uint64_t used = kSlotBytes * slots + kElsewhere;
  return memory_bytes <= used ? 0 : std::min<uint64_t>(pay, (memory_bytes - used) / kChangeBytes);
}

// Ids of all records in this run's segments, ascending.
Result<std::vector<uint64_t>> Imported(const Context& c) {
  std::vector<uint64_t> ids;
  if (!c.own_import) return ids;
  MIGRATE_ASSIGN(auto segments, RecordSegments(c));
  Record record;
  uint64_t read = 0;
  for (uint32_t p = 0; p < c.partitioner.count; ++p) {
    MIGRATE_ASSIGN(auto merger, spool::RecordMerger::Open(segments, p));
    for (;;) {
      if (read++ % 4096 == 0) MIGRATE_TRY(Polled(c.options.cancel));
      MIGRATE_ASSIGN(bool more, merger->Next(&record));
      if (!more) break;
      if (ids.empty() || ids.back() != record.record_id) ids.push_back(record.record_id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// Of these records those that this import wrote, as the target holds them now; the others are as the last matching saw
// them. Nothing, with the reason in *why, where that is not what is new.
Result<std::optional<std::vector<dedupe::MatchChange>>> ReadChanges(const MatchingOptions& matching, int64_t import_id,
                                                                    const std::vector<uint64_t>& ids, size_t slots,
                                                                    std::string* why) {
  const size_t most = MostChanges(slots, matching.memory_bytes);
  using Changes = std::vector<dedupe::MatchChange>;
  constexpr size_t kIds = 1000;
  const auto list = [&ids](size_t from) {
    std::string text;
    for (size_t i = from; i < std::min(ids.size(), from + kIds); ++i)
      text += (i == from ? "" : ",") + std::to_string(ids[i]);
    return "record_id IN (" + text + ")";
  };
  const std::string imported = "import_id = " + std::to_string(import_id);
  size_t there = 0, changed = 0;
  for (size_t from = 0; from < ids.size(); from += kIds) {
    MIGRATE_TRY(Polled(matching.cancel));
    MIGRATE_ASSIGN(auto q, matching.db->Prepare("SELECT count(*), count(CASE WHEN " + imported +
                                                " THEN 1 END) FROM record WHERE " + list(from)));
    MIGRATE_ASSIGN(const bool counted, q->Step());
    if (!counted) break;
    there += static_cast<size_t>(q->Integer(0));
    changed += static_cast<size_t>(q->Integer(1));
    if (changed <= most) continue;
    *why = most < slots / 4 ? fmt::format("--memory is enough for {} that are new or have changed, beside the others",
                                          Counted(most, "record"))
                            : "much of the records is new or has changed";
    return std::optional<Changes>();
  }
  // Load refuses a record at most if its key meets another's id: that one is then what the target holds.
  if (there != ids.size()) {
    *why = "the import has records that the target does not hold";
    return std::optional<Changes>();
  }
  Changes changes;
  changes.reserve(changed);
  for (size_t from = 0; from < ids.size(); from += kIds) {
    MIGRATE_TRY(Polled(matching.cancel));
    const auto take = [&](const Record& r) {
      changes.push_back({r.record_id, r});
      return Status();
    };
    MIGRATE_TRY(EachRecord(matching, take, list(from) + " AND " + imported));
  }
  return std::optional<Changes>(std::move(changes));
}

Result<std::optional<MatchedAgain>> Try(const Context& c, const MatchingOptions& matching, const dedupe::Model& model,
                                        const dedupe::PersonOptions& persons, std::string* why) {
  const std::string folder = MatchFolder(c);
  auto state = dedupe::MatchState::Load(folder, matching.threads);
  if (!state.ok()) {
    if (PathExists(folder)) *why = state.status().message();
    return std::optional<MatchedAgain>();
  }
  MIGRATE_ASSIGN(*why, Misfit(c, matching, (*state)->facts, persons));
  if (!why->empty()) return std::optional<MatchedAgain>();
  // Where the state is of this very import, or persons change behind it, such as after a steward's decision, it has the
  // import's rows.
  std::vector<uint64_t> ids;
  if ((*state)->facts["import"] != std::to_string(persons.import_id) && !c.behind) {
    if (c.own_import && Dropped(*c.manifest, Segments::kRecords)) {
      *why = "the rows of this import went from the workspace as retention.segments says";
      return std::optional<MatchedAgain>();
    }
    MIGRATE_ASSIGN(ids, Imported(c));
  }
  MIGRATE_ASSIGN(const auto changes, ReadChanges(matching, persons.import_id, ids, (*state)->size(), why));
  if (!changes) return std::optional<MatchedAgain>();
  MIGRATE_ASSIGN(const auto also, PinnedAnew((*state)->facts["pins"], matching.db));
  MIGRATE_ASSIGN(const dedupe::MatchOptions options, OptionsOf(matching, &model));
  try {
    auto increment = dedupe::MatchAgain(state->get(), *changes, also, options);
    if (increment.ok()) return std::optional<MatchedAgain>(MatchedAgain{*std::move(state), *std::move(increment)});
    if (increment.status().kind() != ErrorKind::kFailed) return increment.status();
    *why = increment.status().message();
  } catch (const std::bad_alloc&) {
    *why = "memory is not enough for both what was and what is new";
  }
  return std::optional<MatchedAgain>();
}

}  // namespace

std::string MatchFolder(const Context& c) { return c.plan.workspace + "/match"; }

Result<Facts> MatchFacts(const Context& c, const MatchingOptions& matching, const dedupe::PersonOptions& persons) {
  Facts facts = {
      {"version", c.options.tool_version}, {"plan", c.plan.hash}, {"import", std::to_string(persons.import_id)}};
  MIGRATE_ASSIGN(facts["model"], ModelPrint(matching));
  MIGRATE_ASSIGN(facts["stamp"], dedupe::StampOnceApplied(persons));
  MIGRATE_ASSIGN(int64_t event, matching.db->QueryInteger("SELECT max(event_id) FROM audit_event"));
  facts["event"] = std::to_string(event);
  MIGRATE_ASSIGN(facts["event_hash"],
                 matching.db->QueryText("SELECT hash FROM audit_event WHERE event_id = " + facts["event"]));
  MIGRATE_ASSIGN(const auto pins, Pins(matching.db));
  facts["pins"] = json(pins).dump();
  return facts;
}

Result<std::optional<MatchedAgain>> MatchWhatIsNew(const Context& c, const MatchingOptions& matching,
                                                   const dedupe::Model& model, const dedupe::PersonOptions& persons) {
  std::string why;
  auto done = Try(c, matching, model, persons, &why);
  if (done.ok() && !*done && !why.empty())
    c.meter->printer()->Note("all records are matched, not only those that are new: " + why);
  return done;
}

}  // namespace migrate::run
