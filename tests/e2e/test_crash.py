"""Any run can die anywhere and be run again: kill -9, Ctrl-C, a full disk; and two runs never work at once."""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from common import ALL, Case, stop
from people import mixed_project

ROWS = 12000 if ALL else 8000
KILLS = 60 if ALL else 8


class Killed(Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = p = cls.make_class_project()
        mixed_project(p, ROWS, seed=1)
        begun = time.monotonic()
        p.run(expect=3, out="undisturbed")
        cls.seconds = time.monotonic() - begun
        cls.tables, cls.exports = p.tables(out="undisturbed"), p.exports(out="undisturbed")

    def make_project(self):
        return self.shared

    def assert_as_undisturbed(self, out):
        self.assertEqual(self.p.exports(out=out), self.exports)
        self.assert_same_tables(self.p.tables(out=out), self.tables)
        self.assertEqual(self.p.run("--stage", "reconcile", out=out, expect=3).code, 3)

    def test_kill_9_at_any_moment_then_the_same_command_ends_as_an_undisturbed_run(self):
        rng = random.Random(9)
        kills = tried = 0
        while kills < KILLS:
            tried += 1
            out = f"killed_{tried}"
            for attempt in range(3):  # up to two deaths in one run, then it may end
                process = self.p.start("run", "plan.yaml", "--quiet", out=out)
                if attempt < 2:
                    time.sleep(rng.uniform(0, self.seconds * 1.05))
                    if process.poll() is None:
                        kills += 1
                    code = stop(process).code
                else:
                    code = self.finish(process)
                if code >= 0:
                    break
            with self.subTest(tried=tried, attempts=attempt + 1):
                self.assertEqual(code, 3)
                self.assert_as_undisturbed(out)
            subprocess.run(["rm", "-rf", self.p.path(out)], check=True)

    def finish(self, process):
        process.communicate(timeout=300)
        return process.returncode

    def test_ctrl_c_exits_130_and_the_same_command_resumes(self):
        for share in (0.1, 0.6):
            out = f"cancelled_{share}"
            process = self.p.start("run", "plan.yaml", out=out)
            time.sleep(self.seconds * share)
            result = stop(process, signal.SIGINT)
            with self.subTest(share=share):
                if result.code == 3:
                    continue  # it was faster this time
                self.assertEqual(result.code, 130, str(result))
                self.assertIn("stopping", result.stderr)
                self.p.run(out=out, expect=3)
                self.assert_as_undisturbed(out)

    def test_termination_is_taken_like_ctrl_c(self):
        process = self.p.start("run", "plan.yaml", out="terminated")
        time.sleep(self.seconds * 0.3)
        self.assertIn(stop(process, signal.SIGTERM).code, (130, 3))
        self.p.run(out="terminated", expect=3)
        self.assert_as_undisturbed("terminated")

    def test_two_runs_at_once_the_second_names_the_holder(self):
        first = self.p.start("run", "plan.yaml", out="held")
        try:
            lock = self.p.path("held/ws/lock")
            for _ in range(200):
                if lock.exists() and lock.read_text():
                    break
                time.sleep(0.01)
            first.send_signal(signal.SIGSTOP)
            second = self.p.migrate("run", "plan.yaml", out="held")
            self.assert_fails(second, 1, f"process {first.pid}", "another run")
            status = self.p.migrate("status", "plan.yaml", "--json", out="held")
            self.assertEqual(status.code, 0, str(status))
        finally:
            first.send_signal(signal.SIGCONT)
            self.finish(first)
        self.assertEqual(first.returncode, 3)
        self.assert_as_undisturbed("held")

    def test_a_target_whose_writer_was_killed_in_mid_transaction_is_recovered(self):
        """A rollback journal lies beside the target: every command must get past it, the reading ones too."""
        p = self.make_class_project()
        p.write("a.csv", "id,name\n" + "".join(f"{i},Ann Lee{i}\n" for i in range(3000)))
        p.plan('  a: {type: csv, path: "a*.csv", key: id, fields: {full_name: name}}')
        p.run(expect=0)
        before = p.tables(all_columns=True)
        kill = ("import os, sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('PRAGMA cache_size=5'); "
                "d.execute('BEGIN IMMEDIATE'); d.execute('UPDATE record SET payload = zeroblob(300)'); os.kill(os.getpid(), 9)")
        for args in (["export", "links", "plan.yaml"], ["status", "plan.yaml"], ["run", "plan.yaml", "--dry-run"],
                     ["run", "plan.yaml"]):
            subprocess.run([sys.executable, "-c", kill, p.target()])
            self.assertTrue(p.path("out/people.db-journal").exists())
            result = p.migrate(*args)
            with self.subTest(args):
                self.assertEqual(result.code, 0, str(result)[:1000])
        after = p.tables(all_columns=True)
        before.pop("audit_event"), after.pop("audit_event")
        self.assert_same_tables(before, after)

    def test_kill_9_of_an_increment_then_the_same_command_ends_as_an_undisturbed_run(self):
        p = self.make_class_project()
        mixed_project(p, 4000, seed=2)
        second = p.path("a_2.csv").read_bytes()
        p.path("a_2.csv").unlink()
        outs = ["whole", *(f"killed_{i}" for i in range(8 if ALL else 2))]
        for out in outs:
            p.run(expect=3, out=out)
        p.write("a_2.csv", second)
        begun = time.monotonic()
        p.run(expect=3, out="whole")
        seconds = time.monotonic() - begun
        rng = random.Random(3)
        for out in outs[1:]:
            process = p.start("run", "plan.yaml", "--quiet", out=out)
            time.sleep(rng.uniform(0.1, 0.95) * seconds)
            stop(process)
            p.run(expect=3, out=out)
            with self.subTest(out):
                self.assertEqual(p.exports(out=out), p.exports(out="whole"))
                self.assert_same_tables(p.tables(out=out), p.tables(out="whole"))


def can_mount():
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], stderr=subprocess.DEVNULL).returncode != 0:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


