"""A run killed before every single write, sync, rename and removal it makes, one after the other (where strace is there).

The first import and an increment, each killed at each point, then run again: as an undisturbed run, reports included.
MIGRATE_TEST_ALL=1 takes more of the points; test_kill_anywhere takes hundreds, faster.
"""
import collections
import random
import shutil
import subprocess
import unittest

from common import ALL, MIGRATE, Case
from people import mixed_project

CALLS = "write,pwrite64,fsync,fdatasync,rename,unlink,unlinkat,ftruncate,mkdir,openat"
POINTS = 60 if ALL else 12


def strace_works():
    return shutil.which("strace") and subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


if strace_works():
    class CrashPoints(Case):
        def traced(self, out, inject=()):
            log = self.p.path("strace.log")
            command = ["strace", "-f", "-qq", "-o", log, "-e", f"trace={CALLS}", *inject, MIGRATE, "run", "plan.yaml", "--quiet", "--threads", "1"]
            code = subprocess.run(command, env=self.p.environment(out), cwd=self.p.folder, capture_output=True, timeout=120).returncode
            return code, log.read_text(errors="replace")

        def points(self, out, code):
            got, log = self.traced(out)
            self.assertEqual(got, code)
            lines = [line for line in log.splitlines() if "(" in line and "resumed>" not in line]
            main = [line for line in lines if line.split()[0] == lines[0].split()[0]]
            begin = next(i for i, line in enumerate(main) if "/ws" in line)  # before that, libraries are loaded
            points, counts = [], collections.Counter()
            for i, line in enumerate(main):
                call = line.split()[1].split("(")[0]
                counts[call] += 1  # strace counts by thread and call
                if i >= begin:
                    points.append((call, counts[call]))
            last = points[-60::6]  # where the import is done and its report is not
            return sorted({*random.Random(17).sample(points, min(POINTS, len(points))), *last})

        def check(self, prepare):
            prepare("whole")
            for call, n in self.points("whole", 3):
                out = f"killed_{call}_{n}"
                prepare(out)
                code, _ = self.traced(out, ["-e", f"inject={call}:signal=SIGKILL:when={n}"])
                self.assertNotIn(code, (0, 1, 2), (call, n))
                result = self.p.migrate("run", "plan.yaml", "--threads", 1, out=out)
                with self.subTest(call=call, n=n):
                    self.assertEqual(result.code, 3, str(result))
                    self.assertEqual(self.p.exports(out=out), self.p.exports(out="whole"))
                    self.assert_same_tables(self.p.tables(out=out), self.p.tables(out="whole"))
                    left = [sorted(f.name for f in self.p.path(o).rglob("ws/reports/*")) for o in (out, "whole")]
                    self.assertEqual(left[0], left[1])
                    again = self.p.migrate("run", "plan.yaml", out=out)
                    self.assertIn("nothing new", again.stdout, str(again))
                shutil.rmtree(self.p.path(out))

        def test_the_first_import_survives_a_kill_at_every_point(self):
            mixed_project(self.p, 120, seed=61)
            self.check(lambda out: None)

        def test_an_increment_survives_a_kill_at_every_point(self):
            mixed_project(self.p, 120, seed=62)
            second = self.p.path("a_2.csv").read_bytes()
            self.p.path("a_2.csv").unlink()
            self.p.run("--threads", 1, out="base")
            self.p.write("a_2.csv", second)
            self.check(lambda out: shutil.copytree(self.p.path("base"), self.p.path(out)))


if __name__ == "__main__":
    unittest.main()
