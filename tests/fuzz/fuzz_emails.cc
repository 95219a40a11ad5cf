// The rules of e-mail addresses over arbitrary bytes. Checked: taking a cell apart ends and loses no '@'; addresses are
// valid UTF-8 within the bounds of RFC 5321, have a domain of host-name characters, and normalizing one again gives it
// back; the loose key is idempotent and keeps the '@'.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "migrate/normalize/emails.h"
#include "migrate/record/keys.h"

namespace {

using migrate::normalize::Clean;
using migrate::normalize::Form;
using migrate::normalize::Outcome;

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckAddress(const std::string& key) {
  Check(migrate::normalize::IsValidUtf8(key));
  Check(key.size() <= migrate::normalize::kEmailBound);
  const size_t at = key.rfind('@');
  Check(at != std::string::npos && at > 0 && at <= migrate::normalize::kEmailLocalBound);
  for (const char c : key.substr(at + 1))
    Check(migrate::normalize::IsLower(c) || migrate::normalize::IsDigit(c) || c == '-' || c == '.' || c == '_');
  std::string scratch, again;
  Check(Clean(key, Form::kCode, &scratch) == key);
  const Outcome outcome = migrate::normalize::NormalizeEmail(key, &again);
  Check(HasValue(outcome) && again == key);
  const std::string loose = migrate::LooseEmail(key);
  Check(migrate::LooseEmail(loose) == loose);
  Check(loose.find('@') != std::string::npos && loose.size() <= key.size() + 8);
  migrate::IsRoleEmail(key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string scratch;
  const std::string_view text = Clean(bytes, Form::kCode, &scratch);
  std::string_view rest = text, part;
  size_t parts = 0;
  std::string key;
  while (migrate::normalize::NextEmail(&rest, &part)) {
    Check(++parts <= text.size());
    Check(part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size()));
    if (HasValue(migrate::normalize::NormalizeEmail(part, &key))) {
      CheckAddress(key);
    } else {
      Check(key.empty());
    }
  }
  Check(text.empty() == (parts == 0));
  migrate::LooseEmail(bytes);
  migrate::IsRoleEmail(bytes);
  return 0;
}
