#include "datagen_layouts.h"

#include "datagen_mysql.h"
#include "datagen_text.h"

namespace migrate::datagen {
namespace {

void AppendFirstPhone(const Row& row, std::string& out) {
  out += row.phone_text;
  AppendPhone(row.phone, row.phone_style, row.phone_extension, out);
}

void AppendMain(const Row& row, std::string& out) {
  AppendField(row.first, ',', out);
  out += ',';
  AppendField(row.last, ',', out);
  if (!row.suffix.empty()) (out += ' ') += row.suffix;
  out += ',';
  if (row.variety % 100 < 8)
    AppendMdy(row.birth, 1, out);
  else
    AppendIso(row.birth, out);
  (out += ',') += row.email;
  out += ',';
  AppendFirstPhone(row, out);
  out += ',';
  if (row.unit.empty())
    AppendField(row.street, ',', out);
  else
    AppendField(row.street + (row.variety % 7 == 0 ? ", " : " ") + row.unit, ',', out);
  (out += ',') += row.city;
  (out += ',') += row.state;
  (out += ',') += row.zip;
  out += ',';
  AppendTime(row.updated_at, out);
}

std::string WholeName(const Row& row) {
  const bool turned = row.variety % 9 == 0 && !row.first.empty() && !row.last.empty();
  std::string name = turned ? row.last : row.first;
  if (turned && !row.suffix.empty()) (name += ' ') += row.suffix;
  if (!name.empty() && (turned || !row.last.empty())) name += turned ? ", " : " ";
  name += turned ? row.first : row.last;
  if (!turned && !row.suffix.empty()) (name += ' ') += row.suffix;
  return name;
}

std::string OneLine(const Row& row) {
  std::string line = row.street;
  if (!row.unit.empty()) (line += row.variety % 7 == 0 ? ", " : " ") += row.unit;
  if (!line.empty()) line += ", ";
  (line += row.city) += ", ";
  (((line += row.state) += ' ') += row.zip);
  return line;
}

void AppendCampaign(const Row& row, std::string& out) {
  AppendField(WholeName(row), ',', out);
  out += ',';
  if (row.sex_known) out += row.female ? "F" : "M";
  out += ',';
  AppendMdy(row.birth, 1, out);
  (out += ',') += row.email;
  out += ',';
  AppendFirstPhone(row, out);
  out += ',';
  AppendPhone(row.phone2, row.phone_style, 0, out);
  out += ',';
  AppendField(OneLine(row), ',', out);
  out += ',';
  if (row.opt_out_known) out += row.opt_out & 4 ? "Y" : "N";
  out += ',';
  AppendTime(row.updated_at, out);
}

void AppendSemicolon(const Row& row, std::string& out) {
  AppendField(Latin1(row.last_latin.empty() ? row.last : row.last_latin), ';', out);
  out += ';';
  AppendField(Latin1(row.first_latin.empty() ? row.first : row.first_latin), ';', out);
  (out += ';') += row.suffix;
  out += ';';
  AppendDmy(row.birth, out);
  (out += ';') += row.email;
  out += ';';
  AppendFirstPhone(row, out);
  (out += ';') += row.street;
  (out += ';') += row.unit;
  (out += ';') += row.city;
  (out += ';') += row.state;
  (out += ';') += row.zip;
  out += ';';
  if (row.opt_out_known) out += row.opt_out & 5 ? '1' : '0';
  out += ';';
  if (row.opt_out_known) out += row.opt_out & 6 ? '1' : '0';
  out += ';';
  AppendTime(row.updated_at, out);
}

void AppendTabs(const Row& row, std::string& out) {
  (out += WholeName(row)) += '\t';
  (out += row.email) += '\t';
  AppendFirstPhone(row, out);
  (out += '\t') += row.street;
  if (!row.unit.empty()) (out += ' ') += row.unit;
  (out += '\t') += row.city;
  (out += '\t') += row.state;
  (out += '\t') += row.zip;
  out += '\t';
  if (row.birth.year) {
    AppendNumber(static_cast<uint64_t>(row.birth.year), 4, out);
    AppendNumber(static_cast<uint64_t>(row.birth.month), 2, out);
    AppendNumber(static_cast<uint64_t>(row.birth.day), 2, out);
  }
  out += '\t';
  AppendTime(row.updated_at, out);
}

void AppendQuoted(const Row& row, std::string& out) {
  auto next = [&out] { out += "\",\""; };
  out += '"';
  out += row.first;
  next();
  out += row.last;
  if (!row.suffix.empty()) (out += ", ") += row.suffix;
  next();
  if (row.sex_known) out += row.female ? "Female" : "Male";
  next();
  AppendMdy(row.birth, 2, out);
  next();
  out += row.email;
  next();
  AppendFirstPhone(row, out);
  next();
  out += row.street;
  if (!row.unit.empty()) (out += "\r\n") += row.unit;
  next();
  out += row.city;
  next();
  out += row.state;
  next();
  out += row.zip;
  next();
  AppendTime(row.updated_at, out);
  out += '"';
}

}  // namespace

bool LayoutByName(std::string_view name, Layout& layout) {
  if (name == "main")
    layout = Layout::kMain;
  else if (name == "campaign")
    layout = Layout::kCampaign;
  else if (name == "semicolon")
    layout = Layout::kSemicolon;
  else if (name == "tabs")
    layout = Layout::kTabs;
  else if (name == "quoted")
    layout = Layout::kQuoted;
  else
    return false;
  return true;
}

std::string_view Header(Layout layout) {
  switch (layout) {
    case Layout::kMain:
      return "id,first_name,last_name,dob,email,phone,street,city,state,zip,updated_at\n";
    case Layout::kCampaign:
      return "lead_id,name,sex,birth_date,e_mail,mobile,home_phone,address,opt_out,created_at\r\n";
    case Layout::kSemicolon:
      return "member_no;last;first;suffix;born;mail;tel;line1;line2;town;st;postcode;no_calls;no_mail;last_change\n";
    case Layout::kTabs:
      return "\ufeffref\tname\temail\tcell\tstreet\tcity\tstate\tzip\tbirthday\tmodified\r\n";
    case Layout::kQuoted:
      return "\ufeff\"First Name\",\"Last Name\",\"Gender\",\"Date of Birth\",\"E-mail\",\"Phone\",\"Street "
             "Address\",\"City\","
             "\"State\",\"ZIP\",\"Last Update\"\r\n";
    case Layout::kTable:
    case Layout::kMysql:
      break;
  }
  return "";
}

void AppendKey(Layout layout, uint64_t number, std::string& out) {
  if (layout == Layout::kCampaign) out += "L-";
  if (layout == Layout::kQuoted) out += '#';
  AppendNumber(number, layout == Layout::kCampaign ? 7 : 1, out);
}

void AppendLine(Layout layout, uint64_t number, const Row& row, std::string& out) {
  if (layout == Layout::kMysql) return AppendMysqlLine(number, row, out);
  if (layout == Layout::kQuoted) {
    AppendQuoted(row, out);
    out += "\r\n";
    return;
  }
  AppendKey(layout, number, out);
  out += layout == Layout::kSemicolon ? ';' : layout == Layout::kTabs ? '\t' : ',';
  if (layout == Layout::kMain) AppendMain(row, out);
  if (layout == Layout::kCampaign) AppendCampaign(row, out);
  if (layout == Layout::kSemicolon) AppendSemicolon(row, out);
  if (layout == Layout::kTabs) AppendTabs(row, out);
  out += layout == Layout::kCampaign || layout == Layout::kTabs ? "\r\n" : "\n";
}

}  // namespace migrate::datagen