if can_mount():
    class FullDisk(Case):
        """Workspace or target on a tmpfs that a file has filled up."""

        def mounted(self, name, size):
            path = self.p.path(name)
            path.mkdir(parents=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", path], check=True)
            self.addCleanup(subprocess.run, ["umount", path], check=True)
            return path

        def check(self, workspace, target, full, room):
            mixed_project(self.p, 2000, seed=4)
            plan = self.p.path("plan.yaml").read_text()
            self.p.run(expect=3)
            expected, tables = self.p.exports(), self.p.tables()
            self.p.write("plan.yaml", plan.replace("${OUT}/ws", workspace).replace("${OUT}/people.db", target))
            full = self.p.path(full)
            with open(full / "ballast", "wb") as ballast:
                ballast.write(bytes(full_size(full) - room))
            for _ in range(2):
                result = self.p.migrate("run", "plan.yaml")
                self.assert_fails(result, 1, "space")
            (full / "ballast").unlink()
            self.p.run(expect=3)
            got = {what: self.p.export_text(what) for what in expected}
            self.assertEqual(got, expected)
            self.p.write("plan.yaml", plan)
            people = self.p.path(target)
            self.p.path("out/people.db").unlink()
            subprocess.run(["cp", people, self.p.path("out/people.db")], check=True)
            self.assert_same_tables(self.p.tables(), tables)

        def test_workspace_that_is_full_then_with_room_ends_as_an_undisturbed_run(self):
            for room in (0, 8, 100, 300) if ALL else (8, 100):
                with self.subTest(room_kib=room):
                    self.p = self.make_project()
                    self.mounted("small", "24m")
                    self.check("small/ws", "elsewhere.db", "small", room * 1024)

        def test_target_that_is_full_then_with_room_ends_as_an_undisturbed_run(self):
            for room in (0, 64, 300, 700, 1000) if ALL else (64, 700):
                with self.subTest(room_kib=room):
                    self.p = self.make_project()
                    self.mounted("small", "24m")
                    self.check("elsewhere", "small/people.db", "small", room * 1024)


def full_size(path):
    s = os.statvfs(path)
    return s.f_bavail * s.f_frsize


if __name__ == "__main__":
    unittest.main()
