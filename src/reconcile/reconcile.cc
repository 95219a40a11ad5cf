#include "migrate/reconcile/reconcile.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

#include "migrate/base/hash.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/ledger.h"
#include "migrate/reconcile/parts.h"
#include "part_keeper.h"
#include "server_check.h"
#include "sqlite_check.h"
#include "structure.h"
#include "table_check.h"

namespace migrate::reconcile {
namespace {

using ledger::Person;
using ledger::StoredRecord;

std::string PartLabel(const ledger::Table& table, uint32_t partition) {
  return fmt::format("{} {}", table.name, partition);
}

Result<std::vector<std::string>> LabelsOf(const Options& o, const ledger::Bucketing& buckets) {
  if (o.db->dialect() == store::Dialect::kSqlite) return SqlitePartLabels(o, buckets);
  std::vector<std::string> labels;
  for (const ledger::Table* table : ledger::DigestTables())
    for (uint32_t p = 0; p < buckets.PartitionsOf(*table); ++p) labels.push_back(PartLabel(*table, p));
  MIGRATE_ASSIGN(auto indexes, IndexPartLabels(o.db));
  labels.insert(labels.end(), indexes.begin(), indexes.end());
  return labels;
}

std::string Shown(const std::string& v) { return v.empty() ? "NULL" : "'" + Masked(v) + "'"; }

class Reconciler {
 public:
  Reconciler(const Options& o, const Parts* parts) : o_(o), shared_(parts) {}

  Result<Report> Run() {
    const bool server = o_.db->dialect() != store::Dialect::kSqlite;
    MIGRATE_ASSIGN(sessions_, Sessions::Open(o_.db, o_.connect, o_.workers));
    MIGRATE_ASSIGN(buckets_, ledger::BucketingOf(o_.db));
    if (shared_ != nullptr) {
      MIGRATE_ASSIGN(const auto labels, LabelsOf(o_, buckets_));
      parts_ = PartKeeper(shared_, labels);
    }
    MIGRATE_TRY(ReadNames());
    if (parts_.only()) return OnlyParts(server);
    MIGRATE_TRY(Books());
    if (server) {
      for (const ledger::Table* table : ledger::DigestTables()) MIGRATE_TRY(TableOnServer(*table));
      MIGRATE_TRY(SampleByKey());
      MIGRATE_ASSIGN(auto checks, ServerStructure(o_, sessions_.get(), keys_,
                                                  members_["person"] == members_["person_record"], parts_));
      for (Check& c : checks) report_.checks.push_back(std::move(c));
    } else {
      MIGRATE_TRY(Sqlite());
    }
    MIGRATE_TRY(Model());
    AddCheck("sample normalized again", report_.sample_differences == 0,
             fmt::format("{}, {} {}", Counted(report_.sampled, "row"), report_.sample_differences,
                         Plural(report_.sample_differences, "differs", "differ")));
    return std::move(report_);
  }

 private:
  Result<Report> OnlyParts(bool server) {
    if (!server) {
      MIGRATE_TRY(CheckSqlite(o_, sessions_.get(), buckets_, {names_.begin(), names_.end()}, parts_).status());
      return Report();
    }
    for (const ledger::Table* table : ledger::DigestTables()) MIGRATE_TRY(ReadOnServer(*table).status());
    MIGRATE_TRY(ReadIndexParts(o_, sessions_.get(), parts_));
    return Report();
  }

  Status ReadNames() {
    MIGRATE_ASSIGN(auto q, o_.db->Prepare("SELECT source_id, name FROM source"));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) return {};
      std::string name(q->Text(1));
      names_[static_cast<uint32_t>(q->Integer(0))] = name;
      digesters_.try_emplace(static_cast<uint32_t>(q->Integer(0)), name);
    }
  }

  void AddDamage(std::string table, std::string key, std::string column, std::string what) {
    ++report_.damaged;
    if (report_.damage.size() < kMaxDamage)
      report_.damage.push_back({std::move(table), std::move(key), std::move(column), std::move(what)});
  }

  void AddCheck(std::string name, bool ok, std::string detail) {
    report_.checks.push_back({std::move(name), ok, std::move(detail)});
  }

  // It decides on all later matches, and a bit of it that changed would do so in silence. Older versions kept no hash.
  Status Model() {
    MIGRATE_ASSIGN(std::string kept, ledger::Setting(o_.db, "model_sha256"));
    if (kept.empty()) return {};
    MIGRATE_ASSIGN(std::string model, ledger::Setting(o_.db, "model"));
    const bool same = Sha256Hex(model) == kept;
    AddCheck("the stored model is as it was learned", same,
             same ? "SHA-256 agrees" : "its SHA-256 does not; migrate model train learns it anew");
    return {};
  }

