// The lists that made-up people are put together from: names, nicknames, places, streets. Read-only after construction;
// the same for every seed. About 7 MB.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datagen_frequency.h"
#include "datagen_random.h"

namespace migrate::datagen {

// Lists in the source, parted by blanks (names) or as said beside them.
extern const std::string_view kFemaleNames;  // most frequent first, as in the US census of 1990
extern const std::string_view kMaleNames;
extern const std::string_view kLastNames;  // most frequent first, as in the US census of 2010
extern const std::string_view kNicknames;  // "William:Bill,Will,Billy ..."
extern const std::string_view kAccents;    // "Jose:José ...": how a name is also written
extern const std::string_view kScripts;    // "Dmitri:Дмитрий ...": the same, with letters that Latin-1 lacks
extern const std::string_view kStreets;    // '_' is a blank
// One entry a state: {"IL", "Chicago:606:312:27 Rock_Ford:611:815:1 ..."}: city, first three digits of its ZIP codes,
// area code, weight (about its 100,000 inhabitants, at least 1).
struct StatePlaces {
  std::string_view state, cities;
};
extern const std::vector<StatePlaces> kPlaces;

struct Name {
  std::string text;                    // ASCII, display case
  std::string key;                     // lower-case letters alone, for e-mail addresses
  std::string accented;                // UTF-8, "" where the name has no such form
  bool latin1 = true;                  // whether `accented` can be written in Latin-1
  std::vector<std::string> nicknames;  // of first names
};

struct City {
  std::string name;
  std::string_view state;
  uint32_t zip_prefix = 0, area_code = 0;
  uint32_t zips = 1;  // how many ZIP codes: prefix * 100 + [1, zips]
};

struct Pools {
  Pools();

  // The name of that rank, from 0; beyond the lists it is made up into `scratch`, as a pure function of the rank.
  const Name& First(bool female, uint32_t rank, Name& scratch) const;
  const Name& Last(uint32_t rank, Name& scratch) const;

  std::array<std::vector<Name>, 2> first;  // the most frequent, [0] male, [1] female
  std::vector<Name> last;
  std::vector<City> cities;
  std::vector<std::string> streets;  // without number and type
  std::vector<std::string> domains;
  std::array<Frequency, 2> first_weights;
  Frequency last_weights;
  std::array<std::vector<std::string_view>, 2> first_ends;  // of made-up names
  std::vector<std::string_view> last_ends;
  Weighted city_weights, street_weights, domain_weights;
};

}  // namespace migrate::datagen
