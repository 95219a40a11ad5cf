// What each stage will do for the plan at hand, in sentences.
#include <fmt/format.h>

#include <filesystem>

#include "explain.h"
#include "migrate/base/plural.h"

namespace migrate::run {
namespace {

using nlohmann::json;
using plan::Stage;

constexpr const char* kDateOrders[] = {"mdy", "dmy", "ymd"};
constexpr const char* kStrategies[] = {"most_recent", "most_frequent", "longest", "source_priority", "most_complete"};

std::string FieldNames(const plan::Plan& plan) {
  std::string out;
  for (int slot = 0; slot < kFieldCount + static_cast<int>(plan.attributes.size()); ++slot) {
    bool mapped = false;
    for (const auto& s : plan.sources)
      for (const auto& l : s.layouts)
        for (const auto& f : l.fields) mapped |= f.slot == slot;
    if (!mapped) continue;
    out += out.empty() ? "" : ", ";
    out += slot < kFieldCount ? std::string(kFieldNames[static_cast<size_t>(slot)])
                              : plan.attributes[static_cast<size_t>(slot - kFieldCount)].name;
  }
  return out;
}

void Extract(const Explained& e, json* out) {
  for (const auto& s : e.plan.sources) {
    std::string what = s.type == plan::SourceType::kCsv ? "files " + s.path
                       : s.type == plan::SourceType::kMysql
                           ? "MySQL database " + s.database
                           : (s.table.empty() ? "a query" : "table " + s.table) + " of " + s.path;
    std::string key = s.key.empty() ? "the row's position in its file" : fmt::format("{}", fmt::join(s.key, " + "));
    size_t all = 0, read = 0;
    for (const Input& i : e.inputs) {
      if (&e.plan.sources[i.source] != &s) continue;
      ++all;
      read += i.state == Input::State::kImport ? 1 : 0;
    }
    std::string text = fmt::format("{}: {}, key {}, {}", s.name, what, key,
                                   s.mode == plan::Mode::kAppend ? "append (rows that are gone stay)"
                                                                 : "snapshot (rows that are gone are marked gone)");
    if (!e.options.offline && s.type != plan::SourceType::kMysql)
      text += fmt::format("; {} of {} to read", read, Counted(all, "input"));
    if (s.type == plan::SourceType::kMysql) {
      text += s.continue_on_snapshot_loss
                  ? "; after a lost connection finished chunks stay and the rest is read in another snapshot"
                  : "; after a lost connection it is read anew";
      if (s.throttle.Any()) text += "; held back by its throttle, which the time foretold below leaves out";
    }
    out->push_back(text);
  }
  if (e.at_hand > 0)
    out->push_back(
        fmt::format("an import was begun and not finished: if the inputs are as they were, the {} in work/ "
                    "{} not read again",
                    Counted(e.at_hand, "row"), Plural(e.at_hand, "is", "are")));
  out->push_back(fmt::format("writes raw segments of about 4 MiB of input into {}/work, with {}", e.plan.workspace,
                             Counted(e.threads, "thread")));
  const plan::Limit& limit = e.plan.reconcile.max_quarantined;
  if (limit.rows)
    out->push_back(fmt::format("stops with exit 5 if more than {} would be quarantined", Counted(*limit.rows, "row")));
  if (limit.share)
    out->push_back(
        fmt::format("stops with exit 5 if more than {}% of the rows would be quarantined", *limit.share * 100));
}

void Normalize(const Explained& e, json* out) {
  out->push_back("fields: " + FieldNames(e.plan));
  out->push_back(fmt::format("values without a country are read as of {}, dates like 03/04/1972 as {}",
                             e.plan.normalize.country, kDateOrders[static_cast<size_t>(e.plan.normalize.date_order)]));
  for (const auto& a : e.plan.attributes)
    out->push_back(fmt::format("attribute {}: kept as {}", a.name, kAttributeTypeNames[static_cast<size_t>(a.type)]));
}

void Load(const Explained& e, json* out) {
  const plan::Target& t = e.plan.target;
  if (!t.sqlite) {
    out->push_back(fmt::format("target {} on {}:{}", t.database, t.host, t.port));
    return;
  }
  std::string partitions = e.target.partitions.empty() ? std::to_string(t.partitions) : e.target.partitions;
  if (e.options.offline)
    out->push_back(fmt::format("target {}", t.path));
  else if (!e.target.there)
    out->push_back(fmt::format("creates {} with its tables", t.path));
  else
    out->push_back(fmt::format("target {} is there: {} of {}, {}", t.path, Counted(e.target.records, "record"),
                               Counted(e.target.persons, "person"),
                               Counted(static_cast<uint64_t>(e.target.imports), "import")));
  out->push_back(partitions + " partitions, each one transaction" +
                 (partitions != std::to_string(t.partitions)
                      ? fmt::format(" (fixed by the first load; target.partitions: {} is not used)", t.partitions)
                      : ""));
  out->push_back(
      "of rows with one key in a file the newest is kept, the others are quarantined; old images of changed "
      "records go to record_history");
}

void Dedupe(const Explained& e, json* out) {
  const plan::Dedupe& d = e.plan.dedupe;
  if (!d.model.empty())
    out->push_back("model: taken from " + d.model);
  else if (!e.options.offline && e.target.model_holds)
    out->push_back("model: the one that the target learned");
  else if (!e.options.offline && e.target.model)
    out->push_back("model: learned anew, since the plan has changed since the target's was");
  else
    out->push_back("model: learned from the records (no labels needed), then kept in the target");
  out->push_back(fmt::format("one person from a probability of {} on; from {} up to it pairs are counted for review",
                             d.match_probability, d.review_probability));
  constexpr const char* kCompared[] = {"as text, by likeness",        "as a name, by likeness and sound",
                                       "as a category, equal or not", "as an identifier, equal or a slip apart",
                                       "as a date, with its slips",   "as a number, by distance"};
  for (const auto& a : e.plan.attributes)
    out->push_back(fmt::format("attribute {} is compared {}", a.name, kCompared[static_cast<size_t>(a.type)]));
  std::string rules = fmt::format("a person keeps the {} value", kStrategies[static_cast<size_t>(d.default_strategy)]);
  for (const auto& [name, s] : d.strategies)
    rules += fmt::format(", of {} the {}", name, kStrategies[static_cast<size_t>(s)]);
  out->push_back(rules + "; opt_out holds if one member opted out");
  if (!e.options.offline && !e.target.indexes)
    out->push_back("builds the indexes of persons by email, phone, last name with zip, and of links by person");
}

void Reconcile(const Explained& e, json* out) {
  out->push_back("the books of each source: counted = extracted = loaded + quarantined");
  out->push_back(
      "SHA-256 of every record anew from what is stored, and every column of every table against its buckets");
  out->push_back(
      "each record in exactly one person, the audit chain, the database's own check, every index against its table");
  out->push_back(fmt::format("{} normalized again from their original row, and as many persons made again",
                             Counted(e.plan.reconcile.sample, "record")));
}

}  // namespace

json StageSentences(const Explained& e, Stage stage) {
  json out = json::array();
  switch (stage) {
    case Stage::kExtract:
      Extract(e, &out);
      break;
    case Stage::kNormalize:
      Normalize(e, &out);
      break;
    case Stage::kLoad:
      Load(e, &out);
      break;
    case Stage::kDedupe:
      Dedupe(e, &out);
      break;
    case Stage::kReconcile:
      Reconcile(e, &out);
      break;
  }
  return out;
}

}  // namespace migrate::run
