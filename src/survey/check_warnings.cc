#include "check_warnings.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "migrate/survey/mapping.h"

namespace migrate::survey {
namespace {

// Fewer values than this prove nothing.
constexpr uint64_t kEnough = 20;

Role RoleOf(int slot) {
  if (slot >= kFieldCount) return Role::kNone;
  for (int r = 1; r < kRoleCount; ++r)
    if (FieldOf(static_cast<Role>(r)) == static_cast<Field>(slot)) return static_cast<Role>(r);
  return Role::kNone;
}

class Warner {
 public:
  explicit Warner(const WarningInput& in) : in_(in) {
    for (const auto& c : in.profile->columns()) {
      ColumnGuess g;
      g.column = guesses_.size();
      g.reading = ReadName(c.name());
      ReadPhones(c, &g);
      guesses_.push_back(std::move(g));
    }
  }

  std::vector<std::string> Run() {
    for (size_t f = 0; f < in_.fields->size(); ++f) {
      const BoundField& field = (*in_.fields)[f];
      for (uint32_t c : field.columns) mapped_.insert(c);
      for (int32_t c : field.channel_columns)
        if (c >= 0) mapped_.insert(static_cast<uint32_t>(c));
    }
    for (size_t f = 0; f < in_.fields->size(); ++f) Field1(f);
    Swapped();
    OptOuts();
    Keys();
    UnmappedColumns();
    return std::move(out_);
  }

 private:
  const ColumnProfile& P(uint32_t column) const { return in_.profile->columns()[column]; }
  const std::string& Name(uint32_t column) const { return P(column).name(); }
  uint64_t Values(uint32_t column) const { return P(column).filled() - P(column).junk(); }
  void Say(std::string text) { out_.push_back(std::move(text)); }

  void Field1(size_t f) {
    const BoundField& field = (*in_.fields)[f];
    const FieldCheck& check = (*in_.checks)[f];
    if (field.kind == FieldMapping::Kind::kConstant || field.kind == FieldMapping::Kind::kOptOut) return;
    if (check.filled == 0) {
      if (in_.rows >= kEnough)
        Say(fmt::format("{} ({}) is filled in none of {} rows", check.field, check.columns, Thousands(in_.rows)));
      return;
    }
    Readable(field, check);
    if (field.kind != FieldMapping::Kind::kColumns) return;
    for (uint32_t c : field.columns) {
      if (Values(c) < kEnough) continue;
      Constant(field, check, c);
      Contents(field, check, c);
    }
    Dates(field, check);
  }

  void Readable(const BoundField& field, const FieldCheck& check) {
    const uint64_t real = check.filled - check.placeholders;
    if (real < kEnough || check.readable * 2 >= real) return;
    const auto f = static_cast<Field>(field.slot);
    const char* what = f == Field::kPhone   ? "phone numbers"
                       : f == Field::kEmail ? "e-mail addresses"
                                            : "values that its rule can read";
    Say(fmt::format("{} ({}): only {} of {} values are {}", check.field, check.columns, Thousands(check.readable),
                    Thousands(real), what));
  }

  void Constant(const BoundField& field, const FieldCheck& check, uint32_t c) {
    const auto f = static_cast<Field>(field.slot);
    const bool may = f == Field::kCountry || f == Field::kState || f == Field::kOptOut || f == Field::kUpdatedAt ||
                     f == Field::kSex || f == Field::kSuffix;
    if (P(c).distinct() == 1 && !may)
      Say(fmt::format("{} ({}) is the same in all {} rows that have it", check.field, Name(c),
                      Thousands(P(c).filled())));
  }

  // Values that are plainly of another kind.
  void Contents(const BoundField& field, const FieldCheck& check, uint32_t c) {
    const ColumnProfile& p = P(c);
    const auto f = static_cast<Field>(field.slot);
    auto says = [&](double share, const char* what) {
      Say(fmt::format("{} ({}): {} of {} values are {}", check.field, Name(c), Percent(share), Thousands(Values(c)),
                      what));
    };
    const bool contact = f == Field::kEmail || f == Field::kNationalId;
    if (!contact && p.Share(Kind::kEmail) >= 0.5) return says(p.Share(Kind::kEmail), "e-mail addresses");
    const bool name = f <= Field::kSuffix;
    if ((name || f == Field::kCity || f == Field::kState || f == Field::kSex) && p.Share(Kind::kPhoneLike) >= 0.5)
      return says(p.Share(Kind::kPhoneLike), "phone numbers");
    if ((name || f == Field::kCity || f == Field::kPhone) && p.Share(Kind::kDate) >= 0.5)
      return says(p.Share(Kind::kDate), "dates");
    if ((name || f == Field::kCity) && p.Share(Kind::kStreet) >= 0.5)
      return says(p.Share(Kind::kStreet), "street lines");
    if (f == Field::kStreet && p.Share(Kind::kAddressLine) >= 0.5)
      return says(p.Share(Kind::kAddressLine), "whole addresses; `address` takes them apart");
    if (f == Field::kLastName && p.Share(Kind::kCommaName) >= 0.5)
      return says(p.Share(Kind::kCommaName), "whole names; `full_name` takes them apart");
    if ((f == Field::kFirstName || f == Field::kLastName) && p.Share(Kind::kCompany) >= 0.5)
      return says(p.Share(Kind::kCompany), "companies");
  }

