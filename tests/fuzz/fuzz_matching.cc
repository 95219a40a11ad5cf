// What dedupe reads from files and from the target, over arbitrary bytes; the first byte chooses which: entries of the
// lists of a decision, a model, counts of persons, records as the match state keeps them. Checked: what is read can be
// written again and is read the same.
#include <string>

#include "fuzz_check.h"
#include "migrate/dedupe/match_state.h"
#include "migrate/dedupe/model.h"
#include "migrate/dedupe/persons.h"
#include "person_lists.h"

namespace {

using migrate::fuzz::Check;
using namespace migrate::dedupe;

// Entries whose Encode is the inverse of Decode.
template <class Entry>
void RoundTrip(std::string_view bytes) {
  Entry entry, again;
  if (!entry.Decode(bytes)) return;
  std::string once, twice;
  entry.Encode(&once);
  Check(again.Decode(once), "an entry that was written is read");
  again.Encode(&twice);
  Check(once == twice, "and is the same");
}

void Person(std::string_view bytes) {
  PersonEntry entry, again;
  if (!entry.Decode(bytes)) return;
  std::string once;
  PersonEntry::Encode(entry.op, entry.now, &once);
  if (entry.op != PersonEntry::kInsert) entry.EncodeOld(&once);
  Check(again.Decode(once), "a person that was written is read");
  Check(again.op == entry.op && again.now.person_id == entry.now.person_id && again.old_hash == entry.old_hash &&
            again.history == entry.history,
        "and is the same");
}

void ModelText(std::string_view bytes) {
  auto model = ModelFromJson(bytes);
  if (!model.ok()) return Check(!model.status().message().empty(), "a refusal says why");
  const std::string once = ModelToJson(*model);
  auto again = ModelFromJson(once);
  if (!again.ok()) std::fprintf(stderr, "%s\n%s\n", once.c_str(), again.status().message().c_str());
  Check(again.ok(), "a model that was written is read");
  Check(ModelToJson(*again) == once, "and is the same");
}

void ForMatching(std::string_view bytes) {
  migrate::Record record, again;
  if (!DecodeForMatching(bytes, &record)) return;
  const std::string once = EncodeForMatching(record);
  Check(DecodeForMatching(once, &again), "a record that was written is read");
  Check(EncodeForMatching(again) == once, "and is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      RoundTrip<AliasEntry>(bytes);
      break;
    case 1:
      Person(bytes);
      break;
    case 2:
      RoundTrip<MembersEntry>(bytes);
      break;
    case 3:
      RoundTrip<LinkEntry>(bytes);
      break;
    case 4:
      RoundTrip<IdentifierEntry>(bytes);
      break;
    case 5:
      ModelText(bytes);
      break;
    case 6:
      ForMatching(bytes);
      break;
    default:
      (void)PersonCountsFrom(bytes);
  }
  return 0;
}
