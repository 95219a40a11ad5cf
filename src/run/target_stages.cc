#include <fmt/core.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "context.h"
#include "fixes.h"
#include "increments.h"
#include "match_again.h"
#include "matching_import.h"
#include "migrate/base/clock.h"
#include "migrate/ledger/schema.h"
#include "migrate/ledger/versions.h"
#include "read_parts.h"
#include "retention.h"

namespace migrate::run {
namespace {

using nlohmann::json;

// Keys that recur within a file will be quarantined by load: are they too many? Costs a pass, made only if there is a
// limit.
Status CheckDuplicateLimit(const Context& c) {
  const plan::Limit& limit = c.plan.reconcile.max_quarantined;
  if (!limit.rows && !limit.share) return {};
  if (c.options.shard) {
    MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
    std::optional<ledger::Import> begun;
    if (db) {
      MIGRATE_ASSIGN(begun, ImportOfWork(c, db.get()));
    }
    if (begun) return {};  // by a shard that has looked
  }
  uint64_t rows = 0, rejects = 0;
  std::vector<spool::RecordSegment> segments;
  for (const auto& line : c.manifest->Lines("raw")) {
    rows += line.Number("rows") + line.Number("rejects");
    rejects += line.Number("rejects");
    segments.push_back(
        {c.Work(RecordsPath(line.file, line.chunk)), line.file, static_cast<uint32_t>(c.inputs[line.file].source)});
  }
  std::set<uint32_t> files;
  for (uint32_t p = 0; p < c.partitioner.count; ++p) {
    MIGRATE_ASSIGN(auto merger, spool::RecordMerger::Open(segments, p));
    Record record;
    uint64_t last = UINT64_MAX;
    for (;;) {
      MIGRATE_ASSIGN(bool more, merger->Next(&record));
      if (!more) break;
      if (record.record_id != last) files.clear();
      last = record.record_id;
      if (!files.insert(record.place.file).second) ++rejects;
    }
  }
  return CheckQuarantineLimit(c.plan, rows, rejects);
}

ledger::ImportFile FileRow(const Context& c, const Input& input, int64_t import_id, int64_t schema_id) {
  ledger::ImportFile f;
  f.import_id = import_id;
  f.file_no = input.file_no;
  f.source_id = c.source_ids[input.source];
  f.path = input.path;
  f.what = input.what;
  f.bytes = static_cast<int64_t>(input.bytes);
  f.sha256 = input.sha256;
  f.schema_id = schema_id;
  f.layout = input.layout;
  f.same_as = input.same_as;
  f.state = input.held                                ? kReplayed
            : input.state == Input::State::kImport    ? "imported"
            : input.state == Input::State::kDuplicate ? "duplicate"
            : input.held_by != 0                      ? "held"
                                                      : "unchanged";
  f.counted = static_cast<int64_t>(SkippedRows(c, input));
  if (const auto* line = c.manifest->Find("extracted", input.file_no, 0)) f.findings = line->Text("findings");
  return f;
}

// A new number has no past.
Status NoCheckpoints(store::Connection* db, int64_t import_id) {
  MIGRATE_ASSIGN(int64_t n,
                 db->QueryInteger(fmt::format("SELECT count(*) FROM checkpoint WHERE import_id = {}", import_id)));
  if (n == 0) return {};
  return Status::Failed(fmt::format("{}: there are checkpoints of import {}, which never began", db->name(), import_id),
                        "the target was changed by another program, or restored in part: restore it from a backup");
}

// Begins the import with its files, or finds the one that an earlier attempt began; one transaction.
Status BeginImport(Context* c) {
  if (c->import_id == 0) MIGRATE_TRY(EndMatchingThatIsWritten(c));
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  c->source_ids.clear();
  for (size_t i = 0; i < c->plan.sources.size(); ++i) {
    MIGRATE_ASSIGN(int64_t id, ledger::SourceId(c->db.get(), c->plan.sources[i].name));
    c->source_ids.push_back(id);
  }
  if (c->import_id != 0) return transaction.Commit();
  MIGRATE_ASSIGN(auto imports, ledger::Imports(c->db.get()));
  for (const auto& old : imports)
    if (old.state == "loading" && old.plan_name == c->plan.name)
      MIGRATE_TRY(ledger::SetImportState(c->db.get(), old.import_id, "abandoned"));
  ledger::Import import;
  import.state = "loading";
  import.plan_name = c->plan.name;
  import.plan_hash = c->plan.hash;
  import.tool_version = c->options.tool_version;
  import.started_at = NowUtc();
  if (c->options.limit) import.row_limit = static_cast<int64_t>(*c->options.limit);
  MIGRATE_ASSIGN(const int64_t id, ledger::BeginImport(c->db.get(), import));
  MIGRATE_TRY(NoCheckpoints(c->db.get(), id));
  MIGRATE_TRY(ledger::SetSetting(c->db.get(), "run_key " + c->plan.name, c->run_key));
  MIGRATE_ASSIGN(std::string partitions, ledger::Setting(c->db.get(), "partitions"));
  if (partitions.empty())
    MIGRATE_TRY(ledger::SetSetting(c->db.get(), "partitions", std::to_string(c->partitioner.count)));
  for (const Input& input : c->inputs) {
    int64_t schema_id = 0;
    if (!input.columns.empty()) {
      MIGRATE_ASSIGN(schema_id, ledger::SchemaId(c->db.get(), c->source_ids[input.source], ColumnsJson(input.columns)));
    }
    ledger::ImportFile f = FileRow(*c, input, id, schema_id);
    if (input.state == Input::State::kImport) {
      MIGRATE_ASSIGN(InputBook book, BookOf(*c->manifest, input.file_no));
      f.counted = static_cast<int64_t>(book.counted);
      f.extracted = static_cast<int64_t>(book.rows + book.rejects);
      f.quarantined = static_cast<int64_t>(book.rejects);
      f.digest = book.digest.Text();
    }
    MIGRATE_TRY(ledger::InsertImportFile(c->db.get(), f));
    // So that a rollback knows that its overlap saw again what others had brought.
    const auto* bound = c->manifest->Find("bound", input.file_no, 0);
    if (f.state == "imported" && bound != nullptr && !bound->Text("part").empty())
      MIGRATE_TRY(ledger::SetCheckpoint(c->db.get(), id, "part", input.file_no, "{}"));
  }
  json detail = {{"import", id}, {"plan", c->plan.name}, {"plan_hash", c->plan.hash}};
  MIGRATE_TRY(
      ledger::AppendAudit(c->db.get(), "import_begun", detail.dump(-1, ' ', false, json::error_handler_t::replace)));
  MIGRATE_TRY(transaction.Commit());
  c->import_id = id;  // not before: what is rolled back was never begun
  return {};
}

// Sources whose snapshot this import holds as a whole.
std::set<uint32_t> FullSnapshots(const Context& c) {
  std::set<uint32_t> full;
  if (c.options.limit || c.replay()) return full;
  for (const Input& input : c.inputs)
    if (c.plan.sources[input.source].mode == plan::Mode::kSnapshot)
      full.insert(static_cast<uint32_t>(c.source_ids[input.source]));
  // A row that could not be read may be any row: nothing is called gone while there is one. A file without a header is
  // no list at all, but an export that failed.
  for (const Input& input : c.inputs) {
    auto book = BookOf(*c.manifest, input.file_no);
    if (input.columns.empty() && full.contains(static_cast<uint32_t>(c.source_ids[input.source])))
      c.meter->printer()->Warning(input.path + ": it has no header, so nothing of its source is called gone");
    if (input.state == Input::State::kUnchanged || input.columns.empty() || input.layout < 0 || !book.ok() ||
        book->rejects > 0)
      full.erase(static_cast<uint32_t>(c.source_ids[input.source]));
  }
  return full;
}

// What rollbacks need to know of this import, before its first record.
Status KeepVersion(Context* c, const std::set<uint32_t>& full_snapshots) {
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(c->db.get()));
  ledger::Version v = versions[c->import_id];
  if (!v.chain.empty()) return {};  // it ended; a stage is only done again
  v.import_id = c->import_id;
  v.snapshots.insert(full_snapshots.begin(), full_snapshots.end());
  MIGRATE_TRY(ledger::PutVersion(c->db.get(), v));
  return transaction.Commit();
}

}  // namespace

