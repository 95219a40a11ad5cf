#include "migrate/normalize/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>

namespace migrate::normalize {
namespace {

// Windows-1252, 0x80 to 0x9F (WHATWG Encoding Standard, index windows-1252).
constexpr uint16_t kCp1252[32] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                  0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                  0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                  0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

void AppendUtf8(int32_t code, std::string* out) {
  uint8_t bytes[4];
  const utf8proc_ssize_t n = utf8proc_encode_char(code, bytes);
  out->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(n));
}

// Length of the valid UTF-8 character at s[i] and its code point, or 0.
size_t Decode(std::string_view s, size_t i, int32_t* code) {
  utf8proc_int32_t c = -1;
  const utf8proc_ssize_t n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(s.data()) + i,
                                              static_cast<utf8proc_ssize_t>(s.size() - i), &c);
  *code = c;
  return n > 0 ? static_cast<size_t>(n) : 0;
}

// The byte that Windows-1252 writes for a code point, or -1.
int Cp1252Byte(int32_t code) {
  if (code < 0x80 || (code >= 0xA0 && code <= 0xFF)) return code;
  for (int i = 0; i < 32; ++i)
    if (kCp1252[i] == code) return 0x80 + i;
  return -1;
}

// The character that the Windows-1252 bytes of the characters at s[i] spell in UTF-8, and the length of those; 0 if
// they spell none.
size_t DecodeTwice(std::string_view s, size_t i, std::string* character) {
  std::string bytes;
  size_t end = i, wanted = 1;
  while (bytes.size() < wanted && end < s.size()) {
    int32_t code = 0;
    const size_t n = Decode(s, end, &code);
    const int byte = n == 0 ? -1 : Cp1252Byte(code);
    if (byte < 0x80) return 0;
    if (bytes.empty()) wanted = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    bytes.push_back(static_cast<char>(byte));
    end += n;
  }
  if (bytes.size() != wanted || !IsValidUtf8(bytes)) return 0;
  *character = std::move(bytes);
  return end - i;
}

// Undoes one round of "UTF-8 read as Windows-1252 and encoded again", character by character: "Ã©" is no text in any
// language, and a text may have been pasted together from right and wrong ones.
bool UndoDoubleEncoding(std::string* s) {
  std::string undone, character;
  bool any = false;
  for (size_t i = 0; i < s->size();) {
    const size_t n = IsAscii((*s)[i]) ? 0 : DecodeTwice(*s, i, &character);
    if (n == 0) {
      undone.push_back((*s)[i++]);
      continue;
    }
    any = true;
    undone.append(character);
    i += n;
  }
  if (any) *s = std::move(undone);
  return any;
}

// What a code point becomes in clean text: 0 to drop it, ' ' for any white space or control.
int32_t CleanCodePoint(int32_t c, Form form) {
  if (c < 0x20 || (c >= 0x7F && c <= 0xA0)) return ' ';
  switch (c) {
    case 0xAD:
    case 0x200B:
    case 0x200C:
    case 0x200D:
    case 0x200E:
    case 0x200F:
    case 0x2060:
    case 0xFEFF:
      return 0;
    case 0x2018:
    case 0x2019:
    case 0x201B:
    case 0x2BC:
    case 0x2032:
    case 0xB4:   // acute accent, typed for an apostrophe
    case 0x2BB:  // okina
    case 0x2BD:
    case 0x2BE:  // hamza and ayn of transliterations
    case 0x2BF:
    case 0x55A:   // Armenian apostrophe
    case 0xA78C:  // saltillo
    case 0xFF07:
      return '\'';
    case 0x201C:
    case 0x201D:
    case 0x201F:
      return '"';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
      return '-';
    case 0x3002:
    case 0xFF0E:
      return form == Form::kCode ? '.' : c;
    default:
      break;
  }
  const utf8proc_category_t category = utf8proc_category(c);
  if (category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP)
    return ' ';
  if (category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_CC) return 0;
  return c;
}

void AppendClean(std::string_view s, Form form, std::string* out) {
  for (size_t i = 0; i < s.size();) {
    int32_t code = 0;
    const size_t n = Decode(s, i, &code);
    if (n == 0) {
      ++i;
      continue;
    }
    i += n;
    code = CleanCodePoint(code, form);
    if (code == 0 || (code == ' ' && (out->empty() || out->back() == ' '))) continue;
    AppendUtf8(code, out);
  }
  if (!out->empty() && out->back() == ' ') out->pop_back();
}

}  // namespace

void Compose(Form form, std::string* s) {
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | (form == Form::kCode ? UTF8PROC_COMPAT : 0));
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t n = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(s->data()),
                                          static_cast<utf8proc_ssize_t>(s->size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(mapped, &std::free);
  if (n >= 0) s->assign(reinterpret_cast<const char*>(mapped), static_cast<size_t>(n));
}

