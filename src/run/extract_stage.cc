#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "committer.h"
#include "context.h"
#include "extract_pace.h"
#include "increments.h"
#include "migrate/base/doing.h"
#include "migrate/base/plural.h"
#include "migrate/record/digest.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"
#include "snapshot_retry.h"

namespace migrate::run {
namespace {

// Writes the rows of one chunk into a segment, and counts them.
class SegmentSink : public extract::RowSink {
 public:
  // `reject_all`: the file fits no layout; `delimiter` is the reader's RawDelimiter. Rows of `held` are only counted.
  SegmentSink(spool::SegmentWriter* writer, uint64_t row_limit, bool reject_all, std::string_view delimiter,
              const std::string& source, const HeldRows& held_back)
      : writer_(writer),
        row_limit_(row_limit),
        reject_all_(reject_all),
        delimiter_(delimiter),
        source_(source),
        held_back_(held_back) {}

  Status OnRow(const RawRow& row) override {
    if (Full()) return {};
    if (reject_all_)
      return OnReject(Reject{row.place, std::string(row.source_key), std::string(reasons::kUnknownLayout),
                             "the header of its file fits no layout of the plan",
                             OriginalBytes(row.raw, row.payload, delimiter_)});
    if (!held_back_.empty() && IsHeld(row)) {
      ++held;
      return {};
    }
    block_.Add(row);
    digest.Add(row.row_sha256);
    ++rows;
    return Cut();
  }
  Status OnReject(const Reject& reject) override {
    if (Full()) return {};
    if (!held_back_.empty() && held_back_.Holds(reject.reason, reject.raw)) {
      ++held;
      return {};
    }
    block_.Add(reject);
    reject_digest.Add(Sha256Of(reject.reason + '\0' + reject.source_key + '\0' + reject.raw));
    ++rejects;
    return Cut();
  }
  Status Flush() {
    if (block_.rows() == 0) return {};
    MIGRATE_TRY(writer_->AddBlock(0, block_.bytes(), block_.rows()));
    block_.Clear();
    return {};
  }

  uint64_t rows = 0, rejects = 0, held = 0;
  MultisetDigest digest, reject_digest;

 private:
  bool Full() const { return rows + rejects + held >= row_limit_; }
  bool IsHeld(const RawRow& row) const {
    return held_back_.Holds(RecordId(source_, row.source_key), row.row_sha256) ||
           (held_back_.any_repeated() && held_back_.HoldsRepeated(OriginalBytes(row.raw, row.payload, delimiter_)));
  }
  Status Cut() { return block_.bytes().size() < spool::kBlockBytes ? Status() : Flush(); }
  spool::SegmentWriter* writer_;
  uint64_t row_limit_;
  bool reject_all_;
  std::string_view delimiter_;
  const std::string& source_;
  const HeldRows& held_back_;
  spool::RawBlockWriter block_;
};

// One input: any number of threads take chunks from its reader.
class InputExtract {
 public:
  // `share`: only the chunks of this shard.
  InputExtract(Context* c, const Input& input, extract::Reader* reader, uint64_t row_limit, ExtractPace* pace,
               const HeldRows& held_back, std::optional<Shard> share = std::nullopt)
      : c_(c),
        input_(input),
        reader_(reader),
        row_limit_(row_limit),
        pace_(pace),
        held_back_(held_back),
        share_(share),
        committer_(c->manifest.get()) {}

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
  // Chunks that the input has, after Run.
  uint64_t chunks() const { return chunks_; }

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
      ++chunks_;
      if (share_ && !share_->Has(uint64_t{input_.file_no} + chunk->index)) continue;
      if (const spool::ManifestLine* done = c_->manifest->Find("raw", input_.file_no, chunk->index)) {
        rows_ += done->Number("rows") + done->Number("rejects") + done->Number("held");
        c_->meter->Add(done->Number("rows") + done->Number("rejects"));
        continue;
      }
      MIGRATE_TRY(Extract(*chunk));
    }
    return {};
  }

