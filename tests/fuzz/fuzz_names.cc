// The rules of names over arbitrary bytes. The first byte says which columns the text fills (a full name, parts, or
// both); parts are separated by '|'. Checked: values are valid UTF-8 within their bound, hold no junk, and normalizing
// them again gives them back; display case and words of names are idempotent too.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "migrate/normalize/casing.h"
#include "migrate/normalize/junk.h"
#include "migrate/normalize/names.h"

namespace {

using migrate::Field;
using migrate::Record;
using migrate::normalize::Clean;
using migrate::normalize::Form;

constexpr Field kFields[] = {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kSuffix};

void Check(bool holds, const char* what, const Record& a, const Record& b) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  for (const Record* r : {&a, &b}) {
    for (const Field f : kFields) std::fprintf(stderr, "[%s] ", (*r)[f].c_str());
    std::fprintf(stderr, "flags %x\n", r->flags);
  }
  std::abort();
}

void CheckNames(const std::array<std::string, 5>& raw) {
  std::array<std::string, 5> scratch;
  std::array<std::string_view, 5> clean;
  for (size_t i = 0; i < raw.size(); ++i) clean[i] = Clean(raw[i], Form::kDisplay, &scratch[i]);
  Record once, twice;
  migrate::normalize::NormalizeNames({clean[0], clean[1], clean[2], clean[3], clean[4]}, &once);
  for (const Field f : kFields) {
    Check(migrate::normalize::IsValidUtf8(once[f]), "valid UTF-8", once, once);
    Check(once[f].size() <= migrate::normalize::kNameBound, "within the bound", once, once);
    if (f != Field::kSuffix && !once[f].empty()) Check(!migrate::normalize::IsJunkName(once[f]), "no junk", once, once);
    std::string cleaned;
    Check(Clean(once[f], Form::kDisplay, &cleaned) == once[f], "clean", once, once);
  }
  Check(once[Field::kFullName].empty() || (once[Field::kFirstName].empty() && once[Field::kLastName].empty()),
        "a name that was split is not whole as well", once, once);
  migrate::normalize::NormalizeNames({once[Field::kFullName], once[Field::kFirstName], once[Field::kMiddleName],
                                      once[Field::kLastName], once[Field::kSuffix]},
                                     &twice);
  // What was cut at its bound may have lost the word that gave it its meaning.
  if ((once.flags & migrate::kFlagTruncated) != 0) return;
  for (const Field f : kFields) Check(once[f] == twice[f], "idempotent", once, twice);
}

void CheckCasing(std::string_view text) {
  std::string scratch, once, twice;
  migrate::normalize::AppendDisplayText(Clean(text, Form::kDisplay, &scratch), &once);
  migrate::normalize::AppendDisplayText(once, &twice);
  if (once != twice || !migrate::normalize::IsValidUtf8(once)) std::abort();
  if (HasValue(migrate::normalize::NormalizeName(once, &twice))) {
    std::string thrice;
    if (migrate::normalize::NormalizeName(twice, &thrice) != migrate::normalize::Outcome::kOk || twice != thrice)
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  CheckCasing(rest);
  std::array<std::string, 5> raw;
  for (size_t i = 0; i < raw.size(); ++i) {
    if ((data[0] >> i & 1) == 0) continue;
    const size_t end = rest.find('|');
    raw[i] = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  CheckNames(raw);
  return 0;
}
