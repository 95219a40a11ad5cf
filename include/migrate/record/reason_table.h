// What each reason of record/reasons.h means and what mends it: the one table that `rejects list`, `rejects show`, the
// report page and docs/runbook.md speak from (a test holds all four against it).
#pragma once

#include <array>
#include <string_view>

#include "migrate/record/reasons.h"

namespace migrate {

struct ReasonText {
  std::string_view reason;   // as it is stored
  std::string_view meaning;  // what is wrong with the row, one line without a full stop
  std::string_view mend;     // what usually mends it, one line without a full stop
};

inline constexpr std::array<ReasonText, 12> kReasonTexts = {{
    {reasons::kTooFewFields, "the row has fewer fields than the header",
     "join the line with the one that continues it, or add the fields that are missing"},
    {reasons::kTooManyFields, "the row has more fields than the header",
     "put quotes around the field that holds the delimiter, or take the surplus fields away"},
    {reasons::kUndecodable, "the bytes are no text in the file's encoding",
     "pin the right `encoding` of the source in the plan, or mend the bytes"},
    {reasons::kUnclosedQuote, "a quote opens and never closes", "close the quote, or take it away"},
    {reasons::kBadQuote, "text follows a closing quote", "double the quotes within a quoted field"},
    {reasons::kNullKey, "a key column is NULL or empty",
     "fill the key column, or choose a key that every row has (for CSV: none, then the position counts)"},
    {reasons::kKeyTooLong, "the key is longer than 512 bytes", "choose a shorter column as the key"},
    {reasons::kDuplicateKey, "another row of this file or snapshot has the same key",
     "nothing, if the row is a repetition; else choose a key that is unique"},
    {reasons::kIdCollision, "another key has the same record_id",
     "change the key of one of the two rows by a character"},
    {reasons::kUnknownLayout, "the file's header fits no layout of the plan",
     "add a layout for this header to the source, or take the file out of its pattern"},
    {reasons::kTooLong, "the row is longer than 16 MiB",
     "CSV: close the quote that swallows lines; tables: leave the long column out of a query"},
    {reasons::kRepeatedHeader, "the header line again, in the middle of the file",
     "nothing: the line holds no person; take it away if it should not be listed"},
}};

// Null for a reason that the table does not know (one of a newer version).
constexpr const ReasonText* FindReason(std::string_view reason) {
  for (const ReasonText& r : kReasonTexts)
    if (r.reason == reason) return &r;
  return nullptr;
}

}  // namespace migrate
