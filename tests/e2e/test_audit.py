"""The audit trail: everything is in it, and nothing can be taken out of it unnoticed."""
import csv
import hashlib
import io
import json
import unittest

from common import Case

HEADER = ["id", "first", "last"]
PLAN = '  a: {type: csv, path: "a*.csv", key: id, fields: {first_name: first, last_name: last}}'


class Audit(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)
        self.p.write_csv("a1.csv", HEADER, [["1", "Ann", "Lee"], ["2", "Bob", "Ray"]])
        self.p.run(expect=0)

    def events(self):
        result = self.p.migrate("audit", "export", "plan.yaml")
        self.assertEqual(result.code, 0, str(result))
        return [json.loads(line) for line in result.stdout.splitlines()]

    def kinds(self):
        return [e["kind"] for e in self.events()]

    def verify(self, code=0):
        result = self.p.migrate("audit", "verify", "plan.yaml")
        self.assertEqual(result.code, code, str(result))
        return result

    def test_whatever_changes_or_leaves_the_target_is_an_event(self):
        self.p.run(expect=0)
        data = self.p.export_text("persons")
        for command in (["model", "train", "plan.yaml"], ["review", "link", "plan.yaml", "a:1", "a:2", "--later"],
                        ["schema", "apply", "plan.yaml"], ["rollback", "plan.yaml", "1"],
                        ["imports", "release", "plan.yaml", "1"]):
            result = self.p.migrate(*command)
            self.assertEqual(result.code, 0, str(result))
        self.assertEqual(self.kinds(), ["import_begun", "import_done", "run_unchanged", "export", "model_trained", "decision",
                                        "schema_applied", "rollback_begun", "rollback_done", "import_released"])
        export = self.events()[3]["detail"]
        self.assertEqual((export["what"], export["rows"], export["sha256"]),
                         ("persons", 2, hashlib.sha256(data.encode()).hexdigest()))
        self.verify()

    def test_rows_that_leave_are_an_event_and_so_is_a_reader_that_goes_away(self):
        rows = self.p.migrate("rows", "plan.yaml", "persons")
        self.p.migrate("rows", "plan.yaml", "persons", "--count")
        event, = [e["detail"] for e in self.events() if e["kind"] == "export"]
        self.assertEqual((event["what"], event["rows"], event["bytes"], event["complete"], event["sha256"]),
                         ("rows persons", 2, len(rows.stdout), True, hashlib.sha256(rows.stdout.encode()).hexdigest()))
        for what, command in (("links", ("export", "links", "plan.yaml")), ("rows records", ("rows", "plan.yaml", "records"))):
            broken = self.p.start(*command)
            broken.stdout.close()
            self.assertEqual(broken.wait(60), 1, broken.stderr.read())
            broken.stderr.close()
            event = self.events()[-1]["detail"]
            self.assertEqual((event["what"], event["rows"], event["complete"]), (what, 2, False))
            self.assertGreater(event["bytes"], 20)
        self.verify()

    def test_events_are_hashed_as_documented_in_both_formats(self):
        result = self.p.migrate("audit", "export", "plan.yaml", "--format", "csv")
        before = ""
        for row in csv.DictReader(io.StringIO(result.stdout, newline="")):
            text = before + row["at"] + "\0" + row["kind"] + "\0" + row["detail"]
            before = hashlib.sha256(text.encode()).hexdigest()
            self.assertEqual(before, row["hash"])
        self.assertEqual(self.events()[-1]["hash"], before)

    def test_every_change_of_the_trail_is_found(self):
        for _ in range(3):
            self.p.run(expect=0)
        rows = self.p.query("SELECT * FROM audit_event ORDER BY event_id")
        damages = {1: "UPDATE audit_event SET detail = replace(detail, '1', '2') WHERE event_id = 1",
                   2: "DELETE FROM audit_event WHERE event_id = 2",
                   3: "UPDATE audit_event SET at = '2020-01-01T00:00:00Z' WHERE event_id = 3",
                   4: "UPDATE audit_event SET kind = 'other' WHERE event_id = 4",
                   5: "DELETE FROM audit_event WHERE event_id = 5"}
        for event, sql in damages.items():
            with self.subTest(sql):
                self.p.execute(sql)
                result = self.verify(4)
                self.assertIn(f"the audit trail is broken at event {event}", result.stderr)
                self.p.execute("DELETE FROM audit_event")
                for row in rows:
                    self.p.execute("INSERT INTO audit_event VALUES (?, ?, ?, ?, ?)", *row)
        self.verify()
        self.p.execute("UPDATE audit_event SET event_id = -3 WHERE event_id = 3")
        self.p.execute("UPDATE audit_event SET event_id = 3 WHERE event_id = 4")
        self.p.execute("UPDATE audit_event SET event_id = 4 WHERE event_id = -3")
        self.assertIn("broken at event 3", self.verify(4).stderr)

    def test_last_events_that_are_missing_are_found_without_the_workspace_too(self):
        self.p.execute("DELETE FROM audit_event WHERE event_id = 2")
        (self.p.path("out") / "ws" / "target.json").unlink()
        self.assertIn("when the last import ended, and 1 are there", self.verify(4).stderr)

    def test_a_broken_trail_is_named_and_is_no_matter_of_repair(self):
        self.p.execute("UPDATE audit_event SET detail = 'x' WHERE event_id = 2")
        told = self.p.run("--stage", "reconcile", expect=4).stderr
        self.assertIn("audit chain: event 2 does not fit", told)
        self.assertIn("`migrate audit verify ", told)
        self.p.execute("DROP TABLE audit_event")
        self.assertIn("the table audit_event is not there", self.verify(4).stderr)

    def test_an_export_from_a_target_that_cannot_be_written_says_so(self):
        import sqlite3
        db = sqlite3.connect(self.p.target(), isolation_level=None)
        self.p.execute("REPLACE INTO setting VALUES ('lease', ?)", json.dumps({"token": "0" * 32, "by": "somebody", "since": "now"}))
        db.close()
        (self.p.path("out") / "people.db-lease").write_text(json.dumps(
            {"token": "0" * 32, "until": 9999999999999, "by": "somebody", "since": "now"}))
        result = self.p.migrate("export", "links", "plan.yaml")
        self.assertEqual(result.code, 0, str(result))
        if "export" not in self.kinds():
            self.assertIn("not in the audit trail", result.stderr)


if __name__ == "__main__":
    unittest.main()
