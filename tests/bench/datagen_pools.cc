#include "datagen_pools.h"

#include <map>
#include <unordered_set>

namespace migrate::datagen {
namespace {

constexpr size_t kFirstCount = 1500, kLastCount = 50'000;

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::string WithBlanks(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c == '_') c = ' ';
  return out;
}

uint32_t Number(std::string_view text) {
  uint32_t n = 0;
  for (char c : text) n = n * 10 + static_cast<uint32_t>(c - '0');
  return n;
}

// "Key:value" entries of a list in the source.
std::map<std::string_view, std::string_view> Dictionary(std::string_view list) {
  std::map<std::string_view, std::string_view> out;
  for (std::string_view entry : Split(list, ' ')) {
    const size_t colon = entry.find(':');
    out[entry.substr(0, colon)] = entry.substr(colon + 1);
  }
  return out;
}

std::string MadeUpWord(Rng& rng, const std::vector<std::string_view>& ends) {
  static const auto kOnsets = Split("b br c ch d dr f g gr h j k kl l m n p r s sh st t th tr v w z", ' ');
  static const auto kRhymes = Split("a e i o u ai ea ie oo an en in on ar er or el al", ' ');
  std::string word;
  for (uint32_t n = 1 + rng.Below(2); n > 0; --n) {
    word += kOnsets[rng.Below(static_cast<uint32_t>(kOnsets.size()))];
    word += kRhymes[rng.Below(static_cast<uint32_t>(kRhymes.size()))];
  }
  word += ends[rng.Below(static_cast<uint32_t>(ends.size()))];
  word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

// The names of `list` in its order, then made-up ones until there are `size`.
std::vector<Name> Names(std::string_view list, size_t size, std::string_view made_up_ends, uint64_t number) {
  static const auto kNicknamesOf = Dictionary(kNicknames);
  static const auto kAccentsOf = Dictionary(kAccents);
  const auto ends = Split(made_up_ends, ' ');
  std::vector<Name> names;
  names.reserve(size);
  std::unordered_set<std::string> seen;
  auto add = [&](std::string text) {
    if (!seen.insert(text).second) return;
    Name name{std::move(text), "", "", {}};
    for (char c : name.text)
      if (c != '\'' && c != '-') name.key += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    if (auto it = kAccentsOf.find(name.text); it != kAccentsOf.end()) name.accented = it->second;
    if (auto it = kNicknamesOf.find(name.text); it != kNicknamesOf.end())
      for (std::string_view nickname : Split(it->second, ',')) name.nicknames.emplace_back(nickname);
    names.push_back(std::move(name));
  };
  for (std::string_view text : Split(list, ' ')) add(std::string(text));
  Rng rng(0, Stream::kPool, number);
  while (names.size() < size) {
    std::string word = MadeUpWord(rng, ends);
    if (word.size() >= 4 && word.size() <= 13) add(std::move(word));
  }
  return names;
}

std::string Ordinal(int n) {
  const char* suffix = "th";
  if (n % 100 < 11 || n % 100 > 13) suffix = n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
  return std::to_string(n) + suffix;
}

}  // namespace

Pools::Pools() {
  first[0] = Names(kMaleNames, kFirstCount, "son ton us el shawn bert o an rick mar", 0);
  first[1] = Names(kFemaleNames, kFirstCount, "a ia ena lyn ette ique elle anna isha", 1);
  last = Names(kLastNames, kLastCount,
               "son man ez ski berg stein ton ley field worth well ford ini ova kar mann sen by er s rath quist", 2);
  for (int sex = 0; sex < 2; ++sex) first_weights[static_cast<size_t>(sex)] = Weighted::Zipf(kFirstCount, 9);
  last_weights = Weighted::Zipf(kLastCount, 11);

  std::vector<uint32_t> weights;
  for (const StatePlaces& places : kPlaces) {
    for (std::string_view entry : Split(places.cities, ' ')) {
      const auto part = Split(entry, ':');
      const uint32_t weight = Number(part[3]);
      cities.push_back(City{WithBlanks(part[0]), places.state, Number(part[1]), Number(part[2]),
                            std::min<uint32_t>(98, 2 + 3 * weight)});
      weights.push_back(weight);
    }
  }
  city_weights = Weighted(weights);

  for (std::string_view name : Split(kStreets, ' ')) streets.push_back(WithBlanks(name));
  for (int n = 1; n < 140; ++n) streets.push_back(Ordinal(n));
  for (size_t i = 0; i < 4000; ++i) streets.push_back(last[i].text);
  street_weights = Weighted::Zipf(streets.size(), 60);

  weights = {380, 170, 120, 90, 60, 70, 30, 20, 20, 20, 10, 10};
  for (std::string_view domain :
       Split("gmail.com yahoo.com hotmail.com outlook.com aol.com icloud.com comcast.net att.net "
             "verizon.net live.com msn.com proton.me",
             ' '))
    domains.emplace_back(domain);
  for (size_t i = 0; i < 60; ++i) {
    for (const char* end : {"corp", "tech", "law", "med"}) {
      domains.push_back(last[500 + i].key + end + ".com");
      weights.push_back(1);
    }
  }
  domain_weights = Weighted(weights);
}

}  // namespace migrate::datagen
