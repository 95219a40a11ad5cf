#include "migrate/normalize/states.h"

#include <algorithm>

#include "migrate/normalize/casing.h"
#include "migrate/normalize/junk.h"
#include "migrate/record/keys.h"

namespace migrate::normalize {
namespace {

// `words`: the code, the name, other spellings, each reduced by FoldKey and separated by blanks.
struct State {
  std::string_view code, words;
};

constexpr State kUnitedStates[] = {
    {"AL", "al alabama ala"},
    {"AK", "ak alaska"},
    {"AZ", "az arizona ariz"},
    {"AR", "ar arkansas ark"},
    {"CA", "ca california calif cal"},
    {"CO", "co colorado colo"},
    {"CT", "ct connecticut conn"},
    {"DE", "de delaware del"},
    {"DC", "dc districtofcolumbia washingtondc distofcolumbia"},
    {"FL", "fl florida fla"},
    {"GA", "ga georgia"},
    {"HI", "hi hawaii"},
    {"ID", "id idaho"},
    {"IL", "il illinois ill ills"},
    {"IN", "in indiana ind"},
    {"IA", "ia iowa"},
    {"KS", "ks kansas kan kans"},
    {"KY", "ky kentucky"},
    {"LA", "la louisiana"},
    {"ME", "me maine"},
    {"MD", "md maryland"},
    {"MA", "ma massachusetts mass"},
    {"MI", "mi michigan mich"},
    {"MN", "mn minnesota minn"},
    {"MS", "ms mississippi miss"},
    {"MO", "mo missouri"},
    {"MT", "mt montana mont"},
    {"NE", "ne nebraska neb nebr"},
    {"NV", "nv nevada nev"},
    {"NH", "nh newhampshire nhampshire"},
    {"NJ", "nj newjersey njersey"},
    {"NM", "nm newmexico nmex nmexico newmex"},
    {"NY", "ny newyork newyorkstate nyork"},
    {"NC", "nc northcarolina ncarolina ncar nocarolina nocar"},
    {"ND", "nd northdakota ndakota ndak nodak nodakota"},
    {"OH", "oh ohio"},
    {"OK", "ok oklahoma okla"},
    {"OR", "or oregon ore oreg"},
    {"PA", "pa pennsylvania penn penna"},
    {"RI", "ri rhodeisland rhodeis"},
    {"SC", "sc southcarolina scarolina scar socarolina socar"},
    {"SD", "sd southdakota sdakota sdak sodak sodakota"},
    {"TN", "tn tennessee tenn"},
    {"TX", "tx texas tex"},
    {"UT", "ut utah"},
    {"VT", "vt vermont"},
    {"VA", "va virginia"},
    {"WA", "wa washington wash washingtonstate"},
    {"WV", "wv westvirginia wva wvirginia westva"},
    {"WI", "wi wisconsin wis wisc"},
    {"WY", "wy wyoming wyo"},
    {"AS", "as americansamoa"},
    {"GU", "gu guam"},
    {"MP", "mp northernmarianaislands cnmi"},
    {"PR", "pr puertorico portorico"},
    {"VI", "vi virginislands usvirginislands"},
    {"FM", "fm federatedstatesofmicronesia"},
    {"MH", "mh marshallislands"},
    {"PW", "pw palau"},
    {"AA", "aa armedforcesamericas armedforcestheamericas"},
    {"AE", "ae armedforceseurope armedforcesafrica armedforcescanada armedforcesmiddleeast"},
    {"AP", "ap armedforcespacific"}};

constexpr State kCanada[] = {
    {"AB", "ab alberta alta"},
    {"BC", "bc britishcolumbia colombiebritannique cb"},
    {"MB", "mb manitoba man"},
    {"NB", "nb newbrunswick nouveaubrunswick"},
    {"NL", "nl newfoundlandandlabrador newfoundland labrador nf nfld terreneuveetlabrador terreneuve"},
    {"NS", "ns novascotia nouvelleecosse"},
    {"NT", "nt northwestterritories nwt territoiresdunordouest tno"},
    {"NU", "nu nunavut"},
    {"ON", "on ontario ont"},
    {"PE", "pe princeedwardisland pei ileduprinceedouard ipe"},
    {"QC", "qc quebec que pq"},
    {"SK", "sk saskatchewan sask"},
    {"YT", "yt yukon yukonterritory yk"}};

constexpr State kAustralia[] = {{"NSW", "nsw newsouthwales"},
                                {"VIC", "vic victoria"},
                                {"QLD", "qld queensland qnsld"},
                                {"SA", "sa southaustralia saust sthaustralia"},
                                {"WA", "wa westernaustralia waust westaustralia"},
                                {"TAS", "tas tasmania"},
                                {"NT", "nt northernterritory"},
                                {"ACT", "act australiancapitalterritory"}};

// The states of one country by word.
class States {
 public:
  template <size_t n>
  explicit States(const State (&states)[n]) : states_(states), table_(Entries(states, n)) {}

