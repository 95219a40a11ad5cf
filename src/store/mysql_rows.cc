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

std::string Into(const std::string& table, int partition) {
  std::string into = QuoteMysqlName(table);
  if (partition >= 0) into += fmt::format(" PARTITION (p{})", partition);
  return into;
}

std::string Names(const std::vector<std::string>& columns) {
  std::string names;
  for (const auto& c : columns) names += (names.empty() ? "" : ",") + QuoteMysqlName(c);
  return names;
}

// What both transports share.
class MysqlRows : public RowWriter {
 public:
  MysqlRows(MysqlSession* session, std::string table, uint64_t packet)
      : session_(session), table_(std::move(table)), packet_(packet) {}

 protected:
  // Errors name the table and, where the server counts rows, the key of the row it stopped at.
  Status Failed(const std::string& what, ErrorKind kind = ErrorKind::kFailed) const {
    return Status(kind, fmt::format("{}: rows for table {}: {}", session_->name(), table_, what),
                  "nothing of this chunk was committed; run the same command again once the cause is mended");
  }

  // What the server stores but cannot put into one packet it cannot send.
  Status Fits(uint64_t bytes, std::string_view key) const {
    constexpr uint64_t kAround = 4096;  // lengths of its columns, the packet's own
    if (bytes + kAround <= packet_) return {};
    return Status::Failed(
        fmt::format("{}: rows for table {}: the row with key {} has {} bytes, and the server takes {} "
                    "at a time (max_allowed_packet)",
                    session_->name(), table_, key, bytes, packet_),
        "raise max_allowed_packet on the server (64M or more), then run the same command again");
  }

  MysqlSession* session_;
  std::string table_;
  uint64_t packet_;
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
               OnExisting on_existing, int partition, uint64_t packet, FilledColumns filled)
      : MysqlRows(session, table, packet),
        columns_(columns),
        head_(std::string("LOAD DATA LOCAL INFILE 'rows'") + (on_existing == OnExisting::kReplace ? " REPLACE" : "") +
              " INTO TABLE " + Into(table, partition) +
              " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' "
              "STARTING BY '' ("),
        text_(columns.size(), std::move(filled)) {}
  void Bind(int i, int64_t v) override {
    const fmt::format_int digits(v);
    text_.Plain(Column(i), {digits.data(), digits.size()});
  }
  void BindReal(int i, double v) override { text_.Plain(Column(i), fmt::format("{}", v)); }
  void BindText(int i, std::string_view v) override { text_.Bytes(Column(i), v); }
  void BindBlob(int i, std::string_view v) override { text_.Bytes(Column(i), v); }
  void BindNull(int i) override { text_.Null(Column(i)); }

  Status Add() override {
    if (!text_.Complete()) return Failed("a column of a row was left out");
    MIGRATE_TRY(Fits(text_.row_bytes(), text_.First()));
    if (!text_.Fits()) MIGRATE_TRY(Flush());
    text_.AddRow();
    return text_.text().size() < kBufferBytes ? Status() : Flush();
  }

  Status Flush() override {
    if (text_.rows() == 0) return {};
    std::vector<std::string> columns;
    for (size_t c : text_.Columns()) columns.push_back(columns_[c]);
    const std::string sql = head_ + Names(columns) + ")";
    Feed feed{text_.text()};
    MYSQL* h = Handle(*session_);
    mysql_set_local_infile_handler(h, FeedInit, FeedRead, FeedEnd, FeedError, &feed);
    const Doing doing("sending", fmt::format("{} rows for table {} to {}", text_.rows(), table_, session_->name()));
    const bool sent = mysql_real_query(h, sql.data(), sql.size()) == 0;
    Status result = sent ? Check() : Where(TargetError(*session_, "rows for table " + table_));
    RefuseFiles(session_);
    text_.Clear();
    return result;
  }

 private:
  static size_t Column(int i) { return static_cast<size_t>(i - 1); }

  // LOAD DATA LOCAL turns duplicates into skips and bad values into warnings: neither may pass.
  Status Check() {
    MYSQL* h = Handle(*session_);
    const char* info = mysql_info(h);
    unsigned long records = 0, deleted = 0, skipped = 0, warnings = 0;
    if (info == nullptr || std::sscanf(info, "Records: %lu  Deleted: %lu  Skipped: %lu  Warnings: %lu", &records,
                                       &deleted, &skipped, &warnings) != 4)
      return Failed("the server did not say how many rows arrived");
    if (records == text_.rows() && skipped == 0 && warnings == 0 && mysql_warning_count(h) == 0) return {};
    std::string words;
    auto rows = session_->Query("SHOW WARNINGS LIMIT 3");
    if (rows.ok())
      for (const auto& w : *rows)
        if (w.size() > 2 && w[2]) words += "; " + *w[2];
    return Where(Failed(fmt::format("{} sent, {} arrived, {} skipped, {} warnings{}", text_.rows(), records, skipped,
                                    warnings, words)));
  }

  // Adds the key of the row that the server's words name ("... at row 17").
  Status Where(const Status& s) const {
    const size_t at = s.message().rfind("at row ");
    if (at == std::string::npos) return s;
    uint64_t number = std::strtoull(s.message().c_str() + at + 7, nullptr, 10);
    size_t line = 0;
    const std::string_view text = text_.text();
    for (; number > 1 && line != std::string::npos; --number) {
      line = text.find('\n', line);
      if (line != std::string::npos) ++line;
    }
    if (number != 1 || line == std::string::npos) return s;
    return Status(s.kind(),
                  fmt::format("{}; that row's key: {}", s.message(),
                              text.substr(line, text.find_first_of("\t\n", line) - line)),
                  s.hint())
        .MayPass(s.may_pass());
  }

  std::vector<std::string> columns_;
  std::string head_;
  LoadDataText text_;
};