Result<std::set<int64_t>> ImportsOfSameRules(const Context& c) {
  std::set<int64_t> same;
  MIGRATE_ASSIGN(auto imports, ledger::Imports(c.db.get()));
  for (const auto& i : imports)
    if (i.plan_hash == c.plan.hash && i.tool_version == c.options.tool_version) same.insert(i.import_id);
  return same;
}

uint64_t ChunkRows(uint64_t fallback) {
  const char* text = std::getenv("MIGRATE_CHUNK_ROWS");
  const uint64_t rows = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  return rows > 0 ? rows : fallback;
}

Result<std::vector<spool::RecordSegment>> RecordSegments(const Context& c) {
  std::vector<spool::RecordSegment> segments;
  for (const auto& raw : c.manifest->Lines("raw")) {
    segments.push_back({c.Work(RecordsPath(raw.file, raw.chunk)), raw.file,
                        static_cast<uint32_t>(c.source_ids[c.inputs[raw.file].source])});
  }
  std::sort(segments.begin(), segments.end(), [&](const auto& a, const auto& b) {
    return a.file != b.file                 ? a.file < b.file
           : a.path.size() != b.path.size() ? a.path.size() < b.path.size()
                                            : a.path < b.path;
  });
  return segments;
}

namespace {

// Whoever asks for packed pages counts on the space.
Status SayCompression(const Context& c) {
  MIGRATE_ASSIGN(const std::string finding,
                 ledger::CompressionFinding(c.db.get(), TablesOf(c.plan.target).compression));
  if (!finding.empty()) c.meter->printer()->Warning(TargetName(c.plan.target) + ": " + finding);
  return {};
}

}  // namespace

