#include "migrate/ledger/tables.h"

#include <nlohmann/json.hpp>

#include "migrate/record/digest.h"
#include "migrate/record/payload.h"

namespace migrate::ledger {
namespace {

std::string ColumnOf(Field f) { return f == Field::kPhone ? "phone_e164" : std::string(FieldName(f)); }

std::vector<std::string> Concat(std::vector<std::vector<std::string>> parts) {
  std::vector<std::string> out;
  for (auto& p : parts) out.insert(out.end(), p.begin(), p.end());
  return out;
}

std::vector<std::string> FieldColumns() {
  std::vector<std::string> out;
  out.reserve(kColumnFields.size());
  for (Field f : kColumnFields) out.push_back(ColumnOf(f));
  return out;
}

// The columns of an image of a record after its id, shared by record and record_history.
std::vector<std::string> RecordImage() {
  return Concat({{"source_id", "source_key", "import_id", "file_no", "line", "schema_id", "gone_import"},
                 FieldColumns(),
                 {"opt_out", "flags", "more", "attributes", "payload", "row_sha256"}});
}

std::vector<std::string> PersonImage() {
  return Concat({{"import_id", "record_count", "confidence"}, FieldColumns(), {"opt_out", "attributes", "provenance"}});
}

std::string Join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out.append(out.empty() ? "" : ", ").append(w);
  return out;
}

// Appends "name":[...] of a list that is not empty.
void AppendList(std::string* out, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out->append(out->empty() ? "{" : ",");
  AppendJsonString(out, name);
  out->append(":[");
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendJsonString(out, values[i]);
  }
  out->push_back(']');
}

}  // namespace

const Table& RecordTable() {
  static const Table t{"record", Concat({{"record_id"}, RecordImage()}), {"record_id"}};
  return t;
}
const Table& RecordHistoryTable() {
  static const Table t{"record_history",
                       Concat({{"record_id", "ended_import", "seq"}, RecordImage()}),
                       {"record_id", "ended_import", "seq"}};
  return t;
}
const Table& RecordUndoneTable() {
  static const Table t{
      "record_undone",
      Concat({{"record_id", "undone_import", "seq", "rollback_import", "ended_import", "person_id"}, RecordImage()}),
      {"record_id", "undone_import", "seq"}};
  return t;
}
const Table& PersonTable() {
  static const Table t{"person", Concat({{"person_id"}, PersonImage()}), {"person_id"}, false};
  return t;
}
const Table& PersonHistoryTable() {
  static const Table t{"person_history",
                       Concat({{"person_id", "ended_import"}, PersonImage(), {"members"}}),
                       {"person_id", "ended_import"},
                       false};
  return t;
}
const Table& PersonRecordTable() {
  static const Table t{"person_record", {"record_id", "person_id", "import_id", "confidence"}, {"record_id"}};
  return t;
}
const Table& PersonIdentifierTable() {
  static const Table t{
      "person_identifier", {"value_hash", "kind", "person_id", "value"}, {"value_hash", "kind", "person_id"}};
  return t;
}
const Table& PersonAliasTable() {
  static const Table t{"person_alias",
                       {"alias_id", "person_id", "kind", "import_id"},
                       {"alias_id", "person_id", "kind", "import_id"},
                       false,
                       false};
  return t;
}
const Table& QuarantineTable() {
  static const Table t{"quarantine",
                       {"quarantine_id", "import_id", "source_id", "file_no", "row_no", "line", "byte_offset",
                        "source_key", "reason", "detail", "raw", "state"},
                       {"quarantine_id"},
                       false,
                       false};
  return t;
}

const std::vector<const Table*>& DigestTables() {
  static const std::vector<const Table*> all = {&RecordTable(),           &RecordHistoryTable(), &QuarantineTable(),
                                                &PersonTable(),           &PersonHistoryTable(), &PersonRecordTable(),
                                                &PersonIdentifierTable(), &PersonAliasTable(),   &RecordUndoneTable()};
  return all;
}

std::string InsertSql(const Table& table) {
  std::string marks;
  for (size_t i = 0; i < table.columns.size(); ++i) marks.append(i == 0 ? "?" : ", ?");
  return "INSERT INTO " + table.name + " (" + Join(table.columns) + ") VALUES (" + marks + ")";
}

std::string SelectColumns(const Table& table) { return "SELECT " + Join(table.columns); }

std::string SelectSql(const Table& table) { return SelectColumns(table) + " FROM " + table.name; }

std::string SelectNormalized() {
  std::vector<std::string> columns = RecordTable().columns;
  for (std::string& column : columns)
    if (column == "payload" || column == "row_sha256") column = "NULL";
  return "SELECT " + Join(columns);
}

std::string TablePartition(const store::Connection& db, const std::string& table, uint32_t partition) {
  if (db.dialect() == store::Dialect::kSqlite) return table;
  return table + " PARTITION (p" + std::to_string(partition) + ")";
}

std::string MoreJson(const Record& record) {
  std::string out;
  AppendList(&out, "email", record.more_emails);
  AppendList(&out, "phone", record.more_phones);
  if (!out.empty()) out.push_back('}');
  return out;
}

