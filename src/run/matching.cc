#include "matching.h"

#include "migrate/base/file.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/tables.h"

namespace migrate::run {
namespace {

Result<std::vector<dedupe::Decision>> Decisions(store::Connection* db) {
  std::vector<dedupe::Decision> out;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT kind, record_a, record_b FROM decision ORDER BY decision_id"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return out;
    out.push_back({q->Text(0) == "link" ? dedupe::Decision::Kind::kMustLink : dedupe::Decision::Kind::kCannotLink,
                   static_cast<uint64_t>(q->Integer(1)), static_cast<uint64_t>(q->Integer(2))});
  }
}

// Feeds the matcher with every record of the target, without payloads.
Status FeedMatcher(const MatchingOptions& options, dedupe::Matcher* matcher) {
  std::string sql = "SELECT";
  for (const auto& column : ledger::RecordTable().columns)
    sql += (sql.size() > 6 ? ", " : " ") + (column == "payload" || column == "row_sha256" ? "NULL" : column);
  MIGRATE_ASSIGN(auto q, options.db->Prepare(sql + " FROM record ORDER BY record_id"));
  ledger::StoredRecord r;
  for (uint64_t n = 1;; ++n) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    ledger::ReadRecord(*q, 0, 1, options.plan->attributes, &r);
    MIGRATE_TRY(matcher->Add(r.record));
    if (n % 4096 != 0) continue;
    if (options.records) options.records(n);
    if (options.cancel != nullptr && options.cancel->requested()) return Status::Cancelled();
  }
}

}  // namespace

Result<std::optional<dedupe::Model>> ModelInForce(const MatchingOptions& options) {
  std::string text;
  if (!options.plan->dedupe.model.empty()) {
    MIGRATE_ASSIGN(text, ReadWholeFile(options.plan->dedupe.model));
  } else {
    // A model speaks of one set of attributes; after a change of the plan it is learned anew.
    MIGRATE_ASSIGN(std::string of_plan, ledger::Setting(options.db, "model_plan"));
    if (of_plan == options.plan->hash) {
      MIGRATE_ASSIGN(text, ledger::Setting(options.db, "model"));
    }
  }
  if (text.empty()) return std::optional<dedupe::Model>();
  MIGRATE_ASSIGN(dedupe::Model model, dedupe::ModelFromJson(text));
  return std::optional<dedupe::Model>(std::move(model));
}

Result<dedupe::MatchResult> Match(const MatchingOptions& o, const std::optional<dedupe::Model>& model) {
  dedupe::MatchOptions options;
  options.match_probability = o.plan->dedupe.match_probability;
  options.review_probability = o.plan->dedupe.review_probability;
  options.attributes = o.plan->attributes;
  options.threads = o.threads;
  options.memory_bytes = o.memory_bytes;
  options.model = model ? &*model : nullptr;
  options.cancel = o.cancel;
  if (o.step) options.progress = [&o](std::string_view step, uint64_t, uint64_t) { o.step(step); };
  MIGRATE_ASSIGN(options.decisions, Decisions(o.db));
  dedupe::Matcher matcher(std::move(options));
  if (o.step) o.step("reading records");
  MIGRATE_TRY(FeedMatcher(o, &matcher));
  return matcher.Run();
}

}  // namespace migrate::run
