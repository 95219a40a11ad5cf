// Plan: what a plan file says, checked and with its defaults filled in. A plain value; made by plan/load.h alone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/record/field.h"
#include "migrate/record/mapping.h"

namespace migrate::plan {

class SourceText;  // plan/diagnostic.h

// A place in the plan file; line and column count from 1, the column in characters (code points), not bytes.
// Line 0 is: nowhere in particular.
struct Position {
  int line = 0, column = 0;
};

// Where a secret comes from. It is read only when a connection needs it and never stored in the Plan.
struct Secret {
  enum class Kind : uint8_t { kNone, kEnv, kFile, kCommand, kAwsIam, kPrompt };
  Kind kind = Kind::kNone;
  std::string value;   // name of the variable, path (absolute), or command line
  std::string region;  // kAwsIam
};

struct Tls {
  std::string
      mode;  // "" (default: verify_identity except on loopback) | disabled | required | verify_ca | verify_identity
  std::string ca;  // absolute path or ""
};

// How InnoDB packs the pages of the tables on the server's disk.
enum class Compression : uint8_t { kNone, kLz4, kZlib };

struct Target {
  std::string url;  // as written, after ${}: sqlite:people.db | mysql://user@host:port/database
  bool sqlite = false;
  std::string path;                  // sqlite: absolute path
  std::string user, host, database;  // mysql
  int port = 3306;
  Secret password;
  Tls tls;
  std::string reader_url;  // of a read-only replica, mysql://...; "" is none. It takes the target's password and tls.
  std::string reader_user, reader_host, reader_database;
  int reader_port = 3306;
  int partitions = 32;
  Compression compression = Compression::kNone;  // mysql
  Position at;
};

// What a reader of a server keeps below. 0 or nothing: no limit.
struct Throttle {
  uint64_t rows_per_second = 0, bytes_per_second = 0;
  std::optional<double> max_replica_lag;  // seconds
  std::optional<uint64_t> max_threads_running;
  bool Any() const { return rows_per_second > 0 || bytes_per_second > 0 || max_replica_lag || max_threads_running; }
};

enum class SourceType : uint8_t { kCsv, kSqlite, kMysql };
enum class Mode : uint8_t { kAppend, kSnapshot };

// Reading a table in parts: what has changed since the last import, by a column that grows (a time of change, or an
// ascending key).
struct Incremental {
  std::string column;              // "": the whole table each time
  std::optional<double> seconds;   // overlap of a column of times, where the plan writes one
  std::optional<uint64_t> number;  // overlap of a column of numbers, where the plan writes one
};

// One way in which the files of a source may be laid out; a source without `layouts` has exactly one.
struct Layout {
  std::vector<FieldMapping> fields;  // in the order of the plan
  std::vector<Position> field_at;    // of each mapping's name, parallel to `fields`
  // Of each column name, parallel to `fields`: column_at[i][j] is the place of fields[i].columns[j], or, for kOptOut,
  // of fields[i].channel_columns[j] (line 0 where that channel has no column). Empty for kConstant.
  std::vector<std::vector<Position>> column_at;
  std::vector<std::string> ignore;
  std::vector<Position> ignore_at;  // parallel to `ignore`
  std::string encoding;             // "" is: found
  std::string delimiter;            // "" is: found; else one character
  Position at;
};

struct Source {
  std::string name;
  SourceType type = SourceType::kCsv;
  std::string path;                       // csv: absolute glob; sqlite: absolute path
  std::string path_as_written;            // the same after ${}, not made absolute: what the plan's hash is made of
  std::string table, query;               // one of them for sqlite and mysql
  std::string url, user, host, database;  // mysql
  int port = 3306;
  Secret password;
  Tls tls;
  Throttle throttle;                       // mysql
  bool continue_on_snapshot_loss = false;  // mysql: else a table whose snapshot was lost is read anew
  double read_timeout = 900;               // mysql: seconds without a byte after which a server is taken for dead
  std::vector<std::string> key;            // column names; empty: position in the file (csv only)
  std::vector<Position> key_column_at;     // parallel to `key`
  Mode mode = Mode::kAppend;
  std::vector<Layout> layouts;
  bool quarantine_unknown_layout = false;  // else an unknown layout is an error
  Incremental incremental;                 // sqlite, mysql
  bool freeze = false;                     // contract: columns that differ from the last import's are an error
  // Of the source's name, and of the values; table_at: of the table or query; incremental_at: of its column.
  Position at, path_at, key_at, table_at, incremental_at;
};

enum class Survivorship : uint8_t { kMostRecent, kMostFrequent, kLongest, kSourcePriority, kMostComplete };

struct Dedupe {
  double match_probability = 0.95;
  double review_probability = 0.60;
  Survivorship default_strategy = Survivorship::kMostRecent;
  std::map<std::string, Survivorship> strategies;  // by field or attribute name
  std::string model;                               // absolute path or ""
  std::string model_as_written;                    // the same after ${}, not made absolute
};

struct Limit {
  std::optional<uint64_t> rows;  // `100`
  std::optional<double> share;   // `"0.1%"` is 0.001
};

struct Reconcile {
  uint64_t sample = 1000;
  Limit max_quarantined;
};

// When the segments of an import go from the workspace (run/retention.h).
//   kKeep    when the next import begins
//   kImport  when the import has ended
//   kStage   when nothing in the import reads them any more
enum class KeepSegments : uint8_t { kKeep, kImport, kStage };

// What stays in the workspace, and for how long. Not part of the plan's hash.
struct Retention {
  KeepSegments segments = KeepSegments::kKeep;
  bool match = true;  // what a matching leaves for the next one; without it each matches all records
};

// How runs are watched from outside; each is also an option of `run`, which goes before it (run/observe.h). Not part of
// the plan's hash.
struct Observe {
  std::string log;                    // absolute path; "" is none
  std::optional<bool> log_json;       // else text
  std::optional<int> log_level;       // 0 debug, 1 info, 2 warning, 3 error
  std::string metrics;                // absolute path; "" is none
  std::optional<double> stall_after;  // seconds; 0: never
  std::string notify;                 // command for sh -c; "" is none
};

enum class Stage : uint8_t { kExtract, kNormalize, kLoad, kDedupe, kReconcile };
inline constexpr std::array<std::string_view, 4> kLogLevelNames = {"debug", "info", "warning", "error"};
inline constexpr std::array<std::string_view, 5> kStageNames = {"extract", "normalize", "load", "dedupe", "reconcile"};

// A value the plan does not write, for `explain`.
struct Default {
  std::string key;    // "sources.crm.mode"
  std::string value;  // "append"
  std::string why;    // "default of csv sources"
};

// A variable that the plan's scalars refer to. Its value is not kept: it may be a secret.
struct Variable {
  std::string name;
  bool from_environment = false;  // else its default in the plan was taken
};

struct Plan {
  std::string file;  // absolute path of the plan file
  std::string name;
  std::string requires_version;
  std::string workspace;  // absolute
  Target target;
  std::vector<Source> sources;  // in plan order; their order is their priority
  std::vector<Attribute> attributes;
  NormalizeOptions normalize;
  Dedupe dedupe;
  Reconcile reconcile;
  Observe observe;
  Retention retention;
  std::vector<Stage> stages;
  // SHA-256 (hex) over the canonical form of everything that decides what a run makes of the same inputs: sources,
  // attributes, normalize, dedupe. Not: comments, workspace, secrets, target, limits.
  std::string hash;
  std::vector<Default> defaults;    // in the order of the contract
  std::vector<Variable> variables;  // by name, each once
  // The lines of the file, secrets masked, to show with later diagnostics (plan/diagnostic.h). Never null after
  // LoadPlan.
  std::shared_ptr<const SourceText> source_text;
};

}  // namespace migrate::plan