  std::string_view Find(std::string_view key) const {
    const uint32_t found = table_.Find(key.substr(0, 16));
    if (found == WordTable::kNone) return {};
    const State& state = states_[found - 1];
    // A longer word was found by its first 16 bytes only.
    if (key.size() > 16 &&
        (" " + std::string(state.words) + " ").find(" " + std::string(key) + " ") == std::string::npos)
      return {};
    return state.code;
  }

 private:
  static std::vector<WordTable::Entry> Entries(const State* states, size_t n) {
    std::vector<WordTable::Entry> entries;
    for (size_t i = 0; i < n; ++i) {
      Words words;
      words.Split(states[i].words);
      for (size_t w = 0; w < words.size(); ++w)
        entries.emplace_back(words[w].substr(0, 16), static_cast<uint32_t>(i + 1));
    }
    return entries;
  }

  const State* states_;
  WordTable table_;
};

const States* StatesOf(std::string_view country) {
  static const States us(kUnitedStates), canada(kCanada), australia(kAustralia);
  if (country == "US") return &us;
  if (country == "CA") return &canada;
  if (country == "AU") return &australia;
  return nullptr;
}

// "State of Maine", "Commonwealth of Virginia"
std::string_view WithoutTitle(std::string_view key) {
  for (const std::string_view title : {"stateof", "commonwealthof", "provinceof", "territoryof", "theprovinceof"})
    if (key.size() > title.size() + 2 && key.starts_with(title)) return key.substr(title.size());
  return key;
}

std::string_view FindFolded(const States& states, std::string_view text) {
  std::string key;
  FoldKey(text, &key);
  return key.empty() ? std::string_view() : states.Find(key);
}

// A state with its title, its country ("US-IL", ISO 3166-2), or written twice ("IL - Illinois", "Illinois (IL)"). Both
// writings must be of one state.
std::string_view FindDecorated(const States& states, std::string_view text, std::string_view country) {
  const size_t cut = text.find_first_of("-/(,");
  if (cut != std::string_view::npos && cut > 0 && cut + 1 < text.size()) {
    const std::string_view first = Trim(text.substr(0, cut)), second = text.substr(cut + 1);
    const std::string_view code = FindFolded(states, second);
    if (EqualsIgnoreCase(first, country) && text[cut] == '-') return code;
    return code.empty() || FindFolded(states, first) != code ? std::string_view() : code;
  }
  std::string key;
  FoldKey(text, &key);
  const std::string_view bare = WithoutTitle(key);
  return bare.size() == key.size() ? std::string_view() : states.Find(bare);
}

bool HasLetter(std::string_view text) {
  for (const char c : text)
    if (IsAlpha(c) || !IsAscii(c)) return true;
  return false;
}

void KeepAsItIs(std::string_view text, std::string* out) {
  AppendDisplayText(text, out);
  if (out->size() > 3 || !std::all_of(out->begin(), out->end(), IsAscii)) return;
  for (char& c : *out) c = Upper(c);
}

}  // namespace

std::string_view StateCode(std::string_view text, std::string_view country) {
  const States* states = StatesOf(country);
  if (states == nullptr || text.empty()) return {};
  const std::string_view code = states->Find(text);
  if (!code.empty() || (text.size() == 2 && IsAlpha(text[0]) && IsAlpha(text[1]))) return code;
  std::string key;
  FoldKey(text, &key);
  const std::string_view found = states->Find(key);
  return found.empty() ? FindDecorated(*states, text, country) : found;
}

Outcome NormalizeState(std::string_view text, std::string_view country, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  for (const std::string_view place :
       {country, std::string_view("US"), std::string_view("CA"), std::string_view("AU")}) {
    const bool own = place == country;
    if (!own && StatesOf(country) == nullptr) break;
    const std::string_view code = StateCode(text, place);
    if (code.empty()) continue;
    out->assign(code);
    return Outcome::kOk;
  }
  if (IsJunk(text)) return Outcome::kPlaceholder;
  if (!HasLetter(text)) return Outcome::kBad;
  KeepAsItIs(text, out);
  return StatesOf(country) == nullptr ? Outcome::kOk : Outcome::kDoubtful;
}

}  // namespace migrate::normalize
