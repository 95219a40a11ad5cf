// `migrate init`: a commented plan from real files and databases.
#pragma once

#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/survey/mapping.h"
#include "migrate/survey/sources.h"

namespace migrate::survey {

struct InitOptions {
  std::vector<std::string> sources;  // as the operator wrote them
  std::string output;                // the plan's file, "" is stdout: its paths then start at the current folder
  std::string name;                  // of the plan, "" is made of the sources
  std::string target;                // URL, "" is sqlite:people.db beside the plan
  std::string version;               // of the program, for `requires`
  ServerAccess access = {};          // to MySQL servers among the sources
};

struct InitResult {
  SurveyResult survey;
  Settings settings;
  std::vector<Mapping> mappings;  // parallel to survey.sources
  std::string plan_name, target;
  std::string plan;   // the text
  size_t unsure = 0;  // how many lines of it say UNSURE
};

// Looks at the sources and writes the plan's text; the text has been loaded (plan::LoadPlanText) without an error.
// Nothing is written to disk.
Result<InitResult> MakePlan(const InitOptions& options);

// The plan's text: at most 100 columns wide where names and paths allow it.
std::string PlanText(const InitOptions& options, const InitResult& result);

// What was found, as one JSON object, indented: per source and column the profile, the guess with its confidence and
// reason, and the alternatives; examples masked.
std::string InitJson(const InitResult& result);

// A YAML scalar that reads back as `text`, quoted where it has to be; `${` is escaped.
std::string YamlScalar(std::string_view text);

}  // namespace migrate::survey
