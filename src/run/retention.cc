#include "retention.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

#include "match_again.h"
#include "migrate/base/doing.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/ledger.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"

namespace migrate::run {
namespace {

const char* Name(Segments which) { return which == Segments::kRaw ? "raw" : "records"; }

bool Asked(const Context& c, plan::KeepSegments when) {
  return c.plan.retention.segments == when && !c.replay() && c.own_import;
}

// The record segment holds the rows of its raw segment.
Status CheckRecords(const Context& c, const spool::ManifestLine& raw) {
  const std::string path = c.Work(RecordsPath(raw.file, raw.chunk));
  const Doing doing("checking", path);
  MIGRATE_ASSIGN(auto segment, spool::SegmentReader::Open(path));
  MultisetDigest digest;
  std::string block;
  Sha256 row_sha256;
  for (const auto& info : segment->blocks()) {
    MIGRATE_TRY(segment->Read(info, &block));
    ByteReader in(block);
    while (!in.done()) {
      if (!spool::SkimRecord(&in, &row_sha256))
        return Status::Failed(path + ": damaged segment: a record cannot be read");
      digest.Add(row_sha256);
    }
  }
  if (digest.count == raw.Number("rows") && digest.Text() == raw.Text("digest")) return {};
  return Status::Failed(path + ": damaged segment: it does not hold the rows that were read");
}

Status Drop(Context* c, Segments which) {
  const auto number = static_cast<uint32_t>(which);
  if (!Dropped(*c->manifest, which))
    MIGRATE_TRY(c->manifest->Append({kSegmentsGone, 0, number, {{"what", Name(which)}}}));
  for (const auto& raw : c->manifest->Lines("raw")) {
    const std::string path =
        c->Work(which == Segments::kRaw ? RawPath(raw.file, raw.chunk) : RecordsPath(raw.file, raw.chunk));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return PosixError(path, "cannot remove", errno);
  }
  return {};
}

Status Gone(const std::string& what) {
  return Status::Plan(what + " went from the workspace as retention.segments says",
                      "run with --from extract, which reads the sources anew");
}

}  // namespace

bool Dropped(const spool::Manifest& manifest, Segments which) {
  return manifest.Find(kSegmentsGone, 0, static_cast<uint32_t>(which)) != nullptr;
}

Result<bool> DroppedInVain(const Context& c) {
  if (!Dropped(*c.manifest, Segments::kRaw) && !Dropped(*c.manifest, Segments::kRecords)) return false;
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return true;
  MIGRATE_ASSIGN(auto import, ImportOfWork(c, db.get()));
  return !import;
}

Status DropAfterRejects(Context* c) {
  if (!Asked(*c, plan::KeepSegments::kStage)) return {};
  if (!Dropped(*c->manifest, Segments::kRaw)) {
    const auto lines = c->manifest->Lines("raw");
    MIGRATE_TRY(ParallelFor(lines.size(), c->threads, [&](size_t i) -> Status {
      if (c->cancelled()) return c->Cancelled();
      const Status s = CheckRecords(*c, lines[i]);
      if (s.ok() || s.kind() == ErrorKind::kCancelled) return s;
      return Status(s.kind(), s.message(), "the raw segments are still there: run the same plan with --from normalize");
    }));
  }
  return Drop(c, Segments::kRaw);
}

Status DropAfterLoad(Context* c) {
  const bool goes_on = c->plan.retention.match && PathExists(MatchFolder(*c));
  return Asked(*c, plan::KeepSegments::kStage) && !goes_on ? Drop(c, Segments::kRecords) : Status();
}

Status DropAfterDedupe(Context* c) {
  return Asked(*c, plan::KeepSegments::kStage) ? Drop(c, Segments::kRecords) : Status();
}

Status DropAfterImport(Context* c) {
  if (!Asked(*c, plan::KeepSegments::kStage) && !Asked(*c, plan::KeepSegments::kImport)) return {};
  MIGRATE_TRY(Drop(c, Segments::kRaw));
  return Drop(c, Segments::kRecords);
}

Status ForgetNormalized(Context* c) {
  if (Dropped(*c->manifest, Segments::kRaw)) return Gone("normalize: the rows as they were read");
  MIGRATE_TRY(c->manifest->Drop("records"));
  MIGRATE_TRY(c->manifest->Drop("done"));
  return c->manifest->Drop(kSegmentsGone);  // the records, which are made again
}

Status CheckLoadable(Context* c) {
  const bool raw = Dropped(*c->manifest, Segments::kRaw), records = Dropped(*c->manifest, Segments::kRecords);
  if (!raw && !records) return {};
  MIGRATE_TRY(OpenTarget(c, false));
  std::optional<std::string> rejects, loaded;
  if (c->import_id != 0) {
    MIGRATE_ASSIGN(rejects, ledger::Checkpoint(c->db.get(), c->import_id, "rejects", 0));
    MIGRATE_ASSIGN(loaded, ledger::Checkpoint(c->db.get(), c->import_id, "duplicates", 0));
  }
  if (raw && !rejects) return Gone("load: the rows that go to quarantine");
  return records && !loaded ? Gone("load: the records") : Status();
}

Status CheckLoadableAnew(const Context& c) {
  if (Dropped(*c.manifest, Segments::kRaw)) return Gone("load: the rows that go to quarantine");
  return Dropped(*c.manifest, Segments::kRecords) ? Gone("load: the records") : Status();
}

}  // namespace migrate::run
