// The pooled evidence of two groups of records: see clustering.h.
#include <algorithm>
#include <cmath>

#include "migrate/dedupe/clustering.h"

namespace migrate::dedupe {
namespace {

struct Mean {
  double sum = 0;
  int count = 0;
  void Add(double x) {
    sum += x;
    ++count;
  }
  double Value() const { return sum / count; }
};

}  // namespace

std::vector<uint32_t> PooledMembers(std::vector<uint32_t> rows) {
  std::sort(rows.begin(), rows.end());
  if (rows.size() <= kPooledMembers) return rows;
  std::vector<uint32_t> some;
  for (size_t i = 0; i < kPooledMembers; ++i) some.push_back(rows[i * rows.size() / kPooledMembers]);
  return some;
}

// Evidence between two groups, field by field. A record's value is one of the values that the other group has for the
// field, so its chance is the mean of the chances: one shared number among many different ones still tells. Over the
// records of a group the logarithms are averaged, in both directions. An initial has no say where the groups have full
// names to compare: J. is Jim's beside Jim, and would else speak for Jonathan. Nor has a line with nothing but an
// e-mail address, beside records that say more: it would bring two people together who share that address.
double PooledLogOdds(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b, const EvidenceOfPair& evidence,
                     const CombineParts& combine) {
  std::vector<PairEvidence> pairs;
  for (const uint32_t x : a)
    for (const uint32_t y : b) pairs.push_back(evidence(std::min(x, y), std::max(x, y)));
  double m = 0, h = 0;
  for (size_t field = 0; field < kEvidenceCount; ++field) {
    Mean match, household;
    const bool full = std::any_of(pairs.begin(), pairs.end(),
                                  [field](const PairEvidence& e) { return (e.used & ~e.faint) >> field & 1; });
    const auto counts = [field, full](const PairEvidence& e) {
      return ((full ? e.used & ~e.faint : e.used) >> field & 1) != 0;
    };
    const auto direction = [&](size_t outer, size_t inner, size_t outer_step, size_t inner_step) {
      for (size_t i = 0; i < outer; ++i) {
        const PairEvidence* only = nullptr;
        int used = 0;
        for (size_t j = 0; j < inner; ++j) {
          const PairEvidence& e = pairs[i * outer_step + j * inner_step];
          if (!counts(e)) continue;
          only = &e;
          ++used;
        }
        if (used == 0) continue;
        // The mean of one needs no powers: most groups are single records.
        if (used == 1) {
          match.Add(static_cast<double>(only->match[field]));
          household.Add(static_cast<double>(only->household[field]));
          continue;
        }
        Mean mm, hh;
        for (size_t j = 0; j < inner; ++j) {
          const PairEvidence& e = pairs[i * outer_step + j * inner_step];
          if (!counts(e)) continue;
          mm.Add(std::exp2(static_cast<double>(e.match[field])));
          hh.Add(std::exp2(static_cast<double>(e.household[field])));
        }
        match.Add(std::log2(mm.Value()));
        household.Add(std::log2(hh.Value()));
      }
    };
    direction(a.size(), b.size(), b.size(), 1);
    if (a.size() > 1 || b.size() > 1) direction(b.size(), a.size(), 1, b.size());
    if (match.count == 0) continue;
    m += match.Value();
    h += household.Value();
  }
  return combine(m, h);
}

}  // namespace migrate::dedupe
