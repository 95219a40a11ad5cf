"""Increments: what comes later changes only what it must, keeps history, and ids stay or leave an alias."""
import json
import random
import unittest

from common import Case, payload
from people import FIELDS, csv_text, person, rows

PLAN = '  a: {type: csv, path: "a_*.csv", key: id, fields: {first_name: first, last_name: last, updated_at: changed}}'
TABLE = "  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}"


class Versions(Case):
    """A key that comes again: the greatest updated_at is current, the others are history."""

    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)
        self.write(1, ["1", "Ann", "Lee", "2020-01-01"], ["2", "Bob", "Ray", "2020-01-01"])
        self.p.run(expect=0)

    def write(self, n, *records):
        self.p.write_csv(f"a_{n}.csv", ["id", "first", "last", "changed"], records)

    def current(self):
        return dict(self.p.query("SELECT source_key, last_name FROM record"))

    def flow(self, n):
        flow = self.p.report(n)["flow"]
        return {k: flow[k] for k in ("inserted", "updated", "unchanged", "superseded")}

    def history(self):
        return [(bytes(data), brought, ended) for data, brought, ended in
                self.p.query("SELECT payload, import_id, ended_import FROM record_history ORDER BY record_id, ended_import, seq")]

    def test_a_newer_row_replaces_and_the_old_image_is_history(self):
        self.write(2, ["1", "Ann", "Poe", "2021-01-01"])
        self.p.run(expect=0)
        self.assertEqual(self.current(), {"1": "Poe", "2": "Ray"})
        self.assertEqual(self.flow(2), {"inserted": 0, "updated": 1, "unchanged": 0, "superseded": 0})
        self.assertEqual(self.history(), [(payload(["1", "Ann", "Lee", "2020-01-01"]), 1, 2)])
        self.assertEqual(self.p.query("SELECT import_id FROM record ORDER BY source_key"), [(2,), (1,)])

    def test_an_older_row_is_kept_as_history_and_changes_nothing(self):
        self.write(2, ["1", "Ann", "Old", "2019-01-01"])
        self.p.run(expect=0)
        self.assertEqual(self.current(), {"1": "Lee", "2": "Ray"})
        self.assertEqual(self.flow(2), {"inserted": 0, "updated": 0, "unchanged": 0, "superseded": 1})
        self.assertEqual([data for data, _, _ in self.history()], [payload(["1", "Ann", "Old", "2019-01-01"])])

    def test_the_same_row_again_is_unchanged(self):
        self.write(2, ["2", "Bob", "Ray", "2020-01-01"], ["3", "Cy", "Fox", "2020-01-01"])
        self.p.run(expect=0)
        self.assertEqual(self.flow(2), {"inserted": 1, "updated": 0, "unchanged": 1, "superseded": 0})
        self.assertEqual(self.history(), [])
        self.assertEqual(self.p.query("SELECT import_id FROM record ORDER BY source_key"), [(1,), (1,), (2,)])

    def test_of_two_rows_of_one_time_the_later_import_is_current(self):
        self.write(2, ["1", "Ann", "Abel", "2020-01-01"])
        self.p.run(expect=0)
        self.assertEqual(self.current()["1"], "Abel")

    def test_versions_in_several_files_of_one_import_end_at_the_newest(self):
        self.write(2, ["1", "Ann", "Mid", "2021-01-01"])
        self.write(3, ["1", "Ann", "New", "2023-01-01"])
        self.write(4, ["1", "Ann", "Low", "2022-01-01"])
        self.p.run(expect=0)
        self.assertEqual(self.current()["1"], "New")
        self.assertEqual({json.loads(data)[2] for data, _, _ in self.history()}, {"Lee", "Mid", "Low"})
        self.p.run("--stage", "reconcile", expect=0)

    def test_a_file_that_grew_is_read_again_and_brings_only_what_is_new(self):
        self.write(1, ["1", "Ann", "Lee", "2020-01-01"], ["2", "Bob", "Ray", "2020-01-01"], ["3", "Cy", "Fox", "2020-01-01"])
        self.p.run(expect=0)
        self.assertEqual(self.flow(2), {"inserted": 1, "updated": 0, "unchanged": 2, "superseded": 0})

    def test_export_source_gives_the_current_rows(self):
        self.write(2, ["1", "Ann", "Poe", "2021-01-01"])
        self.p.run(expect=0)
        self.assertEqual([list(r.values()) for r in self.p.export("source", "--name", "a")],
                         [["1", "Ann", "Poe", "2021-01-01"], ["2", "Bob", "Ray", "2020-01-01"]])

    def test_a_file_corrected_in_place_ends_with_0_and_keeps_the_old_row_in_sight(self):
        self.p.write("a_2.csv", "id,first,last,changed\n5,Dan,Poe,2020-01-01\n6,short\n")
        self.p.run(expect=3)
        self.p.write("a_2.csv", "id,first,last,changed\n5,Dan,Poe,2020-01-01\n6,Eve,Sun,2020-01-01\n")
        self.p.run(expect=0)
        self.assertEqual(sorted(self.current()), ["1", "2", "5", "6"])
        # The row of the content that was replaced is no input's any more, but nobody has loaded it either.
        self.assertEqual(len(self.p.export("rejects")), 1)
        self.p.run(expect=0)


