"""Targets that are not as the workspace left them, and stewards' words where records came and went."""
import shutil
import sqlite3
import time
import unittest

from common import Case, record_id, stop

HEADER = ["id", "first", "last", "mail", "street", "born", "changed"]
PLAN = ('  a: {type: csv, path: "a_*.csv", key: id, fields: {first_name: first, last_name: last, email: mail, street: street, '
        'birth_date: born, updated_at: changed}}')


def person(key, street="", changed="2020-01-01", first="Wolfgang", last="Amadeusson"):
    return [key, first, last, f"{first}.{last}@example.org".lower(), street, "1961-05-05", changed]


class Restored(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)
        self.others = [person(f"o{i}", f"{i} Elm St", first=f"First{i}", last=f"Last{i}") for i in range(40)]

    def write(self, number, *rows):
        self.p.write_csv(f"a_{number}.csv", HEADER, rows)

    def an_older_copy(self):
        self.write(1, *self.others)
        self.p.run(expect=0)
        shutil.copy(self.p.target(), self.p.path("backup.db"))
        self.write(2, person("k1"))
        self.p.run(expect=0)
        shutil.copy(self.p.path("backup.db"), self.p.target())

    def test_nothing_is_decided_in_an_older_copy(self):
        self.an_older_copy()
        for args in (("link", "a:o1", "a:o2"), ("link", "a:o1", "a:o2", "--later"), ("unlink", "a:o1", "a:o2"),
                     ("pin", 1, "street", "1 Elm St"), ("undo", 1)):
            self.assert_fails(self.p.migrate("review", args[0], "plan.yaml", *args[1:]), 1, "restored from an older backup",
                              "imports accept")
        self.assertEqual(self.p.query("SELECT count(*) FROM decision"), [(0,)])

    def test_a_dry_run_and_status_say_what_a_run_would(self):
        self.an_older_copy()
        self.write(3, person("k2"))
        self.assert_fails(self.p.migrate("run", "plan.yaml", "--dry-run"), 1, "restored from an older backup", "imports accept")
        self.assertIn("restored from an older backup", self.p.migrate("status", "plan.yaml").stdout)
        self.assertIn("restored from an older backup", self.p.migrate("status", "plan.yaml", "--json").json()["finding"])
        self.assertIn("older backup", self.p.migrate("audit", "verify", "plan.yaml").stderr)
        self.assertEqual(self.p.migrate("imports", "accept", "plan.yaml").code, 0)
        self.assertNotIn("NOTE", self.p.migrate("status", "plan.yaml").stdout)
        self.p.run(expect=0)

    def test_a_target_that_is_gone_is_said(self):
        self.write(1, *self.others)
        self.assertNotIn("holds nothing", self.p.run(expect=0).stderr)
        self.p.target().unlink()
        self.assertIn("holds nothing, though import 1 of this plan ended in it", self.p.run(expect=0).stderr)

    def test_a_model_that_does_not_fit_is_refused_before_a_row_is_read(self):
        self.write(1, *self.others)
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("model", "export", "plan.yaml", "--output", self.p.path("m.json")).code, 0)
        self.p.plan(PLAN.replace("street: street", "job: street"), "attributes: {job: {type: text}}\ndedupe: {model: m.json}")
        self.write(2, person("k1"))
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "learned with the attributes", "m.json")
        self.assertEqual(self.p.query("SELECT count(*) FROM import"), [(1,)])
        for what in ("{}", "no json", None):
            self.p.path("m.json").unlink() if what is None else self.p.write("m.json", what)
            for command in ("validate", "run"):
                self.assert_fails(self.p.migrate(command, "plan.yaml"), 2, "m.json")
        self.assertEqual(self.p.query("SELECT count(*) FROM import"), [(1,)])

    def test_a_file_without_a_key_that_came_with_other_content_is_said(self):
        self.p.plan(PLAN.replace(" key: id,", ""))
        self.write(1, *self.others)
        self.p.run(expect=0)
        self.write(2, person("k1"))
        self.assertNotIn("has no key", self.p.run(expect=0).stderr)
        self.write(1, *self.others, person("k2"))
        self.assertIn("migrate rollback plan.yaml 1` takes those out", self.p.run(expect=0).stderr.replace(str(self.p.folder) + "/", ""))

    def test_a_damaged_target_is_repaired_before_its_rollback_goes_on(self):
        self.write(1, *self.others)
        self.p.run(expect=0)
        self.p.execute("UPDATE record SET last_name = 'Forged' WHERE source_key IN ('o3', 'o4')")
        self.assert_fails(self.p.migrate("rollback", "plan.yaml", 1), 1, "is not the one that was written", "migrate repair")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "rollback of import 1, was begun and did not end", "migrate repair")
        repaired = self.p.migrate("repair", "plan.yaml")
        self.assertIn("a rollback is not finished: migrate rollback plan.yaml 1", repaired.stdout, repaired)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 1).code, 0)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(0,)])

    def test_an_export_that_was_cut_off_is_in_the_trail(self):
        self.write(1, *[person(f"o{i}", "x" * 200, first=f"First{i}") for i in range(3000)])
        self.p.run(expect=0)
        process = self.p.start("export", "links", "plan.yaml")
        process.stdout.read(10)
        process.stdout.close()
        process.stderr.read()
        self.assertEqual(process.wait(), 1)
        process.stderr.close()
        told = self.p.query("SELECT detail FROM audit_event WHERE kind = 'export'")
        self.assertEqual(len(told), 1)
        self.assertIn('"complete":false', told[0][0])

    def test_a_frozen_contract_does_not_hinder_the_proof(self):
        self.write(1, *self.others)
        self.p.plan(PLAN.replace("key: id,", "key: id, contract: freeze,"))
        self.p.run(expect=0)
        self.p.write("a_2.csv", "id,first,last,mail,street,born,changed,more\nx,A,B,,,,,1\n")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "more")
        self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", "reconcile").code, 0)


