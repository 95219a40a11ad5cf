#include "migrate/run/replay.h"
#include "migrate/ledger/versions.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "context.h"
#include "migrate/base/plural.h"
#include "migrate/record/digest.h"
#include "migrate/record/reasons.h"
#include "migrate/run/reject_context.h"
#include "migrate/run/target.h"

namespace migrate::run {
namespace {

using nlohmann::json;

// An open row with what the import knew of its file.
struct OpenRow {
  int64_t id = 0, import_id = 0, file_no = 0;
  std::string source, source_key, reason, path, what, sha256, columns;
  std::vector<std::string> findings;
  extract::HeldRow row;
};

Result<std::vector<OpenRow>> ReadOpenRows(store::Connection* db) {
  MIGRATE_ASSIGN(auto fixes, ledger::FixesInForce(db));
  MIGRATE_ASSIGN(auto q, db->Scan("SELECT q.quarantine_id, q.import_id, q.file_no, s.name, q.row_no, q.line, "
                                  "q.byte_offset, coalesce(q.source_key, ''), q.reason, q.raw, f.path, f.what, "
                                  "f.sha256, f.findings, coalesce(c.columns, '') FROM quarantine q "
                                  "JOIN source s ON s.source_id = q.source_id "
                                  "JOIN import_file f ON f.import_id = q.import_id AND f.file_no = q.file_no "
                                  "LEFT JOIN source_schema c ON c.schema_id = f.schema_id WHERE q.state = 'open' "
                                  "ORDER BY q.import_id, q.file_no, q.row_no, q.quarantine_id"));
  std::vector<OpenRow> rows;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return rows;
    OpenRow& r = rows.emplace_back();
    r.id = q->Integer(0);
    r.import_id = q->Integer(1);
    r.file_no = q->Integer(2);
    r.source = q->Text(3);
    r.row.place = {0, static_cast<uint64_t>(q->Integer(4)), static_cast<uint64_t>(q->Integer(5)),
                   static_cast<uint64_t>(q->Integer(6))};
    r.source_key = q->Text(7);
    r.reason = q->Text(8);
    r.row.raw = q->Text(9);
    r.path = q->Text(10);
    r.what = q->Text(11);
    r.sha256 = q->Text(12);
    const json findings = json::parse(q->Text(13), nullptr, false);
    if (findings.is_array())
      for (const auto& f : findings)
        if (f.is_string()) r.findings.push_back(f);
    r.columns = q->Text(14);
    auto fix = fixes.find(r.id);
    if (fix == fixes.end()) continue;
    if (fix->second.raw) r.row.raw = *fix->second.raw;
    r.row.cells = fix->second.cells;
  }
}

// What the reader makes of each row, in their order.
class Verdicts : public extract::RowSink {
 public:
  struct Verdict {
    bool good = false;
    std::string key, reason, detail;
  };
  Status OnRow(const RawRow& row) override {
    all.push_back({true, std::string(row.source_key), "", ""});
    return {};
  }
  Status OnReject(const Reject& r) override {
    all.push_back({false, r.source_key, r.reason, r.detail});
    return {};
  }
  std::vector<Verdict> all;
};

// Rows of one file of one import.
class Group {
 public:
  Group(const plan::Plan& plan, size_t source, std::vector<OpenRow> rows)
      : plan_(plan), source_(source), rows_(std::move(rows)) {}

  // Binds the columns by the first layout that fits. False: the plan has none for them.
  bool Bind() {
    const plan::Source& source = plan_.sources[source_];
    const OpenRow& first = rows_.front();
    input_.source = source_;
    input_.path = first.path;
    input_.what = first.what;
    input_.columns = ColumnsFromJson(first.columns);
    input_.findings = {fmt::format("rows of the quarantine of import {}", first.import_id)};
    input_.layout = -1;
    for (size_t l = 0; l < source.layouts.size() && input_.layout < 0 && !input_.columns.empty(); ++l)
      if (BindInput(plan_, source, source.layouts[l], &input_).empty()) input_.layout = static_cast<int>(l);
    if (input_.layout < 0) return false;
    const plan::Layout& layout = source.layouts[static_cast<size_t>(input_.layout)];
    options_.source = source.name;
    options_.csv = first.what == "csv";
    options_.columns = input_.columns;
    options_.key = source.key;
    options_.key_prefix = first.sha256.substr(0, 16);
    options_.delimiter = layout.delimiter.size() == 1 ? layout.delimiter[0] : DelimiterOf(&source, first.findings);
    const std::string found = WordOfFinding(first.findings, "encoding");
    const bool utf16 =
        layout.encoding == "utf-16" || std::any_of(first.findings.begin(), first.findings.end(),
                                                   [](const auto& f) { return f.starts_with("UTF-16"); });
    options_.encoding = utf16 ? "utf-8" : !layout.encoding.empty() ? layout.encoding : found;
    return true;
  }

