// Whole messages about the other keys of a plan, and variables.
#include <gtest/gtest.h>

#include "error_case.h"

namespace migrate::plan {
namespace {

TEST(PlanErrors, Settings) {
  const ErrorCase cases[] = {
      {WithRest("source: {}"),
       R"(plan.yaml:5:1: error: unknown key 'source'
source: {}
^
  expected one of 'name', 'requires', 'workspace', 'target', 'sources', 'attributes', 'normalize', 'dedupe', 'reconcile', 'retention', 'observe', 'stages'; did you mean 'sources'?
)"},
      {WithRest("dedup: {}"),
       R"(plan.yaml:5:1: error: unknown key 'dedup'
dedup: {}
^
  expected one of 'name', 'requires', 'workspace', 'target', 'sources', 'attributes', 'normalize', 'dedupe', 'reconcile', 'retention', 'observe', 'stages'; did you mean 'dedupe'?
)"},
      {WithRest("name: other"),
       R"(plan.yaml:5:1: error: duplicate key 'name'
name: other
^
  expected each key once; the first is in line 1
)"},
      {WithRest("zzz: 1"),
       R"(plan.yaml:5:1: error: unknown key 'zzz'
zzz: 1
^
  expected one of 'name', 'requires', 'workspace', 'target', 'sources', 'attributes', 'normalize', 'dedupe', 'reconcile', 'retention', 'observe', 'stages'
)"},
      {WithRest("dedupe:\n  survivorship: {email: longest, email: longest}"),
       R"(plan.yaml:6:34: error: duplicate key 'email' in dedupe.survivorship
  survivorship: {email: longest, email: longest}
                                 ^
  expected each key once; the first is in line 6
)"},
      {WithRest("requires: \">=2\""),
       R"(plan.yaml:5:11: error: the plan requires migrate >=2, this is 0.1.0
requires: ">=2"
          ^
  expected a version that this program meets, or another program
)"},
      {WithRest("requires: \"about 1\""),
       R"(plan.yaml:5:11: error: requires is 'about 1'
requires: "about 1"
          ^
  expected a version such as ">=0.1"
)"},
      {WithRest("requires: \">=0.1, <0.1.0\""),
       R"(plan.yaml:5:11: error: the plan requires migrate >=0.1, <0.1.0, this is 0.1.0
requires: ">=0.1, <0.1.0"
          ^
  expected a version that this program meets, or another program
)"},
      {WithRest("workspace: \"\""),
       R"(plan.yaml:5:12: error: workspace is empty
workspace: ""
           ^
  expected the path of a folder
)"},
      {WithRest("workspace: {a: b}"),
       R"(plan.yaml:5:12: error: workspace is a mapping
workspace: {a: b}
           ^
  expected the path of a folder
)"},
      {WithRest("normalize: {country: us}"),
       R"(plan.yaml:5:22: error: normalize.country is 'us'
normalize: {country: us}
                     ^
  expected an ISO 3166-1 code of two capital letters, such as US
)"},
      {WithRest("normalize: {country: UK}"),
       R"(plan.yaml:5:22: error: normalize.country is 'UK', which is no country's code
normalize: {country: UK}
                     ^
  expected an ISO 3166-1 code of two capital letters, such as US; did you mean 'GB'?
)"},
      {WithRest("normalize: {country: XX, date_order: dym}"),
       R"(plan.yaml:5:22: error: normalize.country is 'XX', which is no country's code
normalize: {country: XX, date_order: dym}
                     ^
  expected an ISO 3166-1 code of two capital letters, such as US

plan.yaml:5:38: error: normalize.date_order is 'dym'
normalize: {country: XX, date_order: dym}
                                     ^
  expected one of 'mdy', 'dmy', 'ymd'; did you mean 'dmy'?
)"},
      {WithRest("normalize: {two_digit_year_pivot: 2030}"),
       R"(plan.yaml:5:35: error: normalize.two_digit_year_pivot is '2030'
normalize: {two_digit_year_pivot: 2030}
                                  ^
  expected a whole number from 0 to 99
)"},
      {WithRest("normalize: {excel_serials: 1905}"),
       R"(plan.yaml:5:28: error: normalize.excel_serials is '1905'
normalize: {excel_serials: 1905}
                           ^
  expected one of 'false', 'true', '1900', '1904'; did you mean '1900'?
)"},
      {WithRest("normalize: {as_of: today}"),
       R"(plan.yaml:5:20: error: normalize.as_of is 'today'
normalize: {as_of: today}
                   ^
  expected a day such as 2026-01-31
)"},
      {WithRest("normalize: {as_of: 2026-02-29}"),
       R"(plan.yaml:5:20: error: normalize.as_of is '2026-02-29', which is no day of the calendar
normalize: {as_of: 2026-02-29}
                   ^
  expected a day such as 2026-01-31
)"},
      {WithRest("dedupe: {match_probability: 1.5}"),
       R"(plan.yaml:5:29: error: dedupe.match_probability is '1.5'
dedupe: {match_probability: 1.5}
                            ^
  expected a probability from 0 to 1
)"},
      {WithRest("dedupe: {match_probability: high}"),
       R"(plan.yaml:5:29: error: dedupe.match_probability is 'high'
dedupe: {match_probability: high}
                            ^
  expected a probability from 0 to 1
)"},
      {WithRest("dedupe: {match_probability: 0.5}"),
       R"(plan.yaml:5:29: error: dedupe.review_probability (0.6) is above dedupe.match_probability (0.5)
dedupe: {match_probability: 0.5}
                            ^
  expected a review_probability of at most match_probability
)"},
      {WithRest("dedupe: {review_probability: 0.99}"),
       R"(plan.yaml:5:30: error: dedupe.review_probability (0.99) is above dedupe.match_probability (0.95)
dedupe: {review_probability: 0.99}
                             ^
  expected a review_probability of at most match_probability
)"},
      {WithRest("dedupe: {match_probability: -0.5, review_probability: 1e-3}"),
       R"(plan.yaml:5:29: error: dedupe.match_probability is '-0.5'
dedupe: {match_probability: -0.5, review_probability: 1e-3}
                            ^
  expected a probability from 0 to 1

plan.yaml:5:55: error: dedupe.review_probability is '1e-3'
dedupe: {match_probability: -0.5, review_probability: 1e-3}
                                                      ^
  expected a probability from 0 to 1
)"},
      {WithRest("dedupe: {survivorship: most_recent}"),
       R"(plan.yaml:5:24: error: dedupe.survivorship is a single value
dedupe: {survivorship: most_recent}
                       ^
  expected a mapping of fields to strategies, such as {default: most_recent}
)"},
      {WithRest("dedupe: {survivorship: {default: newest}}"),
       R"(plan.yaml:5:34: error: dedupe.survivorship.default is 'newest'
dedupe: {survivorship: {default: newest}}
                                 ^
  expected one of 'most_recent', 'most_frequent', 'longest', 'source_priority', 'most_complete'
)"},
      {WithRest("dedupe: {survivorship: {emails: longest}}"),
       R"(plan.yaml:5:25: error: unknown field 'emails' in dedupe.survivorship
dedupe: {survivorship: {emails: longest}}
                        ^
  expected a built-in field, or one that 'attributes' defines; did you mean 'email'?
)"},
      {WithRest("dedupe: {survivorship: {opt_out: longest}}"),
       R"(plan.yaml:5:25: error: survivorship does not apply to opt_out
dedupe: {survivorship: {opt_out: longest}}
                        ^
  expected no entry: one member that opted out is enough
)"},
      {WithRest("dedupe: {survivorship: {address: longest}}"),
       R"(plan.yaml:5:25: error: survivorship does not apply to address
dedupe: {survivorship: {address: longest}}
                        ^
  expected its parts: 'street', 'unit', 'city', 'state', 'zip'
)"},
      {WithRest("reconcile: {sample: 1k}"),
       R"(plan.yaml:5:21: error: reconcile.sample is '1k'
reconcile: {sample: 1k}
                    ^
  expected a whole number from 0 to 1000000000
)"},
      {WithRest("reconcile: {max_quarantined: \"101%\"}"),
       R"(plan.yaml:5:30: error: reconcile.max_quarantined is '101%'
reconcile: {max_quarantined: "101%"}
                             ^
  expected a number of rows, or a percentage such as "0.1%"
)"},
      {WithRest("reconcile: {max_quarantined: 0.1}"),
       R"(plan.yaml:5:30: error: reconcile.max_quarantined is '0.1'
reconcile: {max_quarantined: 0.1}
                             ^
  expected a number of rows, or a percentage such as "0.1%"
)"},
      {WithRest("reconcile: {max_quarantined: few}"),
       R"(plan.yaml:5:30: error: reconcile.max_quarantined is 'few'
reconcile: {max_quarantined: few}
                             ^
  expected a number of rows, or a percentage such as "0.1%"
)"},
      {WithRest("stages: []"),
       R"(plan.yaml:5:9: error: stages is empty
stages: []
        ^
  expected a list of stages
)"},
      {WithRest("stages: extract"),
       R"(plan.yaml:5:9: error: stages is a single value
stages: extract
        ^
  expected a list of stages
)"},
      {WithRest("stages: [extract, loda]"),
       R"(plan.yaml:5:19: error: an entry of stages is 'loda'
stages: [extract, loda]
                  ^
  expected one of 'extract', 'normalize', 'load', 'dedupe', 'reconcile'; did you mean 'load'?
)"},
      {WithRest("stages: [load, extract]"),
       R"(plan.yaml:5:16: error: stage 'extract' stands behind 'load'
stages: [load, extract]
               ^
  expected the order extract, normalize, load, dedupe, reconcile
)"},
      {WithRest("stages: [load, load]"),
       R"(plan.yaml:5:16: error: 'load' stands twice in stages
stages: [load, load]
               ^
  expected a list of stages, each once
)"},
      {WithRest("workspace: ${NOPE}"),
       R"(plan.yaml:5:12: error: NOPE is not set
workspace: ${NOPE}
           ^
  expected an environment variable NOPE, or a default: ${NOPE:-...}
)"},
      {WithRest("workspace: a/${NOPE:?say where}/b"),
       R"(plan.yaml:5:14: error: NOPE is not set: say where
workspace: a/${NOPE:?say where}/b
             ^
  expected an environment variable NOPE
)"},
      {WithRest("workspace: ${EMPTY:?say where}"),
       R"(plan.yaml:5:12: error: EMPTY is empty: say where
workspace: ${EMPTY:?say where}
           ^
  expected an environment variable EMPTY
)"},
      {WithRest("workspace: ${A-b}"),
       R"(plan.yaml:5:12: error: '${A-b}' is no reference to a variable
workspace: ${A-b}
           ^
  expected ${NAME}, ${NAME:-default} or ${NAME:?message}; a plain '$' before '{' is written '$$'
)"},
      {WithRest("workspace: ${A"),
       R"(plan.yaml:5:12: error: '${' is not closed
workspace: ${A
           ^
  expected ${NAME}, ${NAME:-default} or ${NAME:?message}
)"},
      {WithRest("workspace: ${}"),
       R"(plan.yaml:5:12: error: '${}' is no reference to a variable
workspace: ${}
           ^
  expected ${NAME}, ${NAME:-default} or ${NAME:?message}; a plain '$' before '{' is written '$$'
)"},
      {WithRest("workspace: ${NOPE}${NOPE2}"),
       R"(plan.yaml:5:12: error: NOPE is not set
workspace: ${NOPE}${NOPE2}
           ^
  expected an environment variable NOPE, or a default: ${NOPE:-...}

plan.yaml:5:19: error: NOPE2 is not set
workspace: ${NOPE}${NOPE2}
                  ^
  expected an environment variable NOPE2, or a default: ${NOPE2:-...}
)"},
      {WithRest("workspace: ${LATIN}"),
       R"(plan.yaml:5:12: error: the value of the variable LATIN is not UTF-8
workspace: ${LATIN}
           ^
)"},
      {WithRest("normalize: {country: \"${NOPE:-UK}\"}"),
       R"(plan.yaml:5:22: error: normalize.country is 'UK', which is no country's code
normalize: {country: "${NOPE:-UK}"}
                     ^
  expected an ISO 3166-1 code of two capital letters, such as US; did you mean 'GB'?
)"},
      {WithRest("workspace: \"ü\t${NOPE}\""),
       R"(plan.yaml:5:15: error: NOPE is not set
workspace: "ü	${NOPE}"
             	^
  expected an environment variable NOPE, or a default: ${NOPE:-...}
)"},
      {WithRest("workspace: &w x\nreconcile: {sample: *w}"),
       R"(plan.yaml:5:12: error: reconcile.sample is 'x'
workspace: &w x
           ^
  expected a whole number from 0 to 1000000000
)"},
  };
  for (const ErrorCase& c : cases) ExpectErrors("The plan: settings", c);
}

}  // namespace
}  // namespace migrate::plan
