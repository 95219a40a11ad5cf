#include "emails_known.h"

#include <string>

#include "migrate/normalize/text.h"

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

// Slips of the most used domains, and endings that are no top-level domain (IANA's root zone has none of them).
const WordTable& Slips() {
  static const WordTable table = [] {
    std::vector<WordTable::Entry> entries;
    std::string_view words =
        "gmial.com gmai.com gmal.com gmil.com gamil.com gnail.com gmaill.com gmali.com ggmail.com gmail.co gmail.cm "
        "gmail.om "
        "gmail.comm gmail.net gmail.org yaho.com yahooo.com yhoo.com yhaoo.com yahoo.cm yahoo.om yahoo.comm ymai.com "
        "hotmial.com hotmal.com hotmai.com hotmil.com hotamil.com hotmaill.com hotmail.co hotmail.cm hotmail.om "
        "outlok.com "
        "outloo.com outlook.co outlook.cm iclod.com icloud.co icoud.com aol.co aol.cm comcst.net comcast.com";
    while (!words.empty()) {
      const size_t blank = words.find(' ');
      entries.emplace_back(words.substr(0, blank), 1);
      words = blank == std::string_view::npos ? std::string_view() : words.substr(blank + 1);
    }
    for (const std::string_view ending :
         {"con", "cmo", "ocm", "comm", "vom", "cim", "xom", "nte", "nett", "ogr", "orgg"})
      entries.emplace_back(ending, 2);
    return WordTable(entries);
  }();
  return table;
}

bool IsOneLetterRun(std::string_view s) {
  for (const char c : s)
    if (c != s.front()) return false;
  return true;
}

}  // namespace

bool IsSlip(std::string_view domain) {
  if (Slips().Find(domain) == 1) return true;
  return !domain.ends_with(".com") && Slips().Find(domain.substr(domain.rfind('.') + 1)) == 2;
}

bool IsNobody(std::string_view local, std::string_view domain) {
  const uint32_t cls = JunkLabels().Find(local);
  if ((cls & kNobody) != 0) return true;
  const std::string_view label = domain.substr(0, domain.find('.'));
  if (local == label && IsOneLetterRun(local)) return true;  // a@a.com, xxx@xxx.com
  return ((cls & kStandIn) != 0 || IsOneLetterRun(local)) && (JunkLabels().Find(label) & kNoDomain) != 0;
}

}  // namespace migrate::normalize
