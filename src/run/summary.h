// What a run says of its stages and of itself, in a few words for people.
#pragma once

#include <cstdint>
#include <string>

#include "context.h"

namespace migrate::run {

// Rows that a stage has handled, as the manifest and the context know them.
uint64_t StageRows(const Context& c, plan::Stage stage);
// The line behind a stage that is done.
std::string StageSummary(const Context& c, plan::Stage stage);
// The lines at the end of a run, from its report; `open`: rejects that are open.
std::string RunDigest(const Context& c, const std::string& report_json, int64_t open);

// A later run of single stages does not know how the records were matched; the report of the import, at `path`, still
// does, and `report` gets it.
Status KeepMatch(const Context& c, const std::string& path, std::string* report);

// Open rejects of what the inputs hold now; those of a content that was replaced stay listed, but are no input's any
// more. Reads c.db.
Result<int64_t> OpenRejects(const Context& c);

}  // namespace migrate::run
