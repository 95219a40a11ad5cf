"""Sources that go once they are extracted, and segments that go as the plan's `retention` says."""
import os
import unittest

from common import Case

HEADER = ["id", "name", "mail"]
ROWS = [[str(i), f"Ann{i % 7} Lee{i % 5}", f"p{i}@example.org"] for i in range(1, 41)]
CSV = '  a: {type: csv, path: "a*.csv", key: id, fields: {full_name: name, email: mail}}\n'
SQLITE = '  b: {type: sqlite, path: old.db, table: people, key: id, fields: {full_name: name, email: mail}}\n'
NOT_THERE = "it is not there any more"


class Gone(Case):
    def setUp(self):
        super().setUp()
        self.p = self.make_project()
        self.p.write_csv("a1.csv", HEADER, ROWS[:20])
        self.p.write_csv("a2.csv", HEADER, [*ROWS[20:], ["41", "short"]])
        self.p.sqlite("old.db", "CREATE TABLE people (id TEXT, name TEXT, mail TEXT)", "people",
                      [(f"s{r[0]}", r[1], r[2]) for r in ROWS])
        self.p.plan(CSV + SQLITE)

    def remove(self, *names):
        for name in names:
            self.p.path(name).unlink()

    def plain(self):
        """What a run without any of this makes of the same inputs."""
        self.p.run(out="plain", expect=3)
        return self.p.migrate("export", "links", self.p.plan_file, out="plain").stdout

    def links(self):
        return self.p.migrate("export", "links", self.p.plan_file).stdout

    def test_an_import_goes_on_without_what_it_has_extracted(self):
        expected = self.plain()
        self.p.run("--stage", "extract", expect=0)
        self.remove("a1.csv", "a2.csv", "old.db")
        normalized = self.p.run("--stage", "normalize", expect=0)
        self.assertEqual(normalized.stderr.count("any more"), 1, "one line")
        self.assertIn(f"a1.csv and 2 more inputs: {NOT_THERE}; the import goes on with 81 rows as they were extracted",
                      normalized.stderr)
        done = self.p.run(expect=3)
        self.assertIn(NOT_THERE, done.stderr)
        self.assertIn("81 rows in = 80 loaded + 1 quarantined", done.stdout)
        self.assertEqual(self.links(), expected)
        self.assertEqual(self.p.query("SELECT count(*), sum(counted) FROM import_file"), [(3, 81)])
        after = self.p.run(expect=2)
        self.assertIn("no file matches", after.stderr)
        self.assertIn("old.db", after.stderr)
        self.p.run("--stage", "reconcile", expect=3)  # it is over, and can be proven all the same
        verified = self.p.run("--stage", "reconcile", "--verify-source", expect=3)
        self.assertIn("so it was not read again", verified.stderr)

    def test_a_killed_run_goes_on_with_a_plain_run(self):
        expected = self.plain()
        self.p.run("--stage", "extract", "--stage", "normalize", "--stage", "load", expect=3)
        self.remove("a1.csv", "old.db")
        done = self.p.run(expect=3)
        self.assertIn(f"a1.csv and 1 more input: {NOT_THERE}", done.stderr)
        self.assertEqual(self.links(), expected)

    def test_shards_and_a_watch_go_on_too(self):
        expected = self.plain()
        for i in (1, 2):
            self.p.run("--stage", "extract", "--shard", f"{i}/2", expect=0)
        self.remove("a1.csv")
        for i in (1, 2):
            told = self.p.run("--stage", "normalize", "--shard", f"{i}/2", expect=0)
            self.assertIn(f"a1.csv: {NOT_THERE}", told.stderr)
        watched = self.p.migrate("watch", self.p.plan_file, "--once")
        self.assertEqual(watched.code, 3, watched)
        self.assertIn(f"a1.csv: {NOT_THERE}", watched.stderr)
        self.assertEqual(self.links(), expected)

    def test_a_replay_does_not_clear_rows_that_only_the_workspace_has(self):
        self.p.run(expect=3)
        self.p.write_csv("a3.csv", HEADER, [["50", "Zoe Hara", "z@example.org"]])
        self.p.run("--stage", "extract", "--stage", "normalize", expect=0)
        self.remove("a3.csv")
        reject = str(self.p.query("SELECT quarantine_id FROM quarantine")[0][0])
        self.p.write("row", "41,Ann Short,s@example.org\n")
        fixed = self.p.migrate("rejects", "fix", self.p.plan_file, reject, "--raw", "row")
        self.assertEqual(fixed.code, 0, fixed)
        replayed = self.p.migrate("rejects", "replay", self.p.plan_file)
        self.assertEqual(replayed.code, 2, replayed)
        self.assertIn("only the workspace", replayed.stderr)
        self.assertIn(NOT_THERE, self.p.run(expect=3).stderr)
        self.assertIn("50", {r["source_key"] for r in self.p.export("links")})

    def test_a_second_import_by_its_stages(self):
        self.p.run(expect=3)
        self.p.write_csv("a3.csv", HEADER, [["50", "Zoe Hara", "z@example.org"]])
        for stage in ("extract", "normalize", "load", "dedupe", "reconcile"):
            self.p.run("--stage", stage, expect=(0, 3))
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(81,)])
        self.assertEqual(self.p.query("SELECT count(*) FROM import WHERE state = 'done'"), [(2,)])
        self.assertIn("nothing new", self.p.run(expect=3).stdout)

    def test_a_name_that_is_no_utf8_is_known_again(self):
        odd = os.fsencode(str(self.p.path("a"))) + b"\xff.csv"
        os.rename(os.fsencode(str(self.p.path("a1.csv"))), odd)
        self.p.run("--stage", "extract", expect=0)
        done = self.p.run(expect=3)
        self.assertNotIn(NOT_THERE, done.stderr)
        self.assertIn("81 rows in", done.stdout)

    def test_what_was_not_extracted_is_missed(self):
        self.remove("old.db")
        self.assertIn("old.db", self.p.run(expect=2).stderr)
        self.p.sqlite("old.db", "CREATE TABLE people (id TEXT, name TEXT, mail TEXT)")
        self.p.run("--stage", "extract", expect=0)
        self.remove("old.db")
        again = self.p.run("--from", "extract", expect=2)
        self.assertIn("old.db", again.stderr)

    def test_a_change_beside_it_is_refused_and_nothing_is_touched(self):
        self.p.run("--stage", "extract", expect=0)
        self.remove("a1.csv")
        self.p.write_csv("a2.csv", HEADER, ROWS[20:30])
        before = self.p.listing("out/ws/work")
        refused = self.p.run(expect=2)
        self.assertIn(f"a1.csv: {NOT_THERE}, and the import that has read it cannot go on: an input that is there has changed since",
                      refused.stderr)
        self.p.write_csv("a2.csv", HEADER, [*ROWS[20:], ["41", "short"]])
        self.p.plan(CSV.replace("email: mail", "email: mail, zip: id") + SQLITE)
        self.assertIn("cannot go on: the plan has changed since", self.p.run(expect=2).stderr)
        self.assertEqual(self.p.listing("out/ws/work"), before)
        self.p.plan(CSV + SQLITE)
        self.p.run(expect=3)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(80,)])

    def test_a_new_file_waits_for_the_next_run(self):
        self.p.run("--stage", "extract", expect=0)
        self.remove("a1.csv")
        self.p.write_csv("a3.csv", HEADER, [["50", "Zoe Hara", "z@example.org"]])
        done = self.p.run(expect=3)
        self.assertIn("1 input has come since and waits for the next run", done.stderr)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(80,)])
        self.p.run(expect=3)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(81,)])

    def test_a_file_taken_away_for_its_rejects_is_not_missed(self):
        self.p.plan(CSV + SQLITE, "reconcile: {max_quarantined: 0}")
        self.p.run(expect=5)
        self.remove("a2.csv")
        done = self.p.run(expect=0)
        self.assertNotIn(NOT_THERE, done.stderr)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(60,)])

    def test_of_shards_too(self):
        # A key that comes twice is found by load, when extract is over.
        self.p.write_csv("a2.csv", HEADER, [*ROWS[20:], ROWS[20]])
        self.p.plan(CSV + SQLITE, "reconcile: {max_quarantined: 0}")
        self.p.run("--shard", "1/1", expect=5)
        self.p.run("--shard", "1/1", expect=5)
        self.remove("a2.csv")
        done = self.p.run("--shard", "1/1", expect=0)
        self.assertNotIn(NOT_THERE, done.stderr)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(60,)])

    def extracted_behind_an_import(self):
        """Import 1 of all but a3.csv; a3.csv is extracted and gone."""
        self.p.run(expect=3)
        self.p.write_csv("a3.csv", HEADER, [["50", "Zoe Hara", "z@example.org"]])
        self.p.run("--stage", "extract", "--shard", "1/1", expect=0)
        self.remove("a3.csv")

    def test_a_rollback_in_between(self):
        self.extracted_behind_an_import()
        self.assertEqual(self.p.migrate("rollback", self.p.plan_file, 1).code, 0)
        done = self.p.run(expect=0)
        self.assertIn(NOT_THERE, done.stderr)
        self.assertIn("old.db: held, its content came with import 1", done.stderr)
        self.assertEqual(self.p.query("SELECT source_key FROM record"), [("50",)])
        self.assertEqual(self.p.query("SELECT state, count(*) FROM import_file WHERE import_id = 3 GROUP BY state"),
                         [("held", 3), ("imported", 1)])

    def test_a_release_in_between_is_named(self):
        self.extracted_behind_an_import()
        self.assertEqual(self.p.migrate("rollback", self.p.plan_file, 1).code, 0)
        self.assertEqual(self.p.migrate("imports", "release", self.p.plan_file, 1).code, 0)
        self.p.run(expect=2)
        before = self.p.listing("out/ws/work")
        refused = self.p.run(expect=2)
        self.assertIn("cannot go on: import 2 has taken import 1 back and its inputs were released", refused.stderr)
        self.assertIn("rollback " + str(self.p.plan_file) + " 2", refused.stderr)
        self.assertEqual(self.p.listing("out/ws/work"), before)
        self.assertEqual(self.p.migrate("rollback", self.p.plan_file, 2).code, 0)
        self.assertIn(NOT_THERE, self.p.run(expect=3).stderr)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(81,)])


