// Cleaning, cutting, words, junk and matching keys over arbitrary bytes. The first byte is a bound. Checked: clean text
// is valid UTF-8 without control characters, blanks in a row or at its ends, and cleaning it again changes nothing;
// cutting never splits a character; the words of a text are its pieces; folding a key gives the key.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "migrate/normalize/junk.h"
#include "migrate/normalize/text.h"
#include "migrate/record/keys.h"

namespace {

using namespace migrate::normalize;  // NOLINT: a test of nothing else

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckClean(std::string_view bytes, Form form, size_t bound) {
  std::string scratch, again;
  const std::string clean(Clean(bytes, form, &scratch));
  Check(IsValidUtf8(clean));
  Check(clean == Trim(clean) && clean.find("  ") == std::string::npos);
  for (const char c : clean) Check(static_cast<uint8_t>(c) >= 0x20 && c != 0x7F);
  Check(Clean(clean, form, &again) == clean);
  std::string cut = clean;
  const bool was_cut = Cut(&cut, bound);
  Check(cut.size() <= bound && was_cut == (clean.size() > bound) && IsValidUtf8(cut));
  Check(clean.compare(0, cut.size(), cut) == 0);
  Words words;
  std::string joined;
  if (words.Split(clean))
    for (size_t i = 0; i < words.size(); ++i) joined.append(i > 0 ? " " : "").append(words[i]);
  Check(joined.empty() || joined == clean);
  IsJunk(clean);
  IsJunkName(clean);
  IsDigitPlaceholder(clean);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  CheckClean(bytes, Form::kDisplay, data[0]);
  CheckClean(bytes, Form::kCode, data[0]);
  const std::string key = migrate::FoldKey(bytes);
  Check(migrate::FoldKey(key) == key && IsValidUtf8(key));
  return 0;
}
