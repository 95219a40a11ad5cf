#include "person_tables.h"

#include <fmt/core.h>

#include <optional>
#include <vector>

#include "migrate/ledger/buckets.h"

namespace migrate::dedupe {
namespace {

using ledger::Person;
using store::OnExisting;
using store::RowWriter;

// Keys of one DELETE: as a list, and as terms joined by OR, of which SQLite nests at most a thousand.
constexpr size_t kDeleteRows = 1000, kDeleteTerms = 200;

Status Damaged(const char* list) {
  return Status::Failed(fmt::format("dedupe: the list of {}: an entry cannot be read", list),
                        "run the stage dedupe again");
}

Status NotThere(const store::Connection& db, const char* table, size_t asked, int64_t gone) {
  return Status::Failed(
      fmt::format("{}: table {}: of {} rows to be deleted {} were there", db.name(), table, asked, gone),
      "the target was changed by another program: `migrate repair PLAN` names the rows and puts back what it can");
}

class AliasTable : public TableWriter {
 public:
  AliasTable(const PersonOptions& o, store::Connection* db)
      : o_(o), db_(db), buckets_(db, ledger::PersonAliasTable(), o.buckets) {}

  Status Begin(uint32_t) override {
    const ledger::Table& t = ledger::PersonAliasTable();
    MIGRATE_ASSIGN(insert_, db_->Rows(t.name, t.columns, OnExisting::kError));
    return {};
  }
  Status Apply(std::string_view entry) override {
    AliasEntry a;
    if (!a.Decode(entry)) return Damaged("person_alias");
    const char* kind = a.KindName();
    insert_->Bind(1, static_cast<int64_t>(a.alias_id));
    insert_->Bind(2, static_cast<int64_t>(a.person_id));
    insert_->BindText(3, kind);
    insert_->Bind(4, o_.import_id);
    hasher_.Integer(static_cast<int64_t>(a.alias_id));
    hasher_.Integer(static_cast<int64_t>(a.person_id));
    hasher_.Text(kind);
    hasher_.Integer(o_.import_id);
    buckets_.Add(a.alias_id, hasher_.Finish());
    return insert_->Add();
  }
  Status Flush() override {
    MIGRATE_TRY(insert_->Flush());
    return buckets_.Flush();
  }

 private:
  const PersonOptions& o_;
  store::Connection* db_;
  ledger::BucketKeeper buckets_;
  ledger::RowHasher hasher_;
  std::unique_ptr<RowWriter> insert_;
};

// person and person_history: they have the same partitions.
class PersonTable : public TableWriter {
 public:
  PersonTable(const PersonOptions& o, store::Connection* db, std::shared_ptr<spool::SegmentReader> members)
      : o_(o),
        db_(db),
        members_list_(std::move(members)),
        buckets_(db, ledger::PersonTable(), o.buckets),
        history_buckets_(db, ledger::PersonHistoryTable(), o.buckets) {}

  Status Begin(uint32_t partition) override {
    const ledger::Table &person = ledger::PersonTable(), &history = ledger::PersonHistoryTable();
    const int p = static_cast<int>(partition);
    partition_ = partition;
    MIGRATE_ASSIGN(insert_, db_->Rows(person.name, person.columns, OnExisting::kError, p));
    MIGRATE_ASSIGN(replace_, db_->Rows(person.name, person.columns, OnExisting::kReplace, p));
    MIGRATE_ASSIGN(history_, db_->Rows(history.name, history.columns, OnExisting::kError, p));
    retired_.clear();
    members_.emplace(members_list_, partition);
    members_of_ = {};
    return {};
  }

  Status Apply(std::string_view entry) override {
    if (!entry_.Decode(entry)) return Damaged("person");
    const uint64_t id = entry_.now.person_id;
    if (entry_.op != PersonEntry::kInsert) {
      buckets_.Remove(id, entry_.old_hash);
      if (entry_.history) MIGRATE_TRY(ToHistory());
    }
    if (entry_.op == PersonEntry::kRetire) {
      retired_.push_back(id);
      return retired_.size() < kDeleteRows ? Status() : Delete();
    }
    Person& p = entry_.now;
    p.import_id = o_.import_id;
    const std::string attributes = ledger::AttributesJson(p.attributes, o_.attributes);
    buckets_.Add(id, ledger::HashPerson(&hasher_, p, attributes));
    RowWriter* rows = entry_.op == PersonEntry::kInsert ? insert_.get() : replace_.get();
    ledger::BindPerson(p, attributes, 1, 2, rows);
    return rows->Add();
  }

