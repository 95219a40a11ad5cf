// Reading texts into moments; private to this room. dates.cc decides what a moment is worth.
#pragma once

#include <string_view>

#include "migrate/record/mapping.h"

namespace migrate::normalize {

// What a text says, unchecked; 0 stands for "not known" in year, month and day.
struct Moment {
  int year = 0, month = 0, day = 0;
  int hour = 0, minute = 0, second = 0;
  std::string_view fraction;  // digits after the seconds' point
  bool by_order = false;      // month and day were told apart by the plan's order alone: they may be exchanged
  bool has_time = false, has_zone = false;
  int zone_minutes = 0;  // east of UTC
};

// ISO, month names, three numbers by `order`. False if the text has no such form.
bool ScanMoment(std::string_view text, DateOrder order, Moment* out);

// strptime's %d %e %m %Y %y %b %B %H %M %S %j %% and literal text; all of `text` must be read.
bool ScanFormat(std::string_view text, std::string_view format, Moment* out);

int DaysInMonth(int year, int month);
int WithCentury(int two_digits);  // see kPivot

}  // namespace migrate::normalize
