// Records and persons as of an import; what history, diff and show --as-of are made of.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "migrate/ledger/tables.h"
#include "migrate/report/person_view.h"

namespace migrate::report {

// An image of a record, and the imports between which it was there.
struct PastImage {
  ledger::StoredRecord row;
  int64_t begun = 0;                            // the import that brought it, or marked the record gone
  int64_t ended = 0;                            // 0: present
  int64_t rolled_back = 0;                      // the rollback that took it out, 0: none
  bool side() const { return ended == begun; }  // older than the record's image then: straight into history
};
using RecordPast = std::vector<PastImage>;
// The image then; null if there was none, or the record was gone.
const PastImage* AsOf(const RecordPast& past, int64_t import_id);

struct PastPerson {
  ledger::Person person;
  int64_t ended = 0;              // 0: present
  std::vector<uint64_t> members;  // ascending
};
using PersonPast = std::vector<PastPerson>;
const PastPerson* AsOf(const PersonPast& past, int64_t import_id);

struct FieldValue {
  std::string name, value;
};
std::vector<FieldValue> FieldsOf(const ledger::StoredRecord& row, const std::vector<Attribute>& attributes);
std::vector<FieldValue> FieldsOf(const ledger::Person& person, const std::vector<Attribute>& attributes);

struct FieldChange {
  std::string name, before, after;
};
// Either may be empty.
std::vector<FieldChange> ChangesOf(const std::vector<FieldValue>& before, const std::vector<FieldValue>& after);

// Reads the past by id; keeps its statements.
class PastReader {
 public:
  PastReader(store::Connection* db, const std::vector<Attribute>& attributes) : db_(db), attributes_(attributes) {}
  Result<RecordPast> Record(uint64_t record_id);
  Result<PersonPast> Person(uint64_t person_id, bool with_members);
  // "source:key" of a record, wherever an image of it is; its number if there is none.
  Result<std::string> NameOf(uint64_t record_id);

 private:
  Status RecordRows(const ledger::Table& table, uint64_t id, RecordPast* out);
  store::Connection* db_;
  const std::vector<Attribute>& attributes_;
  std::map<std::string, std::unique_ptr<store::Statement>> statements_;
  std::map<std::string, bool> tables_;  // that were asked for, and are they there?
  Result<store::Statement*> Prepared(const std::string& sql, uint64_t id);
  Result<bool> Has(const std::string& table);
};

}  // namespace migrate::report
