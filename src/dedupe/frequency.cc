#include "migrate/dedupe/frequency.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "migrate/dedupe/similarity.h"

namespace migrate::dedupe {
namespace {

using Counts = ValueCounts::Numbers;

// Denominator, d and u0 of a field of which n records have a value, and `pairs` ordered pairs of records the same.
FieldFrequencies Smooth(double n, double pairs, double duplicates) {
  const double all = std::max(1.0, n * (n - 1));
  FieldFrequencies f;
  f.duplicates = duplicates;
  // Pairs of one person are not strangers; what is left is at least one chance pair in ten times the table.
  f.average = std::clamp((pairs - n * duplicates) / all, 0.1 / std::max(10.0, n), 1.0);
  f.denominator = n + 1 / f.average;
  return f;
}

FieldFrequencies Smooth(const Counts& counts, double duplicates) {
  double n = 0, pairs = 0;
  for (size_t i = 1; i < counts.size(); ++i) {
    const double c = counts[i];
    n += c;
    pairs += c * (c - 1);
  }
  return Smooth(n, pairs, duplicates);
}

class Builder {
 public:
  // Frequencies follow from the counts and are put into *learn, if there is one; or `use` gives them.
  Builder(const Table& table, const ValueCounts* counts, const Duplication& duplication, const Nicknames& nicknames,
          const TermFrequencies* use, TermFrequencies* learn)
      : table_(table), counts_(counts), duplication_(duplication), nicknames_(nicknames), use_(use), learn_(learn) {
    if (learn_ != nullptr) learn_->fields.assign(kTermAttribute0 + table.attribute_count(), {});
  }

  Frequencies Build() {
    Names();
    Births();
    Zips();
    Hashed();
    Plain();
    return std::move(out_);
  }

 private:
  double Duplicates(int evidence) const {
    return duplication_.duplicates_per_record * duplication_.exact[static_cast<size_t>(evidence)];
  }

  // log2 frequency by number. `hash` names the value of a number.
  template <class Hash>
  std::vector<float> Logs(size_t field, size_t size, double duplicates, Counts ValueCounts::*counted, Hash hash,
                          int evidence = kEvidenceCount) {
    return LogsOf(field, size, duplicates, counts_ == nullptr ? nullptr : &(counts_->*counted), hash, evidence);
  }

  template <class Hash>
  std::vector<float> LogsOf(size_t field, size_t size, double duplicates, const Counts* counts, Hash hash,
                            int evidence) {
    std::vector<float> out(size, 0.0f);
    FieldFrequencies f;
    if (use_ != nullptr) {
      f = use_->fields[field];
      for (uint32_t id = 1; id < size; ++id) out[id] = f.Log(hash(id));
    } else {
      f = Smooth(*counts, duplicates);
      for (uint32_t id = 1; id < size; ++id) out[id] = f.LogOfCount((*counts)[id]);
      if (learn_ != nullptr) {
        HashedCounts values;
        for (uint32_t id = 1; id < size; ++id)
          if ((*counts)[id] > 1) values.emplace_back(hash(id), (*counts)[id]);
        Learn(field, f, values);
      }
    }
    Average(evidence, f);
    return out;
  }

  void Average(int evidence, const FieldFrequencies& f) {
    if (evidence < kEvidenceCount && out_.average[static_cast<size_t>(evidence)] == 0)
      out_.average[static_cast<size_t>(evidence)] = f.average;
  }

  void Learn(size_t field, FieldFrequencies f, const HashedCounts& values) {
    ListValues(values, &f);
    learn_->fields[field] = std::move(f);
  }

  static auto TextHash(const Dictionary& d) {
    return [&d](uint32_t id) { return HashBytes(d.Of(id)); };
  }
  static auto Itself() {
    return [](uint32_t id) { return uint64_t{id}; };
  }

