// How a row is written: the three CSV layouts and the legacy table of migrate-datagen.
//
//   main       id,first_name,last_name,dob,email,phone,street,city,state,zip,updated_at
//              comma, UTF-8, LF; ISO dates, some m/d/yyyy; a suffix stands behind the last name
//   campaign   lead_id,name,sex,birth_date,e_mail,mobile,home_phone,address,opt_out,created_at
//              comma, UTF-8, CRLF; one-line address and whole name ("Last, First" in some rows); dates m/d/yyyy
//   semicolon  member_no;last;first;suffix;born;mail;tel;line1;line2;town;st;postcode;no_calls;no_mail;last_change
//              semicolon, Windows-1252, LF; dates dd.mm.yyyy
//   table      id, fname, lname, suffix, sex, born (mm/dd/yyyy), mail, phone, phone2, addr1, addr2, city, state, zip,
//              do_not_contact, changed; phones and ZIPs are integers in some rows (and then lose leading zeros), gaps
//              are NULL or '', a few names are Latin-1 bytes, as TEXT or as BLOB
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datagen_people.h"

struct sqlite3_stmt;

namespace migrate::datagen {

enum class Layout : uint8_t { kMain, kCampaign, kSemicolon, kTable };

// False: no layout of that name. Only the CSV layouts have names.
bool LayoutByName(std::string_view name, Layout& layout);

// The header line of a CSV layout, with its line end.
std::string_view Header(Layout layout);

// The row's key in its source: a pure function of its number there, counted from 1.
void AppendKey(Layout layout, uint64_t number, std::string& out);

// Appends one line of a CSV layout, with its line end.
void AppendCsvRow(Layout layout, uint64_t number, const Row& row, std::string& out);

// `table` stands in double quotes already.
std::string CreateTable(const std::string& table);
std::string InsertStatement(const std::string& table);
// Binds all columns. The values are copied; the statement may be stepped at any time.
void BindTableRow(uint64_t number, const Row& row, sqlite3_stmt* statement);

// The lines `key:` and `fields:` of a plan's source, indented by four.
std::string_view PlanFields(Layout layout);

}  // namespace migrate::datagen
