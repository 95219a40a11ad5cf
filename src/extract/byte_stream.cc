#include "migrate/extract/byte_stream.h"

#include <fmt/core.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "migrate/base/file.h"

namespace migrate::extract {
namespace {

constexpr size_t kInputBytes = 256 << 10;

class PlainStream : public ByteStream {
 public:
  explicit PlainStream(File file) : file_(std::move(file)) {}
  Result<size_t> Read(char* buffer, size_t n) override {
    MIGRATE_ASSIGN(size_t got, file_.ReadAt(offset_, buffer, n));
    offset_ += got;
    return got;
  }
  uint64_t Consumed() const override { return offset_; }

 private:
  File file_;
  uint64_t offset_ = 0;
};

// The packed bytes of an archive, a buffer at a time.
class PackedInput {
 public:
  explicit PackedInput(File file) : file_(std::move(file)), buffer_(kInputBytes) {}
  // Makes at least one byte available unless the file has ended.
  Status Fill() {
    if (begin_ < end_ || ended_) return {};
    MIGRATE_ASSIGN(end_, file_.ReadAt(offset_, buffer_.data(), buffer_.size()));
    begin_ = 0;
    offset_ += end_;
    ended_ = end_ == 0;
    return {};
  }
  bool ended() const { return ended_; }
  std::string_view bytes() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void Consume(size_t n) { begin_ += n; }
  uint64_t offset() const { return offset_ - (end_ - begin_); }

  Status Damaged(std::string_view what, std::string_view reason) const {
    return Status::Failed(fmt::format("{}: {} at byte {} of the archive: {}", file_.path(), what, offset(), reason),
                          "fetch the file again, or test it with gzip -t or zstd -t");
  }

 private:
  File file_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;
  uint64_t offset_ = 0;
  bool ended_ = false;
};

class GzipStream : public ByteStream {
 public:
  explicit GzipStream(File file) : input_(std::move(file)) {}
  ~GzipStream() override {
    if (ready_) inflateEnd(&z_);
  }
  Result<size_t> Read(char* buffer, size_t n) override {
    size_t done = 0;
    while (done < n && !finished_) {
      MIGRATE_TRY(input_.Fill());
      if (!in_member_) {
        MIGRATE_TRY(BeginMember());
        continue;
      }
      if (input_.ended()) return input_.Damaged("truncated", "the file ends within compressed data");
      MIGRATE_TRY(Inflate(buffer, n, &done));
    }
    return done;
  }
  uint64_t Consumed() const override { return input_.offset(); }

 private:
  // Between members: the end, padding with zeros (as tapes leave it), or another member.
  Status BeginMember() {
    while (!input_.ended() && members_ > 0 && input_.bytes().front() == '\0') {
      input_.Consume(1);
      MIGRATE_TRY(input_.Fill());
    }
    if (input_.ended()) {
      finished_ = true;
      return {};
    }
    if (members_ > 0 && input_.bytes().front() != '\x1f')
      return input_.Damaged("damaged", "what follows the compressed data is no gzip member");
    int rc = ready_ ? inflateReset(&z_) : inflateInit2(&z_, 15 + 16);
    if (rc != Z_OK) return input_.Damaged("cannot unpack", "out of memory");
    ready_ = in_member_ = true;
    ++members_;
    return {};
  }

  Status Inflate(char* buffer, size_t n, size_t* done) {
    std::string_view in = input_.bytes();
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    z_.avail_in = static_cast<uInt>(in.size());
    z_.next_out = reinterpret_cast<Bytef*>(buffer + *done);
    size_t room = std::min<size_t>(n - *done, 1u << 30);
    z_.avail_out = static_cast<uInt>(room);
    int rc = inflate(&z_, Z_NO_FLUSH);
    input_.Consume(in.size() - z_.avail_in);
    *done += room - z_.avail_out;
    if (rc == Z_STREAM_END)
      in_member_ = false;
    else if (rc != Z_OK && rc != Z_BUF_ERROR)
      return input_.Damaged("damaged", z_.msg != nullptr ? z_.msg : "not gzip data");
    return {};
  }

