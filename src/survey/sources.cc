#include "migrate/survey/sources.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "candidates.h"
#include "migrate/base/file.h"
#include "migrate/normalize/text.h"
#include "migrate/plan/url.h"

namespace migrate::survey {
namespace {

namespace fs = std::filesystem;

// Letters, digits, '_', '-', '.', the first no '-' or '.', at most 64; not a name that was there before.
std::string SourceName(std::string_view wish, std::set<std::string>* taken) {
  std::string name;
  for (char c : wish) {
    const bool good = normalize::IsAlnum(c) || c == '_' || (c == '-' && !name.empty());
    if (good)
      name.push_back(c);
    else if (!name.empty() && name.back() != '_')
      name.push_back('_');
  }
  while (!name.empty() && (name.back() == '_' || name.back() == '-')) name.pop_back();
  name = name.substr(0, 56);
  if (name.empty()) name = "source";
  std::string unique = name;
  for (int n = 2; !taken->insert(unique).second; ++n) unique = fmt::format("{}_{}", name, n);
  return unique;
}

std::string Stem(const std::string& path) {
  std::string name = fs::path(path).filename().string();
  return name.substr(0, std::min(name.find('.'), name.size()));
}

uint64_t HeadRows(size_t columns, size_t files) {
  const uint64_t most = kMaxCells / std::max<size_t>(columns, 1) * 4 / 5;
  return std::clamp<uint64_t>(std::min(most, kHeadRows) / std::max<size_t>(files, 1), 50, kHeadRows);
}

Status SurveyFile(const std::string& path, uint32_t number, uint64_t limit, SurveyedSource* source) {
  extract::CsvOptions options;
  options.source = "survey";
  MIGRATE_ASSIGN(auto reader, extract::OpenCsv(path, options));
  if (number == 0) source->findings = reader->Findings();
  uint64_t last = 0;
  auto on_row = [&](const RawRow& row, const std::vector<Cell>& cells) {
    last = std::max(last, row.place.byte_offset);
    source->profile.Add(cells, number);
  };
  auto on_reject = [&](const Reject& r) {
    last = std::max(last, r.place.byte_offset);
    ++source->reject_rows;
  };
  MIGRATE_ASSIGN(uint64_t n, ReadRows(reader.get(), limit, on_row, on_reject));
  source->head_rows += n;
  source->whole &= n < limit;
  if (n < limit) return {};
  const size_t columns = reader->columns().size();
  // What follows the first rows, so that no row comes twice.
  MIGRATE_ASSIGN(uint64_t spread, ReadSpread(path, columns, last + 1, limit / 4, on_row));
  source->spread_rows += spread;
  return {};
}

Status SurveyFiles(const std::vector<extract::Column>& columns, SurveyedSource* source) {
  source->profile = TableProfile(columns);
  source->whole = true;
  const uint64_t limit = HeadRows(columns.size(), source->files.size());
  for (size_t i = 0; i < source->files.size(); ++i)
    MIGRATE_TRY(SurveyFile(source->files[i], static_cast<uint32_t>(i), limit, source));
  source->profile.Finish();
  return {};
}

std::string AnyPersons(const std::vector<ColumnGuess>& guesses) {
  for (const auto& g : guesses)
    for (Role r : {Role::kFullName, Role::kFirstName, Role::kLastName, Role::kEmail, Role::kPhone, Role::kNationalId})
      if (g.role == r) return "";
  return "no column of names, e-mail addresses, phones or national ids was found in it";
}

// Guesses roles and the key; a column that becomes the key is not mapped by its values alone.
void Guess(const std::vector<std::string>& declared, bool several_files, SurveyedSource* source) {
  source->guesses = AssignRoles(source->profile);
  source->key = GuessKey(source->profile, source->guesses, declared, several_files);
  const auto& key = source->key.columns;
  for (const auto& g : source->guesses)
    if (g.role != Role::kNone && g.by_name < 0.4 &&
        std::find(key.begin(), key.end(), source->profile.columns()[g.column].name()) != key.end()) {
      source->guesses = AssignRoles(source->profile, key);
      return;
    }
}

// A target says so in its header: application_id, at byte 68 (https://www.sqlite.org/fileformat2.html, section 1.3).
Result<bool> IsTarget(const std::string& path) {
  MIGRATE_ASSIGN(File file, File::OpenRead(path));
  char id[4] = {};
  MIGRATE_ASSIGN(size_t got, file.ReadAt(68, id, sizeof id));
  return got == sizeof id && std::string_view(id, sizeof id) == "MIGR";
}

// Text files have one column too; what is left of those are lists of addresses and numbers.
bool IsList(const std::vector<ColumnGuess>& guesses) {
  const Role role = guesses.front().role;
  return (role == Role::kEmail || role == Role::kPhone) && guesses.front().score >= 0.5;
}

class Surveyor {
 public:
  explicit Surveyor(ServerAccess access) : access_(std::move(access)) {}

