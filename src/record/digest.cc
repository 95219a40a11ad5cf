#include "migrate/record/digest.h"

#include <string>

#include "migrate/base/sha256_many.h"

namespace migrate {

namespace {

uint64_t IdOf(const Sha256& h) {
  uint64_t id = 0;
  for (size_t i = 0; i < 8; ++i) id = id << 8 | h[i];
  return id & 0x7fffffffffffffffULL;
}

}  // namespace

uint64_t RecordId(std::string_view source, std::string_view source_key) {
  static thread_local std::string buffer;
  buffer.assign(source);
  buffer.push_back('\0');
  buffer.append(source_key);
  return IdOf(Sha256Of(buffer));
}

void RecordIds::Add(std::string_view source_key) {
  buffer_.append(prefix_).append(source_key);
  ends_.push_back(buffer_.size());
}

const std::vector<uint64_t>& RecordIds::Finish() {
  Sha256Stretches(buffer_, ends_, &messages_, &hashes_);
  ids_.resize(hashes_.size());
  for (size_t i = 0; i < ids_.size(); ++i) ids_[i] = IdOf(hashes_[i]);
  buffer_.clear();
  ends_.clear();
  return ids_;
}

Sha256 RowDigester::Row(std::string_view source_key, std::string_view payload) {
  // One Update on one buffer is faster than five on small pieces.
  buffer_.assign(prefix_);
  buffer_.append(source_key);
  buffer_.push_back('\0');
  buffer_.append(payload);
  hasher_.Update(buffer_);
  return hasher_.Finish();
}

std::string Masked(std::string_view utf8) {
  std::string out;
  size_t digits_left = 0;
  for (char c : utf8) digits_left += c >= '0' && c <= '9';
  bool in_word = false;
  for (char c : utf8) {
    if (out.size() >= 40) {
      out += "...";
      break;
    }
    auto u = static_cast<unsigned char>(c);
    if (c >= '0' && c <= '9') {
      out.push_back(digits_left-- <= 2 && in_word ? c : '*');
      in_word = true;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      out.push_back(in_word ? '*' : c);
      in_word = true;
    } else if (u >= 0x80) {
      if (u >= 0xC0) out.push_back('*');
      in_word = true;
    } else {
      out.push_back(u < 0x20 || u == 0x7f ? ' ' : c);
      in_word = false;
    }
  }
  return out;
}

}  // namespace migrate
