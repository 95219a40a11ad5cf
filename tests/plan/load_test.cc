// What good plans load to: every key, every form, defaults, positions, variables.
#include "migrate/plan/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "error_case.h"

namespace migrate::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Plan Load(const std::string& text, const std::string& path = "/plans/p.yaml") {
  LoadResult loaded = LoadPlanText(text, path, TestOptions());
  EXPECT_EQ(loaded.Text(), "");
  return loaded.plan.value_or(Plan{});
}

const Layout& OnlyLayout(const Plan& plan) { return plan.sources.at(0).layouts.at(0); }

const FieldMapping* Mapping(const Layout& layout, int slot) {
  for (const FieldMapping& mapping : layout.fields)
    if (mapping.slot == slot) return &mapping;
  return nullptr;
}
const FieldMapping* Mapping(const Layout& layout, Field field) { return Mapping(layout, static_cast<int>(field)); }

std::string At(Position at) { return std::to_string(at.line) + ":" + std::to_string(at.column); }

TEST(PlanLoad, DefaultsOfTheLeastPlan) {
  Plan plan = Load(WithRest(""));
  EXPECT_EQ(plan.file, "/plans/p.yaml");
  EXPECT_EQ(plan.name, "people");
  EXPECT_EQ(plan.workspace, "/plans/.migrate/people");
  EXPECT_TRUE(plan.target.sqlite);
  EXPECT_EQ(plan.target.path, "/plans/p.db");
  EXPECT_EQ(plan.target.partitions, 32);
  EXPECT_EQ(plan.target.password.kind, Secret::Kind::kNone);
  ASSERT_EQ(plan.sources.size(), 1u);
  const Source& source = plan.sources[0];
  EXPECT_EQ(source.name, "crm");
  EXPECT_EQ(source.path, "/plans/a.csv");
  EXPECT_EQ(source.path_as_written, "a.csv");
  EXPECT_EQ(source.mode, Mode::kAppend);
  EXPECT_THAT(source.key, IsEmpty());
  EXPECT_FALSE(source.quarantine_unknown_layout);
  EXPECT_EQ(plan.normalize.country, "US");
  EXPECT_EQ(plan.normalize.date_order, DateOrder::kMdy);
  EXPECT_EQ(plan.normalize.two_digit_year_pivot, 29);
  EXPECT_EQ(plan.normalize.excel_serials, ExcelSerials::kOff);
  EXPECT_EQ(plan.normalize.as_of, "");
  EXPECT_EQ(plan.dedupe.match_probability, 0.95);
  EXPECT_EQ(plan.dedupe.review_probability, 0.60);
  EXPECT_EQ(plan.dedupe.default_strategy, Survivorship::kMostRecent);
  EXPECT_EQ(plan.reconcile.sample, 1000u);
  EXPECT_FALSE(plan.reconcile.max_quarantined.rows || plan.reconcile.max_quarantined.share);
  EXPECT_THAT(plan.stages,
              ElementsAre(Stage::kExtract, Stage::kNormalize, Stage::kLoad, Stage::kDedupe, Stage::kReconcile));
}

TEST(PlanLoad, NamesTheOriginOfEachDefault) {
  std::vector<std::string> lines;
  for (const Default& d : Load(WithRest("")).defaults) lines.push_back(d.key + "=" + d.value + " (" + d.why + ")");
  EXPECT_THAT(
      lines,
      ElementsAre("workspace=.migrate/people (beside the plan)", "target.partitions=32 (default)",
                  "sources.crm.key= (the position in the file)", "sources.crm.mode=append (default of csv sources)",
                  "sources.crm.unknown_layout=error (default)", "normalize.country=US (default)",
                  "normalize.date_order=mdy (default)", "normalize.two_digit_year_pivot=29 (default)",
                  "normalize.excel_serials=false (default)", "normalize.as_of= (birth dates are held against no day)",
                  "dedupe.match_probability=0.95 (default)", "dedupe.review_probability=0.60 (default)",
                  "dedupe.survivorship.default=most_recent (default)", "reconcile.sample=1000 (default)",
                  "reconcile.max_quarantined= (no limit)", "retention.segments=keep (default)",
                  "retention.match=keep (default)",
                  "stages=[extract, normalize, load, dedupe, reconcile] (all stages)"));
}

