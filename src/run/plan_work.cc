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

// How record segments are cut: for SQLite or for a server, and for how many partitions.
std::string CutText(const Context& c) {
  const Partitioner& cut = c.cut_for ? *c.cut_for : c.partitioner;
  return fmt::format("{} {}", static_cast<int>(cut.kind), cut.count);
}

std::string LimitText(const Context& c) { return c.options.limit ? std::to_string(*c.options.limit) : "-"; }

// Identity of what is to be imported: plan, limit, and every input by path and content.
std::string InputsKey(const Context& c) {
  std::string text = fmt::format("{}\n{}\n{}\n{}\n", kWorkFormat, c.plan.hash, LimitText(c), CutText(c));
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
           {"limit", LimitText(c)},
           {"cut", CutText(c)},
           {"again", again ? "yes" : "no"}}};
}

// Why InputsKey() is not that of this line any more.
CannotGoOn KeyChanged(const Context& c, const spool::ManifestLine& line) {
  const std::string limit = line.Text("limit"), cut = line.Text("cut");  // "": of an older version
  if (line.Text("plan_hash") != c.plan.hash)
    return {"the plan has changed since", "undo that change; or put the input back"};
  if (!limit.empty() && limit != LimitText(c))
    return {limit == "-" ? "it was begun without --limit" : fmt::format("it was begun with --limit {}", limit),
            fmt::format("run {}; or put the input back", limit == "-" ? "without it" : "with that")};
  if (!cut.empty() && cut != CutText(c))
    return {fmt::format("its records are cut for another target than this one, which has {} partitions",
                        c.partitioner.count),
            "bring the target back that it was begun for; or put the input back"};
  return {cut.empty() ? "--limit, the target's partitions, or an input that is there, has changed since"
                      : "an input that is there has changed since",
          "undo that change; or put the input back"};
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

Status MarkKnown(Context* c, bool again) {
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
    if (again) continue;
    input.known_rows = static_cast<uint64_t>(it->second.extracted);
    const bool same_path = snapshot || it->second.path == input.path;
    input.state = same_path ? Input::State::kUnchanged : Input::State::kDuplicate;
    if (!same_path) input.same_as = it->second.path;
  }
  return {};
}

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
// only while it still knows the same files: it may have been replaced, or restored from a backup. Whether a file that
// is passed over is known or held makes no difference to what is imported: that is brought up to date.
Result<bool> StatesHold(Context* c, std::vector<Input> fresh) {
  const bool again = WasAskedAgain(*c);
  MIGRATE_ASSIGN(auto db, LookAtTarget(c->plan.target));
  if (db) {
    MIGRATE_ASSIGN(auto import, ImportOfWork(*c, db.get()));
    if (import) return true;
  }
  for (size_t i = 0; i < fresh.size(); ++i)
    if (fresh[i].live && (again || c->inputs[i].state != Input::State::kImport)) fresh[i].sha256 = c->inputs[i].sha256;
  std::swap(c->inputs, fresh);
  Status s = MarkKnown(c, again);
  std::swap(c->inputs, fresh);
  MIGRATE_TRY(s);
  for (size_t i = 0; i < fresh.size(); ++i) {
    const Input &now = fresh[i], &then = c->inputs[i];
    if (again ? (now.held_by != 0) != (then.held_by != 0) : now.state != then.state) return false;
  }
  for (size_t i = 0; i < fresh.size(); ++i) {
    Input& input = c->inputs[i];
    if (fresh[i].held_by == input.held_by) continue;
    input.held_by = fresh[i].held_by;
    input.known_rows = fresh[i].known_rows;
    MIGRATE_TRY(c->manifest->Append(InputLine(*c, input)));
  }
  return true;
}

