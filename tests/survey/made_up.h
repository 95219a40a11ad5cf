// Made-up tables for the tests of guessing: columns are named and their values drawn from small pools, half of which
// the word lists of the room do not know.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace migrate::survey::testing {

// The kinds of values a column can be filled with:
//   first last full comma("LAST, FIRST") middle initial suffix sex sexword sex12 dob(ISO) dob_us dob_eu dob_de yob
//   email phone phone_plain phone_de phone_gb phone_fr phone_es phone_au mobile_de street street_de street_name
//   house unit city city_de city_fr city_gb city_es state state_name province zip zip4 plz zip_ca zip_gb cp address
//   country country_name ssn cpf dni yn tf yn_rare moment date id uuid code company job text empty const number url
//   id7 (seven digits) phone7 (seven digits, written as a phone) word:X (X in each row) phone_intl
//   email_partly and "...?": every third value is missing
std::string Value(const std::string& kind, int row);

struct MadeColumn {
  std::string header, kind;
  std::string expected;  // role, "key", or "" for not mapped
};
struct MadeTable {
  std::string name;
  std::string delimiter = ",";
  bool latin1 = false, header = true;
  std::vector<MadeColumn> columns;
};
// CSV text of 80 rows.
std::string CsvText(const MadeTable& table, int rows = 80);

}  // namespace migrate::survey::testing

namespace migrate::survey::testing {

template <size_t N>
std::string Pick(const char* const (&pool)[N], int row, int step = 7) {
  return pool[static_cast<size_t>(row * step + row / static_cast<int>(N)) % N];
}

inline std::string First(int r) {
  static const char* const kPool[] = {"Mary",   "Thaddeus",  "Carlos", "Wren",        "Susan", "Ottoline",
                                      "James",  "Priscilla", "Anna",   "Bartholomew", "Linda", "Zelda",
                                      "Robert", "Cosima",    "Laura",  "Evander",     "Maria", "Philippa",
                                      "David",  "Isolde",    "Peter",  "Leopold",     "Emma"};
  return Pick(kPool, r, 5);
}
inline std::string Last(int r) {
  static const char* const kPool[] = {"Smith",  "Quackenbush", "Garcia",  "Thistlewood",  "Johnson", "Abernathy",
                                      "Miller", "Vandermeer",  "Brown",   "Featherstone", "Wilson",  "Ostrander",
                                      "Nguyen", "Pettigrew",   "Schmidt", "Holloway",     "Weber",   "Lockhart",
                                      "Rossi",  "Kowalczyk",   "Murphy"};
  return Pick(kPool, r, 8);
}
inline std::string Digits(int r, int n) {
  std::string out;
  uint64_t x = static_cast<uint64_t>(r) * 2654435761u + 12345;
  for (int i = 0; i < n; ++i) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    out += static_cast<char>('0' + (x >> 33) % 10);
  }
  return out;
}
inline std::string Two(int n) { return n < 10 ? "0" + std::to_string(n) : std::to_string(n); }
inline std::string Lower(std::string s) {
  for (char& c : s)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return s;
}

inline std::string Place(const std::string& k, int r) {
  static const char* const kUs[] = {"Springfield", "Ottumwa", "Chicago", "Walla Walla",
                                    "Boston",      "Elko",    "Denver",  "Hibbing"};
  static const char* const kDe[] = {"Berlin", "Buxtehude", "München", "Gifhorn", "Köln", "Celle", "Dresden"};
  static const char* const kFr[] = {"Paris", "Guéret", "Lyon", "Vesoul", "Nantes", "Aurillac"};
  static const char* const kGb[] = {"London", "Ludlow", "Leeds", "Kendal", "Bristol", "Diss"};
  static const char* const kEs[] = {"Madrid", "Teruel", "Sevilla", "Lugo", "Valencia", "Soria"};
  if (k == "city_de") return Pick(kDe, r);
  if (k == "city_fr") return Pick(kFr, r);
  if (k == "city_gb") return Pick(kGb, r);
  if (k == "city_es") return Pick(kEs, r);
  return Pick(kUs, r);
}

