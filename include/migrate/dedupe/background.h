// Background: what a record may belong to among the records that blocking never shows it.
//
// A bare "Thomas" agrees with thousands, and blocks of thousands propose nothing: the one pair that some other key
// proposed must not look like the only place it can go. What all those records weigh together follows from the model
// alone: over all strangers and for one pattern of agreement P (the pieces of evidence on which both agree exactly),
// the odds o = lambda * m(P) / u(P) of the n * u(P) records that show it add up to n * lambda * m(P). So
//
//   background = n * lambda * sum of m(P) over the patterns P that more than kCrowd strangers show, / (1 + d)
//
// with m(P) the product of m over the pieces in P and of 1 - m over the others, u(P) the product of the frequencies of
// the record's values, and d the expected further records of a person, which together count once. It is a number of
// the record and the model: what else is in the table does not change it. A table that is compared whole hides nothing.
#pragma once

#include <cstdint>

#include "migrate/dedupe/compare.h"
#include "migrate/dedupe/model.h"

namespace migrate::dedupe {

// As many as the block of a weak key may have (blocking.h, weak_cap): such a pattern is no key.
inline constexpr double kCrowd = 60;

// `itself`: the record compared with itself, which names its pieces of evidence and their values' frequencies.
double Background(const Comparison& itself, const Model& model);

}  // namespace migrate::dedupe
