"""migrate repair: what was damaged behind the tool's back is put back, row by row, and every table is as it was."""
import contextlib
import random
import shutil
import signal
import time
import unittest

from common import ALL, row_sha256, stop
from damages import ALL_KEYS, KEYS, DamagedTarget, altered

REPAIRS = 200 if ALL else 24
# The verdicts and events that damage and repair leave behind.
ADDED = ("reconciliation", "audit_event")
# Old images of persons are of records as they were: only some of their columns can be found again.
FULLY = [t for t in KEYS if t != "person_history"]


class Repair(DamagedTarget):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = cls.shared.tables(leave_out=ADDED)

    def repair(self, *args):
        return self.p.migrate("repair", "plan.yaml", *args)

    def assert_as_before(self):
        self.assert_same_tables(self.p.tables(leave_out=ADDED), self.before)

    def assert_repaired(self, what):
        result = self.repair("--json")
        self.assertEqual(result.code, 0, f"{what}: {result}")
        report = result.json()
        self.assertEqual((report["verdict"], report["unrepaired"]), ("match", []), what)
        self.assert_as_before()
        again = self.p.migrate("run", "plan.yaml", "--stage", "reconcile")
        self.assertEqual(again.code, 3, f"{what}: {again}")  # 3: the project has rejects
        return report

    def test_a_sound_target_is_left_alone(self):
        before = self.p.tables(all_columns=True)
        result = self.repair()
        self.assertEqual(result.code, 0, str(result))
        self.assertIn("sound", result.stdout)
        self.assert_same_tables(self.p.tables(all_columns=True), before)

    def test_every_kind_of_damage_to_a_row(self):
        rng = random.Random(71)
        for i in range(REPAIRS):
            shutil.copy(self.sound, self.p.target())
            table = FULLY[i % len(FULLY)]
            kinds = [self.change, self.delete, self.insert, self.swap]
            if table == "person_identifier":
                kinds.remove(self.swap)
            _, what = kinds[i // len(FULLY) % len(kinds)](rng, table)
            with self.subTest(i=i, what=what):
                self.assert_repaired(what)

    def test_every_column_of_a_record(self):
        rng = random.Random(72)
        row = self.row(rng, "record")
        for column in row:
            if column == "record_id":
                continue
            shutil.copy(self.sound, self.p.target())
            self.p.execute(f"UPDATE record SET {column} = ? WHERE record_id = ?", altered(rng, row[column]), row["record_id"])
            with self.subTest(column=column):
                report = self.assert_repaired(column)
                self.assertEqual([(t["table"], t["rewritten"], t["restored"], t["removed"]) for t in report["tables"]],
                                 [("record", 1, 0, 0)])

    def test_a_record_moved_to_another_person(self):
        rng = random.Random(5)
        row, other = self.row(rng, "person_record"), self.row(rng, "person")
        self.p.execute("UPDATE person_record SET person_id = ? WHERE record_id = ?", other["person_id"], row["record_id"])
        self.assert_repaired("moved")

    def test_many_damages_at_once(self):
        rng = random.Random(73)
        for i in range(60):
            self.change(rng, FULLY[i % len(FULLY)])
        self.p.execute("DELETE FROM person_identifier")
        self.p.execute("DELETE FROM person WHERE person_id % 3 = 0")
        report = self.assert_repaired("many")
        self.assertGreater(sum(t["restored"] for t in report["tables"]), 300)

    def test_what_the_ledger_keeps_of_its_buckets(self):
        for sql in ("UPDATE bucket SET digest = '0:0:0' WHERE table_name = 'person'",
                    "UPDATE bucket SET rows = x'00' WHERE table_name = 'record'",
                    "DELETE FROM bucket WHERE table_name = 'person_record'",
                    "DELETE FROM bucket WHERE table_name = 'person'",
                    "DELETE FROM bucket WHERE table_name = 'record'",
                    "UPDATE source_digest SET digest = (SELECT digest FROM source_digest WHERE partition = 3 LIMIT 1) WHERE partition = 2"):
            shutil.copy(self.sound, self.p.target())
            self.assertGreater(self.p.execute(sql), 0)
            found = self.p.migrate("run", "plan.yaml", "--stage", "reconcile")
            with self.subTest(sql):
                self.assertEqual(found.code, 4, str(found))
                self.assert_repaired(sql)

    def test_a_dry_run_says_what_a_repair_does_and_writes_nothing(self):
        rng = random.Random(74)
        for table in ("record", "person", "person_record"):
            self.delete(rng, table)
        before = self.p.tables(all_columns=True)
        dry = self.repair("--dry-run", "--json")
        self.assertEqual(dry.code, 0, str(dry))
        self.assert_same_tables(self.p.tables(all_columns=True), before)
        self.assertEqual(dry.json()["tables"], self.assert_repaired("dry")["tables"])
        self.assertEqual([p.name for p in self.p.folder.iterdir() if p.name.startswith("migrate-repair")], [])

    def test_without_sources_and_workspace_what_the_payload_gives_is_repaired_and_the_rest_is_named(self):
        rng = random.Random(75)
        gone = self.row(rng, "record")
        other = next(r for r in (self.row(rng, "record") for _ in range(99)) if r["last_name"] and r["record_id"] != gone["record_id"])
        hidden = []
        for name in ("a_1.csv", "a_2.csv", "a_3.csv", "old.db"):
            path = self.p.path(name)
            hidden.append((path.rename(self.p.path("hidden_" + name)), path))
        shutil.move(self.p.path("out/ws/work"), self.p.path("hidden_work"))
        try:
            self.p.execute("DELETE FROM record WHERE record_id = ?", gone["record_id"])
            self.p.execute("UPDATE record SET last_name = 'Xx' WHERE record_id = ?", other["record_id"])
            result = self.repair("--json")
            self.assertEqual(result.code, 4, str(result))
            report = result.json()
            self.assertEqual([(u["table"], u["key"]) for u in report["unrepaired"]], [("record", f"record_id {gone['record_id']}")])
            self.assertEqual(self.p.query("SELECT last_name FROM record WHERE record_id = ?", other["record_id"]), [(other["last_name"],)])
            self.assertTrue(report["notes"])
            self.assertIn(str(gone["record_id"]), result.stderr)
        finally:
            for now, before in hidden:
                now.rename(before)
            shutil.rmtree(self.p.path("out/ws/work"))
            shutil.move(self.p.path("hidden_work"), self.p.path("out/ws/work"))
        self.assert_repaired("the sources are back")

    def test_the_sources_serve_where_the_workspace_is_gone(self):
        rng = random.Random(76)
        shutil.move(self.p.path("out/ws/work"), self.p.path("hidden_work"))
        try:
            for _ in range(5):
                self.delete(rng, "record")
                self.delete(rng, "record_history")
                self.delete(rng, "quarantine")
            self.assert_repaired("from the sources")
        finally:
            shutil.rmtree(self.p.path("out/ws/work"))
            shutil.move(self.p.path("hidden_work"), self.p.path("out/ws/work"))

    def test_a_repair_that_is_killed_is_resumed(self):
        rng = random.Random(77)
        for i in range(10 if ALL else 3):
            shutil.copy(self.sound, self.p.target())
            for table in ("record", "person", "person_record", "person_identifier", "quarantine"):
                for _ in range(3):
                    self.delete(rng, table)
            begun = time.monotonic()
            process = self.p.start("repair", "plan.yaml")
            time.sleep(rng.uniform(0, 0.25))
            stop(process, signal.SIGKILL)
            with self.subTest(i=i, seconds=time.monotonic() - begun):
                self.assertEqual(self.repair().code, 0)
                self.assert_as_before()

    def test_each_repair_is_in_the_audit_chain(self):
        self.delete(random.Random(78), "record")
        self.assert_repaired("audit")
        events = self.p.query("SELECT detail FROM audit_event WHERE kind = 'repair'")
        self.assertEqual(len(events), 1)
        self.assertIn('"table":"record"', events[0][0])

    def test_a_forged_row_does_not_become_genuine_when_its_bucket_is_taken_away(self):
        record_id, name, key, payload = self.p.query(
            "SELECT record_id, name, source_key, payload FROM record JOIN source USING (source_id) LIMIT 1")[0]
        forged = payload.replace(b"example.com", b"example.org")
        self.p.execute("UPDATE record SET payload = ?, row_sha256 = ? WHERE record_id = ?", forged,
                       row_sha256(name, key, forged), record_id)
        self.p.execute("DELETE FROM bucket WHERE table_name = 'record'")
        result = self.repair("--json")
        self.assertEqual(result.code, 4, str(result))
        self.assertGreater(result.json()["unrepaired_total"], 0)
        self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", "reconcile").code, 4)

    @contextlib.contextmanager
    def without_sources_and_workspace(self):
        hidden = [(self.p.path(name), self.p.path("hidden_" + name)) for name in ("a_1.csv", "a_2.csv", "a_3.csv", "old.db")]
        hidden.append((self.p.path("out/ws/work"), self.p.path("hidden_work")))
        for path, away in hidden:
            shutil.move(path, away)
        try:
            yield
        finally:
            for path, away in hidden:
                if path.is_dir():
                    shutil.rmtree(path)
                shutil.move(away, path)

    def copy_row(self, table, row, **changed):
        row = {**row, **changed}
        self.p.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({','.join('?' * len(row))})", *row.values())

    def test_what_nobody_wrote_stays_while_a_row_beside_it_is_lost(self):
        """The ledger's list alone does not condemn a row: the digest must agree once it is gone, and cannot while another is lost."""
        rng = random.Random(81)
        gone = self.row(rng, "record")
        self.delete_row("record", gone)
        self.copy_row("record", self.row(rng, "record"), record_id=gone["record_id"] ^ 1)
        strange = self.p.query("SELECT * FROM record WHERE record_id = ?", gone["record_id"] ^ 1)
        with self.without_sources_and_workspace():
            result = self.repair("--json")
            self.assertEqual(result.code, 4, str(result))
            self.assertEqual(self.p.query("SELECT * FROM record WHERE record_id = ?", gone["record_id"] ^ 1), strange)
            named = {u["key"] for u in result.json()["unrepaired"] if u["table"] == "record"}
            self.assertEqual(named, {f"record_id {gone['record_id']}", f"record_id {gone['record_id'] ^ 1}"})
        report = self.assert_repaired("the sources are back")
        self.assertEqual([(t["table"], t["restored"], t["removed"]) for t in report["tables"]], [("record", 1, 1)])

    def test_lost_buckets_are_judged_by_the_digest_root_and_not_by_the_plan_as_it_is_now(self):
        plan = self.p.plan_file.read_text()
        for change in ("survivorship: {default: longest}", "survivorship: {default: source_priority, email: longest}"):
            shutil.copy(self.sound, self.p.target())
            self.p.write("plan.yaml", plan + f"dedupe: {{{change}}}\n")
            try:
                for table in ("person", "quarantine", "person_identifier", "record_history"):
                    self.p.execute("DELETE FROM bucket WHERE table_name = ?", table)
                self.assert_repaired(change)
            finally:
                self.p.write("plan.yaml", plan)

    def test_rows_that_were_inserted_where_the_ledger_lost_its_buckets_are_removed_by_the_digest_root(self):
        rng = random.Random(82)
        for table in FULLY:
            shutil.copy(self.sound, self.p.target())
            _, what = self.insert(rng, table)
            self.p.execute("DELETE FROM bucket WHERE table_name = ?", table)
            with self.subTest(what):
                report = self.assert_repaired(what)
                self.assertEqual([(t["table"], t["removed"]) for t in report["tables"]], [(table, 1)])

    def test_nothing_is_removed_where_neither_ledger_nor_root_can_tell(self):
        rng = random.Random(83)
        for table in FULLY:
            shutil.copy(self.sound, self.p.target())
            self.delete(rng, table)
            self.insert(rng, table)
            self.p.execute("DELETE FROM bucket WHERE table_name = ?", table)
            before = sorted(map(repr, self.p.query(f"SELECT * FROM {table}")))
            result = self.repair("--json")
            with self.subTest(table):
                self.assertEqual(result.code, 4, str(result))
                self.assertTrue([u for u in result.json()["unrepaired"] if u["table"] == table])
                self.assertEqual(sorted(map(repr, self.p.query(f"SELECT * FROM {table}"))), before)

    def test_an_audit_event_cannot_be_repaired(self):
        self.p.execute("DELETE FROM audit_event WHERE event_id = 2")
        self.p.migrate("run", "plan.yaml", "--stage", "reconcile")
        result = self.repair()
        self.assertEqual(result.code, 4, str(result))
        self.assertIn("audit", result.stderr)


class RepairOfARollback(DamagedTarget):
    """What a rollback took out of the records, and kept for its own rollback."""
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shared.migrate("rollback", "plan.yaml", "2")
        shutil.copy(cls.shared.target(), cls.sound)
        cls.before = cls.shared.tables(leave_out=ADDED)

    def assert_repaired(self, what):
        result = self.p.migrate("repair", "plan.yaml", "--json")
        self.assertEqual(result.code, 0, f"{what}: {result}")
        self.assertTrue(result.json()["damaged"], what)
        self.assert_same_tables(self.p.tables(leave_out=ADDED), self.before)

    def test_every_kind_of_damage(self):
        rng = random.Random(91)
        rows = self.p.query("SELECT count(*) FROM record_undone")[0][0]
        self.assertGreater(rows, 20)
        columns = [c[1] for c in self.p.query("PRAGMA table_info(record_undone)")]
        for column in columns if ALL else rng.sample(columns, 8) + ["person_id", "payload", "last_name"]:
            shutil.copy(self.sound, self.p.target())
            row = self.row(rng, "record_undone")
            if column in ALL_KEYS["record_undone"]:
                continue
            self.p.execute(f"UPDATE record_undone SET {column} = ? WHERE record_id = ?", altered(rng, row[column]), row["record_id"])
            with self.subTest(column):
                self.assert_repaired(column)
        for harm in (self.delete, self.insert):
            for _ in range(10 if ALL else 3):
                shutil.copy(self.sound, self.p.target())
                _, what = harm(rng, "record_undone")
                with self.subTest(what):
                    self.assert_repaired(what)

    def test_its_buckets(self):
        for sql in ("DELETE FROM bucket WHERE table_name = 'record_undone'",
                    "UPDATE bucket SET digest = '0:0:0' WHERE table_name = 'record_undone'",
                    "UPDATE bucket SET rows = x'00' WHERE table_name = 'record_undone'"):
            shutil.copy(self.sound, self.p.target())
            self.assertGreater(self.p.execute(sql), 0)
            with self.subTest(sql):
                self.assert_repaired(sql)


if __name__ == "__main__":
    unittest.main()
