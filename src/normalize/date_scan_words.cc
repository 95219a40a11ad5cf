// Month names and the words between them. Source of the names: Unicode CLDR, wide and abbreviated months of en, es, fr,
// de, it, pt, nl, and the older short forms of English (Sept), German (Maerz, Jaenner) and Spanish (setiembre).
#include <array>
#include <iterator>

#include "date_scan.h"
#include "migrate/normalize/text.h"
#include "migrate/record/keys.h"

namespace migrate::normalize {
namespace {

// By month, without accents.
constexpr std::string_view kMonths[12] = {
    "jan january enero ene janvier janv januar jaenner janner gennaio gen janeiro januari",
    "feb february febrero fevrier fevr fev februar febbraio fevereiro februari",
    "mar march marzo mars marz maerz mrz marco maart mrt",
    "apr april abril abr avril avr aprile",
    "may mayo mai maggio mag maio mei",
    "jun june junio juin juni giugno giu junho",
    "jul july julio juillet juil juli luglio lug julho",
    "aug august agosto ago aout augustus",
    "sep sept september septiembre setiembre septembre settembre set sett setembro",
    "oct october octubre octobre okt oktober ottobre ott outubro out",
    "nov november noviembre novembre novembro",
    "dec december diciembre dic decembre dezember dez dicembre dezembro"};

// Ordinal endings, prepositions, articles and weekdays. "mar" (martes, mardi, martedi) and "mer" are left to March and
// to nobody.
constexpr std::string_view kNoise =
    "st nd rd th of the de del di den der le el il er o do dia "
    "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday "
    "lunes martes miercoles jueves viernes sabado domingo lundi mardi mercredi jeudi vendredi samedi dimanche "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi fr sa so "
    "lunedi martedi mercoledi giovedi venerdi domenica segunda terca quarta quinta sexta feira "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag";

void AddWords(std::string_view words, uint32_t value, std::vector<WordTable::Entry>* entries) {
  while (!words.empty()) {
    const size_t end = words.find(' ');
    entries->emplace_back(words.substr(0, end), value);
    words = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
  }
}

const WordTable& DateWords() {
  static const WordTable table = [] {
    std::vector<WordTable::Entry> entries;
    for (uint32_t month = 0; month < std::size(kMonths); ++month) AddWords(kMonths[month], month + 1, &entries);
    AddWords(kNoise, kNoiseWord, &entries);
    return WordTable(entries);
  }();
  return table;
}

}  // namespace

int DateWord(std::string_view word) {
  const uint32_t found = DateWords().Find(word);
  if (found != WordTable::kNone) return static_cast<int>(found);
  for (const char c : word) {
    if (IsAscii(c)) continue;
    return static_cast<int>(DateWords().Find(FoldKey(word)));
  }
  return 0;
}

}  // namespace migrate::normalize
