#include "undo_rejects.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "migrate/base/hash.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/tables.h"
#include "migrate/ledger/versions.h"

namespace migrate::ledger {

int64_t RejectLinks::First(int64_t quarantine_id) const {
  for (auto it = before.find(quarantine_id); it != before.end() && it->second < quarantine_id;
       it = before.find(quarantine_id))
    quarantine_id = it->second;
  return quarantine_id;
}

std::map<int64_t, std::vector<int64_t>> RejectLinks::ReplaysByFirst() const {
  std::map<int64_t, std::vector<int64_t>> out;
  for (const auto& [id, imports] : replays) {
    auto& all = out[First(id)];
    all.insert(all.end(), imports.begin(), imports.end());
  }
  return out;
}

Result<RejectLinks> ReadRejectLinks(store::Connection* db) {
  RejectLinks links;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT import_id, stage, value FROM checkpoint WHERE stage IN ('replayed', "
                                     "'again') ORDER BY import_id, stage, part"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return links;
    const int64_t import_id = q->Integer(0);
    const bool replayed = q->Text(1) == "replayed";
    const auto j = nlohmann::json::parse(q->Text(2), nullptr, false);
    if (!j.is_array()) continue;
    for (const auto& e : j) {
      if (replayed && e.is_number_integer()) links.replays[e.get<int64_t>()].push_back(import_id);
      if (!replayed && e.is_array() && e.size() == 2) links.before[e[0].get<int64_t>()] = e[1].get<int64_t>();
    }
  }
}

Status MoveRejects(store::Connection* db, const std::vector<int64_t>& quarantine_ids, const std::string& state) {
  if (quarantine_ids.empty()) return {};
  const Table& table = QuarantineTable();
  BucketKeeper buckets(db, table, Bucketing{});
  RowHasher hasher;
  const auto columns = static_cast<int>(table.columns.size());
  MIGRATE_ASSIGN(auto update, db->Prepare("UPDATE quarantine SET state = ? WHERE quarantine_id = ?"));
  MIGRATE_ASSIGN(auto one, db->Prepare(SelectSql(table) + " WHERE quarantine_id = ?"));
  for (const int64_t id : quarantine_ids) {
    one->Bind(1, id);
    MIGRATE_ASSIGN(bool found, one->Step());
    if (!found) continue;
    buckets.Remove(static_cast<uint64_t>(id), HashStoredRow(&hasher, *one, columns));
    one->Reset();
    update->BindText(1, state);
    update->Bind(2, id);
    MIGRATE_TRY(update->Run());
    one->Bind(1, id);
    MIGRATE_ASSIGN(found, one->Step());
    if (found) buckets.Add(static_cast<uint64_t>(id), HashStoredRow(&hasher, *one, columns));
    one->Reset();
    MIGRATE_TRY(buckets.FlushIfLarge());
  }
  return buckets.Flush();
}

std::string RejectPrint(int64_t source_id, std::string_view reason, std::string_view raw) {
  std::string text = fmt::format("{} {}\n", source_id, reason);
  text.append(raw);
  const Sha256 sha = Sha256Of(text);
  return std::string(AsView(sha));
}

namespace {

constexpr int64_t kPageRows = 1000;

// What the imports that stand have read, as far as rejects of earlier ones give way to it.
class Reread {
 public:
  explicit Reread(const RejectRules& rules) : rules_(rules) {}

  void Add(const Import& import, const ImportFile& f) {
    if (f.state != "imported") return;
    const int64_t rows = import.row_limit ? f.extracted : INT64_MAX;
    contents_[{f.source_id, f.sha256}].push_back({f.import_id, rows});
    if (rules_.snapshots.contains(f.source_id)) paths_[{f.source_id, f.path}].push_back({f.import_id, rows});
  }
  // A reject of such an import itself; for tables that are read in parts.
  void Add(int64_t import_id, const std::string& path, const std::string& print) {
    int64_t& last = prints_[{path, print}];
    last = std::max(last, import_id);
  }
  bool By(int64_t import_id, const ImportFile& f, int64_t row_no, const std::string& print) const {
    const auto later = [&](const auto& all, const std::string& name) {
      const auto it = all.find({f.source_id, name});
      return it != all.end() && std::any_of(it->second.begin(), it->second.end(), [&](const auto& by) {
               return by.first > import_id && row_no <= by.second;
             });
    };
    if (later(contents_, f.sha256) || later(paths_, f.path)) return true;
    const auto it = prints_.find({f.path, print});
    return it != prints_.end() && it->second > import_id;
  }

 private:
  using Reads = std::map<std::pair<int64_t, std::string>, std::vector<std::pair<int64_t, int64_t>>>;
  const RejectRules& rules_;
  Reads contents_, paths_;  // (source, SHA-256 or path) -> (import, rows that it read)
  std::map<std::pair<std::string, std::string>, int64_t> prints_;
};

class Undo {
 public:
  Undo(store::Connection* db, int64_t subject, bool remove, const RejectRules& rules)
      : db_(db), subject_(subject), remove_(remove), rules_(rules), reread_(rules) {}

  Status Run() {
    MIGRATE_TRY(ReadImports());
    MIGRATE_ASSIGN(links_, ReadRejectLinks(db_));
    replays_ = links_.ReplaysByFirst();
    MIGRATE_TRY(EachPage(true, [this](const std::vector<Row>& page) -> Status {
      for (const Row& r : page)
        if (r.parts && Stands(r.import_id) && r.file->state == "imported")
          reread_.Add(r.import_id, r.file->path, r.print);
      return {};
    }));
    return EachPage(false, [this](const std::vector<Row>& page) -> Status {
      std::map<std::string, std::vector<int64_t>> moves;
      for (const Row& r : page)
        if (std::string want = StateOf(r); want != r.state) moves[std::move(want)].push_back(r.id);
      for (const auto& [state, ids] : moves) MIGRATE_TRY(MoveRejects(db_, ids, state));
      return {};
    });
  }