TEST(PlanLoad, EveryFormOfAField) {
  Plan plan = Load(WithSource(R"({type: csv, path: a.csv, fields: {
    first_name: no, email: [a, b], street: {join: [c, d]}, city: {join: [c, d], with: ", "},
    birth_date: {column: e, format: "%d/%m/%Y"}, updated_at: {column: f, format: ["%Y%m%d", "%Y-%m-%d %H:%M:%S"]},
    zip: {column: 01234}, country: {const: no}, opt_out: {call: g, mail: h}, job: i}}
attributes: {job: {type: category}, since: {type: date}})"));
  const Layout& layout = OnlyLayout(plan);
  EXPECT_THAT(Mapping(layout, Field::kFirstName)->columns, ElementsAre("no"));
  EXPECT_THAT(Mapping(layout, Field::kEmail)->columns, ElementsAre("a", "b"));
  EXPECT_EQ(Mapping(layout, Field::kStreet)->kind, FieldMapping::Kind::kJoin);
  EXPECT_EQ(Mapping(layout, Field::kStreet)->with, " ");
  EXPECT_EQ(Mapping(layout, Field::kCity)->with, ", ");
  EXPECT_THAT(Mapping(layout, Field::kBirthDate)->formats, ElementsAre("%d/%m/%Y"));
  EXPECT_THAT(Mapping(layout, Field::kUpdatedAt)->formats, ElementsAre("%Y%m%d", "%Y-%m-%d %H:%M:%S"));
  EXPECT_THAT(Mapping(layout, Field::kZip)->columns, ElementsAre("01234"));
  EXPECT_EQ(Mapping(layout, Field::kCountry)->kind, FieldMapping::Kind::kConstant);
  EXPECT_EQ(Mapping(layout, Field::kCountry)->constant, "no");
  EXPECT_EQ(Mapping(layout, Field::kOptOut)->kind, FieldMapping::Kind::kOptOut);
  EXPECT_THAT(Mapping(layout, Field::kOptOut)->channel_columns, ElementsAre("g", "", "", "h"));
  EXPECT_THAT(Mapping(layout, Field::kOptOut)->columns, IsEmpty());
  EXPECT_THAT(Mapping(layout, kFieldCount)->columns, ElementsAre("i"));
  EXPECT_EQ(plan.attributes.at(1).type, AttributeType::kDate);
}

TEST(PlanLoad, OneColumnOptsOutOfAllChannels) {
  Plan plan = Load(WithSource("{type: csv, path: a.csv, fields: {opt_out: stop}}"));
  EXPECT_THAT(OnlyLayout(plan).fields.at(0).channel_columns, ElementsAre("stop", "stop", "stop", "stop"));
  Plan list = Load(WithSource("{type: csv, path: a.csv, fields: {opt_out: {const: yes}}}"));
  EXPECT_EQ(OnlyLayout(list).fields.at(0).kind, FieldMapping::Kind::kConstant);
  EXPECT_EQ(OnlyLayout(list).fields.at(0).constant, "yes");
}

