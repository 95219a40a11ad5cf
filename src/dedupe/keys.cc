#include "migrate/dedupe/keys.h"

#include <algorithm>
#include <utility>

namespace migrate::dedupe {
namespace {

using Kind = BlockingKey::Kind;

uint64_t Hash(uint64_t a, uint64_t b) { return HashMix(HashMix(0x6d69677261746531ull, a), b); }

// A hash of two parts in any order.
uint64_t HashPair(uint64_t a, uint64_t b) { return Hash(std::min(a, b), std::max(a, b)); }

// Words of a name that tell people apart: no initials.
struct WordList {
  uint32_t word[kMaxWords];
  size_t count = 0;
  const uint32_t* begin() const { return word; }
  const uint32_t* end() const { return word + count; }
  size_t size() const { return count; }
  uint32_t operator[](size_t i) const { return word[i]; }
};

WordList Words(const Frequencies& frequencies, const Features& f) {
  WordList words;
  for (int i = 0; i < kMaxWords && f.words[i] != 0; ++i)
    if (!frequencies.names[f.words[i]].initial) words.word[words.count++] = f.words[i];
  return words;
}

uint32_t MonthDay(const Features& f) { return DayOf(f.birth) == 0 ? 0 : f.birth & 511; }

uint64_t Initial(const Frequencies& frequencies, uint32_t name) { return frequencies.names[name].letter; }

// kByValue: values are known by their hashes, not by their numbers.
template <bool kByValue>
class Emitter {
 public:
  Emitter(const Table& table, const Frequencies& frequencies, const ValueHashes* values, uint32_t row,
          std::vector<uint64_t>* out)
      : table_(table), frequencies_(frequencies), values_(values), row_(row), f_(table[row]), out_(out) {}

  [[gnu::always_inline]] void Emit(const BlockingKey& key) {
    if (!Contact(key) && !Name(key)) Place(key);
  }

 private:
  // Each says whether the key is of its kind.
  [[gnu::always_inline]] bool Contact(const BlockingKey& key) {
    const uint32_t day = MonthDay(f_);
    switch (key.kind) {
      case Kind::kNationalId:
        One(Id(f_.national_id));
        return true;
      case Kind::kEmail:
        One(Email(f_.email));
        for (const uint32_t email : table_.MoreEmails(f_)) One(Email(email));
        return true;
      case Kind::kPhone:
        One(f_.phone);
        for (const PhoneBits phone : table_.MorePhones(f_)) One(phone);
        return true;
      case Kind::kNameBirth:
        if (f_.first != 0 && f_.last != 0 && day != 0)
          out_->push_back(Hash(HashPair(NameOf(f_.first), NameOf(f_.last)), f_.birth));
        return true;
      case Kind::kAddress:
        if (f_.street != 0 && f_.number != 0) Two(Hash(Street(), f_.number), ZipOrCity());
        return true;
      case Kind::kEmailLocal:
        if (f_.email != 0) One(Frequencies::LocalHash(table_.dictionaries().emails.Of(f_.email)));
        return true;
      case Kind::kTwoWords:
        TwoWords();
        return true;
      case Kind::kBirthSound:
        Two(day == 0 ? 0 : f_.birth, Sound(f_.last));
        return true;
      case Kind::kBirthInitial:
        Two(day == 0 ? 0 : f_.birth, Initial(frequencies_, f_.first));
        return true;
      case Kind::kBirth:
        One(day == 0 ? 0 : f_.birth);
        return true;
      case Kind::kEmailHead:
        EmailPart(true);
        return true;
      case Kind::kEmailTail:
        EmailPart(false);
        return true;
      case Kind::kPhoneTail:
        PhoneTail();
        return true;
      default:
        return false;
    }
  }

  [[gnu::always_inline]] bool Name(const BlockingKey& key) {
    const uint32_t area = frequencies_.area_hash[f_.zip];
    const uint32_t year = YearOf(f_.birth), day = MonthDay(f_);
    switch (key.kind) {
      case Kind::kWordYear:
        Word(year);
        return true;
      case Kind::kWordMonthDay:
        Word(day);
        return true;
      case Kind::kWordZip:
        Word(Zip());
        return true;
      case Kind::kWordArea:
        Word(area);
        return true;
      case Kind::kWordCity:
        Word(City());
        return true;
      case Kind::kWordAttribute:
        Word(Attribute(key.first));
        return true;
      case Kind::kSounds:
        if (year != 0) TwoSounds(year);
        return true;
      case Kind::kSoundArea:
        Two(Sound(f_.last) == 0 ? 0 : Hash(Sound(f_.last), Initial(frequencies_, f_.first)), area);
        return true;
      default:
        return false;
    }
  }

