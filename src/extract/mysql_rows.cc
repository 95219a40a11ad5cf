#include "mysql_rows.h"

#include <fmt/core.h>

#include <charconv>

#include "migrate/extract/names.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {

using store::MysqlKind;

const std::vector<Cell>& MysqlCells::Read(const store::MysqlStream& row) {
  damaged_ = -1;
  for (size_t i = 0; i < kinds_.size(); ++i) {
    auto v = row.Value(i);
    cells_[i] = v ? Make(i, *v) : Cell{};
  }
  return cells_;
}

Cell MysqlCells::Make(size_t i, std::string_view v) {
  switch (kinds_[i]) {
    case MysqlKind::kInteger:
      // The zero year is written 0000, which is no number of JSON.
      return {v.size() > 1 && v[0] == '0' ? CellType::kText : CellType::kInteger, v};
    case MysqlKind::kFloat:
      return Number<float>(i, v);
    case MysqlKind::kDouble:
      return Number<double>(i, v);
    case MysqlKind::kBits: {
      uint64_t bits = 0;
      for (char c : v) bits = bits << 8 | static_cast<uint8_t>(c);
      numbers_[i] = std::to_string(bits);
      return {CellType::kInteger, numbers_[i]};
    }
    case MysqlKind::kBinary:
      return {CellType::kBytes, v};
    case MysqlKind::kDecimal:
    case MysqlKind::kText:
    case MysqlKind::kTime:
      break;
  }
  if (IsUtf8(v)) return {CellType::kText, v};
  if (damaged_ < 0) damaged_ = static_cast<int>(i);
  return {CellType::kBytes, v};
}

// A FLOAT comes as the double that it is exactly; its own shortest form is that of single precision.
template <class T>
Cell MysqlCells::Number(size_t i, std::string_view v) {
  double d = 0;
  std::from_chars(v.data(), v.data() + v.size(), d);
  std::string shortest = fmt::format("{}", static_cast<T>(d));
  double again = 0;
  std::from_chars(shortest.data(), shortest.data() + shortest.size(), again);
  std::string& text = numbers_[i];
  text.clear();
  PayloadWriter writer(&text);
  writer.Real(again);
  return {CellType::kReal, std::string_view(text).substr(1)};
}

void MysqlRows::Make(const store::MysqlStream& stream) {
  const std::vector<Cell>& cells = cells_.Read(stream);
  payload_.clear();
  PayloadWriter writer(&payload_);
  for (const Cell& cell : cells) writer.Add(cell);
  writer.Finish();
  row_.Take(payload_, cells);
  if (cells_.damaged() >= 0)
    row_.Refuse(reasons::kUndecodable,
                fmt::format("the server sent bytes that are no text in column '{}', which is one of text",
                            columns_[static_cast<size_t>(cells_.damaged())].name));
}

}  // namespace migrate::extract
