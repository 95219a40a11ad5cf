#include "datagen_pools.h"

#include <map>
#include <unordered_set>

namespace migrate::datagen {
namespace {

// Names beyond the real ones that are kept ready: the streets and companies are named after some.
constexpr size_t kFirstCount = 1500, kLastCount = 8000;
constexpr std::array<std::string_view, 2> kFirstEnds = {"son ton us el shawn bert o an rick mar",
                                                        "a ia ena lyn ette ique elle anna isha"};
constexpr std::string_view kLastEnds =
    "son man ez ski berg stein ton ley field worth well ford ini ova kar mann sen by er s rath quist";

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

const std::vector<std::string_view>& Syllables() {
  static const auto kSyllables = [] {
    static std::vector<std::string> words;
    std::vector<std::string_view> views;
    for (std::string_view onset : Split("b br c ch d dr f g gr h j k kl l m n p r s sh st t th tr v w z", ' '))
      for (std::string_view rhyme : Split("a e i o u ai ea ie oo an en in on ar er or el al", ' '))
        words.push_back(std::string(onset) + std::string(rhyme));
    for (const std::string& word : words) views.push_back(word);
    return views;
  }();
  return kSyllables;
}

// The n-th word of two syllables and an end, in a scattered order; further ones begin with a particle. Different n give
// different words, but for a few that can be split in two ways.
std::string MadeUpWord(uint64_t n, const std::vector<std::string_view>& ends) {
  static constexpr std::array<std::string_view, 6> kParticles = {"", "De", "Mc", "Van", "La", "Di"};
  const auto& syllables = Syllables();
  const uint64_t words = syllables.size() * syllables.size() * ends.size();
  const uint64_t particle = n / words;
  // A prime that divides no number of words, so that n -> n * prime is a permutation.
  uint64_t at = n % words * 2'147'483'647 % words;
  std::string word(syllables[at % syllables.size()]);
  at /= syllables.size();
  word += syllables[at % syllables.size()];
  word += ends[at / syllables.size()];
  word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return std::string(kParticles[particle % kParticles.size()]) + word;
}

void SetKey(Name& name) {
  name.key.clear();
  for (char c : name.text)
    if (c != '\'' && c != '-') name.key += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

// The names of `list` in its order, then made-up ones until there are `size`.
std::vector<Name> Names(std::string_view list, size_t size, const std::vector<std::string_view>& ends) {
  static const auto kNicknamesOf = Dictionary(kNicknames);
  static const auto kAccentsOf = Dictionary(kAccents);
  static const auto kScriptsOf = Dictionary(kScripts);
  std::vector<Name> names;
  names.reserve(size);
  std::unordered_set<std::string> seen;
  auto add = [&](std::string text) {
    if (!seen.insert(text).second) return;
    Name name{std::move(text), "", "", true, {}};
    SetKey(name);
    if (auto it = kAccentsOf.find(name.text); it != kAccentsOf.end()) name.accented = it->second;
    if (auto it = kScriptsOf.find(name.text); it != kScriptsOf.end()) {
      name.accented = it->second;
      name.latin1 = false;
    }
    if (auto it = kNicknamesOf.find(name.text); it != kNicknamesOf.end())
      for (std::string_view nickname : Split(it->second, ',')) name.nicknames.emplace_back(nickname);
    names.push_back(std::move(name));
  };
  for (std::string_view text : Split(list, ' ')) add(std::string(text));
  for (uint64_t n = 0; names.size() < size; ++n) add(MadeUpWord(n, ends));
  return names;
}

// Names beyond a list: the made-up words behind those that lengthened it.
const Name& Beyond(const std::vector<Name>& list, uint32_t rank, const std::vector<std::string_view>& ends,
                   Name& scratch) {
  scratch.text = MadeUpWord(uint64_t{rank} + list.size(), ends);
  scratch.accented.clear();
  scratch.nicknames.clear();
  SetKey(scratch);
  return scratch;
}

std::string Ordinal(int n) {
  const char* suffix = "th";
  if (n % 100 < 11 || n % 100 > 13) suffix = n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
  return std::to_string(n) + suffix;
}

}  // namespace

Pools::Pools() {
  first_ends = {Split(kFirstEnds[0], ' '), Split(kFirstEnds[1], ' ')};
  last_ends = Split(kLastEnds, ' ');
  first[0] = Names(kMaleNames, kFirstCount, first_ends[0]);
  first[1] = Names(kFemaleNames, kFirstCount, first_ends[1]);
  last = Names(kLastNames, kLastCount, last_ends);
  first_weights = {FirstNameFrequency(false), FirstNameFrequency(true)};
  last_weights = LastNameFrequency();

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

const Name& Pools::First(bool female, uint32_t rank, Name& scratch) const {
  const std::vector<Name>& names = first[female];
  return rank < names.size() ? names[rank] : Beyond(names, rank, first_ends[female], scratch);
}

const Name& Pools::Last(uint32_t rank, Name& scratch) const {
  return rank < last.size() ? last[rank] : Beyond(last, rank, last_ends, scratch);
}

}  // namespace migrate::datagen
