#include <gtest/gtest.h>

#include "migrate/survey/column_names.h"

namespace migrate::survey {
namespace {

std::string Best(std::string_view name, std::string_view prefix = "") {
  const NameReading r = ReadName(name, prefix);
  return r.hints.empty() || r.hints.front().strength < 0.42 ? "" : std::string(RoleName(r.hints.front().role));
}

TEST(ColumnNames, WordsAreFoundHoweverTheyAreJoined) {
  const std::pair<const char*, std::vector<std::string>> kCases[] = {
      {"firstName", {"first", "name"}},
      {"FIRST_NAME", {"first", "name"}},
      {"E-Mail Addr.", {"e", "mail", "addr"}},
      {"DOBDate", {"dob", "date"}},
      {"phone2", {"phone", "2"}},
      {"Straße", {"strasse"}},
      {"Prénom", {"prenom"}},
      {"", {}},
      {"HTTPServer", {"http", "server"}},
      {"a.b/c", {"a", "b", "c"}},
  };
  for (const auto& [name, words] : kCases) EXPECT_EQ(NameWords(name), words) << name;
}

TEST(ColumnNames, NamesAsTheyOccur) {
  const std::pair<const char*, const char*> kCases[] = {
      {"fname", "first_name"},
      {"First Name", "first_name"},
      {"GIVEN_NAME", "first_name"},
      {"Vorname", "first_name"},
      {"Prénom", "first_name"},
      {"contact_first_name__c", "first_name"},
      {"lname", "last_name"},
      {"SURNAME", "last_name"},
      {"Nachname", "last_name"},
      {"Apellidos", "last_name"},
      {"custlname", "last_name"},
      {"full name", "full_name"},
      {"Contact Name", "full_name"},
      {"Name", "full_name"},
      {"MI", "middle_name"},
      {"suffix", "suffix"},
      {"DOB", "birth_date"},
      {"date_of_birth", "birth_date"},
      {"Geburtsdatum", "birth_date"},
      {"fecha de nacimiento", "birth_date"},
      {"gender", "sex"},
      {"Geschlecht", "sex"},
      {"e-mail_addr", "email"},
      {"EMAIL1", "email"},
      {"Courriel", "email"},
      {"mob", "phone"},
      {"tel1", "phone"},
      {"Home Phone #", "phone"},
      {"Handy", "phone"},
      {"cell phone number", "phone"},
      {"addr1", "street"},
      {"Billing Street", "street"},
      {"Straße", "street"},
      {"Hausnr.", "street number"},
      {"house_no", "street number"},
      {"street_name", "street name"},
      {"addr2", "unit"},
      {"Apt #", "unit"},
      {"Adresszusatz", "unit"},
      {"Ort", "city"},
      {"home city", "city"},
      {"suburb", "city"},
      {"prov", "state"},
      {"St_Code", "state"},
      {"Bundesland", "state"},
      {"ZIP/Postal Code", "zip"},
      {"PLZ", "zip"},
      {"mailing postal code", "zip"},
      {"zip4", "zip+4"},
      {"Land", "country"},
      {"country_code", "country"},
      {"SSN", "national_id"},
      {"CPF", "national_id"},
      {"last_modified", "updated_at"},
      {"Geändert am", "updated_at"},
      {"do_not_call", "opt_out (call)"},
      {"DNC", "opt_out (call)"},
      {"unsubscribed", "opt_out (email)"},
      {"Do Not Mail", "opt_out (mail)"},
      {"sms opt out", "opt_out (sms)"},
      {"do not contact", "opt_out"},
      {"Werbesperre", "opt_out"},
      {"PersNr", "key"},
      {"customer_id", "key"},
      {"uuid", "key"},
      {"Kundennummer", "key"},
      // What they are not.
      {"product name", ""},
      {"phone type", ""},
      {"email verified", ""},
      {"xyzzy", ""},
      {"price", ""},
      {"hire date", ""},
      {"amount", ""},
      {"notes", ""},
      {"fax", ""},
  };
  for (const auto& [name, role] : kCases) EXPECT_EQ(Best(name), role) << name;
}

TEST(ColumnNames, OtherPersonsAndConsent) {
  EXPECT_TRUE(ReadName("spouse_first_name").other_person);
  EXPECT_TRUE(ReadName("Emergency Contact Phone").other_person);
  EXPECT_TRUE(ReadName("Nome da mãe").other_person);
  EXPECT_FALSE(ReadName("first_name").other_person);
  EXPECT_TRUE(ReadName("email_opt_in").consent);
  EXPECT_TRUE(ReadName("Newsletter").consent);
  EXPECT_FALSE(ReadName("email_opt_out").consent);
  EXPECT_FALSE(ReadName("unsubscribed").consent);
}

TEST(ColumnNames, MobileBeforeHomeBeforeWork) {
  EXPECT_LT(ReadName("Mobile").rank, ReadName("Phone").rank);
  EXPECT_LT(ReadName("Phone").rank, ReadName("Home Phone").rank);
  EXPECT_LT(ReadName("Home Phone").rank, ReadName("Work Phone").rank);
  EXPECT_LT(ReadName("phone1").rank, ReadName("phone2").rank);
}

TEST(ColumnNames, APrefixThatAllShare) {
  EXPECT_EQ(SharedPrefix({"cus_id", "cus_fname", "cus_lname", "cus_tel", "note"}), "cus");
  EXPECT_EQ(SharedPrefix({"id", "first_name", "last_name", "phone"}), "");
  EXPECT_EQ(Best("cus_mail", "cus"), "email");
}

}  // namespace
}  // namespace migrate::survey
