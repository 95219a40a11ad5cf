// The dedupe of an import that follows another one: only what is new is matched, by the state that the last matching
// left in the workspace's folder match (dedupe/match_state.h).
//
// The state counts only where nothing else can have changed what it speaks of: same tool version, plan and model; the
// target's persons are those that were decided with it, its audit trail goes on from the same event with events alone
// that change neither records nor persons, and this import is the one behind the state's, with its records in work/.
// Else everything is matched, and what the state did not fit is said.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "context.h"
#include "matching.h"
#include "migrate/dedupe/match_increment.h"
#include "migrate/dedupe/match_state.h"
#include "migrate/dedupe/persons.h"

namespace migrate::run {

std::string MatchFolder(const Context& c);

// What a state is made for. `persons` decides persons in the import at hand; call it before they are written.
Result<std::map<std::string, std::string>> MatchFacts(const Context& c, const MatchingOptions& matching,
                                                      const dedupe::PersonOptions& persons);

struct MatchedAgain {
  std::unique_ptr<dedupe::MatchState> state;
  dedupe::MatchIncrement increment;
};
// nullopt: match everything.
Result<std::optional<MatchedAgain>> MatchWhatIsNew(const Context& c, const MatchingOptions& matching,
                                                   const dedupe::Model& model, const dedupe::PersonOptions& persons);

// The record segments of this run's work.
Result<std::vector<spool::RecordSegment>> RecordSegments(const Context& c);

}  // namespace migrate::run
