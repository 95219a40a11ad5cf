// The four exports (CONTRACT "Exports"): CSV as in report/csv.h, with a header line, streamed.
//
// Each reads one snapshot of the target and changes nothing. Memory is bounded whatever the size of the target: rows
// come in the order of a primary key or an index, or they are sorted in temporary files. All orders are bytewise.
// The connection must not be inside a transaction. The caller calls Output::Finish().
#pragma once

#include <string>
#include <vector>

#include "migrate/record/field.h"
#include "migrate/report/output.h"
#include "migrate/store/connection.h"

namespace migrate::report {

// source,source_key,record_id,person_id: every row of `record` once (also rows that a snapshot no longer has), sorted
// by (source, source_key). person_id is empty for a record that dedupe has not seen yet.
//
// SQLite has an index of that order. On a server the table is read once as it lies, and sorted in files in `scratch`
// (some 40 bytes a record, 256 MiB of memory): an order by source there costs a reading of the table a source.
Status ExportLinks(store::Connection* db, const std::string& scratch, Output& out);

// person_id,record_count,confidence, then the built-in fields in their order without full_name and address, then
// `attributes` in plan order; sorted by person_id. confidence with 4 decimals; phone as E.164; opt_out "", "all", or
// channels joined by "|" ("call|sms").
Status ExportPersons(store::Connection* db, const std::vector<Attribute>& attributes, Output& out);

// source,file,line,byte_offset,source_key,reason,detail,raw_base64 of the open rejects, sorted by
// (source, file, byte_offset, source_key); line is 0 for tables.
Status ExportRejects(store::Connection* db, Output& out);

// The columns of source `name` in their order with exactly the values that were read, sorted by source_key: of each
// key the current row, without rows that a snapshot no longer has and without rejects. Integers and reals are written
// as in the payload, bytes as "base64:" and their base64 text. NULL is empty; in a table's export an empty text is
// "" in quotes, so that the two can be told apart (to a CSV source every empty cell is an empty text, and plain).
//
// `file` restricts it to the rows that came from one file: its path as in the import, or an end of it that begins at a
// folder ("x.csv" for "data/x.csv"); "" takes all. kPlan error if the source or the file is unknown, or if the rows
// have different columns: the message names the files, one of which is then to be chosen.
Status ExportSource(store::Connection* db, const std::string& name, const std::string& file, Output& out);

// "", "all", or the channels joined by "|".
std::string OptOutText(uint8_t bits);

}  // namespace migrate::report
