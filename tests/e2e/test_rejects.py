"""The quarantine's browser: reasons, rows, and one row with its bytes, columns, neighbours and what would mend it."""
import base64
import gzip
import json
import re
import subprocess
import unittest

from common import Case

SOURCES = """\
  web: {type: csv, path: 'web*.csv*', key: id, fields: {full_name: name, city: city}}
  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}
"""
WEB = (b'id,name,city\n'            # line 1
       b'1,Ann Lee,Springfield\n'
       b'2,Bob Ray\n'               # 3: too few
       b'3,Cy Doe,Troy,NY,x\n'      # 4: too many
       b'4,Jos\xe9 Paz,Reno\n'      # 5: not UTF-8
       b'5,"Di "the" Fox",Lima\n'   # 6: bad quote
       b',Ed Roe,Bonn\n'            # 7: no key
       b'1,Ann Lee,Chicago\n'       # 8: key 1 again
       b'id,name,city\n'            # 9: the header again
       b'6,Flo Kay\x00,Rome\n'
       b'7,"Gus\nTwo Lines",Nome,x\n'   # 11 and 12: too many, over two lines
       b'8,caf\xc3\xa9 \xc3\xa9,Oslo\n'
       b'9,"Hal,Kyoto\n'            # 14: never closed
       b'10,Ivy Moe,Kobe\n')
REASONS = {"too_few_fields": 1, "too_many_fields": 2, "undecodable_bytes": 1, "bad_quote": 1, "null_key": 2,
           "duplicate_key": 1, "repeated_header": 1, "unclosed_quote": 1}