  Status Extract(const extract::Chunk& chunk) {
    Doing doing("reading", fmt::format("{}, chunk {} from {}", input_.path, chunk.index,
                                       chunk.begin.line > 0 ? fmt::format("line {}", chunk.begin.line)
                                       : chunk.low.empty()  ? fmt::format("row {}", chunk.begin.row)
                                                            : std::string("the key behind the last chunk's")));
    const std::string path = RawPath(input_.file_no, chunk.index);
    MIGRATE_ASSIGN(auto writer, spool::SegmentWriter::CreateDirect(c_->Work(path), &buffers_));
    const uint64_t left = row_limit_ == UINT64_MAX ? UINT64_MAX : row_limit_ - rows_;
    SegmentSink sink(writer.get(), left, input_.layout < 0, reader_->RawDelimiter(),
                     c_->plan.sources[input_.source].name, held_back_);
    MIGRATE_TRY(reader_->Read(chunk, sink));
    MIGRATE_TRY(sink.Flush());
    const uint64_t counted = std::min(chunk.counted, left), read = sink.rows + sink.rejects + sink.held;
    if (counted != read)
      return Status(
          ErrorKind::kMismatch,
          fmt::format("{}: chunk {} from line {}: the independent count says {}, {} read", input_.path, chunk.index,
                      chunk.begin.line, Counted(counted, "row"), read == 1 ? "1 was" : fmt::format("{} were", read)),
          "nothing was loaded; this is a defect of migrate or a file that changes: keep the file and report it");
    spool::ManifestLine line{"raw", input_.file_no, chunk.index, {}};
    line.values = {{"path", path},
                   {"counted", std::to_string(counted - sink.held)},
                   {"rows", std::to_string(sink.rows)},
                   {"rejects", std::to_string(sink.rejects)},
                   {"digest", sink.digest.Text()},
                   {"reject_digest", sink.reject_digest.Text()}};
    if (sink.held > 0) line.values["held"] = std::to_string(sink.held);
    if (!chunk.snapshot.empty()) line.values["snapshot"] = chunk.snapshot;
    if (!chunk.low.empty() || !chunk.high.empty()) {
      line.values["low"] = chunk.low;
      line.values["high"] = chunk.high;
    }
    MIGRATE_TRY(committer_.Add(std::move(writer), std::move(line)));
    rows_ += read;
    c_->meter->Add(read);
    if (chunk.byte_end > 0 && row_limit_ == UINT64_MAX) pace_->Reached(chunk.byte_end, c_->meter);
    const std::string& source = c_->plan.sources[input_.source].name;
    c_->board->AddRows("extract", source, "read", sink.rows);
    c_->board->AddRows("extract", source, "quarantined", sink.rejects);
    return {};
  }

  Context* c_;
  const Input& input_;
  extract::Reader* reader_;
  uint64_t row_limit_;
  ExtractPace* pace_;
  const HeldRows& held_back_;
  const std::optional<Shard> share_;
  std::atomic<uint64_t> rows_{0}, chunks_{0};
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
          "{} of {} would be quarantined, more than reconcile.max_quarantined allows; the target was not touched",
          rejects, Counted(rows, "row")),
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
    if (line.Text("reject_digest").empty()) continue;  // of an earlier version
    MIGRATE_ASSIGN(MultisetDigest rejects, MultisetDigest::FromText(line.Text("reject_digest")));
    book.reject_digest.Merge(rejects);
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

// What a live input held: its columns, its rows and its rejects, the rows as a multiset.
std::string ContentOf(const Input& input, const InputBook& book) {
  return Sha256Hex(fmt::format("{}\n{} rows {}\n{} rejects {}\n", ColumnsJson(input.columns), book.rows,
                               book.digest.Text(), book.rejects, book.reject_digest.Text()));
}

