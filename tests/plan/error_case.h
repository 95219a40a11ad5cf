// Plans that are wrong in one place, and what is said about it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "migrate/plan/load.h"

namespace migrate::plan {

struct ErrorCase {
  std::string plan;
  const char* expected;  // all diagnostics, as they are printed
};

inline std::string Whole(const std::string& text) { return text; }

// A good plan of which one part is replaced: the target in line 2, the source in line 4, further keys from line 5 on.
inline std::string Around(const std::string& target, const std::string& source, const std::string& rest) {
  return "name: people\ntarget: " + target + "\nsources:\n  crm: " + source + "\n" + rest + (rest.empty() ? "" : "\n");
}
inline constexpr char kGoodTarget[] = R"({url: "sqlite:p.db"})";
inline constexpr char kGoodSource[] = "{type: csv, path: a.csv, fields: {email: E-Mail}}";
inline std::string WithTarget(const std::string& target) { return Around(target, kGoodSource, ""); }
inline std::string WithSource(const std::string& source) { return Around(kGoodTarget, source, ""); }
inline std::string WithRest(const std::string& rest) { return Around(kGoodTarget, kGoodSource, rest); }

// Version 0.1.0, and an environment of A, an empty variable and one in Latin-1.
inline LoadOptions TestOptions() {
  LoadOptions options;
  options.version = "0.1.0";
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "A") return "a";
    if (name == "EMPTY") return "";
    if (name == "LATIN") return "\xE9x";
    return std::nullopt;
  };
  return options;
}

// Appends a message that a test asserts verbatim to the file that MIGRATE_MESSAGES names, if it does: docs/messages.md
// is made of these (tests/messages.py).
inline void CollectMessage(const std::string& section, const std::string& text) {
  const char* file = std::getenv("MIGRATE_MESSAGES");
  if (file == nullptr) return;
  std::ofstream(file, std::ios::app) << nlohmann::json({{"section", section}, {"text", text}}).dump() << "\n";
}

inline std::string ErrorText(const std::string& plan) { return LoadPlanText(plan, "plan.yaml", TestOptions()).Text(); }

inline void ExpectErrors(const std::string& section, const ErrorCase& c) {
  EXPECT_EQ(ErrorText(c.plan), c.expected) << c.plan;
  CollectMessage(section, c.expected);
}

}  // namespace migrate::plan
