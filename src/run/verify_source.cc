#include "verify_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>

#include "migrate/record/payload.h"
#include "repair_records.h"
#include "source_rows.h"

namespace migrate::run {
namespace {

using ledger::StoredRecord;
using nlohmann::json;

// A draw that nobody can foresee from the id alone (splitmix64).
uint64_t Lot(uint64_t seed, uint64_t id) {
  uint64_t z = id + seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

// A row of a source whose key is that of a drawn record.
struct Seen {
  std::string place;
  Record record;  // key, payload, row_sha256
};

class Verifier {
 public:
  Verifier(Context* c, uint64_t sample, uint64_t seed) : c_(c), sample_(sample) { out_.seed = seed; }

  Result<SourceVerification> Run() {
    MIGRATE_ASSIGN(facts_, TargetFacts::Read(c_->plan, c_->db.get()));
    MIGRATE_TRY(Draw());
    MIGRATE_TRY(ReadSources());
    MIGRATE_TRY(FindSameRules());
    MIGRATE_ASSIGN(auto one, c_->db->Prepare(ledger::SelectSql(ledger::RecordTable()) + " WHERE record_id = ?"));
    for (uint64_t id : drawn_) {
      one->Bind(1, static_cast<int64_t>(id));
      MIGRATE_ASSIGN(bool found, one->Step());
      StoredRecord stored;
      if (found) ledger::ReadRecord(*one, 0, 1, c_->plan.attributes, &stored);
      one->Reset();
      if (found) Judge(stored);
    }
    std::stable_sort(out_.rows.begin(), out_.rows.end(), [](const VerifiedRow& a, const VerifiedRow& b) {
      return (a.verdict == "damaged") > (b.verdict == "damaged");
    });
    if (out_.rows.size() > kMostVerified) out_.rows.resize(kMostVerified);
    return std::move(out_);
  }

 private:
  // Of each source and partition the records with the lowest lots.
  Status Draw() {
    using Drawn = std::priority_queue<std::pair<uint64_t, uint64_t>>;
    std::map<std::pair<int64_t, uint32_t>, Drawn> strata;
    MIGRATE_ASSIGN(int64_t sources,
                   c_->db->QueryInteger("SELECT count(DISTINCT source_id) FROM record WHERE gone_import IS NULL"));
    const uint64_t cells = std::max<uint64_t>(1, static_cast<uint64_t>(sources) * c_->partitioner.count);
    const uint64_t quota = (sample_ + cells - 1) / cells;
    MIGRATE_ASSIGN(auto q, c_->db->Scan("SELECT record_id, source_id FROM record WHERE gone_import IS NULL"));
    for (uint64_t rows = 0;; ++rows) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      if (rows % 65536 == 0 && c_->cancelled()) return c_->Cancelled();
      const auto id = static_cast<uint64_t>(q->Integer(0));
      Drawn& cell = strata[{q->Integer(1), c_->partitioner.Of(id)}];
      cell.push({Lot(out_.seed, id), id});
      if (cell.size() > quota) cell.pop();
    }
    std::vector<std::pair<uint64_t, uint64_t>> all;
    for (auto& [at, cell] : strata)
      for (; !cell.empty(); cell.pop()) all.push_back(cell.top());
    std::sort(all.begin(), all.end());
    if (quota > 1 && all.size() > sample_) all.resize(sample_);
    for (const auto& [lot, id] : all) drawn_.push_back(id);
    std::sort(drawn_.begin(), drawn_.end());
    out_.drawn = drawn_.size();
    out_.strata = strata.size();
    return {};
  }

  Status ReadSources() {
    RowTaker take;
    take.cancel = c_->options.cancel;
    take.row = [&](const RowOrigin& origin, const RawRow& row) -> Status {
      const uint64_t id = RecordId(origin.source, row.source_key);
      if (!std::binary_search(drawn_.begin(), drawn_.end(), id)) return {};
      Seen seen;
      seen.place = row.place.line > 0 ? fmt::format("{} line {}", origin.path, row.place.line)
                                      : fmt::format("{} row {}", origin.path, row.place.row);
      seen.record.source_key = row.source_key;
      seen.record.payload = row.payload;
      seen.record.row_sha256 = row.row_sha256;
      seen_[id].push_back(std::move(seen));
      return {};
    };
    Servers servers(c_->plan, 1);
    for (const Input& input : c_->inputs) {
      Status read = EachRow(c_->plan, input, &servers, take);
      if (read.ok()) {
        if (!input.live) there_.insert({c_->plan.sources[input.source].name, input.sha256});
        continue;
      }
      if (read.kind() == ErrorKind::kCancelled) return read;
      out_.notes.push_back(read.message());
    }
    return {};
  }

  Status FindSameRules() {
    MIGRATE_ASSIGN(auto imports, ledger::Imports(c_->db.get()));
    for (const auto& i : imports) {
      if (i.plan_name != c_->plan.name) others_.insert(i.import_id);
      if (i.plan_hash == c_->plan.hash && i.tool_version == c_->options.tool_version) same_rules_.insert(i.import_id);
      MIGRATE_ASSIGN(auto files, ledger::ImportFiles(c_->db.get(), i.import_id));
      for (const auto& f : files) contents_[{i.import_id, f.file_no}] = f.sha256;
    }
    return {};
  }

  void Judge(const StoredRecord& stored) {
    const Record& r = stored.record;
    const std::string name = facts_.source_names[r.source];
    const auto found = seen_.find(r.record_id);
    const Seen* same = nullptr;
    if (found != seen_.end())
      for (const Seen& s : found->second)
        if (s.record.row_sha256 == r.row_sha256) same = &s;
    const bool sound = RowDigester(name).Row(r.source_key, r.payload) == r.row_sha256;
    // The very file that the record came from was read to its end just now.
    const bool file_there = there_.count({name, contents_[{stored.import_id, static_cast<int64_t>(r.place.file)}]}) > 0;
    VerifiedRow row{name, r.source_key, "", "", {}};
    if (same != nullptr && sound) {
      row.place = same->place;
      row.columns = Normalized(stored, same->record);
      row.verdict = row.columns.empty() ? "same" : "damaged";
    } else if (same != nullptr || !sound || file_there) {
      row.verdict = "damaged";
    } else {
      row.verdict = found != seen_.end() ? "changed" : others_.contains(stored.import_id) ? "elsewhere" : "gone";
    }
    if (const Seen* other = same != nullptr        ? same
                            : found != seen_.end() ? &found->second.back()
                                                   : nullptr;
        other != nullptr && row.columns.empty() && row.verdict != "same") {
      row.place = other->place;
      row.columns = Cells(stored.schema_id, r, other->record);
    }
    ++(row.verdict == "same"        ? out_.same
       : row.verdict == "changed"   ? out_.changed
       : row.verdict == "gone"      ? out_.gone
       : row.verdict == "elsewhere" ? out_.elsewhere
                                    : out_.damaged);
    if (row.verdict != "same" && row.verdict != "elsewhere") out_.rows.push_back(std::move(row));
  }

  // Columns of the record in which it differs from what the source's row normalizes to.
  std::vector<VerifiedColumn> Normalized(const StoredRecord& stored, Record row) {
    std::vector<VerifiedColumn> out;
    if (same_rules_.count(stored.import_id) == 0 || !NormalizeAgain(facts_, c_->plan, stored.schema_id, &row))
      return out;
    const auto note = [&](std::string name, const std::string& source, const std::string& target) {
      if (source != target) out.push_back({std::move(name), Masked(source), Masked(target)});
    };
    for (Field f : ledger::kColumnFields) note(std::string(FieldName(f)), row[f], stored.record[f]);
    note("opt_out", std::to_string(row.opt_out), std::to_string(stored.record.opt_out));
    note("flags", std::to_string(row.flags), std::to_string(stored.record.flags));
    note("more", ledger::MoreJson(row), ledger::MoreJson(stored.record));
    note("attributes", ledger::AttributesJson(row.attributes, c_->plan.attributes),
         ledger::AttributesJson(stored.record.attributes, c_->plan.attributes));
    return out;
  }

  // Columns of the source in which the stored row differs from the one that is there now.
  std::vector<VerifiedColumn> Cells(int64_t schema_id, const Record& stored, const Record& now) {
    std::vector<VerifiedColumn> out;
    DecodedRow a, b;
    if (!DecodePayload(now.payload, &a).ok() || !DecodePayload(stored.payload, &b).ok())
      return {{"payload", "", "cannot be read"}};
    const auto names = facts_.schema_columns.find(schema_id);
    for (size_t i = 0; i < std::max(a.cells.size(), b.cells.size()); ++i) {
      const std::string_view x = i < a.cells.size() ? a.cells[i].bytes : "",
                             y = i < b.cells.size() ? b.cells[i].bytes : "";
      if (x == y) continue;
      const bool named = names != facts_.schema_columns.end() && i < names->second.size();
      out.push_back({named ? names->second[i] : fmt::format("column {}", i + 1), Masked(x), Masked(y)});
    }
    return out;
  }

  Context* c_;
  const uint64_t sample_;
  SourceVerification out_;
  TargetFacts facts_;
  std::vector<uint64_t> drawn_;  // ascending
  std::unordered_map<uint64_t, std::vector<Seen>> seen_;
  std::set<std::pair<std::string, std::string>> there_;          // source and content of files that were read
  std::map<std::pair<int64_t, int64_t>, std::string> contents_;  // by import and file number
  std::set<int64_t> same_rules_;
  std::set<int64_t> others_;  // imports of other plans
};

}  // namespace

Result<SourceVerification> VerifySource(Context* c, uint64_t sample, uint64_t seed) {
  return Verifier(c, sample, seed).Run();
}

json VerificationJson(const SourceVerification& v) {
  json rows = json::array();
  for (const auto& r : v.rows) {
    json columns = json::array();
    for (const auto& col : r.columns)
      columns.push_back({{"column", col.name}, {"source", col.source}, {"target", col.target}});
    rows.push_back(
        {{"source", r.source}, {"key", r.key}, {"place", r.place}, {"verdict", r.verdict}, {"columns", columns}});
  }
  return {{"seed", v.seed},       {"drawn", v.drawn}, {"strata", v.strata},       {"same", v.same},
          {"changed", v.changed}, {"gone", v.gone},   {"elsewhere", v.elsewhere}, {"damaged", v.damaged},
          {"rows", rows},         {"notes", v.notes}};
}

namespace {

std::string SideBySide(const VerifiedRow& row) {
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(row.columns.size(), 3); ++i)
    text += fmt::format("{}{}: '{}' in the source, '{}' in the target", i == 0 ? "" : "; ", row.columns[i].name,
                        row.columns[i].source, row.columns[i].target);
  if (row.columns.size() > 3) text += fmt::format("; and {} more columns", row.columns.size() - 3);
  return text;
}

}  // namespace

