#include "migrate/progress/board.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "migrate/base/file.h"

namespace migrate::progress {
namespace {

using nlohmann::json;

// Not synced: what a power cut takes is written anew within seconds.
Status WriteThrough(const std::string& path, const std::string& text, mode_t mode) {
  const std::string temporary = path + ".tmp";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return PosixError(temporary, "cannot write", errno);
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    done += static_cast<size_t>(n);
  }
  const int error = errno;
  const bool closed = ::close(fd) == 0;
  if (done == text.size() && closed && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  Status failed = PosixError(path, "cannot write", done < text.size() ? error : errno);
  ::unlink(temporary.c_str());
  return failed;
}

json WorkersJson(const std::vector<DoingNow>& workers) {
  json all = json::array();
  for (const DoingNow& w : workers) all.push_back({{"worker", w.worker}, {"seconds", w.seconds}, {"doing", w.text}});
  return all;
}

}  // namespace

Resources ResourcesNow() {
  Resources r;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  r.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  r.resident_peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  uint64_t size = 0, resident = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> size >> resident)
    r.resident_bytes = resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  std::ifstream io("/proc/self/io");
  for (std::string name; io >> name;) {
    uint64_t n = 0;
    io >> n;
    if (name == "rchar:") r.read_bytes = n;
    if (name == "wchar:") r.written_bytes = n;
  }
  return r;
}

std::string StatusText(const RunFacts& f) {
  json done = json::array();
  for (const StageFacts& s : f.done) done.push_back({{"stage", s.stage}, {"seconds", s.seconds}, {"rows", s.rows}});
  json j = {{"schema", 1},
            {"run", f.run_id},
            {"pid", f.pid},
            {"host", f.host},
            {"operator", f.operator_name},
            {"started_at", f.started_at},
            {"import", f.import},
            {"stage", f.now.stage},
            {"step", f.now.detail},
            {"stage_began_at", f.now_began_at},
            {"rows", f.now.rows},
            {"total", f.now.total},
            {"seconds", f.now.seconds},
            {"rows_per_second", RowsPerSecond(f.now)},
            {"stages_done", done},
            {"idle_seconds", f.idle_seconds},
            {"stalled", f.stall ? json(f.stall->where) : json()},
            {"memory_bytes", f.resources.resident_bytes},
            {"memory_peak_bytes", f.resources.resident_peak_bytes},
            {"cpu_seconds", f.resources.cpu_seconds},
            {"warnings", f.warnings},
            {"workers", WorkersJson(f.workers)}};
  return j.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

void Board::ShowAt(const std::string& path) {
  std::lock_guard lock(status_mutex_);
  status_path_ = path;
}

void Board::Hide() {
  std::lock_guard lock(status_mutex_);
  if (!status_path_.empty()) ::unlink(status_path_.c_str());
  status_path_.clear();
}

void Board::WriteStatus() {
  const std::string text = StatusText(Copy());
  std::lock_guard lock(status_mutex_);
  if (!status_path_.empty()) (void)WriteThrough(status_path_, text, 0600).ok();
}

Status WriteMetrics(const std::string& path, const RunFacts& facts) {
  return WriteThrough(path, MetricsText(facts), 0644);
}

}  // namespace migrate::progress
