"""A MySQL or MariaDB target that is harmed while it is loaded: what the run leaves is what an undisturbed one leaves.

Starts servers of its own (MIGRATE_TEST_SERVER_KIND: mysql80 or mariadb). Each trial is `migrate run` of the same small input
into a database of its own, first load or an import on top of one, with the harm at a seeded moment (a share of the
checkpoints of load or of dedupe). The run ends well by itself, or with a clear error and then well when the same
command is given again; then all tables and exports are compared with those of the undisturbed run. A sample of the
moments; all of them with MIGRATE_TEST_ALL.

Everything runs under an account that has exactly the grants that docs/aurora.md lists."""
import contextlib
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import unittest

import harm  # noqa: I001  (sets the path to the others)
import common
from trials import COUNTS, INDEX_RIGHTS, KIND, READ_RIGHTS, RUN_RIGHTS, SCHEMA_RIGHTS, SEED, SETTINGS, Target, Trial, World

ALL = common.ALL
FAULTS = os.environ.get("MIGRATE_FAULTS") or str(common.ROOT / "build/tests/faults/libfaults.so")


class Connections(Target):
    """The server, its connections and its locks."""

    def test_undisturbed(self):
        """The comparison itself: runs that nobody harms are equal, and one changed value is seen."""
        for kind in self.kinds:
            self.trial(kind, None, lambda *_: None, by_itself=True)
        trial = Trial(self.world, "first")
        trial.run_well()
        self.server.sql("UPDATE person SET city = 'Elsewhere' ORDER BY person_id LIMIT 1", trial.database)
        with self.assertRaisesRegex(AssertionError, "Elsewhere"):
            self.compare(trial)
        trial.drop()

    def test_server_killed_and_started(self):
        def killed(trial, _):
            self.server.kill()
            time.sleep(self.random.random())
            self.server.again()
        noticed = [self.trial(kind, moment, killed, r"trying again in", by_itself=True)
                   for kind, moment in self.moments(2, 9, ("load", "dedupe", "indexes"))]
        self.assertTrue(any(noticed), "no kill came in the middle")

    def test_server_stopped_for_20_seconds(self):
        for kind, moment in self.moments(1, 2):
            self.trial(kind, moment, lambda *_: self.server.pause(20), by_itself=True)

    def calls(self, kind):
        """The calls of an undisturbed run that talk to the server or write to the disk."""
        trial = Trial(self.world, kind)
        log = trial.path("calls.log")
        trial.settings.update(LD_PRELOAD=FAULTS, FAULT_ON="disk,net", FAULT_LOG=str(log))
        trial.run_well()
        found = log.read_text(errors="replace").splitlines()
        trial.drop()
        return len(found), sum(" send " in line or " recv " in line or " sendto " in line for line in found)

    @unittest.skipUnless(os.path.exists(FAULTS), "built without tests/faults")
    def test_the_nth_call(self):
        """tests/faults: the process is killed before or after a call, or its connection breaks there."""
        for kind in self.kinds:
            calls, net = self.calls(kind)
            self.assertGreater(net, 100, "the library counts what goes to the server")
            for _ in range(25 if ALL else 3):
                n, fault = self.random.randint(1, calls), self.random.choice(("kill", "kill_after", "reset", "eio", "short"))
                trial = Trial(self.world, kind)
                trial.settings.update(LD_PRELOAD=FAULTS, FAULT_ON="disk,net", FAULT_AT=str(n), FAULT_KIND=fault)
                with self.subTest(kind=kind, n=n, of=calls, fault=fault):
                    self.trials += 1
                    code, said = trial.end(trial.begin())
                    for name in ("LD_PRELOAD", "FAULT_AT"):
                        trial.settings.pop(name)
                    if code not in (0, 3):
                        self.noticed += 1
                        self.check_failure(code, said)
                        self.again += 1
                        trial.run_well()
                    self.compare(trial)
                    trial.drop()

    def test_connections_killed(self):
        def killed(trial, process):
            for _ in range(3):
                self.server.kill_connections("loader")
                time.sleep(self.random.random() * 0.5)
        noticed = [self.trial(kind, moment, killed, r"trying again in")
                   for kind, moment in self.moments(3, 15, ("load", "dedupe", "indexes"))]
        self.assertTrue(any(noticed))

    def test_queries_killed(self):
        def killed(trial, process):
            for _ in range(10):
                self.server.kill_connections("loader", query=True)
        noticed = [self.trial(kind, moment, killed, r"trying again in")
                   for kind, moment in self.moments(2, 8)]
        self.assertTrue(any(noticed) or not ALL)

    def test_read_only_for_a_while(self):
        names = ["read_only"] + (["super_read_only"] if KIND != "mariadb" else [])

        def demoted(trial, process):
            name = self.random.choice(names)
            self.server.sql(f"SET GLOBAL {name} = 1")
            try:
                time.sleep(1.5)
            finally:
                self.server.sql("SET GLOBAL read_only = 0")
        noticed = [self.trial(kind, moment, demoted, r"read-only|1290|1792|1836", by_itself=True)
                   for kind, moment in self.moments(2, 6, ("load", "dedupe", "indexes"))]
        self.assertTrue(any(noticed))

    def test_lock_waits(self):
        """A second client holds rows that the run wants, for longer than the run waits for a lock."""
        self.server.sql("SET GLOBAL innodb_lock_wait_timeout = 1")
        self.addCleanup(self.server.sql, "SET GLOBAL innodb_lock_wait_timeout = 50")

        def held(trial, process):
            table = self.random.choice(["bucket", "checkpoint", "setting"])
            self.server.begin(f"BEGIN; SELECT count(*) FROM {table} FOR UPDATE; SELECT SLEEP(3); COMMIT;",
                              trial.database).wait()
        noticed = [self.trial(kind, moment, held, r"1205", by_itself=True) for kind, moment in self.moments(2, 6)]
        self.assertTrue(any(noticed))

    def test_deadlocks(self):
        """A second client takes rows in the other order; it has changed more rows, so that the run is the victim."""
        self.server.sql("CREATE TABLE IF NOT EXISTS weight (n INT); DELETE FROM weight; INSERT INTO weight VALUES (1)"
                        + ",(2)" * 4999)

        def crossed(trial, process):
            for _ in range(6):
                self.server.begin("BEGIN; UPDATE test.weight SET n = n + 1; SELECT count(*) FROM checkpoint FOR UPDATE; "
                                  "SELECT SLEEP(0.3); SELECT count(*) FROM bucket FOR UPDATE; SELECT count(*) FROM "
                                  "record FOR UPDATE; COMMIT;", trial.database).wait()
        noticed = [self.trial(kind, moment, crossed, r"1213", by_itself=True) for kind, moment in self.moments(2, 6)]
        self.assertTrue(any(noticed))

    def test_migrate_killed(self):
        def killed(trial, process):
            time.sleep(self.random.random() * 0.2)
            process.kill()
        for kind, moment in self.moments(4, 18, ("load", "dedupe", "indexes")):
            self.trial(kind, moment, killed)

    def test_migrate_killed_while_it_commits(self):
        """What is being committed when the process dies may be committed only after the next run has looked."""
        def killed(trial, process):
            blocker = self.server.begin("FLUSH TABLES WITH READ LOCK; SELECT SLEEP(2);", trial.database)
            time.sleep(0.7)
            process.kill()
            trial.end(process)
            second = trial.begin()
            blocker.wait()
            code, said = trial.end(second)
            if code not in (0, 3):
                self.assertIn("another run of migrate", said)
        for kind, moment in self.moments(2, 6):
            self.trial(kind, moment, killed)


