// Match state: what a matching leaves for the next one, so that an import costs in proportion to what is new in it
// (match_increment.h). Derived data: without it, or if anything about it is in doubt, everything is matched anew.
//
// A folder of four files, all of machine byte order (little-endian):
//   records   what matching reads of each record, one after another; only ever appended to
//             record  := fixed32 checksum of what follows, varint mask of the values, bytes(value)*, varint n,
//                        bytes(e-mail)*n, varint n, bytes(phone)*n, varint n, bytes(attribute)*n, varint flags
//   entries   the entries of each record (match_entries.h), fixed64 each; only ever appended to
//   slots     record := fixed64 record_id, fixed64 end in records, fixed64 end in entries (in numbers); appended to
//   state     all else, written anew each time; its last 8 bytes are a checksum. It says how much of the other files
//             counts, by checksummed pieces: what a run that died left behind them is nothing.
// A record that changed has a new slot, and its old one is dead. No file is synced: a power failure costs a full match.
//
// On disk, a record of nine fields: about 85 bytes in records, 8 an entry (some 130), 24 in slots, 9 in state and 12 an
// edge. In memory: slots and state, about 45 bytes a record; records and entries are mapped.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/status.h"
#include "migrate/dedupe/clustering.h"
#include "migrate/dedupe/hubs.h"
#include "migrate/dedupe/matcher.h"
#include "migrate/record/record.h"

namespace migrate::dedupe {

struct Slot {
  uint64_t record_id = 0;
  uint64_t record_end = 0, entry_end = 0;
};

enum SlotFlag : uint8_t {
  kSlotAlive = 1,
  kSlotLonely = 2,  // Clusters::lonely
  kSlotMoved = 4,   // Clusters::moved
};

// A piece of a file that is only appended to.
struct Piece {
  uint64_t bytes = 0, checksum = 0;
};

// A file mapped for reading. Not for files that others may cut short meanwhile.
class Mapping {
 public:
  Mapping() = default;
  ~Mapping();
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  // The first `bytes` of it; fails if it is shorter.
  static Result<Mapping> Open(const std::string& path, uint64_t bytes);
  std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

// Rows are slots throughout.
class MatchState {
 public:
  // Fails where there is none, or it is damaged or of another version: the message says which.
  static Result<std::unique_ptr<MatchState>> Load(const std::string& folder, unsigned threads);

  uint32_t size() const { return static_cast<uint32_t>(slots.size()); }
  bool Alive(uint32_t slot) const { return (flags[slot] & kSlotAlive) != 0; }
  std::string_view RecordBytes(uint32_t slot) const;  // without the checksum
  bool ReadRecord(uint32_t slot, Record* out) const;  // false: damaged
  std::span<const uint64_t> Entries(uint32_t slot) const;
  // A slot behind all others; it is alive and a cluster of its own.
  uint32_t Append(uint64_t record_id, std::string_view record, std::span<const uint64_t> entries);
  // Live slots by record_id.
  std::vector<uint32_t> Order() const;
  // Per slot, the slot of the lowest record of its cluster after step 5 of clustering; of dead ones their own.
  std::vector<uint32_t> FinalClusters() const;

  // Appends what is new and writes the rest. What fails leaves a folder without a state.
  Status Save(const std::string& folder);
  static Status Remove(const std::string& folder);

  std::map<std::string, std::string> facts;  // of the caller: what the state holds for
  std::vector<Slot> slots;
  std::vector<uint8_t> flags;
  std::vector<uint32_t> formed;  // Clusters::formed
  std::vector<float> confidence;
  std::vector<Edge> edges;  // a: the lower record_id
  std::vector<Home> homes;
  std::vector<Edge> cut;
  std::vector<ReviewPair> review;
  std::vector<Decision> decisions;  // that were in force
  std::vector<KeyStats> keys;
  uint64_t pairs_scored = 0;
  AllHubCounts hubs;

 private:
  friend class MatchStateWriter;
  Status Parse(std::string_view text);
  std::string Text() const;

  uint32_t stored_ = 0;  // slots that lie in the files
  std::vector<Piece> record_pieces_, entry_pieces_, slot_pieces_;
  Mapping record_file_, entry_file_;
  std::string new_records_;
  std::vector<uint64_t> new_entries_;
};

// What matching reads of a record, as the state keeps it.
std::string EncodeForMatching(const Record& record);
bool DecodeForMatching(std::string_view bytes, Record* out);

// What Matcher::Run leaves for the state: rows by record_id.
struct MatchKeep {
  // Called once, when the table, its frequencies and the model are as the pairs are scored.
  std::function<void(const Table&, const Frequencies&, const Model&)> features;
  std::vector<Edge> edges;
  Clusters clusters;
  AllHubCounts hubs;
};

// Makes the state of a full match: Add for each record, ascending by record_id; keep() into MatchOptions; then Finish.
// A failure to write ends in Finish, and nowhere else.
class MatchStateWriter {
 public:
  MatchStateWriter(std::string folder, unsigned threads);
  ~MatchStateWriter();
  MatchStateWriter(const MatchStateWriter&) = delete;
  MatchStateWriter& operator=(const MatchStateWriter&) = delete;

  void Add(const Record& record);
  MatchKeep* keep() { return &keep_; }
  Status Finish(const MatchResult& match, const std::vector<Decision>& decisions,
                std::map<std::string, std::string> facts);

 private:
  class Appender;
  void Features(const Table& table, const Frequencies& frequencies, const Model& model);

  std::string folder_;
  unsigned threads_;
  MatchKeep keep_;
  MatchState state_;
  std::unique_ptr<Appender> records_, entries_, slots_;
  uint64_t record_end_ = 0;
  Status status_;
};

}  // namespace migrate::dedupe
