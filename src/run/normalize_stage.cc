#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <utility>

#include "committer.h"
#include "context.h"
#include "field_flags.h"
#include "migrate/base/doing.h"
#include "migrate/normalize/normalizer.h"
#include "migrate/record/payload.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"

namespace migrate::run {
namespace {

// The records of one chunk, sorted into partitions as they come. Memory: twice the chunk's records; it is kept from
// chunk to chunk.
class RecordChunk {
 public:
  explicit RecordChunk(const Partitioner& partitioner) : partitioner_(partitioner), parts_(partitioner.count) {}

  void Add(const Record& record) {
    Part& part = parts_[partitioner_.Of(record.record_id)];
    const size_t begin = part.bytes.size();
    spool::AppendRecord(record, &part.bytes);
    part.entries.push_back({record.record_id, begin, part.bytes.size() - begin});
    ++rows_;
  }

  uint64_t rows() const { return rows_; }

  // Ordered by partition and record_id; rows of one key keep their order.
  Status Write(spool::SegmentWriter* writer) {
    for (uint32_t p = 0; p < parts_.size(); ++p) {
      std::vector<Entry>& entries = parts_[p].entries;
      std::sort(entries.begin(), entries.end(),
                [](const Entry& a, const Entry& b) { return a.id != b.id ? a.id < b.id : a.begin < b.begin; });
      block_.clear();
      uint64_t in_block = 0;
      for (const Entry& e : entries) {
        block_.append(parts_[p].bytes, e.begin, e.size);
        ++in_block;
        if (&e != &entries.back() && block_.size() < spool::kBlockBytes) continue;
        MIGRATE_TRY(writer->AddBlock(p, block_, in_block));
        block_.clear();
        in_block = 0;
      }
    }
    return {};
  }

  void Clear() {
    for (Part& part : parts_) {
      part.bytes.clear();
      part.entries.clear();
    }
    rows_ = 0;
  }

 private:
  struct Entry {
    uint64_t id;
    size_t begin, size;
  };
  struct Part {
    std::string bytes;
    std::vector<Entry> entries;
  };
  const Partitioner& partitioner_;
  std::vector<Part> parts_;
  std::string block_;
  uint64_t rows_ = 0;
};

// Normalizes the rows of raw segments of one input, one into one segment of records; one object a thread.
class SegmentNormalizer {
 public:
  SegmentNormalizer(const Context& c, const Input& input)
      : c_(c),
        input_(input),
        ids_(c.plan.sources[input.source].name),
        normalizer_(c.plan.normalize, c.plan.attributes, input.fields),
        records_(c.partitioner),
        watched_(WatchedOf(input.fields)),
        fills_(kFieldCount + c.plan.attributes.size()) {
    record_.attributes.resize(c.plan.attributes.size());
  }
  const Input& input() const { return input_; }

  // Leaves the segment without its end, which is the committer's to write.
  Result<std::unique_ptr<spool::SegmentWriter>> Run(const std::string& raw_path, const std::string& out_path) {
    records_.Clear();
    fills_.assign(fills_.size(), {});
    MIGRATE_ASSIGN(auto raw, spool::SegmentReader::Open(c_.Work(raw_path)));
    for (const auto& info : raw->blocks()) {
      MIGRATE_TRY(raw->Read(info, &block_));
      MIGRATE_TRY(EachRow([this](const RawRow& row) {
        ids_.Add(row.source_key);
        return Status();
      }));
      const uint64_t* id = ids_.Finish().data();
      MIGRATE_TRY(EachRow([&](const RawRow& row) { return Add(row, *id++); }));
    }
    // These segments, too, are read once and thrown away.
    MIGRATE_ASSIGN(auto writer, spool::SegmentWriter::Create(c_.Work(out_path), spool::SegmentWriter::Effort::kFast));
    MIGRATE_TRY(records_.Write(writer.get()));
    return writer;
  }

  uint64_t rows() const { return records_.rows(); }
  std::string FillText() const {
    nlohmann::json j = nlohmann::json::object();
    for (size_t s = 0; s < fills_.size(); ++s) {
      const Fill& f = fills_[s];
      if (f.before + f.after + f.flagged == 0) continue;
      std::string name = s < kFieldCount ? std::string(kFieldNames[s]) : c_.plan.attributes[s - kFieldCount].name;
      j[name] = {f.before, f.after, f.flagged};
    }
    return j.dump();
  }

 private:
  static constexpr uint32_t kAlways = UINT32_MAX;
  struct Watched {
    uint32_t slot, column;
    bool more;  // a further column of the field before it
  };
  template <typename Take>
  Status EachRow(const Take& take) const {
    spool::RawBlockReader rows(block_);
    for (;;) {
      MIGRATE_ASSIGN(auto kind, rows.Next());
      if (kind == spool::RawBlockReader::Kind::kEnd) return {};
      if (kind == spool::RawBlockReader::Kind::kRow) MIGRATE_TRY(take(rows.row()));
    }
  }

  Status Add(const RawRow& row, uint64_t record_id) {
    MIGRATE_TRY(DecodePayload(row.payload, &cells_));
    record_.place = row.place;
    record_.source_key.assign(row.source_key);
    record_.record_id = record_id;
    record_.payload.assign(row.payload);
    record_.row_sha256 = row.row_sha256;
    record_.raw.assign(row.raw);
    normalizer_.Normalize(cells_.cells, &record_);
    CountFill();
    records_.Add(record_);
    return {};
  }

