#include "migrate/run/explain.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

#include "context.h"
#include "explain.h"
#include "matching.h"
#include "migrate/base/plural.h"
#include "migrate/dedupe/matcher.h"
#include "migrate/ledger/versions.h"
#include "migrate/plan/resolved.h"
#include "plan_work.h"

namespace migrate::run {
namespace {

using nlohmann::json;
using plan::Stage;

constexpr size_t kSample = 4000;          // rows of an input that go through the mapping
constexpr size_t kSampleOfAll = 200'000;  // of all inputs together
constexpr size_t kLeastSample = 50;
constexpr double kTellingRows = 10'000;

constexpr const char* kTypes[] = {"csv", "sqlite", "mysql"};

std::string StageName(Stage s) { return std::string(plan::kStageNames[static_cast<size_t>(s)]); }

bool Has(const plan::Plan& plan, Stage s) {
  return std::find(plan.stages.begin(), plan.stages.end(), s) != plan.stages.end();
}

Result<TargetNow> TargetOf(const plan::Plan& plan) {
  TargetNow now;
  MIGRATE_ASSIGN(auto db, LookAtTarget(plan.target));
  if (!db) return now;
  now.there = true;
  if (plan.target.sqlite) {
    MIGRATE_ASSIGN(FileStat stat, StatFile(plan.target.path));
    now.bytes = stat.size;
  } else {
    MIGRATE_ASSIGN(int64_t bytes,
                   db->QueryInteger("SELECT sum(data_length + index_length) FROM information_schema.tables "
                                    "WHERE table_schema = DATABASE()"));
    now.bytes = static_cast<uint64_t>(bytes);
  }
  MIGRATE_ASSIGN(now.records, ledger::CountedRecords(db.get()));
  MIGRATE_ASSIGN(int64_t persons, db->QueryInteger("SELECT count(*) FROM person"));
  MIGRATE_ASSIGN(now.imports, db->QueryInteger("SELECT count(*) FROM import"));
  MIGRATE_ASSIGN(
      int64_t index,
      db->QueryInteger(plan.target.sqlite ? "SELECT count(*) FROM sqlite_master WHERE name = 'person_email'"
                                          : "SELECT count(*) FROM information_schema.statistics WHERE table_schema = "
                                            "DATABASE() AND index_name = 'person_email'"));
  MIGRATE_ASSIGN(const std::string model_plan, ledger::Setting(db.get(), "model_plan"));
  now.model = !model_plan.empty();
  MIGRATE_ASSIGN(now.model_holds, TargetModelHolds(db.get(), plan));
  MIGRATE_ASSIGN(now.partitions, ledger::Setting(db.get(), "partitions"));
  MIGRATE_ASSIGN(now.run_key, ledger::Setting(db.get(), "run_key " + plan.name));
  MIGRATE_ASSIGN(auto last, ledger::LastImportOf(db.get(), plan.name));
  if (last) now.last_state = last->state;
  now.persons = static_cast<uint64_t>(persons);
  now.indexes = index > 0;
  return now;
}

// Hashes only what may be known: files whose size another input or an imported file of the source has.
Status HashWhatMayBeKnown(const plan::Plan& plan, std::vector<Input>* inputs) {
  std::set<std::pair<std::string, uint64_t>> known;
  MIGRATE_ASSIGN(auto db, LookAtTarget(plan.target));
  if (db) {
    MIGRATE_ASSIGN(auto q, db->Prepare("SELECT DISTINCT s.name, f.bytes FROM import_file f JOIN source s USING "
                                       "(source_id) WHERE f.state = 'imported'"));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      known.emplace(q->Text(0), static_cast<uint64_t>(q->Integer(1)));
    }
  }
  std::map<std::pair<size_t, uint64_t>, int> sizes;
  for (const Input& i : *inputs) ++sizes[{i.source, i.bytes}];
  std::vector<Input> some;
  std::vector<size_t> at;
  for (size_t i = 0; i < inputs->size(); ++i) {
    const Input& input = (*inputs)[i];
    const bool tell =
        known.count({plan.sources[input.source].name, input.bytes}) != 0 ||
        (plan.sources[input.source].type == plan::SourceType::kCsv && sizes[{input.source, input.bytes}] > 1);
    if (!tell) continue;
    some.push_back(input);
    at.push_back(i);
  }
  MIGRATE_TRY(HashInputs(plan, std::max(1u, std::thread::hardware_concurrency()), &some));
  for (size_t i = 0; i < at.size(); ++i) (*inputs)[at[i]] = std::move(some[i]);
  // What is not hashed is like no other.
  for (size_t i = 0; i < inputs->size(); ++i)
    if ((*inputs)[i].sha256.empty()) (*inputs)[i].sha256 = fmt::format("not hashed {}", i);
  return {};
}

// Rows of a new content of a file that the target knows: they are there, most of them.
Status FindOverlaps(Explained* e) {
  e->overlaps.assign(e->inputs.size(), 0);
  if (!e->target.there) return {};
  MIGRATE_ASSIGN(auto db, LookAtTarget(e->plan.target));
  if (!db) return {};
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT max(f.extracted - f.quarantined) FROM import_file f JOIN source s USING "
                                     "(source_id) JOIN import i USING (import_id) WHERE s.name = ?1 AND f.state = "
                                     "'imported' AND ((f.path = ?2 AND f.what = ?3 AND ?4) OR f.sha256 = ?5) AND "
                                     "i.state = 'done'"));
  for (size_t i = 0; i < e->inputs.size(); ++i) {
    const Input& input = e->inputs[i];
    const plan::Source& source = e->plan.sources[input.source];
    q->BindText(1, source.name);
    q->BindText(2, input.path);
    q->BindText(3, input.what);
    q->Bind(4, source.key.empty() ? 0 : 1);  // the position in a file of other content is another key
    q->BindText(5, input.sha256);
    MIGRATE_ASSIGN(bool found, q->Step());
    if (found) e->overlaps[i] = static_cast<double>(q->Integer(0));
    q->Reset();
  }
  return {};
}

