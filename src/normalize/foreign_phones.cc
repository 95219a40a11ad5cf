#include "foreign_phones.h"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumberutil.h>

namespace migrate::normalize {
namespace {

// The library would write its complaints about numbers to stdout, among the results.
const i18n::phonenumbers::PhoneNumberUtil& Library() {
  static const i18n::phonenumbers::PhoneNumberUtil& util = []() -> i18n::phonenumbers::PhoneNumberUtil& {
    auto* instance = i18n::phonenumbers::PhoneNumberUtil::GetInstance();
    instance->SetLogger(new i18n::phonenumbers::NullLogger);  // which the instance owns
    return *instance;
  }();
  return util;
}

}  // namespace

Outcome NormalizeForeignPhone(std::string_view text, std::string_view country, std::string* out) {
  using i18n::phonenumbers::PhoneNumber;
  using i18n::phonenumbers::PhoneNumberUtil;
  out->clear();
  try {
    const PhoneNumberUtil& util = Library();
    PhoneNumber number;
    const std::string region = country.empty() ? "ZZ" : std::string(country);
    if (util.Parse(std::string(text), region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return Outcome::kBad;
    // IsPossibleNumber would pass local numbers without area code.
    if (number.country_code() != 1 && !util.IsValidNumber(number)) return Outcome::kBad;
    util.Format(number, PhoneNumberUtil::E164, out);  // leaves an extension out
    return Outcome::kOk;
  } catch (const std::exception&) {
    out->clear();
    return Outcome::kBad;
  }
}

}  // namespace migrate::normalize
