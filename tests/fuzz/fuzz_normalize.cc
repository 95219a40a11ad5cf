// Every rule of normalize over arbitrary bytes: nothing throws or reads outside, values are valid UTF-8 within their
// bounds. The first byte chooses country and date order; the rest, split at 0xFF, are the cells of a row, of which each
// field in the order of the contract gets one.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/normalize/normalizer.h"
#include "migrate/record/keys.h"

namespace {

using migrate::BoundField;
using migrate::Cell;
using migrate::CellType;
using migrate::kFieldCount;
using migrate::Record;

constexpr uint32_t kAttributes = 6;
constexpr size_t kBounds[kFieldCount] = {100, 100, 100, 100, 100, 1, 10, 254, 32, 200,
                                         50,  100, 64,  16,  0,   2, 64, 26,  0};

void Check(bool holds) {
  if (!holds) std::abort();
}

migrate::normalize::Normalizer MakeNormalizer(uint8_t choice) {
  std::vector<migrate::Attribute> attributes;
  for (uint32_t i = 0; i < kAttributes; ++i) attributes.push_back({"a", static_cast<migrate::AttributeType>(i)});
  std::vector<BoundField> fields;
  for (uint32_t i = 0; i < kFieldCount + kAttributes; ++i) {
    BoundField bound;
    bound.slot = static_cast<int>(i);
    bound.columns = {i};
    fields.push_back(bound);
  }
  const char* countries[] = {"US", "CA", "GB", "AU", "DE", "", "ZZ", "JM"};
  return {{countries[choice & 7], static_cast<migrate::DateOrder>((choice >> 3) % 3)}, attributes, fields};
}

void CheckRecord(const Record& record) {
  for (size_t f = 0; f < kFieldCount; ++f) {
    Check(migrate::normalize::IsValidUtf8(record.values[f]));
    Check(record.values[f].size() <= kBounds[f]);
  }
  for (const std::string& value : record.attributes) {
    Check(migrate::normalize::IsValidUtf8(value));
    Check(value.size() <= 500);
  }
  for (const std::string& email : record.more_emails) Check(migrate::normalize::IsValidUtf8(email));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto type = static_cast<CellType>(1 + (data[0] >> 6) % 4);
  std::vector<Cell> row;
  const bool spread = rest.find('\xFF') == std::string_view::npos;  // one text for all fields
  while (row.size() < kFieldCount + kAttributes) {
    const size_t end = rest.find('\xFF');
    row.push_back({type, rest.substr(0, end)});
    if (!spread) rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  Record record;
  MakeNormalizer(data[0]).Normalize(row, &record);
  CheckRecord(record);
  for (const Cell& cell : row) {
    const std::string key = migrate::FoldKey(cell.bytes);
    Check(migrate::FoldKey(key) == key);
    migrate::LooseEmail(cell.bytes);
  }
  return 0;
}
