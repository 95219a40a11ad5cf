#include "datagen_text.h"

#include <array>

namespace migrate::datagen {

void AppendNumber(uint64_t n, size_t width, std::string& out) {
  std::array<char, 20> digits;
  size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + n % 10);
    n /= 10;
  } while (n > 0);
  for (size_t have = digits.size() - at; have < width; ++have) out += '0';
  out.append(digits.data() + at, digits.size() - at);
}

void AppendField(std::string_view text, char delimiter, std::string& out) {
  bool plain = true;
  for (char c : text) plain &= c != delimiter && c != '"' && c != '\n' && c != '\r';
  if (plain) {
    out += text;
    return;
  }
  out += '"';
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void AppendIso(const Date& date, std::string& out) {
  if (!date.year) return;
  AppendNumber(static_cast<uint64_t>(date.year), 4, out);
  out += '-';
  AppendNumber(static_cast<uint64_t>(date.month), 2, out);
  out += '-';
  AppendNumber(static_cast<uint64_t>(date.day), 2, out);
}

void AppendMdy(const Date& date, size_t width, std::string& out) {
  if (!date.year) return;
  AppendNumber(static_cast<uint64_t>(date.month), width, out);
  out += '/';
  AppendNumber(static_cast<uint64_t>(date.day), width, out);
  out += '/';
  AppendNumber(static_cast<uint64_t>(date.year), 4, out);
}

void AppendDmy(const Date& date, std::string& out) {
  if (!date.year) return;
  AppendNumber(static_cast<uint64_t>(date.day), 2, out);
  out += '.';
  AppendNumber(static_cast<uint64_t>(date.month), 2, out);
  out += '.';
  AppendNumber(static_cast<uint64_t>(date.year), 4, out);
}

void AppendTime(int64_t seconds, std::string& out) {
  AppendIso(DateOfDays(static_cast<int32_t>(seconds / 86'400)), out);
  const auto of_day = static_cast<uint64_t>(seconds % 86'400);
  out += ' ';
  AppendNumber(of_day / 3600, 2, out);
  out += ':';
  AppendNumber(of_day / 60 % 60, 2, out);
  out += ':';
  AppendNumber(of_day % 60, 2, out);
}

void AppendPhone(uint64_t phone, uint32_t style, uint32_t extension, std::string& out) {
  if (!phone) return;
  struct Parts {
    const char *before, *after_area, *after_exchange;
  };
  static constexpr std::array<Parts, kPhoneStyles> kStyles = {Parts{"", "-", "-"}, {"(", ") ", "-"}, {"", "", ""},
                                                              {"+1 ", " ", " "},   {"", ".", "."},   {"1-", "-", "-"}};
  const Parts& parts = kStyles[style < kPhoneStyles ? style : 0];
  out += parts.before;
  AppendNumber(phone / 10'000'000, 3, out);
  out += parts.after_area;
  AppendNumber(phone / 10'000 % 1'000, 3, out);
  out += parts.after_exchange;
  AppendNumber(phone % 10'000, 4, out);
  if (extension) {
    out += " x";
    AppendNumber(extension, 1, out);
  }
}

std::string Latin1(std::string_view utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x80) {
      out += utf8[i];
    } else {
      out += static_cast<char>(((c & 0x03) << 6) | (static_cast<unsigned char>(utf8[++i]) & 0x3f));
    }
  }
  return out;
}

void AppendUtf16(std::string_view utf8, std::string& out) {
  auto unit = [&out](uint32_t u) {
    out += static_cast<char>(u & 0xff);
    out += static_cast<char>(u >> 8);
  };
  for (size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i++]);
    uint32_t c = lead;
    int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    if (more > 0) c &= 0x3fu >> more;
    for (; more > 0; --more) c = (c << 6) | (static_cast<unsigned char>(utf8[i++]) & 0x3f);
    if (c >= 0x10000) {
      unit(0xd800 + ((c - 0x10000) >> 10));
      c = 0xdc00 + ((c - 0x10000) & 0x3ff);
    }
    unit(c);
  }
}

}  // namespace migrate::datagen