TEST(PlanLoad, EachColumnHasItsPlace) {
  Plan plan = Load(WithSource(R"(
    type: csv
    path: a.csv
    key: [k1, k2]
    ignore: [x]
    fields:
      email: [ä, b]
      opt_out: {sms: s, call: c}
      country: {const: US})"));
  const Source& source = plan.sources.at(0);
  const Layout& layout = OnlyLayout(plan);
  EXPECT_EQ(At(source.at), "4:3");
  EXPECT_EQ(At(source.path_at), "6:11");
  EXPECT_EQ(At(source.key_at), "7:10");
  ASSERT_EQ(source.key_column_at.size(), 2u);
  EXPECT_EQ(At(source.key_column_at[1]), "7:15");
  EXPECT_EQ(At(layout.ignore_at.at(0)), "8:14");
  ASSERT_EQ(layout.column_at.size(), layout.fields.size());
  EXPECT_EQ(At(layout.field_at.at(0)), "10:7");
  EXPECT_EQ(At(layout.column_at[0].at(1)), "10:18");  // in characters: ä has two bytes
  EXPECT_EQ(At(layout.column_at[1].at(0)), "11:31");
  EXPECT_EQ(At(layout.column_at[1].at(1)), "11:22");
  EXPECT_EQ(At(layout.column_at[1].at(2)), "0:0");
  EXPECT_THAT(layout.column_at[2], IsEmpty());
}

TEST(PlanLoad, LayoutsTakeWhatTheSourceSays) {
  Plan plan = Load(
      WithSource(R"({type: csv, path: a.csv, encoding: latin-1, delimiter: tab, ignore: [x], unknown_layout: quarantine,
    layouts: [{fields: {email: a}}, {fields: {email: b}, encoding: utf-16, delimiter: "\t", ignore: []}, {fields: {email: c}, delimiter: '\t'}]})"));
  const Source& source = plan.sources.at(0);
  EXPECT_TRUE(source.quarantine_unknown_layout);
  ASSERT_EQ(source.layouts.size(), 3u);
  EXPECT_EQ(source.layouts[0].encoding, "latin-1");
  EXPECT_THAT(source.layouts[0].ignore, ElementsAre("x"));
  EXPECT_EQ(source.layouts[1].encoding, "utf-16");
  EXPECT_THAT(source.layouts[1].ignore, IsEmpty());
  for (const Layout& layout : source.layouts) EXPECT_EQ(layout.delimiter, "\t");
}

TEST(PlanLoad, Tables) {
  Plan plan = Load(R"(name: a
target: {url: "mysql://m%40x@[::1]:3307/people", password: {aws_iam: {region: eu-west-1}}, tls: {mode: verify_identity, ca: ca.pem}, reader_url: "mysql://r@h/p", partitions: 16}
sources:
  z: {type: sqlite, path: ./old.db, table: t, key: id, fields: {email: e}}
  a: {type: mysql, url: "mysql://u@h/d", password: {file: pw}, tls: {mode: disabled}, query: "SELECT x->'$.y' $${", key: [a, b], mode: append, fields: {email: e}}
)",
                   "/plans/sub/p.yaml");
  EXPECT_FALSE(plan.target.sqlite);
  EXPECT_EQ(plan.target.user, "m@x");
  EXPECT_EQ(plan.target.host, "::1");
  EXPECT_EQ(plan.target.port, 3307);
  EXPECT_EQ(plan.target.database, "people");
  EXPECT_EQ(plan.target.password.kind, Secret::Kind::kAwsIam);
  EXPECT_EQ(plan.target.password.region, "eu-west-1");
  EXPECT_EQ(plan.target.tls.mode, "verify_identity");
  EXPECT_EQ(plan.target.tls.ca, "/plans/sub/ca.pem");
  EXPECT_EQ(plan.target.reader_url, "mysql://r@h/p");
  EXPECT_EQ(plan.target.partitions, 16);
  ASSERT_EQ(plan.sources.size(), 2u);  // in the order of the plan, not of their names
  EXPECT_EQ(plan.sources[0].name, "z");
  EXPECT_EQ(plan.sources[0].type, SourceType::kSqlite);
  EXPECT_EQ(plan.sources[0].path, "/plans/sub/old.db");
  EXPECT_EQ(plan.sources[0].mode, Mode::kSnapshot);
  EXPECT_EQ(plan.sources[1].type, SourceType::kMysql);
  EXPECT_EQ(plan.sources[1].port, 3306);
  EXPECT_EQ(plan.sources[1].query, "SELECT x->'$.y' ${");
  EXPECT_EQ(plan.sources[1].password.value, "/plans/sub/pw");
  EXPECT_EQ(plan.sources[1].mode, Mode::kAppend);
  EXPECT_THAT(plan.sources[1].key, ElementsAre("a", "b"));
}