class Proxied(Target):
    """A proxy before the server."""

    def test_connections_cut_at_random_bytes(self):
        for number, (kind, moment) in enumerate(self.moments(4, 18)):
            proxy = harm.CuttingProxy(self.server.port, self.random.random(), 6, self.random.choice([2e3, 3e4, 3e5]))
            try:
                self.trial(kind, moment, lambda *_: setattr(proxy, "armed", True), r"trying again in",
                           PORT=str(proxy.port), TLS="required" if number % 2 else "disabled")
            finally:
                proxy.close()
        self.assertTrue(self.noticed)

    def test_commits_without_an_answer(self):
        """And commits that the server never saw. The first ones begin the import."""
        cases = [(nth, before) for nth in range(1, 7) for before in (False, True)]
        if not ALL:
            cases = self.random.sample(cases[:8], 3)
        cases += [(1 + int(self.random.expovariate(1 / 60)), i % 4 == 3) for i in range(12 if ALL else 3)]
        for nth, before in cases:
            proxy = harm.CommitProxy(self.server.port, nth, before)
            try:
                self.trial(self.random.choice(self.kinds), None, lambda *_: None, r"trying again in|error", PORT=str(proxy.port))
                self.assertTrue(proxy.cuts == 1 or proxy.commits < nth, (proxy.cuts, proxy.commits, nth))
            finally:
                proxy.close()
        self.assertTrue(self.noticed)


    def test_commits_that_come_later(self):
        """A lost COMMIT is at work on the server, held up, while the run is already back and asks how far it was."""
        held = []

        def stall():
            held.append(self.server.begin("FLUSH TABLES WITH READ LOCK; SELECT SLEEP(2.5);"))
            time.sleep(0.7)
        for _ in range(12 if ALL else 2):
            nth = self.random.randrange(6, 120)
            proxy = harm.StalledProxy(self.server.port, nth, stall)
            try:
                self.trial(self.random.choice(self.kinds), None, lambda *_: None, r"trying again in", by_itself=True,
                           PORT=str(proxy.port))
            finally:
                proxy.close()
                for h in held:
                    h.wait()
        self.assertTrue(self.noticed)


