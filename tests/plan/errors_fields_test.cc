// Whole messages about fields of sources and attributes.
#include <gtest/gtest.h>

#include "error_case.h"

namespace migrate::plan {
namespace {

TEST(PlanErrors, Fields) {
  const ErrorCase cases[] = {
      {WithSource("{type: csv, path: a.csv, fields: {email: a, email: b}}"),
       R"(plan.yaml:4:52: error: duplicate key 'email' in sources.crm.fields
  crm: {type: csv, path: a.csv, fields: {email: a, email: b}}
                                                   ^
  expected each key once; the first is in line 4
)"},
      {WithSource("{type: csv, path: a.csv, fields: {phone: {join: [a], join: [b]}}}"),
       R"(plan.yaml:4:61: error: duplicate key 'join' in sources.crm.fields.phone
  crm: {type: csv, path: a.csv, fields: {phone: {join: [a], join: [b]}}}
                                                            ^
  expected each key once; the first is in line 4
)"},
      {WithSource("{type: csv, path: a.csv}"),
       R"(plan.yaml:4:3: error: sources.crm has none of 'fields', 'layouts'
  crm: {type: csv, path: a.csv}
  ^
  expected exactly one of 'fields', 'layouts'
)"},
      {WithSource("{type: csv, path: a.csv, fields: {}}"),
       R"(plan.yaml:4:41: error: sources.crm.fields is empty
  crm: {type: csv, path: a.csv, fields: {}}
                                        ^
  expected a mapping of fields to columns, such as {email: E-Mail}
)"},
      {WithSource("{type: csv, path: a.csv, fields: {email: e}, layouts: [{fields: {email: e}}]}"),
       R"(plan.yaml:4:53: error: both 'fields' and 'layouts' in sources.crm
  crm: {type: csv, path: a.csv, fields: {email: e}, layouts: [{fields: {email: e}}]}
                                                    ^
  expected exactly one of 'fields', 'layouts'
)"},
      {WithSource("{type: csv, path: a.csv, layouts: [{ignore: [x]}]}"),
       R"(plan.yaml:4:43: error: an entry of sources.crm.layouts has no 'fields'
  crm: {type: csv, path: a.csv, layouts: [{ignore: [x]}]}
                                          ^
  expected a mapping of fields to columns, such as {email: E-Mail}
)"},
      {WithSource("{type: csv, path: a.csv, fields: {emial: e}}"),
       R"(plan.yaml:4:42: error: unknown field 'emial' in sources.crm.fields
  crm: {type: csv, path: a.csv, fields: {emial: e}}
                                         ^
  expected a built-in field, or one that 'attributes' defines; did you mean 'email'?
)"},
      {WithSource("{type: csv, path: a.csv, fields: {First-Name: e}}"),
       R"(plan.yaml:4:42: error: unknown field 'First-Name' in sources.crm.fields
  crm: {type: csv, path: a.csv, fields: {First-Name: e}}
                                         ^
  expected a built-in field, or one that 'attributes' defines; did you mean 'first_name'?
)"},
      {WithSource("{type: csv, path: a.csv, fields: {shoe_size: e}}\nattributes: {occupation: {type: category}}"),
       R"(plan.yaml:4:42: error: unknown field 'shoe_size' in sources.crm.fields
  crm: {type: csv, path: a.csv, fields: {shoe_size: e}}
                                         ^
  expected a built-in field, or one of 'attributes'
)"},
      {WithSource("{type: csv, path: a.csv, fields: {email: }}"),
       R"(plan.yaml:4:42: error: sources.crm.fields.email has no value
  crm: {type: csv, path: a.csv, fields: {email: }}
                                         ^
  expected a column, a list of columns, {join: [...]}, {column: ..., format: ...} or {const: ...}
)"},
      {WithSource("{type: csv, path: a.csv, fields: {email: \"\"}}"),
       R"(plan.yaml:4:49: error: sources.crm.fields.email is empty
  crm: {type: csv, path: a.csv, fields: {email: ""}}
                                                ^
  expected the name of a column
)"},
      {WithSource("{type: csv, path: a.csv, fields: {email: [a, ~]}}"),
       R"(plan.yaml:4:53: error: an entry of sources.crm.fields.email has no value
  crm: {type: csv, path: a.csv, fields: {email: [a, ~]}}
                                                    ^
  expected the name of a column
)"},
      {WithSource("{type: csv, path: a.csv, fields: {email: []}}"),
       R"(plan.yaml:4:49: error: sources.crm.fields.email is empty
  crm: {type: csv, path: a.csv, fields: {email: []}}
                                                ^
  expected a list of columns
)"},
      {WithSource("{type: csv, path: a.csv, fields: {email: {with: x}}}"),
       R"(plan.yaml:4:50: error: 'with' without 'join' in sources.crm.fields.email
  crm: {type: csv, path: a.csv, fields: {email: {with: x}}}
                                                 ^
  expected {join: [COLUMN, ...], with: " "}, {column: COLUMN, format: "%d/%m/%Y"} or {const: VALUE}
)"},
      {WithSource("{type: csv, path: a.csv, fields: {email: {join: [a], const: b}}}"),
       R"(plan.yaml:4:61: error: both 'join' and 'const' in sources.crm.fields.email
  crm: {type: csv, path: a.csv, fields: {email: {join: [a], const: b}}}
                                                            ^
  expected exactly one of 'join', 'column', 'const'
)"},
      {WithSource("{type: csv, path: a.csv, fields: {email: {}}}"),
       R"(plan.yaml:4:42: error: sources.crm.fields.email has none of 'join', 'column', 'const'
  crm: {type: csv, path: a.csv, fields: {email: {}}}
                                         ^
  expected exactly one of 'join', 'column', 'const'
)"},
      {WithSource("{type: csv, path: a.csv, fields: {street: {join: [a, b], sep: x}}}"),
       R"(plan.yaml:4:65: error: unknown key 'sep' in sources.crm.fields.street
  crm: {type: csv, path: a.csv, fields: {street: {join: [a, b], sep: x}}}
                                                                ^
  expected one of 'join', 'with', 'column', 'format', 'const'
)"},
      {WithSource("{type: csv, path: a.csv, fields: {birth_date: {column: d, format: \"%K\"}}}"),
       R"(plan.yaml:4:74: error: sources.crm.fields.birth_date: the format '%K' has the unknown directive '%K'
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: d, format: "%K"}}}
                                                                         ^
  expected %Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at most once
)"},
      {WithSource(
           "{type: csv, path: a.csv, fields: {birth_date: {column: d, format: [\"%d/%m\", \"%d.%Y\", \"%Y%\"]}}}"),
       R"(plan.yaml:4:75: error: sources.crm.fields.birth_date: the format '%d/%m' reads no year
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: d, format: ["%d/%m", "%d.%Y", "%Y%"]}}}
                                                                          ^
  expected %Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at most once

