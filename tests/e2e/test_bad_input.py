"""Bad input: each with its exit code and one clear message, and nothing half-done."""
import gzip
import signal
import sqlite3
import subprocess
import sys
import textwrap
import unittest

from common import Case, stop

GOOD = '  a: {type: csv, path: "a*.csv*", key: id, fields: {full_name: name}}'
TABLE = "  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}"


class Untouched(Case):
    """Every command that fails here must leave no target and no import behind."""

    def assert_refused(self, code, *words, plan="plan.yaml", env=None):
        for command in (("run", plan), ("run", plan, "--dry-run")):
            result = self.p.migrate(*command, env=env)
            self.assert_fails(result, code, *words)
        self.assertFalse(self.p.target().exists())
        self.assertEqual([str(p) for p in self.p.path("out").rglob("reports/*")], [])
        return result.stderr


class BadPlan(Untouched):
    def test_plan_that_is_missing(self):
        self.assert_refused(2, "none.yaml", plan="none.yaml")

    def test_plan_that_is_a_directory(self):
        self.p.path("folder").mkdir()
        self.assert_refused(2, "folder", plan="folder")

    def test_plan_that_is_empty(self):
        self.p.write("plan.yaml", "")
        self.assert_refused(2, "plan.yaml")

    def test_plan_that_is_no_yaml(self):
        self.p.write("plan.yaml", "name: p\nsources: {a: [}\n")
        self.assert_refused(2, "plan.yaml:2:")

    def test_plan_that_is_no_text(self):
        self.p.write("plan.yaml", b"name: \xff\xfe\x00\n")
        self.assert_refused(2, "plan.yaml")

    def test_plan_that_is_unreadable(self):
        self.p.write("loop.yaml", "")
        self.p.path("loop.yaml").unlink()
        self.p.path("loop.yaml").symlink_to("loop.yaml")
        self.assert_refused(2, "loop.yaml", plan="loop.yaml")

    def test_all_errors_of_a_plan_are_reported_at_once_with_place_line_and_caret(self):
        self.p.write("plan.yaml", textwrap.dedent("""\
            name: p
            name: q
            target: {url: "sqlite:${NO_SUCH_VARIABLE}/x.db"}
            sources:
              a: {type: csv, path: a.csv, feilds: {full_name: name}}
              b: {type: csv, path: a.csv, fields: {full_nam: name}}
            dedupe: {match_probability: high}
            stages: fast
            """))
        text = self.assert_refused(2)
        for place in ("plan.yaml:2:1: error", "plan.yaml:3:23: error", "plan.yaml:5:31: error", "plan.yaml:6:40: error",
                      "plan.yaml:7:29: error", "plan.yaml:8:9: error"):
            self.assertIn(place, text)
        for words in ("did you mean 'fields'", "did you mean 'full_name'", "NO_SUCH_VARIABLE"):
            self.assertIn(words, text)
        lines = text.splitlines()
        at = next(i for i, line in enumerate(lines) if "plan.yaml:5:31" in line)
        self.assertIn("feilds", lines[at + 1])
        self.assertEqual(lines[at + 2].strip(), "^")
        self.assertEqual(lines[at + 2].index("^"), lines[at + 1].index("feilds"))

    def test_message_of_a_required_variable_is_said(self):
        self.p.write("a.csv", "id,name\n1,Ann\n")
        self.p.plan(GOOD, "dedupe: {model: \"${MODEL:?where the model is}\"}")
        self.assert_refused(2, "where the model is")

    def test_mapped_columns_that_are_missing_are_all_named(self):
        self.p.write("a.csv", "id,name,e_mail\n1,Ann,x\n")
        self.p.sqlite("old.db", "CREATE TABLE t (number, name)", "t", [(1, "Bob")])
        self.p.plan("""
  a: {type: csv, path: a.csv, key: nr, fields: {full_name: name, email: email, phone: [mobile]}}
  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: nam}}
""")
        text = self.assert_refused(2, "plan.yaml:6:")
        for column in ("'nr'", "'email'", "'mobile'", "'id'", "'nam'"):
            self.assertIn(column, text)
        self.assertIn("did you mean 'e_mail'", text)
        self.assertIn("did you mean 'name'", text)
        self.assertEqual(text.count("^"), 5)

    def test_wrong_version(self):
        self.p.write("a.csv", "id,name\n1,Ann\n")
        self.p.plan(GOOD, 'requires: ">=99"')
        self.assert_refused(2, "99")