class Snapshot(Case):
    def setUp(self):
        super().setUp()
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER, name)", "t", [(1, "Ann Lee"), (2, "Bob Ray"), (3, "Cy Fox")])
        self.p.plan(TABLE)
        self.p.run(expect=0)

    def gone(self):
        return dict(self.p.query("SELECT source_key, gone_import FROM record"))

    def test_a_row_that_is_gone_is_marked_and_nothing_else(self):
        persons = self.p.export("links")
        self.p.sqlite("old.db", "DELETE FROM t WHERE id = 2")
        self.p.run(expect=0)
        self.assertEqual(self.gone(), {"1": None, "2": 2, "3": None})
        self.assertEqual(self.p.report(2)["flow"]["gone"], 1)
        self.assertEqual(self.p.export("links"), persons)
        self.assertEqual([r["id"] for r in self.p.export("source", "--name", "t")], ["1", "3"])

    def test_a_row_that_comes_back_is_there_again(self):
        self.p.sqlite("old.db", "DELETE FROM t WHERE id = 2")
        self.p.run(expect=0)
        self.p.sqlite("old.db", "INSERT INTO t VALUES (2, 'Bob Ray')")
        self.p.run(expect=0)
        self.assertEqual(self.gone(), {"1": None, "2": None, "3": None})
        self.assertEqual(len(self.p.export("source", "--name", "t")), 3)
        self.p.run("--stage", "reconcile", expect=0)

    def test_a_limit_marks_nothing_gone(self):
        self.p.sqlite("old.db", "UPDATE t SET name = 'Ann Poe' WHERE id = 1")
        self.p.run("--limit", 1, expect=0)
        self.assertEqual(set(self.gone().values()), {None})

    def test_an_emptied_table_marks_all_gone(self):
        self.p.sqlite("old.db", "DELETE FROM t")
        self.p.run(expect=0)
        self.assertEqual(set(self.gone().values()), {2})
        self.assertEqual(self.p.export("source", "--name", "t"), [])

    def test_a_file_that_left_a_snapshot_marks_its_rows_gone(self):
        self.p.write_csv("s1.csv", ["id", "name"], [["1", "Ann Lee"]])
        self.p.write_csv("s2.csv", ["id", "name"], [["2", "Bob Ray"]])
        self.p.plan("  s: {type: csv, path: \"s*.csv\", key: id, mode: snapshot, fields: {full_name: name}}")
        self.p.run(expect=0, out="other")
        self.p.path("s1.csv").unlink()
        self.p.run(expect=0, out="other")
        self.assertEqual([r["id"] for r in self.p.export("source", "--name", "s", out="other")], ["2"])

    def test_a_csv_may_be_a_snapshot_and_a_table_a_log(self):
        self.p.write_csv("s.csv", ["id", "name"], [["1", "Ann Lee"], ["2", "Bob Ray"]])
        self.p.plan(TABLE.replace("key: id", "mode: append, key: id") +
                    "\n  s: {type: csv, path: s.csv, key: id, mode: snapshot, fields: {full_name: name}}")
        self.p.run(expect=0, out="other")
        self.p.write_csv("s.csv", ["id", "name"], [["2", "Bob Ray"]])
        self.p.sqlite("old.db", "DELETE FROM t WHERE id = 2")
        self.p.run(expect=0, out="other")
        gone = self.p.query("SELECT name, source_key FROM record JOIN source USING (source_id) WHERE gone_import IS NOT NULL", out="other")
        self.assertEqual(gone, [("s", "1")])