namespace {

// The chunks of a live table that an earlier snapshot gave, in the order of their index, if they are to stay and every
// one of them says where it lies.
std::vector<extract::FinishedRange> FinishedOf(const Context& c, const Input& input) {
  std::vector<extract::FinishedRange> finished;
  if (!c.plan.sources[input.source].continue_on_snapshot_loss || c.options.limit) return finished;
  for (const auto& line : c.manifest->Lines("raw")) {
    if (line.file != input.file_no) continue;
    if (line.values.count("low") == 0) return {};
    finished.push_back({line.chunk, line.Text("low"), line.Text("high"), line.Number("counted")});
  }
  std::sort(finished.begin(), finished.end(), [](const auto& x, const auto& y) { return x.index < y.index; });
  return finished;
}

std::string SnapshotsFinding(const Context& c, const Input& input) {
  std::set<std::string> snapshots;
  for (const auto& line : c.manifest->Lines("raw"))
    if (line.file == input.file_no && !line.Text("snapshot").empty()) snapshots.insert(line.Text("snapshot"));
  if (snapshots.size() < 2) return "";
  return fmt::format(
      "warning: rows of {} snapshots, for a connection was lost and on_snapshot_loss is continue: what was changed "
      "between them may be there twice, or not at all ({})",
      snapshots.size(), fmt::join(snapshots, "; "));
}

std::string HeldFinding(const Context& c, const Input& input) {
  uint64_t held = 0;
  for (const auto& line : c.manifest->Lines("raw"))
    if (line.file == input.file_no) held += line.Number("held");
  if (held == 0) return "";
  return fmt::format(
      "{} left out: {} came with an import that was rolled back, and {} held until it is released "
      "(migrate imports release)",
      Counted(held, "row"), Plural(held, "it", "they"), Plural(held, "is", "are"));
}

// One attempt at an input: opened, read to its end, and committed.
Status ExtractOnce(Context* c, Input* input, Servers* servers, uint64_t limit, uint64_t* rows, int losses,
                   ExtractPace* pace) {
  // A snapshot ends with its connections: what an earlier one gave of this table does not belong to this one.
  std::vector<extract::FinishedRange> finished;
  if (input->live) finished = FinishedOf(*c, *input);
  if (input->live && finished.empty()) MIGRATE_TRY(c->manifest->Drop("raw", input->file_no));
  MIGRATE_ASSIGN(const InputBook before, BookOf(*c->manifest, input->file_no));
  if (!finished.empty()) c->meter->Add(before.rows + before.rejects);
  MIGRATE_TRY(SetBound(c, input, servers, before.rows + before.rejects > 0));
  if (!input->part.empty()) finished.clear();
  MIGRATE_ASSIGN(auto reader, OpenInput(c->plan, *input, servers, limit == UINT64_MAX ? 0 : limit, finished));
  for (const std::string& finding : reader->Findings())
    if (input->live && finding.starts_with("snapshot")) c->meter->printer()->Note(input->path + ": " + finding);
  // A database's snapshot has begun: it is what was hashed, or nothing. A text file has no such protection.
  const bool database = c->plan.sources[input->source].type != plan::SourceType::kCsv;
  if (database) MIGRATE_TRY(CheckUnchanged(c->plan, *input));
  MIGRATE_ASSIGN(const HeldRows held_back, RowsHeldBack(*c, *input));
  InputExtract extract(c, *input, reader.get(), limit, pace, held_back);
  Status done = extract.Run();
  *rows = extract.rows();
  MIGRATE_TRY(done);
  if (!database) MIGRATE_TRY(CheckUnchanged(c->plan, *input));
  // What was found is final only now: an encoding may show late.
  nlohmann::json findings = reader->Findings();
  if (const std::string held = HeldFinding(*c, *input); !held.empty()) {
    c->meter->printer()->Note(c->plan.sources[input->source].name + ": " + held);
    findings.push_back(held);
  }
  spool::ManifestLine line{"extracted", input->file_no, 0, {}};
  if (input->live) {
    MIGRATE_ASSIGN(InputBook book, BookOf(*c->manifest, input->file_no));
    input->sha256 = ContentOf(*input, book);
    const std::string several = SnapshotsFinding(*c, *input);
    if (!several.empty()) findings.push_back(several);
    if (losses > 0 && several.empty())
      findings.push_back(fmt::format("the connection was lost {}; all rows are of the last snapshot",
                                     losses == 1 ? "once" : fmt::format("{} times", losses)));
  }
  line.values = {{"content", input->sha256},
                 {"raw_delimiter", std::string(reader->RawDelimiter())},
                 {"findings", findings.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}};
  return c->manifest->Append(line);
}

// A table of a server is tried again after a lost connection, in another snapshot.
Status ExtractInput(Context* c, Input* input, Servers* servers, uint64_t limit, uint64_t* rows, ExtractPace* pace) {
  const plan::Source& source = c->plan.sources[input->source];
  const auto cancelled = [c] { return c->cancelled(); };
  const extract::WaitClock clock = extract::WaitClock::Real();
  SnapshotRetry retry(clock, std::random_device()(), RetryScale());
  uint64_t furthest = 0;
  const uint64_t meter = c->meter->rows();
  for (;;) {
    Status done = ExtractOnce(c, input, servers, limit, rows, retry.losses(), pace);
    if (done.ok() || !input->live) return done;
    MIGRATE_ASSIGN(const InputBook book, BookOf(*c->manifest, input->file_no));
    const bool kept = !FinishedOf(*c, *input).empty();
    const uint64_t reached = kept ? book.counted : *rows;
    const std::optional<double> wait = retry.After(done, kept ? reached > furthest : reached > 0, kept);
    if (!wait && retry.losses() == 0) return done;
    if (!wait)
      return Status(done.kind(),
                    fmt::format("{} (attempt {})", done.message(), retry.losses() + (done.may_pass() ? 0 : 1)),
                    done.hint() + (kept || !done.may_pass()
                                       ? ""
                                       : "; if the server cuts every long read: on_snapshot_loss: continue keeps what "
                                         "is finished of a table with a primary key"));
    furthest = reached;
    c->meter->printer()->Warning(fmt::format(
        "{}: {}; {} in another snapshot in {:.1f} s", input->path, done.message(),
        kept ? fmt::format("{} stay, the rest is read", Counted(reached, "row")) : std::string("it is read anew"),
        *wait));
    servers->Forget(source);
    MIGRATE_TRY(WaitFor(clock, *wait, cancelled));
    c->meter->Set(meter);
  }
}

// Its chunks of an input whose chunks are the same for everybody. The line "cut" says how many there are.
Status ExtractShare(Context* c, const Input& input, Servers* servers, ExtractPace* pace) {
  const Shard& shard = *c->options.shard;
  if (const auto* cut = c->manifest->Find("cut", input.file_no, 0)) {
    bool all = true;
    for (uint32_t i = 0; i < cut->Number("chunks"); ++i)
      all &= !shard.Has(uint64_t{input.file_no} + i) || c->manifest->Find("raw", input.file_no, i) != nullptr;
    if (all) return {};
  }
  MIGRATE_ASSIGN(auto reader, OpenInput(c->plan, input, servers, 0, {}));
  MIGRATE_TRY(CheckUnchanged(c->plan, input));
  const HeldRows none;
  InputExtract extract(c, input, reader.get(), UINT64_MAX, pace, none, shard);
  MIGRATE_TRY(extract.Run());
  MIGRATE_TRY(CheckUnchanged(c->plan, input));
  const nlohmann::json findings = reader->Findings();
  return c->manifest->Append({"cut",
                              input.file_no,
                              0,
                              {{"chunks", std::to_string(extract.chunks())},
                               {"raw_delimiter", std::string(reader->RawDelimiter())},
                               {"findings", findings.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}}});
}

// An input that one process reads as a whole, unless another one is at it or was.
Status ExtractAlone(Context* c, Input* input, Servers* servers, ExtractPace* pace) {
  MIGRATE_ASSIGN(auto lock, FileLock::Try(c->Work(fmt::format("input-{}.lock", input->file_no))));
  if (!lock) return {};
  MIGRATE_ASSIGN(c->manifest, spool::Manifest::OpenBeside(c->Work("manifest.jsonl")));
  if (c->manifest->Find("extracted", input->file_no, 0) != nullptr) return {};
  // What others have left of it is of another snapshot: it counts no more, neither here nor for those who come later.
  for (const char* kind : {"raw", "bound"}) MIGRATE_TRY(c->manifest->Drop(kind, input->file_no));
  c->manifest->AsWhole(input->file_no);
  uint64_t read = 0;
  return ExtractInput(c, input, servers, UINT64_MAX, &read, pace);
}

extract::ThrottleHooks HooksOf(Context* c) {
  extract::ThrottleHooks hooks;
  hooks.say = [c](const std::string& text) { c->meter->printer()->Note(text); };
  hooks.cancelled = [c] { return c->cancelled(); };
  return hooks;
}

}  // namespace

