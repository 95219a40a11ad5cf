#include <fmt/core.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "context.h"
#include "migrate/record/reasons.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"

namespace migrate::run {
namespace {

// Writes the rows of one chunk into a segment, and counts them.
class SegmentSink : public extract::RowSink {
 public:
  SegmentSink(spool::SegmentWriter* writer, uint64_t row_limit, bool reject_all)
      : writer_(writer), row_limit_(row_limit), reject_all_(reject_all) {}

  Status OnRow(const RawRow& row) override {
    if (Full()) return {};
    if (reject_all_)
      return OnReject(Reject{row.place, std::string(row.source_key), std::string(reasons::kUnknownLayout),
                             "the header of its file fits no layout of the plan",
                             std::string(row.raw.empty() ? row.payload : row.raw)});
    block_.Add(row);
    digest.Add(row.row_sha256);
    ++rows;
    return Cut();
  }
  Status OnReject(const Reject& reject) override {
    if (Full()) return {};
    block_.Add(reject);
    ++rejects;
    return Cut();
  }
  Status Flush() {
    if (block_.rows() == 0) return {};
    MIGRATE_TRY(writer_->AddBlock(0, block_.bytes(), block_.rows()));
    block_.Clear();
    return {};
  }

  uint64_t rows = 0, rejects = 0;
  MultisetDigest digest;

 private:
  bool Full() const { return rows + rejects >= row_limit_; }
  Status Cut() { return block_.bytes().size() < spool::kBlockBytes ? Status() : Flush(); }
  spool::SegmentWriter* writer_;
  uint64_t row_limit_;
  bool reject_all_;
  spool::RawBlockWriter block_;
};

// Makes finished segments last: write, sync, rename, manifest line, in threads of its own, so that the workers do not
// wait for the disk; two, so that one writes while the other syncs. Every sync holds up those who write: so kBatch
// segments, or all that came within kPatience, are made last together. After a crash at most those are read again.
// Memory: the bytes of kQueue segments that wait for the disk and of two more (6 MiB each for a CSV), the handles of
// twice kBatch others.
class Committer {
 public:
  explicit Committer(spool::Manifest* manifest) : manifest_(manifest) {
    for (std::thread& t : threads_) t = std::thread([this] { Run(); });
  }
  ~Committer() { (void)Close(); }

  // Waits while the disk is behind. An error of an earlier segment is returned here.
  Status Add(std::unique_ptr<spool::SegmentWriter> writer, spool::ManifestLine line) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return queue_.size() < kQueue || !error_.ok(); });
    if (!error_.ok()) return error_;
    queue_.emplace_back(std::move(writer), std::move(line));
    changed_.notify_all();
    return {};
  }

  // After the last one: waits for all of them.
  Status Close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& t : threads_)
      if (t.joinable()) t.join();
    return error_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr size_t kQueue = 6, kBatch = 16;
  static constexpr std::chrono::milliseconds kPatience{500};

  struct Batch {
    std::vector<std::unique_ptr<spool::SegmentWriter>> writers;
    std::vector<spool::ManifestLine> lines;
    Clock::time_point since;
  };

  void Run() {
    Batch batch;
    std::unique_lock lock(mutex_);
    while (error_.ok()) {
      auto something = [&] { return closed_ || !queue_.empty() || !error_.ok(); };
      if (batch.writers.empty())
        changed_.wait(lock, something);
      else
        changed_.wait_until(lock, batch.since + kPatience, something);
      if (!error_.ok() || (queue_.empty() && batch.writers.empty())) return;
      if (!queue_.empty()) {
        if (batch.writers.empty()) batch.since = Clock::now();
        batch.writers.push_back(std::move(queue_.front().first));
        batch.lines.push_back(std::move(queue_.front().second));
        queue_.pop_front();
        changed_.notify_all();
      }
      const bool last = closed_ && queue_.empty();
      lock.unlock();
      Status s = NoThrow([&] { return Advance(last, &batch); });
      lock.lock();
      if (!s.ok() && error_.ok()) error_ = s;
      if (!s.ok()) changed_.notify_all();
    }
  }

  // Writes the newest segment of the batch, and makes the batch last when it is time.
  Status Advance(bool last, Batch* batch) {
    MIGRATE_TRY(batch->writers.back()->Close());
    if (!last && batch->writers.size() < kBatch && Clock::now() - batch->since < kPatience) return {};
    std::vector<spool::SegmentWriter*> all;
    for (const auto& w : batch->writers) all.push_back(w.get());
    MIGRATE_TRY(spool::SegmentWriter::FinishAll(all));
    MIGRATE_TRY(manifest_->AppendAll(batch->lines));
    batch->writers.clear();
    batch->lines.clear();
    return {};
  }

  spool::Manifest* manifest_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<std::pair<std::unique_ptr<spool::SegmentWriter>, spool::ManifestLine>> queue_;
  bool closed_ = false;
  Status error_;
  std::array<std::thread, 2> threads_;
};