inline std::string AddressValue(const std::string& k, int r) {
  static const char* const kStreets[] = {"Main St", "Elm Street", "Oak Avenue", "Birch Ln", "2nd Ave", "Harbor Dr"};
  static const char* const kGerman[] = {"Hauptstraße", "Lindenweg", "Goethestr.", "Am Markt", "Ringstraße"};
  static const char* const kStates[] = {"IL", "CA", "TX", "NY", "WA", "OH", "MA", "CO"};
  static const char* const kStateNames[] = {"Illinois", "California", "Texas", "New York", "Ohio"};
  static const char* const kProvinces[] = {"ON", "QC", "BC", "AB", "NS"};
  static const char* const kUnits[] = {"Apt 4", "Unit 12", "Suite 300", "#7", "Apt B"};
  const int n = 1 + (r * 37) % 900;
  const std::string zip = std::to_string(10000 + (r * 7919) % 89999);
  if (k == "street") return std::to_string(n) + " " + Pick(kStreets, r);
  if (k == "street_name") return Pick(kStreets, r);
  if (k == "street_de") return Pick(kGerman, r) + " " + std::to_string(n % 90 + 1);
  if (k == "strasse") return Pick(kGerman, r);
  if (k == "rue") return std::to_string(n % 90 + 1) + " rue de la Paix";
  if (k == "calle") return "Calle Mayor " + std::to_string(n % 90 + 1);
  if (k == "house") return std::to_string(n);
  if (k == "unit") return r % 4 == 0 ? Pick(kUnits, r) : "";
  if (k == "state") return Pick(kStates, r);
  if (k == "state_name") return Pick(kStateNames, r);
  if (k == "province") return Pick(kProvinces, r);
  if (k == "zip") return r % 9 == 0 ? "0" + zip.substr(1) : zip;
  if (k == "zip_plus") return zip + "-" + Digits(r, 4);
  if (k == "zip4") return Digits(r, 4);
  if (k == "plz" || k == "cp") return zip;
  if (k == "zip_ca") return std::string("K") + zip[1] + "A " + zip[2] + "B" + zip[3];
  if (k == "zip_gb") return std::string("LS") + zip[1] + " " + zip[2] + "AB";
  if (k == "zip_au") return std::to_string(2000 + (r * 131) % 5000);
  return std::to_string(n) + " " + Pick(kStreets, r) + ", " + Place("city", r) + ", " + Pick(kStates, r) + " " + zip;
}

inline std::string PhoneValue(const std::string& k, int r) {
  static const char* const kAreas[] = {"206", "312", "415", "617", "303", "212"};
  const std::string area = Pick(kAreas, r), exchange = "5" + Digits(r, 1) + "7", line = Digits(r + 1, 4);
  if (k == "phone") return "(" + area + ") " + exchange + "-" + line;
  if (k == "phone7") return exchange + "-" + line;
  if (k == "phone_intl") return "+49 30 " + std::to_string(2000000 + (r * 7919) % 900000);
  if (k == "phone_plain") return area + exchange + line;
  if (k == "phone_de") return "030 / " + std::to_string(2000000 + (r * 7919) % 900000);
  if (k == "mobile_de") return "0171 " + std::to_string(2000000 + (r * 7919) % 900000);
  if (k == "phone_gb") return "020 7946 " + Digits(r, 4);
  if (k == "phone_fr") return "01 42 68 " + Digits(r, 2) + " " + Digits(r + 1, 2);
  if (k == "phone_es") return "91 5" + Digits(r, 2) + " " + Digits(r + 1, 2) + " " + Digits(r + 2, 2);
  return "(02) 9" + Digits(r, 3) + " " + Digits(r + 1, 4);
}

inline std::string DateValue(const std::string& k, int r) {
  const int year = 1935 + (r * 17) % 70, month = 1 + (r * 5) % 12, day = 1 + (r * 11) % 28;
  if (k == "dob") return std::to_string(year) + "-" + Two(month) + "-" + Two(day);
  if (k == "dob_us") return Two(month) + "/" + Two(day) + "/" + std::to_string(year);
  if (k == "dob_eu") return Two(day) + "/" + Two(month) + "/" + std::to_string(year);
  if (k == "dob_de") return Two(day) + "." + Two(month) + "." + std::to_string(year);
  if (k == "yob") return std::to_string(year);
  if (k == "dob_text") return std::to_string(day) + "-Mar-" + std::to_string(year);
  if (k == "date") return std::to_string(2018 + r % 5) + "-" + Two(month) + "-" + Two(day);
  return std::to_string(2021 + r % 3) + "-" + Two(month) + "-" + Two(day) + " " + Two(r % 24) + ":" + Two(r % 60) +
         ":07";
}

