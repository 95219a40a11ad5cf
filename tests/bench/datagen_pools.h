// The lists that made-up people are put together from: names, nicknames, places, streets. Read-only after construction;
// the same for every seed. About 4 MB.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datagen_random.h"

namespace migrate::datagen {

// Lists in the source, parted by blanks (names) or as said beside them.
extern const std::string_view kFemaleNames;  // most frequent first, as in the US census of 1990
extern const std::string_view kMaleNames;
extern const std::string_view kLastNames;  // most frequent first, as in the US census of 2010
extern const std::string_view kNicknames;  // "William:Bill,Will,Billy ..."
extern const std::string_view kAccents;    // "Jose:José ...": how a name is also written
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

  std::array<std::vector<Name>, 2> first;  // [0] male, [1] female; 1,500 each
  std::vector<Name> last;                  // 50,000
  std::vector<City> cities;
  std::vector<std::string> streets;  // without number and type
  std::vector<std::string> domains;
  std::array<Weighted, 2> first_weights;
  Weighted last_weights, city_weights, street_weights, domain_weights;
};

}  // namespace migrate::datagen
