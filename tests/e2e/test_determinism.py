"""The same input gives the same output: for any number of threads, in every repetition, in any order of files and rows."""
import random
import unittest

from common import Case
from people import FIELDS, csv_text, mixed_project, rows


class Determinism(Case):
    def test_threads_and_repetitions_give_the_same_exports_and_tables(self):
        mixed_project(self.p, 4000, seed=20)
        self.p.run("--threads", 1, expect=3, out="t1")
        exports, tables = self.p.exports(out="t1"), self.p.tables(out="t1")
        for out, threads in (("t2", 2), ("t5", 5), ("again", 2)):
            self.p.run("--threads", threads, expect=3, out=out)
            with self.subTest(out):
                self.assertEqual(self.p.exports(out=out), exports)
                self.assert_same_tables(self.p.tables(out=out), tables)

    def test_memory_budget_changes_no_result(self):
        mixed_project(self.p, 3000, seed=21)
        self.p.run(expect=3, out="free")
        self.p.run("--memory", "800MiB", expect=3, out="tight")
        self.assertEqual(self.p.exports(out="tight"), self.p.exports(out="free"))
        self.assert_same_tables(self.p.tables(out="tight"), self.p.tables(out="free"))

    def test_partitions_change_no_export(self):
        mixed_project(self.p, 1500, seed=22)
        self.p.run(expect=3, out="p32")
        plan = self.p.path("plan.yaml").read_text()
        self.p.write("plan.yaml", plan.replace('people.db"}', 'people.db", partitions: 5}'))
        self.p.run(expect=3, out="p5")
        self.assertEqual(self.p.exports(out="p5"), self.p.exports(out="p32"))

    def plan(self):
        self.p.plan(f'  a: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}')

    def test_order_of_the_files_gives_the_same_persons(self):
        rng = random.Random(23)
        table = list(rows(rng, 1500))
        parts = [csv_text(table[i::3]) for i in range(3)]
        self.plan()
        for out, order in (("abc", (0, 1, 2)), ("cab", (2, 0, 1))):
            for i, part in enumerate(order):
                self.p.write(f"a_{i}.csv", parts[part])
            self.p.run(expect=0, out=out)
        self.assertEqual(self.p.exports(out="cab"), self.p.exports(out="abc"))

    def test_order_of_the_rows_gives_the_same_persons(self):
        rng = random.Random(24)
        table = list(rows(rng, 1500))
        self.plan()
        self.p.write("a_1.csv", csv_text(table))
        self.p.run(expect=0, out="straight")
        rng.shuffle(table)
        self.p.write("a_1.csv", csv_text(table))
        self.p.run(expect=0, out="shuffled")
        self.assertEqual(self.p.clusters(out="shuffled"), self.p.clusters(out="straight"))
        self.assertEqual(self.p.exports(out="shuffled"), self.p.exports(out="straight"))

    def test_a_key_that_recurs_in_a_file_keeps_the_same_row_in_any_order(self):
        header = b"id,first,last,born,email,phone,street,city,state,zip,changed\n"
        old = b"1,Ann,Lee,,,,,,,,2020-01-01\n"
        new = b"1,Ann,Poe,,,,,,,,2021-01-01\n"
        self.plan()
        for out, lines in (("up", old + new), ("down", new + old)):
            self.p.write("a_1.csv", header + lines)
            self.p.run(expect=3, out=out)
            self.assertEqual([r["last_name"] for r in self.p.export("persons", out=out)], ["Poe"])
            self.assertEqual([r["reason"] for r in self.p.export("rejects", out=out)], ["duplicate_key"])


if __name__ == "__main__":
    unittest.main()
