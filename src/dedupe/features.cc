#include "migrate/dedupe/features.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "migrate/dedupe/fold.h"
#include "migrate/dedupe/name_words.h"
#include "migrate/dedupe/similarity.h"
#include "migrate/record/keys.h"

namespace migrate::dedupe {
namespace {

std::string Join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += w;
  return out;
}

// Generations as the suffix column spells them; a father is Sr or I, his son Jr or II.
uint8_t Generation(std::string_view suffix) {
  static constexpr std::array<std::pair<std::string_view, uint8_t>, 14> kNumbers = {{{"sr", 1},
                                                                                     {"senior", 1},
                                                                                     {"i", 1},
                                                                                     {"jr", 2},
                                                                                     {"junior", 2},
                                                                                     {"ii", 2},
                                                                                     {"2nd", 2},
                                                                                     {"iii", 3},
                                                                                     {"3rd", 3},
                                                                                     {"iv", 4},
                                                                                     {"4th", 4},
                                                                                     {"v", 5},
                                                                                     {"5th", 5},
                                                                                     {"vi", 6}}};
  for (const std::string& word : FoldWords(suffix))
    for (const auto& [name, number] : kNumbers)
      if (word == name) return number;
  return 0;
}

uint32_t HouseNumber(std::string_view folded) {
  uint32_t number = 0;
  const bool digits = folded.size() < 9 && std::all_of(folded.begin(), folded.end(), [&](char c) {
                        number = number * 10 + static_cast<uint32_t>(c - '0');
                        return c >= '0' && c <= '9';
                      });
  if (digits) return number == 0 ? 1u << 31 : number;
  return static_cast<uint32_t>(HashBytes(folded)) | 1u << 31;
}

std::string_view LocalPart(std::string_view email) { return email.substr(0, email.rfind('@')); }

bool HasDigit(std::string_view word) { return word.find_first_of("0123456789") != std::string_view::npos; }

// Digits that are no number that can be dialled count as well as one: the first of more_phones that is not the main
// one.
size_t FirstFurther(const Record& record) {
  return record[Field::kPhone].empty() && !record.more_phones.empty() ? 1 : 0;
}

std::string_view MainPhone(const Record& record) {
  return FirstFurther(record) == 0 ? record[Field::kPhone] : record.more_phones.front();
}

std::string_view NumberOf(std::string_view phone) { return phone.substr(0, phone.find(';')); }

}  // namespace

uint32_t PackDate(std::string_view iso) {
  std::array<uint32_t, 3> part{};
  size_t parts = 0, digits = 0;
  for (const char c : iso) {
    if (c == '-') {
      if (++parts == 3 || digits == 0) return 0;
      digits = 0;
    } else if (c >= '0' && c <= '9') {
      part[parts] = part[parts] * 10 + static_cast<uint32_t>(c - '0');
      if (++digits > 4) return 0;
    } else {
      return 0;
    }
  }
  if (part[0] == 0 || part[0] > 4095 || part[1] > 12 || part[2] > 31) return 0;
  return part[0] << 9 | part[1] << 5 | (part[1] == 0 ? 0 : part[2]);
}

uint32_t PackDigits(std::string_view text) {
  uint32_t digits = 0;
  for (const char c : text)
    if (c >= '0' && c <= '9') digits = digits << 4 | static_cast<uint32_t>(c - '0');
  return digits;
}

PhoneBits PackPhone(std::string_view phone) {
  if (phone.empty()) return 0;
  const std::string_view digits = phone.substr(1);
  if (phone[0] == '+' && !digits.empty() && digits.size() <= 15 &&
      digits.find_first_not_of("0123456789") == std::string_view::npos) {
    PhoneBits bits = 0;
    for (const char c : digits) bits = bits << 4 | static_cast<unsigned>(c - '0');
    return bits | static_cast<uint64_t>(digits.size()) << 60;
  }
  std::string rest(phone);
  for (int taken = 0; taken < 8;) {
    const size_t at = rest.find_last_of("0123456789");
    if (at == std::string::npos) break;
    rest.erase(at, 1);
    ++taken;
  }
  return ((HashBytes(rest) | 1) & 0x0fffffffu) << 32 | PackDigits(phone);
}

