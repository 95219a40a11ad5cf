#include "migrate/report/exports.h"

#include <fmt/core.h>

#include "migrate/base/bytes.h"
#include "migrate/report/csv.h"
#include "target.h"

namespace migrate::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// Reads CSV as Python's csv module does with its defaults: quotes open only at the start of a field, "" is a quote,
// lines end with CR, LF or both, a blank line is no row.
Rows ParseCsv(const std::string& text) {
  Rows rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false, any = false;
  auto end_row = [&] {
    if (any) {
      row.push_back(field);
      rows.push_back(row);
    }
    row.clear();
    field.clear();
    any = false;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted) {
      if (c != '"')
        field.push_back(c);
      else if (i + 1 < text.size() && text[i + 1] == '"')
        field.push_back(text[++i]);
      else
        quoted = false;
    } else if (c == '\r' || c == '\n') {
      end_row();
    } else if (c == ',') {
      row.push_back(field);
      field.clear();
      any = true;
    } else if (c == '"' && field.empty()) {
      quoted = any = true;
    } else {
      field.push_back(c);
      any = true;
    }
  }
  end_row();
  return rows;
}

class ExportsTest : public TargetTest {
 protected:
  std::string Links() {
    std::string text;
    Check(ExportLinks(db_.get(), folder_, *StringOutput(&text)));
    return text;
  }
  std::string Persons() {
    std::string text;
    Check(ExportPersons(db_.get(), attributes_, *StringOutput(&text)));
    return text;
  }
  std::string Rejects() {
    std::string text;
    Check(ExportRejects(db_.get(), *StringOutput(&text)));
    return text;
  }
  std::string Source(const std::string& name, const std::string& file = "") {
    std::string text;
    Check(ExportSource(db_.get(), name, file, *StringOutput(&text)));
    return text;
  }
  Status SourceError(const std::string& name, const std::string& file = "") {
    std::string text;
    Status s = ExportSource(db_.get(), name, file, *StringOutput(&text));
    EXPECT_FALSE(s.ok()) << text;
    EXPECT_EQ(text, "");
    return s;
  }
};

TEST(Csv, QuotesWhatRfc4180WantsQuoted) {
  struct {
    std::vector<std::string> fields;
    std::string line;
  } const kTable[] = {{{"a", "b"}, "a,b\r\n"},
                      {{"", ""}, ",\r\n"},
                      {{""}, "\"\"\r\n"},
                      {{"a,b", "c"}, "\"a,b\",c\r\n"},
                      {{"say \"hi\""}, "\"say \"\"hi\"\"\"\r\n"},
                      {{"one\ntwo"}, "\"one\ntwo\"\r\n"},
                      {{"cr\rhere"}, "\"cr\rhere\"\r\n"},
                      {{" a "}, " a \r\n"},
                      {{"caf\xc3\xa9"}, "caf\xc3\xa9\r\n"}};
  CsvLine line;
  for (const auto& t : kTable) {
    for (const auto& f : t.fields) line.Add(f);
    std::string got(line.Line());
    EXPECT_EQ(got, t.line);
    EXPECT_EQ(ParseCsv(got), Rows{t.fields});
  }
  EXPECT_EQ(line.Add("", CsvLine::Style::kQuoted).Add("x").Line(), "\"\",x\r\n");
}

TEST_F(ExportsTest, LinksAreSortedBytewiseAndHoldEveryRecord) {
  AddSource(1, "web");
  AddSource(2, "Zoo");  // before "web" in bytes
  uint64_t a = AddRecord(NewRecord(1, "b"), "web"), b = AddRecord(NewRecord(1, "B"), "web");
  uint64_t c = AddRecord(NewRecord(1, "[\"x\",\"1\"]"), "web"), d = AddRecord(NewRecord(2, "\xc3\xa9"), "Zoo");
  uint64_t e = AddRecord(NewRecord(2, "10"), "Zoo"), f = AddRecord(NewRecord(2, "9"), "Zoo");
  for (uint64_t id : {a, b, c, d, e}) Link(id, 7);
  EXPECT_EQ(Links(), fmt::format("source,source_key,record_id,person_id\r\n"
                                 "Zoo,10,{},7\r\nZoo,9,{},\r\nZoo,\xc3\xa9,{},7\r\n"
                                 "web,B,{},7\r\nweb,\"[\"\"x\"\",\"\"1\"\"]\",{},7\r\nweb,b,{},7\r\n",
                                 e, f, d, b, c, a));
}

