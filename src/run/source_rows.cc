#include "source_rows.h"

#include <fmt/core.h>

#include <map>
#include <nlohmann/json.hpp>

#include "migrate/base/file.h"
#include "migrate/ledger/versions.h"
#include "migrate/spool/manifest.h"
#include "migrate/spool/raw_rows.h"

namespace migrate::run {
namespace {

using nlohmann::json;

class TakerSink : public extract::RowSink {
 public:
  TakerSink(const RowTaker& taker, const RowOrigin& origin, uint32_t file, uint64_t* rows)
      : taker_(taker), origin_(origin), file_(file), rows_(rows) {}
  Status OnRow(const RawRow& row) override {
    MIGRATE_TRY(Tick());
    return taker_.row ? taker_.row(origin_, row) : Status();
  }
  Status OnReject(const Reject& reject) override {
    MIGRATE_TRY(Tick());
    if (!taker_.reject) return {};
    Reject copy = reject;
    copy.place.file = file_;
    return taker_.reject(origin_, copy);
  }

 private:
  Status Tick() {
    if (++*rows_ % 4096 != 0) return {};
    if (taker_.cancel != nullptr && taker_.cancel->requested()) return Status::Cancelled("stopped as asked");
    if (taker_.progress) taker_.progress(*rows_);
    return {};
  }
  const RowTaker& taker_;
  const RowOrigin& origin_;
  uint32_t file_;
  uint64_t* rows_;
};

// The lines of a manifest that nobody may be writing: read, and not opened as one, so that a read-only folder serves.
Result<std::vector<json>> ReadManifest(const std::string& path) {
  std::vector<json> lines;
  if (!PathExists(path)) return lines;
  MIGRATE_ASSIGN(std::string text, spool::Manifest::Look(path));
  for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    json j =
        json::parse(text.begin() + static_cast<long>(begin), text.begin() + static_cast<long>(end), nullptr, false);
    if (j.is_object() && j.contains("kind")) lines.push_back(std::move(j));
  }
  return lines;
}

// The files of the last import of the plan, by number, if it is the one that the work in the workspace belongs to.
Result<std::map<uint32_t, RowOrigin>> FilesOfWork(const plan::Plan& plan, store::Connection* db,
                                                  const std::vector<json>& manifest) {
  std::map<uint32_t, RowOrigin> files;
  std::string run_key;
  for (const json& j : manifest)
    if (j["kind"] == "work") run_key = j.value("run_key", "");
  MIGRATE_ASSIGN(std::string known, ledger::Setting(db, "run_key " + plan.name));
  if (run_key.empty() || known != run_key) return files;
  MIGRATE_ASSIGN(auto last, ledger::LastImportOf(db, plan.name));
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT f.file_no, s.name, f.path, f.sha256 FROM import_file f JOIN source s "
                                     "USING (source_id) WHERE f.import_id = ? AND f.state = 'imported'"));
  q->Bind(1, last ? last->import_id : 0);
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    files[static_cast<uint32_t>(q->Integer(0))] = {std::string(q->Text(1)), std::string(q->Text(2)),
                                                   std::string(q->Text(3)), ""};
  }
  for (const json& j : manifest)
    if (j["kind"] == "extracted")
      if (auto file = files.find(j.value("file", 0U)); file != files.end())
        file->second.raw_delimiter = j.value("raw_delimiter", "");
  return files;
}

Status EachRowInSegment(const std::string& path, const RowOrigin& origin, uint32_t file, const RowTaker& taker,
                        uint64_t* rows_so_far) {
  TakerSink sink(taker, origin, file, rows_so_far);
  return spool::EachRawRow(path, [&sink](const auto& at, spool::RawBlockReader::Kind kind) {
    return kind == spool::RawBlockReader::Kind::kRow ? sink.OnRow(at.row()) : sink.OnReject(at.reject());
  });
}

}  // namespace

std::vector<Input> OpenableInputs(const plan::Plan& plan, unsigned threads, std::vector<std::string>* notes) {
  // Source by source: one that is gone must not keep the others away.
  std::vector<Input> all;
  for (size_t s = 0; s < plan.sources.size(); ++s) {
    plan::Plan one = plan;
    one.sources = {plan.sources[s]};
    InputErrors errors;
    std::vector<Input> inputs = FindInputs(one, &errors);
    if (!errors.text.empty()) notes->push_back(fmt::format("source {}: {}", plan.sources[s].name, errors.text));
    for (Input& input : inputs) {
      std::vector<Input> single = {input};
      if (Status hashed = HashInputs(one, threads, &single); !hashed.ok()) {
        notes->push_back(hashed.message());
        continue;
      }
      single.front().source = s;
      all.push_back(std::move(single.front()));
    }
  }
  return all;
}

Status EachRow(const plan::Plan& plan, const Input& input, Servers* servers, const RowTaker& taker) {
  if (input.columns.empty()) return {};
  MIGRATE_ASSIGN(auto reader, OpenInput(plan, input, servers));
  const RowOrigin origin{plan.sources[input.source].name, input.path, input.sha256,
                         std::string(reader->RawDelimiter())};
  uint64_t rows = 0;
  TakerSink sink(taker, origin, input.file_no, &rows);
  for (;;) {
    MIGRATE_ASSIGN(auto chunk, reader->Next());
    if (!chunk) return reader->Finish();
    MIGRATE_TRY(reader->Read(*chunk, sink));
  }
}

Status EachRowInWork(const plan::Plan& plan, store::Connection* db, const RowTaker& taker,
                     std::vector<std::string>* notes) {
  MIGRATE_ASSIGN(auto manifest, ReadManifest(WorkPath(plan, "manifest.jsonl")));
  MIGRATE_ASSIGN(auto files, FilesOfWork(plan, db, manifest));
  std::map<std::pair<uint32_t, uint32_t>, std::string> segments;
  for (const json& j : manifest)
    if (j["kind"] == "raw") segments[{j.value("file", 0U), j.value("chunk", 0U)}] = j.value("path", "");
  for (const json& j : manifest) {
    if (j["kind"] != "segments_gone" || j.value("what", "") != "raw" || files.empty()) continue;
    notes->push_back("the rows as they were read went from the workspace as retention.segments says");
    return {};
  }
  uint64_t rows = 0;
  for (const auto& [at, name] : segments) {
    const auto file = files.find(at.first);
    if (file == files.end()) continue;
    Status read = EachRowInSegment(WorkPath(plan, name), file->second, at.first, taker, &rows);
    if (read.ok()) continue;
    if (read.kind() == ErrorKind::kCancelled) return read;
    notes->push_back(read.message());
  }
  return {};
}

}  // namespace migrate::run
