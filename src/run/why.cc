#include "migrate/run/why.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "decisions.h"
#include "matching.h"
#include "migrate/base/plural.h"
#include "migrate/dedupe/weights.h"
#include "pair.h"

namespace migrate::run {
namespace {

using report::WhyView;

Status FillRecord(store::Connection* db, const AskedRecord& side, report::WhyRecord* out) {
  out->record_id = side.record_id;
  out->person_id = side.person_id;
  out->person_records = side.person_id == 0 ? 0 : side.members.size();
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT s.name, r.source_key, p.confidence FROM record r JOIN source s ON "
                                     "s.source_id = r.source_id LEFT JOIN person_record p ON p.record_id = r.record_id "
                                     "WHERE r.record_id = ?"));
  q->Bind(1, static_cast<int64_t>(side.record_id));
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found) return {};
  out->source = q->Text(0);
  out->source_key = q->Text(1);
  if (!q->IsNull(2)) out->confidence = q->Real(2);
  return {};
}

void FillWaterfall(const AskedPair& pair, WhyView* view) {
  const dedupe::PairExplanation e = pair.explainer->Explain(pair.a.record_id, pair.b.record_id);
  view->prior = e.prior;
  view->household_loss = e.household_loss;
  view->log_odds = e.log_odds;
  view->probability = e.probability;
  for (const auto& s : e.steps)
    view->steps.push_back(
        {s.name, s.a, s.b, s.level, s.weight, s.level_weight, s.frequency_weight, s.household, s.m, s.u});
  for (const auto& l : pair.explainer->Chain(pair.a.record_id, pair.b.record_id, pair.loaded))
    view->chain.push_back({l.a, l.b, l.log_odds, dedupe::LogOddsToProbability(l.log_odds)});
}

Status FillDecisions(store::Connection* db, const AskedPair& pair, WhyView* view) {
  MIGRATE_ASSIGN(auto all, ReadStewards(db));
  const auto in = [](const std::vector<uint64_t>& ids, uint64_t id) {
    return std::binary_search(ids.begin(), ids.end(), id);
  };
  for (const Steward& d : all) {
    if (d.undone_by != 0 || (d.kind != "link" && d.kind != "unlink")) continue;
    const bool across =
        (in(pair.a.members, d.a) && in(pair.b.members, d.b)) || (in(pair.a.members, d.b) && in(pair.b.members, d.a));
    if (across) view->decisions.push_back({d.id, d.kind, d.who, d.reason, d.at, d.a, d.b});
  }
  return {};
}

Status CountBlocks(const plan::Plan& plan, store::Connection* db, const AskedPair& pair, WhyView* view) {
  MIGRATE_ASSIGN(Record a, ReadOneRecord(db, plan.attributes, pair.a.record_id));
  MIGRATE_ASSIGN(Record b, ReadOneRecord(db, plan.attributes, pair.b.record_id));
  dedupe::SharedBlocks shared(pair.model, a, b);
  MatchingOptions options;
  options.plan = &plan;
  options.db = db;
  MIGRATE_TRY(EachRecord(options, [&](const Record& r) {
    shared.Add(r);
    return Status();
  }));
  static constexpr const char* kOutcomes[] = {"proposes", "capped", "unused"};
  for (const auto& block : shared.Finish())
    view->blocks.push_back(
        {KeyLabel(block.key, plan.attributes), block.size, block.cap, kOutcomes[static_cast<size_t>(block.outcome)]});
  view->blocks_counted = true;
  return {};
}

void Add(WhyView* view, std::string code, std::string text) {
  view->causes.push_back({std::move(code), std::move(text)});
}

const report::WhyDecision* Decided(const WhyView& view, const char* kind) {
  for (const auto& d : view.decisions)
    if (d.kind == kind) return &d;
  return nullptr;
}

std::string By(const report::WhyDecision& d) { return fmt::format("decision {} by {} at {}", d.decision, d.who, d.at); }

// The decisions that lead from one record to the other, each linking two; empty if decisions alone do not.
std::vector<const report::WhyDecision*> LinksBetween(const WhyView& view) {
  std::map<uint64_t, std::vector<const report::WhyDecision*>> to{{view.a.record_id, {}}};  // the way to a record
  std::vector<uint64_t> open{view.a.record_id};
  for (size_t i = 0; i < open.size(); ++i) {
    for (const auto& d : view.decisions) {
      if (d.kind != "link" || (d.record_a != open[i] && d.record_b != open[i])) continue;
      const uint64_t next = d.record_a == open[i] ? d.record_b : d.record_a;
      auto way = to[open[i]];
      way.push_back(&d);
      if (to.try_emplace(next, std::move(way)).second) open.push_back(next);
    }
  }
  const auto found = to.find(view.b.record_id);
  return found == to.end() ? std::vector<const report::WhyDecision*>() : found->second;
}

void ExplainLinks(WhyView* view) {
  const auto links = LinksBetween(*view);
  if (links.size() == 1) return Add(view, "must_link", "a steward linked them: " + By(*links[0]));
  std::string all;
  for (const auto* d : links) all += (all.empty() ? "" : ", ") + By(*d);
  if (!links.empty())
    return Add(view, "must_link",
               fmt::format("stewards linked them over {}: {}", Counted(links.size() - 1, "other record"), all));
  for (const auto& d : view->decisions)
    if (d.kind == "link") all += (all.empty() ? "" : ", ") + By(d);
  if (!all.empty()) Add(view, "must_link", "stewards linked other records of this person: " + all);
}

