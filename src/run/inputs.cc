#include "migrate/run/inputs.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "context.h"
#include "migrate/base/bytes.h"
#include "migrate/base/doing.h"
#include "migrate/plan/diagnostic.h"

namespace migrate::run {
namespace {

using plan::Diagnostic;
using plan::Plan;
using plan::Source;
using plan::SourceType;

// Of a file, and for a SQLite database of its write-ahead log (zeros if there is none).
Result<std::vector<FileStat>> StatsOf(const Source& source, const std::string& path) {
  MIGRATE_ASSIGN(FileStat main, StatFile(path));
  if (source.type != SourceType::kSqlite) return std::vector<FileStat>{main};
  auto log = StatFile(RealPath(path) + "-wal");
  // SQLite sets owner and mode of the log when it opens it, which is no change of what it holds.
  if (log.ok()) log->ctime_ns = 0;
  return std::vector<FileStat>{main, log.ok() ? *log : FileStat{}};
}

class Finder {
 public:
  Finder(const Plan& plan, InputErrors* errors, const std::set<std::string>* only_files,
         std::vector<MissingSource>* missing)
      : plan_(plan), errors_(errors), only_files_(only_files), missing_(missing), servers_(plan, 0) {}

  std::vector<Input> Run() {
    for (size_t i = 0; i < plan_.sources.size(); ++i) {
      const Source& source = plan_.sources[i];
      switch (source.type) {
        case SourceType::kCsv:
          Csv(i, source);
          break;
        case SourceType::kSqlite:
          Sqlite(i, source);
          break;
        case SourceType::kMysql:
          Mysql(i, source);
          break;
      }
    }
    for (size_t i = 0; i < inputs_.size(); ++i) inputs_[i].file_no = static_cast<uint32_t>(i);
    if (errors_->text.empty()) errors_->plan = true;
    return std::move(inputs_);
  }

 private:
  void Add(const std::string& text, bool plan_error = true) { AddError(text, plan_error, errors_); }
  // What `add` adds to the errors is listed as missing instead, where that is asked for.
  template <class AddIt>
  void Missing(size_t index, const std::string& why, AddIt add) {
    if (missing_ == nullptr) return add();
    InputErrors own;
    std::swap(*errors_, own);
    add();
    std::swap(*errors_, own);
    missing_->push_back({index, own.text, own.plan, why});
  }
  void AddAt(plan::Position at, const std::string& message, const std::string& expected = "") {
    Add(plan_.source_text->Make(at, message, expected).Text());
  }
  void AddStatus(plan::Position at, const Status& s) {
    if (s.kind() == ErrorKind::kPlan)
      AddAt(at, s.message() + (s.hint().empty() ? "" : " (" + s.hint() + ")"));
    else
      Add("migrate: error: " + s.message() + "\n" + (s.hint().empty() ? "" : "  " + s.hint() + "\n"), false);
  }

  void Csv(size_t index, const Source& source) {
    auto paths = Glob(source.path);
    if (!paths.ok()) return AddStatus(source.path_at, paths.status());
    if (paths->empty() && only_files_ == nullptr)
      return Missing(index, "it is not there any more", [&] {
        AddAt(source.path_at, fmt::format("source {}: no file matches {}", source.name, source.path),
              "the path of a CSV file, or a pattern; it starts at the folder of the plan");
      });
    for (const std::string& path : *paths)
      if (only_files_ == nullptr || only_files_->contains(path)) CsvFile(index, source, path);
  }

  void CsvFile(size_t index, const Source& source, const std::string& path) {
    auto stat = StatFile(path);
    if (!stat.ok()) return AddStatus(source.path_at, Status::Plan(stat.status().message(), stat.status().hint()));
    Input input;
    input.source = index;
    input.path = path;
    input.what = "csv";
    input.stats = {*stat};
    input.bytes = stat->size;
    input.layout = -1;
    std::vector<Diagnostic> missing;
    for (size_t l = 0; l < source.layouts.size() && input.layout < 0; ++l) {
      const plan::Layout& layout = source.layouts[l];
      auto reader = extract::OpenCsv(path, {source.name, {}, {}, layout.encoding, layout.delimiter});
      if (!reader.ok()) return AddStatus(source.path_at, reader.status());
      input.columns = (*reader)->columns();
      input.findings = (*reader)->Findings();
      missing = BindInput(plan_, source, layout, &input);
      if (missing.empty() || input.columns.empty()) input.layout = static_cast<int>(l);
    }
    if (input.layout < 0) {
      if (source.layouts.size() == 1 && !source.quarantine_unknown_layout) {
        for (Diagnostic& d : missing) {
          // A pattern may match many files; the one that is meant has to be named.
          d.message = std::filesystem::path(path).filename().string() + ": " + d.message;
          Add(d.Text());
        }
        return;
      }
      if (!source.quarantine_unknown_layout) {
        std::string header;
        for (const auto& c : input.columns) header += (header.empty() ? "" : ", ") + c.name;
        return AddAt(source.path_at,
                     fmt::format("{}: its header fits none of the {} layouts of source {}", path, source.layouts.size(),
                                 source.name),
                     "a layout whose mapped columns are among: " + header + "; or unknown_layout: quarantine");
      }
      input.findings.push_back("its header fits no layout: all rows are quarantined");
    }
    inputs_.push_back(std::move(input));
  }