  void Names() {
    const Dictionary& names = table_.dictionaries().names;
    const auto hash = TextHash(names);
    const size_t size = names.size();
    const auto first = Logs(kTermFirst, size, Duplicates(kFirst), &ValueCounts::first, hash, kFirst);
    const auto last = Logs(kTermLast, size, Duplicates(kLast), &ValueCounts::last, hash, kLast);
    const auto company = Logs(kTermCompany, size, Duplicates(kCompany), &ValueCounts::company, hash, kCompany);
    const auto words = Logs(kTermWord, size, Duplicates(kLast), &ValueCounts::words, hash);
    out_.names.resize(size);
    out_.families.resize(1);
    for (uint32_t id = 1; id < size; ++id) {
      const std::string_view text = names.Of(id);
      NameEntry& e = out_.names[id];
      e.characters = CharacterSet(text);
      e.soundex = Soundex(text);
      e.letter = static_cast<uint8_t>(text[0]);
      e.initial = text.size() == 1;
      e.log_first = first[id];
      e.log_last = last[id];
      e.log_company = company[id];
      e.log_any = std::max({words[id], first[id], last[id]});
      if (const auto& families = nicknames_.Families(text); !families.empty()) {
        e.families = static_cast<uint16_t>(out_.families.size());
        out_.families.push_back(families);
      }
    }
    const auto f = Logs(kTermInitialFirst, 256, 0, &ValueCounts::initial_first, Itself());
    const auto l = Logs(kTermInitialLast, 256, 0, &ValueCounts::initial_last, Itself());
    std::copy(f.begin(), f.end(), out_.initial_first.begin());
    std::copy(l.begin(), l.end(), out_.initial_last.begin());
  }

  void Births() {
    uint32_t top = 0;
    for (uint32_t row = 0; row < table_.size(); ++row) top = std::max(top, table_.birth(row));
    out_.births = Logs(kTermBirth, top + 1, Duplicates(kBirth), &ValueCounts::births, Itself(), kBirth);
    out_.years = Logs(kTermYear, YearOf(top) + 1, Duplicates(kBirth), &ValueCounts::years, Itself());
  }

  void Zips() {
    const Dictionary& zips = table_.dictionaries().zips;
    out_.zips = Logs(kTermZip, zips.size(), Duplicates(kAddress), &ValueCounts::zips, TextHash(zips));
    Dictionary areas;
    std::vector<uint32_t> area_of(zips.size(), 0);
    for (uint32_t id = 1; id < zips.size(); ++id) area_of[id] = areas.Add(ZipArea(zips.Of(id)));
    const auto logs = Logs(kTermZipArea, areas.size(), Duplicates(kAddress), &ValueCounts::zip_areas, TextHash(areas));
    out_.zip_areas.resize(zips.size());
    out_.area_hash.resize(zips.size());
    for (uint32_t id = 1; id < zips.size(); ++id) {
      out_.zip_areas[id] = logs[area_of[id]];
      out_.area_hash[id] = static_cast<uint32_t>(HashBytes(ZipArea(zips.Of(id)))) | 1;
    }
  }

  HashedLogs ByHash(size_t field, double duplicates, ValueCounts::Hashed ValueCounts::*counted, int evidence) {
    if (use_ != nullptr) {
      Average(evidence, use_->fields[field]);
      return HashedLogs(use_->fields[field]);
    }
    const ValueCounts::Hashed& counts = counts_->*counted;
    double pairs = 0;
    for (const auto& [hash, count] : *counts.repeated) pairs += static_cast<double>(count) * (count - 1.0);
    FieldFrequencies f = Smooth(counts.records, pairs, duplicates);
    if (learn_ != nullptr) Learn(field, f, *counts.repeated);
    Average(evidence, f);
    // Not listed is what one record has.
    return HashedLogs(f, counts.repeated);
  }

  void Hashed() {
    out_.email = ByHash(kTermEmail, Duplicates(kEmail), &ValueCounts::email, kEmail);
    out_.email_local = ByHash(kTermEmailLocal, 0, &ValueCounts::email_local, kEvidenceCount);
    out_.phone = ByHash(kTermPhone, Duplicates(kPhone), &ValueCounts::phone, kPhone);
    out_.national_id = ByHash(kTermNationalId, Duplicates(kNationalId), &ValueCounts::national_id, kNationalId);
    out_.address = ByHash(kTermAddress, Duplicates(kAddress), &ValueCounts::address, kAddress);
    HashPlaces(table_, &out_);
  }

  static std::vector<uint32_t> Letters(const Dictionary& d) {
    std::vector<uint32_t> sets(d.size());
    for (uint32_t id = 1; id < d.size(); ++id) sets[id] = CharacterSet(d.Of(id));
    return sets;
  }

