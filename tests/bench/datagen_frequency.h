// How often names are given. A list's most frequent names have the share that a census counted; between the ranks that
// are known the counts follow a hyperbola (Zipf-Mandelbrot) through them, and beyond the list lies a long tail of rare
// names, so that the number of different names grows with the number of people as it does in reality.
//
// Sources, as public facts: US Census Bureau, "Frequently Occurring Surnames from the 2010 Census" (the first 25 and
// ranks 50 and 100); Word, Coleman, Nunziata, Kominski, "Demographic Aspects of Surnames from Census 2000" (275 names
// with 100,000 bearers or more, 3,287 with 10,000, 23,656 with 1,000, 151,671 with 100, 6.25 million in all); US Census
// Bureau, "Frequently Occurring Names, 1990" (1,219 male and 4,275 female first names cover 90 %).
#pragma once

#include <cstdint>

#include "datagen_random.h"

namespace migrate::datagen {

struct RankCount {
  uint32_t rank = 0;   // from 1
  uint32_t count = 0;  // of people
};

// Draws ranks, counted from 0. Read-only after construction; 4 bytes a name of the list (600 KB for last names). Uses
// no arithmetic but IEEE + - * / and integers, so that the ranks are the same on every machine.
class Frequency {
 public:
  Frequency() = default;
  // `known` begins with rank 1 and ascends; the last one is the list's end. Behind it `tail_count` people bear names
  // whose frequency falls with 1 / (rank - end + tail_start), over `tail_octaves` doublings of that denominator.
  Frequency(const std::vector<RankCount>& known, uint32_t tail_count, uint32_t tail_start, uint32_t tail_octaves);

  uint32_t Draw(Rng& rng) const {
    const uint32_t rank = head_.Draw(rng);
    if (rank < tail_at_) return rank;
    // Each doubling holds the same share of the people. Within one, uniform ranks are kept with a chance of 1 / x.
    const uint32_t from = tail_start_ << rng.Below(tail_octaves_);
    for (;;) {
      const uint32_t x = from + rng.Below(from);
      if (rng.Below(x) < from) return tail_at_ + (x - tail_start_);
    }
  }

 private:
  Weighted head_;  // the last index is the tail as a whole
  uint32_t tail_at_ = 0, tail_start_ = 1, tail_octaves_ = 1;
};

Frequency LastNameFrequency();
Frequency FirstNameFrequency(bool female);

}  // namespace migrate::datagen
