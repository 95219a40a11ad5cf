// States: bounded where the caller cuts, idempotent, codes only of the country's own or a neighbour's.
#include "fuzz_rules.h"
#include "migrate/normalize/states.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace migrate::normalize;
  const FuzzInput input = ReadFuzzInput(data, size, Form::kDisplay);
  std::string value, again;
  const Outcome outcome = NormalizeState(input.text, input.country(), &value);
  // Another case may take more bytes: at most three for two (U+0250 and its capital U+2C6F).
  RequireValue(outcome, value, input.text.size() * 3 / 2 + 4, input.text);
  if (value.empty()) return 0;
  NormalizeState(value, input.country(), &again);
  Require(again == value, "not idempotent", input.text);
  return 0;
}
