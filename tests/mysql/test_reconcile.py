"""Damage to a target on a server, done behind the tool's back, is found and named, and exit 4 says so; a sound target is
never accused. Against the server that MIGRATE_TEST_MYSQL_FILE (or _URL) names. The model is e2e/test_damage.py.

MIGRATE_TEST_ALL=1 seeds hundreds of damages.
"""
import pathlib
import random
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import common  # noqa: E402
from database import HOST, PASSWORD, PORT, USER, client  # noqa: E402
from people import mixed_project  # noqa: E402

TARGET, SOUND, READER = "rec_target", "rec_sound", "rec_reader"
DAMAGES = 100 if common.ALL else 24
KEYS = {"record": ["record_id"], "person": ["person_id"], "person_record": ["record_id"], "quarantine": ["quarantine_id"],
        "person_identifier": ["value_hash", "kind", "person_id"], "record_history": ["record_id", "ended_import", "seq"]}
# Fields that a record's payload, and a person's members, give again: reconcile names the column.
FIELDS = ["first_name", "last_name", "birth_date", "email", "phone_e164", "street", "city", "state", "zip", "updated_at"]


def sql(text, database=TARGET):
    """The rows, as texts; NULL is None."""
    return [[None if v == "NULL" else v for v in line.split("\t")] for line in client(text, database).splitlines()]


class Column:
    """How the values of a column are read and written without any loss: as bytes where they are texts or blobs."""

    def __init__(self, name, kind):
        self.name, self.number = name, kind in ("int", "bigint", "tinyint", "decimal")
        self.decimal, self.binary = kind == "decimal", kind in ("binary", "varbinary", "longblob", "blob")
        self.read = f"`{name}`" if self.number else f"HEX(`{name}`)"

    def literal(self, value):
        if value is None:
            return "NULL"
        if self.number:
            return value
        return f"X'{value}'" if self.binary else f"CONVERT(X'{value}' USING utf8mb4)"

    def altered(self, rng, value):
        """Another value of the same type, one bit or one character away."""
        if value is None:
            return "1" if self.number else "78"
        if self.decimal:
            return f"{float(value) - 0.000001:.6f}"
        if self.number:
            return str(int(value) ^ 1)
        data = bytes.fromhex(value)
        if self.binary:
            i = rng.randrange(len(data)) if data else 0
            return (data[:i] + bytes([data[i] ^ 1]) + data[i + 1:] if data else b"x").hex()
        text = data.decode()
        i = rng.randrange(len(text)) if text else 0
        return (text[:i] + chr(ord(text[i]) ^ 1) + text[i + 1:] if text else "x").encode().hex()


