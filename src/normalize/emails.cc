#include "migrate/normalize/emails.h"

#include <idn2.h>
#include <utf8proc.h>

#include <memory>

#include "emails_known.h"
#include "migrate/normalize/junk.h"

namespace migrate::normalize {
namespace {

// atext of RFC 5322, and any byte of a character beyond ASCII.
bool IsLocalChar(char c) {
  constexpr CharSet kSpecials = "!#$%&'*+-/=?^_`{|}~";
  return IsAlnum(c) || !IsAscii(c) || kSpecials.Contains(c);
}

bool IsLocalPart(std::string_view s) {
  if (s.empty() || s.front() == '.' || s.back() == '.') return false;
  for (size_t i = 0; i < s.size(); ++i)
    if (s[i] == '.' ? s[i - 1] == '.' : !IsLocalChar(s[i])) return false;
  return true;
}

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  for (const char c : label)
    if (!IsAlnum(c) && c != '-' && c != '_') return false;
  return true;
}

// ASCII host name of at least two labels.
bool IsDomain(std::string_view s) {
  if (s.size() > 253) return false;
  size_t labels = 0;
  std::string_view label;
  while (true) {
    const size_t dot = s.find('.');
    label = s.substr(0, dot);
    if (!IsLabel(label)) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    s.remove_prefix(dot + 1);
  }
  if (labels < 2 || label.size() < 2) return false;
  if (label.substr(0, 4) == "xn--") return true;
  for (const char c : label)
    if (!IsAlpha(c)) return false;
  return true;
}

bool IsAllAscii(std::string_view s) {
  for (const char c : s)
    if (!IsAscii(c)) return false;
  return true;
}

void AppendLower(std::string_view s, std::string* out) {
  for (size_t i = 0; i < s.size();) {
    if (IsAscii(s[i])) {
      out->push_back(Lower(s[i++]));
      continue;
    }
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(s.data()) + i,
                                                static_cast<utf8proc_ssize_t>(s.size() - i), &code);
    i += n > 0 ? static_cast<size_t>(n) : 1;
    if (n <= 0) continue;
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t m = utf8proc_encode_char(utf8proc_tolower(code), bytes);
    out->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(m));
  }
}

