#include "rejects.h"

#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"

namespace migrate::load {

Status WriteRejects(const std::string& path, const Rejects& rejects) {
  MIGRATE_ASSIGN(auto segment, spool::SegmentWriter::Create(path));
  spool::RawBlockWriter block;
  for (size_t i = 0; i < rejects.size(); ++i) {
    block.Add(rejects[i]);
    const uint32_t file = rejects[i].place.file;
    const bool last = i + 1 == rejects.size() || rejects[i + 1].place.file != file;
    if (!last && block.bytes().size() < spool::kBlockBytes) continue;
    MIGRATE_TRY(segment->AddBlock(file, block.bytes(), block.rows()));
    block.Clear();
  }
  return segment->Finish();
}

Status ReadRejects(const std::string& path, const std::function<Status(const Reject&)>& take) {
  MIGRATE_ASSIGN(auto segment, spool::SegmentReader::Open(path));
  std::string bytes;
  for (const auto& info : segment->blocks()) {
    MIGRATE_TRY(segment->Read(info, &bytes));
    spool::RawBlockReader rows(bytes);
    for (;;) {
      MIGRATE_ASSIGN(auto kind, rows.Next());
      if (kind == spool::RawBlockReader::Kind::kEnd) break;
      if (kind != spool::RawBlockReader::Kind::kReject) continue;
      Reject r = rows.reject();
      r.place.file = info.partition;
      MIGRATE_TRY(take(r));
    }
  }
  return {};
}

}  // namespace migrate::load
