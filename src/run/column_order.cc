#include "column_order.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace migrate::run {
namespace {

enum Form { kOdd, kDate, kBlankTime, kTTime, kBlankUtc, kTUtc, kNumberForm = 8, kNone = 9 };
// Where they stand in the row of OrderQuery.
constexpr size_t kNumberAt = 1, kFormsAt = 2, kForms = 5, kOddAt = 7, kPastAt = 8, kNowAt = 9;
// No two clocks of the earth are further apart: UTC-12 and UTC+14.
constexpr int64_t kClocksApart = 26 * 3600;

constexpr char kLeastText[] = "'0001'";

std::string MysqlForm(const std::string& c) {
  const std::string date = "[0-9]{4}-[01][0-9]-[0-3][0-9]", time = "[0-2][0-9]:[0-5][0-9]:[0-6][0-9]([.][0-9]+)?";
  const std::string utc = "(Z|[+]00(:?00)?)";
  const auto when = [&](const std::string& rest, int form) {
    return fmt::format(" WHEN {} REGEXP '^{}{}$' THEN {}", c, date, rest, static_cast<int>(form));
  };
  return fmt::format("CASE WHEN {} < {} THEN {}", c, kLeastText, static_cast<int>(kNone)) + when("", kDate) +
         when(" " + time, kBlankTime) + when("T" + time, kTTime) + when(" " + time + utc, kBlankUtc) +
         when("T" + time + utc, kTUtc) + fmt::format(" ELSE {} END", static_cast<int>(kOdd));
}

// GLOB knows no repetition: the zone is cut off, and what is left behind the seconds are a point and digits.
std::string SqliteForm(const std::string& c) {
  const std::string date = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]";
  const std::string time = "[0-2][0-9]:[0-5][0-9]:[0-6][0-9]";
  const std::string zone = fmt::format(
      "CASE WHEN {0} GLOB '*Z' THEN 1 WHEN {0} GLOB '*+00' THEN 3 WHEN {0} GLOB '*+0000' THEN 5 WHEN {0} GLOB "
      "'*+00:00' THEN 6 ELSE 0 END",
      c);
  const std::string fraction = fmt::format("substr({0}, 20, max(0, length({0}) - 19 - ({1})))", c, zone);
  const std::string whole = fmt::format(
      "({0} = '' OR ({0} GLOB '.[0-9]*' AND substr({0}, 2) NOT GLOB '*[^0-9]*')) AND substr({1}, 1, 19)", fraction, c);
  return fmt::format(
      "CASE WHEN typeof({c}) IN ('integer', 'real') THEN {number} WHEN typeof({c}) = 'blob' THEN 0 "
      "WHEN CAST({c} AS TEXT) < {least} THEN {none} WHEN {c} GLOB '{date}' THEN 1 "
      "WHEN {whole} GLOB '{date} {time}' THEN 2 + 2 * (({zone}) > 0) "
      "WHEN {whole} GLOB '{date}T{time}' THEN 3 + 2 * (({zone}) > 0) ELSE 0 END",
      fmt::arg("c", c), fmt::arg("number", static_cast<int>(kNumberForm)), fmt::arg("least", kLeastText),
      fmt::arg("none", static_cast<int>(kNone)), fmt::arg("date", date), fmt::arg("time", time),
      fmt::arg("whole", whole), fmt::arg("zone", zone));
}

std::string ByForm(const std::string& form, const std::string& column, const std::string& from, int64_t now,
                   const std::string& server_now, const char* no_limit) {
  constexpr char alias[] = "migrate_form";
  std::string sql = "SELECT 1 AS one";
  constexpr std::array<std::pair<int, const char*>, 7> kOf = {{{kNumberForm, "number"},
                                                               {kDate, "date"},
                                                               {kBlankTime, "blank_time"},
                                                               {kTTime, "t_time"},
                                                               {kBlankUtc, "blank_utc"},
                                                               {kTUtc, "t_utc"},
                                                               {kOdd, "odd"}}};
  for (const auto& [number, name] : kOf)
    sql += fmt::format(", max(CASE {}.form WHEN {} THEN {}.v END) AS {}", alias, number, alias, name);
  const auto limit = [&](const char* like) { return "'" + TimeLike(like, now) + "'"; };
  sql += fmt::format(
      ", max(CASE WHEN {0}.form = 1 AND {0}.v <= {1} OR {0}.form IN (2, 4) AND {0}.v <= {2} OR {0}.form IN (3, 5) AND "
      "{0}.v <= {3} THEN {0}.v END) AS past",
      alias, limit("0000-00-00"), limit("0000-00-00 "), limit("0000-00-00T"));
  return sql + fmt::format(", {} AS now FROM (SELECT {} AS v, {} AS form FROM {} WHERE {} IS NOT NULL{}) AS {}",
                           server_now, column, form, from, column, no_limit, alias);
}

Status Refused(std::string message, std::string hint) { return Status::Plan(std::move(message), std::move(hint)); }

std::string Shown(const Cell& cell) {
  if (cell.type == CellType::kBytes) return "bytes";
  constexpr size_t kMost = 40;
  const std::string text(cell.bytes);
  if (text.size() <= kMost) return "'" + text + "'";
  size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return "'" + text.substr(0, end) + "...'";
}

Status NoTime(const std::string& column, const std::string& shown) {
  return Refused(
      fmt::format("column {} holds {}, which is no time of the form YYYY-MM-DD HH:MM:SS: texts sort by their bytes "
                  "('10' before '9'), and rows that come later could stay unread",
                  column, shown),
      "for numbers that are kept as texts read a query that has CAST(... AS INTEGER) as a column of its own; for odd "
      "values a query that has NULL for them (such rows are read each time); or take extract.incremental out, then "
      "the whole table is read each time");
}