std::string PhoneText(PhoneBits phone) {
  if (phone == 0) return "";
  const auto size = static_cast<unsigned>(phone >> 60);
  std::string text = size == 0 ? "..." : "+";
  for (unsigned i = size == 0 ? 8 : size; i-- > 0;) text.push_back(static_cast<char>('0' + (phone >> (4 * i) & 15)));
  return text;
}

uint64_t Dictionaries::MemoryBytes() const {
  uint64_t sum = emails.MemoryBytes() + ids.MemoryBytes();
  for (const Dictionary* d : {&names, &streets, &cities, &zips, &states}) sum += d->MemoryBytes();
  for (const Dictionary& d : attributes) sum += d.MemoryBytes();
  return sum;
}

struct Table::Packing {
  std::string email, text;
  FoldedWords words, other;
  std::vector<uint32_t> place_slots = std::vector<uint32_t>(1024, 0);  // open addressing, 0 is free
};

Table::Table(size_t attributes)
    : attributes_(std::min<size_t>(attributes, kMaxAttributes)), packing_(std::make_unique<Packing>()) {
  dictionaries_.attributes.resize(attributes_.size());
  places_.push_back({0, 0, 0});
  more_.push_back(0);
}
Table::~Table() = default;
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;

bool Table::full() const { return dictionaries_.emails.full() || dictionaries_.ids.full(); }

void Table::PackName(const Record& record, Features* f) {
  Dictionary& names = dictionaries_.names;
  if (record[Field::kFullName].empty() && record[Field::kMiddleName].empty()) {
    // Most names by far: one word each, and nothing to take away.
    FoldedWords &first = packing_->words, &last = packing_->other;
    FoldWords(record[Field::kFirstName], &first);
    FoldWords(record[Field::kLastName], &last);
    const auto plain = [](const FoldedWords& w) { return w.size() == 0 || (w.size() == 1 && IsNamePart(w[0])); };
    if (plain(first) && plain(last)) {
      f->first = names.Add(first.bytes);
      f->last = names.Add(last.bytes);
      return;
    }
  }
  const NameWords name = SplitName(record[Field::kFullName], record[Field::kFirstName], record[Field::kMiddleName],
                                   record[Field::kLastName]);
  f->first = names.Add(Join(name.first));
  f->last = names.Add(Join(name.last));
  int used = 0;
  const auto take = [&](const std::vector<std::string>& words, Role role, size_t from, size_t to) {
    for (size_t i = from; i < std::min(to, words.size()) && used < kMaxWords; ++i) {
      f->words[used] = names.Add(words[i]);
      f->roles = static_cast<uint16_t>(f->roles | static_cast<unsigned>(role) << (2 * used));
      ++used;
    }
  };
  take(name.first, Role::kFirst, 0, 1);
  take(name.last, Role::kLast, name.last.size() > 2 ? name.last.size() - 2 : 0, name.last.size());
  take(name.middle, Role::kMiddle, 0, 2);
  take(name.first, Role::kFirst, 1, 3);
}

void Table::PackCompany(const Record& record, Features* f) {
  std::vector<std::string> words;
  for (const Field field : {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName})
    for (std::string& w : CompanyWords(record[field]))
      if (std::find(words.begin(), words.end(), w) == words.end()) words.push_back(std::move(w));
  f->company = true;
  f->last = dictionaries_.names.Add(Join(words));
  for (size_t i = 0; i < words.size() && i < kMaxWords; ++i) {
    f->words[i] = dictionaries_.names.Add(words[i]);
    f->roles = static_cast<uint16_t>(f->roles | static_cast<unsigned>(Role::kLast) << (2 * i));
  }
}

void Table::PackContacts(const Record& record, Features* f) {
  if (!record[Field::kEmail].empty()) {
    const std::string email = LooseEmail(record[Field::kEmail]);
    f->email = dictionaries_.emails.Add(email);
    f->email_letters = CharacterSet(email);
    f->email_local = static_cast<uint8_t>(HashBytes(LocalPart(email)));
  }
  f->phone = PackPhone(NumberOf(MainPhone(record)));
  if (!record[Field::kNationalId].empty()) {
    packing_->text.clear();
    AppendFoldKey(record[Field::kNationalId], &packing_->text);
    f->national_id = dictionaries_.ids.Add(packing_->text);
  }
}

