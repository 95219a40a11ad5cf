#include "mysql_text.h"

#include <algorithm>

namespace migrate::store {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The end of what begins at `at` and is to be taken as a whole: a quoted text or name, a comment; else at + 1.
size_t EndOfPiece(std::string_view sql, size_t at) {
  const char c = sql[at];
  if (c == '\'' || c == '"' || c == '`') {
    for (size_t i = at + 1; i < sql.size(); ++i) {
      if (c != '`' && sql[i] == '\\')
        ++i;
      else if (sql[i] == c)
        return i + 1;
    }
    return sql.size();
  }
  if (sql.substr(at, 3) == "-- " || sql.substr(at, 3) == "--\n") return std::min(sql.find('\n', at), sql.size());
  return at + 1;
}

}  // namespace

SqlTemplate ParseTemplate(std::string_view sql) {
  SqlTemplate t;
  t.texts.emplace_back();
  int next = 1;
  for (size_t i = 0; i < sql.size();) {
    if (sql[i] != '?') {
      const size_t end = EndOfPiece(sql, i);
      t.texts.back().append(sql.substr(i, end - i));
      i = end;
      continue;
    }
    int number = 0;
    for (++i; i < sql.size() && IsDigit(sql[i]); ++i) number = number * 10 + (sql[i] - '0');
    if (number == 0) number = next;
    next = number + 1;
    t.count = std::max(t.count, number);
    t.parameters.push_back(number);
    t.texts.emplace_back();
  }
  return t;
}

std::vector<std::string> SplitStatements(std::string_view script) {
  std::vector<std::string> out;
  std::string statement;
  auto take = [&] {
    const size_t begin = statement.find_first_not_of(" \t\r\n");
    if (begin != std::string::npos)
      out.push_back(statement.substr(begin, statement.find_last_not_of(" \t\r\n") + 1 - begin));
    statement.clear();
  };
  for (size_t i = 0; i < script.size();) {
    const size_t end = EndOfPiece(script, i);
    if (script[i] == ';')
      take();
    else if (end - i < 2 || script[i] != '-')  // comments are dropped
      statement.append(script.substr(i, end - i));
    i = end;
  }
  take();
  return out;
}

}  // namespace migrate::store
