#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "migrate/ledger/fixes.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/versions.h"
#include "migrate/record/reasons.h"
#include "undo_rejects.h"

namespace migrate::ledger {
namespace {

using nlohmann::json;
constexpr size_t kPairs = 2000;           // of a checkpoint
constexpr int64_t kRoundParts = 1 << 30;  // part numbers of a round

std::string List(const std::vector<int64_t>& ids, size_t begin, size_t end) {
  std::string list;
  for (size_t i = begin; i < end; ++i) list += (list.empty() ? "" : ",") + std::to_string(ids[i]);
  return list;
}

// An earlier reject that a new one may be again.
struct Earlier {
  int64_t id = 0, row_no = 0;
  std::string path, sha256, state;
  bool fixed = false;
};

class Heir {
 public:
  Heir(store::Connection* db, int64_t import_id, int round, const std::vector<RejectInput>& inputs)
      : db_(db), import_id_(import_id), round_(round), inputs_(inputs) {}

  Result<Inherited> Run() {
    for (const RejectInput& i : inputs_) {
      by_file_[i.file_no] = &i;
      parts_ |= i.part;
      sources_ += (sources_.empty() ? "" : ",") + std::to_string(i.source_id);
    }
    if (sources_.empty()) return out_;
    MIGRATE_ASSIGN(links_, ReadRejectLinks(db_));
    MIGRATE_ASSIGN(fixes_, FixesInForce(db_));
    if (links_.empty() && fixes_.empty() && !parts_) return out_;
    MIGRATE_TRY(FindSettled());
    MIGRATE_TRY(ReadEarlier());
    if (!earlier_.empty()) MIGRATE_TRY(Match());
    return out_;
  }

 private:
  // By the first reject of a row: has a replay that stands, under the plan of this import, read it?
  Status FindSettled() {
    MIGRATE_ASSIGN(auto versions, Versions(db_));
    MIGRATE_ASSIGN(auto imports, Imports(db_));
    std::map<int64_t, std::string> plans;
    for (const Import& i : imports) plans[i.import_id] = i.plan_hash;
    for (const auto& [first, replays] : links_.ReplaysByFirst())
      for (const int64_t by : replays)
        if (versions[by].rolled_back_by == 0 && plans[by] == plans[import_id_]) settled_.insert(first);
    return {};
  }

  Status ReadEarlier() {
    std::set<int64_t> known;
    for (const auto& [id, by] : links_.replays) known.insert(id);
    for (const auto& [id, before] : links_.before) known.insert({id, before});
    for (const auto& [id, fix] : fixes_) known.insert(id);
    MIGRATE_ASSIGN(auto q, db_->Prepare(fmt::format(
                               "SELECT q.quarantine_id, q.row_no, q.state, f.path, f.sha256, q.source_id, q.reason, "
                               "q.raw FROM quarantine q JOIN import_file f ON f.import_id = q.import_id AND f.file_no "
                               "= q.file_no WHERE q.import_id < {} AND q.source_id IN ({}) ORDER BY q.quarantine_id",
                               import_id_, sources_)));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) return {};
      const int64_t id = q->Integer(0);
      const bool open = q->Text(2) == "open";
      if (!known.contains(id) && !(parts_ && open)) continue;
      earlier_[RejectPrint(q->Integer(5), q->Text(6), q->Text(7))].push_back(
          {id, q->Integer(1), std::string(q->Text(3)), std::string(q->Text(4)), std::string(q->Text(2)),
           fixes_.contains(id)});
    }
  }

  // May they be the same row?
  static bool Same(const RejectInput& input, int64_t row_no, const Earlier& e) {
    if (!input.keyed) return e.sha256 == input.sha256 && e.row_no == row_no;
    return input.snapshot || e.sha256 == input.sha256 || e.path == input.path;
  }
  // Does the earlier one give way (SupersedeRejects)?
  static bool GivesWay(const RejectInput& input, const Earlier& e) {
    return e.sha256 == input.sha256 || ((input.snapshot || input.part) && e.path == input.path);
  }

