#include "migrate/progress/run_log.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "migrate/base/file.h"
#include "migrate/base/visible.h"

namespace migrate::progress {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array<const char*, 4> kLevelNames = {"debug", "info", "warning", "error"};

spdlog::level::level_enum Spdlog(LogLevel level) {
  static constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                          spdlog::level::warn, spdlog::level::err};
  return kLevels[static_cast<size_t>(level)];
}

std::string TimeText(std::chrono::system_clock::time_point t) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, ms % 1000);
}

// One line whatever stands in it.
std::string OneLine(const std::string& text) {
  std::string out;
  for (char c : Visible(text)) {
    if (c == '\n')
      out += out.empty() || out.back() == ' ' ? "| " : " | ";
    else
      out += c == '\t' ? ' ' : c;
  }
  while (out.ends_with(" | ")) out.resize(out.size() - 3);
  return out;
}

std::string TextLine(const LogOptions& o, const LogEntry& e, const std::string& time) {
  std::string line =
      fmt::format("{} {} run={} plan={}", time, kLevelNames[static_cast<size_t>(e.level)], o.run_id, o.plan);
  if (!e.stage.empty()) line += " " + e.stage;
  if (!e.step.empty()) line += " (" + e.step + ")";
  line += ": " + (e.text.empty() ? e.event : e.text);
  for (const auto& [name, value] : e.values) {
    line += " " + name + "=";
    std::visit([&](const auto& v) { line += fmt::format("{}", v); }, value);
  }
  if (!e.hint.empty()) line += "; hint: " + e.hint;
  return OneLine(line);
}

std::string JsonLine(const LogOptions& o, const LogEntry& e, const std::string& time) {
  json j = {{"time", time},
            {"level", kLevelNames[static_cast<size_t>(e.level)]},
            {"run", o.run_id},
            {"plan", o.plan},
            {"event", e.event}};
  if (!e.stage.empty()) j["stage"] = e.stage;
  if (!e.step.empty()) j["step"] = e.step;
  if (!e.text.empty()) j["text"] = e.text;
  if (!e.hint.empty()) j["hint"] = e.hint;
  for (const auto& [name, value] : e.values) std::visit([&, key = name](const auto& v) { j[key] = v; }, value);
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool AddressChar(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '%' || c == '+' || c == '-';
}

}  // namespace

std::string WithoutAddresses(const std::string& text) {
  std::string out;
  size_t kept = 0;  // text[0, kept) is in `out`
  for (size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    size_t begin = at, end = at + 1;
    while (begin > kept && AddressChar(text[begin - 1])) --begin;
    while (end < text.size() && AddressChar(text[end])) ++end;
    while (end > at + 1 && text[end - 1] == '.') --end;
    const bool domain = text.substr(at + 1, end - at - 1).find('.') != std::string::npos;
    const bool url = begin >= 3 && text.compare(begin - 3, 3, "://") == 0;
    if (begin == at || !domain || url) continue;
    out.append(text, kept, begin - kept + 1).append("***");
    kept = at;
  }
  return out.append(text, kept);
}

std::string LogLine(const LogOptions& options, const LogEntry& entry, const std::string& time) {
  LogEntry e = entry;
  for (std::string* text : {&e.step, &e.text, &e.hint}) *text = WithoutAddresses(*text);
  return options.format == LogFormat::kJson ? JsonLine(options, e, time) : TextLine(options, e, time);
}

struct RunLog::Impl {
  LogOptions options;
  std::function<void(const std::string&)> failed;
  std::unique_ptr<spdlog::logger> logger;
  std::atomic<bool> said{false};
  std::mutex mutex;
  std::condition_variable wake;
  bool stop = false;
  std::thread flusher;  // once a second, also while nothing is written

  void Note(const std::string& why) {
    if (!said.exchange(true)) failed(options.file + ": the log cannot be written: " + why);
  }
  void Run() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, std::chrono::seconds(1), [this] { return stop; })) logger->flush();
  }
};

RunLog::RunLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RunLog::~RunLog() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
  }
  impl_->wake.notify_all();
  impl_->flusher.join();
  impl_->logger->flush();
}

Result<std::unique_ptr<RunLog>> RunLog::Open(const LogOptions& options,
                                             std::function<void(const std::string&)> failed) {
  // spdlog opens by the umask alone: here, for people other than the owner are never to read it.
  const int fd = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    const Status why = PosixError(options.file, "cannot open the log", errno);
    return Status::Plan(why.message(), "name a file in a folder that exists and may be written to");
  }
  ::close(fd);
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->failed = std::move(failed);
  try {
    spdlog::file_event_handlers handlers;
    handlers.after_open = [](const std::string&, std::FILE* file) { ::fchmod(::fileno(file), 0600); };
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
        options.file, options.max_bytes, static_cast<size_t>(options.keep), false, handlers);
    impl->logger = std::make_unique<spdlog::logger>("run", std::move(sink));
  } catch (const std::exception& e) {
    return Status::Plan(options.file + ": cannot open the log: " + e.what(),
                        "name a file in a folder that exists and may be written to");
  }
  impl->logger->set_pattern("%v");
  impl->logger->set_level(Spdlog(options.level));
  impl->logger->flush_on(spdlog::level::warn);
  impl->logger->set_error_handler([at = impl.get()](const std::string& why) { at->Note(why); });
  impl->flusher = std::thread([at = impl.get()] { at->Run(); });
  return std::unique_ptr<RunLog>(new RunLog(std::move(impl)));
}

void RunLog::Write(const LogEntry& entry) {
  const auto level = Spdlog(entry.level);
  if (!impl_->logger->should_log(level)) return;
  const std::string line = LogLine(impl_->options, entry, TimeText(std::chrono::system_clock::now()));
  impl_->logger->log(level, spdlog::string_view_t(line.data(), line.size()));
}

void RunLog::Flush() { impl_->logger->flush(); }

}  // namespace migrate::progress
