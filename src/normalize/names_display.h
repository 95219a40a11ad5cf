// The words of a name in the case a reader expects. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "names_parse.h"

namespace migrate::normalize {

// "JR", "tj": two letters that no one can speak are initials and stay capitals.
bool IsInitials(std::string_view word);

// Appends words[from, to) in display case. Particles of a last name are small where the source writes them so among
// capitals, and the usual ones also where the source's case says nothing.
void AppendWords(const Words& words, size_t from, size_t to, NamePart part, std::string* out);

// Appends a name that stays whole: a company, or two persons. Where the text has both cases, small words that mean
// something and a company's capitals (IBM) are the writer's choice. `begins`: nothing stands before the text.
void AppendUnsplit(std::string_view text, bool company, bool begins, std::string* out);

// AppendUnsplit until it changes nothing: what one round makes of a word tells the next whether the text has both
// cases.
void AppendWhole(std::string_view text, bool company, std::string* out);

}  // namespace migrate::normalize
