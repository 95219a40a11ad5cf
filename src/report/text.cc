#include "text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace migrate::report {

std::string Thousands(int64_t n) {
  std::string digits = std::to_string(n);
  size_t begin = n < 0 ? 1 : 0;
  for (size_t i = digits.size(); i > begin + 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string Percent(double part, double whole) {
  if (whole <= 0) return "–";
  double p = 100 * part / whole;
  if (p > 0 && p < 0.05) return "<0.1 %";
  if (p < 100 && p >= 99.95) return ">99.9 %";
  return fmt::format("{:.1f} %", p);
}

std::string Bytes(int64_t n) {
  static constexpr std::array<std::string_view, 5> kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto v = static_cast<double>(n);
  size_t unit = 0;
  while (v >= 1024 && unit + 1 < kUnits.size()) {
    v /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} bytes", n) : fmt::format("{:.1f} {}", v, kUnits[unit]);
}

std::string Duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e12) return "–";
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  auto s = static_cast<int64_t>(std::llround(seconds));
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
}

std::string Rate(double n, double seconds) {
  if (seconds <= 0 || n <= 0) return "";
  return Thousands(std::llround(n / seconds)) + "/s";
}

std::string ShellWord(std::string_view word) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./+@%:,").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return std::string(word);
  std::string out = "'";
  for (char c : word) out.append(c == '\'' ? "'\\''" : std::string(1, c));
  return out + "'";
}

size_t Width(std::string_view utf8) {
  return static_cast<size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

std::string Padded(std::string_view utf8, size_t width) {
  size_t w = Width(utf8);
  return std::string(utf8) + std::string(width > w ? width - w : 0, ' ');
}

std::string PaddedLeft(std::string_view utf8, size_t width) {
  size_t w = Width(utf8);
  return std::string(width > w ? width - w : 0, ' ') + std::string(utf8);
}

std::string Clipped(std::string_view utf8, size_t width) {
  if (Width(utf8) <= width) return std::string(utf8);
  size_t at = 0;
  for (size_t n = 0; n + 1 < width; ++n) {
    ++at;
    while (at < utf8.size() && (static_cast<uint8_t>(utf8[at]) & 0xC0) == 0x80) ++at;
  }
  return std::string(utf8.substr(0, at)) + "…";
}

std::string Wrapped(std::string_view utf8, size_t width, std::string_view indent) {
  std::string out, line(indent);
  while (!utf8.empty()) {
    size_t end = std::min(utf8.find(' '), utf8.size());
    std::string_view word = utf8.substr(0, end);
    utf8.remove_prefix(std::min(end + 1, utf8.size()));
    if (line.size() > indent.size() && Width(line) + 1 + Width(word) > width) {
      out += line + "\n";
      line = indent;
    }
    line += (line.size() == indent.size() ? "" : " ") + std::string(word);
  }
  return out + line + "\n";
}

std::string Plain(std::string_view utf8) {
  std::string out(utf8);
  for (size_t i = 0; i < out.size(); ++i) {
    auto c = static_cast<uint8_t>(out[i]);
    // C1 controls are U+0080 to U+009F: C2 80 to C2 9F.
    bool c1 = c == 0xC2 && i + 1 < out.size() && static_cast<uint8_t>(out[i + 1]) < 0xA0;
    if (c1) out.replace(i, 2, "?");
    if (c < 0x20 || c == 0x7f) out[i] = '?';
  }
  return out;
}

std::string TextTable(const std::vector<std::vector<std::string>>& rows, std::string_view align,
                      std::string_view indent) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line(indent);
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      bool right = i < align.size() && align[i] == 'r';
      line += right ? PaddedLeft(row[i], widths[i]) : Padded(row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace migrate::report
