// How often each trap for a matcher is laid, in 100,000ths. The shares of `--trap NAME=SHARE`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace migrate::datagen {

struct Traps {
  uint32_t households = 45'000;      // persons who live in a household of 2 to 5
  uint32_t twins = 22'000;           // households of 4 or 5 in which two children are twins
  uint32_t father_and_son = 14'000;  // households of 3 to 5 in which a child bears its father's name
  uint32_t family_email = 8'000;     // households with one mailbox, which three in four of them give
  uint32_t namesakes = 2'500;  // persons outside households who bear another one's name; a third, his year of birth
  uint32_t offices = 3'000;    // persons who give an office's number, each that of about a dozen
  // Of duplicate rows. A field's other faults grow in proportion with the one that is named.
  uint32_t typos =
      12'000;  // in the first name; 2/3 of it in the last name and address, 1/3 in the e-mail, 1/4 in the phone
  uint32_t nicknames = 15'000;    // where there is one
  uint32_t maiden = 12'000;       // the other last name of those who married
  uint32_t swapped_date = 3'000;  // day and month
  uint32_t swapped_name = 2'000;  // first and last
  uint32_t moved = 25'000;        // another address
  uint32_t other_email = 18'000, other_phone = 18'000;
  uint32_t gaps = 25'000;  // no e-mail; 4/5 of it no phone, 2/5 no birthday, 1/5 no address, 3/25 no first name
  // Of all rows.
  uint32_t junk = 200;        // a birthday of 1900-01-01; 3/4 of it junk phones, 1/2 e-mails and streets, 2/5 names
  uint32_t foreign = 15'000;  // names with letters beyond Latin-1, of those that have such a form
};

// Sets the trap `name` to `share` (0 to 1). False: no such trap, or no such share.
bool SetTrap(std::string_view name, double share, Traps& traps);
// "households=0.45 twins=0.22 ...", for messages and the help.
std::string TrapsText(const Traps& traps);

}  // namespace migrate::datagen
