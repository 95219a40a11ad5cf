#include "migrate/dedupe/frequency.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "migrate/dedupe/similarity.h"

namespace migrate::dedupe {
namespace {

using Counts = std::vector<uint32_t>;

// Turns counts of values into log2 frequencies as the header says.
class Smoother {
 public:
  Smoother(const Counts& counts, double duplicates) : duplicates_(duplicates) {
    double pairs = 0;
    for (size_t i = 1; i < counts.size(); ++i) {
      const double c = counts[i];
      n_ += c;
      pairs += c * (c - 1);
    }
    const double all = std::max(1.0, n_ * (n_ - 1));
    // Pairs of one person are not strangers; what is left is at least one chance pair in ten times the table.
    average_ = std::clamp((pairs - n_ * duplicates) / all, 0.1 / std::max(10.0, n_), 1.0);
  }
  float Log(double count) const {
    const double others = std::max(0.0, count - 1 - duplicates_) + 1;
    return static_cast<float>(std::log2(std::min(1.0, others / (n_ + 1 / average_))));
  }
  std::vector<float> All(const Counts& counts) const {
    std::vector<float> out(counts.size(), 0.0f);
    for (size_t i = 1; i < counts.size(); ++i) out[i] = Log(counts[i]);
    return out;
  }
  double average() const { return average_; }

 private:
  double duplicates_ = 0, n_ = 0, average_ = 0;
};

class Builder {
 public:
  Builder(const Table& table, const Duplication& duplication, const Nicknames& nicknames)
      : table_(table), duplication_(duplication), nicknames_(nicknames) {}

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

  std::vector<float> Smooth(const Counts& counts, int evidence) {
    const Smoother smoother(counts, Duplicates(evidence));
    if (out_.average[static_cast<size_t>(evidence)] == 0)
      out_.average[static_cast<size_t>(evidence)] = smoother.average();
    return smoother.All(counts);
  }

