#include "migrate/run/reject_context.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "migrate/base/bytes.h"
#include "migrate/base/file.h"
#include "migrate/base/hash.h"
#include "migrate/base/plural.h"
#include "migrate/extract/byte_stream.h"
#include "migrate/extract/text_encoding.h"
#include "migrate/record/reason_table.h"

namespace migrate::run {
namespace {

using report::RejectColumns;
using report::RejectContext;
using report::RejectDetail;

constexpr size_t kAround = 16 << 10;       // bytes before and behind the row that are looked at
constexpr uint64_t kHashed = 64ULL << 20;  // files up to this size are compared as a whole
constexpr size_t kLines = 2;

const plan::Source* SourceOf(const plan::Plan& plan, const std::string& name) {
  for (const auto& s : plan.sources)
    if (s.name == name) return &s;
  return nullptr;
}

// Bytes [begin, end) of the unpacked file, as far as there are any.
Result<std::string> Window(const std::string& path, bool utf16, uint64_t begin, uint64_t end) {
  MIGRATE_ASSIGN(extract::TextStream text,
                 extract::OpenTextStream(path, utf16 ? extract::Utf16::kDeclared : extract::Utf16::kFind));
  const bool plain = !text.utf16 && std::none_of(text.findings.begin(), text.findings.end(),
                                                 [](const std::string& f) { return f.starts_with("packed"); });
  std::string out(end - begin, '\0');
  if (plain) {
    MIGRATE_ASSIGN(File file, File::OpenRead(path));
    MIGRATE_ASSIGN(size_t got, file.ReadAt(begin, out.data(), out.size()));
    out.resize(got);
    return out;
  }
  std::string skipped(256 << 10, '\0');
  for (uint64_t at = text.first_offset; at < begin;) {
    const size_t n = std::min<uint64_t>(skipped.size(), begin - at);
    MIGRATE_ASSIGN(size_t got, text.bytes->Read(skipped.data(), n));
    if (got < n) return std::string();
    at += got;
  }
  if (begin < text.first_offset) out.resize(end - text.first_offset);
  MIGRATE_ASSIGN(size_t got, text.bytes->Read(out.data(), out.size()));
  out.resize(got);
  return out;
}

// One past the line end at `at`, or `at` if none stands there.
size_t BehindLineEnd(std::string_view text, size_t at) {
  if (text.substr(at).starts_with("\r\n")) return at + 2;
  return at < text.size() && (text[at] == '\n' || text[at] == '\r') ? at + 1 : at;
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    lines.emplace_back(text.substr(at, end - at));
    at = BehindLineEnd(text, end);
  }
  return lines;
}

void ReadLines(std::string_view text, size_t row_at, bool from_begin, const RejectDetail& d, RejectContext* out) {
  std::vector<std::string> before = Lines(text.substr(0, row_at));
  const size_t keep = std::min(kLines, before.size());
  // The first of them may be only the end of a line.
  if (!from_begin && before.size() <= kLines && !before.empty()) before[0] = "…" + before[0];
  for (size_t i = before.size() - keep; i < before.size(); ++i)
    out->before.push_back({d.row.line - (before.size() - i), before[i]});
  const uint64_t inner = Lines(d.raw).size();
  std::vector<std::string> after = Lines(text.substr(BehindLineEnd(text, row_at + d.raw.size())));
  for (size_t i = 0; i < std::min(kLines, after.size()); ++i)
    out->after.push_back({d.row.line + std::max<uint64_t>(inner, 1) + i, after[i]});
}

// Fills the lines, or returns why not.
std::string Neighbours(const RejectDetail& d, RejectContext* out) {
  const std::string& path = d.row.file;
  if (!PathExists(path)) return path + " is no longer there, so its neighbouring lines are not known";
  const std::string changed = fmt::format(
      "{} has changed since import {} read it, so its neighbouring lines are not shown", path, d.row.import_id);
  auto stat = StatFile(path);
  if (!stat.ok()) return stat.status().message();
  if (stat->size != d.file_bytes) return changed;
  if (stat->size <= kHashed) {
    auto hash = Sha256OfFile(path);
    if (!hash.ok()) return hash.status().message();
    if (Hex(AsView(*hash)) != d.sha256) return changed;
  }
  const bool utf16 =
      std::any_of(d.findings.begin(), d.findings.end(), [](const std::string& f) { return f.starts_with("UTF-16"); });
  const uint64_t begin = d.row.byte_offset > kAround ? d.row.byte_offset - kAround : 0;
  auto text = Window(path, utf16, begin, d.row.byte_offset + d.raw.size() + kAround);
  if (!text.ok()) return text.status().message();
  // A byte order mark is no part of the window of a packed file.
  size_t row_at = text->find(d.raw, 0);
  const size_t expected = static_cast<size_t>(d.row.byte_offset - begin);
  for (size_t lost : {size_t{0}, size_t{3}})
    if (expected >= lost && text->compare(expected - lost, d.raw.size(), d.raw) == 0) row_at = expected - lost;
  if (row_at == std::string::npos || (row_at != expected && row_at + 3 != expected)) return changed;
  ReadLines(*text, row_at, begin == 0, d, out);
  return "";
}

std::string At(const plan::Plan& plan, plan::Position at) {
  const std::string file = std::filesystem::path(plan.file).filename().string();
  return at.line == 0 ? file : fmt::format("{}:{}", file, at.line);
}

std::string Decoded(extract::Encoding encoding, std::string_view bytes) {
  std::string out;
  extract::AppendUtf8(encoding, bytes, &out);
  return out;
}

// Finds the proposal for one reject.
class Mend {
 public:
  Mend(const plan::Plan& plan, const plan::Source* source, const RejectDetail& d, char delimiter)
      : plan_(plan), source_(source), d_(d), delimiter_(delimiter), split_(report::SplitReject(d, delimiter)) {}