void Table::PackAddress(const Record& record, Features* f) {
  FoldedWords& words = packing_->words;
  FoldWords(record[Field::kStreet], &words);
  std::string_view street = words.bytes;
  if (words.size() > 1) {
    // The house number comes first or, in most of Europe, last.
    const std::string_view front = words[0], back = words[words.size() - 1];
    if (HasDigit(front)) {
      f->number = HouseNumber(front);
      street.remove_prefix(front.size());
    } else if (HasDigit(back)) {
      f->number = HouseNumber(back);
      street.remove_suffix(back.size());
    }
  }
  f->street = dictionaries_.streets.Add(street);
  const auto folded = [this](const std::string& value) -> std::string_view {
    packing_->text.clear();
    AppendFoldKey(value, &packing_->text);
    return packing_->text;
  };
  f->city = dictionaries_.cities.Add(folded(record[Field::kCity]));
  std::string_view zip = folded(record[Field::kZip]);
  if (zip.size() == 9 && zip.find_first_not_of("0123456789") == std::string_view::npos) zip = zip.substr(0, 5);
  f->zip = dictionaries_.zips.Add(zip);
  f->state = dictionaries_.states.Add(folded(record[Field::kState]));
  if (record[Field::kUnit].empty()) return;
  FoldWords(record[Field::kUnit], &words);
  if (words.size() > 0) f->unit = static_cast<uint16_t>(HashBytes(words[words.size() - 1]) | 1);
}

// Words that do not follow from first and last, and further contacts.
void Table::PackMore(const Record& record, Features* f, bool words) {
  constexpr size_t kMost = 1000;  // as many contacts as no person has
  const size_t first = FirstFurther(record);
  const size_t emails = std::min(kMost, record.more_emails.size());
  const size_t phones = std::min(kMost, record.more_phones.size() - first);
  uint32_t count = 0;
  while (words && count < kMaxWords && f->words[count] != 0) ++count;
  f->more = static_cast<uint32_t>(more_.size());
  more_.push_back(static_cast<uint32_t>(count | emails << 3 | phones << 16));
  if (words) {
    more_.append(f->words, count);
    more_.push_back(f->roles);
  }
  for (size_t i = 0; i < emails; ++i) more_.push_back(dictionaries_.emails.Add(LooseEmail(record.more_emails[i])));
  if (phones > 0) more_.push_back(static_cast<uint32_t>(more_phones_.size()));
  for (size_t i = 0; i < phones; ++i) more_phones_.push_back(PackPhone(NumberOf(record.more_phones[first + i])));
}

uint32_t Table::PlaceNumber(const Place& place) {
  if (place.city == 0 && place.zip == 0 && place.state == 0) return 0;
  std::vector<uint32_t>& slots = packing_->place_slots;
  const auto slot_of = [](const Place& p, size_t size) {
    return HashMix(HashMix(p.city, p.zip), p.state) & (size - 1);
  };
  size_t at = slot_of(place, slots.size());
  for (; slots[at] != 0; at = (at + 1) & (slots.size() - 1)) {
    const Place& here = places_[slots[at]];
    if (here.city == place.city && here.zip == place.zip && here.state == place.state) return slots[at];
  }
  const auto number = static_cast<uint32_t>(places_.size());
  places_.push_back(place);
  slots[at] = number;
  if (places_.size() * 2 <= slots.size()) return number;
  std::vector<uint32_t> grown(slots.size() * 2, 0);
  for (uint32_t i = 1; i < places_.size(); ++i) {
    size_t to = slot_of(places_[i], grown.size());
    while (grown[to] != 0) to = (to + 1) & (grown.size() - 1);
    grown[to] = i;
  }
  slots.swap(grown);
  return number;
}

