#include "digest_sql.h"

#include <fmt/core.h>

#include <set>

#include "migrate/store/mysql.h"

namespace migrate::reconcile {
namespace {

bool Mariadb(const store::Connection& db) { return db.dialect() == store::Dialect::kMariadb; }

// The hash stays 32 bytes wide in the derived table: the server would reserve four bytes a digit for its text.
std::string AsBytes(const std::string& hex) { return "CAST(UNHEX(" + hex + ") AS BINARY(32))"; }

// row_sha256 as record/digest.h has it; another hash where nobody knows the source.
std::string PayloadHashSql(const std::map<uint32_t, std::string>& sources) {
  std::string name = "CASE source_id";
  for (const auto& [id, text] : sources)
    name += fmt::format(" WHEN {} THEN {}", id, store::QuoteMysqlBytes(text + '\0'));
  name += " ELSE X'' END";
  return "SHA2(CONCAT(" + (sources.empty() ? "X''" : name) + ", CAST(source_key AS BINARY), X'00', payload), 256)";
}

std::string Number(const std::string& hash, int first_byte) {
  return fmt::format("CAST(CONV(HEX(SUBSTR({}, {}, 8)), 16, 10) AS UNSIGNED)", hash, first_byte);
}

// XOR of a column that holds hashes; MariaDB's takes 64-bit numbers only.
std::string XorOfNumbers(const std::string& hash) {
  std::string out;
  for (int byte : {1, 9, 17, 25}) out += ", BIT_XOR(" + Number(hash, byte) + ")";
  return out;
}

// The range as it stands behind FROM.
std::string From(const store::Connection& db, const ledger::Table& table, const KeyRange& range) {
  std::string out = table.partitioned ? ledger::TablePartition(db, table.name, range.partition) : table.name;
  if (range.first > 0) out += fmt::format(" WHERE {} >= {}", table.key.front(), range.first);
  if (range.last < UINT64_MAX)
    out += fmt::format(" {} {} <= {}", range.first > 0 ? "AND" : "WHERE", table.key.front(), range.last);
  return out;
}

}  // namespace

Result<std::string> RowHashSql(store::Connection* db, const ledger::Table& table) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT column_name, is_nullable = 'YES', character_set_name IS NOT NULL FROM "
                                     "information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?"));
  q->BindText(1, table.name);
  std::set<std::string, std::less<>> may_be_null, texts;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    if (q->Integer(1) != 0) may_be_null.emplace(q->Text(0));
    if (q->Integer(2) != 0) texts.emplace(q->Text(0));
  }
  std::string out;
  for (const std::string& c : table.columns) {
    const std::string value = texts.count(c) > 0 ? "CAST(" + c + " AS BINARY)" : c;
    const std::string netstring = fmt::format("LENGTH({}), ':', {}, ','", c, value);
    out += out.empty() ? "" : ", ";
    out += may_be_null.count(c) > 0 ? fmt::format("IF({} IS NULL, '-,', CONCAT({}))", c, netstring) : netstring;
  }
  return "SHA2(CONCAT(" + out + "), 256)";
}

std::string DigestSql(const store::Connection& db, const ledger::Table& table, const std::string& row_hash,
                      const KeyRange& range, unsigned shift, const std::map<uint32_t, std::string>& sources) {
  const bool record = &table == &ledger::RecordTable();
  const std::string key = table.key.front(), source = record ? "source_id" : "0";
  if (!Mariadb(db)) {
    std::string sql =
        fmt::format("SELECT {0} >> {1} AS b, {2} AS s, COUNT(*), BIT_XOR({0}), SUM({0}), BIT_XOR(UNHEX({3}))", key,
                    shift, source, row_hash);
    if (record) sql += ", BIT_XOR(UNHEX(" + PayloadHashSql(sources) + "))";
    return sql + " FROM " + From(db, table, range) + " GROUP BY b, s";
  }
  // LIMIT keeps the server from merging the derived table into the query around it, which would compute every hash four
  // times.
  return fmt::format(
      "SELECT b, s, COUNT(*), BIT_XOR(k), SUM(k){}{} FROM (SELECT {} >> {} AS b, {} AS s, {} AS k, {} AS h{} FROM {} "
      "LIMIT 18446744073709551615) d GROUP BY b, s",
      XorOfNumbers("h"), record ? XorOfNumbers("g") : "", key, shift, source, key, AsBytes(row_hash),
      record ? ", " + AsBytes(PayloadHashSql(sources)) + " AS g" : "", From(db, table, range));
}

Sha256 ReadXor(const store::Connection& db, const store::Statement& row, int* column) {
  if (!Mariadb(db)) return Sha256FromBytes(row.Text((*column)++));
  Sha256 out{};
  for (size_t piece = 0; piece < 4; ++piece) {
    const uint64_t v = Modulo64(row.Text((*column)++));
    for (size_t i = 0; i < 8; ++i) out[piece * 8 + i] = static_cast<uint8_t>(v >> (56 - 8 * i));
  }
  return out;
}

std::string RowHashesSql(const store::Connection& db, const ledger::Table& table, const std::string& row_hash,
                         const KeyRange& range) {
  return fmt::format("SELECT {}, CONV(LEFT({}, 8), 16, 10) FROM {}", table.key.front(), row_hash,
                     From(db, table, range));
}

uint64_t Modulo64(std::string_view decimal) {
  uint64_t v = 0;
  for (char c : decimal) {
    if (c < '0' || c > '9') break;
    v = v * 10 + static_cast<uint64_t>(c - '0');
  }
  return v;
}

}  // namespace migrate::reconcile
