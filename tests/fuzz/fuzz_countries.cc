// Countries: two capital letters or nothing, and the same again.
#include "fuzz_rules.h"
#include "migrate/normalize/countries.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace migrate::normalize;
  const FuzzInput input = ReadFuzzInput(data, size, Form::kCode);
  std::string value, again;
  RequireValue(NormalizeCountry(input.text, &value), value, 2, input.text);
  if (value.empty()) return 0;
  Require(value.size() == 2 && IsUpper(value[0]) && IsUpper(value[1]), "no code", input.text);
  Require(NormalizeCountry(value, &again) == Outcome::kOk && again == value, "not idempotent", input.text);
  return 0;
}