// The domain in ASCII, or "" if IDNA refuses it.
std::string AsciiDomain(std::string_view domain) {
  std::string lower;
  AppendLower(domain, &lower);
  char* ascii = nullptr;
  const int rc = idn2_to_ascii_8z(lower.c_str(), &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owned(ascii, idn2_free);
  return rc == IDN2_OK && ascii != nullptr ? std::string(ascii) : std::string();
}

// The domain in its ASCII form, to *out; false if there is none. An A-label must be one that IDNA itself would write.
bool AppendDomain(std::string_view domain, std::string* out) {
  if (!IsAllAscii(domain)) {
    const std::string ascii = AsciiDomain(domain);
    out->append(ascii);
    return !ascii.empty();
  }
  const size_t begin = out->size();
  for (const char c : domain) out->push_back(Lower(c));
  if (out->find("xn--", begin) == std::string::npos) return true;
  const std::string lower = out->substr(begin);
  char* unicode = nullptr;
  const int rc = idn2_to_unicode_8z8z(lower.c_str(), &unicode, IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owned(unicode, idn2_free);
  return rc == IDN2_OK && unicode != nullptr && AsciiDomain(unicode) == lower;
}

// The end of the quoted string that begins at s[i], or npos.
size_t EndOfQuotes(std::string_view s, size_t i) {
  for (size_t j = i + 1; j < s.size(); ++j) {
    if (s[j] == '\\') {
      ++j;
    } else if (s[j] == '"') {
      return j + 1;
    }
  }
  return std::string_view::npos;
}

// The first '@' from `from` on that is not within quotes.
size_t FindAt(std::string_view s, size_t from) {
  for (size_t i = from; i < s.size(); ++i) {
    if (s[i] == '@') return i;
    if (s[i] != '"') continue;
    const size_t end = EndOfQuotes(s, i);
    if (end != std::string_view::npos) i = end - 1;
  }
  return std::string_view::npos;
}

// The end of the comment that begins at s[i] (RFC 5322: comments nest), or npos.
size_t EndOfComment(std::string_view s, size_t i) {
  size_t depth = 0;
  for (; i < s.size(); ++i) {
    if (s[i] == '(') ++depth;
    if (s[i] == ')' && --depth == 0) return i + 1;
  }
  return std::string_view::npos;
}

// Without comments; what they embrace is no part of the address.
std::string_view WithoutComments(std::string_view s, std::string* scratch) {
  while (s.size() > 2 && s.front() == '(' && EndOfComment(s, 0) == s.size()) s = s.substr(1, s.size() - 2);
  if (s.find('(') == std::string_view::npos) return s;
  scratch->clear();
  for (size_t i = 0; i < s.size();) {
    size_t end = std::string_view::npos;
    if (s[i] == '(') end = EndOfComment(s, i);
    if (end != std::string_view::npos) {
      i = end;
      continue;
    }
    if (s[i] == '"') end = EndOfQuotes(s, i);
    if (end == std::string_view::npos) end = i + 1;
    scratch->append(s.substr(i, end - i));
    i = end;
  }
  return *scratch;
}

int HexDigit(char c) { return IsDigit(c) ? c - '0' : Lower(c) >= 'a' && Lower(c) <= 'f' ? Lower(c) - 'a' + 10 : -1; }

// "%40" of a mailto: link (RFC 6068).
void DecodePercent(std::string_view s, std::string* out) {
  for (size_t i = 0; i < s.size(); ++i) {
    const bool coded = s[i] == '%' && i + 2 < s.size() && HexDigit(s[i + 1]) >= 0 && HexDigit(s[i + 2]) >= 0;
    out->push_back(coded ? static_cast<char>(HexDigit(s[i + 1]) * 16 + HexDigit(s[i + 2])) : s[i]);
    if (coded) i += 2;
  }
}

constexpr CharSet kEdges = " \"',;:()[]<>";

// The address without display name, "mailto:", labels, comments, and punctuation around it. A view of `s` or *scratch.
std::string_view Bare(std::string_view s, std::string* scratch) {
  const size_t open = s.rfind('<');
  if (open != std::string_view::npos && (s.find('@', open) != std::string_view::npos || s.find('@') > open)) {
    const size_t close = s.find('>', open);
    s = s.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
  }
  s = Trim(WithoutComments(Trim(s), scratch));
  if (s.size() > 7 && EqualsIgnoreCase(s.substr(0, 7), "mailto:")) {
    std::string decoded;
    DecodePercent(s.substr(7, s.substr(7).find('?')), &decoded);
    *scratch = IsValidUtf8(decoded) ? std::move(decoded) : std::string();
    s = Trim(*scratch);
  }
  const size_t quoted = !s.empty() && s.front() == '"' ? EndOfQuotes(s, 0) : std::string_view::npos;
  if (quoted < s.size() && s[quoted] == '@') {
    while (!s.empty() && (kEdges.Contains(s.back()) || s.back() == '.')) s.remove_suffix(1);
    return s;
  }
  s = TrimChars(s, kEdges);
  while (!s.empty() && (s.back() == '.' || kEdges.Contains(s.back()))) s.remove_suffix(1);
  // "E-Mail: john@x.org", "SMTP:john@x.org"
  const size_t at = s.find('@');
  const size_t colon = at == std::string_view::npos ? at : s.substr(0, at).rfind(':');
  return colon == std::string_view::npos ? s : TrimChars(s.substr(colon + 1), kEdges);
}

void AppendLowerText(std::string_view text, std::string* out) {
  if (IsAllAscii(text)) {
    for (const char c : text) out->push_back(Lower(c));
    return;
  }
  std::string lower;
  AppendLower(text, &lower);
  Compose(Form::kCode, &lower);  // another case may compose with what follows
  out->append(lower);
}

// A quoted local part (RFC 5321, 4.1.2): without its quotes where it needs none, else with as few backslashes as it can
// have. False if it is none.
bool AppendQuoted(std::string_view quoted, std::string* out) {
  std::string content;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] == '\\' && i + 2 < quoted.size()) ++i;
    content.push_back(quoted[i]);
  }
  if (content.empty()) return false;
  std::string lower;
  AppendLowerText(content, &lower);
  // An apostrophe that begins an address is taken for a quote around it, so this one needs its quotes.
  if (IsLocalPart(lower) && lower.front() != '\'') {
    out->append(lower);
    return true;
  }
  out->push_back('"');
  for (const char c : lower) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) return false;
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
  return true;
}