class StatementRows : public MysqlRows {
 public:
  StatementRows(MysqlSession* session, const std::string& table, const std::vector<std::string>& columns,
                OnExisting on_existing, int partition, uint64_t packet)
      : MysqlRows(session, table, packet),
        replace_(on_existing == OnExisting::kReplace),
        head_((replace_ ? "REPLACE INTO " : "INSERT INTO ") + Into(table, partition) + " (" + Names(columns) +
              ") VALUES "),
        most_(std::min<uint64_t>(1 << 20, packet / 2)),
        fields_(columns.size()) {}
  void Bind(int i, int64_t v) override { Field(i) = fmt::format_int(v).str(); }
  void BindReal(int i, double v) override { Field(i) = fmt::format("{}", v); }
  void BindText(int i, std::string_view v) override { Field(i) = QuoteMysqlText(v); }
  void BindBlob(int i, std::string_view v) override { Field(i) = QuoteMysqlBytes(v); }
  void BindNull(int i) override { Field(i) = "NULL"; }

  Status Add() override {
    size_t size = 3;
    for (const std::string& f : fields_) size += f.size() + 1;
    MIGRATE_TRY(Fits(size, fields_.front()));
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
  std::string& Field(int i) { return fields_[static_cast<size_t>(i - 1)]; }

  bool replace_;
  std::string head_;
  uint64_t most_;
  std::vector<std::string> fields_;
  std::string buffer_;
  uint64_t rows_ = 0;
};

}  // namespace

void RefuseFiles(MysqlSession* session) {
  mysql_set_local_infile_handler(Handle(*session), FeedInit, FeedRead, FeedEnd, FeedError, nullptr);
}

std::unique_ptr<RowWriter> MakeMysqlRows(MysqlSession* session, const std::string& table,
                                         const std::vector<std::string>& columns, OnExisting on_existing, int partition,
                                         RowTransport transport, uint64_t packet, FilledColumns filled) {
  if (transport == RowTransport::kLoadData)
    return std::make_unique<LoadDataRows>(session, table, columns, on_existing, partition, packet, std::move(filled));
  return std::make_unique<StatementRows>(session, table, columns, on_existing, partition, packet);
}

}  // namespace migrate::store
