// Rejects as text for terminals and as JSON.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "migrate/base/bytes.h"
#include "migrate/base/plural.h"
#include "migrate/record/reason_table.h"
#include "migrate/report/rejects_view.h"
#include "text.h"

namespace migrate::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownPlaces = 3;
constexpr size_t kShownBytes = 600;    // of a long row, around the place where it broke
constexpr size_t kLineBytes = 160;     // of a neighbouring line
constexpr size_t kValueBytes = 100;    // of a column
constexpr size_t kShownColumns = 200;  // of a row
constexpr size_t kHexBytes = 16;       // a line of the hex dump
constexpr size_t kHexLines = 64;

std::string Number(uint64_t n) { return Thousands(static_cast<int64_t>(n)); }

std::string Place(const RejectRow& r) {
  if (r.line != 0) return fmt::format("{}:{}", r.file, r.line);
  return r.source_key.empty() ? fmt::format("{} row {}", r.file, r.row) : r.file;
}

std::string Dump(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string Cut(std::string_view bytes, size_t most) {
  if (bytes.size() <= most) return Escaped(bytes);
  // Not within a character.
  while (most > 0 && (static_cast<uint8_t>(bytes[most]) & 0xC0) == 0x80) --most;
  return Escaped(bytes.substr(0, most)) + fmt::format("… ({} more)", Counted(bytes.size() - most, "byte"));
}

bool Printable(std::string_view bytes) {
  return IsUtf8(bytes) && std::none_of(bytes.begin(), bytes.end(), [](char c) {
           auto u = static_cast<uint8_t>(c);
           return (u < 0x20 && c != '\n' && c != '\r' && c != '\t') || u == 0x7F;
         });
}

// The row on one line, with a caret under the byte where it broke.
std::string RawText(std::string_view raw, size_t broke_at) {
  size_t begin = 0;
  if (broke_at != RejectColumns::kNone && broke_at > kShownBytes / 2) begin = broke_at - kShownBytes / 2;
  if (raw.size() <= kShownBytes) begin = 0;
  while (begin > 0 && begin < raw.size() && (static_cast<uint8_t>(raw[begin]) & 0xC0) == 0x80) --begin;
  const std::string head = begin > 0 ? fmt::format("({} before) …", Counted(begin, "byte")) : "";
  std::string out = "  " + head + Cut(raw.substr(begin), kShownBytes) + "\n";
  if (broke_at == RejectColumns::kNone) return out;
  const size_t width = Width(head) + Width(Escaped(raw.substr(begin, broke_at - begin)));
  return out + std::string(2 + width, ' ') + "^\n";
}

bool NeedsHex(char c) {
  const auto u = static_cast<uint8_t>(c);
  return u < 0x20 || u >= 0x7F;
}

std::string HexLine(std::string_view raw, size_t at) {
  std::string hex, text;
  for (size_t i = at; i < at + kHexBytes; ++i) {
    if (i % kHexBytes == kHexBytes / 2) hex += ' ';
    if (i >= raw.size()) {
      hex += "   ";
      continue;
    }
    hex += fmt::format("{:02x} ", static_cast<uint8_t>(raw[i]));
    text += NeedsHex(raw[i]) ? '.' : raw[i];
  }
  return fmt::format("  {:08x}  {} |{}|\n", at, hex, text);
}

// The lines of sixteen bytes, as hexdump -C has them, that hold what cannot be printed; offsets count in the row.
std::string HexDump(std::string_view raw) {
  std::string out;
  size_t shown = 0, all = 0;
  for (size_t at = 0; at < raw.size(); at += kHexBytes) {
    const std::string_view line = raw.substr(at, kHexBytes);
    if (std::none_of(line.begin(), line.end(), NeedsHex)) continue;
    if (++all <= kHexLines) out += HexLine(raw, at);
    shown = std::min(all, kHexLines);
  }
  if (shown < all) out += fmt::format("  ... and {} more; --json has all bytes\n", Counted(all - shown, "such line"));
  return out;
}

std::string ColumnsText(const RejectDetail& d, const RejectColumns& split) {
  const size_t n = std::max(split.values.size(), d.columns.size());
  std::vector<std::vector<std::string>> rows{{"", "#", "column", "value"}};
  for (size_t i = 0; i < std::min(n, kShownColumns); ++i)
    rows.push_back({i == split.broke_column ? ">" : "", std::to_string(i + 1),
                    i < d.columns.size() ? Plain(d.columns[i]) : "(none)",
                    i < split.values.size() ? Cut(split.values[i], kValueBytes) : "(missing)"});
  std::string out = TextTable(rows, "lr");
  if (n > kShownColumns) out += fmt::format("  ... and {} more\n", Counted(n - kShownColumns, "column"));
  return out;
}

std::string LinesText(const RejectDetail& d, const RejectContext& c) {
  if (!c.no_lines.empty()) return "  " + c.no_lines + "\n";
  std::string out;
  auto line = [&](uint64_t number, std::string_view bytes, char mark) {
    out += fmt::format("{} {:>9}  {}\n", mark, number, Cut(bytes, kLineBytes));
  };
  for (const auto& l : c.before) line(l.number, l.bytes, ' ');
  line(d.row.line, d.raw, '>');
  for (const auto& l : c.after) line(l.number, l.bytes, ' ');
  return out;
}

std::string GroupsText(const RejectList& list, const std::string& plan) {
  std::string out;
  for (const auto& g : list.groups) {
    out += fmt::format("\n{}: {}\n", g.reason, Counted(g.count, "row"));
    std::string where;
    for (size_t i = 0; i < std::min(kShownPlaces, g.places.size()); ++i) {
      const RejectPlace& p = g.places[i];
      where +=
          (i > 0 ? ", " : "") + fmt::format("{} {} ({})", Plain(p.source),
                                            Plain(std::filesystem::path(p.file).filename().string()), Number(p.count));
    }
    if (g.place_count > kShownPlaces)
      where += fmt::format(" and {} more", Counted(g.place_count - kShownPlaces, "file"));
    std::vector<std::vector<std::string>> rows;
    if (!g.meaning.empty()) rows.push_back({"meaning", g.meaning});
    rows.push_back({"in", where});
    if (!g.examples.empty())
      rows.push_back({"example", fmt::format("{}  {}", Plain(Place(g.examples[0])), Plain(g.examples[0].masked))});
    if (!g.mend.empty()) rows.push_back({"mend", g.mend});
    rows.push_back({"see", fmt::format("migrate rejects list {} --reason {}", ShellWord(plan), ShellWord(g.reason))});
    if (!g.examples.empty())
      rows.push_back({"", fmt::format("migrate rejects show {} {}", ShellWord(plan), g.examples[0].quarantine_id)});
    out += TextTable(rows, "", "  ");
  }
  return out;
}

std::string RowsText(const RejectList& list, const std::string& plan) {
  bool states = false;
  for (const auto& r : list.rows) states |= r.state != "open";
  std::vector<std::vector<std::string>> rows{{"id", "source", "place", "byte", "key", "reason", "detail"}};
  if (states) rows[0].push_back("state");
  for (const auto& r : list.rows) {
    rows.push_back({std::to_string(r.quarantine_id), Plain(r.source), Plain(Place(r)), std::to_string(r.byte_offset),
                    Plain(r.source_key), r.reason, Plain(r.detail)});
    if (states) rows.back().push_back(r.state);
  }
  std::string out = "\n" + TextTable(rows, "rllr");
  const uint64_t end = list.offset + list.rows.size();
  if (end < list.total) out += fmt::format("... and {} more: --offset {}\n", Number(list.total - end), end);
  if (!list.rows.empty())
    out += fmt::format("one of them: migrate rejects show {} {}\n", ShellWord(plan), list.rows[0].quarantine_id);
  return out;
}

Json RowJson(const RejectRow& r) {
  return {{"id", r.quarantine_id},
          {"import", r.import_id},
          {"source", r.source},
          {"file", r.file},
          {"row", r.row},
          {"line", r.line},
          {"byte_offset", r.byte_offset},
          {"source_key", r.source_key},
          {"reason", r.reason},
          {"detail", r.detail},
          {"state", r.state},
          {"masked", r.masked},
          {"raw_bytes", r.raw_bytes}};
}

Json LinesJson(const std::vector<RejectContext::Line>& lines) {
  Json out = Json::array();
  for (const auto& l : lines)
    out.push_back(
        {{"line", l.number}, {"text", IsUtf8(l.bytes) ? Json(l.bytes) : Json(nullptr)}, {"base64", Base64(l.bytes)}});
  return out;
}

}  // namespace