Status OpenTarget(Context* c, bool create) {
  if (c->db) return {};
  const bool taken = c->lease != nullptr;
  // Shards have a server's target together; of a SQLite file one at a time writes anyway.
  const std::string group = c->options.shard && !c->plan.target.sqlite ? "shards " + c->run_key : "";
  auto opened = OpenTargetInGroup(c->plan.target, create, c->partitioner.count, &c->lease, c->options.cancel, group);
  // A server that this run has reached before will be there again; over TLS a connection cut at its beginning looks
  // like a wrong certificate.
  const bool lost = c->lease != nullptr && c->lease->lost();
  if (!opened.ok())
    return opened.status().MayPass(c->had_target && !lost && opened.status().kind() == ErrorKind::kFailed);
  c->db = *std::move(opened);
  if (std::string finding = c->db->finding(); !finding.empty()) c->meter->printer()->Note(finding);
  if (!taken && !c->lease->finding().empty()) c->meter->printer()->Note(c->lease->finding());
  if (!taken) MIGRATE_TRY(SayCompression(*c));
  MIGRATE_ASSIGN(auto import, ImportOfWork(*c, c->db.get()));
  if (import || c->own_import) c->import_id = import ? import->import_id : 0;
  c->had_target = true;
  // The segments were cut for so many partitions; somebody else's first load may have decided otherwise meanwhile.
  MIGRATE_ASSIGN(auto partitions, ledger::PartitionsOf(c->db.get()));
  if (!partitions || *partitions == c->partitioner.count) return {};
  return Status::Failed(fmt::format("{}: its first load, which another run has made meanwhile, was into {} partitions; "
                                    "this run's records are cut for {}",
                                    TargetName(c->plan.target), *partitions, c->partitioner.count),
                        "run the same command again: it begins anew with that number");
}

Result<std::optional<ledger::Import>> ImportOfWork(const Context& c, store::Connection* db) {
  MIGRATE_ASSIGN(std::string run_key, ledger::Setting(db, "run_key " + c.plan.name));
  MIGRATE_ASSIGN(auto last, ledger::LastImportOf(db, c.plan.name));
  return run_key == c.run_key ? last : std::nullopt;
}