  // Of each row, in their order.
  Result<std::vector<Verdicts::Verdict>> Read() const {
    auto rows = std::make_shared<std::vector<extract::HeldRow>>();
    for (const OpenRow& r : rows_) rows->push_back(r.row);
    MIGRATE_ASSIGN(auto reader, extract::OpenHeld(options_, rows));
    Verdicts verdicts;
    for (;;) {
      MIGRATE_ASSIGN(auto chunk, reader->Next());
      if (!chunk) break;
      MIGRATE_TRY(reader->Read(*chunk, verdicts));
    }
    // Another row has this key, and had it when the row was put aside: that is no row to load.
    for (size_t i = 0; i < rows_.size(); ++i) {
      const bool twice = rows_[i].reason == reasons::kDuplicateKey || rows_[i].reason == reasons::kIdCollision;
      Verdicts::Verdict& v = verdicts.all[i];
      if (v.good && twice && v.key == rows_[i].source_key) v = {false, v.key, rows_[i].reason, "the key is the same"};
    }
    return std::move(verdicts.all);
  }

  // The rows that can be read, as an input; nothing if there is none.
  Result<std::optional<Input>> Make(std::map<std::string, uint64_t>* still) {
    MIGRATE_ASSIGN(auto verdicts, Read());
    auto rows = std::make_shared<std::vector<extract::HeldRow>>();
    HeldInput held;
    Sha256Hasher hash;
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (!verdicts[i].good) {
        ++(*still)[verdicts[i].reason];
        continue;
      }
      const OpenRow& r = rows_[i];
      const std::string text = fmt::format("{} {}\n", r.id, Sha256Hex(r.row.raw + json(r.row.cells).dump()));
      hash.Update(text);
      input_.bytes += r.row.raw.size();
      rows->push_back(r.row);
      held.ids.push_back(r.id);
    }
    if (rows->empty()) return std::optional<Input>();
    const Sha256 sha = hash.Finish();
    input_.sha256 = Hex(AsView(sha));
    held.options = options_;
    held.rows = std::move(rows);
    input_.held = std::make_shared<const HeldInput>(std::move(held));
    return std::optional<Input>(std::move(input_));
  }

 private:
  const plan::Plan& plan_;
  size_t source_;
  std::vector<OpenRow> rows_;
  Input input_;
  extract::HeldOptions options_;
};

std::optional<size_t> SourceIndex(const plan::Plan& plan, const std::string& name) {
  for (size_t i = 0; i < plan.sources.size(); ++i)
    if (plan.sources[i].name == name) return i;
  return std::nullopt;
}

Status CheckIds(const std::vector<OpenRow>& rows, const std::vector<int64_t>& ids) {
  for (int64_t id : ids)
    if (std::none_of(rows.begin(), rows.end(), [&](const OpenRow& r) { return r.id == id; }))
      return Status::Plan(fmt::format("there is no open row {} in quarantine", id),
                          "`migrate rejects list PLAN --limit 1000` lists the rows with their numbers");
  return {};
}

// A replay clears the workspace of other work, so what was begun before it is to be ended first.
Status NothingUnfinished(const plan::Plan& plan, store::Connection* db) {
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  for (const auto& i : imports) {
    if (i.state != "loading" || i.plan_name != plan.name) continue;
    MIGRATE_ASSIGN(auto files, ledger::ImportFiles(db, i.import_id));
    MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
    if (versions[i.import_id].rollback ||
        std::any_of(files.begin(), files.end(), [](const auto& f) { return f.state != kReplayed; }))
      return Status::Failed(fmt::format("import {} of this plan has not ended", i.import_id),
                            "end it first: migrate run " + plan.file);
  }
  return {};
}

}  // namespace

Result<ReplayRows> FindReplayRows(const plan::Plan& plan, store::Connection* db, const ReplayRequest& request) {
  MIGRATE_ASSIGN(std::vector<OpenRow> rows, ReadOpenRows(db));
  MIGRATE_TRY(CheckIds(rows, request.ids));
  const std::set<int64_t> ids(request.ids.begin(), request.ids.end());
  ReplayRows out;
  std::vector<OpenRow> group;
  const auto end_group = [&]() -> Status {
    if (group.empty()) return {};
    const uint64_t count = group.size();
    auto source = SourceIndex(plan, group.front().source);
    Group g(plan, source.value_or(0), std::exchange(group, {}));
    if (!source || !g.Bind()) {
      out.still_rejected[std::string(reasons::kUnknownLayout)] += count;
      return {};
    }
    MIGRATE_ASSIGN(auto input, g.Make(&out.still_rejected));
    if (!input) return {};
    input->file_no = static_cast<uint32_t>(out.inputs.size());
    out.rows += input->held->rows->size();
    out.inputs.push_back(*std::move(input));
    return {};
  };
  for (OpenRow& r : rows) {
    if (!ids.empty() && !ids.contains(r.id)) continue;
    if (!request.reason.empty() && r.reason != request.reason) continue;
    if (!group.empty() && (group.front().import_id != r.import_id || group.front().file_no != r.file_no))
      MIGRATE_TRY(end_group());
    group.push_back(std::move(r));
  }
  MIGRATE_TRY(end_group());
  return out;
}

