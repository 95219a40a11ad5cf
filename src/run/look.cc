#include "look.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "migrate/extract/byte_stream.h"
#include "migrate/extract/csv_parse.h"
#include "migrate/normalize/normalizer.h"
#include "migrate/record/digest.h"
#include "migrate/record/payload.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"

namespace migrate::run {
namespace {

constexpr size_t kProbes = 16;
constexpr size_t kProbeBytes = 256 << 10;
constexpr size_t kFrontChunks = 8;    // of a file that can be read from its front only
constexpr double kFrontError = 0.10;  // what the rest of such a file may differ by; a guess
constexpr size_t kTableChunks = 8;    // of a table, whose rows are sampled

// Runs every n-th row of a chunk through the mapping, and sums up what it costs.
class Sampler : public extract::RowSink {
 public:
  Sampler(const plan::Plan& plan, const Input& input)
      : plan_(plan),
        source_(plan.sources[input.source].name),
        all_rejected_(input.layout < 0),
        normalizer_(plan.normalize, plan.attributes, input.fields) {
    record_.attributes.resize(plan.attributes.size());
  }

  // The next chunk has so many rows, of which about `sample` are to be looked at.
  void Begin(uint64_t rows, size_t sample) {
    step_ = std::max<uint64_t>(1, rows / std::max<size_t>(sample, 1));
    n_ = 0;
  }

  Status OnRow(const RawRow& row) override {
    if (n_++ % step_ != 0) return {};
    if (all_rejected_) return Rejected(row.source_key.size() + (row.raw.empty() ? row.payload.size() : row.raw.size()));
    ++shape_.rows;
    raw_.Add(row);
    CountRaw();
    MIGRATE_TRY(DecodePayload(row.payload, &cells_));
    record_.place = row.place;
    record_.source_key.assign(row.source_key);
    record_.record_id = RecordId(source_, row.source_key);
    record_.payload.assign(row.payload);
    record_.row_sha256 = row.row_sha256;
    record_.raw.assign(row.raw);
    normalizer_.Normalize(cells_.cells, &record_);
    AddRecordCost(record_, plan_.attributes, &shape_);
    encoded_.clear();
    spool::AppendRecord(record_, &encoded_);
    record_bytes_ += static_cast<double>(encoded_.size());
    return {};
  }
  Status OnReject(const Reject& reject) override {
    if (n_++ % step_ != 0) return {};
    return Rejected(reject.source_key.size() + reject.raw.size() + reject.detail.size());
  }

  // What was sampled, with the bytes that it takes in segments: which are not packed.
  Shape Finish() {
    shape_.raw = raw_bytes_ + static_cast<double>(raw_.bytes().size());
    shape_.records = record_bytes_;
    return shape_;
  }

 private:
  Status Rejected(size_t bytes) {
    ++shape_.rows;
    ++shape_.rejects;
    shape_.reject_bytes += static_cast<double>(bytes);
    raw_bytes_ += static_cast<double>(bytes);  // they are in the raw segments as well
    return {};
  }
  void CountRaw() {
    if (raw_.bytes().size() < spool::kBlockBytes) return;
    raw_bytes_ += static_cast<double>(raw_.bytes().size());
    raw_.Clear();
  }
  const plan::Plan& plan_;
  std::string source_;
  bool all_rejected_;
  normalize::Normalizer normalizer_;
  uint64_t step_ = 1, n_ = 0;
  Shape shape_;
  Record record_;
  DecodedRow cells_;
  spool::RawBlockWriter raw_;
  double raw_bytes_ = 0;
  std::string encoded_;
  double record_bytes_ = 0;
};

// Rows a byte in `text`, which begins anywhere in the file: read from the first line that looks like a row on. 0 if
// none does.
double Density(std::string_view text, char delimiter, size_t columns) {
  constexpr size_t kTries = 50, kTrial = 40;
  const extract::CsvGrammar grammar{delimiter, columns == 1};
  extract::ParsedRecord record;
  size_t begin = 0;
  for (size_t attempt = 0; attempt < kTries; ++attempt) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos || ++begin >= text.size()) return 0;
    extract::CsvParser parser(grammar);
    size_t rows = 0, good = 0, at = begin, last = begin;
    uint64_t whole = 0;
    for (; at < text.size(); at += record.size) {
      parser.Parse(text, at, &record);
      if (at + record.size >= text.size()) break;  // cut off by the window
      last = at + record.size;
      if (record.kind == extract::RecordKind::kBlank) continue;
      ++whole;
      if (rows == kTrial) continue;
      ++rows;
      good += record.kind == extract::RecordKind::kRow && record.field_count == columns ? 1 : 0;
    }
    if (rows > 0 && good * 10 >= rows * 9 && last > begin)
      return static_cast<double>(whole) / static_cast<double>(last - begin);
  }
  return 0;
}

class Looker {
 public:
  Looker(const plan::Plan& plan, const Input& input, size_t sample)
      : plan_(plan), input_(input), sample_(sample), servers_(plan, 0) {}

  Result<Look> Run() {
    if (input_.columns.empty()) return Look{0, 0, "counted", {}};  // an empty file
    MIGRATE_ASSIGN(reader_, OpenInput(plan_, input_, &servers_));
    sampler_ = std::make_unique<Sampler>(plan_, input_);
    const bool csv = plan_.sources[input_.source].type == plan::SourceType::kCsv;
    MIGRATE_TRY(csv ? Csv() : Table());
    Shape sample = sampler_->Finish();
    look_.shape = sample.rows > 0 ? sample.Scaled(look_.rows / sample.rows * length_ratio_) : sample;
    // Longer rows are not more rows.
    if (sample.rows > 0 && length_ratio_ != 1) {
      const double back = 1 / length_ratio_;
      for (double* v : {&look_.shape.rows, &look_.shape.rejects, &look_.shape.emails, &look_.shape.phones,
                        &look_.shape.zips, &look_.shape.identifiers})
        *v *= back;
    }
    return std::move(look_);
  }

