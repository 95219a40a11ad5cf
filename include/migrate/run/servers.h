// The database servers that a plan's sources name: logging in, and one snapshot a server for all of its sources.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "migrate/base/status.h"
#include "migrate/extract/mysql_source.h"
#include "migrate/plan/plan.h"

namespace migrate::run {

// The password behind a plan's `password` key, read now: from the environment (an unset variable is no password), a
// file (a line end behind it is dropped) or the output of a command (its first line). "" if the plan names none.
// Errors never hold what was read.
Result<std::string> ReadSecret(const plan::Secret& secret);

class Servers {
 public:
  // `readers`: sessions that may read at the same time, per server; 0 is one for everything, to look at columns.
  // `hooks`: the clock, voice and cancellation of throttles.
  Servers(const plan::Plan& plan, size_t readers, extract::ThrottleHooks hooks = {})
      : plan_(plan), readers_(readers), hooks_(std::move(hooks)) {}
  // The server of a MySQL source, connected when it is first asked for. One snapshot for all sources of the plan that
  // log in to the same server in the same way.
  Result<std::shared_ptr<extract::MysqlServer>> Of(const plan::Source& source);
  // Forgets the server, so that Of begins another snapshot. Readers that have the old one keep it.
  void Forget(const plan::Source& source);
  // What holds all readers of the source back; null if the plan does not throttle it. After Of.
  std::shared_ptr<extract::Throttle> ThrottleOf(const plan::Source& source);

 private:
  Result<store::MysqlOptions> Login(const plan::Source& source) const;

  const plan::Plan& plan_;
  size_t readers_;
  extract::ThrottleHooks hooks_;
  std::map<std::string, std::shared_ptr<extract::Throttle>> throttles_;  // by source
  std::map<std::string, std::shared_ptr<extract::MysqlServer>> open_;
};

}  // namespace migrate::run
