"""Shards of reconcile: the passes over the target are shared, and what they find is what one reconcile finds."""
import json
import random
import shutil
import unittest

from common import Case, timeless
from people import mixed_project
from test_kill_anywhere import LIBRARY, TIMES

DAMAGE = ("UPDATE record SET city = 'Nowhere' WHERE rowid IN (SELECT rowid FROM record ORDER BY rowid LIMIT 3 OFFSET 20)",
          "DELETE FROM person_identifier WHERE value_hash = (SELECT max(value_hash) FROM person_identifier)",
          "UPDATE person SET record_count = 9 WHERE person_id = 5",
          "INSERT INTO person_record SELECT 7, person_id, import_id, confidence FROM person_record LIMIT 1",
          "UPDATE bucket SET rows = x'00' WHERE table_name = 'person' AND bucket = 0")


def report_of(p, out):
    """The last report without times, or what depends on who has found what."""
    j = json.loads(TIMES.sub('"x": 0', (p.path(out) / "ws/reports/1.json").read_text()))
    for volatile in ("stages", "peak_rss_bytes", "threads"):
        j.pop(volatile, None)
    j["reconciliation"]["checks"] = [c for c in j["reconciliation"]["checks"] if c["name"] != "audit chain"]
    return j


class ReconcileShards(Case):
    def setUp(self):
        super().setUp()
        self.p = self.make_project()
        mixed_project(self.p, 200, seed=301)
        for stage in ("extract", "normalize", "load", "dedupe"):
            self.p.run("--stage", stage, out="base")

    def copy(self, out, damage=(), of="base"):
        shutil.rmtree(self.p.path(out), ignore_errors=True)
        shutil.copytree(self.p.path(of), self.p.path(out))
        for sql in damage:
            self.assertGreater(self.p.execute(sql, out=out), 0, sql)

    def whole(self, damage=()):
        """What one reconcile makes of it."""
        self.copy("whole", damage)
        return self.p.migrate("run", "plan.yaml", "--stage", "reconcile", out="whole")

    def shard(self, i, n, out, *args, env=None):
        return self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--shard", f"{i}/{n}", *args, out=out, env=env)

    def verdicts(self, out):
        rows = [timeless(r) for r, in self.p.query("SELECT result FROM reconciliation ORDER BY reconciliation_id", out=out)]
        log = (self.p.path(out) / "ws/reconciliation.jsonl").read_text().splitlines()
        self.assertEqual([timeless(line) for line in log], rows)
        return rows

    def assert_as_whole(self, result, whole, out):
        self.assertEqual(result.code, whole.code, str(result))
        self.assertEqual(self.verdicts(out), self.verdicts("whole"))
        self.assertEqual(report_of(self.p, out), report_of(self.p, "whole"))
        self.assert_same_tables(self.p.tables(out=out), self.p.tables(out="whole"))
        if whole.code == 4:
            told = [line for line in whole.stderr.splitlines() if "differ" in line]
            self.assertEqual([line for line in result.stderr.splitlines() if "differ" in line], told)
            self.assertTrue(told)

    def read(self, out):
        """The lines of parts that were read, by number."""
        lines = [json.loads(line) for path in (self.p.path(out) / "ws/work").glob("manifest*.jsonl") for line in path.read_text().splitlines()]
        return {line["chunk"]: line for line in lines if line["kind"] == "read"}

    def test_any_n_in_any_order_with_repeats_finds_what_one_reconcile_finds(self):
        for damage in ((), DAMAGE):
            whole = self.whole(damage)
            self.assertEqual(whole.code, 4 if damage else 3, str(whole))
            for n in (1, 2, 7):
                self.copy("out", damage)
                order = list(range(1, n + 1))
                random.Random(n).shuffle(order)
                for at, i in enumerate(order):
                    result = self.shard(i, n, "out", "--threads", 1 + at % 2)
                    if at + 1 == n:
                        break
                    self.assertEqual(result.code, 0, str(result))
                    self.assertIn("missing", result.stdout)
                    there = self.read("out")
                    self.assertEqual({part % n + 1 for part in there}, set(order[:at + 1]))
                    self.assertEqual(self.shard(i, n, "out").code, 0)
                    self.assertEqual(self.read("out"), there)
                    self.assertEqual(self.p.query("SELECT count(*) FROM reconciliation", out="out"), [(0,)])
                with self.subTest(n=n, damage=bool(damage)):
                    self.assert_as_whole(result, whole, "out")
                    # Who comes late is told the same, and leaves no second verdict.
                    for i in (1, n):
                        self.assert_as_whole(self.shard(i, n, "out"), whole, "out")

    def test_a_repair_between_two_shards_makes_what_was_read_before_old(self):
        whole = self.whole()
        self.copy("out", DAMAGE[:1])
        self.assertEqual(self.shard(1, 2, "out").code, 0)
        before = self.read("out")
        self.assertTrue(any(json.loads(line["found"]).get("faults") for line in before.values()))
        repaired = self.p.migrate("repair", "plan.yaml", out="out")
        self.assertEqual(repaired.code, 0, str(repaired))
        second = self.shard(2, 2, "out")
        self.assertEqual(second.code, 0, str(second))
        self.assertIn("1/2 is missing", second.stdout)
        self.assertIn(f"{len(before)} parts that shards had read of an earlier state of the target are left out and read again", second.stderr)
        last = self.shard(1, 2, "out")
        self.assertEqual(last.code, whole.code, str(last))
        self.assertEqual(json.loads(self.verdicts("out")[-1])["verdict"], "match")
        self.assertEqual(json.loads(self.verdicts("out")[-1])["damage"], [])

    def test_after_a_mismatch_a_repair_and_shards_again(self):
        self.copy("out", DAMAGE[:3])
        for i in (1, 2):
            last = self.shard(i, 2, "out")
        self.assertEqual(last.code, 4, str(last))
        self.assertEqual(self.p.migrate("repair", "plan.yaml", out="out").code, 0)
        for i in (1, 2):
            last = self.shard(i, 2, "out")
        self.assertEqual(last.code, 3, str(last))
        self.assertEqual([json.loads(v)["verdict"] for v in self.verdicts("out")][-1], "match")
        self.assertEqual(self.p.query("SELECT state FROM import", out="out")[0], ("done",))

    def test_parts_that_cannot_be_used_are_read_by_who_finishes(self):
        whole = self.whole(DAMAGE)
        self.copy("first", DAMAGE)
        self.assertEqual(self.shard(1, 2, "first").code, 0)
        for number, change in enumerate(({"found": "{}"}, {"found": "x"}, {"part": "record 99"}, {"state": "0123456789abcdef"},
                                         {"found": '{"part": "record 0-4", "checks": [1]}'})):
            self.copy("out", of="first")
            manifest, = (path for path in (self.p.path("out") / "ws/work").glob("manifest*.jsonl") if '"read"' in path.read_text())
            lines = []
            for line in map(json.loads, manifest.read_text().splitlines()):
                if line["kind"] == "read":
                    line |= change
                    del line["check"]
                lines.append(json.dumps(line) + "\n")
            manifest.write_text("".join(lines))
            result = self.shard(2, 2, "out")
            with self.subTest(change=change):
                if "missing" in result.stdout:  # of another part or state: not there
                    self.assertGreater(number, 1)
                    result = self.shard(1, 2, "out")
                self.assert_as_whole(result, whole, "out")

    def test_a_run_reads_for_itself_and_shards_behind_it_anew(self):
        whole = self.whole()
        self.copy("out")
        self.assertEqual(self.shard(2, 2, "out").code, 0)
        self.assert_as_whole(self.p.migrate("run", "plan.yaml", "--stage", "reconcile", out="out"), whole, "out")
        whole = self.whole(DAMAGE)
        self.copy("out")
        for i in (1, 3):
            self.assertEqual(self.shard(i, 3, "out").code, 0)
        for sql in DAMAGE:
            self.p.execute(sql, out="out")
        self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", "reconcile", out="out").code, 4)
        self.assertEqual(self.read("out"), {})
        # What these three had read was sound.
        self.assertIn("1/3 and 3/3 are missing", self.shard(2, 3, "out").stdout)
        self.shard(3, 3, "out")
        last = self.shard(1, 3, "out")
        self.assertEqual(last.code, 4, str(last))
        self.assertEqual(self.verdicts("out"), self.verdicts("whole") * 2)

    def test_two_at_once_and_one_that_is_killed(self):
        for damage in ((), DAMAGE):
            whole = self.whole(damage)
            self.copy("out", damage)
            calls = [self.p.start("run", "plan.yaml", "--stage", "reconcile", "--shard", f"{i}/2") for i in (1, 2, 2)]
            codes = []
            for call in calls:
                out, err = call.communicate(timeout=120)
                codes.append(call.returncode)
                self.assertIn(call.returncode, (0, 3, 4), f"{out} {err}")
            self.assertIn(whole.code, codes)
            self.assert_as_whole(self.shard(1, 2, "out"), whole, "out") if damage else None
            self.assertEqual(self.verdicts("out"), self.verdicts("whole"))
            rng = random.Random(len(damage))
            for trial in range(6):
                self.copy("out", damage)
                for i in (2, 1):
                    fault = {"LD_PRELOAD": LIBRARY, "FAULT_AT": str(rng.randint(3, 45)), "FAULT_KIND": rng.choice(("kill", "kill_after"))}
                    killed = self.shard(i, 2, "out", "--threads", 1, env=fault)
                    self.assertIn(killed.code, (0, 3, 4, -9), str(killed))
                    result = self.shard(i, 2, "out")
                with self.subTest(trial=trial, damage=bool(damage)):
                    self.assert_as_whole(result, whole, "out")


if __name__ == "__main__":
    unittest.main()
