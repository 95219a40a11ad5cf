"""A run is harmed at the n-th system call that writes: killed before or after it, or told that the disk is full, that it
broke, that only half was written, that a signal came. Run again, it ends as an undisturbed run, whatever was harmed.

tests/faults is loaded before libc and counts the calls of an undisturbed run; n and kind are drawn by seed. Scenarios: the
first import, an import with changes and deletions, a part of a table beside a file, a round of a watch, rows that are
mended and replayed, rollbacks, a matching after a steward's words, a repair. A sample by default,
hundreds with MIGRATE_TEST_ALL=1; by hand, for MINUTES, with other seeds:  python3 test_kill_anywhere.py --soak MINUTES
"""
import collections
import hashlib
import json
import os
import random
import re
import shutil
import sys
import time
import unittest

from common import ALL, ROOT, Case
from people import csv_text, mixed_project

LIBRARY = os.environ.get("MIGRATE_FAULTS") or str(ROOT / "build/tests/faults/libfaults.so")
KINDS = ("kill", "kill", "kill_after", "enospc", "eio", "short", "eintr")
TRIALS = 100 if ALL else 9
FEW = 60 if ALL else 6  # of scenarios with several commands
# In a report, what differs between two runs that are otherwise the same.
TIMES = re.compile(r'"(started_at|finished_at|at|seconds|host|operator|rows_per_second|elapsed|duration\w*)": ("[^"]*"|[0-9.e+-]+)')
TALLY = collections.Counter()


def audit_chain_holds(p, out):
    before = ""
    for number, (event_id, at, kind, detail, told) in enumerate(
            p.query("SELECT event_id, at, kind, detail, hash FROM audit_event ORDER BY event_id", out=out), 1):
        before = hashlib.sha256(f"{before}{at}\0{kind}\0{detail}".encode()).hexdigest()
        if (number, before) != (event_id, told):
            return False
    return True


class Scenario:
    """A state to begin with, and the commands that are run one after the other."""

    def __init__(self, name, commands, expect, base=None, reports=True):
        self.name, self.commands, self.expect, self.base, self.reports = name, commands, expect, base, reports


