#include "migrate/run/watch.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "context.h"
#include "migrate/base/clock.h"
#include "migrate/base/file.h"
#include "watch_sign.h"

namespace migrate::run {
namespace {

using plan::SourceType;

// The files of a plan as they are now, and whether it has tables that cannot be looked at.
struct Look {
  std::map<std::string, std::vector<FileStat>> files;
  bool live = false;
  std::string plan_hash;
};

// What cannot be read is left to the run, which says why.
Look LookAt(const plan::Plan& plan) {
  Look look;
  look.plan_hash = plan.hash;
  for (const plan::Source& source : plan.sources) {
    look.live |= source.type == SourceType::kMysql;
    std::vector<std::string> paths = {source.path};
    if (source.type == SourceType::kMysql) paths.clear();
    if (source.type == SourceType::kCsv) {
      auto found = Glob(source.path);
      paths = found.ok() ? *found : std::vector<std::string>();
    }
    for (const std::string& path : paths) {
      auto stat = StatFile(path);
      if (!stat.ok()) continue;
      std::vector<FileStat>& stats = look.files[path];
      stats = {*stat};
      if (source.type != SourceType::kSqlite) continue;
      auto log = StatFile(RealPath(path) + "-wal");
      if (log.ok()) log->ctime_ns = 0;  // as in inputs.cc: SQLite sets it when it opens the log
      stats.push_back(log.ok() ? *log : FileStat{});
    }
  }
  return look;
}

bool Same(const Look& a, const Look& b) { return a.files == b.files && a.plan_hash == b.plan_hash; }

int64_t NowNs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(system_clock::now().time_since_epoch()).count();
}

// CSV files of `second` that are still being written; of a snapshot source all files, if one is. A database is read in
// a snapshot of its own, whoever writes to it.
std::set<std::string> BeingWritten(const plan::Plan& plan, const Look& first, const Look& second, double settle) {
  std::set<std::string> out;
  const auto apart = static_cast<int64_t>(settle * 1e9);
  for (const plan::Source& source : plan.sources) {
    if (source.type != SourceType::kCsv) continue;
    auto paths = Glob(source.path);
    if (!paths.ok()) continue;
    bool any = false;
    for (const std::string& path : *paths) {
      auto before = first.files.find(path), now = second.files.find(path);
      const bool moved = before == first.files.end() || now == second.files.end() || before->second != now->second;
      const int64_t age = moved ? 0 : NowNs() - now->second.front().mtime_ns;
      if (!moved && (age < 0 || age >= apart)) continue;
      out.insert(path);
      any = true;
    }
    if (any && source.mode == plan::Mode::kSnapshot) out.insert(paths->begin(), paths->end());
  }
  return out;
}

class Watcher {
 public:
  explicit Watcher(const WatchOptions& o) : o_(o), sign_(o.interval) {}

  WatchOutcome Run() {
    for (;;) {
      const bool worked = Round();
      if (finished_ || o_.once) return std::move(out_);
      double wait = o_.interval;
      if (failures_ > 0)
        wait = std::min(kLongestBackOff, o_.interval * static_cast<double>(1u << std::min(failures_, 16u)));
      if (failures_ > 0 && worked) Say(fmt::format("trying again in {:.0f} s", wait));
      sign_.Waiting(wait);
      if (!Wait(wait)) {
        out_.exit_code = 0;  // nothing was begun that would have to be resumed
        return std::move(out_);
      }
    }
  }

 private:
  bool Cancelled() const { return o_.run.cancel != nullptr && o_.run.cancel->requested(); }
  void Say(const std::string& text) const {
    if (o_.run.printer != nullptr) o_.run.printer->Note(text);
  }

  // False if it was cancelled meanwhile. While a round is to be tried again, files that change are not kept waiting.
  bool Wait(double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto begun = Clock::now();
    const auto passed = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
    while (passed() < seconds) {
      if (Cancelled()) return false;
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(0.1, std::max(0.0, seconds - passed()))));
      if (failures_ == 0 || passed() < o_.interval) continue;
      auto plan = o_.load();
      if (plan.ok() && !Same(LookAt(**plan), failed_)) return !Cancelled();
    }
    return !Cancelled();
  }

  // True if anything was tried.
  bool Round() {
    auto loaded = o_.load();
    if (!loaded.ok()) return Fail(loaded.status(), Look());
    const plan::Plan& plan = **loaded;
    if (!o_.once) sign_.Looking(plan.workspace);
    Look first = LookAt(plan);
    if (began_ && Same(first, done_) && !first.live) return Idle();
    const bool changed = !began_ || !Same(first, done_);
    std::set<std::string> not_yet;
    Look second = first;
    if (changed) {
      if (!Wait(o_.settle)) return Stopped();
      second = LookAt(plan);
      not_yet = BeingWritten(plan, first, second, o_.settle);
    }
    for (const std::string& path : not_yet) second.files.erase(path);
    if (!not_yet.empty())
      Say(fmt::format("still being written, left for the next round: {}", fmt::join(not_yet, ", ")));
    if (began_ && Same(second, done_) && !second.live) return false;
    // What has come since the second look has not settled.
    std::set<std::string> settled;
    for (const auto& [path, stats] : second.files) settled.insert(path);
    RunOptions run = o_.run;
    run.only_files = &settled;
    const RunOutcome outcome = run::Run(plan, run);
    return Ended(outcome, second);
  }

  bool Stopped() {
    finished_ = true;
    out_.exit_code = 0;
    return false;
  }

  // One line when it begins, not one a round.
  bool Idle() {
    failures_ = 0;
    if (!idle_) Say(fmt::format("nothing new since {}; looking every {:.0f} s", NowUtc(), o_.interval));
    idle_ = true;
    return false;
  }

  bool Fail(const Status& status, Look look) {
    idle_ = false;
    ++failures_;
    failed_ = std::move(look);
    out_.status = status;
    out_.exit_code = ExitCode(status);
    if (!o_.once && o_.run.printer != nullptr) o_.run.printer->Warning(status.message());
    return true;
  }

  bool Ended(const RunOutcome& run, Look look) {
    if (o_.ended) o_.ended(run);
    if (!run.status.ok()) {
      Fail(run.status, look);
      finished_ = run.status.kind() == ErrorKind::kCancelled || run.status.kind() == ErrorKind::kMismatch;
      return true;
    }
    failures_ = 0;
    began_ = true;
    done_ = std::move(look);
    out_.status = Status();
    out_.exit_code = run.exit_code;
    if (run.exit_code == 4) finished_ = true;  // of an earlier import, found again
    const bool imported = run.report_json.find("\"unchanged\": true") == std::string::npos && !run.report_json.empty();
    out_.imports += imported ? 1 : 0;
    if (!imported) return Idle();
    idle_ = false;
    return true;
  }

  const WatchOptions& o_;
  WatchOutcome out_;
  Look done_, failed_;
  bool began_ = false, idle_ = false, finished_ = false;
  unsigned failures_ = 0;
  WatchSign sign_;
};

}  // namespace

WatchOutcome Watch(const WatchOptions& options) { return Watcher(options).Run(); }

}  // namespace migrate::run