inline std::string OtherValue(const std::string& k, int r) {
  static const char* const kJobs[] = {"Teacher", "Plumber", "Nurse", "Retired", "Engineer"};
  static const char* const kCompanies[] = {"Acme Inc", "Globex LLC", "Initech Corp", "Umbrella Ltd", "Hooli Inc"};
  static const char* const kStatus[] = {"active", "lapsed", "new"};
  static const char* const kProducts[] = {"Steel Bolt", "Copper Pipe", "Garden Hose", "Paint Roller", "Wood Glue"};
  if (k == "company") return Pick(kCompanies, r);
  if (k == "product") return Pick(kProducts, r);
  if (k == "job") return Pick(kJobs, r);
  if (k == "status") return Pick(kStatus, r);
  if (k == "yn") return r % 3 == 0 ? "Y" : "N";
  if (k == "yn_rare") return r % 17 == 3 ? "1" : "0";
  if (k == "tf") return r % 5 == 0 ? "true" : "false";
  if (k == "x") return r % 6 == 0 ? "x" : "";
  if (k == "id7") return std::to_string(9000000 + r * 131);
  if (k.starts_with("word:")) return k.substr(5);
  if (k == "id") return std::to_string(100 + r * 3);
  if (k == "seq") return std::to_string(r + 1);
  if (k == "uuid") return Digits(r, 8) + "-1a2b-4c3d-8e4f-" + Digits(r + 5, 12);
  if (k == "code") return "C" + Digits(r, 5) + "X";
  if (k == "ssn") return std::to_string(200 + r) + "-" + Two(10 + r % 80) + "-" + Digits(r, 4);
  if (k == "cpf") return Digits(r, 3) + "." + Digits(r + 1, 3) + "." + Digits(r + 2, 3) + "-" + Digits(r + 3, 2);
  if (k == "dni") return Digits(r, 8) + "ABCDEFGHJ"[r % 9];
  if (k == "number") return std::to_string((r * 37) % 500) + "." + Two(r % 100);
  if (k == "url") return "https://www.example.org/p/" + std::to_string(r);
  if (k == "text") return "called on a rainy day, will call back " + std::to_string(r);
  if (k == "const") return "2023Q1";
  if (k == "country") return r % 12 == 0 ? "CA" : "US";
  if (k == "country_name") return "Germany";
  return "";
}

inline std::string Value(const std::string& kind, int r) {
  if (kind.ends_with("?")) return r % 3 == 0 ? "" : Value(kind.substr(0, kind.size() - 1), r);
  const std::string& k = kind;
  if (k == "first") return First(r);
  if (k == "FIRST" || k == "LAST") {
    std::string s = k == "FIRST" ? First(r) : Last(r);
    for (char& c : s)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return s;
  }
  if (k == "last") return Last(r);
  if (k == "full") return First(r) + (r % 4 == 0 ? " Q. " : " ") + Last(r);
  if (k == "comma") return Last(r) + ", " + First(r);
  if (k == "middle") return First(r + 3);
  if (k == "initial") return std::string(1, static_cast<char>('A' + (r * 5) % 26));
  if (k == "suffix") return r % 9 == 0 ? (r % 2 == 0 ? "Jr" : "III") : "";
  if (k == "sex") return r % 2 == 0 ? "F" : "M";
  if (k == "sexword") return r % 2 == 0 ? "Female" : "Male";
  if (k == "geschlecht") return r % 2 == 0 ? "w" : "m";
  if (k == "sex12") return r % 2 == 0 ? "1" : "2";
  if (k == "email") return Lower(First(r) + "." + Last(r)) + std::to_string(r) + "@mail.example.net";
  if (k.starts_with("phone") || k.starts_with("mobile")) return PhoneValue(k, r);
  if (k.starts_with("dob") || k == "yob" || k == "date" || k == "moment") return DateValue(k, r);
  if (k.starts_with("city")) return Place(k, r);
  for (const char* a :
       {"street",   "street_name", "street_de", "strasse", "rue", "calle", "house",  "unit",   "state",  "state_name",
        "province", "zip",         "zip_plus",  "zip4",    "plz", "cp",    "zip_ca", "zip_gb", "zip_au", "address"})
    if (k == a) return AddressValue(k, r);
  return OtherValue(k, r);
}

inline std::string ToLatin1(const std::string& utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto u = static_cast<unsigned char>(utf8[i]);
    if (u < 0x80)
      out += utf8[i];
    else if (i + 1 < utf8.size())
      out += static_cast<char>(((u & 3) << 6) | (static_cast<unsigned char>(utf8[++i]) & 0x3f));
  }
  return out;
}

inline std::string CsvText(const MadeTable& t, int rows) {
  std::string out;
  auto field = [&](size_t c, const std::string& v) {
    const bool quote = v.find_first_of(t.delimiter + "\"\n") != std::string::npos;
    out += (c > 0 ? t.delimiter : "") + (quote ? "\"" + v + "\"" : v);
  };
  for (size_t c = 0; t.header && c < t.columns.size(); ++c) field(c, t.columns[c].header);
  if (t.header) out += "\r\n";
  for (int r = 0; r < rows; ++r) {
    for (size_t c = 0; c < t.columns.size(); ++c) field(c, Value(t.columns[c].kind, r));
    out += "\r\n";
  }
  return t.latin1 ? ToLatin1(out) : out;
}

}  // namespace migrate::survey::testing
