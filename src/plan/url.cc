#include "migrate/plan/url.h"

#include "check.h"

namespace migrate::plan {
namespace {

constexpr std::string_view kMysqlForm = "mysql://user@host:port/database";

int Hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Decoded(std::string_view s) {
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%' && i + 2 < s.size() && Hex(s[i + 1]) >= 0 && Hex(s[i + 2]) >= 0) {
      out += static_cast<char>(Hex(s[i + 1]) * 16 + Hex(s[i + 2]));
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

Url Wrong(std::string error, std::string expected, std::string suggestion = "") {
  Url url;
  url.error = std::move(error);
  url.expected = std::move(expected);
  url.suggestion = std::move(suggestion);
  return url;
}

Url ParseSqlite(std::string_view path) {
  if (path.substr(0, 2) == "//") return Wrong("has slashes behind 'sqlite:'", "sqlite:PATH, such as sqlite:people.db");
  if (path.empty()) return Wrong("has no path", "sqlite:PATH, such as sqlite:people.db");
  if (path[0] == ':')
    return Wrong("is a database in memory, which no second command could read", "sqlite:PATH, a file");
  Url url;
  url.sqlite = true;
  url.path = path;
  return url;
}

// Splits "host", "host:port", "[::1]:port". False: the port is none.
bool SplitHost(std::string_view text, Url* url) {
  size_t colon = text.rfind(':');
  if (!text.empty() && text[0] == '[') {
    size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    url->host = text.substr(1, close - 1);
    if (close + 1 == text.size()) return true;
    if (text[close + 1] != ':') return false;
    colon = close + 1;
  } else {
    url->host = text.substr(0, colon);
    if (colon == std::string_view::npos) return true;
  }
  std::optional<int64_t> port = ParseInteger(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return false;
  url->port = static_cast<int>(*port);
  return true;
}

Url ParseMysql(std::string_view rest) {
  Url url;
  std::string form(kMysqlForm);
  size_t at = rest.rfind('@');
  if (at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos)
    return Wrong("holds a password", form + " without it, and beside it 'password: {env: NAME}'");
  if (at == std::string_view::npos || at == 0) return Wrong("names no user", form);
  url.user = Decoded(rest.substr(0, at));
  rest.remove_prefix(at + 1);
  size_t slash = rest.find('/');
  if (!SplitHost(rest.substr(0, slash), &url)) return Wrong("has a bad port", form + ", the port from 1 to 65535");
  if (url.host.empty()) return Wrong("names no host", form);
  if (slash == std::string_view::npos || slash + 1 == rest.size()) return Wrong("names no database", form);
  std::string_view database = rest.substr(slash + 1);
  if (database.find_first_of("/?#") != std::string_view::npos)
    return Wrong("has more behind the database", form + "; TLS is set by 'tls:'");
  url.database = Decoded(database);
  return url;
}

}  // namespace

Url ParseUrl(std::string_view url, bool sqlite_allowed) {
  std::string forms = (sqlite_allowed ? "sqlite:PATH or " : "") + std::string(kMysqlForm);
  size_t colon = url.find(':');
  std::string scheme(url.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (scheme == "sqlite" && sqlite_allowed) return ParseSqlite(url.substr(7));
  if (scheme == "mysql" && url.substr(colon, 3) == "://") return ParseMysql(url.substr(colon + 3));
  if (scheme == "mysql") return Wrong("has no '//' behind 'mysql:'", std::string(kMysqlForm));
  if (scheme.empty() || scheme.find('/') != std::string::npos) return Wrong("has no scheme", forms);
  std::vector<std::string> schemes{"mysql"};
  if (sqlite_allowed) schemes.insert(schemes.begin(), "sqlite");
  std::string suggestion = scheme == "mariadb"                     ? "mysql"
                           : scheme == "sqlite3" && sqlite_allowed ? "sqlite"
                                                                   : Nearest(scheme, schemes);
  return Wrong("has the unknown scheme " + Quoted(scheme), forms, suggestion);
}

}  // namespace migrate::plan
