// A library that is loaded before libc (LD_PRELOAD) and lets the n-th system call that writes fail, or the process die
// there. It counts the calls of the whole process, whichever thread makes them and whichever library (SQLite, the
// MySQL client), but for those on the terminal. Environment:
//
//   FAULT_LOG=FILE    a line a counted call: number, name, path or descriptor
//   FAULT_AT=N        the call that is harmed, counted from 1
//   FAULT_KIND=K      kill (before the call), kill_after, enospc, eio, eintr, short (half of the bytes are written),
//                     reset (the connection breaks)
//   FAULT_ON=CLASSES  which calls count: any of "disk", "net" (send and receive); default: disk
//   FAULT_FOREVER=1   every call from the N-th on fails, as on a disk that stays full
//   FAULT_READ_END=PATH  files whose path ends so end after FAULT_READ_BYTES bytes, as if there were no more
//   FAULT_CLOCK_AT=N  from the N-th question on, the clock of the day is FAULT_CLOCK_STEP seconds off (default: -86400)
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

std::atomic<long> g_calls{0}, g_clock_calls{0};

// A sanitizer makes its log before libc has set up the environment; what is read of it then would be nothing, for good.
bool Ready() { return ::environ != nullptr; }

long Number(const char* name, long fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtol(text, nullptr, 10);
}
bool Is(const char* name, const char* value) {
  const char* text = std::getenv(name);
  return text != nullptr && std::strcmp(text, value) == 0;
}
bool On(const char* what) {
  static const char* classes = std::getenv("FAULT_ON") == nullptr ? "disk" : std::getenv("FAULT_ON");
  return std::strstr(classes, what) != nullptr;
}

template <class F>
F* Next(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

[[noreturn]] void Die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

void Log(long n, const char* call, const char* path, int fd) {
  static const int log = [] {
    const char* file = std::getenv("FAULT_LOG");
    return file == nullptr
               ? -1
               : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND, 0600));
  }();
  if (log < 0) return;
  char name[PATH_MAX] = "";
  if (path == nullptr) {
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n_name = ::readlink(link, name, sizeof name - 1);
    if (n_name > 0) name[n_name] = 0;
    path = name;
  }
  char line[PATH_MAX + 64];
  const int size = std::snprintf(line, sizeof line, "%ld %s %s\n", n, call, path);
  ::syscall(SYS_write, log, line, static_cast<size_t>(size));
}

enum class Act { kPass, kFail, kShort, kDieAfter };

// Counts a call, and says what becomes of it; kFail has set errno. `bytes`: the call can be cut short.
Act Count(const char* call, const char* path, int fd, bool bytes, bool net = false) {
  if (!Ready()) return Act::kPass;
  if (!On(net ? "net" : "disk") || (path == nullptr && fd >= 0 && fd <= 2)) return Act::kPass;
  static const long at = Number("FAULT_AT", 0);
  static const bool forever = Number("FAULT_FOREVER", 0) != 0;
  const long n = ++g_calls;
  Log(n, call, path, fd);
  if (at <= 0 || n < at || (n > at && !forever)) return Act::kPass;
  if (Is("FAULT_KIND", "kill")) Die();
  if (Is("FAULT_KIND", "kill_after")) return Act::kDieAfter;
  if (Is("FAULT_KIND", "short")) return bytes ? Act::kShort : Act::kPass;
  // A connection on which a call has failed for good is broken in both directions: were it not, the client would wait
  // for an answer to what it could not send.
  const bool broken = Is("FAULT_KIND", "reset") || (net && !Is("FAULT_KIND", "eintr"));
  if (broken && fd >= 0) ::shutdown(fd, SHUT_RDWR);
  errno = Is("FAULT_KIND", "enospc")  ? ENOSPC
          : Is("FAULT_KIND", "eintr") ? EINTR
          : Is("FAULT_KIND", "reset") ? ECONNRESET
                                      : EIO;
  return Act::kFail;
}

template <class R, class Call>
R Through(Act act, Call call) {
  if (act == Act::kFail) return static_cast<R>(-1);
  const R result = call();
  if (act == Act::kDieAfter) Die();
  return result;
}

