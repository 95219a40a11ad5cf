#include "migrate/plan/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace migrate::plan {
namespace {

constexpr int kLineWidthMax = 110;  // characters of a source line that are shown
constexpr std::string_view kMask = "***";

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

int CountCharacters(std::string_view s) { return static_cast<int>(std::count_if(s.begin(), s.end(), StartsCharacter)); }

// The byte at which the character number `n` (from 0) begins.
size_t ByteOf(std::string_view s, int n) {
  size_t i = 0;
  for (; i < s.size(); ++i)
    if (StartsCharacter(s[i]) && n-- == 0) break;
  return i;
}

bool Before(Position a, Position b) { return a.line != b.line ? a.line < b.line : a.column < b.column; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Folded(std::string_view s) {
  std::string out;
  for (char c : s)
    if (c != ' ' && c != '_' && c != '-' && c != '.') out += Lower(c);
  return out;
}

std::string Lowered(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(), Lower);
  return out;
}

// Replaces [begin, end) of `line` by the mask and moves the caret along.
void Replace(std::string* line, int begin, int end, int* caret) {
  size_t from = ByteOf(*line, begin), to = ByteOf(*line, end);
  if (to <= from) return;
  line->replace(from, to - from, kMask);
  if (*caret >= end)
    *caret += static_cast<int>(kMask.size()) - (end - begin);
  else if (*caret > begin)
    *caret = begin;
}

// Cuts a long line to a window around the caret.
void Shorten(std::string* line, int* caret) {
  int length = CountCharacters(*line);
  if (length <= kLineWidthMax) return;
  int begin = *caret < kLineWidthMax - 20 ? 0 : *caret - kLineWidthMax / 2;
  int end = std::min(length, begin + kLineWidthMax);
  std::string cut = line->substr(ByteOf(*line, begin), ByteOf(*line, end) - ByteOf(*line, begin));
  if (begin > 0) cut.insert(0, "...");
  if (end < length) cut += "...";
  if (begin > 0) *caret += 3 - begin;
  *line = std::move(cut);
}

}  // namespace

std::string Diagnostic::Text() const {
  std::string out = file;
  if (at.line > 0) out += fmt::format(":{}:{}", at.line, at.column);
  out += ": error: " + message + "\n";
  if (!line.empty()) {
    // Tabs stay tabs, so that the caret stands under its character whatever their width.
    std::string under;
    for (char c : line.substr(0, ByteOf(line, caret)))
      if (StartsCharacter(c)) under += c == '\t' ? '\t' : ' ';
    out += line + "\n" + under + "^\n";
  }
  if (!expected.empty() || !suggestion.empty()) {
    out += "  ";
    if (!expected.empty()) out += "expected " + expected;
    if (!expected.empty() && !suggestion.empty()) out += "; ";
    if (!suggestion.empty()) out += "did you mean '" + suggestion + "'?";
    out += "\n";
  }
  return out;
}

std::string DiagnosticsText(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) out += (out.empty() ? "" : "\n") + d.Text();
  return out;
}

SourceText::SourceText(std::string file, std::string_view text) : file_(std::move(file)) {
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines_.emplace_back(line);
    begin = end + 1;
  }
}

Position SourceText::At(int line, int byte_column) const {
  if (line < 0) return {};
  if (static_cast<size_t>(line) >= lines_.size()) return End();
  std::string_view s = lines_[static_cast<size_t>(line)];
  return {line + 1, CountCharacters(s.substr(0, static_cast<size_t>(std::max(byte_column, 0)))) + 1};
}

Position SourceText::End() const { return {static_cast<int>(lines_.size()), CountCharacters(lines_.back()) + 1}; }

Position SourceText::Find(Position from, std::string_view needle) const {
  for (size_t i = static_cast<size_t>(std::max(from.line, 1)) - 1; i < lines_.size(); ++i) {
    bool first = static_cast<int>(i) + 1 == from.line;
    size_t at = lines_[i].find(needle, first ? ByteOf(lines_[i], from.column - 1) : 0);
    if (at != std::string::npos) return At(static_cast<int>(i), static_cast<int>(at));
  }
  return from;
}

void SourceText::Mask(Position begin, Position end) {
  // What stands between the secret and the next value (white space, commas, line ends) stays as it is.
  while (Before(begin, end) && end.line > 0 && static_cast<size_t>(end.line) <= lines_.size()) {
    const std::string& line = lines_[static_cast<size_t>(end.line) - 1];
    size_t bytes = ByteOf(line, end.column - 1);
    if (bytes == 0 && end.line > begin.line)
      end = {end.line - 1, CountCharacters(lines_[static_cast<size_t>(end.line) - 2]) + 1};
    else if (bytes > 0 && (line[bytes - 1] == ' ' || line[bytes - 1] == ',' || line[bytes - 1] == '\t'))
      --end.column;
    else
      break;
  }
  if (Before(begin, end)) masked_.push_back({begin, end});
}

