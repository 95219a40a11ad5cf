// Similarity of short strings, on bytes: folded keys are nearly always ASCII, and where they are not, a letter of two
// bytes weighs double, which no level is sensitive to.
//
// Strings longer than kMaxCompared bytes are compared by their first kMaxCompared.
#pragma once

#include <cstdint>
#include <string_view>

namespace migrate::dedupe {

inline constexpr int kMaxCompared = 64;

// Jaro similarity in [0, 1] (Jaro 1989): common characters within half the longer length, and their transpositions.
double Jaro(std::string_view a, std::string_view b);

// Jaro-Winkler (Winkler 1990): Jaro plus 0.1 for each of up to four equal leading characters of what is missing to 1.
double JaroWinkler(std::string_view a, std::string_view b);

// Optimal string alignment distance (insertion, deletion, substitution, transposition of neighbours, no substring
// edited twice), cut off: a result above `limit` is returned as limit + 1. `limit` at most 3.
int Distance(std::string_view a, std::string_view b, int limit);

// How many of eight digits (four bits each) differ.
int DigitsApart(uint32_t a, uint32_t b);
// One digit differs, or two neighbours are exchanged.
bool OneDigitSlip(uint32_t a, uint32_t b);

// A bit for each of 32 character classes that a string has: two strings at distance d differ in at most 2d bits.
uint32_t CharacterSet(std::string_view s);

// American Soundex (National Archives, 1-letter + 3 digits) as a number; 0 where the string has no leading letter.
uint32_t Soundex(std::string_view folded);

}  // namespace migrate::dedupe
