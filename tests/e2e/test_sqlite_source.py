"""SQLite sources of every shape against an independent reading by Python's sqlite3: each row's payload and digest, as they
lie in the target, are those of the values that Python sees."""
import base64
import json
import math
import random
import sqlite3

from common import Case, payload, row_sha256

FIELDS = "fields: {full_name: a, phone: [b, c]}"


def canonical(value):
    """A value that Python's sqlite3 gave with text_factory=bytes-or-str, as the payload has it."""
    if isinstance(value, float) and math.isinf(value):
        return {"real": "inf" if value > 0 else "-inf"}
    if isinstance(value, memoryview | bytes):
        return {"base64": base64.b64encode(bytes(value)).decode()}
    return value


def text(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def any_value(rng):
    letters = "".join(rng.choice("abcé \"\\\n\t€😀O'Brien") for _ in range(rng.choice([0, 3, 8, 15, 16, 17, 40, 5000])))
    return rng.choice([None, "", letters, letters, rng.randrange(-2**63, 2**63), rng.randrange(-200, 200), 0, 1,
                       rng.random(), 2065559857.0, 8005000000.0, 1e15, 1e16, 1e-5, -0.0, float("inf"), 1e300,
                       float(rng.randrange(10**12)), letters.encode("utf-16"), b"", b"\x00\xff"])


class SqliteSource(Case):
    def check(self, path, select, source):
        """Every row that Python selects is in the target, byte for byte, and no other."""
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        db.text_factory = text
        rows = db.execute(select).fetchall()
        db.close()
        expected = {}
        for row in rows:
            body = payload([canonical(v) for v in row])
            expected[str(row[0])] = (body, row_sha256(source, str(row[0]), body))
        found = {key: (bytes(body), bytes(sha)) for key, body, sha in self.p.query(
            "SELECT source_key, payload, row_sha256 FROM record WHERE source_id = "
            "(SELECT source_id FROM source WHERE name = ?)", source)}
        self.assertEqual(len(rows), len(expected))
        self.assertEqual(sorted(found), sorted(expected))
        for key, pair in expected.items():
            self.assertEqual(found[key], pair, key)

    def test_tables_of_every_kind(self):
        rng = random.Random(4)
        shapes = {
            "plain": ("id INTEGER PRIMARY KEY, a, b, c", ""),
            "typed": ("id INTEGER PRIMARY KEY, a TEXT, b REAL, c NUMERIC", ""),
            "floats": ("id INTEGER PRIMARY KEY, a VARCHAR(9), b FLOAT, c DOUBLE PRECISION", ""),
            "text_key": ("id TEXT PRIMARY KEY, a, b REAL, c", ""),
            "no_rowid": ("id INTEGER PRIMARY KEY, a, b REAL, c", " WITHOUT ROWID"),
            "virtual": ("id INTEGER PRIMARY KEY, a, b, c AS (a || '!')", ""),
            "stored": ("id INTEGER PRIMARY KEY, a, b, c TEXT AS (a || '!') STORED", ""),
        }
        plan = ""
        for n, (name, (columns, tail)) in enumerate(shapes.items()):
            generated = " AS " in columns
            ids = [2**63 - 1, -2**63, 0] + rng.sample(range(-10**6, 10**6), 500)
            rows = [(i, *(any_value(rng) for _ in range(2 if generated else 3))) for i in ids]
            db = sqlite3.connect(self.p.path(f"{name}.db"))
            db.execute(f"PRAGMA page_size = {512 << n}")
            db.execute(f"CREATE TABLE t ({columns}){tail}")
            db.executemany(f"INSERT INTO t (id, a, b{'' if generated else ', c'}) VALUES (?, ?, ?{'' if generated else ', ?'})", rows)
            if name == "typed":
                db.execute("ALTER TABLE t ADD COLUMN late REAL")
                db.execute("INSERT INTO t VALUES (12345678, 'x', 1, 2, 3)")
            db.execute("CREATE VIEW v AS SELECT id, c, b, a FROM t")
            db.commit()
            db.close()
            plan += f"  {name}: {{type: sqlite, path: {name}.db, table: t, key: id, {FIELDS}}}\n"
        plan += f"  view: {{type: sqlite, path: typed.db, table: v, key: id, {FIELDS}}}\n"
        plan += (f"  query: {{type: sqlite, path: typed.db, query: \"SELECT id, a, b, c FROM t WHERE id > 0\", key: id, {FIELDS}}}\n")
        self.p.plan(plan)
        self.p.run(expect=0)
        for name in shapes:
            self.check(self.p.path(f"{name}.db"), "SELECT * FROM t", name)
        self.check(self.p.path("typed.db"), "SELECT * FROM v", "view")
        self.check(self.p.path("typed.db"), "SELECT id, a, b, c FROM t WHERE id > 0", "query")

    def test_rows_in_a_log_that_a_living_writer_keeps(self):
        writer = sqlite3.connect(self.p.path("live.db"), isolation_level=None)
        self.addCleanup(writer.close)
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b REAL, c)")
        writer.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [(i, f"n{i}", i, None) for i in range(300)])
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM t WHERE id > 100")  # not committed
        self.p.plan(f"  live: {{type: sqlite, path: live.db, table: t, key: id, {FIELDS}}}")
        self.p.run(expect=0)
        self.check(self.p.path("live.db"), "SELECT * FROM t", "live")
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(300,)])

    def test_numbers_that_were_texts(self):
        rows = [(1, "Ann Lee", 501, 2065559857.0, 2125551234), (2, "Bob Ray", 2139, 8005550000.0, None),
                (3, "Cy Moe", 10001, None, 8005550100.0)]
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, zip INTEGER, tel REAL, other)", "t", rows)
        self.p.plan("  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name, zip: zip, phone: [tel, other]}}")
        self.p.run(expect=0)
        persons = {r["last_name"]: r for r in self.p.export("persons")}
        self.assertEqual({n: (p["zip"], p["phone"]) for n, p in persons.items()},
                         {"Lee": ("00501", "+12065559857"), "Ray": ("02139", "+18005550000"), "Moe": ("10001", "+18005550100")})
        self.assertEqual([bytes(p) for (p,) in self.p.query("SELECT payload FROM record ORDER BY source_key")],
                         [payload(r) for r in rows])
        exported = self.p.export("source", "--name", "t")
        self.assertEqual([(r["zip"], r["tel"]) for r in exported],
                         [("501", "2065559857.0"), ("2139", "8005550000.0"), ("10001", "")])

    def test_a_key_that_is_null_is_quarantined_with_its_row(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, k, a, b, c)", "t",
                      [(1, "x", "Ann", None, None), (None, "x", "Bob", 5, 1.5), (1, "", "Cy", None, None), (1, b"\xff", "Di", None, None)])
        self.p.plan(f"  t: {{type: sqlite, path: old.db, table: t, key: [k, id], {FIELDS}}}")
        self.p.run(expect=3)
        self.assertEqual([k for (k,) in self.p.query("SELECT source_key FROM record")], ['["x","1"]'])
        rejects = self.p.export("rejects")
        self.assertEqual([(r["reason"], base64.b64decode(r["raw_base64"])) for r in rejects if r["reason"] == "null_key"],
                         [("null_key", payload([None, "x", "Bob", 5, 1.5])), ("null_key", payload([1, "", "Cy", None, None]))])
        self.assertEqual([json.loads(base64.b64decode(r["raw_base64"]))[1] for r in rejects if r["reason"] == "undecodable_bytes"],
                         [{"base64": "/w=="}])
