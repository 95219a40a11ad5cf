// Keys for matching: what two values are reduced to before they are compared or looked up. They are derived from
// normalized values, never stored in their place.
#pragma once

#include <string>
#include <string_view>

namespace migrate {

// Appends the matching key of `utf8` to *out: Unicode NFKC with case folding, accents stripped (NFD without combining
// marks; also ø đ ł æ œ ß þ ð, which have no decomposition, as their usual ASCII spelling), and of the result only
// letters and digits. "O'Brien-Núñez" gives "obriennunez", "ＡＢＣ" gives "abc", "李 明" gives "李明".
// Folding a key gives the same key. Bytes that are not valid UTF-8 are skipped. About 1 ns a byte for ASCII, and no
// allocation beyond *out; other text allocates.
void FoldKey(std::string_view utf8, std::string* out);

inline std::string FoldKey(std::string_view utf8) {
  std::string out;
  FoldKey(utf8, &out);
  return out;
}

// The number alone of a phone as it is kept: "+12065550100;ext=12" -> "+12065550100", which is E.164. "" for the digits
// of a number that cannot be dialled (Record::more_phones).
inline std::string_view PhoneNumber(std::string_view phone) {
  return phone.substr(0, 1) == "+" ? phone.substr(0, phone.find(';')) : std::string_view();
}

// The loose key of an e-mail address, for matching only: which mailbox it reaches, as far as its provider says so.
// `strict` is the strict key (see normalize/emails.h). An address that would lose its whole local part, has a quoted
// one, or has no '@', is returned as it is.
//   everywhere    "+tag" is dropped (RFC 5233 subaddress; also documented by Outlook.com and Exchange Online "Plus
//                 addressing", Fastmail, Proton, iCloud). Where a server does not know it, no one has such an address.
//   gmail.com, googlemail.com        dots do not count and both domains are one (support.google.com/mail/answer/7436150
//                                    and /10313); in other domains that Google hosts dots do count
//   icloud.com, me.com, mac.com      one account (support.apple.com/118230)
//   proton.me, pm.me, protonmail.*   one account (proton.me/support/addresses-and-aliases)
//   yahoo.*, ymail.com, rocketmail.com   "name-keyword" is a disposable address of "name"; no account of Yahoo's has a
//                                    hyphen in its name (Yahoo help, "Disposable email addresses")
//   fastmail.com, fastmail.fm        "any@user.fastmail.com" is user@fastmail.com (fastmail.help, "Plus addressing and
//                                    subdomain addressing")
std::string LooseEmail(std::string_view strict);

// True for the address of a function instead of a person (info@, sales@, webmaster@): the names of RFC 2142 and those
// that mail providers call role addresses, in the languages of Western Europe; a number behind it does not matter
// ("info2@"). Many people of one company share it, so that it says less of who someone is.
bool IsRoleEmail(std::string_view strict);

}  // namespace migrate
