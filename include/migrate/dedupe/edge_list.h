// Edge list: scored pairs, in memory as far as a budget allows and behind that in a scratch file (scratch.h: what fails
// there is thrown).
//
//   EdgeList edges({folder, 32 << 20});
//   edges.Append(some.data(), some.size());
//   edges.Sort();                                   // the strongest first
//   edges.Each([&](const Edge& e) { ... });         // as often as wanted
//
// Memory: the budget at most, while it is sorted too; a pass over what lies in the file takes 192 KiB more. Disk: 12
// bytes an edge, three times that while it is sorted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/dedupe/scratch.h"

namespace migrate::dedupe {

// A scored pair, a < b. 12 bytes.
struct Edge {
  uint32_t a = 0, b = 0;
  float log_odds = 0;  // log2 odds of being one person
};

// The strongest first, in a total order.
inline bool Stronger(const Edge& x, const Edge& y) {
  if (x.log_odds != y.log_odds) return x.log_odds > y.log_odds;
  return x.a != y.a ? x.a < y.a : x.b < y.b;
}

class EdgeList {
 public:
  struct Room {
    std::string folder;         // of the file; "": all stay in memory
    uint64_t memory_bytes = 0;  // 0: all stay in memory
  };

  EdgeList() = default;
  EdgeList(std::vector<Edge> edges);  // NOLINT: a list like any other; all of it stays in memory
  explicit EdgeList(Room room);

  void Append(const Edge* edges, size_t n);
  void push_back(const Edge& edge) { Append(&edge, 1); }
  // Makes room for so many, where they are to stay in memory.
  void Reserve(uint64_t edges);
  uint64_t size() const { return stored_ + tail_.size(); }
  uint64_t MemoryBytes() const { return tail_.capacity() * sizeof(Edge); }

  // Calls visit(edge) for each, in order; a visit that returns bool ends the pass by false.
  template <class Visit>
  void Each(Visit visit) const;

  // Calls change(edges) for one run of them after the other, in order: it may change them, and take some away.
  void Rewrite(const std::function<void(std::vector<Edge>*)>& change);

  // The strongest first.
  void Sort();

  // All of them in memory; the list is then empty.
  std::vector<Edge> Take();

 private:
  static constexpr size_t kAtOnce = 16384;

  size_t Most() const;  // edges that may be in memory
  void Spill();
  void ReadRun(uint64_t first, size_t n, std::vector<Edge>* out) const;
  void Merge(const File& runs, const std::vector<uint64_t>& ends);

  Room room_;
  File file_;
  uint64_t stored_ = 0;  // edges in the file, before those in tail_
  std::vector<Edge> tail_;
  bool sorted_ = false;
};

template <class Visit>
void EdgeList::Each(Visit visit) const {
  const auto all = [&visit](const std::vector<Edge>& edges) {
    for (const Edge& e : edges) {
      if constexpr (std::is_same_v<std::invoke_result_t<Visit&, const Edge&>, bool>) {
        if (!visit(e)) return false;
      } else {
        visit(e);
      }
    }
    return true;
  };
  std::vector<Edge> some;
  for (uint64_t at = 0; at < stored_; at += some.size()) {
    ReadRun(at, kAtOnce, &some);
    if (!all(some)) return;
  }
  all(tail_);
}

}  // namespace migrate::dedupe