  void Names() {
    const Dictionary& names = table_.dictionaries().names;
    const auto first = Smooth(Count(names.size(), [&](uint32_t r) { return table_[r].first; }), kFirst);
    const auto last_of = [&](bool company) {
      return Count(names.size(), [&](uint32_t r) { return table_[r].company == company ? table_[r].last : 0; });
    };
    const auto last = Smooth(last_of(false), kLast);
    const Counts company_counts = last_of(true);
    const auto company = Smooth(company_counts, kCompany);
    Counts any(names.size(), 0);
    for (uint32_t row = 0; row < table_.size(); ++row)
      for (const uint32_t word : table_[row].words) ++any[word];
    any[0] = 0;
    const auto words = Smooth(any, kLast);
    out_.names.resize(names.size());
    out_.families.resize(1);
    for (uint32_t id = 1; id < names.size(); ++id) {
      const std::string_view text = names.Of(id);
      NameEntry& e = out_.names[id];
      e.characters = CharacterSet(text);
      e.soundex = Soundex(text);
      e.log_first = first[id];
      e.log_last = company_counts[id] != 0 ? std::max(last[id], company[id]) : last[id];
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
    const Counts first = Count(256, [&](uint32_t r) { return letter(table_[r].first); });
    const Counts last = Count(256, [&](uint32_t r) { return letter(table_[r].last); });
    const auto f = Smoother(first, 0).All(first), l = Smoother(last, 0).All(last);
    std::copy(f.begin(), f.end(), out_.initial_first.begin());
    std::copy(l.begin(), l.end(), out_.initial_last.begin());
  }

  void Births() {
    uint32_t top = 0;
    for (uint32_t row = 0; row < table_.size(); ++row) top = std::max(top, table_[row].birth);
    Counts dates = Count(top + 1, [&](uint32_t r) { return DayOf(table_[r].birth) == 0 ? 0 : table_[r].birth; });
    out_.births = Smooth(dates, kBirth);
    const Counts years = Count(YearOf(top) + 1, [&](uint32_t r) { return YearOf(table_[r].birth); });
    out_.years = Smoother(years, Duplicates(kBirth)).All(years);
  }

  void Emails() {
    const Dictionary& emails = table_.dictionaries().emails;
    Counts counts(emails.size(), 0);
    for (uint32_t id = 1; id < emails.size(); ++id) counts[id] = emails.Count(id);
    out_.emails = Smooth(counts, kEmail);
    out_.local_hash.resize(emails.size());
    std::vector<std::pair<uint32_t, uint32_t>> order;
    for (uint32_t id = 1; id < emails.size(); ++id) {
      const std::string_view text = emails.Of(id);
      out_.local_hash[id] = static_cast<uint32_t>(HashBytes(text.substr(0, text.rfind('@'))));
      order.emplace_back(out_.local_hash[id], id);
    }
    std::sort(order.begin(), order.end());
    out_.email_locals.resize(emails.size());
    const Smoother smoother(counts, 0);
    for (size_t from = 0, to = 0; from < order.size(); from = to) {
      double sum = 0;
      for (to = from; to < order.size() && order[to].first == order[from].first; ++to) sum += counts[order[to].second];
      for (size_t i = from; i < to; ++i) out_.email_locals[order[i].second] = smoother.Log(sum);
    }
  }

  void Zips() {
    const Dictionary& zips = table_.dictionaries().zips;
    const Counts counts = Count(zips.size(), [&](uint32_t r) { return table_[r].zip; });
    const Smoother smoother(counts, Duplicates(kAddress));
    out_.zips = smoother.All(counts);
    Dictionary areas;
    std::vector<uint32_t> area_of(zips.size(), 0);
    Counts area_counts(1, 0);
    for (uint32_t id = 1; id < zips.size(); ++id) {
      area_of[id] = areas.Add(ZipArea(zips.Of(id)));
      area_counts.resize(areas.size(), 0);
      area_counts[area_of[id]] += counts[id];
    }
    out_.zip_areas.resize(zips.size());
    out_.area_hash.resize(zips.size());
    const Smoother area_smoother(area_counts, Duplicates(kAddress));
    for (uint32_t id = 1; id < zips.size(); ++id) {
      out_.zip_areas[id] = area_smoother.Log(area_counts[area_of[id]]);
      out_.area_hash[id] = static_cast<uint32_t>(HashBytes(ZipArea(zips.Of(id)))) | 1;
    }
  }

  void Addresses() {
    std::vector<std::pair<uint64_t, uint32_t>> order;
    for (uint32_t row = 0; row < table_.size(); ++row) {
      const Features& f = table_[row];
      if (f.street == 0) continue;
      order.emplace_back(HashMix(HashMix(f.street, f.number), f.zip != 0 ? f.zip : ~uint64_t{f.city}), row);
    }
    std::sort(order.begin(), order.end());
    Counts counts(1, 0);
    std::vector<uint32_t> number_of(table_.size(), 0);
    for (size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || order[i].first != order[i - 1].first) counts.push_back(0);
      ++counts.back();
      number_of[order[i].second] = static_cast<uint32_t>(counts.size() - 1);
    }
    const std::vector<float> logs = Smooth(counts, kAddress);
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
    Counts phones(d.phones.size(), 0);
    for (uint32_t id = 1; id < d.phones.size(); ++id) phones[id] = d.phones.Count(id);
    out_.phones = Smooth(phones, kPhone);
    out_.ids = Smooth(Count(d.ids.size(), [&](uint32_t r) { return table_[r].national_id; }), kNationalId);
    const auto place = [&](size_t size, auto get) {
      const Counts counts = Count(size, get);
      return Smoother(counts, Duplicates(kAddress)).All(counts);
    };
    out_.cities = place(d.cities.size(), [&](uint32_t r) { return table_[r].city; });
    out_.states = place(d.states.size(), [&](uint32_t r) { return table_[r].state; });
    const Counts sexes = Count(4, [&](uint32_t r) { return table_[r].sex; });
    const auto logs = Smooth(sexes, kSex);
    std::copy(logs.begin(), logs.end(), out_.sexes.begin());
    for (size_t i = 0; i < table_.attribute_count(); ++i)
      out_.attributes.push_back(
          Smooth(Count(d.attributes[i].size(), [&](uint32_t r) { return table_.attribute(r, i); }),
                 kAttribute0 + static_cast<int>(i)));
  }

  const Table& table_;
  const Duplication& duplication_;
  const Nicknames& nicknames_;
  Frequencies out_;
};

}  // namespace

std::string_view ZipArea(std::string_view folded) {
  const bool letters = folded.find_first_not_of("0123456789") != std::string_view::npos;
  if (letters && folded.size() > 4) return folded.substr(0, folded.size() - 3);
  return folded.substr(0, folded.size() > 4 ? 3 : 2);
}

Frequencies CountFrequencies(const Table& table, const Duplication& duplication, const Nicknames& nicknames) {
  return Builder(table, duplication, nicknames).Build();
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
