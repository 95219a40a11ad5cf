// Several connections to one target that read the same state of it, and tasks shared out among them.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/store/connection.h"

namespace migrate::reconcile {

class Sessions {
 public:
  // `db` and up to workers - 1 connections more, each in a snapshot that begins now. Nobody else writes meanwhile: the
  // run holds the target's lock. Where further connections do not come (the server has a limit), there are fewer.
  // Until the end a server sends texts as they lie, without a look at their character set: what damage made of them
  // would otherwise come as question marks.
  static Result<std::unique_ptr<Sessions>> Open(
      store::Connection* db, const std::function<Result<std::unique_ptr<store::Connection>>()>& connect,
      unsigned workers);
  ~Sessions() { EndSnapshots(); }
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  // Runs task(connection, i) for every i below n, each connection in a thread of its own. Stops at the first error and
  // gives that of the lowest i; kCancelled between two tasks.
  Status ForEach(size_t n, const Cancel* cancel, const std::function<Status(store::Connection*, size_t)>& task);

 private:
  Sessions() = default;
  void EndSnapshots();
  std::vector<std::unique_ptr<store::Connection>> own_;
  std::vector<store::Connection*> all_;
};

}  // namespace migrate::reconcile
