// Where lost rows of record, record_history, record_undone and quarantine are looked for: in what is left of them, in
// the segments of the last import, in the sources.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "migrate/ledger/ledger.h"
#include "migrate/normalize/normalizer.h"
#include "repair_rows.h"
#include "source_rows.h"

namespace migrate::run {

// What the target's control tables say of sources, imports and files. Small: a line a file of each import.
struct TargetFacts {
  struct File {
    int64_t import_id = 0, file_no = 0, schema_id = 0;
    std::string path, sha256;
  };
  std::vector<int64_t> imports;                                // ascending
  std::map<uint32_t, std::string> source_names;                // by source_id
  std::map<std::string, uint32_t> source_ids;                  // by name
  std::map<uint32_t, std::vector<File>> files;                 // imported ones, by source_id
  std::map<int64_t, uint32_t> schema_sources;                  // source_id by schema_id
  std::map<int64_t, std::vector<std::string>> schema_columns;  // their names
  std::map<int64_t, normalize::Normalizer> rules;      // by schema_id, where a layout of the plan fits its columns
  std::vector<std::pair<int64_t, int64_t>> rollbacks;  // each with the import that it takes back
  uint64_t next_person_id = 1;
  static Result<TargetFacts> Read(const plan::Plan& plan, store::Connection* db);
};

// The record as its payload normalizes today; false where no layout of the plan fits its columns.
bool NormalizeAgain(const TargetFacts& facts, const plan::Plan& plan, int64_t schema_id, Record* record);

class RecordSearch {
 public:
  RecordSearch(const plan::Plan& plan, const TargetFacts& facts, TableDamage* record, TableDamage* history,
               TableDamage* undone, TableDamage* quarantine)
      : plan_(plan), facts_(facts), record_(record), history_(history), undone_(undone), quarantine_(quarantine) {}

  // From what is stored under the keys of wanted rows, in this table and in the other one.
  Status FromStored(store::Connection* db);
  // From rows as they were read, now or for the last import.
  Status OnRow(const RowOrigin& origin, const RawRow& row);
  Status OnReject(const RowOrigin& origin, const Reject& reject);
  // What load quarantined because its key recurs within a file needs a second pass: true if there may be such rows.
  // Memory: 8 bytes a row of the pass before, while rows of quarantine are wanted.
  bool FindTwins();
  Status OnTwin(const RowOrigin& origin, const RawRow& row);
  void TryTwins();
  bool done() const {
    return record_->wanted.empty() && history_->wanted.empty() && undone_->wanted.empty() &&
           quarantine_->wanted.empty();
  }

 private:
  struct Twin {
    uint32_t source_id = 0;
    RowOrigin origin;
    Reject reject;
  };
  void TryStored(const RowImage& stored, size_t offset);
  void TryAlternatives(const RowImage& image, size_t offset);
  void OfferHistory(const RowImage& image, size_t offset);
  void Try(const ledger::StoredRecord& r);
  void TryPlaces(uint32_t source_id, const RowOrigin& origin, ledger::StoredRecord* r);
  void OfferUndone(const RowImage& image, size_t offset);
  bool Open(uint64_t id) const {
    return record_->wanted.Has(id) || history_->wanted.Has(id) || undone_->wanted.Has(id);
  }
  void OfferReject(uint32_t source_id, const RowOrigin& origin, const Reject& reject);

  const plan::Plan& plan_;
  const TargetFacts& facts_;
  TableDamage *record_, *history_, *undone_, *quarantine_;
  uint64_t persons_ = 0;                              // tried for rows of record_undone
  std::map<std::string, std::vector<uint64_t>> ids_;  // by file, of the pass before; then those that recur, ascending
  std::map<std::pair<std::string, uint64_t>, std::vector<Twin>> twins_;  // by file and record_id
};

}  // namespace migrate::run
