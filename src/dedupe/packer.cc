#include "packer.h"

#include <array>
#include <new>

namespace migrate::dedupe {
namespace {

constexpr size_t kBatch = 512;
constexpr std::array kRead = {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName,
                              Field::kSuffix,   Field::kSex,       Field::kBirthDate,  Field::kEmail,
                              Field::kPhone,    Field::kStreet,    Field::kUnit,       Field::kCity,
                              Field::kState,    Field::kZip,       Field::kNationalId};

// What Table::Add reads; `to` keeps its capacity.
void Copy(const Record& from, Record* to) {
  to->record_id = from.record_id;
  to->flags = from.flags;
  for (const Field field : kRead) (*to)[field].assign(from[field]);
  to->more_emails = from.more_emails;
  to->more_phones = from.more_phones;
  to->attributes = from.attributes;
}

}  // namespace

Packer::Packer(Table* table, bool threaded) : table_(table), threaded_(threaded) {
  if (!threaded_) return;
  filling_.records.resize(kBatch);
  packing_.records.resize(kBatch);
  thread_ = std::thread([this] { Run(); });
}

Packer::~Packer() { (void)Finish(); }

void Packer::Pack(const Record& record) {
  if (!status_.ok()) return;
  if (table_->size() + 1 >= 1u << 31) {
    status_ = Status::Failed("dedupe: more than 2^31 records in one run", "match them in several runs");
  } else if (table_->full()) {
    status_ =
        Status::Failed("dedupe: more than 8 GiB of different e-mails or ids", "match the records in several runs");
  } else {
    try {
      table_->Add(record);
    } catch (const std::bad_alloc&) {
      status_ = Status::Failed("dedupe: memory is not enough for the records", "give the run more memory");
    }
  }
}

Status Packer::Add(const Record& record) {
  if (!threaded_) {
    Pack(record);
    return status_;
  }
  Copy(record, &filling_.records[filling_.used]);
  if (++filling_.used < kBatch) return {};
  HandOver();
  const std::lock_guard lock(mutex_);
  return busy_ ? Status() : status_;
}

void Packer::HandOver() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !busy_; });
  std::swap(filling_, packing_);
  filling_.used = 0;
  busy_ = true;
  changed_.notify_all();
}

void Packer::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return busy_ || ended_; });
    if (!busy_) return;
    lock.unlock();
    for (size_t i = 0; i < packing_.used; ++i) Pack(packing_.records[i]);
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

Status Packer::Finish() {
  if (!thread_.joinable()) return status_;
  if (filling_.used > 0) HandOver();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  thread_.join();
  return status_;
}

}  // namespace migrate::dedupe
