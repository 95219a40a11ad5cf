#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "migrate/normalize/text.h"
#include "migrate/survey/init.h"

namespace migrate::survey {
namespace {

namespace fs = std::filesystem;
constexpr size_t kWidth = 100;

// A comment, wrapped, each line with the indent and "# "; further lines are set in a little.
std::string Comment(size_t indent, std::string_view text) {
  std::string out;
  const std::string head(indent, ' ');
  std::string line;
  bool first = true;
  auto flush = [&] {
    out += head + (first ? "# " : "#   ") + line + "\n";
    first = false;
    line.clear();
  };
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!line.empty() && head.size() + 4 + line.size() + 1 + word.size() > kWidth) flush();
    if (!line.empty()) line += ' ';
    // A line break in a column's name must not end the comment.
    for (char c : word) line += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    at = end + 1;
  }
  flush();
  return out;
}

std::string Unsure(size_t indent, const std::string& text) { return Comment(indent, fmt::format("UNSURE: {}", text)); }

std::string List(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& i : items) out += (out.size() > 1 ? ", " : "") + YamlScalar(i);
  return out + "]";
}

std::string FormatsText(const std::vector<std::string>& formats) {
  return formats.size() == 1 ? YamlScalar(formats[0]) : List(formats);
}

std::string FieldValue(const FieldMapping& m) {
  switch (m.kind) {
    case FieldMapping::Kind::kConstant:
      return fmt::format("{{const: {}}}", YamlScalar(m.constant));
    case FieldMapping::Kind::kJoin:
      return fmt::format("{{join: {}, with: \"{}\"}}", List(m.columns), m.with);
    case FieldMapping::Kind::kOptOut: {
      std::string out = "{";
      for (size_t c = 0; c < m.channel_columns.size(); ++c)
        if (!m.channel_columns[c].empty())
          out +=
              fmt::format("{}{}: {}", out.size() > 1 ? ", " : "", kOptOutChannels[c], YamlScalar(m.channel_columns[c]));
      return out + "}";
    }
    case FieldMapping::Kind::kColumns:
      break;
  }
  if (!m.formats.empty())
    return fmt::format("{{column: {}, format: {}}}", YamlScalar(m.columns[0]), FormatsText(m.formats));
  return m.columns.size() == 1 ? YamlScalar(m.columns[0]) : List(m.columns);
}

std::string FieldText(const MappedField& f) {
  std::string out;
  for (const auto& r : f.reasons) out += Comment(6, r);
  for (const auto& d : f.doubts) out += Unsure(6, d);
  return out + fmt::format("      {}: {}\n", kFieldNames[static_cast<size_t>(f.mapping.slot)], FieldValue(f.mapping));
}

std::string FolderOf(const std::string& output) {
  std::error_code error;
  return output.empty() ? "" : fs::absolute(output, error).parent_path().string();
}

// Where the plan will stand decides how its paths read.
std::string PlanPath(const std::string& path, const std::string& output) { return PathFrom(path, FolderOf(output)); }

std::string SampleText(const SurveyedSource& s) {
  if (s.profile.rows() == 0) return "it has no rows yet, so only the names of its columns were looked at";
  std::string out = fmt::format("looked at {} {} rows", s.whole ? "all" : "the first", Thousands(s.head_rows));
  if (s.spread_rows > 0) out += fmt::format(" and {} from all through it", Thousands(s.spread_rows));
  if (s.files.size() > 1) out += fmt::format(" of {} files", s.files.size());
  if (s.reject_rows > 0)
    out += fmt::format("; {} of them are broken and would be quarantined", Thousands(s.reject_rows));
  return out;
}

std::string KeyText(const SurveyedSource& s) {
  const KeyGuess& k = s.key;
  std::string out;
  if (k.columns.empty()) {
    out += Comment(4, "key: no column was found that tells rows apart, so the position in the file does");
    if (!k.doubt.empty()) out += Unsure(4, k.doubt);
    return out;
  }
  out += Comment(4, fmt::format("key: {}", k.why));
  if (!k.doubt.empty()) out += Unsure(4, k.doubt);
  return out + fmt::format("    key: {}\n", k.columns.size() == 1 ? YamlScalar(k.columns[0]) : List(k.columns));
}

std::string RestText(const Mapping& m) {
  std::string out;
  std::vector<std::string> empty;
  for (const auto& u : m.unmapped)
    if (u.empty && !u.column.empty()) empty.push_back(u.column);
  std::string lines;
  for (const auto& u : m.unmapped) {
    if (u.empty && !u.column.empty()) continue;
    std::string line = fmt::format("{}: {}", u.column.empty() ? "(no name)" : u.column, u.looks_like);
    if (!u.attribute_type.empty()) line += fmt::format("; as an attribute: {{type: {}}}", u.attribute_type);
    lines += Comment(4, fmt::format("- {}", line));
  }
  if (!lines.empty())
    out += Comment(4,
                   "Not mapped; the values are kept with each row. To use one, name it under `attributes:` below "
                   "(NAME: {type: TYPE}) and under `fields:` (NAME: COLUMN).") +
           lines;
  if (!empty.empty()) {
    out += Comment(4, "empty in every row that was looked at");
    out += "    ignore:\n";
    for (const auto& e : empty) out += fmt::format("      - {}\n", YamlScalar(e));
  }
  return out;
}