class Damage(common.Case):
    @classmethod
    def setUpClass(cls):
        for database in (TARGET, SOUND, READER):
            sql(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}", "mysql")
            cls.addClassCleanup(sql, f"DROP DATABASE IF EXISTS {database}", "mysql")
        cls.shared = p = cls.make_class_project()
        mixed_project(p, 900, seed=6)
        text = p.plan_file.read_text()
        cls.url = f"mysql://{USER}@{HOST}:{PORT}/"
        cls.plan_text = text.replace('{url: "sqlite:${OUT}/people.db"}', '{url: "%s", password: {env: TARGET_PASSWORD}%%s}'
                                     % (cls.url + TARGET))
        assert cls.plan_text != text
        p.write("plan.yaml", cls.plan_text % "")
        p.run(expect=3, env=cls.environment())
        lines = p.path("a_1.csv").read_text(errors="surrogateescape").splitlines()
        newer = [line.rsplit(",", 1)[0] + ",2025-01-01 00:00:00" for line in lines[1:41] if line.count(",") == 10]
        p.path("a_3.csv").write_text("\r\n".join([lines[0], *newer]) + "\r\n", errors="surrogateescape")
        p.run(expect=3, env=cls.environment())
        for table in KEYS:
            sql(f"CREATE TABLE {SOUND}.{table} AS SELECT * FROM {table}")
        cls.columns = {t: [Column(*row) for row in sql(
            f"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = '{TARGET}' AND "
            f"table_name = '{t}' ORDER BY ordinal_position")] for t in KEYS}
        cls.keys = {t: sql(f"SELECT {','.join(k)} FROM {t} ORDER BY {','.join(k)}") for t, k in KEYS.items()}

    @staticmethod
    def environment():
        return {"TARGET_PASSWORD": PASSWORD}

    def make_project(self):
        self.harmed = []
        self.shared.write("plan.yaml", self.plan_text % "")
        return self.shared

    def tearDown(self):
        self.restore()
        super().tearDown()

    def restore(self):
        """Puts back the rows that were harmed."""
        for table, where in self.harmed:
            sql(f"DELETE FROM {table} WHERE {where}; INSERT INTO {table} SELECT * FROM {SOUND}.{table} WHERE {where}")
        self.harmed = []

    def reconcile(self):
        return self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--json", env=self.environment())

    def assert_found(self, table, key, what, column=None):
        result = self.reconcile()
        self.assertEqual(result.code, 4, f"{what}: {result}")
        report = result.json()
        self.assertEqual(report["reconciliation"]["verdict"], "mismatch", what)
        named = [(d["table"], str(d["key"]), d["column"]) for d in report["reconciliation"]["damage"]]
        found = [c for t, k, c in named if t == table and str(key) in k]
        self.assertTrue(found, f"{what}: {table} {key} is not in {named[:10]}")
        if column:
            self.assertIn(column, found, what)
        first = report["reconciliation"]["damage"][0]  # the message names one place, the report all
        self.assertIn(first["table"], result.stderr, what)
        self.assertIn(str(first["key"]), result.stderr, what)

    def where(self, table, key):
        return " AND ".join(f"{name} = '{value}'" for name, value in zip(KEYS[table], key))

    def pick(self, rng, table):
        """A random row: its key, its condition (noted, to be restored) and its values."""
        key = rng.choice(self.keys[table])
        where = self.where(table, key)
        self.harmed.append((table, where))
        values = sql(f"SELECT {','.join(c.read for c in self.columns[table])} FROM {table} WHERE {where}")[0]
        return key, where, values

    def change(self, rng, table):
        key, where, values = self.pick(rng, table)
        at = rng.choice([i for i, c in enumerate(self.columns[table]) if c.name not in KEYS[table]])
        column, value = self.columns[table][at], values[at]
        other = column.altered(rng, value)
        sql(f"UPDATE {table} SET `{column.name}` = {column.literal(other)} WHERE {where}")
        named = column.name if table in ("record", "person") and column.name in FIELDS else None
        return key[0], f"{table}.{column.name} of {key}: {value!r} became {other!r}", named

    def delete(self, rng, table):
        key, where, _ = self.pick(rng, table)
        sql(f"DELETE FROM {table} WHERE {where}")
        return key[0], f"{table} {key} was deleted", None

    def insert(self, rng, table):
        key, where, _ = self.pick(rng, table)
        new = [str(rng.randrange(2**30, 2**31) if table == "quarantine" else rng.randrange(2**40, 2**63)), *key[1:]]
        names = ",".join(c.name for c in self.columns[table])
        others = ",".join(c.name for c in self.columns[table][1:])
        self.harmed.append((table, self.where(table, new)))
        sql(f"INSERT INTO {table} ({names}) SELECT {new[0]}, {others} FROM {table} WHERE {where}")
        return new[0], f"{table} {new[0]} was inserted", None

    def swap(self, rng, table):
        """Two rows exchange a value, so that counts and plain sums of the column stay as they are."""
        while True:
            (key, where, values), (other_key, other_where, others) = self.pick(rng, table), self.pick(rng, table)
            differ = [i for i, c in enumerate(self.columns[table])
                      if c.name not in KEYS[table] and values[i] != others[i]]
            if differ:
                break
        at = rng.choice(differ)
        column = self.columns[table][at]
        sql(f"UPDATE {table} SET `{column.name}` = {column.literal(others[at])} WHERE {where}; "
            f"UPDATE {table} SET `{column.name}` = {column.literal(values[at])} WHERE {other_where}")
        return key[0], f"{table}.{column.name} of {key} and {other_key} were swapped", None

    def test_a_sound_target_is_never_accused(self):
        for threads in ("1", "3"):
            result = self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--json", "--threads", threads,
                                    env=self.environment())
            self.assertEqual(result.code, 3, str(result))
            found = result.json()["reconciliation"]
            self.assertEqual((found["damage"], found["verdict"]), ([], "match"))
            details = {c["name"]: c["detail"] for c in found["checks"]}
            self.assertGreater(int(details["sample normalized again"].split()[0]), 500)
            for table in KEYS:
                rows = details[table + ": every column of every row"]
                self.assertTrue(rows.startswith(f"{len(self.keys[table])} row"), f"{table}: {rows}")

    def test_any_changed_missing_extra_or_swapped_row_is_found_and_named(self):
        rng = random.Random(12)
        for i in range(DAMAGES):
            self.restore()
            table = list(KEYS)[i % len(KEYS)]
            kinds = [self.change, self.change, self.delete, self.insert, self.swap]
            if table == "person_identifier":
                kinds.remove(self.swap)  # it has one column beside its key
            key, what, column = rng.choice(kinds)(rng, table)
            with self.subTest(i=i, what=what):
                self.assert_found(table, key, what, column)
        self.restore()
        self.assertEqual(self.reconcile().code, 3, "the test put everything back")

    def test_a_record_moved_to_another_person_is_found(self):
        rng = random.Random(5)
        key, where, values = self.pick(rng, "person_record")
        other = next(k[0] for k in self.keys["person"] if k[0] != values[1])
        sql(f"UPDATE person_record SET person_id = {other} WHERE {where}")
        self.assert_found("person_record", key[0], "moved")
        failed = {c["name"]: c["detail"] for c in self.reconcile().json()["reconciliation"]["checks"] if not c["ok"]}
        self.assertIn("every person has its records", failed)

    def test_records_and_links_that_lost_each_other_are_counted(self):
        rng = random.Random(6)
        for table, name in (("person_record", "every record has a person"), ("record", "every person_record has its record"),
                            ("person", "every person_record has its person")):
            self.restore()
            self.delete(rng, table)
            failed = {c["name"]: c["detail"] for c in self.reconcile().json()["reconciliation"]["checks"] if not c["ok"]}
            self.assertIn(name, failed)
            self.assertRegex(failed[name], r"^\d+ violation")

    def test_an_audit_event_that_was_changed_is_found(self):
        before = sql("SELECT HEX(detail) FROM audit_event WHERE event_id = 1")[0][0]
        sql("UPDATE audit_event SET detail = '{}' WHERE event_id = 1")
        result = self.reconcile()
        sql(f"UPDATE audit_event SET detail = CONVERT(X'{before}' USING utf8mb4) WHERE event_id = 1")
        self.assertEqual(result.code, 4, str(result))
        self.assertIn("audit", result.stderr)

    def test_a_digest_that_was_changed_with_its_row_is_found(self):
        """Who changes a row with its row_sha256, and the ledger's buckets with it, is still found by the source's digest."""
        key, where, _ = self.pick(random.Random(8), "record")
        sql(f"CREATE TABLE {SOUND}.bucket AS SELECT * FROM bucket WHERE table_name = 'record'; "
            f"UPDATE record SET payload = '[]', row_sha256 = UNHEX(SHA2('[]', 256)) WHERE {where}; "
            "DELETE FROM bucket WHERE table_name = 'record'")
        result = self.reconcile()
        sql(f"INSERT INTO bucket SELECT * FROM {SOUND}.bucket; DROP TABLE {SOUND}.bucket")
        self.assertEqual(result.code, 4, str(result))
        self.assertTrue([b for b in result.json()["reconciliation"]["books"] if b["partition"] >= 0 and not b["ok"]])

    def test_a_table_that_was_emptied_is_found(self):
        for table in ("person_identifier", "person"):
            self.harmed.append((table, "1 = 1"))
            sql(f"DELETE FROM {table}")
            result = self.reconcile()
            self.assertEqual(result.code, 4, str(result))
            self.assertIn(table, result.stderr)
            self.restore()

    def assert_repaired(self, what):
        """migrate repair ends with 0, and every table is as it was."""
        result = self.p.migrate("repair", "plan.yaml", "--json", env=self.environment())
        self.assertEqual(result.code, 0, f"{what}: {result}")
        self.assertEqual((result.json()["verdict"], result.json()["unrepaired"]), ("match", []), what)
        for table, keys in KEYS.items():
            read = f"SELECT {','.join(c.read for c in self.columns[table])} FROM %s.{table} ORDER BY {','.join(keys)}"
            self.assertEqual(sql(read % TARGET), sql(read % SOUND), f"{what}: {table}")

    def test_any_damaged_row_is_repaired(self):
        rng = random.Random(21)
        for i in range(DAMAGES // 2):
            table = list(KEYS)[i % len(KEYS)]
            kinds = [self.change, self.delete, self.insert, self.swap]
            if table == "person_identifier":
                kinds.remove(self.swap)
            _, what, _ = rng.choice(kinds)(rng, table)
            with self.subTest(i=i, what=what):
                self.assert_repaired(what)
                self.harmed = []
        self.assertEqual(self.reconcile().code, 3)

    def test_many_damages_are_repaired_at_once_and_a_dry_run_leaves_them(self):
        rng = random.Random(22)
        for i in range(30):
            self.change(rng, list(KEYS)[i % len(KEYS)])
        self.harmed += [("person_identifier", "1 = 1"), ("person", "person_id % 3 = 0")]
        sql("DELETE FROM person_identifier; DELETE FROM person WHERE person_id % 3 = 0")
        dry = self.p.migrate("repair", "plan.yaml", "--dry-run", "--json", env=self.environment())
        self.assertIn(dry.code, (0, 4), str(dry))
        self.assertEqual(sql("SELECT count(*) FROM person_identifier"), [["0"]])
        self.assert_repaired("many")
        self.harmed = []

    def copy_to_reader(self):
        for (table,) in sql("SHOW TABLES"):
            sql(f"CREATE TABLE IF NOT EXISTS {READER}.{table} LIKE {table}; DELETE FROM {READER}.{table}; "
                f"INSERT INTO {READER}.{table} SELECT * FROM {table}")

    def test_the_reader_is_read_once_it_has_caught_up(self):
        self.copy_to_reader()
        self.p.write("plan.yaml", self.plan_text % f', reader_url: "{self.url}{READER}"')
        key = self.keys["person"][3][0]
        sql(f"UPDATE person SET first_name = 'Zzz' WHERE person_id = {key}", READER)
        stop = threading.Event()

        def replicate():
            while not stop.wait(1.0):
                sql(f"REPLACE INTO {READER}.setting SELECT * FROM setting WHERE name = 'reader_mark'")
        thread = threading.Thread(target=replicate)
        thread.start()
        try:
            self.assert_found("person", key, "altered on the reader alone", "first_name")
        finally:
            stop.set()
            thread.join()

    def test_a_reader_that_cannot_be_used_is_said_and_the_writer_read(self):
        self.p.write("plan.yaml", self.plan_text % f', reader_url: "{self.url}rec_nowhere"')
        result = self.reconcile()
        self.assertEqual(result.code, 3, str(result))
        self.assertIn("target.reader_url", result.stderr)
        self.assertIn(f"reconcile reads from {USER}@{HOST}", result.stderr)


if __name__ == "__main__":
    unittest.main()
