#include <algorithm>
#include <bit>
#include <functional>
#include <optional>
#include <utility>

#include "hash_ranges.h"
#include "migrate/dedupe/column.h"
#include "migrate/dedupe/frequency.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

using Counts = ValueCounts::Numbers;

// Counts of numbers, by records or by their weights, which are rounded in the end. Number 0 is not counted.
class Tally {
 public:
  Tally(size_t size, const RowWeights* weights)
      : weights_(weights), counts_(weights == nullptr ? size : 0, 0), sums_(weights == nullptr ? 0 : size, 0) {}
  void Add(uint32_t number, uint32_t row) {
    if (weights_ == nullptr)
      ++counts_[number];
    else
      sums_[number] += static_cast<double>((*weights_)[row]);
  }
  Counts Take() {
    for (const double sum : sums_) counts_.push_back(static_cast<uint32_t>(sum + 0.5));
    if (!counts_.empty()) counts_[0] = 0;
    return std::move(counts_);
  }

 private:
  const RowWeights* weights_;
  Counts counts_;
  std::vector<double> sums_;
};

template <class Get>
Counts Count(const Table& table, const RowWeights* weights, size_t size, Get get) {
  Tally tally(size, weights);
  for (uint32_t row = 0; row < table.size(); ++row) tally.Add(get(table[row]), row);
  return tally.Take();
}

// What a row says of a value. 12 bytes.
struct WeighedHash {
  WeighedHash(uint64_t hash, float w)
      : low(static_cast<uint32_t>(hash)), high(static_cast<uint32_t>(hash >> 32)), weight(w) {}
  uint64_t hash() const { return uint64_t{high} << 32 | low; }
  uint32_t low, high;
  float weight;
};
struct PlainHash {
  PlainHash(uint64_t hash, float) : value(hash) {}
  uint64_t hash() const { return value; }
  uint64_t value;
};

// Sorts by three counting passes over the upper 33 bits; hashes that are equal there are few, and sorted at the end.
template <class Entry>
void SortHashes(Column<Entry>* entries) {
  constexpr unsigned kBits = 11, kLowest = 31;
  constexpr uint64_t kMask = (1u << kBits) - 1;
  Column<Entry> scratch;
  scratch.Extend(entries->size());
  for (unsigned shift = kLowest; shift < 64; shift += kBits) {
    std::vector<size_t> at(size_t{1} << kBits, 0);
    for (const Entry& e : *entries) ++at[e.hash() >> shift & kMask];
    size_t sum = 0;
    for (size_t& n : at) n = std::exchange(sum, sum + n);
    for (const Entry& e : *entries) scratch[at[e.hash() >> shift & kMask]++] = e;
    entries->swap(scratch);
  }
  for (size_t from = 0, to = 0; from < entries->size(); from = to) {
    const uint64_t upper = (*entries)[from].hash() >> kLowest;
    bool mixed = false;
    for (to = from + 1; to < entries->size() && (*entries)[to].hash() >> kLowest == upper; ++to)
      mixed |= (*entries)[to].hash() != (*entries)[from].hash();
    if (mixed)
      std::stable_sort(entries->begin() + from, entries->begin() + to,
                       [](const Entry& x, const Entry& y) { return x.hash() < y.hash(); });
  }
}

double WeightOf(const WeighedHash& entry) { return static_cast<double>(entry.weight); }
double WeightOf(const PlainHash&) { return 1; }

// A value whose rows weigh less than one and a half is no repeated one.
void AddValue(uint64_t hash, double weight, ValueCounts::Hashed* out) {
  out->distinct += 1;
  out->records += weight;
  if (weight >= 1.5) out->repeated->emplace_back(hash, static_cast<uint32_t>(weight + 0.5));
}

// Values that a large part of all entries have: they are summed instead of being sorted.
class Hubs {
 public:
  template <class Entry>
  void Find(const Column<Entry>& some) {
    for (const uint64_t hash : CommonHashes(some)) sums_.emplace_back(hash, 0.0);
  }
  bool Take(uint64_t hash, double weight) {
    for (auto& [hub, sum] : sums_) {
      if (hub != hash) continue;
      sum += weight;
      return true;
    }
    return false;
  }
  // Adds those below a hash to what was counted.
  void AddBelow(uint64_t hash, ValueCounts::Hashed* out) {
    for (; next_ < sums_.size() && sums_[next_].first < hash; ++next_)
      AddValue(sums_[next_].first, sums_[next_].second, out);
  }

 private:
  std::vector<std::pair<uint64_t, double>> sums_;  // ascending
  size_t next_ = 0;
};

