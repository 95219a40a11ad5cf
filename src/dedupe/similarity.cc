#include "migrate/dedupe/similarity.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace migrate::dedupe {
namespace {

// The positions of each byte in a string, as bit masks: 64-bit words keyed by byte, valid only for bytes of the string.
class Positions {
 public:
  explicit Positions(std::string_view s) {
    for (const char c : s) masks_[static_cast<uint8_t>(c)] = 0;
    for (size_t i = 0; i < s.size(); ++i) masks_[static_cast<uint8_t>(s[i])] |= uint64_t{1} << i;
    for (const char c : s) seen_[static_cast<uint8_t>(c) >> 6] |= uint64_t{1} << (static_cast<uint8_t>(c) & 63);
  }
  uint64_t Of(char c) const {
    const auto u = static_cast<uint8_t>(c);
    return (seen_[u >> 6] >> (u & 63) & 1) != 0 ? masks_[u] : 0;
  }

 private:
  std::array<uint64_t, 256> masks_;  // left unset on purpose: seen_ says which entries hold
  std::array<uint64_t, 4> seen_{};
};

std::string_view Cut(std::string_view s) { return s.substr(0, kMaxCompared); }

}  // namespace

double Jaro(std::string_view a, std::string_view b) {
  a = Cut(a);
  b = Cut(b);
  if (a.empty() || b.empty()) return a.empty() && b.empty() ? 1.0 : 0.0;
  const int la = static_cast<int>(a.size()), lb = static_cast<int>(b.size());
  const int reach = std::max(0, std::max(la, lb) / 2 - 1);
  const Positions in_b(b);
  uint64_t used_a = 0, used_b = 0;
  for (int i = 0; i < la; ++i) {
    const int from = std::max(0, i - reach), to = std::min(lb - 1, i + reach);
    if (from > to) continue;
    const uint64_t window = (to == 63 ? ~uint64_t{0} : (uint64_t{1} << (to + 1)) - 1) & (~uint64_t{0} << from);
    const uint64_t hit = in_b.Of(a[static_cast<size_t>(i)]) & window & ~used_b;
    if (hit == 0) continue;
    used_b |= hit & (~hit + 1);
    used_a |= uint64_t{1} << i;
  }
  const int common = std::popcount(used_a);
  if (common == 0) return 0.0;
  int moved = 0;
  for (uint64_t x = used_a, y = used_b; x != 0; x &= x - 1, y &= y - 1)
    if (a[static_cast<size_t>(std::countr_zero(x))] != b[static_cast<size_t>(std::countr_zero(y))]) ++moved;
  const double c = common;
  return (c / la + c / lb + (c - moved / 2.0) / c) / 3.0;
}

double JaroWinkler(std::string_view a, std::string_view b) {
  const double jaro = Jaro(a, b);
  size_t prefix = 0;
  while (prefix < 4 && prefix < a.size() && prefix < b.size() && a[prefix] == b[prefix]) ++prefix;
  return jaro + 0.1 * static_cast<double>(prefix) * (1.0 - jaro);
}

int Distance(std::string_view a, std::string_view b, int limit) {
  a = Cut(a);
  b = Cut(b);
  while (!a.empty() && !b.empty() && a.front() == b.front()) a.remove_prefix(1), b.remove_prefix(1);
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.remove_suffix(1), b.remove_suffix(1);
  const int la = static_cast<int>(a.size()), lb = static_cast<int>(b.size());
  if (std::abs(la - lb) > limit) return limit + 1;
  if (la == 0 || lb == 0) return std::max(la, lb);
  // Hyyrö's bit-parallel form (2003): `plus`/`minus` are the vertical differences of one column, `d0` its zero
  // diagonals.
  const Positions in_a(a);
  uint64_t plus = ~uint64_t{0}, minus = 0, d0 = 0, before = 0;
  const uint64_t last = uint64_t{1} << (la - 1);
  int distance = la;
  for (const char c : b) {
    const uint64_t here = in_a.Of(c);
    const uint64_t swap = ((~d0 & here) << 1) & before;
    d0 = (((here & plus) + plus) ^ plus) | here | minus | swap;
    uint64_t up = minus | ~(d0 | plus);
    uint64_t down = d0 & plus;
    if ((up & last) != 0) ++distance;
    if ((down & last) != 0) --distance;
    up = (up << 1) | 1;
    down <<= 1;
    plus = down | ~(d0 | up);
    minus = d0 & up;
    before = here;
  }
  return std::min(distance, limit + 1);
}

int DigitsApart(uint32_t a, uint32_t b) {
  uint32_t x = a ^ b;
  x |= x >> 1;
  x |= x >> 2;
  return std::popcount(x & 0x11111111u);
}

bool OneDigitSlip(uint32_t a, uint32_t b) {
  const int apart = DigitsApart(a, b);
  if (apart != 2) return apart == 1;
  const int low = std::countr_zero(a ^ b) / 4 * 4;
  if (low > 24) return false;
  const uint32_t pair_a = a >> low & 0xff, pair_b = b >> low & 0xff;
  return pair_a == ((pair_b & 15) << 4 | pair_b >> 4) && (a ^ b) >> low <= 0xff;
}

uint32_t CharacterSet(std::string_view s) {
  uint32_t set = 0;
  for (const char c : s) set |= 1u << (static_cast<uint8_t>(c) & 31);
  return set;
}

uint32_t Soundex(std::string_view folded) {
  static constexpr std::string_view kCodes = "01230120022455012623010202";  // a..z; h and w are transparent
  if (folded.empty() || folded[0] < 'a' || folded[0] > 'z') return 0;
  uint32_t code = static_cast<uint32_t>(folded[0] - 'a' + 1);
  char previous = kCodes[static_cast<size_t>(folded[0] - 'a')];
  int digits = 0;
  for (size_t i = 1; i < folded.size() && digits < 3; ++i) {
    const char c = folded[i];
    if (c < 'a' || c > 'z') continue;
    const char digit = kCodes[static_cast<size_t>(c - 'a')];
    if (digit != '0' && digit != previous) {
      code = code * 10 + static_cast<uint32_t>(digit - '0');
      ++digits;
    }
    if (c != 'h' && c != 'w') previous = digit;
  }
  while (digits++ < 3) code *= 10;
  return code;
}

}  // namespace migrate::dedupe