TEST_F(ExportsTest, PersonsHaveTheFieldsOfTheContractAndTheAttributes) {
  attributes_ = {{"occupation", AttributeType::kCategory}, {"badge", AttributeType::kIdentifier}};
  ledger::Person p;
  p.person_id = 12;
  p.import_id = 1;
  p.record_count = 3;
  p.confidence = 0.98765;
  p[Field::kFullName] = "not exported";
  const std::pair<Field, const char*> kValues[] = {{Field::kFirstName, "Ann"},
                                                   {Field::kMiddleName, "M"},
                                                   {Field::kLastName, "O'Brien, Sr"},
                                                   {Field::kSuffix, "Jr"},
                                                   {Field::kSex, "F"},
                                                   {Field::kBirthDate, "1980-02-03"},
                                                   {Field::kEmail, "ann@x.org"},
                                                   {Field::kPhone, "+12065551234"},
                                                   {Field::kStreet, "1 Elm St"},
                                                   {Field::kUnit, "Apt \"2\""},
                                                   {Field::kCity, "Reno"},
                                                   {Field::kState, "NV"},
                                                   {Field::kZip, "89501"},
                                                   {Field::kCountry, "US"},
                                                   {Field::kNationalId, "123456789"},
                                                   {Field::kUpdatedAt, "2024-01-02 03:04:05"}};
  for (const auto& [f, v] : kValues) p[f] = v;
  p.opt_out = kOptOutCall | kOptOutMail;
  p.attributes = {"", "B7"};
  AddPerson(p);
  ledger::Person q;
  q.person_id = 2;
  q.record_count = 1;
  q.opt_out = kOptOutAll;
  q.attributes = {"welder", ""};
  AddPerson(q);
  EXPECT_EQ(Persons(),
            "person_id,record_count,confidence,first_name,middle_name,last_name,suffix,sex,birth_date,email,phone,"
            "street,unit,city,state,zip,country,national_id,updated_at,opt_out,occupation,badge\r\n"
            "2,1,1.0000,,,,,,,,,,,,,,,,,all,welder,\r\n"
            "12,3,0.9877,Ann,M,\"O'Brien, Sr\",Jr,F,1980-02-03,ann@x.org,+12065551234,1 Elm St,\"Apt \"\"2\"\"\",Reno,"
            "NV,89501,US,123456789,2024-01-02 03:04:05,call|mail,,B7\r\n");
}

TEST(OptOutTextTest, NamesChannels) {
  const std::pair<int, const char*> kTable[] = {{0, ""},           {1, "call"}, {2, "sms"},
                                                {5, "call|email"}, {8, "mail"}, {15, "all"}};
  for (const auto& [bits, text] : kTable) EXPECT_EQ(OptOutText(static_cast<uint8_t>(bits)), text);
}

TEST_F(ExportsTest, RejectsAreTheOpenOnesInOrder) {
  AddSource(1, "web");
  AddSource(2, "app");
  AddFile(1, 0, 1, "b.csv");
  AddFile(1, 1, 1, "a,b.csv");
  AddFile(2, 0, 2, "old.db", "contacts");
  AddReject(1, 1, 1, 0, 5, 100, "NULL", "too_few_fields", "61ff00");
  AddReject(2, 1, 1, 0, 3, 20, "'k2'", "duplicate_key", "62");
  AddReject(3, 1, 1, 1, 9, 900, "NULL", "bad_quote", "63");
  AddReject(4, 1, 1, 1, 9, 901, "NULL", "bad_quote", "63", "replayed");
  AddReject(5, 2, 2, 0, 0, 0, "'z'", "null_key", "");
  AddReject(6, 2, 2, 0, 0, 0, "'Z'", "null_key", "64");
  EXPECT_EQ(Rejects(),
            "source,file,line,byte_offset,source_key,reason,detail,raw_base64\r\n"
            "app,old.db,0,0,Z,null_key,\"what, \"\"exactly\"\"\",ZA==\r\n"
            "app,old.db,0,0,z,null_key,\"what, \"\"exactly\"\"\",\r\n"
            "web,\"a,b.csv\",9,900,,bad_quote,\"what, \"\"exactly\"\"\",Yw==\r\n"
            "web,b.csv,3,20,k2,duplicate_key,\"what, \"\"exactly\"\"\",Yg==\r\n"
            "web,b.csv,5,100,,too_few_fields,\"what, \"\"exactly\"\"\",Yf8A\r\n");
}

TEST_F(ExportsTest, SourceGivesEveryCellTypeBack) {
  AddSource(1, "old");
  AddFile(1, 0, 1, "old.db", "contacts");
  AddSchema(1, 1, R"([{"name":"id","type":"INTEGER"},{"name":"na,me","type":"TEXT"},{"name":"r","type":""},
                      {"name":"b","type":"BLOB"}])");
  AddRecord(NewRecord(1, "2", 1, 0, 1, R"([2,null,1.0,{"base64":"/wA="}])"), "old");
  AddRecord(NewRecord(1, "10", 1, 0, 1, R"([-9223372036854775808,"",{"real":"-inf"},"a\"b\u0001\nc"])"), "old");
  auto gone = NewRecord(1, "3", 1, 0, 1, R"([3,"x",0,null])");
  gone.gone_import = 2;
  AddRecord(gone, "old");
  EXPECT_EQ(Source("old"),
            "id,\"na,me\",r,b\r\n"
            "-9223372036854775808,\"\",-inf,\"a\"\"b\x01\nc\"\r\n"
            "2,,1.0,base64:/wA=\r\n");
}

