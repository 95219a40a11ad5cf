#include "pair_parts.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <set>

#include "match_again.h"
#include "migrate/base/bytes.h"
#include "migrate/base/checksum.h"
#include "migrate/base/file.h"
#include "migrate/base/hash.h"
#include "migrate/dedupe/match_state.h"
#include "migrate/dedupe/model.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/versions.h"

namespace migrate::run {
namespace {

constexpr std::string_view kMagic = "MIGPAIR1", kLearnedMagic = "MIGLRND1";

std::string Folder(const Context& c) { return c.Work("pairs"); }

std::string PathOf(const Context& c, const PairWork& work, uint32_t part) {
  return fmt::format("{}/{}-{}.bin", Folder(c), part, work.state);
}

std::string LearnedPath(const Context& c, const PairWork& work) {
  return fmt::format("{}/learned-{}.bin", Folder(c), work.state);
}

// 16,384, or what MIGRATE_PAIR_ROWS says, with which tests make many parts of few records.
uint32_t RowsOfPart() {
  const char* text = std::getenv("MIGRATE_PAIR_ROWS");
  const uint64_t rows = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  return rows > 0 && dedupe::kCandidateRows % rows == 0 ? static_cast<uint32_t>(rows) : dedupe::kCandidateRows;
}

// What parts may depend on, as far as it is known without reading the records.
Result<std::string> StateOf(const Context& c, const MatchingOptions& matching, uint64_t records) {
  MIGRATE_ASSIGN(const std::string model, ModelPrint(matching));
  // Events that leave records as they are.
  MIGRATE_ASSIGN(
      const int64_t event,
      matching.db->QueryInteger("SELECT max(event_id) FROM audit_event WHERE kind NOT IN ('decision', 'export', "
                                "'model_exported', 'run_ended', 'run_unchanged')"));
  const std::string text = fmt::format("{} {} {} {} {} {} {}", c.options.tool_version, c.plan.hash, c.import_id,
                                       records, event, model, RowsOfPart());
  return Sha256Hex(text).substr(0, 16);
}

std::string Encoded(const std::string& made_of, uint32_t part, const dedupe::ScoredPart& scored) {
  std::string out(kMagic);
  out += made_of;
  PutVarint(&out, part);
  PutVarint(&out, scored.pairs);
  PutVarint(&out, scored.new_pairs.size());
  for (const uint64_t pairs : scored.new_pairs) PutVarint(&out, pairs);
  PutVarint(&out, scored.edges.size());
  out.append(reinterpret_cast<const char*>(scored.edges.data()), scored.edges.size() * sizeof(dedupe::Edge));
  PutFixed64(&out, Xxh64(out));
  return out;
}

// What stands between the magic and the checksum, if the file is whole.
std::optional<std::string_view> Content(std::string_view bytes, std::string_view magic) {
  if (bytes.size() < magic.size() + 8 || !bytes.starts_with(magic)) return std::nullopt;
  ByteReader sum(bytes.substr(bytes.size() - 8));
  bytes.remove_suffix(8);
  if (sum.Fixed64() != Xxh64(bytes)) return std::nullopt;
  return bytes.substr(magic.size());
}

// Is it whole, of this part, and made of this?
bool Decode(std::string_view file, const std::string& made_of, uint32_t part, dedupe::ScoredPart* out) {
  const auto bytes = Content(file, kMagic);
  if (!bytes) return false;
  ByteReader in(*bytes);
  if (in.Raw(made_of.size()) != made_of || in.Varint() != part) return false;
  out->pairs = in.Varint();
  const uint64_t keys = in.Varint();
  if (!in.ok() || keys > bytes->size()) return false;
  out->new_pairs.assign(keys, 0);
  for (uint64_t& pairs : out->new_pairs) pairs = in.Varint();
  const uint64_t edges = in.Varint();
  if (!in.ok() || edges > bytes->size() / sizeof(dedupe::Edge)) return false;
  const std::string_view raw = in.Raw(edges * sizeof(dedupe::Edge));
  if (!in.ok() || !in.done()) return false;
  out->edges.resize(edges);
  if (edges != 0) std::memcpy(out->edges.data(), raw.data(), raw.size());
  return true;
}

std::string EncodedLearned(const std::string& made_of, const dedupe::Learned& learned) {
  std::string out(kLearnedMagic);
  out += made_of;
  PutBytes(&out, dedupe::ModelToJson(learned.model));
  PutVarint(&out, static_cast<uint64_t>(learned.em_iterations));
  PutVarint(&out, learned.all_pairs ? 1 : 0);
  PutVarint(&out, learned.keys.size());
  for (const dedupe::KeyStats& key : learned.keys) {
    PutBytes(&out, key.name);
    for (const uint64_t n : {key.pairs, uint64_t{key.cap}, key.capped_blocks, key.capped_records}) PutVarint(&out, n);
    PutVarint(&out, key.capped_sizes.size());
    for (const auto& [records, blocks] : key.capped_sizes) {
      PutVarint(&out, records);
      PutVarint(&out, blocks);
    }
  }
  PutFixed64(&out, Xxh64(out));
  return out;
}

bool DecodeLearned(std::string_view file, const std::string& made_of, dedupe::Learned* out) {
  const auto bytes = Content(file, kLearnedMagic);
  if (!bytes) return false;
  ByteReader in(*bytes);
  if (in.Raw(made_of.size()) != made_of) return false;
  auto model = dedupe::ModelFromJson(in.Bytes());
  if (!in.ok() || !model.ok()) return false;
  out->model = *std::move(model);
  out->em_iterations = static_cast<int>(in.Varint());
  out->all_pairs = in.Varint() != 0;
  const uint64_t keys = in.Varint();
  for (uint64_t i = 0; i < keys && in.ok(); ++i) {
    dedupe::KeyStats& key = out->keys.emplace_back();
    key.name = in.Bytes();
    key.pairs = in.Varint();
    key.cap = static_cast<uint32_t>(in.Varint());
    key.capped_blocks = in.Varint();
    key.capped_records = in.Varint();
    for (uint64_t left = in.Varint(); left > 0 && in.ok(); --left) {
      const auto records = static_cast<uint32_t>(in.Varint());
      key.capped_sizes[records] = in.Varint();
    }
  }
  return in.ok() && in.done();
}

// The temporary name is this process's own: another one may be at the same file, on another machine too.
Status WriteWhole(const std::string& path, const std::string& bytes) {
  std::random_device random;
  const std::string temporary = fmt::format("{}.{}.{:08x}{:08x}.tmp", path, getpid(), random(), random());
  MIGRATE_ASSIGN(File file, File::Create(temporary));
  Status s = file.Write(bytes);
  if (s.ok()) s = file.Sync();
  if (s.ok()) s = file.Close();
  if (s.ok()) return RenameSynced(temporary, path);
  ::unlink(temporary.c_str());
  return s;
}

}  // namespace

Result<PairWork> PairsToScore(const Context& c, const MatchingOptions& matching) {
  PairWork work;
  MIGRATE_ASSIGN(auto done, ledger::Checkpoint(matching.db, c.import_id, "dedupe", 0));
  if (done) return work;
  if (PathExists(c.Work("persons/decision.json"))) {
    work.why = "the persons have been found";
    return work;
  }
  MIGRATE_ASSIGN(auto model, ModelInForce(matching));
  if (model && c.plan.retention.match && PathExists(MatchFolder(c))) {
    work.why = "only what is new is compared";
    return work;
  }
  MIGRATE_ASSIGN(const uint64_t records, ledger::CountedRecords(matching.db));
  const uint32_t rows = RowsOfPart();
  if (records <= rows) {
    work.why = "the records are few";
    return work;
  }
  MIGRATE_ASSIGN(work.state, StateOf(c, matching, records));
  work.parts = static_cast<uint32_t>((records + rows - 1) / rows);
  return work;
}

std::set<uint32_t> MissingPairParts(const Context& c, const PairWork& work) {
  std::set<uint32_t> missing;
  for (uint32_t part = 0; part < work.parts; ++part)
    if (!PathExists(PathOf(c, work, part))) missing.insert(part);
  return missing;
}

std::vector<uint32_t> ShardsOfMissingPairs(const Context& c, const PairWork& work, uint32_t n) {
  std::set<uint32_t> missing;
  for (const uint32_t part : MissingPairParts(c, work)) missing.insert(part % n + 1);
  return {missing.begin(), missing.end()};
}

PairFiles::PairFiles(const Context& c, const PairWork& work, std::optional<Shard> share) : c_(c), work_(work) {
  parts_.rows = RowsOfPart();
  parts_.only = share.has_value();
  parts_.begin = [this](const dedupe::Model& model, double least) {
    const std::string text = fmt::format("{} {} {} {:016x} {} {}\n{}", c_.options.tool_version, c_.plan.hash, records_,
                                         digest_, parts_.rows, least, dedupe::ModelToJson(model));
    made_of_ = AsView(Sha256Of(text));
  };
  parts_.mine = [share](uint32_t part) { return !share || share->Has(part); };
  parts_.read = [this](uint32_t part, dedupe::ScoredPart* out) { return Read(part, out); };
  parts_.read_learned = [this](dedupe::Learned* out) { return ReadLearned(out); };
  parts_.write_learned = [this](const dedupe::Learned& learned) { return WriteLearned(learned); };
  parts_.write = [this](uint32_t part, const dedupe::ScoredPart& scored) { return Write(part, scored); };
}

void PairFiles::Add(const Record& record) {
  std::string bytes = dedupe::EncodeForMatching(record);
  PutFixed64(&bytes, record.record_id);
  PutFixed64(&bytes, digest_);
  digest_ = Xxh64(bytes);
  ++records_;
}

bool PairFiles::Read(uint32_t part, dedupe::ScoredPart* out) const {
  const std::string path = PathOf(c_, work_, part);
  if (!PathExists(path)) return false;
  const auto bytes = ReadWholeFile(path);
  return bytes.ok() && Decode(*bytes, made_of_, part, out);
}

Status PairFiles::Write(uint32_t part, const dedupe::ScoredPart& scored) const {
  MIGRATE_TRY(MakeFolders(Folder(c_)));
  return WriteWhole(PathOf(c_, work_, part), Encoded(made_of_, part, scored));
}

std::string PairFiles::MadeOfRecords() const {
  const Sha256 hash =
      Sha256Of(fmt::format("{} {} {} {:016x}", c_.options.tool_version, c_.plan.hash, records_, digest_));
  return std::string(AsView(hash));
}

// Whoever has the lock learns; the others wait, which costs no more time than to learn as well.
bool PairFiles::ReadLearned(dedupe::Learned* out) {
  const std::string path = LearnedPath(c_, work_);
  for (const bool locked : {false, true}) {
    const auto bytes = PathExists(path) ? ReadWholeFile(path) : Result<std::string>(std::string());
    dedupe::Learned learned;
    if (bytes.ok() && DecodeLearned(*bytes, MadeOfRecords(), &learned)) {
      learn_.reset();
      *out = std::move(learned);
      return true;
    }
    if (locked) break;
    auto lock = FileLock::Wait(c_.Work("learn.lock"), c_.options.cancel, [this] {
      c_.meter->printer()->Note("dedupe: waiting for another shard, which learns the model");
    });
    if (!lock.ok()) break;  // then it is learned here, too
    learn_ = *std::move(lock);
  }
  return false;
}

Status PairFiles::WriteLearned(const dedupe::Learned& learned) {
  MIGRATE_TRY(MakeFolders(Folder(c_)));
  Status s = WriteWhole(LearnedPath(c_, work_), EncodedLearned(MadeOfRecords(), learned));
  learn_.reset();
  return s;
}

}  // namespace migrate::run
