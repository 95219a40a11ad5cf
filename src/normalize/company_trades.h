// Words that only the name of a firm or an institution has: trades, shops, offices, and legal forms beyond those of
// name_words.cc. Private to this room.
//
// Chosen by what the word means in its language (a place of work, a branch, a plural of a trade); a trade that is a
// family name as well (Baker, Mason, Becker, Fournier, Ferreira) is not among them. Legal forms: ISO 20275.
#pragma once

#include <string_view>
#include <vector>

namespace migrate::normalize {

// Lower case, with accents, without them, and ("ä") with an e; at most 16 bytes each. The views live as long as the
// program.
const std::vector<std::string_view>& TradeWords();

}  // namespace migrate::normalize
