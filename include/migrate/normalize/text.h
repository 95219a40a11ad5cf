// Ground under all rules: cleaning a cell's text, cutting it at its bound, and looking words up. Pure functions without
// locale: only ASCII is classified by hand, everything else by Unicode (utf8proc).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace migrate::normalize {

// The first `n` (0 to 8) bytes at `p` as a little-endian number, zeros above them; without the call that a memcpy of
// unknown size is.
inline uint64_t LoadBytes(const char* p, size_t n) {
  const auto byte = [p](size_t i) { return uint64_t{static_cast<uint8_t>(p[i])} << (8 * i); };
  if (n >= 8) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    return v;
  }
  if (n >= 4) {
    uint32_t low, high;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + n - 4, 4);
    return low | uint64_t{high} << (8 * (n - 4));  // bytes of both are the same
  }
  return n == 0 ? 0 : byte(0) | byte(n / 2) | byte(n - 1);
}

// What a rule made of one value. The caller turns it into quality flags (record/record.h).
enum class Outcome : uint8_t {
  kEmpty,        // there was nothing: NULL, no flag
  kOk,           // a value
  kDoubtful,     // a value that is kept although it is not known to be right (an area code not in service): flag
  kPlaceholder,  // recognised junk (N/A, 1900-01-01): NULL, placeholder flag
  kBad,          // could not be read: NULL, flag of the field
};
inline bool HasValue(Outcome o) { return o == Outcome::kOk || o == Outcome::kDoubtful; }

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsAlpha(char c) { return IsUpper(c) || IsLower(c); }
constexpr bool IsAlnum(char c) { return IsAlpha(c) || IsDigit(c); }
constexpr bool IsAscii(char c) { return static_cast<uint8_t>(c) < 0x80; }
constexpr char Lower(char c) { return IsUpper(c) ? static_cast<char>(c | 0x20) : c; }
constexpr char Upper(char c) { return IsLower(c) ? static_cast<char>(c & ~0x20) : c; }

// A set of ASCII characters, made from a literal at compile time.
class CharSet {
 public:
  constexpr CharSet() = default;
  consteval CharSet(const char* chars) {  // NOLINT: implicit on purpose
    for (; *chars != 0; ++chars) bits_[static_cast<uint8_t>(*chars) >> 6] |= uint64_t{1} << (*chars & 63);
  }
  constexpr bool Contains(char c) const {
    return IsAscii(c) && ((bits_[static_cast<uint8_t>(c) >> 6] >> (c & 63)) & 1) != 0;
  }

 private:
  uint64_t bits_[2] = {0, 0};
};

// ASCII case only.
inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (Lower(a[i]) != Lower(b[i])) return false;
  return true;
}

enum class Form : uint8_t {
  kDisplay,  // NFC; typographic quotes and dashes become ' " and -
  kCode,     // NFKC besides, so that full-width digits and letters are plain ones: phones, dates, codes, e-mails
};

// A cell's text made fit for the rules: valid UTF-8 (what is not is read as Windows-1252), one blank for any run of
// white space and control characters, none at either end, no zero-width characters, UTF-8 that was encoded twice
// ("JosÃ©") repaired. Returns a view of `in` where nothing had to change (plain ASCII), else of *scratch.
std::string_view Clean(std::string_view in, Form form, std::string* scratch);

// Unicode NFC (kDisplay) or NFKC (kCode) of valid UTF-8, in place.
void Compose(Form form, std::string* s);

bool IsValidUtf8(std::string_view s);
// Appends Windows-1252 bytes as UTF-8; the five bytes it leaves undefined become the C1 controls, as in WHATWG's table.
void AppendCp1252(std::string_view bytes, std::string* out);
// Cuts *s to at most `bound` bytes without splitting a character, and cuts blanks off the new end. True if it was cut.
bool Cut(std::string* s, size_t bound);

std::string_view Trim(std::string_view s);                      // blanks
std::string_view TrimChars(std::string_view s, CharSet chars);  // any of `chars`
int CountDigits(std::string_view s);

// The words of a text, split at blanks and at `also`, at most kMax. Views into the text.
class Words {
 public:
  static constexpr size_t kMax = 32;
  // False if there are more than kMax words: then nothing should be made of them.
  bool Split(std::string_view text, CharSet also = CharSet());
  size_t size() const { return size_; }
  std::string_view operator[](size_t i) const { return {at_[i].data, at_[i].size}; }
  void Erase(size_t from, size_t count);
  bool Push(std::string_view word);  // false: full

 private:
  struct Piece {  // not string_view: that would clear half a kilobyte for each Words
    const char* data;
    size_t size;
  };
  std::array<Piece, kMax> at_;  // NOLINT: only the first size_ are ever read
  size_t size_ = 0;
};

// A set of words of at most 16 bytes with a small number each, looked up without regard to ASCII case. Open addressing
// over two machine words a key; built once, then read by any number of threads. 24 bytes a slot.
class WordTable {
 public:
  static constexpr uint32_t kNone = 0;  // no entry may have the value 0
  using Entry = std::pair<std::string_view, uint32_t>;

  WordTable(std::initializer_list<Entry> entries);
  explicit WordTable(const std::vector<Entry>& entries);
  uint32_t Find(std::string_view word) const {
    if (word.empty() || word.size() > 16) return kNone;
    const Key key = Pack(word);
    for (size_t i = Hash(key) & mask_; Taken(i); i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.key.lo == key.lo && slot.key.hi == key.hi) return slot.value;
    }
    return kNone;
  }

 private:
  struct Key {
    uint64_t lo = 0, hi = 0;
  };
  struct Slot {
    Key key;
    uint32_t value = kNone;
  };
  // Lower-cases eight bytes at once: 0x20 is set in every byte that lies between 'A' and 'Z'.
  static uint64_t LowerBytes(uint64_t v) {
    constexpr uint64_t kOnes = 0x0101010101010101u;
    const uint64_t low7 = v & (0x7f * kOnes);
    const uint64_t at_least_a = low7 + (0x80 - 'A') * kOnes;
    const uint64_t above_z = low7 + (0x80 - 'Z' - 1) * kOnes;
    return v | (((at_least_a & ~above_z & ~v) & (0x80 * kOnes)) >> 2);
  }
  static Key Pack(std::string_view word) {
    Key key;
    key.lo = LowerBytes(LoadBytes(word.data(), word.size() < 8 ? word.size() : 8));
    if (word.size() > 8) key.hi = LowerBytes(LoadBytes(word.data() + 8, word.size() - 8));
    return key;
  }
  static uint64_t Hash(const Key& key) {
    uint64_t h = (key.lo ^ (key.hi * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;
    return h ^ (h >> 32);
  }
  // Most words that are asked for are in no table, and a bit a slot stays in the nearest cache where slots do not.
  bool Taken(size_t i) const { return (taken_[i / 64] >> (i % 64) & 1) != 0; }
  void Insert(std::string_view word, uint32_t value);
  void Build(const Entry* entries, size_t count);

  std::vector<Slot> slots_;
  std::vector<uint64_t> taken_;
  uint64_t mask_ = 0;
};

}  // namespace migrate::normalize
