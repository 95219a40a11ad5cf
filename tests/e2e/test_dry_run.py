"""A dry run says what a run then does, and writes nothing."""
import json
import os
import subprocess
import unittest

from common import MIGRATE, Case
from people import mixed_project


class DryRun(Case):
    def setUp(self):
        super().setUp()
        mixed_project(self.p, 1500, seed=31)
        self.scratch = self.p.path("scratch")
        self.scratch.mkdir()

    def forecast(self, code=3):
        """Runs dry; nothing that exists may change, and the scratch folder must be empty again."""
        names = [n for n in os.listdir(self.p.folder) if n != "scratch"]
        before = self.p.listing(".")
        result = self.p.migrate("run", "plan.yaml", "--dry-run", "--json", env={"TMPDIR": str(self.scratch)})
        self.assertEqual(result.code, code, str(result))
        after = self.p.listing(".")
        before.pop(str(self.scratch)), after.pop(str(self.scratch))
        self.assertEqual(after, before)
        self.assertEqual(sorted(names), sorted(n for n in os.listdir(self.p.folder) if n != "scratch"))
        self.assertEqual(os.listdir(self.scratch), [])
        return result.json()

    def assert_forecast_comes_true(self, code=3):
        dry = self.forecast(code)
        self.assertTrue(dry["dry_run"])
        real = self.p.run("--json", expect=code).json()
        self.assertEqual(dry["flow"], real["flow"])
        self.assertEqual([(q["reason"], q["count"]) for q in dry["quarantine"]], [(q["reason"], q["count"]) for q in real["quarantine"]])
        self.assertEqual(dry["forecast"], real["flow"])
        # Every column of every row is what was forecast.
        root, = self.p.query("SELECT root FROM import_version ORDER BY import_id DESC LIMIT 1")[0]
        self.assertEqual(dry["fingerprints"]["result"], root)
        return dry

    def test_a_forecast_names_the_inputs_and_the_target_that_it_holds_for(self):
        self.p.path("out").mkdir()
        empty = self.forecast()["fingerprints"]
        self.assertIsNone(empty["target"])
        self.assertEqual(self.forecast()["fingerprints"], empty)
        self.p.run(expect=3)
        filled = self.forecast()["fingerprints"]
        self.assertEqual((filled["inputs"], filled["target"], filled["result"]), (empty["inputs"], empty["result"], empty["result"]))
        self.p.write("a_3.csv", self.p.path("a_1.csv").read_bytes().replace(b"Boston", b"Bergen"))
        other = self.forecast()["fingerprints"]
        self.assertEqual(other["target"], filled["target"])
        self.assertNotEqual(other["inputs"], filled["inputs"])
        self.assertNotEqual(other["result"], filled["result"])

    @unittest.skipUnless(os.geteuid() == 0, "needs another user")
    def test_everything_but_the_scratch_folder_may_be_read_only(self):
        self.p.run(expect=3)
        self.p.write("a_3.csv", self.p.path("a_1.csv").read_bytes().replace(b"Boston", b"Bergen"))
        os.chown(self.scratch, 65534, 65534)
        for path in [self.p.folder, *self.p.folder.rglob("*")]:
            if path != self.scratch:
                path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            before = self.p.listing("out", "a_1.csv", "old.db")
            dry = subprocess.run([MIGRATE, "run", "plan.yaml", "--dry-run", "--json", "--scratch", self.scratch], cwd=self.p.folder,
                                 env={**os.environ, "OUT": str(self.p.path("out"))}, user=65534, group=65534, extra_groups=[],
                                 capture_output=True, text=True)
            self.assertEqual(dry.returncode, 3, dry.stderr)
            self.assertEqual(os.listdir(self.scratch), [])
            self.assertEqual(self.p.listing("out", "a_1.csv", "old.db"), before)
        finally:
            for path in [self.p.folder, *self.p.folder.rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
        self.assertEqual(json.loads(dry.stdout)["forecast"], self.p.run("--json", expect=3).json()["flow"])

    def test_forecast_without_a_target_is_what_the_run_does(self):
        self.p.path("out").mkdir()
        self.assert_forecast_comes_true()

    def test_forecast_onto_a_filled_target_is_what_the_run_does(self):
        self.p.run(expect=3)
        lines = self.p.path("a_1.csv").read_bytes().splitlines()
        newer = [line.rsplit(b",", 1)[0] + b",2025-05-05 00:00:00" for line in lines[1:60] if line.count(b",") == 10]
        older = [line.rsplit(b",", 1)[0] + b",2001-01-01 00:00:00" for line in lines[60:99] if line.count(b",") == 10]
        same = lines[100:150]
        new = [b"n%d,Pat,Newman,1970-01-01,pat%d@example.com,,,,,,2024-01-01" % (i, i) for i in range(20)]
        self.p.write("a_3.csv", b"\n".join([lines[0], *newer, *older, *same, *new, b"broken"]))
        flow = self.assert_forecast_comes_true()["flow"]
        for name in ("inserted", "updated", "superseded", "unchanged", "quarantined"):
            self.assertGreater(flow[name], 0, name)
        self.assertEqual(flow["inserted"], 20)

    def test_forecast_of_unchanged_inputs_is_nothing(self):
        self.p.run(expect=3)
        dry = self.forecast()
        self.assertTrue(all(n == 0 for n in dry["forecast"].values()), dry["forecast"])

    def test_forecast_beside_a_run_that_was_stopped_is_what_the_resumed_run_reaches(self):
        self.p.run("--stage", "extract", expect=(0, 3))
        self.p.run("--stage", "normalize", expect=(0, 3))
        dry = self.forecast()
        self.p.run(expect=3)
        self.assertEqual(self.p.report()["flow"], dry["flow"])

    def test_rows_that_only_the_workspace_has_are_counted(self):
        self.p.run(expect=3)
        lines = self.p.path("a_1.csv").read_bytes().splitlines()
        new = [b"n%d,Pat,Newman,1970-01-01,pat%d@example.com,,,,,,2024-01-01" % (i, i) for i in range(20)]
        self.p.write("a_3.csv", b"\n".join([lines[0], *new, b"broken"]))
        self.p.run("--stage", "extract", "--stage", "normalize", expect=0)
        self.p.path("a_3.csv").unlink()
        self.assertEqual(self.assert_forecast_comes_true()["flow"]["inserted"], 20)
        self.assertEqual(self.forecast(2 if not list(self.p.folder.glob("a_*.csv")) else 3)["forecast"]["inserted"], 0)

    def test_in_the_middle_of_a_load_and_of_persons_without_the_sources(self):
        for stages, out in ((("load",), "a"), (("load", "dedupe"), "b")):
            with self.subTest(stages=stages):
                plan = self.p.path("plan.yaml").read_text()
                self.p.write("plan.yaml", plan + ("retention: {segments: stage}\n" if "retention" not in plan else ""))
                self.p.run("--stage", "extract", "--stage", "normalize", out="out", expect=0)
                env = {"MIGRATE_CHUNK_ROWS": "100", "LD_PRELOAD": "", "OUT": str(self.p.path("out"))}
                self.p.run(*[w for s in stages for w in ("--stage", s)], expect=3, env=env)
                hidden = self.p.path("hidden")
                hidden.mkdir()
                for path in (*self.p.folder.glob("a_*.csv"), self.p.path("old.db")):
                    path.rename(hidden / path.name)
                self.assert_forecast_comes_true()
                for path in hidden.iterdir():
                    path.rename(self.p.path(path.name))
                hidden.rmdir()
                import shutil
                shutil.rmtree(self.p.path("out"))

    def test_text_says_what_a_run_would_do(self):
        self.p.path("out").mkdir()
        result = self.p.migrate("run", "plan.yaml", "--dry-run")
        self.assertEqual(result.code, 3)
        for word in ("nothing was written", "insert", "update", "quarantine", "persons"):
            self.assertIn(word, result.stdout)

    def test_scratch_is_removed_when_the_dry_run_fails(self):
        self.p.write("a_3.csv", self.p.path("a_1.csv").read_bytes().replace(b"id,first", b"id,premier", 1))
        result = self.p.migrate("run", "plan.yaml", "--dry-run", env={"TMPDIR": str(self.scratch)})
        self.assert_fails(result, 2, "plan.yaml:", "a_3.csv")
        self.assertEqual(os.listdir(self.scratch), [])


if __name__ == "__main__":
    unittest.main()
