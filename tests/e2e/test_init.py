"""`migrate init` writes a plan that validates and runs; `migrate validate` shows how the first rows are read."""
import json
import os
import pathlib
import unittest

import common
from common import Case

FIRST = "Mary Thaddeus Carlos Wren Susan Ottoline James Priscilla Anna Zelda Robert Cosima Laura Evander Maria".split()
LAST = "Smith Quackenbush Garcia Thistlewood Johnson Abernathy Miller Vandermeer Brown Ostrander Wilson Pettigrew Lee".split()
CITIES = "Springfield Chicago Boston Denver Seattle Ottumwa".split()
STATES = "IL IL MA CO WA IA".split()


def person(i):
    first, last = FIRST[i % len(FIRST)], LAST[i * 5 % len(LAST)]
    return {"id": i + 1, "first": first, "last": last, "email": f"{first}.{last}{i}@mail.example.net".lower(),
            "phone": f"(206) 55{i % 10}-{1000 + i * 37 % 9000:04}", "street": f"{i * 7 % 900 + 1} Main St",
            "city": CITIES[i % 6], "state": STATES[i % 6], "zip": f"{62000 + i % 900}",
            "dob": f"{1940 + i * 17 % 60}-{i % 12 + 1:02}-{i % 28 + 1:02}", "changed": f"2023-0{i % 9 + 1}-11 10:00:00"}


HEADER = ["Customer ID", "First Name", "Last Name", "E-Mail", "Mobile", "Street", "City", "State", "ZIP", "DOB", "Last Modified"]
FIELDS = "id first last email phone street city state zip dob changed".split()


def rows(begin, end):
    return [[person(i)[f] for f in FIELDS] for i in range(begin, end)]