std::string SourceText::Masked(int number, int* caret) const {
  std::string line = lines_[static_cast<size_t>(number) - 1];
  std::vector<Span> spans;
  for (const Span& span : masked_)
    if (span.begin.line <= number && span.end.line >= number) spans.push_back(span);
  // From the right, so that the columns of the spans to the left stay true.
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return Before(b.begin, a.begin); });
  for (const Span& span : spans) {
    int begin = span.begin.line < number ? 0 : span.begin.column - 1;
    int end = span.end.line > number ? CountCharacters(line) : span.end.column - 1;
    Replace(&line, begin, end, caret);
  }
  std::string clean = MaskUrls(line);
  if (clean != line) {
    std::string before = MaskUrls(std::string_view(line).substr(0, ByteOf(line, *caret)));
    *caret = std::min(CountCharacters(before), CountCharacters(clean));
  }
  return clean;
}

Diagnostic SourceText::Make(Position at, std::string message, std::string expected, std::string suggestion) const {
  Diagnostic d{file_, at, std::move(message), std::move(expected), std::move(suggestion), "", 0};
  if (at.line > 0 && static_cast<size_t>(at.line) <= lines_.size()) {
    d.caret = at.column - 1;
    d.line = Masked(at.line, &d.caret);
    Shorten(&d.line, &d.caret);
  }
  return d;
}

namespace {

// The ':' between user and password of "user:password@host"; that of a reference such as ${USER:-bob} or
// ${USER:?message} is none.
size_t PasswordColon(std::string_view rest) {
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == ':') return i;
    if (rest.substr(i, 2) != "${") continue;
    i += 2;
    while (i < rest.size() && (rest[i] == '_' || std::isalnum(static_cast<unsigned char>(rest[i])) != 0)) ++i;
    if (rest.substr(i, 2) == ":-" || rest.substr(i, 2) == ":?")
      ++i;
    else
      --i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string MaskUrls(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t scheme = text.find("://", i);
    if (scheme == std::string_view::npos) return out.append(text.substr(i));
    size_t begin = scheme + 3, end = std::min(text.find_first_of(" \t\n", begin), text.size());
    std::string_view rest = text.substr(begin, end - begin);
    // A password may itself hold '@', ':', quotes and blanks: masked is up to the last '@', if need be of the whole
    // line.
    if (rest.find('@') == std::string_view::npos) {
      end = std::min(text.find('\n', begin), text.size());
      rest = text.substr(begin, end - begin);
    }
    size_t at = rest.rfind('@'), colon = PasswordColon(rest);
    out.append(text.substr(i, begin - i));
    if (colon != std::string_view::npos && at != std::string_view::npos && colon < at) {
      out.append(rest.substr(0, colon + 1)).append(kMask).append(rest.substr(at));
    } else {
      out.append(rest);
    }
    i = end;
  }
  return out;
}

int EditDistance(std::string_view a, std::string_view b, int limit) {
  if (a.size() > b.size() + static_cast<size_t>(limit) || b.size() > a.size() + static_cast<size_t>(limit))
    return limit + 1;
  std::vector<int> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return std::min(last[b.size()], limit + 1);
}

std::string Nearest(std::string_view word, const std::vector<std::string>& choices) {
  for (const std::string& choice : choices)
    if (choice != word && Lowered(choice) == Lowered(word)) return choice;
  for (const std::string& choice : choices)
    if (choice != word && !Folded(word).empty() && Folded(choice) == Folded(word)) return choice;
  int limit = std::clamp(static_cast<int>(word.size()) / 3, 1, 3);
  std::string best;
  for (const std::string& choice : choices) {
    int distance = EditDistance(Lowered(word), Lowered(choice), limit);
    // A distance of the whole word is no likeness.
    if (distance > limit || distance >= static_cast<int>(std::max(word.size(), choice.size()))) continue;
    best = choice;
    limit = distance - 1;
  }
  return best;
}

std::string OneOf(const std::vector<std::string>& choices, size_t most) {
  std::string out = choices.size() == 1 ? "" : "one of ";
  for (size_t i = 0; i < std::min(choices.size(), most); ++i) out += (i > 0 ? ", '" : "'") + choices[i] + "'";
  if (choices.size() > most) out += fmt::format(" and {} more", choices.size() - most);
  return out;
}

Diagnostic MissingColumn(const Plan& plan, Position at, const std::string& source, const std::string& column,
                         const std::vector<std::string>& have) {
  std::string message = fmt::format("source '{}' has no column '{}'", source, column);
  std::string expected = have.empty() ? "a source with columns: it has none" : OneOf(have);
  std::string suggestion = Nearest(column, have);
  if (plan.source_text) return plan.source_text->Make(at, std::move(message), std::move(expected), suggestion);
  return Diagnostic{plan.file, at, std::move(message), std::move(expected), suggestion, "", 0};
}

}  // namespace migrate::plan