Status LookAtInputs(Explained* e) {
  size_t to_read = 0;
  for (const Input& i : e->inputs) to_read += i.state == Input::State::kImport ? 1 : 0;
  const size_t sample = std::clamp(kSampleOfAll / std::max<size_t>(to_read, 1), kLeastSample, kSample);
  double square = 0;
  for (size_t i = 0; i < e->inputs.size(); ++i) {
    e->looks.emplace_back();
    if (e->inputs[i].state != Input::State::kImport) continue;
    MIGRATE_ASSIGN(e->looks.back(), LookAt(e->plan, e->inputs[i], sample));
    const Look& look = e->looks.back();
    e->rows += look.rows;
    square += look.rows * look.error * look.rows * look.error;
    e->volume.read.Add(look.shape);
    e->volume.inserted += std::max(0.0, look.shape.good() - e->overlaps[i]);
  }
  if (e->rows > 0) e->rows_error = std::sqrt(square) / e->rows;
  return {};
}

// Rates and persons a record of this plan's last whole import, where its report is still there.
void LearnFromReports(Explained* e) {
  for (size_t s = 0; s < e->rates.size(); ++s) e->rates[s] = DocumentedRate(static_cast<Stage>(s));
  e->volume.persons_a_record = kPersonsARecord;
  auto names = ListFolder(e->plan.workspace + "/reports");
  if (!names.ok()) return;
  std::vector<long> numbers;
  for (const auto& n : *names)
    if (n.ends_with(".json")) numbers.push_back(std::strtol(n.c_str(), nullptr, 10));
  std::sort(numbers.rbegin(), numbers.rend());
  std::set<std::string> known;
  for (long n : numbers) {
    auto text = ReadWholeFile(fmt::format("{}/reports/{}.json", e->plan.workspace, n));
    if (!text.ok()) continue;
    json report = json::parse(*text, nullptr, false);
    if (!report.is_object() || !report.value("stages", json()).is_array()) continue;
    const auto threads = report.value("threads", std::max(1u, std::thread::hardware_concurrency()));
    double records = 0, persons = 0;
    if (report.value("flow", json()).is_object()) {
      records = report["flow"].value("records_total", 0.0);
      persons = report["flow"].value("persons_total", 0.0);
    }
    if (records > 0 && persons > 0 && known.insert("persons").second) e->volume.persons_a_record = persons / records;
    for (const auto& s : report["stages"]) {
      const std::string name = s.value("stage", "");
      const double seconds = s.value("seconds", 0.0);
      auto at = std::find(plan::kStageNames.begin(), plan::kStageNames.end(), name);
      const auto i = static_cast<size_t>(at - plan::kStageNames.begin());
      if (at == plan::kStageNames.end() || seconds <= 0 || s.value("skipped", false)) continue;
      const double rows = i >= static_cast<size_t>(Stage::kDedupe) ? records : s.value("rows", 0.0);
      // A few rows measure a stage's beginning and end.
      if (rows < kTellingRows || !known.insert(name).second) continue;
      e->rates[i] = {rows / seconds, threads, fmt::format("import {} of this plan", n)};
    }
  }
}

