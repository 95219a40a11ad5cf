// The parts of ExplainJson.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "look.h"
#include "migrate/run/explain.h"
#include "server_advice.h"

namespace migrate::run {

// What the target holds before the run.
struct TargetNow {
  bool there = false;  // with tables of migrate in it
  uint64_t bytes = 0, records = 0, persons = 0;
  int64_t imports = 0;
  bool model = false, model_holds = false;  // it keeps a model; which is in force for the plan
  bool indexes = false;
  std::string partitions;           // fixed by its first load, "" before
  std::string run_key, last_state;  // of this plan's last import that was not abandoned
};

struct Explained {
  const plan::Plan& plan;
  const ExplainOptions& options;
  unsigned threads = 1;
  uint64_t sort_budget = 0;
  TargetNow target = {};
  ServerVariables server = {};  // of the target; empty where it has none, or does not tell
  std::vector<Input> inputs = {};
  std::vector<Look> looks = {};       // parallel to inputs; empty ones for what is not read
  std::vector<double> overlaps = {};  // parallel: rows that the target holds already, as far as their file tells
  Volume volume = {};
  uint64_t at_hand = 0;             // rows that an unfinished import has extracted already
  double rows = 0, rows_error = 0;  // to be read; the error as a share
  std::array<Rate, 5> rates = {};
};

// A list of sentences for each stage of the plan.
nlohmann::json StageSentences(const Explained& e, plan::Stage stage);

}  // namespace migrate::run