  void Dates(const BoundField& field, const FieldCheck& check) {
    if (!field.formats.empty() || field.columns.empty()) return;
    const bool date =
        field.slot == static_cast<int>(Field::kBirthDate) || field.slot == static_cast<int>(Field::kUpdatedAt) ||
        (field.slot >= kFieldCount &&
         in_.plan->attributes[static_cast<size_t>(field.slot - kFieldCount)].type == AttributeType::kDate);
    if (!date) return;
    const ColumnProfile& p = P(field.columns.front());
    bool mixed = false;
    const auto order = OrderOf(p, &mixed);
    if (mixed)
      Say(fmt::format("{} ({}): day and month stand in both orders: {}", check.field, p.name(), OrderEvidence(p)));
    else if (order && *order != in_.plan->normalize.date_order && in_.plan->normalize.date_order != DateOrder::kYmd)
      Say(
          fmt::format("{} ({}): the plan's date_order is {}, but the values have the {} first ({}); give the field a "
                      "`format`, or change date_order",
                      check.field, p.name(), in_.plan->normalize.date_order == DateOrder::kMdy ? "mdy" : "dmy",
                      *order == DateOrder::kDmy ? "day" : "month", OrderEvidence(p)));
  }

  // Two columns, each of which fits the other's field and not its own.
  void Swapped() {
    const auto& fields = *in_.fields;
    for (size_t a = 0; a < fields.size(); ++a)
      for (size_t b = a + 1; b < fields.size(); ++b) {
        if (fields[a].columns.size() != 1 || fields[b].columns.size() != 1) continue;
        const uint32_t ca = fields[a].columns[0], cb = fields[b].columns[0];
        const Role ra = RoleOf(fields[a].slot), rb = RoleOf(fields[b].slot);
        if (ra == Role::kNone || rb == Role::kNone || Values(ca) < kEnough || Values(cb) < kEnough) continue;
        const Fit own_a = FitOf(P(ca), guesses_[ca], ra), own_b = FitOf(P(cb), guesses_[cb], rb);
        const Fit other_a = FitOf(P(ca), guesses_[ca], rb), other_b = FitOf(P(cb), guesses_[cb], ra);
        const bool fits = other_a.specific > 0.4 && other_b.specific > 0.4;
        if (fits && own_a.allowed < 0.5 && own_b.allowed < 0.5 && own_a.specific < 0.1 && own_b.specific < 0.1)
          Say(fmt::format("{} ({}) and {} ({}) seem to be swapped: each column holds what the other should",
                          (*in_.checks)[a].field, Name(ca), (*in_.checks)[b].field, Name(cb)));
      }
  }

  void OptOuts() {
    // A constant is meant.
    for (const BoundField& f : *in_.fields)
      if (f.slot == static_cast<int>(Field::kOptOut) && f.kind == FieldMapping::Kind::kConstant) return;
    if (in_.rows >= kEnough && in_.opted_out * 10 > in_.rows * 9)
      Say(fmt::format("opt_out: {} of {} persons would be opted out; does 'yes' mean 'may be contacted'?",
                      Thousands(in_.opted_out), Thousands(in_.rows)));
  }

  void Keys() {
    if (in_.repeated_keys > 0)
      Say(fmt::format("the key repeats within one {} in {} of {} rows; all but one of each key would be quarantined",
                      in_.source->type == plan::SourceType::kCsv ? "file" : "table", Thousands(in_.repeated_keys),
                      Thousands(in_.rows)));
  }

  void UnmappedColumns() {
    std::set<std::string> ignored;
    for (const auto& layout : in_.source->layouts) ignored.insert(layout.ignore.begin(), layout.ignore.end());
    for (uint32_t c = 0; c < in_.profile->columns().size(); ++c) {
      if (mapped_.contains(c) || Values(c) < kEnough || ignored.contains(Name(c)) || guesses_[c].reading.other_person)
        continue;
      const ColumnProfile& p = P(c);
      const bool phones = p.Share(Kind::kPhoneLike) >= 0.8 && guesses_[c].phone_share >= 0.8 &&
                          p.Share(Kind::kPunctuated) >= 0.5 && p.Share(Kind::kZipOther) < 0.5;
      if (p.Share(Kind::kEmail) >= 0.8)
        Say(fmt::format("{} is not mapped, but holds e-mail addresses", Name(c)));
      else if (phones)
        Say(fmt::format("{} is not mapped, but looks like phone numbers", Name(c)));
    }
  }

  const WarningInput& in_;
  std::vector<ColumnGuess> guesses_;
  std::set<uint32_t> mapped_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> Warnings(const WarningInput& in) { return Warner(in).Run(); }

}  // namespace migrate::survey
