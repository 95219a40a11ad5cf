// What stands around a telephone number, taken off before its digits are read; private to this room.
#pragma once

#include <string>
#include <string_view>

namespace migrate::normalize {

// Replaces the decimal digits of the scripts in common use by ASCII digits ("٠١٢" -> "012"). Returns a view of `text`
// where it has none, else of *scratch.
std::string_view AsciiDigits(std::string_view text, std::string* scratch);

// "tel:863-1234;phone-context=+1-914;ext=7" (RFC 3966) -> "+1-914863-1234;ext=7"; also callto:, sms:, fax:. Text
// without such a scheme comes back as it is; a scheme that is a mere label ("Tel: 206...") goes.
std::string_view UnwrapUri(std::string_view text, std::string* scratch);

enum class Exactness { kNoNumber, kExact, kLossy };
// A whole number as spreadsheets and programs write it: "2065559857.0", "2.065559857E9" -> "2065559857" in *digits.
// kLossy: digits were cut off ("2.06556E+09"), so the number is lost. kNoNumber: the text is nothing of the kind.
Exactness ReadWholeNumber(std::string_view text, std::string* digits);

// The extension at the end of *text, taken off it: one to seven digits after a word for it in one of the languages that
// libphonenumber knows too, after '#', or after the commas and semicolons that are pauses in dialling. "" if there is
// none.
std::string_view TakeExtension(std::string_view* text);

// Words beside numbers ("cell", "home") that are not dialled.
bool IsPhoneLabel(std::string_view word);

}  // namespace migrate::normalize
