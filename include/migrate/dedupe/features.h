// Features: what matching keeps of a record, packed, and the dictionaries the numbers in it point to.
//
// Memory per record: 52 bytes, 8 of record_id, 4 for each attribute; where a name has more than one first and one last
// word 4 bytes a word and 8 more; further e-mails and phones 4 and 8 bytes each. Dictionaries come on top: an e-mail's
// or id's bytes and 1.5 a distinct one (texts.h), little for the rest: names, streets and places repeat.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migrate/dedupe/column.h"
#include "migrate/dedupe/dictionary.h"
#include "migrate/dedupe/texts.h"
#include "migrate/record/record.h"

namespace migrate::dedupe {

// Words of a name keep the part they came from.
enum class Role : uint8_t { kNone, kFirst, kMiddle, kLast };

inline constexpr int kMaxWords = 5;
inline constexpr int kMaxAttributes = 6;  // further attributes of a plan are carried by the record, not compared

// A phone in 64 bits. E.164 ("+" and up to 15 digits): the number of digits in the top four bits, then the digits, four
// bits each, the last one lowest. Other texts: 0 in the top four, 28 bits of a hash of all but the last eight digits,
// those digits. 0: no phone.
using PhoneBits = uint64_t;
PhoneBits PackPhone(std::string_view phone);
inline uint32_t LastEightDigits(PhoneBits phone) { return static_cast<uint32_t>(phone); }
// What stands before the last eight digits, as a number to compare.
inline uint32_t PhoneHead(PhoneBits phone) { return static_cast<uint32_t>(phone >> 32); }
// "+12025550123" again; of other texts "..." and the last eight digits.
std::string PhoneText(PhoneBits phone);

// What a record says, unpacked. A number 0 always means: the record says nothing.
struct Features {
  uint32_t first = 0, last = 0;    // names: the whole folded first and last name
  uint32_t words[kMaxWords] = {};  // names: single words of the name without titles and particles
  uint32_t birth = 0;              // year << 9 | month << 5 | day; month and day 0 where unknown
  uint32_t email = 0;              // emails: loose key
  PhoneBits phone = 0;
  uint32_t national_id = 0;    // ids
  uint32_t street = 0;         // streets: folded, without its house number
  uint32_t number = 0;         // house number: digits, and a hash where it has letters
  uint32_t city = 0, zip = 0;  // cities, zips (US: the first five digits)
  uint32_t state = 0;          // states
  uint32_t more = 0;           // for Table::MoreEmails, MorePhones
  uint32_t email_letters = 0;  // CharacterSet of the e-mail: tells most different ones apart without reading them
  uint16_t roles = 0;          // two bits a word
  uint16_t unit = 0;           // hash of the unit's number
  uint8_t email_local = 0;     // hash of the e-mail's part before @: tells most different ones apart, as above
  uint8_t sex = 0;             // 1 F, 2 M, 3 X
  uint8_t generation = 0;      // 1 Sr or I, 2 Jr or II, 3 III, ... 6
  bool company = false;
  bool empty = false;  // proposes no pairs

  Role RoleOf(int word) const { return static_cast<Role>(roles >> (2 * word) & 3); }
};

struct Dictionaries {
  Dictionary names, streets, cities, zips, states;
  Texts emails, ids;
  std::vector<Dictionary> attributes;
  uint64_t MemoryBytes() const;
};

// All records of a run. Add in any order, then Finish once.
class Table {
 public:
  explicit Table(size_t attributes);
  ~Table();
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;

  // Packs a record. At most 2^31 - 1 records, and not where full().
  void Add(const Record& record);
  // No place is left for another record (dictionaries().emails or ids).
  bool full() const;
  // Sorts by record_id. False where two records have one id.
  bool Finish();

  uint32_t size() const { return static_cast<uint32_t>(rows_.size()); }
  Features operator[](uint32_t row) const {
    Features f;
    Unpack(rows_[row], &f);
    return f;
  }
  // Single features of a row, without unpacking all.
  uint32_t birth(uint32_t row) const { return rows_[row].birth; }
  uint8_t generation(uint32_t row) const { return rows_[row].flags >> 2 & 7; }
  bool empty(uint32_t row) const { return (rows_[row].flags & kEmptyBit) != 0; }
  uint64_t record_id(uint32_t row) const { return record_ids_[row]; }
  const std::vector<uint64_t>& record_ids() const { return record_ids_; }
  // The ids of all rows; the table has none of its own afterwards.
  std::vector<uint64_t> TakeRecordIds() { return std::exchange(record_ids_, {}); }
  // The same ids again.
  void GiveRecordIds(std::vector<uint64_t> ids) { record_ids_ = std::move(ids); }
  uint32_t attribute(uint32_t row, size_t i) const { return attributes_[i][row]; }
  size_t attribute_count() const { return attributes_.size(); }
  const Dictionaries& dictionaries() const { return dictionaries_; }
  // Brings a row into the cache.
  void Prefetch(uint32_t row) const {
    __builtin_prefetch(&rows_[row]);
    __builtin_prefetch(reinterpret_cast<const char*>(&rows_[row]) + sizeof(Packed) - 1);
  }

