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

void BindName(sqlite3_stmt* statement, int column, const std::string& name, uint32_t variety) {
  const std::string bytes = Latin1(name);
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
  BindName(statement, 2, row.first, row.variety);
  BindName(statement, 3, row.last, row.variety);
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

std::string_view PlanFields(Layout layout) {
  switch (layout) {
    case Layout::kMain:
      return "    key: id\n"
             "    fields:\n"
             "      first_name: first_name\n"
             "      last_name: last_name\n"
             "      birth_date: dob\n"
             "      email: email\n"
             "      phone: phone\n"
             "      street: street\n"
             "      city: city\n"
             "      state: state\n"
             "      zip: zip\n"
             "      updated_at: updated_at\n";
    case Layout::kCampaign:
      return "    key: lead_id\n"
             "    fields:\n"
             "      full_name: name\n"
             "      sex: sex\n"
             "      birth_date: {column: birth_date, format: \"%m/%d/%Y\"}\n"
             "      email: e_mail\n"
             "      phone: [mobile, home_phone]\n"
             "      address: address\n"
             "      opt_out: opt_out\n"
             "      updated_at: created_at\n";
    case Layout::kSemicolon:
      return "    delimiter: \";\"\n"
             "    encoding: windows-1252\n"
             "    key: member_no\n"
             "    fields:\n"
             "      first_name: first\n"
             "      last_name: last\n"
             "      suffix: suffix\n"
             "      birth_date: {column: born, format: \"%d.%m.%Y\"}\n"
             "      email: mail\n"
             "      phone: tel\n"
             "      street: line1\n"
             "      unit: line2\n"
             "      city: town\n"
             "      state: st\n"
             "      zip: postcode\n"
             "      opt_out: {call: no_calls, mail: no_mail}\n"
             "      updated_at: last_change\n";
    case Layout::kTable:
      return "    key: id\n"
             "    fields:\n"
             "      first_name: fname\n"
             "      last_name: lname\n"
             "      suffix: suffix\n"
             "      sex: sex\n"
             "      birth_date: {column: born, format: \"%m/%d/%Y\"}\n"
             "      email: mail\n"
             "      phone: [phone, phone2]\n"
             "      street: addr1\n"
             "      unit: addr2\n"
             "      city: city\n"
             "      state: state\n"
             "      zip: zip\n"
             "      opt_out: do_not_contact\n"
             "      updated_at: changed\n";
  }
  return "";
}

}  // namespace migrate::datagen
