#include "name_words.h"

#include <string>

#include "migrate/normalize/names.h"
#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

constexpr uint32_t kSmall = kParticle | kSmallParticle;
constexpr uint32_t kInner = kParticle | kInnerParticle;

const WordTable& NameWords() {
  static const WordTable table{{"mr", kTitle},
                               {"mrs", kTitle},
                               {"ms", kTitle},
                               {"miss", kTitle},
                               {"mx", kTitle},
                               {"dr", kTitle},
                               {"prof", kTitle},
                               {"professor", kTitle},
                               {"rev", kTitle},
                               {"revd", kTitle},
                               {"reverend", kTitle},
                               {"sir", kTitle},
                               {"dame", kTitle},
                               {"hon", kTitle},
                               {"rt", kTitle},
                               {"capt", kTitle},
                               {"captain", kTitle},
                               {"col", kTitle},
                               {"colonel", kTitle},
                               {"lt", kTitle},
                               {"lieutenant", kTitle},
                               {"sgt", kTitle},
                               {"sergeant", kTitle},
                               {"maj", kTitle},
                               {"gen", kTitle},
                               {"general", kTitle},
                               {"cpl", kTitle},
                               {"pvt", kTitle},
                               {"cmdr", kTitle},
                               {"fr", kTitle},
                               {"rabbi", kTitle},
                               {"herr", kTitle},
                               {"frau", kTitle},
                               {"mme", kTitle},
                               {"mlle", kTitle},
                               {"monsieur", kTitle},
                               {"madame", kTitle},
                               {"senor", kTitle},
                               {"senora", kTitle},
                               {"lord", kNobleTitle},
                               {"lady", kNobleTitle},
                               {"baron", kPeerage},
                               {"baroness", kPeerage},
                               {"baronet", kPeerage},
                               {"bt", kPeerage},
                               {"earl", kPeerage},
                               {"viscount", kPeerage},
                               {"viscountess", kPeerage},
                               {"marquess", kPeerage},
                               {"marquis", kPeerage},
                               {"duke", kPeerage},
                               {"duchess", kPeerage},
                               {"count", kPeerage},
                               {"countess", kPeerage},
                               {"van", kSmall},
                               {"von", kSmall},
                               {"vom", kSmall},
                               {"der", kSmall},
                               {"den", kSmall},
                               {"de", kSmall},
                               {"del", kSmall},
                               {"della", kSmall},
                               {"di", kSmall},
                               {"da", kSmall},
                               {"dos", kSmall},
                               {"das", kSmall},
                               {"do", kSmall},
                               {"du", kSmall},
                               {"des", kSmall},
                               {"ter", kSmall},
                               {"ten", kSmall},
                               {"zu", kSmall},
                               {"zum", kSmall},
                               {"zur", kSmall},
                               {"af", kSmall},
                               {"av", kSmall},
                               {"bin", kSmall},
                               {"ibn", kSmall},
                               {"la", kInner},
                               {"le", kInner},
                               {"las", kInner},
                               {"los", kInner},
                               {"el", kInner},
                               {"y", kInnerParticle},
                               {"st", kParticle},
                               {"ste", kParticle},
                               {"saint", kParticle},
                               {"san", kParticle},
                               {"santa", kParticle},
                               {"mac", kParticle},
                               {"mc", kParticle},
                               {"abu", kParticle},
                               {"inc", kCompany},
                               {"incorporated", kCompany},
                               {"llc", kCompany | kAllCapitals},
                               {"llp", kCompany | kAllCapitals},
                               {"plc", kCompany | kAllCapitals},
                               {"ltd", kCompany},
                               {"limited", kCompany},
                               {"corp", kCompany},
                               {"corporation", kCompany},
                               {"company", kCompany},
                               {"gmbh", kCompany},
                               {"foundation", kCompany},
                               {"enterprises", kCompany},
                               {"holdings", kCompany},
                               {"services", kCompany},
                               {"associates", kCompany},
                               {"association", kCompany},
                               {"university", kCompany},
                               {"hospital", kCompany},
                               {"department", kCompany},
                               {"dept", kCompany},
                               {"partnership", kCompany},
                               {"ministries", kCompany},
                               {"solutions", kCompany},
                               {"industries", kCompany},
                               {"consulting", kCompany},
                               {"properties", kCompany},
                               {"restaurant", kCompany},
                               {"church", kCompanyWeak},
                               {"bank", kCompanyWeak},
                               {"trust", kCompanyWeak},
                               {"group", kCompanyWeak},
                               {"school", kCompanyWeak},
                               {"college", kCompanyWeak},
                               {"club", kCompanyWeak},
                               {"estate", kCompanyWeak},
                               {"co", kCompanyWeak},
                               {"partners", kCompanyWeak},
                               {"sons", kCompanyWeak},
                               {"city", kCompanyWeak},
                               {"county", kCompanyWeak},
                               {"store", kCompanyWeak},
                               {"shop", kCompanyWeak},
                               {"of", kConnective},
                               {"the", kConnective},
                               {"&", kConnective},
                               {"and", kConnective}};
  return table;
}

