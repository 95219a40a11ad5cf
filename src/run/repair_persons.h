// Lost rows of person, person_record, person_identifier, person_alias and person_history, made again of the records and
// of one another.
//
// A link names a person, an import and a confidence (six decimals): whose person lacks a member is asked first, by what
// the record and the persons have in common; then every id is tried. A person is made of its members, as dedupe made
// it. Identifiers follow from records and links. Of an alias and of a person's old image only numbers can be tried.
//
// Memory: 16 bytes a person that lacks a member, and its golden values where there are many.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "migrate/dedupe/golden.h"
#include "repair_records.h"
#include "repair_rows.h"

namespace migrate::run {

class PersonSearch {
 public:
  PersonSearch(const plan::Plan& plan, const TargetFacts& facts, store::Connection* db)
      : plan_(plan), facts_(facts), db_(db) {}
  // Survivorship as the plan has it, with the stewards' pins.
  Status Prepare();

  // Links that were found since are taken for granted.
  Status Links(TableDamage* links);
  Status Persons(TableDamage* persons, const TableDamage* links);
  // One pass over records and links.
  Status Identifiers(TableDamage* identifiers, const TableDamage* links);
  Status Aliases(TableDamage* aliases);
  Status Histories(TableDamage* histories);

  // For rows of a bucket that the ledger has lost. Derives: nothing in other rows contradicts it. Follows: other rows
  // give all of it (a person by its members, a link by the person that needs it, an identifier by its record; a record
  // by its payload, but for the import and the place that it came from); never of quarantine, aliases and old images.
  Result<bool> Derives(const ledger::Table& table, const RowImage& row);
  Result<bool> Follows(const ledger::Table& table, const RowImage& row);

 private:
  struct Short {
    uint64_t person_id = 0, members = 0;  // members: fewer than the person's record_count by
    double confidence = 1;
    std::vector<std::string> values;
  };
  Status FindShort();
  Result<std::vector<ledger::StoredRecord>> Members(uint64_t person_id, const TableDamage* links,
                                                    double* lowest_confidence);
  void TryLink(uint64_t record_id, uint64_t person_id, double confidence, TableDamage* links);
  Status LinkOf(uint64_t record_id, TableDamage* links);
  bool MayTry(uint64_t person_id);
  Result<bool> PersonFollows(uint64_t person_id);
  bool PayloadGives(const RowImage& record) const;

  const plan::Plan& plan_;
  const TargetFacts& facts_;
  store::Connection* db_;
  dedupe::SurvivorshipRules rules_;
  std::vector<Short> short_;
  uint64_t tries_ = 0, ids_ = 0;  // of confidences and of person ids, over the whole round
};

}  // namespace migrate::run
