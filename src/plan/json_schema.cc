// Writes the plan language as JSON Schema draft-07 (json-schema.org, 2018), for editors.
#include <nlohmann/json.hpp>

#include "check.h"
#include "migrate/plan/diagnostic.h"
#include "migrate/plan/schema.h"

namespace migrate::plan {
namespace {

using json = nlohmann::ordered_json;
using Kind = Shape::Kind;

// Collects the definitions that shapes refer to.
class Writer {
 public:
  std::string Whole();

 private:
  json ShapeJson(const Shape& shape);
  json Written(const Shape& shape);
  json KeyJson(const Key& key);
  json MapJson(const Shape& shape);
  json SwitchJson(const Shape& shape);

  json definitions_ = json::object();
};

// A value that ${} may stand for: `typed`, or a text that will be typed once it is interpolated.
json OrText(json typed, const std::string& pattern) {
  return {{"anyOf", {std::move(typed), {{"type", "string"}, {"pattern", pattern}}}}};
}

json TextJson(const Shape& shape) {
  // YAML 1.1 readers see a number or a truth value where the plan's own parser sees the text of a column's name.
  if (shape.pattern.empty()) return {{"type", {"string", "number", "boolean"}}, {"minLength", 1}};
  return {{"type", {"string", "number", "boolean"}}, {"pattern", "(" + shape.pattern + ")|\\$\\{"}};
}

// Readers of YAML see a number or a truth value in some choices.
json ChoicesJson(const std::vector<std::string>& choices) {
  json out = choices;
  for (const std::string& choice : choices) {
    if (choice == "true" || choice == "false") out.push_back(choice == "true");
    if (const auto number = ParseInteger(choice)) out.push_back(*number);
  }
  return out;
}

json Writer::KeyJson(const Key& key) {
  json out = {{"description", key.help}};
  if (!key.default_value.empty()) out["default"] = key.default_value;
  json shape = ShapeJson(key.shape);
  // Draft-07 ignores whatever stands beside a $ref.
  if (shape.contains("$ref")) shape = {{"allOf", {std::move(shape)}}};
  out.update(shape);
  return out;
}

json Writer::MapJson(const Shape& shape) {
  json out = {{"type", "object"}};
  if (shape.nonempty) out["minProperties"] = 1;
  for (const Key& key : shape.keys) {
    out["properties"][key.name] = KeyJson(key);
    if (key.needed) out["required"].push_back(key.name);
  }
  out["additionalProperties"] = shape.item ? ShapeJson(*shape.item) : json(false);
  if (!shape.pattern.empty()) out["propertyNames"] = {{"pattern", shape.pattern}};
  for (const auto& [key, other] : shape.goes_with) out["dependencies"][key] = {other};
  for (const std::vector<std::string>& group : shape.exactly_one) {
    json one;
    for (const std::string& key : group) one["oneOf"].push_back({{"required", {key}}});
    out["allOf"].push_back(std::move(one));
  }
  return out;
}

json Writer::SwitchJson(const Shape& shape) {
  json out = {{"type", "object"}, {"required", {shape.discriminator}}};
  for (const Key& key : shape.cases.front().shape.keys)
    if (key.name == shape.discriminator) out["properties"][key.name] = KeyJson(key);
  for (const auto& [name, form] : shape.cases) {
    json is = {{"properties", {{shape.discriminator, {{"const", name}}}}}};
    out["allOf"].push_back({{"if", std::move(is)}, {"then", MapJson(form)}});
  }
  return out;
}

json Writer::ShapeJson(const Shape& shape) {
  if (shape.definition.empty()) return Written(shape);
  if (!definitions_.contains(shape.definition)) definitions_[shape.definition] = Written(shape);
  return {{"$ref", "#/definitions/" + shape.definition}};
}

json Writer::Written(const Shape& shape) {
  switch (shape.kind) {
    case Kind::kText:
      return TextJson(shape);
    case Kind::kInteger:
      return OrText({{"type", "integer"},
                     {"minimum", static_cast<int64_t>(shape.min)},
                     {"maximum", static_cast<int64_t>(shape.max)}},
                    "^(0|[1-9][0-9]*)$|\\$\\{");
    case Kind::kNumber:
      return OrText({{"type", "number"}, {"minimum", shape.min}, {"maximum", shape.max}}, "^[0-9]*\\.?[0-9]*$|\\$\\{");
    case Kind::kShare:
      return OrText({{"type", "integer"}, {"minimum", 0}},
                    "^(0|[1-9][0-9]*)$|^(100(\\.0*)?|[0-9]?[0-9](\\.[0-9]*)?)%$|\\$\\{");
    case Kind::kChoice:
      return {{"anyOf", {{{"enum", ChoicesJson(shape.choices)}}, {{"type", "string"}, {"pattern", "\\$\\{"}}}}};
    case Kind::kList: {
      json out = {{"type", "array"}, {"items", ShapeJson(*shape.item)}, {"uniqueItems", true}};
      if (shape.nonempty) out["minItems"] = 1;
      return out;
    }
    case Kind::kMap:
      return MapJson(shape);
    case Kind::kSwitch:
      return SwitchJson(shape);
    case Kind::kEither: {
      json out;
      for (const auto& [name, form] : shape.cases) out["anyOf"].push_back(ShapeJson(form));
      return out;
    }
  }
  return {};
}

std::string Writer::Whole() {
  json out = {{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "Plan of migrate"},
              {"description", "What `migrate run` does; see plan.md."}};
  out.update(ShapeJson(PlanShape()));
  out["definitions"] = definitions_;
  return out.dump(2) + "\n";
}

}  // namespace

std::string PlanJsonSchema() { return Writer().Whole(); }

}  // namespace migrate::plan
