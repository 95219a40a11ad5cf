#include "migrate/dedupe/model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "migrate/dedupe/features.h"
#include "migrate/dedupe/keys.h"

namespace migrate::dedupe {
namespace {

using Json = nlohmann::ordered_json;

Json LevelJson(const Weights& w, int e, int l) {
  const auto se = static_cast<size_t>(e), sl = static_cast<size_t>(l);
  return {{"m", w.m[se][sl]}, {"household", w.h[se][sl]}, {"u", w.u[se][sl]}};
}

Status ReadWeights(const Json& evidence, Model* model) {
  for (int e = 0; e < kEvidenceCount; ++e) {
    const std::string name = EvidenceName(*model, e);
    if (name.empty()) continue;
    if (!evidence.contains(name)) return Status::Plan("model: no weights for " + name);
    for (int l = 1; l < LevelsOf(e); ++l) {
      const Json& level = evidence.at(name).at("levels").at(std::string(LevelName(e, l)));
      const auto se = static_cast<size_t>(e), sl = static_cast<size_t>(l);
      model->weights.m[se][sl] = level.at("m").get<float>();
      model->weights.h[se][sl] = level.at("household").get<float>();
      model->weights.u[se][sl] = level.at("u").get<float>();
    }
    model->exact[static_cast<size_t>(e)] = evidence.at(name).at("exact").get<double>();
  }
  return Status();
}

// "HASH:COUNT ...", the hash in 16 hex digits.
std::string CountsText(const FieldFrequencies& field) {
  std::string text;
  for (const auto& [hash, count] : field.counts)
    fmt::format_to(std::back_inserter(text), "{}{:016x}:{}", text.empty() ? "" : " ", hash, count);
  return text;
}

bool ReadCounts(std::string_view text, FieldFrequencies* field) {
  const char *at = text.data(), *end = at + text.size();
  while (at != end) {
    uint64_t hash = 0;
    uint32_t count = 0;
    auto read = std::from_chars(at, end, hash, 16);
    if (read.ec != std::errc() || read.ptr == end || *read.ptr != ':') return false;
    read = std::from_chars(read.ptr + 1, end, count);
    if (read.ec != std::errc() || (read.ptr != end && *read.ptr != ' ')) return false;
    if (!field->counts.empty() && field->counts.back().first >= hash) return false;
    field->counts.emplace_back(hash, count);
    at = read.ptr == end ? end : read.ptr + 1;
  }
  return true;
}

Json FrequenciesJson(const Model& model) {
  Json out = Json::object();
  for (size_t i = 0; i < model.frequencies.fields.size(); ++i) {
    const FieldFrequencies& f = model.frequencies.fields[i];
    out[TermFieldName(i, model.attributes)] = {{"denominator", f.denominator},
                                               {"duplicates", f.duplicates},
                                               {"average", f.average},
                                               {"rest", f.rest},
                                               {"counts", CountsText(f)}};
  }
  return out;
}

Status ReadFrequencies(const Json& json, Model* model) {
  model->frequencies.fields.resize(kTermAttribute0 + std::min<size_t>(model->attributes.size(), kMaxAttributes));
  for (size_t i = 0; i < model->frequencies.fields.size(); ++i) {
    const std::string name = TermFieldName(i, model->attributes);
    const Json& j = json.at(name);
    FieldFrequencies& f = model->frequencies.fields[i];
    f.denominator = j.at("denominator").get<double>();
    f.duplicates = j.at("duplicates").get<double>();
    f.average = j.at("average").get<double>();
    f.rest = j.at("rest").get<double>();
    if (!(f.denominator > 0) || !(f.rest > 0) || !ReadCounts(j.at("counts").get_ref<const std::string&>(), &f))
      return Status::Plan("model: the frequencies of " + name + " cannot be read",
                          "write the model file again with `migrate model export`");
  }
  return Status();
}

}  // namespace

std::string EvidenceName(const Model& model, int e) {
  if (e < kAttribute0) return std::string(kEvidenceNames[static_cast<size_t>(e)]);
  const auto i = static_cast<size_t>(e - kAttribute0);
  return i < model.attributes.size() ? "attribute:" + model.attributes[i] : "";
}

Status CheckModel(const Model& model, const std::vector<Attribute>& attributes) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min<size_t>(attributes.size(), kMaxAttributes); ++i) names.push_back(attributes[i].name);
  if (names == model.attributes && model.frequencies.fields.size() == kTermAttribute0 + names.size() &&
      model.caps.size() == AllKeys(names.size()).size() + 1)
    return Status();
  return Status::Plan(
      fmt::format("model: it was learned with the attributes ({}), the plan has ({})",
                  fmt::join(model.attributes, ", "), fmt::join(names, ", ")),
      "take dedupe.model out of the plan and let a model be learned, or give the plan the attributes of the model");
}

std::string ModelToJson(const Model& model) {
  Json evidence;
  for (int e = 0; e < kEvidenceCount; ++e) {
    const std::string name = EvidenceName(model, e);
    if (name.empty()) continue;
    Json levels;
    for (int l = 1; l < LevelsOf(e); ++l) levels[std::string(LevelName(e, l))] = LevelJson(model.weights, e, l);
    evidence[name] = {{"exact", model.exact[static_cast<size_t>(e)]}, {"levels", levels}};
  }
  const Json json = {{"format", "migrate matching model"},
                     {"version", kModelVersion},
                     {"records", model.records},
                     {"lambda_match", model.weights.lambda_match},
                     {"lambda_household", model.weights.lambda_household},
                     {"duplicates_per_record", model.duplicates_per_record},
                     {"attributes", model.attributes},
                     {"caps", model.caps},
                     {"alone", model.alone},
                     {"match_probability", model.match_probability},
                     {"review_probability", model.review_probability},
                     {"evidence", evidence},
                     {"frequencies", FrequenciesJson(model)}};
  return json.dump(1) + "\n";
}

Result<Model> ModelFromJson(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("version").get<int>() != kModelVersion)
      return Status::Plan(fmt::format("model: version {} cannot be used, this program writes {}",
                                      json.at("version").get<int>(), kModelVersion),
                          "take dedupe.model out of the plan: then a model is learned anew");
    Model model;
    model.weights = InitialWeights(1);
    model.records = json.at("records").get<uint64_t>();
    model.weights.lambda_match = json.at("lambda_match").get<double>();
    model.weights.lambda_household = json.at("lambda_household").get<double>();
    model.duplicates_per_record = json.at("duplicates_per_record").get<double>();
    model.attributes = json.at("attributes").get<std::vector<std::string>>();
    model.caps = json.at("caps").get<std::vector<uint32_t>>();
    model.alone = json.at("alone").get<double>();
    model.match_probability = json.at("match_probability").get<double>();
    model.review_probability = json.at("review_probability").get<double>();
    MIGRATE_TRY(ReadWeights(json.at("evidence"), &model));
    MIGRATE_TRY(ReadFrequencies(json.at("frequencies"), &model));
    return model;
  } catch (const nlohmann::json::exception& e) {
    return Status::Plan(fmt::format("model: not a model file: {}", e.what()),
                        "name a model file in dedupe.model, or take the key out of the plan: then a model is learned");
  }
}

}  // namespace migrate::dedupe
