#include <algorithm>
#include <limits>

#include "migrate/survey/guess.h"

namespace migrate::survey {

// Kuhn's method with potentials; the matrix is widened by one useless column a row, so that each row may stay alone.
std::vector<int> BestAssignment(const std::vector<std::vector<double>>& score) {
  const size_t rows = score.size(), real = rows == 0 ? 0 : score[0].size(), columns = real + rows;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  auto cost = [&](size_t i, size_t j) { return j < real ? -std::max(score[i][j], -1.0) : 0.0; };
  // Rows and columns count from 1; match[j] is the row of column j.
  std::vector<double> u(rows + 1, 0), v(columns + 1, 0);
  std::vector<size_t> match(columns + 1, 0), way(columns + 1, 0);
  for (size_t i = 1; i <= rows; ++i) {
    match[0] = i;
    size_t j0 = 0;
    std::vector<double> least(columns + 1, kInfinity);
    std::vector<bool> used(columns + 1, false);
    do {
      used[j0] = true;
      const size_t i0 = match[j0];
      double delta = kInfinity;
      size_t j1 = 0;
      for (size_t j = 1; j <= columns; ++j) {
        if (used[j]) continue;
        const double reduced = cost(i0 - 1, j - 1) - u[i0] - v[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          way[j] = j0;
        }
        if (least[j] < delta) {
          delta = least[j];
          j1 = j;
        }
      }
      for (size_t j = 0; j <= columns; ++j) {
        if (used[j]) {
          u[match[j]] += delta;
          v[j] -= delta;
        } else {
          least[j] -= delta;
        }
      }
      j0 = j1;
    } while (match[j0] != 0);
    for (; j0 != 0; j0 = way[j0]) match[j0] = match[way[j0]];
  }
  std::vector<int> out(rows, -1);
  for (size_t j = 1; j <= real; ++j)
    if (match[j] != 0 && score[match[j] - 1][j - 1] > 0) out[match[j] - 1] = static_cast<int>(j - 1);
  return out;
}

}  // namespace migrate::survey