  // The columns of each mapped field in one row, which is looked at for every record.
  static std::vector<Watched> WatchedOf(const std::vector<BoundField>& fields) {
    std::vector<Watched> watched;
    for (const BoundField& f : fields) {
      const auto slot = static_cast<uint32_t>(f.slot);
      bool more = false;
      if (f.kind == FieldMapping::Kind::kConstant) watched.push_back({slot, kAlways, std::exchange(more, true)});
      for (uint32_t column : f.columns) watched.push_back({slot, column, std::exchange(more, true)});
      for (int32_t column : f.channel_columns)
        if (column >= 0) watched.push_back({slot, static_cast<uint32_t>(column), std::exchange(more, true)});
    }
    return watched;
  }

  void CountFill() {
    bool before = false;  // the field at hand is counted already
    for (const Watched& w : watched_) {
      if (w.column == kAlways || (w.column < cells_.cells.size() && !cells_.cells[w.column].bytes.empty())) {
        if (!w.more || !before) ++fills_[w.slot].before;
        before = true;
      } else if (!w.more) {
        before = false;
      }
    }
    for (size_t s = 0; s < kFieldCount; ++s) fills_[s].after += !record_.values[s].empty();
    if (record_.opt_out != 0) ++fills_[static_cast<size_t>(Field::kOptOut)].after;
    for (size_t a = 0; a < record_.attributes.size(); ++a)
      fills_[kFieldCount + a].after += !record_.attributes[a].empty();
    if (record_.flags == 0) return;
    for (const auto& [field, flag] : kFieldFlags)
      if ((record_.flags & flag) != 0) ++fills_[static_cast<size_t>(field)].flagged;
  }

  const Context& c_;
  const Input& input_;
  RecordIds ids_;
  normalize::Normalizer normalizer_;
  std::string block_;
  DecodedRow cells_;
  Record record_;
  RecordChunk records_;
  const std::vector<Watched> watched_;
  std::vector<Fill> fills_;
};

// The raw segments that are still to be normalized; any number of threads take them in turn.
class NormalizeWork {
 public:
  NormalizeWork(Context* c, std::vector<spool::ManifestLine> open)
      : c_(c), open_(std::move(open)), committer_(c->manifest.get()) {}

  Status Run() {
    Status worked = ParallelFor(c_->threads, c_->threads, [this](size_t) {
      Status s = Work();
      if (!s.ok()) next_ = open_.size();
      return s;
    });
    Status committed = committer_.Close();
    return worked.ok() ? committed : worked;
  }

 private:
  Status Work() {
    std::unique_ptr<SegmentNormalizer> normalizer;
    for (size_t i; (i = next_++) < open_.size();) {
      if (c_->cancelled()) return c_->Cancelled();
      const spool::ManifestLine& raw = open_[i];
      const Input& input = c_->inputs[raw.file];
      if (normalizer == nullptr || &normalizer->input() != &input)
        normalizer = std::make_unique<SegmentNormalizer>(*c_, input);
      Doing doing("normalizing", fmt::format("{}, chunk {}", input.path, raw.chunk));
      const std::string path = RecordsPath(raw.file, raw.chunk);
      MIGRATE_ASSIGN(auto writer, normalizer->Run(raw.Text("path"), path));
      const uint64_t rows = normalizer->rows();
      spool::ManifestLine line{"records", raw.file, raw.chunk, {}};
      line.values = {{"path", path}, {"rows", std::to_string(rows)}, {"fill", normalizer->FillText()}};
      MIGRATE_TRY(committer_.Add(std::move(writer), std::move(line)));
      c_->meter->Add(rows);
      c_->board->AddRows("normalize", c_->plan.sources[input.source].name, "normalized", rows);
    }
    return {};
  }

  Context* c_;
  const std::vector<spool::ManifestLine> open_;
  std::atomic<size_t> next_{0};
  Committer committer_;
};

}  // namespace

Status NormalizeStage(Context* c) {
  std::vector<spool::ManifestLine> open;
  const auto& shard = c->options.shard;
  for (auto& line : c->manifest->Lines("raw")) {
    if (shard && !shard->Has(uint64_t{line.file} + line.chunk)) continue;
    if (const auto* done = c->manifest->Find("records", line.file, line.chunk))
      c->meter->Add(done->Number("rows"));
    else
      open.push_back(std::move(line));
  }
  return NormalizeWork(c, std::move(open)).Run();
}

std::map<std::string, Fill> FillOf(const Context& c) {
  std::map<std::string, Fill> all;
  for (const auto& line : c.manifest->Lines("records")) {
    auto j = nlohmann::json::parse(line.Text("fill"), nullptr, false);
    if (!j.is_object()) continue;
    for (const auto& [name, v] : j.items()) {
      Fill& f = all[name];
      f.before += v[0].get<uint64_t>();
      f.after += v[1].get<uint64_t>();
      f.flagged += v[2].get<uint64_t>();
    }
  }
  return all;
}

}  // namespace migrate::run
