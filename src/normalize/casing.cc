#include "migrate/normalize/casing.h"

#include <utf8proc.h>

#include <cstdint>

#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

// "Mac" is also the beginning of names like Machado, Mackey or Macy, so only these get a second capital.
const WordTable& MacNames() {
  static const WordTable table{
      {"macarthur", 1}, {"macaulay", 1},   {"macbeth", 1},    {"macbride", 1},   {"maccallum", 1},  {"macdonald", 1},
      {"macdonell", 1}, {"macdougall", 1}, {"macfarland", 1}, {"macfarlane", 1}, {"macgregor", 1},  {"macinnes", 1},
      {"macintosh", 1}, {"macintyre", 1},  {"maciver", 1},    {"mackenzie", 1},  {"mackinnon", 1},  {"maclachlan", 1},
      {"maclaren", 1},  {"maclean", 1},    {"maclellan", 1},  {"macleod", 1},    {"macmahon", 1},   {"macmillan", 1},
      {"macnamara", 1}, {"macneil", 1},    {"macneill", 1},   {"macphail", 1},   {"macpherson", 1}, {"macqueen", 1},
      {"macrae", 1},    {"mactaggart", 1}, {"mactavish", 1}};
  return table;
}

struct CaseSeen {
  bool upper = false, lower = false, ascii = true;
};

int32_t DecodeAt(std::string_view s, size_t i, size_t* length) {
  utf8proc_int32_t code = -1;
  const utf8proc_ssize_t n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(s.data()) + i,
                                              static_cast<utf8proc_ssize_t>(s.size() - i), &code);
  *length = n > 0 ? static_cast<size_t>(n) : 1;
  return n > 0 ? code : -1;
}

CaseSeen See(std::string_view word) {
  CaseSeen seen;
  for (const char c : word) {
    seen.upper |= IsUpper(c);
    seen.lower |= IsLower(c);
    seen.ascii &= IsAscii(c);
  }
  if (seen.ascii) return seen;
  for (size_t i = 0; i < word.size();) {
    size_t n = 1;
    const int32_t code = DecodeAt(word, i, &n);
    i += n;
    if (code < 0x80) continue;
    const utf8proc_category_t category = utf8proc_category(code);
    seen.upper |= category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
    seen.lower |= category == UTF8PROC_CATEGORY_LL;
  }
  return seen;
}

constexpr int32_t kSigma = 0x3A3, kFinalSigma = 0x3C2;

// Unicode SpecialCasing, Final_Sigma: a capital sigma behind a letter that ends a word.
bool IsFinalSigma(std::string_view word, size_t i, size_t n) {
  if (i == 0) return false;
  if (i + n >= word.size()) return true;
  size_t length = 1;
  const utf8proc_category_t next = utf8proc_category(DecodeAt(word, i + n, &length));
  return next > UTF8PROC_CATEGORY_LO;
}

void AppendMapped(int32_t code, utf8proc_int32_t (*map)(utf8proc_int32_t), std::string* out) {
  uint8_t bytes[4];
  const utf8proc_ssize_t n = utf8proc_encode_char(map(code), bytes);
  out->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(n));
}

// A capital at (*out)[i], in place; a capital may take another number of bytes than the small letter.
void Capitalize(size_t i, std::string* out) {
  if (i >= out->size()) return;
  char& c = (*out)[i];
  if (IsAscii(c)) {
    c = Upper(c);
    return;
  }
  size_t n = 1;
  const int32_t code = DecodeAt(*out, i, &n);
  if (code < 0) return;
  std::string capital;
  AppendMapped(code, utf8proc_totitle, &capital);
  out->replace(i, n, capital);
}

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Letters of s[from, to), counting a character beyond ASCII as one.
size_t CountLetters(std::string_view s, size_t from, size_t to) {
  size_t n = 0;
  for (size_t i = from; i < to && i < s.size(); ++i) n += IsAlpha(s[i]) || (!IsAscii(s[i]) && !IsContinuation(s[i]));
  return n;
}

// True if the apostrophe at s[i] opens a part of a name: one or two letters before it in this part, two after it.
bool OpensPart(std::string_view s, size_t part, size_t i) {
  const size_t before = CountLetters(s, part, i);
  return (before == 1 || before == 2) && CountLetters(s, i + 1, s.size()) >= 2;
}

// The second capital of "McDonald" and "MacDonald" in the part that begins at `part`.
void CapitalizeAfterMac(size_t part, std::string* out) {
  const std::string_view word = std::string_view(*out).substr(part);
  if (word.size() > 4 && word[0] == 'M' && word[1] == 'c' && IsLower(word[2])) Capitalize(part + 2, out);
  if (word.size() > 5 && word.substr(0, 3) == "Mac" && MacNames().Find(word) != WordTable::kNone)
    Capitalize(part + 3, out);
}

// Capitals of the lower-cased word that begins at `begin` of *out.
void CapitalizeParts(size_t begin, std::string* out) {
  size_t part = begin;
  Capitalize(begin, out);
  CapitalizeAfterMac(begin, out);
  for (size_t i = begin; i < out->size(); ++i) {
    const char c = (*out)[i];
    const bool apostrophe = c == '\'' && (i == part || OpensPart(*out, part, i));
    if (!apostrophe && std::string_view("-./(\"&").find(c) == std::string_view::npos) continue;
    part = i + 1;
    Capitalize(part, out);
    CapitalizeAfterMac(part, out);
  }
}

}  // namespace

void AppendDisplayWord(std::string_view word, std::string* out) {
  const CaseSeen seen = See(word);
  if (seen.upper == seen.lower) {
    out->append(word);
    return;
  }
  const size_t begin = out->size();
  if (seen.ascii) {
    for (const char c : word) out->push_back(Lower(c));
  } else {
    for (size_t i = 0; i < word.size();) {
      size_t n = 1;
      const int32_t code = DecodeAt(word, i, &n);
      if (code == kSigma && IsFinalSigma(word, i, n)) {
        AppendMapped(kFinalSigma, utf8proc_tolower, out);
      } else if (code >= 0) {
        AppendMapped(code, utf8proc_tolower, out);
      }
      i += n;
    }
  }
  CapitalizeParts(begin, out);
  if (seen.ascii) return;
  // Another case may compose with the mark that follows it (capital dotted I becomes a plain i).
  std::string composed = out->substr(begin);
  Compose(Form::kDisplay, &composed);
  // And it may bring letters together that look like UTF-8 encoded twice ("å±"): such a word stays as it is.
  std::string cleaned;
  if (Clean(composed, Form::kDisplay, &cleaned) != composed) composed = word;
  out->replace(begin, std::string::npos, composed);
}

void AppendDisplayText(std::string_view text, std::string* out) {
  bool first = true;
  while (!text.empty()) {
    const size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    text = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
    if (word.empty()) continue;
    if (!first) out->push_back(' ');
    first = false;
    AppendDisplayWord(word, out);
  }
}

}  // namespace migrate::normalize
