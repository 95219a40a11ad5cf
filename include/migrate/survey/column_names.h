// What a column's name says it holds. A dictionary of names as they occur (English, German, French, Spanish,
// Portuguese, Italian, Dutch, Scandinavian; abbreviations of old systems and of well-known exports) is looked up with
// the words of the name, however they are joined: "E-Mail Addr.", "EMAIL_ADDR", "emailAddr", "cust_email_addr__c".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/record/field.h"

namespace migrate::survey {

// What a column can be for a person: a field, a part of one, or the key.
enum class Role : uint8_t {
  kNone,
  kFullName,
  kFirstName,
  kMiddleName,
  kLastName,
  kSuffix,
  kSex,
  kBirthDate,
  kEmail,
  kPhone,
  kStreet,
  kStreetNumber,  // goes before or behind kStreetName
  kStreetName,
  kUnit,
  kCity,
  kState,
  kZip,
  kZipPlus,  // the four digits behind a ZIP code
  kAddress,
  kCountry,
  kNationalId,
  kUpdatedAt,
  kOptOut,
  kOptOutCall,
  kOptOutSms,
  kOptOutEmail,
  kOptOutMail,
  kKey,
};
inline constexpr int kRoleCount = 28;
std::string_view RoleName(Role role);  // "first_name"; parts: "street number"
// The field that a role fills; nullopt for kNone and kKey.
std::optional<Field> FieldOf(Role role);

struct NameHint {
  Role role = Role::kNone;
  double strength = 0;  // 1: the name is clear; 0.5: it may mean something else
};

struct NameReading {
  std::vector<NameHint> hints;  // the best first, each role once
  char language = 'e';          // of the entry that was found: e d f s p i n
  std::string group;            // "billing", "home": what the words beside it say, for keeping addresses together
  int rank = 0;                 // for lists: 0 mobile or primary, growing with doubt (home, work, other, old)
  bool other_person = false;    // "spouse_name", "emergency contact phone"
  bool about = false;           // "phone type", "fax": about a value, or of another kind
  bool company = false;         // "company name"
  bool consent = false;         // "opt_in", "newsletter": true means the opposite of an opt-out
  double Strength(Role role) const;
};

// The words of a name, folded: "eMail-Adresse2" -> e, mail, adresse, 2.
std::vector<std::string> NameWords(std::string_view name);

// `prefix`: as SharedPrefix gives it.
NameReading ReadName(std::string_view name, std::string_view prefix = "");

// Does the name of a file or table say that all in it must not be contacted ("donotcall", "unsubscribed_2024",
// "suppression list")? "no_email" does not: it may list who has none.
bool SaysRefusal(std::string_view name);

// What many names begin with and none needs: the first word of most ("cus" of cus_fname, cus_lname); else letters that
// stand before words of the dictionary in at least four ("reg" of REGCITY, REGZIP); "" if there is none.
std::string SharedPrefix(const std::vector<std::string>& names);

}  // namespace migrate::survey
