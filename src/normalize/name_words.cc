#include "name_words.h"

#include <array>
#include <map>
#include <string>

#include "company_trades.h"
#include "migrate/normalize/junk.h"
#include "migrate/normalize/names.h"
#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

struct WordList {
  uint32_t cls;
  std::string_view words;  // separated by blanks; a word may stand in several lists
};

constexpr uint32_t kSmall = kParticle | kSmallParticle;
constexpr uint32_t kInner = kParticle | kInnerParticle;

constexpr WordList kPersonWords[] = {
    {kTitle,
     "mr mrs ms miss mx mssrs messrs dr drs prof professor rev revd reverend hon honorable honourable rt atty attn "
     "attention capt col colonel lt lieutenant sgt sergeant ssgt msgt tsgt gysgt sfc maj gen general cpl pvt pfc spc "
     "adm "
     "admiral brig cmdr cdr lcdr ltc ltcol cpt cwo rabbi imam herr frau fraeulein mme mlle monsieur madame "
     "senor senora senorita sra srta signor signora signore dhr mevr mevrouw meneer shri smt "},
    {kTitle, "se\xC3\xB1or se\xC3\xB1ora se\xC3\xB1orita fr\xC3\xA4ulein"},
    {kTitle,
     "\xD0\xB3-\xD0\xBD \xD0\xB3-\xD0\xB6\xD0\xB0 \xE0\xA4\xB6\xE0\xA5\x8D\xE0\xA4\xB0\xE0\xA5\x80 "
     "\xE0\xA4\xA1\xE0\xA5\x89"},
    {kTitle | kGivenTitle, "sir dame"},
    {kTitle, "fr"},
    {kWeakTitle,
     "lord lady captain major bishop judge pastor father sister brother deacon elder cardinal archbishop "
     "monsignor msgr senator governor ambassador president chief officer coach 1st 2nd 1lt 2lt"},
    {kPeerage, "baron baroness baronet bt earl viscount viscountess marquess marquis duke duchess count countess"},
    {kSmall,
     "van von vom der den de del della dello delle degli di da dos das do du des ter ten tot zu zum zur af av bin "
     "ibn bint 't op"},
    {kInner, "la le las los el"},
    {kParticle, "st ste saint san santa santo mac mc abu al"},
    {kParticle,
     "\xD8\xA8\xD9\x86 \xD8\xA7\xD8\xA8\xD9\x86 \xD8\xA2\xD9\x84 \xD8\xA3\xD8\xA8\xD9\x88 "
     "\xD8\xA7\xD8\xA8\xD9\x88 \xD7\x91\xD7\x9F"},
    {kLowerParticle, "ben bat dit d' dal dalla lo aan in"},
    {kLinkParticle | kInnerParticle, "y"},
    {kLinkParticle, "e i"},
    {kConnective, "of the"},
    {kConnective | kPeople, "& and +"},
    {kPeople, "und et or oder ou en"},
    {kMarker,
     "nee n\xC3\xA9"
     "e n\xC3\xA9 geb geboren geborene fka formerly aka alias a/k/a f/k/a n/k/a nka c/o maiden "
     "n\xC3\x89"
     "E"},
    {kNote, "deceased decd dec'd dcd retired"},
    {kTestWord,
     "test tests tester testing user account patient customer person demo dummy sample example fake "
     "asdf qwerty admin guest client contact record name member employee unknown"},
    {kHousehold, "family household familie famille familia residents"},
};

