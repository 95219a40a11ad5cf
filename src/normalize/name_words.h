// The words that mean something in a name: titles, suffixes, particles, company designators. Private to this room.
//
// Where the lists come from: titles and ranks of English-speaking forces and churches, and the forms of address of
// German, French, Spanish, Italian, Portuguese, Dutch, Russian, Arabic and Hindi; particles as IFLA, Names of Persons
// (4th ed.), describes them for each country; legal forms of ISO 20275 (Entity Legal Forms), shortened as they are
// written. A word that is a family name somewhere (Church, Bank, Temple, Sa, As) is never enough by itself to make a
// company.
#pragma once

#include <cstdint>
#include <string_view>

namespace migrate::normalize {

enum NameClass : uint32_t {
  kTitle = 1u << 0,          // dropped before a name: Mr, Dr
  kWeakTitle = 1u << 1,      // dropped only before at least two more words: Lord, Major, Bishop are names otherwise
  kGivenTitle = 1u << 2,     // besides kTitle: a lone word after it is a given name (Sir Paul, Dame Judi)
  kParticle = 1u << 3,       // belongs to the last name that follows it
  kSmallParticle = 1u << 4,  // written small where the source says nothing by its case
  kInnerParticle = 1u << 5,  // written small only after another particle: "de la Cruz", but "La Rue"
  kLowerParticle = 1u << 6,  // a particle only where it is written small among words with capitals: "ben", "dit"
  kLinkParticle = 1u << 7,   // joins two parts of one last name: y, e, i, und (von und zu)
  kCompany = 1u << 8,        // marks a company in any name of two words
  kCompanyWeak = 1u << 9,    // marks one only together with another such word, or with "of" or "the"
  kCompanyLast = 1u << 10,   // marks one as the last word, in capitals behind a word that is not, or with periods
  kConnective = 1u << 11,    // of, the, &, and
  kPeople = 1u << 12,        // joins two persons: and, &, und, et, or
  kPeerage = 1u << 13,       // Baron, Earl: what follows is a title, no part of the name
  kAllCapitals = 1u << 14,   // LLC, PLC
  kMarker = 1u << 15,        // née, aka: another name of the person follows, which is left out
  kNote = 1u << 16,          // deceased: no part of the name
  kTestWord = 1u << 17,      // a name of nothing but these is a test entry: Test Test, Demo User
  kHousehold = 1u << 18,     // Family, Household: no person
  kTrustee = 1u << 19,       // Trust, Estate: a company where it ends a name of three words
  kJunkWord = 1u << 21,      // says nothing by itself: see junk.h
  kCompanyKin = 1u << 20,    // Sons, Partners, Co: a company also behind "&" or "and"
};

uint32_t ClassOf(std::string_view word);        // a sum of the above, 0 for any other word
uint32_t ClassOfDotted(std::string_view word);  // the same without the word's periods: "S.A.", "d.b.a."

// True for the family names that are common where a person has two of them (Spain, Portugal, Latin America), so that
// "Jose Garcia Marquez" ends in two: the most frequent ones of the statistics offices of Spain (INE), Mexico and
// Brazil.
bool IsIberianSurname(std::string_view word);

// Suffixes that are names or other words too (DO, MA, MS): taken only in capitals behind a name that has small letters,
// or behind a comma. "" if it is none. V is among them, the fifth of a name.
std::string_view CapitalSuffixOf(std::string_view word);

// Suffixes that stand only in a suffix column: I, V, VI besides those of SuffixOf.
std::string_view SuffixInColumn(std::string_view word);

}  // namespace migrate::normalize
