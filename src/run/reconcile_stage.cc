// The stage reconcile: what the target stores against what the sources said, by one process or put together from what
// shards have read.
#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "context.h"
#include "migrate/base/clock.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/tables.h"
#include "migrate/normalize/normalizer.h"
#include "migrate/record/payload.h"
#include "read_parts.h"
#include "shards.h"
#include "verdict_json.h"
#include "verify_source.h"

namespace migrate::run {
namespace {

using nlohmann::json;

// Normalizes stored records again, by the mapping under which this plan's inputs have their columns.
class Renormalizer {
 public:
  static Result<std::unique_ptr<Renormalizer>> Make(Context* c) {
    std::unique_ptr<Renormalizer> r(new Renormalizer(c));
    MIGRATE_ASSIGN(r->imports_, ImportsOfSameRules(*c));
    for (const Input& input : c->inputs) {
      if (input.columns.empty() || input.layout < 0) continue;
      MIGRATE_ASSIGN(int64_t schema,
                     ledger::SchemaId(c->db.get(), c->source_ids[input.source], ColumnsJson(input.columns)));
      r->normalizers_.try_emplace(schema, c->plan.normalize, c->plan.attributes, input.fields);
    }
    return r;
  }
  std::optional<Record> operator()(const ledger::StoredRecord& s) {
    auto it = normalizers_.find(s.schema_id);
    DecodedRow row;
    if (it == normalizers_.end() || imports_.count(s.import_id) == 0 || !DecodePayload(s.record.payload, &row).ok())
      return std::nullopt;
    Record out;
    out.attributes.resize(c_->plan.attributes.size());
    it->second.Normalize(row.cells, &out);
    return out;
  }

 private:
  explicit Renormalizer(Context* c) : c_(c) {}
  Context* c_;
  std::set<int64_t> imports_;
  std::map<int64_t, normalize::Normalizer> normalizers_;
};

Result<std::optional<ledger::Person>> Remake(Context* c, store::Connection* db, const dedupe::SurvivorshipRules& rules,
                                             uint64_t person_id) {
  std::string columns;
  for (const auto& column : ledger::RecordTable().columns) columns += (columns.empty() ? "r." : ", r.") + column;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT " + columns +
                                     " FROM person_record p JOIN record r ON r.record_id = p.record_id WHERE "
                                     "p.person_id = ? ORDER BY r.record_id"));
  q->Bind(1, static_cast<int64_t>(person_id));
  std::vector<ledger::StoredRecord> members;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    ledger::ReadRecord(*q, 0, 1, c->plan.attributes, &members.emplace_back());
  }
  if (members.empty()) return std::optional<ledger::Person>();
  ledger::Person person;
  dedupe::MakeGolden(members, rules, c->plan.attributes, &person);
  return std::optional<ledger::Person>(std::move(person));
}

Status FillBooks(Context* c, std::map<uint32_t, reconcile::ImportBook>* books) {
  for (const Input& input : c->inputs) {
    if (input.state != Input::State::kImport) continue;
    auto id = static_cast<uint32_t>(c->source_ids[input.source]);
    reconcile::ImportBook& b = (*books)[id];
    b.source = c->plan.sources[input.source].name;
    MIGRATE_ASSIGN(InputBook book, BookOf(*c->manifest, input.file_no));
    b.counted += book.counted;
    b.extracted += book.rows + book.rejects;
    b.rejected += book.rejects;
    b.extracted_digest.Merge(book.digest);
  }
  for (auto& [id, b] : *books) {
    const load::Counts& n = c->loaded[id];
    b.seen = n.seen;
    b.inserted = n.inserted;
    b.updated = n.updated;
    b.unchanged = n.unchanged;
    b.superseded = n.superseded;
    b.duplicates = n.duplicates;
  }
  return {};
}

// The last import behind which everything was matched; 0: none.
Result<int64_t> LastMatched(store::Connection* db) {
  return db->QueryInteger("SELECT max(import_id) FROM checkpoint WHERE stage = 'dedupe' AND part = 0");
}

// The options of a reconcile with what they point to, which stays where it is.
struct Proof {
  std::optional<Reader> reader;
  std::unique_ptr<Renormalizer> renormalizer;
  dedupe::SurvivorshipRules rules;
  reconcile::Options options;
};

