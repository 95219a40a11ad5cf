#include "score_csv.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace migrate::score {

CsvReader::~CsvReader() {
  if (file_ && file_ != stdin) std::fclose(file_);
}

Status CsvReader::Open(const std::string& path) {
  path_ = path;
  file_ = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (!file_) return Status::Failed(fmt::format("{}: cannot open: {}", path, std::strerror(errno)));
  buffer_.resize(1 << 20);
  line_ = 1;
  MIGRATE_ASSIGN(bool any, Read(header_));
  if (!any) return Status::Failed(fmt::format("{}: empty, without even a header", path));
  if (header_[0].rfind("\xef\xbb\xbf", 0) == 0) header_[0].erase(0, 3);
  return Status();
}

int CsvReader::Column(std::string_view name) const {
  for (size_t i = 0; i < header_.size(); ++i)
    if (header_[i] == name) return static_cast<int>(i);
  return -1;
}

bool CsvReader::Fill() {
  at_ = 0;
  size_ = std::fread(buffer_.data(), 1, buffer_.size(), file_);
  return size_ > 0;
}

Result<bool> CsvReader::Next(std::vector<std::string>& fields) {
  do {
    MIGRATE_ASSIGN(bool any, Read(fields));
    if (!any) return false;
  } while (fields.size() == 1 && fields[0].empty());
  if (fields.size() != header_.size())
    return Status::Failed(fmt::format("{}: {} fields, the header has {}", Where(), fields.size(), header_.size()));
  return true;
}

// One record, whatever its number of fields. False at the end of the file.
Result<bool> CsvReader::Read(std::vector<std::string>& fields) {
  row_line_ = line_;
  size_t n = 0;
  auto field = [&]() -> std::string& {
    if (n == fields.size()) fields.emplace_back();
    fields[n].clear();
    return fields[n++];
  };
  int c = Get();
  if (c < 0) {
    if (std::ferror(file_)) return Status::Failed(fmt::format("{}: cannot read: {}", path_, std::strerror(errno)));
    return false;
  }
  for (;;) {
    std::string& text = field();
    if (c == '"') {
      for (c = Get(); c >= 0; c = Get()) {
        if (c == '"' && (c = Get()) != '"') break;
        if (c == '\n') ++line_;
        text += static_cast<char>(c);
      }
    }
    for (; c >= 0 && c != ',' && c != '\n'; c = Get()) text += static_cast<char>(c);
    if (c == ',') {
      c = Get();
      continue;
    }
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (c == '\n') ++line_;
    fields.resize(n);
    return true;
  }
}

std::string CsvReader::Where() const { return fmt::format("{}:{}", path_, row_line_); }

}  // namespace migrate::score
