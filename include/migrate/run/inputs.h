// The inputs of a run: which files and tables the plan's sources name, which of them are new, and how their columns are
// mapped.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/status.h"
#include "migrate/extract/held_rows.h"
#include "migrate/extract/source.h"
#include "migrate/plan/diagnostic.h"
#include "migrate/plan/plan.h"
#include "migrate/record/mapping.h"
#include "migrate/run/servers.h"

namespace migrate::run {

// Rows of the quarantine that are read again, in the place of a file or a table.
struct HeldInput {
  extract::HeldOptions options;
  std::shared_ptr<const std::vector<extract::HeldRow>> rows;
  std::vector<int64_t> ids;  // quarantine_ids, parallel to the rows
};

struct Input {
  uint32_t file_no = 0;
  size_t source = 0;  // index into plan.sources
  std::string path;
  std::string what;  // "csv", or the table or query
  uint64_t bytes = 0;
  std::vector<FileStat> stats;  // of its files before any of them was read
  bool live = false;            // on a server: its content is known only once it has been read
  bool gone = false;            // not there any more: taken as it was extracted (run/gone_inputs.h)
  std::string sha256;  // hex; of the file as it lies, for SQLite with its write-ahead log; of a live input's rows and
                       // columns; "" until it is known
  enum class State { kImport, kDuplicate, kUnchanged } state = State::kImport;
  std::string same_as;      // kDuplicate: the file with the same content
  uint64_t known_rows = 0;  // kDuplicate, kUnchanged: rows of the file when it was read
  int64_t held_by = 0;      // kUnchanged: the import that brought this content in and was rolled back; 0: none
  int layout = 0;           // index into the source's layouts, -1: none fits (unknown_layout: quarantine)
  std::vector<extract::Column> columns;
  std::vector<BoundField> fields;
  std::vector<std::string> findings;
  std::string part;  // the query that reads a part of the table, "": all of it (extract: incremental)
  std::shared_ptr<const HeldInput> held;  // null: the file or the table itself
};

// What was found wrong, as text to print; every source is looked at before it is returned.
struct InputErrors {
  std::string text;  // diagnostics with file:line:column of the plan, or messages about files
  bool plan = true;  // exit code 2, else 1
};

// A source of which nothing is there: no file matches, or its server or table cannot be reached.
struct MissingSource {
  size_t source = 0;  // index into plan.sources
  std::string text;   // what FindInputs would have put into its errors
  bool plan_error = true;
  std::string why;  // in a few words
};

// Expands globs, opens every input, checks and binds its columns. `errors` is "" text if all is well.
// Of CSV files none but those in `only_files`, if it is given; with it a pattern without files is no error.
// With `missing` sources that are not there are no errors, but listed in it.
std::vector<Input> FindInputs(const plan::Plan& plan, InputErrors* errors,
                              const std::set<std::string>* only_files = nullptr,
                              std::vector<MissingSource>* missing = nullptr);
void AddError(const std::string& text, bool plan_error, InputErrors* errors);

// Fills sha256 (but of live inputs), `threads` files at a time, and marks files of a source that have the content of an
// earlier one. A file that is not any more what FindInputs saw is an error.
Status HashInputs(const plan::Plan& plan, unsigned threads, std::vector<Input>* inputs);

// Error if the input's files are not those that FindInputs looked at and HashInputs hashed.
Status CheckUnchanged(const plan::Plan& plan, const Input& input);

// Opens an input for reading, as FindInputs found it. `servers` lends the sessions for live inputs; of a query there at
// most `limit` rows are asked for (0: all), and what an earlier snapshot gave of a table (`finished`) is left out.
Result<std::unique_ptr<extract::Reader>> OpenInput(const plan::Plan& plan, const Input& input, Servers* servers,
                                                   uint64_t limit = 0,
                                                   std::vector<extract::FinishedRange> finished = {});

// Looks the mapped columns and the key of a layout up in the input's columns and fills its fields; the columns that are
// missing, as diagnostics.
std::vector<plan::Diagnostic> BindInput(const plan::Plan& plan, const plan::Source& source, const plan::Layout& layout,
                                        Input* input);

// JSON list of column names and types, as source_schema keeps it.
std::string ColumnsJson(const std::vector<extract::Column>& columns);
std::vector<extract::Column> ColumnsFromJson(const std::string& json);

}  // namespace migrate::run
