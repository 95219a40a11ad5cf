#include "migrate/dedupe/frequency.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "migrate/dedupe/similarity.h"

namespace migrate::dedupe {
namespace {

using Counts = std::vector<uint32_t>;

// Denominator, d and u0 of a field from the counts of its values, as the header says.
FieldFrequencies Smooth(const Counts& counts, double duplicates) {
  double n = 0, pairs = 0;
  for (size_t i = 1; i < counts.size(); ++i) {
    const double c = counts[i];
    n += c;
    pairs += c * (c - 1);
  }
  const double all = std::max(1.0, n * (n - 1));
  FieldFrequencies f;
  f.duplicates = duplicates;
  // Pairs of one person are not strangers; what is left is at least one chance pair in ten times the table.
  f.average = std::clamp((pairs - n * duplicates) / all, 0.1 / std::max(10.0, n), 1.0);
  f.denominator = n + 1 / f.average;
  return f;
}

float LogOfCount(const FieldFrequencies& f, double count) {
  return f.LogOf(std::max(0.0, count - 1 - f.duplicates) + 1);
}

class Builder {
 public:
  // Either `use` gives the frequencies, or they are counted and put into *learn, if there is one.
  Builder(const Table& table, const Duplication& duplication, const Nicknames& nicknames, const TermFrequencies* use,
          TermFrequencies* learn)
      : table_(table), duplication_(duplication), nicknames_(nicknames), use_(use), learn_(learn) {
    if (learn_ != nullptr) learn_->fields.assign(kTermAttribute0 + table.attribute_count(), {});
  }

  Frequencies Build() {
    Names();
    Births();
    Emails();
    Zips();
    Addresses();
    Plain();
    return std::move(out_);
  }

 private:
  double Duplicates(int evidence) const {
    return duplication_.duplicates_per_record * duplication_.exact[static_cast<size_t>(evidence)];
  }

  template <class Get>
  Counts Count(size_t size, Get get) const {
    Counts counts(size, 0);
    for (uint32_t row = 0; row < table_.size(); ++row) ++counts[get(row)];
    counts[0] = 0;
    return counts;
  }

  // log2 frequency by number. `count` gives the counts by number and is called where there is no model; `hash` names
  // the value of a number.
  template <class CountAll, class Hash>
  std::vector<float> Logs(size_t field, size_t size, double duplicates, CountAll count, Hash hash,
                          int evidence = kEvidenceCount) {
    std::vector<float> out(size, 0.0f);
    FieldFrequencies f;
    if (use_ != nullptr) {
      f = use_->fields[field];
      for (uint32_t id = 1; id < size; ++id) out[id] = f.Log(hash(id));
    } else {
      const Counts counts = count();
      f = Smooth(counts, duplicates);
      for (uint32_t id = 1; id < size; ++id) out[id] = LogOfCount(f, counts[id]);
      if (learn_ != nullptr) {
        std::vector<std::pair<uint64_t, uint32_t>> values;
        for (uint32_t id = 1; id < size; ++id)
          if (counts[id] > 1) values.emplace_back(hash(id), counts[id]);
        Learn(field, f, std::move(values));
      }
    }
    if (evidence < kEvidenceCount && out_.average[static_cast<size_t>(evidence)] == 0)
      out_.average[static_cast<size_t>(evidence)] = f.average;
    return out;
  }

  void Learn(size_t field, FieldFrequencies f, std::vector<std::pair<uint64_t, uint32_t>> values) {
    ListValues(std::move(values), &f);
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
    const auto first = Logs(
        kTermFirst, names.size(), Duplicates(kFirst),
        [&] { return Count(names.size(), [&](uint32_t r) { return table_[r].first; }); }, hash, kFirst);
    const auto last_of = [&](bool company) {
      return Count(names.size(), [&](uint32_t r) { return table_[r].company == company ? table_[r].last : 0; });
    };
    const auto last = Logs(
        kTermLast, names.size(), Duplicates(kLast), [&] { return last_of(false); }, hash, kLast);
    const auto company = Logs(
        kTermCompany, names.size(), Duplicates(kCompany), [&] { return last_of(true); }, hash, kCompany);
    const auto count_words = [&] {
      Counts any(names.size(), 0);
      for (uint32_t row = 0; row < table_.size(); ++row)
        for (const uint32_t word : table_[row].words) ++any[word];
      any[0] = 0;
      return any;
    };
    const auto words = Logs(kTermWord, names.size(), Duplicates(kLast), count_words, hash);
    out_.names.resize(names.size());
    out_.families.resize(1);
    for (uint32_t id = 1; id < names.size(); ++id) {
      const std::string_view text = names.Of(id);
      NameEntry& e = out_.names[id];
      e.characters = CharacterSet(text);
      e.soundex = Soundex(text);
      e.log_first = first[id];
      e.log_last = last[id];
      e.log_company = company[id];
      e.log_any = std::max({words[id], first[id], last[id]});
      if (const auto& families = nicknames_.Families(text); !families.empty()) {
        e.families = static_cast<uint16_t>(out_.families.size());
        out_.families.push_back(families);
      }
    }
    Initials();
  }

