#include <sys/resource.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "context.h"
#include "migrate/ledger/versions.h"
#include "verdict_json.h"

namespace migrate::run {
namespace {

using nlohmann::json;

json SourcesJson(const Context& c) {
  static constexpr const char* kTypes[] = {"csv", "sqlite", "mysql"};
  json sources = json::array();
  for (size_t s = 0; s < c.plan.sources.size(); ++s) {
    const plan::Source& source = c.plan.sources[s];
    json j = {{"name", source.name},
              {"type", kTypes[static_cast<size_t>(source.type)]},
              {"mode", source.mode == plan::Mode::kAppend ? "append" : "snapshot"}};
    uint64_t counted = 0, extracted = 0, quarantined = 0;
    json files = json::array();
    for (const Input& i : c.inputs) {
      if (i.source != s) continue;
      auto book = BookOf(*c.manifest, i.file_no);
      InputBook b = book.ok() ? *book : InputBook{};
      json findings = i.findings;
      if (const auto* line = c.manifest->Find("extracted", i.file_no, 0))
        findings = json::parse(line->Text("findings"), nullptr, false);
      const bool import = i.state == Input::State::kImport;
      files.push_back({{"path", i.path},
                       {"state", import                                ? "imported"
                                 : i.state == Input::State::kDuplicate ? "duplicate"
                                 : i.held_by != 0                      ? "held"
                                                                       : "unchanged"},
                       {"same_as", i.same_as.empty() ? json() : json(i.same_as)},
                       {"bytes", i.bytes},
                       {"sha256", i.sha256},
                       {"counted", import ? b.counted : SkippedRows(c, i)},
                       {"extracted", b.rows + b.rejects},
                       {"quarantined", b.rejects},
                       {"findings", findings}});
      if (!import) continue;
      counted += b.counted;
      extracted += b.rows + b.rejects;
      quarantined += b.rejects;
    }
    load::Counts n;
    if (s < c.source_ids.size())
      if (auto it = c.loaded.find(static_cast<uint32_t>(c.source_ids[s])); it != c.loaded.end()) n = it->second;
    j.update({{"files", files},
              {"counted", counted},
              {"extracted", extracted},
              {"quarantined", quarantined + n.duplicates},
              {"inserted", n.inserted},
              {"updated", n.updated},
              {"unchanged", n.unchanged},
              {"superseded", n.superseded},
              {"gone", n.gone}});
    sources.push_back(j);
  }
  return sources;
}

json FlowJson(const Context& c, const json& sources, uint64_t records) {
  json flow = {{"counted", 0},   {"quarantined", 0}, {"inserted", 0}, {"updated", 0},
               {"unchanged", 0}, {"superseded", 0},  {"gone", 0}};
  for (auto& [name, total] : flow.items())
    for (const auto& s : sources) total = total.get<uint64_t>() + s.at(name).get<uint64_t>();
  uint64_t loaded = 0;
  for (const char* name : {"inserted", "updated", "unchanged", "superseded"}) loaded += flow[name].get<uint64_t>();
  flow["loaded"] = loaded;
  flow["records_total"] = records;
  flow["persons_total"] = c.persons.total;
  flow["persons_created"] = c.persons.created;
  flow["persons_changed"] = c.persons.changed;
  flow["persons_merged"] = c.persons.merged;
  flow["persons_split"] = c.persons.split;
  return flow;
}

json QuarantineJson(const Context& c) {
  // Of a dry run that never reached the target too, so from the target if it is open, else from the counts alone.
  json reasons = json::array();
  if (!c.db || c.import_id == 0) return reasons;
  auto q =
      c.db->Prepare("SELECT reason, count(*) FROM quarantine WHERE import_id = ? GROUP BY reason ORDER BY 2 DESC, 1");
  auto x = c.db->Prepare(
      "SELECT s.name, f.path, q.line, q.byte_offset, q.detail, q.raw FROM quarantine q JOIN source s USING (source_id) "
      "LEFT JOIN import_file f ON f.import_id = q.import_id AND f.file_no = q.file_no "
      "WHERE q.import_id = ? AND q.reason = ? ORDER BY q.quarantine_id LIMIT 3");
  if (!q.ok() || !x.ok()) return reasons;
  (*q)->Bind(1, c.import_id);
  for (;;) {
    auto more = (*q)->Step();
    if (!more.ok() || !*more) return reasons;
    std::string reason((*q)->Text(0));
    json examples = json::array();
    (*x)->Bind(1, c.import_id);
    (*x)->BindText(2, reason);
    for (;;) {
      auto row = (*x)->Step();
      if (!row.ok() || !*row) break;
      examples.push_back({{"source", (*x)->Text(0)},
                          {"file", std::filesystem::path((*x)->Text(1)).filename().string()},
                          {"line", (*x)->Integer(2)},
                          {"byte_offset", (*x)->Integer(3)},
                          {"detail", (*x)->Text(4)},
                          {"masked", Masked((*x)->Text(5))}});
    }
    reasons.push_back({{"reason", reason}, {"count", (*q)->Integer(1)}, {"examples", examples}});
  }
}

json FillJson(const Context& c) {
  auto fills = FillOf(c);
  json out = json::array();
  auto add = [&](const std::string& name) {
    auto it = fills.find(name);
    if (it != fills.end())
      out.push_back({{"field", name},
                     {"before", it->second.before},
                     {"after", it->second.after},
                     {"flagged", it->second.flagged}});
  };
  for (auto name : kFieldNames) add(std::string(name));
  for (const auto& a : c.plan.attributes) add(a.name);
  return out;
}

json MatchJson(const Context& c) {
  if (!c.matched) return nullptr;
  json histogram = json::array(), keys = json::array();
  for (size_t i = 0; i < c.match.weight_histogram.size(); ++i)
    if (c.match.weight_histogram[i] > 0)
      histogram.push_back(
          {{"weight", dedupe::kHistogramLow + static_cast<int>(i)}, {"pairs", c.match.weight_histogram[i]}});
  for (const auto& k : c.match.keys)
    keys.push_back(
        {{"key", k.name}, {"pairs", k.pairs}, {"new_pairs", k.new_pairs}, {"capped_blocks", k.capped_blocks}});
  auto weight = [](double p) { return std::log2(p / (1 - p)); };
  return {{"histogram", histogram},
          {"keys", keys},
          {"pairs_proposed", c.match.pairs_scored},
          {"pairs_matched", c.match.pairs_kept},
          {"review_pairs", c.match.review_pairs},
          {"match_weight", weight(c.plan.dedupe.match_probability)},
          {"review_weight", weight(c.plan.dedupe.review_probability)},
          {"lambda", c.model.duplicates_per_record},
          {"iterations", c.match.em_iterations}};
}

json ReconciledJson(const Context& c) {
  if (!c.reconciled) return nullptr;
  json out = VerdictJson(c, Books::kWhole);
  out["sample"] = {{"rows", c.reconciled->sampled}, {"differences", c.reconciled->sample_differences}};
  return out;
}

}  // namespace

json VerdictJson(const Context& c, Books how) {
  const reconcile::Report& r = *c.reconciled;
  json books = json::array(), checks = json::array(), damage = json::array();
  for (const auto& b : r.books) {
    if (how == Books::kShort && b.partition >= 0 && b.ok) continue;
    books.push_back({{"source", b.source},
                     {"partition", b.partition},
                     {"counted", b.counted},
                     {"extracted", b.extracted},
                     {"loaded", b.loaded},
                     {"quarantined", b.quarantined},
                     {"ok", b.ok}});
    if (how == Books::kWhole)
      books.back().update({{"digest_source", b.digest_source}, {"digest_target", b.digest_target}});
  }
  for (const auto& k : r.checks) checks.push_back({{"name", k.name}, {"ok", k.ok}, {"detail", k.detail}});
  for (const auto& d : r.damage)
    damage.push_back({{"table", d.table}, {"key", d.key}, {"column", d.column}, {"what", d.what}});
  json out = {{"verdict", r.match() ? "match" : "mismatch"},
              {"books", books},
              {"checks", checks},
              {"damage", damage},
              {"damaged", r.damaged}};
  if (!c.verification.empty()) out["source_rows"] = json::parse(c.verification);
  return out;
}

std::string ReportJson(const Context& c, int exit_code, const std::string& started_at, double seconds, bool dry_run) {
  json sources = SourcesJson(c);
  uint64_t records = 0;  // where they cannot be read
  if (c.db)
    if (auto counted = ledger::CountedRecords(c.db.get()); counted.ok()) records = *counted;
  json clusters = json::array(), stages = json::array();
  for (const auto& [size, persons] : c.persons.sizes) clusters.push_back({{"size", size}, {"persons", persons}});
  for (const auto& t : c.times)
    stages.push_back({{"stage", t.stage}, {"seconds", t.seconds}, {"rows", t.rows}, {"skipped", t.skipped}});
  uint64_t normalized = 0;
  for (const auto& line : c.manifest->Lines("records")) normalized += line.Number("rows");
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  json j = {{"schema", 1},
            {"tool", "migrate " + c.options.tool_version},
            {"build", c.options.tool_build},
            {"import", c.import_id == 0 || dry_run ? json() : json(c.import_id)},
            {"dry_run", dry_run},
            {"plan",
             {{"name", c.plan.name},
              {"hash", c.plan.hash},
              {"file", c.options.plan_file.empty() ? c.plan.file : c.options.plan_file}}},
            {"started_at", started_at},
            {"seconds", seconds},
            {"exit_code", exit_code},
            {"threads", c.threads},
            {"limit", c.options.limit ? json(*c.options.limit) : json()},
            {"peak_rss_bytes", static_cast<uint64_t>(usage.ru_maxrss) * 1024},
            {"sources", sources},
            {"flow", FlowJson(c, sources, records)},
            {"quarantine", QuarantineJson(c)},
            {"records", normalized},
            {"fill", FillJson(c)},
            {"clusters", clusters},
            {"match", MatchJson(c)},
            {"stages", stages},
            {"reconciliation", ReconciledJson(c)}};
  if (dry_run) j["forecast"] = j["flow"];
  return j.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace migrate::run
