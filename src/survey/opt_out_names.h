// What a column's (or file's) name says about being contacted: "Unsubscribed from all email", "Newsletter", "not opted
// in".
#pragma once

#include <string>
#include <vector>

#include "migrate/survey/column_names.h"

namespace migrate::survey {

struct Wish {
  enum class Kind : uint8_t {
    kNone,     // it does not speak of it
    kConsent,  // yes means: may be contacted
    kRefusal,  // yes means: must not be contacted
  };
  Kind kind = Kind::kNone;
  Role role = Role::kNone;  // of a refusal: kOptOut or one channel of it
  bool stem = false;        // by more than a mere "no": "unsubscribed", "do not call"
};

// `words` as NameWords gives them. Each negation turns the meaning: "subscribed" consents, "unsubscribed" refuses, "not
// unsubscribed" consents.
Wish ReadWish(const std::vector<std::string>& words);

}  // namespace migrate::survey
