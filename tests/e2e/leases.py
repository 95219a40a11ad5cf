"""Two processes on one target, of which the first is stopped (SIGSTOP) for longer than its lease holds: the second takes
over, and the first writes nothing when it goes on. Shared by test_lease (SQLite) and tests/mysql/test_lease (servers)."""
import random
import re
import signal
import time

import common
from people import mixed_project

TAKEN_OVER = "taken over from"
IN_THE_MIDDLE = "in the middle of a read or a transaction"


class Leases(common.Case):
    """Subclasses say where the target is: target_env() for all runs, dump() of all its tables, holder() of its lease."""
    SECONDS = 1.0  # the term of a lease
    LONG = 6000    # rows that take longer than that to load one by one

    def setUp(self):
        super().setUp()
        self.random = random.Random(20260401)
        self.project(1500)

    def project(self, rows):
        mixed_project(self.p, rows, seed=5)
        self.p.write("plan.yaml", self.p.plan_file.read_text().replace("${OUT}/people.db", "${TARGET_FILE:-shared.db}"))

    def env(self, **more):
        return {"MIGRATE_LEASE_SECONDS": str(self.SECONDS), "MIGRATE_CHUNK_ROWS": "40", **self.target_env(), **more}

    def begin(self, out, moment):
        """A run that is stopped `moment` seconds after it has taken the target; None if it was over before."""
        process = self.p.start("run", self.p.plan_file, "--threads", "2", out=out, env=self.env())
        while self.holder() is None:
            if process.poll() is not None:
                common.stop(process)
                return None
            time.sleep(0.002)
        time.sleep(moment)
        process.send_signal(signal.SIGSTOP)
        if process.poll() is not None:
            common.stop(process)
            return None
        self.addCleanup(lambda: process.poll() is None and common.stop(process))
        return process

    def end(self, process):
        process.send_signal(signal.SIGCONT)
        out, err = process.communicate(timeout=120)
        return common.Result(process.returncode, out.decode(), err.decode())

    def run_beside(self, out):
        return self.p.migrate("run", self.p.plan_file, out=out, env=self.env())

    def trial(self, number):
        """True if the second one took over."""
        self.fresh_target()
        first = self.begin(f"first{number}", self.random.random() * 0.4 * common.SLOWED)
        if first is None or self.holder() is None:
            if first is not None:
                self.end(first)
            return False
        second = self.run_beside(f"early{number}")
        if TAKEN_OVER not in second.stderr:  # unless the machine is so slow that the term was over by then
            if self.holder() is None:  # it is stopped while it gives the target back
                self.assertIn(self.end(first).code, (0, 3))
                return False
            self.assertEqual(second.code, 1, second)
            if IN_THE_MIDDLE not in second.stderr:
                self.assertRegex(second.stderr,
                                 r"another run of migrate writes to this target(: process \d+ of \S+ on \S+, since 20|)")
                time.sleep(self.SECONDS * 1.2)
                second = self.run_beside(f"second{number}")
        if second.code == 1:  # stopped inside of a read or a transaction of SQLite, whose lock nobody can take from it
            self.assertIn(IN_THE_MIDDLE, second.stderr)
            self.assertIn(self.end(first).code, (0, 3))
            return False
        self.assertIn(second.code, (0, 3), second)
        self.assertRegex(second.stderr, TAKEN_OVER + r" process \d+ of .* whose lease has lapsed at 20")
        left = self.dump()
        late = self.end(first)
        self.assertEqual(late.code, 1, late)
        self.assertRegex(late.stderr, "this run has lost the target to another one")
        self.assertEqual(self.dump(), left, "nothing of the one that was stopped")
        self.assertIsNone(self.holder())
        return True

    def trials(self, most=12):
        """Until two have taken over (with MIGRATE_TEST_ALL five)."""
        taken, wanted = 0, 5 if common.ALL else 2
        for number in range(most * wanted):
            taken += self.trial(number)
            if taken == wanted:
                return
        self.fail(f"only {taken} runs were stopped while they held the target and no lock of its file")

    def stays_out(self):
        """While one is at work and well, its lease is put off, however long it takes: longer than its term here."""
        self.project(self.LONG)
        for number in range(10):
            self.fresh_target()
            first = self.p.start("run", self.p.plan_file, "--threads", "1", out=f"long{number}",
                                 env=self.env(MIGRATE_CHUNK_ROWS="1"))
            held, refused = None, 0.0
            while first.poll() is None:
                if self.holder() is None:
                    time.sleep(0.01)
                    continue
                held = held or time.monotonic()
                beside = self.run_beside("beside")
                if first.poll() is None:
                    self.assertEqual(beside.code, 1, beside)
                    self.assertIn("another run of migrate writes to this target", beside.stderr)
                    refused = time.monotonic() - held
            ended = common.stop(first)
            if ended.code == 1 and "this run has lost the target to another one" in ended.stderr:
                continue  # a disk that held a commit up for a whole term: with a lease that is never put off all are lost
            self.assertIn(ended.code, (0, 3), ended)
            if refused > self.SECONDS:
                return
        self.fail("no run held the target for longer than a lease's term")

    def after_a_kill(self):
        """Of a process that is provably gone nothing is waited for; `status` says who holds the target."""
        self.fresh_target()
        first = None
        while first is None:
            first = self.begin("killed", 0.05)
        status = self.p.migrate("status", self.p.plan_file, out="killed", env=self.env())
        self.assertRegex(status.stdout, rf"held by +process {first.pid} of \S+ on \S+, since \S+Z")
        common.stop(first)
        begun = time.monotonic()
        again = self.p.migrate("run", self.p.plan_file, out="killed", env=self.env(MIGRATE_LEASE_SECONDS="600"))
        self.assertIn(again.code, (0, 3), again)
        self.assertTrue(re.search("taken over from process .* whose process is gone", again.stderr), again)
        self.assertLess(time.monotonic() - begun, 60)
        self.assertIsNone(self.holder())