// The import of another plan that has read since, what this work's import was begun with: one of its snapshots as a
// whole, or the same content; none if empty. Gone on with, the older list would call the newer one's rows gone and its
// own there, and the rejects of that content would be open twice.
Result<std::optional<CannotGoOn>> OvertakenBy(const Context& c) {
  std::optional<CannotGoOn> none;
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return none;
  MIGRATE_ASSIGN(auto mine, ImportOfWork(c, db.get()));
  if (!mine || mine->state != "loading") return none;
  std::map<std::string, int64_t> ids;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT name, source_id FROM source"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    ids[std::string(q->Text(0))] = q->Integer(1);
  }
  std::set<int64_t> snapshots;
  std::set<std::pair<int64_t, std::string>> contents;
  for (const Input& i : c.inputs) {
    const plan::Source& source = c.plan.sources[i.source];
    const auto id = ids.find(source.name);
    if (id == ids.end() || i.state != Input::State::kImport) continue;
    if (source.mode == plan::Mode::kSnapshot) snapshots.insert(id->second);
    if (!i.live && !i.sha256.empty()) contents.insert({id->second, i.sha256});
  }
  MIGRATE_ASSIGN(const auto versions, ledger::Versions(db.get()));
  const auto by = [&](int64_t id) {
    return CannotGoOn{fmt::format("import {} of another plan has read the same source since", id),
                      fmt::format("put the input back; or give import {} up: migrate rollback {} {}", mine->import_id,
                                  c.plan.file, mine->import_id)};
  };
  for (const auto& [id, v] : versions) {
    if (id <= mine->import_id || v.rolled_back_by != 0) continue;
    if (std::any_of(v.snapshots.begin(), v.snapshots.end(), [&](int64_t s) { return snapshots.contains(s); }))
      return std::optional(by(id));
    MIGRATE_ASSIGN(const auto files, ledger::ImportFiles(db.get(), id));
    for (const auto& f : files)
      if (f.state == "imported" && contents.contains({f.source_id, f.sha256})) return std::optional(by(id));
  }
  return none;
}

// Why other inputs are to be imported now than when the work was planned.
Result<CannotGoOn> StatesChanged(const Context& c) {
  CannotGoOn out{"the target does not know any more what it knew of the other inputs",
                 "bring that target back; or put the input back"};
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return out;
  MIGRATE_ASSIGN(const auto versions, ledger::Versions(db.get()));
  MIGRATE_ASSIGN(const auto imports, ledger::Imports(db.get()));
  for (auto i = imports.rbegin(); i != imports.rend(); ++i) {
    const auto v = versions.find(i->import_id);
    if (i->plan_name != c.plan.name || v == versions.end() || !v->second.rollback || v->second.rolled_back_by != 0)
      continue;
    const bool never_ended = std::any_of(imports.begin(), imports.end(), [&](const ledger::Import& other) {
      return other.import_id == v->second.undoes && other.state == "abandoned";
    });
    if (never_ended) continue;  // it cannot be brought back
    const auto subject = versions.find(v->second.undoes);
    const bool released = subject != versions.end() && subject->second.released;
    out.why = fmt::format("import {} has taken import {} back{}, so other inputs are to be read with it now",
                          i->import_id, v->second.undoes, released ? " and its inputs were released" : "");
    out.what_to_do =
        fmt::format("put the input back; or take that back first: migrate rollback {} {}", c.plan.file, i->import_id);
    break;
  }
  return out;
}

}  // namespace