class Limits(Target):
    """Servers that allow too little."""
    kinds = ("first",)

    def with_global(self, name, value):
        before = self.server.sql(f"SELECT @@GLOBAL.{name}").strip()
        self.server.sql(f"SET GLOBAL {name} = {value}")
        self.addCleanup(self.server.sql, f"SET GLOBAL {name} = {before}")

    def lifted(self, name, value, words):
        """A run that may fail for the limit, with clear words, and ends well once it is lifted."""
        trial = Trial(self.world, "first")
        self.trials += 1
        before = self.server.sql(f"SELECT @@GLOBAL.{name}").strip()
        self.server.sql(f"SET GLOBAL {name} = {value}")
        try:
            begun = time.monotonic()
            code, said = trial.end(trial.begin())
            self.assertLess(time.monotonic() - begun, 60, said)
        finally:
            self.server.sql(f"SET GLOBAL {name} = {before}")
        if code not in (0, 3):
            self.check_failure(code, said)
            self.assertRegex(said, words)
            self.again += 1
            self.noticed += 1
            trial.run_well()
        else:  # who gets no connection at its end leaves its lease to lapse
            self.server.sql("DELETE FROM setting WHERE name IN ('lease', 'lease_until')", trial.database)
        self.compare(trial)
        trial.drop()
        return code

    def test_packets_too_small(self):
        for size in (1 << 20, 64 << 10):
            with self.subTest(size=size):
                self.lifted("max_allowed_packet", size, "max_allowed_packet")

    def test_too_few_connections(self):
        for number in (1, 2, 3):
            with self.subTest(number=number):
                self.lifted("max_connections", number, r"1040.*(\n.*)*max_connections")

    def test_too_few_connections_of_the_account(self):
        for number in (1, 2):
            with self.subTest(number=number):
                trial = Trial(self.world, "first")
                self.trials += 1
                self.server.sql(f"ALTER USER loader@'%' WITH MAX_USER_CONNECTIONS {number}")
                try:
                    code, said = trial.end(trial.begin())
                finally:
                    self.server.sql("ALTER USER loader@'%' WITH MAX_USER_CONNECTIONS 0")
                if code not in (0, 3):
                    self.check_failure(code, said)
                    self.assertRegex(said, "fewer --threads")
                    self.noticed += 1
                    self.again += 1
                    trial.run_well()
                self.compare(trial)
                trial.drop()

    def test_local_infile_off(self):
        self.with_global("local_infile", 0)
        trial = Trial(self.world, "first")
        self.trials += 1
        process = trial.start("run", trial.plan_file, "--threads", "2")
        code, said = trial.end(process)
        self.assertEqual(code, 3, said)
        self.assertIn("local_infile is off", said)
        self.compare(trial)
        trial.drop()

    def test_two_runs_at_once(self):
        for _ in range(5):
            first, second = Trial(self.world, "first"), Trial(self.world, "first")
            self.trials += 1
            first.settings["MIGRATE_LEASE_SECONDS"] = "600"  # it lapses on no disk
            second.settings.update(first.settings)
            process = first.begin()
            first.wait_for(process, ("load", 0.1))
            holder = self.server.begin("BEGIN; SELECT count(*) FROM bucket FOR UPDATE; SELECT SLEEP(12); COMMIT;", first.database)
            begun = time.monotonic()
            code, said = second.end(second.begin())
            took, beside = time.monotonic() - begun, process.poll() is None
            holder.wait()
            first_code, first_said = first.end(process)
            self.assertEqual(first_code, 3, first_said)
            if beside:
                self.assertEqual(code, 1, said)
                self.assertIn("another run of migrate writes to this target", said)
                self.assertLess(took, 10)
                self.compare(first)
            first.drop()
            second.drop()
            if beside:
                return
        self.fail("the first run was always over before the second one came")


