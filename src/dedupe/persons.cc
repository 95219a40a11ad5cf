#include "migrate/dedupe/persons.h"

#include <fmt/core.h>

#include <cmath>
#include <compare>
#include <cstring>
#include <tuple>

#include "migrate/dedupe/stable_ids.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/ledger.h"
#include "migrate/record/keys.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/sorter.h"

namespace migrate::dedupe {
namespace {

using ledger::BucketKeeper;
using ledger::Person;
using ledger::StoredRecord;
using store::Statement;

double Rounded(float confidence) { return std::round(static_cast<double>(confidence) * 1e6) / 1e6; }

// What the target knew of a record before.
struct OldPlace {
  std::vector<uint64_t> person;
  std::vector<float> confidence;
};

// A row of person_identifier.
struct Identifier {
  uint64_t hash = 0;
  std::string kind;
  uint64_t person = 0;
  std::string value;
  static Identifier Of(const Statement& row) {
    return {static_cast<uint64_t>(row.Integer(0)), std::string(row.Text(1)), static_cast<uint64_t>(row.Integer(2)),
            std::string(row.Text(3))};
  }
  static Identifier Of(const spool::Sorter::Item& item) {
    size_t nul = item.value.find('\0');
    return {item.high, std::string(item.value.substr(0, nul)), item.low, std::string(item.value.substr(nul + 1))};
  }
  Status AddTo(spool::Sorter* sorter) const { return sorter->Add(hash, person, kind + '\0' + value); }
  std::strong_ordering operator<=>(const Identifier& o) const {
    return std::tie(hash, kind, person) <=> std::tie(o.hash, o.kind, o.person);
  }
  bool operator==(const Identifier& o) const {
    return std::tie(hash, kind, person) == std::tie(o.hash, o.kind, o.person);
  }
};

class PersonWriter {
 public:
  PersonWriter(const PersonOptions& o, const Clusters& c)
      : o_(o),
        c_(c),
        members_(o.scratch, o.sort_bytes),
        identifiers_(o.scratch, o.sort_bytes),
        changes_(o.scratch, o.sort_bytes),
        person_buckets_(o.db, ledger::PersonTable(), o.buckets),
        history_buckets_(o.db, ledger::PersonHistoryTable(), o.buckets),
        link_buckets_(o.db, ledger::PersonRecordTable(), o.buckets),
        identifier_buckets_(o.db, ledger::PersonIdentifierTable(), o.buckets),
        alias_buckets_(o.db, ledger::PersonAliasTable(), o.buckets) {}

  Result<PersonCounts> Run() {
    MIGRATE_TRY(ReadOld());
    MIGRATE_ASSIGN(std::string next, ledger::Setting(o_.db, "next_person_id", "1"));
    ids_ = AssignIds(c_.cluster, old_.person, std::stoull(next));
    counts_.created = ids_.created;
    counts_.split = ids_.split;
    counts_.merged = ids_.retired.size();
    MIGRATE_TRY(SortMembers());
    MIGRATE_TRY(WriteGolden());
    MIGRATE_TRY(WriteLinks());
    MIGRATE_TRY(WriteIdentifiers());
    MIGRATE_TRY(WriteAliases());
    MIGRATE_TRY(ledger::SetSetting(o_.db, "next_person_id", std::to_string(ids_.next_id)));
    for (BucketKeeper* b : {&person_buckets_, &history_buckets_, &link_buckets_, &identifier_buckets_, &alias_buckets_})
      MIGRATE_TRY(b->Flush());
    return counts_;
  }

 private:
  Status ReadOld() {
    old_.person.assign(c_.record_ids.size(), 0);
    old_.confidence.assign(c_.record_ids.size(), 0);
    MIGRATE_ASSIGN(auto q,
                   o_.db->Prepare("SELECT record_id, person_id, confidence FROM person_record ORDER BY record_id"));
    size_t i = 0;
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      auto id = static_cast<uint64_t>(q->Integer(0));
      while (i < c_.record_ids.size() && c_.record_ids[i] < id) ++i;
      if (i == c_.record_ids.size() || c_.record_ids[i] != id)
        return Status::Failed(
            fmt::format("{}: person_record names record {}, which is not in record", o_.db->name(), id),
            "the target was changed by another program: run with --stage reconcile");
      old_.person[i] = static_cast<uint64_t>(q->Integer(1));
      old_.confidence[i] = static_cast<float>(q->Real(2));
    }
    MIGRATE_ASSIGN(int64_t persons, o_.db->QueryInteger("SELECT EXISTS (SELECT 1 FROM person)"));
    filled_ = persons != 0;
    return {};
  }

