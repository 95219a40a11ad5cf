// How a row is written: the CSV layouts and the legacy tables of migrate-datagen.
//
//   main       id,first_name,last_name,dob,email,phone,street,city,state,zip,updated_at
//              comma, UTF-8, LF; ISO dates, some m/d/yyyy; a suffix stands behind the last name
//   campaign   lead_id,name,sex,birth_date,e_mail,mobile,home_phone,address,opt_out,created_at
//              comma, UTF-8, CRLF; one-line address and whole name ("Last, First" in some rows); dates m/d/yyyy
//   semicolon  member_no;last;first;suffix;born;mail;tel;line1;line2;town;st;postcode;no_calls;no_mail;last_change
//              semicolon, Windows-1252, LF; dates dd.mm.yyyy
//   tabs       ref  name  email  cell  street  city  state  zip  birthday  modified
//              tab, UTF-16 (little-endian, with its mark), CRLF; dates yyyymmdd
//   quoted     First Name,Last Name,Gender,Date of Birth,E-mail,Phone,Street Address,City,State,ZIP,Last Update
//              comma, UTF-8 with its mark, CRLF, every field in quotes; the flat stands on a second line of the street;
//              no key: the plan language's `<first 16 hex of the file's SHA-256>#<row>`
//   table      SQLite: id, fname, lname, suffix, sex, born (mm/dd/yyyy), mail, phone, phone2, addr1, addr2, city,
//   state,
//              zip, do_not_contact, changed; phones and ZIPs are integers in some rows (and then lose leading zeros),
//              gaps are NULL or '', a few names are Latin-1 bytes, as TEXT or as BLOB
//   mysql      MySQL: customer_id BIGINT UNSIGNED, first_name, last_name, suffix, gender ENUM, birth_date DATE (some
//              unknown ones 0000-00-00), email, home_phone, cell_phone BIGINT, address1, address2, city, region,
//              postal_code, do_not_call, do_not_mail, modified DATETIME; gaps are NULL or ''
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datagen_people.h"

struct sqlite3_stmt;

namespace migrate::datagen {

enum class Layout : uint8_t { kMain, kCampaign, kSemicolon, kTabs, kQuoted, kTable, kMysql };

// False: no layout of that name. Only the CSV layouts have names.
bool LayoutByName(std::string_view name, Layout& layout);

// The header line of a CSV layout, with its line end.
std::string_view Header(Layout layout);

// The row's key in its source: a pure function of its number there, counted from 1. Of kQuoted what stands behind the
// file's hash.
void AppendKey(Layout layout, uint64_t number, std::string& out);

// Appends one line of a CSV layout, or of LOAD DATA for kMysql, with its line end; UTF-8, but for kSemicolon.
void AppendLine(Layout layout, uint64_t number, const Row& row, std::string& out);

// `table` stands in double quotes already.
std::string CreateTable(const std::string& table);
std::string InsertStatement(const std::string& table);
// Binds all columns. The values are copied; the statement may be stepped at any time.
void BindTableRow(uint64_t number, const Row& row, sqlite3_stmt* statement);

// The lines `key:` and `fields:` of a plan's source, indented by four.
std::string_view PlanFields(Layout layout);

}  // namespace migrate::datagen