Result<std::unique_ptr<Proof>> MakeProof(Context* c) {
  auto proof = std::make_unique<Proof>();
  Proof* const p = proof.get();
  std::string warning;
  MIGRATE_ASSIGN(p->reader, Reader::CatchUp(c->plan.target, c->db.get(), kReaderSeconds, c->options.cancel, &warning));
  if (!warning.empty()) c->meter->printer()->Warning(warning);
  reconcile::Options& options = p->options;
  options.db = p->reader ? p->reader->db() : c->db.get();
  options.workers = c->threads;
  options.connect = [c, p]() -> Result<std::unique_ptr<store::Connection>> {
    if (c->plan.target.sqlite) return store::OpenSqlite(c->plan.target.path, store::OpenMode::kReadOnly);
    return p->reader ? p->reader->Connect() : ConnectWorker(c->plan.target, c->lease);
  };
  options.import_id = c->import_id;
  if (c->own_import) MIGRATE_TRY(FillBooks(c, &options.books));
  options.partitioner = c->partitioner;
  options.attributes = c->plan.attributes;
  MIGRATE_ASSIGN(int64_t links, c->db->QueryInteger("SELECT EXISTS (SELECT 1 FROM person_record)"));
  options.persons = links != 0;
  // Each matching decides about all records; a plan without the stage leaves its own for the next one.
  MIGRATE_ASSIGN(const int64_t matched, LastMatched(c->db.get()));
  if (matched != 0) options.matched_through = matched;
  options.sample = c->plan.reconcile.sample;
  MIGRATE_ASSIGN(p->renormalizer, Renormalizer::Make(c));
  options.renormalize = [p](const ledger::StoredRecord& r) { return (*p->renormalizer)(r); };
  MIGRATE_ASSIGN(p->rules, Rules(*c));
  options.remake = [c, p](uint64_t id) { return Remake(c, p->options.db, p->rules, id); };
  options.cancel = c->options.cancel;
  options.progress = [c](uint64_t n) { c->meter->Set(n); };
  return proof;
}

Status AppendToLog(const Context& c, const std::string& text) {
  MIGRATE_ASSIGN(File log, File::OpenAppend(c.plan.workspace + "/reconciliation.jsonl"));
  MIGRATE_TRY(log.Write(text + "\n"));
  return log.Sync();
}

Status KeepVerdict(Context* c) {
  const reconcile::Report& r = *c->reconciled;
  json result = VerdictJson(*c, Books::kShort);
  result.update({{"schema", 1},
                 {"import", c->import_id},
                 {"at", NowUtc()},
                 {"sampled", r.sampled},
                 {"sample_differences", r.sample_differences}});
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  MIGRATE_ASSIGN(auto insert,
                 c->db->Prepare("INSERT INTO reconciliation (import_id, at, verdict, result) VALUES (?, ?, ?, ?)"));
  std::string at = result["at"], verdict = result["verdict"],
              text = result.dump(-1, ' ', false, json::error_handler_t::replace);
  insert->Bind(1, c->import_id);
  insert->BindText(2, at);
  insert->BindText(3, verdict);
  insert->BindText(4, text);
  MIGRATE_TRY(insert->Run());
  MIGRATE_TRY(transaction.Commit());
  return c->options.dry_run ? Status() : AppendToLog(*c, text);
}

// A shard that is called again over what has been judged finds the same, and adds no second verdict.
Status KeepVerdictOnce(Context* c, const ReadWork& work) {
  MIGRATE_ASSIGN(const int64_t above, BeginVerdict(c, work));
  const std::string after =
      fmt::format("reconciliation WHERE import_id = {} AND reconciliation_id > {}", c->import_id, above);
  MIGRATE_ASSIGN(const std::string text, c->db->QueryText("SELECT result FROM " + after));
  if (text.empty()) return KeepVerdict(c);
  MIGRATE_ASSIGN(const std::string at, c->db->QueryText("SELECT at FROM " + after));
  c->meter->printer()->Note(
      fmt::format("reconcile: this is the verdict of {}; migrate run {} --stage reconcile, without "
                  "--shard, reads the target anew",
                  at, c->options.plan_file));
  const std::string log = c->plan.workspace + "/reconciliation.jsonl";
  if (PathExists(log)) {
    MIGRATE_ASSIGN(const std::string lines, ReadWholeFile(log));
    if (lines.find(text + "\n") != std::string::npos) return {};
  }
  return AppendToLog(*c, text);
}

