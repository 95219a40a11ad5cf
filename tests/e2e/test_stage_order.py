"""Stages asked for by name: each does its own work only, and says so where what it needs is not there yet."""
import unittest

from common import Case
from people import FIRST, LAST

PLAN = '  a: {type: csv, path: "a*.csv", key: id, fields: {full_name: name, email: mail}}'
HEADER = ["id", "name", "mail"]
CHUNKS = {"MIGRATE_CHUNK_ROWS": "5"}


def rows(first, end):
    return [[str(i), f"{FIRST[i % len(FIRST)]} {LAST[i * 7 % len(LAST)]}", f"z{i}@example.org"] for i in range(first, end)]


class StageOrder(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)
        self.p.write_csv("a1.csv", HEADER, rows(0, 2))
        self.p.run(expect=0)

    def import_that_dies(self, at):
        self.p.write_csv("a2.csv", HEADER, rows(10, 60))
        self.p.execute(f"CREATE TRIGGER dies BEFORE INSERT ON {at} BEGIN SELECT RAISE(FAIL, 'dies'); END")
        self.p.run(expect=(1,), env=CHUNKS)
        self.p.execute("DROP TRIGGER dies")

    def assert_refused(self, stage, what):
        before = self.p.tables(all_columns=True)
        self.assert_fails(self.p.migrate("run", "plan.yaml", "--stage", stage), 2, f"{stage}: import 2 has not ended its {what}",
                          "nothing was done")
        self.assert_same_tables(before, self.p.tables(all_columns=True))

    def finish(self):
        self.p.run(expect=0)
        self.p.run("--stage", "reconcile", expect=0)
        self.p.run(expect=0, out="whole")
        self.assertEqual(len(self.p.export("links")), 52)

    def test_half_a_load_is_neither_matched_nor_called_damaged(self):
        self.import_that_dies("record WHEN new.source_key = '55'")
        self.assertGreater(self.p.query("SELECT count(*) FROM record")[0][0], 2)
        for stage in ("reconcile", "dedupe"):
            self.assert_refused(stage, "load")
        self.finish()

    def test_half_a_load_without_its_workspace(self):
        self.import_that_dies("record WHEN new.source_key = '55'")
        for path in sorted(self.p.path("out/ws/work").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        self.assert_refused("reconcile", "load")
        self.finish()

    def test_half_a_load_of_another_plan(self):
        self.p.write_csv("b.csv", HEADER, rows(10, 60))
        text = self.p.plan_file.read_text()
        self.p.write("other.yaml", text.replace("name: p", "name: other", 1).replace("/ws", "/ws2").replace("  a:", "  b:").replace("a*", "b"))
        self.p.execute("CREATE TRIGGER dies BEFORE INSERT ON record WHEN new.source_key = '55' BEGIN SELECT RAISE(FAIL, 'dies'); END")
        self.assertEqual(self.p.migrate("run", "other.yaml", env=CHUNKS).code, 1)
        self.p.execute("DROP TRIGGER dies")
        self.assert_fails(self.p.migrate("run", "plan.yaml", "--stage", "reconcile"), 2,
                          "reconcile: import 2 of the plan other has not ended its load")
        self.assertEqual(self.p.migrate("run", "other.yaml").code, 0)
        self.p.run("--stage", "reconcile", expect=0)

    def test_half_a_matching(self):
        self.import_that_dies("person_record WHEN new.person_id = 40")
        self.assert_refused("reconcile", "matching")
        self.p.run("--stage", "dedupe", expect=0)
        self.p.run("--stage", "reconcile", expect=0)
        self.finish()

    def test_a_load_that_has_ended_is_matched(self):
        self.p.write_csv("a2.csv", HEADER, rows(10, 60))
        self.p.run("--stage", "extract", "--stage", "normalize", "--stage", "load", expect=0)
        self.assert_refused("reconcile", "matching")
        for stage in ("dedupe", "reconcile"):
            self.p.run("--stage", stage, expect=0)

    def test_stages_from_load_on_with_nothing_to_load(self):
        for n in (1, 2):
            self.assertEqual(self.p.migrate("rollback", "plan.yaml", n).code, 0)
        imports = self.p.query("SELECT count(*) FROM import")
        for stage in (["--from", "load"], ["--from", "normalize"], ["--stage", "load"]):
            result = self.p.run(*stage, expect=0)
            self.assertIn("nothing new", result.stdout + result.stderr)
            self.p.run("--stage", "reconcile", expect=0)
            self.assertEqual(self.p.query("SELECT count(*) FROM import"), imports)

    def test_an_empty_import_of_an_earlier_version_reconciles(self):
        # Such an import is that of the work at hand, and no input of it brings anything.
        for n in (1, 2):
            self.assertEqual(self.p.migrate("rollback", "plan.yaml", n).code, 0)
        self.p.run("--from", "load", expect=0)
        work = [line for line in self.p.path("out/ws/work/manifest.jsonl").read_text().splitlines() if '"run_key"' in line][-1]
        key = work.split('"run_key":"')[1].split('"')[0]
        self.p.execute("INSERT INTO import SELECT (SELECT max(import_id) + 1 FROM import), 'done', plan_name, plan_hash, tool_version, operator, host, "
                       "started_at, finished_at, row_limit, counts FROM import WHERE import_id = 1")
        self.p.execute("REPLACE INTO setting (name, value) VALUES ('run_key p', ?)", key)
        result = self.p.migrate("run", "plan.yaml", "--stage", "reconcile")
        self.assertIn("recomputed", result.stderr, str(result))


class TwoPlans(Case):
    """What one plan does while an import of another one, into the same target, has not ended."""

    def plans(self, source=PLAN, other=PLAN, stages=""):
        self.p.plan(source)
        text = self.p.plan_file.read_text()
        assert source in text
        self.p.write("other.yaml", text.replace("name: p", "name: other", 1).replace("/ws", "/ws2").replace(source, other) + stages)

    def dies(self, condition, at="record"):
        self.assertEqual(self.p.migrate("schema", "apply", "plan.yaml").code, 0)
        self.p.execute(f"CREATE TRIGGER dies BEFORE INSERT ON {at} WHEN {condition} BEGIN SELECT RAISE(FAIL, 'dies'); END")
        self.p.run(expect=1, env=CHUNKS)
        self.p.execute("DROP TRIGGER dies")

    def other(self, *args, expect=0):
        result = self.p.migrate("run", "other.yaml", *args)
        self.assertEqual(result.code, expect, result)
        return result

    def live(self):
        return {int(key) for key, in self.p.query("SELECT source_key FROM record WHERE gone_import IS NULL")}

    def test_a_first_load(self):
        self.plans(other=PLAN.replace("a*", "b*"))
        self.p.write_csv("a1.csv", HEADER, rows(0, 60))
        self.p.write_csv("b1.csv", HEADER, rows(1, 60))
        self.dies("new.source_key = '55'")
        self.assertGreater(self.p.query("SELECT count(*) FROM record")[0][0], 0)
        self.other()
        self.p.run(expect=0)
        self.assertEqual(self.live(), set(range(60)))
        self.p.run("--stage", "reconcile", expect=0)

    def test_an_older_snapshot_does_not_go_on_over_a_newer_one(self):
        source = PLAN.replace("csv,", "csv, mode: snapshot,")
        self.plans(source, source.replace("a*", "b*"))
        self.p.write_csv("a1.csv", HEADER, rows(0, 60))
        self.p.write_csv("b1.csv", HEADER, rows(10, 75))
        self.dies("new.source_key = '55'")
        self.other()
        self.assertEqual(self.live(), set(range(10, 75)))
        self.p.run(expect=0)  # anew, so it is the last one
        self.assertEqual(self.live(), set(range(60)))
        for plan in ("plan.yaml", "other.yaml"):
            self.assertEqual(self.p.migrate("run", plan, "--stage", "reconcile").code, 0)

    def test_rejects_of_one_content_are_open_once(self):
        self.plans()
        self.p.write_csv("a1.csv", HEADER, rows(0, 60) + rows(3, 6) + [["", "x", "y@example.org"]])
        self.dies("new.source_key = '55'")
        self.other(expect=3)
        self.p.run(expect=3)
        self.assertEqual(self.p.query("SELECT reason, count(*) FROM quarantine WHERE state = 'open' GROUP BY 1 ORDER BY 1"),
                         [("duplicate_key", 3), ("null_key", 1)])
        self.p.run("--stage", "reconcile", expect=3)

    def test_one_without_dedupe(self):
        self.plans(other=PLAN.replace("  a:", "  b:").replace("a*", "b*"), stages="stages: [extract, normalize, load, reconcile]\n")
        self.p.write_csv("a1.csv", HEADER, rows(0, 30))
        self.p.write_csv("b1.csv", HEADER, rows(10, 40))
        self.p.run(expect=0)
        self.other()  # its records wait for the next matching
        self.p.run("--stage", "reconcile", expect=0)
        self.assertEqual(self.p.migrate("repair", "plan.yaml").code, 0)
        self.assertEqual(self.p.migrate("rollback", "other.yaml", 2).code, 0)
        self.assertEqual(self.p.migrate("rollback", "other.yaml", 3).code, 0)
        self.p.run("--stage", "dedupe", expect=0)
        self.assertEqual(self.p.query("SELECT count(*) FROM person_record"), [(60,)])
        self.assertEqual(self.p.migrate("rollback", "other.yaml", 4).code, 0)  # no link stays behind
        self.p.run("--stage", "reconcile", expect=0)
        self.p.execute("DELETE FROM person_record WHERE record_id IN (SELECT record_id FROM person_record LIMIT 1)")
        self.p.run("--stage", "reconcile", expect=4)

    def test_stages_without_dedupe_do_not_end_half_a_matching(self):
        self.plans()
        self.p.write_csv("a1.csv", HEADER, rows(0, 60))
        self.dies("new.person_id = 40", at="person_record")
        whole = self.p.plan_file.read_text()
        self.p.plan_file.write_text(whole + "stages: [extract, normalize, load]\n")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "import 1 has written some of its persons and not all", "--stage dedupe")
        self.p.run("--stage", "dedupe", expect=0)
        self.p.run("--stage", "reconcile", expect=0)

    def test_an_import_that_cannot_end_is_given_up(self):
        self.plans()
        self.p.write_csv("a1.csv", HEADER, rows(0, 60))
        self.dies("new.source_key = '55'")
        self.p.path("a1.csv").unlink()
        self.p.write_csv("a2.csv", HEADER, rows(100, 110))
        self.other()
        self.assert_fails(self.p.migrate("run", "other.yaml", "--stage", "reconcile"), 2, "`migrate rollback` of that plan with 1 gives it up")
        result = self.p.migrate("rollback", "plan.yaml", 1)
        self.assertEqual(result.code, 0, result)
        self.assertIn("import 1 did not end: it is given up", result.stderr)
        self.assertIn("not held", result.stdout)
        self.assertEqual(self.live(), set(range(100, 110)))
        self.other("--stage", "reconcile")
        self.assertIn("is taken back already", self.p.migrate("rollback", "plan.yaml", 1).stdout)
        self.assert_fails(self.p.migrate("rollback", "plan.yaml", 3), 2, "import 1 never ended")


if __name__ == "__main__":
    unittest.main()