  void Fill(RejectContext* out) const {
    const std::string& r = d_.row.reason;
    if (r == reasons::kUndecodable) return Undecodable(out);
    if (r == reasons::kNullKey || r == reasons::kKeyTooLong) return Key(out);
    if (r == reasons::kUnknownLayout) return Layout(out);
    if (r == reasons::kDuplicateKey) return Duplicate(out);
    out->mend = InFile();
  }

 private:
  std::string Line() const {
    const std::string file = std::filesystem::path(d_.row.file).filename().string();
    return d_.row.line == 0 ? fmt::format("row {} of {}", d_.row.row, file)
                            : fmt::format("line {} of {}", d_.row.line, file);
  }
  // "line 9, character 22 of a.csv"; a row of several lines is counted on to the line that is meant.
  std::string Spot() const {
    if (split_.broke_at == RejectColumns::kNone) return Line();
    const std::string_view before = std::string_view(d_.raw).substr(0, split_.broke_at);
    const size_t ends = static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
    const size_t begin = ends == 0 ? 0 : before.rfind('\n') + 1;
    const auto characters = std::count_if(before.begin() + static_cast<long>(begin), before.end(),
                                          [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
    return fmt::format("line {}, character {} of {}", d_.row.line + ends, characters + 1,
                       std::filesystem::path(d_.row.file).filename().string());
  }
  std::string Column(size_t i) const {
    return i < d_.columns.size() ? "'" + d_.columns[i] + "'" : std::to_string(i + 1);
  }

  std::string InFile() const {
    const std::string& r = d_.row.reason;
    const size_t have = split_.values.size(), want = d_.columns.size();
    const std::string again = "; then run the plan again";
    if (r == reasons::kTooFewFields && have < want)
      return fmt::format("in {}: add {} ({}), or join it with the line that continues it{}", Line(),
                         Counted(want - have, "field"), Missing(have, want), again);
    if (r == reasons::kTooManyFields && have > want && want > 0)
      return fmt::format("in {}: put quotes around the field that holds '{}', or take away {} from the field {} on{}",
                         Line(), delimiter_, Counted(have - want, "field"), want + 1, again);
    if (r == reasons::kUnclosedQuote)
      return fmt::format("close the quote that opens at {}, or take it away{}", Spot(), again);
    if (r == reasons::kBadQuote)
      return fmt::format("write the quotes inside column {} twice (\"\"): the field seems to end before {}{}",
                         Column(split_.broke_column), Spot(), again);
    if (r == reasons::kTooLong && d_.row.line == 0)
      return "leave the long column out: name the columns that are needed in a `query:` in place of the table";
    if (r == reasons::kTooLong)
      return fmt::format("look for a quote that swallows lines from {} on, and close it{}", Line(), again);
    if (r == reasons::kRepeatedHeader)
      return fmt::format("nothing: {} holds no person; take it away if it should not be listed", Line());
    return "";
  }
  std::string Missing(size_t have, size_t want) const {
    std::string out;
    for (size_t i = have; i < std::min(want, have + 3); ++i) out += (i > have ? ", " : "") + Column(i);
    return want > have + 3 ? out + ", …" : out;
  }

  void Undecodable(RejectContext* out) const {
    using extract::Encoding;
    const std::string now = WordOfFinding(d_.findings, "encoding");
    const bool pinned = std::any_of(d_.findings.begin(), d_.findings.end(), [](const std::string& f) {
      return f.starts_with("encoding ") && f.find("(declared") != std::string::npos;
    });
    Encoding other = IsUtf8(d_.raw) ? Encoding::kUtf8 : Encoding::kWindows1252;
    if (extract::FirstUndecodable(other, d_.raw) != std::string_view::npos || now == extract::EncodingName(other))
      other = Encoding::kLatin1;
    const size_t c = split_.broke_column;
    std::string value = c < split_.values.size() ? Decoded(other, split_.values[c]) : "";
    if (constexpr size_t kShown = 60; value.size() > kShown) {
      size_t n = kShown;
      while (n > 0 && (static_cast<uint8_t>(value[n]) & 0xC0) == 0x80) --n;
      value = value.substr(0, n) + "…";
    }
    out->mend =
        fmt::format("if the file is {} (column {} then reads '{}'), {} at sources.{}; else mend the bytes at {}",
                    extract::EncodingName(other), Column(c), value,
                    pinned ? fmt::format("change `encoding: {}` to {}", now, extract::EncodingName(other))
                           : fmt::format("add `encoding: {}`", extract::EncodingName(other)),
                    d_.row.source, Spot());
    if (source_ != nullptr) out->plan = At(plan_, source_->at);
  }

  void Key(RejectContext* out) const {
    const bool null = d_.row.reason == reasons::kNullKey;
    const std::string what =
        null ? "fill column " + Column(split_.broke_column) + " in " + Line() : "shorten the key in " + Line();
    const std::string how = source_ != nullptr && source_->type == plan::SourceType::kCsv
                                ? "choose another key (or none: then the position in the file counts)"
                                : "choose another key";
    out->mend = fmt::format("{}; or, if many rows are so, {} at sources.{}.key", what, how, d_.row.source);
    if (source_ != nullptr) out->plan = At(plan_, source_->key_at.line > 0 ? source_->key_at : source_->at);
  }

  void Layout(RejectContext* out) const {
    std::string header;
    for (size_t i = 0; i < std::min<size_t>(d_.columns.size(), 12); ++i) header += (i > 0 ? ", " : "") + d_.columns[i];
    if (d_.columns.size() > 12) header += ", …";
    out->mend = fmt::format(
        "add to sources.{}.layouts one that maps columns of this file ({}), or take the file out of "
        "the pattern",
        d_.row.source, header);
    if (source_ != nullptr) out->plan = At(plan_, source_->at);
  }

  void Duplicate(RejectContext* out) const {
    out->mend = fmt::format(
        "nothing, if the row repeats key {} ({}); if it is another person, choose a key that is "
        "unique at sources.{}.key",
        d_.row.source_key, d_.row.detail, d_.row.source);
    if (source_ != nullptr) out->plan = At(plan_, source_->key_at.line > 0 ? source_->key_at : source_->at);
  }

  const plan::Plan& plan_;
  const plan::Source* source_;
  const RejectDetail& d_;
  char delimiter_;
  RejectColumns split_;
};

}  // namespace

std::string WordOfFinding(const std::vector<std::string>& findings, const std::string& what) {
  for (const auto& f : findings) {
    if (!f.starts_with(what + " ")) continue;
    const size_t begin = what.size() + 1;
    return f.substr(begin, f.find(' ', begin) - begin);
  }
  return "";
}

char DelimiterOf(const plan::Source* source, const std::vector<std::string>& findings) {
  const std::string found = WordOfFinding(findings, "delimiter");
  for (const auto& [name, c] : {std::pair<std::string_view, char>{"TAB", '\t'}, {"tab", '\t'}, {"\\t", '\t'}})
    if (found.find(name) != std::string::npos) return c;
  for (char c : found)
    if (c != '\'' && c != '"' && c != '`') return c;
  if (source != nullptr && !source->layouts.empty() && source->layouts[0].delimiter.size() == 1)
    return source->layouts[0].delimiter[0];
  return ',';
}

RejectContext ContextOf(const plan::Plan& plan, const RejectDetail& reject) {
  RejectContext out;
  const plan::Source* source = SourceOf(plan, reject.row.source);
  out.delimiter = DelimiterOf(source, reject.findings);
  if (reject.row.line == 0)
    out.no_lines = "a table has no lines";
  else
    out.no_lines = Neighbours(reject, &out);
  Mend(plan, source, reject, out.delimiter).Fill(&out);
  return out;
}

}  // namespace migrate::run
