// Status and Result<T>: the only way errors travel. Nothing below `main` throws across a room's edge, prints or exits.
//
//   Result<std::string> text = ReadFile(path);
//   if (!text.ok()) return text.status();
//
//   MIGRATE_TRY(file.Sync());                       // returns the Status if it is an error
//   MIGRATE_ASSIGN(auto text, ReadFile(path));      // declares `text`, or returns the Status
//
// A message says what failed, where and why ("campaign.csv: cannot open: Permission denied"); the hint says what to do.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace migrate {

// What an error means to the caller; `cli` maps it to an exit code (CONTRACT: 0, 1, 2, 4, 5, 130).
enum class ErrorKind {
  kFailed,           // 1: something outside the plan went wrong; the same command resumes once it is mended
  kPlan,             // 2: usage or plan error, nothing was touched
  kMismatch,         // 4: reconciliation found source and target unequal
  kQuarantineLimit,  // 5: more rows quarantined than the plan allows; the target was not touched
  kCancelled,        // 130: stopped by the operator; the same command resumes
};

class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  static Status Failed(std::string message, std::string hint = "") {
    return Status(ErrorKind::kFailed, std::move(message), std::move(hint));
  }
  static Status Plan(std::string message, std::string hint = "") {
    return Status(ErrorKind::kPlan, std::move(message), std::move(hint));
  }
  static Status Cancelled(std::string message = "cancelled",
                          std::string hint = "run the same command again to resume") {
    return Status(ErrorKind::kCancelled, std::move(message), std::move(hint));
  }
  Status(ErrorKind kind, std::string message, std::string hint = "")
      : error_(Error{kind, std::move(message), std::move(hint), false}) {}

  bool ok() const { return !error_.has_value(); }
  // The following need !ok().
  ErrorKind kind() const { return error_->kind; }
  const std::string& message() const { return error_->message; }
  const std::string& hint() const { return error_->hint; }
  // The world may mend it by itself within minutes (a connection that broke, a server that starts anew), so another try
  // is worth it.
  bool may_pass() const { return error_->may_pass; }
  Status MayPass(bool may_pass = true) const {
    Status s = *this;
    if (!s.ok()) s.error_->may_pass = may_pass;
    return s;
  }
  // The same error with "context: " before its message.
  Status Within(const std::string& context) const {
    return ok() ? *this : Status(kind(), context + ": " + message(), hint()).MayPass(may_pass());
  }

 private:
  struct Error {
    ErrorKind kind;
    std::string message, hint;
    bool may_pass = false;
  };
  std::optional<Error> error_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}        // NOLINT: implicit on purpose
  Result(Status error) : status_(std::move(error)) {}  // NOLINT: must not be ok
  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

#define MIGRATE_TRY(expr)                      \
  do {                                         \
    ::migrate::Status try_status_ = (expr);    \
    if (!try_status_.ok()) return try_status_; \
  } while (false)
#define MIGRATE_CONCAT_(a, b) a##b
#define MIGRATE_CONCAT(a, b) MIGRATE_CONCAT_(a, b)
#define MIGRATE_ASSIGN(lhs, expr) MIGRATE_ASSIGN_(MIGRATE_CONCAT(result_, __LINE__), lhs, expr)
#define MIGRATE_ASSIGN_(tmp, lhs, expr) \
  auto tmp = (expr);                    \
  if (!tmp.ok()) return tmp.status();   \
  lhs = *std::move(tmp)

}  // namespace migrate
