// The resolved plan as YAML: it loads to the same plan, and names the origin of what the plan does not write.
#include "migrate/plan/resolved.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "error_case.h"

namespace migrate::plan {
namespace {

using testing::HasSubstr;
using testing::Not;

Plan Load(const std::string& text) {
  LoadResult loaded = LoadPlanText(text, "/plans/p.yaml", {});
  EXPECT_EQ(loaded.Text(), "") << text;
  return loaded.plan.value_or(Plan{});
}

// Without what a path that became absolute changes.
std::string Meaning(const Plan& plan) {
  auto j = nlohmann::json::parse(ResolvedPlanJson(plan));
  j.erase("hash");
  if (plan.target.sqlite) j["target"].erase("url");
  return j.dump(1);
}

const char kHead[] = "name: p\ntarget: {url: \"sqlite:p.db\"}\nsources:\n";

TEST(ResolvedYaml, LoadsToTheSamePlan) {
  const std::string sources[] = {
      "  a: {type: csv, path: a.csv, fields: {email: mail}}\n",
      "  a: {type: csv, path: 'a: #*.csv', key: [id, no], delimiter: \";\", encoding: utf-16, ignore: [x, \"y, z\"], "
      "fields: "
      "{email: [a, \"b]\"], full_name: {join: [v, n], with: \"; \"}, country: {const: \"~\"}}}\n",
      "  a: {type: csv, path: a.csv, delimiter: tab, fields: {birth_date: {column: \"'q'\", format: \"%d.%m.%Y\"}, "
      "opt_out: "
      "{call: c, mail: m}}}\n",
      "  a: {type: csv, path: a.csv, unknown_layout: quarantine, layouts: [{fields: {email: \"a\\nb\"}}, {delimiter: "
      "\"|\", "
      "fields: {email: \"tab\\there\", phone: \"$${HOME}\"}}]}\n",
      "  \"1.a-b\": {type: sqlite, path: /x/y.db, table: \"my table\", key: id, mode: append, fields: {opt_out: "
      "{const: "
      "true}}}\n",
      "  a: {type: mysql, url: \"mysql://u@h:3307/d\", password: {file: pw}, tls: {mode: required, ca: ca.pem}, query: "
      "\"SELECT 1\\nFROM t -- it's 50%\", key: [a, b], fields: {last_name: n, opt_out: stop}}\n",
      "  a: {type: mysql, url: \"mysql://u@h/d\", table: t, key: id, throttle: {rows_per_second: 5000, "
      "bytes_per_second: "
      "1.5MB, max_replica_lag: 500ms, max_threads_running: 0}, on_snapshot_loss: continue, read_timeout: 2h, fields: "
      "{email: e}}\n"};
  const std::string rest[] = {
      "",
      "attributes: {job: {type: category}}\nnormalize: {country: DE, date_order: dmy}\nstages: [extract]\n",
      "dedupe: {match_probability: 0.875, review_probability: 0.5, model: m.json, survivorship: {default: longest, "
      "email: "
      "source_priority}}\nreconcile: {sample: 0, max_quarantined: 7}\n",
      "requires: \">=0.1\"\nworkspace: w x\nreconcile: {max_quarantined: \"0.25%\"}\n",
      "observe: {log: \"a b.log\", log_format: json, log_level: debug, metrics: m.prom, stall_after: 1.5m}\n",
      "observe: {log_format: text, stall_after: 0}\n",
      "retention: {segments: stage, match: drop}\n"};
  for (const std::string& s : sources)
    for (const std::string& r : rest) {
      Plan plan = Load(kHead + s + r);
      std::string yaml = ResolvedPlanYaml(plan);
      EXPECT_EQ(Meaning(Load(yaml)), Meaning(plan)) << yaml;
    }
}

TEST(ResolvedYaml, NamesTheOriginOfEachDefault) {
  Plan plan = Load(std::string(kHead) + "  a: {type: csv, path: a.csv, fields: {email: mail}}\n");
  std::string yaml = ResolvedPlanYaml(plan);
  for (const Default& d : plan.defaults) {
    const std::string key = d.key.substr(d.key.rfind('.') + 1);
    bool commented = false;
    for (size_t at = 0, end; (end = yaml.find('\n', at)) != std::string::npos; at = end + 1) {
      const std::string line = yaml.substr(at, end - at);
      const size_t begin = line.find_first_not_of(" #");
      commented |= begin != std::string::npos && line.compare(begin, key.size() + 1, key + ":") == 0 &&
                   line.find("default") != std::string::npos && line.find('#') != std::string::npos;
    }
    EXPECT_TRUE(commented) << d.key << "\n" << yaml;
  }
  Plan written = Load(std::string(kHead) +
                      "  a: {type: sqlite, path: a.db, table: t, key: k, mode: append, fields: {email: "
                      "mail}}\nnormalize: {country: US, date_order: mdy}\n");
  yaml = ResolvedPlanYaml(written);
  EXPECT_THAT(yaml, HasSubstr("  country: US\n  date_order: mdy\n"));
  EXPECT_THAT(yaml, HasSubstr("    mode: append\n"));
}

TEST(ResolvedYaml, ShowsNoSecret) {
  ::setenv("MIGRATE_TEST_TOKEN", "s3cr3t", 1);
  ::setenv("MIGRATE_TEST_PLACE", "/plain", 1);
  Plan plan = Load(
      "name: p\ntarget: {url: \"mysql://u@h/d\", password: {command: \"echo hunter2\"}}\nsources:\n  a: {type: sqlite, "
      "path: "
      "\"${MIGRATE_TEST_PLACE}/a.db\", query: \"SELECT '${MIGRATE_TEST_TOKEN}'\", key: id, fields: {email: mail}}\n");
  for (const std::string& text : {ResolvedPlanYaml(plan), ResolvedPlanJson(plan)}) {
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    EXPECT_THAT(text, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(text, HasSubstr("SELECT '***'"));
    EXPECT_THAT(text, HasSubstr("/plain/a.db"));
  }
}

}  // namespace
}  // namespace migrate::plan
