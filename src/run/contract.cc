#include "contract.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "migrate/base/plural.h"
#include "migrate/ledger/versions.h"
#include "migrate/plan/diagnostic.h"

namespace migrate::run {
namespace {

using Columns = std::vector<extract::Column>;

const extract::Column* Find(const Columns& columns, const std::string& name) {
  auto it = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == name; });
  return it == columns.end() ? nullptr : &*it;
}

void Add(std::string* out, const std::string& text) { *out += (out->empty() ? "" : "; ") + text; }

std::string Names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

// The files of a source in the last import that has any of it.
struct Seen {
  int64_t import_id = 0;
  struct File {
    std::string path, columns;  // columns as JSON
    int64_t layout;
  };
  std::vector<File> files;
};

Result<std::map<std::string, Seen>> LastSeen(const Context& c, store::Connection* db) {
  std::map<std::string, Seen> seen;
  MIGRATE_ASSIGN(auto q,
                 db->Prepare("SELECT s.name, f.import_id, f.path, c.columns, f.layout FROM import_file f "
                             "JOIN import i ON i.import_id = f.import_id JOIN source s ON s.source_id = f.source_id "
                             "JOIN source_schema c ON c.schema_id = f.schema_id "
                             "WHERE i.plan_name = ? AND i.state = 'done' AND f.state <> 'replayed' "
                             "ORDER BY f.import_id, f.file_no"));
  q->BindText(1, c.plan.name);
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return seen;
    Seen& s = seen[std::string(q->Text(0))];
    if (s.import_id != q->Integer(1)) s = {q->Integer(1), {}};
    s.files.push_back({std::string(q->Text(2)), std::string(q->Text(3)), q->Integer(4)});
  }
}

Status CheckInput(const Context& c, const Input& input, const Seen& seen, std::set<std::string>* said) {
  const plan::Source& source = c.plan.sources[input.source];
  const std::string now = ColumnsJson(input.columns);
  const std::string* base = nullptr;
  for (const Seen::File& f : seen.files) {
    if (f.columns == now) return {};
    if (f.layout == input.layout && (base == nullptr || f.path == input.path)) base = &f.columns;
  }
  if (base == nullptr) return {};
  const std::string differ = ColumnsDiffer(ColumnsFromJson(*base), input.columns);
  if (differ.empty()) return {};
  const std::string text = fmt::format("source {}: {}: its columns are not those of import {}: {}", source.name,
                                       input.path, seen.import_id, differ);
  if (source.freeze)
    return Status::Plan(
        c.plan.source_text
            ->Make(source.at, text, "the same columns, for its contract is freeze; contract: evolve takes the new ones")
            .Text());
  if (said->insert(source.name + differ).second) c.meter->printer()->Warning(text);
  return {};
}

Status SayPlanChange(const Context& c, store::Connection* db) {
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  const ledger::Import* last = nullptr;
  for (const auto& i : imports)
    if (i.plan_name == c.plan.name && i.state == "done") last = &i;
  if (last == nullptr || last->plan_hash == c.plan.hash) return {};
  int64_t records = 0;
  for (const plan::Source& source : c.plan.sources) {
    MIGRATE_ASSIGN(auto q, db->Prepare("SELECT count(*) FROM record r JOIN source s ON s.source_id = r.source_id WHERE "
                                       "s.name = ?"));
    q->BindText(1, source.name);
    MIGRATE_ASSIGN(bool found, q->Step());
    if (found) records += q->Integer(0);
  }
  c.meter->printer()->Note(fmt::format(
      "the plan's mapping has changed since import {}: all inputs are read anew, and up to {} of the target "
      "are made again (those that come out the same are left alone, the others go to history)",
      last->import_id, Counted(static_cast<uint64_t>(records), "record")));
  return {};
}

}  // namespace

std::string ColumnsDiffer(const Columns& before, const Columns& now) {
  std::vector<std::string> added, removed;
  std::string out;
  for (size_t i = 0; i < before.size(); ++i) {
    if (Find(now, before[i].name) != nullptr) continue;
    const bool renamed = before.size() == now.size() && Find(before, now[i].name) == nullptr;
    if (renamed)
      Add(&out, fmt::format("renamed {} to {}", before[i].name, now[i].name));
    else
      removed.push_back(before[i].name);
  }
  for (size_t i = 0; i < now.size(); ++i) {
    if (Find(before, now[i].name) != nullptr) continue;
    if (before.size() != now.size() || Find(now, before[i].name) != nullptr) added.push_back(now[i].name);
  }
  if (!added.empty()) Add(&out, "added " + Names(added));
  if (!removed.empty()) Add(&out, "removed " + Names(removed));
  for (const auto& c : now) {
    const extract::Column* old = Find(before, c.name);
    if (old != nullptr && old->type != c.type)
      Add(&out, fmt::format("type of {} changed from {} to {}", c.name, old->type.empty() ? "none" : old->type,
                            c.type.empty() ? "none" : c.type));
  }
  const bool reordered = out.empty() && !std::equal(before.begin(), before.end(), now.begin(), now.end(),
                                                    [](const auto& x, const auto& y) { return x.name == y.name; });
  return reordered ? "the order of the columns changed" : out;
}

Status SayDoubled(const Context& c) {
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db || c.replay()) return {};
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db.get()));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db.get()));
  std::map<std::string, int64_t> before;  // by path: the import that last brought rows of it
  for (const auto& i : imports) {
    if (i.plan_name != c.plan.name || i.state != "done" || versions[i.import_id].rolled_back_by != 0) continue;
    MIGRATE_ASSIGN(auto files, ledger::ImportFiles(db.get(), i.import_id));
    for (const auto& f : files)
      if (f.state == "imported") before[f.path] = i.import_id;
  }
  for (const Input& input : c.inputs) {
    const plan::Source& source = c.plan.sources[input.source];
    const auto found = before.find(input.path);
    if (source.type != plan::SourceType::kCsv || !source.key.empty() || source.mode == plan::Mode::kSnapshot ||
        input.state != Input::State::kImport || found == before.end())
      continue;
    c.meter->printer()->Warning(fmt::format(
        "{}: import {} read it with other content. Its source has no key, so all its rows are new records beside the "
        "former ones; `migrate rollback {} {}` takes those out",
        input.path, found->second, c.plan.file, found->second));
  }
  return {};
}

Status CheckContracts(const Context& c) {
  if (c.replay()) return {};
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return {};
  MIGRATE_TRY(SayPlanChange(c, db.get()));
  MIGRATE_ASSIGN(auto seen, LastSeen(c, db.get()));
  std::set<std::string> said;
  for (const Input& input : c.inputs) {
    auto found = seen.find(c.plan.sources[input.source].name);
    if (found != seen.end() && !input.columns.empty()) MIGRATE_TRY(CheckInput(c, input, found->second, &said));
  }
  return {};
}

}  // namespace migrate::run
