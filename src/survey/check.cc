#include "migrate/survey/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "check_warnings.h"
#include "migrate/normalize/text.h"
#include "migrate/record/digest.h"
#include "migrate/record/reasons.h"

namespace migrate::survey {
namespace {

constexpr size_t kOdd = 3, kExamples = 2;
constexpr size_t kMostKeys = 1'000'000;  // beyond, repeated keys are no longer looked for: about 100 MB

std::string SlotName(const plan::Plan& plan, int slot) {
  if (slot < kFieldCount) return std::string(kFieldNames[static_cast<size_t>(slot)]);
  return plan.attributes[static_cast<size_t>(slot - kFieldCount)].name;
}

std::vector<uint32_t> ColumnsOf(const BoundField& f) {
  std::vector<uint32_t> columns = f.columns;
  for (int32_t c : f.channel_columns)
    if (c >= 0) columns.push_back(static_cast<uint32_t>(c));
  return columns;
}

std::string ColumnsText(const BoundField& f, const std::vector<extract::Column>& columns) {
  if (f.kind == FieldMapping::Kind::kConstant) return "const " + f.constant;
  const char* between = f.kind == FieldMapping::Kind::kJoin ? " + " : ", ";
  std::string out;
  std::set<uint32_t> named;  // one column may serve several channels
  for (uint32_t c : ColumnsOf(f))
    if (named.insert(c).second) out += (out.empty() ? "" : between) + columns[c].name;
  return out;
}

bool IsFilled(const Cell& cell) {
  if (cell.type == CellType::kNull) return false;
  std::string scratch;
  return !normalize::Clean(cell.bytes, normalize::Form::kDisplay, &scratch).empty();
}

// What a field's rule made of a row, from the record that this one field gave.
std::string ValueOf(const Record& r, int slot) {
  if (slot >= kFieldCount) return r.attributes[static_cast<size_t>(slot - kFieldCount)];
  switch (static_cast<Field>(slot)) {
    case Field::kFullName: {
      std::string name;
      for (Field f : {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kSuffix})
        if (!r[f].empty()) name += (name.empty() ? "" : " ") + r[f];
      return name;
    }
    case Field::kAddress: {
      std::string line;
      for (Field f : {Field::kStreet, Field::kUnit, Field::kCity, Field::kState, Field::kZip})
        if (!r[f].empty()) line += (line.empty() ? "" : ", ") + r[f];
      return line;
    }
    // A part of a name may have been moved to another part (a suffix behind the last name).
    case Field::kFirstName:
    case Field::kMiddleName:
    case Field::kLastName:
    case Field::kSuffix:
      for (Field f : {static_cast<Field>(slot), Field::kFullName, Field::kFirstName, Field::kMiddleName,
                      Field::kLastName, Field::kSuffix})
        if (!r[f].empty()) return r[f];
      return "";
    case Field::kOptOut:
      return r.opt_out != 0 ? "opted out" : "no";
    default:
      return r.values[static_cast<size_t>(slot)];
  }
}

const char* WhyOdd(uint32_t flags) {
  const struct {
    uint32_t flag;
    const char* why;
  } kWhys[] = {{kFlagBirthDate, "no date"},
               {kFlagEmail, "not an e-mail address"},
               {kFlagPhone, "not a phone number, or of an unknown area code"},
               {kFlagAddress, "an address without city, or without state and postal code"},
               {kFlagState, "no state of its country"},
               {kFlagZip, "not of the form of its country's postal codes"},
               {kFlagSex, "a word that is no sex"},
               {kFlagUpdatedAt, "no moment"},
               {kFlagNationalId, "fewer than four characters, or no digit"},
               {kFlagOptOut, "neither yes nor no: counts as an opt-out"},
               {kFlagAttribute, "not of the attribute's type"},
               {kFlagTruncated, "too long: cut"},
               {kFlagName, "not a name"}};
  for (const auto& w : kWhys)
    if ((flags & w.flag) != 0) return w.why;
  return "cannot be read";
}

}  // namespace

struct SourceCheck::Impl {
  const plan::Plan& plan;
  const plan::Source& source;
  std::vector<extract::Column> columns;
  std::vector<BoundField> fields;
  std::vector<normalize::Normalizer> rules;  // one a field, so that what it made can be told apart
  TableProfile profile;
  CheckResult out;
  Record record;
  std::string file;
  uint32_t file_no = 0;
  std::unordered_map<std::string, std::string> keys;  // key -> place, of one file; at most the rows looked at
  uint64_t repeated = 0;
  std::map<std::string, Quarantined> quarantined;

  Impl(const plan::Plan& p, const plan::Source& s, std::vector<extract::Column> c, std::vector<BoundField> f)
      : plan(p), source(s), columns(std::move(c)), fields(std::move(f)), profile(columns) {}

