// Files of the workspace over arbitrary bytes: the first byte chooses between a segment, a segment whose footer is the
// input (with a frame and a checksum made for it, which no fuzzer finds), and a manifest. Checked: each is read or
// refused; what was read of a segment lies within the file, and blocks have the size that the footer says; a manifest
// that was read can be added to and is read the same.
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz_check.h"
#include "migrate/base/bytes.h"
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

// A block as it is, one in a frame, and the footer.
std::string WithFooter(std::string_view footer) {
  std::string file = "MIGSEG2\nplain block";
  auto frame = [&](std::string_view bytes) {
    std::string packed(ZSTD_compressBound(bytes.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 1));
    file += packed;
  };
  frame("packed block");
  const size_t at = file.size();
  frame(footer);
  migrate::PutFixed64(&file, at);
  return file + "MIGSEGE\n";
}

size_t CountLines(const migrate::spool::Manifest& manifest) {
  size_t lines = 0;
  for (const char* kind : {"raw", "records", "input", "extracted", ""})
    for (const auto& line : manifest.Lines(kind)) {
      Check(manifest.Find(kind, line.file, line.chunk) != nullptr, "a line is found");
      (void)line.Number("rows");
      ++lines;
    }
  return lines;
}

// Opening a manifest syncs its folder, so it needs one.
const std::string& Folder() {
  static const std::string* const folder = [] {
    std::string name =
        (std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") + std::string("/migrate-fuzz-XXXXXX");
    Check(::mkdtemp(name.data()) != nullptr, "a folder");
    std::atexit([] { std::filesystem::remove_all(Folder()); });
    return new std::string(name);
  }();
  return *folder;
}

void ReadManifest(std::string_view text) {
  const std::string path = Folder() + "/manifest.jsonl";
  std::ofstream(path, std::ios::binary) << text;
  auto manifest = migrate::spool::Manifest::Open(path);
  if (!manifest.ok()) return Check(!manifest.status().message().empty(), "a refusal says why");
  const size_t lines = CountLines(**manifest);
  Check((*manifest)->Append({"raw", 1, 2, {{"rows", "3"}}}).ok(), "a line is added");
  auto again = migrate::spool::Manifest::Open(path);
  Check(again.ok() && CountLines(**again) == lines + 1, "what was read and added to is read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = migrate::fuzz::View(data + 1, size - 1);
  if (data[0] % 3 == 1) {
    ReadManifest(rest);
    return 0;
  }
  const std::string bytes = data[0] % 3 == 0 ? std::string(rest) : WithFooter(rest);
  migrate::fuzz::MemoryFile file(bytes);
  ReadSegment(file.path(), bytes.size());
  return 0;
}
