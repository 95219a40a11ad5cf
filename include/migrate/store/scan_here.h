// Streaming on a connection's own session, and so within its transaction or snapshot; a Connection::Scan takes another
// session of a server and sees what was committed.
//
//   MIGRATE_TRY(db->BeginRead());
//   MIGRATE_ASSIGN(auto rows, store::ScanHere(db, "SELECT ..."));
//
// Until the stream's end nothing else may be asked of a server's connection: the client library calls that "commands
// out of sync". A stream that is dropped before its end may take the connection with it.
#pragma once

#include <memory>
#include <string>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::store {

// What a Connection is beside, where its Scan would go elsewhere.
class OwnScans {
 public:
  virtual ~OwnScans() = default;
  virtual Result<std::unique_ptr<Statement>> ScanHere(const std::string& sql) = 0;
};

// Of any other connection its Scan, which is on the one session that it has.
inline Result<std::unique_ptr<Statement>> ScanHere(Connection* db, const std::string& sql) {
  if (auto* own = dynamic_cast<OwnScans*>(db)) return own->ScanHere(sql);
  return db->Scan(sql);
}

}  // namespace migrate::store
