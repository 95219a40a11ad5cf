// Sex, opt-out, identity numbers and attributes over arbitrary bytes. Checked: values of small vocabularies and within
// bounds, no value where the outcome says so, and normalizing a value again gives it back; an opt-out cell that is not
// empty is read the same in any case of its letters.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "migrate/normalize/codes.h"

namespace {

using namespace migrate::normalize;  // NOLINT: a test of nothing else
using migrate::AttributeType;

void Check(bool holds) {
  if (!holds) std::abort();
}

template <typename Rule>
void CheckRule(std::string_view text, size_t bound, const Rule& rule) {
  std::string once = "stale", twice;
  const Outcome outcome = rule(text, &once);
  Check(HasValue(outcome) != once.empty());
  Check(IsValidUtf8(once));
  Check((outcome == Outcome::kEmpty) == text.empty());
  if (!HasValue(outcome)) return;
  if (Cut(&once, bound)) return;
  Check(HasValue(rule(once, &twice)) && once == twice);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string code_text, display_text;
  const std::string_view code = Clean(bytes, Form::kCode, &code_text);
  const std::string_view display = Clean(bytes, Form::kDisplay, &display_text);
  CheckRule(code, 1, [](std::string_view text, std::string* out) {
    const Outcome outcome = NormalizeSex(text, out);
    Check(out->empty() || *out == "F" || *out == "M" || *out == "X");
    return outcome;
  });
  CheckRule(code, kNationalIdBound, NormalizeNationalId);
  for (const AttributeType type : {AttributeType::kText, AttributeType::kName, AttributeType::kCategory,
                                   AttributeType::kIdentifier, AttributeType::kDate, AttributeType::kNumber}) {
    const bool words = type == AttributeType::kText || type == AttributeType::kName || type == AttributeType::kCategory;
    CheckRule(words ? display : code, kAttributeBound,
              [type](std::string_view text, std::string* out) { return NormalizeAttribute(text, type, {}, out); });
  }
  std::string upper(code);
  for (char& c : upper) c = Upper(c);
  Check(ReadOptOut(upper) == ReadOptOut(code));
  if (code.empty()) Check(ReadOptOut(code) == Consent::kNotSaid);
  return 0;
}