  void Sqlite(size_t index, const Source& source) {
    auto stat = StatFile(source.path);
    if (!stat.ok()) {
      const auto add = [&] { AddStatus(source.path_at, Status::Plan(stat.status().message(), stat.status().hint())); };
      return PathExists(source.path) ? add() : Missing(index, "it is not there any more", add);
    }
    if (plan_.target.sqlite && RealPath(source.path) == RealPath(plan_.target.path))
      return AddAt(source.path_at, fmt::format("source {}: {} is the plan's own target", source.name, source.path),
                   "a database that holds persons, not what this tool made of them");
    auto stats = StatsOf(source, source.path);
    if (!stats.ok()) return AddStatus(source.path_at, stats.status());
    auto reader = extract::OpenSqlite(source.path, {source.name, source.table, source.query, {}});
    if (!reader.ok()) {
      bool file = reader.status().message().find("is not a SQLite database") != std::string::npos;
      return AddStatus(file ? source.path_at : source.table_at, reader.status());
    }
    Input input;
    input.source = index;
    input.path = source.path;
    input.what = source.table.empty() ? source.query : source.table;
    input.stats = *stats;
    input.bytes = stat->size;
    input.columns = (*reader)->columns();
    input.findings = (*reader)->Findings();
    auto missing = BindInput(plan_, source, source.layouts.front(), &input);
    for (const Diagnostic& d : missing) Add(d.Text());
    if (missing.empty()) inputs_.push_back(std::move(input));
  }

  void Mysql(size_t index, const Source& source) {
    auto server = servers_.Of(source);
    if (!server.ok()) return Missing(index, server.status().message(), [&] { AddStatus(source.at, server.status()); });
    auto reader = extract::OpenMysql(
        *server, {.source = source.name, .database = source.database, .table = source.table, .query = source.query});
    if (!reader.ok())
      return Missing(index, reader.status().message(), [&] { AddStatus(source.table_at, reader.status()); });
    Input input;
    input.source = index;
    input.path = source.url;
    input.what = source.table.empty() ? source.query : source.table;
    input.live = true;
    input.columns = (*reader)->columns();
    input.findings = (*reader)->Findings();
    auto missing = BindInput(plan_, source, source.layouts.front(), &input);
    for (const Diagnostic& d : missing) Add(d.Text());
    if (missing.empty()) inputs_.push_back(std::move(input));
  }