bool IsReadByOne(const Context& c, const Input& input) {
  return input.live || !c.plan.sources[input.source].incremental.column.empty();
}

Status ExtractShards(Context* c) {
  Servers servers(c->plan, c->threads, HooksOf(c));
  ExtractPace pace(c->inputs);
  for (Input& input : c->inputs) {
    if (input.state != Input::State::kImport || c->manifest->Find("extracted", input.file_no, 0) != nullptr) continue;
    pace.Begin(input);
    c->meter->Detail(input.path);
    const bool one = IsReadByOne(*c, input);
    if (one && !c->options.shard->Has(input.file_no)) continue;
    MIGRATE_TRY(one ? ExtractAlone(c, &input, &servers, &pace) : ExtractShare(c, input, &servers, &pace));
  }
  return {};
}

Status CheckRejectLimit(const Context& c) {
  uint64_t rows = 0, rejects = 0;
  for (const auto& line : c.manifest->Lines("raw")) {
    rows += line.Number("rows") + line.Number("rejects");
    rejects += line.Number("rejects");
  }
  return c.options.dry_run ? Status() : CheckQuarantineLimit(c.plan, rows, rejects);
}

Status ExtractStage(Context* c) {
  Servers servers(c->plan, c->threads, HooksOf(c));
  ExtractPace pace(c->inputs);
  std::map<size_t, uint64_t> left;  // rows that --limit still allows, by source
  for (Input& input : c->inputs) {
    if (input.state != Input::State::kImport) continue;
    pace.Begin(input);
    uint64_t limit = UINT64_MAX;
    if (c->options.limit) limit = left.try_emplace(input.source, *c->options.limit).first->second;
    if (c->manifest->Find("extracted", input.file_no, 0) != nullptr) {
      MIGRATE_ASSIGN(InputBook book, BookOf(*c->manifest, input.file_no));
      if (c->options.limit) left[input.source] -= std::min(limit, book.rows + book.rejects);
      c->meter->Add(book.rows + book.rejects);
      continue;
    }
    c->meter->Detail(input.path);
    uint64_t read = 0;
    MIGRATE_TRY(ExtractInput(c, &input, &servers, limit, &read, &pace));
    if (c->options.limit) left[input.source] -= std::min(left[input.source], read);
  }
  return CheckRejectLimit(*c);
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