constexpr WordList kCompanyWords[] = {
    {kCompany,
     "inc incorporated ltd ltda limited corp corporation company gmbh mbh sarl eurl eireli oyj aps kft zrt "
     "bhd sdn pty pte pvt srl foundation stiftung fondation fundacion enterprises "
     "enterprise holdings holding services associates association verein university universidad universite "
     "universitaet "
     "hospital krankenhaus department dept partnership ministries solutions industries consulting consultants "
     "properties "
     "restaurant ristorante restaurante clinic clinica pharmacy pharma insurance realty logistics trucking plumbing "
     "roofing landscaping construction contractors investments investment institute institut instituto academy "
     "supermarket motors automotive dental dentistry technologies software engineering electronics laboratories "
     "manufacturing distributors dba d/b/a t/a headquarters municipality ministry commission committee authority "
     "gesellschaft genossenschaft societe sociedad"},
    {kCompany, "soci\xC3\xA9t\xC3\xA9 universit\xC3\xA9 universit\xC3\xA4t fundaci\xC3\xB3n cl\xC3\xADnica"},
    {kCompany | kAllCapitals, "llc llp pllc lllp plc"},
    {kCompany | kAllCapitals,
     "\xD0\x9E\xD0\x9E\xD0\x9E \xD0\x97\xD0\x90\xD0\x9E \xD0\x9E\xD0\x90\xD0\x9E \xD0\x9F\xD0\x90\xD0\x9E"},
    {kCompanyWeak,
     "church bank school college club city county town village township state store "
     "shop temple parish ministries society council district agency bureau library museum theater theatre studio "
     "studios "
     "hotel motel inn cafe salon spa market mart warehouse farm farms ranch center centre national first federal "
     "american "
     "united international global community central regional savings credit union memorial baptist methodist lutheran "
     "catholic presbyterian episcopal evangelical medical health healthcare care family insurance financial finance "
     "capital management systems supply transport electric auto garage media press publishing records food foods fund "
     "charity league government"},
    {kCompanyWeak | kCompanyKin, "co group partners sons daughters bros brothers hermanos irm\xC3\xA3os fratelli"},
    {kCompanyWeak | kTrustee, "trust estate"},
    {kCompanyLast | kAllCapitals,
     "ag kg ohg ug ek se sa sas sasu slu sal sl spa snc scs sca ab as asa oy bv nv vof lp pc kk ev sro doo oo spzoo "
     "spj me epp"},
};

// Most frequent family names of people with two: INE (Spain), INEGI (Mexico), IBGE (Brazil).
constexpr std::string_view kIberian =
    "garcia rodriguez gonzalez fernandez lopez martinez sanchez perez gomez jimenez ruiz hernandez diaz moreno "
    "munoz alvarez romero gutierrez navarro torres dominguez vazquez ramos ramirez serrano blanco molina "
    "morales suarez ortega delgado castro ortiz rubio sanz nunez iglesias medina garrido cortes castillo santos "
    "lozano guerrero cano prieto mendez cruz calvo gallego vidal marquez herrera pena flores cabrera campos vega "
    "fuentes carrasco reyes caballero aguilar santana herrero montero hidalgo gimenez ibanez "
    "ferrer duran benitez vargas mora arias carmona crespo soto saez velasco soler moya "
    "parra bravo gallardo rojas chavez rivera juarez mendoza guzman velazquez estrada contreras salazar "
    "sandoval avila silva oliveira souza sousa rodrigues ferreira alves pereira lima gomes costa ribeiro martins "
    "carvalho almeida lopes soares fernandes vieira barbosa rocha dias nascimento andrade moreira nunes marques "
    "machado mendes freitas cardoso ramos goncalves teixeira pinto correia cavalcanti monteiro moura "
    "garc\xC3\xAD"
    "a rodr\xC3\xADguez gonz\xC3\xA1lez fern\xC3\xA1ndez l\xC3\xB3pez mart\xC3\xADnez s\xC3\xA1nchez "
    "p\xC3\xA9rez g\xC3\xB3mez jim\xC3\xA9nez hern\xC3\xA1ndez d\xC3\xAD"
    "az mu\xC3\xB1oz \xC3\xA1lvarez "
    "guti\xC3\xA9rrez dom\xC3\xADnguez v\xC3\xA1zquez ram\xC3\xADrez su\xC3\xA1rez n\xC3\xBA\xC3\xB1"
    "ez cort\xC3\xA9s "
    "m\xC3\xA9ndez m\xC3\xA1rquez pe\xC3\xB1"
    "a gim\xC3\xA9nez ib\xC3\xA1\xC3\xB1"
    "ez dur\xC3\xA1n "
    "ben\xC3\xADtez s\xC3\xA1"
    "ez ch\xC3\xA1vez ju\xC3\xA1rez guzm\xC3\xA1n vel\xC3\xA1zquez \xC3\xA1vila "
    "gon\xC3\xA7"
    "alves";