size_t Half(Act act, size_t n) { return act == Act::kShort && n > 1 ? n / 2 : n; }

// The file behind a descriptor ends early.
bool EndsEarly(int fd) {
  if (!Ready()) return false;
  static const char* end = std::getenv("FAULT_READ_END");
  if (end == nullptr) return false;
  char link[64], name[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = ::readlink(link, name, sizeof name - 1);
  if (n <= 0) return false;
  name[n] = 0;
  const size_t size = std::strlen(end);
  return static_cast<size_t>(n) >= size && std::strcmp(name + n - size, end) == 0;
}

// How much of `n` bytes at `offset` there is.
size_t Left(off_t offset, size_t n) {
  static const long bytes = Number("FAULT_READ_BYTES", 0);
  if (offset >= bytes) return 0;
  const auto left = static_cast<size_t>(bytes - offset);
  return n < left ? n : left;
}

time_t Step() {
  if (!Ready()) return 0;
  static const long at = Number("FAULT_CLOCK_AT", 0);
  static const long step = Number("FAULT_CLOCK_STEP", -86400);
  return at > 0 && ++g_clock_calls >= at ? step : 0;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t n) {
  static auto* next = Next<ssize_t(int, const void*, size_t)>("write");
  const Act act = Count("write", nullptr, fd, true);
  return Through<ssize_t>(act, [&] { return next(fd, bytes, Half(act, n)); });
}
ssize_t pwrite(int fd, const void* bytes, size_t n, off_t at) {
  static auto* next = Next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  const Act act = Count("pwrite", nullptr, fd, true);
  return Through<ssize_t>(act, [&] { return next(fd, bytes, Half(act, n), at); });
}
ssize_t pwrite64(int fd, const void* bytes, size_t n, off64_t at) {
  static auto* next = Next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  const Act act = Count("pwrite64", nullptr, fd, true);
  return Through<ssize_t>(act, [&] { return next(fd, bytes, Half(act, n), at); });
}
ssize_t writev(int fd, const iovec* parts, int n) {
  static auto* next = Next<ssize_t(int, const iovec*, int)>("writev");
  const Act act = Count("writev", nullptr, fd, n > 1);
  return Through<ssize_t>(act, [&] { return next(fd, parts, act == Act::kShort ? 1 : n); });
}
ssize_t pwritev(int fd, const iovec* parts, int n, off_t at) {
  static auto* next = Next<ssize_t(int, const iovec*, int, off_t)>("pwritev");
  const Act act = Count("pwritev", nullptr, fd, n > 1);
  return Through<ssize_t>(act, [&] { return next(fd, parts, act == Act::kShort ? 1 : n, at); });
}
int fsync(int fd) {
  static auto* next = Next<int(int)>("fsync");
  return Through<int>(Count("fsync", nullptr, fd, false), [&] { return next(fd); });
}
int fdatasync(int fd) {
  static auto* next = Next<int(int)>("fdatasync");
  return Through<int>(Count("fdatasync", nullptr, fd, false), [&] { return next(fd); });
}
int ftruncate(int fd, off_t size) noexcept {
  static auto* next = Next<int(int, off_t)>("ftruncate");
  return Through<int>(Count("ftruncate", nullptr, fd, false), [&] { return next(fd, size); });
}
int ftruncate64(int fd, off64_t size) noexcept {
  static auto* next = Next<int(int, off64_t)>("ftruncate64");
  return Through<int>(Count("ftruncate64", nullptr, fd, false), [&] { return next(fd, size); });
}
int rename(const char* from, const char* to) noexcept {
  static auto* next = Next<int(const char*, const char*)>("rename");
  return Through<int>(Count("rename", to, -1, false), [&] { return next(from, to); });
}
int unlink(const char* path) noexcept {
  static auto* next = Next<int(const char*)>("unlink");
  return Through<int>(Count("unlink", path, -1, false), [&] { return next(path); });
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  static auto* next = Next<int(int, const char*, int)>("unlinkat");
  return Through<int>(Count("unlinkat", path, -1, false), [&] { return next(folder, path, flags); });
}
int rmdir(const char* path) noexcept {
  static auto* next = Next<int(const char*)>("rmdir");
  return Through<int>(Count("rmdir", path, -1, false), [&] { return next(path); });
}
int mkdir(const char* path, mode_t mode) noexcept {
  static auto* next = Next<int(const char*, mode_t)>("mkdir");
  return Through<int>(Count("mkdir", path, -1, false), [&] { return next(path, mode); });
}

#define FAULT_OPEN(name)                                                                   \
  int name(const char* path, int flags, ...) {                                             \
    static auto* next = Next<int(const char*, int, ...)>(#name);                           \
    va_list rest;                                                                          \
    va_start(rest, flags);                                                                 \
    const auto mode = static_cast<mode_t>((flags & O_CREAT) != 0 ? va_arg(rest, int) : 0); \
    va_end(rest);                                                                          \
    const Act act = (flags & O_CREAT) != 0 ? Count(#name, path, -1, false) : Act::kPass;   \
    return Through<int>(act, [&] { return next(path, flags, mode); });                     \
  }
FAULT_OPEN(open)
FAULT_OPEN(open64)
#undef FAULT_OPEN
#define FAULT_OPENAT(name)                                                                 \
  int name(int folder, const char* path, int flags, ...) {                                 \
    static auto* next = Next<int(int, const char*, int, ...)>(#name);                      \
    va_list rest;                                                                          \
    va_start(rest, flags);                                                                 \
    const auto mode = static_cast<mode_t>((flags & O_CREAT) != 0 ? va_arg(rest, int) : 0); \
    va_end(rest);                                                                          \
    const Act act = (flags & O_CREAT) != 0 ? Count(#name, path, -1, false) : Act::kPass;   \
    return Through<int>(act, [&] { return next(folder, path, flags, mode); });             \
  }
FAULT_OPENAT(openat)
FAULT_OPENAT(openat64)
#undef FAULT_OPENAT

ssize_t send(int fd, const void* bytes, size_t n, int flags) {
  static auto* next = Next<ssize_t(int, const void*, size_t, int)>("send");
  const Act act = Count("send", nullptr, fd, true, true);
  return Through<ssize_t>(act, [&] { return next(fd, bytes, Half(act, n), flags); });
}
ssize_t sendto(int fd, const void* bytes, size_t n, int flags, const sockaddr* to, socklen_t size) {
  static auto* next = Next<ssize_t(int, const void*, size_t, int, const sockaddr*, socklen_t)>("sendto");
  const Act act = Count("sendto", nullptr, fd, true, true);
  return Through<ssize_t>(act, [&] { return next(fd, bytes, Half(act, n), flags, to, size); });
}
ssize_t recv(int fd, void* bytes, size_t n, int flags) {
  static auto* next = Next<ssize_t(int, void*, size_t, int)>("recv");
  const Act act = Count("recv", nullptr, fd, true, true);
  return Through<ssize_t>(act, [&] { return next(fd, bytes, Half(act, n), flags); });
}

ssize_t read(int fd, void* bytes, size_t n) {
  static auto* next = Next<ssize_t(int, void*, size_t)>("read");
  return next(fd, bytes, EndsEarly(fd) ? Left(::lseek(fd, 0, SEEK_CUR), n) : n);
}
ssize_t pread(int fd, void* bytes, size_t n, off_t at) {
  static auto* next = Next<ssize_t(int, void*, size_t, off_t)>("pread");
  return next(fd, bytes, EndsEarly(fd) ? Left(at, n) : n, at);
}
ssize_t pread64(int fd, void* bytes, size_t n, off64_t at) {
  static auto* next = Next<ssize_t(int, void*, size_t, off64_t)>("pread64");
  return next(fd, bytes, EndsEarly(fd) ? Left(at, n) : n, at);
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static auto* next = Next<int(clockid_t, timespec*)>("clock_gettime");
  const int result = next(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += Step();
  return result;
}
int gettimeofday(timeval* now, void* zone) noexcept {
  static auto* next = Next<int(timeval*, void*)>("gettimeofday");
  const int result = next(now, zone);
  if (result == 0) now->tv_sec += Step();
  return result;
}
time_t time(time_t* out) noexcept {
  timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
