"""Rows come back from the quarantine: after a change of the plan, or mended by hand; the original bytes stay, the books
balance, and what is done twice is done once."""
import json
import unittest

from common import Case

HEADER = "id,first,last,mail,changed"
SOURCE = '  a: {type: csv, path: "a*.csv"%s, fields: {first_name: first, last_name: last, email: mail, updated_at: changed}}'
GOOD = "1,Ann,Lee,ann@example.org,2024-01-01"


class Replay(Case):
    def setUp(self):
        super().setUp()
        self.p.write("a.csv", "\r\n".join([HEADER, GOOD, ",Bob,Ray,bob@example.org,2024-01-02", "3,Carl,Fox,carl@example.org",
                                           '4,"Dora,Sand,dora@example.org,2024-01-04', "1,Ann,Li,ann@example.org,2023-01-01"])
                     .encode() + b"\r\n6,Jos\xe9,Paz,jose@example.org,2024-01-06\r\n")
        self.write_plan(", key: id, encoding: utf-8")

    def write_plan(self, more):
        self.p.plan(SOURCE % more)

    def rejects(self, *args, code=0):
        result = self.p.migrate("rejects", *args)
        self.assertEqual(result.code, code, result)
        return result

    def number(self, reason):
        listed = json.loads(self.rejects("list", "plan.yaml", "--reason", reason, "--json").stdout)
        self.assertEqual(len(listed["rows"]), 1, listed)
        return str(listed["rows"][0]["id"])

    def states(self):
        return dict(self.p.query("SELECT reason, state FROM quarantine ORDER BY quarantine_id"))

    def records(self):
        return self.p.query("SELECT source_key, first_name, last_name, import_id FROM record ORDER BY source_key")

    def test_a_change_of_the_plan_brings_rows_back_and_twice_is_once(self):
        self.p.run(expect=3)
        before = self.records()
        self.write_plan(", key: id, encoding: windows-1252")
        result = json.loads(self.rejects("replay", "plan.yaml", "--json", code=3).stdout)
        self.assertEqual((result["import"], result["replayed"]), (2, 1), result)
        self.assertEqual({r["reason"]: r["count"] for r in result["still_rejected"]},
                         {"null_key": 1, "too_few_fields": 1, "unclosed_quote": 1, "duplicate_key": 1})
        self.assertEqual(self.records(), [*before, ("6", "José", "Paz", 2)])
        self.assertEqual(self.states()["undecodable_bytes"], "replayed")
        tables = self.p.tables()
        again = json.loads(self.rejects("replay", "plan.yaml", "--json", code=3).stdout)
        self.assertEqual((again["import"], again["replayed"]), (None, 0))
        self.assert_same_tables(tables, self.p.tables())
        self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", "reconcile").code, 3)
        events = [k for k, in self.p.query("SELECT kind FROM audit_event ORDER BY event_id")]
        self.assertEqual(events.count("rejects_replayed"), 1)

    def test_mended_by_a_value_or_by_the_whole_row(self):
        self.p.run(expect=3)
        raws = self.p.query("SELECT quarantine_id, raw FROM quarantine ORDER BY 1")
        fixed = self.rejects("fix", "plan.yaml", self.number("null_key"), "--set", "id=2", "--reason", "from the letter")
        self.assertIn("is mended", fixed.stdout)
        self.p.write("row", '4,"Dora, Eva",Sand,dora@example.org,2024-01-04\n')
        self.rejects("fix", "plan.yaml", self.number("unclosed_quote"), "--raw", "row")
        half = self.rejects("fix", "plan.yaml", self.number("too_few_fields"), "--set", "first=Karl")
        self.assertIn("still cannot be read: too_few_fields", half.stdout)
        result = json.loads(self.rejects("replay", "plan.yaml", self.number("null_key"), self.number("unclosed_quote"),
                                         "--json").stdout)
        self.assertEqual((result["replayed"], result["still_rejected"]), (2, []))
        names = {key: first for key, first, _, _ in self.records()}
        self.assertEqual((names["2"], names["4"]), ("Bob", "Dora Eva"))
        self.assertEqual(self.p.query("SELECT quarantine_id, raw FROM quarantine ORDER BY 1"), raws, "originals stay")
        who = self.p.query("SELECT why, cells FROM quarantine_fix ORDER BY quarantine_id, fix_no")
        self.assertIn(("from the letter", '{"id":"2"}'), who)
        report = self.p.report(2)
        self.assertEqual((report["flow"]["counted"], report["flow"]["inserted"]), (2, 2))
        rerun = self.p.run(expect=3)
        self.assertIn("nothing new", rerun.stdout)

    def test_a_repeated_key_is_a_row_only_under_another_key(self):
        self.p.run(expect=3)
        number = self.number("duplicate_key")
        self.assertIn("nothing to replay", self.rejects("replay", "plan.yaml", number, code=3).stdout)
        self.rejects("fix", "plan.yaml", number, "--set", "id=5")
        self.rejects("replay", "plan.yaml", number)
        self.assertIn(("5", "Ann", "Li", 2), self.records())
        self.assertIn(("1", "Ann", "Lee", 1), self.records())

    def test_rows_without_a_key_keep_their_place_as_key(self):
        self.write_plan(", encoding: utf-8")
        self.p.run(expect=3)
        self.write_plan(", encoding: windows-1252")
        self.rejects("replay", "plan.yaml", "--reason", "undecodable_bytes")
        came = [key for key, first, *_ in self.records() if first == "José"]
        clean = self.make_project()
        clean.write("a.csv", self.p.path("a.csv").read_bytes())
        clean.plan(SOURCE % ", encoding: windows-1252")
        clean.run(expect=3)
        self.assertEqual(came, [key for (key,) in clean.query("SELECT source_key FROM record WHERE first_name = 'José'")])

    def test_rows_of_a_table_and_a_snapshot_that_is_not_taken_for_a_part(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, name)", "t", [(1, "Ann Lee"), (2, "Carl Fox"), (None, "Eve Ash")])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
        self.p.run(expect=3)
        self.rejects("fix", "plan.yaml", "1", "--set", "id=9")
        self.rejects("replay", "plan.yaml")
        self.assertEqual(self.p.query("SELECT source_key, gone_import FROM record ORDER BY 1"),
                         [("1", None), ("2", None), ("9", None)])
        self.assertIn("nothing new", self.p.run(expect=0).stdout)

    def test_the_other_rejects_of_a_table_stay_open(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, name)", "t", [(1, "Ann Lee"), (None, "Eve Ash"), (None, "Bob Ray")])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
        self.p.run(expect=3)
        self.rejects("fix", "plan.yaml", "1", "--set", "id=9")
        self.rejects("replay", "plan.yaml", code=3)
        self.assertEqual(self.p.query("SELECT quarantine_id, state FROM quarantine ORDER BY 1"), [(1, "replayed"), (2, "open")])
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        self.assertEqual(self.p.query("SELECT quarantine_id, state FROM quarantine ORDER BY 1"), [(1, "open"), (2, "open")])

    def states_of(self, out="out"):
        return self.p.query("SELECT quarantine_id, state FROM quarantine ORDER BY 1", out=out)

    def mended_table(self, more=""):
        """Rows without a key and with a repeated one, mended and replayed as import 2."""
        self.p.sqlite("old.db", "CREATE TABLE t (id, name, changed)", "t",
                      [(1, "Ann Lee", "2024-01-01"), (1, "Ann Lo", "2023-01-01"), (2, "Carl Fox", "2024-01-02"), (None, "Eve Ash", None)])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, %sfields: {full_name: name, updated_at: changed}}" % more)
        self.p.run(expect=3)
        self.rejects("fix", "plan.yaml", self.number("null_key"), "--set", "id=9")
        self.rejects("fix", "plan.yaml", self.number("duplicate_key"), "--set", "id=5")
        self.rejects("replay", "plan.yaml")

    def here(self):
        return [key for key, in self.p.query("SELECT source_key FROM record WHERE gone_import IS NULL ORDER BY 1")]

    def test_what_was_mended_holds_on_when_the_table_is_read_again(self):
        self.mended_table()
        for key in (3, 4):
            self.p.sqlite("old.db", f"INSERT INTO t VALUES ({key}, 'New{key} One', '2024-02-01')")
            result = self.p.run(expect=0)
            self.assertIn("1 rejected row was mended and replayed before, and that holds on", result.stderr)
        self.assertEqual(self.here(), ["1", "2", "3", "4", "5", "9"])
        self.assertEqual(self.states_of(), [(1, "replayed"), (2, "replayed"), (3, "superseded"), (4, "superseded"), (5, "replayed"),
                                            (6, "replayed")])
        self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", "reconcile").code, 0)
        # A row that is mended at the source, too, is one record.
        self.p.sqlite("old.db", "UPDATE t SET id = 9 WHERE id IS NULL; DELETE FROM t WHERE id = 2;")
        self.p.run(expect=0)
        self.assertEqual(self.here(), ["1", "3", "4", "5", "9"])

    def test_rows_without_a_key_that_leave_the_table_are_gone(self):
        self.mended_table()
        self.p.sqlite("old.db", "DELETE FROM t WHERE id IS NULL")
        self.p.run(expect=0)
        self.assertEqual(self.here(), ["1", "2", "5"])

    def test_two_rows_of_the_same_bytes_are_mended_one_by_one(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, name)", "t", [(1, "Ann Lee"), (None, "Eve Ash"), (None, "Eve Ash")])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
        self.p.run(expect=3)
        self.rejects("fix", "plan.yaml", 1, "--set", "id=8")
        self.rejects("replay", "plan.yaml", 1)
        self.p.sqlite("old.db", "INSERT INTO t VALUES (2, 'Bob Ray')")
        self.p.run(expect=3)
        self.assertEqual([s for _, s in self.states_of()], ["replayed", "superseded", "replayed", "open"])
        self.rejects("fix", "plan.yaml", 4, "--set", "id=9")
        self.rejects("replay", "plan.yaml")
        self.p.sqlite("old.db", "INSERT INTO t VALUES (3, 'Cy Elm')")
        self.p.run(expect=0)
        self.assertEqual(self.here(), ["1", "2", "3", "8", "9"])

    def test_a_fix_that_was_not_replayed_yet_holds_on(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, name)", "t", [(1, "Ann Lee"), (None, "Eve Ash")])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
        self.p.run(expect=3)
        self.rejects("fix", "plan.yaml", 1, "--set", "id=9", "--reason", "the letter")
        self.p.sqlite("old.db", "INSERT INTO t VALUES (2, 'Bob Ray')")
        self.assertIn("1 rejected row was mended before: migrate rejects replay loads it so", self.p.run(expect=3).stderr)
        self.rejects("replay", "plan.yaml")
        self.assertEqual(self.here(), ["1", "2", "9"])
        self.assertEqual(self.p.query("SELECT quarantine_id, why FROM quarantine_fix"), [(1, "the letter"), (2, "the letter")])

    def test_another_plan_asks_for_the_mended_rows_again(self):
        self.mended_table()
        plan = self.p.path("plan.yaml").read_text()
        self.p.write("plan.yaml", plan.replace("full_name: name", "last_name: name"))
        self.p.run(expect=3)
        self.rejects("replay", "plan.yaml")
        self.assertEqual(self.p.query("SELECT count(*) FROM record WHERE last_name IS NULL"), [(0,)])
        self.assertIn("nothing new", self.p.run(expect=0).stdout)
        self.p.sqlite("old.db", "INSERT INTO t VALUES (3, 'Cy Elm', '2024-01-09')")
        self.p.run(expect=0)

    def test_a_table_in_parts_has_one_reject_for_one_row(self):
        self.mended_table("extract: {incremental: changed, overlap: 1h}, ")
        self.p.sqlite("old.db", "INSERT INTO t VALUES (NULL, 'Kim Oak', NULL)")
        self.p.run(expect=3)
        self.p.sqlite("old.db", "INSERT INTO t VALUES (3, 'Cy Elm', '2024-03-01')")
        self.p.run(expect=3)
        self.assertEqual(sorted(s for _, s in self.states_of()), ["open", "replayed", "replayed", "replayed", "superseded", "superseded"])
        self.assertIn("1 row of these inputs is still in quarantine", self.p.run(expect=3).stdout)
        self.assertEqual(self.p.query("SELECT raw FROM quarantine WHERE state = 'open'")[0][0].count(b"Kim Oak"), 1)

    def test_an_import_and_its_replay_are_taken_back_in_any_order(self):
        """Numbers of the imports: 1 the first, 2 the replay; each later one is a rollback of the one named."""
        for order in ((2, 1), (1, 2), (2, 1, 3, 4), (1, 2, 4, 3), (2, 1, 4, 3), (1, 2, 3, 4)):
            self.p = self.make_project()
            self.p.sqlite("old.db", "CREATE TABLE t (id, name)", "t", [(1, "Ann Lee"), (None, "Eve Ash")])
            self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
            self.p.run(expect=3)
            self.rejects("fix", "plan.yaml", 1, "--set", "id=9")
            self.rejects("replay", "plan.yaml")
            before = self.here()
            with self.subTest(order=order):
                for number in order:
                    result = self.p.migrate("rollback", "plan.yaml", number)
                    self.assertEqual(result.code, 0, str(result))
                self.assertEqual(self.states_of(), [(1, "replayed" if len(order) == 4 else "rolled_back")])
                self.assertEqual(self.here(), before if len(order) == 4 else [])
                self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", "reconcile").code, 0)

    def test_a_replay_that_is_taken_back_opens_what_came_again(self):
        self.mended_table()
        self.p.sqlite("old.db", "INSERT INTO t VALUES (3, 'Cy Elm', '2024-03-01')")
        self.p.run(expect=0)
        for number, states, here in ((2, "superseded superseded open open", "1 2 3"), (4, "replayed replayed replayed replayed", "1 2 3 5 9"),
                                     (3, "replayed replayed rolled_back rolled_back", "1 2 5 9")):
            result = self.p.migrate("rollback", "plan.yaml", number)
            self.assertEqual(result.code, 0, str(result))
            self.assertEqual([s for _, s in self.states_of()], states.split())
            self.assertEqual(self.here(), here.split())
            self.assertIn(self.p.migrate("run", "plan.yaml", "--stage", "reconcile").code, (0, 3))

    def test_what_is_refused(self):
        self.p.run(expect=3)
        self.assert_fails(self.p.migrate("rejects", "fix", "plan.yaml", "99", "--set", "id=1"), 2, "no open row 99")
        self.assert_fails(self.p.migrate("rejects", "fix", "plan.yaml", "1", "--set", "nr=1"), 2, "no column 'nr'",
                          "its columns are: id, first, last, mail, changed")
        self.assert_fails(self.p.migrate("rejects", "fix", "plan.yaml", "1"), 2, "--set COLUMN=VALUE or --raw FILE")
        self.assert_fails(self.p.migrate("rejects", "replay", "plan.yaml", "99"), 2, "no open row 99")


if __name__ == "__main__":
    unittest.main()