namespace {

constexpr uint64_t kOnes = 0x0101010101010101u;
constexpr uint64_t kHighs = 0x80 * kOnes;

// The high bit of each byte of `v` that is a blank; exact where no byte of v has its own high bit set.
uint64_t Blanks(uint64_t v) { return ~((v ^ (' ' * kOnes)) + 0x7F * kOnes) & kHighs; }

// True if Clean has nothing to do: printable ASCII without two blanks in a row. `s` is trimmed. Eight bytes at a time.
bool IsPlain(std::string_view s) {
  uint64_t previous_blank = 0;
  for (size_t i = 0; i < s.size(); i += 8) {
    const size_t n = std::min<size_t>(8, s.size() - i);
    uint64_t v = LoadBytes(s.data() + i, n);
    if (n < 8) v |= ('a' * kOnes) << (8 * n);
    // For a byte b below 0x80: b + 0x60 has its high bit set from 0x20 on, b + 1 has it at 0x7F.
    if (((v | (v + kOnes)) & kHighs) != 0 || ((v + 0x60 * kOnes) & kHighs) != kHighs) return false;
    const uint64_t blanks = Blanks(v);
    if ((blanks & (blanks << 8 | previous_blank)) != 0) return false;
    previous_blank = blanks >> 56;
  }
  return true;
}

bool HasHighBytes(std::string_view s) {
  for (const char c : s)
    if (!IsAscii(c)) return true;
  return false;
}

}  // namespace

static_assert(std::endian::native == std::endian::little, "LoadBytes and IsPlain read bytes in order");

bool IsValidUtf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    if (IsAscii(s[i])) {
      ++i;
      continue;
    }
    int32_t code = 0;
    const size_t n = Decode(s, i, &code);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

void AppendCp1252(std::string_view bytes, std::string* out) {
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    AppendUtf8(byte >= 0x80 && byte < 0xA0 ? kCp1252[byte - 0x80] : byte, out);
  }
}

std::string_view Clean(std::string_view in, Form form, std::string* scratch) {
  in = Trim(in);
  if (IsPlain(in)) return in;
  scratch->clear();
  if (!HasHighBytes(in)) {
    AppendClean(in, form, scratch);
    return *scratch;
  }
  std::string text;
  if (IsValidUtf8(in)) {
    text.assign(in);
  } else {
    AppendCp1252(in, &text);
  }
  while (UndoDoubleEncoding(&text)) {
  }
  do {
    // Twice, because composing may bring forth blanks and dashes (NFKC of U+2002, U+FE58) that cleaning has to see.
    for (int pass = 0; pass < 2; ++pass) {
      scratch->clear();
      AppendClean(text, form, scratch);
      Compose(form, scratch);
      text = *scratch;
    }
    // What was cleaned away may have hidden a second encoding.
  } while (UndoDoubleEncoding(&text));
  return *scratch;
}

bool Cut(std::string* s, size_t bound) {
  if (s->size() <= bound) return false;
  size_t end = bound;
  while (end > 0 && (static_cast<uint8_t>((*s)[end]) & 0xC0) == 0x80) --end;
  while (end > 0 && (*s)[end - 1] == ' ') --end;
  s->resize(end);
  return true;
}

std::string_view Trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

std::string_view TrimChars(std::string_view s, CharSet chars) {
  while (!s.empty() && chars.Contains(s.front())) s.remove_prefix(1);
  while (!s.empty() && chars.Contains(s.back())) s.remove_suffix(1);
  return s;
}

int CountDigits(std::string_view s) {
  int n = 0;
  for (const char c : s) n += IsDigit(c);
  return n;
}

bool Words::Split(std::string_view text, CharSet also) {
  size_ = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != ' ' && !also.Contains(text[i])) continue;
    if (i > begin && !Push(text.substr(begin, i - begin))) return false;
    begin = i + 1;
  }
  return true;
}

void Words::Erase(size_t from, size_t count) {
  for (size_t i = from; i + count < size_; ++i) at_[i] = at_[i + count];
  size_ -= count;
}

bool Words::Push(std::string_view word) {
  if (size_ == kMax) return false;
  at_[size_++] = {word.data(), word.size()};
  return true;
}

WordTable::WordTable(std::initializer_list<Entry> entries) { Build(entries.begin(), entries.size()); }

WordTable::WordTable(const std::vector<Entry>& entries) { Build(entries.data(), entries.size()); }

void WordTable::Build(const Entry* entries, size_t count) {
  size_t size = 16;
  while (size < count * 3) size *= 2;
  slots_.resize(size);
  taken_.resize((size + 63) / 64);
  mask_ = size - 1;
  for (size_t i = 0; i < count; ++i) Insert(entries[i].first, entries[i].second);
}

// The first of two equal words wins.
void WordTable::Insert(std::string_view word, uint32_t value) {
  if (word.empty() || word.size() > 16 || value == kNone) return;
  const Key key = Pack(word);
  size_t i = Hash(key) & mask_;
  while (Taken(i)) {
    if (slots_[i].key.lo == key.lo && slots_[i].key.hi == key.hi) return;
    i = (i + 1) & mask_;
  }
  slots_[i] = {key, value};
  taken_[i / 64] |= uint64_t{1} << (i % 64);
}

}  // namespace migrate::normalize
