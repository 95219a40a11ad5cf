// The database servers that a plan names: logging in, and one snapshot a server for all of its sources.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "migrate/base/status.h"
#include "migrate/extract/mysql_source.h"
#include "migrate/plan/plan.h"
#include "migrate/store/mysql.h"

namespace migrate::run {

// How to log in to the server of a MySQL source or target. Nothing is read or asked yet: the password is, at each
// connect (store::MysqlOptions::read_password), so that one that changed is read anew when a connection is lost:
//   env      the variable's value; an unset variable is no password
//   file     without the line end behind it
//   command  the first line of its output, used again for a minute: sessions that begin together run it once
//   prompt   asked on the terminal, without showing it, once in this process for a user of a server
//   aws_iam  a token made of the AWS keys found then (store/aws_iam.h), used again for ten minutes
// Errors never hold what was read.
store::MysqlOptions LoginTo(const plan::Source& source);
store::MysqlOptions LoginTo(const plan::Target& target);
// The same for a server that the plan names only by URL, such as the target's reader: a token of IAM is for one host.
store::MysqlOptions LoginTo(const std::string& user, const std::string& host, int port, const std::string& database,
                            const plan::Secret& password, const plan::Tls& tls);

// What to add to the hint of an error of logging in: "; the variable NAME is not set", or "".
std::string PasswordHint(const plan::Secret& secret);

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
  const plan::Plan& plan_;
  size_t readers_;
  extract::ThrottleHooks hooks_;
  std::map<std::string, std::shared_ptr<extract::Throttle>> throttles_;  // by source
  std::map<std::string, std::shared_ptr<extract::MysqlServer>> open_;
};

}  // namespace migrate::run
