// The canonical form of a source row: a JSON array (RFC 8259) of its column values in source order, UTF-8, no spaces.
//
//   NULL     null
//   text     "..." with \" \\ \b \f \n \r \t escaped, other bytes below 0x20 as \u00xx (lower-case hex), all else as is
//   integer  its decimal digits: -17
//   real     the fewest digits that read back as the same double: plain from 1e-4 to below 1e16, with ".0" for whole
//            numbers (8005000000.0), else with an exponent (1e+16); infinities as {"real":"inf"}, {"real":"-inf"}
//   bytes    {"base64":"..."}: a blob, or a text whose bytes are not valid in the declared encoding
//
// This is what Python's json.dumps(row, ensure_ascii=False, separators=(",", ":")) writes for texts, numbers and None.
// The source row can be rebuilt from it exactly: DecodePayload is the inverse of the writer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/record/record.h"

namespace migrate {

// Appends one row, cell by cell, to *out. The texts must be valid UTF-8.
class PayloadWriter {
 public:
  explicit PayloadWriter(std::string* out) : out_(out) { out_->push_back('['); }
  void Null();
  void Text(std::string_view utf8);
  void Integer(int64_t v);
  void Real(double v);
  void Bytes(std::string_view bytes);
  void Add(const Cell& cell);  // kInteger and kReal texts are copied as they are
  void Finish() { out_->push_back(']'); }

 private:
  void Comma();
  std::string* out_;
  bool first_ = true;
};

// Appends a JSON string with the escapes above.
void AppendJsonString(std::string* out, std::string_view utf8);

// A decoded row. Cells point into `payload` where a text needs no unescaping, else into `arena`; valid while both live.
struct DecodedRow {
  std::vector<Cell> cells;
  std::string arena;  // capacity is kept between rows
};
// Error if the bytes are not a payload (a damaged segment).
Status DecodePayload(std::string_view payload, DecodedRow* row);

// A row's original bytes, for the quarantine: `raw` where it was kept, else the payload's texts joined by `delimiter`
// (which is when they give the bytes), else, without a delimiter, the payload itself (rows of tables).
std::string OriginalBytes(std::string_view raw, std::string_view payload, std::string_view delimiter);

}  // namespace migrate
