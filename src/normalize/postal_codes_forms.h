// How countries write their postal codes; private to this room.
#pragma once

#include <string_view>

namespace migrate::normalize {

// The forms of a country's codes, the usual one first, parted by '|': '9' a digit, 'A' a letter, 'X' either, ' ' and
// '-' as they are written. "" for a country without codes, or one that is not in the table. Source: UPU, "Postal
// addressing systems", as far as the forms are stable.
std::string_view PostalForms(std::string_view country);

// True for the signs that stand before codes in international mail: the ISO code, and the distinguishing sign of
// vehicles (D, A, F, B, ...; "LV" and "LT" belong to their codes but are left out here as well).
bool IsCountrySign(std::string_view sign, std::string_view country);

// A9A 9A9, compact: without D F I O Q U, and no W or Z in the first place (Canada Post, Addressing Guidelines).
bool IsCanadaPostCode(std::string_view compact);

// A British code, compact, of a form of PostalForms("GB"): the letters of each place (Royal Mail, Programmers' Guide to
// the Postcode Address File; BS 7666), and GIR 0AA.
bool IsRoyalMailCode(std::string_view compact);

}  // namespace migrate::normalize
