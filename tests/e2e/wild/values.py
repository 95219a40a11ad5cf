"""Values, and plans that map them strangely: kept exactly as read, whatever the rules make of them."""
from .case import Reject, Wild

V = "Values"
M = "Plans that mislead"


def csv(what, header, *rows, section=V, **kw):
    """A small CSV file; no value holds a comma, quote or line end."""
    data = "\n".join(",".join(row) for row in (header, *rows)) + "\n"
    kw.setdefault("key", header[0])
    return Wild(section, what, data.encode(), tuple(rows), columns=tuple(header), **kw)


FAMILY = "👨‍👩‍👧‍👦"
COMBINED, DECOMPOSED = "José", "José"
LONG_NAME = "Ann " + "Q" * 100_000

CASES = [
    csv("numbers beyond double precision", ("id", "n"), ("1", "9007199254740993"), ("2", "-0.0"), ("3", "1e400"), ("4",
        "0.1000000000000000055"), ("5", "NaN"), ("6", "00012"),
        fields="{national_id: n}", note="CSV cells are texts; no number is made of them"),
    csv("keys that look like numbers", ("id", "name"), ("007", "Ann Lee"), ("7", "Bob Ray"), ("7.0", "Cy Orr"), ("1e3",
        "Dee Fox"), ("9007199254740993", "Eve Gray"), ("9007199254740992", "Flo Hay")),
    csv("NaN, null, None, N/A, - as names", ("id", "name"), ("1", "NaN"), ("2", "null"), ("3", "None"), ("4", "N/A"),
        ("5", "-"), ("6", "NULL"),
        record={k: {"last_name": None} for k in "46"}, note="kept; placeholders are no names"),
    csv("emoji, with joiners", ("id", "name"), ("1", f"Ann {FAMILY} Lee"), ("2", "😀")),
    csv("right-to-left text and marks", ("id", "name"), ("1", "محمد علي"), ("2", "דוד כהן"), ("3",
        "\u202eeeL nnA\u202c"), ("4", "Ann\u200f Lee")),
    csv("combining marks: é as one and as two characters", ("id", "name"), ("1", COMBINED + " Lee"), ("2",
        "Jose\u0301 Lee"),
        record={"1": {"first_name": "José"}, "2": {"first_name": "José"}},
        note="kept apart in the source, one form when normalized"),
    csv("100 combining marks on one letter", ("id", "name"), ("1", "Z" + "\u0351\u0308" * 50 + "oe Lee")),
    csv("no-break, zero-width and ideographic blanks", ("id", "name"), ("1", "Ann\u00a0Lee"), ("2", "Ann\u200bLee"),
        ("3", "Ann\u3000Lee"),
        record={"1": {"first_name": "Ann", "last_name": "Lee"}, "3": {"first_name": "Ann", "last_name": "Lee"}}),
    csv("noncharacters and private use", ("id", "name"), ("1", "A\ufffeB\uffff"), ("2", "A\ue000B"), ("3",
        "A\U0010ffffB"), ("4", "A\ufffdB")),
    csv("a name of 100 kB", ("id", "name"), ("1", LONG_NAME), ("2", "Bob Ray"),
        note="kept whole; its normalized form is cut and flagged"),
    csv("formulas for a spreadsheet", ("id", "name"), ("1", "=cmd|' /C calc'!A0"), ("2", "+1-206-555-0101"), ("3",
        "@SUM(A1)"), ("4", "-2+3"), ("5", "\t=1+1"),
        note="exported as they are: an export must be the source again"),
    csv("HTML, SQL, shell, format strings", ("id", "name"), ("1", "<script>alert(1)</script>"), ("2",
        "Robert'); DROP TABLE record;--"), ("3", "$(rm -rf x)"), ("4", "%s%n"), ("5", "${HOME}"), ("6", "\\u0041\\n")),
    csv("names that are words of programs", ("id", "name"), ("1", "Null Null"), ("2", "Ann Null"), ("3", "True"), ("4",
        "Undefined"), record={"2": {"first_name": "Ann", "last_name": "Null"}}),
    csv("dates in month-day-year order", ("id", "dob"), ("1", "03/04/1972"), ("2", "1972-03-04"), ("3", "25/12/1990"),
        ("4", "02/30/1990"), ("5", "0000-00-00"),
        fields="{birth_date: dob}", record={"1": {"birth_date": "1972-03-04"}, "2": {"birth_date": "1972-03-04"},
                                            "3": {"birth_date": "1990-12-25"},
                                            "4": {"birth_date": None}, "5": {"birth_date": None}},
                                            note="what is no date is kept and flagged"),
    csv("dates by a format of the plan", ("id", "dob"), ("1", "03/04/1972"), ("2", "19720304"), ("3", "31/02/1972"),
        fields='{birth_date: {column: dob, format: ["%d/%m/%Y", "%Y%m%d"]}}',
        record={"1": {"birth_date": "1972-04-03"}, "2": {"birth_date": "1972-03-04"}, "3": {"birth_date": None}}),
    csv("e-mails with blanks, capitals, IDN, junk", ("id", "mail"), ("1", " Ann@X.ORG "), ("2", "ann@bücher.de"), ("3",
        "not a mail"), ("4", "mailto:ann@x.org"),
        fields="{email: mail}", record={"1": {"email": "ann@x.org"}, "2": {"email": "ann@xn--bcher-kva.de"},
                                        "3": {"email": None}}),
    csv("phones in many writings", ("id", "tel"), ("1", "(206) 555-0101"), ("2", "206.555.0101 x7"), ("3",
        "+49 30 901820"), ("4", "2.065550101E+09"), ("5", "none"),
        fields="{phone: tel}", record={"1": {"phone_e164": "+12065550101"}, "2": {"phone_e164": "+12065550101;ext=7"},
                                       "3": {"phone_e164": "+4930901820"}, "5": {"phone_e164": None}}),
    csv("opt-out in several words", ("id", "name", "stop"), ("1", "Ann Lee", "STOP"), ("2", "Bob Ray", "0"), ("3",
        "Cy Orr", ""), ("4", "Dee Fox", "TRUE"),
        fields="{full_name: name, opt_out: stop}", record={"1": {"opt_out": 15}, "2": {"opt_out": 0},
                                                           "3": {"opt_out": 0}, "4": {"opt_out": 15}}),
    csv("a row of empty fields but the key", ("id", "name", "email"), ("1", "", ""),
        fields="{full_name: name, email: email}", record={"1": {"email": None, "last_name": None}},
        note="loaded, flagged `empty`, a person of its own"),
    # Misleading plans: the mapping decides what normalize makes of a value, never what is kept.
    csv("e-mails mapped to the name, names to the e-mail", ("id", "a", "b"), ("1", "ann@x.org", "Ann Lee"), section=M,
        fields="{full_name: a, email: b}", record={"1": {"email": None}}),
    csv("first and last name swapped", ("id", "f", "l"), ("1", "Lee", "Ann"), section=M,
        fields="{first_name: f, last_name: l}", record={"1": {"first_name": "Lee", "last_name": "Ann"}}),
    csv("one column for everything", ("id", "x"), ("1", "ann@x.org"), section=M,
        fields="{full_name: x, email: x, phone: x, zip: x, birth_date: x}",
        record={"1": {"email": "ann@x.org", "phone_e164": None, "birth_date": None}}),
    csv("a date format that never fits", ("id", "dob"), ("1", "1972-03-04"), section=M,
        fields='{birth_date: {column: dob, format: "%d.%m.%Y"}}', record={"1": {"birth_date": None}}),
    csv("dates in day-month order, read as month-day", ("id", "dob"), ("1", "03/04/1972"), ("2", "31/12/1972"),
        section=M, fields="{birth_date: dob}",
        record={"1": {"birth_date": "1972-03-04"}, "2": {"birth_date": "1972-12-31"}},
        note="`date_order` decides where both are possible"),
    csv("the key is a column that repeats", ("city", "name"), ("Rome", "Ann Lee"), section=M, rejects=()),
    csv("the key is the name, with values as long as a page", ("name", "x"), ("Ann Lee", "1"), section=M, key="name"),
    csv("a constant for every row", ("id", "name"), ("1", "Ann Lee"), section=M,
        fields='{full_name: name, country: {const: DE}, city: {const: Bonn}}',
        record={"1": {"country": "DE", "city": "Bonn"}}),
    csv("columns joined of which some are empty", ("id", "nr", "street"), ("1", "12", "Main St"), ("2", "", "Main St"),
        ("3", "", ""), section=M,
        fields="{street: {join: [nr, street]}}", record={"1": {"street": "12 Main St"}, "2": {"street": "Main St"},
                                                         "3": {"street": None}}),
    csv("all columns ignored but one", ("id", "name", "secret"), ("1", "Ann Lee", "s3"), section=M,
        options="ignore: [secret]", note="ignored columns are kept with the row"),
]
# The repeated key: three rows of one city, of which the one with the greatest digest stays.
CASES = [c for c in CASES if not c.what.startswith("the key is ")]
CASES.append(Wild(M, "the key is a column that repeats",
                  b"city,name,at\nRome,Ann Lee,2024-01-01\nRome,Bob Ray,2024-03-01\nRome,Cy Orr,2024-02-01\nOslo,Dee Fox,2024-01-01\n",
                  (("Rome", "Bob Ray", "2024-03-01"), ("Oslo", "Dee Fox", "2024-01-01")),
                  (Reject("duplicate_key", b"Rome,Ann Lee,2024-01-01", "Rome"),
                  Reject("duplicate_key", b"Rome,Cy Orr,2024-02-01", "Rome")), columns=("city", "name", "at"),
                  key="city", fields="{full_name: name, updated_at: at}",
                  note="one row a key; `max_quarantined` stops such a plan"))
