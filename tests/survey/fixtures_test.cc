// Made-up tables of many styles, each with the mapping a person would write. A column's expected role is the name that
// RoleName gives; "" is: not mapped. What init gets wrong on them is listed and counted; none may be.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "made_up.h"
#include "migrate/survey/init.h"
#include "migrate/survey/sources.h"

namespace migrate::survey {
namespace {

using testing::CsvText;
using testing::MadeTable;

const std::vector<MadeTable>& Tables() {
  static const std::vector<MadeTable> kTables = {
      {"salesforce",
       ",",
       false,
       true,
       {{"Id", "code", "key"},
        {"Salutation", "const", ""},
        {"FirstName", "first", "first_name"},
        {"LastName", "last", "last_name"},
        {"Email", "email", "email"},
        {"MobilePhone", "phone?", "phone"},
        {"HomePhone", "phone?", "phone"},
        {"Fax", "phone?", ""},
        {"MailingStreet", "street", "street"},
        {"MailingCity", "city", "city"},
        {"MailingState", "state", "state"},
        {"MailingPostalCode", "zip", "zip"},
        {"MailingCountry", "country", "country"},
        {"Birthdate", "dob", "birth_date"},
        {"HasOptedOutOfEmail", "tf", "opt_out (email)"},
        {"DoNotCall", "tf", "opt_out (call)"},
        {"LastModifiedDate", "moment", "updated_at"},
        {"Account.Name", "company", ""}}},
      {"mailchimp",
       ",",
       false,
       true,
       {{"Email Address", "email", "email"},
        {"First Name", "first", "first_name"},
        {"Last Name", "last", "last_name"},
        {"Address", "address", "address"},
        {"Phone Number", "phone?", "phone"},
        {"Birthday", "empty", "birth_date"},
        {"MEMBER_RATING", "const", ""},
        {"OPTIN_TIME", "moment", ""},
        {"LAST_CHANGED", "moment", "updated_at"},
        {"LEID", "id", "key"},
        {"EUID", "code", ""},
        {"NOTES", "text", ""}}},
      {"voters",
       ",",
       false,
       true,
       {{"VOTER_ID", "id", "key"},
        {"LAST_NAME", "LAST", "last_name"},
        {"FIRST_NAME", "FIRST", "first_name"},
        {"MIDDLE_NAME", "initial", "middle_name"},
        {"NAME_SUFFIX", "suffix", "suffix"},
        {"GENDER", "sex", "sex"},
        {"BIRTH_YEAR", "yob", "birth_date"},
        {"RES_STREET_NUM", "house", "street number"},
        {"RES_STREET_NAME", "street_name", "street name"},
        {"RES_UNIT", "unit", "unit"},
        {"RES_CITY", "city", "city"},
        {"RES_STATE", "state", "state"},
        {"RES_ZIP", "zip", "zip"},
        {"PARTY", "status", ""},
        {"PRECINCT", "number", ""},
        {"REGISTRATION_DATE", "date", ""}}},
      {"german_crm",
       ";",
       true,
       true,
       {{"Kundennr", "id", "key"},
        {"Anrede", "const", ""},
        {"Vorname", "first", "first_name"},
        {"Nachname", "last", "last_name"},
        {"Straße", "street_de", "street"},
        {"PLZ", "plz", "zip"},
        {"Ort", "city_de", "city"},
        {"Land", "country_name", "country"},
        {"Telefon", "phone_de", "phone"},
        {"Mobil", "mobile_de", "phone"},
        {"E-Mail", "email", "email"},
        {"Geburtsdatum", "dob_de", "birth_date"},
        {"Geschlecht", "geschlecht", "sex"},
        {"Werbesperre", "x", "opt_out"},
        {"Umsatz", "number", ""}}},
      {"german_house",
       ";",
       true,
       true,
       {{"PersNr", "id", "key"},
        {"Name", "last", "last_name"},
        {"Vorname", "first", "first_name"},
        {"Strasse", "strasse", "street name"},
        {"Hausnr", "house", "street number"},
        {"Postleitzahl", "plz", "zip"},
        {"Wohnort", "city_de", "city"},
        {"GebDat", "dob_de", "birth_date"},
        {"Tel.", "phone_de", "phone"}}},
      {"hospital",
       "|",
       false,
       true,
       {{"MRN", "id", "key"},
        {"PT_LNAME", "LAST", "last_name"},
        {"PT_FNAME", "FIRST", "first_name"},
        {"PT_MI", "initial", "middle_name"},
        {"PT_DOB", "dob_us", "birth_date"},
        {"PT_SEX", "sex", "sex"},
        {"PT_SSN", "ssn", "national_id"},
        {"PT_ADDR1", "street", "street"},
        {"PT_ADDR2", "unit", "unit"},
        {"PT_CITY", "city", "city"},
        {"PT_ST", "state", "state"},
        {"PT_ZIP", "zip", "zip"},
        {"PT_HOME_PH", "phone", "phone"},
        {"EMERGENCY_CONTACT_NAME", "full", ""},
        {"EMERGENCY_CONTACT_PHONE", "phone", ""},
        {"PCP_NAME", "full", ""}}},
      {"capitals",
       ",",
       false,
       true,
       {{"CUSTNO", "id", "key"},
        {"FNAME", "FIRST", "first_name"},
        {"LNAME", "LAST", "last_name"},
        {"ADDR1", "street", "street"},
        {"ADDR2", "unit", "unit"},
        {"CITY", "city", "city"},
        {"ST", "state", "state"},
        {"ZIP5", "zip", "zip"},
        {"ZIP4", "zip4", "zip+4"},
        {"TEL1", "phone_plain", "phone"},
        {"TEL2", "phone_plain?", "phone"},
        {"DNC", "yn", "opt_out (call)"},
        {"LASTUPD", "date", "updated_at"}}},
      {"no_names",
       ",",
       false,
       true,
       {{"col1", "seq", "key"},
        {"col2", "first", "first_name"},
        {"col3", "last", "last_name"},
        {"col4", "email", "email"},
        {"col5", "phone", "phone"},
        {"col6", "street", "street"},
        {"col7", "city", "city"},
        {"col8", "state", "state"},
        {"col9", "zip", "zip"},
        {"col10", "dob", "birth_date"},
        {"col11", "sex", "sex"}}},
      {"misleading",
       ",",
       false,
       true,
       {{"name", "email", "email"},
        {"email", "full", "full_name"},
        {"phone", "dob", "birth_date"},
        {"date", "phone", "phone"},
        {"city", "state", "state"},
        {"state", "city", "city"}}},
      {"excel",
       ",",
       false,
       true,
       {{"Full Name", "full", "full_name"},
        {"E-mail Addr.", "email", "email"},
        {"Cell #", "phone", "phone"},
        {"D.O.B.", "dob_us", "birth_date"},
        {"Street Address", "street", "street"},
        {"Apt/Unit", "unit", "unit"},
        {"City/Town", "city", "city"},
        {"State/Prov", "state", "state"},
        {"Zip/Postal", "zip_plus", "zip"},
        {"Notes", "text", ""}}},
      {"french",
       ";",
       true,
       true,
       {{"N° client", "id", "key"},
        {"Nom", "LAST", "last_name"},
        {"Prénom", "first", "first_name"},
        {"Adresse", "rue", "street"},
        {"Code postal", "cp", "zip"},
        {"Ville", "city_fr", "city"},
        {"Téléphone", "phone_fr", "phone"},
        {"Courriel", "email", "email"},
        {"Date de naissance", "dob_eu", "birth_date"},
        {"Sexe", "sex", "sex"}}},
      {"spanish",
       ",",
       false,
       true,
       {{"DNI", "dni", "national_id"},
        {"Nombre", "first", "first_name"},
        {"Apellidos", "last", "last_name"},
        {"Teléfono", "phone_es", "phone"},
        {"Correo electrónico", "email", "email"},
        {"Dirección", "calle", "street"},
        {"Ciudad", "city_es", "city"},
        {"Código Postal", "cp", "zip"},
        {"Fecha de nacimiento", "dob_eu", "birth_date"}}},
      {"brazilian",
       ";",
       false,
       true,
       {{"CPF", "cpf", "national_id"},
        {"Nome", "full", "full_name"},
        {"Nascimento", "dob_eu", "birth_date"},
        {"Endereço", "street", "street"},
        {"Cidade", "city_es", "city"},
        {"UF", "state", "state"},
        {"Nome da mãe", "full", ""},
        {"E-mail", "email", "email"}}},
      {"british",
       ",",
       false,
       true,
       {{"Membership No", "id", "key"},
        {"Forename", "first", "first_name"},
        {"Surname", "last", "last_name"},
        {"Address Line 1", "street", "street"},
        {"Post Town", "city_gb", "city"},
        {"Postcode", "zip_gb", "zip"},
        {"Mobile", "phone_gb", "phone"},
        {"Email", "email", "email"},
        {"Date of Birth", "dob_eu", "birth_date"},
        {"Do Not Mail", "yn", "opt_out (mail)"}}},
      {"canadian",
       ",",
       false,
       true,
       {{"First", "first", "first_name"},
        {"Last", "last", "last_name"},
        {"Street", "street", "street"},
        {"City", "city", "city"},
        {"Prov", "province", "state"},
        {"Postal", "zip_ca", "zip"},
        {"Phone", "phone", "phone"},
        {"e_mail", "email", "email"}}},
      {"shop_orders",
       ",",
       false,
       true,
       {{"Order ID", "seq", "key"},
        {"Billing Name", "full", "full_name"},
        {"Billing Street", "street", "street"},
        {"Billing City", "city", "city"},
        {"Billing Province", "state", "state"},
        {"Billing Zip", "zip", "zip"},
        {"Shipping Name", "full", ""},
        {"Shipping Street", "street", ""},
        {"Shipping City", "city", ""},
        {"Shipping Province", "state", ""},
        {"Shipping Zip", "zip", ""},
        {"Email", "email", "email"},
        {"Phone", "phone", "phone"},
        {"Total", "number", ""},
        {"Item", "product", ""}}},
      {"camel",
       "\t",
       false,
       true,
       {{"userId", "uuid", "key"},
        {"givenName", "first", "first_name"},
        {"familyName", "last", "last_name"},
        {"emailAddress", "email", "email"},
        {"mobileNumber", "phone", "phone"},
        {"dateOfBirth", "dob", "birth_date"},
        {"createdAt", "moment", ""},
        {"updatedAt", "moment", "updated_at"},
        {"newsletterOptIn", "yn", ""},
        {"profileUrl", "url", ""}}},
      {"two_mails",
       ",",
       false,
       true,
       {{"contact_id", "id", "key"},
        {"full name", "full", "full_name"},
        {"work email", "email?", "email"},
        {"personal email", "email", "email"},
        {"work phone", "phone?", "phone"},
        {"cell", "phone", "phone"},
        {"job title", "job", ""},
        {"company name", "company", ""}}},
      {"comma_names",
       ",",
       false,
       true,
       {{"NAME", "comma", "full_name"},
        {"DOB", "dob_us", "birth_date"},
        {"ADDRESS", "address", "address"},
        {"PHONE", "phone", "phone"}}},
      {"prefixed",
       ",",
       false,
       true,
       {{"cus_id", "id", "key"},
        {"cus_fname", "first", "first_name"},
        {"cus_lname", "last", "last_name"},
        {"cus_tel", "phone_plain", "phone"},
        {"cus_mail", "email", "email"},
        {"cus_gender", "sexword", "sex"},
        {"cus_bday", "dob", "birth_date"}}},
      {"donors",
       ",",
       false,
       true,
       {{"Constituent ID", "id", "key"},
        {"Donor First Name", "first", "first_name"},
        {"Donor Last Name", "last", "last_name"},
        {"Spouse First Name", "first?", ""},
        {"Preferred Email", "email", "email"},
        {"Home Phone", "phone", "phone"},
        {"Preferred Address Line 1", "street", "street"},
        {"Preferred City", "city", "city"},
        {"Preferred State", "state", "state"},
        {"Preferred ZIP", "zip_plus", "zip"},
        {"Last Gift Date", "date", ""},
        {"Last Gift Amount", "number", ""},
        {"No Phone", "yn_rare", "opt_out (call)"},
        {"Deceased", "yn_rare", ""}}},
      {"sms_list",
       ",",
       false,
       true,
       {{"msisdn", "phone_plain", "phone"},
        {"fname", "first", "first_name"},
        {"sms_opt_out", "yn_rare", "opt_out (sms)"},
        {"unsubscribed", "yn_rare", "opt_out (email)"},
        {"source", "const", ""}}},
      {"australian",
       ",",
       false,
       true,
       {{"Given Names", "first", "first_name"},
        {"Surname", "last", "last_name"},
        {"Suburb", "city", "city"},
        {"Postcode", "zip_au", "zip"},
        {"Street Address", "street", "street"},
        {"Phone No.", "phone_au", "phone"},
        {"Sex", "sex", "sex"}}},
      {"students",
       ",",
       false,
       true,
       {{"StudentID", "id", "key"},
        {"Last", "last", "last_name"},
        {"First", "first", "first_name"},
        {"MI", "initial", "middle_name"},
        {"Gender", "sexword", "sex"},
        {"Birth Date", "dob_us", "birth_date"},
        {"Birth City", "city", ""},
        {"Mother Name", "full", ""},
        {"Parent Email", "email", ""},
        {"School", "company", ""},
        {"Grade", "number", ""}}},
      {"legacy_short",
       ",",
       false,
       true,
       {{"RECNO", "seq", "key"},
        {"SNAME", "LAST", "last_name"},
        {"GNAME", "FIRST", "first_name"},
        {"SX", "sex", "sex"},
        {"BDT", "dob", "birth_date"},
        {"ADR", "street", "street"},
        {"TWN", "city", "city"},
        {"PCD", "zip", "zip"},
        {"PHN", "phone_plain", "phone"},
        {"MOD", "date", ""}}},
      {"dutch",
       ";",
       false,
       true,
       {{"Klantnummer", "id", "key"},
        {"Voornaam", "first", "first_name"},
        {"Achternaam", "last", "last_name"},
        {"Straat", "strasse", "street name"},
        {"Huisnummer", "house", "street number"},
        {"Woonplaats", "city", "city"},
        {"Geboortedatum", "dob_eu", "birth_date"},
        {"Emailadres", "email", "email"}}},
      {"dates_in_words",
       ",",
       false,
       true,
       {{"person", "full", "full_name"},
        {"born", "dob_text", "birth_date"},
        {"mail", "email", "email"},
        {"last seen", "moment", ""}}},
      {"few_clues",
       ",",
       false,
       true,
       {{"A", "comma", "full_name"},
        {"B", "dob_us", "birth_date"},
        {"C", "phone", "phone"},
        {"D", "address", "address"},
        {"E", "number", ""},
        {"F", "status", ""},
        {"G", "product", ""}}},
      {"ids_like_phones",
       ",",
       false,
       true,
       {{"Email Address", "email", "email"},
        {"First Name", "first", "first_name"},
        {"Last Name", "last", "last_name"},
        {"Phone Number", "phone", "phone"},
        {"OPTIN_TIME", "moment", ""},
        {"LAST_CHANGED", "moment", "updated_at"},
        {"LEID", "id7", "key"},
        {"ref", "id7", ""},
        {"comment", "word:ok", ""},
        {"remark", "word:Mary", ""}}},
      {"ids_alone",
       ",",
       false,
       true,
       {{"customer_id", "phone_plain", "key"}, {"name", "full", "full_name"}, {"mail", "email", "email"}}},
      {"local_phones",
       ",",
       false,
       true,
       {{"id", "seq", "key"}, {"name", "full", "full_name"}, {"phone", "phone7", "phone"}, {"zip", "zip", "zip"}}},
      {"made_not_changed",
       ",",
       false,
       true,
       {{"CUSTNO", "id", "key"},
        {"NM", "full", "full_name"},
        {"TEL", "phone", "phone"},
        {"Create Date", "moment", "updated_at"}}},
      {"changed_in_short",
       ",",
       false,
       true,
       {{"CUSTNO", "id", "key"},
        {"NM", "full", "full_name"},
        {"TEL", "phone", "phone"},
        {"CREATED_DATE", "date", ""},
        {"UPD", "date", "updated_at"}}},
      {"one_prefix",
       ",",
       false,
       true,
       {{"VOTERID", "id", "key"},
        {"LNAME", "LAST", "last_name"},
        {"FNAME", "FIRST", "first_name"},
        {"REGSTNUM", "house", "street number"},
        {"REGSTNAME", "street_name", "street name"},
        {"REGUNIT", "unit", "unit"},
        {"REGCITY", "city", "city"},
        {"REGSTATE", "state", "state"},
        {"REGZIPCODE", "zip", "zip"}}},
      {"one_state",
       ",",
       false,
       true,
       {{"id", "seq", "key"},
        {"name", "full", "full_name"},
        {"email", "email", "email"},
        {"State", "word:WA", "state"},
        {"Country", "word:US", "country"}}},
      {"hubspot",
       ",",
       false,
       true,
       {{"Record ID", "id", "key"},
        {"First Name", "first", "first_name"},
        {"Last Name", "last", "last_name"},
        {"Email", "email", "email"},
        {"Phone Number", "phone", "phone"},
        {"Postal Code", "zip", "zip"},
        {"Unsubscribed from all email", "tf", "opt_out (email)"},
        {"Opted out of SMS", "tf", "opt_out (sms)"},
        {"Not subscribed", "tf", "opt_out"},
        {"Accepts Email Marketing", "tf", ""}}},
  };
  return kTables;
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "survey-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string Found(const SurveyedSource& s, const ColumnGuess& g) {
  if (g.role != Role::kNone) return std::string(RoleName(g.role));
  const std::string& name = s.profile.columns()[g.column].name();
  return !s.key.columns.empty() && s.key.columns[0] == name ? "key" : "";
}

TEST(Fixtures, EveryColumnFindsItsField) {
  Folder folder;
  int right = 0, wrong = 0, missed = 0, invented = 0, nothing = 0;
  for (const MadeTable& t : Tables()) {
    SCOPED_TRACE(t.name);
    auto made = MakePlan({{folder.Write(t.name + ".csv", CsvText(t))}, folder.path() + "/plan.yaml", "", "", "0.1.0"});
    ASSERT_TRUE(made.ok()) << made.status().message();
    ASSERT_EQ(made->survey.sources.size(), 1u);
    const SurveyedSource& s = made->survey.sources[0];
    ASSERT_EQ(s.guesses.size(), t.columns.size());
    for (size_t c = 0; c < t.columns.size(); ++c) {
      const std::string found = Found(s, s.guesses[c]), &expected = t.columns[c].expected;
      EXPECT_EQ(found, expected) << t.columns[c].header << " (" << t.columns[c].kind << ")";
      if (found == expected)
        ++(expected.empty() ? nothing : right);
      else if (found.empty())
        ++missed;
      else if (expected.empty())
        ++invented;
      else
        ++wrong;
    }
  }
  std::printf("%zu tables: %d columns right, %d wrong, %d missed, %d invented; %d rightly not mapped\n",
              Tables().size(), right, wrong, missed, invented, nothing);
  EXPECT_GE(Tables().size(), 25u);
}

// Beside files of the US: which country of its own another file gets, "" is none.
TEST(Fixtures, AFileOfAnotherCountrySaysSo) {
  const MadeTable american = {"american",
                              ",",
                              false,
                              true,
                              {{"id", "seq", ""},
                               {"name", "full", ""},
                               {"phone", "phone", ""},
                               {"city", "city", ""},
                               {"state", "state", ""},
                               {"zip", "zip", ""}}};
  const std::pair<MadeTable, const char*> kCases[] = {
      {{"german",
        ";",
        true,
        true,
        {{"Mitgl.-Nr.", "id", ""},
         {"Vorname", "first", ""},
         {"Nachname", "last", ""},
         {"PLZ", "plz", ""},
         {"Ort", "city_de", ""},
         {"Telefon", "phone_de", ""}}},
       "DE"},
      {{"french", ";", true, true, {{"Nom", "last", ""}, {"Prénom", "first", ""}, {"Téléphone", "phone_fr", ""}}},
       "FR"},
      {{"british", ",", false, true, {{"name", "full", ""}, {"postcode", "zip_gb", ""}, {"phone", "phone_gb", ""}}},
       "GB"},
      {{"canadian", ",", false, true, {{"name", "full", ""}, {"prov", "province", ""}, {"postal", "zip_ca", ""}}},
       "CA"},
      // Its rows name their countries.
      {{"named",
        ";",
        true,
        true,
        {{"Vorname", "first", ""},
         {"Nachname", "last", ""},
         {"Land", "country_name", ""},
         {"Telefon", "phone_de", ""}}},
       ""},
      // Numbers with a country code are read whatever the country.
      {{"coded", ";", true, true, {{"Vorname", "first", ""}, {"Nachname", "last", ""}, {"Telefon", "phone_intl", ""}}},
       ""},
      // Spanish names of columns, American numbers.
      {{"spanish", ",", false, true, {{"Nombre", "first", ""}, {"Apellidos", "last", ""}, {"Teléfono", "phone", ""}}},
       ""},
      // Numbers without an area code are of no country.
      {{"local", ",", false, true, {{"name", "full", ""}, {"phone", "phone7", ""}, {"zip", "zip", ""}}}, ""},
      {{"same", ",", false, true, {{"name", "full", ""}, {"phone", "phone", ""}}}, ""},
  };
  for (const auto& [table, country] : kCases) {
    SCOPED_TRACE(table.name);
    Folder folder;
    MadeTable other = american;
    other.columns[0].header = "number";
    folder.Write("a.csv", CsvText(american));
    folder.Write("c.csv", CsvText(other));
    auto made = MakePlan({{folder.path() + "/a.csv", folder.path() + "/c.csv", folder.Write("b.csv", CsvText(table))},
                          folder.path() + "/plan.yaml",
                          "",
                          "",
                          "0.1.0"});
    ASSERT_TRUE(made.ok()) << made.status().message();
    EXPECT_EQ(made->settings.normalize.country, "US");
    const std::string found = CountryOf(made->survey.sources[2], made->settings).country;
    EXPECT_EQ(found, country);
    EXPECT_EQ(made->plan.find("country: {const:") != std::string::npos, !found.empty());
    if (found.empty()) continue;
    EXPECT_NE(made->plan.find("country: {const: " + found + "}"), std::string::npos);
    EXPECT_NE(made->plan.find("by the rules of " + found), std::string::npos);
  }
}

// The words in column names may not matter where the values speak: without them names of persons, contacts, birth
// dates, states and streets are still found.
TEST(Fixtures, ValuesAloneFindTheTellingFields) {
  Folder folder;
  int telling = 0, found = 0;
  for (MadeTable t : Tables()) {
    std::vector<std::string> expected;
    for (size_t c = 0; c < t.columns.size(); ++c) {
      t.columns[c].header = "f" + std::to_string(c);
      expected.push_back(t.columns[c].expected);
    }
    auto result = SurveySources({folder.Write("t.csv", CsvText(t))});
    if (!result.ok()) continue;
    const auto& guesses = result->sources[0].guesses;
    for (size_t c = 0; c < expected.size(); ++c) {
      if (expected[c] != "email" && expected[c] != "phone" && expected[c] != "full_name" && expected[c] != "address")
        continue;
      if (t.columns[c].kind == "phone_plain") continue;
      ++telling;
      found += RoleName(guesses[c].role) == expected[c];
    }
  }
  std::printf("values alone: %d of %d\n", found, telling);
  EXPECT_GE(found * 100, telling * 85);
}

}  // namespace
}  // namespace migrate::survey