  std::string PlaceText(const Place& place) const {
    return place.line > 0 ? fmt::format("{}:{}", file, place.line) : fmt::format("{} row {}", file, place.row);
  }
  void Quarantine(const std::string& reason, const std::string& place, const std::string& detail) {
    Quarantined& q = quarantined[reason];
    if (q.count++ > 0) return;
    q.reason = reason;
    q.place = place;
    q.detail = detail;
  }
  void Look(size_t f, const Place& place, const std::vector<Cell>& cells);
};

SourceCheck::SourceCheck(const plan::Plan& plan, const plan::Source& source, int layout,
                         std::vector<extract::Column> columns, std::vector<BoundField> fields)
    // Fields that are bound to a header without their columns point beyond it.
    : impl_(std::make_unique<Impl>(plan, source, std::move(columns),
                                   layout < 0 ? std::vector<BoundField>() : std::move(fields))) {
  Impl& i = *impl_;
  i.out.source = source.name;
  i.out.layout = layout;
  i.out.layouts = static_cast<int>(source.layouts.size());
  for (const BoundField& f : i.fields) {
    std::vector<BoundField> alone = {f};
    // How a phone, a state or a postal code is read depends on the country of its row.
    const auto country = static_cast<int>(Field::kCountry);
    for (const BoundField& other : i.fields)
      if (other.slot == country && f.slot != country && f.slot < kFieldCount) alone.push_back(other);
    i.rules.emplace_back(plan.normalize, plan.attributes, std::move(alone));
    FieldCheck check;
    check.field = SlotName(plan, f.slot);
    check.columns = ColumnsText(f, i.columns);
    i.out.fields.push_back(std::move(check));
  }
}

SourceCheck::~SourceCheck() = default;

void SourceCheck::BeginFile(std::string name) {
  impl_->file = std::move(name);
  ++impl_->file_no;
  ++impl_->out.files;
  impl_->keys.clear();
}

void SourceCheck::Impl::Look(size_t f, const Place& place, const std::vector<Cell>& cells) {
  const BoundField& field = fields[f];
  FieldCheck& check = out.fields[f];
  std::string raw;
  for (uint32_t c : ColumnsOf(field))
    if (c < cells.size() && IsFilled(cells[c])) raw += (raw.empty() ? "" : " ") + std::string(cells[c].bytes);
  if (field.kind == FieldMapping::Kind::kConstant) raw = field.constant;
  if (raw.empty()) return;
  ++check.filled;
  record.attributes.assign(plan.attributes.size(), "");
  rules[f].Normalize(cells, &record);
  const auto slot = static_cast<Field>(field.slot);
  // The country that went along has flags of its own; an address's is its own business.
  uint32_t flags = record.flags & ~(kFlagEmpty | kFlagCompany);
  if (slot != Field::kCountry && slot != Field::kAddress) flags &= ~kFlagAddress;
  const std::string value = ValueOf(record, field.slot);
  const bool unclear = slot == Field::kOptOut && (flags & kFlagOptOut) != 0;
  if (value.empty() && ((flags & kFlagPlaceholder) != 0 || (slot <= Field::kSuffix && (flags & kFlagName) != 0))) {
    ++check.placeholders;
    return;
  }
  if (!value.empty() && !unclear) {
    ++check.readable;
    const std::string masked = slot == Field::kOptOut || slot == Field::kSex ? value : Masked(value);
    if (check.examples.size() < kExamples &&
        std::find(check.examples.begin(), check.examples.end(), masked) == check.examples.end())
      check.examples.push_back(masked);
  }
  flags &= ~kFlagPlaceholder;
  if (!value.empty() && !unclear && flags == 0) return;
  ++check.odd_count;
  if (check.odd.size() < kOdd) check.odd.push_back({PlaceText(place), Masked(raw), WhyOdd(flags)});
}

void SourceCheck::Row(const RawRow& row, const std::vector<Cell>& cells) {
  Impl& i = *impl_;
  ++i.out.rows;
  if (i.out.rows * cells.size() <= kMaxCells) i.profile.Add(cells, i.file_no);
  const std::string place = i.PlaceText(row.place);
  if (i.out.layout < 0)
    return i.Quarantine(std::string(reasons::kUnknownLayout), place, "its header fits no layout of the source");
  if (!i.source.key.empty() && i.keys.size() < kMostKeys) {
    auto [first, is_new] = i.keys.emplace(row.source_key, place);
    if (!is_new) {
      ++i.repeated;
      return i.Quarantine(std::string(reasons::kDuplicateKey), place,
                          fmt::format("{} has the same key; the more recent of both is kept", first->second));
    }
  }
  for (size_t f = 0; f < i.fields.size(); ++f) i.Look(f, row.place, cells);
  if (std::any_of(i.fields.begin(), i.fields.end(),
                  [](const auto& f) { return f.slot == static_cast<int>(Field::kOptOut); })) {
    for (size_t f = 0; f < i.fields.size(); ++f) {
      if (i.fields[f].slot != static_cast<int>(Field::kOptOut)) continue;
      i.rules[f].Normalize(cells, &i.record);
      i.out.opted_out += i.record.opt_out != 0;
    }
  }
}

void SourceCheck::Rejected(const Reject& reject) {
  Impl& i = *impl_;
  ++i.out.rows;
  i.Quarantine(reject.reason, i.PlaceText(reject.place), reject.detail);
}

CheckResult SourceCheck::Finish() {
  Impl& i = *impl_;
  i.profile.Finish();
  for (auto& [reason, q] : i.quarantined) i.out.quarantined.push_back(q);
  std::stable_sort(i.out.quarantined.begin(), i.out.quarantined.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  if (i.out.layout >= 0)
    i.out.warnings =
        Warnings({&i.plan, &i.source, &i.profile, &i.fields, &i.out.fields, i.repeated, i.out.rows, i.out.opted_out});
  return std::move(i.out);
}

}  // namespace migrate::survey