class Abandoned(Case):
    """A run dies in its load, and its inputs are changed before the next one."""

    def rows(self, n, begin=0):
        return [person(f"k{i}", f"{i} Elm St", first=f"First{i % 40}", last=f"Last{i % 31}") for i in range(begin, n)]

    def die_in_load(self, out="out"):
        for after in (0.15, 0.1, 0.2, 0.3, 0.07, 0.4, 0.05):
            process = self.p.start("run", "plan.yaml", "--threads", 1, out=out, env={"MIGRATE_CHUNK_ROWS": "5"})
            end = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < end:
                if self.loaded(out) > 100:
                    stop(process)
            if self.loaded(out) > 100 and self.p.query("SELECT count(*) FROM import WHERE state = 'loading'", out=out) == [(1,)]:
                return
            shutil.rmtree(self.p.path(out))
        self.fail("no run could be killed in its load")

    def loaded(self, out):
        try:
            return self.p.query("SELECT count(*) FROM record WHERE source_id > 0", out=out)[0][0] if self.p.target(out).exists() else 0
        except sqlite3.Error:
            return 0

    def test_rows_that_are_in_no_input_any_more_do_not_stay(self):
        self.p.plan(PLAN)
        self.p.write_csv("a_1.csv", HEADER, self.rows(800))
        self.p.write_csv("a_2.csv", HEADER, self.rows(1000, 800))
        self.die_in_load()
        self.p.write_csv("a_1.csv", HEADER, self.rows(700))
        self.p.write_csv("a_2.csv", HEADER, [])
        shutil.copytree(self.p.path("out"), self.p.path("again"))
        forecast = self.p.migrate("run", "plan.yaml", "--dry-run", "--json").json()["flow"]
        result = self.p.run(expect=0)
        self.assertIn("import 1 did not end, and what is to be imported is not the same any more: it is taken back first", result.stderr)
        self.p.run(out="whole", expect=0)
        self.assertEqual(self.p.exports(), self.p.exports(out="whole"))
        self.assertEqual(self.p.query("SELECT import_id, state FROM import"), [(1, "abandoned"), (2, "done"), (3, "done")])
        flow = self.p.migrate("report", "plan.yaml", "--json").json()["flow"]
        self.assertEqual((flow["inserted"], forecast["inserted"]), (700, 700))
        self.assertIn("nothing new", self.p.run(expect=0).stdout)
        # Killed while it takes back, and run again.
        for after in (0.05, 0.1, 0.15, 0.2):
            process = self.p.start("run", "plan.yaml", out="again", env={"MIGRATE_CHUNK_ROWS": "5"})
            time.sleep(after)
            stop(process)
        self.p.run(out="again", expect=0)
        self.assertEqual(self.p.exports(out="again"), self.p.exports(out="whole"))
        self.p.write_csv("a_2.csv", HEADER, self.rows(1000, 800))
        self.p.run(expect=0)
        self.assertEqual(len(self.p.export("links")), 900)


