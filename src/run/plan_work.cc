#include "plan_work.h"

#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <set>

#include "gone_inputs.h"
#include "increments.h"
#include "migrate/base/clock.h"
#include "migrate/ledger/versions.h"
#include "migrate/run/target.h"
#include "retention.h"

namespace migrate::run {
namespace {

// Rises with every change of how inputs are cut into chunks or of how segments lie: half-done work of another version
// is not gone on with.
constexpr int kWorkFormat = 2;

// Identity of what is to be imported: plan, limit, and every input by path and content.
std::string InputsKey(const Context& c) {
  std::string text = std::to_string(kWorkFormat) + "\n" + c.plan.hash + "\n" +
                     (c.options.limit ? std::to_string(*c.options.limit) : "-") + "\n" +
                     std::to_string(static_cast<int>(c.partitioner.kind)) + " " + std::to_string(c.partitioner.count) +
                     "\n";  // by which record segments are cut
  for (const Input& i : c.inputs)
    text += c.plan.sources[i.source].name + "\t" + i.path + "\t" + i.what + "\t" + (i.live ? "live" : i.sha256) + "\n";
  return Sha256Hex(text);
}

// Two runs within a second are two.
std::string FreshRunKey(const std::string& inputs_key) {
  std::random_device random;
  return fmt::format("{} {} {:08x}", inputs_key, NowUtc(), random());
}

spool::ManifestLine WorkLine(const Context& c, const std::string& inputs_key, bool again) {
  return {"work",
          0,
          0,
          {{"inputs", inputs_key},
           {"run_key", c.run_key},
           {"plan_hash", c.plan.hash},
           {"tool", c.options.tool_version},
           {"again", again ? "yes" : "no"}}};
}

// Everything was to be read anew, whatever the target knew.
bool WasAskedAgain(const Context& c) {
  const auto* work = c.manifest->Find("work", 0, 0);
  return work != nullptr && work->Text("again") == "yes";
}

const char* StateName(Input::State s) {
  return s == Input::State::kImport ? "import" : s == Input::State::kDuplicate ? "duplicate" : "unchanged";
}

}  // namespace

Status MarkKnown(Context* c) {
  if (c->replay()) return {};  // what was replayed is not open any more, and no input
  MIGRATE_ASSIGN(auto db, LookAtTarget(c->plan.target));
  if (!db) return {};
  std::map<std::pair<std::string, std::string>, ledger::ImportFile> known;  // by source and content
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db.get()));
  std::map<int64_t, std::string> names;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT source_id, name FROM source"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    names[q->Integer(0)] = q->Text(1);
  }
  std::map<std::pair<std::string, std::string>, ledger::ImportFile> held;  // of imports that were rolled back
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db.get()));
  std::map<std::string, std::set<std::string>> latest;  // of a source: the contents it had last, for snapshots
  for (const auto& import : imports) {
    const ledger::Version& version = versions[import.import_id];
    if (import.plan_name != c->plan.name || version.rollback || version.matching) continue;
    if (version.rolled_back_by != 0) {
      if (!version.held()) continue;
      MIGRATE_ASSIGN(auto files, ledger::ImportFiles(db.get(), import.import_id));
      for (const auto& f : files)
        if (f.state == "imported") held[{names[f.source_id], f.sha256}] = f;
      continue;
    }
    if (import.state != "done" || import.row_limit || import.plan_hash != c->plan.hash) {
      // What another mapping, a limited import, or one that never ended has touched since is not what this plan makes
      // of it: everything is read again, which is always safe.
      known.clear();
      latest.clear();
      continue;
    }
    MIGRATE_ASSIGN(auto files, ledger::ImportFiles(db.get(), import.import_id));
    for (const auto& f : files)
      if (f.state != kReplayed) latest[names[f.source_id]].clear();
    for (const auto& f : files) {
      if (f.state == kReplayed) continue;  // some rows of a file say nothing of the file
      if (f.state == "imported") known[{names[f.source_id], f.sha256}] = f;
      latest[names[f.source_id]].insert(f.sha256);
    }
  }
  std::map<size_t, std::set<std::string>> now;
  for (const Input& input : c->inputs) now[input.source].insert(input.sha256);
  for (Input& input : c->inputs) {
    const plan::Source& source = c->plan.sources[input.source];
    if (input.sha256.empty() || input.state == Input::State::kDuplicate) continue;
    MIGRATE_ASSIGN(const bool whole, IsReadAsAWhole(db.get(), c->plan, source));
    if (whole) continue;
    auto it = known.find({source.name, input.sha256});
    // A snapshot is known as a whole or not at all: what left it must show. A database's table that looks as it did two
    // imports ago is a newer state, not an old file.
    const bool snapshot = source.mode == plan::Mode::kSnapshot || source.type != plan::SourceType::kCsv;
    if (it == known.end() || (snapshot && latest[source.name] != now[input.source])) {
      if (it = held.find({source.name, input.sha256}); it == held.end()) continue;
      input.held_by = it->second.import_id;
      input.known_rows = static_cast<uint64_t>(it->second.extracted);
      input.state = Input::State::kUnchanged;
      continue;
    }
    input.known_rows = static_cast<uint64_t>(it->second.extracted);
    const bool same_path = snapshot || it->second.path == input.path;
    input.state = same_path ? Input::State::kUnchanged : Input::State::kDuplicate;
    if (!same_path) input.same_as = it->second.path;
  }
  return {};
}