template <class Entry>
void CountSorted(Column<Entry>* entries, Hubs* hubs, ValueCounts::Hashed* out) {
  SortHashes(entries);
  for (size_t from = 0, to = 0; from < entries->size(); from = to) {
    const uint64_t hash = (*entries)[from].hash();
    double sum = 0;
    for (to = from; to < entries->size() && (*entries)[to].hash() == hash; ++to) sum += WeightOf((*entries)[to]);
    hubs->AddBelow(hash, out);
    AddValue(hash, sum, out);
  }
  hubs->AddBelow(~uint64_t{0}, out);
}

template <class Entry>
void CountRange(const HashRanges<Entry>& ranges, size_t range, const HashRoom& room, Column<Entry>* entries,
                ValueCounts::Hashed* out) {
  Hubs hubs;
  entries->Truncate(0);
  if (ranges.EntriesOf(range) <= room.entries) {
    ranges.Read(range, entries);
  } else {
    bool first = true;
    ranges.EachPiece(range, [&](const Column<Entry>& piece) {
      if (std::exchange(first, false)) hubs.Find(piece);
      for (const Entry& e : piece)
        if (!hubs.Take(e.hash(), WeightOf(e))) entries->push_back(e);
    });
  }
  CountSorted(entries, &hubs, out);
}

// each(take) calls take(hash, row) for every value of every record.
template <class Entry, class Each>
ValueCounts::Hashed CountEach(Each each, uint32_t rows, const RowWeights* weights, const HashRoom& room) {
  ValueCounts::Hashed out;
  Column<Entry> entries;
  std::optional<HashRanges<Entry>> ranges;
  each([&](uint64_t hash, uint32_t row) {
    const Entry entry(hash, weights == nullptr ? 1 : (*weights)[row]);
    if (ranges) return ranges->Add(entry);
    entries.push_back(entry);
    if (entries.size() < room.entries || room.scratch.empty()) return;
    ranges.emplace(room, static_cast<double>(entries.size()) * rows / (row + 1.0));
    for (const Entry& e : entries) ranges->Add(e);
    entries.Clear();
  });
  if (!ranges) {
    Hubs none;
    CountSorted(&entries, &none, &out);
  } else {
    ranges->Finish();
    for (size_t range = 0; range < ranges->size(); ++range) CountRange(*ranges, range, room, &entries, &out);
  }
  entries.Clear();
  out.repeated->shrink_to_fit();
  return out;
}

template <class Each>
ValueCounts::Hashed CountHashed(Each each, const Table& table, const RowWeights* weights, const HashRoom& room) {
  return weights == nullptr ? CountEach<PlainHash>(each, table.size(), nullptr, room)
                            : CountEach<WeighedHash>(each, table.size(), weights, room);
}

void CountNames(const Table& table, const RowWeights* weights, ValueCounts* out) {
  const Dictionary& names = table.dictionaries().names;
  const size_t size = names.size();
  Tally first(size, weights), last(size, weights), company(size, weights), words(size, weights);
  Tally initial_first(256, weights), initial_last(256, weights);
  std::vector<uint8_t> letter(size, 0);
  for (uint32_t id = 1; id < size; ++id) letter[id] = static_cast<uint8_t>(names.Of(id)[0]);
  for (uint32_t row = 0; row < table.size(); ++row) {
    const Features f = table[row];
    first.Add(f.first, row);
    (f.company ? company : last).Add(f.last, row);
    for (const uint32_t word : f.words) words.Add(word, row);
    initial_first.Add(letter[f.first], row);
    initial_last.Add(letter[f.last], row);
  }
  out->first = first.Take();
  out->last = last.Take();
  out->company = company.Take();
  out->words = words.Take();
  out->initial_first = initial_first.Take();
  out->initial_last = initial_last.Take();
}

void CountDates(const Table& table, const RowWeights* weights, ValueCounts* out) {
  uint32_t top = 0;
  for (uint32_t row = 0; row < table.size(); ++row) top = std::max(top, table.birth(row));
  const auto whole = [](const Features& f) { return DayOf(f.birth) == 0 ? 0 : f.birth; };
  out->births = Count(table, weights, top + 1, whole);
  out->years = Count(table, weights, YearOf(top) + 1, [](const Features& f) { return YearOf(f.birth); });
  out->sexes = Count(table, weights, 4, [](const Features& f) { return f.sex; });
}

