#include "migrate/dedupe/features.h"

#include <algorithm>
#include <array>
#include <numeric>

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

bool HasDigit(std::string_view word) { return word.find_first_of("0123456789") != std::string_view::npos; }

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

uint64_t Dictionaries::MemoryBytes() const {
  uint64_t sum = 0;
  for (const Dictionary* d : {&names, &emails, &phones, &ids, &streets, &cities, &zips, &states})
    sum += d->MemoryBytes();
  for (const Dictionary& d : attributes) sum += d.MemoryBytes();
  return sum;
}

Table::Table(size_t attributes) : attributes_(std::min<size_t>(attributes, kMaxAttributes)), more_(1, 0) {
  dictionaries_.attributes.resize(attributes_.size());
}

void Table::PackName(const Record& record, Features* f) {
  Dictionary& names = dictionaries_.names;
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
  const std::string email = LooseEmail(record[Field::kEmail]);
  f->email = dictionaries_.emails.Add(email);
  f->email_letters = CharacterSet(email);
  f->phone = dictionaries_.phones.Add(PhoneNumber(record[Field::kPhone]));
  f->phone_digits = PackDigits(PhoneNumber(record[Field::kPhone]));
  f->national_id = dictionaries_.ids.Add(FoldKey(record[Field::kNationalId]));
  if (record.more_emails.empty() && record.more_phones.empty()) return;
  f->more = static_cast<uint32_t>(more_.size());
  more_.push_back(static_cast<uint32_t>(record.more_emails.size()));
  for (const std::string& more : record.more_emails) more_.push_back(dictionaries_.emails.Add(LooseEmail(more)));
  more_.push_back(static_cast<uint32_t>(record.more_phones.size()));
  for (const std::string& phone : record.more_phones) more_.push_back(dictionaries_.phones.Add(PhoneNumber(phone)));
}

void Table::PackAddress(const Record& record, Features* f) {
  std::vector<std::string> words = FoldWords(record[Field::kStreet]);
  if (words.size() > 1) {
    // The house number comes first or, in most of Europe, last.
    const bool leads = HasDigit(words.front()), ends = HasDigit(words.back());
    if (leads) {
      f->number = HouseNumber(words.front());
      words.erase(words.begin());
    } else if (ends) {
      f->number = HouseNumber(words.back());
      words.pop_back();
    }
  }
  f->street = dictionaries_.streets.Add(Join(words));
  f->city = dictionaries_.cities.Add(FoldKey(record[Field::kCity]));
  std::string zip = FoldKey(record[Field::kZip]);
  if (zip.size() == 9 && zip.find_first_not_of("0123456789") == std::string::npos) zip.resize(5);
  f->zip = dictionaries_.zips.Add(zip);
  f->state = dictionaries_.states.Add(FoldKey(record[Field::kState]));
  const std::vector<std::string> unit = FoldWords(record[Field::kUnit]);
  if (!unit.empty()) f->unit = static_cast<uint16_t>(HashBytes(unit.back()) | 1);
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
  f.generation = Generation(record[Field::kSuffix]);
  f.empty = (record.flags & kFlagEmpty) != 0;
  rows_.push_back(f);
  record_ids_.push_back(record.record_id);
  for (size_t i = 0; i < attributes_.size(); ++i) {
    const bool has = i < record.attributes.size();
    attributes_[i].push_back(has ? dictionaries_.attributes[i].Add(FoldKey(record.attributes[i])) : 0);
  }
}

bool Table::Finish() {
  std::vector<uint32_t> order(rows_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return record_ids_[a] < record_ids_[b]; });
  const auto reorder = [&](auto& column) {
    std::remove_reference_t<decltype(column)> sorted;
    sorted.reserve(column.size());
    for (const uint32_t at : order) sorted.push_back(column[at]);
    column.swap(sorted);
  };
  reorder(rows_);
  reorder(record_ids_);
  for (auto& column : attributes_) reorder(column);
  return std::adjacent_find(record_ids_.begin(), record_ids_.end()) == record_ids_.end();
}

std::span<const uint32_t> Table::MoreEmails(const Features& f) const {
  if (f.more == 0) return {};
  return {more_.data() + f.more + 1, more_[f.more]};
}

std::span<const uint32_t> Table::MorePhones(const Features& f) const {
  if (f.more == 0) return {};
  const uint32_t at = f.more + 1 + more_[f.more];
  return {more_.data() + at + 1, more_[at]};
}

uint64_t Table::MemoryBytes() const {
  return rows_.capacity() * sizeof(Features) + record_ids_.capacity() * 8 + more_.capacity() * 4 +
         attributes_.size() * rows_.capacity() * 4 + dictionaries_.MemoryBytes();
}

}  // namespace migrate::dedupe