TEST_F(ExportsTest, CsvSourceRoundTrips) {
  AddSource(1, "web");
  AddFile(1, 0, 1, "x.csv");
  AddSchema(1, 1, R"([{"name":"only","type":"text"}])");
  const std::vector<std::string> kCells = {"", "plain", "a,b", "q\"q", "line\r\nline", " blank ", "\xf0\x9f\x98\x80"};
  Rows expected{{"only"}};
  for (size_t i = 0; i < kCells.size(); ++i) {
    std::string payload = "[";
    AppendJsonString(&payload, kCells[i]);
    AddRecord(NewRecord(1, std::to_string(i), 1, 0, 1, payload + "]"), "web");
    expected.push_back({kCells[i]});
  }
  EXPECT_EQ(ParseCsv(Source("web")), expected);
}

TEST_F(ExportsTest, SeveralLayoutsNeedAFile) {
  AddSource(1, "web");
  AddFile(1, 0, 1, "in/a.csv");
  AddFile(1, 1, 1, "in/b.csv");
  AddFile(1, 2, 1, "in/c.csv", "csv", "duplicate", "in/b.csv");
  AddFile(2, 0, 1, "in/a.csv", "csv", "unchanged", "in/a.csv");
  AddFile(2, 1, 1, "other/b.csv");
  AddSchema(1, 1, R"([{"name":"id","type":"text"}])");
  AddSchema(2, 1, R"([{"name":"id","type":"text"},{"name":"mail","type":"text"}])");
  AddSchema(3, 1, R"([{"name":"id","type":"other"}])");
  AddRecord(NewRecord(1, "1", 1, 0, 1, R"(["1"])"), "web");
  AddRecord(NewRecord(1, "2", 1, 1, 2, R"(["2","x@y"])"), "web");
  Status s = SourceError("web");
  EXPECT_EQ(s.message(), "source `web` has rows of 2 layouts: 1 column: in/a.csv; 2 columns: in/b.csv");
  EXPECT_EQ(s.hint(), "choose one with --file");
  EXPECT_EQ(s.kind(), ErrorKind::kPlan);
  EXPECT_EQ(Source("web", "in/a.csv"), "id\r\n1\r\n");
  EXPECT_EQ(Source("web", "a.csv"), "id\r\n1\r\n");
  EXPECT_EQ(Source("web", "c.csv"), "id,mail\r\n2,x@y\r\n");
  EXPECT_EQ(SourceError("web", "b.csv").message(), "source `web`: `b.csv` fits several files: in/b.csv, other/b.csv");
  EXPECT_EQ(SourceError("web", "d.csv").hint(), "its files: in/a.csv, in/b.csv, in/c.csv, other/b.csv");
  EXPECT_EQ(SourceError("Web").hint(), "it holds: web");
  // The same columns under two schema numbers are one layout.
  Sql("DELETE FROM record WHERE schema_id = 2");
  AddRecord(NewRecord(1, "3", 2, 1, 3, R"(["3"])"), "web");
  EXPECT_EQ(Source("web"), "id\r\n1\r\n3\r\n");
}

TEST_F(ExportsTest, DamageIsNamed) {
  AddSource(1, "web");
  AddSchema(1, 1, R"([{"name":"id","type":"text"}])");
  AddRecord(NewRecord(1, "k", 1, 0, 1, R"(["1","2"])"), "web");
  std::string text;
  Status s = ExportSource(db_.get(), "web", "", *StringOutput(&text));
  EXPECT_EQ(s.message(), db_->name() + ": source `web`, key `k`: payload is damaged: 2 cells for 1 column");
}

TEST_F(ExportsTest, AnExportReadsOneSnapshotAndLeavesNoTransaction) {
  AddSource(1, "web");
  Links(), Persons(), Rejects();
  Check(db_->Begin());  // fails inside a transaction
  Check(db_->Commit());
}

TEST(StdoutTest, WritesEverythingInOrder) {
  testing::internal::CaptureStdout();
  auto out = StdoutOutput();
  std::string big(100'000, 'x');
  EXPECT_TRUE(out->Write("first ").ok());
  EXPECT_TRUE(out->Write(big).ok());
  EXPECT_TRUE(out->Write(" last").ok());
  EXPECT_TRUE(out->Finish().ok());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "first " + big + " last");
}

TEST_F(ExportsTest, AFileAppearsOnlyWhenItIsFinished) {
  std::string path = folder_ + "/links.csv", big(200'000, 'x');
  {
    auto out = FileOutput(path);
    ASSERT_TRUE(out.ok());
    Check((*out)->Write(big));
    EXPECT_FALSE(PathExists(path));
  }
  EXPECT_FALSE(PathExists(path + ".tmp"));
  {
    auto out = FileOutput(path);
    Check((*out)->Write(big));
    Check((*out)->Write("end"));
    Check((*out)->Finish());
  }
  EXPECT_EQ(*ReadWholeFile(path), big + "end");
  EXPECT_FALSE(PathExists(path + ".tmp"));
  EXPECT_FALSE(FileOutput(folder_).ok());
  auto null = FileOutput("/dev/null");
  ASSERT_TRUE(null.ok());
  Check((*null)->Write("x"));
  Check((*null)->Finish());
}

}  // namespace
}  // namespace migrate::report
