"""Tables that are read in parts, by a time or an ascending key; and what is said or refused when a source's columns, the
plan's mapping or a file change between two imports or under a run."""
import json
import random
import signal
import threading
import time
import unittest

from common import Case, stop

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, mail TEXT, changed TEXT);"
PLAN = ("  old: {type: sqlite, path: old.db, table: t, key: id, %sfields: {full_name: name, email: mail, updated_at: changed}}")
PARTS = "extract: {incremental: changed, overlap: 1h}, "


class Parts(Case):
    def setUp(self):
        super().setUp()
        self.p.sqlite("old.db", TABLE, "t", [(i, f"Ann Lee{i}", f"a{i}@example.org", f"2024-01-01 {i:02}:00:00") for i in range(20)])
        self.p.plan(PLAN % PARTS)

    def change(self, script):
        self.p.sqlite("old.db", script)

    def flow(self, *args, expect=0):
        return json.loads(self.p.run("--json", *args, expect=expect).stdout)

    def counted(self, report):
        return report["flow"]["counted"]

    def keys(self, where="1"):
        return sorted(int(k) for k, in self.p.query(f"SELECT source_key FROM record WHERE {where}"))

    def test_only_what_is_new_and_the_overlap(self):
        self.assertEqual(self.counted(self.flow()), 20)
        self.change("INSERT INTO t VALUES (20, 'Bob Ray', 'b@example.org', '2024-01-02 00:00:00'); "
                    "UPDATE t SET mail = 'new@example.org', changed = '2024-01-02 00:00:01' WHERE id = 3; "
                    "UPDATE t SET mail = 'unseen@example.org' WHERE id = 4;")
        second = self.flow()
        self.assertEqual((self.counted(second), second["flow"]["inserted"], second["flow"]["updated"], second["flow"]["unchanged"]),
                         (4, 1, 1, 2), "18:00 and 19:00 are the overlap")
        self.assertEqual(self.keys("email = 'new@example.org'"), [3])
        self.assertEqual(self.keys("email = 'unseen@example.org'"), [], "its time did not grow")
        self.assertEqual(len(self.keys()), 21)
        self.assertIn("nothing new", self.p.run(expect=0).stdout)

    def test_a_change_of_the_file_without_new_rows_makes_no_import(self):
        self.flow()
        self.change("UPDATE t SET mail = 'unseen@example.org' WHERE id = 4; CREATE TABLE other (x);")
        self.assertIn("nothing new", self.p.run(expect=0).stdout)
        self.assertEqual(self.p.query("SELECT count(*) FROM import"), [(1,)])

    def test_rows_without_a_value_are_read_each_time(self):
        self.flow()
        self.change("INSERT INTO t VALUES (30, 'Eve Ash', 'e@example.org', NULL)")
        self.assertEqual(self.counted(self.flow()), 3)
        self.assertIn(30, self.keys())

    def test_what_was_released_comes_in_though_the_file_is_known(self):
        """Rollback of an import in the middle: later ones have read parts of the file, which then has a known content."""
        for between in (True, False):
            self.p = self.make_project()
            self.p.sqlite("old.db", TABLE, "t", [(i, f"Ann Lee{i}", f"a{i}@example.org", None) for i in range(40)])
            self.p.plan(PLAN % "extract: {incremental: id, overlap: 0}, ")
            rows = lambda low, high: self.p.sqlite("old.db", "", "t", [(i, f"Ann Lee{i}", f"a{i}@example.org", None) for i in range(low, high)])
            self.flow()
            rows(40, 50)
            self.flow()
            if between:
                rows(50, 60)
                self.flow()
            self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
            rows(60, 65)
            self.flow()
            self.assertEqual([k for k in self.keys() if 40 <= k < 50], [], "they are held")
            self.assertIn("nothing new", self.p.run(expect=0).stdout)
            self.assertEqual(self.p.migrate("imports", "release", "plan.yaml", 2).code, 0)
            self.assertEqual(self.flow()["flow"]["inserted"], 10)
            self.assertEqual(len(self.keys()), 65 if between else 55)
            self.assertIn("nothing new", self.p.run(expect=0).stdout)

    def test_the_whole_table_when_it_must_be(self):
        self.flow()
        self.change("UPDATE t SET mail = 'unseen@example.org' WHERE id = 4")
        self.assertEqual(self.counted(self.flow("--from", "extract")), 20)
        self.assertEqual(self.keys("email = 'unseen@example.org'"), [4])
        self.p.plan(PLAN.replace("full_name: name", "last_name: name") % PARTS)
        self.assertEqual(self.counted(self.flow()), 20, "another plan")
        self.change("INSERT INTO t VALUES (21, 'x', 'x@example.org', '2024-02-01 00:00:00')")
        self.assertEqual(self.counted(self.flow("--limit", "3")), 3)
        self.assertEqual(self.counted(self.flow()), 21, "behind a limited import")
        self.change("INSERT INTO t VALUES (22, 'x', 'x@example.org', '2024-02-01 00:00:01')")
        self.assertEqual(self.counted(self.flow()), 2)

    def test_an_ascending_key(self):
        self.p.plan(PLAN % "extract: {incremental: id, overlap: 2}, ")
        self.flow()
        self.change("INSERT INTO t VALUES (25, 'Bob Ray', 'b@example.org', NULL)")
        self.assertEqual(self.counted(self.flow()), 4)  # 17, 18, 19 and 25

    def test_a_query(self):
        self.p.plan((PLAN % PARTS).replace("table: t", 'query: "SELECT * FROM t WHERE id < 19;"'))
        self.assertEqual(self.counted(self.flow()), 19)
        self.change("UPDATE t SET mail = 'new@example.org', changed = '2024-03-01 00:00:00' WHERE id = 3")
        self.assertEqual(self.counted(self.flow()), 3)

    def test_a_part_whose_run_died_is_read_from_the_same_place(self):
        self.flow()
        self.change("INSERT INTO t SELECT id + 100, name, mail, '2024-02-01 00:00:00' FROM t")
        for moment in (0.02, 0.05, 0.1):
            process = self.p.start("run", "plan.yaml", env={"MIGRATE_CHUNK_ROWS": "2"})
            time.sleep(moment)
            stop(process, signal.SIGKILL)
        self.p.run(expect=0)
        self.assertEqual(len(self.keys()), 40)

    def test_many_parts_end_where_one_import_does(self):
        rng = random.Random(5)
        self.flow()
        stamp = 0
        for _ in range(6):
            script = ""
            for _ in range(5):
                stamp += rng.randrange(60)
                at = f"2024-02-{1 + stamp // 1440:02} {stamp // 60 % 24:02}:{stamp % 60:02}:00"
                key = rng.randrange(60)
                script += f"INSERT OR REPLACE INTO t VALUES ({key}, 'N{rng.random()}', 'm{key}@example.org', '{at}');"
            self.change(script)
            self.p.run(expect=0)
        whole = self.make_project()
        whole.write("old.db", self.p.path("old.db").read_bytes())
        whole.plan(PLAN % "")
        whole.run(expect=0)
        columns = "source_key, full_name, first_name, last_name, email, updated_at, payload, row_sha256"
        self.assertEqual(self.p.query(f"SELECT {columns} FROM record ORDER BY record_id"),
                         whole.query(f"SELECT {columns} FROM record ORDER BY record_id"))

    def test_rows_of_a_part_that_was_taken_back_are_held_row_by_row(self):
        self.flow()
        self.change("INSERT INTO t VALUES (30, 'Bob Ray', 'b@example.org', '2024-02-01 00:00:00'); "
                    "UPDATE t SET mail = 'new@example.org', changed = '2024-02-01 00:00:01' WHERE id = 3;")
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        self.assertIn("nothing new", self.p.run(expect=0).stdout)
        self.change("INSERT INTO t VALUES (31, 'Cy Fox', 'c@example.org', '2024-02-01 00:00:02')")
        result = self.p.run(expect=0)
        self.assertIn("old: 2 rows left out: they came with an import that was rolled back", result.stderr)
        self.assertEqual(self.keys("source_key IN (30, 31)"), [31])
        self.assertEqual(self.keys("email = 'new@example.org'"), [])
        self.assertEqual(self.p.report(4)["flow"]["counted"], 1)
        self.change("UPDATE t SET mail = 'newer@example.org', changed = '2024-02-01 00:00:03' WHERE id = 3")
        self.p.run(expect=0)
        self.assertEqual(self.keys("email = 'newer@example.org'"), [3], "another image is another row")
        self.assertIn("nothing new", self.p.run(expect=0).stdout)
        self.p.run("--stage", "reconcile", expect=0)

    def test_open_rejects_of_an_earlier_part_are_told(self):
        self.p.sqlite("old.db", "DROP TABLE t; CREATE TABLE t (id, name, mail, changed)", "t",
                      [(1, "Ann Lee", "", "2024-01-01 00:00:00"), (None, "Bob Ray", "", "2024-01-01 00:00:00")])
        self.p.run(expect=3)
        self.change("INSERT INTO t VALUES (2, 'Cy Fox', '', '2024-03-01 00:00:00')")
        self.p.run(expect=3)
        self.assertIn("1 row of these inputs is still in quarantine", self.p.run(expect=3).stdout)

    def rounds(self, batches, options="", declared="TEXT"):
        """Runs with one batch of values after the other in the column: (exit codes, rows at the source, rows loaded)."""
        self.p = self.make_project()
        self.p.plan(PLAN % ("extract: {incremental: changed%s}, " % options))
        self.p.sqlite("old.db", f"CREATE TABLE t (id INTEGER PRIMARY KEY, name, mail, changed {declared});")
        rows, results = 0, []
        for batch in batches:
            self.p.sqlite("old.db", "", "t", [(rows + i, f"Ann Lee{rows + i}", "", v) for i, v in enumerate(batch)])
            rows += len(batch)
            results.append(self.p.migrate("run", "plan.yaml"))
        there = self.p.target().exists() and self.p.query("SELECT count(*) FROM sqlite_master WHERE name = 'record'") == [(1,)]
        return results, rows, len(self.keys()) if there else 0

    def test_texts_are_read_in_parts_only_where_they_sort_as_times(self):
        good = [([["2024-01-01 00:00:00", ""], [" ", "2024-01-02 00:00:00", "", None], ["\t", "0000-00-00 00:00:00"]], "TEXT"),
                ([["9999-12-31 00:00:00"], ["2024-01-01 00:00:00"], ["2024-01-01 00:00:01"]], "TEXT"),
                ([["2024-01-01", "2099-01-01"], ["2024-01-01"], ["2024-01-02", "9999-12-31"]], "TEXT"),
                ([["2024-01-01T10:00:00.5Z"], ["2024-01-01T10:00:00.50+00:00", "2024-01-01T10:00:00Z"]], "DATETIME"),
                ([["2024-01-01 10:00:00", "9999-12-31 00:00:00"], ["2024-01-01 09:20:00"]], "NUMERIC"),  # clocks put back
                ([[5, "", 6.5], ["", 7, None], [" ", 8]], "")]
        for batches, declared in good:
            for options in ("", ", overlap: 0") if declared == "TEXT" else ("",):
                results, rows, loaded = self.rounds(batches, options, declared)
                self.assertEqual(([r.code for r in results], loaded), ([0] * len(batches), rows), (batches, options, results))
        bad = [["8", "9"], ["01/02/2024"], ["2024"], ["0x1f"], ["2024-01-01T10:00:00+02:00"], ["2024-01-01 10:00:00", "never"],
               ["01HQ5K3Z"], ["2024-02-31 00:00:00"], [b"2024-01-01"], ["2024-01-01 10:00:00.x"], ["2024-01-01 10:00"]]
        for batch in bad:
            for options in ("", ", overlap: 0", ", overlap: 1h"):
                results, _, loaded = self.rounds([batch], options)
                self.assert_fails(results[0], 2, "which is no time of the form")
                self.assertEqual(loaded, 0)
                self.assertNotIn("write overlap", results[0].stderr)
        for batch in (["2024-01-01 10:00:00", "2024-01-01T10:00:00"], ["2024-01-01", "2024-01-01 10:00:00"],
                      ["2024-01-01 10:00:00", "2024-01-01 10:00:00Z"]):
            self.assert_fails(self.rounds([batch])[0][0], 2, "holds times of several forms, such as '2024-01-01")

    def test_odd_values_that_come_later_are_refused_and_a_future_one_is_said(self):
        results, _, loaded = self.rounds([["2024-01-01 10:00:00"], ["n/a"]])
        self.assertEqual([r.code for r in results], [0, 2], results)
        self.assertIn("column changed holds 'n/a'", results[1].stderr)
        results, _, _ = self.rounds([["2024-01-01 10:00:00", "9999-12-31 00:00:00"]])
        self.assertIn("holds 9999-12-31 00:00:00, a time in the future: such rows are read each time, and the next part begins at "
                      "2024-01-01 10:00:00", results[0].stderr)

    def test_a_watermark_of_a_version_that_looked_at_no_form_does_not_hold(self):
        self.flow()
        self.p.execute("UPDATE setting SET value = json_remove(json_set(value, '$.value', '9999-12-31 00:00:00'), '$.form') "
                       "WHERE name LIKE 'watermark %'")
        self.change("INSERT INTO t VALUES (30, 'Eve Ash', 'e@example.org', '2024-02-01 00:00:00')")
        self.assertEqual(self.counted(self.flow()), 21)

    def test_what_is_refused(self):
        cases = [("mode: snapshot, " + PARTS, "mode is snapshot, but extract.incremental reads only a part"),
                 ("extract: {incremental: chnged}, ", "did you mean 'changed'"),
                 ("extract: {incremental: id, overlap: soon}, ", "overlap is 'soon'")]
        for more, words in cases:
            self.p.plan(PLAN % more)
            self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, words)
        self.change("INSERT INTO t VALUES (90, 'x', 'x', 17)")
        self.p.plan((PLAN % PARTS))
        self.change("CREATE TABLE u AS SELECT * FROM t; UPDATE u SET changed = 17 WHERE id = 1;")
        self.p.sqlite("old.db", "DROP TABLE t; CREATE TABLE t (id, name, mail, changed); INSERT INTO t SELECT * FROM u;"
                                "UPDATE t SET changed = 17 WHERE id = 1;")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "column changed holds values of several types")
        self.change("UPDATE t SET changed = id")
        self.p.run(expect=0)
        self.change("UPDATE t SET changed = id + 100")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "holds numbers (90), but extract.overlap is a time")