// One input: any number of threads take chunks from its reader.
class InputExtract {
 public:
  InputExtract(Context* c, const Input& input, extract::Reader* reader, uint64_t row_limit)
      : c_(c), input_(input), reader_(reader), row_limit_(row_limit), committer_(c->manifest.get()) {}

  Status Run() {
    // A limit is exact only if chunks come one after the other.
    const unsigned threads = row_limit_ == UINT64_MAX ? c_->threads : 1;
    std::vector<std::thread> pool;
    for (unsigned t = 1; t < threads; ++t) pool.emplace_back([this] { Note(NoThrow([this] { return Work(); })); });
    Note(NoThrow([this] { return Work(); }));
    for (auto& t : pool) t.join();
    Note(committer_.Close());
    MIGRATE_TRY(error_);
    if (c_->cancelled()) return c_->Cancelled();
    return reader_->Finish();
  }

  uint64_t rows() const { return rows_; }

 private:
  void Note(const Status& s) {
    std::lock_guard lock(mutex_);
    if (!s.ok() && error_.ok()) {
      error_ = s;
      stop_ = true;
    }
  }

  Status Work() {
    while (!stop_ && !c_->cancelled() && rows_ < row_limit_) {
      MIGRATE_ASSIGN(std::optional<extract::Chunk> chunk, reader_->Next());
      if (!chunk) return {};
      if (const spool::ManifestLine* done = c_->manifest->Find("raw", input_.file_no, chunk->index)) {
        rows_ += done->Number("rows") + done->Number("rejects");
        c_->meter->Add(done->Number("rows") + done->Number("rejects"));
        continue;
      }
      MIGRATE_TRY(Extract(*chunk));
    }
    return {};
  }

  Status Extract(const extract::Chunk& chunk) {
    const std::string path = RawPath(input_.file_no, chunk.index);
    MIGRATE_ASSIGN(auto writer, spool::SegmentWriter::CreateDirect(c_->Work(path), &buffers_));
    const uint64_t left = row_limit_ == UINT64_MAX ? UINT64_MAX : row_limit_ - rows_;
    SegmentSink sink(writer.get(), left, input_.layout < 0);
    MIGRATE_TRY(reader_->Read(chunk, sink));
    MIGRATE_TRY(sink.Flush());
    const uint64_t counted = std::min(chunk.counted, left), read = sink.rows + sink.rejects;
    if (counted != read)
      return Status(
          ErrorKind::kMismatch,
          fmt::format("{}: chunk {} from line {}: the independent count says {} rows, {} were read", input_.path,
                      chunk.index, chunk.begin.line, counted, read),
          "nothing was loaded; this is a defect of migrate or a file that changes: keep the file and report it");
    spool::ManifestLine line{"raw", input_.file_no, chunk.index, {}};
    line.values = {{"path", path},
                   {"counted", std::to_string(counted)},
                   {"rows", std::to_string(sink.rows)},
                   {"rejects", std::to_string(sink.rejects)},
                   {"digest", sink.digest.Text()}};
    MIGRATE_TRY(committer_.Add(std::move(writer), std::move(line)));
    rows_ += read;
    c_->meter->Add(read);
    return {};
  }

  Context* c_;
  const Input& input_;
  extract::Reader* reader_;
  uint64_t row_limit_;
  std::atomic<uint64_t> rows_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  Status error_;
  spool::PageBufferPool buffers_;
  Committer committer_;
};

}  // namespace

