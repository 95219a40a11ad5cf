#include <algorithm>
#include <array>
#include <cctype>

#include "migrate/dedupe/fold.h"
#include "migrate/dedupe/name_words.h"

namespace migrate::dedupe {
namespace {

using Words = std::vector<std::string>;

// Words that stand before or after a name and are no name of anybody.
constexpr std::array<std::string_view, 38> kTitles = {
    "baronet",  "brig", "bt",  "capt", "captain", "cmdr", "col",       "colonel",    "dr",   "esq",
    "fr",       "frau", "gen", "herr", "hon",     "lt",   "maj",       "miss",       "mlle", "mme",
    "monsieur", "mr",   "mrs", "ms",   "mx",      "prof", "professor", "rev",        "revd", "reverend",
    "rt",       "sgt",  "sir", "sr",   "sra",     "srta", "viscount",  "viscountess"};
// Titles that are surnames as well: taken away only where two other words remain.
constexpr std::array<std::string_view, 15> kMaybeTitles = {"baron",   "bishop", "count",    "countess", "dame",
                                                           "duchess", "duke",   "earl",     "general",  "lady",
                                                           "lord",    "major",  "marquess", "marquis",  "prince"};
constexpr std::array<std::string_view, 26> kParticles = {"al",  "and", "bin", "d",   "da",  "das", "de", "del", "della",
                                                         "den", "der", "di",  "do",  "dos", "du",  "el", "la",  "le",
                                                         "of",  "ter", "the", "van", "vom", "von", "y",  "zu"};

// What says of what kind a firm is, or nothing: legal forms (ISO 20275) and words between names. One name is written
// with and without them.
constexpr auto kCompanyForms = std::to_array<std::string_view>(
    {"ab",          "ag",   "and", "aps",  "as",      "bhd",          "bv",   "bvba", "co",   "company", "corp",
     "corporation", "cv",   "de",  "doo",  "e",       "ek",           "eirl", "epp",  "et",   "eu",      "eurl",
     "ev",          "gbr",  "gie", "gmbh", "inc",     "incorporated", "kft",  "kg",   "kgaa", "kk",      "lda",
     "limited",     "llc",  "llp", "lp",   "ltd",     "ltda",         "mbh",  "me",   "nv",   "ohg",     "oo",
     "oy",          "oyj",  "plc", "pllc", "private", "pte",          "pty",  "pvt",  "sa",   "sarl",    "sas",
     "sasu",        "sca",  "scs", "sdn",  "se",      "sl",           "slu",  "snc",  "sp",   "spa",     "spj",
     "spzoo",       "sprl", "srl", "sro",  "the",     "ug",           "und",  "y",    "zoo",  "zrt"});

template <size_t N>
bool In(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

bool IsOrdinal(std::string_view word) {
  if (word.size() < 3 || std::isdigit(static_cast<unsigned char>(word[0])) == 0) return false;
  const std::string_view end = word.substr(word.size() - 2);
  return end == "st" || end == "nd" || end == "rd" || end == "th";
}

bool IsTitle(std::string_view word) { return In(kTitles, word) || IsOrdinal(word); }

// What a hospital writes where a newborn has no name yet ("Baby Boy", "BG", "Newborn Twin A"): no name that anybody
// bears. Empties it, but for a letter or number that tells twins apart.
constexpr std::array<std::string_view, 6> kNewborn = {"babyboy", "babygirl", "bb", "bg", "infant", "newborn"};
constexpr std::array<std::string_view, 9> kOfNewborn = {"baby", "boy",     "female", "girl", "infant",
                                                        "male", "newborn", "of",     "twin"};

void DropNewborn(Words* first) {
  bool newborn = false;
  std::string which;
  for (size_t i = 0; i < first->size(); ++i) {
    const std::string& w = (*first)[i];
    newborn |= In(kNewborn, w) || (w == "baby" && first->size() > 1);
    const bool letter = i > 0 && w.size() == 1;
    if (letter) which = w;
    if (!letter && !In(kNewborn, w) && !In(kOfNewborn, w)) return;
  }
  if (!newborn) return;
  *first = which.empty() ? Words{} : Words{"newborn" + which};
}

void Erase(Words* words, bool (*drop)(std::string_view)) { std::erase_if(*words, drop); }

bool Has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

size_t Distinct(const Words& a, const Words& b, const Words& c, const Words& d, bool (*counts)(std::string_view)) {
  Words all;
  for (const Words* words : {&a, &b, &c, &d})
    for (const std::string& w : *words)
      if (counts(w) && !Has(all, w)) all.push_back(w);
  return all.size();
}

}  // namespace

bool IsNamePart(std::string_view folded) {
  // Most names are told by their length and first letter.
  static const auto kLengths = [] {
    std::array<uint32_t, 256> lengths{};
    const auto add = [&](std::string_view word) { lengths[static_cast<uint8_t>(word[0])] |= 1u << word.size(); };
    for (const std::string_view title : kTitles) add(title);
    for (const std::string_view title : kMaybeTitles) add(title);
    return lengths;
  }();
  if (folded.empty()) return false;
  const auto first = static_cast<uint8_t>(folded[0]);
  if (first < 'a' || first > 'z') return !IsTitle(folded) && !In(kMaybeTitles, folded);
  if (folded.size() > 31 || (kLengths[first] >> folded.size() & 1) == 0) return true;
  return !IsTitle(folded) && !In(kMaybeTitles, folded);
}

Words CompanyWords(std::string_view name) {
  static const auto forms = [] {
    auto sorted = kCompanyForms;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }();
  Words words;
  bool letters = false;  // the last word is a run of single letters: "S.L.U." and "S L U" are "slu"
  for (std::string& w : FoldWords(name)) {
    const bool letter = w.size() == 1;
    if (letter && letters)
      words.back() += w;
    else
      words.push_back(std::move(w));
    letters = letter;
  }
  Words plain;
  std::copy_if(words.begin(), words.end(), std::back_inserter(plain),
               [](const std::string& w) { return !In(forms, w); });
  return plain.empty() ? words : plain;
}

NameWords SplitName(std::string_view full, std::string_view first, std::string_view middle, std::string_view last) {
  Words whole = FoldWords(full);
  NameWords name{FoldWords(first), FoldWords(middle), FoldWords(last)};
  const auto all = {&whole, &name.first, &name.middle, &name.last};
  const auto plain = [](std::string_view w) { return !IsTitle(w) && !In(kMaybeTitles, w) && !In(kParticles, w); };
  const auto no_title = [](std::string_view w) { return !IsTitle(w); };
  if (Distinct(whole, name.first, name.middle, name.last, plain) >= 2) {
    for (Words* words : all) Erase(words, [](std::string_view w) { return IsTitle(w) || In(kMaybeTitles, w); });
  } else if (Distinct(whole, name.first, name.middle, name.last, no_title) >= 1) {
    for (Words* words : all) Erase(words, IsTitle);
  }
  Erase(&whole, [](std::string_view w) { return In(kParticles, w); });
  std::erase_if(whole,
                [&](const std::string& w) { return Has(name.first, w) || Has(name.middle, w) || Has(name.last, w); });
  if (name.first.empty() && !whole.empty()) {
    name.first.push_back(whole.front());
    whole.erase(whole.begin());
  }
  if (name.last.empty() && !whole.empty()) {
    name.last.push_back(whole.back());
    whole.pop_back();
  }
  for (std::string& w : whole)
    if (!Has(name.middle, w) && w != name.last.front() && w != name.first.front()) name.middle.push_back(std::move(w));
  DropNewborn(&name.first);
  if (name.middle.size() > 1) Erase(&name.middle, [](std::string_view w) { return In(kParticles, w); });
  return name;
}

}  // namespace migrate::dedupe
