#include "migrate/record/keys.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace migrate {
namespace {

constexpr bool IsAsciiAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Letters that Unicode does not decompose although databases write them both ways.
std::string_view AsciiSpelling(int32_t c) {
  switch (c) {
    case 0xE6:
      return "ae";
    case 0xF0:
      return "d";
    case 0xF8:
      return "o";
    case 0xFE:
      return "th";
    case 0x111:
      return "d";
    case 0x127:
      return "h";
    case 0x131:
      return "i";
    case 0x142:
      return "l";
    case 0x153:
      return "oe";
    default:
      return {};
  }
}

bool IsLetterOrDigit(int32_t c) {
  const utf8proc_category_t category = utf8proc_category(c);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

void AppendCodePoint(int32_t c, std::string* out) {
  const std::string_view ascii = AsciiSpelling(c);
  if (!ascii.empty()) {
    out->append(ascii);
    return;
  }
  if (!IsLetterOrDigit(c)) return;
  uint8_t bytes[4];
  const utf8proc_ssize_t n = utf8proc_encode_char(c, bytes);
  out->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(n));
}

// Decomposes and folds one code point; utf8proc orders marks only within a whole string, but marks are dropped here.
void FoldCodePoint(int32_t c, std::string* out) {
  constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                           UTF8PROC_IGNORE | UTF8PROC_STRIPMARK);
  utf8proc_int32_t parts[32];
  int boundary = 0;
  const utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, 32, kOptions, &boundary);
  for (utf8proc_ssize_t i = 0; i < n && i < 32; ++i) AppendCodePoint(parts[i], out);
}

}  // namespace

void FoldKey(std::string_view utf8, std::string* out) {
  size_t i = 0;
  while (i < utf8.size()) {
    const char c = utf8[i];
    if (static_cast<uint8_t>(c) < 0x80) {
      if (IsAsciiAlnum(c)) out->push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
      ++i;
      continue;
    }
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + i,
                                                static_cast<utf8proc_ssize_t>(utf8.size() - i), &code);
    if (n > 0) FoldCodePoint(code, out);
    i += n > 0 ? static_cast<size_t>(n) : 1;
  }
}

