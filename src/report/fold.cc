#include "fold.h"

#include <algorithm>
#include <cstdint>

namespace migrate::report {
namespace {

enum class To { kLower, kUpper };

// One-to-one case pairs of the two-byte UTF-8 range; other letters stay.
uint32_t Convert(uint32_t c, To to) {
  struct Span {
    uint32_t first, last;  // upper-case letters
    uint32_t distance;     // to their lower-case forms; 1: upper and lower alternate
  };
  static constexpr Span kSpans[] = {{0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},   {0x100, 0x12E, 1},  {0x132, 0x136, 1},
                                    {0x139, 0x147, 1},  {0x14A, 0x176, 1},  {0x179, 0x17D, 1},  {0x218, 0x21A, 1},
                                    {0x391, 0x3A1, 32}, {0x3A3, 0x3A9, 32}, {0x400, 0x40F, 80}, {0x410, 0x42F, 32}};
  for (const Span& s : kSpans) {
    uint32_t last_lower = s.last + s.distance;
    if (s.distance == 1) {
      if (c < s.first || c > last_lower) continue;
      bool upper = (c - s.first) % 2 == 0;
      return to == To::kLower ? c + (upper ? 1 : 0) : c - (upper ? 0 : 1);
    }
    if (to == To::kLower && c >= s.first && c <= s.last) return c + s.distance;
    if (to == To::kUpper && c >= s.first + s.distance && c <= last_lower) return c - s.distance;
  }
  return c;
}

// Converts the letters beyond ASCII; `first` is for those at the start of a word, `rest` for the others.
std::string Spell(std::string_view s, To first, To rest) {
  std::string out;
  bool start = true;
  for (size_t i = 0; i < s.size(); ++i) {
    auto b = static_cast<uint8_t>(s[i]);
    bool pair = b >= 0xC2 && b <= 0xDF && i + 1 < s.size();
    if (!pair) {
      out.push_back(s[i]);
      start = s[i] == ' ' || s[i] == '-' || s[i] == '\'';
      continue;
    }
    uint32_t c = Convert((b & 0x1fu) << 6 | (static_cast<uint8_t>(s[++i]) & 0x3fu), start ? first : rest);
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
    start = false;
  }
  return out;
}

}  // namespace

std::vector<std::string> CaseVariants(std::string_view utf8) {
  std::vector<std::string> all{std::string(utf8), Spell(utf8, To::kLower, To::kLower),
                               Spell(utf8, To::kUpper, To::kLower), Spell(utf8, To::kUpper, To::kUpper)};
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string LowerAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string Trimmed(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

}  // namespace migrate::report