  [[gnu::always_inline]] void Place(const BlockingKey& key) {
    const uint32_t year = YearOf(f_.birth), day = MonthDay(f_);
    switch (key.kind) {
      case Kind::kYearZip:
        return Two(year, Zip());
      case Kind::kMonthDayZip:
        return Two(day, Zip());
      case Kind::kHouseStreet:
        return Two(f_.number, Street());
      case Kind::kHouseZip:
        return Two(f_.number, Zip());
      case Kind::kZip:
        return One(Zip());
      case Kind::kYearCity:
        return Two(year, City());
      case Kind::kMonthDayCity:
        return Two(day, City());
      case Kind::kAttributeYear:
        return Two(Attribute(key.first), year);
      case Kind::kAttributeMonthDay:
        return Two(Attribute(key.first), day);
      case Kind::kAttributeZip:
        return Two(Attribute(key.first), ZipOrCity());
      case Kind::kAttributes:
        return Two(Attribute(key.first), Attribute(key.second));
      default:
        return;
    }
  }

  uint64_t Of(std::vector<uint64_t> ValueHashes::*field, uint32_t number) const {
    if constexpr (kByValue) return (values_->*field)[number];
    return number;
  }
  uint64_t Text(const Texts& texts, uint32_t number) const {
    if constexpr (kByValue) return number == 0 ? 0 : std::max<uint64_t>(1, HashBytes(texts.Of(number)));
    return number;
  }
  uint64_t Id(uint32_t number) const { return Text(table_.dictionaries().ids, number); }
  uint64_t Email(uint32_t number) const { return Text(table_.dictionaries().emails, number); }
  uint64_t NameOf(uint32_t number) const { return Of(&ValueHashes::names, number); }
  uint64_t Street() const { return Of(&ValueHashes::streets, f_.street); }
  uint64_t Zip() const { return Of(&ValueHashes::zips, f_.zip); }
  uint64_t City() const { return Of(&ValueHashes::cities, f_.city); }
  // The number of a city is no zip's number.
  uint64_t ZipOrCity() const {
    return f_.zip != 0 || f_.city == 0 ? Zip() : City() ^ uint64_t { 1 } << 63;
  }
  uint64_t Attribute(size_t i) const {
    const uint32_t number = table_.attribute(row_, i);
    if constexpr (kByValue) return values_->attributes[i][number];
    return number;
  }

  void One(uint64_t a) {
    if (a != 0) out_->push_back(Hash(a, 0));
  }
  void Two(uint64_t a, uint64_t b) {
    if (a != 0 && b != 0) out_->push_back(Hash(a, b));
  }
  uint64_t Sound(uint32_t name) const { return frequencies_.names[name].soundex; }

  void Word(uint64_t with) {
    if (with == 0) return;
    for (const uint32_t word : Words(frequencies_, f_)) out_->push_back(Hash(NameOf(word), with));
  }
  void TwoWords() {
    const WordList words = Words(frequencies_, f_);
    for (size_t i = 0; i < words.size(); ++i)
      for (size_t j = i + 1; j < words.size(); ++j)
        if (words[i] != words[j]) out_->push_back(HashPair(NameOf(words[i]), NameOf(words[j])));
  }
  void TwoSounds(uint64_t with) {
    const uint64_t a = Sound(f_.first), b = Sound(f_.last);
    if (a != 0 && b != 0) out_->push_back(Hash(HashPair(a, b), with));
  }
  void EmailPart(bool head) {
    if (f_.email == 0) return;
    const std::string_view email = table_.dictionaries().emails.Of(f_.email);
    const size_t at = email.rfind('@');
    if (at == std::string_view::npos || at < 5) return;
    const std::string_view part = head ? email.substr(0, 5) : email.substr(at - 4);
    // The head meets a slip behind it, in whatever part; the tail one before it.
    out_->push_back(head ? Hash(HashBytes(part), NameOf(f_.last != 0 ? f_.last : f_.first)) : HashBytes(part));
  }
  void PhoneTail() {
    if (f_.phone == 0) return;
    Two((f_.phone & 0x0fffffffu) | 1u << 28, Initial(frequencies_, f_.first));
  }

