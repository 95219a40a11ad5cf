// Made-up people and the rows that tell of them. Person i and row i are pure functions of (seed, rows, share of
// duplicates, traps, i): nothing is kept, so memory does not grow with the number of rows.
//
// Rows are laid out in blocks of kBlockRows. In a block the first rows are the originals of its persons, one each; the
// others are duplicates, 40 % of which tell of 4 % of the persons. In the first 45 % of a block's persons neighbours
// form households of 2 to 5. A permutation then scatters the rows over the whole output.
//
// What is in it: households that share the address, mostly the last name and often the phone or an e-mail address;
// twins; father and son of one name (suffix given in some rows); strangers of one name, some born in the same year;
// office numbers that many give; moves, marriages, further numbers and addresses; nicknames, initials, typing errors,
// swapped names and dates; placeholders and gaps; many ways to write the same thing; opt-outs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datagen_pools.h"
#include "datagen_random.h"
#include "datagen_traps.h"

namespace migrate::datagen {

inline constexpr uint32_t kBlockRows = 240;

struct Date {
  int year = 0, month = 0, day = 0;  // year 0: unknown
};
// Days from 1970-01-01 to the proleptic Gregorian date, and back (Hinnant, "chrono-compatible low-level date
// algorithms").
Date DateOfDays(int32_t days);
int32_t DaysOfDate(int year, int month, int day);

struct Address {
  uint32_t number = 0, street = 0, type = 0, city = 0, zip = 0, unit = 0;  // unit 0: none
};

enum class Generation : uint8_t { kNone, kSenior, kJunior };

struct Person {
  bool female = false;
  uint32_t first = 0, last = 0;  // ranks of Pools::First, Last
  uint32_t other_last = 0;       // before or after a marriage; = last where there was none
  char middle = 'A';
  Generation generation = Generation::kNone;
  int32_t birth_day = 0;  // days from 1970-01-01
  Address address;
  uint64_t phone = 0;  // ten digits
  uint64_t head = 0;   // person number of the household's first member; its own outside households
  bool in_household = false;
  bool shared_email = false;  // gives the household's address
};

// Ways in which a phone number is written; see AppendPhone in datagen_write.cc.
inline constexpr uint32_t kPhoneStyles = 6;

// One row's values, before a layout writes them. Reused: MakeRow overwrites everything.
struct Row {
  uint64_t cluster = 0;  // the person's shuffled number
  bool female = false, sex_known = false;
  std::string first, last;              // UTF-8
  std::string first_latin, last_latin;  // the same in Latin-1's letters, "" where `first`, `last` has no others
  std::string_view suffix;              // "", "Jr", "Sr", "Jr."
  Date birth;                           // may be a placeholder
  std::string email;
  uint64_t phone = 0;           // 0: none, or `phone_text`
  uint64_t phone2 = 0;          // a second number, 0: none
  std::string_view phone_text;  // a placeholder such as 000-000-0000
  uint32_t phone_style = 0, phone_extension = 0;
  std::string street, unit, city;  // unit as written ("Apt 4"), "" is none
  std::string_view state;
  std::string zip;         // digits
  int64_t updated_at = 0;  // seconds from 1970-01-01 UTC
  uint32_t opt_out = 0;    // bit 0 calls, bit 1 mail, bit 2 everything; what this row says
  bool opt_out_known = false;
  uint32_t variety = 0;  // random bits for the layouts' own choices
};

class World {
 public:
  // duplicates_per_100k: share of rows that tell of a person another row tells of already, at most 90,000.
  World(uint64_t seed, uint64_t rows, uint32_t duplicates_per_100k, const Traps& traps);

  uint64_t rows() const { return rows_; }
  uint64_t persons() const { return persons_; }
  const Pools& pools() const { return pools_; }

  // The row at `position` of the output, position < rows(). Safe to call from several threads.
  void MakeRow(uint64_t position, Row& row) const;
  // That row's `cluster` alone, for a tenth of the time.
  uint64_t ClusterOf(uint64_t position) const;
  Person MakePerson(uint64_t id) const;

 private:
  Person MakeCore(uint64_t id) const;
  void MakeMember(uint64_t id, uint32_t member, uint32_t size, Person& person) const;
  void MakeNamesake(uint64_t id, Person& person) const;
  int32_t ChildBirthday(const Person& head, uint64_t id) const;
  Address MakeAddress(Rng& rng) const;
  uint64_t MakePhone(Rng& rng, uint32_t city) const;
  std::string MakeEmail(uint64_t id, const Person& person, uint32_t number) const;
  uint64_t PersonOfRow(uint64_t number, Rng& rng, bool& duplicate) const;
  void WriteNames(const Person& person, bool duplicate, bool keep, Rng& rng, Row& row) const;
  void WriteBirth(const Person& person, bool duplicate, bool keep, uint32_t fault, Rng& rng, Row& row) const;
  void WriteEmail(uint64_t id, const Person& person, bool duplicate, uint32_t fault, Rng& rng, Row& row) const;
  void WritePhone(uint64_t id, const Person& person, bool duplicate, uint32_t fault, Rng& rng, Row& row) const;
  void WriteAddress(const Address& address, bool duplicate, uint32_t fault, Rng& rng, Row& row) const;

  uint64_t seed_, rows_;
  Traps traps_;
  uint32_t block_persons_;
  uint64_t persons_;
  Pools pools_;
  Permutation row_order_, person_order_;
  struct Place {
    uint8_t member = 0, size = 1;  // of a person in a block: its number in its household, and the household's size
  };
  std::vector<Place> places_;  // by number in the block
};

}  // namespace migrate::datagen
