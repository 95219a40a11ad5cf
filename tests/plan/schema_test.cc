// The schema, its JSON, the resolved plan and the hash; the documented plans.
#include "migrate/plan/schema.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "error_case.h"
#include "migrate/plan/resolved.h"

namespace migrate::plan {
namespace {

using nlohmann::json;

const std::string kRoot = MIGRATE_SOURCE_DIR;

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return (std::ostringstream() << in.rdbuf()).str();
}

Plan Load(const std::string& text, const std::string& path = "/plans/p.yaml") {
  LoadResult loaded = LoadPlanText(text, path, TestOptions());
  EXPECT_EQ(loaded.Text(), "") << text;
  return loaded.plan.value_or(Plan{});
}

void CollectKeys(const Shape& shape, std::set<std::string>* keys) {
  for (const Key& key : shape.keys) {
    keys->insert(key.name);
    EXPECT_NE(key.help, "") << key.name;
    CollectKeys(key.shape, keys);
  }
  if (shape.item) CollectKeys(*shape.item, keys);
  for (const auto& [name, form] : shape.cases) CollectKeys(form, keys);
}

TEST(PlanSchema, FileIsWhatTheFunctionWrites) {
  EXPECT_EQ(ReadText(kRoot + "/docs/plan.schema.json"), PlanJsonSchema());
}

TEST(PlanSchema, IsDraft07) {
  json schema = json::parse(PlanJsonSchema());
  EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(schema["required"], json({"name", "target", "sources"}));
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["target"]["properties"]["partitions"]["anyOf"][0]["maximum"], 1024);
}

TEST(PlanSchema, ReferenceNamesEveryKey) {
  std::set<std::string> keys;
  CollectKeys(PlanShape(), &keys);
  EXPECT_GT(keys.size(), 40u);
  std::string reference = ReadText(kRoot + "/docs/plan.md");
  for (const std::string& key : keys) EXPECT_TRUE(reference.find("`" + key + "`") != std::string::npos) << key;
  for (std::string_view field : kFieldNames)
    EXPECT_TRUE(reference.find("`" + std::string(field) + "`") != std::string::npos) << field;
}

// The same file is judged by the JSON Schema in check_schema.py.
TEST(PlanSchema, ParserAgrees) {
  std::istringstream in(ReadText(kRoot + "/tests/plan/agreement.txt"));
  std::string line, title, text;
  int cases = 0;
  auto judge = [&] {
    if (title.empty()) return;
    ++cases;
    bool valid = title.rfind("valid", 0) == 0;
    std::string errors = ErrorText(text);
    EXPECT_EQ(errors.empty(), valid) << title << "\n" << errors;
  };
  while (std::getline(in, line)) {
    if (line.rfind("=== ", 0) == 0) {
      judge();
      title = line.substr(4);
      text.clear();
    } else {
      text += line + "\n";
    }
  }
  judge();
  EXPECT_GT(cases, 30);
}

TEST(PlanSchema, ExamplePlanLoads) {
  LoadResult loaded = LoadPlan(kRoot + "/config/example_plan.yaml", TestOptions());
  ASSERT_TRUE(loaded.ok()) << loaded.Text();
  EXPECT_EQ(loaded.plan->sources.size(), 4u);
  // It uses every top-level key, or it would be no example of all.
  std::string text = ReadText(kRoot + "/config/example_plan.yaml");
  for (const Key& key : PlanShape().keys) EXPECT_NE(text.find("\n" + key.name + ":"), std::string::npos) << key.name;
}