std::string RenderText(const RejectList& list, const std::string& plan, bool rows) {
  const std::string open = list.all ? "" : "open ";
  if (list.total == 0) return "no " + open + "rejects\n";
  std::string out = Number(list.total) + " " + open + std::string(Plural(list.total, "reject", "rejects")) + "\n";
  return out + (rows ? RowsText(list, plan) : GroupsText(list, plan));
}

std::string RenderText(const RejectDetail& d, const RejectContext& context, const std::string& plan) {
  const RejectRow& r = d.row;
  const RejectColumns split = SplitReject(d, context.delimiter);
  const ReasonText* reason = FindReason(r.reason);
  std::vector<std::vector<std::string>> rows{{"reject", fmt::format("{} ({})", r.quarantine_id, r.state)},
                                             {"source", Plain(r.source)},
                                             {"place", Plain(Place(r))}};
  if (r.line != 0) rows.push_back({"byte", std::to_string(r.byte_offset)});
  if (d.what != "csv") rows.push_back({"table", Plain(d.what)});
  rows.push_back({"row", std::to_string(r.row)});
  if (!r.source_key.empty()) rows.push_back({"key", Plain(r.source_key)});
  rows.push_back({"import", std::to_string(r.import_id)});
  rows.push_back({"reason", reason == nullptr ? r.reason : fmt::format("{}: {}", r.reason, reason->meaning)});
  rows.push_back({"detail", Plain(r.detail)});
  if (!context.mend.empty() || reason != nullptr)
    rows.push_back({"mend", Plain(context.mend.empty() ? std::string(reason->mend) : context.mend)});
  if (!context.plan.empty()) rows.push_back({"plan", Plain(context.plan)});
  std::string out = TextTable(rows, "");
  out += fmt::format("\noriginal, {}{}:\n", Counted(d.raw.size(), "byte"),
                     Printable(d.raw) ? "" : ", what cannot be printed as \\xNN");
  out += RawText(d.raw, split.broke_at);
  if (!Printable(d.raw)) out += "\nits bytes that cannot be printed:\n" + HexDump(d.raw);
  if (!split.values.empty()) out += "\nin columns:\n" + ColumnsText(d, split);
  if (r.line != 0) out += "\nin the file, with its neighbours:\n" + LinesText(d, context);
  std::string walk;
  if (d.previous != 0) walk += fmt::format("previous: migrate rejects show {} {}\n", ShellWord(plan), d.previous);
  if (d.next != 0) walk += fmt::format("next:     migrate rejects show {} {}\n", ShellWord(plan), d.next);
  return walk.empty() ? out : out + "\n" + walk;
}

