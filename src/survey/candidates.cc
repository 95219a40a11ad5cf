#include "candidates.h"

#include <fmt/core.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "migrate/base/file.h"
#include "migrate/normalize/text.h"
#include "migrate/plan/diagnostic.h"
#include "migrate/plan/url.h"

namespace migrate::survey {
namespace {

namespace fs = std::filesystem;

struct Candidate {
  std::string path;
  std::vector<extract::Column> columns;
  bool named = false;
  std::string argument;  // the pattern that named it, absolute; "" if none did
};

std::string Absolute(const std::string& path) {
  std::error_code error;
  const fs::path p = fs::absolute(path, error);
  return (error ? fs::path(path) : p).lexically_normal().string();
}

bool IsFolder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::string Folder(const std::string& path) { return fs::path(path).parent_path().string(); }
std::string FileName(const std::string& path) { return fs::path(path).filename().string(); }

std::string LowerCase(std::string s) {
  for (char& c : s) c = normalize::Lower(c);
  return s;
}

// The name without what it is packed in.
std::string Unpacked(std::string name) {
  name = LowerCase(std::move(name));
  for (std::string_view ending : {".gz", ".zst"})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

bool HasCsvName(const std::string& name) {
  const std::string plain = Unpacked(name);
  for (std::string_view ending : {".csv", ".tsv", ".tab", ".txt", ".psv", ".dat"})
    if (plain.ends_with(ending)) return true;
  return false;
}

Result<bool> IsSqlite(const std::string& path) {
  MIGRATE_ASSIGN(File file, File::OpenRead(path));
  char head[16];
  MIGRATE_ASSIGN(size_t n, file.ReadAt(0, head, sizeof head));
  return std::string_view(head, n) == std::string_view("SQLite format 3\0", 16);
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

class Finder {
 public:
  Result<Candidates> Run(const std::vector<std::string>& args) {
    for (const auto& a : args) MIGRATE_TRY(Argument(a));
    MIGRATE_TRY(Group());
    return std::move(out_);
  }

 private:
  Status Argument(const std::string& arg) {
    if (arg.starts_with("mysql:")) return Server(arg);
    if (IsFolder(arg)) return InFolder(Absolute(arg));
    if (PathExists(arg)) return Named(Absolute(arg), "");
    // database.db:table
    if (size_t colon = arg.rfind(':'); colon != arg.npos && colon > 0 && PathExists(arg.substr(0, colon))) {
      const std::string path = Absolute(arg.substr(0, colon));
      MIGRATE_ASSIGN(bool sqlite, IsSqlite(path));
      if (!sqlite) return Status::Plan(path + ": is not a SQLite database", "PATH:TABLE is for databases");
      out_.databases.push_back({path, arg.substr(colon + 1), false});
      return {};
    }
    MIGRATE_ASSIGN(auto paths, Glob(arg));
    if (paths.empty())
      return Status::Plan(
          arg + ": no such file, and no file matches it",
          "a CSV file, a pattern in quotes, a folder, a SQLite database, or mysql://user@host/database");
    for (const auto& p : paths) {
      if (IsFolder(p))
        out_.left_out.push_back({p, "a folder; name it to look into it"});
      else
        MIGRATE_TRY(Named(Absolute(p), Absolute(arg)));
    }
    return {};
  }

  // mysql://user@host:port/database, maybe with ":table" behind it.
  Status Server(const std::string& arg) {
    const size_t slash = arg.rfind('/');
    const size_t colon = arg.find(':', slash == arg.npos || slash < 8 ? arg.size() : slash);
    const std::string url = arg.substr(0, colon);
    const plan::Url parts = plan::ParseUrl(url, false);
    if (!parts.error.empty())
      return Status::Plan(plan::MaskUrls(url) + " " + parts.error,
                          "expected mysql://user@host:port/database or mysql://user@host:port/database:table; the "
                          "password is read from the variable that --password-env names");
    out_.databases.push_back({url, colon == arg.npos ? "" : arg.substr(colon + 1), true});
    return {};
  }

  Status Named(const std::string& path, const std::string& pattern) {
    if (Known(path)) return {};
    MIGRATE_TRY(StatFile(path).status());
    MIGRATE_ASSIGN(bool sqlite, IsSqlite(path));
    if (sqlite) {
      out_.databases.push_back({path, "", false});
      return {};
    }
    extract::CsvOptions options;
    options.source = "survey";
    auto reader = extract::OpenCsv(path, options);
    if (!reader.ok()) {
      if (pattern.empty()) return reader.status();
      out_.left_out.push_back({path, reader.status().message()});
      return {};
    }
    if ((*reader)->columns().empty()) {
      out_.left_out.push_back({path, "it has no line"});
      return {};
    }
    files_.push_back({path, (*reader)->columns(), true, pattern});
    return {};
  }

  Status InFolder(const std::string& folder) {
    MIGRATE_ASSIGN(auto names, ListFolder(folder));
    for (const auto& name : names) {
      const std::string path = (fs::path(folder) / name).string();
      if (name.starts_with(".") || Known(path)) continue;
      auto leave_out = [&](std::string why) { out_.left_out.push_back({path, std::move(why)}); };
      if (IsFolder(path)) {
        leave_out("a folder; name it to look into it");
        continue;
      }
      auto sqlite = IsSqlite(path);
      if (!sqlite.ok()) {
        leave_out(sqlite.status().message());
      } else if (*sqlite) {
        out_.databases.push_back({path, "", false});
      } else if (!HasCsvName(name)) {
        leave_out("not a CSV file by its name; name the file itself if it is one");
      } else {
        InFolderCsv(path);
      }
    }
    return {};
  }

  void InFolderCsv(const std::string& path) {
    extract::CsvOptions options;
    options.source = "survey";
    auto reader = extract::OpenCsv(path, options);
    if (!reader.ok()) {
      out_.left_out.push_back({path, reader.status().message()});
    } else if ((*reader)->columns().empty()) {
      out_.left_out.push_back({path, "it has no line"});
    } else {
      files_.push_back({path, (*reader)->columns(), false, ""});
    }
  }

  bool Known(const std::string& path) const {
    return std::any_of(files_.begin(), files_.end(), [&](const auto& f) { return f.path == path; }) ||
           std::any_of(out_.databases.begin(), out_.databases.end(), [&](const auto& d) { return d.path == path; });
  }

  // Files of one folder and one header are one group, if a pattern can name them and no other.
  Status Group() {
    std::map<std::string, std::vector<size_t>> by_header;
    std::vector<std::string> order;
    for (size_t i = 0; i < files_.size(); ++i) {
      std::string key = Folder(files_[i].path);
      for (const auto& c : files_[i].columns) key += '\0' + c.name;
      if (by_header[key].empty()) order.push_back(key);
      by_header[key].push_back(i);
    }
    for (const auto& key : order) {
      const auto& members = by_header[key];
      MIGRATE_TRY(AddGroup(members));
    }
    return {};
  }

  Status AddGroup(const std::vector<size_t>& members) {
    FileGroup group;
    for (size_t m : members) group.files.push_back(files_[m].path);
    std::sort(group.files.begin(), group.files.end());
    group.columns = files_[members.front()].columns;
    group.named = std::any_of(members.begin(), members.end(), [&](size_t m) { return files_[m].named; });
    const std::string folder = Folder(group.files.front());
    MIGRATE_ASSIGN(auto all, ListFolder(folder));
    std::vector<std::string> names;
    for (const auto& f : group.files) names.push_back(FileName(f));
    std::string pattern = PatternFor(names, all);
    // The operator's own pattern, if it names just these.
    const std::string& own = files_[members.front()].argument;
    if (members.size() > 1 && !own.empty()) {
      MIGRATE_ASSIGN(auto matched, Glob(own));
      if (matched == group.files) group.pattern = own;
    }
    if (group.pattern.empty() && !pattern.empty()) group.pattern = (fs::path(Escaped(folder)) / pattern).string();
    if (!group.pattern.empty()) {
      out_.groups.push_back(std::move(group));
      return {};
    }
    for (const auto& f : group.files)
      out_.groups.push_back(
          {{f}, (fs::path(Escaped(folder)) / Escaped(FileName(f))).string(), group.columns, group.named});
    return {};
  }

  Candidates out_;
  std::vector<Candidate> files_;
};

}  // namespace

Result<Candidates> FindCandidates(const std::vector<std::string>& args) { return Finder().Run(args); }

std::string PatternFor(const std::vector<std::string>& files, const std::vector<std::string>& all) {
  if (files.size() == 1) return Escaped(files[0]);
  size_t prefix = files[0].size(), suffix = files[0].size();
  for (const auto& f : files) {
    size_t p = 0, s = 0;
    while (p < prefix && p < f.size() && f[p] == files[0][p]) ++p;
    while (s < suffix && s < f.size() && f[f.size() - 1 - s] == files[0][files[0].size() - 1 - s]) ++s;
    prefix = p;
    suffix = s;
  }
  const std::string head = files[0].substr(0, prefix), tail = files[0].substr(files[0].size() - suffix);
  // "campaign_20" of campaign_2019 and campaign_2021 should be "campaign_", for the next file.
  std::string word = head;
  while (!word.empty() && normalize::IsDigit(word.back())) word.pop_back();
  const std::string ending = tail.find('.') == tail.npos ? tail : tail.substr(tail.find('.'));
  // Without an ending in common (.csv and .csv.gz) a bare star would take whatever comes to lie there.
  std::vector<std::string> tries = {Escaped(word) + "*.csv*", Escaped(word) + "*" + Escaped(ending),
                                    Escaped(head) + "*" + Escaped(ending), Escaped(head) + "*" + Escaped(tail)};
  if (!ending.empty()) std::swap(tries[0], tries[1]);
  for (const auto& pattern : tries) {
    std::vector<std::string> matched;
    for (const auto& name : all)
      if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0) matched.push_back(name);
    std::sort(matched.begin(), matched.end());
    std::vector<std::string> wanted = files;
    std::sort(wanted.begin(), wanted.end());
    if (matched == wanted) return pattern;
  }
  return "";
}

}  // namespace migrate::survey