 private:
  Status Sample(const extract::Chunk& chunk, size_t rows) {
    sampler_->Begin(chunk.counted, rows);
    return reader_->Read(chunk, *sampler_);
  }

  Status Csv() {
    MIGRATE_ASSIGN(auto first, reader_->Next());
    if (!first) return {};
    const uint64_t header = first->begin.byte_offset, end = first->byte_end;
    look_.rows = static_cast<double>(first->counted);
    look_.how = "counted";
    MIGRATE_TRY(Sample(*first, sample_));
    MIGRATE_ASSIGN(auto second, reader_->Next());
    if (!second) return {};
    const auto& source = plan_.sources[input_.source];
    const std::string& encoding = source.layouts[static_cast<size_t>(std::max(0, input_.layout))].encoding;
    MIGRATE_ASSIGN(auto stream, extract::OpenTextStream(input_.path, extract::Utf16Of(encoding)));
    const bool packed = std::any_of(stream.findings.begin(), stream.findings.end(),
                                    [](const std::string& f) { return f.starts_with("packed"); });
    if (packed || stream.utf16) return Front(*second, &stream);
    return Probe(static_cast<double>(end - header), header);
  }

  // The file has `first` bytes after its header that were counted, and more.
  Status Probe(double first, uint64_t header) {
    MIGRATE_ASSIGN(File file, File::OpenRead(input_.path));
    std::vector<double> densities{look_.rows / first};
    std::string text(kProbeBytes, '\0');
    const double from = static_cast<double>(header) + first, rest = static_cast<double>(input_.bytes) - from;
    for (size_t k = 0; k < kProbes; ++k) {
      const auto at = static_cast<uint64_t>(from + rest * (static_cast<double>(k) + 0.5) / kProbes);
      MIGRATE_ASSIGN(size_t got, file.ReadAt(at, text.data(), text.size()));
      const double d = Density({text.data(), got}, reader_->RawDelimiter()[0], input_.columns.size());
      if (d > 0) densities.push_back(d);
    }
    double mean = 0, square = 0;
    for (double d : densities) mean += d / static_cast<double>(densities.size());
    for (double d : densities) square += (d - mean) * (d - mean);
    const double counted = look_.rows;
    look_.rows = counted + mean * rest;
    const auto n = static_cast<double>(densities.size());
    // Two standard errors of the mean; with few places the deviation itself is not known well.
    look_.error = n < 3 ? kFrontError : std::max(0.005, 2 * std::sqrt(square / (n - 1) / n) / mean);
    look_.how = fmt::format("estimated from the length of the rows at {} places", densities.size());
    length_ratio_ = densities[0] / (look_.rows / (first + rest));
    return {};
  }

  // Counts on from the front, and takes the rest to be as dense for its size in the file.
  Status Front(extract::Chunk chunk, extract::TextStream* stream) {
    uint64_t end = 0;
    for (size_t n = 1;; ++n) {
      look_.rows += static_cast<double>(chunk.counted);
      end = chunk.byte_end;
      MIGRATE_ASSIGN(auto next, reader_->Next());
      if (!next) return {};
      if (n == kFrontChunks) break;
      chunk = *std::move(next);
    }
    std::string text(1 << 20, '\0');
    for (uint64_t at = stream->first_offset; at < end;) {
      const size_t n = std::min<uint64_t>(text.size(), end - at);
      MIGRATE_ASSIGN(size_t got, stream->bytes->Read(text.data(), n));
      if (got < n) break;
      at += got;
    }
    const auto used = static_cast<double>(stream->bytes->Consumed());
    if (used > 0) look_.rows *= static_cast<double>(input_.bytes) / used;
    look_.error = kFrontError;
    look_.how = fmt::format("estimated from its first {} MiB", end >> 20);
    return {};
  }

  // A range is only counted here; of a pass (a view, a query) the rows come with the chunk.
  Status Table() {
    std::vector<extract::Chunk> ranges;
    size_t n = 0, next_sample = 0;
    for (;;) {
      MIGRATE_ASSIGN(auto chunk, reader_->Next());
      if (!chunk) break;
      look_.rows += static_cast<double>(chunk->counted);
      if (chunk->bytes.empty()) {
        if (chunk->counted > 0) ranges.push_back(*std::move(chunk));
      } else if (n++ == next_sample) {
        next_sample = 2 * next_sample + 1;
        MIGRATE_TRY(Sample(*chunk, sample_ / kTableChunks + 1));
      }
    }
    look_.how = "COUNT(*)";
    for (size_t i = 0; i < std::min(ranges.size(), kTableChunks); ++i)
      MIGRATE_TRY(Sample(ranges[i * ranges.size() / std::min(ranges.size(), kTableChunks)],
                         sample_ / std::min(ranges.size(), kTableChunks) + 1));
    return {};
  }

  const plan::Plan& plan_;
  const Input& input_;
  const size_t sample_;
  Servers servers_;
  std::unique_ptr<extract::Reader> reader_;
  std::unique_ptr<Sampler> sampler_;
  double length_ratio_ = 1;  // mean length of all rows by that of the first ones
  Look look_;
};

}  // namespace

Result<Look> LookAt(const plan::Plan& plan, const Input& input, size_t sample) {
  return Looker(plan, input, sample).Run();
}

}  // namespace migrate::run
