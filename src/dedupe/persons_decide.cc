// DecidePersons: what is to change, as lists. One stream of the target at a time, for a stream occupies its connection.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>
#include <tuple>

#include "migrate/base/file.h"
#include "migrate/dedupe/stable_ids.h"
#include "migrate/ledger/has_table.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/versions.h"
#include "migrate/record/keys.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/sorter.h"
#include "person_decision.h"
#include "person_lists.h"
#include "rows_ahead.h"

namespace migrate::dedupe {
namespace {

using ledger::Person;
using ledger::StoredRecord;
using store::Statement;

double Rounded(float confidence) { return std::round(static_cast<double>(confidence) * 1e6) / 1e6; }
bool SameConfidence(double a, double b) { return std::abs(a - b) < 5e-7; }

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
  auto Key() const { return std::tie(hash, kind, person); }
};

class Decider {
 public:
  Decider(const PersonOptions& o, const PersonClusters& c, const PersonScope* scope)
      : o_(o),
        c_(c),
        scope_(scope),
        members_(std::in_place, o.scratch, o.sort_bytes),
        identifiers_(o.scratch, o.sort_bytes) {}

  Status Run() {
    MIGRATE_TRY(ForgetPersons(o_.scratch));
    MIGRATE_TRY(MakeFolders(FolderOfLists(o_.scratch)));
    Decision d;
    d.import_id = o_.import_id;
    d.identity = o_.identity;
    d.partitions = o_.buckets.partitions;
    MIGRATE_TRY(ReadStamps(o_, &d));
    MIGRATE_TRY(AssignPersons());
    MIGRATE_TRY(SortMembers());
    MIGRATE_TRY(DecideGolden());
    members_.reset();
    MIGRATE_TRY(DecideLinks());
    MIGRATE_TRY(DecideIdentifiers());
    MIGRATE_TRY(DecideAliases());
    std::vector<spool::SegmentWriter*> segments;
    for (const auto& list : lists_) segments.push_back(list->segment());
    MIGRATE_TRY(spool::SegmentWriter::FinishAll(segments));
    d.next_person_id = ids_.next_id;
    d.counts = std::move(counts_);
    return WriteDecision(o_.scratch, d);
  }

 private:
  Result<ListWriter*> OpenList(List list, uint32_t partitions) {
    MIGRATE_ASSIGN(auto writer, ListWriter::Create(ListPath(o_.scratch, list), partitions));
    lists_.push_back(std::move(writer));
    return lists_.back().get();
  }
  uint32_t PartitionOf(uint64_t key) const { return static_cast<uint32_t>(key % o_.buckets.partitions); }
  Status Cancelled() const {
    return o_.cancel != nullptr && o_.cancel->requested() ? Status::Cancelled("dedupe: cancelled") : Status();
  }
  void Step(const char* step, uint64_t rows) const {
    if (o_.step) o_.step(step, rows, 0);
  }
  void Progress(uint64_t rows) const {
    if (o_.progress) o_.progress(rows);
  }
  Status Changed() const {
    return Status::Failed(o_.db->name() + ": the records changed while persons were made of them",
                          "another program writes to the target; stop it");
  }

  const std::vector<uint64_t>* RecordKeys() const { return scope_ == nullptr ? nullptr : &c_.record_ids; }

  Status AssignPersons() {
    std::vector<uint64_t> old(c_.record_ids.size(), 0);
    RowsAhead q(o_.db, "SELECT record_id, person_id FROM person_record", "record_id", "record_id", RecordKeys());
    for (size_t i = 0;;) {
      MIGRATE_TRY(q.Step());
      if (!q.here()) break;
      had_links_ = true;
      const uint64_t id = q.key();
      while (i < c_.record_ids.size() && c_.record_ids[i] < id) ++i;
      if (i == c_.record_ids.size() || c_.record_ids[i] != id)
        return Status::Failed(
            fmt::format("{}: person_record names record {}, which is not in record", o_.db->name(), id),
            "the target was changed by another program: `migrate repair PLAN` names the rows and puts back what it "
            "can");
      old[i] = static_cast<uint64_t>(q.row().Integer(1));
    }
    if (scope_ != nullptr) {
      old_persons_ = old;
      std::sort(old_persons_.begin(), old_persons_.end());
      old_persons_.erase(std::unique(old_persons_.begin(), old_persons_.end()), old_persons_.end());
      if (!old_persons_.empty() && old_persons_[0] == 0) old_persons_.erase(old_persons_.begin());
    }
    MIGRATE_ASSIGN(std::string next, ledger::Setting(o_.db, "next_person_id", "1"));
    ids_ = AssignIds(c_.cluster, old, std::stoull(next));
    counts_.created = ids_.created;
    counts_.split = ids_.split;
    counts_.merged = ids_.retired.size();
    return FindReturned(old);
  }