  Status Flush() override {
    MIGRATE_TRY(Delete());
    for (RowWriter* rows : {insert_.get(), replace_.get(), history_.get()}) MIGRATE_TRY(rows->Flush());
    MIGRATE_TRY(buckets_.Flush());
    return history_buckets_.Flush();
  }

 private:
  Status ToHistory() {
    const uint64_t id = entry_.now.person_id;
    while (members_of_.person_id < id) {
      std::string_view entry;
      MIGRATE_ASSIGN(bool more, members_->Next(&entry));
      if (!more) break;
      if (!members_of_.Decode(entry)) return Damaged("members");
    }
    const std::string_view members = members_of_.person_id == id ? members_of_.members : "[]";
    history_->Bind(2, o_.import_id);
    ledger::BindPerson(entry_.old, entry_.old_attributes, 1, 3, history_.get());
    history_->BindText(static_cast<int>(ledger::PersonHistoryTable().columns.size()), members);
    history_buckets_.Add(id,
                         ledger::HashPersonHistory(&hasher_, entry_.old, entry_.old_attributes, o_.import_id, members));
    return history_->Add();
  }

  Status Delete() {
    if (retired_.empty()) return {};
    std::string sql = "DELETE FROM " + ledger::TablePartition(*db_, "person", partition_) + " WHERE person_id IN (";
    for (size_t i = 0; i < retired_.size(); ++i) sql += (i == 0 ? "" : ",") + std::to_string(retired_[i]);
    MIGRATE_ASSIGN(auto statement, db_->Prepare(sql + ")"));
    MIGRATE_ASSIGN(int64_t gone, statement->RunCount());
    if (gone != static_cast<int64_t>(retired_.size())) return NotThere(*db_, "person", retired_.size(), gone);
    retired_.clear();
    return {};
  }

  const PersonOptions& o_;
  store::Connection* db_;
  std::shared_ptr<spool::SegmentReader> members_list_;
  ledger::BucketKeeper buckets_, history_buckets_;
  ledger::RowHasher hasher_;
  uint32_t partition_ = 0;
  std::unique_ptr<RowWriter> insert_, replace_, history_;
  std::optional<ListReader> members_;
  MembersEntry members_of_;
  std::vector<uint64_t> retired_;
  PersonEntry entry_;
};

class LinkTable : public TableWriter {
 public:
  LinkTable(const PersonOptions& o, store::Connection* db)
      : o_(o), db_(db), buckets_(db, ledger::PersonRecordTable(), o.buckets) {}

  Status Begin(uint32_t partition) override {
    const ledger::Table& t = ledger::PersonRecordTable();
    MIGRATE_ASSIGN(insert_, db_->Rows(t.name, t.columns, OnExisting::kError, static_cast<int>(partition)));
    MIGRATE_ASSIGN(replace_, db_->Rows(t.name, t.columns, OnExisting::kReplace, static_cast<int>(partition)));
    return {};
  }
  Status Apply(std::string_view entry) override {
    LinkEntry l;
    if (!l.Decode(entry)) return Damaged("person_record");
    if (l.replaces) buckets_.Remove(l.record_id, Hash(l.record_id, l.old_person, l.old_import, l.old_confidence));
    buckets_.Add(l.record_id, Hash(l.record_id, l.person_id, o_.import_id, l.confidence));
    RowWriter* rows = l.replaces ? replace_.get() : insert_.get();
    rows->Bind(1, static_cast<int64_t>(l.record_id));
    rows->Bind(2, static_cast<int64_t>(l.person_id));
    rows->Bind(3, o_.import_id);
    rows->BindReal(4, l.confidence);
    return rows->Add();
  }
  Status Flush() override {
    MIGRATE_TRY(insert_->Flush());
    MIGRATE_TRY(replace_->Flush());
    return buckets_.Flush();
  }

 private:
  Sha256 Hash(uint64_t record, uint64_t person, int64_t import, double confidence) {
    hasher_.Integer(static_cast<int64_t>(record));
    hasher_.Integer(static_cast<int64_t>(person));
    hasher_.Integer(import);
    hasher_.Real(confidence);
    return hasher_.Finish();
  }

