// What a report says in one line, and the commands to go on with: shared by the page and the text.
#pragma once

#include <string>
#include <vector>

#include "json_view.h"

namespace migrate::report {

struct Verdict {
  enum class Level { kGood, kWarn, kBad };
  Level level = Level::kGood;
  std::string title;                   // "Done, 12 rows in quarantine"
  std::vector<std::string> sentences;  // what was done, and whether source and target agree
};
Verdict Judge(const Json& report);

// The numbers of the flow: `flow`, or in a dry run, which has no flow, the forecast.
const Json& FlowOf(const Json& report);

// The plan as the operator typed it, quoted for the shell; "PLAN" if the report does not say.
std::string PlanWord(const Json& report);

struct Command {
  std::string line, what;
};
// Commands that list the rows behind the numbers; those that the verdict asks for come first.
std::vector<Command> NextCommands(const Json& report);

// An equation of the books, "1,000 counted = 2 quarantined + 998 loaded", and whether it holds.
struct Balance {
  struct Part {
    std::string name;  // a key of `flow`
    int64_t rows = 0;
  };
  Part whole;
  std::vector<Part> parts;
  bool holds = true;
  std::string Text() const;
};
std::vector<Balance> Balances(const Json& flow);

std::string UtcText(const std::string& iso);  // "2026-01-02T03:04:05Z" -> "2026-01-02 03:04:05 UTC"

}  // namespace migrate::report
