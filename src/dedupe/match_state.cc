#include "migrate/dedupe/match_state.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "migrate/base/bytes.h"
#include "migrate/base/checksum.h"
#include "migrate/dedupe/match_entries.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

constexpr std::string_view kMagic = "migrate match state 2\n";
constexpr const char* kRecords = "/records";
constexpr const char* kEntries = "/entries";
constexpr const char* kSlots = "/slots";
constexpr const char* kState = "/state";

Status Damaged(const std::string& what) {
  return Status::Failed("the state of the last matching is damaged: " + what, "nothing is lost: all is matched anew");
}

template <class T>
std::string_view Raw(const std::vector<T>& v) {
  return {reinterpret_cast<const char*>(v.data()), v.size() * sizeof(T)};
}

template <class T>
void PutRaw(std::string* out, const std::vector<T>& v) {
  PutVarint(out, v.size());
  out->append(Raw(v));
}

template <class T>
bool GetRaw(ByteReader* in, std::vector<T>* v) {
  const uint64_t n = in->Varint();
  if (!in->ok() || n > uint64_t{1} << 33) return false;
  const std::string_view bytes = in->Raw(n * sizeof(T));
  if (!in->ok()) return false;
  v->resize(n);
  if (n != 0) std::memcpy(v->data(), bytes.data(), bytes.size());
  return true;
}

uint64_t SumBytes(const std::vector<Piece>& pieces) {
  uint64_t sum = 0;
  for (const Piece& p : pieces) sum += p.bytes;
  return sum;
}

// Do the pieces lie in `bytes` as they were written?
bool Whole(std::string_view bytes, const std::vector<Piece>& pieces, unsigned threads) {
  std::vector<size_t> begins;
  size_t at = 0;
  for (const Piece& p : pieces) {
    begins.push_back(at);
    at += p.bytes;
  }
  if (at != bytes.size()) return false;
  std::atomic<bool> good = true;
  ParallelParts(threads, pieces.size(), nullptr, [&](size_t i) {
    if (Xxh64(bytes.substr(begins[i], pieces[i].bytes)) != pieces[i].checksum) good = false;
  });
  return good;
}

// Cuts a file back to `bytes` and writes `more` behind them.
Status AppendAt(const std::string& path, uint64_t bytes, std::string_view more, std::vector<Piece>* pieces) {
  if (more.empty()) return {};
  if (truncate(path.c_str(), static_cast<off_t>(bytes)) != 0) return PosixError(path, "cannot be cut", errno);
  MIGRATE_ASSIGN(File file, File::OpenAppend(path));
  MIGRATE_TRY(file.Write(more));
  pieces->push_back({more.size(), Xxh64(more)});
  return file.Close();
}

Status Renamed(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return PosixError(to, "cannot be made", errno);
  return {};
}

void PutEdge(std::string* out, const Edge& e) {
  PutVarint(out, e.a);
  PutVarint(out, e.b);
  out->append(reinterpret_cast<const char*>(&e.log_odds), sizeof e.log_odds);
}

}  // namespace

Mapping::~Mapping() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}
Mapping::Mapping(Mapping&& other) noexcept : data_(other.data_), size_(other.size_) {
  other.data_ = nullptr;
  other.size_ = 0;
}
Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Result<Mapping> Mapping::Open(const std::string& path, uint64_t bytes) {
  MIGRATE_ASSIGN(File file, File::OpenRead(path));
  MIGRATE_ASSIGN(FileStat stat, StatFile(path));
  if (stat.size < bytes) return Damaged(path + " is too short");
  Mapping out;
  if (bytes == 0) return out;
  void* data = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.fd(), 0);
  if (data == MAP_FAILED) return PosixError(path, "cannot be mapped", errno);
  out.data_ = static_cast<const char*>(data);
  out.size_ = bytes;
  return out;
}

