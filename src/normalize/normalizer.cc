#include "migrate/normalize/normalizer.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "migrate/normalize/addresses.h"
#include "migrate/normalize/area_codes.h"
#include "migrate/normalize/codes.h"
#include "migrate/normalize/countries.h"
#include "migrate/normalize/dates.h"
#include "migrate/normalize/emails.h"
#include "migrate/normalize/junk.h"
#include "migrate/normalize/names.h"
#include "migrate/normalize/phones.h"
#include "migrate/normalize/postal_codes.h"
#include "migrate/normalize/states.h"
#include "migrate/record/keys.h"
#include "phones_text.h"

namespace migrate::normalize {
namespace {

// Texts that had to be rewritten; reused from row to row. A view of one lives until the same entry is used again.
struct Scratch {
  std::array<std::string, 6> texts;
  std::string joined, part, value, whole_number, city;
};

Scratch& ThisThread() {
  static thread_local Scratch scratch;
  return scratch;
}

void Flag(Outcome outcome, uint32_t flag, Record* out) {
  if (outcome == Outcome::kBad || outcome == Outcome::kDoubtful) out->flags |= flag;
  if (outcome == Outcome::kPlaceholder) out->flags |= kFlagPlaceholder;
}

void Bounded(size_t bound, std::string* value, Record* out) {
  if (Cut(value, bound)) out->flags |= kFlagTruncated;
}

bool IsText(std::string_view bytes) {
  for (const char c : bytes)
    if (static_cast<uint8_t>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
  return true;
}

// A whole number that a column of reals holds, as its digits: "2065559857.0", "2.065559857e+09". Other text as it is.
// The view lives until the next call.
std::string_view WholeNumber(std::string_view text) {
  if (text.size() > 2 && text.ends_with(".0")) return text.substr(0, text.size() - 2);
  if (text.find_first_of("eE") == std::string_view::npos) return text;
  constexpr double kExact = 1e15;  // below it, every whole number has a double of its own
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return text;
  if (!(value > -kExact && value < kExact) || value != static_cast<double>(static_cast<int64_t>(value))) return text;
  std::string& digits = ThisThread().whole_number;
  digits = std::to_string(static_cast<int64_t>(value));
  return digits;
}

// The cell's bytes as text: no binary.
std::string_view TextOf(const Cell& cell) {
  if (cell.type == CellType::kNull || (cell.type == CellType::kBytes && !IsText(cell.bytes))) return {};
  return cell.type == CellType::kReal ? WholeNumber(cell.bytes) : cell.bytes;
}

const Cell& CellAt(const std::vector<Cell>& row, uint32_t column) {
  static const Cell null;
  return column < row.size() ? row[column] : null;
}

// Line breaks separate the parts of an address, so they become commas before Clean makes blanks of them.
std::string_view JoinLines(std::string_view text, std::string* joined) {
  if (text.find('\n') == std::string_view::npos) return text;
  joined->clear();
  for (const char c : text) {
    if (c == '\n') {
      joined->append(", ");
    } else if (c != '\r') {
      joined->push_back(c);
    }
  }
  return *joined;
}

void AddContact(Field field, const std::string& value, Record* out) {
  std::string& best = (*out)[field];
  if (best.empty()) {
    best = value;
    return;
  }
  auto& more = field == Field::kEmail ? out->more_emails : out->more_phones;
  if (best != value && std::find(more.begin(), more.end(), value) == more.end()) more.push_back(value);
}

// The digits of a number that cannot be dialled: without its area code, of a plan that has changed, made up. Two rows
// that have them in common say so to matching. Few digits, or one or two that repeat, are no number at all.
void AddDigits(std::string_view text, std::string_view country, Record* out) {
  std::string ascii, digits;
  unsigned distinct = 0;
  for (const char c : AsciiDigits(text, &ascii)) {
    if (IsAlpha(c)) return;
    if (!IsDigit(c) || (digits.empty() && c == '0')) continue;
    digits.push_back(c);
    distinct |= 1u << (c - '0');
  }
  if (IsNanpCountry(country) && digits.size() == 11 && digits[0] == '1') digits.erase(0, 1);
  if (digits.size() < 7 || digits.size() > 15 || std::popcount(distinct) < 3) return;
  auto& more = out->more_phones;
  if (std::find(more.begin(), more.end(), digits) == more.end()) more.push_back(digits);
}

bool HasContent(const Record& r) {
  for (const Field f : {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kBirthDate,
                        Field::kEmail, Field::kPhone, Field::kStreet, Field::kCity, Field::kZip, Field::kNationalId})
    if (!r[f].empty()) return true;
  return std::any_of(r.attributes.begin(), r.attributes.end(), [](const std::string& a) { return !a.empty(); });
}

}  // namespace

Normalizer::Normalizer(NormalizeOptions options, std::vector<Attribute> attributes, std::vector<BoundField> fields)
    : options_(std::move(options)), attributes_(std::move(attributes)), fields_(std::move(fields)) {
  by_slot_.assign(static_cast<size_t>(kFieldCount) + attributes_.size(), -1);
  for (size_t i = 0; i < fields_.size(); ++i) {
    const auto slot = static_cast<size_t>(fields_[i].slot);
    if (slot < by_slot_.size()) by_slot_[slot] = static_cast<int>(i);
  }
}

Normalizer::Text Normalizer::Read(const BoundField* bound, const std::vector<Cell>& row, Form form,
                                  std::string* scratch) const {
  if (bound == nullptr) return {};
  if (bound->kind == FieldMapping::Kind::kConstant) return {Clean(bound->constant, form, scratch), CellType::kText};
  if (bound->kind == FieldMapping::Kind::kJoin) {
    Scratch& memory = ThisThread();
    memory.joined.clear();
    for (const uint32_t column : bound->columns) {
      const std::string_view part = Clean(TextOf(CellAt(row, column)), form, &memory.part);
      if (part.empty()) continue;
      if (!memory.joined.empty()) memory.joined.append(bound->with);
      memory.joined.append(part);
    }
    scratch->assign(Clean(memory.joined, form, &memory.part));
    return {*scratch, CellType::kText};
  }
  Text first;
  for (const uint32_t column : bound->columns) {
    const Cell& cell = CellAt(row, column);
    const std::string_view text = Clean(TextOf(cell), form, scratch);
    if (text.empty()) continue;
    if (bound->columns.size() == 1 || !IsJunk(text)) return {text, cell.type};
    if (first.view.empty()) first = {"-", CellType::kText};  // nothing but junk: the rule shall say so
  }
  return first;
}

void Normalizer::Normalize(const std::vector<Cell>& row, Record* out) const {
  out->ClearValues();
  out->attributes.resize(attributes_.size());
  std::string& country = (*out)[Field::kCountry];
  const Text text = Read(Bound(Field::kCountry), row, Form::kCode, &ThisThread().texts[0]);
  Flag(NormalizeCountry(text.view, &country), kFlagAddress, out);
  const std::string_view home = country.empty() ? std::string_view(options_.country) : std::string_view(country);
  Names(row, out);
  Contacts(Field::kEmail, row, home, out);
  Contacts(Field::kPhone, row, home, out);
  Address(row, home, out);
  Dates(row, out);
  Codes(row, out);
  OptOuts(row, out);
  Attributes(row, out);
  if (!HasContent(*out)) out->flags |= kFlagEmpty;
}

void Normalizer::Names(const std::vector<Cell>& row, Record* out) const {
  auto& texts = ThisThread().texts;
  RawNames raw;
  raw.full = Read(Bound(Field::kFullName), row, Form::kDisplay, &texts[0]).view;
  raw.first = Read(Bound(Field::kFirstName), row, Form::kDisplay, &texts[1]).view;
  raw.middle = Read(Bound(Field::kMiddleName), row, Form::kDisplay, &texts[2]).view;
  raw.last = Read(Bound(Field::kLastName), row, Form::kDisplay, &texts[3]).view;
  raw.suffix = Read(Bound(Field::kSuffix), row, Form::kDisplay, &texts[4]).view;
  NormalizeNames(raw, out);
}

void Normalizer::Contacts(Field field, const std::vector<Cell>& row, std::string_view country, Record* out) const {
  const BoundField* bound = Bound(field);
  if (bound == nullptr) return;
  Scratch& scratch = ThisThread();
  const bool email = field == Field::kEmail;
  const auto take = [&](std::string_view rest) {
    std::string_view part;
    while (email ? NextEmail(&rest, &part) : NextPhone(&rest, &part)) {
      const Outcome outcome =
          email ? NormalizeEmail(part, &scratch.value) : NormalizePhone(part, country, &scratch.value);
      Flag(outcome, email ? kFlagEmail : kFlagPhone, out);
      if (HasValue(outcome)) AddContact(field, scratch.value, out);
      if (!email && outcome == Outcome::kBad) AddDigits(part, country, out);
      if (email && IsRoleEmail(scratch.value)) out->flags |= kFlagRoleEmail;
    }
  };
  if (bound->kind != FieldMapping::Kind::kColumns) {
    take(Read(bound, row, Form::kCode, &scratch.texts[0]).view);
    return;
  }
  for (const uint32_t column : bound->columns) take(Clean(TextOf(CellAt(row, column)), Form::kCode, &scratch.texts[0]));
}

// Parts of an address in columns of other parts, where the form of a part leaves no doubt: "Springfield, IL 62704" as a
// city, a ZIP as a state, "IL 62704" as either, a whole address as a street. What the row gives in its own column
// stays.
void Normalizer::MoveMisplaced(std::string_view country, std::string_view* street, std::string_view* city,
                               std::string_view* state, Text* zip) {
  const bool city_suspect = city->find(',') != std::string_view::npos;
  const bool street_suspect = street->find(',') != std::string_view::npos;
  const bool zip_suspect = !zip->view.empty() && IsAlpha(zip->view[0]) && !IsZipOf(zip->view, country);
  if (!city_suspect && !street_suspect && !zip_suspect && CountDigits(*state) < 3) return;
  // A cell with junk is as good as an empty one.
  std::string value;
  // Periods go before commas are looked at, so that the value that comes out says the same as the cell.
  NormalizeCity(*city, &ThisThread().city);
  *city = ThisThread().city;
  if (!HasValue(NormalizeState(*state, country, &value)) && !IsZipOf(*state, country)) *state = {};
  if (!HasValue(NormalizeZip(zip->view, zip->type, country, &value)) && StateCode(zip->view, country).empty())
    *zip = {};
  if (zip->view.empty() && CountDigits(*state) > 2) {
    const AddressLine line = SplitAddress(*state, country);
    if (IsZipOf(*state, country)) {
      *zip = {*state, CellType::kText};
      *state = {};
    } else if (!line.zip.empty() && line.street.empty() && !StateCode(line.city, country).empty()) {
      *zip = {line.zip, CellType::kText};
      *state = line.city;
    }
  }
  if (!zip->view.empty() && IsAlpha(zip->view[0]) && !IsZipOf(zip->view, country)) {
    const AddressLine line = SplitAddress(zip->view, country);
    if (state->empty() && !StateCode(zip->view, country).empty()) {
      *state = zip->view;
      *zip = {};
    } else if (!line.zip.empty() && !StateCode(line.city, country).empty() &&
               (state->empty() || StateCode(*state, country) == StateCode(line.city, country))) {
      *state = line.city;
      *zip = {line.zip, CellType::kText};
    }
  }
  const std::string_view whole = city->empty() && state->empty() && zip->view.empty() ? *street : *city;
  if (whole.find(',') == std::string_view::npos) return;
  const AddressLine line = SplitAddress(whole, country);
  if (!line.complete || (whole.data() == city->data() && !line.street.empty())) return;
  // A state or code beside it must be the same.
  if (!state->empty() && StateCode(*state, country) != StateCode(line.state, country)) return;
  if (!zip->view.empty() && !line.zip.empty() && zip->view != line.zip) return;
  if (whole.data() != city->data()) *street = line.street;
  *city = line.city;
  if (state->empty()) *state = line.state;
  if (zip->view.empty()) *zip = {line.zip, CellType::kText};
}

void Normalizer::Address(const std::vector<Cell>& row, std::string_view country, Record* out) const {
  auto& texts = ThisThread().texts;
  std::string_view street = Read(Bound(Field::kStreet), row, Form::kDisplay, &texts[0]).view;
  const std::string_view unit = Read(Bound(Field::kUnit), row, Form::kDisplay, &texts[1]).view;
  std::string_view city = Read(Bound(Field::kCity), row, Form::kDisplay, &texts[2]).view;
  std::string_view state = Read(Bound(Field::kState), row, Form::kDisplay, &texts[3]).view;
  Text zip = Read(Bound(Field::kZip), row, Form::kCode, &texts[4]);
  std::string& country_value = (*out)[Field::kCountry];
  const bool has_line = Bound(Field::kAddress) != nullptr;
  bool unplaced = false;
  std::string lines;  // outlives the views below
  if (has_line) {
    const BoundField* bound = Bound(Field::kAddress);
    const bool one = bound->kind == FieldMapping::Kind::kColumns && bound->columns.size() == 1;
    const std::string_view text =
        one ? Clean(JoinLines(TextOf(CellAt(row, bound->columns[0])), &lines), Form::kDisplay, &texts[5])
            : Read(bound, row, Form::kDisplay, &texts[5]).view;
    if (IsJunk(text)) {
      Flag(Outcome::kPlaceholder, kFlagAddress, out);
    } else {
      const AddressLine line = SplitAddress(text, country);
      if (street.empty()) street = line.street;
      if (city.empty()) city = line.city;
      if (state.empty()) state = line.state;
      if (zip.view.empty()) zip = {line.zip, CellType::kText};
      if (country_value.empty() && NormalizeCountry(line.country, &country_value) == Outcome::kOk)
        country = country_value;
      unplaced = !text.empty() && (city.empty() || (state.empty() && zip.view.empty()));
    }
  }
  MoveMisplaced(country, &street, &city, &state, &zip);
  if (unplaced) out->flags |= kFlagAddress;
  Flag(NormalizeUnit(unit, &(*out)[Field::kUnit]), kFlagAddress, out);
  Flag(NormalizeStreet(street, StyleOf(country), &(*out)[Field::kStreet], &(*out)[Field::kUnit]), kFlagAddress, out);
  Flag(NormalizeCity(city, &(*out)[Field::kCity]), kFlagAddress, out);
  Flag(NormalizeState(state, country, &(*out)[Field::kState]), kFlagState, out);
  Flag(NormalizeZip(zip.view, zip.type, country, &(*out)[Field::kZip]), kFlagZip, out);
  Bounded(kUnitBound, &(*out)[Field::kUnit], out);
  Bounded(kStreetBound, &(*out)[Field::kStreet], out);
  Bounded(kCityBound, &(*out)[Field::kCity], out);
  Bounded(kStateBound, &(*out)[Field::kState], out);
  Bounded(kZipBound, &(*out)[Field::kZip], out);
}

DateRules Normalizer::RulesOfDates(const BoundField& bound, CellType type) const {
  return {options_.date_order, &bound.formats, options_.two_digit_year_pivot, options_.excel_serials,
          type == CellType::kInteger || type == CellType::kReal};
}

void Normalizer::Dates(const std::vector<Cell>& row, Record* out) const {
  std::string& scratch = ThisThread().texts[0];
  for (const Field field : {Field::kBirthDate, Field::kUpdatedAt}) {
    const BoundField* bound = Bound(field);
    if (bound == nullptr) continue;
    const Text text = Read(bound, row, Form::kCode, &scratch);
    const DateRules rules = RulesOfDates(*bound, text.type);
    std::string& value = (*out)[field];
    if (field == Field::kBirthDate) {
      Flag(NormalizeDate(text.view, rules, &value), kFlagBirthDate, out);
    } else {
      Flag(NormalizeTimestamp(text.view, text.type, rules, &value), kFlagUpdatedAt, out);
    }
  }
  const std::string& birth = (*out)[Field::kBirthDate];
  if (birth.empty()) return;
  // Nobody is born after the record of them was changed.
  const std::string& updated = (*out)[Field::kUpdatedAt];
  const bool in_time = updated.empty() || birth <= std::string_view(updated).substr(0, birth.size());
  if (!in_time || (!options_.as_of.empty() && !IsPlausibleBirth(birth, options_.as_of))) out->flags |= kFlagBirthDate;
}

void Normalizer::Codes(const std::vector<Cell>& row, Record* out) const {
  std::string& scratch = ThisThread().texts[0];
  Flag(NormalizeSex(Read(Bound(Field::kSex), row, Form::kCode, &scratch).view, &(*out)[Field::kSex]), kFlagSex, out);
  std::string& id = (*out)[Field::kNationalId];
  Flag(NormalizeNationalId(Read(Bound(Field::kNationalId), row, Form::kCode, &scratch).view, &id), kFlagNationalId,
       out);
  Bounded(kNationalIdBound, &id, out);
}

void Normalizer::OptOuts(const std::vector<Cell>& row, Record* out) const {
  const BoundField* bound = Bound(Field::kOptOut);
  if (bound == nullptr) return;
  std::string& scratch = ThisThread().texts[0];
  const auto apply = [&](std::string_view text, uint8_t channels) {
    const Consent consent = ReadOptOut(text);
    if (consent != Consent::kNotSaid) out->opt_out = static_cast<uint8_t>(out->opt_out | channels);
    if (consent == Consent::kUnclear) out->flags |= kFlagOptOut;
  };
  if (bound->kind == FieldMapping::Kind::kOptOut) {
    for (size_t i = 0; i < bound->channel_columns.size(); ++i) {
      if (bound->channel_columns[i] < 0) continue;
      const Cell& cell = CellAt(row, static_cast<uint32_t>(bound->channel_columns[i]));
      apply(Clean(TextOf(cell), Form::kCode, &scratch), static_cast<uint8_t>(1u << i));
    }
  } else if (bound->kind == FieldMapping::Kind::kColumns) {
    for (const uint32_t column : bound->columns)
      apply(Clean(TextOf(CellAt(row, column)), Form::kCode, &scratch), kOptOutAll);
  } else {
    apply(Read(bound, row, Form::kCode, &scratch).view, kOptOutAll);
  }
}

void Normalizer::Attributes(const std::vector<Cell>& row, Record* out) const {
  for (size_t i = 0; i < attributes_.size(); ++i) {
    const BoundField* bound = Bound(static_cast<size_t>(kFieldCount) + i);
    if (bound == nullptr) continue;
    const AttributeType type = attributes_[i].type;
    const bool words = type == AttributeType::kText || type == AttributeType::kName || type == AttributeType::kCategory;
    const Text text = Read(bound, row, words ? Form::kDisplay : Form::kCode, &ThisThread().texts[0]);
    const DateRules rules = RulesOfDates(*bound, text.type);
    std::string& value = out->attributes[i];
    Flag(NormalizeAttribute(text.view, type, rules, &value), kFlagAttribute, out);
    Bounded(kAttributeBound, &value, out);
  }
}

}  // namespace migrate::normalize