  Result<SurveyResult> Run(const std::vector<std::string>& args) {
    MIGRATE_ASSIGN(Candidates found, FindCandidates(args));
    result_.left_out = std::move(found.left_out);
    for (auto& group : found.groups) MIGRATE_TRY(Csv(std::move(group)));
    for (const auto& d : found.databases) MIGRATE_TRY(Database(d));
    if (result_.sources.empty()) {
      std::string reasons;
      for (const auto& l : result_.left_out) reasons += (reasons.empty() ? "" : "; ") + LeftOutText(l, "");
      return Status::Plan("nothing that holds persons was found" + (reasons.empty() ? "" : ": " + reasons),
                          "name CSV files, folders of them, SQLite databases (database.db:table for one table) or "
                          "mysql://user@host/database");
    }
    return std::move(result_);
  }

 private:
  Status Csv(FileGroup group) {
    SurveyedSource source;
    source.files = group.files;
    source.path = group.pattern;
    Status s = SurveyFiles(group.columns, &source);
    if (!s.ok()) {
      if (group.named) return s;
      result_.left_out.push_back({group.files.front(), s.message()});
      return {};
    }
    Guess({}, source.files.size() > 1, &source);
    std::string why;
    source.no_header = LooksLikeData(group.columns, source.profile, &why);
    if (source.no_header) source.findings.push_back(why);
    std::string none = AnyPersons(source.guesses);
    const bool one_column = group.columns.size() == 1;
    if (one_column && !group.named && !IsList(source.guesses))
      none = "it has one column only, and that holds no e-mail addresses or phone numbers";
    if (!none.empty() || (!group.named && !one_column && !HoldsPersons(source.profile, source.guesses, &why))) {
      for (const auto& f : group.files) result_.left_out.push_back({f, none.empty() ? why : none});
      return {};
    }
    source.name = SourceName(Stem(group.pattern), &names_);
    result_.sources.push_back(std::move(source));
    return {};
  }

  // Connects to the server of an argument; all tables of it are looked at in one snapshot.
  Status Connect(const DatabaseArgument& argument) {
    const plan::Url url = plan::ParseUrl(argument.path, false);
    store::MysqlOptions options;
    options.host = url.host;
    options.port = url.port;
    options.user = url.user;
    options.database = database_ = url.database;
    options.password = access_.password;
    options.tls_mode = access_.tls_mode;
    options.tls_ca = access_.tls_ca;
    auto server = extract::MysqlServer::Begin(options, 0, {});
    if (!server.ok()) {
      const std::string& hint = server.status().hint();
      return Status(
          server.status().kind(), server.status().message(),
          hint + (access_.password.empty() ? fmt::format("{}the variable {} is not set, so no password was sent",
                                                         hint.empty() ? "" : "; ", access_.password_env)
                                           : ""));
    }
    server_ = *std::move(server);
    return {};
  }

