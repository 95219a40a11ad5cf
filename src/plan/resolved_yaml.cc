// The resolved plan as YAML that can be read back, each value that the plan does not write with its origin beside it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "enum_names.h"
#include "migrate/plan/diagnostic.h"
#include "migrate/plan/resolved.h"

namespace migrate::plan {
namespace {

// What stands behind "default" where the plan language has no more to say.
std::string Why(const std::string& key, const std::string& why) {
  static const std::map<std::string, std::string> kMore = {
      {"target.partitions", "16 to 32 are good for lookups"},
      {"normalize.country", "how phones and addresses without a country are read"},
      {"normalize.date_order", "03/04/1972 is the 4th of March"},
      {"normalize.two_digit_year_pivot", "years 00 to this one are 20xx"},
      {"normalize.excel_serials", "a bare number is no date"},
      {"dedupe.match_probability", "from here on two records are one person"},
      {"dedupe.review_probability", "from here up to match_probability a steward decides"},
      {"dedupe.survivorship.default", "which value a person keeps: the one of the latest updated_at"},
      {"target.compression", "pages lie on the server's disk as they are"},
      {"retention.segments", "the rows as they were read go with the next import"},
      {"retention.match", "the next import compares only what is new"},
      {"reconcile.sample", "rows compared field by field, besides every digest"},
      {"stages", "all stages"}};
  auto more = kMore.find(key);
  const std::string text = more == kMore.end() ? why : more->second;
  if (key.ends_with(".unknown_layout")) return "default: a file that fits no layout stops the run";
  if (key.ends_with(".on_snapshot_loss")) return "default: after a lost connection the table is read anew";
  if (key.ends_with(".read_timeout")) return "default: a server that is silent for 15 minutes is taken for dead";
  return text.starts_with("default") ? text : "default: " + text;
}

// A scalar as YAML reads it back: quoted wherever it could mean something else.
std::string Scalar(std::string_view text, bool in_flow = false) {
  std::string value;
  for (size_t i = 0; i < text.size(); ++i) {
    value += text[i];
    if (text[i] == '$' && i + 1 < text.size() && (text[i + 1] == '{' || text[i + 1] == '$')) value += '$';
  }
  auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' ||
           c == '.' || (c & 0x80) != 0;
  };
  const bool reserved = value == "~" || value == "null" || value == "Null" || value == "NULL" || value.empty() ||
                        value == "." || value == "..." || value == "---";
  const bool plain = !reserved && word(value.front()) &&
                     std::all_of(value.begin(), value.end(),
                                 [&](char c) {
                                   return word(c) || c == '-' || c == '+' || c == '@' || (c == ':' && !in_flow) ||
                                          c == ' ' || c == '%' || c == '*';
                                 }) &&
                     value.back() != ' ' && value.back() != ':' && value.find(": ") == std::string::npos;
  if (plain) return value;
  std::string out = "\"";
  for (char c : value) {
    if (c == '"' || c == '\\')
      out.append({'\\', c});
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<uint8_t>(c) < 0x20)
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string Flow(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& i : items) out += (out.size() > 1 ? ", " : "") + Scalar(i, true);
  return out + "]";
}
std::string OneOrMore(const std::vector<std::string>& items) {
  return items.size() == 1 ? Scalar(items[0], true) : Flow(items);
}

std::string FieldText(const FieldMapping& m) {
  switch (m.kind) {
    case FieldMapping::Kind::kConstant:
      return "{const: " + Scalar(m.constant, true) + "}";
    case FieldMapping::Kind::kJoin:
      return "{join: " + Flow(m.columns) + ", with: " + Scalar(m.with, true) + "}";
    case FieldMapping::Kind::kOptOut: {
      std::string out;
      const auto& c = m.channel_columns;
      if (std::all_of(c.begin(), c.end(), [&](const std::string& one) { return one == c[0]; })) return Scalar(c[0]);
      for (size_t i = 0; i < c.size(); ++i)
        if (!c[i].empty())
          out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", kOptOutChannels[i], Scalar(c[i], true));
      return "{" + out + "}";
    }
    case FieldMapping::Kind::kColumns:
      break;
  }
  if (m.formats.empty()) return OneOrMore(m.columns);
  return "{column: " + Scalar(m.columns.at(0), true) + ", format: " + OneOrMore(m.formats) + "}";
}

class Writer {
 public:
  explicit Writer(const Plan& plan) : plan_(plan) {
    for (const Default& d : plan.defaults) why_[d.key] = Why(d.key, d.why);
  }

