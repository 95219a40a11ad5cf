// match_csv IN.csv OUT.csv [--threads N] [--memory-mib N] [--candidates FILE] [--stats] [--model-out FILE]
// FIELD=COLUMN... attr:NAME:TYPE=COLUMN...
//
// Runs the matcher alone over a CSV file and writes `id,cluster`, which tools like score_clusters.py read. `id=COLUMN`
// names the key. Normalization here is crude on purpose (dates, North American phones, street abbreviations, a few
// placeholders): it lets the matcher be measured by itself. `street=a+b` joins columns. --candidates FILE writes the
// pairs that blocking proposes (row numbers counted from 0, and the key), to measure its recall; --why prints what
// speaks for and against one pair; `company=COLUMN` is not empty where the name is a company's.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "migrate/dedupe/dictionary.h"
#include "migrate/dedupe/matcher.h"
#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/scoring.h"

namespace migrate::dedupe {
namespace {

using Row = std::vector<std::string_view>;

// A CSV file row by row. Values lie in a buffer until the next row.
class Reader {
 public:
  explicit Reader(const std::string& path) : file_(std::fopen(path.c_str(), "rb")) {}
  ~Reader() {
    if (file_ != nullptr) std::fclose(file_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  bool open() const { return file_ != nullptr; }

  bool Next(Row* row) {
    for (;;) {
      const size_t before = at_;
      if (Parse(row)) return true;
      at_ = before;
      if (ended_) return false;
      Refill();
    }
  }

 private:
  static constexpr size_t kBlock = 1 << 20;

  // False where the buffer ends within the row.
  bool Parse(Row* row) {
    row->clear();
    const char* const end = buffer_.data() + size_;
    char* p = buffer_.data() + at_;
    if (p == end) return false;
    for (;;) {
      char* const begin = p;
      char* stop = p;
      if (p != end && *p == '"') {
        stop = Unquote(&p, end);
        if (stop == nullptr) return false;
        row->emplace_back(begin, static_cast<size_t>(stop - begin));
      } else {
        while (p != end && *p != ',' && *p != '\n') ++p;
        stop = p;
        if (p == end && !ended_) return false;
        if (stop != begin && stop[-1] == '\r') --stop;
        row->emplace_back(begin, static_cast<size_t>(stop - begin));
      }
      if (p == end || *p == '\n') {
        at_ = static_cast<size_t>(p - buffer_.data()) + (p == end ? 0 : 1);
        return true;
      }
      ++p;
    }
  }

  // The value is moved to where it began, and *p behind its closing quote. Null where the buffer ends before.
  char* Unquote(char** p, const char* end) {
    std::string value;
    char* from = *p + 1;
    for (;; ++from) {
      if (from == end) return nullptr;
      if (*from == '"') {
        if (from + 1 == end && !ended_) return nullptr;
        if (from + 1 == end || from[1] != '"') break;
        ++from;
      }
      value.push_back(*from);
    }
    char* after = from + 1;
    while (after != end && *after != ',' && *after != '\n') ++after;
    if (after == end && !ended_) return nullptr;
    std::copy(value.begin(), value.end(), *p);
    char* const stop = *p + value.size();
    *p = after;
    return stop;
  }

  void Refill() {
    std::memmove(buffer_.data(), buffer_.data() + at_, size_ - at_);
    size_ -= at_;
    at_ = 0;
    if (size_ + kBlock > buffer_.size()) buffer_.resize(size_ + kBlock);
    const size_t got = std::fread(buffer_.data() + size_, 1, kBlock, file_);
    ended_ = got == 0;
    size_ += got;
  }

  std::FILE* file_;
  std::vector<char> buffer_;
  size_t at_ = 0, size_ = 0;
  bool ended_ = false;
};

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view Trim(std::string_view s) {
  while (!s.empty() && IsBlank(s.front())) s.remove_prefix(1);
  while (!s.empty() && IsBlank(s.back())) s.remove_suffix(1);
  return s;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void Date(std::string* s) {
  if (s->size() == 8 && s->find('-') == std::string::npos) {
    s->insert(6, "-");
    s->insert(4, "-");
  }
  const uint32_t packed = PackDate(*s);
  if (packed == 0 || *s == "1900-01-01" || (DayOf(packed) == 0 && s->size() == 10)) s->clear();
}

void Phone(std::string_view s, std::string* out) {
  out->assign("+");
  for (const char c : s)
    if (c >= '0' && c <= '9') out->push_back(c);
  if (out->size() == 11) out->insert(1, "1");
  // A number of one digit is nobody's.
  if (out->size() < 8 || out->find_first_not_of((*out)[2], 2) == std::string::npos) out->clear();
}

void Email(std::string* s) {
  for (char& c : *s) c = Lower(c);
  const std::string& email = *s;
  const size_t at = email.find('@');
  const bool plain = at != std::string::npos && at != 0 && email.find('@', at + 1) == std::string::npos &&
                     email.find('.', at) != std::string::npos;
  if (!plain || email == "noreply@example.com" || email == "none@none.com" || email == "test@test.com") s->clear();
}

void Street(std::string_view text, Record* record) {
  static constexpr std::pair<std::string_view, std::string_view> kShort[] = {
      {"street", "st"}, {"avenue", "ave"},     {"road", "rd"},  {"drive", "dr"},   {"lane", "ln"},
      {"court", "ct"},  {"boulevard", "blvd"}, {"place", "pl"}, {"circle", "cir"}, {"crescent", "cres"}};
  std::string& out = (*record)[Field::kStreet];
  std::string word;
  bool unit = false;
  while (!(text = Trim(text)).empty()) {
    word.clear();
    for (; !text.empty() && !IsBlank(text.front()); text.remove_prefix(1)) word.push_back(Lower(text.front()));
    if (unit) {
      (*record)[Field::kUnit] = word;
      unit = false;
      continue;
    }
    unit = word == "apt" || word == "unit";
    if (unit) continue;
    const auto* const it =
        std::find_if(std::begin(kShort), std::end(kShort), [&](const auto& pair) { return pair.first == word; });
    if (!out.empty()) out.push_back(' ');
    out += it == std::end(kShort) ? std::string_view(word) : it->second;
  }
}

std::string_view Sex(std::string_view s) {
  std::string lower;
  for (const char c : s) lower.push_back(Lower(c));
  return lower == "male" || lower == "m" ? "M" : lower == "female" || lower == "f" ? "F" : "";
}

// The ids of the rows. Those that count on from the first one, as a file's own numbers do, take no place.
class Ids {
 public:
  void Add(std::string_view id) {
    if (count_ == 0) (void)std::from_chars(id.data(), id.data() + id.size(), first_);
    char number[24];
    const auto end = fmt::format_to(number, "{}", first_ + count_);
    if (numbers_ && id == std::string_view(number, static_cast<size_t>(end - number))) {
      ++count_;
      return;
    }
    if (numbers_) {
      numbers_ = false;
      for (size_t i = 0; i < count_; ++i) Append(std::to_string(first_ + i));
    }
    Append(id);
    ++count_;
  }
  size_t size() const { return count_; }
  void Write(size_t i, fmt::memory_buffer* out) const {
    if (numbers_) {
      fmt::format_to(std::back_inserter(*out), "{}", first_ + i);
    } else {
      out->append(Of(i));
    }
  }
  // The row of an id, or size().
  size_t Find(std::string_view id) const {
    for (size_t i = 0; i < count_; ++i)
      if ((numbers_ ? std::to_string(first_ + i) : std::string(Of(i))) == id) return i;
    return count_;
  }

 private:
  void Append(std::string_view id) {
    bytes_ += id;
    ends_.push_back(bytes_.size());
  }
  std::string_view Of(size_t i) const {
    const size_t from = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(from, ends_[i] - from);
  }

  bool numbers_ = true;
  uint64_t first_ = 0;
  size_t count_ = 0;
  std::string bytes_;
  std::vector<uint64_t> ends_;
};

struct Column {
  std::optional<Field> field;  // none: an attribute
  bool company = false;        // a column that says which names are a company's
  std::vector<size_t> at;
};

struct Job {
  std::string in, out, candidates, model_out, model_in, why_a, why_b;
  bool stats = false;
  unsigned threads = 2;
  uint64_t memory_bytes = 0;
  std::map<std::string, std::string> mapping;  // FIELD or attr:NAME:TYPE -> COLUMN[+COLUMN]
  std::vector<std::string> order;
};

void Put(const Column& column, const Row& row, Record* record, std::string* scratch) {
  std::string& value = column.field && *column.field != Field::kStreet && *column.field != Field::kPhone
                           ? (*record)[*column.field]
                           : *scratch;
  value.clear();
  for (const size_t at : column.at) {
    const std::string_view part = at < row.size() ? Trim(row[at]) : std::string_view();
    if (part.empty()) continue;
    if (!value.empty()) value.push_back(' ');
    value += part;
  }
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
      return Date(&value);
    case Field::kPhone:
      return Phone(value, &(*record)[Field::kPhone]);
    case Field::kEmail:
      return Email(&value);
    case Field::kStreet:
      return Street(value, record);
    case Field::kSex:
      value = Sex(value);
      return;
    default:
      return;
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
  double scoring = 0;
  for (const StepSeconds& step : s.seconds) {
    fmt::print(stderr, ", {} {:.2f}s ({:.2f}s cpu)", step.step, step.seconds, step.cpu_seconds);
    if (step.step == "scoring") scoring = step.cpu_seconds;
  }
  fmt::print(stderr, "\nscored {:.2f}M pairs a second of one core\n",
             static_cast<double>(s.pairs_scored) / std::max(scoring, 1e-9) / 1e6);
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

// The step that begins, and what the process holds by then and has held at most.
void PrintStep(std::string_view step, uint64_t done, uint64_t) {
  if (done != 0) return;
  std::ifstream status("/proc/self/status");
  std::string line, said;
  while (std::getline(status, line))
    for (const std::string_view name : {"VmHWM:", "VmData:"})
      if (line.rfind(name, 0) == 0)
        said += fmt::format(" {} {} MiB", name, std::strtoull(line.c_str() + name.size(), nullptr, 10) >> 10);
  fmt::print(stderr, "step {}:{}\n", step, said);
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
  for (size_t i = 0; i < names.size(); ++i) header[std::string(Trim(names[i]))] = i;
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

bool WriteClusters(const std::string& path, const MatchResult& result, const Ids& ids) {
  std::FILE* const out = std::fopen(path.c_str(), "wb");
  if (out == nullptr) return false;
  fmt::memory_buffer text;
  text.append(std::string_view("id,cluster\n"));
  for (size_t i = 0; i < result.record_ids.size(); ++i) {
    ids.Write(result.record_ids[i], &text);
    fmt::format_to(std::back_inserter(text), ",{}\n", result.cluster[i]);
    if (text.size() < 1 << 16 && i + 1 < result.record_ids.size()) continue;
    std::fwrite(text.data(), 1, text.size(), out);
    text.clear();
  }
  return std::fclose(out) == 0;
}

void Report(const Job& job, const MatchResult& result, const Ids& ids, const std::vector<Record>& all,
            double add_seconds) {
  if (!job.model_out.empty()) std::ofstream(job.model_out) << ModelToJson(result.model);
  if (!job.why_a.empty()) {
    const size_t a = ids.Find(job.why_a), b = ids.Find(job.why_b);
    if (a < ids.size() && b < ids.size()) PrintWhy(all, result.model, a, b);
  }
  if (job.stats) PrintStats(result, add_seconds);
}

int Run(const Job& job) {
  Reader in(job.in);
  if (!in.open()) return Fail("cannot open " + job.in);
  Row row;
  if (!in.Next(&row)) return Fail("no header");
  MatchOptions options;
  options.threads = job.threads;
  options.memory_bytes = job.memory_bytes;
  options.scratch = std::filesystem::absolute(job.out).parent_path();
  if (job.stats) options.progress = PrintStep;
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
  Ids ids;
  std::vector<Record> all;
  const bool keep = !job.candidates.empty() || !job.why_a.empty();
  Matcher matcher(options);
  const auto begin = std::chrono::steady_clock::now();
  Record record;
  std::string scratch;
  while (in.Next(&row)) {
    if (row.size() < 2) continue;
    record.ClearValues();
    record.attributes.clear();
    record.record_id = ids.size();
    for (const Column& column : columns) Put(column, row, &record, &scratch);
    ids.Add(id_at < row.size() ? Trim(row[id_at]) : "");
    if (keep) all.push_back(record);
    if (const Status status = matcher.Add(record); !status.ok()) return Fail(status.message());
  }
  const double add_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!job.candidates.empty()) WriteCandidates(job.candidates, all, options.attributes.size());
  const auto result = matcher.Run();
  if (!result.ok()) return Fail(result.status().message());
  if (job.stats) PrintStep("end", 0, 0);
  if (!WriteClusters(job.out, *result, ids)) return Fail("cannot write " + job.out);
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
    } else if (arg == "--memory-mib" && i + 1 < argc) {
      job.memory_bytes = std::stoull(argv[++i]) << 20;
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
