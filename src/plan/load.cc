#include "migrate/plan/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "build.h"
#include "check.h"
#include "interpolate.h"
#include "migrate/plan/resolved.h"
#include "migrate/plan/schema.h"
#include "tree.h"

namespace migrate::plan {
namespace {

constexpr size_t kPlanBytesMax = 4u << 20;

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

// The error, or "" and the bytes in `text`.
std::string ReadWhole(const std::string& path, std::string* text) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::string("cannot open: ") + std::strerror(errno);
  struct stat info {};
  std::string error;
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) error = "cannot read: it is a directory";
  char buffer[65536];
  while (error.empty() && text->size() <= kPlanBytesMax) {
    ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error = std::string("cannot read: ") + std::strerror(errno);
    if (n > 0) text->append(buffer, static_cast<size_t>(n));
  }
  ::close(fd);
  if (error.empty() && text->size() > kPlanBytesMax) error = "is larger than 4 MiB, so it is no plan";
  return error;
}

// yaml-cpp takes the byte 0x04 for the end of the file and guesses other encodings, so neither may reach it.
std::optional<Diagnostic> CheckBytes(std::string_view text, const SourceText& source) {
  int line = 0;
  for (size_t begin = 0; begin < text.size(); ++line) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view bytes = text.substr(begin, end - begin);
    if (!IsUtf8(bytes)) {
      Diagnostic d = source.Make({}, "line " + std::to_string(line + 1) + " is not UTF-8", "a plan in UTF-8");
      d.at = {line + 1, 1};
      return d;
    }
    if (!bytes.empty() && bytes.back() == '\r') bytes.remove_suffix(1);
    for (size_t i = 0; i < bytes.size(); ++i) {
      auto c = static_cast<unsigned char>(bytes[i]);
      if ((c < 0x20 && c != '\t') || c == 0x7F) {
        Diagnostic d = source.Make({}, "a control character", "a text file");
        d.at = source.At(line, static_cast<int>(i));
        return d;
      }
    }
    begin = end + 1;
  }
  return std::nullopt;
}

bool Before(const Diagnostic& a, const Diagnostic& b) {
  return a.at.line != b.at.line ? a.at.line < b.at.line : a.at.column < b.at.column;
}

LoadResult Load(std::string_view text, const std::string& path, const LoadOptions& options) {
  LoadResult result;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  auto source = std::make_shared<SourceText>(path, text);
  if (std::optional<Diagnostic> bad = CheckBytes(text, *source)) {
    result.diagnostics.push_back(*bad);
    return result;
  }
  Node root;
  result.diagnostics = ParseTree(text, source.get(), &root);
  if (!result.diagnostics.empty()) return result;
  Plan plan;
  plan.file = std::filesystem::absolute(path).string();
  Interpolate(&root, *source, options.environment ? options.environment : ProcessEnvironment, &plan.variables,
              &result.diagnostics);
  CheckTree(&root, PlanShape(), *source, &result.diagnostics);
  PlanBuilder(*source, options.version, &plan, &result.diagnostics).Build(&root);
  std::stable_sort(result.diagnostics.begin(), result.diagnostics.end(), Before);
  if (!result.diagnostics.empty()) return result;
  plan.source_text = source;
  plan.hash = PlanHash(plan);
  result.plan = std::move(plan);
  return result;
}

LoadResult Fail(const std::string& path, const std::string& message, const std::string& expected) {
  LoadResult result;
  result.diagnostics.push_back(SourceText(path, "").Make({}, message, expected));
  return result;
}

}  // namespace

LoadResult LoadPlanText(std::string_view text, const std::string& path, const LoadOptions& options) {
  try {
    return Load(text, path, options);
  } catch (const std::exception& e) {
    return Fail(path, std::string("cannot load: ") + e.what(), "");
  }
}

LoadResult LoadPlan(const std::string& path, const LoadOptions& options) {
  std::string text;
  if (std::string error = ReadWhole(path, &text); !error.empty()) return Fail(path, error, "the path of a plan file");
  return LoadPlanText(text, path, options);
}

}  // namespace migrate::plan
