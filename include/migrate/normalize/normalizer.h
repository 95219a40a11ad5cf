// Normalizer: one source row to the fields of a person, by the bound mapping of its source.
//
//   const Normalizer normalizer(plan.normalize, plan.attributes, bound_fields);
//   record.ClearValues();                     // done by Normalize itself
//   normalizer.Normalize(row, &record);       // fills values, more_emails, more_phones, attributes, opt_out, flags
//
// A pure function of the row and the constructor's arguments: no clock, no locale, no state. It never fails: what
// cannot be read is NULL ("") and has its quality flag, and the row stays. Every value is valid UTF-8 within its bound
// (see the rules' headers; texts are cut and flagged kFlagTruncated, addresses of e-mail and telephone numbers never
// are), and normalizing a normalized value gives that value. Cells of kBytes are read as text if they are UTF-8 or
// Windows-1252 without control characters, else they are NULL.
//
// Cost: about a microsecond for 11 columns of US data in ASCII, without allocation once *out has its capacity.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/normalize/dates.h"
#include "migrate/normalize/text.h"
#include "migrate/record/mapping.h"
#include "migrate/record/record.h"

namespace migrate::normalize {

class Normalizer {
 public:
  Normalizer(NormalizeOptions options, std::vector<Attribute> attributes, std::vector<BoundField> fields);

  // Thread-safe. Record's keys, payload and place are the caller's business and stay untouched. Columns beyond the end
  // of `row` are NULL.
  void Normalize(const std::vector<Cell>& row, Record* out) const;

 private:
  struct Text {
    std::string_view view;
    CellType type = CellType::kNull;
  };

  const BoundField* Bound(Field f) const { return Bound(static_cast<size_t>(f)); }
  const BoundField* Bound(size_t slot) const { return by_slot_[slot] < 0 ? nullptr : &fields_[Index(slot)]; }
  size_t Index(size_t slot) const { return static_cast<size_t>(by_slot_[slot]); }
  Text Read(const BoundField* bound, const std::vector<Cell>& row, Form form, std::string* scratch) const;
  void Names(const std::vector<Cell>& row, Record* out) const;
  void Contacts(Field field, const std::vector<Cell>& row, std::string_view country, Record* out) const;
  void Address(const std::vector<Cell>& row, std::string_view country, Record* out) const;
  static void MoveMisplaced(std::string_view country, std::string_view* street, std::string_view* city,
                            std::string_view* state, Text* zip);
  DateRules RulesOfDates(const BoundField& bound, CellType type) const;
  void Dates(const std::vector<Cell>& row, Record* out) const;
  void Codes(const std::vector<Cell>& row, Record* out) const;
  void OptOuts(const std::vector<Cell>& row, Record* out) const;
  void Attributes(const std::vector<Cell>& row, Record* out) const;

  NormalizeOptions options_;
  std::vector<Attribute> attributes_;
  std::vector<BoundField> fields_;
  std::vector<int> by_slot_;  // index into fields_ or -1, by field number, then attribute
};

}  // namespace migrate::normalize
