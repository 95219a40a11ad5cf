// The lists of a decision about persons: entries by partition, ascending by key within it, in segments.
//
//   block       := bytes(entry)*
//   alias       := varint alias_id, varint person_id, byte kind
//   person      := byte op, varint person_id, [image] (not if op is retire), [old] (not if op is insert)
//   image       := varint record_count, fixed64 confidence, varint opt_out, bytes(value)*, varint n,
//                  bytes(attribute)*n, bytes(provenance)
//   old         := sha256 of the row, byte history, if that is 1: varint import_id, image (without attributes),
//                  bytes(attributes as stored)
//   members     := varint person_id, bytes(JSON array of the record_ids it had); of the persons with history
//   link        := varint record_id, varint person_id, fixed64 confidence, byte replaces, if that is 1:
//                  varint person_id, varint import_id, fixed64 confidence
//   identifier  := byte op, varint value_hash, varint person_id, bytes(kind), bytes(value)
//
// `bytes` as in spool/rows.h; confidence is the IEEE 754 double. They lie there at the moment at which
// an import takes most of the disk, so they are packed: 214 bytes a record of eleven columns become 100.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "migrate/base/bytes.h"
#include "migrate/base/hash.h"
#include "migrate/ledger/tables.h"
#include "migrate/spool/segment.h"

namespace migrate::dedupe {

inline constexpr int kListFormat = 1;

enum class List { kAlias, kPerson, kMembers, kLink, kIdentifier };
inline constexpr int kLists = 5;
std::string FolderOfLists(const std::string& scratch);
std::string ListPath(const std::string& scratch, List list);

// Packs in a thread of its own, which takes as long as making the entries does. Memory: a block a partition, 8 MiB in
// all, and nine that wait or are packed.
class ListWriter {
 public:
  static Result<std::unique_ptr<ListWriter>> Create(const std::string& path, uint32_t partitions);
  ~ListWriter();
  // Any order of partitions; within one, keys must ascend. An error may be that of an earlier entry.
  Status Add(uint32_t partition, std::string_view entry);
  Status Close();                                             // writes what is left, and gives the blocks' memory back
  spool::SegmentWriter* segment() { return segment_.get(); }  // after Close()

 private:
  struct Block {
    uint32_t partition = 0;
    std::string bytes;
    uint64_t rows = 0;
  };
  Status Pass(Block* block);  // leaves it empty
  void Pack();
  Status End();  // of the thread
  std::unique_ptr<spool::SegmentWriter> segment_;
  std::vector<Block> open_;  // by partition
  size_t block_bytes_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Block> waiting_;
  std::vector<std::string> spare_;
  Status status_;
  bool ended_ = false;
  std::thread packer_;
};

// The entries of one partition. Memory: a block.
class ListReader {
 public:
  // Begins behind the first `skip` entries.
  ListReader(std::shared_ptr<spool::SegmentReader> segment, uint32_t partition, uint64_t skip = 0);
  // The next entry, valid until the next call; false at the end.
  Result<bool> Next(std::string_view* entry);

 private:
  std::shared_ptr<spool::SegmentReader> segment_;
  const uint32_t partition_;
  uint64_t skip_;
  size_t next_block_ = 0;
  std::string block_;
  ByteReader in_{""};
};

// Decoders give false if the entry is damaged. Strings and views are valid as long as the entry.
struct AliasEntry {
  enum Kind : char { kSplitFrom, kMergedInto, kCameBackAs };
  uint64_t alias_id = 0, person_id = 0;
  Kind kind = kMergedInto;
  const char* KindName() const;  // as person_alias has it
  void Encode(std::string* out) const;
  bool Decode(std::string_view entry);
};

struct PersonEntry {
  enum Op : char { kInsert, kReplace, kRetire };
  Op op = kInsert;
  ledger::Person now;  // person_id always
  Sha256 old_hash{};
  bool history = false;
  ledger::Person old;          // without its attributes
  std::string old_attributes;  // as stored
  // import_id is not kept.
  static void Encode(Op op, const ledger::Person& now, std::string* out);  // without `old`
  void EncodeOld(std::string* out) const;
  bool Decode(std::string_view entry);
};

struct MembersEntry {
  uint64_t person_id = 0;
  std::string_view members;
  void Encode(std::string* out) const;
  bool Decode(std::string_view entry);
};

struct LinkEntry {
  uint64_t record_id = 0, person_id = 0;
  double confidence = 1;
  bool replaces = false;
  uint64_t old_person = 0;
  int64_t old_import = 0;
  double old_confidence = 1;
  void Encode(std::string* out) const;
  bool Decode(std::string_view entry);
};

struct IdentifierEntry {
  bool add = true;
  uint64_t hash = 0, person_id = 0;
  std::string_view kind, value;
  void Encode(std::string* out) const;
  bool Decode(std::string_view entry);
};

}  // namespace migrate::dedupe
