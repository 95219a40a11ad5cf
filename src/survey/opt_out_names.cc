#include "opt_out_names.h"

#include <algorithm>
#include <string_view>

namespace migrate::survey {
namespace {

using Words = std::vector<std::string>;
using List = std::string_view;  // one blank between two words

bool Has(List list, std::string_view word) {
  for (size_t at = 0; at < list.size();) {
    const size_t end = std::min(list.find(' ', at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

// How often any of the stems occurs in the text; they do not overlap.
int Occurrences(List stems, std::string_view text) {
  int n = 0;
  for (size_t at = 0; at < stems.size();) {
    const size_t end = std::min(stems.find(' ', at), stems.size());
    const std::string_view stem = stems.substr(at, end - at);
    for (size_t found = 0; (found = text.find(stem, found)) != text.npos; found += stem.size()) ++n;
    at = end + 1;
  }
  return n;
}

// Word stems that refuse by themselves, also across words ("opt out").
constexpr List kRefusing =
    "unsub optout optedout optsout optingout suppress withdraw withdrew revoke blocklist blacklist abgemeldet abmeld "
    "widerspruch widersproch widerruf werbesperre sperrliste robinson desabonn desinscri uitgeschreven afgemeld "
    "disiscri descadastr avmeld";
// Stems that consent.
constexpr List kConsenting =
    "subscribed subscription optin optedin optsin newsletter consent permission gdpr accept allow maycontact "
    "cancontact oktocontact maycall maytext mayemail einwilligung zustimmung erlaubnis abonn aangemeld";
constexpr List kNegations = "not dont never stop without non kein keine keinen nie nicht pas niet geen nao cannot";
// What may be refused, by channel.
constexpr List kEmail = "email emails emailing newsletter newsletters courriel correo";
constexpr List kSms = "sms text texts texting mms";
constexpr List kCall =
    "call calls calling phone phones telephone telefon tel anruf anrufe anrufen appeler llamar llamadas ligar chiamare "
    "bellen";
constexpr List kMail = "mail mailing mailings post postal letter letters brief briefe courrier posta";
constexpr List kAny =
    "contact contacting contacter contactar contactare market marketing solicit solicitation werbung werben "
    "disturb molestar reach promotions advertising publicidad publicite";

bool IsEmail(const Words& words, size_t i) {
  return Has(kEmail, words[i]) || (words[i] == "mail" && i > 0 && words[i - 1] == "e");
}

bool IsContact(const Words& words, size_t i) {
  for (List list : {kEmail, kSms, kCall, kMail, kAny})
    if (Has(list, words[i])) return true;
  return false;
}

// "no" may as well be short for number: "no of calls", "phone no", "no telephone".
bool IsNo(const Words& words, size_t i) {
  if (words[i] != "no" && words[i] != "sin" && words[i] != "sem") return false;
  if (i + 1 >= words.size() || words[i + 1] == "of" || words[i + 1] == "de") return false;
  for (size_t j = i + 1; j < words.size(); ++j)
    if (IsContact(words, j) && !Has("phone phones telephone telefon tel post mail correo posta", words[j])) return true;
  return Occurrences(kConsenting, words[i + 1]) > 0 || Occurrences(kRefusing, words[i + 1]) > 0;
}

Role Channel(const Words& words, bool unsubscribed) {
  bool email = false, sms = false, call = false, mail = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool e = IsEmail(words, i);
    email |= e;
    sms |= Has(kSms, words[i]);
    call |= Has(kCall, words[i]);
    mail |= !e && Has(kMail, words[i]);
  }
  // One leaves a mailing list by e-mail.
  if (unsubscribed && !sms && !call) return Role::kOptOutEmail;
  if (email + sms + call + mail != 1) return Role::kOptOut;
  return email ? Role::kOptOutEmail : sms ? Role::kOptOutSms : call ? Role::kOptOutCall : Role::kOptOutMail;
}

}  // namespace

Wish ReadWish(const Words& words) {
  Wish wish;
  std::string all;
  int negations = 0;
  bool refused_contact = false;
  for (size_t i = 0; i < words.size(); ++i) {
    all += words[i];
    if (!Has(kNegations, words[i]) && !IsNo(words, i)) continue;
    ++negations;
    for (size_t j = i + 1; j < words.size(); ++j) {
      refused_contact |= IsContact(words, j);
      wish.stem |= IsContact(words, j) && Has(kNegations, words[i]);
    }
  }
  const int refusing = Occurrences(kRefusing, all);
  // "Subscribe", but not "subscriber".
  const int consenting =
      Occurrences(kConsenting, all) + static_cast<int>(std::count(words.begin(), words.end(), "subscribe"));
  if (refusing == 0 && consenting == 0 && !refused_contact) return wish;
  wish.stem |= refusing > 0;
  if ((negations + std::min(refusing, 1)) % 2 == 0) {
    wish.kind = Wish::Kind::kConsent;
    return wish;
  }
  wish.kind = Wish::Kind::kRefusal;
  wish.role = Channel(words, all.find("unsub") != all.npos);
  return wish;
}

}  // namespace migrate::survey