class BadSource(Untouched):
    def test_csv_that_is_missing(self):
        self.p.plan(GOOD)
        self.assert_refused(2, "plan.yaml:", "a*.csv")

    def test_csv_that_is_a_directory(self):
        self.p.path("a.csv").mkdir()
        self.p.plan(GOOD)
        self.assert_refused(2, "a.csv", "is a folder")

    def test_gzip_that_is_truncated(self):
        data = gzip.compress("".join(f"{i},Ann Lee {i}\n" for i in range(50000)).encode(), mtime=0)
        self.p.write("a.csv.gz", gzip.compress(b"id,name\n") + data[:len(data) // 2])
        self.p.plan(GOOD)
        self.assert_refused(1, "a.csv.gz")

    def test_gzip_that_is_damaged(self):
        data = bytearray(gzip.compress(("id,name\n" + "".join(f"{i},Ann Lee {i * 7919}\n" for i in range(50000))).encode(), mtime=0))
        data[len(data) // 2] ^= 0x55
        self.p.write("a.csv.gz", bytes(data))
        self.p.plan(GOOD)
        self.assert_refused(1, "a.csv.gz")

    def test_sqlite_file_that_is_missing(self):
        self.p.plan(TABLE)
        self.assert_refused(2, "old.db")
        self.assertFalse(self.p.path("old.db").exists())

    def test_sqlite_file_that_is_a_directory(self):
        self.p.path("old.db").mkdir()
        self.p.plan(TABLE)
        self.assert_refused(2, "old.db", "is a folder")

    def test_sqlite_file_that_is_none(self):
        for content in ("id,name\n1,Ann\n" * 100, "SQLite format 3\0 but not really" * 100):
            self.p.write("old.db", content)
            self.p.plan(TABLE)
            self.assert_refused(2, "old.db")

    def test_sqlite_file_that_is_empty_has_no_table(self):
        self.p.write("old.db", "")
        self.p.plan(TABLE)
        self.assert_refused(2, "old.db")

    def test_table_that_is_missing(self):
        self.p.sqlite("old.db", "CREATE TABLE tt (id, name)")
        self.p.plan(TABLE)
        self.assert_refused(2, "'t'", "tt", "plan.yaml:5:")

    def test_query_that_is_wrong(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, name)")
        for query in ("SELEC id FROM t", "SELECT id, nam FROM t", "DELETE FROM t", "SELECT 1; SELECT 2"):
            self.p.plan(TABLE.replace("table: t,", f'query: "{query}",'))
            self.assert_refused(2, "plan.yaml:5:")

    def test_sqlite_file_that_is_corrupt_in_the_middle(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, name)", "t", [(i, f"Ann Lee {i}") for i in range(20000)])
        data = bytearray(self.p.path("old.db").read_bytes())
        middle = len(data) // 2 // 4096 * 4096
        data[middle:middle + 4096] = bytes(b ^ 0xA5 for b in data[middle:middle + 4096])
        self.p.write("old.db", bytes(data))
        self.p.plan(TABLE)
        self.assert_refused(1, "old.db")

    def test_sqlite_file_that_a_writer_has_locked(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, name)", "t", [(1, "Ann")])
        self.p.plan(TABLE)
        hold = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"
        writer = subprocess.Popen([sys.executable, "-c", hold, self.p.path("old.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            writer.stdout.readline()
            result = self.p.migrate("run", "plan.yaml")
            self.assert_fails(result, 1, "old.db", "locked")
            self.assertFalse(self.p.target().exists())
        finally:
            writer.communicate()
        self.p.run(expect=0)


class BadTarget(Case):
    def setUp(self):
        super().setUp()
        self.p.write("a.csv", "id,name\n1,Ann\n")

    def plan_to(self, target):
        self.p.write("plan.yaml", f"name: p\nworkspace: ${{OUT}}/ws\ntarget: {{url: \"sqlite:{target}\"}}\nsources:\n{GOOD}\n")

    def test_target_below_a_file(self):
        self.p.write("file", "x")
        self.plan_to("file/people.db")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "file")

    def test_target_in_a_folder_that_nobody_can_write(self):
        self.plan_to("/proc/people.db")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "/proc/people.db")

    def test_target_that_is_a_directory(self):
        self.p.path("people.db").mkdir()
        self.plan_to("people.db")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "people.db")

    def test_workspace_below_a_file(self):
        self.p.write("out/x", "")
        self.p.write("plan.yaml", f"name: p\nworkspace: out/x/ws\ntarget: {{url: \"sqlite:people.db\"}}\nsources:\n{GOOD}\n")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "out/x")
        self.assertFalse(self.p.path("people.db").exists())

    def test_target_that_is_another_database_is_left_alone(self):
        self.p.sqlite("people.db", "CREATE TABLE orders (id, item)", "orders", [(1, "ink")])
        before = self.p.path("people.db").read_bytes()
        self.plan_to("people.db")
        for args in (["run", "plan.yaml"], ["run", "plan.yaml", "--dry-run"], ["validate", "plan.yaml"],
                     ["export", "links", "plan.yaml"]):
            with self.subTest(args):
                self.assert_fails(self.p.migrate(*args), 2, "people.db")
        self.assertEqual(self.p.path("people.db").read_bytes(), before)

    def test_target_that_is_no_database_is_left_alone(self):
        self.p.write("people.db", "my only copy of a letter\n" * 50)
        self.plan_to("people.db")
        for args in (["run", "plan.yaml"], ["run", "plan.yaml", "--dry-run"], ["validate", "plan.yaml"]):
            with self.subTest(args):
                result = self.p.migrate(*args)
                self.assert_fails(result, result.code, "people.db")
                self.assertIn(result.code, (1, 2))
        self.assertEqual(self.p.path("people.db").read_text(), "my only copy of a letter\n" * 50)

    def test_target_that_another_process_has_locked(self):
        """The run may wait for it; then Ctrl-C ends the waiting at once."""
        self.p.plan(GOOD)
        self.p.run(expect=0)
        before = self.p.exports()
        self.p.write("a2.csv", "id,name\n2,Bob\n")
        db = sqlite3.connect(self.p.target(), isolation_level=None)
        try:
            db.execute("BEGIN IMMEDIATE")
            process = self.p.start("run", "plan.yaml")
            try:
                process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=4)
            except subprocess.TimeoutExpired:
                stop(process)
                self.fail("a run that waits for a locked target does not heed Ctrl-C")
            result = stop(process)
        finally:
            db.close()
        self.assert_fails(result, result.code, "people.db")
        self.assertIn(result.code, (1, 130))
        self.assertEqual(self.p.exports(), before)
        self.p.run(expect=0)
        self.assertEqual(len(self.p.export("links")), 2)


class Limits(Case):
    ROWS = "id,name\n1,Ann\n2,Bob\n3\n4\n1,Ann again\n"

    def test_more_rejects_than_the_limit_exit_5_and_leave_the_target(self):
        self.p.write("a1.csv", "id,name\n7,Dan\n")
        self.p.plan(GOOD, "reconcile: {max_quarantined: 2}")
        self.p.run(expect=0)
        before = self.p.tables(all_columns=True)
        self.p.write("a2.csv", self.ROWS)
        for _ in range(2):
            result = self.p.migrate("run", "plan.yaml")
            self.assertEqual(result.code, 5, str(result))
            self.assertIn("quarantine", result.stderr)
        self.assert_same_tables(before, self.p.tables(all_columns=True))
        self.assertEqual(self.p.migrate("run", "plan.yaml", "--dry-run").code, 5)
        text = self.p.run("--stage", "reconcile", expect=0).stdout
        self.assertIn("import 1, as the target has it", text)
        self.assertNotIn("quarantine", text, "the rows that were refused are in no import")
        self.p.plan(GOOD, "reconcile: {max_quarantined: 3}")
        self.p.run(expect=3)
        self.assertEqual(len(self.p.export("rejects")), 3)
        self.assertEqual(len(self.p.export("links")), 3)

    def test_limit_on_a_first_run_makes_no_target(self):
        self.p.write("a.csv", self.ROWS)
        self.p.plan(GOOD, 'reconcile: {max_quarantined: "20%"}')
        self.assertEqual(self.p.migrate("run", "plan.yaml").code, 5)
        self.assertFalse(self.p.target().exists())
        self.p.plan(GOOD, 'reconcile: {max_quarantined: "60%"}')
        self.p.run(expect=3)

    def test_limit_of_nothing(self):
        self.p.write("a.csv", "id,name\n1,Ann\n2\n")
        self.p.plan(GOOD, "reconcile: {max_quarantined: 0}")
        self.assertEqual(self.p.migrate("run", "plan.yaml").code, 5)
        self.assertFalse(self.p.target().exists())


class Workspaces(Case):
    def setUp(self):
        super().setUp()
        self.p.write("a.csv", "id,name\n1,Ann\n")
        self.p.plan(GOOD)

    def test_workspace_of_a_newer_format_is_left_alone(self):
        self.p.write("out/ws/workspace.json", '{"format": 99, "plan": "p", "tool": "9.9"}')
        before = self.p.path("out/ws/workspace.json").read_bytes()
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "99", "workspace")
        self.assertFalse(self.p.target().exists())
        self.assertEqual(self.p.path("out/ws/workspace.json").read_bytes(), before)

    def test_workspace_of_another_plan_is_left_alone(self):
        self.p.run(expect=0)
        self.p.plan(GOOD, name="other")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "'p'", "'other'")

    def test_workspace_whose_description_is_torn(self):
        self.p.write("out/ws/workspace.json", '{"form')
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "workspace")

    def test_changed_plan_applies_its_mapping_to_all_inputs(self):
        self.p.write("a.csv", "id,name,nick\n1,Ann Lee,Annie Lea\n")
        self.p.run(expect=0)
        self.p.plan(GOOD.replace("full_name: name", "full_name: nick"))
        self.p.run(expect=0)
        self.assertEqual([(r["first_name"], r["last_name"]) for r in self.p.export("persons")], [("Annie", "Lea")])


if __name__ == "__main__":
    unittest.main()