// Rows that an unfinished import of this plan has in work/ already. The manifest is read, not opened: a run may be at
// it.
uint64_t RowsAtHand(const plan::Plan& plan, const TargetNow& target) {
  auto text = spool::Manifest::Look(WorkPath(plan, "manifest.jsonl"));
  if (!text.ok()) return 0;
  uint64_t rows = 0;
  for (size_t begin = 0, end; (end = text->find('\n', begin)) != std::string::npos; begin = end + 1) {
    json line =
        json::parse(text->begin() + static_cast<long>(begin), text->begin() + static_cast<long>(end), nullptr, false);
    if (!line.is_object()) continue;
    const std::string kind = line.value("kind", "");
    if (kind == "work" && (line.value("plan_hash", "") != plan.hash ||
                           (line.value("run_key", "") == target.run_key && target.last_state != "loading")))
      return 0;
    if (kind != "raw") continue;
    for (const char* name : {"rows", "rejects"}) rows += std::strtoull(line.value(name, "0").c_str(), nullptr, 10);
  }
  return rows;
}

// The folder itself or the nearest one above it that is there.
std::string Nearest(std::filesystem::path path) {
  std::error_code ec;
  while (!path.empty() && !std::filesystem::exists(path, ec) && path.has_parent_path() && path.parent_path() != path)
    path = path.parent_path();
  return path.empty() ? "." : path.string();
}

