"""Damage to the target is found, named by table and key, and exit 4 says so; a sound target is never accused."""
import random
import shutil
import sqlite3
import unittest

from common import Case
from damages import DAMAGES, KEYS, DamagedTarget
from people import mixed_project


class Damage(DamagedTarget):
    def reconcile(self):
        return self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--json")

    def assert_found(self, table, key, what):
        result = self.reconcile()
        self.assertEqual(result.code, 4, f"{what}: {result}")
        report = result.json()
        self.assertEqual(report["reconciliation"]["verdict"], "mismatch", what)
        named = [(d["table"], str(d["key"])) for d in report["reconciliation"]["damage"]]
        self.assertTrue(any(t == table and str(key) in k for t, k in named), f"{what}: {table} {key} is not in {named[:10]}")
        first = report["reconciliation"]["damage"][0]  # the message names one place, the report all
        self.assertIn(first["table"], result.stderr, what)
        self.assertIn(str(first["key"]), result.stderr, what)

    def test_a_sound_target_is_never_accused(self):
        for _ in range(2):
            result = self.reconcile()
            self.assertEqual(result.code, 3, str(result))
            self.assertEqual(result.json()["reconciliation"]["damage"], [])
            self.assertEqual(result.json()["reconciliation"]["verdict"], "match")

    def test_any_changed_missing_extra_or_swapped_row_is_found_and_named(self):
        rng = random.Random(12)
        for i in range(DAMAGES):
            shutil.copy(self.sound, self.p.target())
            table = list(KEYS)[i % len(KEYS)]
            kinds = [self.change, self.change, self.delete, self.insert, self.swap]
            if table == "person_identifier":
                kinds.remove(self.swap)  # it has one column beside its key
            key, what = rng.choice(kinds)(rng, table)
            with self.subTest(i=i, what=what):
                self.assert_found(table, key, what)

    def test_a_record_moved_to_another_person_is_found(self):
        rng = random.Random(5)
        row, other = self.row(rng, "person_record"), self.row(rng, "person")
        self.assertNotEqual(row["person_id"], other["person_id"])
        self.p.execute("UPDATE person_record SET person_id = ? WHERE record_id = ?", other["person_id"], row["record_id"])
        self.assert_found("person_record", row["record_id"], "moved")

    def test_an_audit_event_that_was_changed_is_found(self):
        for sql in ("UPDATE audit_event SET detail = '{}' WHERE event_id = 1", "DELETE FROM audit_event WHERE event_id = 2"):
            shutil.copy(self.sound, self.p.target())
            self.assertEqual(self.p.execute(sql), 1)
            result = self.reconcile()
            self.assertEqual(result.code, 4, f"{sql}: {result}")
            self.assertIn("audit", result.stderr)

    def test_a_digest_that_was_changed_with_its_row_is_found(self):
        """Who changes a row and its row_sha256 and empties the ledger's bucket is still found."""
        row = self.row(random.Random(8), "record")
        self.p.execute("UPDATE record SET payload = '[]' WHERE record_id = ?", row["record_id"])
        self.p.execute("DELETE FROM bucket WHERE table_name = 'record'")
        self.assertEqual(self.reconcile().code, 4)

    def test_a_table_that_was_emptied_or_dropped_is_found(self):
        for table in ("person_identifier", "person"):
            shutil.copy(self.sound, self.p.target())
            self.p.execute(f"DELETE FROM {table}")
            result = self.reconcile()
            self.assertEqual(result.code, 4, str(result))
            self.assertIn(table, result.stderr)
        shutil.copy(self.sound, self.p.target())
        self.p.execute("DROP TABLE person_identifier")
        self.assertIn(self.reconcile().code, (1, 2, 4))

    def redefine(self, index, old, new):
        db = sqlite3.connect(self.p.target())
        db.execute("PRAGMA writable_schema=ON")
        self.assertEqual(db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ?", (old, new, index)).rowcount, 1)
        db.commit()
        db.close()

    def assert_index(self, name):
        result = self.reconcile()
        self.assertEqual(result.code, 4, str(result))
        self.assertIn(f"index {name} of person holds other values", result.stderr)

    def test_an_index_that_misses_a_row_or_holds_other_values_is_found(self):
        """As a faulty disk or program leaves it: the table is whole, only lookups go wrong."""
        row = next(r for r in (self.row(random.Random(i), "person") for i in range(50)) if r["email"])
        condition, keys = self.where("person", row)
        self.p.execute(f"DELETE FROM person WHERE {condition}", *keys)
        self.redefine("person_email", "(email)", "(email) WHERE email = ''")
        self.p.execute(f"INSERT INTO person VALUES ({','.join('?' * len(row))})", *row.values())
        self.redefine("person_email", " WHERE email = ''", "")
        self.assert_index("person_email")
        self.p.execute("REINDEX")
        self.assertEqual(self.reconcile().code, 3)
        self.redefine("person_phone", "(phone_e164)", "(zip)")
        self.assert_index("person_phone")

    def test_a_stored_model_that_was_changed_is_found(self):
        """One digit of it would change all later matches in silence."""
        model = self.p.query("SELECT value FROM setting WHERE name = 'model'")[0][0]
        at = next(i for i in range(len(model) // 2, len(model)) if model[i].isdigit())
        other = model[:at] + str(9 - int(model[at])) + model[at + 1:]
        self.assertEqual(self.p.execute("UPDATE setting SET value = ? WHERE name = 'model'", other), 1)
        result = self.reconcile()
        self.assertEqual(result.code, 4, str(result))
        self.assertIn("the stored model is as it was learned", result.stderr)
        self.assertEqual(self.p.migrate("model", "train", "plan.yaml").code, 0)
        self.assertEqual(self.reconcile().code, 3)

    def all_tables(self):
        try:
            return self.p.tables(all_columns=True)
        except sqlite3.Error:
            return None

    def test_damaged_pages_of_the_file_never_pass(self):
        rng = random.Random(4)
        before = self.all_tables()
        data = self.sound.read_bytes()
        for _ in range(DAMAGES // 6):
            page = rng.randrange(1, len(data) // 4096) * 4096
            self.p.target().write_bytes(data[:page] + bytes(b ^ 0x5A for b in data[page:page + 4096]) + data[page + 4096:])
            if self.all_tables() == before:
                continue  # unused space, or an index: not what a table holds
            result = self.reconcile()
            with self.subTest(page=page):
                self.assertIn(result.code, (1, 4), str(result)[:2000])


class DamagedWorkspace(Case):
    """Working files that were harmed between two stages: never loaded in silence, and the way out that is named works."""

    def setUp(self):
        super().setUp()
        mixed_project(self.p, 1200, seed=7)
        self.p.run(expect=3, out="sound")
        self.p.run("--stage", "extract", "--stage", "normalize", expect=(0, 3))

    def assert_recovers(self):
        self.p.run("--from", "extract", expect=3)
        self.assertEqual(self.p.exports(), self.p.exports(out="sound"))
        self.p.run("--stage", "reconcile", expect=3)

    def check(self, pattern, harm):
        for path in sorted(self.p.path("out/ws/work").glob(pattern))[:1]:
            harm(path)
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "--from extract")
        self.assert_recovers()

    def flip(self, path):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 4
        path.write_bytes(bytes(data))

    def test_a_flipped_bit_in_a_record_segment(self):
        self.check("rec-*", self.flip)

    def test_a_record_segment_that_was_cut_short(self):
        self.check("rec-*", lambda path: path.write_bytes(path.read_bytes()[:-100]))

    def test_a_record_segment_that_was_deleted(self):
        self.check("rec-*", lambda path: path.unlink())

    def test_a_manifest_whose_last_line_is_torn_resumes(self):
        path = self.p.path("out/ws/work/manifest.jsonl")
        path.write_bytes(path.read_bytes()[:-9])
        self.p.run(expect=3)
        self.assertEqual(self.p.exports(), self.p.exports(out="sound"))


if __name__ == "__main__":
    unittest.main()
