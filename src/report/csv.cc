#include "migrate/report/csv.h"

namespace migrate::report {

CsvLine& CsvLine::Add(std::string_view field, Style style) {
  if (done_) {
    text_.clear();
    fields_ = 0;
    done_ = false;
  }
  if (fields_++ > 0) text_.push_back(',');
  if (style == Style::kPlain && field.find_first_of(",\"\r\n") == std::string_view::npos) {
    text_.append(field);
    return *this;
  }
  text_.push_back('"');
  for (char c : field) {
    if (c == '"') text_.push_back('"');
    text_.push_back(c);
  }
  text_.push_back('"');
  return *this;
}

std::string_view CsvLine::Line() {
  // A line of one empty field would be a blank line, which readers skip.
  if (text_.empty() && fields_ == 1) text_ = "\"\"";
  text_.append("\r\n");
  done_ = true;
  return text_;
}

}  // namespace migrate::report