// Where the rows lie.
std::string PlaceText(const InitOptions& o, const SurveyedSource& s) {
  std::string out = fmt::format("    type: {}\n", !s.url.empty() ? "mysql" : s.sqlite ? "sqlite" : "csv");
  if (s.url.empty()) {
    out += fmt::format("    path: {}\n", YamlScalar(PlanPath(s.path, o.output)));
  } else {
    out += fmt::format("    url: {}\n    password: {{env: {}}}\n", YamlScalar(s.url), s.access.password_env);
    std::string tls = s.access.tls_mode.empty() ? "" : "mode: " + s.access.tls_mode;
    if (!s.access.tls_ca.empty())
      tls += (tls.empty() ? "ca: " : ", ca: ") + YamlScalar(PlanPath(s.access.tls_ca, o.output));
    if (!tls.empty()) out += fmt::format("    tls: {{{}}}\n", tls);
    out += Comment(4, "if others use this server: throttle: {max_threads_running: 40} or {rows_per_second: 20000}");
  }
  if (!s.query.empty()) return out + fmt::format("    query: {}\n", YamlScalar(s.query));
  return s.sqlite || !s.url.empty() ? out + fmt::format("    table: {}\n", YamlScalar(s.table.name)) : out;
}

std::string SourceText(const InitOptions& o, const SurveyedSource& s, const Mapping& m) {
  std::string out = fmt::format("\n  {}:\n", YamlScalar(s.name));
  out += Comment(4, SampleText(s));
  for (const auto& f : s.findings) out += Comment(4, s.files.size() > 1 ? fmt::format("first file: {}", f) : f);
  if (s.no_header)
    out +=
        Unsure(4,
               "the file seems to have no header line. Its first row is taken for the names of the columns and is NOT "
               "imported: put a line with names at the top of the file and run `migrate init` again.");
  out += PlaceText(o, s);
  out += KeyText(s);
  if (s.sqlite || !s.url.empty())
    out += "    mode: snapshot   # a row that is gone from the table is marked gone\n";
  else
    out += "    mode: append     # rows only come; snapshot: a row that is gone from the files is marked gone\n";
  out += "    fields:\n";
  for (const auto& f : m.fields) out += FieldText(f);
  return out + RestText(m);
}

std::string SettingsText(const Settings& s) {
  constexpr const char* kOrders[] = {"mdy", "dmy", "ymd"};
  std::string out = "\nnormalize:\n";
  out += Comment(2, fmt::format("for phones, postal codes and addresses that name none: {}", s.country_why));
  if (!s.country_doubt.empty()) out += Unsure(2, s.country_doubt);
  out += fmt::format("  country: {}\n", s.normalize.country);
  out += Comment(2, fmt::format("how to read 03/04/1972: {}", s.order_why));
  if (!s.order_doubt.empty()) out += Unsure(2, s.order_doubt);
  return out + fmt::format("  date_order: {}\n", kOrders[static_cast<size_t>(s.normalize.date_order)]);
}

bool IsPlain(std::string_view text) {
  if (text.empty() || text.size() > 80) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool word = normalize::IsAlnum(c) || c == '_' || c == '.' || c == '/' || (c == '-' && i > 0);
    const bool between = c == ' ' && i > 0 && i + 1 < text.size();
    if (!word && !between) return false;
  }
  return text != "null" && text != "Null" && text != "NULL";
}

}  // namespace

std::string YamlScalar(std::string_view text) {
  if (IsPlain(text)) return std::string(text);
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else if (c == '$' && (i + 1 < text.size() && (text[i + 1] == '{' || text[i + 1] == '$'))) {
      out += "$$";
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

std::string PlanText(const InitOptions& o, const InitResult& r) {
  std::string out =
      Comment(0,
              "Written by `migrate init` from what it found; it runs as it stands. Read the lines that say "
              "UNSURE first: change what is wrong, then delete the comment. Examples are masked.");
  out += "#\n";
  const std::string file = o.output.empty() ? "plan.yaml" : fs::path(o.output).filename().string();
  out += fmt::format("#   migrate validate {0}    shows how the first 1,000 rows of each source are read\n", file);
  out += fmt::format("#   migrate run {0}         imports them; the sources are only read\n", file);
  out += fmt::format("name: {}\nrequires: \">={}\"\n", YamlScalar(r.plan_name), o.version);
  out += "\ntarget:\n" + Comment(2, "the database that is made or added to; relative paths start at this file");
  out += fmt::format("  url: {}\n  partitions: 32\n\nsources:", YamlScalar(r.target));
  for (size_t i = 0; i < r.survey.sources.size(); ++i) out += SourceText(o, r.survey.sources[i], r.mappings[i]);
  if (!r.survey.left_out.empty()) {
    out += "\n" + Comment(0, "Left out:");
    for (const auto& l : r.survey.left_out) out += Comment(0, "- " + LeftOutText(l, FolderOf(o.output)));
  }
  return out + SettingsText(r.settings);
}

}  // namespace migrate::survey