void CountPlaces(const Table& table, const RowWeights* weights, ValueCounts* out) {
  const Dictionaries& d = table.dictionaries();
  out->zips = Count(table, weights, d.zips.size(), [](const Features& f) { return f.zip; });
  out->cities = Count(table, weights, d.cities.size(), [](const Features& f) { return f.city; });
  out->states = Count(table, weights, d.states.size(), [](const Features& f) { return f.state; });
  Dictionary areas;
  for (uint32_t id = 1; id < d.zips.size(); ++id) {
    const uint32_t area = areas.Add(ZipArea(d.zips.Of(id)));
    if (area >= out->zip_areas.size()) out->zip_areas.resize(area + 1, 0);
    out->zip_areas[area] += out->zips[id];
  }
  out->zip_areas.resize(areas.size(), 0);
  if (!out->zip_areas.empty()) out->zip_areas[0] = 0;
  for (size_t i = 0; i < table.attribute_count(); ++i) {
    Tally tally(d.attributes[i].size(), weights);
    for (uint32_t row = 0; row < table.size(); ++row) tally.Add(table.attribute(row, i), row);
    out->attributes.push_back(tally.Take());
  }
}

template <class HashOf>
auto EachEmail(const Table& table, HashOf hash_of) {
  return [&table, hash_of](auto take) {
    const Texts& emails = table.dictionaries().emails;
    for (uint32_t row = 0; row < table.size(); ++row) {
      const Features f = table[row];
      if (f.email != 0) take(hash_of(emails.Of(f.email)), row);
      for (const uint32_t more : table.MoreEmails(f))
        if (more != 0) take(hash_of(emails.Of(more)), row);
    }
  };
}

auto EachPhone(const Table& table) {
  return [&table](auto take) {
    for (uint32_t row = 0; row < table.size(); ++row) {
      const Features f = table[row];
      if (f.phone != 0) take(Frequencies::PhoneHash(f.phone), row);
      for (const PhoneBits more : table.MorePhones(f))
        if (more != 0) take(Frequencies::PhoneHash(more), row);
    }
  };
}

auto EachAddress(const Table& table) {
  return [&table](auto take) {
    Frequencies hashes;
    HashPlaces(table, &hashes);
    for (uint32_t row = 0; row < table.size(); ++row)
      if (const Features f = table[row]; f.street != 0) take(hashes.AddressHash(table, f), row);
  };
}

auto EachId(const Table& table) {
  return [&table](auto take) {
    for (uint32_t row = 0; row < table.size(); ++row)
      if (const Features f = table[row]; f.national_id != 0)
        take(HashBytes(table.dictionaries().ids.Of(f.national_id)), row);
  };
}

ValueCounts CountThem(const Table& table, const CountOptions& options, bool all, const RowWeights* weights) {
  ValueCounts out;
  HashRoom room;
  if (options.memory_bytes != 0 && !options.scratch.empty()) {
    constexpr size_t kLeast = 1024;
    // An entry, and its place while they are sorted.
    room.entries = std::max(kLeast, options.memory_bytes / std::max(1u, options.threads) / (2 * sizeof(WeighedHash)));
    room.scratch = options.scratch;
  }
  const auto text = [](std::string_view e) { return HashBytes(e); };
  const auto local = [](std::string_view e) { return Frequencies::LocalHash(e); };
  std::vector<std::function<void()>> works = {
      [&] { out.email = CountHashed(EachEmail(table, text), table, weights, room); },
      [&] { out.phone = CountHashed(EachPhone(table), table, weights, room); },
      [&] { out.national_id = CountHashed(EachId(table), table, weights, room); },
      [&] { CountDates(table, weights, &out); },
  };
  if (all) {
    works.emplace_back([&] { out.address = CountHashed(EachAddress(table), table, weights, room); });
    works.emplace_back([&] { out.email_local = CountHashed(EachEmail(table, local), table, weights, room); });
    works.emplace_back([&] { CountNames(table, weights, &out); });
    works.emplace_back([&] { CountPlaces(table, weights, &out); });
  }
  ParallelParts(options.threads, works.size(), nullptr, [&](size_t i) { works[i](); });
  return out;
}

}  // namespace

ValueCounts CountValues(const Table& table, const CountOptions& options, const RowWeights* weights) {
  return CountThem(table, options, true, weights);
}
ValueCounts CountContacts(const Table& table, const CountOptions& options) {
  return CountThem(table, options, false, nullptr);
}

RowWeights WeightsByPerson(const std::vector<uint32_t>& cluster, double* records_per_person) {
  std::vector<uint32_t> sizes(cluster.size(), 0);
  for (const uint32_t c : cluster) ++sizes[c];
  const auto persons = std::count_if(sizes.begin(), sizes.end(), [](uint32_t size) { return size != 0; });
  *records_per_person = static_cast<double>(cluster.size()) / static_cast<double>(std::max<ptrdiff_t>(1, persons));
  RowWeights weights(cluster.size());
  for (size_t row = 0; row < cluster.size(); ++row)
    weights[row] = static_cast<float>(*records_per_person / sizes[cluster[row]]);
  return weights;
}

}  // namespace migrate::dedupe