  PackedInput input_;
  z_stream z_{};
  bool ready_ = false, in_member_ = false, finished_ = false;
  uint64_t members_ = 0;
};

class ZstdStream : public ByteStream {
 public:
  explicit ZstdStream(File file) : input_(std::move(file)), z_(ZSTD_createDStream()) {}
  ~ZstdStream() override { ZSTD_freeDStream(z_); }
  Result<size_t> Read(char* buffer, size_t n) override {
    ZSTD_outBuffer out{buffer, n, 0};
    while (out.pos < n) {
      MIGRATE_TRY(input_.Fill());
      if (input_.ended() && !in_frame_) break;
      std::string_view bytes = input_.bytes();
      ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
      size_t before = out.pos;
      size_t rc = ZSTD_decompressStream(z_, &out, &in);
      input_.Consume(in.pos);
      if (ZSTD_isError(rc)) return input_.Damaged("damaged", ZSTD_getErrorName(rc));
      in_frame_ = rc != 0;
      if (input_.ended() && in_frame_ && out.pos == before)
        return input_.Damaged("truncated", "the file ends within compressed data");
    }
    return out.pos;
  }
  uint64_t Consumed() const override { return input_.offset(); }

 private:
  PackedInput input_;
  ZSTD_DStream* z_;
  bool in_frame_ = false;
};

// Gives back bytes that were read to look at them.
class PrefixedStream : public ByteStream {
 public:
  PrefixedStream(std::string prefix, std::unique_ptr<ByteStream> rest)
      : prefix_(std::move(prefix)), rest_(std::move(rest)) {}
  Result<size_t> Read(char* buffer, size_t n) override {
    size_t k = std::min(n, prefix_.size() - at_);
    std::memcpy(buffer, prefix_.data() + at_, k);
    at_ += k;
    if (k == n) return n;
    MIGRATE_ASSIGN(size_t more, rest_->Read(buffer + k, n - k));
    return k + more;
  }
  uint64_t Consumed() const override { return rest_->Consumed(); }

 private:
  std::string prefix_;
  size_t at_ = 0;
  std::unique_ptr<ByteStream> rest_;
};

class Utf16Stream : public ByteStream {
 public:
  Utf16Stream(std::unique_ptr<ByteStream> bytes, bool little_endian)
      : bytes_(std::move(bytes)), little_endian_(little_endian), in_(64 << 10) {}

  Result<size_t> Read(char* buffer, size_t n) override {
    size_t done = 0;
    while (done < n) {
      if (at_ == out_.size()) {
        if (ended_) break;
        MIGRATE_TRY(Refill());
        continue;
      }
      size_t k = std::min(n - done, out_.size() - at_);
      std::memcpy(buffer + done, out_.data() + at_, k);
      at_ += k;
      done += k;
    }
    return done;
  }
  uint64_t Consumed() const override { return bytes_->Consumed(); }

 private:
  Status Refill() {
    out_.clear();
    at_ = 0;
    MIGRATE_ASSIGN(size_t got, bytes_->Read(in_.data(), in_.size()));
    ended_ = got < in_.size();
    for (size_t i = 0; i + 1 < got; i += 2) {
      auto a = static_cast<uint8_t>(in_[i]), b = static_cast<uint8_t>(in_[i + 1]);
      Unit(little_endian_ ? a | b << 8 : a << 8 | b);
    }
    if (ended_) {
      FlushHigh();
      if (got % 2 != 0) out_.push_back('\xff');
    }
    return {};
  }
  void Unit(int unit) {
    if (high_ != 0 && unit >= 0xDC00 && unit <= 0xDFFF) {
      int c = 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00);
      high_ = 0;
      for (int shift : {18, 12, 6, 0})
        out_.push_back(static_cast<char>((shift == 18 ? 0xF0 : 0x80) | (c >> shift & (shift == 18 ? 7 : 63))));
      return;
    }
    FlushHigh();
    if (unit >= 0xD800 && unit <= 0xDBFF)
      high_ = unit;
    else
      Put(unit);
  }
  void FlushHigh() {
    if (high_ != 0) Put(std::exchange(high_, 0));
  }
  void Put(int c) {
    if (c < 0x80) {
      out_.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
      out_.push_back(static_cast<char>(0xC0 | c >> 6));
      out_.push_back(static_cast<char>(0x80 | (c & 63)));
    } else {
      out_.push_back(static_cast<char>(0xE0 | c >> 12));
      out_.push_back(static_cast<char>(0x80 | (c >> 6 & 63)));
      out_.push_back(static_cast<char>(0x80 | (c & 63)));
    }
  }

