#include "migrate/run/work_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "field_flags.h"
#include "migrate/base/bytes.h"
#include "migrate/base/file.h"
#include "migrate/ledger/versions.h"
#include "migrate/report/csv.h"
#include "migrate/report/exports.h"
#include "migrate/spool/manifest.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"

namespace migrate::run {
namespace {

using nlohmann::json;

struct File {
  std::string source, path;
};

// Finds the segments of an import and walks them.
class WorkRows {
 public:
  WorkRows(const plan::Plan& plan, const report::NumberQuery& query, report::Output& out)
      : plan_(plan), query_(query), out_(out), folder_(plan.workspace + "/work/") {}

  Status Open(store::Connection* db, int64_t* import_id) {
    MIGRATE_TRY(FindSlot());
    MIGRATE_TRY(ReadManifest());
    MIGRATE_ASSIGN(std::string key, ledger::Setting(db, "run_key " + plan_.name));
    MIGRATE_ASSIGN(*import_id, LastImport(db));
    if (run_key_.empty() || key != run_key_ || (query_.import_id != 0 && query_.import_id != *import_id))
      return Status::Plan(fmt::format("{}: holds no rows of import {}", plan_.workspace + "/work",
                                      query_.import_id == 0 ? *import_id : query_.import_id),
                          "the rows as they were read are kept until the next import begins");
    if (dropped_)
      return Status::Plan(folder_ + ": the rows of this import went as retention.segments of the plan says",
                          "with `retention: {segments: keep}` those of the next import stay");
    return ReadFiles(db, *import_id);
  }

  Result<uint64_t> Write() {
    const bool read = query_.name == "read";
    for (const char* name : {"source", "file", "line"}) line_.Add(name);
    line_.Add(read ? "byte_offset" : "source_key").Add(read ? "source_key" : "value").Add(read ? "reason" : "row");
    MIGRATE_TRY(out_.Write(line_.Line()));
    for (const auto& [at, path] : segments_) {
      auto file = files_.find(at.first);
      if (file == files_.end()) continue;
      MIGRATE_ASSIGN(auto segment, spool::SegmentReader::Open(folder_ + path));
      std::string block;
      for (const auto& info : segment->blocks()) {
        MIGRATE_TRY(segment->Read(info, &block));
        MIGRATE_TRY(read ? RawBlock(file->second, block) : RecordBlock(file->second, path, block));
      }
    }
    return count_;
  }

 private:
  Status FindSlot() {
    if (query_.name == "read") return {};
    for (size_t i = 0; i < kFieldCount; ++i)
      if (kFieldNames[i] == query_.field) slot_ = static_cast<int>(i);
    for (size_t a = 0; a < plan_.attributes.size(); ++a)
      if (plan_.attributes[a].name == query_.field) slot_ = kFieldCount + static_cast<int>(a);
    if (slot_ >= 0) return {};
    if (query_.field.empty())
      return Status::Plan("'" + query_.name + "' needs --field FIELD", "a field or an attribute of the plan");
    return Status::Plan("there is no field '" + query_.field + "'",
                        "the report's fill rates name those that there are");
  }

  // Read and not opened as a manifest: a run may be writing it.
  Status ReadManifest() {
    const std::string path = folder_ + "manifest.jsonl", kind = query_.name == "read" ? "raw" : "records";
    if (!PathExists(path)) return {};
    MIGRATE_ASSIGN(std::string text, spool::Manifest::Look(path));
    for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      json j =
          json::parse(text.begin() + static_cast<long>(begin), text.begin() + static_cast<long>(end), nullptr, false);
      if (!j.is_object() || !j.contains("kind")) continue;
      if (j["kind"] == "segments_gone" && (j.value("what", "") == kind || j.value("what", "") == "raw"))
        dropped_ = true;
      if (j["kind"] == "work") run_key_ = j.value("run_key", "");
      if (j["kind"] == kind) segments_[{j.value("file", 0U), j.value("chunk", 0U)}] = j.value("path", "");
    }
    return {};
  }

