"""Audit events of commands beside a run, and of runs that make no import; exports of half an import."""
import json
import sqlite3
import subprocess
import unittest

from common import Case
from people import FIRST, LAST

PLAN = '  a: {type: csv, path: "a*.csv", key: id, fields: {full_name: name, email: mail}}'
HEADER = ["id", "name", "mail"]


def rows(first, end):
    return [[str(i), f"{FIRST[i % len(FIRST)]} {LAST[i * 7 % len(LAST)]}", f"z{i}@example.org"] for i in range(first, end)]


class Events(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN, "reconcile: {max_quarantined: 3}")
        self.p.write_csv("a1.csv", HEADER, rows(0, 5))
        self.p.run(expect=0)

    def kinds(self):
        return [k for k, in self.p.query("SELECT kind FROM audit_event ORDER BY event_id")]

    def last(self):
        return json.loads(self.p.query("SELECT detail FROM audit_event ORDER BY event_id DESC LIMIT 1")[0][0])

    def verify(self):
        self.assertEqual(self.p.migrate("audit", "verify", "plan.yaml").code, 0)

    def test_exports_at_once_all_leave_an_event(self):
        running = [self.p.start("export", what, "plan.yaml") for what in ("links", "persons", "rejects") * 2]
        for process in running:
            err = process.communicate(timeout=120)[1]
            self.assertEqual((process.returncode, b"audit" in err), (0, False), err)
        self.assertEqual(self.kinds().count("export"), 6)
        self.verify()

    def test_an_export_beside_a_lease(self):
        # Whoever holds the lease may be at work for hours.
        self.p.execute("REPLACE INTO setting VALUES ('lease', ?)", json.dumps({"token": "0" * 32, "by": "somebody", "since": "now"}))
        (self.p.path("out") / "people.db-lease").write_text(json.dumps(
            {"token": "0" * 32, "until": 9999999999999, "by": "somebody", "since": "now"}))
        self.assertEqual(self.p.migrate("export", "links", "plan.yaml").stderr, "")
        self.assertEqual(self.kinds()[-1], "export")

    def test_an_event_that_waits_comes_in_with_the_next_command(self):
        db = sqlite3.connect(self.p.target(), isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        told = self.p.migrate("export", "links", "plan.yaml")
        db.execute("ROLLBACK")
        db.close()
        self.assertEqual(told.code, 0, str(told))
        self.assertIn("not in the audit trail yet", told.stderr)
        self.assertNotIn("export", self.kinds())
        self.assertEqual(len(list(self.p.path("out/ws/audit").iterdir())), 1)
        self.p.run(expect=0)
        self.assertEqual(self.kinds()[-2:], ["run_unchanged", "export"])
        self.assertIn("kept", self.last())
        self.assertEqual(list(self.p.path("out/ws/audit").iterdir()), [])
        self.verify()

    def test_single_stages_a_mismatch_and_a_refusal(self):
        self.p.run("--stage", "reconcile", expect=0)
        self.assertEqual((self.kinds()[-1], self.last()["stages"], self.last()["verdict"]), ("run_ended", ["reconcile"], "match"))
        self.p.run("--from", "dedupe", expect=0)
        self.assertEqual(self.last()["stages"], ["dedupe", "reconcile"])
        self.p.write_csv("a2.csv", HEADER, [["x"]] * 9)
        events = len(self.kinds())
        self.p.run(expect=5)  # before the target is touched
        self.assertEqual(len(self.kinds()), events)
        self.p.execute("UPDATE record SET last_name = 'Evil' WHERE source_key = '3'")
        self.p.run("--stage", "reconcile", expect=4)
        self.assertEqual((self.kinds()[-1], self.last()["exit_code"], self.last()["verdict"]), ("run_ended", 4, "mismatch"))
        self.assertGreater(self.last()["damaged"], 0)
        self.assertEqual(self.p.migrate("model", "export", "plan.yaml", "--output", self.p.path("m.json")).code, 0)
        self.assertEqual(self.kinds()[-1], "model_exported")
        self.verify()

    def test_an_export_of_half_an_import_says_so(self):
        self.p.write_csv("a2.csv", HEADER, rows(10, 60))
        self.p.execute("CREATE TRIGGER dies BEFORE INSERT ON record WHEN new.source_key = '55' BEGIN SELECT RAISE(FAIL, 'dies'); END")
        self.p.run(expect=(1,), env={"MIGRATE_CHUNK_ROWS": "5"})
        self.p.execute("DROP TRIGGER dies")
        told = self.p.migrate("export", "links", "plan.yaml")
        self.assertEqual(told.code, 0)
        self.assertIn("import 2 (run of the plan p) has not ended", told.stderr)
        self.assertEqual(self.last()["unfinished_import"], 2)
        told = self.p.migrate("export", "links", "plan.yaml", "--json", "--output", self.p.path("l.csv"))
        self.assertEqual(told.json()["unfinished_import"], 2)
        self.p.run(expect=0)
        told = self.p.migrate("export", "links", "plan.yaml", "--json", "--output", self.p.path("l.csv"))
        self.assertEqual((told.json()["unfinished_import"], told.stderr), (None, ""))


class Control(Case):
    def test_rows_that_never_change(self):
        self.p.plan(PLAN)
        self.p.write_csv("a1.csv", HEADER, rows(0, 5))
        self.p.run(expect=0)
        records = [r for r, in self.p.query("SELECT record_id FROM record ORDER BY 1")]
        self.assertEqual(self.p.migrate("review", "link", "plan.yaml", records[0], records[1], "--reason", "x").code, 0)
        self.p.write_csv("a2.csv", HEADER, rows(3, 9))
        self.p.run(expect=0)
        self.p.run("--stage", "reconcile", expect=0)
        for table, sql in (("source_schema", "UPDATE source_schema SET columns = replace(columns, 'mail', 'male')"),
                           ("decision", "DELETE FROM decision"),
                           ("import_file of import 1", "UPDATE import_file SET sha256 = replace(sha256, 'a', 'b') WHERE import_id = 1"),
                           ("import_file of import", "DELETE FROM import_file WHERE import_id > 1"),
                           ("import of import 1", "UPDATE import SET counts = '{}' WHERE import_id = 1"),
                           ("import_version of import 1", "UPDATE import_version SET undoes = 1 WHERE import_id = 1"),
                           ("import_version of import 2", "UPDATE import_version SET rolled_back_by = 1 WHERE import_id = 2"),
                           ("import_version of import 9", "INSERT INTO import_version SELECT 9, kind, undoes, keep_later, rolled_back_by, "
                            "released, snapshots, root, chain FROM import_version WHERE import_id = 1")):
            with self.subTest(sql):
                before = self.p.target().read_bytes()
                self.p.execute(sql)
                told = self.p.run("--stage", "reconcile", expect=4)
                self.assertIn("control tables: not as it was: " + table, told.stderr)
                self.p.target().write_bytes(before)
        # An older version kept no digest.
        self.p.execute("DELETE FROM checkpoint WHERE stage = 'control'")
        self.p.execute("UPDATE import SET counts = '{}' WHERE import_id = 1")
        self.p.run("--stage", "reconcile", expect=0)


class Slips(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)
        self.p.write_csv("a1.csv", HEADER, [["1", "Ann Lee", "a@example.org"]] * 3 + [["1", "Ann Lex", "b@example.org"], ["x"]])
        self.p.run(expect=3)

    def test_a_reject_names_the_row_that_is_kept_in_the_end(self):
        kept = {f"a1.csv:{line}" for line in range(2, 6)} - {
            f"a1.csv:{n}" for n, in self.p.query("SELECT line FROM quarantine WHERE reason = 'duplicate_key'")}
        line = kept.pop().split(":")[1]
        details = self.p.query("SELECT DISTINCT detail FROM quarantine WHERE reason = 'duplicate_key'")
        self.assertEqual(details, [(f"the row at line {line} has the same key and is kept",)])

    def test_a_fix_that_takes_the_key_of_another_row_says_so(self):
        row = self.p.query("SELECT quarantine_id FROM quarantine WHERE reason <> 'duplicate_key'")[0][0]
        self.p.path("row").write_text("1,Zoe Orr,z@example.org\n")
        told = self.p.migrate("rejects", "fix", "plan.yaml", row, "--raw", self.p.path("row"), "--reason", "x")
        self.assertIn("source a has a row with the key 1 already", told.stderr, str(told))
        self.p.path("row").write_text("2,Zoe Orr,z@example.org\n")
        told = self.p.migrate("rejects", "fix", "plan.yaml", row, "--raw", self.p.path("row"), "--reason", "x")
        self.assertEqual((told.code, told.stderr), (0, ""))

    def test_replay_of_a_reason_that_is_none(self):
        self.assert_fails(self.p.migrate("rejects", "replay", "plan.yaml", "--reason", "nonsense"), 2, "there is no such reason")
        self.assertEqual(self.p.migrate("rejects", "replay", "plan.yaml", "--reason", "bad_quote").code, 3)

    def test_what_is_no_file_is_written_to(self):
        pipe = self.p.path("pipe")
        subprocess.run(["mkfifo", pipe], check=True)
        for command in (["report", "plan.yaml"], ["init", "a1.csv", "--force"]):
            reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
            written = self.p.migrate(*command, "--output", pipe)
            self.assertTrue(pipe.is_fifo(), command)
            self.assertEqual(written.code, 0, str(written))
            self.assertGreater(len(reader.communicate(timeout=60)[0]), 100)


if __name__ == "__main__":
    unittest.main()