struct Suffix {
  std::string_view word, canonical;
  bool generation;
};

// No "V" and "I" (initials), "MA" and "DO" (names): they would be read into names that have no suffix.
constexpr Suffix kSuffixes[] = {
    {"jr", "Jr", true},          {"jnr", "Jr", true},    {"junior", "Jr", true}, {"sr", "Sr", true},
    {"snr", "Sr", true},         {"senior", "Sr", true}, {"ii", "II", true},     {"2nd", "II", true},
    {"iii", "III", true},        {"3rd", "III", true},   {"iv", "IV", true},     {"4th", "IV", true},
    {"5th", "V", true},          {"vii", "VII", true},   {"viii", "VIII", true}, {"esq", "Esq", false},
    {"esquire", "Esq", false},   {"md", "MD", false},    {"phd", "PhD", false},  {"dds", "DDS", false},
    {"dmd", "DMD", false},       {"dvm", "DVM", false},  {"jd", "JD", false},    {"rn", "RN", false},
    {"lpn", "LPN", false},       {"cpa", "CPA", false},  {"mba", "MBA", false},  {"edd", "EdD", false},
    {"pharmd", "PharmD", false}, {"obe", "OBE", false},  {"mbe", "MBE", false},  {"cbe", "CBE", false},
    {"qc", "QC", false},         {"kc", "KC", false},    {"ret", "Ret", false},  {"usn", "USN", false},
    {"usmc", "USMC", false},     {"usaf", "USAF", false}};

const WordTable& SuffixWords() {
  static const WordTable table = [] {
    std::vector<WordTable::Entry> entries;
    for (uint32_t i = 0; i < std::size(kSuffixes); ++i) entries.emplace_back(kSuffixes[i].word, i + 1);
    return WordTable(entries);
  }();
  return table;
}

}  // namespace

uint32_t ClassOf(std::string_view word) { return NameWords().Find(word); }

std::string_view SuffixOf(std::string_view word) {
  char bare[16];
  size_t n = 0;
  for (const char c : word) {
    if (c == '.' || c == ',') continue;
    if (n == sizeof bare) return {};
    bare[n++] = c;
  }
  const uint32_t found = SuffixWords().Find(std::string_view(bare, n));
  if (found == WordTable::kNone) return {};
  const size_t dot = word.find('.');
  const bool inner_period = dot != std::string_view::npos && dot + 1 < word.size();
  // "J.R." are initials; "Jr." and "M.D." are suffixes.
  if (inner_period && kSuffixes[found - 1].generation) return {};
  return kSuffixes[found - 1].canonical;
}

bool IsGeneration(std::string_view suffix) {
  for (const Suffix& s : kSuffixes)
    if (s.canonical == suffix) return s.generation;
  return suffix == "VI" || suffix == "I";
}

}  // namespace migrate::normalize
