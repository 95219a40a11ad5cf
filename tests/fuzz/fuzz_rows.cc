// Blocks of segments and payloads over arbitrary bytes; the first byte chooses which. Checked: what is read can be
// written again and is read the same; views lie within the block; the payload's canonical form is a fixed point.
#include <string>

#include "fuzz_check.h"
#include "migrate/record/payload.h"
#include "migrate/spool/rows.h"

namespace {

using migrate::DecodedRow;
using migrate::Record;
using migrate::fuzz::Check;

bool Within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

struct Seen {
  bool reject;
  migrate::Place place;
  std::string key, a, b, c;
  bool operator==(const Seen& o) const {
    return reject == o.reject && place.row == o.place.row && place.line == o.place.line &&
           place.byte_offset == o.place.byte_offset && key == o.key && a == o.a && b == o.b && c == o.c;
  }
};

// The rows up to the first damage; a block that was written is whole.
std::vector<Seen> ReadRaw(std::string_view block, migrate::spool::RawBlockWriter* writer, bool whole) {
  std::vector<Seen> seen;
  migrate::spool::RawBlockReader reader(block);
  for (;;) {
    auto kind = reader.Next();
    Check(kind.ok() || !whole, "what was written is read");
    if (!kind.ok() || *kind == migrate::spool::RawBlockReader::Kind::kEnd) return seen;
    if (*kind == migrate::spool::RawBlockReader::Kind::kRow) {
      const migrate::RawRow& r = reader.row();
      Check(Within(r.source_key, block) && Within(r.payload, block) && Within(r.raw, block), "within the block");
      seen.push_back({false, r.place, std::string(r.source_key), std::string(r.payload), std::string(r.raw),
                      std::string(migrate::AsView(r.row_sha256))});
      if (writer != nullptr) writer->Add(r);
    } else {
      const migrate::Reject& r = reader.reject();
      seen.push_back({true, r.place, r.source_key, r.reason, r.detail, r.raw});
      if (writer != nullptr) writer->Add(r);
    }
  }
}

void RawBlock(std::string_view block) {
  migrate::spool::RawBlockWriter writer;
  const auto once = ReadRaw(block, &writer, false);
  Check(once == ReadRaw(writer.bytes(), nullptr, true), "rows that were written are the same rows");
}

void Records(std::string_view block) {
  migrate::ByteReader in(block), skimmed(block);
  Record record, again;
  std::string bytes, twice;
  migrate::Sha256 any;
  while (!skimmed.done() && migrate::spool::SkimRecord(&skimmed, &any)) continue;
  while (!in.done() && migrate::spool::DecodeRecord(&in, &record)) {
    bytes.clear();
    migrate::spool::AppendRecord(record, &bytes);
    migrate::ByteReader second(bytes);
    Check(migrate::spool::DecodeRecord(&second, &again), "a record that was written is read");
    migrate::ByteReader third(bytes);
    migrate::Sha256 hash;
    Check(migrate::spool::SkimRecord(&third, &hash) && third.done() && hash == record.row_sha256,
          "and passed over, but for its hash");
    twice.clear();
    migrate::spool::AppendRecord(again, &twice);
    Check(bytes == twice, "and is the same");
  }
}

void Payload(std::string_view payload) {
  DecodedRow row, again;
  if (!migrate::DecodePayload(payload, &row).ok()) return;
  std::string once, twice;
  migrate::PayloadWriter writer(&once);
  for (const auto& cell : row.cells) writer.Add(cell);
  writer.Finish();
  Check(migrate::DecodePayload(once, &again).ok(), "a canonical payload is one");
  Check(again.cells.size() == row.cells.size(), "with as many cells");
  for (size_t i = 0; i < row.cells.size(); ++i)
    Check(again.cells[i].type == row.cells[i].type && again.cells[i].bytes == row.cells[i].bytes,
          "with the same cells");
  migrate::PayloadWriter second(&twice);
  for (const auto& cell : again.cells) second.Add(cell);
  second.Finish();
  Check(once == twice, "canonical is canonical");
  (void)migrate::OriginalBytes("", payload, ",");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 3 == 0) RawBlock(bytes);
  if (data[0] % 3 == 1) Records(bytes);
  if (data[0] % 3 == 2) Payload(bytes);
  return 0;
}
