#include "mysql_target_error.h"

#include <mysql.h>
#include <mysqld_error.h>

namespace migrate::store {

Status TargetError(const MysqlSession& session, const std::string& what) {
  Status s = session.Error(what);
  switch (mysql_errno(static_cast<MYSQL*>(session.handle()))) {
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
      return Status::Failed(
          s.message(),
          "GRANT this account what the message names (docs/aurora.md lists the rights), or let another "
          "account do it: `migrate schema apply PLAN` makes the tables");
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR:
      return Status::Failed(s.message(), "the target's tables were changed: `migrate schema check PLAN` says how");
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
      return Status::Failed(s.message(), "the server became read-only").MayPass();
    case ER_BINLOG_STMT_MODE_AND_ROW_ENGINE:
      return Status::Failed(s.message(), "set binlog_format = ROW (or MIXED) on the server, or log nothing");
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
    case ER_TEMP_FILE_WRITE_FAILURE:  // what an index is sorted in
      return Status::Failed(s.message(), "the server's disk is full: make room there, then run the same command again");
    case ER_NET_PACKET_TOO_LARGE:
      return Status::Failed(s.message(), "raise max_allowed_packet on the server (64M or more), then run again");
    default:
      return s.kind() == ErrorKind::kPlan ? Status::Failed(s.message(), s.hint()) : s;
  }
}

}  // namespace migrate::store
