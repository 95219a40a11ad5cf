#include "migrate/dedupe/stable_ids.h"

#include <algorithm>
#include <unordered_set>

namespace migrate::dedupe {
namespace {

// `count` records of old person `old_id` are in the cluster whose lowest record is `cluster`.
struct Claim {
  uint64_t old_id;
  uint32_t cluster, count;
};

std::vector<Claim> Claims(const std::vector<uint32_t>& cluster, const std::vector<uint64_t>& old_person) {
  std::vector<Claim> claims;
  for (size_t i = 0; i < cluster.size(); ++i)
    if (old_person[i] != 0) claims.push_back({old_person[i], cluster[i], 1});
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
    return a.old_id != b.old_id ? a.old_id < b.old_id : a.cluster < b.cluster;
  });
  size_t n = 0;
  for (const Claim& c : claims) {
    if (n > 0 && claims[n - 1].old_id == c.old_id && claims[n - 1].cluster == c.cluster)
      ++claims[n - 1].count;
    else
      claims[n++] = c;
  }
  claims.resize(n);
  return claims;
}

}  // namespace

IdAssignment AssignIds(const std::vector<uint32_t>& cluster, const std::vector<uint64_t>& old_person,
                       uint64_t next_id) {
  IdAssignment out;
  std::vector<Claim> by_id = Claims(cluster, old_person), by_size = by_id;
  std::sort(by_size.begin(), by_size.end(), [](const Claim& a, const Claim& b) {
    if (a.count != b.count) return a.count > b.count;
    return a.old_id != b.old_id ? a.old_id < b.old_id : a.cluster < b.cluster;
  });
  std::vector<uint64_t> id_of(cluster.size(), 0);  // by the cluster's lowest record
  std::unordered_set<uint64_t> kept;
  for (const Claim& c : by_size)
    if (id_of[c.cluster] == 0 && kept.insert(c.old_id).second) id_of[c.cluster] = c.old_id;

  out.next_id = next_id;
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (cluster[i] != i || id_of[i] != 0) continue;
    id_of[i] = out.next_id++;
    ++out.created;
  }
  std::unordered_set<uint64_t> split;
  for (const Claim& c : by_id) {
    uint64_t now = id_of[c.cluster];
    if (now == c.old_id) continue;
    bool merged = kept.count(c.old_id) == 0;
    out.aliases.push_back({c.old_id, now, merged});
    if (merged && (out.retired.empty() || out.retired.back() != c.old_id)) out.retired.push_back(c.old_id);
    if (now >= next_id) split.insert(now);
  }
  out.split = split.size();
  std::sort(out.aliases.begin(), out.aliases.end());
  out.person.resize(cluster.size());
  for (size_t i = 0; i < cluster.size(); ++i) out.person[i] = id_of[cluster[i]];
  return out;
}

}  // namespace migrate::dedupe
