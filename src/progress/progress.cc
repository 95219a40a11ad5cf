#include "migrate/progress/progress.h"
#include "migrate/base/plural.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "migrate/base/visible.h"

namespace migrate::progress {
namespace {

std::string Thousands(uint64_t n) {
  std::string digits = std::to_string(n), out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out.push_back(',');
    out.push_back(digits[i]);
  }
  return out;
}

std::string Rate(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.1f}M", per_second / 1e6);
  if (per_second >= 1e4) return fmt::format("{:.0f}k", per_second / 1e3);
  return fmt::format("{:.0f}", per_second);
}

void Put(const std::string& text) { std::fputs(text.c_str(), stderr); }

class TextPrinter : public Printer {
 public:
  explicit TextPrinter(Style style) : live_(style == Style::kLive), quiet_(style == Style::kQuiet) {}
  void Progress(const Snapshot& s) override {
    if (quiet_) return;
    std::lock_guard lock(mutex_);
    if (live_) {
      Put("\r\033[K" + SnapshotText(s).substr(0, 110));
      line_open_ = true;
      return;
    }
    auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::seconds(10)) return;
    last_ = now;
    Put(SnapshotText(s) + "\n");
  }
  void StageDone(const Snapshot& s, const std::string& summary) override {
    std::lock_guard lock(mutex_);
    last_ = std::chrono::steady_clock::now();
    if (!quiet_) Line(fmt::format("{:<10} {:>7.2f} s  {}", s.stage, s.seconds, summary));
  }
  void Note(const std::string& text) override {
    std::lock_guard lock(mutex_);
    if (!quiet_) Line(text);
  }
  void Warning(const std::string& text) override {
    std::lock_guard lock(mutex_);
    Line("warning: " + text);
  }

 private:
  void Line(const std::string& text) {
    Put((line_open_ ? "\r\033[K" : "") + Visible(text) + "\n");
    line_open_ = false;
  }
  const bool live_, quiet_;
  std::mutex mutex_;  // the meter's thread shows progress while a stage says something
  bool line_open_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

class JsonPrinter : public Printer {
 public:
  void Progress(const Snapshot& s) override {
    auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::seconds(1)) return;
    last_ = now;
    Event("progress", s, "");
  }
  void StageDone(const Snapshot& s, const std::string& summary) override { Event("stage_done", s, summary); }
  void Note(const std::string& text) override { Line({{"schema", 1}, {"event", "note"}, {"text", text}}); }
  void Warning(const std::string& text) override { Line({{"schema", 1}, {"event", "warning"}, {"text", text}}); }

 private:
  void Event(const char* event, const Snapshot& s, const std::string& summary) {
    nlohmann::json j = {{"schema", 1}, {"event", event}, {"stage", s.stage}, {"rows", s.rows}, {"seconds", s.seconds}};
    if (s.total > 0) j["total"] = s.total;
    if (summary.empty()) j["rows_per_second"] = std::floor(RowsPerSecond(s));
    if (!s.detail.empty()) j["detail"] = s.detail;
    if (!summary.empty()) j["summary"] = summary;
    Line(j);
  }
  void Line(const nlohmann::json& j) { Put(j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"); }
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

double RowsPerSecond(const Snapshot& s) {
  const double seconds = s.counted > 0 ? s.counted : s.seconds;
  return seconds > 0 && s.rows > s.before ? static_cast<double>(s.rows - s.before) / seconds : 0;
}

std::string SnapshotText(const Snapshot& s) {
  std::string text = fmt::format("{:<10} {} {}", s.stage, Thousands(s.rows), Plural(s.rows, "row", "rows"));
  const double rate = RowsPerSecond(s);
  if (s.total > 0) text += fmt::format("  {} %", std::min<uint64_t>(100, s.rows * 100 / s.total));
  text += fmt::format("  {} rows/s", Rate(rate));
  if (s.total > s.rows && rate > 0) {
    auto left = static_cast<uint64_t>(static_cast<double>(s.total - s.rows) / rate + 0.5);
    text += left >= 3600 ? fmt::format("  ETA {}:{:02}:{:02}", left / 3600, left / 60 % 60, left % 60)
                         : fmt::format("  ETA {}:{:02}", left / 60, left % 60);
  }
  if (!s.detail.empty()) text += "  " + s.detail;
  return text;
}

Style DetectStyle(bool quiet, bool json) {
  if (json) return Style::kJson;
  if (quiet) return Style::kQuiet;
  const char* term = std::getenv("TERM");
  bool dumb = term == nullptr || std::string_view(term) == "dumb" || std::getenv("NO_COLOR") != nullptr;
  return ::isatty(STDERR_FILENO) == 1 && !dumb ? Style::kLive : Style::kPlain;
}

std::unique_ptr<Printer> MakePrinter(Style style) {
  if (style == Style::kJson) return std::make_unique<JsonPrinter>();
  return std::make_unique<TextPrinter>(style);
}

Meter::Meter(Printer* printer) : printer_(printer), thread_([this] { Run(); }) {}

Meter::~Meter() {
  stop_ = true;
  thread_.join();
}

void Meter::Begin(const std::string& stage, uint64_t total) {
  std::lock_guard lock(mutex_);
  stage_ = stage;
  detail_.clear();
  rows_ = before_ = 0;
  total_ = total;
  begun_ = counting_ = std::chrono::steady_clock::now();
}

void Meter::Detail(const std::string& detail) {
  std::lock_guard lock(mutex_);
  detail_ = detail;
}

void Meter::Step(const std::string& detail, uint64_t total, uint64_t before) {
  std::lock_guard lock(mutex_);
  detail_ = detail;
  rows_ = before_ = before;
  total_ = total;
  counting_ = std::chrono::steady_clock::now();
}

Snapshot Meter::Take() {
  const auto now = std::chrono::steady_clock::now();
  const auto since = [now](auto then) { return std::chrono::duration<double>(now - then).count(); };
  return {stage_, detail_, rows_, total_, since(begun_), since(counting_), before_};
}

double Meter::Done(const std::string& summary) {
  std::lock_guard lock(mutex_);
  Snapshot s = Take();
  stage_.clear();
  printer_->StageDone(s, summary);
  return s.seconds;
}

void Meter::Run() {
  while (!stop_) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    static constexpr int kTicks = 4;
    static thread_local int tick = 0;
    if (++tick % kTicks != 0) continue;
    std::lock_guard lock(mutex_);
    if (!stage_.empty()) printer_->Progress(Take());
  }
}

}  // namespace migrate::progress
