// What the target holds of one record, and how it would stand if other imports had brought it: the arrivals of its
// images, import by import, played again by load's rule (load.h). Pure functions; undo.h applies them to tables.
//
// A record's line is the sequence of images that were current, ending with the present one; each begins with the import
// that brought it, or that marked the record gone. Beside it are images that came older than the current one and went
// straight into history.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "migrate/ledger/tables.h"

namespace migrate::load {

// An image of a record as a row holds it; more and attributes are the texts of its JSON columns.
struct Image {
  ledger::StoredRecord row;
  std::string more, attributes;
};

// A row of record_history.
struct OldImage {
  int64_t ended_import = 0, seq = 0;
  Image image;
};

// All that record and record_history hold of one record_id; history by (ended_import, seq).
struct Life {
  std::optional<Image> current;
  std::vector<OldImage> history;
};

// What an import did with a record: brought an image (whose import_id is the import), or no longer saw it.
struct Event {
  int64_t import_id = 0;
  bool gone = false;
  bool derived = false;      // not written anywhere: follows from the import having held everything
  Image image;               // of an arrival; gone_import is 0
  int64_t first_import = 0;  // of an arrival: that brought the same file (ledger::FirstImportsOfFiles); 0: this one
  int64_t rank() const { return first_import == 0 ? import_id : first_import; }
};

// The arrivals and gone marks that the images of a life tell of. An image that was found unchanged by a later import
// leaves no trace there.
std::vector<Event> EventsOf(const Life& life);

// Was the record current and not gone when an import ended? Its image then, or null.
const Image* AliveAfter(const Life& life, int64_t import_id);

struct Replayed {
  Life life;
  std::vector<Event> unchanged;  // arrivals that found their image there, and changed nothing
};
// Plays events again, in the order of imports and, within one, of (updated_at, rank, row_sha256).
Replayed Replay(std::vector<Event> events);

// The import behind `import_id` that changed again what that one had done to the record: it brought another image, or
// the record back that it had marked gone. 0: none. A mark that the record is gone is no such change.
int64_t ChangedAgain(const Life& life, int64_t import_id);

// The last import behind `import_id` that changed the record; 0: none.
int64_t ChangedAfter(const Life& life, int64_t import_id);

// Same content and normalization, whatever import or file it came with?
bool SameImage(const Image& a, const Image& b);

}  // namespace migrate::load
