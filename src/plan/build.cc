#include "build.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "check.h"
#include "enum_names.h"
#include "migrate/plan/url.h"
#include "values.h"

namespace migrate::plan {
namespace {

// Columns of the target's tables and exports that an attribute would collide with.
constexpr std::array<std::string_view, 12> kReservedNames = {"record_id",    "person_id",  "source",     "source_id",
                                                             "source_key",   "import_id",  "payload",    "row_sha256",
                                                             "record_count", "confidence", "phone_e164", "flags"};

bool EqualNoCase(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

const std::vector<std::string>& SurvivorshipNames() {
  static const auto* const names =
      new std::vector<std::string>{"most_recent", "most_frequent", "longest", "source_priority", "most_complete"};
  return *names;
}

Survivorship ToSurvivorship(const std::string& name) {
  const auto& names = SurvivorshipNames();
  return static_cast<Survivorship>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

Node* Good(Node* map, std::string_view key) {
  if (!map || map->bad || map->kind != Node::Kind::kMap) return nullptr;
  Entry* entry = FindEntry(*map, key);
  return entry && !entry->value.bad ? &entry->value : nullptr;
}

std::vector<std::string> Texts(const Node& node, std::vector<Position>* at) {
  std::vector<std::string> texts;
  auto add = [&](const Node& n) {
    if (n.bad || n.kind != Node::Kind::kText) return;
    texts.push_back(n.text);
    at->push_back(n.at);
  };
  if (node.kind == Node::Kind::kText) add(node);
  for (const Node& item : node.items) add(item);
  return texts;
}

void PlanBuilder::Build(Node* root) {
  folder_ = std::filesystem::path(plan_->file).parent_path().string();
  Name(root);
  if (Node* node = Good(root, "requires")) Requires(*node);
  ReadTarget(Good(root, "target"));
  Entry* attributes = FindEntry(*root, "attributes");
  attributes_known_ = !attributes || !attributes->value.bad;
  ReadAttributes(Good(root, "attributes"));
  if (Node* sources = Good(root, "sources"))
    for (Entry& entry : sources->entries)
      if (!entry.value.bad) ReadSource(&entry);
  ReadNormalize(Good(root, "normalize"));
  ReadDedupe(Good(root, "dedupe"));
  ReadReconcile(Good(root, "reconcile"));
  ReadObserve(Good(root, "observe"));
  ReadRetention(Good(root, "retention"));
  ReadStages(Good(root, "stages"));
}

void PlanBuilder::Name(Node* root) {
  if (Node* name = Good(root, "name")) plan_->name = name->text;
  if (Node* workspace = Good(root, "workspace")) {
    plan_->workspace = Absolute(workspace->text);
  } else {
    plan_->workspace = Absolute(".migrate/" + plan_->name);
    Default("workspace", ".migrate/" + plan_->name, "beside the plan");
  }
}

void PlanBuilder::Requires(const Node& node) {
  plan_->requires_version = node.text;
  if (!version_.empty() && !VersionMeets(version_, node.text))
    Error(node.at, fmt::format("the plan requires migrate {}, this is {}", node.text, version_),
          "a version that this program meets, or another program");
}

void PlanBuilder::ReadTarget(Node* node) {
  Target& target = plan_->target;
  if (!node) return;
  target.at = node->at;
  if (Node* url = Good(node, "url")) {
    target.url = url->text;
    target.at = url->at;
    Url parts = ParseUrl(url->text, true);
    if (!parts.error.empty()) Error(url->at, "target.url " + parts.error, parts.expected, parts.suggestion);
    target.sqlite = parts.sqlite;
    if (parts.sqlite) target.path = Absolute(parts.path);
    target.user = parts.user;
    target.host = parts.host;
    target.database = parts.database;
    target.port = parts.port;
  }
  Connection connection = ReadConnection(node, "target");
  target.password = connection.password;
  target.tls = connection.tls;
  if (Node* reader = Good(node, "reader_url")) {
    target.reader_url = reader->text;
    Url parts = ParseUrl(reader->text, false);
    if (!parts.error.empty()) Error(reader->at, "target.reader_url " + parts.error, parts.expected, parts.suggestion);
    target.reader_user = parts.user;
    target.reader_host = parts.host;
    target.reader_database = parts.database;
    target.reader_port = parts.port;
  }
  if (Node* partitions = Good(node, "partitions"))
    target.partitions = static_cast<int>(ParseInteger(partitions->text).value_or(0));
  else
    Default("target.partitions", "32", "default");
  Node* compression = Good(node, "compression");
  if (!compression && !target.sqlite) Default("target.compression", "none", "default");
  if (!compression) return;
  for (size_t i = 0; i < kCompressions.size(); ++i)
    if (compression->text == kCompressions[i]) target.compression = static_cast<Compression>(i);
  if (target.sqlite && target.compression != Compression::kNone)
    Error(compression->at, "target.compression is " + Quoted(compression->text) + ", and a SQLite file has none",
          "no compression, or a mysql:// target");
}

PlanBuilder::Connection PlanBuilder::ReadConnection(Node* node, const std::string& path) {
  Connection connection;
  if (Node* password = Good(node, "password")) connection.password = ReadSecret(password);
  Node* tls = Good(node, "tls");
  if (Node* mode = Good(tls, "mode")) {
    connection.tls.mode = mode->text;
    if (connection.password.kind == Secret::Kind::kAwsIam && mode->text != "verify_identity")
      Error(mode->at,
            fmt::format("{}.tls.mode is {}, and AWS IAM logs in only to a server whose certificate is checked", path,
                        Quoted(mode->text)),
            "verify_identity");
  }
  if (Node* ca = Good(tls, "ca")) connection.tls.ca = Absolute(ca->text);
  return connection;
}

Secret PlanBuilder::ReadSecret(Node* node) {
  Secret secret;
  if (Node* env = Good(node, "env")) {
    secret = {Secret::Kind::kEnv, env->text, ""};
  } else if (Node* file = Good(node, "file")) {
    secret = {Secret::Kind::kFile, Absolute(file->text), ""};
  } else if (Node* command = Good(node, "command")) {
    secret = {Secret::Kind::kCommand, command->text, ""};
  } else if (Node* iam = Good(node, "aws_iam")) {
    secret.kind = Secret::Kind::kAwsIam;
    if (Node* region = Good(iam, "region")) secret.region = region->text;
  } else if (Good(node, "prompt")) {
    secret.kind = Secret::Kind::kPrompt;
  }
  return secret;
}

void PlanBuilder::ReadAttributes(Node* node) {
  if (!node) return;
  for (Entry& entry : node->entries) {
    Node* type = Good(&entry.value, "type");
    auto same = [&](std::string_view name) { return EqualNoCase(name, entry.key); };
    if (entry.value.bad) {
      // Reported. Its name is known all the same, so that those who use it are not reported too.
    } else if (std::any_of(kFieldNames.begin(), kFieldNames.end(), same)) {
      Error(entry.at, "attribute '" + entry.key + "' is a built-in field",
            "another name, or no attribute: the field can be mapped as it is");
    } else if (entry.key == "default" || std::any_of(kReservedNames.begin(), kReservedNames.end(), same)) {
      Error(entry.at, "the name '" + entry.key + "' is reserved", "another name");
    } else if (std::any_of(plan_->attributes.begin(), plan_->attributes.end(),
                           [&](const Attribute& a) { return same(a.name); })) {
      Error(entry.at, "attribute '" + entry.key + "' differs from another one only by case", "another name");
    }
    Attribute attribute;
    attribute.name = entry.key;
    for (size_t i = 0; i < kAttributeTypeNames.size(); ++i)
      if (type && type->text == kAttributeTypeNames[i]) attribute.type = static_cast<AttributeType>(i);
    plan_->attributes.push_back(std::move(attribute));
  }
}

void PlanBuilder::ReadNormalize(Node* node) {
  NormalizeOptions& options = plan_->normalize;
  if (Node* country = Good(node, "country")) {
    options.country = country->text;
    const auto& codes = CountryCodes();
    if (std::find(codes.begin(), codes.end(), country->text) == codes.end())
      Error(country->at, "normalize.country is " + Quoted(country->text) + ", which is no country's code",
            "an ISO 3166-1 code of two capital letters, such as US", country->text == "UK" ? "GB" : "");
  } else {
    Default("normalize.country", "US", "default");
  }
  Node* order = Good(node, "date_order");
  if (!order) Default("normalize.date_order", "mdy", "default");
  if (order && order->text == "dmy") options.date_order = DateOrder::kDmy;
  if (order && order->text == "ymd") options.date_order = DateOrder::kYmd;
  if (Node* pivot = Good(node, "two_digit_year_pivot"))
    options.two_digit_year_pivot = static_cast<int>(ParseInteger(pivot->text).value_or(kDefaultPivot));
  else
    Default("normalize.two_digit_year_pivot", std::to_string(kDefaultPivot), "default");
  if (Node* excel = Good(node, "excel_serials")) {
    if (excel->text == "1904") options.excel_serials = ExcelSerials::k1904;
    if (excel->text == "true" || excel->text == "1900") options.excel_serials = ExcelSerials::k1900;
  } else {
    Default("normalize.excel_serials", "false", "default");
  }
  if (Node* as_of = Good(node, "as_of")) {
    options.as_of = as_of->text;
    if (!IsCalendarDay(as_of->text))
      Error(as_of->at, "normalize.as_of is " + Quoted(as_of->text) + ", which is no day of the calendar",
            "a day such as 2026-01-31");
  } else {
    Default("normalize.as_of", "", "birth dates are held against no day");
  }
}

void PlanBuilder::ReadDedupe(Node* node) {
  Dedupe& dedupe = plan_->dedupe;
  Node* match = Good(node, "match_probability");
  Node* review = Good(node, "review_probability");
  if (match) dedupe.match_probability = ParseDecimal(match->text).value_or(0);
  if (!match) Default("dedupe.match_probability", "0.95", "default");
  if (review) dedupe.review_probability = ParseDecimal(review->text).value_or(0);
  if (!review) Default("dedupe.review_probability", "0.60", "default");
  if ((match || review) && dedupe.review_probability > dedupe.match_probability)
    Error((review ? review : match)->at,
          fmt::format("dedupe.review_probability ({}) is above dedupe.match_probability ({})",
                      dedupe.review_probability, dedupe.match_probability),
          "a review_probability of at most match_probability");
  if (Node* model = Good(node, "model")) {
    dedupe.model = Absolute(model->text);
    dedupe.model_as_written = model->text;
  }
  ReadSurvivorship(Good(node, "survivorship"));
}

void PlanBuilder::ReadSurvivorship(Node* node) {
  Dedupe& dedupe = plan_->dedupe;
  if (!Good(node, "default")) Default("dedupe.survivorship.default", "most_recent", "default");
  if (!node) return;
  for (Entry& entry : node->entries) {
    if (entry.value.bad) continue;
    if (entry.key == "default") {
      dedupe.default_strategy = ToSurvivorship(entry.value.text);
    } else if (entry.key == "opt_out" || entry.key == "address") {
      bool opt_out = entry.key == "opt_out";
      Error(entry.at, "survivorship does not apply to " + entry.key,
            opt_out ? "no entry: one member that opted out is enough"
                    : "its parts: 'street', 'unit', 'city', 'state', 'zip'");
    } else if (Slot(entry.key, entry.at, "dedupe.survivorship") >= 0) {
      dedupe.strategies[entry.key] = ToSurvivorship(entry.value.text);
    }
  }
}

void PlanBuilder::ReadReconcile(Node* node) {
  if (Node* sample = Good(node, "sample"))
    plan_->reconcile.sample = static_cast<uint64_t>(ParseInteger(sample->text).value_or(0));
  else
    Default("reconcile.sample", "1000", "default");
  if (Node* limit = Good(node, "max_quarantined"))
    plan_->reconcile.max_quarantined = ParseLimit(limit->text).value_or(Limit{});
  else
    Default("reconcile.max_quarantined", "", "no limit");
}

void PlanBuilder::ReadRetention(Node* node) {
  Node* segments = Good(node, "segments");
  if (!segments) Default("retention.segments", "keep", "default");
  for (size_t i = 0; segments && i < kKeepSegments.size(); ++i)
    if (segments->text == kKeepSegments[i]) plan_->retention.segments = static_cast<KeepSegments>(i);
  Node* match = Good(node, "match");
  if (!match) Default("retention.match", "keep", "default");
  plan_->retention.match = !match || match->text == "keep";
}

void PlanBuilder::ReadObserve(Node* node) {
  Observe& observe = plan_->observe;
  if (Node* log = Good(node, "log")) observe.log = Absolute(log->text);
  if (Node* format = Good(node, "log_format")) observe.log_json = format->text == "json";
  if (Node* level = Good(node, "log_level")) {
    auto found = std::find(kLogLevelNames.begin(), kLogLevelNames.end(), level->text);
    observe.log_level = static_cast<int>(found - kLogLevelNames.begin());
  }
  if (Node* metrics = Good(node, "metrics")) observe.metrics = Absolute(metrics->text);
  if (Node* stall = Good(node, "stall_after"))
    observe.stall_after = stall->text == "0" ? 0 : ParseSeconds(stall->text).value_or(0);
  if (Node* notify = Good(node, "notify")) observe.notify = notify->text;
}

void PlanBuilder::ReadStages(Node* node) {
  const std::string all = fmt::format("{}", fmt::join(kStageNames, ", "));
  if (!node) {
    for (size_t i = 0; i < kStageNames.size(); ++i) plan_->stages.push_back(static_cast<Stage>(i));
    return Default("stages", "[" + all + "]", "all stages");
  }
  for (const Node& item : node->items) {
    if (item.bad) continue;
    auto found = std::find(kStageNames.begin(), kStageNames.end(), item.text);
    Stage stage = static_cast<Stage>(found - kStageNames.begin());
    if (!plan_->stages.empty() && stage < plan_->stages.back())
      return Error(item.at,
                   fmt::format("stage '{}' stands behind '{}'", item.text,
                               kStageNames[static_cast<size_t>(plan_->stages.back())]),
                   "the order " + all);
    plan_->stages.push_back(stage);
  }
}

std::string PlanBuilder::Absolute(const std::string& path) const {
  std::string_view rest = path;
  while (rest.substr(0, 2) == "./" && rest.size() > 2) rest.remove_prefix(2);
  return (std::filesystem::path(folder_) / rest).string();
}

std::vector<std::string> PlanBuilder::FieldAndAttributeNames() const {
  std::vector<std::string> names(kFieldNames.begin(), kFieldNames.end());
  for (const Attribute& attribute : plan_->attributes) names.push_back(attribute.name);
  return names;
}

int PlanBuilder::Slot(const std::string& name, Position at, const std::string& path) {
  std::vector<std::string> names = FieldAndAttributeNames();
  auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  if (!attributes_known_) return -1;
  Error(at, "unknown field " + Quoted(name) + " in " + path,
        plan_->attributes.empty() ? "a built-in field, or one that 'attributes' defines"
                                  : "a built-in field, or one of 'attributes'",
        Nearest(name, names));
  return -1;
}

void PlanBuilder::Default(const std::string& key, const std::string& value, const std::string& why) {
  plan_->defaults.push_back({key, value, why});
}

void PlanBuilder::Error(Position at, std::string message, std::string expected, std::string suggestion) {
  out_->push_back(source_.Make(at, std::move(message), std::move(expected), std::move(suggestion)));
}

}  // namespace migrate::plan