class Rejects(Case):
    @classmethod
    def setUpClass(cls):
        cls.p = p = cls.make_class_project()
        p.plan(SOURCES)
        p.write("web.csv", WEB)
        p.write_gzip("web2.csv.gz", "id,name,city\n20,Al\n21,Bea Poe,Graz\n22,Coy\n")
        p.sqlite("old.db", "CREATE TABLE t (id TEXT, name TEXT)", "t", [("a", "Ann"), (None, "Nil Key")])
        p.run(expect=3)

    def setUp(self):
        pass

    def rejects(self, *args, code=0, **kw):
        result = self.p.migrate("rejects", args[0], self.p.plan_file, *args[1:], **kw)
        self.assertEqual(result.code, code, str(result))
        return result

    def by_reason(self, reason, file="web.csv"):
        rows = self.rejects("list", "--json", "--reason", reason, "--limit", "100").json()["rows"]
        found = [r for r in rows if r["file"].endswith(file)]
        self.assertEqual(len(found), 1, found)
        return found[0]

    def shown(self, reason, file="web.csv"):
        id = self.by_reason(reason, file)["id"]
        return self.rejects("show", id, "--json").json(), self.rejects("show", id).stdout

    def test_list_groups_by_reason_and_masks(self):
        j = self.rejects("list", "--json").json()
        self.assertEqual(j["schema"], 1)
        counts = {g["reason"]: g["count"] for g in j["groups"]}
        self.assertEqual(counts, {**REASONS, "too_few_fields": 3})
        text = self.rejects("list").stdout
        self.assertIn(f"{sum(counts.values())} open rejects\n", text)
        self.assertIn("too_few_fields: 3 rows\n", text)
        self.assertIn("bad_quote: 1 row\n", text)
        self.assertIn("web web2.csv.gz (2), web web.csv (1)", text)
        self.assertIn(f"migrate rejects list {self.p.plan_file} --reason null_key", text)
        for group in j["groups"]:
            self.assertIn(group["meaning"], text)
            self.assertIn(group["mend"], text)
        for secret in ("Ann Lee", "Bob Ray", "Nil Key", "Jos"):
            self.assertNotIn(secret, text + json.dumps(j) + self.rejects("list", "--limit", "99").stdout)

    def test_commands_that_are_proposed_work(self):
        text = self.rejects("list").stdout
        commands = re.findall(r"migrate (rejects .*)", text)
        self.assertGreater(len(commands), 8)
        for command in commands:
            self.assertEqual(self.p.migrate(*command.split()).code, 0, command)

    def test_list_filters_and_pages(self):
        all_rows = self.rejects("list", "--json", "--limit", "1000").json()["rows"]
        self.assertEqual(len(all_rows), 12)
        paged = [r for o in range(0, 12, 5)
                 for r in self.rejects("list", "--json", "--limit", "5", "--offset", o).json()["rows"]]
        self.assertEqual([r["id"] for r in paged], [r["id"] for r in all_rows])
        self.assertEqual(len(self.rejects("list", "--json", "--source", "old").json()["rows"]), 1)
        self.assertEqual(len(self.rejects("list", "--json", "--file", "web2.csv.gz").json()["rows"]), 2)
        self.assertEqual(len(self.rejects("list", "--json", "--reason", "null_key", "--source", "web").json()["rows"]), 1)
        self.assertIn("... and 7 more: --offset 5", self.rejects("list", "--limit", "5").stdout)
        for option in ("--reason", "--source", "--file"):
            self.assertIn(f"{option} nonsense", self.rejects("list", option, "nonsense", code=2).stderr)
        self.rejects("list", "--open", "--all", code=2)

    def test_show_walks_through_all(self):
        ids = [r["id"] for r in self.rejects("list", "--json", "--limit", "1000").json()["rows"]]
        walked, j = [], self.rejects("show", ids[0], "--json").json()
        self.assertIsNone(j["previous"])
        while True:
            walked.append(j["id"])
            if j["next"] is None:
                break
            j = self.rejects("show", j["next"], "--json").json()
            self.assertEqual(j["previous"], walked[-1])
        self.assertEqual(walked, ids)

    def test_show_gives_the_bytes(self):
        for row in self.p.export("rejects"):
            j = next(r for r in self.rejects("list", "--json", "--limit", "99").json()["rows"]
                     if (r["byte_offset"], r["file"], r["reason"]) == (int(row["byte_offset"]), row["file"], row["reason"]))
            self.assertEqual(self.rejects("show", j["id"], "--json").json()["raw_base64"], row["raw_base64"])

    def test_what_mends_each(self):
        lines = WEB.split(b"\n")
        cases = [  # reason, line, column that broke (from 0), what the mend says
            ("too_few_fields", 3, 2, ["line 3 of web.csv", "add 1 field ('city')"]),
            ("undecodable_bytes", 5, 1, ["windows-1252", "José Paz", "sources.web", "line 5, character 6"]),
            ("bad_quote", 6, 1, ["column 'name'", "twice", "line 6, character 8"]),
            ("null_key", 7, 0, ["column 'id' in line 7 of web.csv", "sources.web.key"]),
            ("duplicate_key", None, None, ["repeats key 1", "sources.web.key"]),
            ("repeated_header", 9, None, ["line 9 of web.csv holds no person"]),
            ("unclosed_quote", 14, 1, ["close the quote that opens at line 14, character 3"]),
        ]
        for reason, line, column, words in cases:
            with self.subTest(reason):
                j, text = self.shown(reason)
                if line is not None:
                    self.assertEqual(j["line"], line)
                    self.assertEqual(base64.b64decode(j["raw_base64"]), lines[line - 1])
                self.assertEqual(j["broke"]["column"], column)
                for word in words:
                    self.assertIn(word, j["mend"])
                self.assertIn(j["mend"], text)
        j, _ = self.shown("undecodable_bytes")
        self.assertEqual(j["plan"], "plan.yaml:5")
        j, _ = self.shown("null_key", "old.db")
        self.assertEqual(j["columns"], [{"name": "id", "value": "NULL"}, {"name": "name", "value": "Nil Key"}])
        self.assertEqual(j["plan"], "plan.yaml:6")

    def test_caret_stands_under_the_byte(self):
        for reason, before in (("undecodable_bytes", "4,Jos"), ("bad_quote", '5,"Di "'), ("unclosed_quote", "9,")):
            _, text = self.shown(reason)
            lines = text.splitlines()
            at = next(i for i, l in enumerate(lines) if l.strip() == "^")
            self.assertEqual(lines[at].index("^"), lines[at - 1].index(before) + len(before), text)
        _, text = self.shown("undecodable_bytes")
        self.assertIn("4,Jos\\xE9 Paz,Reno", text)
        self.assertIn("00000000  34 2c 4a 6f 73 e9 20 50  61 7a", text)

    def test_neighbours(self):
        j, text = self.shown("bad_quote")
        n = j["neighbours"]
        self.assertIsNone(n["missing"])
        self.assertEqual([(l["line"], base64.b64decode(l["base64"])) for l in n["before"] + n["after"]],
                         [(k, WEB.split(b"\n")[k - 1]) for k in (4, 5, 7, 8)])
        self.assertRegex(text, r'>\s+6  5,"Di "the" Fox",Lima\n\s+7  ,Ed Roe,Bonn\n')
        # A row over two lines, the first row, the last but one.
        two = next(r for r in self.rejects("list", "--json", "--reason", "too_many_fields").json()["rows"] if r["line"] == 11)
        n = self.rejects("show", two["id"], "--json").json()["neighbours"]
        self.assertEqual([l["line"] for l in n["before"] + n["after"]], [9, 10, 13, 14])
        n = self.shown("too_few_fields")[0]["neighbours"]
        self.assertEqual([l["line"] for l in n["before"] + n["after"]], [1, 2, 4, 5])
        n = self.shown("unclosed_quote")[0]["neighbours"]
        self.assertEqual([l["line"] for l in n["before"] + n["after"]], [12, 13, 15])

    def test_neighbours_of_a_packed_file(self):
        rows = self.rejects("list", "--json", "--file", "web2.csv.gz").json()["rows"]
        n = self.rejects("show", rows[0]["id"], "--json").json()["neighbours"]
        self.assertEqual([l["text"] for l in n["before"]], ["id,name,city"])
        self.assertEqual([l["text"] for l in n["after"]], ["21,Bea Poe,Graz", "22,Coy"])

    def test_show_of_an_id_that_is_not_there(self):
        self.assert_fails(self.p.migrate("rejects", "show", self.p.plan_file, "999"), 2, "no reject has the id 999")

    def test_export_is_the_same_as_export_rejects(self):
        self.assertEqual(self.rejects("export").stdout, self.p.export_text("rejects"))
        self.rejects("export", "--output", self.p.path("r.csv"))
        self.assertEqual(self.p.path("r.csv").read_bytes().decode(), self.p.export_text("rejects"))