  Status Books() {
    MIGRATE_ASSIGN(auto q, o_.db->Prepare("SELECT count(*) FROM quarantine WHERE import_id = ? AND source_id = ?"));
    for (const auto& [id, b] : o_.books) {
      BookLine line{b.source,
                    -1,
                    b.counted,
                    b.extracted,
                    b.inserted + b.updated + b.unchanged + b.superseded,
                    0,
                    b.extracted_digest.Text(),
                    b.seen.Text(),
                    true};
      q->Bind(1, o_.import_id);
      q->Bind(2, id);
      MIGRATE_ASSIGN(bool row, q->Step());
      line.quarantined = row ? static_cast<uint64_t>(q->Integer(0)) : 0;
      q->Reset();
      line.ok = b.counted == b.extracted && b.extracted == b.rejected + b.extracted_digest.count &&
                b.extracted_digest == b.seen && b.seen.count == line.loaded + b.duplicates &&
                line.quarantined == b.rejected + b.duplicates && b.counted == line.loaded + line.quarantined;
      report_.books.push_back(line);
    }
    return {};
  }

  // All tables of a SQLite file.
  Status Sqlite() {
    MIGRATE_ASSIGN(SqliteCheck check,
                   CheckSqlite(o_, sessions_.get(), buckets_, {names_.begin(), names_.end()}, parts_));
    for (size_t i = 0; i < check.tables.size(); ++i) {
      const ledger::Table& table = *ledger::DigestTables()[i];
      const SqliteOfTable& t = check.tables[i];
      report_.rows += t.rows;
      MIGRATE_TRY(ReportTable(table, t.rows, t.unequal_buckets, t.faults, t.more_faults));
      for (uint64_t bucket : t.damaged_lists)
        AddDamage("bucket", fmt::format("{} {}", table.name, bucket), "rows",
                  "the ledger's list of these rows is damaged; the rows are sound");
    }
    MIGRATE_TRY(CompareDigests(check.sources));
    for (const StoredRecord& r : check.sample) Sample(r);
    for (Check& c : check.structure) report_.checks.push_back(std::move(c));
    return {};
  }

  Status ReportTable(const ledger::Table& table, uint64_t rows, uint64_t unequal_buckets,
                     const std::vector<std::pair<uint64_t, RowFault>>& faults, uint64_t more_faults) {
    report_.damaged += more_faults;
    AddCheck(table.name + ": every column of every row", unequal_buckets == 0,
             fmt::format("{}, {}", Counted(rows, "row"), Counted(unequal_buckets, "unequal bucket")));
    for (const auto& [key, fault] : faults)
      MIGRATE_TRY(&table == &ledger::RecordTable() ? NameRecord(key, fault) : NameRow(table, key, fault));
    return {};
  }

  // One table of a server, as far as its partitions are there or this process is to read them.
  Result<ServerCheck> ReadOnServer(const ledger::Table& table) {
    std::vector<ServerCheck> known(buckets_.PartitionsOf(table));
    std::vector<bool> wanted(known.size());
    for (uint32_t p = 0; p < known.size(); ++p) {
      const std::string label = PartLabel(table, p);
      wanted[p] = !parts_.Has(label, &known[p]) && parts_.Mine(label);
    }
    ServerCheck all;
    if (std::find(wanted.begin(), wanted.end(), true) != wanted.end()) {
      ServerCheckOptions options;
      options.buckets = buckets_;
      for (const auto& [id, name] : names_) options.source_names.emplace(id, name);
      options.cancel = o_.cancel;
      const uint64_t before = read_;
      if (o_.progress) options.progress = [&](uint64_t rows) { o_.progress(read_ = before + rows); };
      options.wanted = [&](uint32_t p) { return wanted[p]; };
      options.done = [&](uint32_t p, const ServerCheck& c) { return parts_.Keep(PartLabel(table, p), c); };
      MIGRATE_ASSIGN(auto found, CheckPartitions(o_.db, sessions_.get(), table, options));
      for (uint32_t p = 0; p < known.size(); ++p)
        if (wanted[p]) known[p] = std::move(found[p]);
    }
    for (const ServerCheck& p : known) Merge(p, &all);
    return all;
  }

  Status TableOnServer(const ledger::Table& table) {
    MIGRATE_ASSIGN(ServerCheck check, ReadOnServer(table));
    report_.rows += check.rows;
    MIGRATE_TRY(ReportTable(table, check.rows, check.unequal_buckets, check.faults, check.more_faults));
    keys_[table.name] = check.keys;
    members_[table.name] = check.members;
    return &table == &ledger::RecordTable() ? CompareDigests(check.sources) : Status();
  }