Status AddVerification(Context* c, reconcile::Report* report) {
  MIGRATE_ASSIGN(int64_t before, c->db->QueryInteger("SELECT count(*) FROM reconciliation"));
  c->meter->Detail("rows of the sources");
  MIGRATE_ASSIGN(SourceVerification v,
                 VerifySource(c, c->plan.reconcile.sample, static_cast<uint64_t>(c->import_id + before)));
  progress::Printer* p = c->meter->printer();
  const std::string counts = fmt::format(
      "{} drawn from {} sources and partitions, {} the same, {} changed and {} gone "
      "at the source since, {} damaged{}",
      v.drawn, v.strata, v.same, v.changed, v.gone, v.damaged,
      v.elsewhere > 0 ? fmt::format(", {} that other plans have brought not read again", v.elsewhere) : "");
  p->Note("rows of the sources read again: " + counts);
  for (const std::string& note : v.notes) p->Warning(note);
  size_t shown = 0;
  for (const VerifiedRow& row : v.rows) {
    const std::string name =
        fmt::format("{}:{}{}", row.source, row.key, row.place.empty() ? "" : " (" + row.place + ")");
    if (row.verdict == "damaged") {
      ++report->damaged;
      if (report->damage.size() < reconcile::kMaxDamage)
        report->damage.push_back({"record",
                                  fmt::format("{} ({} {})", RecordId(row.source, row.key), row.source, row.key),
                                  row.columns.empty() ? "" : row.columns.front().name,
                                  row.columns.empty() ? "its unchanged source has no such row" : SideBySide(row)});
    }
    if (++shown <= 5)
      p->Warning(fmt::format("{}: {}{}{}", name,
                             row.verdict == "damaged" ? "the target is damaged" : row.verdict + " at the source since",
                             row.columns.empty() ? "" : ": ", SideBySide(row)));
  }
  if (v.damaged > v.rows.size()) report->damaged += v.damaged - v.rows.size();
  report->checks.push_back({"rows of the sources read again", v.damaged == 0, counts});
  c->verification = VerificationJson(v).dump(-1, ' ', false, json::error_handler_t::replace);
  return {};
}

}  // namespace migrate::run