  // Records by (person, record), without their payload, and their identifiers by hash.
  Status SortMembers() {
    std::string sql = "SELECT";
    for (const auto& column : ledger::RecordTable().columns)
      sql += (sql.size() > 6 ? ", " : " ") + (column == "payload" || column == "row_sha256" ? "NULL" : column);
    MIGRATE_ASSIGN(auto q, o_.db->Prepare(sql + " FROM record ORDER BY record_id"));
    StoredRecord r;
    std::string value;
    for (size_t i = 0;; ++i) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (more != (i < c_.record_ids.size())) return Changed();
      if (!more) return members_.Sort();
      ledger::ReadRecord(*q, 0, 1, o_.attributes, &r);
      if (r.record.record_id != c_.record_ids[i]) return Changed();
      const uint64_t person = ids_.person[i];
      value.clear();
      PutVarint(&value, static_cast<uint64_t>(r.import_id));
      PutVarint(&value, r.record.source);
      const float confidence = c_.confidence[i];
      value.append(reinterpret_cast<const char*>(&confidence), sizeof confidence);
      spool::AppendRecord(r.record, &value);
      MIGRATE_TRY(members_.Add(person, r.record.record_id, value));
      MIGRATE_TRY(AddIdentifiers("email", r.record[Field::kEmail], r.record.more_emails, person));
      MIGRATE_TRY(AddIdentifiers("phone", r.record[Field::kPhone], r.record.more_phones, person));
      if (i % 4096 == 0) {
        if (o_.cancel != nullptr && o_.cancel->requested()) return Status::Cancelled("dedupe: cancelled");
        if (o_.progress) o_.progress(i);
      }
    }
  }
  Status Changed() {
    return Status::Failed(o_.db->name() + ": the records changed while persons were made of them",
                          "another program writes to the target; stop it");
  }

  Status AddIdentifiers(std::string_view kind, const std::string& first, const std::vector<std::string>& more,
                        uint64_t person) {
    std::string value;
    auto add = [&](std::string_view v) -> Status {
      if (v.empty()) return {};
      if (kind == "phone") v = PhoneNumber(v);  // whoever looks for the number finds its extensions
      value.assign(kind).push_back('\0');
      value += v;
      return identifiers_.Add(ledger::IdentifierHash(kind, v), person, value);
    };
    MIGRATE_TRY(add(first));
    for (const auto& v : more) MIGRATE_TRY(add(v));
    return {};
  }

  // person: one pass over new golden records beside the old ones; changes are applied after the pass, because a table
  // is not to be changed while it is read.
  Status WriteGolden() {
    MIGRATE_ASSIGN(insert_, o_.db->Prepare(ledger::InsertSql(ledger::PersonTable())));
    MIGRATE_ASSIGN(auto old, o_.db->Prepare(ledger::SelectSql(ledger::PersonTable()) + " ORDER BY person_id"));
    MIGRATE_ASSIGN(have_old_, old->Step());
    have_item_ = true;
    MIGRATE_TRY(NextItem());
    Person person;
    while (have_item_) {
      MIGRATE_TRY(NextPerson(&person));
      while (have_old_ && static_cast<uint64_t>(old->Integer(0)) < person.person_id) MIGRATE_TRY(Retire(old.get()));
      if (have_old_ && static_cast<uint64_t>(old->Integer(0)) == person.person_id)
        MIGRATE_TRY(Compare(old.get(), person));
      else
        MIGRATE_TRY(filled_ ? Defer(kInsert, person) : Insert(person));
      ++counts_.total;
      ++counts_.sizes[person.record_count];
    }
    while (have_old_) MIGRATE_TRY(Retire(old.get()));
    return ApplyChanges();
  }

  Status NextItem() {
    MIGRATE_ASSIGN(have_item_, members_.Next(&item_));
    return {};
  }

