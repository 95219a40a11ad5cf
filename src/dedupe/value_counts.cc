#include <algorithm>
#include <functional>
#include <utility>

#include "migrate/dedupe/frequency.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

using Counts = ValueCounts::Numbers;

template <class Get>
Counts Count(const Table& table, size_t size, Get get) {
  Counts counts(size, 0);
  for (uint32_t row = 0; row < table.size(); ++row) ++counts[get(table[row])];
  if (size > 0) counts[0] = 0;
  return counts;
}

// Sorts by three counting passes over the upper 33 bits; hashes that are equal there are few, and sorted at the end.
void SortHashes(std::vector<uint64_t>* hashes) {
  constexpr unsigned kBits = 11, kLowest = 31;
  constexpr uint64_t kMask = (1u << kBits) - 1;
  std::vector<uint64_t> scratch(hashes->size());
  for (unsigned shift = kLowest; shift < 64; shift += kBits) {
    std::vector<size_t> at(size_t{1} << kBits, 0);
    for (const uint64_t h : *hashes) ++at[h >> shift & kMask];
    size_t sum = 0;
    for (size_t& n : at) n = std::exchange(sum, sum + n);
    for (const uint64_t h : *hashes) scratch[at[h >> shift & kMask]++] = h;
    hashes->swap(scratch);
  }
  for (size_t from = 0, to = 0; from < hashes->size(); from = to) {
    for (to = from + 1; to < hashes->size() && (*hashes)[to] >> kLowest == (*hashes)[from] >> kLowest; ++to) {
    }
    if (to - from > 1)
      std::sort(hashes->begin() + static_cast<ptrdiff_t>(from), hashes->begin() + static_cast<ptrdiff_t>(to));
  }
}

// each(take) calls take(hash) for every value of every record.
template <class Each>
ValueCounts::Hashed CountHashed(Each each) {
  std::vector<uint64_t> hashes;
  each([&](uint64_t hash) { hashes.push_back(hash); });
  SortHashes(&hashes);
  ValueCounts::Hashed out;
  out.records = static_cast<double>(hashes.size());
  for (size_t from = 0, to = 0; from < hashes.size(); from = to) {
    for (to = from + 1; to < hashes.size() && hashes[to] == hashes[from]; ++to) {
    }
    out.distinct += 1;
    if (to - from > 1) out.repeated.emplace_back(hashes[from], static_cast<uint32_t>(to - from));
  }
  return out;
}

void CountNames(const Table& table, ValueCounts* out) {
  const Dictionary& names = table.dictionaries().names;
  const size_t size = names.size();
  for (Counts* counts : {&out->first, &out->last, &out->company, &out->words}) counts->assign(size, 0);
  out->initial_first.assign(256, 0);
  out->initial_last.assign(256, 0);
  std::vector<uint8_t> letter(size, 0);
  for (uint32_t id = 1; id < size; ++id) letter[id] = static_cast<uint8_t>(names.Of(id)[0]);
  for (uint32_t row = 0; row < table.size(); ++row) {
    const Features f = table[row];
    ++out->first[f.first];
    ++(f.company ? out->company : out->last)[f.last];
    for (const uint32_t word : f.words) ++out->words[word];
    ++out->initial_first[letter[f.first]];
    ++out->initial_last[letter[f.last]];
  }
  for (Counts* counts : {&out->first, &out->last, &out->company, &out->words, &out->initial_first, &out->initial_last})
    (*counts)[0] = 0;
}

void CountDates(const Table& table, ValueCounts* out) {
  uint32_t top = 0;
  for (uint32_t row = 0; row < table.size(); ++row) top = std::max(top, table.birth(row));
  out->births = Count(table, top + 1, [](const Features& f) { return DayOf(f.birth) == 0 ? 0 : f.birth; });
  out->years = Count(table, YearOf(top) + 1, [](const Features& f) { return YearOf(f.birth); });
  out->sexes = Count(table, 4, [](const Features& f) { return f.sex; });
}

void CountPlaces(const Table& table, ValueCounts* out) {
  const Dictionaries& d = table.dictionaries();
  out->zips = Count(table, d.zips.size(), [](const Features& f) { return f.zip; });
  out->cities = Count(table, d.cities.size(), [](const Features& f) { return f.city; });
  out->states = Count(table, d.states.size(), [](const Features& f) { return f.state; });
  Dictionary areas;
  for (uint32_t id = 1; id < d.zips.size(); ++id) {
    const uint32_t area = areas.Add(ZipArea(d.zips.Of(id)));
    if (area >= out->zip_areas.size()) out->zip_areas.resize(area + 1, 0);
    out->zip_areas[area] += out->zips[id];
  }
  out->zip_areas.resize(areas.size(), 0);
  if (!out->zip_areas.empty()) out->zip_areas[0] = 0;
  for (size_t i = 0; i < table.attribute_count(); ++i) {
    Counts counts(d.attributes[i].size(), 0);
    for (uint32_t row = 0; row < table.size(); ++row) ++counts[table.attribute(row, i)];
    counts[0] = 0;
    out->attributes.push_back(std::move(counts));
  }
}

template <class HashOf>
auto EachEmail(const Table& table, HashOf hash_of) {
  return [&table, hash_of](auto take) {
    const Texts& emails = table.dictionaries().emails;
    for (uint32_t row = 0; row < table.size(); ++row) {
      const Features f = table[row];
      if (f.email != 0) take(hash_of(emails.Of(f.email)));
      for (const uint32_t more : table.MoreEmails(f))
        if (more != 0) take(hash_of(emails.Of(more)));
    }
  };
}

auto EachPhone(const Table& table) {
  return [&table](auto take) {
    for (uint32_t row = 0; row < table.size(); ++row) {
      const Features f = table[row];
      if (f.phone != 0) take(Frequencies::PhoneHash(f.phone));
      for (const PhoneBits more : table.MorePhones(f))
        if (more != 0) take(Frequencies::PhoneHash(more));
    }
  };
}

auto EachAddress(const Table& table) {
  return [&table](auto take) {
    Frequencies hashes;
    HashPlaces(table, &hashes);
    for (uint32_t row = 0; row < table.size(); ++row)
      if (const Features f = table[row]; f.street != 0) take(hashes.AddressHash(table, f));
  };
}

auto EachId(const Table& table) {
  return [&table](auto take) {
    for (uint32_t row = 0; row < table.size(); ++row)
      if (const Features f = table[row]; f.national_id != 0)
        take(HashBytes(table.dictionaries().ids.Of(f.national_id)));
  };
}

}  // namespace

ValueCounts CountValues(const Table& table, unsigned threads) {
  ValueCounts out;
  const std::vector<std::function<void()>> works = {
      [&] { out.email = CountHashed(EachEmail(table, [](std::string_view e) { return HashBytes(e); })); },
      [&] { out.phone = CountHashed(EachPhone(table)); },
      [&] { out.address = CountHashed(EachAddress(table)); },
      [&] {
        out.email_local = CountHashed(EachEmail(table, [](std::string_view e) { return Frequencies::LocalHash(e); }));
      },
      [&] { out.national_id = CountHashed(EachId(table)); },
      [&] { CountNames(table, &out); },
      [&] { CountPlaces(table, &out); },
      [&] { CountDates(table, &out); },
  };
  ParallelParts(threads, works.size(), nullptr, [&](size_t i) { works[i](); });
  return out;
}

}  // namespace migrate::dedupe