template <typename Take>
void ForEachWord(std::string_view words, const Take& take) {
  while (!words.empty()) {
    const size_t blank = words.find(' ');
    take(words.substr(0, blank));
    words = blank == std::string_view::npos ? std::string_view() : words.substr(blank + 1);
  }
}

WordTable MakeNameWords() {
  std::map<std::string_view, uint32_t> classes;
  const auto add = [&](const WordList& list) {
    ForEachWord(list.words, [&](std::string_view word) { classes[word] |= list.cls; });
  };
  for (const WordList& list : kPersonWords) add(list);
  for (const WordList& list : kCompanyWords) add(list);
  for (const std::string_view word : TradeWords()) classes[word] |= kCompany;
  for (const std::string_view word : JunkNameWords()) classes[word] |= kJunkWord;
  return WordTable(std::vector<WordTable::Entry>(classes.begin(), classes.end()));
}

const WordTable& NameWords() {
  static const WordTable table = MakeNameWords();
  return table;
}

const WordTable& IberianSurnames() {
  static const WordTable table = [] {
    std::vector<WordTable::Entry> entries;
    ForEachWord(kIberian, [&](std::string_view word) { entries.emplace_back(word, 1); });
    return WordTable(entries);
  }();
  return table;
}

struct Suffix {
  std::string_view word, canonical;
  bool generation;
};

// No "V" and "I" (initials), "MA" and "DO" (names): they would be read into names that have no suffix.
constexpr Suffix kSuffixes[] = {
    {"jr", "Jr", true},          {"jnr", "Jr", true},       {"junior", "Jr", true},    {"sr", "Sr", true},
    {"snr", "Sr", true},         {"senior", "Sr", true},    {"ii", "II", true},        {"2nd", "II", true},
    {"iii", "III", true},        {"3rd", "III", true},      {"iv", "IV", true},        {"4th", "IV", true},
    {"5th", "V", true},          {"vii", "VII", true},      {"viii", "VIII", true},    {"esq", "Esq", false},
    {"esquire", "Esq", false},   {"md", "MD", false},       {"phd", "PhD", false},     {"dds", "DDS", false},
    {"dmd", "DMD", false},       {"dvm", "DVM", false},     {"jd", "JD", false},       {"rn", "RN", false},
    {"lpn", "LPN", false},       {"cpa", "CPA", false},     {"mba", "MBA", false},     {"edd", "EdD", false},
    {"pharmd", "PharmD", false}, {"obe", "OBE", false},     {"mbe", "MBE", false},     {"cbe", "CBE", false},
    {"qc", "QC", false},         {"kc", "KC", false},       {"ret", "Ret", false},     {"usn", "USN", false},
    {"usmc", "USMC", false},     {"usaf", "USAF", false},   {"uscg", "USCG", false},   {"bsn", "BSN", false},
    {"msn", "MSN", false},       {"aprn", "APRN", false},   {"crna", "CRNA", false},   {"lcsw", "LCSW", false},
    {"lmft", "LMFT", false},     {"lvn", "LVN", false},     {"psyd", "PsyD", false},   {"dpm", "DPM", false},
    {"dpt", "DPT", false},       {"dphil", "DPhil", false}, {"mphil", "MPhil", false}, {"mbbs", "MBBS", false},
    {"facs", "FACS", false},     {"facp", "FACP", false},   {"frcs", "FRCS", false},   {"frcp", "FRCP", false},
    {"kbe", "KBE", false},       {"dbe", "DBE", false},     {"llm", "LLM", false},     {"llb", "LLB", false},
    {"msw", "MSW", false},       {"mph", "MPH", false},     {"cfp", "CFP", false},     {"cfa", "CFA", false},
    {"pmp", "PMP", false},       {"rph", "RPh", false},     {"osb", "OSB", false},     {"ofm", "OFM", false}};

