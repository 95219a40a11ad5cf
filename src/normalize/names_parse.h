// A full name taken apart. Private to this room.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "migrate/normalize/text.h"

namespace migrate::normalize {

inline constexpr size_t kMaxSuffixes = 4;

// A name in the order of speaking: given names, then the last name. The words are views of the text.
struct NameParts {
  Words words;
  size_t first = 1;  // words[0, first) are the first name; 0 if it has none
  size_t last = 0;   // words[last...] are the last name; words.size() if it has none
  std::array<std::string_view, kMaxSuffixes> suffixes;
  size_t suffix_count = 0;
};

void AddSuffix(std::string_view suffix, NameParts* parts);

enum class NameShape : uint8_t {
  kSplit,    // *parts is the name
  kWhole,    // cannot be split: one word, two persons, a household
  kNothing,  // nothing but titles
};

// `text` is clean and no company. The words of *parts are views of it.
NameShape ParseFullName(std::string_view text, NameParts* parts);

// A part of a name (what a column of first, middle or last names holds) without titles, nicknames, former names, notes
// and, unless it stands `alone`, tokens without letters. False: too many words.
enum class NamePart : uint8_t { kFirst, kMiddle, kLast };
bool ParseNamePart(std::string_view text, NamePart part, bool alone, Words* words, NameParts* suffixes);

bool IsEastAsian(std::string_view text);  // nothing but Han, Hangul and Kana
// These scripts write the family name first, apart or together: "李明", "김 민수", "山田 太郎". False: not known where
// the family name ends.
bool ParseEastAsian(std::string_view text, NameParts* parts);

// A legal form, a kind of business, "Estate of", "dba" (see name_words.h).
bool IsCompanyName(std::string_view text);
bool MayBeCompany(std::string_view text);  // has a word that would take part in one

// A token without punctuation at its ends and, unless `numbers`, without a number behind it.
std::string_view StrippedWord(std::string_view token, bool numbers);

bool HasLetters(std::string_view s);
bool HasBothCases(std::string_view s);  // ASCII
// Given words and last names of Cyrillic: "Иванов Иван Иванович" is written family name first.
bool IsCyrillicFamilyFirst(const Words& words);

}  // namespace migrate::normalize
