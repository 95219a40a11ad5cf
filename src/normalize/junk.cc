#include "migrate/normalize/junk.h"

#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

const std::vector<WordTable::Entry>& JunkWordList() {
  static const std::vector<WordTable::Entry> list{{"unknown", 1},
                                                  {"unknow", 1},
                                                  {"unkown", 1},
                                                  {"unk", 1},
                                                  {"unkn", 1},
                                                  {"n/a", 1},
                                                  {"n.a.", 1},
                                                  {"n.a", 1},
                                                  {"na", 1},
                                                  {"n\\a", 1},
                                                  {"null", 1},
                                                  {"nul", 1},
                                                  {"none", 1},
                                                  {"nil", 1},
                                                  {"nan", 1},
                                                  {"tbd", 1},
                                                  {"tba", 1},
                                                  {"tbc", 1},
                                                  {"undefined", 1},
                                                  {"not known", 1},
                                                  {"not available", 1},
                                                  {"not applicable", 1},
                                                  {"not provided", 1},
                                                  {"not given", 1},
                                                  {"not stated", 1},
                                                  {"not specified", 1},
                                                  {"not entered", 1},
                                                  {"not recorded", 1},
                                                  {"not listed", 1},
                                                  {"not on file", 1},
                                                  {"no data", 1},
                                                  {"no value", 1},
                                                  {"no info", 1},
                                                  {"no information", 1},
                                                  {"missing", 1},
                                                  {"unspecified", 1},
                                                  {"unlisted", 1},
                                                  {"refused", 1},
                                                  {"declined", 1},
                                                  {"withheld", 1},
                                                  {"empty", 1},
                                                  {"dummy", 1},
                                                  {"do not use", 1},
                                                  {"anonymous", 1},
                                                  {"anon", 1},
                                                  {"no name", 1},
                                                  {"noname", 1},
                                                  {"unnamed", 1},
                                                  {"no email", 1},
                                                  {"noemail", 1},
                                                  {"no phone", 1},
                                                  {"no address", 1},
                                                  {"see notes", 1},
                                                  {"same as above", 1},
                                                  {"no last name", 1},
                                                  {"no first name", 1},
                                                  {"address unknown", 1},
                                                  {"no fixed address", 1},
                                                  {"no fixed abode", 1},
                                                  {"unbekannt", 1},
                                                  {"keine angabe", 1},
                                                  {"k.a.", 1},
                                                  {"inconnu", 1},
                                                  {"desconocido", 1},
                                                  {"sconosciuto", 1},
                                                  {"desconhecido", 1},
                                                  {"onbekend", 1},
                                                  {"s/o", 1},
                                                  {"#n/a", 1},
                                                  {"#ref!", 1},
                                                  {"#name?", 1},
                                                  {"#null!", 1},
                                                  {"#value!", 1},
                                                  {"#div/0!", 1}};
  return list;
}

const WordTable& JunkWords() {
  static const WordTable table(JunkWordList());
  return table;
}

const std::vector<WordTable::Entry>& JunkNameList() {
  static const std::vector<WordTable::Entry> list{{"fnu", 1},
                                                  {"lnu", 1},
                                                  {"nfn", 1},
                                                  {"nln", 1},
                                                  {"nmn", 1},
                                                  {"nmi", 1},
                                                  {"asdf", 1},
                                                  {"asdfg", 1},
                                                  {"asdfasdf", 1},
                                                  {"qwerty", 1},
                                                  {"fname", 1},
                                                  {"lname", 1},
                                                  {"firstname", 1},
                                                  {"lastname", 1},
                                                  {"first name", 1},
                                                  {"last name", 1},
                                                  {"full name", 1},
                                                  {"test test", 1},
                                                  {"test user", 1},
                                                  {"baby boy", 1},
                                                  {"baby girl", 1},
                                                  {"deceased", 1},
                                                  {"occupant", 1},
                                                  {"resident", 1},
                                                  {"householder", 1},
                                                  {"homeowner", 1},
                                                  {"current resident", 1},
                                                  {"current occupant", 1},
                                                  {"the occupier", 1},
                                                  {"valued customer", 1},
                                                  {"sdf", 1},
                                                  {"sdfg", 1},
                                                  {"sdfsdf", 1},
                                                  {"dfgdfg", 1},
                                                  {"qwer", 1},
                                                  {"qwertz", 1},
                                                  {"azerty", 1},
                                                  {"zxcv", 1},
                                                  {"zxcvbn", 1},
                                                  {"lorem ipsum", 1},
                                                  {"duplicate", 1},
                                                  {"deleted", 1},
                                                  {"do not call", 1},
                                                  {"do not contact", 1},
                                                  {"do not mail", 1}};
  return list;
}

const WordTable& JunkNames() {
  static const WordTable table(JunkNameList());
  return table;
}

// Lower-cased value, all of one letter; at least `least` of them.
bool IsRepeated(std::string_view value, size_t least, char letter) {
  if (value.size() < least) return false;
  for (const char c : value)
    if (Lower(c) != letter) return false;
  return true;
}

bool HasContent(std::string_view value) {
  for (const char c : value)
    if (IsAlnum(c) || !IsAscii(c)) return true;
  return false;
}

}  // namespace

bool IsJunk(std::string_view value) {
  if (value.empty() || IsDigit(value.front())) return false;  // no word of the table begins with a digit
  if (value.size() > 24) return !HasContent(value);
  if (JunkWords().Find(value) != WordTable::kNone) return true;
  if (!value.empty() && IsAlnum(value.front()) && IsAlnum(value.back())) return IsRepeated(value, 2, 'x');
  if (!HasContent(value)) return !value.empty();
  const std::string_view bare = TrimChars(value, "()[]<>{}#*-_.?!'\" ");
  return bare.size() != value.size() && (JunkWords().Find(bare) != WordTable::kNone || IsRepeated(bare, 2, 'x'));
}

bool IsJunkName(std::string_view value) {
  if (value == "Null" || value == "Na" || EqualsIgnoreCase(value, "nan")) return false;
  if (IsJunk(value) || JunkNames().Find(value) != WordTable::kNone) return true;
  if (value.empty()) return false;
  const char first = Lower(value.front());
  if (IsAlpha(first)) return value.size() >= 3 && IsRepeated(value, 3, first);
  for (const char c : value)
    if (IsAlpha(c) || !IsAscii(c)) return false;
  return true;
}

std::vector<std::string_view> JunkNameWords() {
  std::vector<std::string_view> words;
  for (const auto* list : {&JunkWordList(), &JunkNameList()})
    for (const auto& [word, number] : *list) words.push_back(word);
  return words;
}

bool IsDigitPlaceholder(std::string_view digits) {
  if (digits.size() < 4) return false;
  // 9 is followed by 0 and the other way round.
  const int step = (digits[1] - digits[0] + 10) % 10;
  if (step != 0 && step != 1 && step != 9) return false;
  for (size_t i = 2; i < digits.size(); ++i)
    if ((digits[i] - digits[i - 1] + 10) % 10 != step) return false;
  return true;
}

}  // namespace migrate::normalize
