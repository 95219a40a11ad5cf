// Output: where an export goes. Bytes are buffered (64 KiB) and written in order; nothing is complete before Finish().
//
//   MIGRATE_ASSIGN(auto out, report::FileOutput(path));
//   MIGRATE_TRY(report::ExportLinks(db, *out));
//   MIGRATE_TRY(out->Finish());
//
// Not thread-safe. An Output that is destroyed without Finish() leaves no file behind.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "migrate/base/status.h"

namespace migrate::report {

class Output {
 public:
  virtual ~Output() = default;
  virtual Status Write(std::string_view bytes) = 0;
  // Hands on what is buffered and makes the result last. Call once, after the last Write.
  virtual Status Finish() = 0;
};

// Standard output. A reader that went away (EPIPE) is an error like any other.
std::unique_ptr<Output> StdoutOutput();

// A file of mode 0600 that appears under `path` only when Finish() succeeded: it is written to PATH.tmp, synced and
// renamed. A symbolic link stays, and the file that it points to is replaced in its folder, as a shell's `>` would have
// it. A path that exists and is no regular file (/dev/null, a pipe), or a link to nothing, is written to directly; a
// folder is an error.
Result<std::unique_ptr<Output>> FileOutput(const std::string& path);

// Appends to *text, which must outlive the Output.
std::unique_ptr<Output> StringOutput(std::string* text);

}  // namespace migrate::report
