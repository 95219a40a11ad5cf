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

TEST(ColumnNames, ANegationTurnsTheMeaning) {
  const std::pair<const char*, const char*> kRefusals[] = {
      {"Unsubscribed from all email", "opt_out (email)"},
      {"Unsubscribe", "opt_out (email)"},
      {"UnsubscribedFromAll", "opt_out (email)"},
      {"Not subscribed", "opt_out"},
      {"no_newsletter", "opt_out (email)"},
      {"Newsletter: not wanted", "opt_out (email)"},
      {"not_opted_in", "opt_out"},
      {"Opted out of SMS marketing", "opt_out (sms)"},
      {"Unsubscribed from SMS", "opt_out (sms)"},
      {"Customer Do Not Call", "opt_out (call)"},
      {"Do not contact by phone", "opt_out (call)"},
      {"please do not e-mail", "opt_out (email)"},
      {"Never call", "opt_out (call)"},
      {"no marketing calls", "opt_out (call)"},
      {"no_marketing", "opt_out"},
      {"Consent withdrawn", "opt_out"},
      {"Newsletter abgemeldet", "opt_out (email)"},
      {"keine Anrufe", "opt_out (call)"},
      {"Bitte keine Werbung", "opt_out"},
      {"ne pas appeler", "opt_out (call)"},
      {"no llamar", "opt_out (call)"},
      {"do_not_call_flag_1", "opt_out (call)"},
      {"do not call or text", "opt_out"},
  };
  for (const auto& [name, role] : kRefusals) {
    EXPECT_EQ(Best(name), role) << name;
    EXPECT_FALSE(ReadName(name).consent) << name;
  }
  for (const char* name :
       {"subscribed", "Subscribed to newsletter", "Newsletter", "email_opt_in", "Accepts Email Marketing",
        "Accepts SMS Marketing", "GDPR consent", "not unsubscribed", "never opted out", "Einwilligung", "may contact",
        "SMS permission", "Allow calls", "Subscribe"}) {
    EXPECT_TRUE(ReadName(name).consent) << name;
    EXPECT_EQ(Best(name).rfind("opt_out", 0), std::string::npos) << name;
  }
  for (const char* name : {"No of calls", "Phone No", "subscriber_no", "not verified", "Nonprofit", "member no",
                           "N° de téléphone", "notes", "unit", "Unsubscribe reason", "Contact No", "no_telefono"}) {
    EXPECT_EQ(Best(name).rfind("opt_out", 0), std::string::npos) << name << " " << Best(name);
    EXPECT_FALSE(ReadName(name).consent) << name;
  }
}

TEST(ColumnNames, ListsOfThoseWhoRefuse) {
  for (const char* name :
       {"donotcall", "DNC_2024-06", "do-not-contact", "Do Not Call", "unsubscribed_segment_export", "suppression_list",
        "optouts", "email-opt-out", "Robinsonliste", "Sperrliste_Post", "newsletter_unsubscribes", "national_dnc"})
    EXPECT_TRUE(SaysRefusal(name)) << name;
  for (const char* name : {"contacts", "no_email", "newsletter", "subscribed_segment_export", "not_contacted_yet",
                           "nophone", "members", "customers_notes", "dns_export", "email_opt_in", "no_phone_yet"})
    EXPECT_FALSE(SaysRefusal(name)) << name;
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
