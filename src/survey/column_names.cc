#include "migrate/survey/column_names.h"

#include <algorithm>
#include <map>
#include <optional>

#include "migrate/normalize/text.h"
#include "migrate/record/keys.h"
#include "name_dictionary.h"
#include "opt_out_names.h"

namespace migrate::survey {
namespace {

using Words = std::vector<std::string>;

std::string Joined(const Words& words, size_t begin, size_t end) {
  std::string out;
  for (size_t i = begin; i < end; ++i) out += words[i];
  return out;
}
std::string Joined(const Words& words) { return Joined(words, 0, words.size()); }

bool IsNumber(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), normalize::IsDigit);
}

using Index = std::multimap<std::string_view, const DictionaryEntry*>;

const Index& TheIndex() {
  static const Index kIndex = [] {
    Index index;
    for (const auto& entry : Dictionary())
      for (size_t at = 0; at < entry.words.size();) {
        const size_t end = std::min(entry.words.find(' ', at), entry.words.size());
        if (end > at) index.emplace(entry.words.substr(at, end - at), &entry);
        at = end + 1;
      }
    return index;
  }();
  return kIndex;
}

bool LookUp(const std::string& word, double factor, NameReading* out) {
  auto [begin, end] = TheIndex().equal_range(word);
  for (auto it = begin; it != end; ++it) {
    const DictionaryEntry& e = *it->second;
    auto same = std::find_if(out->hints.begin(), out->hints.end(), [&](const NameHint& h) { return h.role == e.role; });
    if (same == out->hints.end())
      out->hints.push_back({e.role, e.strength * factor});
    else
      same->strength = std::max(same->strength, e.strength * factor);
    if (out->language == 'e') out->language = e.language;
  }
  return begin != end;
}

// A word that is one with another ("custfname"): the longest entry that it begins or ends with.
void LookUpWithin(const std::string& word, NameReading* out) {
  constexpr size_t kLeast = 5;
  for (size_t n = word.size() - 1; n >= kLeast; --n)
    if (LookUp(word.substr(word.size() - n), 0.65, out) || LookUp(word.substr(0, n), 0.6, out)) return;
}

Words WithoutQualifiers(const Words& words) {
  Words out;
  for (const auto& w : words) {
    // "no of calls" is not "no calls".
    const bool number_of = (w == "of" || w == "de") && !out.empty() && out.back() == "no";
    if (FindQualifier(w) == nullptr || number_of) out.push_back(w);
  }
  return out;
}

// "product name", "room number": the last word alone says little when the one before it is not known.
bool IsWeakWord(std::string_view word) {
  constexpr std::string_view kWeak[] = {"name", "number",    "no",    "nr",      "code",  "id",
                                        "num",  "line",      "place", "st",      "first", "last",
                                        "key",  "reference", "ref",   "account", "nom",   "location"};
  return std::find(std::begin(kWeak), std::end(kWeak), word) != std::end(kWeak);
}

// From the clearest way of reading the words to the vaguest; the first that finds something counts.
void FindHints(const Words& words, NameReading* out) {
  if (LookUp(Joined(words), 1, out)) return;
  Words core = words;
  if (core.size() > 1 && IsNumber(core.back()) && core.back().size() <= 2) core.pop_back();
  if (core.size() != words.size() && LookUp(Joined(core), 0.97, out)) return;
  // "mailing postal code": first the words in front, one by one, then all that qualify.
  for (size_t i = 0; i + 1 < core.size() && FindQualifier(core[i]) != nullptr; ++i)
    if (LookUp(Joined(core, i + 1, core.size()), 0.95, out)) return;
  const Words bare = WithoutQualifiers(core);
  if (!bare.empty() && bare.size() != core.size() && LookUp(Joined(bare), 0.95, out)) return;
  for (const Words* w : std::initializer_list<const Words*>{&core, &bare}) {
    for (size_t i = 1; i < w->size(); ++i)
      if (LookUp(Joined(*w, i, w->size()), i + 1 == w->size() && IsWeakWord(w->back()) ? 0.4 : 0.8, out)) return;
    for (size_t i = w->size(); i-- > 1;)
      if (LookUp(Joined(*w, 0, i), i == 1 && IsWeakWord(w->front()) ? 0.3 : 0.65, out)) return;
  }
  for (const auto& w : bare)
    if (w.size() > 5 && out->hints.empty()) LookUpWithin(w, out);
}

