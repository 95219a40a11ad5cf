"""Damage done to a target behind the tool's back: a project with two imports, and seeded changes of its rows."""
import shutil

from common import ALL, Case
from people import mixed_project

DAMAGES = 300 if ALL else 30
# The key by which damage is named, of each table that is checked row by row.
KEYS = {"record": ["record_id"], "person": ["person_id"], "person_record": ["record_id"], "quarantine": ["quarantine_id"],
        "person_identifier": ["value_hash", "kind", "person_id"], "record_history": ["record_id", "ended_import", "seq"]}
# And of one that only rollbacks fill.
ALL_KEYS = {**KEYS, "record_undone": ["record_id", "undone_import", "seq"]}


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


class DamagedTarget(Case):
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

    def row(self, rng, table):
        n = self.p.query(f"SELECT count(*) FROM {table}")[0][0]
        self.assertGreater(n, 0, table)
        columns = [c[1] for c in self.p.query(f"PRAGMA table_info({table})")]
        values = self.p.query(f"SELECT * FROM {table} ORDER BY {','.join(ALL_KEYS[table])} LIMIT 1 OFFSET ?", rng.randrange(n))[0]
        return dict(zip(columns, values))

    def where(self, table, row):
        return " AND ".join(f"{k} = ?" for k in ALL_KEYS[table]), [row[k] for k in ALL_KEYS[table]]

    def change(self, rng, table):
        row = self.row(rng, table)
        column = rng.choice([c for c in row if c not in ALL_KEYS[table]] or ["value"])
        value = altered(rng, row[column])
        condition, keys = self.where(table, row)
        self.assertEqual(self.p.execute(f"UPDATE {table} SET {column} = ? WHERE {condition}", value, *keys), 1)
        return keys[0], f"{table}.{column} of {keys}: {row[column]!r} became {value!r}"

    def delete_row(self, table, row):
        condition, keys = self.where(table, row)
        self.assertEqual(self.p.execute(f"DELETE FROM {table} WHERE {condition}", *keys), 1)
        return keys

    def delete(self, rng, table):
        keys = self.delete_row(table, self.row(rng, table))
        return keys[0], f"{table} {keys} was deleted"

    def insert(self, rng, table):
        row = self.row(rng, table)
        row[ALL_KEYS[table][0]] = rng.randrange(2**40, 2**50)
        self.p.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({','.join('?' * len(row))})", *row.values())
        return row[ALL_KEYS[table][0]], f"{table} {row[ALL_KEYS[table][0]]} was inserted"

    def swap(self, rng, table):
        """Two rows exchange a value, so that counts and plain sums of the column stay as they are."""
        for _ in range(200):
            first, second = self.row(rng, table), self.row(rng, table)
            columns = [c for c in first if c not in ALL_KEYS[table] and first[c] != second[c]]
            if columns:
                break
        column = rng.choice(columns)
        for row, other in ((first, second), (second, first)):
            condition, keys = self.where(table, row)
            self.p.execute(f"UPDATE {table} SET {column} = ? WHERE {condition}", other[column], *keys)
        return first[ALL_KEYS[table][0]], f"{table}.{column} of {first[ALL_KEYS[table][0]]} and {second[ALL_KEYS[table][0]]} were swapped"
