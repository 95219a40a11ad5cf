#include "migrate/dedupe/edge_list.h"

#include <algorithm>
#include <queue>

namespace migrate::dedupe {
namespace {

std::string_view Raw(const std::vector<Edge>& edges) {
  return {reinterpret_cast<const char*>(edges.data()), edges.size() * sizeof(Edge)};
}

void ReadEdges(const File& file, uint64_t first, size_t n, std::vector<Edge>* out) {
  out->resize(n);
  ReadScratch(file, first * sizeof(Edge), reinterpret_cast<char*>(out->data()), n * sizeof(Edge));
}

// A sorted run while runs are merged.
struct Head {
  uint64_t next, end;
  std::vector<Edge> edges = {};
  size_t at = 0;

  bool Fill(const File& file, size_t at_once) {
    if (at < edges.size()) return true;
    if (next == end) return false;
    ReadEdges(file, next, std::min<uint64_t>(at_once, end - next), &edges);
    next += edges.size();
    at = 0;
    return true;
  }
};

}  // namespace

EdgeList::EdgeList(std::vector<Edge> edges) : tail_(std::move(edges)) {}
EdgeList::EdgeList(Room room) : room_(std::move(room)) {}

size_t EdgeList::Most() const {
  if (room_.folder.empty() || room_.memory_bytes == 0) return ~size_t{0};
  return std::max<size_t>(room_.memory_bytes / sizeof(Edge), kAtOnce);
}

void EdgeList::Append(const Edge* edges, size_t n) {
  sorted_ = false;
  const size_t most = Most();
  while (n > 0) {
    if (tail_.size() == most) Spill();
    const size_t some = std::min(n, most - tail_.size());
    // By a little more than is needed, where a vector would double.
    if (const size_t need = tail_.size() + some; need > tail_.capacity())
      tail_.reserve(std::min(most, need + tail_.size() / 8));
    tail_.insert(tail_.end(), edges, edges + some);
    edges += some;
    n -= some;
  }
}

void EdgeList::Reserve(uint64_t edges) {
  if (stored_ == 0 && edges < Most()) tail_.reserve(edges);
}

void EdgeList::Spill() {
  if (stored_ == 0) file_ = ScratchFile(room_.folder);
  WriteScratch(&file_, Raw(tail_));
  stored_ += tail_.size();
  tail_.clear();
}

void EdgeList::ReadRun(uint64_t first, size_t n, std::vector<Edge>* out) const {
  ReadEdges(file_, first, std::min<uint64_t>(n, stored_ - first), out);
}

void EdgeList::Rewrite(const std::function<void(std::vector<Edge>*)>& change) {
  sorted_ = false;
  if (stored_ == 0) {
    change(&tail_);
    if (tail_.capacity() > tail_.size() + tail_.size() / 16) tail_.shrink_to_fit();
    return;
  }
  // The tail goes to the file first, so that there is memory for a run.
  Spill();
  std::vector<Edge>().swap(tail_);
  EdgeList out({room_.folder, std::max<uint64_t>(1, room_.memory_bytes / 2)});
  std::vector<Edge> some;
  for (uint64_t at = 0; at < stored_;) {
    ReadRun(at, std::max(kAtOnce, Most() / 2), &some);
    at += some.size();
    change(&some);
    out.Append(some.data(), some.size());
  }
  out.room_ = room_;
  *this = std::move(out);
}

void EdgeList::Sort() {
  if (sorted_) return;
  sorted_ = true;
  if (stored_ == 0) {
    if (!std::is_sorted(tail_.begin(), tail_.end(), Stronger)) std::sort(tail_.begin(), tail_.end(), Stronger);
    return;
  }
  Spill();
  std::vector<Edge>().swap(tail_);
  File runs = ScratchFile(room_.folder);
  std::vector<uint64_t> ends;
  std::vector<Edge> run;
  for (uint64_t at = 0; at < stored_; ends.push_back(at)) {
    ReadRun(at, Most(), &run);
    at += run.size();
    std::sort(run.begin(), run.end(), Stronger);
    WriteScratch(&runs, Raw(run));
  }
  std::vector<Edge>().swap(run);
  file_ = File();
  Merge(runs, ends);
}

void EdgeList::Merge(const File& runs, const std::vector<uint64_t>& ends) {
  std::vector<Head> heads;
  for (size_t i = 0; i < ends.size(); ++i) heads.push_back({i == 0 ? 0 : ends[i - 1], ends[i]});
  const size_t at_once = std::clamp<size_t>(Most() / (heads.size() + 1), 1024, kAtOnce);
  const auto weaker = [&](size_t x, size_t y) {
    return Stronger(heads[y].edges[heads[y].at], heads[x].edges[heads[x].at]);
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(weaker)> strongest(weaker);
  for (size_t i = 0; i < heads.size(); ++i)
    if (heads[i].Fill(runs, at_once)) strongest.push(i);
  File merged = ScratchFile(room_.folder);
  std::vector<Edge> out;
  while (!strongest.empty()) {
    const size_t i = strongest.top();
    strongest.pop();
    out.push_back(heads[i].edges[heads[i].at++]);
    if (heads[i].Fill(runs, at_once)) strongest.push(i);
    if (out.size() < at_once) continue;
    WriteScratch(&merged, Raw(out));
    out.clear();
  }
  WriteScratch(&merged, Raw(out));
  file_ = std::move(merged);
}

std::vector<Edge> EdgeList::Take() {
  std::vector<Edge> all;
  if (stored_ == 0) {
    all = std::move(tail_);
  } else {
    all.reserve(size());
    Each([&](const Edge& e) { all.push_back(e); });
  }
  *this = EdgeList(room_);
  return all;
}

}  // namespace migrate::dedupe