  Status Database(const DatabaseArgument& argument) {
    const std::string file = argument.mysql ? argument.path : fs::path(argument.path).filename().string();
    std::vector<TableInfo> tables;
    bool target = false;
    server_.reset();
    if (argument.mysql) {
      MIGRATE_TRY(Connect(argument));
      MIGRATE_ASSIGN(tables, ListMysqlTables(server_.get(), database_));
      auto has = [&](const char* name) {
        return std::any_of(tables.begin(), tables.end(), [&](const auto& t) { return t.name == name; });
      };
      target = has("person_record") && has("audit_event") && has("source_digest");
    } else {
      MIGRATE_ASSIGN(target, IsTarget(argument.path));
    }
    if (target) {
      result_.left_out.push_back({file, "it is what migrate made of its sources (a target)"});
      return {};
    }
    if (!argument.mysql) {
      MIGRATE_ASSIGN(tables, ListTables(argument.path));
    }
    if (!argument.table.empty() &&
        std::none_of(tables.begin(), tables.end(), [&](const auto& t) { return t.name == argument.table; })) {
      std::string names;
      for (const auto& t : tables) names += (names.empty() ? "" : ", ") + t.name;
      return Status::Plan(fmt::format("{}: there is no table '{}'", argument.path, argument.table),
                          tables.empty() ? "the database has no tables" : "its tables and views are: " + names);
    }
    std::vector<SurveyedSource> views;
    const size_t before = result_.sources.size();
    for (const auto& t : tables) {
      if (!argument.table.empty() && t.name != argument.table) continue;
      MIGRATE_TRY(Table(argument, t, file, &views));
    }
    // The rows of a view are those of tables, so they would come in twice.
    const bool persons = result_.sources.size() > before;
    for (auto& v : views) {
      if (!persons) {
        v.name = SourceName(v.table.name, &names_);
        result_.sources.push_back(std::move(v));
        continue;
      }
      result_.left_out.push_back(
          {fmt::format("view {} of {}", v.table.name, file),
           "it holds persons, but most likely those of the tables above; to read it in their place, name it",
           argument.path + ":" + v.table.name});
    }
    return {};
  }

  Status Table(const DatabaseArgument& argument, const TableInfo& table, const std::string& file,
               std::vector<SurveyedSource>* views) {
    const std::string what = fmt::format("{} {} of {}", table.view ? "view" : "table", table.name, file);
    auto leave_out = [&](const std::string& why) { result_.left_out.push_back({what, why}); };
    if (!table.other_kind.empty()) {
      leave_out("a " + table.other_kind);
      return {};
    }
    SurveyedSource source;
    source.sqlite = !argument.mysql;
    source.path = argument.path;
    if (argument.mysql) {
      source.url = argument.path;
      source.access = {access_.password_env, "", access_.tls_mode, access_.tls_ca};
    }
    source.table = table;
    Status s = SurveyTable(&source);
    if (!s.ok()) {
      if (!argument.table.empty()) return s;
      leave_out(s.message());
      return {};
    }
    Guess(table.key, false, &source);
    std::string why;
    const bool persons = argument.table.empty() ? HoldsPersons(source.profile, source.guesses, &why)
                                                : (why = AnyPersons(source.guesses)).empty();
    if (!persons) {
      leave_out(why);
      return {};
    }
    if (!FindTableKey(&source)) {
      leave_out("it holds persons, but no column tells its rows apart (a source needs a key)");
      return {};
    }
    if (table.view && argument.table.empty()) {
      views->push_back(std::move(source));
      return {};
    }
    source.name = SourceName(table.name, &names_);
    result_.sources.push_back(std::move(source));
    return {};
  }

  Status SurveyTable(SurveyedSource* source) {
    std::vector<extract::Column> columns;
    uint64_t rows = 0;
    // The columns are known when the first row comes.
    const uint64_t limit = HeadRows(40, 1);
    auto on_row = [&](const RawRow&, const std::vector<Cell>& cells) {
      if (rows++ == 0) source->profile = TableProfile(columns);
      if (rows * cells.size() <= kMaxCells) source->profile.Add(cells, 0);
    };
    Result<uint64_t> read = server_ ? ReadMysqlTable(server_, database_, source->table, limit, &columns, on_row)
                                    : ReadTable(source->path, source->table, limit, &columns, on_row);
    MIGRATE_ASSIGN(const uint64_t n, std::move(read));
    if (n == 0) source->profile = TableProfile(columns);
    source->profile.Finish();
    source->head_rows = std::min(n, limit);
    source->spread_rows = n - source->head_rows;
    source->whole = n < limit;
    return {};
  }