  void Initials() {
    const Dictionary& names = table_.dictionaries().names;
    const auto letter = [&](uint32_t id) {
      return id == 0 ? 0u : static_cast<uint32_t>(static_cast<uint8_t>(names.Of(id)[0]));
    };
    const auto f = Logs(
        kTermInitialFirst, 256, 0, [&] { return Count(256, [&](uint32_t r) { return letter(table_[r].first); }); },
        Itself());
    const auto l = Logs(
        kTermInitialLast, 256, 0, [&] { return Count(256, [&](uint32_t r) { return letter(table_[r].last); }); },
        Itself());
    std::copy(f.begin(), f.end(), out_.initial_first.begin());
    std::copy(l.begin(), l.end(), out_.initial_last.begin());
  }

  void Births() {
    uint32_t top = 0;
    for (uint32_t row = 0; row < table_.size(); ++row) top = std::max(top, table_[row].birth);
    const auto whole = [&](uint32_t r) { return DayOf(table_[r].birth) == 0 ? 0 : table_[r].birth; };
    out_.births = Logs(
        kTermBirth, top + 1, Duplicates(kBirth), [&] { return Count(top + 1, whole); }, Itself(), kBirth);
    const uint32_t years = YearOf(top) + 1;
    out_.years = Logs(
        kTermYear, years, Duplicates(kBirth),
        [&] { return Count(years, [&](uint32_t r) { return YearOf(table_[r].birth); }); }, Itself());
  }

  // A dictionary's own counts: values that records hold several of are counted there.
  static Counts CountsOf(const Dictionary& d) {
    Counts counts(d.size(), 0);
    for (uint32_t id = 1; id < d.size(); ++id) counts[id] = d.Count(id);
    return counts;
  }

  void Emails() {
    const Dictionary& emails = table_.dictionaries().emails;
    out_.emails = Logs(
        kTermEmail, emails.size(), Duplicates(kEmail), [&] { return CountsOf(emails); }, TextHash(emails), kEmail);
    out_.local_hash.resize(emails.size());
    std::vector<std::pair<uint64_t, uint32_t>> order;
    for (uint32_t id = 1; id < emails.size(); ++id) {
      const std::string_view text = emails.Of(id);
      const uint64_t hash = HashBytes(text.substr(0, text.rfind('@')));
      out_.local_hash[id] = static_cast<uint32_t>(hash);
      order.emplace_back(hash, id);
    }
    std::sort(order.begin(), order.end());
    out_.email_locals.resize(emails.size());
    const FieldFrequencies f = use_ != nullptr ? use_->fields[kTermEmailLocal] : Smooth(CountsOf(emails), 0);
    std::vector<std::pair<uint64_t, uint32_t>> values;
    for (size_t from = 0, to = 0; from < order.size(); from = to) {
      uint32_t sum = 0;
      for (to = from; to < order.size() && order[to].first == order[from].first; ++to)
        sum += emails.Count(order[to].second);
      const float log = use_ != nullptr ? f.Log(order[from].first) : LogOfCount(f, sum);
      for (size_t i = from; i < to; ++i) out_.email_locals[order[i].second] = log;
      values.emplace_back(order[from].first, sum);
    }
    if (learn_ != nullptr) Learn(kTermEmailLocal, f, std::move(values));
  }

  void Zips() {
    const Dictionary& zips = table_.dictionaries().zips;
    const auto count_zips = [&] { return Count(zips.size(), [&](uint32_t r) { return table_[r].zip; }); };
    out_.zips = Logs(kTermZip, zips.size(), Duplicates(kAddress), count_zips, TextHash(zips));
    Dictionary areas;
    std::vector<uint32_t> area_of(zips.size(), 0);
    for (uint32_t id = 1; id < zips.size(); ++id) area_of[id] = areas.Add(ZipArea(zips.Of(id)));
    const auto count_areas = [&] {
      Counts counts(areas.size(), 0);
      const Counts of_zips = count_zips();
      for (uint32_t id = 1; id < zips.size(); ++id) counts[area_of[id]] += of_zips[id];
      return counts;
    };
    const auto logs = Logs(kTermZipArea, areas.size(), Duplicates(kAddress), count_areas, TextHash(areas));
    out_.zip_areas.resize(zips.size());
    out_.area_hash.resize(zips.size());
    for (uint32_t id = 1; id < zips.size(); ++id) {
      out_.zip_areas[id] = logs[area_of[id]];
      out_.area_hash[id] = static_cast<uint32_t>(HashBytes(ZipArea(zips.Of(id)))) | 1;
    }
  }