  Status NextPerson(Person* person) {
    person->person_id = item_.high;
    size_t n = 0;
    float lowest = 1;
    for (; have_item_ && item_.high == person->person_id; ++n) {
      if (group_.size() == n) group_.emplace_back();
      ByteReader in(item_.value);
      group_[n].import_id = static_cast<int64_t>(in.Varint());
      auto source = static_cast<uint32_t>(in.Varint());
      float confidence = 0;
      std::string_view raw = in.Raw(sizeof confidence);
      if (raw.size() == sizeof confidence) std::memcpy(&confidence, raw.data(), sizeof confidence);
      if (!spool::DecodeRecord(&in, &group_[n].record))
        return Status::Failed("dedupe: damaged sort run", "run the same command again");
      group_[n].record.source = source;
      lowest = std::min(lowest, confidence);
      MIGRATE_TRY(NextItem());
    }
    group_.resize(n);
    person->import_id = o_.import_id;
    person->confidence = Rounded(lowest);
    MakeGolden(group_, o_.rules, o_.attributes, person);
    return {};
  }

  enum Op : char { kInsert, kReplace, kRetire };

  Status Compare(Statement* old, const Person& now) {
    Person before;
    ledger::ReadPerson(*old, 0, 1, o_.attributes, &before);
    bool same = before.values == now.values && before.attributes == now.attributes && before.opt_out == now.opt_out &&
                before.record_count == now.record_count && before.provenance == now.provenance &&
                std::abs(before.confidence - now.confidence) < 5e-7;
    if (!same) {
      ++counts_.changed;
      MIGRATE_TRY(Defer(kReplace, now));
    }
    return Advance(old);
  }
  Status Retire(Statement* old) {
    Person gone;
    gone.person_id = static_cast<uint64_t>(old->Integer(0));
    MIGRATE_TRY(Defer(kRetire, gone));
    return Advance(old);
  }
  Status Advance(Statement* old) {
    MIGRATE_ASSIGN(have_old_, old->Step());
    return {};
  }

  Status Defer(Op op, const Person& p) {
    std::string value(1, op);
    PutVarint(&value, p.record_count);
    value.append(reinterpret_cast<const char*>(&p.confidence), sizeof p.confidence);
    PutVarint(&value, p.opt_out);
    for (const auto& v : p.values) PutBytes(&value, v);
    PutVarint(&value, p.attributes.size());
    for (const auto& v : p.attributes) PutBytes(&value, v);
    PutBytes(&value, p.provenance);
    return changes_.Add(p.person_id, 0, value);
  }

  Status ApplyChanges() {
    MIGRATE_TRY(changes_.Sort());
    spool::Sorter::Item item;
    Person p;
    for (;;) {
      MIGRATE_ASSIGN(bool more, changes_.Next(&item));
      if (!more) return {};
      ByteReader in(item.value);
      const auto op = static_cast<Op>(in.Raw(1)[0]);
      p.person_id = item.high;
      p.import_id = o_.import_id;
      p.record_count = in.Varint();
      std::memcpy(&p.confidence, in.Raw(sizeof p.confidence).data(), sizeof p.confidence);
      p.opt_out = static_cast<uint8_t>(in.Varint());
      for (auto& v : p.values) v.assign(in.Bytes());
      p.attributes.resize(in.Varint());
      for (auto& v : p.attributes) v.assign(in.Bytes());
      p.provenance.assign(in.Bytes());
      if (op != kInsert) MIGRATE_TRY(ToHistory(p.person_id));
      if (op != kRetire) MIGRATE_TRY(Insert(p));
    }
  }

  Status Insert(const Person& p) {
    std::string attributes = ledger::AttributesJson(p.attributes, o_.attributes);
    ledger::BindPerson(p, attributes, 1, 2, insert_.get());
    person_buckets_.Add(p.person_id, ledger::HashPerson(&hasher_, p, attributes));
    MIGRATE_TRY(person_buckets_.FlushIfLarge());
    MIGRATE_TRY(history_buckets_.FlushIfLarge());
    return insert_->Run();
  }

