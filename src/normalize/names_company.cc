#include <algorithm>

#include "name_words.h"
#include "names_parse.h"

namespace migrate::normalize {
namespace {

bool IsAllUpper(std::string_view word) {
  for (const char c : word)
    if (IsLower(c)) return false;
  return true;
}

// "Volvo AB", "Siemens A.G.": the form that ends a name, which in capitals alone might be a surname ("MARIA SA").
bool EndsWithForm(std::string_view last, std::string_view text) {
  if ((ClassOfDotted(last) & kCompanyLast) == 0) return false;
  const size_t dot = last.find('.');
  if (dot != std::string_view::npos && dot + 1 < last.size()) return true;
  return IsAllUpper(last) && HasBothCases(text);
}

// Company designators of scripts that write no blank before them.
bool HasEastAsianForm(std::string_view text) {
  const auto lead = [](char c) { return static_cast<uint8_t>(c) >= 0xE3 && static_cast<uint8_t>(c) <= 0xED; };
  if (std::none_of(text.begin(), text.end(), lead)) return false;
  for (const std::string_view form :
       {"株式会社", "有限会社", "合同会社", "株式會社", "有限公司", "集团", "集團",     "公司",
        "银行",     "銀行",     "大学",     "大學",     "医院",     "病院", "주식회사", "(주)",
        "유한회사", "대학교",   "은행",     "병원",     "㈜",       "㈱"})
    if (text.find(form) != std::string_view::npos) return true;
  return false;
}

// The classes of a token; of one with inner periods ("Smith.LLC") those of its pieces, which is how it is taken apart.
uint32_t ClassOfToken(std::string_view token) {
  token = StrippedWord(token, false);
  uint32_t cls = ClassOfDotted(token);
  if (cls != 0 || token.find('.') == std::string_view::npos) return cls;
  while (!token.empty()) {
    const size_t dot = token.find('.');
    cls |= ClassOf(StrippedWord(token.substr(0, dot), false));
    token = dot == std::string_view::npos ? std::string_view() : token.substr(dot + 1);
  }
  return cls;
}

constexpr char kBetween[] = ",;:()[]{}\"";

}  // namespace

bool MayBeCompany(std::string_view text) {
  constexpr uint32_t kAny = kCompany | kCompanyWeak | kCompanyLast;
  Words words;
  if (!words.Split(text, kBetween)) return false;
  for (size_t i = 0; i < words.size(); ++i)
    if ((ClassOfToken(words[i]) & kAny) != 0) return true;
  return false;
}

bool IsCompanyName(std::string_view text) {
  bool between = false, other = false;
  for (const char c : text) {
    between |= c == ' ' || c == '.' || c == ',';
    other |= !IsAscii(c);
  }
  if (other && HasEastAsianForm(text)) return true;
  if (!between) return false;  // one word is none
  Words words;
  if (!words.Split(text, kBetween) || (words.size() < 2 && text.find('.') == std::string_view::npos)) return false;
  uint32_t all = 0, ending = 0;
  size_t weak = 0;
  bool of_or_the = false;
  for (size_t i = 0; i < words.size(); ++i) {
    ending = ClassOfToken(words[i]);
    all |= ending;
    weak += (ending & kCompanyWeak) != 0;
    of_or_the |= (ending & kConnective) != 0 && (ending & kPeople) == 0;
  }
  if (words.size() == 0) return false;
  if ((all & kCompany) != 0) return words.size() > 1 || ClassOfDotted(words[0]) == 0;
  if ((ending & kHousehold) != 0) return false;  // "The Smith Family"
  if (weak >= 2 || (weak > 0 && of_or_the)) return true;
  if ((all & kCompanyKin) != 0 && (all & kConnective) != 0) return true;
  if (words.size() >= 3 && (ending & kTrustee) != 0) return true;
  return EndsWithForm(words[words.size() - 1], text);
}

}  // namespace migrate::normalize