  Result<int64_t> LastImport(store::Connection* db) {
    MIGRATE_ASSIGN(auto last, ledger::LastImportOf(db, plan_.name));
    return last ? last->import_id : 0;
  }

  Status ReadFiles(store::Connection* db, int64_t import_id) {
    MIGRATE_ASSIGN(auto q, db->Prepare("SELECT f.file_no, s.name, f.path FROM import_file f JOIN source s USING "
                                       "(source_id) WHERE f.import_id = ? AND f.state = 'imported'"));
    q->Bind(1, import_id);
    for (;;) {
      MIGRATE_ASSIGN(bool row, q->Step());
      if (!row) return {};
      File file{std::string(q->Text(1)), std::string(q->Text(2))};
      const bool same = file.path == query_.file || file.path.ends_with("/" + query_.file);
      if ((query_.source.empty() || query_.source == file.source) && (query_.file.empty() || same))
        files_[static_cast<uint32_t>(q->Integer(0))] = std::move(file);
    }
  }

  Status Put() {
    if (query_.limit && count_ > *query_.limit) {
      line_.Line();
      return {};
    }
    return out_.Write(line_.Line());
  }

  Status RawBlock(const File& file, std::string_view block) {
    spool::RawBlockReader rows(block);
    for (;;) {
      MIGRATE_ASSIGN(auto kind, rows.Next());
      if (kind == spool::RawBlockReader::Kind::kEnd) return {};
      const bool reject = kind == spool::RawBlockReader::Kind::kReject;
      const Place& place = reject ? rows.reject().place : rows.row().place;
      ++count_;
      line_.Add(file.source).Add(file.path).Add(std::to_string(place.line)).Add(std::to_string(place.byte_offset));
      if (reject)
        line_.Add(rows.reject().source_key).Add(rows.reject().reason);
      else
        line_.Add(rows.row().source_key).Add("");
      MIGRATE_TRY(Put());
    }
  }

  std::string Value() const {
    if (slot_ >= kFieldCount) return record_.attributes[static_cast<size_t>(slot_ - kFieldCount)];
    const auto field = static_cast<Field>(slot_);
    return field == Field::kOptOut && record_.opt_out != 0 ? report::OptOutText(record_.opt_out) : record_[field];
  }
  bool Counts(const std::string& value) const {
    if (query_.name == "usable") return !value.empty();
    return std::any_of(std::begin(kFieldFlags), std::end(kFieldFlags), [this](const auto& f) {
      return static_cast<int>(f.first) == slot_ && (record_.flags & f.second) != 0;
    });
  }

  Status RecordBlock(const File& file, const std::string& path, std::string_view block) {
    ByteReader in(block);
    while (!in.done()) {
      if (!spool::DecodeRecord(&in, &record_))
        return Status::Failed(folder_ + path + ": damaged segment", "run with --from extract, which makes it anew");
      const std::string value = Value();
      if (!Counts(value)) continue;
      ++count_;
      line_.Add(file.source).Add(file.path).Add(std::to_string(record_.place.line)).Add(record_.source_key);
      line_.Add(value).Add(record_.payload);
      MIGRATE_TRY(Put());
    }
    return {};
  }

  const plan::Plan& plan_;
  const report::NumberQuery& query_;
  report::Output& out_;
  std::string folder_, run_key_;
  int slot_ = -1;                                                  // of the field, then of the attributes
  std::map<std::pair<uint32_t, uint32_t>, std::string> segments_;  // (file, chunk) -> path
  std::map<uint32_t, File> files_;
  report::CsvLine line_;
  Record record_;
  uint64_t count_ = 0;
  bool dropped_ = false;  // retention.h
};

}  // namespace

Result<report::NumberResult> WriteWorkNumber(const plan::Plan& plan, store::Connection* db,
                                             const report::NumberQuery& query, report::Output& out) {
  report::NumberResult result;
  WorkRows rows(plan, query, out);
  MIGRATE_TRY(rows.Open(db, &result.import_id));
  MIGRATE_ASSIGN(result.count, rows.Write());
  return result;
}

}  // namespace migrate::run
