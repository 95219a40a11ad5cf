#include "migrate/dedupe/fold.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace migrate::dedupe {
namespace {

bool IsAscii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}

// Letters that decomposition leaves alone, though every spelling without the accent is common.
std::string_view Plain(utf8proc_int32_t c) {
  switch (c) {
    case 0xe6:
      return "ae";
    case 0xf8:
      return "o";
    case 0x153:
      return "oe";
    case 0x142:
      return "l";
    case 0x111:
    case 0xf0:
      return "d";
    case 0xfe:
      return "th";
    case 0x131:
      return "i";
    default:
      return "";
  }
}

bool IsLetterOrDigit(utf8proc_int32_t c) {
  const utf8proc_category_t category = utf8proc_category(c);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

std::string FoldUnicode(std::string_view text) {
  utf8proc_uint8_t* raw = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                                      UTF8PROC_IGNORE | UTF8PROC_STRIPMARK);
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &raw, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> mapped(raw, &std::free);
  std::string out;
  for (utf8proc_ssize_t at = 0; at < size;) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t step = utf8proc_iterate(mapped.get() + at, size - at, &c);
    if (step <= 0) break;
    if (const std::string_view plain = Plain(c); !plain.empty()) {
      out.append(plain);
    } else if (IsLetterOrDigit(c)) {
      out.append(reinterpret_cast<const char*>(mapped.get() + at), static_cast<size_t>(step));
    }
    at += step;
  }
  return out;
}

}  // namespace

void AppendFoldKey(std::string_view text, std::string* out) {
  if (!IsAscii(text)) {
    out->append(FoldUnicode(text));
    return;
  }
  const size_t before = out->size();
  out->resize(before + text.size());
  char* at = out->data() + before;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    *at = lower;
    at += (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ? 1 : 0;
  }
  out->resize(static_cast<size_t>(at - out->data()));
}

std::string FoldKey(std::string_view text) {
  std::string out;
  AppendFoldKey(text, &out);
  return out;
}

void FoldWords(std::string_view text, FoldedWords* words) {
  words->bytes.clear();
  words->ends.clear();
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(" ,-/.;\t"), text.size());
    const size_t before = words->bytes.size();
    AppendFoldKey(text.substr(0, end), &words->bytes);
    if (words->bytes.size() > before) words->ends.push_back(words->bytes.size());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string> FoldWords(std::string_view text) {
  FoldedWords folded;
  FoldWords(text, &folded);
  std::vector<std::string> words;
  for (size_t i = 0; i < folded.size(); ++i) words.emplace_back(folded[i]);
  return words;
}

}  // namespace migrate::dedupe
