// Segments that go before the next import begins (plan: retention.segments).
//
//   raw segments     are read by normalize, and by load for what goes to quarantine
//   record segments  are read by load, and by a dedupe that compares only what is new (match_again.h)
//
// With `stage` each goes when these have committed: raw segments in load, once their rejects are in quarantine and
// every record segment was read again and holds the rows (count and multiset of SHA-256) that were read; record
// segments behind load, or behind dedupe where that needs them. With `import` all go when the import has ended. `keep`
// leaves them until the next one begins: `show`, `repair` and the report's numbers read them, and stages can be done
// again from normalize on.
//
// A line kSegmentsGone in the manifest comes first, then the files: what a crash leaves of them goes with the next run.
#pragma once

#include "context.h"

namespace migrate::run {

enum class Segments : uint32_t { kRaw, kRecords };

// Of the manifest's line that says so; its chunk is the number of the kind of segments.
inline constexpr char kSegmentsGone[] = "segments_gone";

bool Dropped(const spool::Manifest& manifest, Segments which);
// Is any of it dropped, and the target does not know the import that they were dropped for? Then the work begins anew.
Result<bool> DroppedInVain(const Context& c);

// Each does what the plan's retention asks for at its place, or nothing.
Status DropAfterRejects(Context* c);
Status DropAfterLoad(Context* c);
Status DropAfterDedupe(Context* c);
Status DropAfterImport(Context* c);

// Before normalize is done again: kPlan if there is nothing left to do it with; else its lines go from the manifest.
Status ForgetNormalized(Context* c);
// Before load: kPlan if it needs what was dropped.
Status CheckLoadable(Context* c);
// Before the load of a work that was loaded before, as a new import: that needs all segments.
Status CheckLoadableAnew(const Context& c);

}  // namespace migrate::run