 private:
  struct Row {
    int64_t id = 0, import_id = 0, row_no = 0;
    const ImportFile* file = nullptr;
    bool parts = false;
    std::string state, print;  // the print of rows of such tables alone
  };

  bool Stands(int64_t import_id) const {
    if (import_id == subject_) return !remove_;
    const auto v = versions_.find(import_id);
    return v == versions_.end() || v->second.rolled_back_by == 0;
  }

  Status ReadImports() {
    MIGRATE_ASSIGN(versions_, Versions(db_));
    MIGRATE_ASSIGN(auto imports, Imports(db_));
    for (const Import& i : imports) {
      plans_[i.import_id] = i.plan_hash;
      MIGRATE_ASSIGN(auto files, ImportFiles(db_, i.import_id));
      MIGRATE_ASSIGN(auto read, Checkpoint(db_, i.import_id, "rejects", 0));
      for (ImportFile& f : files) {
        if (i.import_id == subject_) sources_.insert(f.source_id);
        if (read && Stands(i.import_id)) reread_.Add(i, f);
        const int64_t file_no = f.file_no;
        files_[{i.import_id, file_no}] = std::move(f);
      }
    }
    return {};
  }

  // The rejects of the subject's sources, some at a time: there may be as many as rows. With `parts` only those of
  // tables that are read in parts.
  Status EachPage(bool parts, const std::function<Status(const std::vector<Row>&)>& take) {
    std::string list;
    bool prints = false;
    for (const int64_t source : sources_) {
      if (parts && !rules_.parts.contains(source)) continue;
      list += (list.empty() ? "" : ",") + std::to_string(source);
      prints |= rules_.parts.contains(source);
    }
    if (list.empty()) return {};
    const std::string sql = fmt::format(
        "SELECT quarantine_id, import_id, file_no, source_id, row_no, state, {} FROM quarantine WHERE source_id IN "
        "({}) AND quarantine_id > ? ORDER BY quarantine_id LIMIT {}",
        prints ? "reason, raw" : "'', ''", list, kPageRows);
    std::vector<Row> page;
    for (int64_t last = -1;;) {
      page.clear();
      MIGRATE_ASSIGN(const int64_t rows, ReadPage(sql, &last, &page));
      MIGRATE_TRY(take(page));
      if (rows < kPageRows) return {};
    }
  }

  // Returns how many rows there were; *last: the key of the last one.
  Result<int64_t> ReadPage(const std::string& sql, int64_t* last, std::vector<Row>* page) {
    MIGRATE_ASSIGN(auto q, db_->Prepare(sql));
    q->Bind(1, *last);
    for (int64_t rows = 0;; ++rows) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) return rows;
      *last = q->Integer(0);
      const auto file = files_.find({q->Integer(1), q->Integer(2)});
      if (file == files_.end()) continue;
      Row& r = page->emplace_back();
      r.id = *last;
      r.import_id = q->Integer(1);
      r.row_no = q->Integer(4);
      r.file = &file->second;
      r.parts = rules_.parts.contains(q->Integer(3));
      r.state = q->Text(5);
      if (r.parts) r.print = RejectPrint(q->Integer(3), q->Text(6), q->Text(7));
    }
  }

  std::string StateOf(const Row& r) const {
    if (!Stands(r.import_id)) return "rolled_back";
    const auto stands = [this](int64_t import_id) { return Stands(import_id); };
    const auto own = links_.replays.find(r.id);
    if (own != links_.replays.end() && std::any_of(own->second.begin(), own->second.end(), stands)) return "replayed";
    if (reread_.By(r.import_id, *r.file, r.row_no, r.print)) return "superseded";
    const auto plan = plans_.find(r.import_id);
    const auto all = replays_.find(links_.First(r.id));
    const bool again = all != replays_.end() && std::any_of(all->second.begin(), all->second.end(), [&](int64_t by) {
                         const auto p = plans_.find(by);
                         return Stands(by) && p != plans_.end() && p->second == plan->second;
                       });
    return again ? "replayed" : "open";
  }

  store::Connection* db_;
  int64_t subject_;
  bool remove_;
  const RejectRules& rules_;
  Reread reread_;
  VersionsById versions_;
  std::map<int64_t, std::string> plans_;
  std::map<std::pair<int64_t, int64_t>, ImportFile> files_;  // by import and file_no
  std::set<int64_t> sources_;
  RejectLinks links_;
  std::map<int64_t, std::vector<int64_t>> replays_;
};

}  // namespace

Status UndoRejects(store::Connection* db, int64_t subject, bool remove, const RejectRules& rules) {
  return Undo(db, subject, remove, rules).Run();
}

Result<ReplayedTwice> FindReplayedTwice(store::Connection* db, int64_t replay) {
  MIGRATE_ASSIGN(const RejectLinks links, ReadRejectLinks(db));
  MIGRATE_ASSIGN(const VersionsById versions, Versions(db));
  ReplayedTwice twice;
  for (const auto& [first, imports] : links.ReplaysByFirst()) {
    if (std::find(imports.begin(), imports.end(), replay) == imports.end()) continue;
    for (const int64_t other : imports) {
      const auto v = versions.find(other);
      if (other == replay || (v != versions.end() && v->second.rolled_back_by != 0)) continue;
      twice.by = other;
      ++twice.rows;
      break;
    }
  }
  return twice;
}

}  // namespace migrate::ledger