  const Table& table_;
  const Frequencies& frequencies_;
  const ValueHashes* values_;
  uint32_t row_;
  const Features f_;
  std::vector<uint64_t>* out_;
};

}  // namespace

std::vector<BlockingKey> AllKeys(size_t attributes) {
  std::vector<BlockingKey> keys = {
      {Kind::kNationalId, 0, 0, true, "national_id"},
      {Kind::kEmail, 0, 0, true, "email"},
      {Kind::kPhone, 0, 0, true, "phone"},
      {Kind::kNameBirth, 0, 0, true, "first+last+birth_date"},
      {Kind::kAddress, 0, 0, true, "address"},
      {Kind::kEmailLocal, 0, 0, true, "email local part"},
      {Kind::kTwoWords, 0, 0, false, "two name words"},
      {Kind::kBirthSound, 0, 0, false, "birth_date+sound of last"},
      {Kind::kBirthInitial, 0, 0, false, "birth_date+initial"},
      {Kind::kWordYear, 0, 0, false, "name word+year"},
      {Kind::kWordMonthDay, 0, 0, false, "name word+month and day"},
      {Kind::kWordZip, 0, 0, false, "name word+zip"},
      {Kind::kWordArea, 0, 0, false, "name word+zip area"},
      {Kind::kWordCity, 0, 0, false, "name word+city"},
      {Kind::kSounds, 0, 0, false, "sounds of first and last+year"},
      {Kind::kSoundArea, 0, 0, false, "sound of last+initial+zip area"},
      {Kind::kPhoneTail, 0, 0, false, "phone's last 7+initial"},
      {Kind::kEmailHead, 0, 0, false, "email's first 5+name"},
      {Kind::kEmailTail, 0, 0, false, "email's last letters and domain"},
      {Kind::kHouseStreet, 0, 0, false, "house number+street"},
      {Kind::kHouseZip, 0, 0, false, "house number+zip"},
      {Kind::kMonthDayZip, 0, 0, false, "month and day+zip"},
      {Kind::kYearZip, 0, 0, false, "year+zip"},
      {Kind::kMonthDayCity, 0, 0, false, "month and day+city"},
      {Kind::kYearCity, 0, 0, false, "year+city"},
      {Kind::kBirth, 0, 0, false, "birth_date"},
      {Kind::kZip, 0, 0, false, "zip"},
  };
  for (uint8_t i = 0; i < attributes; ++i) {
    const std::string a = "attribute " + std::to_string(i + 1);
    keys.push_back({Kind::kWordAttribute, i, 0, false, "name word+" + a});
    keys.push_back({Kind::kAttributeYear, i, 0, false, "year+" + a});
    keys.push_back({Kind::kAttributeMonthDay, i, 0, false, "month and day+" + a});
    keys.push_back({Kind::kAttributeZip, i, 0, false, "zip+" + a});
    for (uint8_t j = static_cast<uint8_t>(i + 1); j < attributes; ++j)
      keys.push_back({Kind::kAttributes, i, j, false, a + "+attribute " + std::to_string(j + 1)});
  }
  return keys;
}

void AppendHashes(const BlockingKey& key, const Table& table, const Frequencies& frequencies, uint32_t row,
                  std::vector<uint64_t>* out) {
  if (table.empty(row)) return;
  Emitter<false>(table, frequencies, nullptr, row, out).Emit(key);
}

ValueHashes::ValueHashes(const Dictionaries& d) {
  const auto hash = [](const Dictionary& values) {
    std::vector<uint64_t> out(values.size(), 0);
    // Nothing has number 0, and no value may be taken for nothing.
    for (uint32_t id = 1; id < values.size(); ++id) out[id] = std::max<uint64_t>(1, HashBytes(values.Of(id)));
    return out;
  };
  names = hash(d.names);
  streets = hash(d.streets);
  cities = hash(d.cities);
  zips = hash(d.zips);
  for (const Dictionary& a : d.attributes) attributes.push_back(hash(a));
}

void AppendValueHashes(const BlockingKey& key, const Table& table, const Frequencies& frequencies,
                       const ValueHashes& values, uint32_t row, std::vector<uint64_t>* out) {
  if (table.empty(row)) return;
  Emitter<true>(table, frequencies, &values, row, out).Emit(key);
}

namespace {

// Rows of one kind of key. With the kind known when this is compiled, only the features that it needs are unpacked.
template <Kind kKind>
void RowsOf(const BlockingKey& key, const Table& table, const Frequencies& frequencies, uint32_t from, uint32_t to,
            RowHashes* out) {
  BlockingKey of_kind = key;
  of_kind.kind = kKind;
  for (uint32_t row = from; row < to; ++row) {
    if (!table.empty(row)) Emitter<false>(table, frequencies, nullptr, row, &out->hashes).Emit(of_kind);
    out->ends.push_back(static_cast<uint32_t>(out->hashes.size()));
  }
}

template <size_t... kKinds>
void RowsOfKind(std::index_sequence<kKinds...>, const BlockingKey& key, const Table& table,
                const Frequencies& frequencies, uint32_t from, uint32_t to, RowHashes* out) {
  ((static_cast<size_t>(key.kind) == kKinds ? RowsOf<static_cast<Kind>(kKinds)>(key, table, frequencies, from, to, out)
                                            : void()),
   ...);
}

}  // namespace

void AppendRows(const BlockingKey& key, const Table& table, const Frequencies& frequencies, uint32_t from, uint32_t to,
                RowHashes* out) {
  RowsOfKind(std::make_index_sequence<static_cast<size_t>(Kind::kPhoneTail) + 1>(), key, table, frequencies, from, to,
             out);
}

}  // namespace migrate::dedupe
