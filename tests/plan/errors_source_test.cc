// Whole messages about sources: types and their keys.
#include <gtest/gtest.h>

#include "error_case.h"

namespace migrate::plan {
namespace {

TEST(PlanErrors, Source) {
  const ErrorCase cases[] = {
      {WithSource("{type: csv, path: a.csv, feilds: {email: E-Mail}}"),
       R"(plan.yaml:4:33: error: unknown key 'feilds' in sources.crm
  crm: {type: csv, path: a.csv, feilds: {email: E-Mail}}
                                ^
  expected one of 'type', 'path', 'key', 'mode', 'encoding', 'delimiter', 'ignore', 'fields', 'layouts', 'unknown_layout', 'contract'; did you mean 'fields'?
)"},
      {WithSource("{type: csv, path: a.csv, path: b.csv, fields: {email: E-Mail}}"),
       R"(plan.yaml:4:33: error: duplicate key 'path' in sources.crm
  crm: {type: csv, path: a.csv, path: b.csv, fields: {email: E-Mail}}
                                ^
  expected each key once; the first is in line 4
)"},
      {WithSource("{path: a.csv, fields: {email: E-Mail}}"),
       R"(plan.yaml:4:3: error: sources.crm has no 'type'
  crm: {path: a.csv, fields: {email: E-Mail}}
  ^
  expected one of 'csv', 'sqlite', 'mysql'
)"},
      {WithSource("{type: CSV, path: a.csv, fields: {email: E-Mail}}"),
       R"(plan.yaml:4:15: error: sources.crm.type is 'CSV'
  crm: {type: CSV, path: a.csv, fields: {email: E-Mail}}
              ^
  expected one of 'csv', 'sqlite', 'mysql'; did you mean 'csv'?
)"},
      {WithSource("{type: [csv], path: a.csv, tabel: x}"),
       R"(plan.yaml:4:15: error: sources.crm.type is a list
  crm: {type: [csv], path: a.csv, tabel: x}
              ^
  expected one of 'csv', 'sqlite', 'mysql'

plan.yaml:4:35: error: unknown key 'tabel' in sources.crm
  crm: {type: [csv], path: a.csv, tabel: x}
                                  ^
  expected one of 'type', 'path', 'key', 'mode', 'encoding', 'delimiter', 'ignore', 'fields', 'layouts', 'unknown_layout', 'contract', 'table', 'query', 'extract', 'url', 'password', 'tls', 'throttle', 'on_snapshot_loss', 'read_timeout'; did you mean 'table'?
)"},
      {WithSource("{type: csv, fields: {email: E-Mail}}"),
       R"(plan.yaml:4:3: error: sources.crm has no 'path'
  crm: {type: csv, fields: {email: E-Mail}}
  ^
  expected a path or glob
)"},
      {WithSource("{type: csv, path: a.csv, layouts: []}"),
       R"(plan.yaml:4:42: error: sources.crm.layouts is empty
  crm: {type: csv, path: a.csv, layouts: []}
                                         ^
  expected a list of layouts
)"},
      {WithSource("{type: csv, path: a.csv, query: SELECT 1, fields: {email: e}}"),
       R"(plan.yaml:4:33: error: 'query' does not belong to a csv source (sources.crm), but to sqlite and mysql
  crm: {type: csv, path: a.csv, query: SELECT 1, fields: {email: e}}
                                ^
  expected one of 'type', 'path', 'key', 'mode', 'encoding', 'delimiter', 'ignore', 'fields', 'layouts', 'unknown_layout', 'contract'
)"},
      {WithSource("{type: sqlite, path: a.db, fields: {email: e}}"),
       R"(plan.yaml:4:3: error: sources.crm has no 'key'
  crm: {type: sqlite, path: a.db, fields: {email: e}}
  ^
  expected a column or a list of columns

plan.yaml:4:3: error: sources.crm has none of 'table', 'query'
  crm: {type: sqlite, path: a.db, fields: {email: e}}
  ^
  expected exactly one of 'table', 'query'
)"},
      {WithSource("{type: sqlite, path: a.db, table: t, query: q, key: id, fields: {email: e}}"),
       R"(plan.yaml:4:45: error: both 'table' and 'query' in sources.crm
  crm: {type: sqlite, path: a.db, table: t, query: q, key: id, fields: {email: e}}
                                            ^
  expected exactly one of 'table', 'query'
)"},
      {WithSource("{type: sqlite, path: a.db, table: t, key: id, delimiter: \",\", fields: {email: e}}"),
       R"(plan.yaml:4:54: error: 'delimiter' does not belong to a sqlite source (sources.crm), but to csv
  crm: {type: sqlite, path: a.db, table: t, key: id, delimiter: ",", fields: {email: e}}
                                                     ^
  expected one of 'type', 'path', 'table', 'query', 'key', 'mode', 'ignore', 'fields', 'extract', 'contract'
)"},
      {WithSource("{type: mysql, url: \"mysql://u@h/d\", table: t, key: id, throttle: {rows_per_second: 0, "
                  "bytes_per_second: 20, max_replica_lag: 5}, fields: {email: e}}"),
       R"(plan.yaml:4:91: error: sources.crm.throttle.rows_per_second is '0'
...u@h/d", table: t, key: id, throttle: {rows_per_second: 0, bytes_per_second: 20, max_replica_lag: 5}, fields: {...
                                                          ^
  expected a whole number from 1 to 1000000000

plan.yaml:4:112: error: sources.crm.throttle.bytes_per_second is '20'
...: id, throttle: {rows_per_second: 0, bytes_per_second: 20, max_replica_lag: 5}, fields: {email: e}}
                                                          ^
  expected a number of bytes such as 20MB or 512KiB

plan.yaml:4:133: error: sources.crm.throttle.max_replica_lag is '5'
..._per_second: 0, bytes_per_second: 20, max_replica_lag: 5}, fields: {email: e}}
                                                          ^
  expected a time such as 500ms, 5s, 15m or 2h
)"},
      {WithSource("{type: mysql, url: \"mysql://u@h/d\", table: t, key: id, throttle: {bytes_per_second: 20B}, "
                  "read_timeout: 2ms, fields: {email: e}}"),
       R"(plan.yaml:4:92: error: sources.crm.throttle.bytes_per_second is '20B'
...@h/d", table: t, key: id, throttle: {bytes_per_second: 20B}, read_timeout: 2ms, fields: {email: e}}
                                                          ^
  expected at least 1KiB

plan.yaml:4:112: error: sources.crm.read_timeout is '2ms'
...: id, throttle: {bytes_per_second: 20B}, read_timeout: 2ms, fields: {email: e}}
                                                          ^
  expected a time from 1s to 24h
)"},
      {WithSource("{type: mysql, url: \"mysql://u@h/d\", table: t, key: id, throttle: {}, on_snapshot_loss: stay, "
                  "fields: {email: e}}"),
       R"(plan.yaml:4:73: error: sources.crm.throttle is empty
  crm: {type: mysql, url: "mysql://u@h/d", table: t, key: id, throttle: {}, on_snapshot_loss: stay, fields: {e...
                                                                        ^
  expected a mapping such as {rows_per_second: 5000, max_replica_lag: 5s}

plan.yaml:4:95: error: sources.crm.on_snapshot_loss is 'stay'
...d", table: t, key: id, throttle: {}, on_snapshot_loss: stay, fields: {email: e}}
                                                          ^
  expected one of 'restart', 'continue'
)"},
      {WithSource("{type: mysql, path: a.db, table: t, key: id, fields: {email: e}}"),
       R"(plan.yaml:4:3: error: sources.crm has no 'url'
  crm: {type: mysql, path: a.db, table: t, key: id, fields: {email: e}}
  ^
  expected mysql://user@host:port/database

plan.yaml:4:22: error: 'path' does not belong to a mysql source (sources.crm), but to csv and sqlite
  crm: {type: mysql, path: a.db, table: t, key: id, fields: {email: e}}
                     ^
  expected one of 'type', 'url', 'password', 'tls', 'throttle', 'on_snapshot_loss', 'read_timeout', 'table', 'query', 'key', 'mode', 'ignore', 'fields', 'extract', 'contract'
)"},
      {WithSource("{type: mysql, url: \"mysql://u@h/d\", table: t, key: [], fields: {email: e}}"),
       R"(plan.yaml:4:59: error: sources.crm.key is empty
  crm: {type: mysql, url: "mysql://u@h/d", table: t, key: [], fields: {email: e}}
                                                          ^
  expected a list of columns
)"},
      {WithSource("{type: csv, path: a.csv, key: [id, id], fields: {email: e}}"),
       R"(plan.yaml:4:43: error: 'id' stands twice in sources.crm.key
  crm: {type: csv, path: a.csv, key: [id, id], fields: {email: e}}
                                          ^
  expected a list of columns, each once
)"},
      {WithSource("{type: csv, path: a.csv, mode: snapshots, fields: {email: e}}"),
       R"(plan.yaml:4:39: error: sources.crm.mode is 'snapshots'
  crm: {type: csv, path: a.csv, mode: snapshots, fields: {email: e}}
                                      ^
  expected one of 'append', 'snapshot'; did you mean 'snapshot'?
)"},
      {WithSource("{type: csv, path: a.csv, encoding: UTF8, fields: {email: e}}"),
       R"(plan.yaml:4:43: error: sources.crm.encoding is 'UTF8'
  crm: {type: csv, path: a.csv, encoding: UTF8, fields: {email: e}}
                                          ^
  expected one of 'utf-8', 'utf-16', 'latin-1', 'windows-1252'; did you mean 'utf-8'?
)"},
      {WithSource("{type: csv, path: a.csv, delimiter: \";;\", fields: {email: e}}"),
       R"(plan.yaml:4:44: error: sources.crm.delimiter is ';;'
  crm: {type: csv, path: a.csv, delimiter: ";;", fields: {email: e}}
                                           ^
  expected one ASCII character other than a quote, "\t" or tab
)"},
      {WithSource("{type: csv, path: a.csv, delimiter: \"é\", fields: {email: e}}"),
       R"(plan.yaml:4:44: error: sources.crm.delimiter is 'é'
  crm: {type: csv, path: a.csv, delimiter: "é", fields: {email: e}}
                                           ^
  expected one ASCII character other than a quote, "\t" or tab
)"},
      {WithSource("{type: csv, path: a.csv, unknown_layout: skip, fields: {email: e}}"),
       R"(plan.yaml:4:49: error: sources.crm.unknown_layout is 'skip'
  crm: {type: csv, path: a.csv, unknown_layout: skip, fields: {email: e}}
                                                ^
  expected one of 'error', 'quarantine'
)"},
      {WithSource("{type: csv, path: a.csv, fields: {opt_out: {const: yes, call: a}}}"),
       R"(plan.yaml:4:59: error: opt_out has both 'const' and channels
  crm: {type: csv, path: a.csv, fields: {opt_out: {const: yes, call: a}}}
                                                          ^
  expected {const: true} alone, which is for all channels
)"},
      {WithSource("{type: cvs, path: a.csv, fields: {emial: e}}"),
       R"(plan.yaml:4:15: error: sources.crm.type is 'cvs'
  crm: {type: cvs, path: a.csv, fields: {emial: e}}
              ^
  expected one of 'csv', 'sqlite', 'mysql'; did you mean 'csv'?

plan.yaml:4:42: error: unknown field 'emial' in sources.crm.fields
  crm: {type: cvs, path: a.csv, fields: {emial: e}}
                                         ^
  expected a built-in field, or one that 'attributes' defines; did you mean 'email'?
)"},
  };
  for (const ErrorCase& c : cases) ExpectErrors("The plan: sources", c);
}

}  // namespace
}  // namespace migrate::plan
