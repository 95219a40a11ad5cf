// SQL text for MySQL, cut up: where parameters stand, where statements end. Quotes and comments are skipped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migrate::store {

// A statement with parameters: texts[0] ? texts[1] ? ... ; parameter[i] is the number (from 1) of what follows
// texts[i].
struct SqlTemplate {
  std::vector<std::string> texts;
  std::vector<int> parameters;
  int count = 0;  // the highest number
};
// `?` takes the next number, `?3` says its own.
SqlTemplate ParseTemplate(std::string_view sql);

// The statements of a script, without their semicolons and comments; empty ones are left out.
std::vector<std::string> SplitStatements(std::string_view script);

}  // namespace migrate::store