Status NoCommonOrder(const std::string& column) {
  return Refused(fmt::format("column {} holds values of several types, which have no common order", column),
                 "a column of one type: numbers, or times of the form YYYY-MM-DD HH:MM:SS");
}

}  // namespace

std::string OrderQuery(ColumnKind kind, const std::string& column, const std::string& from, int64_t now) {
  // What a server's defaults write: its own zone, or UTC.
  const std::string server_now =
      "least(utc_timestamp(), coalesce(convert_tz(utc_timestamp(), '+00:00', 'SYSTEM'), utc_timestamp()))";
  switch (kind) {
    case ColumnKind::kAny:  // the limit keeps SQLite from evaluating the form once for each of its uses
      return ByForm(SqliteForm(column), column, from, now, "''", " LIMIT -1");
    case ColumnKind::kText:
      return ByForm(MysqlForm(column), column, from, now, server_now, "");
    case ColumnKind::kNumber:
      return fmt::format(
          "SELECT 1 AS one, max({}) AS number, '' AS date, '' AS blank_time, '' AS t_time, '' AS blank_utc, '' AS "
          "t_utc, '' AS odd, '' AS past, '' AS now FROM {}",
          column, from);
    case ColumnKind::kTime:
      break;
  }
  return fmt::format(
      "SELECT 1 AS one, '' AS number, '' AS date, max({0}) AS blank_time, '' AS t_time, '' AS blank_utc, '' AS t_utc, "
      "'' AS odd, max(CASE WHEN {0} <= '{3}' THEN {0} END) AS past, {2} AS now FROM {1} WHERE {0} >= '0001-01-01'",
      column, from, server_now, TimeLike("0000-00-00 ", now));
}

std::string NoValue(ColumnKind kind, bool number, const std::string& column) {
  switch (kind) {
    case ColumnKind::kAny:  // a blank text beside numbers is greater than they, and so within the part
      return number ? "" : fmt::format("CAST({} AS TEXT) < {}", column, kLeastText);
    case ColumnKind::kText:
      return fmt::format("{} < {}", column, kLeastText);
    case ColumnKind::kTime:
      return fmt::format("{} < '0001-01-01'", column);
    case ColumnKind::kNumber:
      break;
  }
  return "";
}

Result<Mark> MarkOf(const std::string& column, const std::vector<Cell>& row, int64_t now) {
  const auto text = [&](size_t i) {
    return row[i].type == CellType::kNull ? std::string() : std::string(row[i].bytes);
  };
  const Cell& odd = row[kOddAt];
  Mark mark;
  bool two = false;
  for (size_t i = 0; i < kForms; ++i) {
    const std::string value = text(kFormsAt + i);
    if (value.empty()) continue;
    two |= mark.form != 0;
    if (two)
      return Refused(
          fmt::format("column {} holds times of several forms, such as '{}' and '{}', whose order as texts "
                      "is not that of the times",
                      column, mark.value, value),
          "bring the column to one form; or read a query that has all in one form as a column of its own; or "
          "take extract.incremental out, then the whole table is read each time");
    mark.value = value;
    mark.form = static_cast<int>(i) + 1;
  }
  const bool has_odd = odd.type == CellType::kBytes || !text(kOddAt).empty();
  if (!text(kNumberAt).empty()) {
    if (has_odd || mark.form != 0) return NoCommonOrder(column);
    mark = {text(kNumberAt), true, 0, ""};
    const char first = mark.value[mark.value[0] == '-' ? 1 : 0];
    if (first < '0' || first > '9') mark.value.clear();  // an infinity, which nothing comes behind
    return mark;
  }
  if (has_odd) return NoTime(column, Shown(odd));
  if (mark.value.empty()) return mark;
  const auto seconds = SecondsOf(mark.value);
  if (!seconds) return NoTime(column, "'" + mark.value + "'");
  if (const auto server = SecondsOf(text(kNowAt))) now = std::min(now, *server);
  if (*seconds <= now) return mark;
  if (*seconds > now + kClocksApart) mark.future = mark.value;
  const std::string past = text(kPastAt);
  mark.value = SecondsOf(past).value_or(INT64_MAX) <= now ? past : past.empty() ? past : TimeLike(past, now);
  return mark;
}

int64_t EarliestClock() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  if (localtime_r(&now, &local) == nullptr) return now;
  return now + std::min<int64_t>(local.tm_gmtoff, 0);
}

std::optional<int64_t> SecondsOf(const std::string& value) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  char t = 0;
  const int n = std::sscanf(value.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d", &y, &mo, &d, &t, &h, &mi, &s);
  const bool date_only = n == 3 && value.size() == 10;
  if (!date_only && (n != 7 || (t != ' ' && t != 'T'))) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(mo)),
                                        std::chrono::day(static_cast<unsigned>(d))};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day).time_since_epoch().count() * int64_t{86400} + h * 3600 + mi * 60 + s;
}

std::string TimeLike(const std::string& value, int64_t seconds) {
  constexpr int64_t kYearOne = int64_t{-719162} * 86400;  // there is no text for what is earlier
  seconds = std::max(seconds, kYearOne);
  const int64_t of_day = ((seconds % 86400) + 86400) % 86400;
  const std::chrono::sys_days day{std::chrono::days((seconds - of_day) / 86400)};
  const std::chrono::year_month_day date(day);
  const std::string text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (value.size() == 10) return text;
  return fmt::format("{}{}{:02}:{:02}:{:02}", text, value[10], of_day / 3600, of_day / 60 % 60, of_day % 60);
}

}  // namespace migrate::run