  // Moves the stored image of a person to person_history, with the records it had.
  Status ToHistory(uint64_t person_id) {
    if (!select_) {
      MIGRATE_ASSIGN(select_, o_.db->Prepare(ledger::SelectSql(ledger::PersonTable()) + " WHERE person_id = ?"));
      MIGRATE_ASSIGN(delete_, o_.db->Prepare("DELETE FROM person WHERE person_id = ?"));
      MIGRATE_ASSIGN(history_, o_.db->Prepare(ledger::InsertSql(ledger::PersonHistoryTable())));
      MIGRATE_ASSIGN(members_of_,
                     o_.db->Prepare("SELECT record_id FROM person_record WHERE person_id = ? ORDER BY record_id"));
    }
    std::string members = "[";
    members_of_->Bind(1, static_cast<int64_t>(person_id));
    for (;;) {
      MIGRATE_ASSIGN(bool more, members_of_->Step());
      if (!more) break;
      members += (members.size() > 1 ? "," : "") + std::to_string(members_of_->Integer(0));
    }
    members += "]";
    Person before;
    select_->Bind(1, static_cast<int64_t>(person_id));
    MIGRATE_ASSIGN(bool found, select_->Step());
    if (!found) return Changed();
    ledger::ReadPerson(*select_, 0, 1, o_.attributes, &before);
    const auto columns = static_cast<int>(ledger::PersonTable().columns.size());
    std::string attributes(select_->Text(columns - 2));
    person_buckets_.Remove(person_id, ledger::HashStoredRow(&hasher_, *select_, columns));
    select_->Reset();
    // An image that this same import made is nobody's history: the one before it is there already.
    if (before.import_id != o_.import_id) {
      history_->Bind(2, o_.import_id);
      ledger::BindPerson(before, attributes, 1, 3, history_.get());
      history_->BindText(static_cast<int>(ledger::PersonHistoryTable().columns.size()), members);
      MIGRATE_TRY(history_->Run());
      history_buckets_.Add(person_id, ledger::HashPersonHistory(&hasher_, before, attributes, o_.import_id, members));
    }
    delete_->Bind(1, static_cast<int64_t>(person_id));
    return delete_->Run();
  }

  Sha256 HashLink(uint64_t record, uint64_t person, int64_t import, double confidence) {
    hasher_.Integer(static_cast<int64_t>(record));
    hasher_.Integer(static_cast<int64_t>(person));
    hasher_.Integer(import);
    hasher_.Real(confidence);
    return hasher_.Finish();
  }

  // person_record, in key order; a link that stays as it is keeps its import.
  Status WriteLinks() {
    MIGRATE_ASSIGN(
        auto replace,
        o_.db->Prepare("REPLACE INTO person_record (record_id, person_id, import_id, confidence) VALUES (?, ?, ?, ?)"));
    MIGRATE_ASSIGN(auto import_of,
                   o_.db->Prepare("SELECT import_id, confidence FROM person_record WHERE record_id = ?"));
    for (size_t i = 0; i < c_.record_ids.size(); ++i) {
      const uint64_t record = c_.record_ids[i];
      const double confidence = Rounded(c_.confidence[i]);
      if (old_.person[i] == ids_.person[i] && std::abs(static_cast<double>(old_.confidence[i]) - confidence) < 5e-7)
        continue;
      if (old_.person[i] != 0) {
        import_of->Bind(1, static_cast<int64_t>(record));
        MIGRATE_ASSIGN(bool found, import_of->Step());
        if (!found) return Changed();
        link_buckets_.Remove(record, HashLink(record, old_.person[i], import_of->Integer(0), import_of->Real(1)));
        import_of->Reset();
      }
      replace->Bind(1, static_cast<int64_t>(record));
      replace->Bind(2, static_cast<int64_t>(ids_.person[i]));
      replace->Bind(3, o_.import_id);
      replace->BindReal(4, confidence);
      MIGRATE_TRY(replace->Run());
      link_buckets_.Add(record, HashLink(record, ids_.person[i], o_.import_id, confidence));
      MIGRATE_TRY(link_buckets_.FlushIfLarge());
    }
    return {};
  }

  // person_identifier: the difference between what is and what is to be, in key order.
  Status WriteIdentifiers() {
    MIGRATE_TRY(identifiers_.Sort());
    MIGRATE_ASSIGN(auto old, o_.db->Prepare(ledger::SelectSql(ledger::PersonIdentifierTable()) +
                                            " ORDER BY value_hash, kind, person_id"));
    spool::Sorter remove(o_.scratch, o_.sort_bytes), add(o_.scratch, o_.sort_bytes);
    MIGRATE_ASSIGN(bool have_old, old->Step());
    Identifier now;
    for (;;) {
      MIGRATE_ASSIGN(bool more, NextIdentifier(&now));
      if (!more) break;
      while (have_old && Identifier::Of(*old) < now) {
        MIGRATE_TRY(Identifier::Of(*old).AddTo(&remove));
        MIGRATE_ASSIGN(have_old, old->Step());
      }
      if (have_old && Identifier::Of(*old) == now) {
        MIGRATE_ASSIGN(have_old, old->Step());
        continue;
      }
      MIGRATE_TRY(now.AddTo(&add));
    }
    while (have_old) {
      MIGRATE_TRY(Identifier::Of(*old).AddTo(&remove));
      MIGRATE_ASSIGN(have_old, old->Step());
    }
    MIGRATE_TRY(ApplyIdentifiers(&remove, false));
    return ApplyIdentifiers(&add, true);
  }

