// What is read is one state of the database, whoever writes to it, and nobody is kept from noticing what is not.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "sqlite_testing.h"

namespace migrate::extract {
namespace {

using namespace std::string_literals;

constexpr const char* kRows =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v); "
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000) INSERT INTO t SELECT i, 'old' FROM "
    "c";

SqliteOptions SmallChunks() {
  SqliteOptions options = Options("t");
  options.chunk_rows = 100;
  return options;
}

void ExpectAllOld(const ReadResult& got, size_t rows = 1000) {
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  ASSERT_EQ(got.items.size(), rows);
  for (const auto& item : got.items) ASSERT_NE(item.payload.find("\"old\""), std::string::npos) << item.payload;
}

TEST(SqliteSnapshot, RowsInTheLogAreRead) {
  Database db;
  db.Run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  db.Run(kRows);
  ASSERT_GT(fs::file_size(db.path() + "-wal"), 0u);
  const ReadResult got = ReadSqlite(db.path(), SmallChunks());
  EXPECT_EQ(got.findings.front(), "opened read-only, WAL mode");
  EXPECT_EQ(got.findings.back(), "read by ranges of rowids");
  ExpectAllOld(got);
}

TEST(SqliteSnapshot, WhatIsNotCommittedIsNotRead) {
  Database db;
  db.Run("PRAGMA journal_mode = WAL");
  db.Run(kRows);
  // So many changes that pages go to the log before the commit.
  db.Run("PRAGMA cache_size = 5; BEGIN; UPDATE t SET v = hex(zeroblob(500)); DELETE FROM t WHERE id > 500");
  ExpectAllOld(ReadSqlite(db.path(), SmallChunks()));
}

// Committed before the reader came, not yet in the file, and brought there while it reads.
TEST(SqliteSnapshot, ACheckpointWhileItIsRead) {
  Database db;
  db.Run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  db.Run(kRows);
  auto reader = OpenSqlite(db.path(), SmallChunks());
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  db.Run("PRAGMA wal_checkpoint(PASSIVE); UPDATE t SET v = 'new' WHERE id % 2; PRAGMA wal_checkpoint(PASSIVE)");
  ExpectAllOld(ReadAll(**reader));
}

TEST(SqliteSnapshot, ManyConnectionsSeeOneStateWhileAWriterCommits) {
  Database db;
  db.Run("PRAGMA journal_mode = WAL");
  db.Run(kRows);
  auto reader = OpenSqlite(db.path(), SmallChunks());
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; !stop; ++i)
      sqlite3_exec(db.db(), fmt::format("UPDATE t SET v = 'new{}'; INSERT INTO t(v) VALUES ('more')", i).c_str(),
                   nullptr, nullptr, nullptr);
  });
  std::vector<Collected> sinks(4);
  std::vector<std::thread> threads;
  for (Collected& sink : sinks)
    threads.emplace_back([&] {
      for (;;) {
        auto chunk = (*reader)->Next();
        ASSERT_TRUE(chunk.ok()) << chunk.status().message();
        if (!*chunk) return;
        const size_t before = sink.items.size();
        ASSERT_TRUE((*reader)->Read(**chunk, sink).ok());
        ASSERT_EQ(sink.items.size() - before, (*chunk)->counted);
      }
    });
  for (auto& t : threads) t.join();
  stop = true;
  writer.join();
  ReadResult all;
  for (Collected& sink : sinks) all.items.insert(all.items.end(), sink.items.begin(), sink.items.end());
  ExpectAllOld(all);
  EXPECT_TRUE((*reader)->Finish().ok());
}