class KillAnywhere(Case):
    def prepare(self, scenario, out):
        shutil.rmtree(self.p.path(out), ignore_errors=True)
        if scenario.base:
            shutil.copytree(self.p.path(scenario.base), self.p.path(out))

    def faulty(self, args, out, **env):
        return self.p.migrate(*args, out=out, env={"LD_PRELOAD": LIBRARY, **{k: str(v) for k, v in env.items()}})

    def calls(self, scenario, out):
        """The number of calls of each command, undisturbed."""
        counts = []
        for args, expect in zip(scenario.commands, scenario.expect):
            log = self.p.path("calls.log")
            log.unlink(missing_ok=True)
            result = self.faulty(args, out, FAULT_LOG=log)
            self.assertEqual(result.code, expect, str(result))
            counts.append(len(log.read_text(errors="replace").splitlines()) if log.exists() else 0)
        return counts

    def numbers(self, out):
        """The reports without their times."""
        found = {}
        for path in sorted(self.p.path(out).glob("ws/reports/*.json")):
            j = json.loads(TIMES.sub('"x": 0', path.read_text()))
            for volatile in ("stages", "reconciliation", "audit", "run"):
                j.pop(volatile, None)
            found[path.name] = j
        return found

    def state(self, scenario, out, exports):
        return (self.p.tables(out=out, leave_out=("reconciliation",)), self.numbers(out) if scenario.reports else {},
                self.p.exports(out=out) if exports else None)

    def assert_as(self, scenario, whole, out, exports, what):
        tables, numbers, texts = self.state(scenario, out, exports)
        self.assert_same_tables(tables, whole[0])
        self.assertEqual(numbers.keys(), whole[1].keys(), what)
        for name in numbers:
            self.assertEqual(numbers[name].get("flow"), whole[1][name].get("flow"), what)
            self.assertEqual(numbers[name].get("quarantine"), whole[1][name].get("quarantine"), what)
        if exports:
            self.assertEqual(texts, whole[2], what)
        self.assertTrue(audit_chain_holds(self.p, out), what)

    def finish(self, args, expect, out, what):
        """The same command until it ends as it should; twice at most without a fault."""
        for _ in range(2):
            result = self.p.migrate(*args, out=out)
            if result.code == expect:
                return
        self.fail(f"{what}: {args} was run again: {result}")

    def trial(self, scenario, whole, counts, rng, number):
        out = f"{scenario.name}_{number}"
        self.prepare(scenario, out)
        for i, (args, expect) in enumerate(zip(scenario.commands, scenario.expect)):
            harmed = rng.randrange(len(counts)) == i or i == len(counts) - 1
            what, again = "", True
            while harmed and again and counts[i] > 0:
                n, kind = rng.randint(1, counts[i]), rng.choice(KINDS)
                forever = kind == "enospc" and rng.random() < 0.5
                what = f"{scenario.name} {args[0]} call {n} of {counts[i]} {kind}{' for good' if forever else ''}; {what}"
                result = self.faulty(args, out, FAULT_AT=n, FAULT_KIND=kind, FAULT_FOREVER=int(forever))
                TALLY[scenario.name, kind] += 1
                self.assertIn(result.code, (expect, 1, 3, -9), f"{what}{result}")
                for word in ("terminate called", "what():", "core dumped", "Assertion"):
                    self.assertNotIn(word, result.stderr, what)
                if kind not in ("kill", "kill_after") and result.code == 1:
                    self.assertIn("migrate: error: ", result.stderr, f"{what}{result}")
                again = rng.random() < 0.3  # and is harmed once more while it resumes
            with self.subTest(what=what):
                self.finish(args, expect, out, what)
        with self.subTest(what=what):
            self.assert_as(scenario, whole, out, number % 4 == 0, what)
        shutil.rmtree(self.p.path(out))

    def run_scenario(self, scenario, seed, trials=TRIALS, until=None):
        rng = random.Random(seed)
        out = f"whole_{scenario.name}"
        self.prepare(scenario, out)
        counts = self.calls(scenario, out)
        self.assertGreater(sum(counts), 20, "the library counts")
        whole = self.state(scenario, out, True)
        number = 0
        while number < trials if until is None else time.monotonic() < until:
            self.trial(scenario, whole, counts, rng, number)
            number += 1
        return counts

    # Scenarios ------------------------------------------------------------------------------------------------------

    def first(self):
        mixed_project(self.p, 150, seed=81)
        return Scenario("first", [("run", "plan.yaml", "--threads", 1)], [3])

    def second(self):
        """New rows, changed rows, rows that are gone from a snapshot, a key that recurs."""
        mixed_project(self.p, 150, seed=82)
        plan = self.p.path("plan.yaml").read_text().replace("type: sqlite,", "type: sqlite, mode: snapshot,")
        self.p.write("plan.yaml", plan)
        second = self.p.path("a_2.csv").read_bytes()
        self.p.path("a_2.csv").unlink()
        self.p.run("--threads", 1, out="base")
        lines = self.p.path("a_1.csv").read_bytes().splitlines()
        newer = [line.rsplit(b",", 1)[0] + b",2025-01-01 00:00:00" for line in lines[1:20] if line.count(b",") == 10]
        self.p.write("a_2.csv", second)
        self.p.write("a_3.csv", b"\r\n".join([lines[0], *newer, newer[0]]) + b"\r\n")
        self.p.sqlite("old.db", "DELETE FROM contacts WHERE rowid % 5 = 0; UPDATE contacts SET city = 'Lyon' WHERE rowid % 7 = 0;")
        return Scenario("second", [("run", "plan.yaml")], [3], "base")

    def parts(self, seed):
        """A table that is read from a watermark on, with new and changed rows, and a new file beside it."""
        mixed_project(self.p, 150, seed=seed)
        plan = self.p.path("plan.yaml").read_text()
        self.p.write("plan.yaml", plan.replace("type: sqlite,", "type: sqlite, extract: {incremental: changed, overlap: 24h},"))
        self.p.path("a_2.csv").rename(self.p.path("later"))
        self.p.run("--threads", 1, out="base")
        self.p.path("later").rename(self.p.path("a_2.csv"))
        self.p.sqlite("old.db", "UPDATE contacts SET city = 'Lyon', changed = '2025-01-01 08:00:00' WHERE rowid % 7 = 0; "
                                "INSERT INTO contacts (id, first, last, changed) VALUES (9001, 'Ann', 'Newcome', '2025-01-02 08:00:00'), "
                                "(NULL, 'Bob', 'Nokey', '2025-01-02 09:00:00');")

    def part(self):
        self.parts(87)
        return Scenario("part", [("run", "plan.yaml", "--threads", 1)], [3], "base")

    def watched(self):
        self.parts(88)
        then = time.time() - 60
        for path in self.p.folder.glob("a_*.csv"):
            os.utime(path, (then, then))
        return Scenario("watch", [("watch", "plan.yaml", "--once", "--interval", "100ms", "--threads", 1)], [3], "base")

    def replayed(self):
        """One row is mended and brought in; a run behind it finds it again in its table."""
        mixed_project(self.p, 150, seed=89)
        self.p.run("--threads", 1, out="base")
        number = self.p.query("SELECT quarantine_id FROM quarantine WHERE reason = 'null_key'", out="base")[0][0]
        return Scenario("replay", [("rejects", "fix", "plan.yaml", number, "--set", "id=7001"),
                                   ("rejects", "replay", "plan.yaml")], [0, 3], "base")

    def taken_back(self):
        self.second()
        self.p.run("--threads", 1, out="base")
        return Scenario("rollback", [("rollback", "plan.yaml", 2, "--threads", 1), ("rollback", "plan.yaml", 3, "--threads", 1)],
                        [0, 0], "base")

    def steward(self):
        mixed_project(self.p, 150, seed=83)
        self.p.run("--threads", 1, out="base")
        persons = self.p.query("SELECT person_id FROM person WHERE record_count = 1 ORDER BY person_id", out="base")
        pair = [persons[0][0], persons[1][0]]
        big = self.p.query("SELECT person_id FROM person ORDER BY record_count DESC, person_id LIMIT 1", out="base")[0][0]
        a, b = [r for (r,) in self.p.query("SELECT record_id FROM person_record WHERE person_id = ? LIMIT 2", big, out="base")]
        for word in (("link", *pair), ("unlink", a, b)):
            result = self.p.migrate("review", word[0], "plan.yaml", *word[1:], "--later", out="base")
            self.assertEqual(result.code, 0, str(result))
        # A stage that is asked for by name is done again: the report says what the last attempt changed.
        return Scenario("steward", [("run", "plan.yaml", "--from", "dedupe")], [3], "base", reports=False)

    def repaired(self):
        mixed_project(self.p, 150, seed=84)
        self.p.run("--threads", 1, out="base")
        for table in ("record", "person", "person_record", "person_identifier", "quarantine"):
            self.p.execute(f"DELETE FROM {table} WHERE {'value_hash' if table == 'person_identifier' else 'rowid'} % 3 = 0", out="base")
        return Scenario("repair", [("repair", "plan.yaml", "--threads", 1)], [0], "base")

    def test_the_first_import(self):
        self.run_scenario(self.first(), 91)

    def test_an_import_with_changes_and_deletions(self):
        self.run_scenario(self.second(), 92)

    def test_a_part_of_a_table_and_a_file(self):
        self.run_scenario(self.part(), 95, FEW)

    def test_a_round_of_a_watch(self):
        self.run_scenario(self.watched(), 96, FEW)

    def test_rows_that_are_mended_and_replayed(self):
        self.run_scenario(self.replayed(), 97, FEW)

    def test_a_rollback_and_its_own(self):
        self.run_scenario(self.taken_back(), 98, FEW)

    def test_a_matching_after_a_stewards_words(self):
        self.run_scenario(self.steward(), 93)

    def test_a_repair(self):
        self.run_scenario(self.repaired(), 94)

    def test_the_library_counts_and_harms(self):
        """Without it all trials would pass."""
        scenario = self.first()
        counts = self.calls(scenario, "whole")
        self.assertEqual(self.faulty(scenario.commands[0], "a", FAULT_AT=counts[0] // 2, FAULT_KIND="kill").code, -9)
        self.assertEqual(self.faulty(scenario.commands[0], "b", FAULT_AT=counts[0] // 2, FAULT_KIND="enospc", FAULT_FOREVER=1).code, 1)
        log = self.p.path("calls.log").read_text()
        for call in ("write", "pwrite", "fsync", "rename", "unlink", "mkdir", "people.db", "/ws/work/"):
            self.assertIn(call, log)


class Clock(Case):
    def test_a_clock_that_steps_back_changes_nothing_but_times(self):
        mixed_project(self.p, 150, seed=85)
        self.p.run("--threads", 1, out="whole")
        for at in (1, 5, 20) if not ALL else range(1, 60, 3):
            out = f"clock_{at}"
            env = {"LD_PRELOAD": LIBRARY, "FAULT_CLOCK_AT": str(at)}
            with self.subTest(at=at):
                self.p.run("--threads", 1, out=out, env=env, expect=3)
                self.assert_same_tables(self.p.tables(out=out), self.p.tables(out="whole"))
                self.assertEqual(self.p.exports(out=out), self.p.exports(out="whole"))
                self.assertTrue(audit_chain_holds(self.p, out))

    def test_a_run_that_is_resumed_a_day_earlier(self):
        mixed_project(self.p, 150, seed=86)
        self.p.run("--threads", 1, out="whole")
        self.p.migrate("run", "plan.yaml", "--threads", 1, env={"LD_PRELOAD": LIBRARY, "FAULT_AT": "150", "FAULT_KIND": "kill"})
        self.p.run("--threads", 1, expect=3, env={"LD_PRELOAD": LIBRARY, "FAULT_CLOCK_AT": "1"})
        self.assert_same_tables(self.p.tables(), self.p.tables(out="whole"))
        self.p.write("a_9.csv", csv_text([]))
        self.p.run(expect=3)
        self.assertTrue(audit_chain_holds(self.p, "out"))


def soak(minutes):
    """Scenarios by turns, each with a new seed, until the time is over."""
    end, seed = time.monotonic() + 60 * minutes, int(time.time())
    while time.monotonic() < end:
        for make in ("first", "second", "part", "watched", "replayed", "taken_back", "steward", "repaired"):
            case = KillAnywhere("test_a_repair")
            case.setUp()
            seed += 1
            print(f"{make} seed {seed}", flush=True)
            case.run_scenario(getattr(case, make)(), seed, until=min(end, time.monotonic() + 60))
            case.doCleanups()
    for (scenario, kind), n in sorted(TALLY.items()):
        print(f"{scenario:<10} {kind:<12} {n}")


if __name__ == "__main__":
    if "--soak" in sys.argv:
        soak(float(sys.argv[sys.argv.index("--soak") + 1]))
    else:
        unittest.main()