  std::unique_ptr<ByteStream> bytes_;
  bool little_endian_;
  std::vector<char> in_;
  std::string out_;
  size_t at_ = 0;
  int high_ = 0;  // a high surrogate that waits for its low one
  bool ended_ = false;
};

Result<std::string> Peek(ByteStream& stream, size_t n) {
  std::string head(n, '\0');
  MIGRATE_ASSIGN(size_t got, stream.Read(head.data(), n));
  head.resize(got);
  return head;
}

// Formats that are met under the name of a CSV file and would come out as rows of garbage.
Status CheckIsText(const std::string& path, std::string_view head) {
  struct Format {
    std::string_view magic, name, hint;
  };
  static constexpr Format kFormats[] = {
      {"PK\x03\x04", "a zip archive or an Excel file", "unpack it, or save the sheet as CSV"},
      {"\xd0\xcf\x11\xe0", "an old Excel file", "save the sheet as CSV"},
      {std::string_view("\xfd"
                        "7zXZ",
                        5),
       "an xz archive", "unpack it, or pack it with gzip or zstd"},
      {"BZh", "a bzip2 archive", "unpack it, or pack it with gzip or zstd"},
      {"SQLite format 3", "a SQLite database", "give the source the type sqlite"}};
  for (const Format& f : kFormats)
    if (head.starts_with(f.magic))
      return Status::Plan(fmt::format("{}: is {}, not a CSV file", path, f.name), std::string(f.hint));
  return {};
}

Result<std::unique_ptr<ByteStream>> Unpack(const std::string& path, std::vector<std::string>* findings) {
  MIGRATE_ASSIGN(File file, File::OpenRead(path));
  char magic[16] = {};
  MIGRATE_ASSIGN(size_t n, file.ReadAt(0, magic, sizeof magic));
  std::string_view head(magic, n);
  MIGRATE_TRY(CheckIsText(path, head));
  if (head.starts_with("\x1f\x8b")) {
    findings->push_back("packed with gzip (magic bytes 1f 8b)");
    return std::unique_ptr<ByteStream>(std::make_unique<GzipStream>(std::move(file)));
  }
  if (head.starts_with("\x28\xb5\x2f\xfd")) {
    findings->push_back("packed with zstd (magic bytes 28 b5 2f fd)");
    return std::unique_ptr<ByteStream>(std::make_unique<ZstdStream>(std::move(file)));
  }
  return std::unique_ptr<ByteStream>(std::make_unique<PlainStream>(std::move(file)));
}

// Which half of each of the first two 16-bit units is zero, if it is the same and the other is not: 0 or 1; else -1.
int ZeroHalf(std::string_view head) {
  if (head.size() < 4) return -1;
  for (size_t half : {size_t{0}, size_t{1}})
    if (head[half] == '\0' && head[half + 2] == '\0' && head[1 - half] != '\0' && head[3 - half] != '\0')
      return static_cast<int>(half);
  return -1;
}

}  // namespace

Utf16 Utf16Of(std::string_view encoding) {
  if (encoding.empty()) return Utf16::kFind;
  return encoding == "utf-16" || encoding == "UTF-16" || encoding == "utf16" ? Utf16::kDeclared : Utf16::kOther;
}

Result<TextStream> OpenTextStream(const std::string& path, Utf16 utf16) {
  TextStream out;
  MIGRATE_ASSIGN(auto bytes, Unpack(path, &out.findings));
  MIGRATE_ASSIGN(std::string head, Peek(*bytes, 4096));
  bool little = head.starts_with("\xff\xfe"), big = head.starts_with("\xfe\xff");
  if (little || big) {
    out.utf16 = true;
    head.erase(0, 2);
    out.findings.push_back(fmt::format("UTF-16 {} (byte order mark); offsets count in its UTF-8 form",
                                       little ? "little-endian" : "big-endian"));
  } else if (head.starts_with("\xef\xbb\xbf")) {
    out.utf8_mark = true;
    out.first_offset = 3;
    head.erase(0, 3);
    out.findings.push_back("UTF-8 byte order mark");
  } else if (int zeros = ZeroHalf(head); utf16 == Utf16::kDeclared || (utf16 == Utf16::kFind && zeros >= 0)) {
    out.utf16 = true;
    little = zeros != 0 && !head.starts_with('\0');
    out.findings.push_back(fmt::format("UTF-16 {} ({}, no byte order mark); offsets count in its UTF-8 form",
                                       little ? "little-endian" : "big-endian",
                                       zeros >= 0 ? "by its zero bytes" : "declared"));
    if (!head.empty() && head.find('\0') == std::string::npos)
      out.findings.push_back(fmt::format(
          "the declared encoding utf-16 does not fit (no byte order mark, and no zero byte in the first {} bytes)",
          head.size()));
  }
  out.bytes = std::make_unique<PrefixedStream>(std::move(head), std::move(bytes));
  if (out.utf16) out.bytes = std::make_unique<Utf16Stream>(std::move(out.bytes), little);
  return out;
}

}  // namespace migrate::extract