std::string TemporaryFolder() {
  for (const char* name : {"SQLITE_TMPDIR", "TMPDIR"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return "/var/tmp";
}

json DiskJson(const Explained& e, json* warnings) {
  const Disk d = EstimateDisk(e.volume, e.sort_budget);
  json places = json::array();
  std::vector<PlaceNeed> needs;
  auto add = [&](const char* name, const std::string& path,
                 const std::vector<std::pair<const char*, uint64_t>>& parts) {
    uint64_t bytes = 0;
    json list = json::array();
    for (const auto& [what, n] : parts) {
      bytes += n;
      if (n > 0) list.push_back({{"what", what}, {"bytes", n}});
    }
    const std::string there = Nearest(path);
    std::error_code ec;
    const auto space = std::filesystem::space(there, ec);
    struct stat st {};
    ::stat(there.c_str(), &st);
    json place = {{"place", name}, {"path", path}, {"bytes", bytes}, {"parts", list}, {"free", nullptr}};
    if (!ec) {
      place["free"] = space.available;
      needs.push_back({path, st.st_dev, bytes, space.available});
    }
    places.push_back(place);
  };
  add("workspace", e.plan.workspace,
      {{"raw segments", d.raw_segments},
       {"record segments", d.record_segments},
       // They are not there at one time with segments that go by stages, and smaller than these.
       {"sort runs",
        Has(e.plan, Stage::kDedupe) && e.plan.retention.segments != plan::KeepSegments::kStage ? d.sort_runs : 0},
       {"report", d.report}});
  if (Has(e.plan, Stage::kLoad))
    add("target", TargetName(e.plan.target), {{"tables and indexes", d.target}, {"journal, at most", d.journal}});
  if (Has(e.plan, Stage::kDedupe)) add("temporary", TemporaryFolder(), {{"sorting indexes", d.temporary}});
  for (const auto& w : WhatDoesNotFit(needs)) warnings->push_back(w);
  return places;
}

json MemoryJson(const Explained& e, json* warnings) {
  const double records = static_cast<double>(e.volume.records_before) + e.volume.inserted;
  auto need = EstimateMemory(records, e.threads, e.sort_budget);
  const uint64_t floor = dedupe::DedupeFloor(static_cast<uint64_t>(std::llround(records)));
  // Matching puts on the disk what it may not keep, down to its floor.
  uint64_t& matching = need[static_cast<size_t>(Stage::kDedupe)];
  if (const uint64_t allowed = e.options.memory_bytes != 0 ? e.options.memory_bytes : HalfOfMemory(); allowed != 0)
    matching = std::min(matching, std::max(allowed, floor));
  json out = {{"records", std::llround(records)},
              {"dedupe_floor", floor},
              {"limit", e.options.memory_bytes == 0 ? json() : json(e.options.memory_bytes)},
              {"stages", json::object()}};
  uint64_t peak = 0;
  for (Stage s : e.plan.stages) {
    out["stages"][StageName(s)] = need[static_cast<size_t>(s)];
    peak = std::max(peak, need[static_cast<size_t>(s)]);
  }
  out["peak"] = peak;
  const uint64_t limit = e.options.memory_bytes;
  const long pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGE_SIZE);
  const uint64_t machine = pages > 0 && size > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(size) : 0;
  out["machine"] = machine;
  if (limit != 0 && peak > limit)
    warnings->push_back(
        fmt::format("memory: the run needs about {} MiB, --memory allows {} MiB", peak >> 20, limit >> 20));
  if (machine != 0 && peak > machine)
    warnings->push_back(
        fmt::format("memory: the run needs about {} MiB, the machine has {} MiB", peak >> 20, machine >> 20));
  return out;
}

json ServerJson(const Explained& e, uint64_t run_peak, uint64_t machine) {
  // A server's row takes more than SQLite's, whose sizes are estimated: 885 and 685 bytes a record with all indexes
  // (docs/performance.md).
  constexpr double kServerRow = 1.3;
  constexpr uint64_t kSystem = uint64_t{2} << 30;
  ServerUse use;
  use.tables = e.target.bytes +
               static_cast<uint64_t>(kServerRow * static_cast<double>(EstimateDisk(e.volume, e.sort_budget).target));
  const std::string& host = e.plan.target.host;
  const bool here = host == "localhost" || host == "::1" || host.starts_with("127.");
  if (here) {
    use.machine = machine;
    use.beside = run_peak + kSystem;
  }
  json settings = json::array();
  for (const ServerSetting& s : AdviseServer(e.server, use))
    settings.push_back({{"variable", s.variable},
                        {"now", s.now},
                        {"recommended", s.recommended},
                        {"most", s.most ? json(*s.most) : json()},
                        {"why", s.why}});
  return {{"here", here}, {"tables", use.tables}, {"settings", settings}};
}

json InputsJson(const Explained& e) {
  json out = json::array();
  for (size_t i = 0; i < e.inputs.size(); ++i) {
    const Input& input = e.inputs[i];
    const plan::Source& source = e.plan.sources[input.source];
    const bool import = input.state == Input::State::kImport;
    json columns = json::array();
    for (const auto& c : input.columns) columns.push_back(c.name);
    out.push_back({{"source", source.name},
                   {"type", kTypes[static_cast<size_t>(source.type)]},
                   {"file", input.path},
                   {"what", input.what},
                   {"bytes", input.bytes},
                   {"mode", source.mode == plan::Mode::kAppend ? "append" : "snapshot"},
                   {"key", source.key},
                   {"layout", input.layout + 1},
                   {"layouts", source.layouts.size()},
                   {"columns", columns},
                   {"state", import                                    ? "new"
                             : input.state == Input::State::kUnchanged ? "imported before"
                                                                       : "copy"},
                   {"same_as", input.same_as.empty() ? json() : json(input.same_as)},
                   {"rows", import ? std::llround(e.looks[i].rows) : static_cast<long long>(input.known_rows)},
                   {"rows_error", e.looks[i].error},
                   {"counted_by", import ? e.looks[i].how : "the import that read it"},
                   {"in_target", std::llround(std::min(e.overlaps[i], std::max(e.looks[i].rows, 0.0)))},
                   {"findings", input.findings}});
  }
  return out;
}

double StageRows(const Explained& e, Stage s) {
  switch (s) {
    case Stage::kExtract:
      return e.rows;
    case Stage::kNormalize:
    case Stage::kLoad:
      return e.volume.read.good();
    case Stage::kDedupe:
    case Stage::kReconcile:
      return static_cast<double>(e.volume.records_before) + e.volume.inserted;
  }
  return 0;
}

json StagesJson(const Explained& e, double* seconds) {
  json out = json::array();
  for (Stage s : e.plan.stages) {
    json stage = {{"stage", StageName(s)}, {"does", StageSentences(e, s)}};
    if (!e.options.offline) {
      const Rate& rate = e.rates[static_cast<size_t>(s)];
      const double rows = e.rows > 0 ? StageRows(e, s) : 0;
      const double time = EstimateSeconds(s, rows, rate, e.threads);
      *seconds += time;
      stage.update({{"rows", std::llround(rows)},
                    {"seconds", time},
                    {"rows_per_second", std::llround(rate.rows_per_second)},
                    {"rate_threads", rate.threads},
                    {"rate_from", rate.from}});
    }
    out.push_back(stage);
  }
  return out;
}

json PlanJson(const Explained& e) {
  json defaults = json::array(), variables = json::array();
  for (const auto& d : e.plan.defaults) defaults.push_back({{"key", d.key}, {"value", d.value}, {"why", d.why}});
  for (const auto& v : e.plan.variables)
    variables.push_back({{"name", v.name}, {"from", v.from_environment ? "environment" : "default"}});
  return {{"schema", 1},
          {"plan", {{"name", e.plan.name}, {"file", e.options.plan_file}, {"hash", e.plan.hash}}},
          {"resolved", json::parse(plan::ResolvedPlanJson(e.plan), nullptr, false)},
          {"yaml", plan::ResolvedPlanYaml(e.plan)},
          {"defaults", defaults},
          {"variables", variables},
          {"offline", e.options.offline},
          {"threads", e.threads}};
}

// Opens everything, and fills what the JSON is made of.
Status See(Explained* e) {
  InputErrors errors;
  e->inputs = FindInputs(e->plan, &errors);
  if (!errors.text.empty()) return Status(errors.plan ? ErrorKind::kPlan : ErrorKind::kFailed, errors.text);
  MIGRATE_TRY(HashWhatMayBeKnown(e->plan, &e->inputs));
  MIGRATE_ASSIGN(e->target, TargetOf(e->plan));
  if (!e->plan.target.sqlite) {
    // Advice is worth no error; a proxy may not pass the question on.
    if (auto server = AskServer(e->plan.target); server.ok())
      if (auto variables = ReadServerVariables(server->get()); variables.ok()) e->server = *std::move(variables);
  }
  RunOptions run;
  Context context(e->plan, run, nullptr);
  std::swap(context.inputs, e->inputs);
  Status known = e->target.there ? MarkKnown(&context) : Status();
  std::swap(context.inputs, e->inputs);
  MIGRATE_TRY(known);
  LearnFromReports(e);
  e->at_hand = RowsAtHand(e->plan, e->target);
  e->volume.records_before = e->target.records;
  e->volume.target_bytes = e->target.bytes;
  e->volume.indexes_there = e->target.indexes;
  MIGRATE_TRY(FindOverlaps(e));
  return LookAtInputs(e);
}

}  // namespace

