// Rows of persons that leave the target, as an event of the audit trail: what, how many bytes and rows, who, whereto;
// also of a reader that went away before the end, for it has what was written until then.
//
//   const NoPipeSignal no_signal;
//   MIGRATE_ASSIGN(auto file, OpenOutput(path));
//   AuditedOutput out(std::move(file));
//   Status written = WriteIt(out);
//   if (written.ok()) written = out.Finish();
//   out.Note(common, plan, "links", "", path, written.ok());
#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "command.h"
#include "migrate/base/hash.h"
#include "migrate/report/output.h"

namespace migrate::cli {

// While it lives, a reader that goes away is an error of a write instead of the end of the process.
class NoPipeSignal {
 public:
  NoPipeSignal() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;
  ~NoPipeSignal() { std::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

// Counts and hashes what goes through: bytes, and CSV lines, of which one is the header.
class AuditedOutput : public report::Output {
 public:
  explicit AuditedOutput(std::unique_ptr<report::Output> to) : to_(std::move(to)) {}
  Status Write(std::string_view text) override;
  Status Finish() override { return to_->Finish(); }
  uint64_t bytes() const { return bytes_; }
  uint64_t rows() const { return lines_ == 0 ? 0 : lines_ - 1; }
  // The event "export"; once, at the end, with the target closed. Nothing where nothing was written. Of an output that
  // was broken off bytes and rows are those that were handed on; its reader may have taken up to 128 KiB less.
  // `unfinished_import`: one that had not ended when the rows were read, 0: none.
  void Note(const Common& common, const plan::Plan& plan, const std::string& what, const std::string& source,
            const std::string& path, bool complete, int64_t unfinished_import = 0);

 private:
  std::unique_ptr<report::Output> to_;
  Sha256Hasher hasher_;
  bool quoted_ = false;
  uint64_t bytes_ = 0, lines_ = 0;
};

}  // namespace migrate::cli
