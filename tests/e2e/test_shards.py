"""Shards: calls of `run --shard i/n` in any order, under any n, repeated, side by side or killed, leave what one run leaves."""
import json
import os
import random
import shutil
import subprocess
import unittest

from common import MIGRATE, ROOT, Case
from people import mixed_project
from test_kill_anywhere import LIBRARY, TIMES, audit_chain_holds

STAGES = ["extract", "normalize", "load", "dedupe", "reconcile"]


def numbers(p, out):
    """Flow and quarantine of all reports."""
    found = {}
    for path in sorted(p.path(out).glob("ws/reports/*.json")):
        j = json.loads(TIMES.sub('"x": 0', path.read_text()))
        found[path.name] = {name: j.get(name) for name in ("flow", "quarantine")}
    return found


class Shards(Case):
    def setUp(self):
        super().setUp()
        self.p = self.make_project()

    def assert_as_whole(self, out, whole="whole"):
        self.assert_same_tables(self.p.tables(out=out), self.p.tables(out=whole))
        self.assertEqual(self.p.exports(out=out), self.p.exports(out=whole))
        self.assertEqual(numbers(self.p, out), numbers(self.p, whole))
        self.assertTrue(audit_chain_holds(self.p, out))

    def shard(self, i, n, *args, out="out", expect=(0, 3)):
        env = {"MIGRATE_PAIR_ROWS": "128"}  # so that few records are several parts of dedupe
        return self.p.run("--shard", f"{i}/{n}", *args, out=out, expect=expect, env=env)

    def by_stages(self, rng, ns, out="out"):
        """Every stage by its shards in random order, some of them repeated; `ns` gives the n of a call."""
        for stage in STAGES:
            n = rng.choice(ns)
            order = list(range(1, n + 1))
            rng.shuffle(order)
            for i in order + rng.choices(order, k=2):
                self.shard(i, n, "--stage", stage, "--threads", rng.choice((1, 2)), out=out)

    def test_any_n_in_any_order_with_repeats(self):
        mixed_project(self.p, 300, seed=101)
        # Chunks of 4 MiB: so that a file has several.
        rows = "".join(f"{i},Ann{i % 40},Lee{i % 90},{'x' * 5000}\r\n" for i in range(2000))
        self.p.write("wide.csv", "id,first,last,notes\r\n" + rows)
        plan = self.p.path("plan.yaml").read_text()
        self.p.write("plan.yaml", plan + "  wide: {type: csv, path: wide.csv, key: id, ignore: [notes], "
                                         "fields: {first_name: first, last_name: last}}\n")
        self.p.run("--threads", 1, out="whole", expect=3)
        for number, ns in enumerate(([1], [2], [7], [2, 3, 5])):
            out = f"n{number}"
            with self.subTest(ns=ns):
                self.by_stages(random.Random(number), ns, out)
                self.assert_as_whole(out)
                shutil.rmtree(self.p.path(out))

    def test_no_rows_at_all(self):
        self.p.write("a.csv", "id,name\n")
        self.p.plan("  a: {type: csv, path: a.csv, key: id, fields: {full_name: name}}\n")
        self.p.run(out="whole", expect=0)
        self.by_stages(random.Random(9), [2])
        self.assert_as_whole("out")

    def test_without_a_stage_each_call_goes_as_far_as_it_gets(self):
        mixed_project(self.p, 200, seed=102)
        self.p.run("--threads", 1, out="whole", expect=3)
        first = self.shard(1, 2, expect=0)
        self.assertIn("extract: shard 1/2 is done as far as it can be; 2/2 is missing\n"
                      f"  migrate run {self.p.plan_file} --stage extract --shard 2/2\n", first.stdout)
        told = self.shard(1, 2, "--json", expect=0).json()
        self.assertEqual((told["shard"], told["stage"], told["complete"], told["missing"]), ("1/2", "extract", False, [2]))
        for turn in range(12):
            result = self.shard(1 + (turn + 1) % 2, 2)
            if "missing" not in result.stdout:
                break
        self.assertEqual(result.code, 3, str(result))
        self.assert_as_whole("out")
        events = self.p.query("SELECT count(*) FROM audit_event")
        again = self.shard(1, 2)
        self.assertIn("nothing new", again.stdout)
        self.assertEqual(again.code, 3)
        self.assertEqual(self.p.query("SELECT count(*) FROM audit_event"), events)

    def test_a_run_goes_on_with_what_shards_did_and_shards_with_what_a_run_did(self):
        mixed_project(self.p, 200, seed=103)
        self.p.run("--threads", 1, out="whole", expect=3)
        self.shard(1, 3, "--stage", "extract", out="a")
        self.p.run("--threads", 1, out="a", expect=3)
        self.assert_as_whole("a")
        self.p.run("--stage", "extract", "--stage", "normalize", out="b")
        self.by_stages(random.Random(3), [2], out="b")
        self.assert_as_whole("b")
        for stage in STAGES[:3]:
            for i in (1, 2, 3) if stage != "load" else (3,):
                self.shard(i, 3, "--stage", stage, out="c")
        self.p.run("--threads", 1, out="c", expect=3)
        self.assert_as_whole("c")

    def test_two_processes_at_once(self):
        mixed_project(self.p, 600, seed=104)
        self.p.run("--threads", 1, out="whole", expect=3)
        for stage in STAGES:
            calls = [self.p.start("run", "plan.yaml", "--stage", stage, "--shard", f"{i}/2") for i in (1, 2, 2)]
            for call in calls:
                out, err = call.communicate(timeout=120)
                self.assertIn(call.returncode, (0, 3), f"{stage}: {out} {err}")
        self.assert_as_whole("out")

    def test_the_runbooks_recipe_by_two_at_once(self):
        mixed_project(self.p, 300, seed=117)
        self.p.run("--threads", 1, out="whole", expect=3)
        recipe = (ROOT / "docs/runbook.md").read_text().split("# shards.sh I N", 1)[1].split("```", 1)[0]
        self.assertIn("migrate run people.yaml --stage $stage --shard $1/$2", recipe)
        self.p.write("shards.sh", "#" + recipe.replace("people.yaml", "plan.yaml").replace("sleep 5", "sleep 0.1"))
        self.p.path("bin").mkdir()
        self.p.path("bin/migrate").symlink_to(MIGRATE)
        env = self.p.environment(env={"PATH": f"{self.p.path('bin')}:{os.environ['PATH']}", "MIGRATE_PAIR_ROWS": "32"})
        calls = [subprocess.Popen(["sh", "shards.sh", str(i), "2"], env=env, cwd=self.p.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                 for i in (1, 2)]
        for call in calls:
            said, _ = call.communicate(timeout=240)
            self.assertEqual(call.returncode, 0, said.decode())
        self.assert_as_whole("out")

    def until_loaded(self, seed):
        """An import up to load, and what a run makes of it."""
        mixed_project(self.p, 300, seed=seed)
        self.p.run("--threads", 1, out="whole", expect=3)
        self.p.run("--stage", "extract", "--stage", "normalize", "--stage", "load", out="loaded")

    def copy(self, out):
        shutil.copytree(self.p.path("loaded"), self.p.path(out))
        return self.p.path(out) / "ws/work/pairs"

    def dedupe(self, i, n, out, *args, env=None, expect=(0, 3)):
        result = self.p.migrate("run", "plan.yaml", "--stage", "dedupe", "--shard", f"{i}/{n}", *args, out=out,
                                env={"MIGRATE_PAIR_ROWS": "32"} | (env or {}))
        self.assertIn(result.code, expect, str(result))
        return result

    def test_scored_pairs_of_shards(self):
        self.until_loaded(111)
        for n in (1, 2, 7):
            out = f"n{n}"
            pairs = self.copy(out)
            order = list(range(1, n + 1))
            random.Random(n).shuffle(order)
            for at, i in enumerate(order):
                result = self.dedupe(i, n, out, "--threads", 1 + at % 2)
                if at + 1 < n:
                    self.assertIn("missing", result.stdout)
                    there = {p.name: p.read_bytes() for p in pairs.iterdir()}
                    mine = {int(name.split("-")[0]) % n for name in there if not name.startswith("learned-")}
                    self.assertEqual(mine, {j - 1 for j in order[:at + 1]})
                    self.assertIn("missing", self.dedupe(i, n, out).stdout)
                    self.assertEqual({p.name: p.read_bytes() for p in pairs.iterdir()}, there)
            self.assertNotIn("missing", result.stdout)
            self.assertFalse(pairs.exists())
            self.shard(1, 1, "--stage", "reconcile", out=out)
            with self.subTest(n=n):
                self.assert_as_whole(out)
            shutil.rmtree(self.p.path(out))

    def test_the_finish_takes_pairs_that_are_there_and_no_others(self):
        self.until_loaded(112)
        pairs = self.copy("out")
        self.assertIn("missing", self.dedupe(1, 2, "out").stdout)
        names = sorted(path for path in pairs.iterdir() if not path.name.startswith("learned-"))
        self.assertGreater(len(names), 2)
        whole = names[0].read_bytes()
        # What another target's records gave, which says so itself.
        elsewhere = self.p.path("elsewhere") / "ws/work/pairs"
        before = self.p.path("old.db").read_bytes()
        self.p.sqlite("old.db", "UPDATE contacts SET city = 'Lyon' WHERE rowid % 2 = 0;")
        self.p.run("--stage", "extract", "--stage", "normalize", "--stage", "load", out="elsewhere")
        self.dedupe(1, 2, "elsewhere")
        self.p.path("old.db").write_bytes(before)
        other, = elsewhere.glob(names[0].name.split("-")[0] + "-*")
        self.assertNotEqual(other.read_bytes(), whole)
        for number, damaged in enumerate((whole[:-1], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], b"",
                                          names[1].read_bytes(), other.read_bytes())):
            out = f"damaged{number}"
            shutil.copytree(self.p.path("out"), self.p.path(out))
            (self.p.path(out) / "ws/work/pairs" / names[0].name).write_bytes(damaged)
            self.dedupe(2, 2, out)
            self.shard(1, 1, "--stage", "reconcile", out=out)
            with self.subTest(number=number):
                self.assert_as_whole(out)
        # A run goes on with what one shard has left; and one with parts of another size is as good.
        for rows in (32, 64):
            out = f"run{rows}"
            shutil.copytree(self.p.path("out"), self.p.path(out))
            run = self.p.migrate("run", "plan.yaml", "--threads", 1, out=out, env={"MIGRATE_PAIR_ROWS": str(rows)})
            self.assertEqual(run.code, 3, str(run))
            self.assert_as_whole(out)
            self.assertFalse((self.p.path(out) / "ws/work/pairs").exists())

    def test_the_first_shard_learns_for_all(self):
        self.until_loaded(116)
        pairs = self.copy("out")
        self.dedupe(1, 3, "out")
        learned, = pairs.glob("learned-*.bin")
        whole = learned.read_bytes()
        # What is damaged, or was learned from other records, is learned again and is the same.
        elsewhere = self.p.path("elsewhere") / "ws/work/pairs"
        before = self.p.path("old.db").read_bytes()
        self.p.sqlite("old.db", "UPDATE contacts SET city = 'Lyon' WHERE rowid % 2 = 0;")
        self.p.run("--stage", "extract", "--stage", "normalize", "--stage", "load", out="elsewhere")
        self.dedupe(1, 3, "elsewhere")
        self.p.path("old.db").write_bytes(before)
        other, = (path.read_bytes() for path in elsewhere.glob("learned-*.bin"))
        self.assertNotEqual(other, whole)
        for bad in (b"", whole[:-1], whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], other):
            learned.write_bytes(bad)
            for part in pairs.glob("1-*.bin"):
                part.unlink()
            self.dedupe(2, 3, "out")
            self.assertEqual(learned.read_bytes(), whole)
        # With it nobody learns: two shards and the finish take what is there.
        shutil.copytree(self.p.path("out"), self.p.path("again"))
        for out in ("out", "again"):
            at = (self.p.path(out) / "ws/work/pairs" / learned.name)
            stamp = at.stat().st_mtime_ns
            self.dedupe(2, 3, out)
            self.assertEqual(at.stat().st_mtime_ns, stamp)
            result = self.dedupe(3, 3, out)
            self.assertNotIn("missing", result.stdout)
            self.shard(1, 1, "--stage", "reconcile", out=out)
            self.assert_as_whole(out)

    def test_pairs_under_a_model_that_is_given(self):
        mixed_project(self.p, 300, seed=113)
        self.p.run("--threads", 1, out="base", expect=3)
        self.p.migrate("model", "export", "plan.yaml", "--output", "model.json", out="base")
        self.assertTrue(self.p.path("model.json").exists())
        plan = self.p.path("plan.yaml").read_text()
        self.p.write("plan.yaml", plan + "dedupe: {model: model.json}\n")
        self.p.run("--threads", 1, out="whole", expect=3)
        self.p.run("--stage", "extract", "--stage", "normalize", "--stage", "load", out="loaded")
        self.copy("out")
        self.assertIn("2/3 and 3/3 are missing", self.dedupe(1, 3, "out").stdout)
        for i in (2, 3):
            self.dedupe(i, 3, "out")
        self.shard(1, 1, "--stage", "reconcile")
        self.assert_as_whole("out")

    def test_pairs_by_two_at_once_and_by_one_that_is_killed(self):
        self.until_loaded(114)
        self.copy("out")
        env = {"MIGRATE_PAIR_ROWS": "32"}
        calls = [self.p.start("run", "plan.yaml", "--stage", "dedupe", "--shard", f"{i}/2", env=env) for i in (1, 2, 2)]
        for call in calls:
            out, err = call.communicate(timeout=120)
            self.assertIn(call.returncode, (0, 3), f"{out} {err}")
        self.shard(1, 1, "--stage", "reconcile")
        self.assert_as_whole("out")
        rng = random.Random(114)
        for trial in range(3):
            out = f"killed{trial}"
            self.copy(out)
            for i in (2, 1):
                fault = {"LD_PRELOAD": LIBRARY, "FAULT_AT": str(rng.randint(5, 60)), "FAULT_KIND": rng.choice(("kill", "kill_after"))}
                self.dedupe(i, 2, out, "--threads", 1, env=fault, expect=(0, 3, -9))
                self.dedupe(i, 2, out)
            self.shard(1, 1, "--stage", "reconcile", out=out)
            with self.subTest(trial=trial):
                self.assert_as_whole(out)

    def test_a_shard_that_is_killed_is_called_again(self):
        mixed_project(self.p, 200, seed=105)
        self.p.run("--threads", 1, out="whole", expect=3)
        rng = random.Random(105)
        for trial in range(4):
            out = f"killed{trial}"
            for stage in STAGES:
                for i in (2, 1):
                    args = ("run", "plan.yaml", "--stage", stage, "--shard", f"{i}/2", "--threads", 1)
                    env = {"LD_PRELOAD": LIBRARY, "FAULT_AT": str(rng.randint(1, 120)), "FAULT_KIND": rng.choice(("kill", "kill_after"))}
                    killed = self.p.migrate(*args, out=out, env=env)
                    self.assertIn(killed.code, (0, 3, -9), str(killed))
                    again = self.p.migrate(*args, out=out)
                    self.assertIn(again.code, (0, 3), str(again))
            with self.subTest(trial=trial):
                self.assert_as_whole(out)
            shutil.rmtree(self.p.path(out))

    def test_an_import_with_changes_by_shards(self):
        mixed_project(self.p, 200, seed=106)
        self.p.path("a_2.csv").rename(self.p.path("later"))
        self.p.run("--threads", 1, out="base", expect=3)
        shutil.copytree(self.p.path("base"), self.p.path("whole"))
        self.p.path("later").rename(self.p.path("a_2.csv"))
        self.p.sqlite("old.db", "DELETE FROM contacts WHERE rowid % 5 = 0; UPDATE contacts SET city = 'Lyon' WHERE rowid % 7 = 0;")
        self.p.run("--threads", 1, out="whole", expect=3)
        shutil.copytree(self.p.path("base"), self.p.path("out"))
        self.by_stages(random.Random(6), [3])
        self.assert_as_whole("out")

    def test_a_part_of_a_table_is_one_shards(self):
        mixed_project(self.p, 200, seed=107)
        plan = self.p.path("plan.yaml").read_text()
        self.p.write("plan.yaml", plan.replace("type: sqlite,", "type: sqlite, extract: {incremental: changed, overlap: 24h},"))
        self.p.run("--threads", 1, out="base", expect=3)
        shutil.copytree(self.p.path("base"), self.p.path("whole"))
        self.p.sqlite("old.db", "UPDATE contacts SET city = 'Lyon', changed = '2025-01-01 08:00:00' WHERE rowid % 7 = 0;")
        self.p.run("--threads", 1, out="whole", expect=3)
        # Also behind a run that died while it read it: what that one has read is of another moment.
        rng = random.Random(107)
        for trial in range(4):
            out = f"out{trial}"
            shutil.copytree(self.p.path("base"), self.p.path(out))
            if trial > 0:
                env = {"LD_PRELOAD": LIBRARY, "FAULT_AT": str(rng.randint(5, 60)), "FAULT_KIND": "kill_after"}
                args = ("--shard", "1/1") if trial == 3 else ()
                self.assertEqual(self.p.migrate("run", "plan.yaml", "--threads", 1, *args, out=out, env=env).code, -9)
            self.by_stages(rng, [2, 3], out=out)
            with self.subTest(trial=trial):
                self.assert_as_whole(out)

    def test_a_stage_before_its_time_and_other_work(self):
        mixed_project(self.p, 60, seed=108)
        early = self.p.migrate("run", "plan.yaml", "--stage", "load", "--shard", "1/2")
        self.assert_fails(early, 2, "load: the stage extract has not begun for these inputs", "--stage extract")
        self.shard(1, 2, "--stage", "extract")
        early = self.p.migrate("run", "plan.yaml", "--stage", "normalize", "--shard", "1/2")
        self.assert_fails(early, 2, "normalize: the stage extract is not complete: 2/2 is missing")
        self.shard(2, 2, "--stage", "extract")
        self.shard(2, 2, "--stage", "normalize")
        early = self.p.migrate("run", "plan.yaml", "--stage", "load", "--shard", "2/2")
        self.assert_fails(early, 2, "load: the stage normalize is not complete: 1/2 is missing")
        self.assertFalse(self.p.target().exists())
        self.shard(1, 2, "--stage", "normalize")
        self.shard(1, 2, "--stage", "load")
        early = self.p.migrate("run", "plan.yaml", "--stage", "dedupe", "--shard", "2/2")
        self.assert_fails(early, 2, "dedupe: the stage load is not complete: 2/2 is missing")
        self.shard(2, 2, "--stage", "load")
        early = self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--shard", "2/2")
        self.assert_fails(early, 2, "reconcile: the stage dedupe is not complete for these inputs")

    def test_what_is_no_shard(self):
        mixed_project(self.p, 30, seed=109)
        for text in ("0/2", "3/2", "1", "1/", "/2", "1/2x", "-1/2", "1/100001", "a/b"):
            result = self.p.migrate("run", "plan.yaml", "--shard", text)
            self.assert_fails(result, 2, f"--shard {text}: not a shard", "--shard 2/3")
        for more in (("--limit", "5"), ("--dry-run",), ("--verify-source",), ("--from", "load")):
            result = self.p.migrate("run", "plan.yaml", "--shard", "1/2", *more)
            self.assert_fails(result, 2, "--shard")
        self.assertFalse(self.p.path("out/ws").exists())

    def test_a_run_and_shards_keep_each_other_out(self):
        mixed_project(self.p, 30, seed=110)
        self.shard(1, 2, "--stage", "extract")
        import fcntl
        with open(self.p.path("out/ws/lock"), "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)  # a shard at work
            self.assert_fails(self.p.migrate("run", "plan.yaml"), 1, "another run of this plan is at work", "shard 1/2")
            self.shard(2, 2, "--stage", "extract")
            self.assertIsNotNone(self.p.migrate("status", "plan.yaml", "--json").json()["running"])
            self.p.write("a_3.csv", self.p.path("a_1.csv").read_bytes() + b"x\r\n")
            other = self.p.migrate("run", "plan.yaml", "--stage", "extract", "--shard", "1/2")
            self.assert_fails(other, 1, "other shards are at work with other inputs or another plan")
        with open(self.p.path("out/ws/lock"), "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_fails(self.p.migrate("run", "plan.yaml", "--shard", "1/2"), 1, "another run of this plan is at work")


if __name__ == "__main__":
    unittest.main()