  // The sample of a server: a stretch of record_ids at another place for each import. Ids are hashes, so neighbours
  // have nothing in common, and a stretch is read by the primary key, where every n-th id would cost a pass over the
  // table.
  Status SampleByKey() {
    constexpr uint64_t kIds = uint64_t{1} << 63, kPage = 1000;
    const uint64_t rows = keys_["record"].count;
    if (o_.sample == 0 || !o_.renormalize || rows == 0) return {};
    uint64_t first = 0, last = kIds - 1;
    if (rows > o_.sample) {
      const uint64_t width = kIds / rows * o_.sample;
      first = static_cast<uint64_t>(o_.import_id) * 0x9E3779B97F4A7C15 % (kIds - width);
      last = first + width;
    }
    MIGRATE_ASSIGN(auto q, o_.db->Prepare(ledger::SelectSql(ledger::RecordTable()) +
                                          " WHERE record_id >= ? AND record_id <= ? ORDER BY record_id LIMIT 1000"));
    StoredRecord r;
    for (uint64_t read = kPage; read == kPage && first <= last && report_.sampled < o_.sample;) {
      if (o_.cancel != nullptr && o_.cancel->requested()) return Status::Cancelled("reconcile: cancelled");
      q->Bind(1, static_cast<int64_t>(first));
      q->Bind(2, static_cast<int64_t>(last));
      for (read = 0;; ++read) {
        MIGRATE_ASSIGN(bool more, q->Step());
        if (!more) break;
        ledger::ReadRecord(*q, 0, 1, o_.attributes, &r);
        first = r.record.record_id + 1;
        if (report_.sampled < o_.sample) Sample(r);
      }
    }
    return {};
  }