  // A table whose rows have nothing of their own is known by its rowids.
  static bool FindTableKey(SurveyedSource* source) {
    if (!source->key.columns.empty()) return true;
    if (source->table.rowid.empty()) return false;
    source->query = fmt::format("SELECT {} AS row_id, * FROM {}", source->table.rowid, SqlName(source->table.name));
    const std::string also = source->key.doubt.empty() ? "" : "; " + source->key.doubt;
    source->key.columns = {"row_id"};
    source->key.why = "the table declares no key and no column is unique: its rowids";
    source->key.doubt = "rowids stay the same only as long as nobody runs VACUUM" + also;
    return true;
  }

  const ServerAccess access_;
  std::shared_ptr<extract::MysqlServer> server_;  // of the argument at hand, if it is one of a server
  std::string database_;
  SurveyResult result_;
  std::set<std::string> names_;
};

// What a value is so clearly that no name of a column is.
KindSet Telling(const Look& look) {
  return look.kinds & (Bit(Kind::kEmail) | Bit(Kind::kDate) | Bit(Kind::kPhone) | Bit(Kind::kInteger) |
                       Bit(Kind::kDecimal) | Bit(Kind::kStreet) | Bit(Kind::kUuid) | Bit(Kind::kSocial));
}

}  // namespace

bool LooksLikeData(const std::vector<extract::Column>& header, const TableProfile& profile, std::string* why) {
  int like_values = 0, known = 0, given = 0;
  std::string first;
  for (size_t i = 0; i < header.size(); ++i) {
    std::string scratch;
    const auto text = normalize::Clean(header[i].name, normalize::Form::kCode, &scratch);
    if (text.empty()) continue;
    const Look look = LookAt(text, CellType::kText);
    const NameReading reading = ReadName(header[i].name);
    known += !reading.hints.empty() && reading.hints.front().strength >= 0.8;
    const ColumnProfile& p = profile.columns()[i];
    bool same = look.Is(Kind::kEmail);
    for (size_t k = 0; k < kKindCount; ++k)
      same |= ((Telling(look) >> k) & 1) != 0 && p.Share(static_cast<Kind>(k)) > 0.5;
    given += look.Is(Kind::kGiven) && p.Share(Kind::kGiven) > 0.15;
    like_values += same;
    if (same && first.empty()) first = fmt::format("column {} looks like its values", i + 1);
  }
  const bool data =
      known == 0 && (like_values >= 2 || (like_values == 1 && given > 0) || (like_values == 1 && header.size() <= 3));
  if (data)
    *why = fmt::format("the first line looks like data, not like names of columns ({} of {} columns, {})", like_values,
                       header.size(), first);
  return data;
}

std::string PathFrom(const std::string& path, const std::string& folder) {
  std::error_code error;
  const fs::path from = folder.empty() ? fs::current_path(error) : fs::absolute(folder, error);
  const std::string text = fs::path(path).lexically_relative(from.lexically_normal()).string();
  return text.empty() || text.starts_with("../../../") ? path : text;
}

std::string LeftOutText(const LeftOut& l, const std::string& folder) {
  std::string out = (l.what.starts_with("/") ? PathFrom(l.what, folder) : l.what) + ": " + l.reason;
  if (!l.argument.empty()) out += ": migrate init " + PathFrom(l.argument, folder);
  return out;
}

Result<SurveyResult> SurveySources(const std::vector<std::string>& args, const ServerAccess& access) {
  return Surveyor(access).Run(args);
}

}  // namespace migrate::survey