  // The persons that records which are new had before a rollback took them out, by (id then, id now).
  Status FindReturned(const std::vector<uint64_t>& old) {
    MIGRATE_ASSIGN(const bool there, ledger::HasTable(o_.db, "record_undone"));
    if (!there) return {};
    MIGRATE_ASSIGN(const int64_t any, o_.db->QueryInteger("SELECT EXISTS (SELECT 1 FROM record_undone)"));
    if (any == 0) return {};
    returned_.emplace(o_.scratch, std::min(o_.sort_bytes, kReturnedBytes));
    RowsAhead undone(o_.db, "SELECT record_id, person_id FROM record_undone", "record_id", "record_id", RecordKeys());
    for (size_t i = 0;;) {
      MIGRATE_TRY(undone.Step());
      if (!undone.here()) return {};
      while (i < c_.record_ids.size() && c_.record_ids[i] < undone.key()) ++i;
      if (i == c_.record_ids.size()) return {};
      if (c_.record_ids[i] != undone.key() || old[i] != 0) continue;
      const auto then = static_cast<uint64_t>(undone.row().Integer(1));
      if (then != 0 && then != ids_.person[i]) MIGRATE_TRY(returned_->Add(then, ids_.person[i], ""));
    }
  }

  // Records by (person, record), without their payload, and their identifiers by hash.
  Status SortMembers() {
    Step("golden records: reading", c_.record_ids.size());
    RowsAhead q(o_.db, ledger::SelectNormalized() + " FROM record", "record_id", "record_id", RecordKeys());
    StoredRecord r;
    std::string value;
    for (size_t i = 0;; ++i) {
      MIGRATE_TRY(q.Step());
      if (q.here() != (i < c_.record_ids.size())) return Changed();
      if (!q.here()) return members_->Sort();
      ledger::ReadRecord(q.row(), 0, 1, o_.attributes, &r);
      if (r.record.record_id != c_.record_ids[i]) return Changed();
      const uint64_t person = ids_.person[i];
      value.clear();
      PutVarint(&value, static_cast<uint64_t>(r.import_id));
      PutVarint(&value, r.record.source);
      const float confidence = c_.confidence[i];
      value.append(reinterpret_cast<const char*>(&confidence), sizeof confidence);
      spool::AppendRecord(r.record, &value);
      MIGRATE_TRY(members_->Add(person, r.record.record_id, value));
      MIGRATE_TRY(AddIdentifiers("email", r.record[Field::kEmail], r.record.more_emails, person));
      MIGRATE_TRY(AddIdentifiers("phone", r.record[Field::kPhone], r.record.more_phones, person));
      if (i % 4096 == 0) {
        MIGRATE_TRY(Cancelled());
        Progress(i);
      }
    }
  }

  Status AddIdentifiers(std::string_view kind, const std::string& first, const std::vector<std::string>& more,
                        uint64_t person) {
    std::string value;
    auto add = [&](std::string_view v) -> Status {
      if (kind == "phone") v = PhoneNumber(v);  // whoever looks for the number finds its extensions
      if (v.empty()) return {};
      value.assign(kind).push_back('\0');
      value += v;
      const uint64_t hash = ledger::IdentifierHash(kind, v);
      if (scope_ != nullptr) value_hashes_.push_back(hash);
      return identifiers_.Add(hash, person, value);
    };
    MIGRATE_TRY(add(first));
    for (const auto& v : more) MIGRATE_TRY(add(v));
    return {};
  }