// Without a log the reader's locks keep a writer out, in whatever process it is. They must outlast another reader of
// the same file: POSIX gives all locks of a process up as soon as it closes any descriptor of the file.
TEST(SqliteSnapshot, LocksOutlastAnotherReader) {
  Database db;
  db.Run(kRows);
  auto reader = OpenSqlite(db.path(), SmallChunks());
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  { ExpectAllOld(ReadSqlite(db.path(), SmallChunks())); }
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(db.path().c_str(), O_RDWR);
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0x40000002;  // SQLite's shared locks (fileformat2.html has the place, os.h of SQLite the layout)
    lock.l_len = 510;
    ::_exit(::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the first reader has lost its lock";
  ExpectAllOld(ReadAll(**reader));
}

TEST(SqliteSnapshot, AFileThatIsReplacedOrRewrittenIsSeen) {
  for (bool wal : {false, true})
    for (bool replaced : {true, false}) {
      if (wal && !replaced) continue;  // beside a log the file may change: a checkpoint does that
      Database db;
      if (wal) db.Run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
      db.Run(kRows);
      auto reader = OpenSqlite(db.path(), SmallChunks());
      ASSERT_TRUE(reader.ok()) << reader.status().message();
      const std::string bytes = *ReadWholeFile(db.path());
      if (replaced) {
        const std::string other = db.folder() + "/other.db";
        ASSERT_TRUE(File::Create(other)->Write(bytes).ok());
        fs::rename(other, db.path());
      } else {
        const int fd = ::open(db.path().c_str(), O_WRONLY);
        ASSERT_EQ(::pwrite(fd, bytes.data(), 100, 0), 100);
        ::close(fd);
      }
      const Status s = ReadAll(**reader).status;
      EXPECT_EQ(s.message(), db.path() + ": changed while it was read") << wal << replaced;
      EXPECT_EQ(s.kind(), ErrorKind::kFailed);
    }
}

// The file shrinks under the reader, which no lock prevents.
TEST(SqliteSnapshot, AFileThatIsCutIsAnError) {
  Database db;
  db.Run(kRows);
  auto reader = OpenSqlite(db.path(), SmallChunks());
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  fs::resize_file(db.path(), 8192);
  EXPECT_EQ(ReadAll(**reader).status.kind(), ErrorKind::kFailed);
}

TEST(SqliteSnapshot, AJournalOfADeadWriterIsSaid) {
  Database db;
  db.Run(kRows);
  db.Run("PRAGMA cache_size = 1; PRAGMA synchronous = FULL; BEGIN; UPDATE t SET v = hex(zeroblob(5000))");
  // Its files as they would be found after a crash.
  const std::string copy = db.folder() + "/copy.db";
  fs::copy_file(db.path(), copy);
  ASSERT_TRUE(fs::exists(db.path() + "-journal"));
  fs::copy_file(db.path() + "-journal", copy + "-journal");
  const ReadResult got = ReadSqlite(copy, SmallChunks());
  ASSERT_FALSE(got.status.ok());
  EXPECT_EQ(got.status.kind(), ErrorKind::kFailed);
  EXPECT_EQ(got.status.message(), copy + ": attempt to write a readonly database");
  EXPECT_NE(got.status.hint().find("a writer died and left a journal"), std::string::npos) << got.status.hint();
}

TEST(SqliteSnapshot, AModuleThatIsMissingIsSaid) {
  Database db;
  db.Run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY); PRAGMA writable_schema = 1;"
      "INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING nosuch(id)')");
  const Status s = ReadSqlite(db.path(), Options("v")).status;
  EXPECT_EQ(s.kind(), ErrorKind::kPlan);
  EXPECT_EQ(s.message(), db.path() + ": no such module: nosuch");
  EXPECT_TRUE(ReadSqlite(db.path(), Options("t")).status.ok());
}

TEST(SqliteSnapshot, RowidsOutOfOrderAreSaid) {
  Database db;
  db.Run(kRows);
  db.Close();
  std::string bytes = *ReadWholeFile(db.path());
  // Row 500's cell: size of its record, rowid 500 as a varint, header of 3 bytes, NULL for the key, text of 3 bytes.
  const size_t at = bytes.find("\x06\x83\x74\x03\x00\x13old"s);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 1] = '\x88';
  TempFile file(bytes, ".db");
  const ReadResult got = ReadSqlite(file.path(), SmallChunks());
  ASSERT_FALSE(got.status.ok());
  EXPECT_EQ(got.status.message(), file.path() +
                                      ": table t, from rowid 384: database disk image is malformed: its rowids "
                                      "are out of order");
}

}  // namespace
}  // namespace migrate::extract
