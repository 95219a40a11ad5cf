"""The contract: ids and digests recomputed from the sources, exports, exit codes, stdout and stderr, files and modes."""
import base64
import hashlib
import json
import stat
import unittest

from common import BUILT_IN, Case, links_order, payload, record_id, row_sha256

CSV_HEADER = ["id", "name", "mail", "note"]
CSV_ROWS = [
    ["10", "Ann Lee", "ann@example.org", 'said "hi"\r\nthen\tleft'],
    ["9", "Bob Ray", "bob@example.org", "back\\slash / and \x7f \x01"],
    ["é-1", "Zoë Núñez", "zoe@example.org", "日本 😀"],
    ["a,b", "", "", ""],
    [" 7 ", "Carl Fox", "carl@example.org", " spaces "],
]
TABLE = [
    (1, "Ann Lee", 42, 0.1, b"\x00\xff", None), (2, "Bob Ray", -(2**63), 1e300, b"", ""),
    (3, "Núñez 😀", 2**63 - 1, 3.0, b"text", 'q"uote\n'), (4, None, "text in a number", -1.5e-7, 7, 5.5),
]
COLUMNS = ["id", "name", "number", "fraction", "blob", "any"]


def sources_yaml():
    return """
  list: {type: csv, path: list.csv, key: id, fields: {full_name: name, email: mail}}
  loose: {type: csv, path: loose.csv, fields: {full_name: name, email: mail}}
  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}
  pair: {type: sqlite, path: old.db, table: pairs, key: [region, number], fields: {full_name: name}}
"""


