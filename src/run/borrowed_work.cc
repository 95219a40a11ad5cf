#include "borrowed_work.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "gone_inputs.h"
#include "migrate/run/target.h"
#include "retention.h"

namespace migrate::run {
namespace {

using spool::ManifestLine;

struct Found {
  std::vector<ManifestLine> lines;
  bool raw_gone = false;  // dropped by retention
};

// Nothing if there is no work, or its import has ended.
std::optional<Found> WorkOf(const plan::Plan& plan) {
  const std::string path = WorkPath(plan, "manifest.jsonl");
  if (!PathExists(path)) return std::nullopt;
  auto lines = spool::ReadManifest(path);
  if (!lines.ok()) return std::nullopt;  // of another account, maybe
  Found found;
  std::string run_key, over;
  for (ManifestLine& line : *lines) {
    if (line.kind == "work") run_key = line.Text("run_key");
    if (line.kind == "over") over = line.Text("run_key");
    found.raw_gone |= line.kind == kSegmentsGone && line.chunk == static_cast<uint32_t>(Segments::kRaw);
    if (line.kind != "dropped" && line.kind != "of") found.lines.push_back(std::move(line));
  }
  if (run_key.empty() || over == run_key) return std::nullopt;
  return found;
}

// Error if the run goes on without a source, for the dry run cannot.
Status NothingGone(const plan::Plan& plan, const RunOptions& options, Ask ask, const std::string& why,
                   const std::string& what_to_do) {
  progress::Meter silent(nullptr);
  const Context c(plan, options, &silent);
  std::string note;
  MIGRATE_TRY(InputsOfRun(c, ask, &note).status());
  if (note.empty()) return {};
  return Status::Failed(fmt::format("the dry run cannot count what the run would do: {}. {}", note, why), what_to_do);
}

Status Link(const std::string& from, const std::string& to) {
  if (!PathExists(from)) return {};
  const std::string target = RealPath(from);  // a plan's path may begin at the current folder
  if (::symlink(target.c_str(), to.c_str()) == 0) return {};
  return PosixError(to, "cannot make a link", errno);
}

Status LinkSegments(const std::string& from, const std::string& to) {
  if (!PathExists(from)) return {};
  MIGRATE_ASSIGN(const auto names, ListFolder(from));
  MIGRATE_TRY(MakeFolders(to));
  for (const std::string& name : names)
    if (name.ends_with(".seg")) MIGRATE_TRY(Link(from + "/" + name, to + "/" + name));
  return {};
}

// A work of its own over the same raw rows: its records are to be made for the copy's partitions, and what the target
// has of its import is taken back there, as those are other partitions, too.
void OnlyRaw(std::vector<ManifestLine>* lines) {
  std::erase_if(*lines, [](const ManifestLine& l) { return l.kind == "records" || l.kind == kSegmentsGone; });
  for (ManifestLine& line : *lines)
    if (line.kind == "work") line.values["run_key"] += " dry";
}

Result<Partitioner> CutFor(const plan::Plan& plan) {
  Partitioner p{plan.target.sqlite ? Partitioner::Kind::kRange : Partitioner::Kind::kModulo,
                static_cast<uint32_t>(plan.target.partitions)};
  MIGRATE_ASSIGN(auto db, LookAtTarget(plan.target));
  if (!db) return p;
  MIGRATE_ASSIGN(const auto count, ledger::PartitionsOf(db.get()));
  p.count = count.value_or(p.count);
  return p;
}

}  // namespace

Result<std::optional<Partitioner>> BorrowWork(const plan::Plan& plan, const plan::Plan& copy, const RunOptions& options,
                                              Ask ask) {
  const std::optional<Partitioner> none;
  if (ask == Ask::kAgain) return none;
  if (Workspace::Held(plan.workspace)) {
    MIGRATE_TRY(NothingGone(plan, options, ask, "Another run is at work with it in " + plan.workspace,
                            "wait for that run to end; `migrate status` shows how far it is"));
    return none;
  }
  std::optional<Found> found = WorkOf(plan);
  if (!found) return none;
  const bool same_cut = plan.target.sqlite;
  if (!same_cut && found->raw_gone) {
    MIGRATE_TRY(NothingGone(plan, options, ask,
                            "Its rows as they were read went from the workspace as retention.segments says, and what "
                            "is left is cut for the server's partitions",
                            "nothing is wrong with the work: the run itself goes on with it"));
    return none;
  }
  if (!same_cut) OnlyRaw(&found->lines);
  MIGRATE_ASSIGN(const Partitioner cut, CutFor(plan));
  const std::string work = WorkPath(copy, "");
  MIGRATE_TRY(LinkSegments(WorkPath(plan, ""), work));
  if (same_cut) {
    MIGRATE_TRY(LinkSegments(WorkPath(plan, "persons"), WorkPath(copy, "persons")));
    MIGRATE_TRY(Link(WorkPath(plan, "persons/decision.json"), WorkPath(copy, "persons/decision.json")));
  }
  MIGRATE_ASSIGN(auto manifest, spool::Manifest::Open(WorkPath(copy, "manifest.jsonl")));
  MIGRATE_TRY(manifest->AppendAll(found->lines));
  return std::optional<Partitioner>(cut);
}

}  // namespace migrate::run
