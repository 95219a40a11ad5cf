// Whole messages about files that are no plan at all, and YAML that is none.
#include <gtest/gtest.h>

#include "error_case.h"

namespace migrate::plan {
namespace {

TEST(PlanErrors, Yaml) {
  const ErrorCase cases[] = {
      {Whole(""),
       R"(plan.yaml: error: the plan is empty
  expected a mapping with 'name', 'target' and 'sources'
)"},
      {Whole("# only a comment\n"),
       R"(plan.yaml: error: the plan is empty
  expected a mapping with 'name', 'target' and 'sources'
)"},
      {Whole("- name\n"),
       R"(plan.yaml:1:1: error: the plan is a list
- name
^
  expected a mapping with 'name', 'target' and 'sources'
)"},
      {Whole("people\n"),
       R"(plan.yaml:1:1: error: the plan is a single value
people
^
  expected a mapping with 'name', 'target' and 'sources'
)"},
      {Whole("{}\n"),
       R"(plan.yaml:1:1: error: the plan has no 'name'
{}
^
  expected a name of up to 64 letters, digits, '_', '-' and '.', the first no '-' or '.'

plan.yaml:1:1: error: the plan has no 'target'
{}
^
  expected a mapping with 'url'

plan.yaml:1:1: error: the plan has no 'sources'
{}
^
  expected a mapping of source names to sources
)"},
      {Whole("name: [a\n"),
       R"(plan.yaml:2:1: error: YAML: end of sequence flow not found
  expected a ']' that closes the list
)"},
      {Whole("name: a\n\tb: c\n"),
       R"(plan.yaml:2:1: error: YAML: illegal tab when looking for indentation
	b: c
^
  expected spaces: YAML allows no tabs as indentation
)"},
      {Whole("name: a: b\n"),
       R"(plan.yaml:1:8: error: YAML: illegal map value
name: a: b
       ^
  expected quotes around a text that holds ': '
)"},
      {Whole("name: a\n---\nname: b\n"),
       R"(plan.yaml:2:1: error: a second YAML document begins
---
^
  expected one document: nothing behind '---' would be read
)"},
      {Whole("name: *x\n"),
       R"(plan.yaml:1:7: error: YAML: the referenced anchor is not defined
name: *x
      ^
  expected quotes around a text that begins with '*'
)"},
      {Whole("? [a]\n: b\n"),
       R"(plan.yaml:1:3: error: a key is a list
? [a]
  ^
  expected a text as the key
)"},
      {Whole("name: a\nsources:\n  \"x: 1\n"),
       R"(plan.yaml:3:3: error: a quoted text is not closed
  "x: 1
  ^
  expected a quote at its end
)"},
      {Whole("target:\n  password: \"hunter2\n"),
       R"(plan.yaml:2:13: error: a quoted text is not closed
  password: ***
            ^
  expected a quote at its end
)"},
      {Whole("target:\n  password: hunter2: x\n"),
       R"(plan.yaml:2:20: error: YAML: illegal map value
  password: ***
            ^
  expected quotes around a text that holds ': '
)"},
      {Whole("name: \"\"\ntarget:\nsources: {}\n"),
       R"(plan.yaml:1:7: error: name is empty
name: ""
      ^
  expected a name of up to 64 letters, digits, '_', '-' and '.', the first no '-' or '.'

plan.yaml:2:1: error: target has no value
target:
^
  expected a mapping with 'url'

plan.yaml:3:10: error: sources is empty
sources: {}
         ^
  expected a mapping of source names to sources
)"},
      {Whole("name: ../evil\ntarget: sqlite:p.db\nsources: [a.csv]\n"),
       R"(plan.yaml:1:7: error: name is '../evil'
name: ../evil
      ^
  expected a name of up to 64 letters, digits, '_', '-' and '.', the first no '-' or '.'

plan.yaml:2:9: error: target is a single value
target: sqlite:p.db
        ^
  expected a mapping with 'url'

plan.yaml:3:10: error: sources is a list
sources: [a.csv]
         ^
  expected a mapping of source names to sources
)"},
      {Whole(
           "name: a\ntarget: {url: \"sqlite:p.db\"}\nsources:\n  a b: {type: csv, path: a.csv, fields: {email: e}}\n"),
       R"(plan.yaml:4:3: error: bad name 'a b' in sources
  a b: {type: csv, path: a.csv, fields: {email: e}}
  ^
  expected a source's name: up to 64 letters, digits, '_', '-' and '.', the first no '-' or '.'
)"},
      {Whole("a: &x [*x]\n"),
       R"(plan.yaml:1:8: error: an alias stands within its own anchor
a: &x [*x]
       ^
)"},
      {Whole("target: {url: a\n"),
       R"(plan.yaml:2:1: error: YAML: end of map flow not found
  expected a '}' that closes the mapping
)"},
      {Whole("name: 'it''s\n"),
       R"(plan.yaml:1:7: error: a quoted text is not closed
name: 'it''s
      ^
  expected a quote at its end
)"},
  };
  for (const ErrorCase& c : cases) ExpectErrors("The plan as YAML", c);
}

}  // namespace
}  // namespace migrate::plan
