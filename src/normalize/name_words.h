// The words that mean something in a name: titles, suffixes, particles, company designators. Private to this room.
#pragma once

#include <cstdint>
#include <string_view>

namespace migrate::normalize {

enum NameClass : uint32_t {
  kTitle = 1,          // dropped before a name
  kNobleTitle = 2,     // dropped only before at least two more words: Lord and Lady stand in for a given name otherwise
  kParticle = 4,       // belongs to the last name that follows it
  kSmallParticle = 8,  // written small where the source says nothing by its case
  kInnerParticle = 16,  // written small only after another particle: "de la Cruz", but "La Rue"
  kCompany = 32,        // marks a company in any name of two words
  kCompanyWeak = 64,    // marks one only together with "of", "the", "&" or "and"
  kConnective = 128,    // of, the, &, and
  kPeerage = 256,       // Baron, Earl: what follows is a title, no part of the name
  kAllCapitals = 512,   // LLC, PLC
};

uint32_t ClassOf(std::string_view word);  // a sum of the above, 0 for any other word

}  // namespace migrate::normalize
