#include "part_keeper.h"

#include <nlohmann/json.hpp>

namespace migrate::reconcile {
namespace {

using nlohmann::json;

json FaultsJson(const std::vector<std::pair<uint64_t, RowFault>>& faults) {
  json out = json::array();
  for (const auto& [key, fault] : faults) out.push_back({key, static_cast<int>(fault)});
  return out;
}

void ReadFaults(const json& j, std::vector<std::pair<uint64_t, RowFault>>* faults) {
  for (const json& f : j) {
    const int fault = f.at(1).get<int>();
    if (fault < 0 || fault > static_cast<int>(RowFault::kExtra)) throw std::out_of_range("fault");
    faults->emplace_back(f.at(0).get<uint64_t>(), static_cast<RowFault>(fault));
  }
}

json SourcesJson(const SourceDigests& sources) {
  json out = json::array();
  for (const auto& [at, digest] : sources) out.push_back({at.first, at.second, digest.Text()});
  return out;
}

void ReadSources(const json& j, SourceDigests* sources) {
  for (const json& s : j) {
    auto digest = MultisetDigest::FromText(s.at(2).get<std::string>());
    if (!digest.ok()) throw std::out_of_range("digest");
    (*sources)[{s.at(0).get<uint32_t>(), s.at(1).get<uint32_t>()}] = *digest;
  }
}

json KeysJson(const KeySet& keys) { return {keys.count, keys.xor_keys, keys.sum}; }

KeySet ReadKeys(const json& j) { return {j.at(0).get<uint64_t>(), j.at(1).get<uint64_t>(), j.at(2).get<uint64_t>()}; }

std::string Text(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

// `read` throws where something is missing or of another kind.
template <class Read>
bool Decode(const std::string& text, const std::string& label, const Read& read) {
  try {
    const json j = json::parse(text);
    if (j.at("part").get<std::string>() != label) return false;
    read(j);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

std::string EncodeFound(const std::string& label, const ServerCheck& found) {
  return Text({{"part", label},
               {"rows", found.rows},
               {"unequal", found.unequal_buckets},
               {"faults", FaultsJson(found.faults)},
               {"more", found.more_faults},
               {"sources", SourcesJson(found.sources)},
               {"keys", KeysJson(found.keys)},
               {"members", {found.members.low, found.members.high}}});
}

std::string EncodeFound(const std::string& label, const SqliteStretch& found) {
  return Text({{"part", label},
               {"rows", found.of_table.rows},
               {"unequal", found.of_table.unequal_buckets},
               {"faults", FaultsJson(found.of_table.faults)},
               {"more", found.of_table.more_faults},
               {"lists", found.of_table.damaged_lists},
               {"sample", found.sample},
               {"sources", SourcesJson(found.sources)}});
}

std::string EncodeFound(const std::string& label, const KeySet& found) {
  return Text({{"part", label}, {"keys", KeysJson(found)}});
}

std::string EncodeFound(const std::string& label, const std::vector<Check>& found) {
  json checks = json::array();
  for (const Check& c : found) checks.push_back(json::array({c.name, c.ok, c.detail}));
  return Text({{"part", label}, {"checks", checks}});
}

bool DecodeFound(const std::string& text, const std::string& label, ServerCheck* found) {
  ServerCheck check;
  const bool good = Decode(text, label, [&](const json& j) {
    check.rows = j.at("rows").get<uint64_t>();
    check.unequal_buckets = j.at("unequal").get<uint64_t>();
    ReadFaults(j.at("faults"), &check.faults);
    check.more_faults = j.at("more").get<uint64_t>();
    ReadSources(j.at("sources"), &check.sources);
    check.keys = ReadKeys(j.at("keys"));
    check.members = {j.at("members").at(0).get<uint64_t>(), j.at("members").at(1).get<uint64_t>()};
  });
  if (good) *found = std::move(check);
  return good;
}

bool DecodeFound(const std::string& text, const std::string& label, SqliteStretch* found) {
  SqliteStretch stretch;
  const bool good = Decode(text, label, [&](const json& j) {
    stretch.of_table.rows = j.at("rows").get<uint64_t>();
    stretch.of_table.unequal_buckets = j.at("unequal").get<uint64_t>();
    ReadFaults(j.at("faults"), &stretch.of_table.faults);
    stretch.of_table.more_faults = j.at("more").get<uint64_t>();
    stretch.of_table.damaged_lists = j.at("lists").get<std::vector<uint64_t>>();
    stretch.sample = j.at("sample").get<std::vector<uint64_t>>();
    ReadSources(j.at("sources"), &stretch.sources);
  });
  if (good) *found = std::move(stretch);
  return good;
}

bool DecodeFound(const std::string& text, const std::string& label, KeySet* found) {
  return Decode(text, label, [&](const json& j) { *found = ReadKeys(j.at("keys")); });
}

bool DecodeFound(const std::string& text, const std::string& label, std::vector<Check>* found) {
  std::vector<Check> checks;
  const bool good = Decode(text, label, [&](const json& j) {
    for (const json& c : j.at("checks"))
      checks.push_back({c.at(0).get<std::string>(), c.at(1).get<bool>(), c.at(2).get<std::string>()});
  });
  if (good) *found = std::move(checks);
  return good;
}

}  // namespace migrate::reconcile
