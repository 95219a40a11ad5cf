// Whole messages about target: URLs, secrets, TLS, partitions.
#include <gtest/gtest.h>

#include "error_case.h"

namespace migrate::plan {
namespace {

TEST(PlanErrors, Target) {
  const ErrorCase cases[] = {
      {WithTarget("{url: \"people.db\"}"),
       R"(plan.yaml:2:15: error: target.url has no scheme
target: {url: "people.db"}
              ^
  expected sqlite:PATH or mysql://user@host:port/database
)"},
      {WithTarget("{url: \"postgres://u@h/d\"}"),
       R"(plan.yaml:2:15: error: target.url has the unknown scheme 'postgres'
target: {url: "postgres://u@h/d"}
              ^
  expected sqlite:PATH or mysql://user@host:port/database
)"},
      {WithTarget("{url: \"mariadb://u@h/d\"}"),
       R"(plan.yaml:2:15: error: target.url has the unknown scheme 'mariadb'
target: {url: "mariadb://u@h/d"}
              ^
  expected sqlite:PATH or mysql://user@host:port/database; did you mean 'mysql'?
)"},
      {WithTarget("{url: \"sqlite3:p.db\"}"),
       R"(plan.yaml:2:15: error: target.url has the unknown scheme 'sqlite3'
target: {url: "sqlite3:p.db"}
              ^
  expected sqlite:PATH or mysql://user@host:port/database; did you mean 'sqlite'?
)"},
      {WithTarget("{url: \"sqlite:\"}"),
       R"(plan.yaml:2:15: error: target.url has no path
target: {url: "sqlite:"}
              ^
  expected sqlite:PATH, such as sqlite:people.db
)"},
      {WithTarget("{url: \"sqlite://p.db\"}"),
       R"(plan.yaml:2:15: error: target.url has slashes behind 'sqlite:'
target: {url: "sqlite://p.db"}
              ^
  expected sqlite:PATH, such as sqlite:people.db
)"},
      {WithTarget("{url: \"sqlite::memory:\"}"),
       R"(plan.yaml:2:15: error: target.url is a database in memory, which no second command could read
target: {url: "sqlite::memory:"}
              ^
  expected sqlite:PATH, a file
)"},
      {WithTarget("{url: \"mysql:u@h/d\"}"),
       R"(plan.yaml:2:15: error: target.url has no '//' behind 'mysql:'
target: {url: "mysql:u@h/d"}
              ^
  expected mysql://user@host:port/database
)"},
      {WithTarget("{url: \"mysql://h/d\"}"),
       R"(plan.yaml:2:15: error: target.url names no user
target: {url: "mysql://h/d"}
              ^
  expected mysql://user@host:port/database
)"},
      {WithTarget("{url: \"mysql://u@/d\"}"),
       R"(plan.yaml:2:15: error: target.url names no host
target: {url: "mysql://u@/d"}
              ^
  expected mysql://user@host:port/database
)"},
      {WithTarget("{url: \"mysql://u@h\"}"),
       R"(plan.yaml:2:15: error: target.url names no database
target: {url: "mysql://u@h"}
              ^
  expected mysql://user@host:port/database
)"},
      {WithTarget("{url: \"mysql://u@h:0/d\"}"),
       R"(plan.yaml:2:15: error: target.url has a bad port
target: {url: "mysql://u@h:0/d"}
              ^
  expected mysql://user@host:port/database, the port from 1 to 65535
)"},
      {WithTarget("{url: \"mysql://u@h:99999/d\"}"),
       R"(plan.yaml:2:15: error: target.url has a bad port
target: {url: "mysql://u@h:99999/d"}
              ^
  expected mysql://user@host:port/database, the port from 1 to 65535
)"},
      {WithTarget("{url: \"mysql://u@h/d?ssl=1\"}"),
       R"(plan.yaml:2:15: error: target.url has more behind the database
target: {url: "mysql://u@h/d?ssl=1"}
              ^
  expected mysql://user@host:port/database; TLS is set by 'tls:'
)"},
      {WithTarget("{url: \"mysql://u:hunter2@h/d\"}"),
       R"(plan.yaml:2:15: error: target.url holds a password
target: {url: "mysql://u:***@h/d"}
              ^
  expected mysql://user@host:port/database without it, and beside it 'password: {env: NAME}'
)"},
      {WithTarget("{url: \"mysql://u:hun@ter,2@h/d\"}"),
       R"(plan.yaml:2:15: error: target.url holds a password
target: {url: "mysql://u:***@h/d"}
              ^
  expected mysql://user@host:port/database without it, and beside it 'password: {env: NAME}'
)"},
      {WithTarget("{url: \"sqlite:p.db\", reader_url: \"sqlite:q.db\"}"),
       R"(plan.yaml:2:42: error: target.reader_url has the unknown scheme 'sqlite'
target: {url: "sqlite:p.db", reader_url: "sqlite:q.db"}
                                         ^
  expected mysql://user@host:port/database
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: hunter2}"),
       R"(plan.yaml:2:42: error: target.password: a password must not stand in a plan
target: {url: "mysql://u@h/d", password: ***
                                         ^
  expected {env: NAME}, {file: PATH}, {command: "..."}, {aws_iam: {region: ...}} or {prompt: true}
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: {env: A, file: b}}"),
       R"(plan.yaml:2:51: error: both 'env' and 'file' in target.password
target: {url: "mysql://u@h/d", password: {env: A, file: b}}
                                                  ^
  expected exactly one of 'env', 'file', 'command', 'aws_iam', 'prompt'
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: {}}"),
       R"(plan.yaml:2:32: error: target.password has none of 'env', 'file', 'command', 'aws_iam', 'prompt'
target: {url: "mysql://u@h/d", password: {}}
                               ^
  expected exactly one of 'env', 'file', 'command', 'aws_iam', 'prompt'
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: {value: hunter2}}"),
       R"(plan.yaml:2:43: error: unknown key 'value' in target.password
target: {url: "mysql://u@h/d", password: {value: ***
                                          ^
  expected one of 'env', 'file', 'command', 'aws_iam', 'prompt'
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: [hunter2]}"),
       R"(plan.yaml:2:42: error: target.password is a list
target: {url: "mysql://u@h/d", password: [***
                                         ^
  expected {env: NAME}, {file: PATH}, {command: "..."}, {aws_iam: {region: ...}} or {prompt: true}
)"},
      {WithTarget("{url: \"mysql://u@h/d\", pasword: hunter2, bogus: 1}"),
       R"(plan.yaml:2:32: error: unknown key 'pasword' in target
target: {url: "mysql://u@h/d", pasword: ***, bogus: 1}
                               ^
  expected one of 'url', 'password', 'tls', 'reader_url', 'partitions', 'compression'; did you mean 'password'?

plan.yaml:2:50: error: unknown key 'bogus' in target
target: {url: "mysql://u@h/d", pasword: ***, bogus: 1}
                                             ^
  expected one of 'url', 'password', 'tls', 'reader_url', 'partitions', 'compression'
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: {aws_iam: {}}}"),
       R"(plan.yaml:2:43: error: target.password.aws_iam has no 'region'
target: {url: "mysql://u@h/d", password: {aws_iam: {}}}
                                          ^
  expected a region of AWS, such as us-east-1
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: {aws_iam: {region: r}}, tls: {mode: required}}"),
       R"(plan.yaml:2:78: error: target.tls.mode is 'required', and AWS IAM logs in only to a server whose certificate is checked
target: {url: "mysql://u@h/d", password: {aws_iam: {region: r}}, tls: {mode: required}}
                                                                             ^
  expected verify_identity
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: {prompt: yes}}"),
       R"(plan.yaml:2:51: error: target.password.prompt is 'yes'
target: {url: "mysql://u@h/d", password: {prompt: yes}}
                                                  ^
  expected 'true'
)"},
      {WithTarget("{url: \"mysql://u@h/d\", password: {env: hunter 2}}"),
       R"(plan.yaml:2:48: error: target.password.env is 'hunter 2'
target: {url: "mysql://u@h/d", password: {env: hunter 2}}
                                               ^
  expected the name of an environment variable
)"},
      {WithTarget("{url: \"mysql://u@h/d\", tls: {mode: verify-identity}}"),
       R"(plan.yaml:2:44: error: target.tls.mode is 'verify-identity'
target: {url: "mysql://u@h/d", tls: {mode: verify-identity}}
                                           ^
  expected one of 'disabled', 'required', 'verify_ca', 'verify_identity'; did you mean 'verify_identity'?
)"},
      {WithTarget("{url: \"mysql://u@h/d\", tls: true}"),
       R"(plan.yaml:2:37: error: target.tls is a single value
target: {url: "mysql://u@h/d", tls: true}
                                    ^
  expected a mapping such as {mode: verify_identity, ca: PATH}
)"},
      {WithTarget("\n  url: mysql://u@h/d\n  password: |\n    hunter2\n    hunter3\n  partitions: many"),
       R"(plan.yaml:4:13: error: target.password: a password must not stand in a plan
  password: ***
            ^
  expected {env: NAME}, {file: PATH}, {command: "..."}, {aws_iam: {region: ...}} or {prompt: true}

plan.yaml:7:15: error: target.partitions is 'many'
  partitions: many
              ^
  expected a whole number from 1 to 1024
)"},
      {WithTarget("{url: \"sqlite:p.db\", partitions: 0}"),
       R"(plan.yaml:2:42: error: target.partitions is '0'
target: {url: "sqlite:p.db", partitions: 0}
                                         ^
  expected a whole number from 1 to 1024
)"},
      {WithTarget("{url: \"sqlite:p.db\", partitions: 1025}"),
       R"(plan.yaml:2:42: error: target.partitions is '1025'
target: {url: "sqlite:p.db", partitions: 1025}
                                         ^
  expected a whole number from 1 to 1024
)"},
      {WithTarget("{url: \"sqlite:p.db\", partitions: 032}"),
       R"(plan.yaml:2:42: error: target.partitions is '032'
target: {url: "sqlite:p.db", partitions: 032}
                                         ^
  expected a whole number from 1 to 1024
)"},
      {WithTarget("{url: \"sqlite:p.db\", partitions: -1}"),
       R"(plan.yaml:2:42: error: target.partitions is '-1'
target: {url: "sqlite:p.db", partitions: -1}
                                         ^
  expected a whole number from 1 to 1024
)"},
      {WithTarget("{url: \"sqlite:p.db\", partitions: 1.5}"),
       R"(plan.yaml:2:42: error: target.partitions is '1.5'
target: {url: "sqlite:p.db", partitions: 1.5}
                                         ^
  expected a whole number from 1 to 1024
)"},
      {WithTarget("{url: \"mysql://u@h/d\", compression: zstd}"),
       R"(plan.yaml:2:45: error: target.compression is 'zstd'
target: {url: "mysql://u@h/d", compression: zstd}
                                            ^
  expected one of 'none', 'lz4', 'zlib'
)"},
      {WithTarget("{url: \"sqlite:p.db\", compression: lz4}"),
       R"(plan.yaml:2:43: error: target.compression is 'lz4', and a SQLite file has none
target: {url: "sqlite:p.db", compression: lz4}
                                          ^
  expected no compression, or a mysql:// target
)"},
      {WithTarget("{url: \"sqlite:p.db\", partitions: ~}"),
       R"(plan.yaml:2:30: error: target.partitions has no value
target: {url: "sqlite:p.db", partitions: ~}
                             ^
  expected a whole number from 1 to 1024
)"},
      {WithTarget("{url: \"sqlite:p.db\", partitions: [1]}"),
       R"(plan.yaml:2:42: error: target.partitions is a list
target: {url: "sqlite:p.db", partitions: [1]}
                                         ^
  expected a whole number from 1 to 1024
)"},
      {WithTarget("{url: \"mysql://u:h'un ter@h/d\"}"),
       R"(plan.yaml:2:15: error: target.url holds a password
target: {url: "mysql://u:***@h/d"}
              ^
  expected mysql://user@host:port/database without it, and beside it 'password: {env: NAME}'
)"},
  };
  for (const ErrorCase& c : cases) ExpectErrors("The plan: target", c);
}

}  // namespace
}  // namespace migrate::plan