void ParseMoreJson(std::string_view json, Record* record) {
  record->more_emails.clear();
  record->more_phones.clear();
  if (json.empty()) return;
  auto j = nlohmann::json::parse(json, nullptr, false);
  if (!j.is_object()) return;  // damage shows in the digest of the row, not here
  for (const auto& [name, values] : j.items())
    for (const auto& v : values)
      if (v.is_string()) (name == "email" ? record->more_emails : record->more_phones).push_back(v.get<std::string>());
}

std::string AttributesJson(const std::vector<std::string>& values, const std::vector<Attribute>& attributes) {
  std::string out;
  for (size_t i = 0; i < values.size() && i < attributes.size(); ++i) {
    if (values[i].empty()) continue;
    out.append(out.empty() ? "{" : ",");
    AppendJsonString(&out, attributes[i].name);
    out.push_back(':');
    AppendJsonString(&out, values[i]);
  }
  if (!out.empty()) out.push_back('}');
  return out;
}

void ParseAttributesJson(std::string_view json, const std::vector<Attribute>& attributes,
                         std::vector<std::string>* values) {
  values->resize(attributes.size());
  for (auto& v : *values) v.clear();
  if (json.empty()) return;
  auto j = nlohmann::json::parse(json, nullptr, false);
  if (!j.is_object()) return;
  for (size_t i = 0; i < attributes.size(); ++i)
    if (auto it = j.find(attributes[i].name); it != j.end() && it->is_string()) (*values)[i] = it->get<std::string>();
}

void ReadRecord(const store::Statement& row, int id, int image, const std::vector<Attribute>& attributes,
                StoredRecord* out) {
  Record& r = out->record;
  int c = image;
  r.record_id = static_cast<uint64_t>(row.Integer(id));
  r.source = static_cast<uint32_t>(row.Integer(c++));
  r.source_key = row.Text(c++);
  out->import_id = row.Integer(c++);
  r.place = {};
  r.place.file = static_cast<uint32_t>(row.Integer(c++));
  r.place.line = static_cast<uint64_t>(row.Integer(c++));
  out->schema_id = row.Integer(c++);
  out->gone_import = row.Integer(c++);
  for (auto& v : r.values) v.clear();
  for (Field f : kColumnFields) r[f].assign(row.Text(c++));
  r.opt_out = static_cast<uint8_t>(row.Integer(c++));
  r.flags = static_cast<uint32_t>(row.Integer(c++));
  ParseMoreJson(row.Text(c++), &r);
  ParseAttributesJson(row.Text(c++), attributes, &r.attributes);
  r.payload = row.Text(c++);
  r.row_sha256 = Sha256FromBytes(row.Text(c++));
  r.raw.clear();
}

void BindRecord(const StoredRecord& s, std::string_view more, std::string_view attributes_json, int id, int image,
                store::Binder* insert) {
  const Record& r = s.record;
  int c = image;
  insert->Bind(id, static_cast<int64_t>(r.record_id));
  insert->Bind(c++, r.source);
  insert->BindText(c++, r.source_key);
  insert->Bind(c++, s.import_id);
  insert->Bind(c++, r.place.file);
  insert->Bind(c++, static_cast<int64_t>(r.place.line));
  insert->Bind(c++, s.schema_id);
  if (s.gone_import == 0)
    insert->BindNull(c++);
  else
    insert->Bind(c++, s.gone_import);
  for (Field f : kColumnFields) insert->BindTextOrNull(c++, r[f]);
  insert->Bind(c++, r.opt_out);
  insert->Bind(c++, r.flags);
  insert->BindTextOrNull(c++, more);
  insert->BindTextOrNull(c++, attributes_json);
  insert->BindBlob(c++, r.payload);
  insert->BindBlob(c++, AsView(r.row_sha256));
}

void ReadPerson(const store::Statement& row, int id, int image, const std::vector<Attribute>& attributes, Person* out) {
  int c = image;
  out->person_id = static_cast<uint64_t>(row.Integer(id));
  out->import_id = row.Integer(c++);
  out->record_count = static_cast<uint64_t>(row.Integer(c++));
  out->confidence = row.Real(c++);
  for (auto& v : out->values) v.clear();
  for (Field f : kColumnFields) (*out)[f].assign(row.Text(c++));
  out->opt_out = static_cast<uint8_t>(row.Integer(c++));
  ParseAttributesJson(row.Text(c++), attributes, &out->attributes);
  out->provenance = row.Text(c++);
}

void BindPerson(const Person& p, std::string_view attributes_json, int id, int image, store::Binder* insert) {
  int c = image;
  insert->Bind(id, static_cast<int64_t>(p.person_id));
  insert->Bind(c++, p.import_id);
  insert->Bind(c++, static_cast<int64_t>(p.record_count));
  insert->BindReal(c++, p.confidence);
  for (Field f : kColumnFields) insert->BindTextOrNull(c++, p[f]);
  insert->Bind(c++, p.opt_out);
  insert->BindTextOrNull(c++, attributes_json);
  insert->BindTextOrNull(c++, p.provenance);
}

uint64_t IdentifierHash(std::string_view kind, std::string_view value) { return RecordId(kind, value); }

}  // namespace migrate::ledger
