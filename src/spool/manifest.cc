#include "migrate/spool/manifest.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>

#include "migrate/base/checksum.h"
#include "writer_tag.h"

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

json LineJson(const ManifestLine& line) {
  json j = {{"kind", line.kind}, {"file", line.file}, {"chunk", line.chunk}};
  for (const auto& [name, value] : line.values) j[name] = value;
  return j;
}

std::string Dump(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

// "check" is the XXH64 of the line without it.
std::string CheckOf(const json& line) { return fmt::format("{:016x}", Xxh64(Dump(line))); }

std::string LineText(const ManifestLine& line) {
  json j = LineJson(line);
  j["check"] = CheckOf(j);
  return Dump(j) + "\n";
}

// Null where the text is no line of a manifest, or not as it was written. Older versions wrote no "check".
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
  if (auto check = line->values.extract("check"); !check.empty() && check.mapped() != CheckOf(LineJson(*line)))
    return nullptr;
  return line;
}

// The whole lines of a file; *end: behind the last of them. Damaged lines are errors, or passed over.
Result<std::vector<std::unique_ptr<ManifestLine>>> ParseAll(const std::string& path, const std::string& text,
                                                            bool lenient, size_t* end) {
  std::vector<std::unique_ptr<ManifestLine>> lines;
  *end = 0;
  for (size_t at, line_no = 1; (at = text.find('\n', *end)) != std::string::npos; *end = at + 1, ++line_no) {
    auto line = ParseLine(std::string_view(text).substr(*end, at - *end));
    if (line == nullptr && lenient) continue;
    if (line == nullptr)
      return Status::Failed(fmt::format("{}:{}: damaged manifest line", path, line_no),
                            "run the same plan with --from extract: the stages are made anew from the sources");
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// manifest.jsonl -> "manifest." and ".jsonl", between which the writer's name stands.
std::pair<std::string, std::string> NameParts(const std::string& path) {
  const std::filesystem::path name = std::filesystem::path(path).filename();
  return {name.stem().string() + ".", name.extension().string()};
}

// Files that others have written beside it, by name.
Result<std::vector<std::string>> FilesBeside(const std::string& path) {
  const auto [begin, end] = NameParts(path);
  std::vector<std::string> files;
  MIGRATE_ASSIGN(auto names, ListFolder(FolderOf(path)));
  for (const std::string& name : names)
    if (name.size() > begin.size() + end.size() && name.starts_with(begin) && name.ends_with(end))
      files.push_back(FolderOf(path) + "/" + name);
  return files;
}

}  // namespace

Result<std::unique_ptr<Manifest>> Manifest::Open(const std::string& path) {
  std::unique_ptr<Manifest> m(new Manifest);
  m->path_ = path;
  MIGRATE_TRY(m->Read(Reader::kWriter));
  MIGRATE_ASSIGN(m->file_, File::OpenAppend(path));
  MIGRATE_ASSIGN(FileStat stat, StatFile(path));
  m->size_ = stat.size;
  MIGRATE_TRY(SyncFolderOf(path));
  return m;
}

Result<std::unique_ptr<Manifest>> Manifest::OpenBeside(const std::string& path) {
  std::unique_ptr<Manifest> m(new Manifest);
  m->path_ = path;
  static std::atomic<unsigned> opened{0};
  m->writer_ = fmt::format("{}-{}", WriterTag(), ++opened);
  MIGRATE_TRY(m->Read(Reader::kBeside));
  for (Entry& e : m->lines_) e.own = false;
  return m;
}

Result<std::vector<ManifestLine>> ReadManifest(const std::string& path) {
  Manifest m;
  m.path_ = path;
  MIGRATE_TRY(m.Read(Manifest::Reader::kLook));
  std::vector<ManifestLine> out;
  out.reserve(m.lines_.size());
  for (auto& e : m.lines_) out.push_back(std::move(*e.line));
  return out;
}

Result<std::string> Manifest::Look(const std::string& path) {
  MIGRATE_ASSIGN(const auto lines, ReadManifest(path));
  std::string text;
  for (const ManifestLine& line : lines) text += LineText(line);
  return text;
}

Status Manifest::Read(Reader reader) {
  if (!PathExists(path_)) return {};
  MIGRATE_ASSIGN(std::string text, ReadWholeFile(path_));
  size_t end = 0;
  MIGRATE_ASSIGN(auto lines, ParseAll(path_, text, reader == Reader::kLook, &end));
  for (auto& line : lines) lines_.push_back({std::move(line), true});
  if (reader == Reader::kWriter && end < text.size())
    MIGRATE_TRY(WriteFileAtomic(path_, std::string_view(text).substr(0, end)));
  return ReadOthers(reader == Reader::kLook);
}

Status Manifest::ReadOthers(bool lenient) {
  const ManifestLine* work = Find("work", 0, 0);
  std::set<std::string> dropped;
  using Key = std::tuple<std::string, uint32_t, uint32_t, std::string>;
  const auto key_of = [](const ManifestLine& l) { return Key(l.kind, l.file, l.chunk, l.Text("attempt")); };
  std::set<Key> known;
  const auto drop_key = [](const std::string& kind, const std::string& file) { return kind + " " + file; };
  for (const Entry& e : lines_) {
    known.insert(key_of(*e.line));
    if (e.line->kind == "dropped") dropped.insert(drop_key(e.line->Text("what"), e.line->Text("of")));
  }
  MIGRATE_ASSIGN(auto files, FilesBeside(path_));
  for (const std::string& file : files) {
    MIGRATE_ASSIGN(std::string text, ReadWholeFile(file));
    size_t end = 0;
    MIGRATE_ASSIGN(auto lines, ParseAll(file, text, lenient, &end));
    if (work == nullptr || lines.empty() || lines.front()->kind != "of" ||
        lines.front()->Text("run_key") != work->Text("run_key"))
      continue;
    // Of an attempt one process writes all lines, some several times; another file with them is what it was taken in
    // from.
    std::set<Key> of_file;
    for (size_t i = 1; i < lines.size(); ++i) {
      ManifestLine& line = *lines[i];
      const bool gone =
          dropped.contains(drop_key(line.kind, "")) || dropped.contains(drop_key(line.kind, std::to_string(line.file)));
      const Key key = key_of(line);
      if (gone || known.contains(key)) continue;
      (line.Text("attempt").empty() ? known : of_file).insert(key);
      lines_.push_back({std::move(lines[i]), false});
    }
    known.merge(of_file);
  }
  std::map<uint32_t, std::string> attempts;
  for (const Entry& e : lines_)
    if (e.line->kind == "extracted") attempts.try_emplace(e.line->file, e.line->Text("attempt"));
  std::erase_if(lines_, [&](const Entry& e) {
    const bool of_attempt = e.line->kind == "raw" || e.line->kind == "bound" || e.line->kind == "extracted";
    return of_attempt && e.line->Text("attempt") != attempts[e.line->file];
  });
  return {};
}

Status Manifest::TakeIn() {
  std::lock_guard lock(mutex_);
  MIGRATE_ASSIGN(auto files, FilesBeside(path_));
  if (files.empty()) return {};
  std::string text;
  for (const Entry& e : lines_) text += LineText(*e.line);
  MIGRATE_TRY(WriteFileAtomic(path_, text));
  MIGRATE_ASSIGN(file_, File::OpenAppend(path_));
  size_ = text.size();
  for (Entry& e : lines_) e.own = true;
  for (const std::string& file : files)
    if (::unlink(file.c_str()) != 0) return PosixError(file, "cannot remove", errno);
  return SyncFolderOf(path_);
}

Status Manifest::Drop(const std::string& kind, std::optional<uint32_t> file) {
  std::lock_guard lock(mutex_);
  const auto gone = [&](const Entry& e) { return e.line->kind == kind && (!file || e.line->file == *file); };
  const bool others = std::any_of(lines_.begin(), lines_.end(), [&](const Entry& e) { return !e.own && gone(e); });
  std::erase_if(lines_, gone);
  if (!writer_.empty() && file_.fd() < 0) return {};
  if (writer_.empty() && others)
    lines_.push_back({std::make_unique<ManifestLine>(
                          ManifestLine{"dropped", 0, 0, {{"what", kind}, {"of", file ? std::to_string(*file) : ""}}}),
                      true});
  std::string text;
  for (const Entry& e : lines_)
    if (e.own) text += LineText(*e.line);
  const std::string path = OwnPath();
  MIGRATE_TRY(WriteFileAtomic(path, text));
  MIGRATE_ASSIGN(file_, File::OpenAppend(path));
  size_ = text.size();
  return {};
}

std::string Manifest::OwnPath() const {
  if (writer_.empty()) return path_;
  const auto [begin, end] = NameParts(path_);
  return FolderOf(path_) + "/" + begin + writer_ + end;
}

// With the mutex held.
Status Manifest::MakeOwnFile() {
  const auto work = std::find_if(lines_.rbegin(), lines_.rend(), [](const Entry& e) { return e.line->kind == "work"; });
  if (work == lines_.rend())
    return Status::Failed(path_ + ": the work that this shard was to do is gone", "run the same command again");
  Entry of{std::make_unique<ManifestLine>(ManifestLine{"of", 0, 0, {{"run_key", work->line->Text("run_key")}}}), true};
  const std::string text = LineText(*of.line);
  MIGRATE_ASSIGN(file_, File::OpenAppend(OwnPath()));
  MIGRATE_TRY(file_.Write(text));
  size_ = text.size();
  lines_.insert(lines_.begin(), std::move(of));  // the first of the file, also when it is written anew
  return SyncFolderOf(path_);
}

void Manifest::AsWhole(uint32_t file) {
  std::lock_guard lock(mutex_);
  whole_.insert(file);
}

Status Manifest::AppendAll(std::span<const ManifestLine> lines) {
  std::lock_guard lock(mutex_);
  if (!broken_.ok()) return broken_;
  if (file_.fd() < 0) MIGRATE_TRY(MakeOwnFile());
  std::vector<Entry> fresh;
  std::string text;
  for (const ManifestLine& line : lines) {
    ManifestLine& copy = *fresh.emplace_back(Entry{std::make_unique<ManifestLine>(line), true}).line;
    if (whole_.contains(line.file)) copy.values["attempt"] = writer_;
    text += LineText(copy);
  }
  Status s = file_.Write(text);
  if (s.ok()) s = file_.Sync();
  if (!s.ok()) {
    // A half line must not be continued by the next one; after an uncertain write nothing more is written.
    if (::ftruncate(file_.fd(), static_cast<off_t>(size_)) != 0) s = s.Within("the manifest cannot be cut back either");
    broken_ = s;
    return s;
  }
  size_ += text.size();
  for (Entry& e : fresh) lines_.push_back(std::move(e));
  return {};
}

std::vector<ManifestLine> Manifest::Lines(const std::string& kind) const {
  std::lock_guard lock(mutex_);
  std::vector<ManifestLine> out;
  for (const Entry& e : lines_)
    if (e.line->kind == kind) out.push_back(*e.line);
  std::stable_sort(out.begin(), out.end(), [](const ManifestLine& a, const ManifestLine& b) {
    return a.file != b.file ? a.file < b.file : a.chunk < b.chunk;
  });
  return out;
}

const ManifestLine* Manifest::Find(const std::string& kind, uint32_t file, uint32_t chunk) const {
  std::lock_guard lock(mutex_);
  for (auto it = lines_.rbegin(); it != lines_.rend(); ++it)
    if (it->line->kind == kind && it->line->file == file && it->line->chunk == chunk) return it->line.get();
  return nullptr;
}

}  // namespace migrate::spool
