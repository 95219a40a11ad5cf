// `validate`'s look at the first rows: they go through the mapping of the plan, field by field, and what comes out is
// held against what the columns look like, so that a wrong mapping is seen before the run.
//
//   SourceCheck check(plan, source, layout, columns, fields, file_names);
//   ReadRows(reader, limit, check row, check reject);      // of each file
//   CheckResult result = check.Finish();
//
// Memory: a profile of the columns and at most a few examples of each field; bounded whatever the input's size.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "migrate/normalize/normalizer.h"
#include "migrate/plan/plan.h"
#include "migrate/record/mapping.h"
#include "migrate/survey/guess.h"
#include "migrate/survey/profile.h"

namespace migrate::survey {

// A value that its field's rule did not accept, or keeps with a doubt.
struct OddValue {
  std::string place;  // "file.csv:17"; of a table "contacts row 17"
  std::string masked;
  std::string why;  // "no date", "not an e-mail address"
};

struct FieldCheck {
  std::string field;                  // "email"
  std::string columns;                // "E-Mail", "mobile, home_phone", "number + street", "const US"
  uint64_t filled = 0;                // rows where one of its columns has a value
  uint64_t readable = 0;              // of them: the rule accepted it
  uint64_t placeholders = 0;          // of them: N/A, 1900-01-01
  std::vector<std::string> examples;  // two values as normalized, masked
  std::vector<OddValue> odd;          // the first three
  uint64_t odd_count = 0;
};

struct Quarantined {
  std::string reason;
  uint64_t count = 0;
  std::string place;   // of the first
  std::string detail;  // of the first
};

struct CheckResult {
  std::string source;
  int layout = 0, layouts = 1;  // which of how many; layout -1: the files fit none
  uint64_t files = 0, rows = 0, opted_out = 0;
  std::vector<FieldCheck> fields;
  std::vector<Quarantined> quarantined;  // most frequent first
  std::vector<std::string> warnings;     // one finding each, with its evidence
};

class SourceCheck {
 public:
  // `fields` are bound to `columns`; with layout -1 they count for nothing. The plan must live as long as the check.
  SourceCheck(const plan::Plan& plan, const plan::Source& source, int layout, std::vector<extract::Column> columns,
              std::vector<BoundField> fields);
  ~SourceCheck();
  // `name` is what places call the file ("file.csv") or table. Keys must be unique within one file only.
  void BeginFile(std::string name);
  void Row(const RawRow& row, const std::vector<Cell>& cells);
  void Rejected(const Reject& reject);
  CheckResult Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The table of one source for a terminal, at most 100 columns wide.
std::string CheckText(const CheckResult& result);
// The same as one JSON object (without a line end).
std::string CheckJson(const CheckResult& result);

}  // namespace migrate::survey