Result<std::string> ExplainJson(const plan::Plan& plan, const ExplainOptions& options) {
  Explained e{plan, options};
  e.threads = options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  e.sort_budget = SortBudget(options.memory_bytes);
  json out = PlanJson(e), warnings = json::array();
  double seconds = 0;
  if (!options.offline) {
    MIGRATE_TRY(See(&e));
    out["target"] = {{"url", plan.target.url},      {"there", e.target.there},     {"bytes", e.target.bytes},
                     {"records", e.target.records}, {"persons", e.target.persons}, {"imports", e.target.imports}};
    out["inputs"] = InputsJson(e);
    out["rows"] = {{"read", std::llround(e.rows)},
                   {"error", e.rows_error},
                   {"quarantined", std::llround(e.volume.read.rejects)},
                   {"inserted", std::llround(e.volume.inserted)},
                   {"at_hand", e.at_hand}};
  }
  out["stages"] = StagesJson(e, &seconds);
  if (!options.offline) {
    out["disk"] = DiskJson(e, &warnings);
    out["memory"] = MemoryJson(e, &warnings);
    if (!e.server.empty()) out["server"] = ServerJson(e, out["memory"]["peak"], out["memory"]["machine"]);
    out["seconds"] = seconds;
  }
  out["warnings"] = warnings;
  return plan::MaskVariables(plan, out.dump(2, ' ', false, json::error_handler_t::replace)) + "\n";
}

}  // namespace migrate::run
