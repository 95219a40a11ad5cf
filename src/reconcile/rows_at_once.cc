#include "rows_at_once.h"

#include "migrate/base/sha256_many.h"

namespace migrate::reconcile {
namespace {

constexpr size_t kRows = 64;
// Columns of `record`.
constexpr int kSourceId = 1, kSourceKey = 2, kPayloadFromEnd = 2;

void PutTexts(ledger::RowHasher* h, const store::Statement& row, int columns) {
  for (int c = 0; c < columns; ++c) {
    if (row.IsNull(c))
      h->Null();
    else
      h->Text(row.Text(c));
  }
}

}  // namespace

RowsAtOnce::RowsAtOnce(const ledger::Table& table, Values values, const Partitioner& partitioner,
                       const std::map<uint32_t, std::string>& names, SourceDigests* sources, OnRow on_row)
    : columns_(static_cast<int>(table.columns.size())),
      record_(&table == &ledger::RecordTable()),
      values_(values),
      partitioner_(partitioner),
      names_(names),
      sources_(sources),
      on_row_(std::move(on_row)) {}

Status RowsAtOnce::Add(uint64_t key, const store::Statement& row) {
  if (values_ == Values::kTexts)
    PutTexts(&hasher_, row, columns_);
  else
    ledger::PutStoredRow(&hasher_, row, columns_);
  hasher_.EndRow();
  keys_.push_back(key);
  const auto source = record_ ? names_.find(static_cast<uint32_t>(row.Integer(kSourceId))) : names_.end();
  if (source != names_.end()) {  // record/digest.h has the bytes of row_sha256
    const size_t begin = bytes_.size();
    bytes_.append(source->second).append(1, '\0').append(row.Text(kSourceKey)).append(1, '\0');
    bytes_.append(row.Text(columns_ - kPayloadFromEnd));
    given_.push_back({source->first, partitioner_.Of(key), begin, bytes_.size()});
  }
  return keys_.size() == kRows ? Flush() : Status();
}

Status RowsAtOnce::Flush() {
  const std::vector<Sha256>& hashes = hasher_.FinishRows();
  for (size_t i = 0; i < keys_.size(); ++i) MIGRATE_TRY(on_row_(keys_[i], hashes[i]));
  messages_.clear();
  for (const Given& g : given_) messages_.push_back(std::string_view(bytes_).substr(g.begin, g.end - g.begin));
  digests_.resize(messages_.size());
  Sha256Many(messages_, digests_.data());
  for (size_t i = 0; i < given_.size(); ++i) (*sources_)[{given_[i].source, given_[i].partition}].Add(digests_[i]);
  keys_.clear();
  given_.clear();
  bytes_.clear();
  return {};
}

}  // namespace migrate::reconcile
