#include "overtaken.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "migrate/base/plural.h"
#include "migrate/ledger/versions.h"
#include "migrate/run/target.h"

namespace migrate::run {
namespace {

constexpr size_t kNamedImports = 5;

using SourceAnd = std::pair<std::string, std::string>;  // a source's name, and a path or a content

// What the imports that stand have read of files, in the order of imports. A content keeps the place of the first
// import that brought it, however often it is read again (load.h).
struct Arrivals {
  std::map<SourceAnd, std::pair<int64_t, std::string>> of_content;  // the first import that read it, under which path
  std::map<SourceAnd, std::vector<std::pair<int64_t, std::string>>> of_path;  // imports, and the content each had read
};

Result<std::map<int64_t, std::string>> SourceNames(store::Connection* db) {
  std::map<int64_t, std::string> names;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT source_id, name FROM source"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return names;
    names[q->Integer(0)] = q->Text(1);
  }
}

Result<Arrivals> ArrivalsOf(const Context& c, store::Connection* db) {
  Arrivals a;
  MIGRATE_ASSIGN(auto names, SourceNames(db));
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
  for (const auto& import : imports) {
    const ledger::Version& v = versions[import.import_id];
    const bool stands = import.state == "done" && v.rolled_back_by == 0;
    if (!stands || import.plan_name != c.plan.name || v.rollback || v.matching) continue;
    MIGRATE_ASSIGN(auto files, ledger::ImportFiles(db, import.import_id));
    for (const auto& f : files) {
      if (f.state != "imported") continue;
      const std::string& source = names[f.source_id];
      a.of_content.try_emplace({source, f.sha256}, import.import_id, f.path);
      a.of_path[{source, f.path}].push_back({import.import_id, f.sha256});
    }
  }
  return a;
}

// "import 7", "imports 9, 8 and 7": in the order in which they are taken back.
std::string Named(const std::vector<int64_t>& imports) {
  std::string text(Plural(imports.size(), "import ", "imports "));
  const size_t named = std::min(imports.size(), kNamedImports);
  for (size_t i = 0; i < named; ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == imports.size() ? " and " : ", ", imports[i]);
  if (imports.size() > named) text += fmt::format(" and {} more", imports.size() - named);
  return text;
}

std::string OvertakenText(const Context& c, const Input& input, const std::pair<int64_t, std::string>& came,
                          const std::vector<int64_t>& later) {
  std::string undo;
  for (size_t i = 0; i < std::min<size_t>(later.size(), 2); ++i)
    undo += fmt::format("{}`migrate rollback {} {}`", i == 0 ? "" : ", then ", c.plan.file, later[i]);
  return fmt::format(
      "{}: its content came in with import {}{} already, and {} brought other content of this path after that, which "
      "the "
      "target keeps. To have what the file says now: {}{}",
      input.path, came.first, came.second == input.path ? "" : " as " + came.second, Named(later), undo,
      later.size() > 2 ? ", and so on" : "");
}

}  // namespace

Result<std::vector<std::string>> OvertakenFiles(const Context& c) {
  std::vector<std::string> out;
  const auto added_to = [&](const Input& i) {
    const plan::Source& source = c.plan.sources[i.source];
    return source.type == plan::SourceType::kCsv && source.mode == plan::Mode::kAppend && i.held_by == 0 && !i.gone;
  };
  if (c.replay() || std::none_of(c.inputs.begin(), c.inputs.end(), added_to)) return out;
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return out;
  MIGRATE_ASSIGN(const Arrivals arrivals, ArrivalsOf(c, db.get()));
  for (const Input& input : c.inputs) {
    const std::string& source = c.plan.sources[input.source].name;
    const auto came = arrivals.of_content.find({source, input.sha256});
    const auto path = arrivals.of_path.find({source, input.path});
    if (!added_to(input) || came == arrivals.of_content.end() || path == arrivals.of_path.end()) continue;
    std::vector<int64_t> later;
    for (auto it = path->second.rbegin(); it != path->second.rend(); ++it)
      if (arrivals.of_content.at({source, it->second}).first > came->second.first) later.push_back(it->first);
    if (!later.empty()) out.push_back(OvertakenText(c, input, came->second, later));
  }
  return out;
}

}  // namespace migrate::run