namespace {

Status TakeFirstImports(const Context& c, load::Options* options) {
  std::set<int64_t> sources;
  for (size_t i = 0; i < c.plan.sources.size(); ++i)
    if (IsOnlyAddedTo(c.plan.sources[i])) sources.insert(c.source_ids[i]);
  MIGRATE_ASSIGN(const auto versions, ledger::Versions(c.db.get()));
  MIGRATE_ASSIGN(const auto first, ledger::FirstImportsOfFiles(c.db.get(), sources, [&](int64_t id) {
                   const auto v = versions.find(id);
                   return v == versions.end() || v->second.rolled_back_by == 0;
                 }));
  for (auto& [file, info] : options->files)
    if (const auto found = first.find({c.import_id, file}); found != first.end()) info.first_import = found->second;
  return {};
}

}  // namespace

Status BeginLoad(Context* c, load::Options* out) {
  load::Options& options = *out;
  for (const Input& input : c->inputs)
    if (input.state == Input::State::kImport && c->manifest->Find("extracted", input.file_no, 0) == nullptr)
      return Status::Plan("load: the stage extract has not finished for these inputs",
                          "run without --stage, or with --from extract");
  for (const auto& raw : c->manifest->Lines("raw"))
    if (c->manifest->Find("records", raw.file, raw.chunk) == nullptr)
      return Status::Plan("load: the stage normalize has not finished for these inputs",
                          "run without --stage, or with --from normalize");
  MIGRATE_TRY(CheckLoadable(c));
  if (!c->options.dry_run && !Dropped(*c->manifest, Segments::kRecords)) MIGRATE_TRY(CheckDuplicateLimit(*c));
  MIGRATE_TRY(OpenTarget(c, true));
  MIGRATE_TRY(BeginImport(c));
  MIGRATE_TRY(LoadRejects(c));
  // Of shards others may be reading them still: theirs go with the end of the import.
  if (!c->options.shard && !Dropped(*c->manifest, Segments::kRecords)) MIGRATE_TRY(DropAfterRejects(c));
  options.db = c->db.get();
  options.scratch = c->folder;
  options.chunk_rows = ChunkRows(options.chunk_rows);
  options.import_id = c->import_id;
  MIGRATE_ASSIGN(options.segments, RecordSegments(*c));
  for (const Input& input : c->inputs) {
    if (input.state != Input::State::kImport) continue;
    load::FileInfo& info = options.files[input.file_no];
    info.raw_delimiter = c->manifest->Find("extracted", input.file_no, 0)->Text("raw_delimiter");
    if (input.columns.empty()) continue;
    MIGRATE_ASSIGN(info.schema_id,
                   ledger::SchemaId(c->db.get(), c->source_ids[input.source], ColumnsJson(input.columns)));
  }
  MIGRATE_TRY(TakeFirstImports(*c, &options));
  options.partitioner = c->partitioner;
  if (!c->plan.target.sqlite) {
    options.workers = c->threads;
    options.connect = [c] { return ConnectWorker(c->plan.target, c->lease); };
  }
  if (c->options.limit)
    for (const Input& input : c->inputs) options.expected_rows += input.bytes / 100;  // a guess: so many bytes a row
  options.attributes = c->plan.attributes;
  options.full_snapshots = FullSnapshots(*c);
  MIGRATE_TRY(KeepVersion(c, options.full_snapshots));
  MIGRATE_ASSIGN(options.same_rules, ImportsOfSameRules(*c));
  options.cancel = c->options.cancel;
  options.progress = [c](uint64_t rows) { c->meter->Set(rows); };
  return TakeMended(c, &options);
}

Status LoadStage(Context* c) {
  load::Options options;
  MIGRATE_TRY(BeginLoad(c, &options));
  MIGRATE_ASSIGN(c->loaded, load::LoadRecords(options));
  MIGRATE_TRY(InheritRepeated(c));
  return DropAfterLoad(c);
}

Status MakeIndexes(Context* c) {
  Status s = ledger::BuildIndexes(c->db.get());
  if (!ledger::MayNotIndex(s)) return s;
  c->meter->printer()->Warning("the secondary indexes were not made, lookups will be slow: " + s.message() + "; " +
                               s.hint());
  return {};
}

}  // namespace migrate::run
