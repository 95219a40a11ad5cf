// Addresses: one line is taken apart into views of itself that do not overlap; streets, units and cities are bounded by
// a little more than their input, and normalize to themselves.
#include <algorithm>

#include "fuzz_rules.h"
#include "migrate/normalize/addresses.h"

namespace migrate::normalize {
namespace {

size_t Bound(std::string_view text) { return text.size() * 4 + 16; }  // "CR" is "County Road", "I10" is two words

void RequireWithin(std::string_view part, std::string_view text) {
  Require(part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size()),
          "a part that is not of the line", text);
}

void CheckLine(std::string_view text, std::string_view country) {
  const AddressLine line = SplitAddress(text, country);
  size_t total = 0;
  for (const std::string_view part : {line.street, line.city, line.state, line.zip, line.country}) {
    RequireWithin(part, text);
    total += part.size();
  }
  Require(total <= text.size(), "parts that overlap", text);
}

void CheckStreet(std::string_view text, AddressStyle style) {
  std::string street, unit, street_again, unit_again;
  RequireValue(NormalizeStreet(text, style, &street, &unit), street, Bound(text), text);
  Require(IsValidUtf8(unit) && unit.size() <= Bound(text), "a bad unit", text);
  if (street.empty()) return;
  std::string own;
  NormalizeUnit(unit, &own);
  Require(own == unit, "a unit of a street that is none alone", text);
  unit_again = own;
  NormalizeStreet(street, style, &street_again, &unit_again);
  Require(street_again == street, "a street that is not idempotent", text);
  Require(unit_again == unit, "a unit that is not idempotent", text);
}

}  // namespace
}  // namespace migrate::normalize

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace migrate::normalize;
  const FuzzInput input = ReadFuzzInput(data, size, Form::kDisplay);
  const std::string_view text = input.text;
  CheckLine(text, input.country());
  CheckStreet(text, StyleOf(input.country()));
  std::string value, again;
  RequireValue(NormalizeUnit(text, &value), value, Bound(text), text);
  NormalizeUnit(value, &again);
  Require(again == value, "a unit that is not idempotent", text);
  NormalizeCity(text, &value);
  Require(IsValidUtf8(value) && value.size() <= Bound(text), "a bad city", text);
  NormalizeCity(value, &again);
  Require(again == value, "a city that is not idempotent", text);
  return 0;
}
