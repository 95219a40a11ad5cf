// Progress of a run: an immutable Snapshot, and printers for people and programs. Everything goes to stderr.
//
// On a terminal one live line is rewritten five times a second; elsewhere (a pipe, CI, NO_COLOR, TERM=dumb) a plain
// line comes every ten seconds and at the end of a stage; as JSON lines one object an event.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace migrate::progress {

struct Snapshot {
  std::string stage;   // "extract"
  std::string detail;  // "campaign_2019.csv", ""
  uint64_t rows = 0;   // done, of the step if that counts its own
  uint64_t total = 0;  // 0: not known
  double seconds = 0;  // since the stage began
  // Rows of the step are counted for `counted` seconds (0: since the stage began), and began at `before`.
  double counted = 0;
  uint64_t before = 0;
};
// Of what is counted now; 0 where that is not known.
double RowsPerSecond(const Snapshot& s);

// "extract  1,234,567 rows  45 %  812k rows/s  ETA 0:12  campaign.csv"
std::string SnapshotText(const Snapshot& s);

class Printer {
 public:
  virtual ~Printer() = default;
  virtual void Progress(const Snapshot& s) = 0;
  virtual void StageDone(const Snapshot& s, const std::string& summary) = 0;
  virtual void Note(const std::string& text) = 0;     // a fact worth a line
  virtual void Warning(const std::string& text) = 0;  // a fact worth attention; also when quiet
};

enum class Style { kQuiet, kPlain, kLive, kJson };
// kLive where stderr is a terminal that can, else kPlain.
Style DetectStyle(bool quiet, bool json);
std::unique_ptr<Printer> MakePrinter(Style style);

// Counts rows of the stage at work, from any thread, and has the printer show it from a thread of its own.
class Meter {
 public:
  explicit Meter(Printer* printer);
  ~Meter();
  void Begin(const std::string& stage, uint64_t total = 0);
  void Detail(const std::string& detail);
  // A step that counts rows of its own, up to `total` (0: not known), `before` of them done by an earlier attempt.
  void Step(const std::string& detail, uint64_t total, uint64_t before = 0);
  void Add(uint64_t rows) { rows_.fetch_add(rows, std::memory_order_relaxed); }
  uint64_t rows() const { return rows_.load(std::memory_order_relaxed); }
  void Set(uint64_t rows) { rows_.store(rows, std::memory_order_relaxed); }
  void SetTotal(uint64_t total) { total_.store(total, std::memory_order_relaxed); }
  // Ends the stage; returns its seconds.
  double Done(const std::string& summary);
  Printer* printer() { return printer_; }

 private:
  Snapshot Take();
  void Run();
  Printer* printer_;
  std::atomic<uint64_t> rows_{0}, total_{0}, before_{0};
  std::mutex mutex_;
  std::string stage_, detail_;
  std::chrono::steady_clock::time_point begun_, counting_;  // of the stage; of its rows
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace migrate::progress
