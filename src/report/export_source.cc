#include <fmt/core.h>

#include <set>

#include "columns.h"
#include "migrate/base/bytes.h"
#include "migrate/base/plural.h"
#include "migrate/record/payload.h"
#include "migrate/report/csv.h"
#include "migrate/report/exports.h"
#include "snapshot.h"

namespace migrate::report {
namespace {

constexpr size_t kMaxNamedFiles = 10;

Result<int64_t> FindSource(store::Connection* db, const std::string& name) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT source_id, name FROM source ORDER BY name"));
  std::string known;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) break;
    if (q->Text(1) == name) return q->Integer(0);
    known.append(known.empty() ? "" : ", ").append(q->Text(1));
  }
  return Status::Plan(fmt::format("{}: holds no source `{}`", db->name(), name),
                      known.empty() ? "nothing was imported yet: `migrate run` does that" : "it holds: " + known);
}

// The files and tables of a source: path -> path of the file with the same content ("" if it was read itself).
struct Inputs {
  std::map<std::string, std::string> same_as;
  bool csv = true;
};
Result<Inputs> ReadInputs(store::Connection* db, int64_t source) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT path, state, same_as, what FROM import_file WHERE source_id = ? "
                                     "ORDER BY import_id, file_no"));
  q->Bind(1, source);
  Inputs inputs;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return inputs;
    std::string path(q->Text(0));
    if (q->Text(1) == "imported")
      inputs.same_as[path].clear();
    else
      inputs.same_as.emplace(path, q->Text(2));
    if (q->Text(3) != "csv") inputs.csv = false;
  }
}

std::string List(const std::set<std::string>& names) {
  std::string text;
  size_t n = 0;
  for (const std::string& name : names) {
    if (n++ == kMaxNamedFiles) return text + fmt::format(" and {} more", names.size() - kMaxNamedFiles);
    text.append(text.empty() ? "" : ", ").append(name);
  }
  return text;
}

// The one path that `file` names; a duplicate gives the file whose rows stand for it.
Result<std::string> ResolveFile(const Inputs& inputs, const std::string& source, const std::string& file) {
  std::set<std::string> all, fits;
  for (const auto& [path, same] : inputs.same_as) {
    all.insert(path);
    if (path.ends_with("/" + file)) fits.insert(path);
  }
  if (all.contains(file)) fits = {file};
  if (fits.empty())
    return Status::Plan(fmt::format("source `{}` has no file `{}`", source, file), "its files: " + List(all));
  if (fits.size() > 1)
    return Status::Plan(fmt::format("source `{}`: `{}` fits several files: {}", source, file, List(fits)),
                        "give more of the path");
  const std::string& same = inputs.same_as.at(*fits.begin());
  return same.empty() ? *fits.begin() : same;
}

// The unary plus keeps the index (source_id, source_key) out: reading every row through it is a random access each, ten
// times slower than one pass over the table and a sort.
constexpr char kRows[] = "FROM record r WHERE +r.source_id = ? AND r.gone_import IS NULL";
constexpr char kOfFile[] =
    " AND EXISTS (SELECT 1 FROM import_file f WHERE f.import_id = r.import_id AND f.file_no = r.file_no AND f.path = "
    "?)";

// What ExportSource works on.
struct Selection {
  int64_t source;
  std::string name, path;  // path "": all files
  SchemaColumns schemas;
  bool empty_in_quotes;
  std::string Where() const { return path.empty() ? kRows : std::string(kRows) + kOfFile; }
  void Bind(store::Statement* q) const {
    q->Bind(1, source);
    if (!path.empty()) q->BindText(2, path);
  }
};

// The columns that all selected rows have; an error that names the files if they differ.
Result<std::vector<std::string>> CommonColumns(store::Connection* db, const Selection& s) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT d.schema_id, coalesce(i.path, '') FROM (SELECT DISTINCT r.schema_id, "
                                     "r.import_id, r.file_no " +
                                     s.Where() +
                                     ") d LEFT JOIN import_file i ON i.import_id = d.import_id AND "
                                     "i.file_no = d.file_no ORDER BY d.schema_id"));
  s.Bind(q.get());
  std::map<std::vector<std::string>, std::set<std::string>> layouts;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) break;
    auto columns = s.schemas.find(q->Integer(0));
    if (columns == s.schemas.end())
      return Status::Failed(fmt::format("{}: source_schema lacks schema {}", db->name(), q->Integer(0)),
                            "the target is damaged: `migrate run` with stage reconcile shows the extent");
    layouts[columns->second].insert(std::string(q->Text(1)));
  }
  if (layouts.empty()) return s.schemas.empty() ? std::vector<std::string>() : s.schemas.rbegin()->second;
  if (layouts.size() == 1) return layouts.begin()->first;
  std::string files;
  for (const auto& [columns, paths] : layouts)
    files.append(files.empty() ? "" : "; ")
        .append(fmt::format("{}: {}", Counted(columns.size(), "column"), List(paths)));
  return Status::Plan(fmt::format("source `{}` has rows of {} layouts: {}", s.name, layouts.size(), files),
                      s.path.empty() ? "choose one with --file" : "this file changed its columns between two imports");
}

void AddCell(const Cell& cell, bool empty_in_quotes, CsvLine* line) {
  if (cell.type == CellType::kBytes)
    line->Add("base64:" + Base64(cell.bytes));
  else if (cell.type == CellType::kText && cell.bytes.empty() && empty_in_quotes)
    line->Add("", CsvLine::Style::kQuoted);
  else
    line->Add(cell.bytes);
}

}  // namespace

Status ExportSource(store::Connection* db, const std::string& name, const std::string& file, Output& out) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  Selection s;
  s.name = name;
  MIGRATE_ASSIGN(s.source, FindSource(db, name));
  MIGRATE_ASSIGN(Inputs inputs, ReadInputs(db, s.source));
  if (!file.empty()) {
    MIGRATE_ASSIGN(s.path, ResolveFile(inputs, name, file));
  }
  MIGRATE_ASSIGN(s.schemas, ReadSchemas(db, s.source));
  s.empty_in_quotes = !inputs.csv;
  MIGRATE_ASSIGN(auto columns, CommonColumns(db, s));

  CsvLine line;
  for (const std::string& c : columns) line.Add(c);
  if (columns.empty()) return {};
  MIGRATE_TRY(out.Write(line.Line()));
  MIGRATE_ASSIGN(auto q, db->Scan("SELECT r.source_key, r.payload " + s.Where() + " ORDER BY r.source_key"));
  s.Bind(q.get());
  DecodedRow decoded;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return {};
    Status read = DecodePayload(q->Text(1), &decoded);
    if (read.ok() && decoded.cells.size() != columns.size())
      read = Status::Failed(fmt::format("payload is damaged: {} for {}", Counted(decoded.cells.size(), "cell"),
                                        Counted(columns.size(), "column")));
    if (!read.ok()) return read.Within(fmt::format("{}: source `{}`, key `{}`", db->name(), name, q->Text(0)));
    for (const Cell& cell : decoded.cells) AddCell(cell, s.empty_in_quotes, &line);
    MIGRATE_TRY(out.Write(line.Line()));
  }
}

}  // namespace migrate::report
