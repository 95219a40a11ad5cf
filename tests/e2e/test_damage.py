"""Damage to the target is found, named by table and key, and exit 4 says so; a sound target is never accused."""
import random
import shutil
import sqlite3
import unittest

from common import ALL, Case
from people import mixed_project

DAMAGES = 300 if ALL else 30
# The key by which damage is named, of each table that is checked row by row.
KEYS = {"record": ["record_id"], "person": ["person_id"], "person_record": ["record_id"], "quarantine": ["quarantine_id"],
        "person_identifier": ["value_hash", "kind", "person_id"], "record_history": ["record_id", "ended_import", "seq"]}


def altered(rng, value):
    """Another value of the same type, one bit or one character away."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value ^ 1
    if isinstance(value, float):
        return value + 0.125
    if not value:
        return b"x" if isinstance(value, bytes) else "x"
    i = rng.randrange(len(value))
    other = bytes([value[i] ^ 1]) if isinstance(value, bytes) else chr(ord(value[i]) ^ 1)
    return value[:i] + other + value[i + 1:]


class Damage(Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = p = cls.make_class_project()
        mixed_project(p, 900, seed=6)
        p.run(expect=3)
        lines = p.path("a_1.csv").read_text(errors="surrogateescape").splitlines()
        newer = [line.rsplit(",", 1)[0] + ",2025-01-01 00:00:00" for line in lines[1:41] if line.count(",") == 10]
        p.path("a_3.csv").write_text("\r\n".join([lines[0], *newer]) + "\r\n", errors="surrogateescape")
        p.run(expect=3)
        cls.sound = p.path("sound.db")
        shutil.copy(p.target(), cls.sound)

    def make_project(self):
        shutil.copy(self.sound, self.shared.target())
        return self.shared

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

    def row(self, rng, table):
        n = self.p.query(f"SELECT count(*) FROM {table}")[0][0]
        self.assertGreater(n, 0, table)
        columns = [c[1] for c in self.p.query(f"PRAGMA table_info({table})")]
        values = self.p.query(f"SELECT * FROM {table} ORDER BY {','.join(KEYS[table])} LIMIT 1 OFFSET ?", rng.randrange(n))[0]
        return dict(zip(columns, values))

    def where(self, table, row):
        return " AND ".join(f"{k} = ?" for k in KEYS[table]), [row[k] for k in KEYS[table]]

    def change(self, rng, table):
        row = self.row(rng, table)
        column = rng.choice([c for c in row if c not in KEYS[table]] or ["value"])
        value = altered(rng, row[column])
        condition, keys = self.where(table, row)
        self.assertEqual(self.p.execute(f"UPDATE {table} SET {column} = ? WHERE {condition}", value, *keys), 1)
        return keys[0], f"{table}.{column} of {keys}: {row[column]!r} became {value!r}"

    def delete(self, rng, table):
        condition, keys = self.where(table, self.row(rng, table))
        self.assertEqual(self.p.execute(f"DELETE FROM {table} WHERE {condition}", *keys), 1)
        return keys[0], f"{table} {keys} was deleted"

    def insert(self, rng, table):
        row = self.row(rng, table)
        row[KEYS[table][0]] = rng.randrange(2**40, 2**50)
        self.p.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({','.join('?' * len(row))})", *row.values())
        return row[KEYS[table][0]], f"{table} {row[KEYS[table][0]]} was inserted"

    def swap(self, rng, table):
        """Two rows exchange a value, so that counts and plain sums of the column stay as they are."""
        for _ in range(200):
            first, second = self.row(rng, table), self.row(rng, table)
            columns = [c for c in first if c not in KEYS[table] and first[c] != second[c]]
            if columns:
                break
        column = rng.choice(columns)
        for row, other in ((first, second), (second, first)):
            condition, keys = self.where(table, row)
            self.p.execute(f"UPDATE {table} SET {column} = ? WHERE {condition}", other[column], *keys)
        return first[KEYS[table][0]], f"{table}.{column} of {first[KEYS[table][0]]} and {second[KEYS[table][0]]} were swapped"

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