  std::string Text() {
    Value(0, "name", Scalar(plan_.name));
    if (!plan_.requires_version.empty()) Value(0, "requires", Scalar(plan_.requires_version));
    Value(0, "workspace", Scalar(plan_.workspace), "workspace");
    TargetText();
    Head(0, "sources");
    for (const Source& s : plan_.sources) SourceText(s);
    if (!plan_.attributes.empty()) Head(0, "attributes");
    for (const Attribute& a : plan_.attributes)
      Value(1, a.name, fmt::format("{{type: {}}}", kAttributeTypeNames[static_cast<size_t>(a.type)]));
    Settings();
    return std::move(out_);
  }

 private:
  void Head(int depth, const std::string& key) {
    out_ += std::string(2 * static_cast<size_t>(depth), ' ') + key + ":\n";
  }
  // `path`: the name under which a default would be noted.
  void Value(int depth, const std::string& key, const std::string& value, const std::string& path = "") {
    std::string line = std::string(2 * static_cast<size_t>(depth), ' ') + key + ": " + value;
    auto why = why_.find(path);
    if (!path.empty() && why != why_.end()) {
      line.resize(std::max(line.size() + 2, size_t{40}), ' ');
      line += "# " + why->second;
    }
    out_ += line + "\n";
  }
  // A key that has no value because the plan does not write it.
  void Absent(int depth, const std::string& key, const std::string& why) {
    out_ += std::string(2 * static_cast<size_t>(depth), ' ') + "# " + key + ": " + why + "\n";
  }

  void ConnectionText(int depth, const Secret& secret, const Tls& tls) {
    switch (secret.kind) {
      case Secret::Kind::kNone:
        break;
      case Secret::Kind::kEnv:
        Value(depth, "password", "{env: " + Scalar(secret.value, true) + "}");
        break;
      case Secret::Kind::kFile:
        Value(depth, "password", "{file: " + Scalar(secret.value, true) + "}");
        break;
      case Secret::Kind::kCommand:
        Value(depth, "password", "{command: \"***\"}");  // its arguments may be secret
        break;
      case Secret::Kind::kAwsIam:
        Value(depth, "password", "{aws_iam: {region: " + Scalar(secret.region, true) + "}}");
        break;
      case Secret::Kind::kPrompt:
        Value(depth, "password", "{prompt: true}");
        break;
    }
    std::string text;
    if (!tls.mode.empty()) text = "mode: " + tls.mode;
    if (!tls.ca.empty()) text += (text.empty() ? "ca: " : ", ca: ") + Scalar(tls.ca, true);
    if (text.empty())
      Absent(depth, "tls", "default: verify_identity, except on the loopback interface");
    else
      Value(depth, "tls", "{" + text + "}");
  }

  void TargetText() {
    const Target& t = plan_.target;
    Head(0, "target");
    Value(1, "url", Scalar(t.sqlite ? "sqlite:" + t.path : MaskUrls(t.url)));
    if (!t.sqlite) ConnectionText(1, t.password, t.tls);
    if (!t.reader_url.empty()) Value(1, "reader_url", Scalar(MaskUrls(t.reader_url)));
    Value(1, "partitions", std::to_string(t.partitions), "target.partitions");
    if (!t.sqlite) Value(1, "compression", kCompressions[static_cast<size_t>(t.compression)], "target.compression");
  }

