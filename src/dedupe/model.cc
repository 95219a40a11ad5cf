#include "migrate/dedupe/model.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace migrate::dedupe {
namespace {

using Json = nlohmann::ordered_json;

std::string EvidenceName(const Model& model, int e) {
  if (e < kAttribute0) return std::string(kEvidenceNames[static_cast<size_t>(e)]);
  const auto i = static_cast<size_t>(e - kAttribute0);
  return i < model.attributes.size() ? "attribute:" + model.attributes[i] : "";
}

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

}  // namespace

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
                     {"evidence", evidence}};
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
    MIGRATE_TRY(ReadWeights(json.at("evidence"), &model));
    return model;
  } catch (const nlohmann::json::exception& e) {
    return Status::Plan(fmt::format("model: not a model file: {}", e.what()),
                        "name a model file in dedupe.model, or take the key out of the plan: then a model is learned");
  }
}

}  // namespace migrate::dedupe
