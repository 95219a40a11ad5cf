// One person with its members and the origin of every golden value; and the search for persons.
//
// Both read one snapshot and change nothing; the connection must not be inside a transaction. Values are shown
// unmasked: these are the commands for people who may see them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migrate/record/field.h"
#include "migrate/store/connection.h"

namespace migrate::report {

struct NamedValue {
  std::string name, value;
  bool operator==(const NamedValue&) const = default;
};

// A value of a person and the member it was taken from.
struct GoldenValue {
  std::string name, value;
  std::optional<uint64_t> record_id;  // none: not recorded (opt_out, which is the OR over all members)
  // Members that have a value of this name, and those of them that have this value; 0 of 0 for opt_out. `confidence` is
  // the same share with each member weighed by its own confidence.
  size_t agree = 0, of = 0;
  double confidence = 1;
};

struct MemberView {
  uint64_t record_id = 0;
  std::string source, source_key;
  std::string file;       // path as in the import; "" if the import no longer lists it
  uint64_t line = 0;      // 0: not a text file
  int64_t import_id = 0;  // that brought the row's present image
  int64_t gone_import = 0;
  double confidence = 1;
  std::vector<NamedValue> values;  // normalized, those that are not empty; further e-mails and phones repeat the name
  std::vector<NamedValue> row;     // the source row: column and text (bytes as "base64:..."), NULLs left out
  std::vector<std::string> flags;  // names of kQualityFlagNames
};

// A line of person_alias: `alias_id` was merged into or split from `person_id` by an import.
struct AliasStep {
  uint64_t alias_id = 0, person_id = 0;
  // merged_into, split_from, or came_back_as: `alias_id` was rolled back, `person_id` has its records (targets of older
  // versions have no row of that: it is found by the records)
  std::string kind;
  int64_t import_id = 0;
};

struct PersonView {
  enum class Asked { kPerson, kAlias, kRecord };
  uint64_t asked_id = 0;
  Asked asked = Asked::kPerson;
  std::vector<AliasStep> followed;      // from the id asked for to this person (kAlias)
  std::vector<uint64_t> other_persons;  // that the alias leads to as well (it was split)
  std::vector<AliasStep> aliases;       // all lines that name this person, on either side

  uint64_t person_id = 0;
  int64_t import_id = 0;  // that gave the person its present image
  uint64_t record_count = 0;
  double confidence = 1;
  std::vector<GoldenValue> values;  // those that are not empty: built-in fields, then attributes
  std::vector<MemberView> members;  // by record_id
};

// The record_id that a text "SOURCE:KEY" stands for, whether or not the target holds it; of several sources that fit,
// for names may have colons, the one with the longest name. Nothing if no source that the target knows fits.
Result<std::optional<uint64_t>> RecordByKey(store::Connection* db, std::string_view text);

// `id` is the decimal text of a person_id, of an id that was one once, or of a record_id, tried in this order; or the
// SOURCE:KEY of a record.
// kPlan error if it is no number, or if nothing has it.
Result<PersonView> Show(store::Connection* db, const std::vector<Attribute>& attributes, std::string_view id);

// All criteria that are given must hold; at least one of email, phone, last_name is needed.
struct FindQuery {
  std::string email = "";  // compared without surrounding blanks and case
  std::string phone =
      "";  // E.164; blanks, dots, dashes and brackets are ignored. National forms: normalize them before
  std::string last_name = "";  // compared without case (ASCII, and the one-to-one pairs of Latin, Greek and Cyrillic)
  std::string zip = "";        // five digits also find ZIP+4; needs last_name
  size_t limit = 100;          // 0 is 1
};

struct FoundPerson {
  uint64_t person_id = 0, record_count = 0;
  double confidence = 1;
  std::string name, birth_date, email, phone, address;  // for display: full name, one-line address
  std::vector<std::string> matched;  // what led to it: "email", "phone", "last_name", "zip", in this order
};
struct FindResult {
  std::vector<FoundPerson> persons;  // by person_id
  bool more = false;                 // there are more than `limit`
};
// An e-mail or phone finds a person by any of its members' values (person_identifier) and by its golden value.
Result<FindResult> Find(store::Connection* db, const std::vector<Attribute>& attributes, const FindQuery& query);

// Text for terminals: UTF-8, "\n" line ends, control characters shown as "?". `with_rows` adds each member's source
// row.
std::string RenderText(const PersonView& person, bool with_rows = false);
std::string RenderText(const FindResult& found);
// One JSON object. person_id is a number; record_id, which has 63 bits, a string.
std::string RenderJson(const PersonView& person);
std::string RenderJson(const FindResult& found);

}  // namespace migrate::report