class Grants(Target):
    """An account needs what docs/aurora.md lists, and no more."""

    def trial_of(self, rights, kind="first"):
        self.world.make_account("small", rights)
        trial = Trial(self.world, kind)
        trial.settings["LOADER"] = "small"
        self.trials += 1
        return trial

    def test_a_run_needs_each_of_its_rights(self):
        rights = (*RUN_RIGHTS, *INDEX_RIGHTS, "CREATE")
        for missing in rights:
            with self.subTest(missing=missing):
                trial = self.trial_of([r for r in rights if r != missing])
                code, said = trial.end(trial.begin())
                self.assertIn(f"{missing} command denied", said)
                if missing in ("ALTER", "INDEX"):  # all but the indexes is there
                    self.assertIn(code, (0, 3), said)
                    self.assertIn("the secondary indexes were not made", said)
                else:
                    self.assertEqual(code, 1, said)
                    self.assertIn("docs/aurora.md", said)
                self.world.make_account("small", rights)
                trial.run_well()
                self.compare(trial)
                trial.drop()

    def test_tables_by_one_account_and_rows_by_another(self):
        trial = self.trial_of(SCHEMA_RIGHTS)
        applied = trial.migrate("schema", "apply", trial.plan_file)
        self.assertEqual(applied.code, 0, applied)
        self.world.make_account("small", (*RUN_RIGHTS, *INDEX_RIGHTS))
        trial.run_well()
        self.compare(trial)
        trial.drop()
        trial = self.trial_of(RUN_RIGHTS, "later")
        trial.run_well()
        self.compare(trial)
        self.world.make_account("small", READ_RIGHTS)
        record = self.server.sql("SELECT record_id FROM record LIMIT 1", trial.database).strip()
        for words in (["status"], ["report"], ["export", "links"], ["export", "persons"], ["export", "rejects"],
                      ["export", "source", "--name", "a"], ["show", "1"], ["find", "--email", "x@example.org"],
                      ["imports", "list"], ["rejects", "list"], ["why", record, record], ["model", "show"],
                      ["schema", "check"], ["review", "list"]):
            args = [*words[:1 + (words[0] in ("export", "imports", "rejects", "model", "schema", "review"))]]
            read = trial.migrate(*args, trial.plan_file, *words[len(args):])
            with self.subTest(words):
                # Who may only read can export; that it is not in the audit trail is said.
                self.assertEqual("denied" in str(read), words[0] == "export", read)
                if words[0] != "why":
                    self.assertEqual(read.code, 0, read)
        trial.drop()


class DiskFull(unittest.TestCase):
    """The server's data on a small file system, which something else fills up while the run is at work."""

    def test_disk_full(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="migrate-flt-", dir=common.TEMPORARY))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        disk = folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", str(disk)], capture_output=True).returncode != 0:
            print("test_disk_full: only root can mount a small file system, so nothing was filled up")
            return
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)])
        self.server = harm.Server(KIND, disk / "server", [*SETTINGS, "--innodb-buffer-pool-size=24M"])
        self.addCleanup(self.server.stop)
        self.world = World(folder, self.server)
        self.ballast = disk / "ballast"
        rand = random.Random(f"{SEED} disk")
        noticed = 0
        for i in range(6 if ALL else 2):
            kind = ("first", "later")[i % 2]
            moment = (("load", "dedupe")[i // 2 % 2], rand.random() * 0.5)
            with self.subTest(kind=kind, moment=moment):
                noticed += self.fill_up(kind, moment)
        COUNTS["disk_full"] = [6 if ALL else 2, noticed, noticed]
        self.assertTrue(noticed)

    def fill_up(self, kind, moment):
        trial = Trial(self.world, kind)
        process = trial.begin()
        trial.wait_for(process, moment)
        with open(self.ballast, "wb") as f, contextlib.suppress(OSError):
            while True:
                f.write(bytes(1 << 16))
        try:
            code, said = trial.end(process)
        finally:
            self.ballast.unlink()
        self.server.revive()
        if code not in (0, 3):
            Target.check_failure(self, code, said)
            self.assertRegex(said, "disk is full|full|No space left")
            trial.run_well()
        Target.compare(self, trial)
        trial.drop()
        return code not in (0, 3)


def tearDownModule():
    if COUNTS:
        print(f"{KIND}, seed {SEED}: fault: trials, runs that noticed, commands given again")
        for name, numbers in sorted(COUNTS.items()):
            print(f"  {name}: {', '.join(map(str, numbers))}")


if __name__ == "__main__":
    unittest.main()
