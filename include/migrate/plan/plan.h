// Plan: what a plan file says, checked and with its defaults filled in. A plain value; made by plan/load.h alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "migrate/record/field.h"
#include "migrate/record/mapping.h"

namespace migrate::plan {

// A place in the plan file, line and column counted from 1 (yaml-cpp's Mark counts from 0).
struct Position {
  int line = 0, column = 0;
};

// Where a secret comes from. It is read only when a connection needs it and never stored in the Plan.
struct Secret {
  enum class Kind : uint8_t { kNone, kEnv, kFile, kCommand, kAwsIam };
  Kind kind = Kind::kNone;
  std::string value;   // name of the variable, path (absolute), or command line
  std::string region;  // kAwsIam
};

struct Tls {
  std::string
      mode;  // "" (default: verify_identity except on loopback) | disabled | required | verify_ca | verify_identity
  std::string ca;  // absolute path or ""
};

struct Target {
  std::string url;  // as written, after ${}: sqlite:people.db | mysql://user@host:port/database
  bool sqlite = false;
  std::string path;                  // sqlite: absolute path
  std::string user, host, database;  // mysql
  int port = 3306;
  Secret password;
  Tls tls;
  std::string reader_url;  // "" is none
  int partitions = 32;
  Position at;
};

enum class SourceType : uint8_t { kCsv, kSqlite, kMysql };
enum class Mode : uint8_t { kAppend, kSnapshot };

// One way in which the files of a source may be laid out; a source without `layouts` has exactly one.
struct Layout {
  std::vector<FieldMapping> fields;
  std::vector<Position> field_at;  // of each mapping, for diagnostics
  std::vector<std::string> ignore;
  std::string encoding;   // "" is: found
  std::string delimiter;  // "" is: found; else one character
  Position at;
};

struct Source {
  std::string name;
  SourceType type = SourceType::kCsv;
  std::string path;                       // csv: absolute glob; sqlite: absolute path
  std::string table, query;               // one of them for sqlite and mysql
  std::string url, user, host, database;  // mysql
  int port = 3306;
  Secret password;
  Tls tls;
  std::vector<std::string> key;  // column names; empty: position in the file (csv only)
  Mode mode = Mode::kAppend;
  std::vector<Layout> layouts;
  bool quarantine_unknown_layout = false;  // else an unknown layout is an error
  Position at, path_at, key_at, table_at;
};

enum class Survivorship : uint8_t { kMostRecent, kMostFrequent, kLongest, kSourcePriority, kMostComplete };

struct Dedupe {
  double match_probability = 0.95;
  double review_probability = 0.60;
  Survivorship default_strategy = Survivorship::kMostRecent;
  std::map<std::string, Survivorship> strategies;  // by field or attribute name
  std::string model;                               // absolute path or ""
};

struct Limit {
  std::optional<uint64_t> rows;  // `100`
  std::optional<double> share;   // `"0.1%"` is 0.001
};

struct Reconcile {
  uint64_t sample = 1000;
  Limit max_quarantined;
};

enum class Stage : uint8_t { kExtract, kNormalize, kLoad, kDedupe, kReconcile };
inline constexpr std::array<std::string_view, 5> kStageNames = {"extract", "normalize", "load", "dedupe", "reconcile"};

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
  std::vector<Stage> stages;
  // SHA-256 (hex) over the canonical form of everything that decides what a run makes of the same inputs: sources,
  // attributes, normalize, dedupe. Not: comments, workspace, secrets, target, limits.
  std::string hash;
};

}  // namespace migrate::plan
