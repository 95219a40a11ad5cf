#include "migrate/normalize/addresses.h"
#include "migrate/normalize/postal_codes.h"
#include "migrate/normalize/states.h"
#include "street_words.h"

namespace migrate::normalize {
namespace {

constexpr CharSet kEnds = " ,;";

// The last word of `text`, and the text before it.
std::string_view LastWord(std::string_view text, std::string_view* before) {
  const size_t cut = text.find_last_of(" ,;");
  *before = cut == std::string_view::npos ? std::string_view() : TrimChars(text.substr(0, cut), kEnds);
  return cut == std::string_view::npos ? text : text.substr(cut + 1);
}

// The last `count` words of `text` within its last comma-separated part; "" if there are fewer.
std::string_view LastWords(std::string_view text, int count, std::string_view* before) {
  size_t begin = text.size();
  for (int i = 0; i < count; ++i) {
    if (begin == 0) return {};
    const size_t cut = text.find_last_of(" ,;", begin - 1);
    if (cut == begin - 1) return {};
    if (cut == std::string_view::npos) {
      if (i + 1 < count) return {};
      begin = 0;
      break;
    }
    if (text[cut] != ' ' && i + 1 < count) return {};
    begin = cut + (i + 1 < count ? 0 : 1);
  }
  *before = TrimChars(text.substr(0, begin), kEnds);
  return text.substr(begin);
}

void TakeCountry(std::string_view* text, std::string_view* country) {
  const size_t comma = text->find_last_of(",;");
  std::string_view before;
  std::string_view last = comma == std::string_view::npos ? LastWord(*text, &before) : Trim(text->substr(comma + 1));
  std::string code;
  if (NormalizeCountry(last, &code) != Outcome::kOk || IsDigit(last[0]) || !StateCode(last, "US").empty() ||
      !StateCode(last, "CA").empty()) {
    last = LastWord(*text, &before);
    if (!EqualsIgnoreCase(last, "usa") && !EqualsIgnoreCase(last, "u.s.a") && !EqualsIgnoreCase(last, "u.s.a.")) return;
  }
  // Two letters are a state or anything else before they are a country, save these.
  if (last.size() == 2 && !EqualsIgnoreCase(last, "us") && !EqualsIgnoreCase(last, "uk")) return;
  const size_t at = static_cast<size_t>(last.data() - text->data());
  if (at == 0) return;
  *country = last;
  *text = TrimChars(text->substr(0, at), kEnds);
}

void TakeZip(std::string_view country, std::string_view* text, std::string_view* zip) {
  for (const int words : {2, 1}) {
    std::string_view before;
    const std::string_view candidate = LastWords(*text, words, &before);
    if (candidate.empty() || before.empty()) continue;
    const bool canadian = StyleOf(country) == AddressStyle::kUs && IsZipOf(candidate, "CA");
    // "IL 62704" is no code of two words: only letters and digits of one code may stand together.
    if (!IsZipOf(candidate, country) && !canadian) continue;
    *zip = candidate;
    *text = before;
    return;
  }
}

void TakeState(std::string_view country, std::string_view* text, std::string_view* state) {
  if (country == "GB") return;
  for (const int words : {3, 2, 1}) {
    std::string_view before;
    const std::string_view candidate = LastWords(*text, words, &before);
    if (candidate.empty() || before.empty()) continue;
    if (StateCode(candidate, country).empty() && (country != "US" || StateCode(candidate, "CA").empty())) continue;
    *state = candidate;
    *text = before;
    return;
  }
}

bool LooksLikeStreet(std::string_view part) {
  if (part.empty()) return false;
  if (IsDigit(part[0])) return true;
  Words words;
  if (!words.Split(part, ".,")) return true;
  if (words.size() > 1 && UnitDesignator(words[0]).needs_number) return true;
  for (size_t i = 0; i < words.size(); ++i)
    if (EqualsIgnoreCase(words[i], "box")) return true;
  return words.size() > 1 && CountDigits(part) > 0;
}

bool IsStrongSuffix(std::string_view word) {
  const std::string_view suffix = SuffixAbbreviation(word);
  for (const char* strong : {"St", "Ave", "Rd", "Dr", "Ln", "Blvd", "Ct", "Pl", "Way", "Cir", "Ter", "Pkwy", "Hwy"})
    if (suffix == strong) return true;
  return false;
}

// Index of the word that ends the street in "12 N Main St Apt 4 Springfield", or words.size().
size_t StreetEnd(const Words& words) {
  size_t end = words.size();
  for (const bool strong : {true, false}) {
    for (size_t i = 2; i < words.size() && end == words.size(); ++i)
      if (strong ? IsStrongSuffix(words[i]) : !SuffixAbbreviation(words[i]).empty()) end = i;
  }
  if (end == words.size()) return end;
  ++end;
  if (end + 1 < words.size() && words[end].size() <= 2 && !Directional(words[end]).empty()) ++end;
  while (end + 2 < words.size() && UnitDesignator(words[end]).needs_number) end += 2;
  if (end + 1 < words.size() && words[end][0] == '#') ++end;
  return end;
}

// Street and city without a comma between them.
void SplitBySuffix(std::string_view text, AddressLine* line) {
  Words words;
  if (words.Split(text)) {
    const size_t end = StreetEnd(words);
    if (end < words.size()) {
      const size_t at = static_cast<size_t>(words[end].data() - text.data());
      line->street = Trim(text.substr(0, at));
      line->city = text.substr(at);
      return;
    }
  }
  line->street = text;
}

}  // namespace

AddressLine SplitAddress(std::string_view text, std::string_view country) {
  AddressLine line;
  text = TrimChars(text, kEnds);
  if (text.empty()) return line;
  TakeCountry(&text, &line.country);
  std::string code;
  if (!line.country.empty() && NormalizeCountry(line.country, &code) == Outcome::kOk) country = code;
  TakeZip(country, &text, &line.zip);
  TakeState(country, &text, &line.state);
  const bool placed = !line.zip.empty() || !line.state.empty();
  const size_t comma = text.find_last_of(",;");
  if (comma != std::string_view::npos) {
    const std::string_view last = Trim(text.substr(comma + 1));
    const bool last_is_street = LooksLikeStreet(last);
    line.street = last_is_street ? text : TrimChars(text.substr(0, comma), kEnds);
    line.city = last_is_street ? std::string_view() : last;
  } else if (LooksLikeStreet(text)) {
    SplitBySuffix(text, &line);
  } else {
    line.city = text;
  }
  line.complete = placed && !line.city.empty();
  return line;
}

}  // namespace migrate::normalize