class Contract(Case):
    PLAN = '  a: {type: csv, path: a.csv, key: id%s, fields: {last_name: name}}'

    def test_columns_that_change(self):
        for contract, code in (("", 0), (", contract: evolve", 0), (", contract: freeze", 2)):
            self.p = self.make_project()
            self.p.plan(self.PLAN % contract)
            self.p.write("a.csv", "id,name,zip\n1,Lee,02116\n")
            self.p.run(expect=0)
            self.p.write("a.csv", "id,name,post_code\n1,Lee,02116\n2,Ray,10001\n")
            result = self.p.migrate("run", "plan.yaml")
            self.assertEqual(result.code, code, result)
            self.assertIn("its columns are not those of import 1: renamed zip to post_code", result.stderr)
            self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(1,) if code else (2,)])
            if code:
                self.assertIn("plan.yaml:5:3: error: source a: ", result.stderr)
                self.p.plan(self.PLAN % "")
                self.p.run(expect=0)
            self.p.plan(self.PLAN % ", contract: freeze")
            self.p.write("a.csv", "id,name,post_code\n3,Fox,10001\n")
            self.p.run(expect=0)

    def test_a_table_that_was_altered(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, name)", "t", [(1, "Ann Lee")])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, contract: freeze, fields: {full_name: name}}")
        self.p.run(expect=0)
        self.p.sqlite("old.db", "ALTER TABLE t ADD COLUMN phone TEXT")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "its columns are not those of import 1: added phone")

    def test_a_mapping_that_changed_is_said_with_what_it_rewrites(self):
        self.p.plan(self.PLAN % "")
        self.p.write("a.csv", "id,name,zip\n1,Lee,02116\n2,Ray,10001\n")
        self.p.run(expect=0)
        self.p.plan(self.PLAN.replace("last_name: name", "last_name: name, zip: zip") % "")
        result = self.p.run(expect=0)
        self.assertIn("the plan's mapping has changed since import 1: all inputs are read anew, and up to 2 records", result.stderr)

    def test_keys_that_recur_all_but_one_are_in_quarantine_and_named(self):
        self.p.plan(self.PLAN % "")
        rows = [f"{1 + i % 3},Name{i},0" for i in range(9)]
        seen = set()
        for n in range(3):
            random.Random(n).shuffle(rows)
            self.p.write("a.csv", "id,name,zip\n" + "\n".join(rows) + "\n")
            self.p.run(out=f"o{n}", expect=3)
            kept = self.p.query("SELECT source_key, last_name FROM record ORDER BY 1", out=f"o{n}")
            self.assertEqual(len(kept), 3)
            seen.add(tuple(kept))
            rejects = self.p.export("rejects", out=f"o{n}")
            self.assertEqual((len(rejects), {r["reason"] for r in rejects}), (6, {"duplicate_key"}))
        self.assertEqual(len(seen), 1, "whatever their order is")

    def test_the_limit_of_the_quarantine_leaves_the_target_untouched(self):
        for limit, code in (("2", 5), ('"20%"', 5), ("3", 3), ('"50%"', 3)):
            self.p = self.make_project()
            self.p.plan(self.PLAN % "", extra=f"reconcile: {{max_quarantined: {limit}}}")
            self.p.write("a.csv", "id,name,zip\n1,Lee,0\n")
            self.p.run(expect=0)
            before = self.p.tables(all_columns=True)
            self.p.write("a.csv", "id,name,zip\n1,Lee,1\n2,Ray,1\n,Fox,1\n,Ash,1\n2,Roy,1\n7,Elm,1\n")
            self.p.run(expect=code)
            if code == 5:
                self.assert_same_tables(before, self.p.tables(all_columns=True))

    def test_a_file_that_grows_during_the_run(self):
        self.p.plan(self.PLAN % "")
        with open(self.p.path("a.csv"), "w") as f:
            f.write("id,name,zip\n")
            for i in range(300000):
                f.write(f"{i},Lee{i},02116\n")
        done = threading.Event()

        def grow():
            with open(self.p.path("a.csv"), "a") as f:
                while not done.is_set():
                    f.write("x,y,z\n")
                    f.flush()
                    time.sleep(0.001)
        writer = threading.Thread(target=grow)
        writer.start()
        try:
            result = self.p.migrate("run", "plan.yaml")
        finally:
            done.set()
            writer.join()
        self.assert_fails(result, 1, "a.csv: changed")
        self.assertFalse(self.p.target().exists(), "nothing of half a file")


if __name__ == "__main__":
    unittest.main()
