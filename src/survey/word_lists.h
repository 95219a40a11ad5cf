// Words by which values are told apart: frequent given names, family names and cities, street words, company words.
// General knowledge (census lists of the countries), folded as FoldKey folds; never complete and need not be: a column
// of names holds some of them, a column of products none.
#pragma once

#include <string_view>

namespace migrate::survey {

// `folded` is one word as FoldKey makes it.
bool IsGivenName(std::string_view folded);
bool IsSurname(std::string_view folded);
bool IsStreetWord(std::string_view folded);
bool IsCompanyWord(std::string_view folded);
// `folded` is the whole name of a place.
bool IsCity(std::string_view folded);

}  // namespace migrate::survey
