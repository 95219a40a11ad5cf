// The plan language as one structure: the parser checks a plan against it, and the JSON Schema for editors is written
// from it, so that the two cannot drift apart. What a structure cannot say (a column of two fields, the parts of a URL,
// an order of stages) is checked in code after it and stands in `description`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace migrate::plan {

struct Key;
struct Case;

// What a value may be.
struct Shape {
  enum class Kind {
    kText,     // not empty; `pattern` if there is one
    kInteger,  // decimal digits without leading zeros, min to max
    kNumber,   // decimal, min to max
    kShare,    // a whole number, or a percentage from 0% to 100% such as 0.1%
    kChoice,   // one of `choices`
    kList,     // of `item`, no two equal texts
    kMap,      // `keys`, and, where there is an `item`, further keys that match `pattern`
    kSwitch,   // a mapping whose key `discriminator` says which of `cases` it is
    kEither,   // the one of `cases` that is of the YAML kind (value, list, mapping) of what stands there
  };
  Kind kind = Kind::kText;
  std::string expected;  // in the words of a message: "a whole number from 1 to 1024"
  double min = 0, max = 0;
  std::string pattern;  // ECMAScript, anchored; kMap: of the further keys
  std::vector<std::string> choices;
  std::vector<Key> keys;
  std::shared_ptr<const Shape> item;
  std::string item_name;  // kMap: what a further key is, "a source"
  bool nonempty = false;  // kMap, kList: at least one entry
  std::string discriminator;
  std::vector<Case> cases;
  std::vector<std::vector<std::string>> exactly_one;           // kMap: of each group exactly one key
  std::vector<std::pair<std::string, std::string>> goes_with;  // kMap: the first key needs the second
  std::string definition;       // the name under which the JSON Schema keeps it once; "" is: written out in its place
  std::string literal_refused;  // kMap: the message for a single value in its place (secrets)
};

struct Key {
  std::string name;
  Shape shape;
  std::string help;  // one sentence
  bool needed = false;
  std::string default_value;  // as a plan would write it; "" is none
};

struct Case {
  std::string name;  // kSwitch: the discriminator's value; kEither: unused
  Shape shape;
};

// The whole language; built once.
const Shape& PlanShape();

// JSON Schema draft-07, indented, ended by a newline: the content of docs/plan.schema.json. Values that ${} may stand
// for are also allowed as text with a `$`.
std::string PlanJsonSchema();

}  // namespace migrate::plan