// Where the plans of the acceptance tests lie beside the project.
TEST(PlanSchema, SharedPlansLoad) {
  for (const char* folder : {"/../shared/plans", "/../../shared/plans"}) {
    if (!std::filesystem::exists(kRoot + folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(kRoot + folder)) {
      if (entry.path().extension() != ".yaml") continue;
      LoadOptions options = TestOptions();
      EXPECT_EQ(LoadPlan(entry.path().string(), options).diagnostics.size(), entry.path().stem() == "three_sources");
      options.environment = [](const std::string& name) {
        return name == "SAKILA_PORT" ? std::optional<std::string>("3306") : std::nullopt;
      };
      EXPECT_EQ(LoadPlan(entry.path().string(), options).Text(), "");
    }
  }
}

TEST(PlanResolved, HidesSecretsAndSortsKeys) {
  Plan plan = Load(R"(name: a
target: {url: "mysql://u@h/d", password: {command: "echo hunter2"}}
sources: {s: {type: mysql, url: "mysql://u@h/d", password: {env: HUNTER2}, table: t, key: id, fields: {opt_out: {sms: x}, email: [e], zip: {join: [a]}, country: {const: US}, birth_date: {column: d, format: "%Y"}}}}
)");
  std::string text = ResolvedPlanJson(plan);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
  EXPECT_EQ(text.find("HUNTER2"), std::string::npos);
  EXPECT_EQ(json::parse(text).dump(), text);  // nlohmann::json sorts keys
  json resolved = json::parse(text);
  EXPECT_EQ(resolved["target"]["password"], "command");
  EXPECT_EQ(resolved["sources"][0]["password"], "env");
  EXPECT_EQ(resolved["hash"], plan.hash);
  EXPECT_EQ(resolved["sources"][0]["layouts"][0]["fields"],
            json::parse(R"({"opt_out": {"sms": "x"}, "email": {"columns": ["e"]}, "zip": {"join": ["a"], "with": " "},
                            "country": {"const": "US"}, "birth_date": {"columns": ["d"], "format": ["%Y"]}})"));
}

TEST(PlanResolved, MeaningIsCanonical) {
  EXPECT_EQ(
      MeaningJson(Load(WithRest(""))),
      R"({"attributes":[],"dedupe":{"match_probability":0.95,"model":"","review_probability":0.6,"survivorship":)"
      R"({"default":"most_recent"}},"normalize":{"as_of":"","country":"US","date_order":"mdy","excel_serials":"false",)"
      R"("two_digit_year_pivot":29},"sources":[{"key":[],"layouts":)"
      R"([{"delimiter":"","encoding":"","fields":{"email":{"columns":["E-Mail"]}},"ignore":[]}],"mode":"append",)"
      R"("name":"crm","path":"a.csv","type":"csv","unknown_layout":"error"}]})");
}

TEST(PlanResolved, HashIsOfTheMeaningAlone) {
  const std::string hash = Load(WithRest("")).hash;
  EXPECT_EQ(hash.size(), 64u);
  const std::string same[] = {WithRest("# a comment"),
                              WithRest("workspace: /x"),
                              WithRest("stages: [extract]"),
                              WithRest("reconcile: {sample: 1}"),
                              WithRest("dedupe: {match_probability: 0.950}"),
                              WithRest("attributes: {}"),
                              WithRest("requires: \">=0.1\""),
                              WithTarget("{url: \"mysql://u@h/d\", password: {env: P}}"),
                              WithSource("{fields: {email: [E-Mail]}, path: \"a.csv\", mode: append, type: csv}")};
  for (const std::string& plan : same) EXPECT_EQ(Load(plan).hash, hash) << plan;
  EXPECT_EQ(Load(WithRest(""), "/elsewhere/q.yaml").hash, hash);
  const std::string others[] = {
      WithRest("attributes: {job: {type: text}}"),
      WithRest("normalize: {country: GB}"),
      WithRest("normalize: {date_order: dmy}"),
      WithRest("normalize: {two_digit_year_pivot: 30}"),
      WithRest("normalize: {excel_serials: true}"),
      WithRest("normalize: {as_of: 2026-01-31}"),
      WithRest("dedupe: {match_probability: 0.951}"),
      WithRest("dedupe: {review_probability: 0.5}"),
      WithRest("dedupe: {survivorship: {email: longest}}"),
      WithRest("dedupe: {model: m}"),
      WithSource("{type: csv, path: b.csv, fields: {email: E-Mail}}"),
      WithSource("{type: csv, path: a.csv, fields: {email: e}}"),
      WithSource("{type: csv, path: a.csv, key: id, fields: {email: E-Mail}}"),
      WithSource("{type: csv, path: a.csv, mode: snapshot, fields: {email: E-Mail}}"),
      WithSource("{type: csv, path: a.csv, encoding: utf-8, fields: {email: E-Mail}}"),
      WithSource("{type: csv, path: a.csv, delimiter: \",\", fields: {email: E-Mail}}"),
      WithSource("{type: csv, path: a.csv, ignore: [x], fields: {email: E-Mail}}"),
      WithSource("{type: csv, path: a.csv, unknown_layout: quarantine, fields: {email: E-Mail}}"),
      WithSource("{type: csv, path: a.csv, fields: {email: E-Mail, zip: z}}"),
      WithSource(
          "{type: csv, path: a.csv, fields: {email: E-Mail}}\n  b: {type: csv, path: a.csv, fields: {email: E-Mail}}")};
  std::set<std::string> seen{hash};
  for (const std::string& plan : others) EXPECT_TRUE(seen.insert(Load(plan).hash).second) << plan;
}

}  // namespace
}  // namespace migrate::plan
