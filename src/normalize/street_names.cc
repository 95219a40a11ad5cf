#include <iterator>

#include "migrate/normalize/casing.h"
#include "street_parts.h"

namespace migrate::normalize {
namespace {

// A road system and the words for it; '/' parts spellings of one word. The longer ones come first.
struct RoadWords {
  std::string_view name, words;
};

constexpr RoadWords kRoads[] = {{"FM", "farm to market rd/road"},
                                {"FM", "farm to market"},
                                {"FM", "hwy fm"},
                                {"FM", "fm"},
                                {"Ranch Road", "ranch rd/road"},
                                {"County Road", "co/cty/cnty/county rd/road"},
                                {"County Highway", "co/cty/cnty/county hwy/highway"},
                                {"County Road", "cr"},
                                {"State Highway", "st/state hwy/highway"},
                                {"State Route", "st/state rt/rte/route"},
                                {"State Road", "st/state rd/road"},
                                {"US Highway", "us hwy/highway"},
                                {"US Route", "us rt/rte/route"},
                                {"US Highway", "us"},
                                {"Township Road", "twp/township rd/road"},
                                {"Interstate", "interstate hwy/highway"},
                                {"Interstate", "interstate/ih/i"},
                                {"Highway", "hwy/highway/hiway"},
                                {"Route", "rt/rte/route"},
                                {"Road", "rd/road"}};

bool IsOneOf(std::string_view word, std::string_view spellings) {
  while (!spellings.empty()) {
    const size_t end = spellings.find('/');
    if (EqualsIgnoreCase(word, spellings.substr(0, end))) return true;
    spellings = end == std::string_view::npos ? std::string_view() : spellings.substr(end + 1);
  }
  return false;
}

// How many words of words[i, end) are `pattern`; 0 if they are not.
size_t Matches(const Words& words, size_t i, size_t end, std::string_view pattern) {
  size_t n = 0;
  while (!pattern.empty()) {
    const size_t blank = pattern.find(' ');
    if (i + n >= end || !IsOneOf(words[i + n], pattern.substr(0, blank))) return 0;
    ++n;
    pattern = blank == std::string_view::npos ? std::string_view() : pattern.substr(blank + 1);
  }
  return n;
}

bool IsRoadNumber(std::string_view word) { return IsDigit(word[0]) && !IsOrdinal(word); }

// A word that may begin one of kRoads, for most words do not.
bool MayBeginRoad(std::string_view word) {
  constexpr CharSet kFirst = "cfhirstuCFHIRSTU";
  if (!kFirst.Contains(word[0])) return false;
  static const WordTable table{{"farm", 1},  {"hwy", 1},   {"fm", 1},      {"ranch", 1},    {"co", 1},
                               {"cty", 1},   {"cnty", 1},  {"county", 1},  {"cr", 1},       {"st", 1},
                               {"state", 1}, {"us", 1},    {"twp", 1},     {"township", 1}, {"interstate", 1},
                               {"ih", 1},    {"i", 1},     {"highway", 1}, {"hiway", 1},    {"rt", 1},
                               {"rte", 1},   {"route", 1}, {"rd", 1},      {"road", 1}};
  return table.Find(word) != WordTable::kNone;
}

// Abbreviations of road systems that stay what they are before a number: SR may be a state road or a state route.
bool IsRoadSystem(std::string_view word) {
  for (const char* system : {"sr", "rr", "hc", "sh", "th"})
    if (EqualsIgnoreCase(word, system)) return true;
  return false;
}

// "N6W23001", "W204N5022": house numbers of grids (Publication 28, appendix D).
bool IsGridNumber(std::string_view word) {
  size_t i = 0;
  for (int half = 0; half < 2; ++half) {
    if (i >= word.size() || std::string_view("nsewNSEW").find(word[i]) == std::string_view::npos) return false;
    const size_t begin = ++i;
    while (i < word.size() && IsDigit(word[i])) ++i;
    if (i == begin) return false;
  }
  return i == word.size();
}

bool IsHouseNumber(std::string_view word) { return (IsDigit(word[0]) && !IsOrdinal(word)) || IsGridNumber(word); }

// A directional before the name: one or two words. Returns how many; the abbreviation goes to *out.
size_t PreDirectional(const Words& words, size_t from, size_t name_end, std::string_view* out) {
  *out = from < name_end ? Directional(words[from]) : std::string_view();
  if (out->empty() || from + 1 >= name_end) return 0;
  if (out->size() == 1 && from + 2 < name_end) {
    const std::string_view second = Directional(words[from + 1]);
    for (const std::string_view pair : {"NE", "NW", "SE", "SW"}) {
      if (second.size() != 1 || pair[0] != (*out)[0] || pair[1] != second[0]) continue;
      *out = pair;
      return 2;
    }
  }
  return 1;
}

// One word of a name, by what stands around it.
void AppendNameWord(const Words& words, size_t from, size_t i, size_t end, bool has_suffix, std::string* out) {
  const std::string_view word = words[i];
  const bool last_before_suffix = has_suffix && i + 1 == end && i > from;
  const std::string_view directional = word.size() <= 2 ? Directional(word) : std::string_view();
  // The first of two suffix words is spelled out, and so is a directional between name and suffix (section 233.22).
  if (last_before_suffix && EqualsIgnoreCase(SuffixAbbreviation(word), word)) {
    out->append(SuffixName(word));
  } else if (last_before_suffix && !directional.empty()) {
    out->append(DirectionalName(word));
  } else if (word.size() == 2 && i + 1 < end && IsRoadSystem(word) && HasDigit(words[i + 1])) {
    AppendUpper(word, out);
  } else if (!directional.empty()) {
    out->append(directional);
  } else if (i + 1 < end && EqualsIgnoreCase(word, "saint") && !HasDigit(words[i + 1]) &&
             SuffixAbbreviation(words[i + 1]).empty() && !MayBeginRoad(words[i + 1])) {
    out->append("St");
  } else {
    AppendToken(word, out);
  }
}

// The name of a street: words[from, end), of which a suffix follows or not.
void AppendName(const Words& words, size_t from, size_t end, bool has_suffix, size_t begin, std::string* out) {
  for (size_t i = from; i < end; ++i) {
    AppendBlank(begin, out);
    std::string_view road, number;
    const size_t n = RoadSystem(words, i, end, &road);
    // An I within a name is a letter: "Avenue I 10".
    if (n > 0 && (i == from || words[i].size() > 1)) {
      out->append(road);
      i += n - 1;
    } else if (i == from && GluedRoad(words[i], &road, &number)) {
      out->append(road).append(" ");
      AppendUpper(number, out);
    } else {
      AppendNameWord(words, from, i, end, has_suffix, out);
    }
  }
}

}  // namespace

size_t RoadSystem(const Words& words, size_t i, size_t end, std::string_view* name) {
  if (i + 1 >= end || !MayBeginRoad(words[i])) return 0;
  for (const RoadWords& road : kRoads) {
    const size_t n = Matches(words, i, end, road.words);
    if (n == 0 || i + n >= end || !IsRoadNumber(words[i + n])) continue;
    *name = road.name;
    return n;
  }
  return 0;
}

bool GluedRoad(std::string_view word, std::string_view* name, std::string_view* number) {
  size_t letters = 0;
  while (letters < word.size() && IsAlpha(word[letters])) ++letters;
  if (letters == 0 || letters > 2) return false;
  const std::string_view system = word.substr(0, letters);
  *number = word.substr(letters);
  if (!number->empty() && number->front() == '-') number->remove_prefix(1);
  if (!AllDigits(*number) || number->size() > 4) return false;
  if (EqualsIgnoreCase(system, "i") || EqualsIgnoreCase(system, "ih")) *name = "Interstate";
  if (EqualsIgnoreCase(system, "fm")) *name = "FM";
  if (EqualsIgnoreCase(system, "us")) *name = "US Highway";
  if (EqualsIgnoreCase(system, "cr")) *name = "County Road";
  return !name->empty();
}

void AppendStreet(const Words& words, size_t from, size_t end, std::string* out) {
  const size_t begin = out->size();
  size_t name = from;
  if (name < end && IsHouseNumber(words[name])) ++name;
  if (name > from && name + 1 < end && words[name].find('/') != std::string_view::npos && IsDigit(words[name][0]))
    ++name;
  if (name == end) --name;
  for (size_t i = from; i < name; ++i) {
    AppendBlank(begin, out);
    AppendToken(words[i], out);
  }
  const std::string_view post = end > name + 1 ? Directional(words[end - 1]) : std::string_view();
  const size_t core = post.empty() ? end : end - 1;
  const std::string_view suffix = core > name + 1 ? SuffixAbbreviation(words[core - 1]) : std::string_view();
  const size_t name_end = suffix.empty() ? core : core - 1;
  std::string_view pre;
  const size_t pre_words = PreDirectional(words, name, name_end, &pre);
  if (pre_words > 0) {
    AppendBlank(begin, out);
    out->append(pre);
  }
  AppendName(words, name + pre_words, name_end, !suffix.empty(), begin, out);
  for (const std::string_view part : {suffix, post}) {
    if (part.empty()) continue;
    AppendBlank(begin, out);
    out->append(part);
  }
}

}  // namespace migrate::normalize