class Finished(Case):
    """What one finished run over every kind of source leaves."""

    @classmethod
    def setUpClass(cls):
        cls.shared = p = cls.make_class_project()
        p.write_csv("list.csv", CSV_HEADER, CSV_ROWS)
        p.write("loose.csv", 'name,mail\nDan Poe,dan@example.org\nonly one field\n\nEve Sun,"eve@example.org"\nx,y,z\n')
        p.sqlite("old.db", """CREATE TABLE t (id INTEGER, name, number, fraction, blob, "any");
                              CREATE TABLE pairs (region, number, name);""", "t", TABLE)
        p.sqlite("old.db", "", "pairs", [("no rth", 1, "Flo Kay"), ('q"', 2.5, "Gus Orr"), ("s", None, "No Key")])
        p.plan(sources_yaml(), "attributes: {colour: {type: text}, size: {type: number}}")
        cls.result = p.run("--json", expect=3)

    def make_project(self):
        return self.shared

    def records(self, source):
        rows = self.p.query("SELECT source_key, record_id, payload, row_sha256 FROM record JOIN source USING (source_id) "
                            "WHERE name = ?", source)
        return {key: (rid, bytes(data), bytes(sha)) for key, rid, data, sha in rows}

    def assert_records(self, source, expected):
        """expected: source_key -> payload"""
        found = self.records(source)
        self.assertEqual(set(found), set(expected))
        for key, data in expected.items():
            self.assertEqual(found[key], (record_id(source, key), data, row_sha256(source, key, data)), key)

    def test_csv_ids_payloads_and_digests_are_what_python_computes(self):
        self.assert_records("list", {row[0]: payload(row) for row in CSV_ROWS})

    def test_sqlite_ids_payloads_and_digests_are_what_python_computes_for_every_type(self):
        def cell(v):
            return {"base64": base64.b64encode(v).decode()} if isinstance(v, bytes) else v
        expected = {str(row[0]): payload([cell(v) for v in row]) for row in TABLE}
        self.assert_records("old", expected)

    def test_key_of_a_csv_without_one_is_the_files_digest_and_the_row(self):
        digest = hashlib.sha256(self.p.path("loose.csv").read_bytes()).hexdigest()[:16]
        self.assert_records("loose", {f"{digest}#1": payload(["Dan Poe", "dan@example.org"]),
                                      f"{digest}#3": payload(["Eve Sun", "eve@example.org"])})

    def test_composite_key_is_a_json_array_of_texts(self):
        self.assert_records("pair", {'["no rth","1"]': payload(["no rth", 1, "Flo Kay"]),
                                     '["q\\"","2.5"]': payload(['q"', 2.5, "Gus Orr"])})

    def test_links_hold_every_record_once_sorted_bytewise(self):
        links = self.p.export("links")
        self.assertEqual(links, sorted(links, key=links_order))
        stored = self.p.query("SELECT name, source_key, record_id, person_id FROM record JOIN source USING (source_id) "
                              "JOIN person_record USING (record_id)")
        self.assertEqual({tuple(str(v) for v in row) for row in stored}, {tuple(row.values()) for row in links})
        self.assertEqual(len(links), 5 + 2 + 4 + 2)
        self.assertEqual(list(links[0]), ["source", "source_key", "record_id", "person_id"])

    def test_persons_have_the_contracts_columns_and_order(self):
        persons = self.p.export("persons")
        fields = [f for f in BUILT_IN if f not in ("full_name", "address")]
        self.assertEqual(list(persons[0]), ["person_id", "record_count", "confidence", *fields, "colour", "size"])
        ids = [int(row["person_id"]) for row in persons]
        self.assertEqual(ids, sorted(ids))
        self.assertEqual(sum(int(row["record_count"]) for row in persons), 13)
        self.assertEqual({row["person_id"] for row in persons}, {row["person_id"] for row in self.p.export("links")})

    def test_rejects_hold_the_files_bytes_at_their_offset(self):
        rejects = self.p.export("rejects")
        self.assertEqual(list(rejects[0]), ["source", "file", "line", "byte_offset", "source_key", "reason", "detail", "raw_base64"])
        found = [(r["source"], r["line"], r["source_key"].partition("#")[2], r["reason"]) for r in rejects]
        self.assertEqual(found, [("loose", "3", "2", "too_few_fields"), ("loose", "6", "4", "too_many_fields"),
                                 ("pair", "0", "", "null_key")])
        data = self.p.path("loose.csv").read_bytes()
        for r in rejects[:2]:
            raw = base64.b64decode(r["raw_base64"], validate=True)
            self.assertEqual(data[int(r["byte_offset"]):][:len(raw)], raw)
        self.assertEqual(base64.b64decode(rejects[0]["raw_base64"]), b"only one field")
        order = [(r["source"].encode(), r["file"].encode(), int(r["byte_offset"]), r["source_key"].encode()) for r in rejects]
        self.assertEqual(order, sorted(order))

    def test_export_source_gives_the_csv_back(self):
        rows = self.p.export("source", "--name", "list")
        expected = sorted(CSV_ROWS, key=lambda row: row[0].encode())
        self.assertEqual([list(row.values()) for row in rows], expected)
        self.assertEqual(list(rows[0]), CSV_HEADER)

    def test_export_source_gives_the_table_back(self):
        text = self.p.export_text("source", "--name", "old")
        lines = text.split("\r\n")
        self.assertEqual(lines[0], ",".join(COLUMNS))
        self.assertEqual(lines[1], "1,Ann Lee,42,0.1,base64:AP8=,")
        self.assertEqual(lines[2], '2,Bob Ray,-9223372036854775808,1e+300,base64:,""')
        self.assertEqual(lines[3], '3,Núñez 😀,9223372036854775807,3.0,base64:dGV4dA==,"q""uote\n"')
        self.assertEqual(lines[4], "4,,text in a number,-1.5e-07,7,5.5")

    def test_run_json_is_one_object_on_stdout_and_json_lines_on_stderr(self):
        report = self.result.json()
        self.assertEqual((report["exit_code"], report["import"], report["dry_run"]), (3, 1, False))
        lines = [json.loads(line) for line in self.result.stderr.splitlines()]
        done = [line["stage"] for line in lines if line["event"] == "stage_done"]
        self.assertEqual(done, ["extract", "normalize", "load", "dedupe", "reconcile"])

    def test_the_books_balance(self):
        flow = self.result.json()["flow"]
        self.assertEqual((flow["counted"], flow["loaded"], flow["quarantined"]), (16, 13, 3))
        self.assertEqual(flow["loaded"], flow["inserted"] + flow["updated"] + flow["unchanged"] + flow["superseded"])
        for book in self.result.json()["reconciliation"]["books"]:
            self.assertEqual(book["digest_source"], book["digest_target"])

    def test_reports_and_reconciliation_are_left_in_the_workspace(self):
        workspace = self.p.path("out/ws")
        self.assertEqual(self.p.report()["flow"], self.result.json()["flow"])
        page = (workspace / "reports/1.html").read_text()
        self.assertTrue(page.lower().startswith("<!doctype html>"))
        self.assertNotIn("http://", page.replace("http://www.w3.org/", ""))
        lines = (workspace / "reconciliation.jsonl").read_text().splitlines()
        self.assertEqual([json.loads(line)["verdict"] for line in lines], ["match"])

    def test_the_workspace_is_private(self):
        workspace = self.p.path("out/ws")
        for path in [workspace, *workspace.rglob("*")]:
            mode = stat.S_IMODE(path.lstat().st_mode)
            self.assertEqual(oct(mode), oct(0o700 if path.is_dir() else 0o600), path)

    def test_reading_commands_give_one_json_object_each(self):
        for args in (["validate"], ["status"], ["report"], ["rejects", "list"]):
            with self.subTest(args):
                result = self.p.migrate(*args, self.p.plan_file, "--json")
                self.assertEqual((result.code, result.stderr), (0, ""), str(result))
                self.assertIsInstance(result.json(), dict)

    def test_show_and_find_answer(self):
        link = next(row for row in self.p.export("links") if row["source_key"] == "10")
        shown = self.p.migrate("show", self.p.plan_file, link["person_id"], "--json")
        self.assertEqual(shown.code, 0, str(shown))
        self.assertIn(link["record_id"], shown.stdout)
        self.assertEqual(str(shown.json()["person_id"]), link["person_id"])
        found = self.p.migrate("find", self.p.plan_file, "--email", "ANN@example.org", "--json")
        self.assertEqual(found.code, 0, str(found))
        self.assertIn(link["person_id"], found.stdout)

    def test_output_option_writes_the_same_bytes_as_stdout(self):
        self.p.export_text("links", "--output", self.p.path("links.csv"))
        self.assertEqual(self.p.path("links.csv").read_bytes().decode(), self.p.export_text("links"))