std::string EncodeForMatching(const Record& r) {
  std::string out;
  uint64_t mask = 0;
  // When a record changed is nothing that matching reads.
  const auto reads = [&](size_t i) { return static_cast<Field>(i) != Field::kUpdatedAt && !r.values[i].empty(); };
  for (size_t i = 0; i < r.values.size(); ++i)
    if (reads(i)) mask |= uint64_t{1} << i;
  PutVarint(&out, mask);
  for (size_t i = 0; i < r.values.size(); ++i)
    if (reads(i)) PutBytes(&out, r.values[i]);
  for (const auto* list : {&r.more_emails, &r.more_phones, &r.attributes}) {
    PutVarint(&out, list->size());
    for (const std::string& v : *list) PutBytes(&out, v);
  }
  PutVarint(&out, r.flags);
  return out;
}

bool DecodeForMatching(std::string_view bytes, Record* out) {
  ByteReader in(bytes);
  const uint64_t mask = in.Varint();
  for (size_t i = 0; i < out->values.size(); ++i) {
    out->values[i].clear();
    if ((mask >> i & 1) != 0) out->values[i] = in.Bytes();
  }
  for (auto* list : {&out->more_emails, &out->more_phones, &out->attributes}) {
    const uint64_t n = in.Varint();
    if (!in.ok() || n > bytes.size()) return false;
    list->resize(n);
    for (std::string& v : *list) v = in.Bytes();
  }
  out->flags = static_cast<uint32_t>(in.Varint());
  return in.ok() && in.done();
}

std::string_view MatchState::RecordBytes(uint32_t slot) const {
  const uint64_t begin = slot == 0 ? 0 : slots[slot - 1].record_end, end = slots[slot].record_end;
  const uint64_t mapped = record_file_.bytes().size();
  const std::string_view all = slot < stored_ ? record_file_.bytes() : std::string_view(new_records_);
  const uint64_t base = slot < stored_ ? 0 : mapped;
  return all.substr(begin - base + 4, end - begin - 4);
}

bool MatchState::ReadRecord(uint32_t slot, Record* out) const {
  const std::string_view bytes = RecordBytes(slot);
  uint32_t checksum = 0;
  std::memcpy(&checksum, bytes.data() - 4, 4);
  out->record_id = slots[slot].record_id;
  return checksum == static_cast<uint32_t>(Xxh64(bytes)) && DecodeForMatching(bytes, out);
}

std::span<const uint64_t> MatchState::Entries(uint32_t slot) const {
  const uint64_t begin = slot == 0 ? 0 : slots[slot - 1].entry_end, end = slots[slot].entry_end;
  const std::string_view mapped = entry_file_.bytes();
  if (slot < stored_) return {reinterpret_cast<const uint64_t*>(mapped.data()) + begin, end - begin};
  return {new_entries_.data() + (begin - mapped.size() / 8), end - begin};
}

uint32_t MatchState::Append(uint64_t record_id, std::string_view record, std::span<const uint64_t> entries) {
  const auto slot = static_cast<uint32_t>(slots.size());
  const Slot last = slots.empty() ? Slot{} : slots.back();
  const auto checksum = static_cast<uint32_t>(Xxh64(record));
  new_records_.append(reinterpret_cast<const char*>(&checksum), 4).append(record);
  new_entries_.insert(new_entries_.end(), entries.begin(), entries.end());
  slots.push_back({record_id, last.record_end + 4 + record.size(), last.entry_end + entries.size()});
  flags.push_back(kSlotAlive);
  formed.push_back(slot);
  confidence.push_back(1);
  return slot;
}

std::vector<uint32_t> MatchState::Order() const {
  std::vector<uint32_t> order;
  order.reserve(slots.size());
  for (uint32_t slot = 0; slot < size(); ++slot)
    if (Alive(slot)) order.push_back(slot);
  // A full match leaves its slots in order; what was appended since is little.
  const auto less = [this](uint32_t a, uint32_t b) { return slots[a].record_id < slots[b].record_id; };
  const auto middle = std::is_sorted_until(order.begin(), order.end(), less);
  std::sort(middle, order.end(), less);
  std::inplace_merge(order.begin(), middle, order.end(), less);
  return order;
}

