// The rejects for people: grouped by reason, row by row, and one row with all that is known of it. Read-only, one
// snapshot a call. Lists mask the rows; the original bytes are shown only of the one reject that is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/store/connection.h"

namespace migrate::report {

struct RejectRow {
  int64_t quarantine_id = 0;
  int64_t import_id = 0;
  std::string source, file;
  uint64_t row = 0, line = 0, byte_offset = 0;  // line 0: not a text file
  std::string source_key, reason, detail, state;
  std::string masked;      // the row's beginning, masked (record/digest.h)
  uint64_t raw_bytes = 0;  // length of the original bytes
};

// Rejects of one reason in one file.
struct RejectPlace {
  std::string source, file;
  uint64_t count = 0;
};

struct RejectGroup {
  std::string reason;
  std::string meaning, mend;  // record/reason_table.h; "" for a reason that this version does not know
  uint64_t count = 0;
  std::vector<RejectPlace> places;  // most rejects first, then by source and file; at most 100
  uint64_t place_count = 0;         // all of them
  std::vector<RejectRow> examples;  // the first three in the order of the export
};

// Which rejects are listed; "" is any. `file` is a path as the import knows it, or an end of it that begins at a folder
// ("x.csv" for "data/x.csv").
struct RejectFilter {
  std::string reason = "", source = "", file = "";
  bool all = false;  // else only state 'open'
  size_t limit = 100, offset = 0;
};

struct RejectList {
  uint64_t total = 0;               // that the filter lets through
  std::vector<RejectGroup> groups;  // most frequent first, then by reason
  std::vector<RejectRow> rows;      // in the order of the export, from `offset` on, at most `limit`
  size_t offset = 0;
  bool all = false;  // as the filter said
};
// `limit` and `offset` bound the rows, not the groups. kPlan error for a reason, source or file that has never been in
// quarantine here.
Result<RejectList> ListRejects(store::Connection* db, const RejectFilter& filter = {});

// One reject in any state, with its original bytes and what the import knew of its file.
struct RejectDetail {
  RejectRow row;
  std::string raw;
  std::string what;                   // "csv", or the table or query
  std::string sha256;                 // of the file as it was, hex
  uint64_t file_bytes = 0;            // its size then
  std::vector<std::string> columns;   // the header, "" if it was not kept
  std::vector<std::string> findings;  // dialect and evidence
  int64_t previous = 0, next = 0;     // ids in the order of the export among the open ones (of one that is not open:
                                      // among all); 0: none
};
// kPlan error if there is none with this id.
Result<RejectDetail> ShowReject(store::Connection* db, int64_t quarantine_id);

// What the caller finds out about a reject beyond the target: the source file and the plan (run/reject_context.h).
struct RejectContext {
  struct Line {
    uint64_t number = 0;
    std::string bytes;  // without its line end
  };
  std::vector<Line> before, after;  // up to two each
  std::string no_lines;             // why there are none, "" if they were read
  char delimiter = ',';
  std::string mend;  // one concrete proposal, "" if there is none beyond the reason's
  std::string plan;  // "people.yaml:12", the line of the plan that it speaks of, or ""
};

// The original bytes cut into columns as far as they go.
struct RejectColumns {
  static constexpr size_t kNone = static_cast<size_t>(-1);
  std::vector<std::string> values;  // quotes taken off; for tables the cells ("NULL" for null)
  size_t broke_at = kNone;          // byte of the original bytes where it broke
  size_t broke_column = kNone;      // index of the column it broke in
};
// By the reject's detail where it names a byte, else by what the fields show.
RejectColumns SplitReject(const RejectDetail& reject, char delimiter);

// Bytes as text on one line: what cannot be printed, and the backslash, as \n, \t, \\, \xE9.
std::string Escaped(std::string_view bytes);

// What a reason means, in a few words; "" if it is unknown.
std::string ReasonMeaning(std::string_view reason);

// Text for terminals. `plan` is the plan as it was typed, for the commands that are proposed; `rows`: the rows instead
// of the groups.
std::string RenderText(const RejectList& list, const std::string& plan, bool rows);
std::string RenderText(const RejectDetail& reject, const RejectContext& context, const std::string& plan);

// One JSON object ("schema": 1). Bytes that are no UTF-8 are given as base64 only.
std::string RenderJson(const RejectList& list);
std::string RenderJson(const RejectDetail& reject, const RejectContext& context);

}  // namespace migrate::report
