#include "migrate/spool/raw_rows.h"

#include "migrate/spool/segment.h"

namespace migrate::spool {

Status EachRawRow(const std::string& path,
                  const std::function<Status(const RawBlockReader& at, RawBlockReader::Kind kind)>& take) {
  MIGRATE_ASSIGN(auto segment, SegmentReader::Open(path));
  std::string block;
  for (const auto& info : segment->blocks()) {
    MIGRATE_TRY(segment->Read(info, &block));
    RawBlockReader rows(block);
    for (;;) {
      MIGRATE_ASSIGN(auto kind, rows.Next());
      if (kind == RawBlockReader::Kind::kEnd) break;
      MIGRATE_TRY(take(rows, kind));
    }
  }
  return {};
}

}  // namespace migrate::spool