std::vector<uint32_t> MatchState::FinalClusters() const {
  std::vector<uint32_t> out = formed;
  std::vector<uint8_t> off(size(), 0), touched(size(), 0);
  for (const Edge& e : cut) {
    off[e.a] = 1;
    touched[formed[e.a]] = 1;
  }
  // The lowest that stayed leads its cluster.
  std::vector<uint32_t> leader(cut.empty() ? 0 : size(), ~0u);
  const auto lower = [this](uint32_t a, uint32_t b) { return slots[a].record_id < slots[b].record_id; };
  for (uint32_t slot = 0; slot < size() && !cut.empty(); ++slot) {
    if (!Alive(slot) || off[slot] != 0 || touched[formed[slot]] == 0) continue;
    uint32_t& lead = leader[formed[slot]];
    if (lead == ~0u || lower(slot, lead)) lead = slot;
  }
  for (uint32_t slot = 0; slot < size(); ++slot) {
    if (!Alive(slot) || off[slot] != 0)
      out[slot] = slot;
    else if (touched[formed[slot]] != 0)
      out[slot] = leader[formed[slot]];
  }
  return out;
}

Result<std::unique_ptr<MatchState>> MatchState::Load(const std::string& folder, unsigned threads) {
  if (!PathExists(folder + kState)) return Status::Failed("there is no state of a matching before");
  MIGRATE_ASSIGN(std::string text, ReadWholeFile(folder + kState));
  auto state = std::make_unique<MatchState>();
  MIGRATE_TRY(state->Parse(text));
  std::string().swap(text);
  MIGRATE_ASSIGN(state->record_file_, Mapping::Open(folder + kRecords, SumBytes(state->record_pieces_)));
  MIGRATE_ASSIGN(state->entry_file_, Mapping::Open(folder + kEntries, SumBytes(state->entry_pieces_)));
  MIGRATE_ASSIGN(Mapping slots, Mapping::Open(folder + kSlots, SumBytes(state->slot_pieces_)));
  if (!Whole(slots.bytes(), state->slot_pieces_, threads)) return Damaged(folder + kSlots);
  if (!Whole(state->entry_file_.bytes(), state->entry_pieces_, threads)) return Damaged(folder + kEntries);
  const size_t n = state->flags.size();
  if (slots.bytes().size() != n * sizeof(Slot)) return Damaged(folder + kSlots);
  state->slots.resize(n);
  if (n != 0) std::memcpy(state->slots.data(), slots.bytes().data(), slots.bytes().size());
  if (n != 0 && (state->slots.back().record_end != state->record_file_.bytes().size() ||
                 state->slots.back().entry_end * 8 != state->entry_file_.bytes().size()))
    return Damaged(folder + kSlots);
  state->stored_ = static_cast<uint32_t>(n);
  return state;
}