namespace {}  // namespace

bool TakeStates(Context* c) {
  std::set<uint32_t> files;
  const auto lines = c->manifest->Lines("input");
  for (const auto& line : lines) files.insert(line.file);
  if (files.size() != c->inputs.size() || *files.rbegin() >= c->inputs.size()) return false;
  for (const auto& line : lines) {
    Input& input = c->inputs[line.file];
    const std::string& state = line.Text("state");
    input.state = state == "import"      ? Input::State::kImport
                  : state == "duplicate" ? Input::State::kDuplicate
                                         : Input::State::kUnchanged;
    input.same_as = line.Text("same_as");
    input.known_rows = line.Number("known_rows");
    input.held_by = static_cast<int64_t>(line.Number("held_by"));
    if (!input.live) continue;
    // The last line of an input is its state; its content stands with the end of its extraction.
    const auto* extracted = c->manifest->Find("extracted", line.file, 0);
    input.sha256 = extracted == nullptr ? line.Text("sha256") : extracted->Text("content");
  }
  return true;
}

namespace {

spool::ManifestLine InputLine(const Context& c, const Input& i) {
  return {"input",
          i.file_no,
          0,
          {{"source", c.plan.sources[i.source].name},
           {"path", i.path},
           {"what", i.what},
           {"live", i.live ? "yes" : "no"},
           {"bytes", std::to_string(i.bytes)},
           {"layout", std::to_string(i.layout)},
           {"columns", ColumnsJson(i.columns)},
           {"sha256", i.sha256},
           {"state", StateName(i.state)},
           {"same_as", i.same_as},
           {"known_rows", std::to_string(i.known_rows)},
           {"held_by", std::to_string(i.held_by)}}};
}

// A table on a server may have changed since the import that read it was over, or found nothing to do.
bool LiveIsStale(const Context& c, bool finished) {
  bool live = false, importing = false;
  for (const Input& i : c.inputs) {
    live |= i.live;
    importing |= i.state == Input::State::kImport;
  }
  return live && (finished || !importing);
}

// Was a source released since this work was planned, so that it is to be read as a whole? An import that was begun
// behind the release has done so.
Result<bool> AnyReadAsAWhole(const Context& c) {
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  bool any = false;
  for (const plan::Source& source : c.plan.sources) {
    if (!db || any) break;
    MIGRATE_ASSIGN(any, IsReadAsAWhole(db.get(), c.plan, source));
  }
  if (!any) return false;
  MIGRATE_ASSIGN(auto import, ImportOfWork(c, db.get()));
  if (import) return import->state == "done";
  for (const auto& line : c.manifest->Lines("bound"))
    if (!line.Text("part").empty()) return true;
  for (const auto& line : c.manifest->Lines("raw"))
    if (line.Number("held") > 0) return true;
  return c.manifest->Lines("bound").empty();
}

// Back to what the files alone say: all are to be imported but copies of each other.
void ForgetStates(Context* c) {
  for (Input& input : c->inputs) {
    if (input.live) input.sha256.clear();
    if (input.state == Input::State::kImport) continue;
    bool copy = false;
    for (const Input& other : c->inputs)
      copy |= &other < &input && !input.live && other.source == input.source && other.sha256 == input.sha256;
    input.state = copy ? Input::State::kDuplicate : Input::State::kImport;
    input.known_rows = 0;
    input.held_by = 0;
    if (!copy) input.same_as.clear();
  }
}

bool AnythingToImport(const Context& c) {
  for (const Input& i : c.inputs)
    if (i.state == Input::State::kImport) return true;
  return false;
}

// Was the import of this work finished?
Result<bool> Finished(const Context& c) {
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return false;
  MIGRATE_ASSIGN(auto import, ImportOfWork(c, db.get()));
  if (!import || import->state != "done") return false;
  // The plan may have got the stage only since.
  const auto& stages = c.plan.stages;
  if (std::find(stages.begin(), stages.end(), plan::Stage::kDedupe) == stages.end()) return true;
  MIGRATE_ASSIGN(auto deduped, ledger::Checkpoint(db.get(), import->import_id, "dedupe", 0));
  return deduped.has_value();
}

// States in the manifest speak of the target they were found in. If that target has not begun this import, they hold
// only while it still knows the same files: it may have been replaced, or restored from a backup.
Result<bool> StatesHold(Context* c, std::vector<Input> fresh) {
  if (WasAskedAgain(*c)) return true;
  MIGRATE_ASSIGN(auto db, LookAtTarget(c->plan.target));
  if (db) {
    MIGRATE_ASSIGN(auto import, ImportOfWork(*c, db.get()));
    if (import) return true;
  }
  for (size_t i = 0; i < fresh.size(); ++i)
    if (fresh[i].live && c->inputs[i].state != Input::State::kImport) fresh[i].sha256 = c->inputs[i].sha256;
  std::swap(c->inputs, fresh);
  Status s = MarkKnown(c);
  std::swap(c->inputs, fresh);
  MIGRATE_TRY(s);
  for (size_t i = 0; i < fresh.size(); ++i)
    if (fresh[i].state != c->inputs[i].state || fresh[i].held_by != c->inputs[i].held_by) return false;
  return true;
}

}  // namespace