Status CheckQuarantineLimit(const plan::Plan& plan, uint64_t rows, uint64_t rejects) {
  const plan::Limit& limit = plan.reconcile.max_quarantined;
  bool over = limit.rows ? rejects > *limit.rows
                         : limit.share && static_cast<double>(rejects) > *limit.share * static_cast<double>(rows);
  if (!over) return {};
  return Status(
      ErrorKind::kQuarantineLimit,
      fmt::format(
          "{} of {} rows would be quarantined, more than reconcile.max_quarantined allows; the target was not touched",
          rejects, rows),
      "`migrate run PLAN --dry-run` lists the reasons; mend the files or the mapping, or raise the limit");
}

std::string RawPath(uint32_t file, uint32_t chunk) { return fmt::format("raw-{}-{}.seg", file, chunk); }
std::string RecordsPath(uint32_t file, uint32_t chunk) { return fmt::format("rec-{}-{}.seg", file, chunk); }

Result<InputBook> BookOf(const spool::Manifest& manifest, uint32_t file_no) {
  InputBook book;
  for (const auto& line : manifest.Lines("raw")) {
    if (line.file != file_no) continue;
    book.counted += line.Number("counted");
    book.rows += line.Number("rows");
    book.rejects += line.Number("rejects");
    MIGRATE_ASSIGN(MultisetDigest digest, MultisetDigest::FromText(line.Text("digest")));
    book.digest.Merge(digest);
  }
  return book;
}

uint64_t SkippedRows(const Context& c, const Input& input) {
  for (const Input& other : c.inputs) {
    if (other.source != input.source || other.sha256 != input.sha256 || other.state != Input::State::kImport) continue;
    auto book = BookOf(*c.manifest, other.file_no);
    if (book.ok()) return book->counted;
  }
  return input.known_rows;
}

Status ExtractStage(Context* c) {
  std::map<size_t, uint64_t> left;  // rows that --limit still allows, by source
  for (const Input& input : c->inputs) {
    if (input.state != Input::State::kImport) continue;
    uint64_t limit = UINT64_MAX;
    if (c->options.limit) limit = left.try_emplace(input.source, *c->options.limit).first->second;
    if (c->manifest->Find("extracted", input.file_no, 0) != nullptr) {
      MIGRATE_ASSIGN(InputBook book, BookOf(*c->manifest, input.file_no));
      if (c->options.limit) left[input.source] -= std::min(limit, book.rows + book.rejects);
      c->meter->Add(book.rows + book.rejects);
      continue;
    }
    c->meter->Detail(input.path);
    MIGRATE_ASSIGN(auto reader, OpenInput(c->plan, input));
    InputExtract extract(c, input, reader.get(), limit);
    MIGRATE_TRY(extract.Run());
    if (c->options.limit) left[input.source] -= std::min(left[input.source], extract.rows());
    // What was found is final only now: an encoding may show late.
    nlohmann::json findings = reader->Findings();
    spool::ManifestLine line{"extracted", input.file_no, 0, {}};
    line.values = {{"raw_delimiter", std::string(reader->RawDelimiter())},
                   {"findings", findings.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}};
    MIGRATE_TRY(c->manifest->Append(line));
  }
  uint64_t rows = 0, rejects = 0;
  for (const auto& line : c->manifest->Lines("raw")) {
    rows += line.Number("rows") + line.Number("rejects");
    rejects += line.Number("rejects");
  }
  return c->options.dry_run ? Status() : CheckQuarantineLimit(c->plan, rows, rejects);
}

Status ParallelFor(size_t n, unsigned threads, const std::function<Status(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  Status error;
  auto loop = [&] {
    for (size_t i; (i = next++) < n;) {
      Status s = NoThrow([&] { return work(i); });
      if (s.ok()) continue;
      std::lock_guard lock(mutex);
      if (error.ok()) error = s;
      next = n;
    }
  };
  std::vector<std::thread> pool;
  for (unsigned t = 1; t < threads && t < n; ++t) pool.emplace_back(loop);
  loop();
  for (auto& t : pool) t.join();
  return error;
}

}  // namespace migrate::run