std::string MatchState::Text() const {
  std::string out(kMagic);
  PutVarint(&out, facts.size());
  for (const auto& [name, value] : facts) {
    PutBytes(&out, name);
    PutBytes(&out, value);
  }
  for (const auto* pieces : {&record_pieces_, &entry_pieces_, &slot_pieces_}) PutRaw(&out, *pieces);
  PutRaw(&out, flags);
  PutRaw(&out, formed);
  PutRaw(&out, confidence);
  PutRaw(&out, edges);
  PutVarint(&out, homes.size());
  for (const Home& h : homes) {
    PutEdge(&out, {h.row, h.root, h.chance});
    PutVarint(&out, h.round);
  }
  PutRaw(&out, cut);
  PutVarint(&out, review.size());
  for (const ReviewPair& p : review) {
    PutFixed64(&out, p.a);
    PutFixed64(&out, p.b);
    out.append(reinterpret_cast<const char*>(&p.probability), sizeof p.probability);
    out.append(reinterpret_cast<const char*>(&p.pooled), sizeof p.pooled);
    out.append(reinterpret_cast<const char*>(&p.gain), sizeof p.gain);
    out.push_back(static_cast<char>(p.reason));
  }
  PutVarint(&out, decisions.size());
  for (const Decision& d : decisions) {
    out.push_back(static_cast<char>(d.kind));
    PutFixed64(&out, d.a);
    PutFixed64(&out, d.b);
  }
  PutVarint(&out, keys.size());
  for (const KeyStats& k : keys) {
    PutBytes(&out, k.name);
    for (const uint64_t v : {k.pairs, k.new_pairs, uint64_t{k.cap}}) PutVarint(&out, v);
    PutVarint(&out, k.capped_sizes.size());
    for (const auto& [size, blocks] : k.capped_sizes) {
      PutVarint(&out, size);
      PutVarint(&out, blocks);
    }
  }
  PutVarint(&out, pairs_scored);
  for (const HubCounts& h : hubs) {
    for (const uint64_t v : {h.occurrences, h.values, uint64_t{h.frequent.size()}}) PutVarint(&out, v);
    for (const auto& [hash, f] : h.frequent) {
      PutFixed64(&out, hash);
      PutBytes(&out, f.value);
      PutVarint(&out, f.occurrences);
    }
  }
  PutFixed64(&out, Xxh64(out));
  return out;
}