  // person: one pass over the new golden records beside the old ones.
  Status DecideGolden() {
    MIGRATE_ASSIGN(persons_, OpenList(List::kPerson, o_.buckets.partitions));
    RowsAhead old(o_.db, ledger::SelectSql(ledger::PersonTable()), "person_id", "person_id",
                  scope_ == nullptr ? nullptr : &old_persons_);
    MIGRATE_TRY(old.Step());
    MIGRATE_TRY(NextItem());
    Step("golden records: merging", c_.record_ids.size());
    uint64_t records = 0;
    Person person;
    while (have_item_) {
      MIGRATE_TRY(NextPerson(&person));
      while (old.here() && old.key() < person.person_id) MIGRATE_TRY(Retire(&old));
      if (old.here() && old.key() == person.person_id)
        MIGRATE_TRY(Compare(&old, person));
      else
        MIGRATE_TRY(Put(PersonEntry::kInsert, person, nullptr));
      ++counts_.sizes[person.record_count];
      records += person.record_count;
      if (++counts_.total % 4096 != 0) continue;
      MIGRATE_TRY(Cancelled());
      Progress(records);
    }
    while (old.here()) MIGRATE_TRY(Retire(&old));
    if (scope_ != nullptr) CountAll();
    return persons_->Close();
  }

  void CountAll() {
    counts_.sizes = scope_->sizes;
    counts_.total = 0;
    for (const auto& [size, persons] : counts_.sizes) counts_.total += persons;
  }

  Status NextItem() {
    MIGRATE_ASSIGN(have_item_, members_->Next(&item_));
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
    person->confidence = Rounded(lowest);
    MakeGolden(group_, o_.rules, o_.attributes, person);
    return {};
  }

  Status Compare(RowsAhead* old, const Person& now) {
    Person& before = changed_.old;
    ledger::ReadPerson(old->row(), 0, 1, o_.attributes, &before);
    bool same = before.values == now.values && before.attributes == now.attributes && before.opt_out == now.opt_out &&
                before.record_count == now.record_count && before.provenance == now.provenance &&
                SameConfidence(before.confidence, now.confidence);
    if (!same) {
      ++counts_.changed;
      MIGRATE_TRY(Put(PersonEntry::kReplace, now, &old->row()));
    }
    return old->Step();
  }

  Status Retire(RowsAhead* old) {
    ledger::ReadPerson(old->row(), 0, 1, o_.attributes, &changed_.old);
    MIGRATE_TRY(Put(PersonEntry::kRetire, changed_.old, &old->row()));
    return old->Step();
  }

  // `old`: the stored row of a person that is replaced or retired; changed_.old is its image.
  Status Put(PersonEntry::Op op, const Person& now, const Statement* old) {
    entry_.clear();
    PersonEntry::Encode(op, now, &entry_);
    if (old != nullptr) {
      const auto columns = static_cast<int>(ledger::PersonTable().columns.size());
      changed_.old_hash = ledger::HashStoredRow(&hasher_, *old, columns);
      // An image that this same import made is nobody's history: the one before it is there already.
      changed_.history = changed_.old.import_id != o_.import_id;
      changed_.old_attributes = old->Text(columns - 2);
      changed_.old.attributes.clear();
      changed_.EncodeOld(&entry_);
      if (changed_.history) with_history_.push_back(now.person_id);
    }
    return persons_->Add(PartitionOf(now.person_id), entry_);
  }

