#include "migrate/extract/csv_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "migrate/base/file.h"
#include "migrate/extract/fccp.h"

namespace migrate::extract {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// What csv.h threw, without the place (which is put in front in this project's form).
std::string WhatItSays(const std::exception& e) {
  if (dynamic_cast<const io::error::too_few_columns*>(&e) != nullptr) return "fewer fields than the header";
  if (dynamic_cast<const io::error::too_many_columns*>(&e) != nullptr) return "more fields than the header";
  if (dynamic_cast<const io::error::escaped_string_not_closed*>(&e) != nullptr) return "a quote is not closed";
  if (dynamic_cast<const io::error::line_length_limit_exceeded*>(&e) != nullptr) return "the line is over 16 MiB";
  if (dynamic_cast<const io::error::header_missing*>(&e) != nullptr) return "the header is missing";
  if (const auto* missing = dynamic_cast<const io::error::missing_column_in_header*>(&e))
    return fmt::format("the header has no column '{}'", missing->column_name);
  if (const auto* twice = dynamic_cast<const io::error::duplicated_column_in_header*>(&e))
    return fmt::format("the header has the column '{}' twice", twice->column_name);
  return e.what();
}

template <size_t... I>
Result<Rows> ReadColumns(const std::string& path, const std::vector<std::string>& columns, std::index_sequence<I...>) {
  Rows rows;
  using List = io::CSVReader<sizeof...(I), io::trim_chars<' ', '\t'>, io::double_quote_escape<',', '"'>,
                             io::throw_on_overflow, io::single_and_empty_line_comment<'#'>>;
  std::unique_ptr<List> list;
  try {
    list = std::make_unique<List>(path);
    list->read_header(io::ignore_extra_column, columns[I]...);
    std::array<std::string, sizeof...(I)> row;
    while (list->read_row(row[I]...)) rows.emplace_back(row.begin(), row.end());
  } catch (const std::exception& e) {
    return Status::Failed(
        fmt::format("{}:{}: {}", path, list == nullptr ? 1 : std::max(1u, list->get_file_line()), WhatItSays(e)),
        "mend that line of the list");
  }
  return rows;
}

}  // namespace

Result<Rows> ReadFixedList(const std::string& path, const std::vector<std::string>& columns) {
  Result<FileStat> stat = StatFile(path);
  if (!stat.ok()) return stat.status();
  MIGRATE_ASSIGN(File readable, File::OpenRead(path));
  switch (columns.size()) {
    case 1:
      return ReadColumns(path, columns, std::make_index_sequence<1>());
    case 2:
      return ReadColumns(path, columns, std::make_index_sequence<2>());
    case 3:
      return ReadColumns(path, columns, std::make_index_sequence<3>());
    case 4:
      return ReadColumns(path, columns, std::make_index_sequence<4>());
    case 5:
      return ReadColumns(path, columns, std::make_index_sequence<5>());
    case 6:
      return ReadColumns(path, columns, std::make_index_sequence<6>());
    case 7:
      return ReadColumns(path, columns, std::make_index_sequence<7>());
    case 8:
      return ReadColumns(path, columns, std::make_index_sequence<8>());
    default:
      return Status::Failed(fmt::format("{}: a list is read by 1 to 8 columns, not {}", path, columns.size()));
  }
}

}  // namespace migrate::extract
