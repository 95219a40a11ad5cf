#include "migrate/normalize/emails.h"

#include <idn2.h>
#include <utf8proc.h>

#include <memory>

#include "migrate/normalize/junk.h"

namespace migrate::normalize {
namespace {

enum JunkClass : uint32_t {
  kNobody = 1,    // as a local part: nobody's address at any domain
  kStandIn = 2,   // as a local part: nobody's address at a stand-in domain
  kNoDomain = 4,  // first label of a stand-in domain
};

const WordTable& JunkLabels() {
  constexpr uint32_t kBoth = kStandIn | kNoDomain;
  static const WordTable table{{"noreply", kNobody | kNoDomain},
                               {"no-reply", kNobody},
                               {"no_reply", kNobody},
                               {"no.reply", kNobody},
                               {"donotreply", kNobody},
                               {"do-not-reply", kNobody},
                               {"do_not_reply", kNobody},
                               {"noemail", kNobody | kNoDomain},
                               {"no-email", kNobody | kNoDomain},
                               {"no_email", kNobody},
                               {"no.email", kNobody},
                               {"nomail", kNobody | kNoDomain},
                               {"none", kNobody | kNoDomain},
                               {"unknown", kNobody | kNoDomain},
                               {"null", kNobody | kNoDomain},
                               {"notprovided", kNobody | kNoDomain},
                               {"notavailable", kNobody | kNoDomain},
                               {"noaddress", kNobody},
                               {"refused", kNobody},
                               {"declined", kNobody},
                               {"notgiven", kNobody},
                               {"undefined", kNobody},
                               {"test", kBoth},
                               {"tester", kStandIn},
                               {"testing", kBoth},
                               {"test1", kBoth},
                               {"test2", kBoth},
                               {"example", kBoth},
                               {"email", kBoth},
                               {"mail", kBoth},
                               {"name", kStandIn},
                               {"user", kStandIn},
                               {"username", kStandIn},
                               {"abc", kBoth},
                               {"abc123", kBoth},
                               {"asdf", kBoth},
                               {"qwerty", kBoth},
                               {"fake", kBoth},
                               {"na", kBoth},
                               {"n.a", kBoth},
                               {"no", kBoth},
                               {"nobody", kBoth},
                               {"nowhere", kNoDomain},
                               {"noone", kBoth},
                               {"someone", kStandIn},
                               {"me", kStandIn},
                               {"you", kStandIn},
                               {"info", kStandIn},
                               {"admin", kStandIn},
                               {"domain", kNoDomain},
                               {"invalid", kBoth},
                               {"foo", kStandIn},
                               {"bar", kBoth}};
  return table;
}

bool IsOneLetterRun(std::string_view s) {
  for (const char c : s)
    if (c != s.front()) return false;
  return true;
}

bool IsPlaceholder(std::string_view local, std::string_view domain) {
  const uint32_t cls = JunkLabels().Find(local);
  if ((cls & kNobody) != 0) return true;
  const std::string_view label = domain.substr(0, domain.find('.'));
  if (local == label && IsOneLetterRun(local)) return true;  // a@a.com, xxx@xxx.com
  return ((cls & kStandIn) != 0 || IsOneLetterRun(local)) && (JunkLabels().Find(label) & kNoDomain) != 0;
}

// atext of RFC 5322, and any byte of a character beyond ASCII.
bool IsLocalChar(char c) {
  constexpr CharSet kSpecials = "!#$%&'*+-/=?^_`{|}~";
  return IsAlnum(c) || !IsAscii(c) || kSpecials.Contains(c);
}

bool IsLocalPart(std::string_view s) {
  if (s.empty() || s.size() > kEmailLocalBound || s.front() == '.' || s.back() == '.') return false;
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

// Without "Name <...>", "mailto:", quotes and punctuation around it, and without blanks around '@'.
std::string_view Bare(std::string_view s) {
  const size_t open = s.find('<');
  if (open != std::string_view::npos) {
    const size_t close = s.find('>', open);
    s = s.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
  }
  s = TrimChars(s, " \"',;:()[]<>");
  while (!s.empty() && (s.back() == '.' || s.back() == ' ')) s.remove_suffix(1);
  if (s.size() > 7 && EqualsIgnoreCase(s.substr(0, 7), "mailto:")) s = TrimChars(s.substr(7), " ");
  return s;
}

}  // namespace

bool NextEmail(std::string_view* rest, std::string_view* part) {
  if (rest->empty()) return false;
  const size_t first = rest->find('@');
  // A separator ends an address only where another one follows.
  if (first != std::string_view::npos && rest->find('@', first + 1) != std::string_view::npos) {
    const size_t end = rest->find_first_of(";,|/ ", first + 1);
    if (end != std::string_view::npos && rest->find('@', end) != std::string_view::npos) {
      *part = Trim(rest->substr(0, end));
      *rest = TrimChars(rest->substr(end + 1), ";,|/ ");
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
  const std::string_view bare = Bare(text);
  const size_t at = bare.find('@');
  if (at == std::string_view::npos) return IsJunk(text) ? Outcome::kPlaceholder : Outcome::kBad;
  const std::string_view local = Trim(bare.substr(0, at));
  const std::string_view domain = Trim(bare.substr(at + 1));
  if (!IsLocalPart(local) || domain.size() > 253) return Outcome::kBad;
  if (IsAllAscii(local)) {
    for (const char c : local) out->push_back(Lower(c));
  } else {
    AppendLower(local, out);
  }
  const size_t local_size = out->size();
  out->push_back('@');
  if (IsAllAscii(domain)) {
    for (const char c : domain) out->push_back(Lower(c));
  } else {
    out->append(AsciiDomain(domain));
  }
  const std::string_view key(*out);
  if (!IsDomain(key.substr(local_size + 1)) || key.size() > kEmailBound || local_size > kEmailLocalBound) {
    out->clear();
    return Outcome::kBad;
  }
  if (IsPlaceholder(key.substr(0, local_size), key.substr(local_size + 1))) {
    out->clear();
    return Outcome::kPlaceholder;
  }
  return Outcome::kOk;
}

}  // namespace migrate::normalize