  const PersonOptions& o_;
  store::Connection* db_;
  ledger::BucketKeeper buckets_;
  ledger::RowHasher hasher_;
  std::unique_ptr<RowWriter> insert_, replace_;
};

class IdentifierTable : public TableWriter {
 public:
  IdentifierTable(const PersonOptions& o, store::Connection* db)
      : db_(db), buckets_(db, ledger::PersonIdentifierTable(), o.buckets) {}

  Status Begin(uint32_t partition) override {
    const ledger::Table& t = ledger::PersonIdentifierTable();
    partition_ = partition;
    MIGRATE_ASSIGN(insert_, db_->Rows(t.name, t.columns, OnExisting::kError, static_cast<int>(partition)));
    gone_.clear();
    delete_.reset();
    return {};
  }
  Status Apply(std::string_view entry) override {
    IdentifierEntry i;
    if (!i.Decode(entry)) return Damaged("person_identifier");
    hasher_.Integer(static_cast<int64_t>(i.hash));
    hasher_.Text(i.kind);
    hasher_.Integer(static_cast<int64_t>(i.person_id));
    hasher_.Text(i.value);
    const Sha256 hash = hasher_.Finish();
    if (!i.add) {
      buckets_.Remove(i.hash, hash);
      gone_.push_back({i.hash, i.person_id, std::string(i.kind)});
      return gone_.size() < kDeleteTerms ? Status() : Delete();
    }
    buckets_.Add(i.hash, hash);
    insert_->Bind(1, static_cast<int64_t>(i.hash));
    insert_->BindText(2, i.kind);
    insert_->Bind(3, static_cast<int64_t>(i.person_id));
    insert_->BindText(4, i.value);
    return insert_->Add();
  }
  Status Flush() override {
    MIGRATE_TRY(Delete());
    MIGRATE_TRY(insert_->Flush());
    return buckets_.Flush();
  }

 private:
  struct Key {
    uint64_t hash, person;
    std::string kind;
  };

  // A term a key: a list of rows to IN is not in every dialect looked up by the key.
  Status Delete() {
    if (gone_.empty()) return {};
    if (!delete_ || delete_terms_ != gone_.size()) {
      std::string sql = "DELETE FROM " + ledger::TablePartition(*db_, "person_identifier", partition_) + " WHERE ";
      for (size_t i = 0; i < gone_.size(); ++i)
        sql += std::string(i == 0 ? "" : " OR ") + "(value_hash = ? AND kind = ? AND person_id = ?)";
      MIGRATE_ASSIGN(delete_, db_->Prepare(sql));
      delete_terms_ = gone_.size();
    }
    int at = 1;
    for (const Key& k : gone_) {
      delete_->Bind(at++, static_cast<int64_t>(k.hash));
      delete_->BindText(at++, k.kind);
      delete_->Bind(at++, static_cast<int64_t>(k.person));
    }
    MIGRATE_ASSIGN(int64_t n, delete_->RunCount());
    if (n != static_cast<int64_t>(gone_.size())) return NotThere(*db_, "person_identifier", gone_.size(), n);
    gone_.clear();
    return {};
  }

  store::Connection* db_;
  ledger::BucketKeeper buckets_;
  ledger::RowHasher hasher_;
  uint32_t partition_ = 0;
  std::unique_ptr<RowWriter> insert_;
  std::vector<Key> gone_;
  std::unique_ptr<store::Statement> delete_;
  size_t delete_terms_ = 0;
};

}  // namespace

std::unique_ptr<TableWriter> MakeTableWriter(List list, const PersonOptions& options, store::Connection* db,
                                             std::shared_ptr<spool::SegmentReader> members) {
  switch (list) {
    case List::kAlias:
      return std::make_unique<AliasTable>(options, db);
    case List::kPerson:
      return std::make_unique<PersonTable>(options, db, std::move(members));
    case List::kLink:
      return std::make_unique<LinkTable>(options, db);
    case List::kIdentifier:
      return std::make_unique<IdentifierTable>(options, db);
    case List::kMembers:
      break;
  }
  return nullptr;
}

}  // namespace migrate::dedupe
