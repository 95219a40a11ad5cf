// CSV as RFC 4180 has it: fields separated by commas, lines ended by CRLF, a field in double quotes where it holds a
// comma, a quote (doubled), CR or LF. UTF-8 without a byte order mark. Bytes are written as they are, so a reader gets
// back exactly what was put in.
#pragma once

#include <string>
#include <string_view>

namespace migrate::report {

// Builds one line at a time; Line() gives it with its CRLF and starts the next. The buffer is reused.
class CsvLine {
 public:
  // kQuoted writes the quotes even where they are not needed: how an empty text is told from a NULL, if it must be.
  enum class Style { kPlain, kQuoted };
  CsvLine& Add(std::string_view field, Style style = Style::kPlain);
  // Valid until the next Add.
  std::string_view Line();

 private:
  std::string text_;
  int fields_ = 0;
  bool done_ = false;
};

}  // namespace migrate::report