bool AppendLocal(std::string_view local, std::string* out) {
  if (local.size() > 2 && local.front() == '"' && EndOfQuotes(local, 0) == local.size())
    return AppendQuoted(local, out);
  if (!IsLocalPart(local)) return false;
  AppendLowerText(local, out);
  return true;
}

Outcome Refuse(Outcome outcome, std::string* out) {
  out->clear();
  return outcome;
}

// The place of the '@' in an address of letters, digits and . _ - + alone, as nearly all are; 0 for any other.
size_t PlainAt(std::string_view text) {
  constexpr CharSet kPlain = "._-+";
  size_t at = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsAlnum(text[i]) || kPlain.Contains(text[i])) continue;
    if (text[i] != '@' || at != 0 || i == 0) return 0;
    at = i;
  }
  return at != 0 && IsAlnum(text.back()) && text.find("--", at) == std::string_view::npos ? at : 0;
}

// What to make of an address in its final form, with the '@' at `at`.
Outcome Judge(size_t at, std::string* out) {
  const std::string_view key(*out);
  const std::string_view host = key.substr(at + 1);
  if (at > kEmailLocalBound || !IsDomain(host) || key.size() > kEmailBound) return Refuse(Outcome::kBad, out);
  if (IsNobody(key.substr(0, at), host)) return Refuse(Outcome::kPlaceholder, out);
  return IsSlip(host) ? Outcome::kDoubtful : Outcome::kOk;
}

// Without what stands between two addresses: separators, "or", "and".
std::string_view SkipBetween(std::string_view s) {
  constexpr CharSet kBetween = ";,|/ &";
  for (;;) {
    while (!s.empty() && kBetween.Contains(s.front())) s.remove_prefix(1);
    const size_t blank = s.find(' ');
    if (blank == std::string_view::npos) return s;
    const std::string_view word = s.substr(0, blank);
    bool joins = false;
    for (const std::string_view w : {"or", "and", "oder", "und", "et", "ou", "y", "o", "e"})
      joins |= EqualsIgnoreCase(word, w);
    if (!joins) return s;
    s.remove_prefix(blank);
  }
}

}  // namespace

bool NextEmail(std::string_view* rest, std::string_view* part) {
  if (rest->empty()) return false;
  size_t first = rest->find('@');
  if (first == std::string_view::npos || rest->find('@', first + 1) == std::string_view::npos) {
    *part = *rest;
    *rest = {};
    return true;
  }
  first = FindAt(*rest, 0);
  // A separator ends an address only where another one follows.
  if (first != std::string_view::npos && FindAt(*rest, first + 1) != std::string_view::npos) {
    const size_t end = rest->find_first_of(";,|/ ", first + 1);
    if (end != std::string_view::npos && FindAt(*rest, end) != std::string_view::npos) {
      *part = Trim(rest->substr(0, end));
      *rest = SkipBetween(rest->substr(end + 1));
      return true;
    }
  }
  *part = *rest;
  *rest = {};
  return true;
}

Outcome NormalizeEmail(std::string_view text, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  size_t at = PlainAt(text);
  if (at != 0) {
    for (const char c : text) out->push_back(Lower(c));
    if (!IsLocalPart(std::string_view(*out).substr(0, at))) return Refuse(Outcome::kBad, out);
    return Judge(at, out);
  }
  std::string scratch;
  const std::string_view bare = Bare(text, &scratch);
  at = bare.rfind('@');
  if (at == std::string_view::npos) return IsJunk(text) ? Outcome::kPlaceholder : Outcome::kBad;
  const std::string_view local = Trim(bare.substr(0, at));
  const std::string_view domain = Trim(bare.substr(at + 1));
  if (domain.size() > 1000 || !AppendLocal(local, out)) return Refuse(Outcome::kBad, out);
  at = out->size();
  out->push_back('@');
  if (!AppendDomain(domain, out)) return Refuse(Outcome::kBad, out);
  // Another case may bring letters together that look like UTF-8 encoded twice.
  std::string cleaned;
  if (Clean(*out, Form::kCode, &cleaned) != *out) return Refuse(Outcome::kBad, out);
  return Judge(at, out);
}

}  // namespace migrate::normalize