TEST(PlanLoad, TheOtherKeys) {
  Plan plan = Load(WithRest(R"(requires: ">= 0.1, <0.2"
workspace: /tmp/w
normalize: {country: GB, date_order: dmy, two_digit_year_pivot: 40, excel_serials: 1904, as_of: 2024-02-29}
dedupe: {match_probability: .9, review_probability: 0, survivorship: {default: longest, email: most_frequent}, model: m.json}
reconcile: {sample: 0, max_quarantined: 0.1%}
stages: [extract, load])"));
  EXPECT_EQ(plan.workspace, "/tmp/w");
  EXPECT_EQ(plan.normalize.country, "GB");
  EXPECT_EQ(plan.normalize.date_order, DateOrder::kDmy);
  EXPECT_EQ(plan.normalize.two_digit_year_pivot, 40);
  EXPECT_EQ(plan.normalize.excel_serials, ExcelSerials::k1904);
  EXPECT_EQ(plan.normalize.as_of, "2024-02-29");
  EXPECT_EQ(Load(WithRest("normalize: {excel_serials: true}")).normalize.excel_serials, ExcelSerials::k1900);
  EXPECT_EQ(Load(WithRest("normalize: {excel_serials: false}")).normalize.excel_serials, ExcelSerials::kOff);
  EXPECT_EQ(plan.dedupe.match_probability, 0.9);
  EXPECT_EQ(plan.dedupe.review_probability, 0);
  EXPECT_EQ(plan.dedupe.default_strategy, Survivorship::kLongest);
  EXPECT_EQ(plan.dedupe.strategies.at("email"), Survivorship::kMostFrequent);
  EXPECT_EQ(plan.dedupe.model, "/plans/m.json");
  EXPECT_EQ(plan.reconcile.sample, 0u);
  EXPECT_DOUBLE_EQ(plan.reconcile.max_quarantined.share.value(), 0.001);
  EXPECT_THAT(plan.stages, ElementsAre(Stage::kExtract, Stage::kLoad));
  EXPECT_EQ(Load(WithRest("reconcile: {max_quarantined: 0}")).reconcile.max_quarantined.rows.value(), 0u);
}

TEST(PlanLoad, Requirements) {
  const std::pair<const char*, bool> cases[] = {
      {">=0.1", true},   {">=0.1.0", true}, {"0.1", true},         {"=0.1.0", true},       {"<=0.1", true},
      {">0.0.9", true},  {"<0.2", true},    {">=0.1, <0.2", true}, {">0.1", false},        {"<0.1", false},
      {"=0.1.1", false}, {">=0.10", false}, {">=1", false},        {">=0.1, <0.1", false}, {">=0.01", true}};
  for (const auto& [requirement, met] : cases)
    EXPECT_EQ(ErrorText(WithRest(std::string("requires: \"") + requirement + "\"")) == "", met) << requirement;
  EXPECT_TRUE(LoadPlanText(WithRest("requires: \">=9\""), "p.yaml").ok());  // the program's version is not given
}

TEST(PlanLoad, Variables) {
  const std::pair<const char*, const char*> cases[] = {{"x${A}y", "xay"},
                                                       {"${A:-b}", "a"},
                                                       {"${B:-b}", "b"},
                                                       {"${EMPTY:-b}", "b"},
                                                       {"x${EMPTY}", "x"},
                                                       {"${A:?no}", "a"},
                                                       {"${B:-/tmp/x}/y", "/tmp/x/y"},
                                                       {"${B:-${C:-c}}d", "cd"},
                                                       {"${B:-${A}}", "a"},
                                                       {"x${B:-}", "x"},
                                                       {"$$", "$"},
                                                       {"$${A}", "${A}"},
                                                       {"$A", "$A"},
                                                       {"a$", "a$"},
                                                       {"$$$$x", "$$x"},
                                                       {"${B:-$${}}", "${}"}};
  for (const auto& [written, expected] : cases) {
    Plan plan = Load(WithRest(std::string("workspace: '/") + written + "'"));
    EXPECT_EQ(plan.workspace, std::string("/") + expected) << written;
  }
  Plan plan = Load(WithRest("workspace: ${B:-b}${A}${A}"));
  ASSERT_EQ(plan.variables.size(), 2u);
  EXPECT_EQ(plan.variables[0].name, "A");
  EXPECT_TRUE(plan.variables[0].from_environment);
  EXPECT_EQ(plan.variables[1].name, "B");
  EXPECT_FALSE(plan.variables[1].from_environment);
}

TEST(PlanLoad, AValueFromOutsideIsNeverStructure) {
  LoadOptions options;
  options.environment = [](const std::string&) { return "x, key: id} # ${A}"; };
  LoadResult loaded = LoadPlanText(WithSource("{type: csv, path: \"${V}\", fields: {email: e}}"), "/p.yaml", options);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.plan->sources[0].path_as_written, "x, key: id} # ${A}");
}

