// Looking without touching: `validate` and `status`.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "chain.h"
#include "context.h"
#include "live_status.h"
#include "matching.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/copy.h"
#include "migrate/ledger/lease.h"
#include "migrate/ledger/versions.h"
#include "migrate/run/run.h"
#include "migrate/survey/sample.h"
#include "take_back.h"
#include "watch_sign.h"

namespace migrate::run {

using nlohmann::json;

// Is the target, if it is there, one that this version may write?
Status CheckTarget(const plan::Plan& plan) { return LookAtTarget(plan.target).status(); }

Status CopyTarget(const plan::Plan& plan, const std::string& to) {
  MIGRATE_ASSIGN(auto from, LookAtTarget(plan.target));
  if (!from) return {};
  if (plan.target.sqlite) {
    MIGRATE_TRY(store::CopySqlite(plan.target.path, to));
    MIGRATE_ASSIGN(auto copy, store::OpenSqlite(to, store::OpenMode::kReadWrite));
    return ledger::ForgetLease(copy.get());
  }
  MIGRATE_ASSIGN(auto db, store::OpenSqlite(to, store::OpenMode::kCreate));
  MIGRATE_ASSIGN(auto partitions, ledger::PartitionsOf(from.get()));
  MIGRATE_TRY(db->Execute("PRAGMA synchronous=OFF"));  // a copy that is thrown away
  return ledger::CopyIntoSqlite(from.get(), db.get(), {Partitioner::Kind::kRange, partitions.value_or(1)});
}

namespace {

// Files beyond this many of one layout are not opened for a look at their rows.
constexpr size_t kFilesLookedAt = 100;

// The first rows of one layout of a source, shared among its files.
Status CheckLayout(const plan::Plan& plan, const std::vector<const Input*>& inputs, uint64_t rows, Servers* servers,
                   survey::CheckResult* result) {
  const Input& first = *inputs.front();
  const plan::Source& source = plan.sources[first.source];
  survey::SourceCheck check(plan, source, first.layout, first.columns, first.fields);
  const size_t files = std::min(inputs.size(), kFilesLookedAt);
  uint64_t left = rows;
  for (size_t i = 0; i < files && left > 0; ++i) {
    MIGRATE_ASSIGN(auto reader, OpenInput(plan, *inputs[i], servers, rows));
    check.BeginFile(source.type == plan::SourceType::kCsv ? std::filesystem::path(inputs[i]->path).filename().string()
                                                          : inputs[i]->what);
    const uint64_t share = std::max<uint64_t>(1, left / (files - i));
    MIGRATE_ASSIGN(uint64_t n, survey::ReadRows(
                                   reader.get(), share,
                                   [&](const RawRow& row, const std::vector<Cell>& cells) { check.Row(row, cells); },
                                   [&](const Reject& reject) { check.Rejected(reject); }));
    left -= n;
  }
  *result = check.Finish();
  return {};
}

// Inputs of one source and layout whose columns stand in the same places are looked at together.
Status CheckInputs(const plan::Plan& plan, const std::vector<Input>& inputs, uint64_t rows,
                   std::vector<survey::CheckResult>* checks) {
  Servers servers(plan, 0);
  std::vector<bool> done(inputs.size(), false);
  auto same = [](const Input& a, const Input& b) {
    return a.source == b.source && a.layout == b.layout &&
           std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                      [](const auto& x, const auto& y) { return x.name == y.name; });
  };
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (done[i] || inputs[i].columns.empty()) continue;
    std::vector<const Input*> group;
    for (size_t j = i; j < inputs.size(); ++j)
      if (!done[j] && same(inputs[i], inputs[j])) {
        done[j] = true;
        group.push_back(&inputs[j]);
      }
    MIGRATE_TRY(CheckLayout(plan, group, rows, &servers, &checks->emplace_back()));
  }
  return {};
}

}  // namespace

RunOutcome Validate(const plan::Plan& plan, const ValidateOptions& options, ValidateFindings* findings) {
  RunOutcome out;
  if (options.offline) return out;
  InputErrors errors;
  std::vector<Input> inputs = FindInputs(plan, &errors);
  if (!errors.text.empty()) {
    out.status = Status(errors.plan ? ErrorKind::kPlan : ErrorKind::kFailed, errors.text);
    out.exit_code = ExitCode(out.status);
    return out;
  }
  for (const Input& i : inputs) {
    if (i.columns.empty()) findings->notes += fmt::format("{}: {} has no line\n", plan.sources[i.source].name, i.path);
    findings->text += fmt::format("{}: {}, {}, {}\n", plan.sources[i.source].name, i.path,
                                  Counted(i.columns.size(), "column"), Counted(i.bytes, "byte"));
    for (const auto& f : i.findings) findings->text += "  " + f + "\n";
  }
  out.status = CheckModelFile(plan);
  if (out.status.ok()) out.status = CheckInputs(plan, inputs, options.rows, &findings->checks);
  if (out.status.ok()) out.status = CheckTarget(plan);
  out.exit_code = ExitCode(out.status);
  return out;
}