void Table::Add(const Record& record) {
  Features f;
  if ((record.flags & kFlagCompany) != 0) {
    PackCompany(record, &f);
  } else {
    PackName(record, &f);
  }
  f.birth = PackDate(record[Field::kBirthDate]);
  PackContacts(record, &f);
  PackAddress(record, &f);
  const std::string& sex = record[Field::kSex];
  f.sex = sex == "F" ? 1 : sex == "M" ? 2 : sex == "X" ? 3 : 0;
  if (!record[Field::kSuffix].empty()) f.generation = Generation(record[Field::kSuffix]);
  f.empty = (record.flags & kFlagEmpty) != 0;
  Packed p{};
  p.first = f.first;
  p.last = f.last;
  p.flags = static_cast<uint8_t>(f.sex | f.generation << 2 | (f.company ? kCompanyBit : 0) | (f.empty ? kEmptyBit : 0));
  // The words as they would be read back; a name of single words brings none.
  Features plain;
  Unpack(p, &plain);
  const bool words =
      f.words[0] != 0 && (f.roles != plain.roles || !std::equal(f.words, f.words + kMaxWords, plain.words));
  if (words || !record.more_emails.empty() || record.more_phones.size() > FirstFurther(record))
    PackMore(record, &f, words);
  if (words) p.flags |= kWordsBit;
  p.phone_low = static_cast<uint32_t>(f.phone);
  p.phone_high = static_cast<uint32_t>(f.phone >> 32);
  p.birth = f.birth;
  p.email = f.email;
  p.national_id = f.national_id;
  p.street = f.street;
  p.number = f.number;
  p.place = PlaceNumber({f.city, f.zip, f.state});
  p.more = f.more;
  p.email_letters = f.email_letters;
  p.unit = f.unit;
  p.email_local = f.email_local;
  rows_.push_back(p);
  if (record_ids_.size() == record_ids_.capacity())
    record_ids_.reserve(record_ids_.size() + record_ids_.size() / 8 + 64);
  record_ids_.push_back(record.record_id);
  for (size_t i = 0; i < attributes_.size(); ++i) {
    packing_->text.clear();
    if (i < record.attributes.size()) AppendFoldKey(record.attributes[i], &packing_->text);
    attributes_[i].push_back(dictionaries_.attributes[i].Add(packing_->text));
  }
}

bool Table::Finish() {
  packing_.reset();
  dictionaries_.emails.Finish();
  dictionaries_.ids.Finish();
  rows_.shrink_to_fit();
  record_ids_.shrink_to_fit();
  for (auto& column : attributes_) column.shrink_to_fit();
  more_.shrink_to_fit();
  if (!std::is_sorted(record_ids_.begin(), record_ids_.end())) Sort();
  return std::adjacent_find(record_ids_.begin(), record_ids_.end()) == record_ids_.end();
}

// In place, cycle by cycle: two copies of all rows would not fit where one does.
void Table::Sort() {
  std::vector<uint32_t> order(rows_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return record_ids_[a] < record_ids_[b]; });
  for (uint32_t begin = 0; begin < order.size(); ++begin) {
    for (uint32_t at = begin;;) {
      const uint32_t from = std::exchange(order[at], at);
      if (from == begin) break;
      std::swap(rows_[at], rows_[from]);
      std::swap(record_ids_[at], record_ids_[from]);
      for (auto& column : attributes_) std::swap(column[at], column[from]);
      at = from;
    }
  }
}

std::span<const uint32_t> Table::MoreEmails(const Features& f) const {
  if (f.more == 0) return {};
  const uint32_t head = more_[f.more], words = head & 7;
  return {&more_[f.more + 1 + (words == 0 ? 0 : words + 1)], head >> 3 & 0x1fff};
}

std::span<const PhoneBits> Table::MorePhones(const Features& f) const {
  if (f.more == 0) return {};
  const uint32_t head = more_[f.more], words = head & 7, phones = head >> 16;
  if (phones == 0) return {};
  const uint32_t at = more_[f.more + 1 + (words == 0 ? 0 : words + 1) + (head >> 3 & 0x1fff)];
  return {&more_phones_[at], phones};
}

uint64_t Table::MemoryBytes() const {
  uint64_t sum = rows_.MemoryBytes() + record_ids_.capacity() * 8 + more_.MemoryBytes() + more_phones_.MemoryBytes() +
                 places_.MemoryBytes() + dictionaries_.MemoryBytes();
  for (const auto& column : attributes_) sum += column.MemoryBytes();
  return sum;
}

}  // namespace migrate::dedupe
