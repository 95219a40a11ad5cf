#include "migrate/plan/schema.h"

#include <fmt/format.h>

#include "migrate/plan/diagnostic.h"

namespace migrate::plan {
namespace {

using Kind = Shape::Kind;

constexpr char kNamePattern[] = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$";
constexpr char kNameExpected[] = "up to 64 letters, digits, '_', '-' and '.', the first no '-' or '.'";

Shape Text(std::string expected, std::string pattern = "") {
  Shape s;
  s.expected = std::move(expected);
  s.pattern = std::move(pattern);
  return s;
}

Shape Integer(int64_t min, int64_t max) {
  Shape s;
  s.kind = Kind::kInteger;
  s.min = static_cast<double>(min);
  s.max = static_cast<double>(max);
  s.expected = fmt::format("a whole number from {} to {}", min, max);
  return s;
}

Shape Probability() {
  Shape s;
  s.kind = Kind::kNumber;
  s.max = 1;
  s.expected = "a probability from 0 to 1";
  return s;
}

Shape Choice(std::vector<std::string> choices) {
  Shape s;
  s.kind = Kind::kChoice;
  s.expected = OneOf(choices);
  s.choices = std::move(choices);
  return s;
}

Shape List(Shape item, std::string expected) {
  Shape s;
  s.kind = Kind::kList;
  s.item = std::make_shared<const Shape>(std::move(item));
  s.expected = std::move(expected);
  s.nonempty = true;
  return s;
}

Shape Map(std::vector<Key> keys, std::string expected) {
  Shape s;
  s.kind = Kind::kMap;
  s.keys = std::move(keys);
  s.expected = std::move(expected);
  return s;
}

Shape Either(std::vector<Shape> cases, std::string expected) {
  Shape s;
  s.kind = Kind::kEither;
  for (Shape& c : cases) s.cases.push_back({"", std::move(c)});
  s.expected = std::move(expected);
  return s;
}

Shape Column() { return Text("the name of a column"); }
Shape Columns() { return List(Column(), "a list of columns"); }
Shape ColumnOrColumns() { return Either({Column(), Columns()}, "a column or a list of columns"); }

Shape Secret() {
  Shape iam =
      Map({{"region", Text("a region of AWS, such as us-east-1", "^[a-z0-9-]+$"), "Region of the database.", true, ""}},
          "a mapping such as {region: us-east-1}");
  Shape s = Map({{"env", Text("the name of an environment variable", "^[A-Za-z_][A-Za-z0-9_]*$"),
                  "The environment variable that holds the password.", false, ""},
                 {"file", Text("the path of a file"),
                  "A file that holds the password; a line end behind it is dropped.", false, ""},
                 {"command", Text("a command"), "A command that prints the password.", false, ""},
                 {"aws_iam", std::move(iam), "An AWS IAM authentication token instead of a password.", false, ""},
                 {"prompt", Choice({"true"}), "The password is asked for on the terminal.", false, ""}},
                "{env: NAME}, {file: PATH}, {command: \"...\"}, {aws_iam: {region: ...}} or {prompt: true}");
  s.exactly_one = {{"env", "file", "command", "aws_iam", "prompt"}};
  s.definition = "secret";
  s.literal_refused = "a password must not stand in a plan";
  return s;
}

Shape Tls() {
  return Map({{"mode", Choice({"disabled", "required", "verify_ca", "verify_identity"}),
               "How the connection is secured; by default verify_identity, except on the loopback interface.", false,
               "verify_identity"},
              {"ca", Text("the path of a file"), "Certificates of the authorities that are trusted (PEM).", false, ""}},
             "a mapping such as {mode: verify_identity, ca: PATH}");
}

Shape FieldForm() {
  Shape formats = Either({Text("a strptime format"), List(Text("a strptime format"), "a list of strptime formats")},
                         "a strptime format or a list of them");
  Shape form = Map({{"join", Columns(), "Columns whose values that are not empty are joined.", false, ""},
                    {"with", Text("a text"), "What stands between the joined values.", false, " "},
                    {"column", Column(), "A column, with the format of its dates.", false, ""},
                    {"format", std::move(formats), "strptime formats of the dates, tried in order.", false, ""},
                    {"const", Text("a value"), "The value of every row.", false, ""}},
                   "{join: [COLUMN, ...], with: \" \"}, {column: COLUMN, format: \"%d/%m/%Y\"} or {const: VALUE}");
  form.exactly_one = {{"join", "column", "const"}};
  form.goes_with = {{"with", "join"}, {"format", "column"}};
  return Either({Column(), Columns(), std::move(form)},
                "a column, a list of columns, {join: [...]}, {column: ..., format: ...} or {const: ...}");
}

Shape OptOut() {
  std::vector<Key> channels{{"const", Text("a value"), "The value of every row, for all channels.", false, ""}};
  channels.reserve(kOptOutChannels.size() + 1);
  for (std::string_view channel : kOptOutChannels)
    channels.push_back(
        {std::string(channel), Column(), fmt::format("The column that stops contact by {}.", channel), false, ""});
  Shape map = Map(std::move(channels), "{call: COLUMN, sms: COLUMN, email: COLUMN, mail: COLUMN} or {const: true}");
  map.nonempty = true;
  return Either({Column(), std::move(map)},
                "a column, {call: COLUMN, sms: COLUMN, email: COLUMN, mail: COLUMN} or {const: true}");
}

Shape Fields() {
  Shape s = Map({{"opt_out", OptOut(), "A column for all channels, or one per channel.", false, ""}},
                "a mapping of fields to columns, such as {email: E-Mail}");
  s.item = std::make_shared<const Shape>(FieldForm());
  s.item_name = "a field";
  s.nonempty = true;
  s.definition = "fields";
  return s;
}

Key FieldsKey() { return {"fields", Fields(), "Which columns hold the fields of a person: FIELD: COLUMN.", false, ""}; }
Key IgnoreKey() {
  Shape columns = Columns();
  columns.nonempty = false;
  return {"ignore", std::move(columns), "Columns that are kept with the row and used for nothing.", false, ""};
}
Key EncodingKey() {
  return {"encoding", Choice({"utf-8", "utf-16", "latin-1", "windows-1252"}),
          "Encoding of the text; by default found, and said.", false, ""};
}
Key DelimiterKey() {
  return {"delimiter", Text("one ASCII character, \"\\t\" or tab"), "Between two columns; by default found, and said.",
          false, ""};
}
Key TypeKey() { return {"type", Choice({"csv", "sqlite", "mysql"}), "What kind of source it is.", true, ""}; }
Key ModeKey(std::string fallback) {
  return {"mode", Choice({"append", "snapshot"}),
          "append: rows only come; snapshot: a row that is gone from the source is marked gone.", false,
          std::move(fallback)};
}
Key TableKey() { return {"table", Text("the name of a table or view"), "A table or view.", false, ""}; }
Key QueryKey() { return {"query", Text("a SELECT statement"), "A SELECT statement instead of a table.", false, ""}; }
Key KeyKey(bool needed) {
  return {"key", ColumnOrColumns(),
          needed ? "The column or columns that identify a row."
                 : "The column or columns that identify a row; without it the position in the file does.",
          needed, ""};
}

Key ContractKey() {
  return {"contract", Choice({"evolve", "freeze"}),
          "Columns that differ from those of the last import: evolve goes on and says so, freeze stops before anything "
          "is read.",
          false, "evolve"};
}
Key ExtractKey() {
  Shape map = Map({{"incremental", Column(),
                    "A column that grows with every change or every new row: only rows from the last import's greatest "
                    "value on are read.",
                    true, ""},
                   {"overlap", Text("a time such as 10m, or a number", "^[0-9]+([.][0-9]+)?(ms|s|m|h)?$"),
                    "So far before that value reading begins again, for what was committed late; by default 70m, and "
                    "1000 where the column holds numbers.",
                    false, ""}},
                  "a mapping such as {incremental: updated_at, overlap: 10m}");
  return {"extract", std::move(map), "How much of the table an import reads; by default all of it.", false, ""};
}

Shape CsvSource() {
  Shape layout = Map({FieldsKey(), IgnoreKey(), EncodingKey(), DelimiterKey()}, "a mapping with 'fields'");
  layout.keys[0].needed = true;
  Shape s = Map({TypeKey(),
                 {"path", Text("a path or glob"), "The files; a glob is allowed; .gz and .zst are unpacked.", true, ""},
                 KeyKey(false),
                 ModeKey("append"),
                 EncodingKey(),
                 DelimiterKey(),
                 IgnoreKey(),
                 FieldsKey(),
                 {"layouts", List(std::move(layout), "a list of layouts"),
                  "Instead of fields: the first layout is taken whose mapped columns the header has.", false, ""},
                 {"unknown_layout", Choice({"error", "quarantine"}), "What becomes of a file that fits no layout.",
                  false, "error"},
                 ContractKey()},
                "a mapping with 'type', 'path' and 'fields'");
  s.exactly_one = {{"fields", "layouts"}};
  return s;
}

void NeedFields(Shape* map) {
  for (Key& key : map->keys)
    if (key.name == "fields") key.needed = true;
}

Shape SqliteSource() {
  Shape s = Map({TypeKey(),
                 {"path", Text("the path of a SQLite file"), "The database file.", true, ""},
                 TableKey(),
                 QueryKey(),
                 KeyKey(true),
                 ModeKey("snapshot"),
                 IgnoreKey(),
                 FieldsKey(),
                 ExtractKey(),
                 ContractKey()},
                "a mapping with 'type', 'path', 'table', 'key' and 'fields'");
  NeedFields(&s);
  s.exactly_one = {{"table", "query"}};
  return s;
}

// The patterns follow ParseSeconds and ParseBytes (values.h).
Shape Duration() { return Text("a time such as 500ms, 5s, 15m or 2h", "^[0-9]+([.][0-9]+)?(ms|s|m|h)$"); }
Shape Bytes() {
  return Text("a number of bytes such as 20MB or 512KiB", "^[0-9]+([.][0-9]+)?(B|[kK]B|MB|GB|[KMG]iB)$");
}

Shape ThrottleShape() {
  Shape s = Map(
      {{"rows_per_second", Integer(1, 1'000'000'000), "At most so many rows a second, all readers together.", false,
        ""},
       {"bytes_per_second", Bytes(), "At most so many bytes of rows a second, all readers together.", false, ""},
       {"max_replica_lag", Duration(), "Pause while the server, a replica, is further behind than this.", false, ""},
       {"max_threads_running", Integer(0, 100'000), "Pause while more threads than this run besides the readers'.",
        false, ""}},
      "a mapping such as {rows_per_second: 5000, max_replica_lag: 5s}");
  s.nonempty = true;
  return s;
}

Shape MysqlSource() {
  Shape s =
      Map({TypeKey(),
           {"url", Text("mysql://user@host:port/database"), "The server and database.", true, ""},
           {"password", Secret(), "Where the password comes from.", false, ""},
           {"tls", Tls(), "How the connection is secured.", false, ""},
           {"throttle", ThrottleShape(), "What reading keeps below, so that a live server does not suffer.", false, ""},
           {"on_snapshot_loss", Choice({"restart", "continue"}),
            "After a lost connection: read the table anew, or go on in another snapshot (rows of two moments).", false,
            "restart"},
           {"read_timeout", Duration(), "A server that sends nothing for so long is taken for dead.", false, "15m"},
           TableKey(),
           QueryKey(),
           KeyKey(true),
           ModeKey("snapshot"),
           IgnoreKey(),
           FieldsKey(),
           ExtractKey(),
           ContractKey()},
          "a mapping with 'type', 'url', 'table', 'key' and 'fields'");
  NeedFields(&s);
  s.exactly_one = {{"table", "query"}};
  return s;
}

Shape Sources() {
  Shape source;
  source.kind = Kind::kSwitch;
  source.expected = "a mapping with 'type', 'fields' and where the data is";
  source.discriminator = "type";
  source.cases = {{"csv", CsvSource()}, {"sqlite", SqliteSource()}, {"mysql", MysqlSource()}};
  Shape s = Map({}, "a mapping of source names to sources");
  s.item = std::make_shared<const Shape>(std::move(source));
  s.item_name = "a source's name: " + std::string(kNameExpected);
  s.pattern = kNamePattern;
  s.nonempty = true;
  return s;
}

Shape Target() {
  return Map({{"url", Text("sqlite:PATH or mysql://user@host:port/database"), "Where the people go.", true, ""},
              {"password", Secret(), "Where the password comes from; read only when a connection needs it.", false, ""},
              {"tls", Tls(), "How the connection is secured.", false, ""},
              {"reader_url", Text("mysql://user@host:port/database"), "A read-only replica for reports.", false, ""},
              {"partitions", Integer(1, 1024), "HASH partitions of the tables (MySQL), and units of parallel loading.",
               false, "32"},
              {"compression", Choice({"none", "lz4", "zlib"}),
               "How the server packs the pages of the tables on its disk (MySQL, MariaDB).", false, "none"}},
             "a mapping with 'url'");
}

Shape Attributes() {
  Shape attribute = Map({{"type", Choice({"text", "name", "category", "identifier", "date", "number"}),
                          "How two values compare.", true, ""}},
                        "a mapping such as {type: category}");
  Shape s = Map({}, "a mapping of attribute names to {type: ...}");
  s.item = std::make_shared<const Shape>(std::move(attribute));
  s.item_name = "an attribute's name: a letter or '_', then up to 63 letters, digits and '_'";
  s.pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";
  return s;
}

Shape DedupeShape() {
  Shape strategy = Choice({"most_recent", "most_frequent", "longest", "source_priority", "most_complete"});
  Shape survivorship = Map({{"default", strategy, "For the fields that are not named.", false, "most_recent"}},
                           "a mapping of fields to strategies, such as {default: most_recent}");
  survivorship.item = std::make_shared<const Shape>(std::move(strategy));
  survivorship.item_name = "a field";
  return Map(
      {{"match_probability", Probability(), "At or above: one person.", false, "0.95"},
       {"review_probability", Probability(), "From here up to match_probability: a steward decides.", false, "0.60"},
       {"survivorship", std::move(survivorship), "Which value a person keeps, by field.", false, ""},
       {"model", Text("the path of a file"), "Saved weights instead of trained ones.", false, ""}},
      "a mapping such as {match_probability: 0.95}");
}

Shape ReconcileShape() {
  Shape share;
  share.kind = Kind::kShare;
  share.expected = "a number of rows, or a percentage such as \"0.1%\"";
  return Map(
      {{"sample", Integer(0, 1'000'000'000), "Rows compared field by field, besides the full digest.", false, "1000"},
       {"max_quarantined", std::move(share), "More quarantined rows than this fail the run; by default no limit.",
        false, ""}},
      "a mapping such as {sample: 1000}");
}

Shape RetentionShape() {
  return Map(
      {{"segments", Choice({"keep", "import", "stage"}),
        "When the rows in the workspace go: with the next import, with the end of the import, or as soon as no "
        "stage reads them any more.",
        false, "keep"},
       {"match", Choice({"keep", "drop"}),
        "Whether a matching leaves in the workspace what spares the next one all records but the new.", false, "keep"}},
      "a mapping such as {segments: stage}");
}

Shape ObserveShape() {
  Shape stall = Text("a time such as 500ms, 5s, 15m or 2h, or 0 for never", "^(0|[0-9]+([.][0-9]+)?(ms|s|m|h))$");
  return Map({{"log", Text("the path of a file"), "A log of each run; it is appended to.", false, ""},
              {"log_format", Choice({"text", "json"}), "One line of text or of JSON an event.", false, "text"},
              {"log_level", Choice({"debug", "info", "warning", "error"}), "What the log leaves out is below this.",
               false, "info"},
              {"metrics", Text("the path of a file"), "Metrics of the run in Prometheus' text format.", false, ""},
              {"stall_after", std::move(stall), "A run in which nothing moves for so long says where.", false, "10m"},
              {"notify", Text("a command"), "A command that is run (sh -c) when a run has ended.", false, ""}},
             "a mapping such as {log: run.log, log_format: json}");
}

Shape Whole() {
  return Map(
      {{"name", Text("a name of " + std::string(kNameExpected), kNamePattern), "The name of the plan.", true, ""},
       {"requires",
        Text("a version such as \">=0.1\"",
             "^ *(>=|<=|>|<|=)? *[0-9]+(\\.[0-9]+)*( *, *(>=|<=|>|<|=)? *[0-9]+(\\.[0-9]+)*)* *$"),
        "The versions of migrate that can run the plan; all of several conditions hold.", false, ""},
       {"workspace", Text("the path of a folder"),
        "Where checkpoints, segments and reports lie; by default .migrate/NAME beside the plan.", false, ""},
       {"target", Target(), "The target database.", true, ""},
       {"sources", Sources(), "The sources by name, the more trusted first.", true, ""},
       {"attributes", Attributes(), "Fields beyond the built-in ones.", false, ""},
       {"normalize",
        Map({{"country", Text("an ISO 3166-1 code of two capital letters, such as US", "^[A-Z]{2}$"),
              "Default country of phones, postal codes and addresses.", false, "US"},
             {"date_order", Choice({"mdy", "dmy", "ymd"}), "How to read 03/04/1972.", false, "mdy"},
             {"two_digit_year_pivot", Integer(0, 99), "Years 00 to this one are 20xx, the years above it 19xx.", false,
              "29"},
             {"excel_serials", Choice({"false", "true", "1900", "1904"}),
              "Whether a bare five-digit number is a date as Excel counts days, and from which year; true is 1900.",
              false, "false"},
             {"as_of", Text("a day such as 2026-01-31", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
              "The day the data is of: birth dates after it, or more than 120 years before it, are flagged.", false,
              ""}},
            "a mapping such as {country: US, date_order: mdy}"),
        "How values are read.", false, ""},
       {"dedupe", DedupeShape(), "When two records are one person.", false, ""},
       {"reconcile", ReconcileShape(), "How the result is checked.", false, ""},
       {"retention", RetentionShape(), "How long the workspace keeps what was read.", false, ""},
       {"observe", ObserveShape(), "How runs are watched from outside; options of `run` go before it.", false, ""},
       {"stages", List(Choice({"extract", "normalize", "load", "dedupe", "reconcile"}), "a list of stages"),
        "The stages to run, in this order.", false, "[extract, normalize, load, dedupe, reconcile]"}},
      "a mapping with 'name', 'target' and 'sources'");
}

}  // namespace

const Shape& PlanShape() {
  static const Shape* const shape = new Shape(Whole());
  return *shape;
}

}  // namespace migrate::plan
