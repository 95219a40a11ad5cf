#include "address_parts.h"

#include "migrate/normalize/postal_codes.h"
#include "street_parts.h"

namespace migrate::normalize {
namespace {

constexpr CharSet kEnds = " ,;";

bool IsStrongSuffix(std::string_view word) {
  const std::string_view suffix = SuffixAbbreviation(word);
  for (const char* strong : {"St", "Ave", "Rd", "Dr", "Ln", "Blvd", "Ct", "Pl", "Way", "Cir", "Ter", "Pkwy", "Hwy"})
    if (suffix == strong) return true;
  return EqualsIgnoreCase(word, "broadway");
}

bool IsStreetSaint(const Words& words, size_t i) {
  if (!EqualsIgnoreCase(words[i], "st") && !EqualsIgnoreCase(words[i], "st.")) return false;
  if (i == 0 || Directional(words[i - 1]).empty() || i + 2 >= words.size()) return false;
  // "100 N St Louis Ave": a street cannot be called by its directional alone if another suffix follows.
  for (size_t k = i + 1; k + 1 < words.size() && k < i + 4; ++k)
    if (IsStrongSuffix(words[k])) return true;
  return false;
}

std::string_view Bare(std::string_view word) { return TrimChars(word, ".,;"); }

// The end of "PO Box 12", "RR 2 Box 18", "PSC 802 Box 74", "General Delivery" at the beginning of a line, or 0.
size_t SpecialEnd(const Words& words) {
  for (size_t i = 0; i + 1 < words.size() && i < 4; ++i) {
    const std::string_view next = Bare(words[i + 1]);
    const bool number = HasDigit(next) || next.size() == 1;
    if ((EqualsIgnoreCase(words[i], "box") || EqualsIgnoreCase(words[i], "bx")) && number) return i + 2;
  }
  if (words.size() > 2 && EqualsIgnoreCase(words[0], "general") && EqualsIgnoreCase(words[1], "delivery")) return 2;
  return 0;
}

// The end of "500 County Road 12", "1200 Hwy 7 N" or "100 Avenue B", or 0.
size_t RoadEnd(const Words& words) {
  for (size_t i = 1; i + 1 < words.size() && i < 4; ++i) {
    std::string_view name;
    if (const size_t n = RoadSystem(words, i, words.size(), &name); n > 0) return i + n + 1;
  }
  if (words.size() > 2 && EqualsIgnoreCase(Bare(words[1]), "broadway")) return 2;
  const bool avenue = words.size() > 3 && SuffixAbbreviation(words[1]) == "Ave" && words[2].size() == 1;
  return avenue ? 3 : 0;
}

size_t SuffixEnd(const Words& words) {
  size_t end = words.size();
  for (const bool strong : {true, false}) {
    for (size_t i = 2; i < words.size() && end == words.size(); ++i) {
      const std::string_view word = Bare(words[i]);
      if (strong ? IsStrongSuffix(word) && !IsStreetSaint(words, i) : !SuffixAbbreviation(word).empty()) end = i;
    }
  }
  if (end == words.size()) return 0;
  // "Court St", "3rd Street Circle": the last of several is the suffix.
  while (end + 2 < words.size() && IsStrongSuffix(Bare(words[end + 1]))) ++end;
  return end + 1;
}

// Behind the street: a directional and units.
size_t AfterStreet(const Words& words, size_t end) {
  if (end + 1 < words.size() && Bare(words[end]).size() <= 2 && !Directional(Bare(words[end])).empty()) ++end;
  while (end + 1 < words.size()) {
    const UnitWord unit = UnitDesignator(Bare(words[end]));
    if (words[end][0] == '#') {
      end += words[end].size() == 1 ? 2 : 1;
    } else if (unit.needs_number && end + 2 < words.size() && (!unit.is_common_word || HasDigit(words[end + 1]))) {
      end += words[end + 1] == "#" && end + 3 < words.size() ? 3 : 2;
    } else if (IsOrdinal(words[end]) && UnitDesignator(Bare(words[end + 1])).abbreviation == "Fl") {
      end += 2;
    } else if (!unit.abbreviation.empty() && !unit.needs_number && !unit.is_common_word) {
      ++end;
    } else {
      break;
    }
  }
  return end;
}

std::string_view NextPart(std::string_view* text) {
  const size_t comma = text->find_first_of(",;");
  const std::string_view part = Trim(text->substr(0, comma));
  *text = comma == std::string_view::npos ? std::string_view() : text->substr(comma + 1);
  return part;
}

// The first `count` words of a part, and what follows them.
std::string_view FirstWords(std::string_view text, int count, std::string_view* after) {
  size_t end = 0;
  for (int i = 0; i < count; ++i) {
    if (end == std::string_view::npos || end >= text.size()) return {};
    end = text.find(' ', end == 0 ? 0 : end + 1);
  }
  *after = end == std::string_view::npos ? std::string_view() : Trim(text.substr(end));
  return text.substr(0, end);
}

// "10115 Berlin", "Madrid 28013" or a mere code. The city may be empty.
bool ReadZipPart(std::string_view part, std::string_view country, bool code_alone, AddressLine* line) {
  for (const int words : {2, 1}) {
    std::string_view rest;
    const std::string_view first = FirstWords(part, words, &rest);
    if (!first.empty() && IsZipOf(first, country) && (!rest.empty() || code_alone)) {
      line->zip = first;
      line->city = rest;
      return true;
    }
    const std::string_view last = LastWords(part, words, &rest);
    if (!last.empty() && !rest.empty() && IsZipOf(last, country) && !HasDigit(rest)) {
      line->zip = last;
      line->city = rest;
      return true;
    }
  }
  return false;
}

// "Hauptstr. 5 10115 Berlin": the last code with a word without digits behind it.
bool SplitByZip(std::string_view text, std::string_view country, AddressLine* line) {
  for (size_t blank = text.rfind(' '); blank != std::string_view::npos && blank > 0;
       blank = text.rfind(' ', blank - 1)) {
    AddressLine found;
    const std::string_view tail = text.substr(blank + 1);
    if (!ReadZipPart(tail, country, false, &found) || found.zip.data() != tail.data() || HasDigit(found.city)) continue;
    line->zip = found.zip;
    line->city = found.city;
    line->street = TrimChars(text.substr(0, blank), kEnds);
    return !line->street.empty();
  }
  return false;
}

// "Roma (RM)", "Roma RM": the province of an Italian city.
void TakeProvince(std::string_view country, AddressLine* line) {
  const std::string_view city = line->city;
  if (country != "IT" || city.size() < 4 || !line->state.empty()) return;
  const size_t n = city.size();
  const bool brackets = n > 5 && city[n - 1] == ')' && city[n - 4] == '(';
  const std::string_view code = brackets ? city.substr(n - 3, 2) : city.substr(n - 2);
  const char before = brackets ? ' ' : city[n - 3];
  if (before != ' ' || !IsUpper(code[0]) || !IsUpper(code[1])) return;
  line->state = code;
  line->city = Trim(city.substr(0, brackets ? n - 4 : n - 3));
}

}  // namespace

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

bool LooksLikeStreet(std::string_view part) {
  if (part.empty()) return false;
  if (IsDigit(part[0])) return true;
  Words words;
  if (!words.Split(part, ".,")) return true;
  if (words.size() > 1 && UnitDesignator(words[0]).needs_number) return true;
  if (words.size() > 1 && EqualsIgnoreCase(words[0], "general") && EqualsIgnoreCase(words[1], "delivery")) return true;
  for (size_t i = 0; i < words.size(); ++i)
    if (EqualsIgnoreCase(words[i], "box") || words[i] == "&") return true;
  return (words.size() > 1 || part[0] == '#') && CountDigits(part) > 0;
}

bool SplitBySuffix(std::string_view text, AddressLine* line) {
  Words words;
  if (!words.Split(text)) return false;
  size_t end = SpecialEnd(words);
  if (end == 0) end = RoadEnd(words);
  if (end == 0) end = SuffixEnd(words);
  if (end == 0) return false;
  end = AfterStreet(words, end);
  if (end >= words.size()) return false;
  const size_t at = static_cast<size_t>(words[end].data() - text.data());
  line->street = TrimChars(text.substr(0, at), kEnds);
  line->city = text.substr(at);
  return true;
}

void SplitContinental(std::string_view text, std::string_view country, AddressLine* line) {
  std::string_view rest = text, previous;
  size_t parts = 0;
  while (!rest.empty()) {
    const size_t at = static_cast<size_t>(rest.data() - text.data());
    const std::string_view part = NextPart(&rest);
    ++parts;
    // The first part is the street, if there are others, or if it has a street before the code.
    if (!ReadZipPart(part, country, parts > 1, line) || (parts == 1 && LooksLikeStreet(line->city))) {
      line->zip = line->city = {};
      previous = part;
      continue;
    }
    line->street = TrimChars(text.substr(0, at), kEnds);
    if (line->city.empty() && !rest.empty()) {
      line->city = NextPart(&rest);
    } else if (line->city.empty() && parts > 2) {
      line->city = previous;
      line->street = TrimChars(line->street.substr(0, line->street.size() - previous.size()), kEnds);
    }
    if (!rest.empty()) line->state = TrimChars(rest, kEnds);
    return TakeProvince(country, line);
  }
  if (SplitByZip(text, country, line)) return TakeProvince(country, line);
  const size_t comma = text.find_last_of(",;");
  const std::string_view last = comma == std::string_view::npos ? text : Trim(text.substr(comma + 1));
  if (HasDigit(last)) {
    line->street = text;
    return;
  }
  line->city = last;
  line->street = comma == std::string_view::npos ? std::string_view() : TrimChars(text.substr(0, comma), kEnds);
}

bool IsBritishCounty(std::string_view text) {
  static const WordTable table{{"bedfordshire", 1},
                               {"berkshire", 1},
                               {"buckinghamshire", 1},
                               {"cambridgeshire", 1},
                               {"cheshire", 1},
                               {"cornwall", 1},
                               {"cumbria", 1},
                               {"derbyshire", 1},
                               {"devon", 1},
                               {"dorset", 1},
                               {"county durham", 1},
                               {"co durham", 1},
                               {"east sussex", 1},
                               {"e sussex", 1},
                               {"essex", 1},
                               {"gloucestershire", 1},
                               {"hampshire", 1},
                               {"hants", 1},
                               {"herefordshire", 1},
                               {"hertfordshire", 1},
                               {"herts", 1},
                               {"isle of wight", 1},
                               {"kent", 1},
                               {"lancashire", 1},
                               {"lancs", 1},
                               {"leicestershire", 1},
                               {"leics", 1},
                               {"lincolnshire", 1},
                               {"lincs", 1},
                               {"merseyside", 1},
                               {"middlesex", 1},
                               {"middx", 1},
                               {"norfolk", 1},
                               {"northants", 1},
                               {"northamptonshire", 1},
                               {"northumberland", 1},
                               {"north yorkshire", 1},
                               {"n yorkshire", 1},
                               {"notts", 1},
                               {"nottinghamshire", 1},
                               {"oxfordshire", 1},
                               {"oxon", 1},
                               {"rutland", 1},
                               {"shropshire", 1},
                               {"salop", 1},
                               {"somerset", 1},
                               {"south yorkshire", 1},
                               {"s yorkshire", 1},
                               {"staffordshire", 1},
                               {"staffs", 1},
                               {"suffolk", 1},
                               {"surrey", 1},
                               {"tyne and wear", 1},
                               {"tyne & wear", 1},
                               {"warwickshire", 1},
                               {"west midlands", 1},
                               {"w midlands", 1},
                               {"west sussex", 1},
                               {"w sussex", 1},
                               {"west yorkshire", 1},
                               {"w yorkshire", 1},
                               {"wiltshire", 1},
                               {"wilts", 1},
                               {"worcestershire", 1},
                               {"worcs", 1},
                               {"yorkshire", 1},
                               {"bucks", 1},
                               {"cambs", 1},
                               {"gwynedd", 1},
                               {"clwyd", 1},
                               {"dyfed", 1},
                               {"powys", 1},
                               {"gwent", 1},
                               {"fife", 1},
                               {"lanarkshire", 1},
                               {"ayrshire", 1},
                               {"aberdeenshire", 1},
                               {"midlothian", 1},
                               {"county down", 1},
                               {"co down", 1},
                               {"county antrim", 1},
                               {"co antrim", 1},
                               {"co armagh", 1},
                               {"co tyrone", 1},
                               {"co fermanagh", 1}};
  return table.Find(text) != WordTable::kNone || EqualsIgnoreCase(text, "greater manchester") ||
         EqualsIgnoreCase(text, "east riding of yorkshire");
}

}  // namespace migrate::normalize