bool HasAny(const std::string& text, std::initializer_list<const char*> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](const char* p) { return text.find(p) != std::string::npos; });
}

void ReadSurroundings(const Words& words, NameReading* out) {
  const std::string all = Joined(words);
  int rank = 1;
  for (const auto& w : words) {
    if (const Qualifier* q = FindQualifier(w)) {
      if (q->rank > 0) rank = std::max(rank, q->rank + 1);
      if (q->address_group && q->rank > 0) out->group = w;
    }
    if (IsNumber(w) && w.size() == 1) rank += w[0] - '1';
    out->other_person |= IsOtherPerson(w);
    out->company |= IsCompanyName(w);
  }
  if (HasAny(all, {"mobil", "cell", "handy", "movil", "celular", "portable", "gsm", "telemovel", "sms", "whatsapp"}))
    rank = 0;
  out->rank = rank;
}

// "REG" of REGCITY, REGSTATE, REGZIP: letters that several names share, and behind which an entry of the dictionary
// stands. "" where they do not.
std::string GluedPrefix(const std::vector<std::string>& names) {
  constexpr size_t kShortest = 2, kLongest = 5, kLeastRest = 3, kLeastNames = 4;
  std::map<std::string, size_t> prefixes;
  for (const auto& n : names) {
    const Words words = NameWords(n);
    if (words.size() != 1 || TheIndex().contains(words[0])) continue;
    for (size_t at = kShortest; at <= kLongest && at + kLeastRest <= words[0].size(); ++at)
      if (TheIndex().contains(std::string_view(words[0]).substr(at))) ++prefixes[words[0].substr(0, at)];
  }
  std::string best;
  size_t most = kLeastNames - 1;
  for (const auto& [prefix, n] : prefixes)
    if (n > most) {
      most = n;
      best = prefix;
    }
  return best;
}

bool IsOptOut(Role role) { return role >= Role::kOptOut && role <= Role::kOptOutMail; }

// What the words together say of being contacted goes before what single ones do; an entry of the dictionary that fits
// the whole name goes before both.
void ReadWishes(const Words& words, NameReading* out) {
  const bool known =
      std::any_of(out->hints.begin(), out->hints.end(), [](const NameHint& h) { return h.strength >= 0.96; });
  if (known) return;
  const Wish wish = ReadWish(words);
  if (wish.kind == Wish::Kind::kNone) return;
  std::erase_if(out->hints, [](const NameHint& h) { return IsOptOut(h.role); });
  out->consent = wish.kind == Wish::Kind::kConsent;
  if (out->consent) return;
  // "do not contact by phone": nobody else is meant.
  out->other_person =
      std::any_of(words.begin(), words.end(), [](const auto& w) { return w != "by" && IsOtherPerson(w); });
  for (auto& h : out->hints) h.strength *= 0.3;
  out->hints.push_back({wish.role, 0.85});
}

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kNone:
      return "none";
    case Role::kStreetNumber:
      return "street number";
    case Role::kStreetName:
      return "street name";
    case Role::kZipPlus:
      return "zip+4";
    case Role::kOptOutCall:
      return "opt_out (call)";
    case Role::kOptOutSms:
      return "opt_out (sms)";
    case Role::kOptOutEmail:
      return "opt_out (email)";
    case Role::kOptOutMail:
      return "opt_out (mail)";
    case Role::kKey:
      return "key";
    default:
      return FieldName(*FieldOf(role));
  }
}

