// The control tables: sources, imports, their files, checkpoints, settings, audit events. Every function runs within
// the caller's transaction, so that a fact and the rows it speaks of are committed together.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/hash.h"
#include "migrate/base/status.h"
#include "migrate/record/record.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

// Numbers of a source by its name and of its columns by their JSON text; made when new.
Result<int64_t> SourceId(store::Connection* db, const std::string& name);
Result<int64_t> SchemaId(store::Connection* db, int64_t source_id, const std::string& columns_json);

struct Import {
  int64_t import_id = 0;
  std::string state;  // loading, done, abandoned
  std::string plan_name, plan_hash, tool_version;
  std::string started_at, finished_at;
  std::optional<int64_t> row_limit;
  std::string counts;  // JSON, "" until done
};
// Writes import.* except finished_at and counts; import_id is the next number, returned.
Result<int64_t> BeginImport(store::Connection* db, const Import& import);
Status SetImportState(store::Connection* db, int64_t import_id, const std::string& state);
Status FinishImport(store::Connection* db, int64_t import_id, const std::string& counts_json);
// Ascending by import_id.
Result<std::vector<Import>> Imports(store::Connection* db);

struct ImportFile {
  int64_t import_id = 0;
  int64_t file_no = 0, source_id = 0;
  std::string path, what;
  int64_t bytes = 0;
  std::string sha256;  // hex
  int64_t schema_id = 0;
  int64_t layout = 0;
  std::string state = "imported";  // imported, duplicate, unchanged
  std::string same_as;
  int64_t counted = 0, extracted = 0, quarantined = 0;
  std::string digest, findings = "[]";
};
Status InsertImportFile(store::Connection* db, const ImportFile& file);
Result<std::vector<ImportFile>> ImportFiles(store::Connection* db, int64_t import_id);

Result<std::optional<std::string>> Checkpoint(store::Connection* db, int64_t import_id, const std::string& stage,
                                              int64_t part);
// The same, for work that a lost connection may have done: waits for a transaction that has set it and has not ended,
// such as one whose COMMIT was on its way when the connection broke. An error that may_pass if that lasts too long.
Result<std::optional<std::string>> SettledCheckpoint(store::Connection* db, int64_t import_id, const std::string& stage,
                                                     int64_t part);
Status SetCheckpoint(store::Connection* db, int64_t import_id, const std::string& stage, int64_t part,
                     const std::string& value);

Result<std::string> Setting(store::Connection* db, const std::string& name, std::string fallback = "");
Status SetSetting(store::Connection* db, const std::string& name, const std::string& value);

// Partitions that the target's first load fixed, or that its schema was made for before; nothing where neither is
// known.
Result<std::optional<uint32_t>> PartitionsOf(store::Connection* db);

// Appends an event whose hash chains it to the one before. On a server the last event is locked until the transaction
// ends, so that writers follow each other whether or not they have the target's lease.
Status AppendAudit(store::Connection* db, const std::string& kind, const std::string& detail_json);
// How many events there are, or were when somebody looked, and the hash of the last one.
struct AuditHead {
  int64_t events = 0;
  std::string hash;
};
struct AuditVerdict {
  int64_t events = 0;
  int64_t first_bad = 0;    // number of the first event that is missing or does not fit, 0: none
  std::string what;         // why
  std::string hash;         // of the last event
  bool remembered = false;  // the event that was remembered is there
};
// Recomputes the chain and holds it against what the last import left when it ended and against what somebody
// `remembered` elsewhere, if anything: so missing last events are found, too.
Result<AuditVerdict> VerifyAudit(store::Connection* db, const AuditHead& remembered = {});

// Rejects of earlier imports of a file (the same content, or any content under `path` unless it is "") that is read
// again now, up to row number `rows`: state "superseded", so that a row does not stand in quarantine twice.
Status SupersedeRejects(store::Connection* db, int64_t import_id, int64_t source_id, const std::string& sha256,
                        const std::string& path, int64_t rows);

// Appends rejects to `quarantine` under the next numbers, and keeps its buckets.
class QuarantineWriter {
 public:
  static Result<std::unique_ptr<QuarantineWriter>> Open(store::Connection* db, int64_t import_id);
  virtual ~QuarantineWriter() = default;
  virtual Status Add(int64_t source_id, const Reject& reject) = 0;
  virtual Status Flush() = 0;  // buckets; call before the commit
};

}  // namespace migrate::ledger
