#include "fixes.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "migrate/base/plural.h"
#include "migrate/ledger/fixes.h"
#include "migrate/record/digest.h"
#include "migrate/spool/raw_rows.h"

namespace migrate::run {
namespace {

using nlohmann::json;

Status Inherit(Context* c, int round) {
  if (c->replay()) return {};
  std::vector<ledger::RejectInput> inputs;
  for (const Input& input : c->inputs) {
    if (input.state != Input::State::kImport) continue;
    const plan::Source& source = c->plan.sources[input.source];
    ledger::RejectInput& i = inputs.emplace_back();
    i.file_no = input.file_no;
    i.source_id = c->source_ids[input.source];
    i.path = input.path;
    i.sha256 = input.sha256;
    i.snapshot = source.mode == plan::Mode::kSnapshot;
    i.part = !source.incremental.column.empty();
    i.keyed = !source.key.empty();
  }
  MIGRATE_ASSIGN(ledger::Inherited n, ledger::InheritFixes(c->db.get(), c->import_id, round, inputs));
  if (n.replayed > 0)
    c->meter->printer()->Note(fmt::format("{} {} mended and replayed before, and that holds on",
                                          Counted(n.replayed, "rejected row"), Plural(n.replayed, "was", "were")));
  if (n.fixed > 0)
    c->meter->printer()->Note(fmt::format("{} {} mended before: migrate rejects replay loads {} so",
                                          Counted(n.fixed, "rejected row"), Plural(n.fixed, "was", "were"),
                                          Plural(n.fixed, "it", "them")));
  return {};
}

}  // namespace

// The rejects of extract into quarantine, once, in one transaction; rejects of an earlier import of the same file give
// way.
Status LoadRejects(Context* c) {
  MIGRATE_ASSIGN(auto done, ledger::Checkpoint(c->db.get(), c->import_id, "rejects", 0));
  if (done) return {};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  for (const Input& input : c->inputs) {
    // Some rows of a file are no later state of it.
    if (input.state != Input::State::kImport || input.held) continue;
    // With a limit only the first rows are read anew; the rejects behind them stay open.
    MIGRATE_ASSIGN(InputBook book, BookOf(*c->manifest, input.file_no));
    const int64_t rows = c->options.limit ? static_cast<int64_t>(book.rows + book.rejects) : INT64_MAX;
    // An append file that has changed may hold other rows now: only the same content stands for the same rows.
    const bool snapshot = c->plan.sources[input.source].mode == plan::Mode::kSnapshot;
    MIGRATE_TRY(ledger::SupersedeRejects(c->db.get(), c->import_id, c->source_ids[input.source], input.sha256,
                                         snapshot ? input.path : "", rows));
  }
  MIGRATE_ASSIGN(auto quarantine, ledger::QuarantineWriter::Open(c->db.get(), c->import_id));
  uint64_t n = 0;
  for (const auto& line : c->manifest->Lines("raw")) {
    if (line.Number("rejects") == 0) continue;
    MIGRATE_TRY(spool::EachRawRow(c->Work(line.Text("path")), [&](const auto& at, spool::RawBlockReader::Kind kind) {
      if (kind != spool::RawBlockReader::Kind::kReject) return Status();
      Reject r = at.reject();
      r.place.file = line.file;
      ++n;
      return quarantine->Add(c->source_ids[c->inputs[line.file].source], r);
    }));
  }
  MIGRATE_TRY(quarantine->Flush());
  MIGRATE_TRY(Inherit(c, 0));
  MIGRATE_TRY(ledger::SetCheckpoint(c->db.get(), c->import_id, "rejects", 0, fmt::format("{{\"rows\":{}}}", n)));
  return transaction.Commit();
}

Status TakeMended(Context* c, load::Options* options) {
  if (options->full_snapshots.empty()) return {};
  MIGRATE_ASSIGN(auto mended, ledger::MendedRecords(c->db.get()));
  for (const auto& [record_id, m] : mended) options->mended[record_id] = m.stands;
  return {};
}

Status InheritRepeated(Context* c) {
  MIGRATE_ASSIGN(auto done, ledger::Checkpoint(c->db.get(), c->import_id, "rejects", 1));
  if (done) return {};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  MIGRATE_TRY(Inherit(c, 1));
  MIGRATE_TRY(ledger::SetCheckpoint(c->db.get(), c->import_id, "rejects", 1, "{}"));
  return transaction.Commit();
}

namespace {

// What the rows of an input became, in their order.
Result<std::vector<int64_t>> RecordsOf(const Context& c, const Input& input) {
  auto lines = c.manifest->Lines("raw");
  std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.chunk < b.chunk; });
  const std::string& source = c.plan.sources[input.source].name;
  std::vector<int64_t> records;
  for (const auto& line : lines) {
    if (line.file != input.file_no) continue;
    MIGRATE_TRY(spool::EachRawRow(c.Work(line.Text("path")), [&](const auto& at, spool::RawBlockReader::Kind kind) {
      const bool row = kind != spool::RawBlockReader::Kind::kReject;
      records.push_back(row ? static_cast<int64_t>(RecordId(source, at.row().source_key)) : 0);
      return Status();
    }));
  }
  return records;
}

}  // namespace

Status LeaveQuarantine(Context* c) {
  for (const Input& input : c->inputs) {
    if (!input.held) continue;
    MIGRATE_TRY(ledger::MarkReplayed(c->db.get(), c->import_id, input.held->ids));
    // So that a rollback of this import knows them.
    MIGRATE_TRY(
        ledger::SetCheckpoint(c->db.get(), c->import_id, "replayed", input.file_no, json(input.held->ids).dump()));
    MIGRATE_ASSIGN(auto records, RecordsOf(*c, input));
    MIGRATE_TRY(ledger::SetCheckpoint(c->db.get(), c->import_id, "replayed as", input.file_no, json(records).dump()));
  }
  return {};
}

}  // namespace migrate::run