  // person_record, in key order; a link that stays as it is keeps its import. On the way, the records that the persons
  // had which go to history.
  Status DecideLinks() {
    Step("golden records: links", c_.record_ids.size());
    MIGRATE_ASSIGN(ListWriter * links, OpenList(List::kLink, o_.buckets.partitions));
    spool::Sorter had(o_.scratch, o_.sort_bytes);
    std::optional<RowsAhead> old;
    if (had_links_) {
      old.emplace(o_.db, "SELECT record_id, person_id, import_id, confidence FROM person_record", "record_id",
                  "record_id", RecordKeys());
      MIGRATE_TRY(old->Step());
    }
    LinkEntry link;
    for (size_t i = 0; i < c_.record_ids.size(); ++i) {
      if (i % 65536 == 0) {
        MIGRATE_TRY(Cancelled());
        Progress(i);
      }
      link.record_id = c_.record_ids[i];
      link.person_id = ids_.person[i];
      link.confidence = Rounded(c_.confidence[i]);
      if (old && old->here() && old->key() < link.record_id) return Changed();
      link.replaces = old && old->here() && old->key() == link.record_id;
      if (link.replaces) {
        link.old_person = static_cast<uint64_t>(old->row().Integer(1));
        link.old_import = old->row().Integer(2);
        link.old_confidence = old->row().Real(3);
        MIGRATE_TRY(old->Step());
        if (std::binary_search(with_history_.begin(), with_history_.end(), link.old_person))
          MIGRATE_TRY(had.Add(link.old_person, link.record_id, ""));
        if (link.old_person == link.person_id && SameConfidence(link.old_confidence, link.confidence)) continue;
      }
      entry_.clear();
      link.Encode(&entry_);
      MIGRATE_TRY(links->Add(PartitionOf(link.record_id), entry_));
    }
    if (old && old->here()) return Changed();
    old.reset();
    MIGRATE_TRY(links->Close());
    MIGRATE_TRY(AddTakenOut(&had));
    return PutMembers(&had);
  }

  // The records that this rollback took out were members until now, though their links are gone. record_undone says so
  // only until the rollback is taken back itself, and what a person was then must not change with that.
  Status AddTakenOut(spool::Sorter* had) {
    MIGRATE_ASSIGN(auto versions, ledger::Versions(o_.db));
    if (with_history_.empty() || !versions[o_.import_id].rollback) return {};
    MIGRATE_ASSIGN(auto rows, o_.db->Scan(fmt::format("SELECT person_id, record_id FROM record_undone WHERE "
                                                      "rollback_import = {} AND person_id IS NOT NULL",
                                                      o_.import_id)));
    for (;;) {
      MIGRATE_ASSIGN(bool more, rows->Step());
      if (!more) return {};
      const auto person = static_cast<uint64_t>(rows->Integer(0));
      if (std::binary_search(with_history_.begin(), with_history_.end(), person))
        MIGRATE_TRY(had->Add(person, static_cast<uint64_t>(rows->Integer(1)), ""));
    }
  }

  Status PutMembers(spool::Sorter* had) {
    MIGRATE_ASSIGN(ListWriter * list, OpenList(List::kMembers, o_.buckets.partitions));
    MIGRATE_TRY(had->Sort());
    spool::Sorter::Item item;
    MIGRATE_ASSIGN(bool more, had->Next(&item));
    std::string members;
    while (more) {
      const uint64_t person = item.high;
      uint64_t last = 0;
      for (members = "["; more && item.high == person;) {
        // More than one image of a record may have been taken out.
        if (members.size() == 1 || item.low != last)
          members += (members.size() > 1 ? "," : "") + std::to_string(item.low);
        last = item.low;
        MIGRATE_ASSIGN(more, had->Next(&item));
      }
      members += "]";
      entry_.clear();
      MembersEntry{person, members}.Encode(&entry_);
      MIGRATE_TRY(list->Add(PartitionOf(person), entry_));
    }
    return list->Close();
  }

  // The values that the scope's persons had and no record of theirs has any more are looked for, too.
  Status HashReplaced() {
    if (scope_ == nullptr) return {};
    const auto add = [&](std::string_view kind, std::string_view v) {
      if (kind == "phone") v = PhoneNumber(v);
      if (!v.empty()) value_hashes_.push_back(ledger::IdentifierHash(kind, v));
    };
    for (const Record& r : scope_->replaced) {
      add("email", r[Field::kEmail]);
      add("phone", r[Field::kPhone]);
      for (const std::string& v : r.more_emails) add("email", v);
      for (const std::string& v : r.more_phones) add("phone", v);
    }
    std::sort(value_hashes_.begin(), value_hashes_.end());
    value_hashes_.erase(std::unique(value_hashes_.begin(), value_hashes_.end()), value_hashes_.end());
    return {};
  }