  Status Match() {
    std::vector<std::tuple<int64_t, const RejectInput*, int64_t, std::string>> rows;
    MIGRATE_ASSIGN(auto q, db_->Prepare(fmt::format(
                               "SELECT quarantine_id, file_no, row_no, source_id, reason, raw FROM "
                               "quarantine WHERE import_id = {} AND state = 'open' AND reason "
                               "{} IN ('{}', '{}') ORDER BY quarantine_id",
                               import_id_, round_ == 0 ? "NOT" : "", reasons::kDuplicateKey, reasons::kIdCollision)));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      const auto input = by_file_.find(q->Integer(1));
      if (input == by_file_.end()) continue;
      std::string print = RejectPrint(q->Integer(3), q->Text(4), q->Text(5));
      if (earlier_.contains(print)) rows.emplace_back(q->Integer(0), input->second, q->Integer(2), std::move(print));
    }
    q.reset();
    for (const auto& [id, input, row_no, print] : rows) MIGRATE_TRY(One(id, *input, row_no, earlier_.at(print)));
    for (const auto& [state, ids] : moves_)
      MIGRATE_TRY(MoveRejects(db_, std::vector<int64_t>(ids.begin(), ids.end()), state));
    return KeepPairs();
  }

  // The rejects of one row have one heir an import; what was replayed goes before what is only mended.
  Status One(int64_t id, const RejectInput& input, int64_t row_no, const std::vector<Earlier>& earlier) {
    const Earlier* best = nullptr;
    int rank = 0;
    for (const Earlier& e : earlier) {
      if (!Same(input, row_no, e)) continue;
      if (e.state == "open" && GivesWay(input, e)) moves_["superseded"].insert(e.id);
      const int64_t first = links_.First(e.id);
      if (taken_.contains(first)) continue;
      const bool known = links_.before.contains(e.id) || links_.replays.contains(e.id);
      const int r = settled_.contains(first) ? 3 : e.fixed ? 2 : known ? 1 : 0;
      if (r == 0) continue;
      if (r > rank || (r == rank && links_.First(best->id) == first)) {
        best = &e;
        rank = r;
      }
    }
    if (best == nullptr) return {};
    const int64_t first = links_.First(best->id);
    taken_.insert(first);
    pairs_.emplace_back(id, best->id);
    if (best->state == "replayed" && !links_.replays.contains(best->id) && GivesWay(input, *best))
      moves_["superseded"].insert(best->id);
    const bool settled = settled_.contains(first);
    if (settled) moves_["replayed"].insert(id);
    out_.replayed += settled ? 1 : 0;
    out_.fixed += !settled && best->fixed ? 1 : 0;
    return best->fixed ? CopyFix(id, fixes_.at(best->id)) : Status();
  }

  // It was said when it was made, so no event says it again.
  Status CopyFix(int64_t id, const Fix& fix) {
    if (fixes_.count(id) > 0) return {};  // somebody was quicker
    MIGRATE_ASSIGN(auto insert, db_->Prepare("INSERT INTO quarantine_fix (quarantine_id, fix_no, who, at, why, raw, "
                                             "cells) VALUES (?, 1, ?, ?, ?, ?, ?)"));
    const std::string cells = json(fix.cells).dump(-1, ' ', false, json::error_handler_t::replace);
    insert->Bind(1, id);
    insert->BindText(2, fix.who);
    insert->BindText(3, fix.at);
    insert->BindText(4, fix.why);
    if (fix.raw)
      insert->BindBlob(5, *fix.raw);
    else
      insert->BindNull(5);
    insert->BindText(6, cells);
    return insert->Run();
  }

  Status KeepPairs() {
    for (size_t begin = 0; begin < pairs_.size(); begin += kPairs) {
      json list = json::array();
      for (size_t i = begin; i < std::min(pairs_.size(), begin + kPairs); ++i)
        list.push_back({pairs_[i].first, pairs_[i].second});
      MIGRATE_TRY(SetCheckpoint(db_, import_id_, "again", round_ * kRoundParts + static_cast<int64_t>(begin / kPairs),
                                list.dump()));
    }
    return {};
  }

  store::Connection* db_;
  int64_t import_id_;
  int round_;
  const std::vector<RejectInput>& inputs_;
  bool parts_ = false;
  std::string sources_;
  std::map<int64_t, const RejectInput*> by_file_;
  RejectLinks links_;
  std::map<int64_t, Fix> fixes_;
  std::set<int64_t> settled_, taken_;                    // by the first reject of a row
  std::map<std::string, std::vector<Earlier>> earlier_;  // by print
  std::vector<std::pair<int64_t, int64_t>> pairs_;
  std::map<std::string, std::set<int64_t>> moves_;  // by the state they get
  Inherited out_;
};

}  // namespace

Result<Inherited> InheritFixes(store::Connection* db, int64_t import_id, int round,
                               const std::vector<RejectInput>& inputs) {
  return Heir(db, import_id, round, inputs).Run();
}

Result<std::map<uint64_t, MendedRecord>> MendedRecords(store::Connection* db) {
  std::map<uint64_t, MendedRecord> out;
  // Parallel lists: rejects, and the records they became.
  std::map<std::tuple<int64_t, int64_t>, std::pair<json, json>> lists;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT import_id, part, stage, value FROM checkpoint WHERE stage IN ('replayed', "
                                     "'replayed as') ORDER BY import_id, part"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    auto& both = lists[{q->Integer(0), q->Integer(1)}];
    (q->Text(2) == "replayed" ? both.first : both.second) = json::parse(q->Text(3), nullptr, false);
  }
  if (lists.empty()) return out;
  MIGRATE_ASSIGN(auto versions, Versions(db));
  for (const auto& [at, both] : lists) {
    const auto& [rejects, records] = both;
    if (!rejects.is_array() || !records.is_array() || rejects.size() != records.size()) continue;
    const auto ids = rejects.get<std::vector<int64_t>>();
    std::set<int64_t> repeated;
    for (size_t begin = 0; begin < ids.size(); begin += 500) {
      MIGRATE_ASSIGN(auto some,
                     db->Prepare(fmt::format("SELECT quarantine_id FROM quarantine WHERE reason IN ('{}', '{}') AND "
                                             "quarantine_id IN ({})",
                                             reasons::kDuplicateKey, reasons::kIdCollision,
                                             List(ids, begin, std::min(ids.size(), begin + 500)))));
      for (;;) {
        MIGRATE_ASSIGN(bool more, some->Step());
        if (!more) break;
        repeated.insert(some->Integer(0));
      }
    }
    const int64_t import_id = std::get<0>(at);
    for (size_t i = 0; i < ids.size(); ++i) {
      if (!repeated.contains(ids[i])) continue;
      MendedRecord& r = out[static_cast<uint64_t>(records[i].get<int64_t>())];
      if (r.since == 0) r.since = import_id;
      r.stands |= versions[import_id].rolled_back_by == 0;
    }
  }
  return out;
}

}  // namespace migrate::ledger
