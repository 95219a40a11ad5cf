#include <fmt/format.h>

#include <algorithm>

#include "build.h"
#include "check.h"
#include "migrate/plan/url.h"
#include "values.h"

namespace migrate::plan {

void PlanBuilder::ReadSource(Entry* entry) {
  Node* node = &entry->value;
  std::string path = "sources." + entry->key;
  Source source;
  source.name = entry->key;
  source.at = entry->at;
  Node* type = Good(node, "type");
  if (type && type->text == "sqlite") source.type = SourceType::kSqlite;
  if (type && type->text == "mysql") source.type = SourceType::kMysql;
  bool csv = source.type == SourceType::kCsv;
  if (Node* where = Good(node, "path")) {
    source.path_as_written = where->text;
    source.path = Absolute(where->text);
    source.path_at = where->at;
  }
  if (Node* key = Good(node, "key")) {
    source.key_at = key->at;
    source.key = Texts(*key, &source.key_column_at);
  } else if (csv) {
    Default(path + ".key", "", "the position in the file");
  }
  if (Node* extract = Good(node, "extract")) ReadExtract(extract, path, &source);
  if (Node* contract = Good(node, "contract")) source.freeze = contract->text == "freeze";
  ReadMode(node, path, &source);
  if (!csv) ReadTable(node, &source);
  if (source.type == SourceType::kMysql) ReadServer(node, &source);
  if (csv && Good(node, "layouts")) {
    ReadCsvLayouts(node, &source);
  } else {
    source.layouts.emplace_back();
    ReadLayout(node, path, &source.layouts.back());
  }
  if (Node* unknown = Good(node, "unknown_layout"))
    source.quarantine_unknown_layout = unknown->text == "quarantine";
  else if (csv)
    Default(path + ".unknown_layout", "error", "default");
  plan_->sources.push_back(std::move(source));
}

void PlanBuilder::ReadMode(Node* node, const std::string& path, Source* source) {
  const bool csv = source->type == SourceType::kCsv, parts = !source->incremental.column.empty();
  source->mode = csv || parts ? Mode::kAppend : Mode::kSnapshot;
  Node* mode = Good(node, "mode");
  if (!mode)
    return Default(path + ".mode", csv || parts ? "append" : "snapshot",
                   csv     ? "default of csv sources"
                   : parts ? "extract.incremental reads a part"
                           : "default of tables");
  source->mode = mode->text == "snapshot" ? Mode::kSnapshot : Mode::kAppend;
  if (parts && source->mode == Mode::kSnapshot)
    Error(mode->at, path + ": mode is snapshot, but extract.incremental reads only a part of the table",
          "mode: append; or no 'extract', so that rows that are gone from the table can be told");
}

void PlanBuilder::ReadExtract(Node* node, const std::string& path, Source* source) {
  Node* column = Good(node, "incremental");
  if (!column) return;
  source->incremental.column = column->text;
  source->incremental_at = column->at;
  Node* overlap = Good(node, "overlap");
  if (!overlap) return;
  if (std::optional<double> seconds = ParseSeconds(overlap->text))
    source->incremental.seconds = seconds;
  else if (std::optional<int64_t> number = ParseInteger(overlap->text); number && *number >= 0)
    source->incremental.number = static_cast<uint64_t>(*number);
  else
    Error(overlap->at, path + ".extract.overlap is " + Quoted(overlap->text), "a time such as 10m, or a whole number");
}

void PlanBuilder::ReadTable(Node* node, Source* source) {
  if (Node* table = Good(node, "table")) {
    source->table = table->text;
    source->table_at = table->at;
  }
  if (Node* query = Good(node, "query")) {
    source->query = query->text;
    source->table_at = query->at;
  }
  if (Node* url = Good(node, "url")) {
    source->url = url->text;
    source->path_at = url->at;
    Url parts = ParseUrl(url->text, false);
    if (!parts.error.empty())
      Error(url->at, "sources." + source->name + ".url " + parts.error, parts.expected, parts.suggestion);
    source->user = parts.user;
    source->host = parts.host;
    source->database = parts.database;
    source->port = parts.port;
  }
  Connection connection = ReadConnection(node, "sources." + source->name);
  source->password = connection.password;
  source->tls = connection.tls;
}

void PlanBuilder::ReadServer(Node* node, Source* source) {
  const std::string path = "sources." + source->name;
  if (Node* throttle = Good(node, "throttle")) ReadThrottle(throttle, path + ".throttle", &source->throttle);
  if (Node* loss = Good(node, "on_snapshot_loss"))
    source->continue_on_snapshot_loss = loss->text == "continue";
  else
    Default(path + ".on_snapshot_loss", "restart", "default");
  if (Node* timeout = Good(node, "read_timeout")) {
    source->read_timeout = ParseSeconds(timeout->text).value_or(0);
    if (source->read_timeout < 1 || source->read_timeout > 86400)
      Error(timeout->at, path + ".read_timeout is " + Quoted(timeout->text), "a time from 1s to 24h");
  } else {
    Default(path + ".read_timeout", "15m", "default");
  }
}

void PlanBuilder::ReadThrottle(Node* node, const std::string& path, Throttle* throttle) {
  auto number = [&](const char* key) {
    Node* value = Good(node, key);
    return value ? std::optional<uint64_t>(ParseInteger(value->text).value_or(0)) : std::nullopt;
  };
  throttle->rows_per_second = number("rows_per_second").value_or(0);
  throttle->max_threads_running = number("max_threads_running");
  if (Node* lag = Good(node, "max_replica_lag")) throttle->max_replica_lag = ParseSeconds(lag->text);
  if (Node* bytes = Good(node, "bytes_per_second")) {
    throttle->bytes_per_second = ParseBytes(bytes->text).value_or(0);
    if (throttle->bytes_per_second < 1024)
      Error(bytes->at, path + ".bytes_per_second is " + Quoted(bytes->text), "at least 1KiB");
  }
}

// What stands at the source itself holds for each layout that does not say otherwise.
void PlanBuilder::ReadCsvLayouts(Node* node, Source* source) {
  int number = 0;
  for (Node& item : Good(node, "layouts")->items) {
    ++number;
    if (item.bad) continue;
    std::string path = fmt::format("layout {} of sources.{}", number, source->name);
    Layout layout;
    for (const char* key : {"encoding", "delimiter", "ignore"}) {
      Node* common = Good(node, key);
      if (common && !FindEntry(item, key)) item.entries.push_back(Entry{key, common->at, *common});
    }
    ReadLayout(&item, path, &layout);
    source->layouts.push_back(std::move(layout));
  }
}

void PlanBuilder::ReadLayout(Node* node, const std::string& path, Layout* layout) {
  layout->at = node->at;
  if (Node* encoding = Good(node, "encoding")) layout->encoding = encoding->text;
  if (Node* delimiter = Good(node, "delimiter")) ReadDelimiter(*delimiter, path, layout);
  if (Node* ignore = Good(node, "ignore")) layout->ignore = Texts(*ignore, &layout->ignore_at);
  if (Node* fields = Good(node, "fields")) ReadFields(fields, path + ".fields", layout);
  CheckIgnored(*layout, path);
}

void PlanBuilder::ReadDelimiter(const Node& node, const std::string& path, Layout* layout) {
  layout->delimiter = node.text == "tab" || node.text == "\\t" ? "\t" : node.text;
  const std::string& d = layout->delimiter;
  bool good = d.size() == 1 && static_cast<unsigned char>(d[0]) < 0x80 && d != "\"" && d != "\n" && d != "\r";
  if (!good)
    Error(node.at, path + ".delimiter is " + Quoted(node.text),
          "one ASCII character other than a quote, \"\\t\" or tab");
}

void PlanBuilder::ReadFields(Node* node, const std::string& path, Layout* layout) {
  for (Entry& entry : node->entries) {
    if (entry.value.bad) continue;
    FieldMapping mapping;
    std::vector<Position> at;
    mapping.slot = Slot(entry.key, entry.at, path);
    if (mapping.slot < 0) continue;
    if (mapping.slot == static_cast<int>(Field::kOptOut))
      ReadOptOut(&entry.value, &mapping, &at);
    else
      ReadField(&entry.value, path + "." + entry.key, &mapping, &at);
    layout->fields.push_back(std::move(mapping));
    layout->field_at.push_back(entry.at);
    layout->column_at.push_back(std::move(at));
  }
}

void PlanBuilder::ReadField(Node* node, const std::string& path, FieldMapping* mapping, std::vector<Position>* at) {
  if (node->kind != Node::Kind::kMap) {
    mapping->columns = Texts(*node, at);
  } else if (Node* constant = Good(node, "const")) {
    mapping->kind = FieldMapping::Kind::kConstant;
    mapping->constant = constant->text;
  } else if (Node* join = Good(node, "join")) {
    mapping->kind = FieldMapping::Kind::kJoin;
    mapping->columns = Texts(*join, at);
    if (Node* with = Good(node, "with")) mapping->with = with->text;
  } else if (Node* column = Good(node, "column")) {
    mapping->columns = Texts(*column, at);
    if (Node* format = Good(node, "format")) ReadFormats(*format, path, mapping);
  }
}

void PlanBuilder::ReadFormats(const Node& node, const std::string& path, FieldMapping* mapping) {
  bool date =
      mapping->slot == static_cast<int>(Field::kBirthDate) || mapping->slot == static_cast<int>(Field::kUpdatedAt);
  if (mapping->slot >= kFieldCount)
    date = plan_->attributes[static_cast<size_t>(mapping->slot - kFieldCount)].type == AttributeType::kDate;
  if (!date)
    return Error(node.at, path + " has a format, but is no date",
                 "a format only for 'birth_date', 'updated_at' and attributes of type date");
  std::vector<Position> at;
  mapping->formats = Texts(node, &at);
  for (size_t i = 0; i < at.size(); ++i)
    if (std::string error = DateFormatError(mapping->formats[i]); !error.empty())
      Error(at[i], fmt::format("{}: the format {} {}", path, Quoted(mapping->formats[i]), error),
            "%Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at "
            "most once");
}

void PlanBuilder::ReadOptOut(Node* node, FieldMapping* mapping, std::vector<Position>* at) {
  if (Node* constant = Good(node, "const")) {
    mapping->kind = FieldMapping::Kind::kConstant;
    mapping->constant = constant->text;
    if (node->entries.size() > 1)
      Error(constant->at, "opt_out has both 'const' and channels", "{const: true} alone, which is for all channels");
    return;
  }
  mapping->kind = FieldMapping::Kind::kOptOut;
  at->resize(kOptOutChannels.size());
  for (size_t i = 0; i < kOptOutChannels.size(); ++i) {
    Node* column = node->kind == Node::Kind::kText ? node : Good(node, kOptOutChannels[i]);
    if (!column) continue;
    mapping->channel_columns[i] = column->text;
    (*at)[i] = column->at;
  }
}

void PlanBuilder::CheckIgnored(const Layout& layout, const std::string& path) {
  for (size_t i = 0; i < layout.ignore.size(); ++i) {
    const std::string& column = layout.ignore[i];
    for (const FieldMapping& mapping : layout.fields) {
      if (std::find(mapping.columns.begin(), mapping.columns.end(), column) == mapping.columns.end() &&
          std::find(mapping.channel_columns.begin(), mapping.channel_columns.end(), column) ==
              mapping.channel_columns.end())
        continue;
      std::string name = FieldAndAttributeNames()[static_cast<size_t>(mapping.slot)];
      Error(layout.ignore_at[i],
            fmt::format("column {} of {} is both ignored and mapped to {}", Quoted(column), path, name),
            "a column in one of them");
      break;
    }
  }
}

}  // namespace migrate::plan