TEST(PlanLoad, AnchorsLineEndsAndByteOrderMark) {
  Plan plan = Load(
      "\xEF\xBB\xBFname: a\r\ntarget: {url: \"sqlite:p.db\"}\r\nsources:\r\n"
      "  a: {type: csv, path: a.csv, fields: &f {email: e}}\r\n  b: {type: csv, path: b.csv, fields: *f}\r\n");
  EXPECT_EQ(plan.name, "a");
  EXPECT_EQ(plan.sources.at(1).layouts.at(0).fields.at(0).columns.at(0), "e");
}

class PlanFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "plan_test_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Write(const std::string& text) {
    std::ofstream(folder_ + "/p.yaml", std::ios::binary) << text;
    return folder_ + "/p.yaml";
  }
  std::string folder_;
};

TEST_F(PlanFile, Loads) {
  LoadResult loaded = LoadPlan(Write(WithRest("")), TestOptions());
  ASSERT_TRUE(loaded.ok()) << loaded.Text();
  EXPECT_EQ(loaded.plan->sources[0].path, folder_ + "/a.csv");
}

TEST_F(PlanFile, ThatCannotBeRead) {
  EXPECT_EQ(LoadPlan(folder_ + "/no.yaml").Text(),
            folder_ + "/no.yaml: error: cannot open: No such file or directory\n  expected the path of a plan file\n");
  EXPECT_EQ(LoadPlan(folder_).Text(),
            folder_ + ": error: cannot read: it is a directory\n  expected the path of a plan file\n");
  EXPECT_EQ(LoadPlan("").Text(),
            ": error: cannot open: No such file or directory\n  expected the path of a plan file\n");
  EXPECT_EQ(LoadPlan(Write("")).Text(), folder_ +
                                            "/p.yaml: error: the plan is empty\n  expected a mapping with 'name', "
                                            "'target' and 'sources'\n");
  std::string large = Write(std::string((4u << 20) + 1, '#'));
  EXPECT_EQ(LoadPlan(large).Text(),
            large + ": error: is larger than 4 MiB, so it is no plan\n  expected the path of a plan file\n");
  std::string latin = Write("name: a\nworkspace: M\xFCller\n");
  EXPECT_EQ(LoadPlan(latin).Text(), latin + ":2:1: error: line 2 is not UTF-8\n  expected a plan in UTF-8\n");
  std::string control = Write("name: a\nworkspace: x\x04y\n");
  EXPECT_EQ(LoadPlan(control).Text(), control + ":2:13: error: a control character\n  expected a text file\n");
  std::string utf16 = Write(std::string("\xFF\xFEn\0a\0", 6));
  EXPECT_EQ(LoadPlan(utf16).Text(), utf16 + ":1:1: error: line 1 is not UTF-8\n  expected a plan in UTF-8\n");
  if (::geteuid() != 0) {
    std::string closed = Write("name: a\n");
    ASSERT_EQ(::chmod(closed.c_str(), 0), 0);
    EXPECT_THAT(LoadPlan(closed).Text(), HasSubstr("cannot open: Permission denied"));
  }
}

