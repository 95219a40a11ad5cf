// match_csv IN.csv OUT.csv [--threads N] [--pairs FILE] [--stats] [--model-out FILE] FIELD=COLUMN...
// attr:NAME:TYPE=COLUMN...
//
// Runs the matcher alone over a CSV file and writes `id,cluster`, which tools like score_clusters.py read. `id=COLUMN`
// names the key. Normalization here is crude on purpose (dates, North American phones, street abbreviations, a few
// placeholders): it lets the matcher be measured by itself. `street=a+b` joins columns. --candidates FILE writes the
// pairs that blocking proposes (row numbers counted from 0, and the key), to measure its recall; --why prints what
// speaks for and against one pair; `company=COLUMN` is not empty where the name is a company's.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "migrate/dedupe/dictionary.h"
#include "migrate/dedupe/matcher.h"
#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/scoring.h"

namespace migrate::dedupe {
namespace {

using Row = std::vector<std::string>;

bool ReadRow(std::istream& in, Row* row) {
  row->assign(1, "");
  bool quoted = false, any = false;
  for (int c = in.get(); c != EOF; c = in.get()) {
    any = true;
    if (quoted) {
      if (c == '"' && in.peek() == '"') {
        row->back().push_back(static_cast<char>(in.get()));
      } else if (c == '"') {
        quoted = false;
      } else {
        row->back().push_back(static_cast<char>(c));
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row->emplace_back();
    } else if (c == '\n') {
      return true;
    } else if (c != '\r') {
      row->back().push_back(static_cast<char>(c));
    }
  }
  return any;
}

std::string Trim(std::string_view s) {
  while (!s.empty() && std::isspace(static_cast<unsigned char>(s.front())) != 0) s.remove_prefix(1);
  while (!s.empty() && std::isspace(static_cast<unsigned char>(s.back())) != 0) s.remove_suffix(1);
  return std::string(s);
}

std::string Lower(std::string s) {
  for (char& c : s)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return s;
}

std::string Date(std::string s) {
  if (s.size() == 8 && s.find('-') == std::string::npos) s = s.substr(0, 4) + "-" + s.substr(4, 2) + "-" + s.substr(6);
  const uint32_t packed = PackDate(s);
  if (packed == 0 || s == "1900-01-01") return "";
  return DayOf(packed) == 0 && s.size() == 10 ? "" : s;
}

std::string Phone(const std::string& s) {
  std::string digits;
  for (const char c : s)
    if (c >= '0' && c <= '9') digits.push_back(c);
  if (digits.size() == 10) digits.insert(0, "1");
  if (digits.size() < 7 || std::set<char>(digits.begin() + 1, digits.end()).size() == 1) return "";
  return "+" + digits;
}

std::string Email(const std::string& s) {
  const std::string email = Lower(s);
  const size_t at = email.find('@');
  if (at == std::string::npos || at == 0 || email.find('@', at + 1) != std::string::npos) return "";
  if (email.find('.', at) == std::string::npos) return "";
  static const std::set<std::string> kJunk = {"noreply@example.com", "none@none.com", "test@test.com"};
  return kJunk.count(email) != 0 ? "" : email;
}

void Street(const std::string& text, Record* record) {
  static const std::map<std::string, std::string> kShort = {
      {"street", "st"}, {"avenue", "ave"},     {"road", "rd"},  {"drive", "dr"},   {"lane", "ln"},
      {"court", "ct"},  {"boulevard", "blvd"}, {"place", "pl"}, {"circle", "cir"}, {"crescent", "cres"}};
  std::istringstream in(Lower(text));
  std::string word, out;
  while (in >> word) {
    if (word == "apt" || word == "unit") {
      in >> (*record)[Field::kUnit];
      continue;
    }
    const auto it = kShort.find(word);
    out += (out.empty() ? "" : " ") + (it == kShort.end() ? word : it->second);
  }
  (*record)[Field::kStreet] = out;
}

std::string Sex(const std::string& s) {
  const std::string lower = Lower(s);
  return lower == "male" || lower == "m" ? "M" : lower == "female" || lower == "f" ? "F" : "";
}

struct Column {
  std::optional<Field> field;  // none: an attribute
  bool company = false;        // a column that says which names are a company's
  std::vector<size_t> at;
};

struct Job {
  std::string in, out, candidates, model_out, model_in, why_a, why_b;
  bool stats = false;
  unsigned threads = 2;
  std::map<std::string, std::string> mapping;  // FIELD or attr:NAME:TYPE -> COLUMN[+COLUMN]
  std::vector<std::string> order;
};

void Put(const Column& column, const Row& row, Record* record) {
  std::string value;
  for (const size_t at : column.at)
    if (at < row.size() && !Trim(row[at]).empty()) value += (value.empty() ? "" : " ") + Trim(row[at]);
  if (column.company) {
    if (!value.empty()) record->flags |= kFlagCompany;
    return;
  }
  if (!column.field) {
    record->attributes.push_back(value);
    return;
  }
  switch (*column.field) {
    case Field::kBirthDate:
      (*record)[Field::kBirthDate] = Date(value);
      break;
    case Field::kPhone:
      (*record)[Field::kPhone] = Phone(value);
      break;
    case Field::kEmail:
      (*record)[Field::kEmail] = Email(value);
      break;
    case Field::kStreet:
      Street(value, record);
      break;
    case Field::kSex:
      (*record)[Field::kSex] = Sex(value);
      break;
    default:
      (*record)[*column.field] = value;
  }
}

AttributeType TypeOf(const std::string& name) {
  for (size_t i = 0; i < kAttributeTypeNames.size(); ++i)
    if (kAttributeTypeNames[i] == name) return static_cast<AttributeType>(i);
  return AttributeType::kText;
}

void PrintStats(const MatchResult& result, double add_seconds) {
  const MatchStats& s = result.stats;
  fmt::print(
      stderr,
      "records {} clusters {} scored {} kept {} review {} refused {} em {} memory {} MiB attracted {} alone {:.4f}\n",
      s.records, s.clusters, s.pairs_scored, s.pairs_kept, s.review_pairs, s.refused_unions, s.em_iterations,
      s.memory_bytes >> 20, s.attracted, s.alone);
  fmt::print(stderr, "lambda match {:.3g} household {:.3g} duplicates a record {:.3f}\n",
             result.model.weights.lambda_match, result.model.weights.lambda_household,
             result.model.duplicates_per_record);
  fmt::print(stderr, "add {:.2f}s", add_seconds);
  for (const StepSeconds& step : s.seconds) fmt::print(stderr, ", {} {:.2f}s", step.step, step.seconds);
  fmt::print(stderr, "\n");
  for (const KeyStats& key : s.keys)
    if (key.pairs != 0 || key.capped_blocks != 0)
      fmt::print(stderr, "  {:36} pairs {:9} new {:9} cap {:4} capped {} blocks, {} records\n", key.name, key.pairs,
                 key.new_pairs, key.cap, key.capped_blocks, key.capped_records);
  for (int e = 0; e < kEvidenceCount; ++e) {
    for (int l = 1; l < LevelsOf(e); ++l) {
      const auto se = static_cast<size_t>(e), sl = static_cast<size_t>(l);
      const Weights& w = result.model.weights;
      fmt::print(stderr, "  {:12} {:18} m {:.4f} h {:.4f} u {:.6f}\n",
                 e < kAttribute0 ? kEvidenceNames[se] : fmt::format("attribute{}", e - kAttribute0 + 1),
                 LevelName(e, l), w.m[se][sl], w.h[se][sl], w.u[se][sl]);
    }
  }
}

int Fail(const std::string& message) {
  fmt::print(stderr, "match_csv: {}\n", message);
  return 1;
}

void WriteCandidates(const std::string& path, const std::vector<Record>& records, size_t attributes) {
  Table table(attributes);
  for (const Record& r : records) table.Add(r);
  table.Finish();
  const Frequencies frequencies = CountFrequencies(table, Duplication{}, Nicknames());
  const BlockingPlan plan = PlanBlocking(table, frequencies, BlockingOptions{});
  Candidates found = FindCandidates(table, frequencies, plan, RowSlice::Range(0, table.size()), BlockingOptions{});
  std::ofstream out(path);
  for (size_t part = 0; part < found.parts(); ++part)
    for (const Candidate& c : found.Take(part))
      out << table.record_id(c.row) << ',' << table.record_id(c.other) << ',' << plan.keys[c.key].name << '\n';
}

// Every piece of evidence of one pair, as the model weighs it.
void PrintWhy(const std::vector<Record>& records, const Model& model, uint64_t a, uint64_t b) {
  Table table(model.attributes.size());
  for (const Record& r : records) table.Add(r);
  table.Finish();
  const Frequencies frequencies = UseFrequencies(table, model.frequencies, Nicknames());
  const Comparator comparator(table, frequencies);
  const Scorer scorer(model.weights);
  Comparison c;
  comparator.Compare(static_cast<uint32_t>(a), static_cast<uint32_t>(b), &c);
  for (int e = 0; e < kEvidenceCount; ++e) {
    const auto se = static_cast<size_t>(e);
    if (c.level[se] == kNull) continue;
    fmt::print(stderr, "  {:12} {:18} match {:+.2f} household {:+.2f}\n",
               e < kAttribute0 ? kEvidenceNames[se] : fmt::format("attribute{}", e - kAttribute0 + 1),
               LevelName(e, c.level[se]), scorer.MatchPart(c, e), scorer.HouseholdPart(c, e));
  }
  fmt::print(stderr, "  prior {:+.2f} household {:+.2f} log2 odds {:+.2f}\n", scorer.prior_match(),
             std::log2(model.weights.lambda_household), scorer.LogOdds(c));
}

// The columns of the mapping; fills the attributes and the place of the id. An error message or "".
std::string BindColumns(const Job& job, const Row& names, MatchOptions* options, std::vector<Column>* columns,
                        size_t* id_at) {
  std::map<std::string, size_t> header;
  for (size_t i = 0; i < names.size(); ++i) header[Trim(names[i])] = i;
  for (const std::string& name : job.order) {
    Column column;
    std::istringstream parts(job.mapping.at(name));
    for (std::string part; std::getline(parts, part, '+');) {
      if (header.count(part) == 0) return "no column " + part;
      column.at.push_back(header[part]);
    }
    if (name == "id") {
      *id_at = column.at[0];
      continue;
    }
    if (name == "company") {
      column.company = true;
    } else if (name.rfind("attr:", 0) == 0) {
      const size_t colon = name.find(':', 5);
      options->attributes.push_back({name.substr(5, colon - 5), TypeOf(name.substr(colon + 1))});
    } else {
      column.field = FieldByName(name);
      if (!column.field) return "no field " + name;
    }
    columns->push_back(std::move(column));
  }
  return "";
}

Result<Model> ReadModel(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return ModelFromJson(text.str());
}

void Report(const Job& job, const MatchResult& result, const std::vector<std::string>& ids,
            const std::vector<Record>& all, double add_seconds) {
  std::ofstream out(job.out);
  out << "id,cluster\n";
  for (size_t i = 0; i < result.record_ids.size(); ++i)
    out << ids[result.record_ids[i]] << ',' << result.cluster[i] << '\n';
  if (!job.model_out.empty()) std::ofstream(job.model_out) << ModelToJson(result.model);
  if (!job.why_a.empty()) {
    const auto row_of = [&](const std::string& id) {
      return static_cast<uint64_t>(std::find(ids.begin(), ids.end(), id) - ids.begin());
    };
    if (row_of(job.why_a) < ids.size() && row_of(job.why_b) < ids.size())
      PrintWhy(all, result.model, row_of(job.why_a), row_of(job.why_b));
  }
  if (job.stats) PrintStats(result, add_seconds);
}

int Run(const Job& job) {
  std::ifstream in(job.in);
  if (!in) return Fail("cannot open " + job.in);
  Row row;
  if (!ReadRow(in, &row)) return Fail("no header");
  MatchOptions options;
  options.threads = job.threads;
  std::vector<Column> columns;
  size_t id_at = 0;
  if (const std::string error = BindColumns(job, row, &options, &columns, &id_at); !error.empty()) return Fail(error);
  Model given;
  if (!job.model_in.empty()) {
    auto model = ReadModel(job.model_in);
    if (!model.ok()) return Fail(model.status().message());
    given = *std::move(model);
    options.model = &given;
  }
  std::vector<std::string> ids;
  std::vector<Record> all;
  const bool keep = !job.candidates.empty() || !job.why_a.empty();
  Matcher matcher(options);
  const auto begin = std::chrono::steady_clock::now();
  while (ReadRow(in, &row)) {
    if (row.size() < 2) continue;
    Record record;
    record.record_id = ids.size();
    for (const Column& column : columns) Put(column, row, &record);
    ids.push_back(Trim(row[id_at]));
    if (keep) all.push_back(record);
    if (const Status status = matcher.Add(record); !status.ok()) return Fail(status.message());
  }
  const double add_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!job.candidates.empty()) WriteCandidates(job.candidates, all, options.attributes.size());
  const auto result = matcher.Run();
  if (!result.ok()) return Fail(result.status().message());
  Report(job, *result, ids, all, add_seconds);
  return 0;
}

}  // namespace
}  // namespace migrate::dedupe

int main(int argc, char** argv) {
  migrate::dedupe::Job job;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const size_t equals = arg.find('=');
    if (arg == "--threads" && i + 1 < argc) {
      job.threads = static_cast<unsigned>(std::stoi(argv[++i]));
    } else if (arg == "--candidates" && i + 1 < argc) {
      job.candidates = argv[++i];
    } else if (arg == "--model-out" && i + 1 < argc) {
      job.model_out = argv[++i];
    } else if (arg == "--model" && i + 1 < argc) {
      job.model_in = argv[++i];
    } else if (arg == "--why" && i + 2 < argc) {
      job.why_a = argv[++i];
      job.why_b = argv[++i];
    } else if (arg == "--stats") {
      job.stats = true;
    } else if (equals != std::string::npos) {
      job.mapping[arg.substr(0, equals)] = arg.substr(equals + 1);
      job.order.push_back(arg.substr(0, equals));
    } else {
      files.push_back(arg);
    }
  }
  if (files.size() != 2) {
    std::fputs("usage: match_csv IN.csv OUT.csv [--threads N] [--stats] FIELD=COLUMN...\n", stderr);
    return 2;
  }
  job.in = files[0];
  job.out = files[1];
  return migrate::dedupe::Run(job);
}