namespace {

json HolderJson(const ledger::LeaseHolder& h) {
  return {{"by", h.by}, {"since", h.since}, {"until", h.until}, {"lapsed", h.lapsed}};
}

// The target's part of `status`.
Status TargetStatus(const plan::Plan& plan, json* j) {
  MIGRATE_ASSIGN(auto db, LookAtTarget(plan.target));
  if (!db) return {};
  MIGRATE_ASSIGN(const int64_t take_back, TakeBackUnderWay(plan, db.get()));
  if (Status s = CheckTargetAge(plan, db.get(), take_back); !s.ok() && (*j)["running"].is_null())
    (*j)["finding"] = s.message() + ". " + s.hint();
  MIGRATE_ASSIGN(auto holder, ledger::HolderOf(db.get(), plan.target.sqlite ? plan.target.path : ""));
  if (holder) (*j)["held"] = HolderJson(*holder);
  MIGRATE_ASSIGN(const int64_t matching, ledger::OpenMatching(db.get(), plan.name));
  if (matching != 0 && (*j)["running"].is_null() && !j->contains("finding"))
    (*j)["finding"] = fmt::format("import {}, which matches anew, was begun and did not end: migrate run {} ends it",
                                  matching, plan.file);
  MIGRATE_ASSIGN(const auto last, ledger::LastImportOf(db.get(), ""));
  if (last) {
    const auto& i = *last;
    (*j)["import"] = {
        {"import", i.import_id}, {"state", i.state}, {"started_at", i.started_at}, {"finished_at", i.finished_at}};
    MIGRATE_ASSIGN(
        std::string verdict,
        db->QueryText(
            fmt::format(
                "SELECT verdict FROM reconciliation WHERE import_id = {} ORDER BY reconciliation_id DESC LIMIT 1",
                i.import_id),
            "not run"));
    (*j)["import"]["reconciliation"] = verdict;
  }
  MIGRATE_ASSIGN(const uint64_t records, ledger::CountedRecords(db.get()));
  MIGRATE_ASSIGN(int64_t persons, db->QueryInteger("SELECT count(*) FROM person"));
  MIGRATE_ASSIGN(int64_t rejects, db->QueryInteger("SELECT count(*) FROM quarantine WHERE state = 'open'"));
  (*j)["records"] = records;
  (*j)["persons"] = persons;
  (*j)["open_rejects"] = rejects;
  return {};
}

}  // namespace

Result<std::string> StatusJson(const plan::Plan& plan) {
  json j = {{"schema", 1},       {"plan", plan.name}, {"workspace", plan.workspace}, {"target", plan.target.url},
            {"import", nullptr}, {"running", nullptr}};
  const std::string manifest = WorkPath(plan, "manifest.jsonl");
  if (PathExists(manifest)) {
    // Read, not opened: a run may be writing it.
    MIGRATE_ASSIGN(std::string text, spool::Manifest::Look(manifest));
    uint64_t raw = 0, rejects = 0, records = 0;
    for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      json line =
          json::parse(text.begin() + static_cast<long>(begin), text.begin() + static_cast<long>(end), nullptr, false);
      if (!line.is_object()) continue;
      auto number = [&](const char* name) { return std::strtoull(line.value(name, "0").c_str(), nullptr, 10); };
      if (line["kind"] == "raw") {
        raw += number("rows") + number("rejects");
        rejects += number("rejects");
      }
      if (line["kind"] == "records") records += number("rows");
    }
    j["work"] = {{"rows_extracted", raw}, {"rows_rejected", rejects}, {"records_normalized", records}};
  }
  auto holder = ReadWholeFile(plan.workspace + "/lock");
  const bool held = holder.ok() && Workspace::Held(plan.workspace);
  if (held) j["running"] = *holder;
  AddLiveStatus(plan.workspace, held, held ? *holder : "", &j);
  AddWatchSign(plan.workspace, &j);
  if (Status s = TargetStatus(plan, &j); !s.ok()) {
    // While a run commits, the target cannot be read; how far the work is can still be told.
    if (j["running"].is_null()) return s;
    j["target_busy"] = s.message();
    auto beside = plan.target.sqlite ? ledger::HolderBeside(plan.target.path) : std::nullopt;
    if (beside) j["held"] = HolderJson(*beside);
  }
  return j.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace migrate::run