void ExplainTogether(WhyView* view) {
  ExplainLinks(view);
  if (view->probability >= view->match_probability)
    Add(view, "direct",
        fmt::format("the two records alone are above the match threshold ({:.4f} >= {})", view->probability,
                    view->match_probability));
  double weakest = 1;
  for (const auto& l : view->chain) weakest = std::min(weakest, l.probability);
  if (view->chain.size() > 1 && weakest >= view->match_probability)
    Add(view, "chain",
        fmt::format("over {}, each link of which is above the match threshold",
                    Counted(view->chain.size() - 1, "other record")));
  if (view->causes.empty())
    Add(view, "pooled",
        fmt::format("by the evidence of all {} records of the person together, field by field: what one "
                    "record alone does not prove, the group does",
                    view->a.person_records));
}

void ExplainBlocks(WhyView* view) {
  const auto with = [&](const char* outcome) {
    return std::count_if(view->blocks.begin(), view->blocks.end(), [&](const auto& b) { return b.outcome == outcome; });
  };
  if (with("proposes") > 0 || !view->blocks_counted) return;
  if (with("capped") > 0)
    Add(view, "capped", "they were never compared: what they share under blocking keys, too many others have as well");
  else
    Add(view, "no_common_key", "they were never compared: no blocking key that is in use has one value for both");
}

void ExplainApart(const plan::Plan& plan, const AskedPair& pair, bool empty, WhyView* view) {
  if (view->a.person_id == 0 || view->b.person_id == 0)
    return Add(view, "not_matched", "a record is loaded, but dedupe has not looked at it yet");
  if (const auto* d = Decided(*view, "unlink")) Add(view, "cannot_link", "a steward keeps them apart: " + By(*d));
  if (const auto* d = Decided(*view, "link"))
    Add(view, "not_rematched",
        "a steward linked them (" + By(*d) + "), but nothing was matched since: migrate review apply " + plan.file);
  if (empty) Add(view, "empty", "a record without usable content is a person of its own");
  std::vector<uint64_t> a = pair.a.members, b = pair.b.members;
  const auto loaded = [&](uint64_t id) { return std::binary_search(pair.loaded.begin(), pair.loaded.end(), id); };
  std::erase_if(a, [&](uint64_t id) { return !loaded(id); });
  std::erase_if(b, [&](uint64_t id) { return !loaded(id); });
  if (pair.explainer->GenerationsDiffer(a, b))
    Add(view, "generation", "they are of different generations (as Jr and Sr), which never become one person");
  ExplainBlocks(view);
  if (view->probability < view->review_probability)
    Add(view, "below_review",
        fmt::format("the two records are below the review threshold ({:.4f} < {})", view->probability,
                    view->review_probability));
  else if (view->probability < view->match_probability)
    Add(view, "review_band",
        fmt::format("the two records are between review and match threshold ({} <= {:.4f} < {}): "
                    "migrate review list {}",
                    view->review_probability, view->probability, view->match_probability, plan.file));
  const bool groups = pair.a.members.size() > 1 || pair.b.members.size() > 1;
  if (groups && view->pooled < 0.5)
    Add(view, "pooled_against",
        fmt::format("all records of the two persons together speak against it (probability {:.4f})", view->pooled));
  if (view->causes.empty())
    Add(view, "not_rematched",
        "they would be one by this model: it was learned, or the plan's thresholds were changed, after they were "
        "matched; migrate run --from dedupe " +
            plan.file);
}

}  // namespace

Result<report::WhyView> Why(const plan::Plan& plan, store::Connection* db, const std::string& a, const std::string& b,
                            bool blocks) {
  MIGRATE_ASSIGN(AskedPair pair, FindAskedPair(plan, db, a, b));
  WhyView view;
  view.model_version = pair.model_version;
  view.match_probability = plan.dedupe.match_probability;
  view.review_probability = plan.dedupe.review_probability;
  MIGRATE_TRY(FillRecord(db, pair.a, &view.a));
  MIGRATE_TRY(FillRecord(db, pair.b, &view.b));
  view.one_person = pair.a.person_id != 0 && pair.a.person_id == pair.b.person_id;
  FillWaterfall(pair, &view);
  MIGRATE_TRY(FillDecisions(db, pair, &view));
  view.pooled =
      view.one_person
          ? 1
          : dedupe::LogOddsToProbability(pair.explainer->Pooled(AskedPair::Pooled(pair.a), AskedPair::Pooled(pair.b)));
  if (blocks || !view.one_person) MIGRATE_TRY(CountBlocks(plan, db, pair, &view));
  if (view.one_person) {
    ExplainTogether(&view);
    return view;
  }
  MIGRATE_ASSIGN(Record first, ReadOneRecord(db, plan.attributes, pair.a.record_id));
  MIGRATE_ASSIGN(Record second, ReadOneRecord(db, plan.attributes, pair.b.record_id));
  ExplainApart(plan, pair, ((first.flags | second.flags) & kFlagEmpty) != 0, &view);
  return view;
}

Result<PairOfRecords> FindPair(const plan::Plan& plan, store::Connection* db, const std::string& a,
                               const std::string& b) {
  MIGRATE_ASSIGN(AskedPair pair, FindAskedPair(plan, db, a, b));
  return PairOfRecords{pair.a.record_id, pair.b.record_id, pair.a.person_id, pair.b.person_id};
}

}  // namespace migrate::run