  void ServerText(const Source& s, const std::string& path) {
    const Throttle& t = s.throttle;
    std::string text;
    auto add = [&](const char* key, const std::string& value) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, value);
    };
    if (t.rows_per_second > 0) add("rows_per_second", std::to_string(t.rows_per_second));
    if (t.bytes_per_second > 0) add("bytes_per_second", fmt::format("{}B", t.bytes_per_second));
    if (t.max_replica_lag) add("max_replica_lag", fmt::format("{:.12g}s", *t.max_replica_lag));
    if (t.max_threads_running) add("max_threads_running", std::to_string(*t.max_threads_running));
    if (text.empty())
      Absent(2, "throttle", "none (default: as fast as it goes)");
    else
      Value(2, "throttle", "{" + text + "}");
    Value(2, "on_snapshot_loss", s.continue_on_snapshot_loss ? "continue" : "restart", path + ".on_snapshot_loss");
    Value(2, "read_timeout", fmt::format("{:.12g}s", s.read_timeout), path + ".read_timeout");
  }

  void ExtractText(const Source& s) {
    const Incremental& i = s.incremental;
    if (!i.column.empty()) {
      std::string text = "{incremental: " + Scalar(i.column, true);
      if (i.seconds) text += fmt::format(", overlap: {:.12g}s", *i.seconds);
      if (i.number) text += fmt::format(", overlap: {}", *i.number);
      Value(2, "extract", text + "}");
    }
    if (s.freeze)
      Value(2, "contract", "freeze");
    else
      Absent(2, "contract", "evolve (default: columns that differ from the last import's are said)");
  }

  void SourceText(const Source& s) {
    const std::string path = "sources." + s.name;
    Head(1, s.name);
    Value(2, "type", kTypes[static_cast<size_t>(s.type)]);
    if (s.type == SourceType::kMysql) {
      Value(2, "url", Scalar(MaskUrls(s.url)));
      ConnectionText(2, s.password, s.tls);
      ServerText(s, path);
    } else {
      Value(2, "path", Scalar(s.path));
    }
    if (!s.table.empty()) Value(2, "table", Scalar(s.table));
    if (!s.query.empty()) Value(2, "query", Scalar(s.query));
    if (s.key.empty())
      Absent(2, "key", "none (default: the position in the file)");
    else
      Value(2, "key", OneOrMore(s.key));
    Value(2, "mode", kModes[static_cast<size_t>(s.mode)], path + ".mode");
    const bool csv = s.type == SourceType::kCsv;
    ExtractText(s);
    if (csv) Value(2, "unknown_layout", s.quarantine_unknown_layout ? "quarantine" : "error", path + ".unknown_layout");
    if (s.layouts.size() == 1) return LayoutText(2, csv, s.layouts[0]);
    Head(2, "layouts");
    for (const Layout& layout : s.layouts) {
      const size_t begin = out_.size();
      LayoutText(4, csv, layout);
      // The first key of a list's item stands behind its dash; a comment cannot.
      size_t key = out_.find_first_not_of(' ', begin);
      while (out_[key] == '#') key = out_.find_first_not_of(' ', out_.find('\n', key) + 1);
      out_.replace(key - 2, 1, "-");
    }
  }

  void LayoutText(int depth, bool csv, const Layout& layout) {
    if (csv && layout.encoding.empty()) Absent(depth, "encoding", "default: found in each file, and said");
    if (csv && layout.delimiter.empty()) Absent(depth, "delimiter", "default: found in each file, and said");
    if (!layout.encoding.empty()) Value(depth, "encoding", Scalar(layout.encoding));
    if (!layout.delimiter.empty()) Value(depth, "delimiter", Scalar(layout.delimiter));
    if (!layout.ignore.empty()) Value(depth, "ignore", Flow(layout.ignore));
    Head(depth, "fields");
    for (const FieldMapping& m : layout.fields) {
      const auto slot = static_cast<size_t>(m.slot);
      Value(depth + 1, slot < kFieldCount ? std::string(kFieldNames[slot]) : plan_.attributes[slot - kFieldCount].name,
            FieldText(m));
    }
  }

  void Settings() {
    Head(0, "normalize");
    Value(1, "country", plan_.normalize.country, "normalize.country");
    Value(1, "date_order", kDateOrders[static_cast<size_t>(plan_.normalize.date_order)], "normalize.date_order");
    Value(1, "two_digit_year_pivot", std::to_string(plan_.normalize.two_digit_year_pivot),
          "normalize.two_digit_year_pivot");
    Value(1, "excel_serials", kExcelSerials[static_cast<size_t>(plan_.normalize.excel_serials)],
          "normalize.excel_serials");
    if (plan_.normalize.as_of.empty())
      Absent(1, "as_of", "none (default: birth dates are held against no day)");
    else
      Value(1, "as_of", plan_.normalize.as_of, "normalize.as_of");
    const Dedupe& d = plan_.dedupe;
    Head(0, "dedupe");
    Value(1, "match_probability", fmt::format("{}", d.match_probability), "dedupe.match_probability");
    Value(1, "review_probability", fmt::format("{}", d.review_probability), "dedupe.review_probability");
    if (d.model.empty())
      Absent(1, "model", "none (default: learned at the first import, then kept in the target)");
    else
      Value(1, "model", Scalar(d.model));
    Head(1, "survivorship");
    Value(2, "default", kStrategies[static_cast<size_t>(d.default_strategy)], "dedupe.survivorship.default");
    for (const auto& [name, strategy] : d.strategies) Value(2, name, kStrategies[static_cast<size_t>(strategy)]);
    Head(0, "reconcile");
    Value(1, "sample", std::to_string(plan_.reconcile.sample), "reconcile.sample");
    const Limit& limit = plan_.reconcile.max_quarantined;
    if (limit.rows)
      Value(1, "max_quarantined", std::to_string(*limit.rows));
    else if (limit.share)
      Value(1, "max_quarantined", fmt::format("\"{}%\"", *limit.share * 100));
    else
      Absent(1, "max_quarantined", "none (default: no limit)");
    Head(0, "retention");
    Value(1, "segments", kKeepSegments[static_cast<size_t>(plan_.retention.segments)], "retention.segments");
    Value(1, "match", plan_.retention.match ? "keep" : "drop", "retention.match");
    ObserveText(plan_.observe);
    std::vector<std::string> stages;
    for (Stage s : plan_.stages) stages.emplace_back(kStageNames[static_cast<size_t>(s)]);
    Value(0, "stages", Flow(stages), "stages");
  }

  void ObserveText(const Observe& o) {
    std::vector<std::pair<const char*, std::string>> values;
    if (!o.log.empty()) values.emplace_back("log", Scalar(o.log));
    if (o.log_json) values.emplace_back("log_format", *o.log_json ? "json" : "text");
    if (o.log_level) values.emplace_back("log_level", kLogLevelNames[static_cast<size_t>(*o.log_level)]);
    if (!o.metrics.empty()) values.emplace_back("metrics", Scalar(o.metrics));
    if (o.stall_after)
      values.emplace_back("stall_after", *o.stall_after > 0 ? fmt::format("{:.12g}s", *o.stall_after) : "0");
    if (!o.notify.empty()) values.emplace_back("notify", "\"***\"");  // its arguments may be secret
    if (!values.empty()) Head(0, "observe");
    for (const auto& [key, value] : values) Value(1, key, value);
  }

  const Plan& plan_;
  std::map<std::string, std::string> why_;
  std::string out_;
};

bool LooksSecret(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  for (std::string_view word : {"passw", "passphrase", "secret", "token", "pwd", "credential", "apikey", "api_key"})
    if (name.find(word) != std::string::npos) return true;
  return name == "key" || name.ends_with("_key");
}

}  // namespace

std::string ResolvedPlanYaml(const Plan& plan) { return MaskVariables(plan, Writer(plan).Text()); }

std::string MaskVariables(const Plan& plan, std::string text) {
  for (const Variable& v : plan.variables) {
    if (!v.from_environment || !LooksSecret(v.name)) continue;
    const char* value = std::getenv(v.name.c_str());
    if (value == nullptr || *value == '\0') continue;
    const std::string_view secret(value);
    for (size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3)
      text.replace(at, secret.size(), "***");
  }
  return text;
}

}  // namespace migrate::plan