class Json(Case):
    def test_a_run_that_fails_keeps_json_on_both_streams(self):
        self.p.write("a.csv", "id,name\n1,Ann\n2\n")
        plan = "  a: {type: csv, path: a.csv, key: id, fields: {full_name: name}}"
        self.p.plan(plan, "reconcile: {max_quarantined: 0}")
        result = self.p.migrate("run", "plan.yaml", "--json")
        self.assertEqual((result.code, result.json()["exit_code"]), (5, 5))
        for line in result.stderr.splitlines():
            self.assertIsInstance(json.loads(line), dict)


class Usage(Case):
    def test_wrong_usage_exits_2_with_a_message_on_stderr(self):
        self.p.write("a.csv", "name\nAnn\n")
        self.p.plan("  a: {type: csv, path: a.csv, fields: {full_name: name}}")
        for args in ([], ["fly"], ["run"], ["run", "plan.yaml", "--fly"], ["run", "plan.yaml", "--threads", "0"], ["run", "plan.yaml", "--limit", "0"],
                     ["run", "plan.yaml", "--stage", "fly"], ["export", "all", "plan.yaml"], ["export", "links"],
                     ["run", "plan.yaml", "--memory", "8 apples"], ["export", "source", "plan.yaml"]):
            with self.subTest(args):
                result = self.p.migrate(*args)
                self.assert_fails(result, 2)
                self.assertLess(max(map(len, result.stderr.splitlines())), 300, result.stderr)
        self.assertFalse(self.p.target().exists())

    def test_help_of_each_command_exits_0_on_stdout(self):
        for command in ("run", "validate", "explain", "status", "report", "export", "rejects", "show", "find"):
            result = self.p.migrate(command, "--help")
            self.assertEqual((result.code, result.stderr), (0, ""), command)
            self.assertIn(command, result.stdout)

    def test_reading_commands_before_the_first_run_exit_2_and_make_nothing(self):
        self.p.write("a.csv", "name\nAnn\n")
        self.p.plan("  a: {type: csv, path: a.csv, fields: {full_name: name}}")
        for args in (["export", "links", "plan.yaml"], ["rejects", "list", "plan.yaml"], ["show", "plan.yaml", "1"],
                     ["find", "plan.yaml", "--email", "a@b.org"]):
            with self.subTest(args):
                self.assert_fails(self.p.migrate(*args), 2, "loaded")
        self.assertEqual(list(self.p.path("out").iterdir()), [])

    def test_show_of_an_unknown_person_fails_in_words(self):
        self.p.write("a.csv", "name\nAnn\n")
        self.p.plan("  a: {type: csv, path: a.csv, fields: {full_name: name}}")
        self.p.run(expect=0)
        result = self.p.migrate("show", "plan.yaml", "999")
        self.assertIn(result.code, (1, 2))
        self.assert_fails(result, result.code, "999")


if __name__ == "__main__":
    unittest.main()
