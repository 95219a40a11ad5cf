#include "migrate/survey/mapping.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "name_dictionary.h"

namespace migrate::survey {
namespace {

class Builder {
 public:
  Builder(const SurveyedSource& source, const Settings& settings)
      : source_(source), settings_(settings), own_(CountryOf(source, settings)) {}

  Mapping Run() {
    for (const auto& g : source_.guesses)
      if (g.role != Role::kNone && !P(g).name().empty()) by_role_[g.role].push_back(&g);
    DropWhatPartsSay();
    for (Role r : {Role::kFullName, Role::kFirstName, Role::kMiddleName, Role::kLastName, Role::kSuffix, Role::kSex})
      One(r);
    One(Role::kBirthDate);
    Several(Role::kEmail);
    Several(Role::kPhone);
    Street();
    One(Role::kUnit);
    One(Role::kCity);
    One(Role::kState);
    Zip();
    One(Role::kAddress);
    Country();
    One(Role::kNationalId);
    One(Role::kUpdatedAt);
    OptOuts();
    Rest();
    return std::move(out_);
  }

 private:
  const ColumnProfile& P(const ColumnGuess& g) const { return source_.profile.columns()[g.column]; }

  // A line that its parts already give would be parsed for nothing.
  void DropWhatPartsSay() {
    if (by_role_.contains(Role::kAddress) &&
        (by_role_.contains(Role::kStreet) || by_role_.contains(Role::kStreetName)) &&
        (by_role_.contains(Role::kCity) || by_role_.contains(Role::kZip))) {
      dropped_[by_role_[Role::kAddress].front()->column] = "whole addresses; its parts stand in columns of their own";
      by_role_.erase(Role::kAddress);
    }
    if (by_role_.contains(Role::kFullName) && by_role_.contains(Role::kFirstName) &&
        by_role_.contains(Role::kLastName) && !FullNameHelps()) {
      dropped_[by_role_[Role::kFullName].front()->column] = "whole names; their parts stand in columns of their own";
      by_role_.erase(Role::kFullName);
    }
  }

  // Rows that lack a part of their name can get it from the whole.
  bool FullNameHelps() {
    auto fill = [&](Role r) { return P(*by_role_[r].front()).Fill(); };
    return std::min(fill(Role::kFirstName), fill(Role::kLastName)) + 0.01 < fill(Role::kFullName);
  }

  MappedField* Begin(Role role, FieldMapping::Kind kind) {
    MappedField field;
    field.mapping.slot = static_cast<int>(*FieldOf(role));
    field.mapping.kind = kind;
    field.score = 1;
    out_.fields.push_back(std::move(field));
    return &out_.fields.back();
  }

  void AddColumn(const ColumnGuess& g, MappedField* field) {
    field->mapping.columns.push_back(P(g).name());
    Explain(g, g.role, field);
  }

  // Why this column, and what is unsure of it.
  void Explain(const ColumnGuess& g, Role role, MappedField* field) {
    const ColumnProfile& p = P(g);
    const std::string name = p.name();
    used_.insert({g.column, true});
    field->score = std::min(field->score, g.score);
    // With a country in each row its numbers are read by the rules of that country.
    const bool by_row = role == Role::kPhone && by_role_.contains(Role::kCountry);
    const std::string country = by_row ? "" : own_.country.empty() ? settings_.normalize.country : own_.country;
    const std::string values = ValueReason(p, g, role, country);
    const bool named = g.by_name >= 0.4;
    field->reasons.push_back(fmt::format("{}: {}{}", name, named ? "the name says so; " : "by its values: ", values));
    auto doubt = [&](const std::string& what) { field->doubts.push_back(name + ": " + what); };
    if (p.filled() == 0) return doubt("empty in all rows that were looked at; only its name says so");
    const double share = role == Role::kPhone ? PhonesOf(p, g, country) : FitOf(p, g, role).share;
    const NameHint hint = g.reading.hints.empty() ? NameHint{} : g.reading.hints.front();
    if (!named && hint.strength >= 0.6 && hint.role != role)
      doubt(fmt::format("the name says {}, but the values look like {}", RoleName(hint.role), RoleName(role)));
    else if (!named)
      doubt("only its values say so");
    else if (role == Role::kUpdatedAt && g.reading.Strength(role) <= kMadeAt)
      doubt("it says when a row was made, not when it was changed; no other column says more");
    else if (g.score < 0.6)
      doubt("a weak guess");
    const bool telling = role == Role::kEmail || role == Role::kPhone || role == Role::kBirthDate ||
                         role == Role::kUpdatedAt || role == Role::kSex;
    if (role == Role::kUnit && p.Share(Kind::kUnit) < 0.2 && p.Share(Kind::kHouseNumber) < 0.5)
      doubt("few of its values are units of a building; it may be any second line of an address");
    if (telling && !by_row && share < 0.8) {
      std::string rules;
      if (role == Role::kPhone && g.phone_country != country && g.phone_share > share + 0.1)
        rules = fmt::format(" with the country {}; with {} {}", country, g.phone_country, Percent(g.phone_share));
      doubt(fmt::format("only {} of its values can be read as such{}", Percent(share), rules));
    }
    for (const auto& a : g.alternatives)
      if (a.score > g.score - 0.12 && a.role != Role::kKey && FieldOf(a.role) != FieldOf(role)) {
        doubt(fmt::format("it may also be {}", RoleName(a.role)));
        break;
      }
    Rivals(g, role, doubt);
  }