  // Further e-mails (phones) of a row beside Features::email (phone).
  std::span<const uint32_t> MoreEmails(const Features& f) const;
  std::span<const PhoneBits> MorePhones(const Features& f) const;

  uint64_t MemoryBytes() const;

 private:
  // City, zip and state are one number: places repeat.
  struct Place {
    uint32_t city, zip, state;
  };
  struct Packed {
    uint32_t phone_low, phone_high, first, last, birth, email, national_id, street, number, place, more, email_letters;
    uint16_t unit;
    uint8_t email_local, flags;  // flags: sex, generation << 2, company << 5, empty << 6, kWordsBit
  };
  static_assert(sizeof(Packed) == 52);
  static constexpr uint8_t kCompanyBit = 1 << 5, kEmptyBit = 1 << 6;
  static constexpr uint8_t kWordsBit = 1 << 7;  // the words are other than first and last, and stand at `more`
  struct Packing;                               // what Add needs from record to record

  void PackName(const Record& record, Features* f);
  void PackCompany(const Record& record, Features* f);
  void PackContacts(const Record& record, Features* f);
  void PackAddress(const Record& record, Features* f);
  void PackMore(const Record& record, Features* f, bool words);
  uint32_t PlaceNumber(const Place& place);
  void Unpack(const Packed& p, Features* f) const;
  void Sort();

  Column<Packed> rows_;
  std::vector<uint64_t> record_ids_;
  std::vector<Column<uint32_t>> attributes_;
  Column<Place> places_;
  // At Features::more: the numbers of words, e-mails and phones; words and roles; e-mails; place in more_phones_.
  Column<uint32_t> more_;
  Column<PhoneBits> more_phones_;
  Dictionaries dictionaries_;
  std::unique_ptr<Packing> packing_;
};

inline void Table::Unpack(const Packed& p, Features* f) const {
  f->first = p.first;
  f->last = p.last;
  f->birth = p.birth;
  f->email = p.email;
  f->phone = uint64_t{p.phone_high} << 32 | p.phone_low;
  f->national_id = p.national_id;
  f->street = p.street;
  f->number = p.number;
  const Place& place = places_[p.place];
  f->city = place.city;
  f->zip = place.zip;
  f->state = place.state;
  f->more = p.more;
  f->email_letters = p.email_letters;
  f->unit = p.unit;
  f->email_local = p.email_local;
  f->sex = p.flags & 3;
  f->generation = p.flags >> 2 & 7;
  f->company = (p.flags & kCompanyBit) != 0;
  f->empty = (p.flags & kEmptyBit) != 0;
  if ((p.flags & kWordsBit) != 0) {
    const uint32_t* const at = &more_[p.more];
    const uint32_t words = at[0] & 7;
    for (uint32_t i = 0; i < words; ++i) f->words[i] = at[1 + i];
    f->roles = static_cast<uint16_t>(at[1 + words]);
    return;
  }
  // One first and one last word.
  constexpr auto kFirst = static_cast<unsigned>(Role::kFirst), kLast = static_cast<unsigned>(Role::kLast);
  f->words[0] = p.first != 0 ? p.first : p.last;
  f->words[1] = p.first != 0 ? p.last : 0;
  f->roles = static_cast<uint16_t>(p.first == 0  ? (p.last == 0 ? 0 : kLast)
                                   : p.last == 0 ? kFirst
                                                 : kFirst | kLast << 2);
}

// "1972-03-05", "1972-03" or "1972" packed as Features::birth; 0 where it is none of these.
uint32_t PackDate(std::string_view iso);
// The last eight digits of a text, four bits each, the last one lowest.
uint32_t PackDigits(std::string_view text);
inline uint32_t YearOf(uint32_t date) { return date >> 9; }
inline uint32_t MonthOf(uint32_t date) { return date >> 5 & 15; }
inline uint32_t DayOf(uint32_t date) { return date & 31; }

}  // namespace migrate::dedupe
