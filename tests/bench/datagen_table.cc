// The legacy table, with the types that SQLite does not enforce.
#include <sqlite3.h>

#include "datagen_layouts.h"
#include "datagen_text.h"

namespace migrate::datagen {
namespace {

void BindText(sqlite3_stmt* statement, int column, const std::string& text) {
  sqlite3_bind_text(statement, column, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

// A gap is NULL in most rows and '' in some.
void BindTextOrGap(sqlite3_stmt* statement, int column, const std::string& text, bool null) {
  if (text.empty() && null)
    sqlite3_bind_null(statement, column);
  else
    BindText(statement, column, text);
}

void BindName(sqlite3_stmt* statement, int column, const std::string& name, const std::string& latin,
              uint32_t variety) {
  const std::string bytes = latin.empty() ? Latin1(name) : name;
  if (bytes.size() == name.size() || variety % 4 > 1) {
    BindTextOrGap(statement, column, name, variety % 5 != 0);
  } else if (variety % 4 == 0) {
    sqlite3_bind_blob(statement, column, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
  } else {
    BindText(statement, column, bytes);
  }
}

void BindPhone(sqlite3_stmt* statement, int column, uint64_t phone, const Row& row) {
  if (!phone) {
    BindTextOrGap(statement, column, std::string(row.phone_text), row.variety % 5 != 0);
  } else if (row.variety % 3 == 0 && !row.phone_extension) {
    sqlite3_bind_int64(statement, column, static_cast<sqlite3_int64>(phone));
  } else {
    std::string text;
    AppendPhone(phone, row.phone_style, row.phone_extension, text);
    BindText(statement, column, text);
  }
}

}  // namespace

std::string CreateTable(const std::string& table) {
  return "CREATE TABLE " + table +
         " (id INTEGER PRIMARY KEY, fname TEXT, lname TEXT, suffix TEXT, sex TEXT, born TEXT, mail TEXT, phone, "
         "phone2, "
         "addr1 TEXT, addr2 TEXT, city TEXT, state TEXT, zip, do_not_contact INTEGER, changed TEXT)";
}

std::string InsertStatement(const std::string& table) {
  return "INSERT INTO " + table + " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
}

void BindTableRow(uint64_t number, const Row& row, sqlite3_stmt* statement) {
  const bool null = row.variety % 5 != 0;
  std::string born, changed;
  AppendMdy(row.birth, 2, born);
  AppendTime(row.updated_at, changed);
  sqlite3_bind_int64(statement, 1, static_cast<sqlite3_int64>(number));
  BindName(statement, 2, row.first, row.first_latin, row.variety);
  BindName(statement, 3, row.last, row.last_latin, row.variety);
  BindTextOrGap(statement, 4, std::string(row.suffix), null);
  BindTextOrGap(statement, 5, row.sex_known ? (row.female ? "F" : "M") : "", null);
  BindTextOrGap(statement, 6, born, null);
  BindTextOrGap(statement, 7, row.email, null);
  BindPhone(statement, 8, row.phone, row);
  if (row.phone2)
    sqlite3_bind_int64(statement, 9, static_cast<sqlite3_int64>(row.phone2));
  else
    sqlite3_bind_null(statement, 9);
  BindTextOrGap(statement, 10, row.street, null);
  BindTextOrGap(statement, 11, row.unit, null);
  BindTextOrGap(statement, 12, row.city, null);
  BindTextOrGap(statement, 13, std::string(row.state), null);
  if (row.variety % 10 < 6)
    sqlite3_bind_int64(statement, 14, std::stoll(row.zip));
  else
    BindText(statement, 14, row.zip);
  if (row.opt_out_known)
    sqlite3_bind_int64(statement, 15, row.opt_out & 4 ? 1 : 0);
  else
    sqlite3_bind_null(statement, 15);
  BindTextOrGap(statement, 16, changed, null);
}

}  // namespace migrate::datagen