plan.yaml:4:84: error: sources.crm.fields.birth_date: the format '%d.%Y' reads a day but no month
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: d, format: ["%d/%m", "%d.%Y", "%Y%"]}}}
                                                                                   ^
  expected %Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at most once

plan.yaml:4:93: error: sources.crm.fields.birth_date: the format '%Y%' ends with '%'
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: d, format: ["%d/%m", "%d.%Y", "%Y%"]}}}
                                                                                            ^
  expected %Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at most once
)"},
      {WithSource("{type: csv, path: a.csv, fields: {birth_date: {column: d, format: \"%Y %y\"}}}"),
       R"(plan.yaml:4:74: error: sources.crm.fields.birth_date: the format '%Y %y' reads the same part of a date twice with '%y'
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: d, format: "%Y %y"}}}
                                                                         ^
  expected %Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at most once
)"},
      {WithSource("{type: csv, path: a.csv, fields: {birth_date: {column: d, format: [\"%s %Y\", \"%Y %p\"]}}}"),
       R"(plan.yaml:4:75: error: sources.crm.fields.birth_date: the format '%s %Y' counts seconds and reads other parts of a date besides
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: d, format: ["%s %Y", "%Y %p"]}}}
                                                                          ^
  expected %Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at most once

plan.yaml:4:84: error: sources.crm.fields.birth_date: the format '%Y %p' reads AM or PM without '%I'
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: d, format: ["%s %Y", "%Y %p"]}}}
                                                                                   ^
  expected %Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at most once
)"},
      {WithSource("{type: csv, path: a.csv, fields: {birth_date: {column: d, format: \"%Y %m %d %e\"}}}"),
       R"(plan.yaml:4:74: error: sources.crm.fields.birth_date: the format '%Y %m %d %e' reads the same part of a date twice with '%e'
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: d, format: "%Y %m %d %e"}}}
                                                                         ^
  expected %Y, %y, %F, %s, %Q, excel1900 or excel1904, and of %m %b %d %e %j %a %H %I %M %S %T %p %f %z each part at most once
)"},
      {WithSource("{type: csv, path: a.csv, fields: {city: {column: d, format: \"%Y\"}}}"),
       R"(plan.yaml:4:68: error: sources.crm.fields.city has a format, but is no date
  crm: {type: csv, path: a.csv, fields: {city: {column: d, format: "%Y"}}}
                                                                   ^
  expected a format only for 'birth_date', 'updated_at' and attributes of type date
)"},
      {WithSource("{type: csv, path: a.csv, fields: {birth_date: {column: [d], format: \"%Y\"}}}"),
       R"(plan.yaml:4:63: error: sources.crm.fields.birth_date.column is a list
  crm: {type: csv, path: a.csv, fields: {birth_date: {column: [d], format: "%Y"}}}
                                                              ^
  expected the name of a column
)"},
      {WithSource("{type: csv, path: a.csv, fields: {opt_out: [a, b]}}"),
       R"(plan.yaml:4:51: error: sources.crm.fields.opt_out is a list
  crm: {type: csv, path: a.csv, fields: {opt_out: [a, b]}}
                                                  ^
  expected a column, {call: COLUMN, sms: COLUMN, email: COLUMN, mail: COLUMN} or {const: true}
)"},
      {WithSource("{type: csv, path: a.csv, fields: {opt_out: {fax: a}}}"),
       R"(plan.yaml:4:52: error: unknown key 'fax' in sources.crm.fields.opt_out
  crm: {type: csv, path: a.csv, fields: {opt_out: {fax: a}}}
                                                   ^
  expected one of 'const', 'call', 'sms', 'email', 'mail'
)"},
      {WithSource("{type: csv, path: a.csv, fields: {opt_out: {}}}"),
       R"(plan.yaml:4:51: error: sources.crm.fields.opt_out is empty
  crm: {type: csv, path: a.csv, fields: {opt_out: {}}}
                                                  ^
  expected {call: COLUMN, sms: COLUMN, email: COLUMN, mail: COLUMN} or {const: true}
)"},
      {WithSource("{type: csv, path: a.csv, ignore: [e], fields: {email: e}}"),
       R"(plan.yaml:4:42: error: column 'e' of sources.crm is both ignored and mapped to email
  crm: {type: csv, path: a.csv, ignore: [e], fields: {email: e}}
                                         ^
  expected a column in one of them
)"},
      {WithRest("attributes: {email: {type: text}}"),
       R"(plan.yaml:5:14: error: attribute 'email' is a built-in field
attributes: {email: {type: text}}
             ^
  expected another name, or no attribute: the field can be mapped as it is
)"},
      {WithRest("attributes: {Zip: {type: text}}"),
       R"(plan.yaml:5:14: error: attribute 'Zip' is a built-in field
attributes: {Zip: {type: text}}
             ^
  expected another name, or no attribute: the field can be mapped as it is
)"},
      {WithRest("attributes: {2x: {type: text}}"),
       R"(plan.yaml:5:14: error: bad name '2x' in attributes
attributes: {2x: {type: text}}
             ^
  expected an attribute's name: a letter or '_', then up to 63 letters, digits and '_'
)"},
      {WithRest("attributes: {person_id: {type: text}}"),
       R"(plan.yaml:5:14: error: the name 'person_id' is reserved
attributes: {person_id: {type: text}}
             ^
  expected another name
)"},
      {WithRest("attributes: {job: {type: text}, Job: {type: text}}"),
       R"(plan.yaml:5:33: error: attribute 'Job' differs from another one only by case
attributes: {job: {type: text}, Job: {type: text}}
                                ^
  expected another name
)"},
      {WithRest("attributes: {job: text}"),
       R"(plan.yaml:5:19: error: attributes.job is a single value
attributes: {job: text}
                  ^
  expected a mapping such as {type: category}
)"},
      {WithRest("attributes: {job: {}}"),
       R"(plan.yaml:5:14: error: attributes.job has no 'type'
attributes: {job: {}}
             ^
  expected one of 'text', 'name', 'category', 'identifier', 'date', 'number'
)"},
      {WithRest("attributes: {job: {type: categorie}}"),
       R"(plan.yaml:5:26: error: attributes.job.type is 'categorie'
attributes: {job: {type: categorie}}
                         ^
  expected one of 'text', 'name', 'category', 'identifier', 'date', 'number'; did you mean 'category'?
)"},
      {WithSource("{type: csv, path: a.csv, fields: {job: e}}\nattributes: {job: {type: txt}}"),
       R"(plan.yaml:5:26: error: attributes.job.type is 'txt'
attributes: {job: {type: txt}}
                         ^
  expected one of 'text', 'name', 'category', 'identifier', 'date', 'number'; did you mean 'text'?
)"},
      {WithSource("{type: csv, path: a.csv, fields: {job: e}}\nattributes: [job]"),
       R"(plan.yaml:5:13: error: attributes is a list
attributes: [job]
            ^
  expected a mapping of attribute names to {type: ...}
)"},
  };
  for (const ErrorCase& c : cases) ExpectErrors("The plan: fields", c);
}

}  // namespace
}  // namespace migrate::plan