class Released(Case):
    def write(self, number, *keys):
        self.p.write_csv(f"a_{number}.csv", HEADER, [person(f"k{k}", f"{k} Elm St", first=f"First{k}", last=f"Last{k}") for k in keys])

    def count(self):
        return self.p.query("SELECT count(*) FROM record")[0][0]

    def test_files_that_were_held_come_in_beside_others_that_are_done(self):
        self.p.plan(PLAN)
        self.write(1, *range(20))
        self.p.run(expect=0)
        self.write(2, *range(20, 25))
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        self.write(4, *range(40, 45))
        self.p.run(expect=0)
        self.assertEqual(self.count(), 25)
        self.assertEqual(self.p.migrate("imports", "release", "plan.yaml", 2).code, 0)
        self.p.run(expect=0)
        self.assertEqual(self.count(), 30)
        self.assertIn("nothing new", self.p.run(expect=0).stdout)

    def test_released_between_a_kill_and_the_next_run(self):
        rows = lambda low, high: [(i, f"First{i} Last{i}", f"2024-01-01 {i // 60:02}:{i % 60:02}:00") for i in range(low, high)]
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, name, changed)", "t", rows(0, 10))
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, extract: {incremental: id, overlap: 0}, fields: {full_name: name}}")
        self.p.run(expect=0)
        self.p.sqlite("old.db", "", "t", rows(10, 15))
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        self.p.sqlite("old.db", "", "t", rows(20, 25))
        self.p.run(expect=0)
        self.p.execute("UPDATE import SET state = 'loading' WHERE import_id = 4")  # as if it had died at its very end
        self.assertEqual(self.p.migrate("imports", "release", "plan.yaml", 2).code, 0)
        self.p.run()
        self.assertEqual(self.count(), 20)

    def test_a_restored_target_is_not_released(self):
        self.p.plan(PLAN)
        self.write(1, *range(20))
        self.p.run(expect=0)
        self.write(2, *range(20, 25))
        self.p.run(expect=0)
        self.p.migrate("rollback", "plan.yaml", 2)
        shutil.copy(self.p.target(), self.p.path("backup.db"))
        self.write(3, *range(30, 35))
        self.p.run(expect=0)
        shutil.copy(self.p.path("backup.db"), self.p.target())
        self.assert_fails(self.p.migrate("imports", "release", "plan.yaml", 2), 1, "restored from an older backup")

    def test_two_plans_whose_imports_died_do_not_wait_for_each_other(self):
        self.p.plan(PLAN)
        self.write(1, *range(20))
        self.p.run(expect=0)
        text = self.p.path("plan.yaml").read_text().replace("name: p\n", "name: b\n").replace("/ws", "/ws_b").replace("a_*.csv", "b_*.csv")
        self.p.write("b.yaml", text.replace("  a: {", "  b: {"))
        shutil.copy(self.p.path("a_1.csv"), self.p.path("b_1.csv"))
        self.assertEqual(self.p.migrate("run", "b.yaml").code, 0)
        self.p.execute("UPDATE import SET state = 'loading'")
        self.write(1, *range(15))
        shutil.copy(self.p.path("a_1.csv"), self.p.path("b_1.csv"))
        for plan in ("plan.yaml", "b.yaml"):
            self.assertEqual(self.p.migrate("run", plan).code, 0, plan)
        self.assertEqual(self.count(), 30)


