#include <fmt/core.h>

#include "json_view.h"
#include "migrate/report/model_view.h"
#include "text.h"

namespace migrate::report {
namespace {

std::string Number(const Json& j, const char* key) { return Thousands(Int(j, key)); }

// A probability with three digits that count.
std::string Chance(const Json& j, const char* key) {
  const double p = Real(j, key);
  return p == 0 ? "0" : p < 0.001 ? fmt::format("{:.2e}", p) : fmt::format("{:.4f}", p);
}

std::string Head(const Json& j) {
  std::string out = Has(j, "file") ? fmt::format("model file {}", Plain(Text(j, "file")))
                                   : fmt::format("model version {} of the target", Int(j, "version"));
  out += fmt::format(", learned from {} records (the target holds {} now)\n", Number(j, "learned_from_records"),
                     Number(j, "records_now"));
  out += fmt::format("sha256 {}\n", Text(j, "sha256"));
  const double learned = Real(j, "learned_from_records"), now = Real(j, "records_now");
  // The prior falls with the number of records: at twice as many it is a bit too high.
  if (!Has(j, "file") && now >= 2 * learned)
    out += "the target has grown to more than twice that: `migrate model train` learns anew\n";
  out += fmt::format(
      "\nlambda match      {:.3e}   share of matches among all pairs\n"
      "lambda household  {:.3e}   share of pairs of one household\n"
      "duplicates        {:.3f}       further records of a record's person\n"
      "alone             {:.3f}       share of records that are their person's only one\n"
      "match from {}, review from {}\n",
      Real(j, "lambda_match"), Real(j, "lambda_household"), Real(j, "duplicates_per_record"), Real(j, "alone"),
      Real(j, "match_probability"), Real(j, "review_probability"));
  return out;
}

std::string Evidence(const Json& j) {
  std::vector<std::vector<std::string>> rows{{"field", "level", "m", "household", "u", "weight", ""}};
  for (const Json& field : List(j, "evidence")) {
    std::string name = Text(field, "field");
    for (const Json& l : List(field, "levels")) {
      rows.push_back({name, Text(l, "level"), Chance(l, "m"), Chance(l, "household"), Chance(l, "u"),
                      Has(l, "weight") ? fmt::format("{:+.2f}", Real(l, "weight")) : "",
                      Flag(l, "by_value") ? "u by value" : ""});
      name.clear();
    }
  }
  return "\nm: P(level | match), household: P(level | household), u: P(level | strangers), weight: log2(m / u)\n" +
         TextTable(rows, "llrrrr", "  ");
}

std::string Frequencies(const Json& j) {
  std::vector<std::vector<std::string>> rows{{"values of", "listed", "most records", "average chance", "rarest"}};
  for (const Json& f : List(j, "frequencies"))
    rows.push_back({Text(f, "field"), Number(f, "listed"), Number(f, "most_records"), Chance(f, "average_chance"),
                    Chance(f, "rest_chance")});
  return "\nterm frequencies: the chance that a stranger has a value\n" + TextTable(rows, "lrrrr", "  ");
}

std::string Matched(const Json& m) {
  std::string out = fmt::format(
      "\nthe last matching: {} records, {} persons; {} pairs compared, {} pairs of persons for review, {} unions "
      "refused\n",
      Number(m, "records"), Number(m, "persons"), Number(m, "pairs_scored"), Number(m, "review_pairs"),
      Number(m, "refused_unions"));
  if (Int(m, "oversized") > 0)
    out += fmt::format("{} clusters were too large: {} records were cut off them, see `migrate review list`\n",
                       Number(m, "oversized"), Number(m, "cut_off"));
  std::vector<std::vector<std::string>> rows{{"blocking key", "pairs", "new pairs", "cap", "capped blocks", "records"}};
  for (const Json& k : List(m, "keys"))
    if (Int(k, "pairs") != 0 || Int(k, "capped_blocks") != 0)
      rows.push_back({Text(k, "key"), Number(k, "pairs"), Number(k, "new_pairs"), Number(k, "cap"),
                      Number(k, "capped_blocks"), Number(k, "capped_records")});
  out += TextTable(rows, "lrrrrr", "  ");
  if (List(m, "hubs").empty()) return out;
  rows = {{"shared by many", "records", "value"}};
  for (const Json& h : List(m, "hubs"))
    rows.push_back({Text(h, "field"), Number(h, "records"), Plain(Text(h, "value"))});
  return out + "\n" + TextTable(rows, "lrl", "  ");
}

}  // namespace

std::string RenderModelText(std::string_view json) {
  const Json j = Json::parse(json, nullptr, false);
  std::string out = Head(j) + Evidence(j) + Frequencies(j);
  if (Has(j, "matched")) out += Matched(Get(j, "matched"));
  return out;
}

}  // namespace migrate::report
