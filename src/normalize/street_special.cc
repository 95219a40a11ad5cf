#include "street_parts.h"

namespace migrate::normalize {
namespace {

// The words of a line from one of them on.
struct From {
  const Words& words;
  size_t begin;

  size_t size() const { return words.size() - begin; }
  std::string_view operator[](size_t k) const { return words[begin + k]; }
  bool Is(size_t k, std::string_view word) const { return k < size() && EqualsIgnoreCase((*this)[k], word); }
  bool IsBox(size_t k) const { return Is(k, "box") || Is(k, "bx"); }
  bool IsRoute(size_t k) const { return Is(k, "route") || Is(k, "rt") || Is(k, "rte"); }
  bool IsNumber(size_t k) const { return k < size() && HasDigit((*this)[k]); }
  // What a box is called: digits, or a letter that is no directional.
  bool IsBoxNumber(size_t k) const {
    if (IsNumber(k)) return true;
    return k < size() && (*this)[k].size() == 1 && IsAlpha((*this)[k][0]) && Directional((*this)[k]).empty();
  }
};

// Words before the number of a rural route (sections 241, 244), 0 for none. Where they are names of streets as well,
// only a box behind them tells.
size_t RuralRoute(const From& w) {
  size_t n = 0;
  if (w.Is(0, "rr")) n = 1;
  if (w.Is(0, "r") && w.Is(1, "r")) n = 2;
  if (w.Is(0, "rural") && (w.IsRoute(1) || w.Is(1, "delivery") || w.Is(1, "rd"))) n = 2;
  if (w.Is(0, "rfd")) n = w.IsRoute(1) ? 2 : 1;
  if (n > 0) return w.IsNumber(n) ? n : 0;
  const bool short_form = w.Is(0, "rd") || w.Is(0, "r") || w.IsRoute(0);
  return short_form && w.IsNumber(1) && (w.IsBox(2) || w.Is(2, "#")) ? 1 : 0;
}

// The same for highway contract routes, once star routes (sections 251, 254).
size_t ContractRoute(const From& w) {
  size_t n = 0;
  if (w.Is(0, "hc") || w.Is(0, "hcr")) n = 1;
  if ((w.Is(0, "highway") || w.Is(0, "hwy")) && w.Is(1, "contract")) n = w.IsRoute(2) ? 3 : 2;
  if (w.Is(0, "star") && w.IsRoute(1)) n = 2;
  if (w.Is(0, "sr") && w.IsBox(2)) n = 1;
  return n > 0 && w.IsNumber(n) ? n : 0;
}

std::string_view WithoutZeros(std::string_view number) {
  while (number.size() > 1 && number[0] == '0' && IsDigit(number[1])) number.remove_prefix(1);
  return number;
}

// " Box 18" at words[k]. Returns the words it takes.
size_t AppendBox(const From& w, size_t k, std::string* out) {
  const bool named = w.IsBox(k), hash = w.Is(k + (named ? 1 : 0), "#");
  const size_t number = k + (named ? 1 : 0) + (hash ? 1 : 0);
  if ((!named && !hash) || !w.IsBoxNumber(number)) return 0;
  out->append(" Box ");
  AppendToken(w[number], out);
  return number + 1 - k;
}

// "PSC 802 Box 74", "Unit 2050 Box 4190", "CMR 455 Box 12" (section 238).
size_t MilitaryLine(const From& w, std::string* out) {
  const bool unit = w.Is(0, "unit");
  if (!unit && !w.Is(0, "psc") && !w.Is(0, "cmr") && !w.Is(0, "omc") && !w.Is(0, "umr")) return 0;
  if (!w.IsNumber(1) || (unit && !w.IsBox(2))) return 0;
  const size_t begin = out->size();
  if (unit) {
    out->append("Unit");
  } else {
    AppendUpper(w[0], out);
  }
  out->append(" ");
  AppendToken(w[1], out);
  const size_t box = AppendBox(w, 2, out);
  if (unit && box == 0) {
    out->resize(begin);
    return 0;
  }
  return 2 + box;
}

bool IsGeneralDelivery(const From& w) {
  if (!w.Is(0, "general") && !w.Is(0, "gen")) return false;
  return w.Is(1, "delivery") || w.Is(1, "del") || w.Is(1, "deliv") || w.Is(1, "dlvry");
}

bool IsLetterOrDigit(char c) { return IsAlnum(c) || !IsAscii(c); }

// Where "c/o", "attn" or a word like them begins, from `at` on; npos for none.
size_t FindAttention(std::string_view text, size_t at, size_t* length) {
  for (size_t i = at; i < text.size(); ++i) {
    const char c = Lower(text[i]);
    if (c != 'c' && c != 'a' && c != 'i' && c != '%') continue;
    if (i > 0 && IsLetterOrDigit(text[i - 1])) continue;
    if (c != '%' && i + 1 < text.size() && std::string_view("/\\tanTAN").find(text[i + 1]) == std::string_view::npos)
      continue;
    for (const std::string_view mark : {"c/o", "c\\o", "attn", "attention", "att", "care of", "in care of", "%"}) {
      const size_t end = i + mark.size();
      if (!EqualsIgnoreCase(text.substr(i, mark.size()), mark) || end >= text.size() || IsLetterOrDigit(text[end]))
        continue;
      *length = mark.size();
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

size_t PostOfficeBox(const Words& words, size_t i) {
  if (Lower(words[i][0]) != 'p') return 0;
  const From w{words, i};
  const auto box = [&](size_t k) { return w.IsBox(k) || w.Is(k, "drawer") || w.Is(k, "lockbox"); };
  if (w.Is(0, "po") && box(1)) return 2;
  if (w.Is(0, "p") && w.Is(1, "o") && box(2)) return 3;
  if ((w.Is(0, "pob") || w.Is(0, "pobox")) && w.IsNumber(1)) return 1;
  if (w.Is(0, "pob") && w.Is(1, "#") && w.IsNumber(2)) return 1;
  return w.Is(0, "post") && w.Is(1, "office") && box(2) ? 3 : 0;
}

size_t LeadingBox(const Words& words, size_t from, AddressStyle style) {
  const From w{words, from};
  if (IsDigit(w[0][0])) return 0;
  if (const size_t n = PostOfficeBox(words, from); n > 0) return n;
  // Section 283: the old words for a box.
  const bool old = w.IsBox(0) || w.Is(0, "drawer") || w.Is(0, "lockbox") || w.Is(0, "caller");
  std::string unit;
  // Nothing but units may follow: "Box Elder Rd" is a street.
  const auto ends = [&](size_t k) { return w.size() == k || (w.size() > k && ReadUnits(words, from + k, &unit)); };
  if (old && w.IsBoxNumber(1) && ends(2)) return 1;
  if (w.Is(0, "lock") && w.IsBox(1) && w.IsNumber(2) && ends(3)) return 2;
  if (w.Is(0, "firm") && w.Is(1, "caller") && w.IsNumber(2) && ends(3)) return 2;
  if (style != AddressStyle::kCanada) return 0;
  if (w.Is(0, "cp") && w.IsNumber(1)) return 1;
  if ((w.Is(0, "c") && w.Is(1, "p")) || (w.Is(0, "case") && w.Is(1, "postale"))) return w.IsNumber(2) ? 2 : 0;
  return 0;
}

size_t ReadSpecialLine(const Words& words, size_t from, std::string* out) {
  const From w{words, from};
  if (w.size() == 0 || IsDigit(w[0][0])) return 0;
  if (IsGeneralDelivery(w)) {
    out->append("General Delivery");
    return 2;
  }
  if (const size_t n = MilitaryLine(w, out); n > 0) return n;
  const size_t rural = RuralRoute(w), contract = rural == 0 ? ContractRoute(w) : 0, n = rural + contract;
  if (n == 0) return 0;
  out->append(rural > 0 ? "RR " : "HC ");
  AppendToken(WithoutZeros(w[n]), out);
  return n + 1 + AppendBox(w, n + 1, out);
}

std::string_view WithoutAttention(std::string_view text) {
  size_t length = 0;
  const size_t at = FindAttention(text, 0, &length);
  if (at == std::string_view::npos) return text;
  if (at > 0) return TrimChars(text.substr(0, at), " ,;(-");
  std::string_view rest = text.substr(length);
  const size_t comma = rest.find(',');
  if (comma != std::string_view::npos) return WithoutAttention(TrimChars(rest.substr(comma), " ,;"));
  // Without a comma the street begins with its number or its box.
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i - 1] != ' ') continue;
    if (IsDigit(rest[i]) || EqualsIgnoreCase(rest.substr(i, 2), "po") || EqualsIgnoreCase(rest.substr(i, 3), "rr "))
      return WithoutAttention(rest.substr(i));
  }
  return WithoutAttention(TrimChars(rest, " ,;:"));
}

}  // namespace migrate::normalize
