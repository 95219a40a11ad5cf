#include "migrate/spool/manifest.h"

#include <fmt/core.h>
#include <unistd.h>

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

namespace migrate::spool {

using nlohmann::json;

uint64_t ManifestLine::Number(const std::string& name) const {
  const std::string& text = Text(name);
  uint64_t v = 0;
  std::from_chars(text.data(), text.data() + text.size(), v);
  return v;
}

const std::string& ManifestLine::Text(const std::string& name) const {
  static const std::string none;
  auto it = values.find(name);
  return it == values.end() ? none : it->second;
}

namespace {

bool IsUint32(const json& value) {
  return value.is_number_unsigned() && value.get<uint64_t>() <= std::numeric_limits<uint32_t>::max();
}

// Null where the text is no line of a manifest.
std::unique_ptr<ManifestLine> ParseLine(std::string_view text) {
  const json j = json::parse(text.begin(), text.end(), nullptr, false);
  if (!j.is_object() || !j.contains("kind")) return nullptr;
  auto line = std::make_unique<ManifestLine>();
  for (const auto& [name, value] : j.items()) {
    if (name == "kind") {
      if (!value.is_string()) return nullptr;
      line->kind = value.get<std::string>();
    } else if (name == "file" || name == "chunk") {
      if (!IsUint32(value)) return nullptr;
      (name == "file" ? line->file : line->chunk) = value.get<uint32_t>();
    } else {
      line->values[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  return line;
}

}  // namespace

namespace {

using Lines = std::vector<std::unique_ptr<ManifestLine>>;

// The whole lines of `text`, and where they end.
Result<size_t> ParseLines(const std::string& path, std::string_view text, Lines* lines) {
  size_t line_no = 0, begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    ++line_no;
    auto line = ParseLine(text.substr(begin, end - begin));
    if (line == nullptr)
      return Status::Failed(fmt::format("{}:{}: damaged manifest line", path, line_no),
                            "run the same plan with --from extract: the stages are made anew from the sources");
    lines->push_back(std::move(line));
  }
  return begin;
}

}  // namespace

Result<std::vector<ManifestLine>> ReadManifest(const std::string& path) {
  MIGRATE_ASSIGN(const std::string text, ReadWholeFile(path));
  Lines lines;
  MIGRATE_TRY(ParseLines(path, text, &lines).status());
  std::vector<ManifestLine> out;
  out.reserve(lines.size());
  for (auto& line : lines) out.push_back(std::move(*line));
  return out;
}

Result<std::unique_ptr<Manifest>> Manifest::Open(const std::string& path) {
  std::unique_ptr<Manifest> m(new Manifest);
  m->path_ = path;
  if (PathExists(path)) {
    MIGRATE_ASSIGN(const std::string text, ReadWholeFile(path));
    MIGRATE_ASSIGN(const size_t end, ParseLines(path, text, &m->lines_));
    if (end < text.size()) MIGRATE_TRY(WriteFileAtomic(path, std::string_view(text).substr(0, end)));
  }
  MIGRATE_ASSIGN(m->file_, File::OpenAppend(path));
  MIGRATE_ASSIGN(FileStat stat, StatFile(path));
  m->size_ = stat.size;
  MIGRATE_TRY(SyncFolderOf(path));
  return m;
}

namespace {

std::string LineText(const ManifestLine& line) {
  json j = {{"kind", line.kind}, {"file", line.file}, {"chunk", line.chunk}};
  for (const auto& [name, value] : line.values) j[name] = value;
  return j.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

Status Manifest::Drop(const std::string& kind, std::optional<uint32_t> file) {
  std::lock_guard lock(mutex_);
  std::erase_if(lines_, [&](const auto& l) { return l->kind == kind && (!file || l->file == *file); });
  std::string text;
  for (const auto& l : lines_) text += LineText(*l);
  MIGRATE_TRY(WriteFileAtomic(path_, text));
  MIGRATE_ASSIGN(file_, File::OpenAppend(path_));
  size_ = text.size();
  return {};
}

Status Manifest::AppendAll(std::span<const ManifestLine> lines) {
  std::string text;
  for (const ManifestLine& line : lines) text += LineText(line);
  std::lock_guard lock(mutex_);
  if (!broken_.ok()) return broken_;
  Status s = file_.Write(text);
  if (s.ok()) s = file_.Sync();
  if (!s.ok()) {
    // A half line must not be continued by the next one; after an uncertain write nothing more is written.
    if (::ftruncate(file_.fd(), static_cast<off_t>(size_)) != 0) s = s.Within("the manifest cannot be cut back either");
    broken_ = s;
    return s;
  }
  size_ += text.size();
  for (const ManifestLine& line : lines) lines_.push_back(std::make_unique<ManifestLine>(line));
  return {};
}

std::vector<ManifestLine> Manifest::Lines(const std::string& kind) const {
  std::lock_guard lock(mutex_);
  std::vector<ManifestLine> out;
  for (const auto& l : lines_)
    if (l->kind == kind) out.push_back(*l);
  return out;
}

const ManifestLine* Manifest::Find(const std::string& kind, uint32_t file, uint32_t chunk) const {
  std::lock_guard lock(mutex_);
  for (auto it = lines_.rbegin(); it != lines_.rend(); ++it)
    if ((*it)->kind == kind && (*it)->file == file && (*it)->chunk == chunk) return it->get();
  return nullptr;
}

}  // namespace migrate::spool