namespace {

enum class Tags : uint8_t { kPlus, kPlusAndHyphen };
struct Provider {
  std::string_view domain;
  std::string_view canonical;  // the domain whose mailbox it is
  Tags tags = Tags::kPlus;
  bool dots_count = true;
};

// Sources in the header.
constexpr Provider kProviders[] = {
    {"gmail.com", "gmail.com", Tags::kPlus, false},
    {"googlemail.com", "gmail.com", Tags::kPlus, false},
    {"icloud.com", "icloud.com"},
    {"me.com", "icloud.com"},
    {"mac.com", "icloud.com"},
    {"proton.me", "proton.me"},
    {"protonmail.com", "proton.me"},
    {"protonmail.ch", "proton.me"},
    {"pm.me", "proton.me"},
    {"yahoo.com", "yahoo.com", Tags::kPlusAndHyphen},
    {"yahoo.co.uk", "yahoo.co.uk", Tags::kPlusAndHyphen},
    {"yahoo.ca", "yahoo.ca", Tags::kPlusAndHyphen},
    {"yahoo.fr", "yahoo.fr", Tags::kPlusAndHyphen},
    {"yahoo.de", "yahoo.de", Tags::kPlusAndHyphen},
    {"yahoo.es", "yahoo.es", Tags::kPlusAndHyphen},
    {"yahoo.it", "yahoo.it", Tags::kPlusAndHyphen},
    {"yahoo.com.br", "yahoo.com.br", Tags::kPlusAndHyphen},
    {"yahoo.co.in", "yahoo.co.in", Tags::kPlusAndHyphen},
    {"yahoo.com.au", "yahoo.com.au", Tags::kPlusAndHyphen},
    {"ymail.com", "ymail.com", Tags::kPlusAndHyphen},
    {"rocketmail.com", "rocketmail.com", Tags::kPlusAndHyphen},
};

const Provider* ProviderOf(std::string_view domain) {
  for (const Provider& provider : kProviders)
    if (provider.domain == domain) return &provider;
  return nullptr;
}

// "whatever@user.fastmail.com" is user's: the label before the domain, or "".
std::string_view SubdomainUser(std::string_view domain, std::string_view* base) {
  for (const std::string_view fastmail : {"fastmail.com", "fastmail.fm"}) {
    if (domain.size() < fastmail.size() + 2 || !domain.ends_with(fastmail)) continue;
    const std::string_view label = domain.substr(0, domain.size() - fastmail.size() - 1);
    if (domain[label.size()] != '.' || label.find('.') != std::string_view::npos) continue;
    *base = fastmail;
    return label;
  }
  return {};
}

// RFC 2142 and its like: sorted.
constexpr std::string_view kRoles[] = {"abuse",
                                       "accounting",
                                       "accounts",
                                       "accueil",
                                       "admin",
                                       "administracion",
                                       "administratie",
                                       "administration",
                                       "administrator",
                                       "alerts",
                                       "amministrazione",
                                       "atendimento",
                                       "bestellung",
                                       "billing",
                                       "booking",
                                       "bookings",
                                       "buchhaltung",
                                       "buero",
                                       "careers",
                                       "compliance",
                                       "contabilidad",
                                       "contact",
                                       "contacto",
                                       "contactus",
                                       "contato",
                                       "contatti",
                                       "customercare",
                                       "customerservice",
                                       "direction",
                                       "do-not-reply",
                                       "donotreply",
                                       "empfang",
                                       "enquiries",
                                       "enquiry",
                                       "facturacion",
                                       "feedback",
                                       "finance",
                                       "financeiro",
                                       "frontdesk",
                                       "ftp",
                                       "general",
                                       "hello",
                                       "help",
                                       "helpdesk",
                                       "hostmaster",
                                       "hr",
                                       "info",
                                       "inquiries",
                                       "inquiry",
                                       "invoices",
                                       "it",
                                       "jobs",
                                       "kantoor",
                                       "kontakt",
                                       "legal",
                                       "mail",
                                       "mailer-daemon",
                                       "marketing",
                                       "media",
                                       "members",
                                       "membership",
                                       "news",
                                       "newsletter",
                                       "no-reply",
                                       "no_reply",
                                       "noc",
                                       "noreply",
                                       "notifications",
                                       "office",
                                       "orders",
                                       "payroll",
                                       "postmaster",
                                       "poststelle",
                                       "press",
                                       "privacy",
                                       "purchasing",
                                       "reception",
                                       "rechnung",
                                       "registration",
                                       "reservations",
                                       "returns",
                                       "root",
                                       "sales",
                                       "secretariat",
                                       "secretary",
                                       "security",
                                       "sekretariat",
                                       "service",
                                       "services",
                                       "shop",
                                       "spam",
                                       "staff",
                                       "subscribe",
                                       "support",
                                       "team",
                                       "tech",
                                       "unsubscribe",
                                       "usenet",
                                       "uucp",
                                       "ventas",
                                       "vertrieb",
                                       "verwaltung",
                                       "webmaster",
                                       "welcome",
                                       "www"};
static_assert(std::is_sorted(std::begin(kRoles), std::end(kRoles)));

// The lengths that occur behind each first letter, so that few addresses need the search.
constexpr auto kRoleLengths = [] {
  std::array<uint32_t, 26> lengths{};
  for (const std::string_view role : kRoles) lengths[static_cast<size_t>(role[0] - 'a')] |= 1u << role.size();
  return lengths;
}();

}  // namespace

std::string LooseEmail(std::string_view strict) {
  const size_t at = strict.rfind('@');
  if (at == std::string_view::npos) return std::string(strict);
  std::string_view local = strict.substr(0, at);
  std::string_view domain = strict.substr(at + 1);
  if (local.starts_with('"')) return std::string(strict);
  std::string_view base;
  if (const std::string_view user = SubdomainUser(domain, &base); !user.empty())
    return std::string(user).append("@").append(base);
  const Provider* const provider = ProviderOf(domain);
  local = local.substr(0, local.find('+'));
  if (provider != nullptr && provider->tags == Tags::kPlusAndHyphen) local = local.substr(0, local.find('-'));
  if (provider != nullptr) domain = provider->canonical;
  std::string key;
  for (const char c : local)
    if (c != '.' || provider == nullptr || provider->dots_count) key.push_back(c);
  if (key.empty()) return std::string(strict);
  key.push_back('@');
  key.append(domain);
  return key;
}

bool IsRoleEmail(std::string_view strict) {
  const size_t at = strict.rfind('@');
  if (at == std::string_view::npos) return false;
  std::string_view local = strict.substr(0, at);
  local = local.substr(0, local.find('+'));
  while (!local.empty() && local.back() >= '0' && local.back() <= '9') local.remove_suffix(1);
  if (local.empty() || local.size() > 31 || local[0] < 'a' || local[0] > 'z') return false;
  if ((kRoleLengths[static_cast<size_t>(local[0] - 'a')] >> local.size() & 1) == 0) return false;
  return std::binary_search(std::begin(kRoles), std::end(kRoles), local);
}

}  // namespace migrate