class Stewards(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)

    def write(self, number, *rows):
        self.p.write_csv(f"a_{number}.csv", HEADER, rows)

    def test_a_pin_outlives_the_record_it_was_written_for(self):
        keys = sorted((f"k{i}" for i in range(4)), key=lambda k: record_id("a", k))
        lowest, rest = keys[0], keys[1:]
        others = [person(f"o{i}", f"{i} Elm St", first=f"First{i}", last=f"Last{i}") for i in range(40)]
        self.write(1, person(rest[0], "1 Old St", "2001-01-01"), person(rest[1], "2 Mid St", "2005-01-01"),
                   person(rest[2], "3 New St", "2010-01-01"), *others)
        self.p.run(expect=0)
        self.write(2, person(lowest, "1 Old St", "2000-01-01"))
        self.p.run(expect=0)
        who = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == lowest)
        self.assertEqual(self.p.migrate("review", "pin", "plan.yaml", who, "street", "1 Old St").code, 0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        self.assertEqual(self.p.query(f"SELECT street, record_count FROM person WHERE person_id = {who}"), [("1 Old St", 3)])
        self.write(3, person("late", "99 Far Rd", first="Late", last="Comer"))
        self.p.run(expect=0)
        self.assertEqual(self.p.query(f"SELECT street FROM person WHERE person_id = {who}"), [("1 Old St",)])
        self.assertEqual(self.p.migrate("review", "undo", "plan.yaml", 1).code, 0)
        self.assertEqual(self.p.query(f"SELECT street FROM person WHERE person_id = {who}"), [("3 New St",)])
        self.assertIn(f"pin a:{lowest} street = 1 Old St", self.p.migrate("history", "plan.yaml", who).stdout)
        self.assertEqual(self.p.migrate("show", "plan.yaml", f"a:{rest[0]}", "--json").json()["person_id"], int(who))

    def test_a_chain_of_decisions_is_told(self):
        self.write(1, *[person(f"k{i}", f"{i} Elm St", first=f"First{i}", last=f"Last{i}") for i in range(40)])
        self.p.run(expect=0)
        for a, b in (("a:k1", "a:k2"), ("a:k2", "a:k3")):
            self.assertEqual(self.p.migrate("review", "link", "plan.yaml", a, b, "--by", "Ann").code, 0)
        told = self.p.migrate("why", "plan.yaml", "a:k1", "a:k3").stdout
        self.assertRegex(told, r"stewards linked them over 1 other record: decision 1 by Ann at \S+, decision 2 by Ann")
        self.assertRegex(self.p.migrate("why", "plan.yaml", "a:k2", "a:k1").stdout, "a steward linked them: decision 1 by Ann")


class Arguments(Case):
    def test_days_and_numbers_that_do_not_exist(self):
        self.p.plan(PLAN)
        self.p.write_csv("a_1.csv", HEADER, [person("k")])
        self.p.run(expect=0)
        for day in ("2026-13-01", "2026-02-31"):
            self.assert_fails(self.p.migrate("show", "plan.yaml", 1, "--as-of", day), 2, "there is no such day")
        refused = self.p.migrate("rollback", "plan.yaml", 0)
        self.assertEqual(refused.code, 2)
        self.assertLess(len(refused.stderr), 300, refused)


if __name__ == "__main__":
    unittest.main()