class Retention(Case):
    def setUp(self):
        super().setUp()
        self.p = self.make_project()
        self.p.write_csv("a1.csv", HEADER, [*ROWS, ["41", "short"]])

    def plan(self, extra):
        self.p.plan(CSV, extra)

    def segments(self, out="out"):
        names = [os.path.basename(n) for n in os.listdir(self.p.path(f"{out}/ws/work"))]
        return sum(n.startswith("raw-") for n in names), sum(n.startswith("rec-") for n in names)

    def test_when_segments_go(self):
        expected = None
        for words, stages in (("keep", [(1, 1), (1, 1), (1, 1)]), ("import", [(1, 1), (1, 1), (0, 0)]),
                              ("stage", [(0, 0), (0, 0), (0, 0)])):
            self.plan(f"retention: {{segments: {words}}}")
            seen = []
            self.p.run("--stage", "extract", "--stage", "normalize", out=words, expect=0)
            self.assertEqual(self.segments(words), (1, 1))
            for stage in ("load", "dedupe", "reconcile"):
                self.p.run("--stage", stage, out=words, expect=3)
                seen.append(self.segments(words))
            self.assertEqual(seen, stages, words)
            links = self.p.migrate("export", "links", self.p.plan_file, out=words).stdout
            self.assertEqual(links, expected or links)
            expected = links
            self.assertIn("nothing new", self.p.run(out=words, expect=3).stdout)

    def test_an_increment_keeps_its_records_until_they_are_matched(self):
        self.plan("retention: {segments: stage}")
        self.p.run(expect=3)
        self.p.write_csv("a2.csv", HEADER, [["50", "Zoe Hara", "z@example.org"]])
        self.p.run("--stage", "extract", "--stage", "normalize", "--stage", "load", expect=3)
        self.assertEqual(self.segments(), (0, 2))
        done = self.p.run(expect=3)
        self.assertEqual(self.segments(), (0, 0))
        self.assertNotIn("went from the workspace", done.stderr)

    def test_stages_that_need_what_went_say_so(self):
        self.plan("retention: {segments: stage}")
        self.p.run(expect=3)
        for stage, what in (("normalize", "the rows as they were read"), ("load", "the rows that go to quarantine")):
            refused = self.p.run("--from", stage, expect=2)
            self.assertIn(f"{stage}: {what} went from the workspace as retention.segments says", refused.stderr)
            self.assertIn("--from extract", refused.stderr)
        self.p.run("--stage", "dedupe", "--stage", "reconcile", expect=3)
        self.p.run("--from", "extract", expect=3)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(40,)])

    def test_a_refused_load_changes_nothing(self):
        self.plan("retention: {segments: stage}")
        self.p.run(expect=3)
        before = self.p.listing("out/ws/work")
        self.p.run("--stage", "load", expect=2)
        self.assertEqual(self.p.listing("out/ws/work"), before)

    def test_a_crash_between_the_line_and_the_files(self):
        self.plan("retention: {segments: stage}")
        self.p.run("--stage", "extract", "--stage", "normalize", expect=0)
        kept = {n: (self.p.path("out/ws/work") / n).read_bytes() for n in os.listdir(self.p.path("out/ws/work"))
                if n.endswith(".seg")}
        self.p.run("--stage", "load", expect=3)
        for name, data in kept.items():
            (self.p.path("out/ws/work") / name).write_bytes(data)
        self.p.run(expect=3)
        self.assertEqual(self.segments(), (0, 0))

    def test_damaged_records_keep_the_raw_segments(self):
        self.plan("retention: {segments: stage}")
        self.p.run("--stage", "extract", "--stage", "normalize", expect=0)
        work = self.p.path("out/ws/work")
        self.p.write_csv("a1.csv", HEADER, [["1", "Other One", "other@example.org"]])
        self.p.run("--stage", "extract", "--stage", "normalize", out="other", expect=0)
        # A whole segment of other rows.
        (work / "rec-0-0.seg").write_bytes((self.p.path("other/ws/work") / "rec-0-0.seg").read_bytes())
        self.p.write_csv("a1.csv", HEADER, [*ROWS, ["41", "short"]])
        failed = self.p.run("--stage", "load", expect=1)
        self.assertIn("it does not hold the rows that were read", failed.stderr)
        self.assertEqual(self.segments(), (1, 1))
        self.p.run("--from", "normalize", expect=3)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(40,)])

    def test_a_target_that_was_replaced_is_filled_anew(self):
        self.plan("retention: {segments: stage}")
        self.p.run("--stage", "extract", "--stage", "normalize", "--stage", "load", expect=3)
        self.p.path("out/people.db").unlink()
        self.p.run(expect=3)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(40,)])

    def test_no_match_state(self):
        self.plan("retention: {match: drop}")
        self.p.run(expect=3)
        self.assertFalse(self.p.path("out/ws/match").exists())
        self.plan("")
        self.p.write_csv("a2.csv", HEADER, [["50", "Zoe Hara", "z@example.org"]])
        self.p.run(expect=3)
        self.assertTrue(self.p.path("out/ws/match").exists())
        self.plan("retention: {match: drop}")
        self.p.write_csv("a3.csv", HEADER, [["51", "Zoe Hara", "z@example.org"]])
        self.p.run(expect=3)
        self.assertFalse(self.p.path("out/ws/match").exists())


if __name__ == "__main__":
    unittest.main()
