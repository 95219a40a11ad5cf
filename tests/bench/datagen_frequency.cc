#include "datagen_frequency.h"

namespace migrate::datagen {

Frequency::Frequency(const std::vector<RankCount>& known, uint32_t tail_count, uint32_t tail_start,
                     uint32_t tail_octaves)
    : tail_at_(known.back().rank), tail_start_(tail_start), tail_octaves_(tail_octaves) {
  std::vector<uint32_t> counts = {known.front().count};
  counts.reserve(tail_at_ + 1);
  for (size_t i = 1; i < known.size(); ++i) {
    const double r1 = known[i - 1].rank, c1 = known[i - 1].count, r2 = known[i].rank, c2 = known[i].count;
    const double shift = c1 > c2 ? (c2 * r2 - c1 * r1) / (c1 - c2) : 0;  // count = scale / (rank + shift)
    const double scale = c1 * (r1 + shift);
    for (uint32_t rank = known[i - 1].rank + 1; rank <= known[i].rank; ++rank)
      counts.push_back(c1 > c2 ? static_cast<uint32_t>(scale / (rank + shift)) : known[i].count);
  }
  counts.push_back(tail_count);
  head_ = Weighted(counts);
}

Frequency LastNameFrequency() {
  static const std::vector<RankCount> kKnown = {
      {1, 2'442'977}, {2, 1'932'812}, {3, 1'625'252}, {4, 1'437'026},  {5, 1'425'470},  {6, 1'166'120},
      {7, 1'161'437}, {8, 1'116'357}, {9, 1'094'924}, {10, 1'060'159}, {11, 1'043'281}, {12, 874'523},
      {13, 841'025},  {14, 801'882},  {15, 784'404},  {16, 756'142},   {17, 751'209},   {18, 724'374},
      {19, 708'099},  {20, 702'625},  {21, 693'023},  {22, 681'645},   {23, 664'644},   {24, 660'491},
      {25, 624'252},  {50, 376'774},  {100, 227'118}, {275, 100'000},  {3'287, 10'000}, {23'656, 1'000},
      {151'671, 100}};
  // Six million names that fewer than 100 people bear: 28 million people, one in ten.
  return Frequency(kKnown, 28'000'000, 61'581, 7);
}

Frequency FirstNameFrequency(bool female) {
  // Thousandths of a per cent.
  static const std::vector<RankCount> kMale = {{1, 3318}, {2, 3271}, {3, 3143},  {4, 2629}, {5, 2451},
                                               {6, 2363}, {7, 1703}, {8, 1523},  {9, 1404}, {10, 1380},
                                               {20, 780}, {30, 591}, {100, 190}, {300, 43}, {1'219, 4}};
  static const std::vector<RankCount> kFemale = {{1, 2629}, {2, 1073}, {3, 1035},  {4, 980},  {5, 937},
                                                 {6, 932},  {7, 828},  {8, 794},   {9, 768},  {10, 727},
                                                 {20, 522}, {30, 441}, {100, 230}, {300, 62}, {4'275, 1}};
  return female ? Frequency(kFemale, 10'000, 2'885, 5) : Frequency(kMale, 10'000, 600, 6);
}

}  // namespace migrate::datagen