std::optional<Field> FieldOf(Role role) {
  switch (role) {
    case Role::kNone:
    case Role::kKey:
      return std::nullopt;
    case Role::kFullName:
      return Field::kFullName;
    case Role::kFirstName:
      return Field::kFirstName;
    case Role::kMiddleName:
      return Field::kMiddleName;
    case Role::kLastName:
      return Field::kLastName;
    case Role::kSuffix:
      return Field::kSuffix;
    case Role::kSex:
      return Field::kSex;
    case Role::kBirthDate:
      return Field::kBirthDate;
    case Role::kEmail:
      return Field::kEmail;
    case Role::kPhone:
      return Field::kPhone;
    case Role::kStreet:
    case Role::kStreetNumber:
    case Role::kStreetName:
      return Field::kStreet;
    case Role::kUnit:
      return Field::kUnit;
    case Role::kCity:
      return Field::kCity;
    case Role::kState:
      return Field::kState;
    case Role::kZip:
    case Role::kZipPlus:
      return Field::kZip;
    case Role::kAddress:
      return Field::kAddress;
    case Role::kCountry:
      return Field::kCountry;
    case Role::kNationalId:
      return Field::kNationalId;
    case Role::kUpdatedAt:
      return Field::kUpdatedAt;
    default:
      return Field::kOptOut;
  }
}

double NameReading::Strength(Role role) const {
  for (const auto& h : hints)
    if (h.role == role) return h.strength;
  return 0;
}

std::vector<std::string> NameWords(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  auto end_word = [&] {
    std::string folded = FoldKey(word);
    if (!folded.empty()) words.push_back(std::move(folded));
    word.clear();
  };
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = normalize::IsAlpha(c) || !normalize::IsAscii(c);
    if (!letter && !normalize::IsDigit(c)) {
      end_word();
      continue;
    }
    if (!word.empty()) {
      const char before = word.back();
      const bool next_lower = i + 1 < name.size() && normalize::IsLower(name[i + 1]);
      // "firstName", "DOBDate", "phone2".
      const bool hump =
          normalize::IsUpper(c) && (normalize::IsLower(before) || (normalize::IsUpper(before) && next_lower));
      if (hump || normalize::IsDigit(c) != normalize::IsDigit(before)) end_word();
    }
    word.push_back(c);
  }
  end_word();
  return words;
}

NameReading ReadName(std::string_view name, std::string_view prefix) {
  NameReading out;
  Words words = NameWords(name);
  if (!prefix.empty() && words.size() > 1 && words.front() == prefix) words.erase(words.begin());
  if (!prefix.empty() && words.size() == 1 && words[0].starts_with(prefix) && !TheIndex().contains(words[0]) &&
      TheIndex().contains(std::string_view(words[0]).substr(prefix.size())))
    words[0].erase(0, prefix.size());
  if (words.empty()) return out;
  ReadSurroundings(words, &out);
  FindHints(words, &out);
  const std::string all = Joined(words);
  const bool birth = HasAny(all, {"birth", "geburt", "naissance", "nacimiento"});
  out.about = std::any_of(words.begin(), words.end(), [](const auto& w) { return IsAboutValue(w); });
  // "place of birth", "name at birth" are not today's.
  out.about |= birth && out.Strength(Role::kBirthDate) < 0.6;
  ReadWishes(words, &out);
  for (auto& h : out.hints) {
    const bool exact = h.strength >= 0.9;
    if (birth && h.role != Role::kBirthDate) h.strength *= 0.2;
    if (out.about && !exact) h.strength *= 0.2;
    if (out.other_person && !exact) h.strength *= 0.2;
    const bool name_role = h.role <= Role::kSuffix;
    if (out.company && name_role && !exact) h.strength *= 0.1;
    if (out.rank >= 8) h.strength *= 0.5;  // previous, old, former
  }
  std::stable_sort(out.hints.begin(), out.hints.end(),
                   [](const NameHint& a, const NameHint& b) { return a.strength > b.strength; });
  return out;
}

bool SaysRefusal(std::string_view name) {
  Words words = NameWords(name);
  const Wish wish = ReadWish(words);
  if (wish.kind != Wish::Kind::kNone) return wish.kind == Wish::Kind::kRefusal && wish.stem;
  return std::any_of(words.begin(), words.end(), [](const std::string& w) {
    NameReading reading;
    return !w.starts_with("no") && w != "dns" && LookUp(w, 1, &reading) && IsOptOut(reading.hints.front().role);
  });
}

std::string SharedPrefix(const std::vector<std::string>& names) {
  std::map<std::string, size_t> first;
  for (const auto& n : names) {
    const Words words = NameWords(n);
    if (words.size() > 1) ++first[words.front()];
  }
  for (const auto& [word, n] : first)
    if (n >= 4 && n * 10 >= names.size() * 6) return word;
  return GluedPrefix(names);
}

}  // namespace migrate::survey