  void Plain() {
    const Dictionaries& d = table_.dictionaries();
    out_.city_letters = Letters(d.cities);
    out_.zip_letters = Letters(d.zips);
    for (const Dictionary& a : d.attributes) out_.attribute_letters.push_back(Letters(a));
    out_.cities = Logs(kTermCity, d.cities.size(), Duplicates(kAddress), &ValueCounts::cities, TextHash(d.cities));
    out_.states = Logs(kTermState, d.states.size(), Duplicates(kAddress), &ValueCounts::states, TextHash(d.states));
    const auto logs = Logs(kTermSex, 4, Duplicates(kSex), &ValueCounts::sexes, Itself(), kSex);
    std::copy(logs.begin(), logs.end(), out_.sexes.begin());
    for (size_t i = 0; i < table_.attribute_count(); ++i) {
      const int evidence = kAttribute0 + static_cast<int>(i);
      out_.attributes.push_back(LogsOf(kTermAttribute0 + i, d.attributes[i].size(), Duplicates(evidence),
                                       counts_ == nullptr ? nullptr : &counts_->attributes[i],
                                       TextHash(d.attributes[i]), evidence));
    }
  }

  const Table& table_;
  const ValueCounts* counts_;
  const Duplication& duplication_;
  const Nicknames& nicknames_;
  const TermFrequencies* use_;
  TermFrequencies* learn_;
  Frequencies out_;
};

}  // namespace

void HashPlaces(const Table& table, Frequencies* out) {
  const Dictionaries& d = table.dictionaries();
  out->street_hash.resize(d.streets.size());
  for (uint32_t id = 1; id < d.streets.size(); ++id) out->street_hash[id] = HashBytes(d.streets.Of(id));
  out->place_hash.resize(d.zips.size());
  for (uint32_t id = 1; id < d.zips.size(); ++id) out->place_hash[id] = HashBytes(d.zips.Of(id));
}

uint64_t Frequencies::AddressHash(const Table& table, const Features& f) const {
  const uint64_t place = f.zip != 0 ? place_hash[f.zip] : ~HashBytes(table.dictionaries().cities.Of(f.city));
  return HashMix(HashMix(street_hash[f.street], f.number), place);
}

uint64_t Frequencies::PhoneHash(PhoneBits bits) {
  char text[16];
  const size_t digits = bits >> 60;
  if (digits == 0) return HashMix(bits, 0);
  text[0] = '+';
  for (size_t i = 0; i < digits; ++i) text[digits - i] = static_cast<char>('0' + (bits >> (4 * i) & 15));
  return HashBytes({text, digits + 1});
}

std::string_view ZipArea(std::string_view folded) {
  const bool letters = folded.find_first_not_of("0123456789") != std::string_view::npos;
  if (letters && folded.size() > 4) return folded.substr(0, folded.size() - 3);
  return folded.substr(0, folded.size() > 4 ? 3 : 2);
}

Frequencies MakeFrequencies(const Table& table, const ValueCounts& counts, const Duplication& duplication,
                            const Nicknames& nicknames, TermFrequencies* learned) {
  return Builder(table, &counts, duplication, nicknames, nullptr, learned).Build();
}

Frequencies CountFrequencies(const Table& table, const Duplication& duplication, const Nicknames& nicknames,
                             TermFrequencies* learned) {
  return MakeFrequencies(table, CountValues(table), duplication, nicknames, learned);
}

Frequencies UseFrequencies(const Table& table, const TermFrequencies& learned, const Nicknames& nicknames) {
  return Builder(table, nullptr, Duplication{}, nicknames, &learned, nullptr).Build();
}

uint64_t Frequencies::MemoryBytes() const {
  uint64_t sum = names.capacity() * sizeof(NameEntry) + (street_hash.capacity() + place_hash.capacity()) * 8;
  for (const auto* v : {&cities, &zips, &states, &zip_areas, &births, &years}) sum += v->capacity() * 4;
  for (const auto* v : {&area_hash, &city_letters, &zip_letters}) sum += v->capacity() * 4;
  for (const auto& v : attributes) sum += v.capacity() * 8;
  for (const auto* f : {&email, &email_local, &phone, &national_id, &address}) sum += f->MemoryBytes();
  return sum;
}

}  // namespace migrate::dedupe
