// Files of the workspace over arbitrary bytes: the first byte chooses between a segment and a manifest, the rest is the
// file. Checked: each is read or refused; what was read of a segment lies within the file, and blocks have the size
// that the footer says.
#include <string>

#include "fuzz_check.h"
#include "migrate/spool/manifest.h"
#include "migrate/spool/segment.h"

namespace {

using migrate::fuzz::Check;

void ReadSegment(const std::string& path, size_t size) {
  auto segment = migrate::spool::SegmentReader::Open(path);
  if (!segment.ok()) return Check(!segment.status().message().empty(), "a refusal says why");
  std::string block;
  for (const auto& info : (*segment)->blocks()) {
    Check(info.offset <= size && info.stored <= size - info.offset, "a block lies within the file");
    // What a footer promises is not given memory for before it is there; the fuzzer has less than the footer may say.
    if (info.raw > (64 << 20)) continue;
    if ((*segment)->Read(info, &block).ok()) Check(block.size() == info.raw, "a block has its size");
  }
}

void ReadManifest(const std::string& path) {
  auto manifest = migrate::spool::Manifest::Open(path);
  if (!manifest.ok()) return Check(!manifest.status().message().empty(), "a refusal says why");
  for (const char* kind : {"raw", "records", "input", "extracted", ""})
    for (const auto& line : (*manifest)->Lines(kind)) {
      Check((*manifest)->Find(kind, line.file, line.chunk) != nullptr, "a line is found");
      (void)line.Number("rows");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  migrate::fuzz::MemoryFile file(migrate::fuzz::View(data + 1, size - 1));
  if (data[0] % 2 == 0)
    ReadSegment(file.path(), size - 1);
  else
    ReadManifest(file.path());
  return 0;
}
