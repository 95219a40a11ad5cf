#include <algorithm>
#include <nlohmann/json.hpp>

#include "context.h"
#include "migrate/normalize/normalizer.h"
#include "migrate/record/payload.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"

namespace migrate::run {
namespace {

// Which flag speaks of which field in the report.
constexpr std::pair<Field, uint32_t> kFieldFlags[] = {{Field::kLastName, kFlagName},
                                                      {Field::kBirthDate, kFlagBirthDate},
                                                      {Field::kEmail, kFlagEmail},
                                                      {Field::kPhone, kFlagPhone},
                                                      {Field::kStreet, kFlagAddress},
                                                      {Field::kState, kFlagState},
                                                      {Field::kZip, kFlagZip},
                                                      {Field::kSex, kFlagSex},
                                                      {Field::kNationalId, kFlagNationalId},
                                                      {Field::kUpdatedAt, kFlagUpdatedAt},
                                                      {Field::kOptOut, kFlagOptOut}};

// Normalizes the rows of one raw segment into one segment of records, ordered by partition and record_id.
class SegmentNormalizer {
 public:
  SegmentNormalizer(const Context& c, const Input& input)
      : c_(c),
        input_(input),
        normalizer_(c.plan.normalize, c.plan.attributes, input.fields),
        fills_(kFieldCount + c.plan.attributes.size()) {
    record_.attributes.resize(c.plan.attributes.size());
  }

  Status Run(const std::string& raw_path, const std::string& out_path) {
    MIGRATE_ASSIGN(auto raw, spool::SegmentReader::Open(c_.Work(raw_path)));
    std::string block;
    for (const auto& info : raw->blocks()) {
      MIGRATE_TRY(raw->Read(info, &block));
      spool::RawBlockReader rows(block);
      for (;;) {
        MIGRATE_ASSIGN(auto kind, rows.Next());
        if (kind == spool::RawBlockReader::Kind::kEnd) break;
        if (kind == spool::RawBlockReader::Kind::kRow) MIGRATE_TRY(Add(rows.row()));
      }
    }
    return Write(c_.Work(out_path));
  }

  uint64_t rows() const { return entries_.size(); }
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
  struct Entry {
    uint32_t partition;
    uint64_t id;
    size_t begin, size;
  };

  Status Add(const RawRow& row) {
    MIGRATE_TRY(DecodePayload(row.payload, &cells_));
    record_.place = row.place;
    record_.source_key.assign(row.source_key);
    record_.record_id = RecordId(c_.plan.sources[input_.source].name, row.source_key);
    record_.payload.assign(row.payload);
    record_.row_sha256 = row.row_sha256;
    record_.raw.assign(row.raw);
    normalizer_.Normalize(cells_.cells, &record_);
    CountFill();
    const size_t begin = bytes_.size();
    spool::AppendRecord(record_, &bytes_);
    entries_.push_back({c_.partitioner.Of(record_.record_id), record_.record_id, begin, bytes_.size() - begin});
    return {};
  }

  void CountFill() {
    for (const BoundField& f : input_.fields) {
      auto filled = [&](uint32_t column) {
        return column < cells_.cells.size() && !cells_.cells[column].bytes.empty();
      };
      bool any = f.kind == FieldMapping::Kind::kConstant || std::any_of(f.columns.begin(), f.columns.end(), filled) ||
                 std::any_of(f.channel_columns.begin(), f.channel_columns.end(),
                             [&](int32_t c) { return c >= 0 && filled(static_cast<uint32_t>(c)); });
      if (any) ++fills_[static_cast<size_t>(f.slot)].before;
    }
    for (size_t s = 0; s < kFieldCount; ++s)
      if (!record_.values[s].empty()) ++fills_[s].after;
    if (record_.opt_out != 0) ++fills_[static_cast<size_t>(Field::kOptOut)].after;
    for (size_t a = 0; a < record_.attributes.size(); ++a)
      if (!record_.attributes[a].empty()) ++fills_[kFieldCount + a].after;
    if (record_.flags == 0) return;
    for (const auto& [field, flag] : kFieldFlags)
      if ((record_.flags & flag) != 0) ++fills_[static_cast<size_t>(field)].flagged;
  }

  Status Write(const std::string& path) {
    // Rows of one key keep their order: begin grows with it.
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.partition, a.id, a.begin) < std::tie(b.partition, b.id, b.begin);
    });
    MIGRATE_ASSIGN(auto writer, spool::SegmentWriter::Create(path));
    std::string block;
    uint64_t in_block = 0;
    for (size_t i = 0; i < entries_.size(); ++i) {
      const Entry& e = entries_[i];
      block.append(bytes_, e.begin, e.size);
      ++in_block;
      bool last = i + 1 == entries_.size() || entries_[i + 1].partition != e.partition;
      if (!last && block.size() < spool::kBlockBytes) continue;
      MIGRATE_TRY(writer->AddBlock(e.partition, block, in_block));
      block.clear();
      in_block = 0;
    }
    return writer->Finish();
  }

  const Context& c_;
  const Input& input_;
  normalize::Normalizer normalizer_;
  DecodedRow cells_;
  Record record_;
  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<Fill> fills_;
};

}  // namespace

Status NormalizeStage(Context* c) {
  std::vector<spool::ManifestLine> open;
  for (auto& line : c->manifest->Lines("raw")) {
    if (const auto* done = c->manifest->Find("records", line.file, line.chunk))
      c->meter->Add(done->Number("rows"));
    else
      open.push_back(std::move(line));
  }
  return ParallelFor(open.size(), c->threads, [&](size_t i) -> Status {
    if (c->cancelled()) return c->Cancelled();
    const auto& raw = open[i];
    SegmentNormalizer normalizer(*c, c->inputs[raw.file]);
    const std::string path = RecordsPath(raw.file, raw.chunk);
    MIGRATE_TRY(normalizer.Run(raw.Text("path"), path));
    spool::ManifestLine line{"records", raw.file, raw.chunk, {}};
    line.values = {{"path", path}, {"rows", std::to_string(normalizer.rows())}, {"fill", normalizer.FillText()}};
    MIGRATE_TRY(c->manifest->Append(line));
    c->meter->Add(normalizer.rows());
    return {};
  });
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