  void Addresses() {
    const Dictionaries& d = table_.dictionaries();
    std::vector<std::pair<uint64_t, uint32_t>> order;
    for (uint32_t row = 0; row < table_.size(); ++row) {
      const Features& f = table_[row];
      if (f.street == 0) continue;
      const uint64_t place = f.zip != 0 ? HashBytes(d.zips.Of(f.zip)) : ~HashBytes(d.cities.Of(f.city));
      order.emplace_back(HashMix(HashMix(HashBytes(d.streets.Of(f.street)), f.number), place), row);
    }
    std::sort(order.begin(), order.end());
    Counts counts(1, 0);
    std::vector<uint64_t> hashes(1, 0);
    std::vector<uint32_t> number_of(table_.size(), 0);
    for (size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || order[i].first != order[i - 1].first) {
        counts.push_back(0);
        hashes.push_back(order[i].first);
      }
      ++counts.back();
      number_of[order[i].second] = static_cast<uint32_t>(counts.size() - 1);
    }
    const std::vector<float> logs = Logs(
        kTermAddress, counts.size(), Duplicates(kAddress), [&] { return counts; },
        [&](uint32_t id) { return hashes[id]; }, kAddress);
    out_.addresses.resize(table_.size());
    for (uint32_t row = 0; row < table_.size(); ++row) out_.addresses[row] = logs[number_of[row]];
  }

  static std::vector<uint32_t> Letters(const Dictionary& d) {
    std::vector<uint32_t> sets(d.size());
    for (uint32_t id = 1; id < d.size(); ++id) sets[id] = CharacterSet(d.Of(id));
    return sets;
  }

  void Plain() {
    out_.city_letters = Letters(table_.dictionaries().cities);
    out_.zip_letters = Letters(table_.dictionaries().zips);
    for (const Dictionary& a : table_.dictionaries().attributes) out_.attribute_letters.push_back(Letters(a));
    const Dictionaries& d = table_.dictionaries();
    out_.phones = Logs(
        kTermPhone, d.phones.size(), Duplicates(kPhone), [&] { return CountsOf(d.phones); }, TextHash(d.phones),
        kPhone);
    const auto plain = [&](size_t field, const Dictionary& values, int of, int evidence, auto get) {
      return Logs(
          field, values.size(), Duplicates(of), [&] { return Count(values.size(), get); }, TextHash(values), evidence);
    };
    out_.ids =
        plain(kTermNationalId, d.ids, kNationalId, kNationalId, [&](uint32_t r) { return table_[r].national_id; });
    out_.cities = plain(kTermCity, d.cities, kAddress, kEvidenceCount, [&](uint32_t r) { return table_[r].city; });
    out_.states = plain(kTermState, d.states, kAddress, kEvidenceCount, [&](uint32_t r) { return table_[r].state; });
    const auto logs = Logs(
        kTermSex, 4, Duplicates(kSex), [&] { return Count(4, [&](uint32_t r) { return table_[r].sex; }); }, Itself(),
        kSex);
    std::copy(logs.begin(), logs.end(), out_.sexes.begin());
    for (size_t i = 0; i < table_.attribute_count(); ++i) {
      const int evidence = kAttribute0 + static_cast<int>(i);
      out_.attributes.push_back(plain(kTermAttribute0 + i, d.attributes[i], evidence, evidence,
                                      [&](uint32_t r) { return table_.attribute(r, i); }));
    }
  }

  const Table& table_;
  const Duplication& duplication_;
  const Nicknames& nicknames_;
  const TermFrequencies* use_;
  TermFrequencies* learn_;
  Frequencies out_;
};

}  // namespace

std::string_view ZipArea(std::string_view folded) {
  const bool letters = folded.find_first_not_of("0123456789") != std::string_view::npos;
  if (letters && folded.size() > 4) return folded.substr(0, folded.size() - 3);
  return folded.substr(0, folded.size() > 4 ? 3 : 2);
}

Frequencies CountFrequencies(const Table& table, const Duplication& duplication, const Nicknames& nicknames,
                             TermFrequencies* learned) {
  return Builder(table, duplication, nicknames, nullptr, learned).Build();
}

Frequencies UseFrequencies(const Table& table, const TermFrequencies& learned, const Nicknames& nicknames) {
  return Builder(table, Duplication{}, nicknames, &learned, nullptr).Build();
}

uint64_t Frequencies::MemoryBytes() const {
  uint64_t sum = names.capacity() * sizeof(NameEntry) + (local_hash.capacity() + area_hash.capacity()) * 4;
  for (const auto* v :
       {&emails, &email_locals, &phones, &ids, &cities, &zips, &states, &zip_areas, &births, &years, &addresses})
    sum += v->capacity() * 4;
  for (const auto& v : attributes) sum += v.capacity() * 4;
  return sum;
}

}  // namespace migrate::dedupe
