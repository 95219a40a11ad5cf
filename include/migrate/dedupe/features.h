// Features: what matching keeps of a record, packed, and the dictionaries the numbers in it point to.
//
// Memory per record: 96 bytes of Features, 8 of record_id, 4 for each attribute; rare further e-mails and phones 4
// bytes each. Dictionaries come on top: about 35 bytes a distinct e-mail, 25 a distinct phone, little for the rest.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/dedupe/dictionary.h"
#include "migrate/record/record.h"

namespace migrate::dedupe {

// Words of a name keep the part they came from.
enum class Role : uint8_t { kNone, kFirst, kMiddle, kLast };

inline constexpr int kMaxWords = 5;
inline constexpr int kMaxAttributes = 6;  // further attributes of a plan are carried by the record, not compared

// A number 0 always means: the record says nothing.
struct Features {
  uint32_t first = 0, last = 0;    // names: the whole folded first and last name
  uint32_t words[kMaxWords] = {};  // names: single words of the name without titles and particles
  uint32_t birth = 0;              // year << 9 | month << 5 | day; month and day 0 where unknown
  uint32_t email = 0;              // emails: loose key
  uint32_t phone = 0;              // phones
  uint32_t national_id = 0;        // ids
  uint32_t street = 0;             // streets: folded, without its house number
  uint32_t number = 0;             // house number: digits, and a hash where it has letters
  uint32_t city = 0, zip = 0;      // cities, zips (US: the first five digits)
  uint32_t state = 0;              // states
  uint32_t more = 0;               // place in Table::more of further e-mails and phones
  uint32_t email_letters = 0;      // CharacterSet of the e-mail: tells most different ones apart without reading them
  uint32_t phone_digits = 0;       // the phone's last eight digits, four bits each
  uint16_t roles = 0;              // two bits a word
  uint16_t unit = 0;               // hash of the unit's number
  uint8_t sex = 0;                 // 1 F, 2 M, 3 X
  uint8_t generation = 0;          // 1 Sr or I, 2 Jr or II, 3 III, ...
  bool company = false;
  bool empty = false;  // proposes no pairs

  Role RoleOf(int word) const { return static_cast<Role>(roles >> (2 * word) & 3); }
};

struct Dictionaries {
  Dictionary names, emails, phones, ids, streets, cities, zips, states;
  std::vector<Dictionary> attributes;
  uint64_t MemoryBytes() const;
};

// All records of a run. Add in any order, then Finish once.
class Table {
 public:
  explicit Table(size_t attributes);

  // Packs a record. Fails above 2^31 records.
  void Add(const Record& record);
  // Sorts by record_id. False where two records have one id.
  bool Finish();

  uint32_t size() const { return static_cast<uint32_t>(rows_.size()); }
  const Features& operator[](uint32_t row) const { return rows_[row]; }
  uint64_t record_id(uint32_t row) const { return record_ids_[row]; }
  const std::vector<uint64_t>& record_ids() const { return record_ids_; }
  uint32_t attribute(uint32_t row, size_t i) const { return attributes_[i][row]; }
  size_t attribute_count() const { return attributes_.size(); }
  const Dictionaries& dictionaries() const { return dictionaries_; }

  // Further e-mails (phones) of a row beside Features::email (phone).
  std::span<const uint32_t> MoreEmails(const Features& f) const;
  std::span<const uint32_t> MorePhones(const Features& f) const;

  uint64_t MemoryBytes() const;

 private:
  void PackName(const Record& record, Features* f);
  void PackCompany(const Record& record, Features* f);
  void PackContacts(const Record& record, Features* f);
  void PackAddress(const Record& record, Features* f);

  std::vector<Features> rows_;
  std::vector<uint64_t> record_ids_;
  std::vector<std::vector<uint32_t>> attributes_;
  std::vector<uint32_t> more_;  // at Features::more: number of e-mails, e-mails, number of phones, phones
  Dictionaries dictionaries_;
};

// "1972-03-05", "1972-03" or "1972" packed as Features::birth; 0 where it is none of these.
uint32_t PackDate(std::string_view iso);
// The last eight digits of a text, four bits each, the last one lowest.
uint32_t PackDigits(std::string_view text);
inline uint32_t YearOf(uint32_t date) { return date >> 9; }
inline uint32_t MonthOf(uint32_t date) { return date >> 5 & 15; }
inline uint32_t DayOf(uint32_t date) { return date & 31; }

}  // namespace migrate::dedupe
