// Postal codes of every country style and cell type: bounded, idempotent, and a code of the right form is never
// flagged.
#include "fuzz_rules.h"
#include "migrate/normalize/postal_codes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace migrate::normalize;
  const FuzzInput input = ReadFuzzInput(data, size, Form::kCode);
  const auto type = static_cast<migrate::CellType>(1 + input.option() % 3);
  std::string value, again;
  const Outcome outcome = NormalizeZip(input.text, type, input.country(), &value);
  RequireValue(outcome, value, kZipBound, input.text);
  if (IsZipOf(input.text, input.country()))
    Require(outcome == Outcome::kOk || outcome == Outcome::kPlaceholder, "a code of the form that is flagged",
            input.text);
  if (value.empty()) return 0;
  const Outcome second = NormalizeZip(value, migrate::CellType::kText, input.country(), &again);
  Require(again == value && second == outcome, "not idempotent", input.text);
  return 0;
}