Result<Work> PlanWork(Context* c, Workspace* workspace, Ask ask, const std::function<Status()>& may_clear) {
  const bool again = ask == Ask::kAgain;
  Work work;
  const std::string manifest_path = c->Work("manifest.jsonl");
  const std::string key = InputsKey(*c);
  std::string old_hash;
  CannotGoOn reason{"what the workspace has of it does not hold any more", "put the input back"};
  if (PathExists(manifest_path)) {
    auto manifest = spool::Manifest::Open(manifest_path);
    if (manifest.ok()) {
      c->manifest = *std::move(manifest);
      if (workspace->alone()) MIGRATE_TRY(c->manifest->TakeIn());
      const auto* line = c->manifest->Find("work", 0, 0);
      if (line != nullptr) old_hash = line->Text("plan_hash");
      if (line != nullptr && line->Text("inputs") != key) reason = KeyChanged(*c, *line);
      std::vector<Input> fresh = c->inputs;
      if (line != nullptr && line->Text("inputs") == key && TakeStates(c)) {
        c->run_key = line->Text("run_key");
        MIGRATE_ASSIGN(bool valid, StatesHold(c, std::move(fresh)));
        MIGRATE_ASSIGN(bool finished, Finished(*c));
        MIGRATE_ASSIGN(const bool whole, AnyReadAsAWhole(*c));
        work.same = valid && !again && !(ask == Ask::kRun && (LiveIsStale(*c, finished) || whole));
        work.nothing = work.same && (finished || !AnythingToImport(*c));
        if (!valid) {
          MIGRATE_ASSIGN(reason, StatesChanged(*c));
        } else if (whole) {
          reason = {"inputs were released since, so a table is to be read as a whole with it now",
                    "put the input back"};
        }
        if (work.same && !finished) {
          MIGRATE_ASSIGN(const auto overtaken, OvertakenBy(*c));
          work.same = !overtaken;
          if (overtaken) reason = *overtaken;
        }
        if (work.same && !finished && !c->options.shard && c->manifest->Lines("raw").empty()) {
          MIGRATE_ASSIGN(auto target, LookAtTarget(c->plan.target));
          work.same = target != nullptr;
        }
        if (work.same && !again && ask == Ask::kRun) {
          MIGRATE_ASSIGN(const bool in_vain, DroppedInVain(*c));
          work.same = !in_vain;
          if (in_vain)
            reason = {"the target does not have its rows any more, and their segments went as retention.segments says",
                      "bring that target back; or put the input back"};
        }
        if (work.same) return work;
      }
    } else if (!again) {
      return manifest.status();
    }
  }
  MIGRATE_TRY(RefuseWithoutGone(*c, ask, reason));
  if (!old_hash.empty() && old_hash != c->plan.hash)
    work.note = "the plan has changed since the last run: its mapping is applied to all inputs anew";
  c->manifest.reset();
  work.same = work.nothing = false;
  ForgetStates(c);
  MIGRATE_TRY(MarkKnown(c, again));
  if (!c->inputs.empty() && !AnythingToImport(*c)) work.nothing = true;
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
  const auto open = [&](const Input& i) { return (i.live || InParts(*c, i)) && i.state == Input::State::kImport; };
  if (std::none_of(c->inputs.begin(), c->inputs.end(), open)) return {};
  MIGRATE_ASSIGN(auto db, LookAtTarget(c->plan.target));
  if (!db) return {};
  // What an import has begun with stays; the target may know the rows of a part because that import has brought them.
  MIGRATE_ASSIGN(auto begun, ImportOfWork(*c, db.get()));
  if (begun) return {};
  // Files were settled before they were read; another look would judge by what has been asked now, not then.
  std::vector<Input> before = c->inputs;
  MIGRATE_TRY(MarkKnown(c, WasAskedAgain(*c)));
  std::swap(c->inputs, before);
  for (size_t n = 0; n < before.size(); ++n) {
    Input& i = c->inputs[n];
    if (!open(i)) continue;
    i = before[n];
    if (i.state == Input::State::kImport) {
      MIGRATE_ASSIGN(bool known, PartIsKnown(c, i));
      if (!known) continue;
      i.state = Input::State::kUnchanged;
    }
    MIGRATE_TRY(c->manifest->Append(InputLine(*c, i)));
    MIGRATE_TRY(c->manifest->Drop("raw", i.file_no));
  }
  return {};
}

Status BeginAnew(Context* c) {
  MIGRATE_TRY(CheckLoadableAnew(*c));  // before the work is called another one
  const std::string key = InputsKey(*c);
  c->run_key = FreshRunKey(key);
  return c->manifest->Append(WorkLine(*c, key, WasAskedAgain(*c)));
}

}  // namespace migrate::run
