// What the ledger keeps in the target in forms of its own, over arbitrary bytes; the first byte chooses which: the rows
// of a bucket, the rows that an import has seen, a digest as text, the further e-mails and phones of a record, its
// attributes. Whoever can write to the target can put anything there. Checked: it is read or refused, and what was read
// can be written again and is read the same.
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "migrate/base/bytes.h"
#include "migrate/base/hash.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/tables.h"
#include "migrate/ledger/versions.h"

namespace {

using migrate::fuzz::Check;

void PutHash4(std::string* out, uint32_t hash4) {
  for (int shift : {24, 16, 8, 0}) out->push_back(static_cast<char>(hash4 >> shift));
}

void Bucket(std::string_view bytes) {
  const auto rows = migrate::ledger::DecodeBucketRows(bytes);
  Check(rows.size() <= bytes.size() / 5, "a row has five bytes at least");
  std::string again;
  uint64_t last = 0;
  for (const auto& r : rows) {
    migrate::PutVarint(&again, r.key - last);
    PutHash4(&again, r.hash4);
    last = r.key;
  }
  Check(migrate::ledger::DecodeBucketRows(again) == rows, "rows that were written are the same rows");
}

void Seen(std::string_view bytes) {
  const auto rows = migrate::ledger::DecodeSeenRows(bytes);
  Check(rows.size() <= bytes.size() / 7, "a row has seven bytes at least");
  std::string again;
  uint64_t last = 0;
  for (const auto& r : rows) {
    for (uint64_t v : {r.record_id - last, r.file_no, r.line}) migrate::PutVarint(&again, v);
    PutHash4(&again, r.hash4);
    last = r.record_id;
  }
  Check(migrate::ledger::DecodeSeenRows(again) == rows, "rows that were written are the same rows");
}

void Digest(std::string_view text) {
  const auto digest = migrate::MultisetDigest::FromText(text);
  if (!digest.ok()) return;
  const auto again = migrate::MultisetDigest::FromText(digest->Text());
  Check(again.ok() && *again == *digest, "a digest that was written is read");
}

void More(std::string_view json) {
  migrate::Record record, again;
  migrate::ledger::ParseMoreJson(json, &record);
  const std::string once = migrate::ledger::MoreJson(record);
  migrate::ledger::ParseMoreJson(once, &again);
  Check(again.more_emails == record.more_emails && again.more_phones == record.more_phones,
        "further values that were written are the same");
}

void Attributes(std::string_view json) {
  const std::vector<migrate::Attribute> attributes = {{"a", {}}, {"", {}}, {"occupation", {}}};
  std::vector<std::string> values, again;
  migrate::ledger::ParseAttributesJson(json, attributes, &values);
  Check(values.size() == attributes.size(), "a value an attribute");
  migrate::ledger::ParseAttributesJson(migrate::ledger::AttributesJson(values, attributes), attributes, &again);
  Check(again == values, "attributes that were written are the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string bytes(migrate::fuzz::View(data + 1, size - 1));
  switch (data[0] % 5) {
    case 0:
      Bucket(bytes);
      break;
    case 1:
      Seen(bytes);
      break;
    case 2:
      Digest(bytes);
      break;
    case 3:
      More(bytes);
      break;
    default:
      Attributes(bytes);
  }
  return 0;
}
