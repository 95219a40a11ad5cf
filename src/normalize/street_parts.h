// Parts of a street line, read from its words and written in their standard form; private to this room. Everything is
// after USPS Publication 28 where it says something, and the addressing guidelines of Canada Post and Australia Post
// for units before the house number.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/countries.h"
#include "migrate/normalize/text.h"
#include "street_words.h"

namespace migrate::normalize {

// The text with letters that become ASCII letters in another case, and fractions that are one character, in ASCII: so
// that words which are known after display case are known before ("\u0130" and "\u0131" -> "I", "i"; "123½" -> "123
// 1/2"). A view of `text` where there are none, else of *scratch.
std::string_view PlainLetters(std::string_view text, std::string* scratch);

// The words of a street line: punctuation dropped, "#4" and "Apt4B" parted, "N.W." one word. False if there are too
// many.
bool TokenizeStreet(std::string_view text, Words* words);

bool HasDigit(std::string_view s);
bool AllDigits(std::string_view s);  // and at least one
bool IsOrdinal(std::string_view s);  // "1st", "22ND"
void AppendUpper(std::string_view s, std::string* out);
void AppendToken(std::string_view word, std::string* out);  // display case; "4b" -> "4B", "3RD" -> "3rd"
void AppendBlank(size_t begin, std::string* out);           // unless *out ends at `begin`

// ---- units (street_units.cc) ----

// True if words[from...] are units to the end; they are appended to *out ("Bldg 4 Apt 2").
bool ReadUnits(const Words& words, size_t from, std::string* out);
// Where the units at the end of a street line begin (words.size() if there are none); they are appended to *unit.
size_t FindUnits(const Words& words, size_t from, std::string* unit);
// "Flat 2, 12 High Street": the unit before the number, appended to *unit. Returns the words it takes.
size_t ReadLeadingUnit(const Words& words, std::string* unit);
// A house number that holds its unit: "3/45" (Australia, New Zealand), "4-123" (Canada). Both are views into `word`.
bool SplitHouseNumber(std::string_view word, AddressStyle style, std::string_view* unit, std::string_view* number);
// Index of a bare unit at the end of words[from, end): "12 Main St 4B"; `end` if there is none.
size_t FindBareUnit(const Words& words, size_t from, size_t end);

// ---- lines that are no street (street_special.cc) ----

// Words that begin "PO Box", "P O Box", "POB", "Post Office Box", "PO Drawer" at words[i]; 0 if it is no post-office
// box.
size_t PostOfficeBox(const Words& words, size_t i);
// As PostOfficeBox, where the whole line begins there: also "Box 12", "Drawer 4", and "CP 12" in Canada.
size_t LeadingBox(const Words& words, size_t from, AddressStyle style);
// Rural and highway contract routes, military addresses, general delivery at words[from], written to *out in their form
// ("RR 2 Box 18", "HC 68 Box 23A", "PSC 802 Box 74", "General Delivery"). Returns the words it takes, 0 for none.
size_t ReadSpecialLine(const Words& words, size_t from, std::string* out);

// Without "c/o ..." and "Attn: ..." before the street or behind it.
std::string_view WithoutAttention(std::string_view text);

// ---- streets (street_names.cc) ----

// Words that name a road system before its number (Publication 28, appendix F): "CR", "Cty Rd" -> "County Road", "I" ->
// "Interstate". Returns how many of words[i, end) the canonical name takes; 0 for none.
size_t RoadSystem(const Words& words, size_t i, size_t end, std::string_view* name);
// "I-10", "IH280", "FM187": the system and its number in one word.
bool GluedRoad(std::string_view word, std::string_view* name, std::string_view* number);
// A street without its unit: words[from, end).
void AppendStreet(const Words& words, size_t from, size_t end, std::string* out);

}  // namespace migrate::normalize