  // Distinct identifiers in key order. Two kinds under one hash would be a collision of SHA-256's first 63 bits; they
  // come by (hash, person) then, and the primary key still holds both.
  Result<bool> NextIdentifier(Identifier* out) {
    for (;;) {
      spool::Sorter::Item item;
      MIGRATE_ASSIGN(bool more, identifiers_.Next(&item));
      if (!more) return false;
      Identifier next = Identifier::Of(item);
      if (next == last_identifier_) continue;
      last_identifier_ = next;
      *out = std::move(next);
      return true;
    }
  }

  Status ApplyIdentifiers(spool::Sorter* sorter, bool add) {
    MIGRATE_TRY(sorter->Sort());
    MIGRATE_ASSIGN(
        auto statement,
        o_.db->Prepare(add ? ledger::InsertSql(ledger::PersonIdentifierTable())
                           : "DELETE FROM person_identifier WHERE value_hash = ? AND kind = ? AND person_id = ?"));
    spool::Sorter::Item item;
    for (;;) {
      MIGRATE_ASSIGN(bool more, sorter->Next(&item));
      if (!more) return {};
      Identifier id = Identifier::Of(item);
      statement->Bind(1, static_cast<int64_t>(id.hash));
      statement->BindText(2, id.kind);
      statement->Bind(3, static_cast<int64_t>(id.person));
      if (add) statement->BindText(4, id.value);
      MIGRATE_TRY(statement->Run());
      hasher_.Integer(static_cast<int64_t>(id.hash));
      hasher_.Text(id.kind);
      hasher_.Integer(static_cast<int64_t>(id.person));
      hasher_.Text(id.value);
      if (add)
        identifier_buckets_.Add(id.hash, hasher_.Finish());
      else
        identifier_buckets_.Remove(id.hash, hasher_.Finish());
      MIGRATE_TRY(identifier_buckets_.FlushIfLarge());
    }
  }

  Status WriteAliases() {
    // An alias that an earlier attempt of this very import wrote stays as it is.
    MIGRATE_ASSIGN(auto insert,
                   o_.db->Prepare(ledger::InsertSql(ledger::PersonAliasTable()) + " ON CONFLICT DO NOTHING"));
    for (const Alias& a : ids_.aliases) {
      const char* kind = a.merged ? "merged_into" : "split_from";
      insert->Bind(1, static_cast<int64_t>(a.old_id));
      insert->Bind(2, static_cast<int64_t>(a.person_id));
      insert->BindText(3, kind);
      insert->Bind(4, o_.import_id);
      MIGRATE_ASSIGN(int64_t written, insert->RunCount());
      if (written == 0) continue;
      hasher_.Integer(static_cast<int64_t>(a.old_id));
      hasher_.Integer(static_cast<int64_t>(a.person_id));
      hasher_.Text(kind);
      hasher_.Integer(o_.import_id);
      alias_buckets_.Add(a.old_id, hasher_.Finish());
    }
    return {};
  }

  const PersonOptions& o_;
  const Clusters& c_;
  OldPlace old_;
  IdAssignment ids_;
  PersonCounts counts_;
  spool::Sorter members_, identifiers_, changes_;
  BucketKeeper person_buckets_, history_buckets_, link_buckets_, identifier_buckets_, alias_buckets_;
  ledger::RowHasher hasher_;
  std::unique_ptr<Statement> insert_, select_, delete_, history_, members_of_;
  spool::Sorter::Item item_;
  bool have_item_ = false, have_old_ = false, filled_ = false;
  std::vector<StoredRecord> group_;
  Identifier last_identifier_;
};

}  // namespace

Result<PersonCounts> WritePersons(const PersonOptions& options, const Clusters& clusters) {
  return PersonWriter(options, clusters).Run();
}

}  // namespace migrate::dedupe
