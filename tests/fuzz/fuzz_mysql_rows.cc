// Rows of a server, as its text protocol brings them, on their way into a payload. The input is a list of cells: a
// kind, a length (255 is NULL) and bytes, which may be anything: a server is believed neither in its types nor its
// encoding. Checked: a row goes on as a row or as a reject, its payload is canonical, has as many cells as there are
// columns, NULL where NULL came, and every text and number exactly.
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "migrate/record/payload.h"
#include "mysql_rows.h"

namespace {

using migrate::CellType;
using migrate::fuzz::Check;
using migrate::store::MysqlKind;

constexpr MysqlKind kKinds[] = {MysqlKind::kInteger, MysqlKind::kFloat,   MysqlKind::kDouble, MysqlKind::kBits,
                                MysqlKind::kBinary,  MysqlKind::kDecimal, MysqlKind::kText,   MysqlKind::kTime};

class Sink : public migrate::extract::RowSink {
 public:
  migrate::Status OnRow(const migrate::RawRow& row) override {
    payload.assign(row.payload);
    ++rows;
    return {};
  }
  migrate::Status OnReject(const migrate::Reject& reject) override {
    payload = reject.raw;
    Check(!reject.reason.empty(), "a reject has a reason");
    ++rejects;
    return {};
  }
  std::string payload;
  int rows = 0, rejects = 0;
};

// A server sends digits for numbers; only these kinds are promised to come so.
std::string Digits(std::string_view bytes) {
  uint64_t n = 0;
  for (char c : bytes) n = n * 31 + static_cast<uint8_t>(c);
  return (bytes.size() % 2 == 0 ? "" : "-") + std::to_string(1 + n % 1000000007);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<MysqlKind> kinds;
  std::vector<std::optional<std::string>> values;
  std::vector<migrate::extract::Column> columns;
  for (size_t at = 1; at + 2 <= size && kinds.size() < 64;) {
    const MysqlKind kind = kKinds[data[at] % std::size(kKinds)];
    const size_t length = data[at + 1];
    at += 2;
    const size_t have = length == 255 ? 0 : std::min(length, size - at);
    std::optional<std::string> value;
    if (length != 255) value = std::string(reinterpret_cast<const char*>(data) + at, have);
    at += have;
    if (value && (kind == MysqlKind::kInteger || kind == MysqlKind::kFloat || kind == MysqlKind::kDouble))
      value = Digits(*value);
    if (value && kind == MysqlKind::kBits) value->resize(std::min<size_t>(value->size(), 8));
    kinds.push_back(kind);
    values.push_back(std::move(value));
    columns.push_back({"c" + std::to_string(kinds.size()), ""});
  }
  if (kinds.empty()) return 0;
  const std::vector<uint32_t> key = {static_cast<uint32_t>(data[0] % kinds.size())};
  const std::string source = "s";
  migrate::extract::MysqlRows rows(source, columns, key, kinds);
  rows.Make([&](size_t i) { return values[i] ? std::optional<std::string_view>(*values[i]) : std::nullopt; });
  Sink sink;
  Check(rows.row().Deliver({}, sink).ok() && rows.row().Flush(sink).ok(), "a row is handed on");
  Check(sink.rows + sink.rejects == 1, "once");
  migrate::DecodedRow row;
  Check(migrate::DecodePayload(sink.payload, &row).ok(), "its payload is one");
  Check(row.cells.size() == kinds.size(), "with a cell a column");
  for (size_t i = 0; i < kinds.size(); ++i) {
    Check((row.cells[i].type == CellType::kNull) == !values[i].has_value(), "NULL is NULL");
    if (!values[i] || kinds[i] == MysqlKind::kFloat || kinds[i] == MysqlKind::kDouble || kinds[i] == MysqlKind::kBits)
      continue;
    Check(row.cells[i].bytes == *values[i], "a value is the value");
  }
  return 0;
}