  // Columns that were not taken and could have been.
  template <class F>
  void Rivals(const ColumnGuess& g, Role role, F doubt) {
    if (role == Role::kEmail || role == Role::kPhone) return;
    for (const auto& other : source_.guesses) {
      if (other.role != Role::kNone || &other == &g) continue;
      for (const auto& a : other.alternatives)
        if (a.role == role && a.score >= 0.6) {
          doubt(fmt::format("the column {} could be it as well", P(other).name()));
          return;
        }
    }
  }

  void One(Role role) {
    auto it = by_role_.find(role);
    if (it == by_role_.end()) return;
    MappedField* field = Begin(role, FieldMapping::Kind::kColumns);
    AddColumn(*it->second.front(), field);
    if (role == Role::kBirthDate || role == Role::kUpdatedAt) DateFormats(*it->second.front(), field);
  }

  void Several(Role role) {
    auto it = by_role_.find(role);
    if (it == by_role_.end()) return;
    auto& columns = it->second;
    std::stable_sort(columns.begin(), columns.end(),
                     [](const auto* a, const auto* b) { return a->reading.rank < b->reading.rank; });
    MappedField* field = Begin(role, FieldMapping::Kind::kColumns);
    for (const auto* g : columns) AddColumn(*g, field);
  }

  void Street() {
    auto number = by_role_.find(Role::kStreetNumber), name = by_role_.find(Role::kStreetName);
    if (number == by_role_.end() || name == by_role_.end()) return One(Role::kStreet);
    MappedField* field = Begin(Role::kStreet, FieldMapping::Kind::kJoin);
    // English and French put the number first.
    const bool first = source_.guesses[name->second.front()->column].reading.language == 'e' ||
                       source_.guesses[name->second.front()->column].reading.language == 'f';
    if (first) AddColumn(*number->second.front(), field);
    AddColumn(*name->second.front(), field);
    if (!first) AddColumn(*number->second.front(), field);
  }

  void Zip() {
    auto plus = by_role_.find(Role::kZipPlus);
    if (!by_role_.contains(Role::kZip)) return;
    if (plus == by_role_.end()) return One(Role::kZip);
    MappedField* field = Begin(Role::kZip, FieldMapping::Kind::kJoin);
    field->mapping.with = "-";
    AddColumn(*by_role_[Role::kZip].front(), field);
    AddColumn(*plus->second.front(), field);
  }

  // The rows of one country among files of another.
  void Country() {
    if (by_role_.contains(Role::kCountry) || own_.country.empty()) return One(Role::kCountry);
    MappedField* field = Begin(Role::kCountry, FieldMapping::Kind::kConstant);
    field->mapping.constant = own_.country;
    field->score = 0.5;
    field->reasons.push_back("its rows name no country, and the plan's is " + settings_.normalize.country);
    field->doubts.push_back(own_.why);
  }

  // A column whose days are for sure written in the other order than the plan's gets formats of its own.
  void DateFormats(const ColumnGuess& g, MappedField* field) {
    const ColumnProfile& p = P(g);
    bool mixed = false;
    const auto order = OrderOf(p, &mixed);
    if (mixed)
      field->doubts.push_back(fmt::format("{}: both orders of day and month occur ({})", p.name(), OrderEvidence(p)));
    else if (order)
      field->reasons.push_back(p.name() + ": " + OrderEvidence(p));
    else if (p.dates().numeric > 0)
      field->doubts.push_back(fmt::format("{}: its {} dates leave open whether the day or the month comes first",
                                          p.name(), Thousands(p.dates().numeric)));
    if (!order || mixed || *order == settings_.normalize.date_order) return;
    if (p.dates().with_time > 0) {
      field->doubts.push_back(p.name() + ": written in the other order than date_order says; give it a `format`");
      return;
    }
    for (const auto& [separator, n] : p.dates().separators)
      for (const char* year : {"%Y", "%y"}) {
        const bool is_short = year[1] == 'y';
        if (is_short ? p.dates().short_year == 0 : p.dates().short_year == p.dates().numeric) continue;
        field->mapping.formats.push_back(*order == DateOrder::kDmy ? fmt::format("%d{0}%m{0}{1}", separator, year)
                                                                   : fmt::format("%m{0}%d{0}{1}", separator, year));
      }
    // With formats nothing else is read any more.
    if (p.Count(Kind::kDate) > p.dates().numeric) field->mapping.formats.push_back("%Y-%m-%d");
  }