class Init(Case):
    def init(self, *args, expect=0):
        result = self.p.migrate("init", *args)
        self.assertEqual(result.code, expect, str(result))
        return result

    def test_folder_of_files_becomes_one_source_that_runs(self):
        self.p.write_csv("in/list_2021.csv", HEADER, rows(0, 60))
        self.p.write_csv("in/list_2022.csv", HEADER, rows(60, 120))
        self.p.write("in/readme.md", "# not data\n")
        self.p.write_csv("in/orders.csv", ["order", "product", "price"], [[i, "Bolt", i * 2.5] for i in range(50)])
        result = self.init("in", "--output", "plan.yaml")
        self.assertIn("plan.yaml: written and valid", result.stdout)
        for words in ("readme.md", "orders.csv", "next: migrate validate plan.yaml"):
            self.assertIn(words, result.stderr)
        text = self.p.path("plan.yaml").read_text()
        self.assertIn("path: \"in/list_*.csv\"", text)
        self.assertIn("key: Customer ID", text)
        self.assertEqual(os.stat(self.p.path("plan.yaml")).st_mode & 0o777, 0o600)
        valid = self.p.migrate("validate", "plan.yaml", "--strict")
        self.assertEqual(valid.code, 0, str(valid))
        run = self.p.migrate("run", "plan.yaml")
        self.assertEqual(run.code, 0, str(run))
        export = self.p.migrate("export", "persons", "plan.yaml")
        people = common.parse_csv(export.stdout)[1]
        self.assertEqual(len(people), 120)
        first = next(p for p in people if p["email"] == person(3)["email"])
        self.assertEqual((first["last_name"], first["zip"], first["birth_date"]),
                         (person(3)["last"], person(3)["zip"], person(3)["dob"]))

    def test_no_value_is_shown_unmasked(self):
        self.p.write_csv("people.csv", HEADER, rows(0, 80))
        self.init("people.csv", "--output", "plan.yaml")
        shown = (self.init("people.csv").stdout + self.init("people.csv", "--json").stdout +
                 self.p.migrate("validate", "plan.yaml").stdout + self.p.migrate("validate", "plan.yaml", "--json").stdout)
        for i in range(80):
            for f in ("email", "phone", "street", "dob"):
                self.assertNotIn(person(i)[f], shown)
        for name in LAST:
            self.assertNotIn(name, shown)

    def test_nothing_is_overwritten(self):
        self.p.write_csv("people.csv", HEADER, rows(0, 30))
        self.p.write("plan.yaml", "mine\n")
        result = self.p.migrate("init", "people.csv", "--output", "plan.yaml")
        self.assert_fails(result, 2, "plan.yaml: is there already", "--force")
        self.assertEqual(self.p.path("plan.yaml").read_text(), "mine\n")
        self.init("people.csv", "--output", "plan.yaml", "--force", "--name", "folks", "--target", "sqlite:out/folks.db")
        text = self.p.path("plan.yaml").read_text()
        self.assertIn("name: folks\n", text)
        self.assertIn("url: \"sqlite:out/folks.db\"", text)

    def test_what_is_not_there_or_holds_no_persons(self):
        self.p.write_csv("orders.csv", ["order", "product", "price"], [[i, "Bolt", i * 2.5] for i in range(50)])
        self.assert_fails(self.p.migrate("init", "gone.csv"), 2, "gone.csv: no such file")
        self.assert_fails(self.p.migrate("init", "orders.csv"), 2, "nothing that holds persons", "orders.csv")
        self.assert_fails(self.p.migrate("init", "mysql://u@h"), 2, "names no database", "--password-env")
        self.assertEqual(self.p.migrate("init").code, 2)

    def test_paths_start_at_the_plan(self):
        self.p.write_csv("data/people.csv", HEADER, rows(0, 30))
        self.p.path("plans").mkdir()
        self.init("data/people.csv", "--output", "plans/p.yaml")
        self.assertIn("path: ../data/people.csv", self.p.path("plans/p.yaml").read_text())
        self.assertEqual(self.p.migrate("validate", "plans/p.yaml").code, 0)

    def test_tables_of_persons_are_told_from_others(self):
        self.p.sqlite("shop.db", """
            CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT,
                                   address_id INT, last_update TEXT);
            CREATE TABLE product (product_id INTEGER PRIMARY KEY, name TEXT, price REAL);
            CREATE TABLE country (country_id INTEGER PRIMARY KEY, country TEXT);
            CREATE TABLE visitor (name TEXT, phone TEXT);
            CREATE VIEW customer_list AS SELECT customer_id AS ID, first_name || ' ' || last_name AS name, email FROM customer;
            """)
        people = [person(i) for i in range(60)]
        db = self.p.path("shop.db")
        import sqlite3
        with sqlite3.connect(db) as c:
            c.executemany("INSERT INTO customer VALUES (?,?,?,?,?,?)",
                          [(p["id"], p["first"], p["last"], p["email"], 1, p["changed"]) for p in people])
            c.executemany("INSERT INTO product VALUES (?,?,?)", [(i, "Steel Bolt", 2.5) for i in range(60)])
            c.executemany("INSERT INTO visitor VALUES (?,?)", [(f"{p['first']} {p['last']}", p["phone"]) for p in people])
        c.close()
        self.init("shop.db", "--output", "plan.yaml")
        text = self.p.path("plan.yaml").read_text()
        self.assertIn("table: customer", text)
        self.assertIn("key: customer_id", text)
        self.assertIn("rowid AS row_id", text)       # visitor has no key
        for what in ("table product of shop.db", "table country of shop.db", "view customer_list of shop.db"):
            self.assertIn("# - " + what, text)
        self.assertEqual(self.p.migrate("run", "plan.yaml").code, 0)
        one = json.loads(self.init("shop.db:customer", "--json").stdout)
        self.assertEqual([s["name"] for s in one["sources"]], ["customer"])
        self.assert_fails(self.p.migrate("init", "shop.db:nothing"), 2, "there is no table 'nothing'", "customer")

    def test_a_missing_header_is_said(self):
        self.p.write_csv("bare.csv", rows(0, 1)[0], rows(1, 40))
        self.assertIn("seems to have no header line", self.init("bare.csv").stdout)

    def test_lists_of_one_column(self):
        lists = self.p.path("lists")
        lists.mkdir()
        (lists / "donotcall.csv").write_text("phone\n" + "".join(f"(206) 555-{n:04}\n" for n in range(40)))
        (lists / "unsubscribed_2024.csv").write_text("f1\n" + "".join(f"p{n}@mail.example.net\n" for n in range(40)))
        (lists / "vip.csv").write_text("mail\n" + "".join(f"v{n}@mail.example.net\n" for n in range(40)))
        (lists / "readme.txt").write_text("Files of the old office.\nAsk Kim about them.\n")
        (lists / "cities.csv").write_text("city\nBoston\nDenver\nAustin\n")
        result = self.init("lists", "--json")
        found = {s["name"]: {f["field"]: f.get("const", f["columns"]) for f in s["fields"]} for s in result.json()["sources"]}
        self.assertEqual(found, {"donotcall": {"phone": ["phone"], "opt_out": "true"},
                                 "unsubscribed_2024": {"email": ["f1"], "opt_out": "true"}, "vip": {"email": ["mail"]}})
        self.assertEqual({pathlib.Path(x["what"]).name for x in result.json()["left_out"]}, {"readme.txt", "cities.csv"})
        text = self.init("lists", "--output", "plan.yaml")
        self.assertIn("left out: lists/readme.txt: it has one column only", text.stderr)
        self.assertNotIn(str(self.p.folder), text.stderr + self.p.path("plan.yaml").read_text())
        self.assertEqual(self.p.migrate("run", "plan.yaml").code, 0)
        opted = self.p.export("persons")
        self.assertEqual(sum(p["opt_out"] not in ("", "0") for p in opted), 80)

    def test_date_order_comes_from_the_values(self):
        german = [[i, person(i)["first"], person(i)["last"], f"{i % 28 + 1:02}.{i % 12 + 1:02}.19{40 + i}"] for i in range(50)]
        self.p.write_csv("a.csv", ["id", "first name", "last name", "birth date"], german)
        found = json.loads(self.init("a.csv", "--json").stdout)
        self.assertEqual(found["date_order"]["value"], "dmy")
        self.assertIn("day 13..31 in first position in", found["date_order"]["reason"])
        small = [[r[0], r[1], r[2], f"{r[0] % 12 + 1:02}/{r[0] % 7 + 1:02}/19{40 + r[0]}"] for r in german]
        self.p.write_csv("b.csv", ["id", "first name", "last name", "birth date"], small)
        self.assertIn("leave open", json.loads(self.init("b.csv", "--json").stdout)["date_order"]["unsure"])

    def test_a_packed_and_a_plain_file_are_one_source(self):
        self.p.write_csv("x_1.csv", HEADER, rows(0, 30))
        plain = self.p.write_csv("tmp.csv", HEADER, rows(30, 60))
        self.p.write_gzip("x_2.csv.gz", plain.read_bytes())
        plain.unlink()
        self.assertIn("path: \"x_*.csv*\"", self.init(".").stdout)

    def test_a_target_is_no_source(self):
        self.p.write_csv("people.csv", ["id", "full_name", "email"], [[i, f"Ann Lee{i}", f"a{i}@example.org"] for i in range(30)])
        self.init(".", "--output", "plan.yaml")
        self.p.run()
        target = next(self.p.folder.glob("*.db"))
        again = self.init(".", "--output", "plan2.yaml")
        self.assertIn(f"{target.name}: it is what migrate made of its sources", again.stderr)
        self.assertEqual(self.p.migrate("validate", "plan2.yaml").code, 0)
        self.p.write("own.yaml", f'name: own\ntarget: {{url: "sqlite:{target.name}"}}\nsources:\n'
                     f"  a: {{type: sqlite, path: {target.name}, table: person, key: person_id, fields: {{full_name: full_name}}}}\n")
        own = self.p.migrate("run", "own.yaml")
        self.assertEqual(own.code, 2, str(own))
        self.assertIn("is the plan's own target", own.stderr)


