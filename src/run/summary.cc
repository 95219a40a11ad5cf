#include "summary.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "migrate/base/file.h"
#include "migrate/base/plural.h"

namespace migrate::run {

using nlohmann::json;
using plan::Stage;

uint64_t StageRows(const Context& c, Stage stage) {
  uint64_t n = 0;
  switch (stage) {
    case Stage::kExtract:
      for (const auto& l : c.manifest->Lines("raw")) n += l.Number("rows") + l.Number("rejects");
      return n;
    case Stage::kNormalize:
      for (const auto& l : c.manifest->Lines("records")) n += l.Number("rows");
      return n;
    case Stage::kLoad:
      for (const auto& [s, k] : c.loaded) n += k.seen.count;
      return n;
    case Stage::kDedupe:
      for (const auto& [size, persons] : c.persons.sizes) n += size * persons;
      return n;
    case Stage::kReconcile:
      return c.reconciled ? c.reconciled->rows : 0;
  }
  return n;
}

std::string StageSummary(const Context& c, Stage stage) {
  load::Counts all;
  for (const auto& [s, k] : c.loaded) all.Merge(k);
  uint64_t rejects = 0;
  for (const auto& l : c.manifest->Lines("raw")) rejects += l.Number("rejects");
  switch (stage) {
    case Stage::kExtract:
      return fmt::format("{} read, {} of them quarantined", Counted(StageRows(c, stage), "row"), rejects);
    case Stage::kNormalize:
      return Counted(StageRows(c, stage), "record");
    case Stage::kLoad:
      return fmt::format("{} inserted, {} updated, {} unchanged, {} superseded, {} quarantined{}", all.inserted,
                         all.updated, all.unchanged, all.superseded, Counted(all.duplicates, "duplicate key"),
                         all.gone > 0 ? fmt::format(", {} gone at the source", all.gone) : "");
    case Stage::kDedupe:
      return fmt::format("{} {} {}: {} new, {} merged into others", Counted(StageRows(c, stage), "record"),
                         Plural(StageRows(c, stage), "is", "are"), Counted(c.persons.total, "person"),
                         c.persons.created, c.persons.merged);
    case Stage::kReconcile:
      return fmt::format("match: {} of all tables recomputed, {} sampled", Counted(c.reconciled->rows, "row"),
                         c.reconciled->sampled);
  }
  return "";
}

std::string RunDigest(const Context& c, const std::string& report_json, int64_t open) {
  json j = json::parse(report_json);
  const json& f = j["flow"];
  auto n = [&](const char* name) { return f.value(name, 0ULL); };
  std::string text;
  if (c.options.dry_run) {
    text = fmt::format(
        "dry run, nothing was written. A run would\n  insert {}, update {}, leave unchanged {}, put into history "
        "{}\n",
        n("inserted"), n("updated"), n("unchanged"), n("superseded"));
    text += fmt::format("  quarantine {}\n", n("quarantined"));
    for (const auto& r : j["quarantine"])
      text += fmt::format("    {:<20} {}\n", r["reason"].get<std::string>(), r["count"].get<uint64_t>());
    text += fmt::format("  create {}, merge {} into others; {} in all\n", Counted(n("persons_created"), "person"),
                        n("persons_merged"), Counted(n("persons_total"), "person"));
    return text;
  }
  if (!c.own_import)  // what lies in the workspace was refused, or is not loaded yet
    text = fmt::format("import {}, as the target has it\n", c.import_id);
  else if (c.import_id != 0)
    text = fmt::format("import {}: {} in = {} loaded + {} quarantined\n", c.import_id, Counted(n("counted"), "row"),
                       n("loaded"), n("quarantined"));
  if (c.persons.total > 0)
    text += fmt::format("{} {} {}\n", Counted(n("records_total"), "record"), Plural(n("records_total"), "is", "are"),
                        Counted(n("persons_total"), "person"));
  if (c.reconciled)
    text += c.reconciled->match() ? "reconciled by SHA-256: match\n" : "reconciled by SHA-256: MISMATCH\n";
  if (open > 0)
    text += fmt::format("{} {} in quarantine: migrate rejects list {}\n", Counted(static_cast<uint64_t>(open), "row"),
                        Plural(static_cast<uint64_t>(open), "is", "are"), c.options.plan_file);
  return text;
}

Result<int64_t> OpenRejects(const Context& c) {
  std::string names;
  MIGRATE_ASSIGN(auto q,
                 c.db->Prepare("SELECT s.name, f.sha256, count(*) FROM quarantine q JOIN source s USING (source_id) "
                               "JOIN import_file f ON f.import_id = q.import_id AND f.file_no = q.file_no "
                               "WHERE q.state = 'open' GROUP BY 1, 2"));
  int64_t open = 0;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return open;
    bool current = false;
    // Of a table that is read in parts each part is a content of its own.
    for (const Input& i : c.inputs) {
      const plan::Source& s = c.plan.sources[i.source];
      current |= s.name == q->Text(0) && (i.sha256 == q->Text(1) || (!s.incremental.column.empty() && !i.held));
    }
    if (current) open += q->Integer(2);
  }
}

Status KeepMatch(const Context& c, const std::string& path, std::string* report) {
  using nlohmann::json;
  if (c.matched || !PathExists(path)) return {};
  MIGRATE_ASSIGN(std::string text, ReadWholeFile(path));
  json before = json::parse(text, nullptr, false), now = json::parse(*report);
  if (!before.is_object() || !before.contains("match")) return {};
  now["match"] = before["match"];
  *report = now.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  return {};
}

}  // namespace migrate::run