// kMismatch, with the first place and what to do.
Status Judge(const reconcile::Report& report) {
  if (report.match()) return {};
  std::string first;
  for (const auto& b : report.books)
    if (!b.ok && first.empty())
      first = fmt::format("the books of source {}{} do not balance", b.source,
                          b.partition < 0 ? "" : fmt::format(" (partition {})", b.partition));
  for (const auto& k : report.checks)
    if (!k.ok && first.empty()) first = k.name + ": " + k.detail;
  for (const auto& d : report.damage) {
    first = fmt::format("{} {}{}: {}", d.table, d.key, d.column.empty() ? "" : ", column " + d.column, d.what);
    break;
  }
  const auto& checks = report.checks;
  const bool trail_only =
      report.damaged == 0 && first.rfind("audit chain: ", 0) == 0 &&
      std::count_if(checks.begin(), checks.end(), [](const reconcile::Check& k) { return !k.ok; }) == 1;
  return Status(
      ErrorKind::kMismatch,
      fmt::format("source and target differ in {}; first: {}", Counted(std::max<uint64_t>(1, report.damaged), "place"),
                  first),
      trail_only
          ? "`migrate audit verify PLAN` says more; the trail cannot be made again, only brought back from a backup"
          : "the report and reconciliation.jsonl list every place; `migrate repair` puts back what the sources and "
            "the other tables still tell");
}

}  // namespace

Status ReconcileStage(Context* c) {
  MIGRATE_ASSIGN(auto proof, MakeProof(c));
  std::optional<ReadWork> work;
  std::optional<ReadLines> lines;
  if (c->options.shard) {
    MIGRATE_ASSIGN(work, PartsToRead(*c));
    lines.emplace(c, *work, std::nullopt);
  } else {
    MIGRATE_TRY(ForgetReads(c));
  }
  if (c->persons.total == 0) {
    MIGRATE_ASSIGN(auto deduped, ledger::Checkpoint(c->db.get(), c->import_id, "dedupe", 0));
    if (deduped) c->persons = dedupe::PersonCountsFrom(*deduped);
    // Beside the records as they are now, what an older matching left would be another time's.
    MIGRATE_ASSIGN(const int64_t matched, LastMatched(c->db.get()));
    if (deduped && matched != c->import_id) {
      MIGRATE_ASSIGN(const int64_t persons, c->db->QueryInteger("SELECT count(*) FROM person"));
      c->persons = {};
      c->persons.total = static_cast<uint64_t>(persons);
    }
  }
  MIGRATE_ASSIGN(reconcile::Report report,
                 lines ? reconcile::Reconcile(proof->options, lines->parts()) : reconcile::Reconcile(proof->options));
  if (lines) MIGRATE_TRY(lines->Flush());
  if (c->options.verify_source) MIGRATE_TRY(AddVerification(c, &report));
  c->reconciled = std::make_unique<reconcile::Report>(std::move(report));
  MIGRATE_TRY(work ? KeepVerdictOnce(c, *work) : KeepVerdict(c));
  return Judge(*c->reconciled);
}

Status ReconcileShards(Context* c, std::optional<FileLock>* section) {
  MIGRATE_ASSIGN(const ReadWork work, PartsToRead(*c));
  const auto missing = ShardsOfMissingReads(*c, work, c->options.shard->n);
  if (!std::binary_search(missing.begin(), missing.end(), c->options.shard->i)) return {};
  MIGRATE_ASSIGN(auto proof, MakeProof(c));
  if (work.stale != 0)
    c->meter->printer()->Note(
        fmt::format("reconcile: {} that shards had read of an earlier state of the target {} left out and read again",
                    Counted(work.stale, "part"), Plural(work.stale, "is", "are")));
  // A server is read beside the others; a SQLite file by one at a time, as it is written.
  if (!c->plan.target.sqlite) {
    section->reset();
    MIGRATE_TRY(OpenManifestForParts(c));
  }
  ReadLines lines(c, work, *c->options.shard);
  const Status read = reconcile::Reconcile(proof->options, lines.parts()).status();
  const Status kept = lines.Flush();
  return read.ok() ? kept : read;
}

}  // namespace migrate::run