namespace {

template <class T>
T Plain(ByteReader* in) {
  T value{};
  const std::string_view raw = in->Raw(sizeof value);
  if (raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

// A count of things of at least one byte each; 0 where there cannot be so many.
uint64_t CountOf(ByteReader* in, std::string_view text) {
  const uint64_t n = in->Varint();
  return n <= text.size() ? n : 0;
}

KeyStats ReadKey(ByteReader* in, std::string_view text) {
  KeyStats k;
  k.name = in->Bytes();
  k.pairs = in->Varint();
  k.new_pairs = in->Varint();
  k.cap = static_cast<uint32_t>(in->Varint());
  for (uint64_t n = CountOf(in, text); n > 0; --n) {
    const auto size = static_cast<uint32_t>(in->Varint());
    const uint64_t blocks = in->Varint();
    k.capped_sizes[size] = blocks;
    k.capped_blocks += blocks;
    k.capped_records += blocks * size;
  }
  return k;
}

}  // namespace

Status MatchState::Parse(std::string_view text) {
  if (text.size() < kMagic.size() + 8 || text.substr(0, kMagic.size()) != kMagic)
    return Damaged("it is of another version");
  const std::string_view body = text.substr(0, text.size() - 8);
  if (ByteReader(text.substr(body.size())).Fixed64() != Xxh64(body)) return Damaged("its checksum does not fit");
  ByteReader in(body.substr(kMagic.size()));
  for (uint64_t n = CountOf(&in, text); n > 0; --n) {
    std::string name(in.Bytes());
    facts[std::move(name)] = in.Bytes();
  }
  for (auto* pieces : {&record_pieces_, &entry_pieces_, &slot_pieces_})
    if (!GetRaw(&in, pieces)) return Damaged("its pieces");
  if (!GetRaw(&in, &flags) || !GetRaw(&in, &formed) || !GetRaw(&in, &confidence) || !GetRaw(&in, &edges))
    return Damaged("its rows");
  for (uint64_t n = CountOf(&in, text); n > 0; --n) {
    Home h;
    h.row = static_cast<uint32_t>(in.Varint());
    h.root = static_cast<uint32_t>(in.Varint());
    h.chance = Plain<float>(&in);
    h.round = static_cast<uint8_t>(in.Varint());
    homes.push_back(h);
  }
  if (!GetRaw(&in, &cut)) return Damaged("its cuts");
  for (uint64_t n = CountOf(&in, text); n > 0; --n) {
    ReviewPair p;
    p.a = in.Fixed64();
    p.b = in.Fixed64();
    p.probability = Plain<float>(&in);
    p.pooled = Plain<float>(&in);
    p.gain = Plain<double>(&in);
    p.reason = static_cast<ReviewPair::Reason>(Plain<uint8_t>(&in));
    review.push_back(p);
  }
  for (uint64_t n = CountOf(&in, text); n > 0; --n) {
    Decision d;
    d.kind = static_cast<Decision::Kind>(Plain<uint8_t>(&in));
    d.a = in.Fixed64();
    d.b = in.Fixed64();
    decisions.push_back(d);
  }
  for (uint64_t n = CountOf(&in, text); n > 0; --n) keys.push_back(ReadKey(&in, text));
  pairs_scored = in.Varint();
  for (HubCounts& h : hubs) {
    h.occurrences = in.Varint();
    h.values = in.Varint();
    for (uint64_t n = CountOf(&in, text); n > 0; --n) {
      HubCounts::Frequent& f = h.frequent[in.Fixed64()];
      f.value = in.Bytes();
      f.occurrences = in.Varint();
    }
  }
  const size_t n = flags.size();
  if (!in.ok() || !in.done() || formed.size() != n || confidence.size() != n) return Damaged("its lists");
  for (const Edge& e : edges)
    if (e.a >= n || e.b >= n) return Damaged("its edges");
  for (const uint32_t f : formed)
    if (f >= n) return Damaged("its clusters");
  for (const Home& h : homes)
    if (h.row >= n || h.root >= n) return Damaged("its homes");
  for (const Edge& e : cut)
    if (e.a >= n || e.b >= n) return Damaged("its cuts");
  for (const ReviewPair& p : review)
    if (static_cast<size_t>(p.reason) >= kReviewReasons.size()) return Damaged("its review pairs");
  return {};
}

Status MatchState::Save(const std::string& folder) {
  const uint64_t records = SumBytes(record_pieces_), entries = SumBytes(entry_pieces_), at = SumBytes(slot_pieces_);
  MIGRATE_TRY(AppendAt(folder + kRecords, records, new_records_, &record_pieces_));
  MIGRATE_TRY(AppendAt(folder + kEntries, entries, Raw(new_entries_), &entry_pieces_));
  const std::string_view all = Raw(slots);
  MIGRATE_TRY(AppendAt(folder + kSlots, at, all.substr(stored_ * sizeof(Slot)), &slot_pieces_));
  MIGRATE_ASSIGN(File file, File::Create(folder + kState + ".new"));
  MIGRATE_TRY(file.Write(Text()));
  MIGRATE_TRY(file.Close());
  return Renamed(folder + kState + ".new", folder + kState);
}

Status MatchState::Remove(const std::string& folder) {
  // The state first: without it the other files are nothing.
  MIGRATE_TRY(RemoveTree(folder + kState));
  return RemoveTree(folder);
}

// Writes a file in checksummed pieces.
class MatchStateWriter::Appender {
 public:
  static Result<std::unique_ptr<Appender>> Create(const std::string& path) {
    MIGRATE_ASSIGN(File file, File::Create(path));
    std::unique_ptr<Appender> a(new Appender);
    a->file_ = std::move(file);
    return a;
  }
  Status Add(std::string_view bytes) {
    buffer_.append(bytes);
    return buffer_.size() < kPiece ? Status() : Flush();
  }
  Status Flush() {
    if (buffer_.empty()) return {};
    pieces.push_back({buffer_.size(), Xxh64(buffer_)});
    MIGRATE_TRY(file_.Write(buffer_));
    buffer_.clear();
    return {};
  }
  Status Close() {
    MIGRATE_TRY(Flush());
    return file_.Close();
  }
  std::vector<Piece> pieces;

 private:
  static constexpr size_t kPiece = 1 << 20;
  File file_;
  std::string buffer_;
};

MatchStateWriter::MatchStateWriter(std::string folder, unsigned threads)
    : folder_(std::move(folder)), threads_(threads) {
  const auto begin = [&]() -> Status {
    MIGRATE_TRY(MatchState::Remove(folder_));
    MIGRATE_TRY(MakeFolders(folder_));
    MIGRATE_ASSIGN(records_, Appender::Create(folder_ + kRecords));
    MIGRATE_ASSIGN(entries_, Appender::Create(folder_ + kEntries));
    MIGRATE_ASSIGN(slots_, Appender::Create(folder_ + kSlots));
    return {};
  };
  status_ = begin();
  keep_.features = [this](const Table& t, const Frequencies& f, const Model& m) { Features(t, f, m); };
}
MatchStateWriter::~MatchStateWriter() = default;

void MatchStateWriter::Add(const Record& record) {
  if (!status_.ok()) return;
  const std::string bytes = EncodeForMatching(record);
  const auto checksum = static_cast<uint32_t>(Xxh64(bytes));
  status_ = records_->Add(std::string(reinterpret_cast<const char*>(&checksum), 4) + bytes);
  record_end_ += 4 + bytes.size();
  state_.slots.push_back({record.record_id, record_end_, 0});
}

void MatchStateWriter::Features(const Table& table, const Frequencies& frequencies, const Model& model) {
  if (!status_.ok()) return;
  if (table.size() != state_.slots.size()) {
    status_ = Status::Failed("the records that were matched are not those that were kept");
    return;
  }
  const EntryMaker maker(table, frequencies, model.caps);
  constexpr size_t kRowsPerPart = 4096;
  const size_t parts = 4 * std::max(1u, threads_);
  std::vector<std::vector<uint64_t>> made(parts);
  uint64_t end = 0;
  for (size_t from = 0; from < table.size() && status_.ok(); from += parts * kRowsPerPart) {
    ParallelParts(threads_, parts, nullptr, [&](size_t part) {
      made[part].clear();
      const size_t begin = from + part * kRowsPerPart;
      for (size_t row = begin; row < std::min<size_t>(begin + kRowsPerPart, table.size()); ++row) {
        const size_t before = made[part].size();
        maker.Append(static_cast<uint32_t>(row), &made[part]);
        state_.slots[row].entry_end = made[part].size() - before;
      }
    });
    for (const auto& entries : made)
      if (status_.ok()) status_ = entries_->Add(Raw(entries));
  }
  for (Slot& slot : state_.slots) end = slot.entry_end += end;
}

Status MatchStateWriter::Finish(const MatchResult& match, const std::vector<Decision>& decisions,
                                std::map<std::string, std::string> facts) {
  MIGRATE_TRY(status_);
  MIGRATE_TRY(slots_->Add(Raw(state_.slots)));
  for (Appender* file : {records_.get(), entries_.get(), slots_.get()}) MIGRATE_TRY(file->Close());
  state_.stored_ = static_cast<uint32_t>(state_.slots.size());
  state_.record_pieces_ = std::move(records_->pieces);
  state_.entry_pieces_ = std::move(entries_->pieces);
  state_.slot_pieces_ = std::move(slots_->pieces);
  state_.facts = std::move(facts);
  const Clusters& c = keep_.clusters;
  const size_t n = state_.slots.size();
  state_.flags.assign(n, kSlotAlive);
  for (size_t row = 0; row < c.lonely.size(); ++row)
    if (c.lonely[row] != 0) state_.flags[row] |= kSlotLonely;
  for (const uint32_t row : c.moved) state_.flags[row] |= kSlotMoved;
  state_.formed = c.formed;
  state_.confidence = match.confidence;
  state_.edges = std::move(keep_.edges);
  state_.homes = c.homes;
  state_.cut = c.cut;
  state_.review = match.review;
  state_.decisions = decisions;
  state_.keys = match.stats.keys;
  // A key that the model does not use has no blocks in the next matching.
  for (KeyStats& k : state_.keys)
    if (k.cap == 0) k = KeyStats{k.name};
  state_.pairs_scored = match.stats.pairs_scored;
  state_.hubs = std::move(keep_.hubs);
  return state_.Save(folder_);
}

}  // namespace migrate::dedupe
