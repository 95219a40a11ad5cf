// A connection whose commits look first whether the target still belongs to this run.
#include "migrate/ledger/lease.h"
#include "migrate/store/scan_here.h"

namespace migrate::ledger {
namespace {

using store::Connection;

class FencedConnection : public Connection, public store::OwnScans {
 public:
  FencedConnection(std::unique_ptr<Connection> db, std::shared_ptr<Lease> lease)
      : lease_(std::move(lease)), db_(std::move(db)) {}

  store::Dialect dialect() const override { return db_->dialect(); }
  Result<std::unique_ptr<store::Statement>> Prepare(const std::string& sql) override { return db_->Prepare(sql); }
  Result<std::unique_ptr<store::Statement>> Scan(const std::string& sql) override { return db_->Scan(sql); }
  Result<std::unique_ptr<store::Statement>> ScanHere(const std::string& sql) override {
    return store::ScanHere(db_.get(), sql);
  }
  Result<std::unique_ptr<store::RowWriter>> Rows(const std::string& table, const std::vector<std::string>& columns,
                                                 store::OnExisting on_existing, int partition) override {
    return db_->Rows(table, columns, on_existing, partition);
  }
  Status Execute(const std::string& sql) override {
    if (in_ == In::kNothing) MIGRATE_TRY(lease_->Check(db_.get()));
    return db_->Execute(sql);
  }
  Status Begin() override {
    MIGRATE_TRY(db_->Begin());
    in_ = In::kWriting;
    return {};
  }
  Status BeginRead() override {
    MIGRATE_TRY(db_->BeginRead());
    in_ = In::kReading;
    return {};
  }
  Status Commit() override {
    if (in_ == In::kWriting) MIGRATE_TRY(lease_->Check(db_.get()));
    in_ = In::kNothing;
    return db_->Commit();
  }
  void Rollback() override {
    in_ = In::kNothing;
    db_->Rollback();
  }
  const std::string& name() const override { return db_->name(); }
  Result<bool> TakeName(int part, int wait_seconds) override { return db_->TakeName(part, wait_seconds); }
  Status EndOthers() override { return db_->EndOthers(); }
  std::string finding() const override { return db_->finding(); }

 private:
  enum class In { kNothing, kReading, kWriting } in_ = In::kNothing;
  std::shared_ptr<Lease> lease_;  // given back after the connection has ended
  std::unique_ptr<Connection> db_;
};

}  // namespace

std::unique_ptr<Connection> Fenced(std::unique_ptr<Connection> db, std::shared_ptr<Lease> lease) {
  return std::make_unique<FencedConnection>(std::move(db), std::move(lease));
}

}  // namespace migrate::ledger
