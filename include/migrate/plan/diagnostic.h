// Diagnostics of a plan: a place, what is wrong, what was expected, and the line itself with a caret.
//
//   plan.yaml:12:5: error: unknown key 'feilds' in sources.crm
//       feilds: {email: E-Mail}
//       ^
//     expected one of 'type', 'path', ...; did you mean 'fields'?
//
// A diagnostic never shows a secret: a literal password and the password of a URL are masked as *** wherever a line or
// a value is printed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/plan/plan.h"

namespace migrate::plan {

struct Diagnostic {
  std::string file;        // as the user named it
  Position at;             // line 0: the file as a whole
  std::string message;     // one line
  std::string expected;    // "one of csv, sqlite, mysql", or ""
  std::string suggestion;  // what was probably meant, without quotes, or ""
  std::string line;        // the source line, masked, shortened around the caret if it is long; "" is none
  int caret = 0;           // characters of `line` before the caret

  // The lines above, each ended by a newline.
  std::string Text() const;
};

// All diagnostics one after the other, with a blank line between two.
std::string DiagnosticsText(const std::vector<Diagnostic>& diagnostics);

// The lines of a plan file with the spans that must not be printed. A value; thread-safe once built.
class SourceText {
 public:
  // `file` is the name that diagnostics print. Lines end at \n; a \r before it is dropped.
  SourceText(std::string file, std::string_view text);

  // From here on everything from `begin` up to `end` prints as ***. White space and commas before `end` stay.
  void Mask(Position begin, Position end);

  // Converts a place in bytes, both counted from 0, to a Position.
  Position At(int line, int byte_column) const;
  // The first place at or behind `from` where `needle` (within one line) stands, or `from` if it does not.
  Position Find(Position from, std::string_view needle) const;
  Position End() const;

  Diagnostic Make(Position at, std::string message, std::string expected = "", std::string suggestion = "") const;

 private:
  struct Span {
    Position begin, end;
  };
  std::string Masked(int line, int* caret) const;

  std::string file_;
  std::vector<std::string> lines_;
  std::vector<Span> masked_;
};

// Replaces the password in `scheme://user:password@host` by ***, wherever one stands in `text`.
std::string MaskUrls(std::string_view text);

// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment), in
// bytes, at most `limit` + 1.
int EditDistance(std::string_view a, std::string_view b, int limit);

// The one of `choices` that `word` was probably meant to be: one that is equal without regard to case, spaces, '_', '-'
// and '.', else the nearest within a third of the word's length (at least 1, at most 3); ties: the first. "" is none.
std::string Nearest(std::string_view word, const std::vector<std::string>& choices);

// "one of 'a', 'b' and 12 more": quoted, at most `most` of them.
std::string OneOf(const std::vector<std::string>& choices, size_t most = 24);

// The diagnostic for a column that the plan names at `at` and that an input of `source` lacks. `have` are the columns
// that it has, in their order.
Diagnostic MissingColumn(const Plan& plan, Position at, const std::string& source, const std::string& column,
                         const std::vector<std::string>& have);

}  // namespace migrate::plan
