"""Imports into a MySQL or MariaDB target that match only what is new, with stewards' words among them: persons, links and
golden values are those of a SQLite target of which everything is matched each time. Against the server that
MIGRATE_TEST_MYSQL_FILE (or _URL) names."""
import pathlib
import random
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import common  # noqa: E402
from database import HOST, PASSWORD, PORT, USER, client  # noqa: E402
from people import FIELDS, changed, csv_text, person, rows  # noqa: E402

DATABASE = "match_state_test"
ROWS = 1800  # more than are compared whole
TABLES = ("person", "person_history", "person_record", "person_identifier", "person_alias", "review_pair")


class MatchState(common.Case):
    def setUp(self):
        super().setUp()
        client(f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE}", "mysql")
        self.addCleanup(client, f"DROP DATABASE IF EXISTS {DATABASE}", "mysql")
        self.p = self.make_project()
        self.p.plan(f'  a: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}')
        text = self.p.plan_file.read_text()
        target = '{url: "${TARGET:-sqlite:${OUT}/people.db}", password: {env: TARGET_PASSWORD}, partitions: 4}'
        changed_text = text.replace('{url: "sqlite:${OUT}/people.db"}', target)
        self.assertNotEqual(text, changed_text)
        self.p.write("plan.yaml", changed_text)
        self.rng = random.Random(71)
        self.table = list(rows(self.rng, ROWS))
        self.p.write("a_0.csv", csv_text(self.table))

    def server(self, *args):
        return self.p.migrate(*args, out="server", env={"TARGET": f"mysql://{USER}@{HOST}:{PORT}/{DATABASE}",
                                                        "TARGET_PASSWORD": PASSWORD})

    def state(self, out):
        return self.p.path(out) / "ws" / "match"

    def increment(self, number):
        new = [[f"n{number}_{i}", *person(self.rng), "2024-01-01 00:00:00"] for i in range(8)]
        for i in range(12):
            new.append([f"m{number}_{i}", *changed(self.rng, self.rng.choice(self.table)[1:-1]), "2024-02-01 00:00:00"])
        for row in self.rng.sample(self.table[:ROWS], 8):
            new.append([row[0], *changed(self.rng, row[1:-1]), f"2025-01-{number:02} 00:00:00"])
        self.table += new[:20]
        self.p.write(f"a_{number}.csv", csv_text(new))

    def run_both(self):
        before = (self.state("server") / "records").stat().st_ino if self.state("server").exists() else None
        there = self.server("run", "plan.yaml")
        self.assertEqual(there.code, 0, there)
        shutil.rmtree(self.state("lite"), ignore_errors=True)
        self.p.run(expect=0, out="lite")
        if before is not None:
            self.assertEqual((self.state("server") / "records").stat().st_ino, before, there.stderr)
        for what in ("links", "persons"):
            self.assertEqual(self.p.export_text(what, out="lite"), self.server("export", what, "plan.yaml").stdout, what)
        for table in TABLES:
            ours = self.p.query(f"SELECT count(*) FROM {table}", out="lite")[0][0]
            self.assertEqual([[str(ours)]], [line.split("\t") for line in client(f"SELECT count(*) FROM {table}", DATABASE).splitlines()], table)
        keys = "SELECT person_id, record_count, last_name FROM person_history ORDER BY person_id, ended_import"
        self.assertEqual(["\t".join("NULL" if v is None else str(v) for v in row) for row in self.p.query(keys, out="lite")],
                         client(keys, DATABASE).splitlines())

    def test_imports_and_stewards_words(self):
        self.run_both()
        for number in range(1, 4):
            links = self.p.export("links", out="lite")
            a, b = links[number * 7]["record_id"], links[-number * 11]["record_id"]
            words = ["review", "link" if number != 2 else "unlink", "plan.yaml", a, b, "--by", "ann", "--reason", "known"]
            self.assertEqual(self.server(*words).code, 0)
            self.assertEqual(self.p.migrate(*words, out="lite").code, 0)
            self.increment(number)
            self.run_both()


if __name__ == "__main__":
    unittest.main()
