// The open rejects for people: counted by reason with masked examples, and row by row. Read-only, one snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "migrate/store/connection.h"

namespace migrate::report {

struct RejectRow {
  int64_t quarantine_id = 0;
  int64_t import_id = 0;
  std::string source, file;
  uint64_t row = 0, line = 0, byte_offset = 0;  // line 0: not a text file
  std::string source_key, reason, detail;
  std::string masked;      // the row's beginning, masked (record/digest.h)
  uint64_t raw_bytes = 0;  // length of the original bytes
};

struct RejectGroup {
  std::string reason;
  std::string meaning;  // one line for people; "" for a reason that is not in record/reasons.h
  uint64_t count = 0;
  std::vector<RejectRow> examples;  // the first three in the order of the export
};

struct RejectList {
  uint64_t total = 0;
  std::vector<RejectGroup> groups;  // most frequent first, then by reason
  std::vector<RejectRow> rows;      // in the order of the export, at most `limit`
};

// Only state 'open'. `limit` bounds rows, not counts.
Result<RejectList> ListRejects(store::Connection* db, size_t limit = 100);

// One reject in any state, with its original bytes.
struct RejectDetail {
  RejectRow row;
  std::string state;
  std::string raw;
};
// kPlan error if there is none with this id.
Result<RejectDetail> ShowReject(store::Connection* db, int64_t quarantine_id);

// What a reason of record/reasons.h means, in a few words; "" if it is unknown.
std::string ReasonMeaning(std::string_view reason);

// Text for terminals, and one JSON object. Raw bytes that are no UTF-8 are given as base64 only.
std::string RenderText(const RejectList& list);
std::string RenderText(const RejectDetail& reject);
std::string RenderJson(const RejectList& list);
std::string RenderJson(const RejectDetail& reject);

}  // namespace migrate::report
