// The log of a run: a file to which each event is one line, as text or as JSON. spdlog stays behind this header.
//
// Text:  2026-03-01T04:05:06.789Z warning run=9f86d081884c7d65 plan=people extract (a.csv): TEXT; hint: WHAT TO DO
// JSON:  {"time":"...","level":"warning","run":"...","plan":"people","event":"warning","stage":"extract",
//         "step":"a.csv","text":"...", ...}
// Appended to, and rotated by size: FILE, FILE.1 (FILE with its extension behind the number), ... Mode 0600. Lines of
// warnings and errors reach the file at once, others within a second, so a crash loses at most that second. A log that
// cannot be written (a full disk) never ends the run: it is said once.
//
// E-mail addresses are masked in every text, since keys and messages may hold them; other values of persons are never
// given to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "migrate/base/status.h"

namespace migrate::progress {

enum class LogFormat { kText, kJson };
enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogOptions {
  std::string file;
  LogFormat format = LogFormat::kText;
  LogLevel level = LogLevel::kInfo;  // lower ones are dropped
  uint64_t max_bytes = 64 << 20;     // of one file
  int keep = 5;                      // rotated files beside it
  std::string run_id, plan;          // on each line
};

// What a line says besides its text, in this order.
using LogValue = std::variant<std::string, int64_t, double>;
struct LogEntry {
  LogLevel level = LogLevel::kInfo;
  std::string event;  // "stage_done"
  std::string stage, step;
  std::string text, hint;
  std::vector<std::pair<std::string, LogValue>> values;
};

class RunLog {
 public:
  // kPlan if the file cannot be opened for appending. `failed` is called once if a line cannot be written later.
  static Result<std::unique_ptr<RunLog>> Open(const LogOptions& options,
                                              std::function<void(const std::string&)> failed);
  ~RunLog();
  void Write(const LogEntry& entry);  // from any thread
  void Flush();

 private:
  struct Impl;
  explicit RunLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The line of an entry, without its end; `time` as it is to stand there.
std::string LogLine(const LogOptions& options, const LogEntry& entry, const std::string& time);

// "ann.lee@example.org" becomes "a***@example.org"; user@host of a URL stays.
std::string WithoutAddresses(const std::string& text);

}  // namespace migrate::progress