  // Others have the same e-mail or phone: with a scope theirs are passed over.
  Status StepIdentifier(RowsAhead* old) const {
    do {
      MIGRATE_TRY(old->Step());
    } while (
        scope_ != nullptr && old->here() &&
        !std::binary_search(old_persons_.begin(), old_persons_.end(), static_cast<uint64_t>(old->row().Integer(2))));
    return {};
  }

  // person_identifier: the difference between what is and what is to be, in key order.
  Status DecideIdentifiers() {
    MIGRATE_ASSIGN(ListWriter * list, OpenList(List::kIdentifier, o_.buckets.partitions));
    Step("golden records: identifiers", 0);
    MIGRATE_TRY(identifiers_.Sort());
    MIGRATE_TRY(HashReplaced());
    RowsAhead old(o_.db, ledger::SelectSql(ledger::PersonIdentifierTable()), "value_hash",
                  "value_hash, kind, person_id", scope_ == nullptr ? nullptr : &value_hashes_);
    MIGRATE_TRY(StepIdentifier(&old));
    auto put = [&](const Identifier& i, bool add) {
      entry_.clear();
      IdentifierEntry{add, i.hash, i.person, i.kind, i.value}.Encode(&entry_);
      return list->Add(PartitionOf(i.hash), entry_);
    };
    Identifier now;
    for (uint64_t n = 0;; ++n) {
      if (n % 65536 == 0) {
        MIGRATE_TRY(Cancelled());
        Progress(n);
      }
      MIGRATE_ASSIGN(bool more, NextIdentifier(&now));
      if (!more) break;
      bool there = false;
      while (old.here()) {
        const Identifier stored = Identifier::Of(old.row());
        if (now.Key() < stored.Key()) break;
        MIGRATE_TRY(StepIdentifier(&old));
        there = stored.Key() == now.Key();
        if (there) break;
        MIGRATE_TRY(put(stored, false));
      }
      if (!there) MIGRATE_TRY(put(now, true));
    }
    for (; old.here();) {
      MIGRATE_TRY(put(Identifier::Of(old.row()), false));
      MIGRATE_TRY(StepIdentifier(&old));
    }
    return list->Close();
  }

  // Distinct identifiers in key order. Two kinds under one hash would be a collision of SHA-256's first 63 bits; they
  // come by (hash, person) then, and the primary key still holds both.
  Result<bool> NextIdentifier(Identifier* out) {
    for (;;) {
      spool::Sorter::Item item;
      MIGRATE_ASSIGN(bool more, identifiers_.Next(&item));
      if (!more) return false;
      Identifier next = Identifier::Of(item);
      if (next.Key() == last_identifier_.Key()) continue;
      last_identifier_ = next;
      *out = std::move(next);
      return true;
    }
  }

  // By id; an alias that this very import wrote before stays as it is.
  Status DecideAliases() {
    MIGRATE_ASSIGN(ListWriter * list, OpenList(List::kAlias, 1));
    MIGRATE_TRY(ReadOwnAliases());
    if (returned_) MIGRATE_TRY(PutReturned(list));
    MIGRATE_TRY(PutAliasesUpTo(UINT64_MAX, list));
    return list->Close();
  }

  Status ReadOwnAliases() {
    if (ids_.aliases.empty() && !returned_) return {};
    MIGRATE_ASSIGN(auto rows, o_.db->Scan(fmt::format(
                                  "SELECT alias_id, person_id, kind FROM person_alias WHERE import_id = {} ORDER BY "
                                  "alias_id, person_id, kind",
                                  o_.import_id)));
    for (;;) {
      MIGRATE_ASSIGN(bool more, rows->Step());
      if (!more) return {};
      own_aliases_.insert({static_cast<uint64_t>(rows->Integer(0)), static_cast<uint64_t>(rows->Integer(1)),
                           std::string(rows->Text(2))});
    }
  }

  Status PutAlias(const AliasEntry& a, ListWriter* list) {
    if (own_aliases_.count({a.alias_id, a.person_id, a.KindName()}) > 0) return {};
    entry_.clear();
    a.Encode(&entry_);
    return list->Add(0, entry_);
  }

