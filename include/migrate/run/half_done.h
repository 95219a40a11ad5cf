// Is what the target shows half of an import?
#pragma once

#include <cstdint>
#include <string>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// An import (a run, rollback or matching) that has written and has not ended, because it is at work or has died:
// records may be there whose persons are not. `import_id` 0: there is none; with `text`, what to tell a reader.
struct HalfDone {
  int64_t import_id = 0;
  std::string text;
};
// Of several the first one. An import whose persons are all there, and which only lacks its proof, is not half done.
Result<HalfDone> HalfDoneImport(store::Connection* db);

}  // namespace migrate::run
