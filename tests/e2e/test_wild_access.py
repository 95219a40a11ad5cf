"""Sources that the user who runs may not read, or only in part; and the same nasty values on their way to people's exports."""
import os
import shutil
import sqlite3
import subprocess
import unittest

from common import MIGRATE, Case, Result
from wild.sqlite_tables import TABLE

NOBODY = 65534
GOOD = b"id,name\n1,Ann Lee\n"


class Access(Case):
    """As root nothing is unreadable, so the tool then runs as nobody, from a copy that nobody may execute."""

    def setUp(self):
        super().setUp()
        self.p.path("in").mkdir()
        self.p.path("out").mkdir()
        self.tool = MIGRATE
        if os.geteuid() == 0:
            self.tool = shutil.copy(MIGRATE, self.p.path("migrate"))
            self.p.folder.chmod(0o755)
            os.chown(self.p.path("out"), NOBODY, NOBODY)

    def migrate(self, *args):
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        p = subprocess.run([self.tool, *args], env=self.p.environment(), cwd=self.p.folder, stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=60, **user)
        return Result(p.returncode, p.stdout.decode(), p.stderr.decode())

    def csv(self, path="in/*.csv"):
        self.p.plan(f'  a: {{type: csv, path: "{path}", key: id, fields: {{full_name: name}}}}')

    def sqlite(self):
        self.p.plan("  a: {type: sqlite, path: in/in.db, table: t, key: id, fields: {full_name: name}}")

    def assert_refused(self, *words):
        for command in ("validate", "run"):
            self.assert_fails(self.migrate(command, "plan.yaml"), 1, *words)
        self.assertFalse(self.p.target().exists())

    def assert_loaded(self, n):
        result = self.migrate("run", "plan.yaml")
        self.assertEqual(result.code, 0, str(result))
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(n,)])

    def test_a_csv_file_that_may_not_be_read(self):
        self.p.write("in/a.csv", GOOD)
        self.p.write("in/b.csv", GOOD).chmod(0)
        self.csv()
        self.assert_refused("in/b.csv", "Permission denied")

    def test_a_folder_that_may_not_be_entered(self):
        self.p.write("in/sub/a.csv", GOOD)
        self.csv("in/sub/a.csv")
        self.p.path("in/sub").chmod(0)
        self.addCleanup(self.p.path("in/sub").chmod, 0o755)
        for command in ("validate", "run"):
            result = self.migrate(command, "plan.yaml")
            self.assertIn(result.code, (1, 2), str(result))
            self.assert_fails(result, result.code, "in/sub/a.csv")

    def test_a_database_that_may_not_be_read(self):
        self.p.sqlite("in/in.db", TABLE, "t", [(1, "Ann Lee")]).chmod(0)
        self.sqlite()
        self.assert_refused("in/in.db", "Permission denied")

    def test_a_database_on_read_only_media(self):
        self.p.sqlite("in/in.db", TABLE, "t", [(1, "Ann Lee")]).chmod(0o444)
        self.p.path("in").chmod(0o555)
        self.addCleanup(self.p.path("in").chmod, 0o755)
        self.sqlite()
        self.assert_loaded(1)

    def test_a_database_in_wal_mode_without_its_log_on_read_only_media(self):
        self.p.sqlite("in/in.db", "PRAGMA journal_mode = WAL;" + TABLE, "t", [(1, "Ann Lee")]).chmod(0o444)
        self.assertEqual([path.name for path in self.p.path("in").iterdir()], ["in.db"])
        self.p.path("in").chmod(0o555)
        self.addCleanup(self.p.path("in").chmod, 0o755)
        self.sqlite()
        self.assert_loaded(1)

    def test_a_log_on_read_only_media_is_read_or_refused_never_left_out(self):
        self.p.path("live").mkdir()
        db = sqlite3.connect(self.p.path("live/in.db"))
        db.executescript("PRAGMA journal_mode = WAL;" + TABLE + "INSERT INTO t VALUES (1, 'Ann Lee');")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("INSERT INTO t VALUES (2, 'Bob Ray')")
        db.commit()
        for end in ("", "-wal"):
            shutil.copy(self.p.path(f"live/in.db{end}"), self.p.path(f"in/in.db{end}"))
        db.close()
        self.p.path("in").chmod(0o555)
        self.addCleanup(self.p.path("in").chmod, 0o755)
        self.sqlite()
        result = self.migrate("run", "plan.yaml")
        if result.code == 1:
            self.assert_fails(result, 1, "in/in.db", "-wal")
            self.assertFalse(self.p.target().exists())
        else:
            self.assertEqual(result.code, 0, str(result))
            self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(2,)])


class Persons(Case):
    """Odd values on their way into the golden records and out of the tool."""
    ROWS = [["1", "=cmd|' /C calc'!A0", "a1@x.org", "Bonn"], ["2", "محمد علي", "a2@x.org", "القاهرة"], ["3",
        "José Núñez", "a3@x.org", "São Paulo"],
            ["4", "Ann 👨‍👩‍👧 Lee", "a4@x.org", "A\"B, \"C\""], ["5", "Bob\x07Ray\x1b[31m", "a5@x.org", "Two\nLines"],
            ["6", "Ann " + "Q" * 100_000, "a6@x.org", "x" * 100_000]]

    def setUp(self):
        super().setUp()
        self.p.write_csv("in.csv", ["id", "name", "mail", "town"], self.ROWS)
        self.p.plan("  a: {type: csv, path: in.csv, key: id, fields: {full_name: name, email: mail, city: town}}")
        self.p.run("--quiet", expect=0)

    def test_each_is_one_person_with_printable_values_that_are_valid_csv(self):
        persons = {row["email"]: row for row in self.p.export("persons")}
        self.assertEqual(sorted(persons), [f"a{n}@x.org" for n in range(1, 7)])
        self.assertEqual((persons["a3@x.org"]["first_name"], persons["a3@x.org"]["city"]), ("José", "São Paulo"))
        self.assertEqual(persons["a2@x.org"]["city"], "القاهرة")
        for row in persons.values():
            for field, value in row.items():
                self.assertLess(len(value), 1000, field)
                self.assertFalse(any(ord(c) < 32 or ord(c) == 127 for c in value), (field, value))

    def test_commands_for_people_write_no_control_characters(self):
        ids = [row["person_id"] for row in self.p.export("persons")]
        for args in [["show", "plan.yaml", i] for i in ids] + [["find", "plan.yaml", "--email", "a5@x.org"], ["report",
            "plan.yaml", "--text"]]:
            result = self.p.migrate(*args)
            with self.subTest(args):
                self.assertEqual(result.code, 0, str(result)[:500])
                self.assertFalse(any(ord(c) < 32 and c not in "\n" or ord(c) == 127 for c in result.stdout),
                                 repr(result.stdout)[:800])

    def test_a_quarantined_row_with_terminal_escapes_is_shown_escaped(self):
        self.p.write("in.csv", b"id,name,mail,town\n7,\x1b[2J\x1b]0;x\x07Ann\n8,Bob Ray,a8@x.org,Bonn\n")
        self.p.run("--quiet", expect=3)
        listed = self.p.migrate("rejects", "list", "plan.yaml")
        number = self.p.query("SELECT quarantine_id FROM quarantine")[0][0]
        for result in (listed, self.p.migrate("rejects", "show", "plan.yaml", number)):
            self.assertIn(result.code, (0, 3), str(result)[:300])
            self.assertNotIn("\x1b", result.stdout + result.stderr)
            self.assertNotIn("\x07", result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
