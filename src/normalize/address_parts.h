// Helping functions of address_line.cc; private to this room. All results are views into the arguments.
#pragma once

#include <string_view>

#include "migrate/normalize/addresses.h"

namespace migrate::normalize {

// The last `count` words of `text` within its last part between commas, and the text before them; "" if there are
// fewer.
std::string_view LastWords(std::string_view text, int count, std::string_view* before);

// True for what can be a street line, by a number, a box, a unit, a route; false for what can only be a place.
bool LooksLikeStreet(std::string_view part);

// "12 N Main St Apt 4 Springfield": street and city without a comma between them, by the last word that a street can
// end with. False (and *line as it was) if no word tells.
bool SplitBySuffix(std::string_view text, AddressLine* line);

// Addresses whose postal code stands before the city ("10115 Berlin", "F-75002 Paris", "1012 LG Amsterdam") or at the
// end
// ("Madrid 28013"): all countries of AddressStyle::kOther. Fills street, zip, city, state.
void SplitContinental(std::string_view text, std::string_view country, AddressLine* line);

// The counties of the United Kingdom, historic and of today, as addresses have them ("Shropshire", "W Yorkshire").
bool IsBritishCounty(std::string_view text);

}  // namespace migrate::normalize