  Status PutAliasesUpTo(uint64_t old_id, ListWriter* list) {
    for (; next_alias_ < ids_.aliases.size() && ids_.aliases[next_alias_].old_id <= old_id; ++next_alias_) {
      const Alias& a = ids_.aliases[next_alias_];
      MIGRATE_TRY(PutAlias({a.old_id, a.person_id, a.merged ? AliasEntry::kMergedInto : AliasEntry::kSplitFrom}, list));
    }
    return {};
  }

  // The ids that a rollback ended, of which records come in again now: nothing else would lead from them to the persons
  // that have these.
  Status PutReturned(ListWriter* list) {
    MIGRATE_TRY(returned_->Sort());
    std::vector<std::pair<uint64_t, uint64_t>> pairs;
    std::pair<uint64_t, uint64_t> last;  // a pair comes once a record, so it may go on behind those asked for at once
    for (bool more = true; more;) {
      pairs.clear();
      spool::Sorter::Item item;
      while (pairs.size() < kReturnedAtOnce) {
        MIGRATE_ASSIGN(more, returned_->Next(&item));
        if (!more) break;
        if (last == std::pair(item.high, item.low)) continue;
        last = {item.high, item.low};
        pairs.push_back(last);
      }
      MIGRATE_TRY(LeaveOutAnswered(&pairs));
      for (const auto& [then, now] : pairs) {
        MIGRATE_TRY(PutAliasesUpTo(then, list));
        MIGRATE_TRY(PutAlias({then, now, AliasEntry::kCameBackAs}, list));
      }
    }
    returned_.reset();
    return {};
  }

  // Ids that are persons still, and those that ended by a merge, which has left an alias.
  Status LeaveOutAnswered(std::vector<std::pair<uint64_t, uint64_t>>* pairs) const {
    if (pairs->empty()) return {};
    std::string list;
    for (const auto& [then, now] : *pairs) list += (list.empty() ? "" : ",") + std::to_string(then);
    std::set<uint64_t> answered;
    for (const std::string& sql :
         {"SELECT person_id FROM person WHERE person_id IN (" + list + ")",
          "SELECT a.alias_id FROM person_alias a WHERE a.alias_id IN (" + list +
              ") AND a.kind = 'merged_into' AND a.import_id = (SELECT max(h.ended_import) FROM person_history h WHERE "
              "h.person_id = a.alias_id)"}) {
      MIGRATE_ASSIGN(auto q, o_.db->Prepare(sql));
      for (;;) {
        MIGRATE_ASSIGN(bool row, q->Step());
        if (!row) break;
        answered.insert(static_cast<uint64_t>(q->Integer(0)));
      }
    }
    std::erase_if(*pairs, [&](const auto& p) { return answered.contains(p.first); });
    return {};
  }

  static constexpr uint64_t kReturnedBytes = 16 << 20;
  static constexpr size_t kReturnedAtOnce = 500;

  const PersonOptions& o_;
  const PersonClusters& c_;
  const PersonScope* scope_;
  std::vector<uint64_t> old_persons_, value_hashes_;  // with a scope: of its records; ascending
  bool had_links_ = false;
  IdAssignment ids_;
  std::optional<spool::Sorter> returned_;
  std::set<std::tuple<uint64_t, uint64_t, std::string>> own_aliases_;  // of this import, as they are stored
  size_t next_alias_ = 0;
  PersonCounts counts_;
  std::optional<spool::Sorter> members_;
  spool::Sorter identifiers_;
  std::vector<std::unique_ptr<ListWriter>> lists_;
  ListWriter* persons_ = nullptr;
  std::vector<uint64_t> with_history_;  // ascending
  ledger::RowHasher hasher_;
  spool::Sorter::Item item_;
  bool have_item_ = false;
  std::vector<StoredRecord> group_;
  PersonEntry changed_;
  std::string entry_;
  Identifier last_identifier_;
};

}  // namespace

Status DecidePersons(const PersonOptions& options, const PersonClusters& clusters, const PersonScope* scope) {
  return Decider(options, clusters, scope).Run();
}

}  // namespace migrate::dedupe