class Validate(Case):
    def check(self, fields, header=HEADER, data=None, extra="", key="    key: Customer ID\n", args=()):
        self.p.write_csv("p.csv", header, data if data is not None else rows(0, 120))
        self.p.plan(f"  s:\n    type: csv\n    path: p.csv\n{key}    fields: {fields}\n", extra)
        result = self.p.migrate("validate", "plan.yaml", "--json", *args)
        self.assertIn(result.code, (0, 2), str(result))
        return result.json()["sources"][0], result

    def test_rates_examples_and_places(self):
        data = rows(0, 120)
        data[4][3] = "no at sign"
        data[7][3] = "N/A"
        for i in range(20, 40):
            data[i][3] = ""
        found, _ = self.check("{first_name: First Name, email: E-Mail}", data=data)
        email = next(f for f in found["fields"] if f["field"] == "email")
        self.assertEqual((found["rows"], email["filled"], email["readable"], email["placeholders"]), (120, 100, 98, 1))
        self.assertEqual(email["odd"], [{"place": "p.csv:6", "value": "n* a* s***", "why": "not an e-mail address"}])
        self.assertEqual(len(email["examples"]), 2)

    def test_table_is_narrow(self):
        self.check("{first_name: First Name, email: E-Mail, phone: Mobile}")
        text = self.p.migrate("validate", "plan.yaml").stdout
        self.assertIn("filled", text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 100, line)

    def test_how_files_are_read_is_said_on_request(self):
        self.check("{phone: Mobile}")
        short = self.p.migrate("validate", "plan.yaml")
        self.assertEqual(short.stderr, "")
        self.assertTrue(short.stdout.endswith("plan.yaml: valid, 1 warning above (s)\n"), short.stdout)
        self.assertIn("delimiter ','", self.p.migrate("validate", "plan.yaml", "--verbose").stderr)
        self.assertIn("delimiter ','", self.p.migrate("validate", "plan.yaml", "--json").json()["findings"])
        self.p.write("p.csv", "")
        self.assertIn("p.csv has no line", self.p.migrate("validate", "plan.yaml").stderr)

    def warnings(self, *args, **kw):
        return "\n".join(self.check(*args, **kw)[0]["warnings"])

    def test_a_right_mapping_has_no_warning(self):
        self.assertEqual(self.warnings("{first_name: First Name, last_name: Last Name, email: E-Mail, phone: Mobile, "
                                       "street: Street, city: City, state: State, zip: ZIP, birth_date: DOB, "
                                       "updated_at: Last Modified}"), "")

    def test_warnings_name_what_is_wrong(self):
        self.assertIn("email (Street): only 0 of 120 values are e-mail addresses", self.warnings("{email: Street}"))
        self.assertIn("phone (City): only 0 of 120 values are phone numbers", self.warnings("{phone: City}"))
        self.assertIn("last_name (E-Mail): 100% of 120 values are e-mail addresses", self.warnings("{last_name: E-Mail}"))
        self.assertIn("Mobile is not mapped, but looks like phone numbers", self.warnings("{email: E-Mail}"))
        self.assertIn("E-Mail is not mapped, but holds e-mail addresses", self.warnings("{phone: Mobile}"))
        self.assertIn("seem to be swapped", self.warnings("{email: Mobile, phone: E-Mail}"))
        twice = rows(0, 60) + rows(0, 60)
        self.assertIn("the key repeats within one file in 60 of 120 rows", self.warnings("{email: E-Mail}", data=twice))
        same = [r[:6] + ["Boston"] + r[7:] for r in rows(0, 120)]
        self.assertIn("city (City) is the same in all 120 rows", self.warnings("{city: City, email: E-Mail}", data=same))
        none = [r[:6] + [""] + r[7:] for r in rows(0, 120)]
        self.assertIn("city (City) is filled in none of 120 rows", self.warnings("{city: City, email: E-Mail}", data=none))

    def test_date_order(self):
        data = [r[:9] + [f"{r[0] % 28 + 1:02}/{r[0] % 12 + 1:02}/1970"] + r[10:] for r in rows(0, 120)]
        warned = self.warnings("{birth_date: DOB, email: E-Mail, phone: Mobile}", data=data)
        self.assertIn("the plan's date_order is mdy, but the values have the day first", warned)
        self.assertIn("day 13..31 in first position in", warned)
        self.assertEqual(self.warnings("{birth_date: DOB, email: E-Mail, phone: Mobile}", data=data,
                                       extra="normalize: {date_order: dmy}"), "")

    def test_a_list_of_opt_outs_is_meant(self):
        self.assertEqual(self.warnings("{phone: Mobile, email: E-Mail, opt_out: {const: true}}"), "")
        data = [r + ["yes"] for r in rows(0, 120)]
        self.assertIn("120 of 120 persons would be opted out", self.warnings(
            "{phone: Mobile, email: E-Mail, opt_out: wish}", header=HEADER + ["wish"], data=data))

    def test_strict_and_rows(self):
        _, result = self.check("{phone: Mobile}")
        self.assertEqual((result.code, result.json()["exit_code"]), (0, 0))
        _, result = self.check("{phone: Mobile}", args=["--strict"])
        self.assertEqual((result.code, result.json()["warnings"]), (2, 1))
        found, _ = self.check("{phone: Mobile}", args=["--rows", "7"])
        self.assertEqual(found["rows"], 7)

    def test_rows_for_the_quarantine(self):
        self.p.write("p.csv", "id,email\n1,a@mail.example.net\n2\n3,c@mail.example.net\n1,d@mail.example.net\n,e@mail.example.net\n")
        self.p.plan("  s: {type: csv, path: p.csv, key: id, fields: {email: email}}\n")
        found = self.p.migrate("validate", "plan.yaml", "--json").json()["sources"][0]
        self.assertEqual({q["reason"]: (q["rows"], q["first"]) for q in found["quarantined"]},
                         {"too_few_fields": (1, "p.csv:3"), "duplicate_key": (1, "p.csv:5"), "null_key": (1, "p.csv:6")})
        run = self.p.migrate("run", "plan.yaml")
        self.assertEqual(run.code, 3)
        self.assertEqual(len(self.p.export("rejects")), 3)

    def test_files_of_unknown_layout(self):
        self.p.write("a.csv", "id,name\n1,Ann Lee\n2,Bob Ray\n")
        self.p.write("b.csv", "x;y;z\n5;6;7\n")
        self.p.write("c.csv", "name\nCy Orr\nDi Poe\n")
        self.p.plan("  s: {type: csv, path: '?.csv', key: id, unknown_layout: quarantine, fields: {full_name: name, phone: [id, name], "
                    "street: {join: [id, name]}, opt_out: {call: id, sms: id}}}\n")
        result = self.p.migrate("validate", "plan.yaml", "--json")
        self.assertEqual(result.code, 0, str(result))
        found = {s["layout"]: [] for s in result.json()["sources"]}
        for s in result.json()["sources"]:
            found[s["layout"]] += [(q["reason"], q["rows"], q["first"], q["detail"]) for q in s["quarantined"]]
        said = "its header fits no layout of the source"
        self.assertEqual(found, {1: [], None: [("unknown_layout", 1, "b.csv:2", said), ("unknown_layout", 2, "c.csv:2", said)]})
        text = self.p.migrate("validate", "plan.yaml").stdout
        self.assertIn("s: 1 rows of 1 input, of no layout", text)

    def test_offline_opens_nothing(self):
        self.p.plan("  s: {type: csv, path: gone.csv, fields: {email: email}}\n")
        self.assertEqual(self.p.migrate("validate", "plan.yaml", "--offline").code, 0)
        self.assertEqual(self.p.migrate("validate", "plan.yaml").code, 2)


if __name__ == "__main__":
    unittest.main()