  const Plan& plan_;
  InputErrors* errors_;
  const std::set<std::string>* only_files_;
  std::vector<MissingSource>* missing_;
  Servers servers_;
  std::vector<Input> inputs_;
};

// A SQLite file whose write-ahead log holds rows is not its main file alone.
Result<std::string> HashDatabase(const std::string& path) {
  MIGRATE_ASSIGN(Sha256 main, Sha256OfFile(path));
  const std::string wal = RealPath(path) + "-wal";
  if (!PathExists(wal)) return Hex(AsView(main));
  MIGRATE_ASSIGN(FileStat stat, StatFile(wal));
  if (stat.size == 0) return Hex(AsView(main));
  MIGRATE_ASSIGN(Sha256 log, Sha256OfFile(wal));
  return Sha256Hex(std::string(AsView(main)) + std::string(AsView(log)));
}

}  // namespace

std::vector<Diagnostic> BindInput(const Plan& plan, const Source& source, const plan::Layout& layout, Input* input) {
  std::vector<Diagnostic> missing;
  std::vector<std::string> have;
  for (const auto& c : input->columns) have.push_back(c.name);
  auto find = [&](const std::string& name, plan::Position at) -> uint32_t {
    auto it = std::find(have.begin(), have.end(), name);
    if (it == have.end()) missing.push_back(plan::MissingColumn(plan, at, source.name, name, have));
    return static_cast<uint32_t>(it - have.begin());
  };
  if (have.empty()) return {};  // an empty file has no header to be wrong
  for (size_t i = 0; i < source.key.size(); ++i) find(source.key[i], source.key_column_at[i]);
  if (!source.incremental.column.empty()) find(source.incremental.column, source.incremental_at);
  input->fields.clear();
  for (size_t f = 0; f < layout.fields.size(); ++f) {
    const FieldMapping& m = layout.fields[f];
    BoundField bound{m.kind, m.slot, {}, m.with, m.constant, m.formats, {-1, -1, -1, -1}};
    for (size_t c = 0; c < m.columns.size(); ++c) bound.columns.push_back(find(m.columns[c], layout.column_at[f][c]));
    for (size_t c = 0; m.kind == FieldMapping::Kind::kOptOut && c < m.channel_columns.size(); ++c)
      if (!m.channel_columns[c].empty())
        bound.channel_columns[c] = static_cast<int32_t>(find(m.channel_columns[c], layout.column_at[f][c]));
    input->fields.push_back(std::move(bound));
  }
  return missing;
}

void AddError(const std::string& text, bool plan_error, InputErrors* errors) {
  errors->text += (errors->text.empty() ? "" : "\n") + text;
  errors->plan &= plan_error;
}

std::vector<Input> FindInputs(const Plan& plan, InputErrors* errors, const std::set<std::string>* only_files,
                              std::vector<MissingSource>* missing) {
  return Finder(plan, errors, only_files, missing).Run();
}

// The first input that is a table of the same database file, if this one is another.
const Input* HashedBefore(const Plan& plan, const std::vector<Input>& inputs, size_t i) {
  if (plan.sources[inputs[i].source].type != SourceType::kSqlite) return nullptr;
  for (size_t j = 0; j < i; ++j)
    if (plan.sources[inputs[j].source].type == SourceType::kSqlite && inputs[j].path == inputs[i].path)
      return &inputs[j];
  return nullptr;
}

Status HashInputs(const Plan& plan, unsigned threads, std::vector<Input>* inputs) {
  MIGRATE_TRY(ParallelFor(inputs->size(), threads, [&](size_t i) -> Status {
    Input& input = (*inputs)[i];
    if (input.live || input.held || input.gone || HashedBefore(plan, *inputs, i) != nullptr) return {};
    if (plan.sources[input.source].type == SourceType::kSqlite) {
      MIGRATE_ASSIGN(input.sha256, HashDatabase(input.path));
      return {};
    }
    const Doing doing("hashing", input.path);
    MIGRATE_ASSIGN(Sha256 hash, Sha256OfFile(input.path));
    input.sha256 = Hex(AsView(hash));
    return CheckUnchanged(plan, input);
  }));
  for (size_t i = 0; i < inputs->size(); ++i) {
    Input& input = (*inputs)[i];
    if (input.held) continue;
    const Input* before = input.gone ? nullptr : HashedBefore(plan, *inputs, i);
    if (before != nullptr) input.sha256 = before->sha256;
    if (plan.sources[input.source].type != SourceType::kCsv) continue;
    for (size_t j = 0; j < i; ++j) {
      const Input& other = (*inputs)[j];
      if (other.source != input.source || other.sha256 != input.sha256 || other.state == Input::State::kDuplicate)
        continue;
      input.state = Input::State::kDuplicate;
      input.same_as = other.path;
      break;
    }
  }
  return {};
}

Status CheckUnchanged(const Plan& plan, const Input& input) {
  if (input.live || input.held || input.gone) return {};
  MIGRATE_ASSIGN(auto now, StatsOf(plan.sources[input.source], input.path));
  if (now == input.stats) return {};
  return Status::Failed(input.path + ": changed while it was read",
                        "wait until nothing writes to it, then run the same command again");
}

Result<std::unique_ptr<extract::Reader>> OpenInput(const Plan& plan, const Input& input, Servers* servers,
                                                   uint64_t limit, std::vector<extract::FinishedRange> finished) {
  const Source& source = plan.sources[input.source];
  if (input.held) return extract::OpenHeld(input.held->options, input.held->rows);
  if (input.gone)
    return Status::Failed(input.path + ": it is not there any more, so it was not read again", "put it back");
  if (source.type == SourceType::kMysql) {
    MIGRATE_ASSIGN(auto server, servers->Of(source));
    return extract::OpenMysql(server, {.source = source.name,
                                       .database = source.database,
                                       .table = input.part.empty() ? source.table : "",
                                       .query = input.part.empty() ? source.query : input.part,
                                       .key = source.key,
                                       .limit = limit,
                                       .throttle = servers->ThrottleOf(source),
                                       .finished = std::move(finished)});
  }
  if (source.type == SourceType::kSqlite)
    return extract::OpenSqlite(input.path, {source.name, input.part.empty() ? source.table : "",
                                            input.part.empty() ? source.query : input.part, source.key});
  const plan::Layout& layout = source.layouts[static_cast<size_t>(std::max(input.layout, 0))];
  Sha256 sha = Sha256FromBytes(Unhex(input.sha256).value_or(""));
  return extract::OpenCsv(input.path, {source.name, sha, input.layout < 0 ? std::vector<std::string>() : source.key,
                                       layout.encoding, layout.delimiter, extract::kChunkBytes, input.stats.front()});
}

std::string ColumnsJson(const std::vector<extract::Column>& columns) {
  nlohmann::json j = nlohmann::json::array();
  for (const auto& c : columns) j.push_back({{"name", c.name}, {"type", c.type}});
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<extract::Column> ColumnsFromJson(const std::string& text) {
  std::vector<extract::Column> columns;
  const auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_array()) return columns;
  for (const auto& c : j) columns.push_back({c.value("name", ""), c.value("type", "")});
  return columns;
}

}  // namespace migrate::run
