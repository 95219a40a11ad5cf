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

// The loose key of an e-mail address, for matching only. `strict` is the strict key (see normalize/emails.h).
// Drops "+tag" from the local part (RFC 5233 subaddress); for gmail.com and googlemail.com also the dots, and both
// domains are gmail.com. An address that would lose its whole local part, or has no '@', is returned as it is.
std::string LooseEmail(std::string_view strict);

}  // namespace migrate
