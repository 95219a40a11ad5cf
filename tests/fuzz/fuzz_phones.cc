// Telephone numbers: every part that NextPhone finds gives a bounded E.164 number, which normalizes to itself.
#include "fuzz_rules.h"
#include "migrate/normalize/phones.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace migrate::normalize;
  const FuzzInput input = ReadFuzzInput(data, size, Form::kCode);
  std::string_view rest = input.text, part;
  std::string value, again;
  size_t parts = 0;
  while (NextPhone(&rest, &part)) {
    Require(++parts <= input.text.size() + 1, "NextPhone does not end", input.text);
    const Outcome outcome = NormalizePhone(part, input.country(), &value);
    RequireValue(outcome, value, kPhoneBound, part);
    if (value.empty()) continue;
    Require(value[0] == '+', "no E.164", part);
    Require(NormalizePhone(value, input.country(), &again) == outcome && again == value, "not idempotent", part);
    std::string_view whole = value, one;
    Require(NextPhone(&whole, &one) && one == value, "a number that is parted", value);
  }
  return 0;
}