class Changed(Case):
    def one(self):
        row = self.p.migrate("rejects", "list", self.p.plan_file, "--json").json()["rows"][0]
        return self.p.migrate("rejects", "show", self.p.plan_file, row["id"], "--json").json()

    def test_neighbours_only_of_the_file_that_was_read(self):
        self.p.plan("  web: {type: csv, path: web.csv, key: id, fields: {full_name: name}}\n")
        path = self.p.write("web.csv", "id,name\n1,Ann\n2,Bob,x\n3,Cy\n")
        self.p.run(expect=3)
        self.assertIsNone(self.one()["neighbours"]["missing"])
        path.write_text("id,name\n9,Ann\n2,Bob,x\n3,Cy\n")  # of the same size, and the row stands where it stood
        self.assertIn("has changed since import 1", self.one()["neighbours"]["missing"])
        path.write_text("id,name\n")
        self.assertIn("has changed since import 1", self.one()["neighbours"]["missing"])
        path.unlink()
        j = self.one()
        self.assertIn("no longer there", j["neighbours"]["missing"])
        self.assertEqual(j["raw"], "2,Bob,x")

    def test_all_shows_those_that_gave_way(self):
        self.p.plan("  web: {type: csv, path: web.csv, key: id, mode: snapshot, fields: {full_name: name}}\n")
        self.p.write("web.csv", "id,name\n1,Ann\n2,Bob,x\n")
        self.p.run(expect=3)
        self.p.write("web.csv", "id,name\n1,Ann\n2,Bob\n")
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("rejects", "list", self.p.plan_file).stdout, "no open rejects\n")
        rows = self.p.migrate("rejects", "list", self.p.plan_file, "--all", "--json").json()["rows"]
        self.assertEqual([r["state"] for r in rows], ["superseded"])

    def test_other_encodings_delimiters_and_marks(self):
        for name, encoding, mark in (("utf-8", "utf-8", b"\xef\xbb\xbf"), ("utf-16", "utf-16-le", b"\xff\xfe")):
            with self.subTest(name):
                self.p = self.make_project()
                self.p.plan("  web: {type: csv, path: 'web.csv*', key: id, fields: {full_name: name}}\n")
                data = mark + "id\tname\n1\tÄnn\n2\tBob\tx\n3\tÇy\n".encode(encoding)
                self.p.write("web.csv.gz" if name == "utf-8" else "web.csv", gzip.compress(data) if name == "utf-8" else data)
                self.p.run(expect=3)
                j = self.one()
                self.assertIsNone(j["neighbours"]["missing"], j)
                self.assertEqual([l["text"] for l in j["neighbours"]["before"]], ["id\tname", "1\tÄnn"])
                self.assertEqual([l["text"] for l in j["neighbours"]["after"]], ["3\tÇy"])
                self.assertEqual([c["value"] for c in j["columns"]], ["2", "Bob", "x"])

    def test_unknown_layout(self):
        self.p.plan("  web: {type: csv, path: 'w*.csv', key: id, unknown_layout: quarantine, fields: {full_name: name}}\n")
        self.p.write("w1.csv", "id,name\n1,Ann\n")
        self.p.write("w2.csv", "nr,who\n1,Ann\n")
        self.p.run(expect=3)
        j = self.one()
        self.assertEqual(j["reason"], "unknown_layout")
        self.assertIn("sources.web.layouts", j["mend"])
        self.assertIn("(nr, who)", j["mend"])
        self.assertEqual(j["plan"], "plan.yaml:5")


if __name__ == "__main__":
    unittest.main()