Result<Work> PlanWork(Context* c, Workspace* workspace, Ask ask, const std::function<Status()>& may_clear) {
  const bool again = ask == Ask::kAgain;
  Work work;
  const std::string manifest_path = c->Work("manifest.jsonl");
  const std::string key = InputsKey(*c);
  std::string old_hash;
  if (PathExists(manifest_path)) {
    auto manifest = spool::Manifest::Open(manifest_path);
    if (manifest.ok()) {
      c->manifest = *std::move(manifest);
      if (workspace->alone()) MIGRATE_TRY(c->manifest->TakeIn());
      const auto* line = c->manifest->Find("work", 0, 0);
      if (line != nullptr) old_hash = line->Text("plan_hash");
      std::vector<Input> fresh = c->inputs;
      if (line != nullptr && line->Text("inputs") == key && TakeStates(c)) {
        c->run_key = line->Text("run_key");
        MIGRATE_ASSIGN(bool valid, StatesHold(c, std::move(fresh)));
        MIGRATE_ASSIGN(bool finished, Finished(*c));
        MIGRATE_ASSIGN(const bool whole, AnyReadAsAWhole(*c));
        work.same = valid && !again && !(ask == Ask::kRun && (LiveIsStale(*c, finished) || whole));
        work.nothing = work.same && (finished || !AnythingToImport(*c));
        if (work.same && !finished && !c->options.shard && c->manifest->Lines("raw").empty()) {
          MIGRATE_ASSIGN(auto target, LookAtTarget(c->plan.target));
          work.same = target != nullptr;
        }
        if (work.same && !again && ask == Ask::kRun) {
          MIGRATE_ASSIGN(const bool in_vain, DroppedInVain(*c));
          work.same = !in_vain;
        }
        if (work.same) return work;
      }
    } else if (!again) {
      return manifest.status();
    }
  }
  MIGRATE_TRY(RefuseWithoutGone(*c, ask));
  if (!old_hash.empty() && old_hash != c->plan.hash)
    work.note = "the plan has changed since the last run: its mapping is applied to all inputs anew";
  c->manifest.reset();
  work.same = work.nothing = false;
  ForgetStates(c);
  if (!again) MIGRATE_TRY(MarkKnown(c));
  if (!again && !c->inputs.empty() && !AnythingToImport(*c)) work.nothing = true;
  if (may_clear) MIGRATE_TRY(may_clear());
  MIGRATE_TRY(workspace->ClearWork());
  MIGRATE_ASSIGN(c->manifest, spool::Manifest::Open(manifest_path));
  c->run_key = FreshRunKey(key);
  for (const Input& i : c->inputs) {
    MIGRATE_TRY(c->manifest->Append(InputLine(*c, i)));
  }
  MIGRATE_TRY(c->manifest->Append(WorkLine(*c, key, again)));
  return work;
}

namespace {

bool InParts(const Context& c, const Input& input) { return !c.plan.sources[input.source].incremental.column.empty(); }

}  // namespace

Status SettleLive(Context* c) {
  bool open = false;
  for (const Input& i : c->inputs) open |= (i.live || InParts(*c, i)) && i.state == Input::State::kImport;
  if (!open) return {};
  MIGRATE_TRY(MarkKnown(c));
  // The target may know the rows of a part because an import that did not end has brought them: that one goes on.
  MIGRATE_ASSIGN(auto db, LookAtTarget(c->plan.target));
  std::optional<ledger::Import> begun;
  if (db) {
    MIGRATE_ASSIGN(begun, ImportOfWork(*c, db.get()));
  }
  for (Input& i : c->inputs) {
    if (begun || i.state != Input::State::kImport) continue;
    MIGRATE_ASSIGN(bool known, PartIsKnown(c, i));
    if (known) i.state = Input::State::kUnchanged;
  }
  for (const Input& i : c->inputs) {
    if ((!i.live && !InParts(*c, i)) || i.state == Input::State::kImport) continue;
    MIGRATE_TRY(c->manifest->Append(InputLine(*c, i)));
    MIGRATE_TRY(c->manifest->Drop("raw", i.file_no));
  }
  return {};
}

Status BeginAnew(Context* c) {
  const std::string key = InputsKey(*c);
  c->run_key = FreshRunKey(key);
  return c->manifest->Append(WorkLine(*c, key, WasAskedAgain(*c)));
}

}  // namespace migrate::run
