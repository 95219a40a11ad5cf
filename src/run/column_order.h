// Does a column that is read from a watermark on (extract: {incremental: COLUMN}) sort in its source as its values mean
// it, and which is the greatest of them? Rows that come later with a lesser value would never be read; so what has no
// such order for certain is refused.
//
// Numbers have it, and so have a server's dates and times. Texts sort by their bytes, which is the order of times only
// where all have one of these forms (and all the same one; a fraction of a second may follow the seconds):
//   YYYY-MM-DD   YYYY-MM-DD HH:MM:SS   YYYY-MM-DDTHH:MM:SS   and the last two with Z, +00, +0000 or +00:00
// Texts below '0001' (blank ones, and dates of the year 0) count as rows without a value; they are read each time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/record/record.h"

namespace migrate::run {

enum class ColumnKind {
  kAny,     // SQLite: each value has a type of its own
  kNumber,  // of a server
  kTime,    // of a server
  kText,    // of a server
};

// One row: one, number, date, blank_time, t_time, blank_utc, t_utc, odd, past, now; each the greatest value of its
// kind, empty or null if there is none; `past` is the greatest time that is not later than `now` (seconds since 1970,
// on the earliest of the clocks that the source may go by), and `now` the server's own clock, if it has one. `column`
// and `from` are SQL. Reads the whole column of texts, and of SQLite; else what the server's index gives.
std::string OrderQuery(ColumnKind kind, const std::string& column, const std::string& from, int64_t now);

// The condition for rows without a value, "" where IS NULL is all of it.
std::string NoValue(ColumnKind kind, bool number, const std::string& column);

struct Mark {
  std::string value;  // "": the column holds none
  bool number = false;
  int form = 0;        // of a text: which of the forms above, from 1
  std::string future;  // the greatest value if it lies in the future by any clock; `value` is then before it
};

// From the row of OrderQuery. `now`: seconds since 1970, on the earliest of the clocks that the source may go by; a
// time that is later is no watermark, for rows of today would be behind it: the watermark is then `now`. kPlan with
// message and hint if the values have no common order.
Result<Mark> MarkOf(const std::string& column, const std::vector<Cell>& row, int64_t now);

// The earlier of this machine's clock read as UTC and as local time, seconds since 1970 as if both were UTC.
int64_t EarliestClock();

// "YYYY-MM-DD", or with a time after a blank or T: seconds since 1970. Fractions and zones stay out.
std::optional<int64_t> SecondsOf(const std::string& value);
// The time in the form of `value`, in whole seconds and without a zone.
std::string TimeLike(const std::string& value, int64_t seconds);

}  // namespace migrate::run
