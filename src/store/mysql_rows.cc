#include "mysql_rows.h"

#include <fmt/format.h>
#include <mysql.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "migrate/base/doing.h"
#include "mysql_target_error.h"

namespace migrate::store {
namespace {

constexpr size_t kBufferBytes = 4 << 20;

MYSQL* Handle(const MysqlSession& session) { return static_cast<MYSQL*>(session.handle()); }

std::string Into(const std::string& table, const std::vector<std::string>& columns, int partition, bool columns_last) {
  std::string names;
  for (const auto& c : columns) names += (names.empty() ? "" : ",") + QuoteMysqlName(c);
  std::string into = " INTO " + std::string(columns_last ? "TABLE " : "") + QuoteMysqlName(table);
  if (partition >= 0) into += fmt::format(" PARTITION (p{})", partition);
  return columns_last ? into +
                            " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY "
                            "'\\n' STARTING BY '' (" +
                            names + ")"
                      : into + " (" + names + ") VALUES ";
}

// What both transports share: the row that is being bound.
class MysqlRows : public RowWriter {
 public:
  MysqlRows(MysqlSession* session, std::string table, size_t columns, uint64_t packet)
      : session_(session), table_(std::move(table)), fields_(columns), packet_(packet) {}
  void Bind(int i, int64_t v) override { Field(i) = fmt::format_int(v).str(); }
  void BindReal(int i, double v) override { Field(i) = fmt::format("{}", v); }

 protected:
  std::string& Field(int i) { return fields_[static_cast<size_t>(i - 1)]; }

  // Errors name the table and, where the server counts rows, the key of the row it stopped at.
  Status Failed(const std::string& what, ErrorKind kind = ErrorKind::kFailed) const {
    return Status(kind, fmt::format("{}: rows for table {}: {}", session_->name(), table_, what),
                  "nothing of this chunk was committed; run the same command again once the cause is mended");
  }

  // What the server stores but cannot put into one packet it can neither send nor hash.
  Status Fits() const {
    constexpr uint64_t kAround = 4096;  // lengths and separators of a row's hash
    uint64_t bytes = kAround;
    for (const std::string& f : fields_) bytes += f.size();
    if (bytes <= packet_) return {};
    return Status::Failed(
        fmt::format("{}: rows for table {}: the row with key {} has {} bytes, and the server takes {} "
                    "at a time (max_allowed_packet)",
                    session_->name(), table_, fields_.front(), bytes - kAround, packet_),
        "raise max_allowed_packet on the server (64M or more), then run the same command again");
  }

  MysqlSession* session_;
  std::string table_;
  std::vector<std::string> fields_;
  uint64_t packet_;
  std::string buffer_;
  uint64_t rows_ = 0;
};

// The client library asks for the "file" piece by piece.
struct Feed {
  std::string_view left;
};
int FeedInit(void** feed, const char*, void* userdata) {
  *feed = userdata;
  return userdata == nullptr ? 1 : 0;  // a server that asks for a file unasked gets none
}
int FeedRead(void* feed, char* out, unsigned int size) {
  std::string_view& left = static_cast<Feed*>(feed)->left;
  const size_t n = std::min<size_t>(size, left.size());
  std::memcpy(out, left.data(), n);
  left.remove_prefix(n);
  return static_cast<int>(n);
}
void FeedEnd(void*) {}
int FeedError(void*, char* out, unsigned int size) {
  if (size > 0) *out = '\0';
  return 0;
}

class LoadDataRows : public MysqlRows {
 public:
  LoadDataRows(MysqlSession* session, const std::string& table, const std::vector<std::string>& columns,
               OnExisting on_existing, int partition, uint64_t packet)
      : MysqlRows(session, table, columns.size(), packet),
        sql_(std::string("LOAD DATA LOCAL INFILE 'rows'") + (on_existing == OnExisting::kReplace ? " REPLACE" : "") +
             Into(table, columns, partition, true)) {
    buffer_.reserve(kBufferBytes + (64 << 10));
  }
  void BindText(int i, std::string_view v) override { Escape(v, &Field(i)); }
  void BindBlob(int i, std::string_view v) override { Escape(v, &Field(i)); }
  void BindNull(int i) override { Field(i) = "\\N"; }

  Status Add() override {
    MIGRATE_TRY(Fits());
    for (const std::string& f : fields_) {
      buffer_ += f;
      buffer_.push_back('\t');
    }
    buffer_.back() = '\n';
    ++rows_;
    return buffer_.size() < kBufferBytes ? Status() : Flush();
  }

  Status Flush() override {
    if (rows_ == 0) return {};
    Feed feed{buffer_};
    MYSQL* h = Handle(*session_);
    mysql_set_local_infile_handler(h, FeedInit, FeedRead, FeedEnd, FeedError, &feed);
    const Doing doing("sending", fmt::format("{} rows for table {} to {}", rows_, table_, session_->name()));
    const bool sent = mysql_real_query(h, sql_.data(), sql_.size()) == 0;
    Status result = sent ? Check() : Where(TargetError(*session_, "rows for table " + table_));
    RefuseFiles(session_);
    buffer_.clear();
    rows_ = 0;
    return result;
  }

