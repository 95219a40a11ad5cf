// The numbers of a page that have a command, and the list of these commands at the page's end: a number is a link to
// its line there, so that the page can be read, printed and walked by keyboard without a script.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json_view.h"

namespace migrate::report {

class NumberLinks {
 public:
  explicit NumberLinks(const Json& report);

  // `n` in digits, linked to `migrate rows PLAN NUMBER FILTERS --import N`. Plain if it is 0, or if the report is of no
  // import (a dry run): then there is nothing to list. `filters` are quoted for the shell already.
  std::string Link(int64_t n, std::string_view number, const std::string& filters = "");
  // Only the link's address, "" where Link would give plain digits.
  std::string Address(int64_t n, std::string_view number, const std::string& filters = "");

  // The list, in the order in which the numbers came; "" if there are none.
  std::string Html() const;

  struct Line {
    std::string command, means;
    int64_t rows = 0;
  };
  const std::vector<Line>& lines() const { return lines_; }

 private:
  std::string plan_;
  int64_t import_ = 0;
  std::vector<Line> lines_;
};

// " --source NAME", quoted; "" for "".
std::string Filter(std::string_view option, std::string_view value);

}  // namespace migrate::report
