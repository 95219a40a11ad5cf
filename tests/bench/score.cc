#include "score.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "migrate/base/hash.h"
#include "score_csv.h"
#include "score_parts.h"

namespace migrate::score {
namespace {

struct Entry {
  uint64_t high = 0, low = 0;  // of the id
  uint64_t cluster = 0;
  uint64_t line = 0;  // of the file, counted in rows
};
struct Pair {
  uint64_t truth = 0, predicted = 0;
};

uint64_t Read64(const uint8_t* at) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | at[i];
  return value;
}

struct Columns {
  int id = -1, source = -1, source_key = -1, cluster = -1;
};

Result<Columns> FindColumns(const CsvReader& file, const std::string& path, bool by_source) {
  Columns c;
  c.id = file.Column("id");
  c.source = file.Column("source");
  c.source_key = file.Column("source_key");
  c.cluster = file.Column("cluster");
  if (c.cluster < 0) c.cluster = file.Column("person_id");
  if (by_source) c.id = -1;
  if (c.cluster < 0) return Status::Failed(fmt::format("{}: no column cluster or person_id", path));
  if (c.id < 0 && (c.source < 0 || c.source_key < 0))
    return Status::Failed(fmt::format("{}: no column id that the other file has too, nor source and source_key", path));
  return c;
}

bool BySource(const CsvReader& file) { return file.Column("source") >= 0 && file.Column("source_key") >= 0; }

Status Spread(CsvReader& file, const std::string& path, bool by_source, Parts<Entry>& parts) {
  MIGRATE_ASSIGN(const Columns columns, FindColumns(file, path, by_source));
  std::vector<std::string> fields;
  std::string id;
  Entry entry;
  for (;;) {
    MIGRATE_ASSIGN(bool any, file.Next(fields));
    if (!any) return Status();
    ++entry.line;
    if (columns.id >= 0) {
      id = fields[static_cast<size_t>(columns.id)];
    } else {
      id = fields[static_cast<size_t>(columns.source)];
      id += '\0';
      id += fields[static_cast<size_t>(columns.source_key)];
    }
    const std::string& cluster = fields[static_cast<size_t>(columns.cluster)];
    if (cluster.empty()) return Status::Failed(fmt::format("{}: no cluster", file.Where()));
    const Sha256 hash = Sha256Of(id);
    entry.high = Read64(hash.data());
    entry.low = Read64(hash.data() + 8);
    const Sha256 of_cluster = Sha256Of(cluster);
    entry.cluster = Read64(of_cluster.data());
    MIGRATE_TRY(parts.Add(entry.high, entry));
  }
}

void Sort(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.high != b.high ? a.high < b.high : a.low != b.low ? a.low < b.low : a.line < b.line;
  });
}

bool SameId(const Entry& a, const Entry& b) { return a.high == b.high && a.low == b.low; }

Status NoneTwice(const std::vector<Entry>& sorted, const std::string& path) {
  for (size_t i = 1; i < sorted.size(); ++i)
    if (SameId(sorted[i - 1], sorted[i]))
      return Status::Failed(
          fmt::format("{}: rows {} and {} have the same id", path, sorted[i - 1].line, sorted[i].line));
  return Status();
}

// Joins one part of both files; each row of the truth gives a pair.
Status Join(std::vector<Entry> truth, std::vector<Entry> predicted, const Options& options, Scores& scores,
            Parts<Pair>& pairs) {
  Sort(truth);
  Sort(predicted);
  MIGRATE_TRY(NoneTwice(truth, options.truth));
  MIGRATE_TRY(NoneTwice(predicted, options.predicted));
  size_t at = 0;
  for (const Entry& row : truth) {
    ++scores.rows;
    Pair pair{row.cluster, 0};
    if (at < predicted.size() && SameId(row, predicted[at])) {
      pair.predicted = predicted[at++].cluster;
    } else {
      // A cluster that no other row is in, whatever clusters are called.
      const Sha256 alone = Sha256Of(fmt::format("unpredicted {:x} {:x}", row.high, row.low));
      pair.predicted = Read64(alone.data());
      ++scores.unpredicted;
    }
    if (at < predicted.size() &&
        (predicted[at].high < row.high || (predicted[at].high == row.high && predicted[at].low < row.low)))
      break;
    MIGRATE_TRY(pairs.Add(pair.truth, pair));
  }
  if (at < predicted.size())
    return Status::Failed(
        fmt::format("{}: the id of row {} is not in {}", options.predicted, predicted[at].line, options.truth));
  return Status();
}

// Sums of n * n / size over the parts n of clusters of each size, exact until the end: by size, the sum of n * n.
using Squares = std::map<uint64_t, uint64_t>;

double SumOf(const Squares& squares) {
  long double sum = 0;
  for (const auto& [size, n] : squares) sum += static_cast<long double>(n) / static_cast<long double>(size);
  return static_cast<double>(sum);
}

uint64_t PairsOf(uint64_t n) { return n * (n - 1) / 2; }

// Goes through the clusters of one side, sorted by (ours, other): their number, their pairs, the pairs within both.
struct Side {
  uint64_t clusters = 0, pairs = 0, common = 0;
  Squares squares;