TEST(PlanLoad, HostileYamlIsRefused) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'j'; ++c) {
    std::string last(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += (i > 0 ? ", *" : "*") + last;
    bomb += "]\n";
  }
  EXPECT_THAT(ErrorText(bomb), HasSubstr("the plan is too large: more than 100000 values"));
  EXPECT_THAT(ErrorText(WithRest("workspace: \"a\\0b\"")),
              HasSubstr("plan.yaml:5:12: error: a text with a NUL character"));
  EXPECT_NE(ErrorText(WithRest("workspace: \"a\\ud800b\"")), "");
  EXPECT_NE(ErrorText(std::string(100'000, '[')), "");
  EXPECT_NE(ErrorText("a: " + std::string(100'000, '{')), "");
}

// A plan that was cut off or lost a character loads, or says why it does not.
TEST(PlanLoad, DamagedPlans) {
  const std::string good = WithRest(
      "normalize: {country: 'US'}\nworkspace: \"${B:-a}\"\nstages: [extract, load]\ndedupe:\n  model: |\n    x\n");
  ASSERT_EQ(ErrorText(good), "");
  for (size_t i = 0; i < good.size(); ++i) {
    for (const std::string& plan :
         {good.substr(0, i), good.substr(0, i) + good.substr(i + 1), good.substr(0, i) + "\"" + good.substr(i)}) {
      LoadResult loaded = LoadPlanText(plan, "p.yaml", TestOptions());
      EXPECT_NE(loaded.ok(), loaded.Text() != "") << plan;
      EXPECT_FALSE(i < good.find("fields") && loaded.ok() && plan.size() == i) << plan;
    }
  }
}

TEST(PlanLoad, NeverShowsASecret) {
  const std::string plans[] = {
      WithTarget(R"({url: "mysql://u:hunter2@h/d"})"),
      WithTarget(R"({url: "mysql://u:a@hunter2@h/d", bogus: 1})"),
      WithTarget(R"({url: "mysql://u@h/d", password: hunter2, bogus: 1})"),
      WithTarget(R"({bogus: 1, url: "mysql://u@h/d", password: "hunter2"})"),
      WithTarget(R"({url: "mysql://u@h/d", passwd: hunter2})"),
      WithTarget(R"({url: "mysql://u@h/d", Pasword: 'hunter2'})"),
      WithTarget("\n  url: mysql://u@h/d\n  password: >\n    hunter2\n   bad: 1"),
      WithTarget("\n  url: mysql://u@h/d\n  password: hunter2: b"),
      WithTarget("\n  password: 'hunter2"),
      WithTarget("\n  password: {value: {deep: [hunter2, {x: hunter2}]}}"),
      WithTarget("\n  password:\n    hunter2\n    hunter2 x"),
      WithTarget("\n  password: [hunter2"),
      WithTarget("\n  ? password\n  : hunter2\n  x: 1"),
      WithTarget("{\"password\": \"hunter2\"}"),
      WithTarget("\n  url: mysql://u:hunter2@h/d\n  x: y: z"),
      WithTarget("mysql://u:hunter2@h/d"),
      WithRest("workspace: mysql://u:hunter2@h/d\nname: b"),
      WithSource("{type: mysql, url: 'mysql://u:hunter2 x@h/d'}"),
      WithRest("zzz: [mysql://u:hunter2@h/d, b]"),
      WithSource("{type: 'mysql://u:hunter2@h'}"),
      WithRest("password: hunter2"),
      WithTarget("{password: !!str hunter2}"),
      WithTarget("{password: &a hunter2, x: *a, url: *a}"),
  };
  for (const std::string& plan : plans) {
    std::string text = ErrorText(plan);
    EXPECT_NE(text, "") << plan;
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << plan << "\n" << text;
  }
}

}  // namespace
}  // namespace migrate::plan
