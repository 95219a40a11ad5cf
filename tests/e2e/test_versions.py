"""Versions of the truth: imports that are taken back and brought back, held inputs, the chain of imports."""
import json
import random
import shutil
import sqlite3
import unittest

from common import ALL, Case, stop

HEADER = ["id", "first", "last", "mail", "changed"]
FIELDS = "{first_name: first, last_name: last, email: mail, updated_at: changed}"
APPEND = f'  a: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}'
SNAPSHOT = "\n  t: {type: sqlite, path: old.db, table: t, key: id, mode: snapshot, fields: {full_name: name}}"
PART = ("\n  u: {type: sqlite, path: parts.db, table: u, key: id, extract: {incremental: changed, overlap: 24h}, "
        "fields: {full_name: name, updated_at: changed}}")
# What a record is, whatever import gave it its number: a rollback is an import, so numbers shift.
RECORD = ("SELECT s.name, r.source_key, r.payload, r.row_sha256, r.opt_out, r.flags, r.more, r.attributes, r.last_name, "
          "r.email, r.updated_at, r.gone_import IS NULL FROM record r JOIN source s USING (source_id) ORDER BY 1, 2")


class Versions(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(APPEND)

    def write(self, n, *rows):
        self.p.write_csv(f"a_{n}.csv", HEADER, [list(r) for r in rows])

    def rollback(self, n, *args, code=0, out="out", env=None):
        result = self.p.migrate("rollback", "plan.yaml", n, *args, out=out, env=env)
        self.assertEqual(result.code, code, str(result))
        return result

    def reconcile(self, out="out"):
        self.p.run("--stage", "reconcile", out=out)  # 3: rows are in quarantine

    def state(self, out="out"):
        """Everything that a rollback promises to restore: records, clusters, golden values, identifiers, links."""
        golden = {}
        links = {}
        for row in self.p.export("links", out=out):
            links.setdefault(row["person_id"], []).append((row["source"], row["source_key"]))
        for row in self.p.export("persons", out=out):
            golden[tuple(sorted(links[row["person_id"]]))] = {k: v for k, v in row.items() if k != "person_id"}
        identifiers = sorted((kind, value, tuple(sorted(links[str(person)]))) for kind, value, person in
                             self.p.query("SELECT kind, value, person_id FROM person_identifier", out=out))
        return {"records": self.p.query(RECORD, out=out), "golden": golden, "identifiers": identifiers}

    def assert_state(self, state, out="out"):
        now = self.state(out)
        for name in state:
            self.assertEqual(now[name], state[name], name)


ANN = ("1", "Ann", "Lee", "ann@example.org", "2020-01-01")
BOB = ("2", "Bob", "Ray", "bob@example.org", "2020-01-01")
CY = ("3", "Cy", "Fox", "cy@example.org", "2020-01-01")


class Rollback(Versions):
    def test_new_rows_go_and_changed_rows_are_as_they_were(self):
        self.write(1, ANN, BOB)
        self.p.run(expect=0)
        before = self.state()
        self.write(2, ("1", "Ann", "Poe", "poe@example.org", "2021-01-01"), CY)
        self.p.run(expect=0)
        after = self.state()
        self.rollback(2)
        self.assert_state(before)
        self.reconcile()
        self.assertEqual(self.p.query("SELECT count(*) FROM record_history"), [(0,)])
        # And once more the other way round, by rolling the rollback back.
        self.rollback(3)
        self.assert_state(after)
        self.reconcile()
        self.assertEqual([json.loads(r[0])[2] for r in self.p.query("SELECT payload FROM record_history")], ["Lee"])
        self.rollback(4)
        self.assert_state(before)
        self.reconcile()

    def test_ids_of_persons_come_back_with_their_records(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.write(2, BOB, CY)
        self.p.run(expect=0)
        links = self.p.export("links")
        self.rollback(2)
        self.assertEqual(len(self.p.export("links")), 1)
        self.rollback(3)
        self.assertEqual(self.p.export("links"), links)

    def test_older_rows_that_went_into_history_leave_it(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        before = self.p.tables()["record"]
        self.write(2, ("1", "Ann", "Old", "old@example.org", "2019-01-01"))
        self.p.run(expect=0)
        self.assertEqual(self.p.query("SELECT count(*) FROM record_history"), [(1,)])
        self.rollback(2)
        self.assertEqual(self.p.query("SELECT count(*) FROM record_history"), [(0,)])
        self.assertEqual(self.p.tables()["record"], before)
        self.reconcile()

    def test_a_row_that_a_later_import_held_too_stays(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.write(2, BOB)
        self.p.run(expect=0)
        self.write(3, BOB, CY)
        self.p.run(expect=0)
        self.rollback(2)
        self.assertEqual(sorted(r["source_key"] for r in self.p.export("links")), ["1", "2", "3"])
        self.assertEqual(self.p.query("SELECT import_id, line FROM record WHERE source_key = '2'"), [(3, 2)])
        self.reconcile()
        self.rollback(3)
        self.assertEqual([r["source_key"] for r in self.p.export("links")], ["1"])
        self.rollback(4)
        self.assertEqual(sorted(r["source_key"] for r in self.p.export("links")), ["1", "2"])
        self.reconcile()

    def test_of_two_newer_rows_the_second_is_current_without_the_first(self):
        self.write(1, ("1", "Ann", "Lee", "", "2020-01-01"))
        self.p.run(expect=0)
        self.write(2, ("1", "Ann", "New", "", "2023-01-01"))
        self.p.run(expect=0)
        self.write(3, ("1", "Ann", "Mid", "", "2022-01-01"))
        self.p.run(expect=0)
        self.rollback(2)
        self.assertEqual(self.p.query("SELECT last_name, import_id FROM record"), [("Mid", 3)])
        self.assertEqual(self.p.query("SELECT last_name, import_id, ended_import FROM record_history"), [("Lee", 1, 3)])
        self.reconcile()

    def test_rows_that_a_later_import_changed_are_conflicts(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.write(2, ("1", "Ann", "Poe", "", "2021-01-01"), BOB)
        self.p.run(expect=0)
        self.write(3, ("1", "Ann", "Roe", "", "2022-01-01"))
        self.p.run(expect=0)
        tables = self.p.tables()
        result = self.p.migrate("rollback", "plan.yaml", 2)
        self.assert_fails(result, 1, "1 record was changed again by later imports", "a:1", "by import 3", "--keep-later")
        self.assert_same_tables(tables, self.p.tables())
        self.rollback(2, "--keep-later")
        self.assertEqual(self.p.query("SELECT source_key, last_name FROM record"), [("1", "Roe")])
        self.assertEqual(self.p.query("SELECT last_name, ended_import FROM record_history"), [("Lee", 3)])
        self.reconcile()

    def test_a_row_that_came_again_as_it_was_is_no_conflict(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.write(2, BOB)
        self.p.run(expect=0)
        self.rollback(2)
        self.write(3, BOB, ("3", "Cy", "Fox", "", "2022-01-01"))
        self.p.run(expect=0)
        self.rollback(3)  # the rollback: Bob came in between, byte for byte the same
        self.assertEqual(self.p.query("SELECT source_key, import_id FROM record ORDER BY 1"), [("1", 1), ("2", 2), ("3", 4)])
        self.reconcile()
        self.rollback(5)
        self.assertEqual(self.p.query("SELECT source_key, import_id FROM record ORDER BY 1"), [("1", 1), ("2", 4), ("3", 4)])
        self.reconcile()
        self.write(4, ("2", "Bob", "Poe", "", "2023-01-01"))
        self.p.run(expect=0)
        result = self.p.migrate("rollback", "plan.yaml", 3)
        self.assert_fails(result, 1, "1 record was changed again by later imports", "a:2", "by import 7")

    def test_marks_of_rows_that_were_gone_are_taken_back(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER, name)", "t", [(1, "Ann Lee"), (2, "Bob Ray"), (3, "Cy Fox")])
        self.p.plan(SNAPSHOT)
        self.p.run(expect=0)
        before = self.state()
        self.p.sqlite("old.db", "DELETE FROM t WHERE id = 2")
        self.p.run(expect=0)
        self.p.sqlite("old.db", "DELETE FROM t WHERE id = 3")
        self.p.run(expect=0)
        gone = lambda: dict(self.p.query("SELECT source_key, gone_import FROM record"))
        self.assertEqual(gone(), {"1": None, "2": 2, "3": 3})
        self.rollback(2)
        self.assertEqual(gone(), {"1": None, "2": 3, "3": 3})  # import 3 did not see it either
        self.reconcile()
        self.rollback(3)
        self.assert_state(before)
        self.reconcile()

    def test_a_row_that_was_mended_twice_does_not_come_back_twice(self):
        self.p.write("a_1.csv", "id,first,last,mail,changed\n1,Ann,Lee,,\n,Nokey,Man,,\n")
        self.p.run(expect=3)
        number = self.p.query("SELECT quarantine_id FROM quarantine")[0][0]
        for key in ("7", "8"):
            self.assertEqual(self.p.migrate("rejects", "fix", "plan.yaml", number, "--set", f"id={key}").code, 0)
            self.assertEqual(self.p.migrate("rejects", "replay", "plan.yaml", number).code, 0)
            if key == "7":
                self.rollback(2)
        result = self.rollback(3, code=1)
        self.assertIn("1 row of the quarantine that import 2 had brought in was brought in again by import 4", result.stderr)
        self.assertEqual(self.p.query("SELECT source_key FROM record ORDER BY 1"), [("1",), ("8",)])
        self.rollback(4)
        self.rollback(3)
        self.assertEqual(self.p.query("SELECT source_key FROM record ORDER BY 1"), [("1",), ("7",)])
        self.reconcile()

    def test_files_read_again_stay_behind_those_that_came_later(self):
        """Rows without a date: the later file wins, whatever hash the rows have, also when one import reads both."""
        people = [(str(n), "Ann", f"Lee{n}", "", "") for n in range(12)]
        self.write(1, *people)
        self.p.run(expect=0)
        self.write(2, *((k, "Bea", *rest) for k, _, *rest in people))
        self.p.run(expect=0)
        now = lambda: {first for first, in self.p.query("SELECT first_name FROM record")}
        self.p.run("--from", "extract", expect=0)
        self.assertEqual(now(), {"Bea"})
        self.p.plan(APPEND.replace("email: mail", "city: mail"))
        self.write(3, *((k, "Cleo", *rest) for k, _, *rest in people[:6]))
        self.p.run(expect=0)  # read anew for the mapping, and a new file beside
        self.assertEqual(now(), {"Bea", "Cleo"})
        state = self.state()
        self.p.run("--from", "extract", expect=0)
        self.assert_state(state)
        self.reconcile()
        self.rollback(4)  # the one that read the new file first; import 5 has read it, too
        self.rollback(5)
        self.assertEqual(now(), {"Bea"})
        self.rollback(7)
        self.rollback(6)
        self.assert_state(state)
        self.rollback(2, "--keep-later")
        self.reconcile()

    def crossed(self, *contents, put):
        """Imports 1 and, while that is taken back, 3; both come back in the wrong order."""
        put(contents[0])
        self.p.run(expect=0)
        put(contents[1])
        self.p.run(expect=0)
        self.rollback(2)
        put(contents[2])
        self.p.run(expect=0)
        there = self.p.query("SELECT source_key, gone_import IS NULL, last_name FROM record ORDER BY 1")
        self.rollback(4)
        self.rollback(3)
        self.rollback(5)
        self.reconcile()
        return there

    def test_a_snapshot_that_comes_back_marks_what_had_come_back_before_it(self):
        self.p.plan(SNAPSHOT)
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER, name)")
        put = lambda keys: self.p.sqlite("old.db", "DELETE FROM t", "t", [(k, f"Ann Lee{k}") for k in keys])
        self.crossed((1, 2), (1, 2, 3), (2, 4), put=put)
        self.assertEqual(self.p.query("SELECT source_key, gone_import FROM record ORDER BY 1"), [("1", 4), ("2", None), ("3", 4), ("4", None)])

    def test_what_an_import_found_as_an_older_one_had_left_it_is_as_that_import_wants_it(self):
        number = iter(range(9))
        one = lambda last, *more: [("1", "Ann", last, "", ""), *more]
        there = self.crossed(one("Lee"), one("Poe"), one("Lee", BOB), put=lambda rows: self.write(next(number), *rows))
        self.assertEqual(self.p.query("SELECT source_key, gone_import IS NULL, last_name FROM record ORDER BY 1"), there)

    def test_rejects_are_closed_and_those_that_had_given_way_are_open_again(self):
        self.p.write("a_1.csv", "id,first,last,mail,changed\n1,Ann,Lee,,\n2,short\n")
        self.p.run(expect=3)
        self.p.plan(APPEND.replace("last_name: last, ", ""))  # read anew: the reject of import 1 gives way
        self.p.run(expect=3)
        states = lambda: self.p.query("SELECT import_id, state FROM quarantine ORDER BY 1")
        self.assertEqual(states(), [(1, "superseded"), (2, "open")])
        self.rollback(2)
        self.assertEqual(states(), [(1, "open"), (2, "rolled_back")])
        self.reconcile()
        self.rollback(3)
        self.assertEqual(states(), [(1, "superseded"), (2, "open")])

    def test_of_very_many_rejects_none_is_forgotten(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.write(2, BOB, *[(str(i), "short") for i in range(2100)])
        self.p.run(expect=3)
        for n, state in ((2, "rolled_back"), (3, "open")):
            self.rollback(n)
            self.assertEqual(self.p.query("SELECT state, count(*) FROM quarantine GROUP BY state"), [(state, 2100)])
            self.reconcile()

    def test_its_inputs_are_held_until_they_are_released(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.write(2, BOB)
        self.p.run(expect=0)
        after = self.state()
        self.rollback(2)
        result = self.p.run(expect=0)
        self.assertIn("held, its content came with import 2", result.stderr)
        self.assertIn("1 is held after a rollback", result.stdout)
        shutil.copy(self.p.path("a_2.csv"), self.p.path("a_3.csv"))
        self.assertIn("nothing new", self.p.run(expect=0).stdout)
        self.p.path("a_3.csv").unlink()
        self.write(4, CY)
        self.p.run(expect=0)
        self.assertEqual(sorted(r["source_key"] for r in self.p.export("links")), ["1", "3"])
        released = self.p.migrate("imports", "release", "plan.yaml", 2)
        self.assertEqual(released.code, 0, str(released))
        self.p.path("a_4.csv").unlink()
        self.p.run(expect=0)
        self.assertEqual(sorted(r["source_key"] for r in self.p.export("links")), ["1", "2", "3"])
        self.assertEqual(len(after["records"]), 2)
        self.reconcile()

    def test_a_file_that_was_put_back_is_said(self):
        self.write(1, ANN, BOB)
        self.p.run(expect=0)
        before = self.state()
        self.write(1, ("1", "Ann", "Poe", "poe@example.org", "2020-01-01"), BOB)
        self.p.run(expect=0)
        self.assertNotIn("target keeps", self.p.run(expect=0).stderr)
        self.write(1, ANN, BOB)
        for _ in range(2):
            same = self.p.run(expect=0)
            self.assertIn("nothing new", same.stdout)
            self.assertIn("a_1.csv: its content came in with import 1 already, and import 2 brought other content of this path after "
                          "that, which the target keeps.", same.stderr)
            self.assertIn(f"`migrate rollback {self.p.plan_file} 2`", same.stderr)
        # Read again it keeps its place.
        self.assertIn("target keeps", self.p.run("--from", "extract", expect=0).stderr)
        self.assertIn("target keeps", self.p.run(expect=0).stderr)
        self.assertEqual(self.p.query("SELECT last_name FROM person ORDER BY 1"), [("Poe",), ("Ray",)])
        self.rollback(3)
        self.rollback(2)
        self.assertNotIn("target keeps", self.p.run(expect=0).stderr)
        self.assert_state(before)
        # A copy of it under another name, as logs are turned.
        self.p.path("a_1.csv").rename(self.p.path("a_0.csv"))
        self.write(1, CY)
        self.assertNotIn("target keeps", self.p.run(expect=0).stderr)
        self.assertNotIn("target keeps", self.p.run(expect=0).stderr)

    def test_what_cannot_be_rolled_back_is_said(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.assert_fails(self.p.migrate("rollback", "plan.yaml", 9), 2, "there is no import 9")
        self.rollback(1)
        self.assertEqual(self.p.export("persons"), [])
        again = self.rollback(1)  # the last thing that was done: whoever was killed behind it asks again
        self.assertIn("import 2: import 1 is taken back already; nothing was done", again.stdout)
        self.write(2, BOB)
        self.p.run(expect=0)
        self.assert_fails(self.p.migrate("rollback", "plan.yaml", 1), 2, "import 1 was rolled back already, by import 2")
        self.reconcile()

    def test_a_dry_run_writes_nothing_and_says_what_the_rollback_does(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.write(2, ("1", "Ann", "Poe", "", "2021-01-01"), BOB)
        self.p.run(expect=0)
        listing = self.p.listing("out")
        dry = self.rollback(2, "--dry-run", "--json").json()
        self.assertEqual(self.p.listing("out"), listing)
        done = self.rollback(2, "--json").json()
        for name in ("records", "persons", "conflicts", "direction"):
            self.assertEqual(dry[name], done[name])
        self.assertEqual(done["records"], {"removed": 1, "restored": 1, "added": 0, "history": 0})


class OldTarget(Versions):
    """A target as the version before made it: without the tables of versions and of fixes."""

    def setUp(self):
        super().setUp()
        self.write(1, ANN, BOB)
        self.p.write("a_2.csv", ",".join(HEADER) + "\n1,Ann,Poe,poe@example.org,2021-01-01\n,Cy,Fox,cy@example.org,2021-01-01\n")
        self.p.path("a_2.csv").rename(self.p.path("later"))
        self.p.run(expect=0)
        self.p.path("later").rename(self.p.path("a_2.csv"))
        self.p.run(expect=3)
        self.links = self.p.export("links")
        self.persons = [r["person_id"] for r in self.links]
        for table in ("import_version", "import_seen", "record_undone", "quarantine_fix"):
            self.p.execute(f"DROP TABLE {table}")
        self.p.execute("DELETE FROM bucket WHERE table_name = 'record_undone'")
        self.p.execute("DELETE FROM setting WHERE name = 'import_chain'")
        (self.p.path("out") / "ws" / "target.json").unlink()

    def test_what_reads_works(self):
        before = self.p.tables(all_columns=True)
        for command in (("status",), ("report",), ("show", self.persons[0]), ("show", self.persons[0], "--as-of", 1),
                        ("history", self.persons[0]), ("find", "--email", "ann@example.org"), ("imports", "list"),
                        ("imports", "show", 2), ("imports", "diff", 1, 2), ("rejects", "list"), ("rejects", "show", 1),
                        ("why", "a:1", "a:2"), ("model", "show"), ("review", "list"), ("audit", "verify"),
                        ("explain",), ("validate",), ("schema", "check"), ("run", "--dry-run")):
            words = [w for w in (command[0], command[1] if command[0] in ("imports", "rejects", "model", "review", "audit", "schema") else None,
                                 "plan.yaml") if w]
            rest = command[len(words) - 1:]
            with self.subTest(command=command):
                result = self.p.migrate(*words, *rest)
                self.assertNotIn("no such table", result.stderr)
                self.assertIn(result.code, (4,) if command[0] == "schema" else (0, 3), f"{command} {result}")
        self.assert_same_tables(before, self.p.tables(all_columns=True))

    def test_what_writes_adds_the_tables(self):
        for command in (("run", "plan.yaml"), ("rejects", "fix", "plan.yaml", 1, "--set", "id=3"), ("run", "plan.yaml", "--stage", "reconcile"),
                        ("repair", "plan.yaml"), ("schema", "apply", "plan.yaml"), ("imports", "accept", "plan.yaml"), ("rejects", "replay", "plan.yaml")):
            shutil.rmtree(self.p.path("copy"), ignore_errors=True)
            shutil.copytree(self.p.path("out"), self.p.path("copy"))
            with self.subTest(command=command):
                result = self.p.migrate(*command, out="copy")
                self.assertIn(result.code, (0, 3), f"{command} {result}")
                if command[:2] != ("rejects", "replay"):  # finds nothing, and writes nothing
                    self.assertEqual(self.p.query("SELECT count(*) FROM record_undone", out="copy"), [(0,)])

    def test_what_it_did_not_keep_cannot_be_rolled_back(self):
        for number in (1, 2):
            self.assert_fails(self.p.migrate("rollback", "plan.yaml", number), 2, "did not keep what a rollback needs")
        self.write(3, CY)
        self.p.run(expect=3)
        before = self.state()
        self.rollback(3)
        self.assertEqual(self.p.export("links"), self.links)
        self.rollback(4)
        self.assert_state(before)
        self.reconcile()


class Killed(Versions):
    def test_a_rollback_that_was_killed_goes_on(self):
        rng = random.Random(5)
        self.write(1, *[(str(i), f"First{i}", f"Last{i}", f"p{i}@example.org", "2020-01-01") for i in range(600)])
        self.p.run(expect=0)
        self.write(2, *[(str(i), f"First{i}", f"New{i}", f"p{i}@example.org", "2021-01-01") for i in range(300, 900)])
        self.p.run(expect=0)
        self.p.migrate("rollback", "plan.yaml", 2, out="other")  # nothing there: fails
        shutil.copytree(self.p.path("out"), self.p.path("calm"))
        self.rollback(2, out="calm")
        env = {"MIGRATE_CHUNK_ROWS": "40"}
        kills = 0
        for attempt in range(40 if ALL else 12):
            process = self.p.start("rollback", "plan.yaml", 2, env=env)
            try:
                process.wait(timeout=rng.uniform(0.02, 0.15))
            except Exception:
                stop(process)
                kills += 1
                continue
            stop(process)
            break
        result = self.p.migrate("rollback", "plan.yaml", 2, env=env)
        self.assertIn(result.code, (0, 2), str(result))
        self.assertGreater(kills, 0)
        self.assert_state(self.state("calm"))
        self.reconcile()
        self.assertEqual(self.p.query("SELECT count(*), max(import_id) FROM import"), [(3, 3)])
        roots = [self.p.query("SELECT root, chain FROM import_version ORDER BY import_id", out=o) for o in ("out", "calm")]
        self.assertEqual(roots[0], roots[1])

    def test_no_run_writes_beside_a_rollback_that_did_not_end(self):
        self.write(1, *[(str(i), f"First{i}", f"Last{i}", "", "2020-01-01") for i in range(400)])
        self.p.run(expect=0)
        self.rollback(1)
        self.p.execute("UPDATE import SET state = 'loading' WHERE import_id = 2")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "import 2, the rollback of import 1, was begun and did not end",
                          "rollback", "finishes it")


class Chain(Versions):
    def test_a_target_from_an_older_backup_is_noticed(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        shutil.copy(self.p.target(), self.p.path("backup.db"))
        self.write(2, BOB)
        self.p.run(expect=0)
        shutil.copy(self.p.path("backup.db"), self.p.target())
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "restored from an older backup", "imports accept")
        self.assert_fails(self.p.migrate("rollback", "plan.yaml", 1), 1, "restored from an older backup")
        accepted = self.p.migrate("imports", "accept", "plan.yaml")
        self.assertEqual(accepted.code, 0, str(accepted))
        self.p.run(expect=0)
        self.assertEqual(sorted(r["source_key"] for r in self.p.export("links")), ["1", "2"])

    def test_ids_that_the_lost_imports_gave_out_are_nobody_elses(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        shutil.copy(self.p.target(), self.p.path("backup.db"))
        self.write(2, BOB)
        self.p.run(expect=0)
        lost = {r["person_id"] for r in self.p.export("links")}
        shutil.copy(self.p.path("backup.db"), self.p.target())
        self.assertEqual(self.p.migrate("imports", "accept", "plan.yaml").code, 0)
        self.p.path("a_2.csv").unlink()
        self.write(3, CY)
        self.p.run(expect=0)
        mine = {r["source_key"]: r["person_id"] for r in self.p.export("links")}
        self.assertIn(mine["1"], lost)
        self.assertNotIn(mine["3"], lost)

    def test_a_target_that_is_gone_begins_anew(self):
        self.write(1, ANN)
        self.p.run(expect=0)
        self.p.target().unlink()
        self.p.run(expect=0)
        self.p.run(expect=0)
        self.assertEqual(len(self.p.export("links")), 1)


class Sequences(Versions):
    """Any sequence of imports, reruns, replays and rollbacks without conflicts ends where the sequence without the
    rolled-back ones ends. Random files with random rows, older and newer versions, repeated rows, rows without a key, which
    are mended and replayed; a snapshot that changes; a table that is read in parts."""

    def step(self, rng, n, keys):
        kind = rng.choice(["file", "file", "table", "part", "mend"])
        if kind == "file" or n == 0:
            rows = [("", "Nokey", f"File{n}", "", "2020-01-01")] if rng.random() < 0.4 else []
            for key in rng.sample(range(keys), rng.randint(1, 8)):
                year = rng.choice([2018, 2019, 2020, 2021, 2022])
                rows.append((str(key), f"First{key % 7}", f"Last{key}" if rng.random() < 0.7 else f"Last{key}x{year}",
                             f"p{key % 11}@example.org", f"{year}-01-01"))
            return "file", rows
        if kind == "table":
            nobody = [(None, "Nokey Table")] if rng.random() < 0.3 else []
            return kind, nobody + [(key, f"Person Number{key}x{rng.randrange(2)}") for key in rng.sample(range(8), rng.randint(0, 6))]
        if kind == "part":  # within the overlap of the next one, or behind it
            rows = [(key, f"Part Number{key}x{n}", f"2024-01-0{1 + n} {rng.randrange(24):02}:00:00") for key in rng.sample(range(8), rng.randint(1, 5))]
            return kind, rows + ([(None, f"Nokey Part{n}", None)] if rng.random() < 0.3 else [])
        return kind, []

    def apply(self, n, what, rows):
        if what == "file":
            self.write(n, *rows)
        elif what == "table":
            self.p.sqlite("old.db", "DELETE FROM t", "t", rows)
        elif what == "part":
            keys = ",".join(str(key) for key, *_ in rows if key is not None)
            self.p.sqlite("parts.db", f"DELETE FROM u WHERE id IN ({keys})", "u", rows)

    def mend(self, out, raw, key):
        """Mends the open row of these bytes, of any if None, and replays it; its bytes, None if there is none."""
        open_rows = self.p.query("SELECT quarantine_id, raw FROM quarantine WHERE state = 'open' AND reason = 'null_key' ORDER BY raw", out=out)
        open_rows = [r for r in open_rows if raw is None or r[1] == raw]
        if not open_rows:
            return None
        for command in (("fix", "plan.yaml", open_rows[0][0], "--set", f"id={key}"), ("replay", "plan.yaml", open_rows[0][0])):
            result = self.p.migrate("rejects", *command, out=out)
            self.assertIn(result.code, (0, 3), str(result))
        return open_rows[0][1]

    def rejects(self, out):
        """Those that gave way to the same row in another import are left out: what is held is not read a second time."""
        return sorted(self.p.query("SELECT reason, raw, state FROM quarantine WHERE state NOT IN ('rolled_back', 'superseded')", out=out))

    def begin(self, out):
        for old in self.p.folder.glob("a_*.csv"):
            old.unlink()
        for name, table in (("old.db", "t (id INTEGER, name)"), ("parts.db", "u (id INTEGER, name, changed)")):
            self.p.path(name).unlink(missing_ok=True)
            self.p.sqlite(name, f"CREATE TABLE {table}")
        self.p.sqlite("old.db", "", "t", [(1, "Person Number1x0")])
        self.p.sqlite("parts.db", "", "u", [(1, "Part Number1", "2023-01-01 00:00:00")])
        # What was there before is nobody's to roll back.
        self.write(99, ("base", "Ann", "Base", "base@example.org", "2020-01-01"))
        self.p.run(out=out)

    def imports(self, out):
        return len(self.p.query("SELECT 1 FROM import", out=out))

    def rollback_if_it_may(self, out, number):
        result = self.p.migrate("rollback", "plan.yaml", number, out=out)
        self.assertIn(result.code, (0, 1), str(result))
        if result.code != 0:
            self.assertRegex(result.stderr, "changed again|brought in again")
        return result.code == 0

    def play(self, seed):
        rng = random.Random(seed)
        steps = [self.step(rng, n, 14) for n in range(6)]
        out = f"with{seed}"
        self.begin(out)
        imports, undone, taken = {}, set(), {}  # by step: its import; its rollback
        brought = {}  # imports, with those that were taken back and came back
        mended, needs = {}, {}  # by step: the bytes of the row; the step that had brought the row
        for n, (what, rows) in enumerate(steps):
            self.apply(n, what, rows)
            before = self.imports(out)
            if what == "mend":
                mended[n] = self.mend(out, None, 1000 + n)
                if mended[n] is not None:
                    first = self.p.query("SELECT min(import_id) FROM quarantine WHERE raw = ? AND state <> 'rolled_back'", mended[n], out=out)[0][0]
                    needs[n] = [step for step, number in brought.items() if number >= first and step != n]
            else:
                self.p.run(out=out)
            if self.imports(out) > before:
                imports[n] = brought[n] = self.imports(out)
            # What a standing replay has read must have been there.
            free = [i for i in imports if i not in undone and not any(i in needs.get(m, ()) for m in needs if m not in undone)]
            if free and rng.random() < 0.6:
                which = rng.choice(free)
                if self.rollback_if_it_may(out, imports[which]):
                    undone.add(which)
                    taken[which] = self.imports(out)
            back = [i for i in sorted(undone) if not undone & set(needs.get(i, ()))]
            if back and rng.random() < 0.3:
                which = rng.choice(back)
                if self.rollback_if_it_may(out, taken[which]):
                    undone.discard(which)
                    imports.pop(which)  # not rolled back a second time here
                    taken.pop(which)
        self.cross(rng, out, imports, undone, taken, needs)
        self.reconcile(out)
        # The same without what was rolled back: a step whose import is gone never happened.
        clean = f"without{seed}"
        self.begin(clean)
        for n, (what, rows) in enumerate(steps):
            if n in undone:
                continue
            self.apply(n, what, rows)
            if what != "mend":
                self.p.run(out=clean)
            elif mended[n] is not None:
                self.assertIsNotNone(self.mend(clean, mended[n], 1000 + n), (seed, n))
        self.assert_state(self.state(clean), out)
        self.assertEqual(self.rejects(out), self.rejects(clean))
        return len(undone), sum(raw is not None for raw in mended.values())

    def cross(self, rng, out, imports, undone, taken, needs):
        """More are taken back, and then all of them come back, in whatever order."""
        free = [i for i in imports if i not in undone and not any(i in needs.get(m, ()) for m in needs if m not in undone)]
        for which in rng.sample(free, len(free) // 2):
            if not any(which in needs.get(m, ()) for m in needs if m not in undone) and self.rollback_if_it_may(out, imports[which]):
                undone.add(which)
                taken[which] = self.imports(out)
        for which in rng.sample(sorted(undone), len(undone)):
            if not undone & set(needs.get(which, ())) and self.rollback_if_it_may(out, taken[which]):
                undone.discard(which)

    def test_rolled_back_imports_leave_no_trace(self):
        model = self.p.path("model.json")
        self.write(0, *[(str(i), f"First{i % 9}", f"Last{i % 31}", f"p{i % 37}@example.org", "2020-01-01") for i in range(200)])
        self.p.plan(APPEND)
        self.p.run(out="model")
        self.assertEqual(self.p.migrate("model", "export", "plan.yaml", "--output", model, out="model").code, 0)
        self.p.plan(APPEND + SNAPSHOT + PART, "dedupe: {model: model.json}")
        undone = mended = 0
        for seed in range(60 if ALL else 7):
            with self.subTest(seed=seed):
                one = self.play(seed)
                undone, mended = undone + one[0], mended + one[1]
        self.assertGreater(undone, 2)
        self.assertGreater(mended, 0)


if __name__ == "__main__":
    unittest.main()