std::string RenderJson(const RejectList& list) {
  Json j{{"schema", 1},
         {"total", list.total},
         {"offset", list.offset},
         {"groups", Json::array()},
         {"rows", Json::array()}};
  for (const auto& g : list.groups) {
    Json group{{"reason", g.reason},     {"meaning", g.meaning},    {"mend", g.mend},           {"count", g.count},
               {"files", g.place_count}, {"places", Json::array()}, {"examples", Json::array()}};
    for (const auto& p : g.places)
      group["places"].push_back({{"source", p.source}, {"file", p.file}, {"count", p.count}});
    for (const auto& e : g.examples) group["examples"].push_back(RowJson(e));
    j["groups"].push_back(std::move(group));
  }
  for (const auto& r : list.rows) j["rows"].push_back(RowJson(r));
  return Dump(j);
}

std::string RenderJson(const RejectDetail& d, const RejectContext& context) {
  const RejectColumns split = SplitReject(d, context.delimiter);
  const ReasonText* reason = FindReason(d.row.reason);
  Json j = RowJson(d.row);
  j["schema"] = 1;
  j["meaning"] = reason == nullptr ? "" : reason->meaning;
  j["mend"] = !context.mend.empty() ? context.mend : reason == nullptr ? "" : std::string(reason->mend);
  j["plan"] = context.plan.empty() ? Json(nullptr) : Json(context.plan);
  j["what"] = d.what;
  j["raw_base64"] = Base64(d.raw);
  j["raw"] = IsUtf8(d.raw) ? Json(d.raw) : Json(nullptr);
  j["columns"] = Json::array();
  for (size_t i = 0; i < std::max(split.values.size(), d.columns.size()); ++i)
    j["columns"].push_back({{"name", i < d.columns.size() ? Json(d.columns[i]) : Json(nullptr)},
                            {"value", i < split.values.size() ? Json(split.values[i]) : Json(nullptr)}});
  auto position = [](size_t n) { return n == RejectColumns::kNone ? Json(nullptr) : Json(n); };
  j["broke"] = {{"byte", position(split.broke_at)}, {"column", position(split.broke_column)}};
  j["neighbours"] = {{"missing", context.no_lines.empty() ? Json(nullptr) : Json(context.no_lines)},
                     {"before", LinesJson(context.before)},
                     {"after", LinesJson(context.after)}};
  j["previous"] = d.previous == 0 ? Json(nullptr) : Json(d.previous);
  j["next"] = d.next == 0 ? Json(nullptr) : Json(d.next);
  return Dump(j);
}

}  // namespace migrate::report