 private:
  // LOAD DATA LOCAL turns duplicates into skips and bad values into warnings: neither may pass.
  Status Check() {
    MYSQL* h = Handle(*session_);
    const char* info = mysql_info(h);
    unsigned long records = 0, deleted = 0, skipped = 0, warnings = 0;
    if (info == nullptr || std::sscanf(info, "Records: %lu  Deleted: %lu  Skipped: %lu  Warnings: %lu", &records,
                                       &deleted, &skipped, &warnings) != 4)
      return Failed("the server did not say how many rows arrived");
    if (records == rows_ && skipped == 0 && warnings == 0 && mysql_warning_count(h) == 0) return {};
    std::string words;
    auto rows = session_->Query("SHOW WARNINGS LIMIT 3");
    if (rows.ok())
      for (const auto& w : *rows)
        if (w.size() > 2 && w[2]) words += "; " + *w[2];
    return Where(Failed(
        fmt::format("{} sent, {} arrived, {} skipped, {} warnings{}", rows_, records, skipped, warnings, words)));
  }

  // Adds the key of the row that the server's words name ("... at row 17").
  Status Where(const Status& s) const {
    const size_t at = s.message().rfind("at row ");
    if (at == std::string::npos) return s;
    uint64_t number = std::strtoull(s.message().c_str() + at + 7, nullptr, 10);
    size_t line = 0;
    for (; number > 1 && line != std::string::npos; --number) {
      line = buffer_.find('\n', line);
      if (line != std::string::npos) ++line;
    }
    if (number != 1 || line == std::string::npos) return s;
    return Status(s.kind(),
                  fmt::format("{}; that row's key: {}", s.message(),
                              buffer_.substr(line, buffer_.find_first_of("\t\n", line) - line)),
                  s.hint())
        .MayPass(s.may_pass());
  }

  static void Escape(std::string_view v, std::string* out) {
    out->clear();
    size_t plain = 0;
    for (size_t i = 0; i < v.size(); ++i) {
      const char c = v[i];
      if (c != '\\' && c != '\t' && c != '\n' && c != '\0') continue;
      out->append(v.substr(plain, i - plain));
      plain = i + 1;
      out->push_back('\\');
      out->push_back(c == '\t' ? 't' : c == '\n' ? 'n' : c == '\0' ? '0' : '\\');
    }
    out->append(v.substr(plain));
  }

  std::string sql_;
};

class StatementRows : public MysqlRows {
 public:
  StatementRows(MysqlSession* session, const std::string& table, const std::vector<std::string>& columns,
                OnExisting on_existing, int partition, uint64_t packet)
      : MysqlRows(session, table, columns.size(), packet),
        replace_(on_existing == OnExisting::kReplace),
        head_((replace_ ? "REPLACE" : "INSERT") + Into(table, columns, partition, false)),
        most_(std::min<uint64_t>(1 << 20, packet / 2)) {}
  void BindText(int i, std::string_view v) override { Field(i) = QuoteMysqlText(v); }
  void BindBlob(int i, std::string_view v) override { Field(i) = QuoteMysqlBytes(v); }
  void BindNull(int i) override { Field(i) = "NULL"; }

  Status Add() override {
    MIGRATE_TRY(Fits());
    size_t size = 3;
    for (const std::string& f : fields_) size += f.size() + 1;
    if (rows_ > 0 && buffer_.size() + size > most_) MIGRATE_TRY(Flush());
    if (rows_ == 0) buffer_ = head_;
    buffer_ += rows_ == 0 ? "(" : ",(";
    for (const std::string& f : fields_) {
      buffer_ += f;
      buffer_.push_back(',');
    }
    buffer_.back() = ')';
    ++rows_;
    return {};
  }

  Status Flush() override {
    if (rows_ == 0) return {};
    const uint64_t rows = std::exchange(rows_, 0);
    MYSQL* h = Handle(*session_);
    const Doing doing("sending", fmt::format("{} rows for table {} to {}", rows, table_, session_->name()));
    if (mysql_real_query(h, buffer_.data(), buffer_.size()) != 0)
      return TargetError(*session_, "rows for table " + table_);
    const auto changed = static_cast<uint64_t>(mysql_affected_rows(h));
    if (changed < rows || (!replace_ && changed != rows) || mysql_warning_count(h) != 0)
      return Failed(fmt::format("{} sent, {} arrived, {} warnings", rows, changed, mysql_warning_count(h)));
    return {};
  }

 private:
  bool replace_;
  std::string head_;
  uint64_t most_;
};

}  // namespace

void RefuseFiles(MysqlSession* session) {
  mysql_set_local_infile_handler(Handle(*session), FeedInit, FeedRead, FeedEnd, FeedError, nullptr);
}

std::unique_ptr<RowWriter> MakeMysqlRows(MysqlSession* session, const std::string& table,
                                         const std::vector<std::string>& columns, OnExisting on_existing, int partition,
                                         RowTransport transport, uint64_t packet) {
  if (transport == RowTransport::kLoadData)
    return std::make_unique<LoadDataRows>(session, table, columns, on_existing, partition, packet);
  return std::make_unique<StatementRows>(session, table, columns, on_existing, partition, packet);
}

}  // namespace migrate::store