  Status CompareDigests(const std::map<std::pair<uint32_t, uint32_t>, MultisetDigest>& digests) {
    MIGRATE_ASSIGN(
        auto q,
        o_.db->Prepare("SELECT source_id, `partition`, digest FROM source_digest ORDER BY source_id, `partition`"));
    std::map<std::pair<uint32_t, uint32_t>, std::string> expected;
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      expected[{static_cast<uint32_t>(q->Integer(0)), static_cast<uint32_t>(q->Integer(1))}] = q->Text(2);
    }
    const std::string none = MultisetDigest{}.Text();
    for (const auto& [at, digest] : digests) expected.try_emplace(at, none);
    for (const auto& [at, text] : expected) {
      auto found = digests.find(at);
      MultisetDigest actual = found == digests.end() ? MultisetDigest{} : found->second;
      BookLine line{names_[at.first],     static_cast<int64_t>(at.second), 0, 0, actual.count, 0, text, actual.Text(),
                    text == actual.Text()};
      report_.books.push_back(line);
    }
    return {};
  }

  // The columns in which a stored record differs from what its payload says, "" for none.
  std::vector<std::pair<std::string, std::string>> Differences(const StoredRecord& s, const Record& expected) {
    std::vector<std::pair<std::string, std::string>> out;
    const Record& r = s.record;
    auto note = [&](std::string column, const std::string& stored, const std::string& want) {
      if (stored != want)
        out.emplace_back(std::move(column), "stored " + Shown(stored) + ", its payload says " + Shown(want));
    };
    for (Field f : ledger::kColumnFields)
      note(f == Field::kPhone ? "phone_e164" : std::string(FieldName(f)), r[f], expected[f]);
    note("opt_out", std::to_string(r.opt_out), std::to_string(expected.opt_out));
    note("flags", std::to_string(r.flags), std::to_string(expected.flags));
    note("more", ledger::MoreJson(r), ledger::MoreJson(expected));
    note("attributes", ledger::AttributesJson(r.attributes, o_.attributes),
         ledger::AttributesJson(expected.attributes, o_.attributes));
    return out;
  }

  void Sample(const StoredRecord& s) {
    if (!o_.renormalize) return;
    std::optional<Record> expected = o_.renormalize(s);
    if (!expected) return;
    ++report_.sampled;
    if (!Differences(s, *expected).empty()) ++report_.sample_differences;
  }

  Status NameRecord(uint64_t id, RowFault fault) {
    std::string key = std::to_string(id);
    if (fault == RowFault::kMissing) {
      AddDamage("record", key, "", "the row is missing");
      return {};
    }
    MIGRATE_ASSIGN(auto q, o_.db->Prepare(ledger::SelectSql(ledger::RecordTable()) + " WHERE record_id = ?"));
    q->Bind(1, static_cast<int64_t>(id));
    MIGRATE_ASSIGN(bool found, q->Step());
    if (!found) return {};
    StoredRecord s;
    ledger::ReadRecord(*q, 0, 1, o_.attributes, &s);
    const Record& r = s.record;
    key += fmt::format(" ({} {})", names_.count(r.source) > 0 ? names_[r.source] : fmt::format("source {}", r.source),
                       r.source_key);
    if (fault == RowFault::kExtra) {
      AddDamage("record", key, "", "nobody loaded this row");
      return {};
    }
    auto digester = digesters_.find(r.source);
    std::string source_name = names_.count(r.source) > 0 ? names_[r.source] : "";
    if (RecordId(source_name, r.source_key) != id) {
      AddDamage("record", key, "source_id or source_key", "they do not make this record_id");
    } else if (digester->second.Row(r.source_key, r.payload) != r.row_sha256) {
      AddDamage("record", key, "payload or row_sha256", "the payload does not hash to row_sha256");
    } else {
      NameColumns(s, key);
    }
    return {};
  }

  void NameColumns(const StoredRecord& s, const std::string& key) {
    std::optional<Record> expected = o_.renormalize ? o_.renormalize(s) : std::nullopt;
    auto differences = expected ? Differences(s, *expected) : std::vector<std::pair<std::string, std::string>>();
    for (auto& [column, what] : differences) AddDamage("record", key, column, what);
    if (differences.empty())
      AddDamage("record", key, expected ? "import_id, file_no, line, schema_id or gone_import" : "",
                "the row is not as it was written");
  }

  Status NameRow(const ledger::Table& table, uint64_t key, RowFault fault) {
    static constexpr const char* kWhat[] = {"the row is not as it was written", "the row is missing",
                                            "nobody wrote this row"};
    std::string column, what = kWhat[static_cast<size_t>(fault)];
    if (&table == &ledger::PersonTable() && fault == RowFault::kChanged && o_.remake) {
      MIGRATE_ASSIGN(auto expected, o_.remake(key));
      MIGRATE_ASSIGN(auto q, o_.db->Prepare(ledger::SelectSql(table) + " WHERE person_id = ?"));
      q->Bind(1, static_cast<int64_t>(key));
      MIGRATE_ASSIGN(bool found, q->Step());
      Person p;
      if (found) ledger::ReadPerson(*q, 0, 1, o_.attributes, &p);
      if (found && expected) DescribePerson(p, *expected, &column, &what);
    }
    AddDamage(table.name, fmt::format("{} {}", table.key.front(), key), column, what);
    return {};
  }

  void DescribePerson(const Person& stored, const Person& expected, std::string* column, std::string* what) {
    for (Field f : ledger::kColumnFields) {
      if (stored[f] == expected[f]) continue;
      *column = f == Field::kPhone ? "phone_e164" : std::string(FieldName(f));
      *what = "stored " + Shown(stored[f]) + ", its members give " + Shown(expected[f]);
      return;
    }
    if (stored.record_count != expected.record_count)
      *column = "record_count";
    else if (stored.opt_out != expected.opt_out)
      *column = "opt_out";
    else if (stored.attributes != expected.attributes)
      *column = "attributes";
    else if (stored.provenance != expected.provenance)
      *column = "provenance";
    else
      *column = "confidence or import_id";
  }

  const Options& o_;
  const Parts* shared_;
  PartKeeper parts_{nullptr, {}};
  Report report_;
  uint64_t read_ = 0;  // rows of a server, by this process
  std::unique_ptr<Sessions> sessions_;
  ledger::Bucketing buckets_;
  std::map<std::string, KeySet> keys_;           // by table; servers only
  std::map<std::string, MemberCounts> members_;  // by table; servers only
  std::unordered_map<uint32_t, std::string> names_;
  std::unordered_map<uint32_t, RowDigester> digesters_;
};

}  // namespace

bool Report::match() const {
  return damaged == 0 && sample_differences == 0 &&
         std::all_of(books.begin(), books.end(), [](const BookLine& b) { return b.ok; }) &&
         std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.ok; });
}

Result<Report> Reconcile(const Options& options) { return Reconciler(options, nullptr).Run(); }

Result<Report> Reconcile(const Options& options, const Parts& parts) { return Reconciler(options, &parts).Run(); }

Result<std::vector<std::string>> PartLabels(const Options& options) {
  MIGRATE_ASSIGN(const ledger::Bucketing buckets, ledger::BucketingOf(options.db));
  return LabelsOf(options, buckets);
}

}  // namespace migrate::reconcile