namespace {

// A mended key may be somebody else's by mistake; "" if no record has it.
Result<std::string> SayTaken(store::Connection* db, const std::string& source, const std::string& key) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT import_id, line FROM record WHERE record_id = ? AND gone_import IS NULL"));
  q->Bind(1, static_cast<int64_t>(RecordId(source, key)));
  MIGRATE_ASSIGN(const bool taken, q->Step());
  if (!taken) return std::string();
  return fmt::format(
      "source {} has a row with the key {} already (line {}, import {}): replay puts that one into the "
      "history, or this one if it is older",
      source, key, q->Integer(1), q->Integer(0));
}

}  // namespace

Result<FixOutcome> FixReject(const plan::Plan& plan, store::Connection* db, int64_t id, const ledger::Fix& fix) {
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_ASSIGN(std::vector<OpenRow> rows, ReadOpenRows(db));
  MIGRATE_TRY(CheckIds(rows, {id}));
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const OpenRow& r) { return r.id == id; });
  const auto columns = ColumnsFromJson(row->columns);
  for (const auto& [column, value] : fix.cells) {
    std::string names;
    bool found = false;
    for (const auto& c : columns) {
      names += (names.empty() ? "" : ", ") + c.name;
      found |= c.name == column;
    }
    if (!found)
      return Status::Plan(fmt::format("row {}: it has no column '{}'", id, column), "its columns are: " + names);
  }
  MIGRATE_TRY(ledger::AddFix(db, id, fix));
  MIGRATE_TRY(transaction.Commit());
  MIGRATE_ASSIGN(auto now, ReadOpenRows(db));
  auto mended = std::find_if(now.begin(), now.end(), [&](const OpenRow& r) { return r.id == id; });
  FixOutcome out;
  auto source = SourceIndex(plan, mended->source);
  Group group(plan, source.value_or(0), {*mended});
  if (!source || !group.Bind()) {
    out.reason = reasons::kUnknownLayout;
    out.detail = "no source and layout of the plan is for these columns";
    return out;
  }
  MIGRATE_ASSIGN(auto verdicts, group.Read());
  out.readable = verdicts.front().good;
  out.reason = verdicts.front().reason;
  out.detail = verdicts.front().detail;
  if (out.readable) {
    MIGRATE_ASSIGN(out.detail, SayTaken(db, mended->source, verdicts.front().key));
  }
  return out;
}

namespace {

// A reason that no row can have is a slip of the pen, and not "none of them is open".
Status CheckReason(const std::string& reason) {
  using namespace reasons;
  std::string all;
  for (const std::string_view known :
       {kTooFewFields, kTooManyFields, kUndecodable, kUnclosedQuote, kBadQuote, kNullKey, kKeyTooLong, kDuplicateKey,
        kIdCollision, kUnknownLayout, kTooLong, kRepeatedHeader}) {
    if (reason.empty() || reason == known) return {};
    all.append(all.empty() ? "" : ", ").append(known);
  }
  return Status::Plan("--reason " + reason + ": there is no such reason", "one of " + all);
}

}  // namespace

ReplayOutcome Replay(const plan::Plan& plan, const ReplayRequest& request, const RunOptions& options) {
  ReplayOutcome out;
  const auto fail = [&](const Status& s) {
    out.run.status = s;
    out.run.exit_code = ExitCode(s);
    return out;
  };
  if (Status s = CheckReason(request.reason); !s.ok()) return fail(s);
  auto db = LookAtTarget(plan.target);
  if (!db.ok()) return fail(db.status());
  if (!*db)
    return fail(Status::Plan(TargetName(plan.target) + ": nothing has been loaded yet", "migrate run " + plan.file));
  auto open = (*db)->QueryInteger("SELECT count(*) FROM quarantine WHERE state = 'open'");
  if (!open.ok()) return fail(open.status());
  if (Status s = NothingUnfinished(plan, db->get()); !s.ok()) return fail(s);
  auto found = FindReplayRows(plan, db->get(), request);
  db->reset();
  if (!found.ok()) return fail(found.status());
  out.still_rejected = found->still_rejected;
  uint64_t still = 0;
  for (const auto& [reason, count] : found->still_rejected) still += count;
  if (found->rows > 0) {
    RunOptions replay = options;
    replay.inputs = &found->inputs;
    out.run = Run(plan, replay);
    if (out.run.status.ok()) out.replayed = found->rows;
  } else {
    out.run.summary = "nothing to replay: no open row can be read by the plan as it is now\n";
    if (*open > 0) out.run.exit_code = 3;
  }
  if (out.run.exit_code == 0 && still > 0) out.run.exit_code = 3;
  if (out.replayed > 0)
    out.run.summary = fmt::format("{} of the quarantine {} read again\n", Counted(out.replayed, "row"),
                                  Plural(out.replayed, "was", "were")) +
                      out.run.summary;
  for (const auto& [reason, count] : out.still_rejected)
    out.run.summary += fmt::format("  still in quarantine: {:<20} {}\n", reason, count);
  return out;
}

}  // namespace migrate::run
