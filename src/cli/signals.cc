#include "signals.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace migrate::cli {
namespace {

Cancel g_cancel;
volatile std::sig_atomic_t g_json = 0, g_signal = 0;

void OnSignal(int signal) {
  // What is committed stays, and the same command resumes.
  if (g_cancel.requested()) ::_exit(130);
  g_signal = signal;
  g_cancel.Request();
  static constexpr std::string_view kText = "\nstopping after the chunk at hand; press Ctrl-C again to stop at once\n";
  static constexpr std::string_view kEvent = R"({"schema":1,"event":"note","text":"stopping after the chunk at hand"})"
                                             "\n";
  const std::string_view text = g_json ? kEvent : kText;
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

}  // namespace

const Cancel* StopOnSignals(bool json) {
  g_json = json ? 1 : 0;
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  return &g_cancel;
}

int StoppedBy() { return g_signal; }

}  // namespace migrate::cli