  void OptOuts() {
    std::vector<const ColumnGuess*> channels(4, nullptr);
    bool any = false;
    for (int c = 0; c < 4; ++c) {
      auto it = by_role_.find(static_cast<Role>(static_cast<int>(Role::kOptOutCall) + c));
      if (it == by_role_.end()) continue;
      channels[static_cast<size_t>(c)] = it->second.front();
      any = true;
    }
    auto all = by_role_.find(Role::kOptOut);
    if (all == by_role_.end() && !any) return SuppressionList();
    if (all != by_role_.end() && !any) {
      One(Role::kOptOut);
      Meaning(*all->second.front(), &out_.fields.back());
      return;
    }
    MappedField* field = Begin(Role::kOptOut, FieldMapping::Kind::kOptOut);
    for (size_t c = 0; c < 4; ++c) {
      // A column for all channels serves those that have none of their own.
      const ColumnGuess* g = channels[c] != nullptr  ? channels[c]
                             : all != by_role_.end() ? all->second.front()
                                                     : nullptr;
      if (g == nullptr) continue;
      field->mapping.channel_columns[c] = P(*g).name();
      if (used_.contains(g->column)) continue;
      Explain(*g, g->role, field);
      Meaning(*g, field);
    }
  }

  // "donotcall.csv", "unsubscribed_2024.csv": whoever stands in it is opted out.
  void SuppressionList() {
    const std::string& name = source_.name;
    if (!SaysRefusal(name)) return;
    MappedField* field = Begin(Role::kOptOut, FieldMapping::Kind::kConstant);
    field->mapping.constant = "true";
    field->score = 0.5;
    field->reasons.push_back("no column says who must not be contacted");
    field->doubts.push_back("by its name '" + name +
                            "' is a list of those who must not be contacted, on any channel: take the line out if not");
  }

  void Meaning(const ColumnGuess& g, MappedField* field) {
    const ColumnProfile& p = P(g);
    if (p.filled() == 0) return;
    auto doubt = [&](const std::string& what) { field->doubts.push_back(p.name() + ": " + what); };
    if (p.Share(Kind::kBool) < 0.95)
      doubt(fmt::format("{} of its values are neither yes nor no; each of them counts as an opt-out",
                        Percent(1 - p.Share(Kind::kBool))));
    uint64_t yes = 0;
    for (const auto& [word, n] : p.vocabulary())
      if (word != "0" && word != "n" && word != "no" && word != "f" && word != "false") yes += n;
    if (p.vocabulary().empty() || yes * 2 <= p.rows()) return;
    doubt(fmt::format("it would opt out {} of {}; does 'yes' mean 'may be contacted'?", Thousands(yes),
                      Thousands(p.rows())));
  }

  void Rest() {
    for (const auto& g : source_.guesses) {
      const ColumnProfile& p = P(g);
      if (used_.contains(g.column)) continue;
      if (std::find(source_.key.columns.begin(), source_.key.columns.end(), p.name()) != source_.key.columns.end())
        continue;
      Unmapped u;
      u.column = p.name();
      u.empty = p.filled() == 0;
      const auto dropped = dropped_.find(g.column);
      u.looks_like = dropped != dropped_.end() ? dropped->second : LooksLike(p, g);
      if (p.name().empty()) {
        u.looks_like += "; it has no name, so it cannot be mapped";
      } else if (g.reading.other_person) {
        u.looks_like += "; by its name it speaks of somebody else";
      } else if (g.reading.consent && (p.Share(Kind::kBool) > 0.5 || p.filled() == 0)) {
        u.looks_like += "; by its name 'yes' means consent, the opposite of opt_out";
      } else {
        for (const auto& a : g.alternatives)
          if (a.score >= 0.5 && a.role != Role::kKey) {
            u.looks_like += fmt::format("; it could also be {}", RoleName(a.role));
            break;
          }
        if (p.Share(Kind::kMoment) > 0.8 && !by_role_.contains(Role::kUpdatedAt))
          u.looks_like += "; no column says when a row was changed: this one could stand for updated_at";
        u.attribute_type = AttributeType(p);
      }
      out_.unmapped.push_back(std::move(u));
    }
  }

  static std::string AttributeType(const ColumnProfile& p) {
    if (p.filled() == 0 || p.distinct() <= 1) return "";
    if (p.Share(Kind::kDate) > 0.8) return "date";
    if (p.Share(Kind::kInteger) + p.Share(Kind::kDecimal) > 0.95) return p.unique() ? "identifier" : "number";
    if (p.Share(Kind::kIdentifier) > 0.8) return "identifier";
    if (p.binary_cells()) return "";
    if (p.distinct() * 2 <= p.filled() && (p.distinct() <= 50 || p.distinct() * 10 <= p.filled())) return "category";
    return p.Share(Kind::kNameWords) > 0.8 ? "name" : "text";
  }

  const SurveyedSource& source_;
  const Settings& settings_;
  const SourceCountry own_;
  std::map<Role, std::vector<const ColumnGuess*>> by_role_;
  std::map<size_t, bool> used_;
  std::map<size_t, std::string> dropped_;
  Mapping out_;
};

}  // namespace

Mapping BuildMapping(const SurveyedSource& source, const Settings& settings) { return Builder(source, settings).Run(); }

}  // namespace migrate::survey
