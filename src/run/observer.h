// The printer between a run and the one that shows it: what comes by also reaches the log and the board; a thread of
// its own keeps status file and metrics current and looks whether something moves.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "migrate/progress/board.h"
#include "migrate/progress/watchdog.h"
#include "migrate/run/observe.h"
#include "migrate/run/run.h"

namespace migrate::run {

class Observer : public progress::Printer {
 public:
  // kPlan if log or metrics file cannot be written: who asks for them wants to know before the run begins.
  static Result<std::unique_ptr<Observer>> Begin(const plan::Plan& plan, const RunOptions& options);
  ~Observer() override;

  void Progress(const progress::Snapshot& s) override;
  void StageDone(const progress::Snapshot& s, const std::string& summary) override;
  void Note(const std::string& text) override;
  void Warning(const std::string& text) override;

  progress::Board* board() { return &board_; }
  // Last words: the log's last line, the metrics, the command.
  void End(const RunOutcome& outcome);

 private:
  Observer(const RunOptions& options, ObserveOptions observe);
  void Run();
  void Look();
  void Log(progress::LogEntry entry);
  void KeepMetrics();
  void Stop();

  const RunOptions& o_;
  const ObserveOptions observe_;
  std::vector<std::string> secrets_;  // variables with the plan's passwords
  progress::Printer* shown_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  progress::Board board_;
  progress::Watchdog watchdog_;
  std::unique_ptr<progress::RunLog> log_;
  bool metrics_failed_ = false;
  std::mutex printing_;  // `shown_` is not made for several threads
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

// A run with all that watches it.
RunOutcome Observed(const plan::Plan& plan, const RunOptions& options,
                    const std::function<RunOutcome(const RunOptions&)>& work);

}  // namespace migrate::run
