#include "lease_row.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <random>

#include "json_field.h"
#include "migrate/base/clock.h"
#include "migrate/base/file.h"
#include "migrate/ledger/ledger.h"

namespace migrate::ledger {
namespace {

using nlohmann::json;
constexpr char kRow[] = "lease", kUntil[] = "lease_until", kMember[] = "lease_member ";

ProcessId ProcessOf(const json& j) {
  return {TextField(j, "boot"), TextField(j, "space"), NumberField(j, "pid"),
          static_cast<uint64_t>(NumberField(j, "started"))};
}

std::string Dump(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

int64_t NowMs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Readable by all who may read the database, and not synced: after a power loss the lease lapses by itself.
Status WriteBeside(const std::string& path, const std::string& text) {
  const std::string fresh = path + "." + std::to_string(::getpid());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return PosixError(fresh, "cannot open", errno);
  const ssize_t n = ::write(fd, text.data(), text.size());
  const int error = n < 0 ? errno : ENOSPC;
  ::close(fd);
  if (n == static_cast<ssize_t>(text.size()) && ::rename(fresh.c_str(), path.c_str()) == 0) return {};
  const Status failed = PosixError(path, "cannot write", n == static_cast<ssize_t>(text.size()) ? errno : error);
  ::unlink(fresh.c_str());
  return failed;
}

}  // namespace

std::string UtcOfMs(int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm tm{};
  ::gmtime_r(&seconds, &tm);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &tm);
  return text.data();
}

std::string LeaseFile(const std::string& file) { return RealPath(file) + "-lease"; }

LeaseRow NewLeaseRow() {
  LeaseRow row;
  std::random_device random;
  for (int i = 0; i < 4; ++i) row.token += fmt::format("{:08x}", random());
  row.process = ThisProcess();
  row.by = fmt::format("process {} of {} on {}", row.process.pid, OperatorName(), HostName());
  return row;
}

Result<std::optional<LeaseRow>> ReadLeaseRow(store::Connection* db, RowLock lock) {
  std::string sql = "SELECT value FROM setting WHERE name = ?";
  if (db->dialect() != store::Dialect::kSqlite && lock != RowLock::kNone)
    sql += lock == RowLock::kShared ? " LOCK IN SHARE MODE" : " FOR UPDATE";
  MIGRATE_ASSIGN(auto q, db->Prepare(sql));
  q->BindText(1, kRow);
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found) return std::optional<LeaseRow>();
  const std::string text(q->Text(0));
  const json j = json::parse(text, nullptr, false);
  if (!j.is_object() || TextField(j, "token").empty())
    return Status::Failed(db->name() + ": its setting `lease` cannot be read: " + text,
                          "if no run is at work: DELETE FROM setting WHERE name = 'lease'");
  LeaseRow row;
  row.token = TextField(j, "token");
  row.by = TextField(j, "by");
  row.group = TextField(j, "group");
  row.since = TextField(j, "since");
  row.since_ms = TimeField(j, "since_ms");
  row.process = ProcessOf(j);
  return std::optional<LeaseRow>(std::move(row));
}

Status WriteLeaseRow(store::Connection* db, const LeaseRow& row) {
  json j = {{"token", row.token},       {"by", row.by},
            {"since", row.since},       {"since_ms", row.since_ms},
            {"boot", row.process.boot}, {"space", row.process.space},
            {"pid", row.process.pid},   {"started", row.process.started}};
  if (!row.group.empty()) j["group"] = row.group;
  return SetSetting(db, kRow, Dump(j));
}

Status DeleteLeaseRow(store::Connection* db) {
  return db->Execute(
      fmt::format("DELETE FROM setting WHERE name IN ('{}', '{}') OR name LIKE '{}%'", kRow, kUntil, kMember));
}

Result<std::vector<LeaseMember>> LeaseMembers(store::Connection* db) {
  std::vector<LeaseMember> members;
  MIGRATE_ASSIGN(auto q, db->Prepare(fmt::format("SELECT name, value FROM setting WHERE name LIKE '{}%'", kMember)));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return members;
    const json j = json::parse(std::string(q->Text(1)), nullptr, false);
    LeaseMember& m = members.emplace_back();
    m.id = std::string(q->Text(0)).substr(sizeof kMember - 1);
    if (!j.is_object()) continue;  // lapsed
    m.until = TimeField(j, "until");
    m.process = ProcessOf(j);
  }
}

Status PutLeaseMember(store::Connection* db, const LeaseMember& member) {
  return SetSetting(db, kMember + member.id,
                    Dump({{"until", member.until},
                          {"boot", member.process.boot},
                          {"space", member.process.space},
                          {"pid", member.process.pid},
                          {"started", member.process.started}}));
}

Status DeleteLeaseMember(store::Connection* db, const std::string& id) {
  return db->Execute(fmt::format("DELETE FROM setting WHERE name = '{}{}'", kMember, id));
}

size_t LiveMembers(const std::vector<LeaseMember>& members, int64_t now) {
  return static_cast<size_t>(std::count_if(
      members.begin(), members.end(), [&](const LeaseMember& m) { return m.until > now && !ProvablyGone(m.process); }));
}

Result<int64_t> LeaseNow(store::Connection* db, const std::string& file) {
  if (!file.empty()) return NowMs();
  return db->QueryInteger("SELECT CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)");
}

Result<int64_t> LeaseUntil(store::Connection* db, const std::string& file, const LeaseRow& row, double seconds) {
  const int64_t first = row.since_ms + static_cast<int64_t>(seconds * 1000);
  json j;
  if (file.empty()) {
    MIGRATE_ASSIGN(std::string text, Setting(db, kUntil));
    j = json::parse(text, nullptr, false);
  } else if (PathExists(LeaseFile(file))) {
    MIGRATE_ASSIGN(std::string text, ReadWholeFile(LeaseFile(file)));
    j = json::parse(text, nullptr, false);
  }
  if (!j.is_object() || TextField(j, "token") != row.token) return first;
  return TimeField(j, "until", first);
}

Status SetLeaseUntil(store::Connection* db, const std::string& file, const LeaseRow& row, int64_t until) {
  json j = {{"token", row.token}, {"until", until}};
  if (file.empty()) return SetSetting(db, kUntil, Dump(j));
  j["by"] = row.by;
  j["since"] = row.since;
  return WriteBeside(LeaseFile(file), Dump(j) + "\n");
}

}  // namespace migrate::ledger