class Persons(Case):
    """Clusters and ids over a sequence of imports."""

    def plan(self, extra=""):
        self.p.plan(f'  a: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}', extra)

    def bridges(self):
        """Two records of a person that share only the name, and later a third that has what both have."""
        rng = random.Random(41)
        first, later = list(rows(rng, 900)), []
        for i in range(60):
            who = person(rng)
            first.append([f"l{i}", *who[:2], "", who[3], "", "", "", "", "", "2020-01-01"])
            first.append([f"r{i}", *who[:2], who[2], "", who[4], *who[5:], "2020-01-01"])
            later.append([f"m{i}", *who, "2020-01-01"])
        return first, later

    def test_ids_stay_and_merges_leave_aliases_that_still_answer(self):
        first, later = self.bridges()
        self.plan()
        self.p.write("a_1.csv", csv_text(first))
        self.p.run(expect=0)
        before = {r["source_key"]: r["person_id"] for r in self.p.export("links")}
        self.p.write("a_2.csv", csv_text(later))
        self.p.run(expect=0)
        after = {r["source_key"]: r["person_id"] for r in self.p.export("links")}
        merged = {before[k]: after[k] for k in before if before[k] != after[k]}
        aliases = dict(self.p.query("SELECT alias_id, person_id FROM person_alias WHERE kind = 'merged_into'"))
        self.assertGreater(len(merged), 10, "the bridges merge persons")
        self.assertEqual(self.p.report(2)["flow"]["persons_merged"], len(aliases))
        alive = set(after.values())
        for old, new in merged.items():
            if old in alive:
                continue  # it lost a record and lives on
            self.assertEqual(str(aliases[int(old)]), new)
        for old, new in list(merged.items())[:3]:
            if old in alive:
                continue
            shown = self.p.migrate("show", "plan.yaml", old, "--json")
            self.assertEqual(shown.code, 0, str(shown))
            self.assertEqual(str(shown.json()["person_id"]), new)
        self.assertFalse(set(aliases) & {int(i) for i in alive}, "an id that was given up is not given out again")
        kept = sum(after[k] == before[k] for k in before)
        self.assertGreater(kept / len(before), 0.9)

    def test_increments_end_where_one_batch_with_that_model_does(self):
        rng = random.Random(42)
        table = list(rows(rng, 1600))
        parts = [table[:1000], table[1000:1200], table[1200:1400], table[1400:]]
        self.plan()
        for i, part in enumerate(parts):
            self.p.write(f"a_{i}.csv", csv_text(part))
            self.p.run(expect=0, out="steps")
        model = self.p.query("SELECT value FROM setting WHERE name = 'model'", out="steps")[0][0]
        self.p.write("model.json", model)
        self.plan("dedupe: {model: model.json}")
        self.p.run(expect=0, out="batch")
        steps, batch = self.p.clusters(out="steps"), self.p.clusters(out="batch")
        self.assertEqual(steps - batch, set())
        self.assertEqual(batch - steps, set())

        def golden(out):
            members = {}
            for row in self.p.export("links", out=out):
                members.setdefault(row["person_id"], []).append(row["source_key"])
            return {tuple(members[r.pop("person_id")]): r for r in self.p.export("persons", out=out)}
        self.assertEqual(golden("steps"), golden("batch"))

    def test_a_model_of_a_few_rows_is_said(self):
        p = self.make_project()
        table = list(rows(random.Random(9), 1500))
        p.plan(f'  a: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}')
        p.write("a_1.csv", csv_text(table[:20]))
        p.run(expect=0)
        p.write("a_2.csv", csv_text(table[20:]))
        self.assertIn("learned from 20 records, and 1500 are there now: `migrate model train", p.run(expect=0).stderr)
        self.assertEqual(p.migrate("model", "train", "plan.yaml").code, 0)
        self.assertNotIn("learned from", p.run("--from", "dedupe", expect=0).stderr)

    def test_an_increment_of_new_people_leaves_the_old_ones_alone(self):
        rng = random.Random(43)
        self.plan()
        self.p.write("a_1.csv", csv_text(list(rows(rng, 1000))))
        self.p.run(expect=0)
        before = {r["source_key"]: r["person_id"] for r in self.p.export("links")}
        self.p.write_csv("a_2.csv", ["id", *"first last born email phone street city state zip changed".split()],
                         [[f"x{i}", f"Qwendolyn{i}", f"Zzyzx{i}", "", f"zz{i}@unheard-of.example", *[""] * 6] for i in range(20)])
        self.p.run(expect=0)
        after = {r["source_key"]: r["person_id"] for r in self.p.export("links")}
        self.assertEqual({k: after[k] for k in before}, before)
        self.assertEqual(len(after), len(before) + 20)


if __name__ == "__main__":
    unittest.main()
