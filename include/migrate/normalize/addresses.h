// Addresses: street and unit in the abbreviations of USPS Publication 28 (display case), cities, and addresses on one
// line.
//
//   "123 NORTH MAIN STREET APARTMENT 4"  -> street "123 N Main St", unit "Apt 4"
//   "507 - 20th Ave. E.Apt. 2A"          -> street "507 20th Ave E", unit "Apt 2A"
//   "789 Main Avenue Drive"              -> "789 Main Avenue Dr"    (of two suffix words only the second, section 234)
//   "12 North Street"                    -> "12 North St"           (a directional that is the name stays, section 233)
//   "P.O. Box 12"                        -> "PO Box 12"
//   "RFD Route 4 #87A"                   -> "RR 4 Box 87A"          (sections 24 and 25; forces, section 238)
//   "12 Cty Rd 441"                      -> "12 County Road 441"    (appendix F)
//   "c/o J. Smith, 12 Main St"           -> "12 Main St"            (section 214)
//   "3/45 Smith St", "4-123 Main St"     -> unit "3" and "4"        (kCommonwealth, kCanada)
// The same abbreviations serve Canada and the other English-speaking countries, whose words they share: the aim is that
// two records of one address compare equal, not that a letter can be posted. Elsewhere only white space and case
// change.
#pragma once

#include <string>
#include <string_view>

#include "migrate/normalize/countries.h"
#include "migrate/normalize/text.h"

namespace migrate::normalize {

inline constexpr size_t kStreetBound = 200, kUnitBound = 50, kCityBound = 100;  // bytes

// Street line to *street; what designates a unit in it goes to *unit, which is appended to only if it is empty on entry
// (a unit that the row gives apart wins; then the street's own is dropped from the street if both say the same, as "#
// 4" and "Apt 4" do, else it stays). kPlaceholder: junk, "homeless"; "general delivery" is no junk.
Outcome NormalizeStreet(std::string_view text, AddressStyle style, std::string* street, std::string* unit);

// "APARTMENT 4" -> "Apt 4", "#4" -> "# 4", "2nd floor" -> "Fl 2"; a bare "4b" is "4B", a designator is not invented.
Outcome NormalizeUnit(std::string_view text, std::string* unit);

// Display case, periods dropped ("ST. LOUIS" -> "St Louis"), trailing comma dropped.
Outcome NormalizeCity(std::string_view text, std::string* city);

// A whole address on one line, taken apart but not normalized: views into `text`.
struct AddressLine {
  std::string_view street, city, state, zip, country;
  bool complete = false;  // split without doubt: something that can be a street, a city, and a state or postal code
};

// "12 N Main St Apt 4, Springfield, IL 62704-1234, USA", "Springfield, IL 62704", "10 Downing Street, London SW1A 2AA",
// "Hauptstr. 5, 10115 Berlin, Germany", "PSC 802 Box 74, APO AE 09499".
// Works from the end: country, postal code, state (in Britain a county), city; without commas the city begins after the
// last word that a street can end with: a suffix, a unit, the number of a box, a route or a road. Where the code stands
// before the city (AddressStyle::kOther) it parts street and city. `country` is the row's or the plan's; one in the
// line wins. A Canadian code is known in an American line and the other way round, a British one in both.
AddressLine SplitAddress(std::string_view text, std::string_view country);

}  // namespace migrate::normalize