constexpr std::pair<std::string_view, std::string_view> kCapitalSuffixes[] = {
    {"do", "DO"}, {"ma", "MA"}, {"ms", "MS"},   {"ba", "BA"},   {"bs", "BS"},     {"np", "NP"}, {"pa", "PA"},
    {"od", "OD"}, {"pe", "PE"}, {"pt", "PT"},   {"ot", "OT"},   {"dc", "DC"},     {"dd", "DD"}, {"sj", "SJ"},
    {"op", "OP"}, {"mp", "MP"}, {"bsc", "BSc"}, {"msc", "MSc"}, {"pa-c", "PA-C"}, {"v", "V"}};

const WordTable& SuffixWords() {
  static const WordTable table = [] {
    std::vector<WordTable::Entry> entries;
    for (uint32_t i = 0; i < std::size(kSuffixes); ++i) entries.emplace_back(kSuffixes[i].word, i + 1);
    return WordTable(entries);
  }();
  return table;
}

// The word without periods and commas; "" if it is longer than any word of the tables.
std::string_view Undotted(std::string_view word, std::array<char, 16>* memory) {
  size_t n = 0;
  for (const char c : word) {
    if (c == '.' || c == ',') continue;
    if (n == memory->size()) return {};
    (*memory)[n++] = c;
  }
  return {memory->data(), n};
}

}  // namespace

uint32_t ClassOf(std::string_view word) { return NameWords().Find(word); }

uint32_t ClassOfDotted(std::string_view word) {
  if (word.find('.') == std::string_view::npos) return ClassOf(word);
  std::array<char, 16> memory;
  return ClassOf(Undotted(word, &memory));
}

bool IsIberianSurname(std::string_view word) { return IberianSurnames().Find(word) != WordTable::kNone; }

std::string_view SuffixOf(std::string_view word) {
  std::array<char, 16> memory;
  const uint32_t found = SuffixWords().Find(Undotted(word, &memory));
  if (found == WordTable::kNone) return {};
  const size_t dot = word.find('.');
  const bool inner_period = dot != std::string_view::npos && dot + 1 < word.size();
  // "J.R." are initials; "Jr." and "M.D." are suffixes.
  if (inner_period && kSuffixes[found - 1].generation) return {};
  return kSuffixes[found - 1].canonical;
}

std::string_view CapitalSuffixOf(std::string_view word) {
  std::array<char, 16> memory;
  const std::string_view bare = Undotted(word, &memory);
  static const WordTable table = [] {
    std::vector<WordTable::Entry> entries;
    for (uint32_t i = 0; i < std::size(kCapitalSuffixes); ++i) entries.emplace_back(kCapitalSuffixes[i].first, i + 1);
    return WordTable(entries);
  }();
  const uint32_t found = bare.size() > 4 ? WordTable::kNone : table.Find(bare);  // none is longer
  return found == WordTable::kNone ? std::string_view() : kCapitalSuffixes[found - 1].second;
}

std::string_view SuffixInColumn(std::string_view word) {
  const std::string_view suffix = SuffixOf(word);
  if (!suffix.empty()) return suffix;
  std::array<char, 16> memory;
  const std::string_view bare = Undotted(word, &memory);
  for (const std::string_view number : {"I", "V", "VI"})
    if (EqualsIgnoreCase(bare, number)) return number;
  return CapitalSuffixOf(word);
}

bool IsGeneration(std::string_view suffix) {
  for (const Suffix& s : kSuffixes)
    if (s.canonical == suffix) return s.generation;
  return suffix == "V" || suffix == "VI" || suffix == "I";
}

}  // namespace migrate::normalize