  void Take(std::vector<Pair>& entries, uint64_t Pair::*ours, uint64_t Pair::*other) {
    std::sort(entries.begin(), entries.end(), [=](const Pair& a, const Pair& b) {
      return a.*ours != b.*ours ? a.*ours < b.*ours : a.*other < b.*other;
    });
    for (size_t i = 0; i < entries.size();) {
      size_t end = i;
      uint64_t sum = 0;
      while (end < entries.size() && entries[end].*ours == entries[i].*ours) {
        size_t same = end;
        while (same < entries.size() && entries[same].*ours == entries[i].*ours &&
               entries[same].*other == entries[end].*other)
          ++same;
        const uint64_t n = same - end;
        common += PairsOf(n);
        sum += static_cast<uint64_t>(n) * n;
        end = same;
      }
      ++clusters;
      pairs += PairsOf(end - i);
      squares[end - i] += sum;
      i = end;
    }
  }
};

double F1(double a, double b) { return a + b > 0 ? 2 * a * b / (a + b) : 0; }

void Finish(const Side& truth, const Side& predicted, Scores& s) {
  s.clusters_true = truth.clusters;
  s.clusters_predicted = predicted.clusters;
  s.pairs_true = truth.pairs;
  s.pairs_predicted = predicted.pairs;
  s.true_positives = truth.common;
  const auto tp = static_cast<double>(s.true_positives);
  if (s.pairs_predicted > 0) s.precision = tp / static_cast<double>(s.pairs_predicted);
  if (s.pairs_true > 0) s.recall = tp / static_cast<double>(s.pairs_true);
  s.f1 = F1(s.precision, s.recall);
  if (s.rows > 0) {
    s.b3_precision = SumOf(predicted.squares) / static_cast<double>(s.rows);
    s.b3_recall = SumOf(truth.squares) / static_cast<double>(s.rows);
  }
  s.b3_f1 = F1(s.b3_precision, s.b3_recall);
}

// How many parts keep within the memory, by the files' sizes: a row has at least 12 bytes.
size_t PartsFor(const Options& options) {
  uint64_t bytes = 0;
  for (const std::string& path : {options.truth, options.predicted}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    // Of standard input nothing is known beforehand: 100 million rows.
    bytes += error ? uint64_t{1'200'000'000} : size;
  }
  const uint64_t in_memory = bytes / 12 * sizeof(Entry);
  return static_cast<size_t>(std::clamp<uint64_t>(in_memory / std::max<uint64_t>(options.memory, 1 << 20) + 1, 1, 400));
}

}  // namespace

Result<Scores> Score(const Options& options) {
  Scores scores;
  const size_t count = PartsFor(options);
  Parts<Pair> by_truth, by_predicted;
  MIGRATE_TRY(by_truth.Open(options.folder, "score-true", count));
  {
    CsvReader truth_file, predicted_file;
    MIGRATE_TRY(truth_file.Open(options.truth));
    MIGRATE_TRY(predicted_file.Open(options.predicted));
    const bool by_source = BySource(truth_file) && BySource(predicted_file);
    Parts<Entry> truth, predicted;
    MIGRATE_TRY(truth.Open(options.folder, "score-rows", count));
    MIGRATE_TRY(predicted.Open(options.folder, "score-links", count));
    MIGRATE_TRY(Spread(truth_file, options.truth, by_source, truth));
    MIGRATE_TRY(Spread(predicted_file, options.predicted, by_source, predicted));
    MIGRATE_TRY(truth.Finish());
    MIGRATE_TRY(predicted.Finish());
    for (size_t i = 0; i < count; ++i) {
      MIGRATE_ASSIGN(std::vector<Entry> left, truth.Take(i));
      MIGRATE_ASSIGN(std::vector<Entry> right, predicted.Take(i));
      MIGRATE_TRY(Join(std::move(left), std::move(right), options, scores, by_truth));
    }
  }
  MIGRATE_TRY(by_truth.Finish());
  MIGRATE_TRY(by_predicted.Open(options.folder, "score-predicted", count));
  Side truth, predicted;
  for (size_t i = 0; i < count; ++i) {
    MIGRATE_ASSIGN(std::vector<Pair> part, by_truth.Take(i));
    truth.Take(part, &Pair::truth, &Pair::predicted);
    for (const Pair& pair : part) MIGRATE_TRY(by_predicted.Add(pair.predicted, pair));
  }
  MIGRATE_TRY(by_predicted.Finish());
  for (size_t i = 0; i < count; ++i) {
    MIGRATE_ASSIGN(std::vector<Pair> part, by_predicted.Take(i));
    predicted.Take(part, &Pair::predicted, &Pair::truth);
  }
  Finish(truth, predicted, scores);
  return scores;
}

std::string ToJson(const Scores& s) {
  return fmt::format(
      "{{\"n\": {}, \"pairs_true\": {}, \"pairs_pred\": {}, \"tp\": {}, \"precision\": {:.6f}, \"recall\": {:.6f}, "
      "\"f1\": "
      "{:.6f}, \"b3_precision\": {:.6f}, \"b3_recall\": {:.6f}, \"b3_f1\": {:.6f}, \"clusters_true\": {}, "
      "\"clusters_pred\": {}, \"unpredicted\": {}}}",
      s.rows, s.pairs_true, s.pairs_predicted, s.true_positives, s.precision, s.recall, s.f1, s.b3_precision,
      s.b3_recall, s.b3_f1, s.clusters_true, s.clusters_predicted, s.unpredicted);
}

}  // namespace migrate::score
