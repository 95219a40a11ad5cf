"""Shards that write side by side into a server's target, and read a server's table, leave what one run leaves.
Against the server that MIGRATE_TEST_MYSQL_FILE (or _URL) names."""
import json
import random
import shutil
import signal
import time
import unittest

from both import DATABASE, Both, sql
from common import timeless
from database import HOST, PASSWORD, PORT, USER

STAGES = ["extract", "normalize", "load", "dedupe", "reconcile"]
LIVE = "shards_live"


class Shards(Both):
    def shard(self, i, n, *args, expect=(0, 3), **kw):
        result = self.server("run", "plan.yaml", "--shard", f"{i}/{n}", *args, **kw)
        self.assertIn(result.code, expect, result)
        return result

    def start_shard(self, i, n, *args, env=()):
        return self.p.start("run", "plan.yaml", "--shard", f"{i}/{n}", *args, out="server", env={**self.server_env(), **dict(env)})

    def fresh(self):
        sql(f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE}", "mysql")
        shutil.rmtree(self.p.path("server"), ignore_errors=True)

    def settings(self, like):
        return sql(f"SELECT name, value FROM setting WHERE name LIKE '{like}'")

    def test_any_n_in_any_order_with_repeats(self):
        self.p.run(out="lite", expect=3)
        for ns in ((2,), (7,), (2, 3)):
            rng = random.Random(str(ns))
            self.fresh()
            for stage in STAGES:
                n = rng.choice(ns)
                order = list(range(1, n + 1))
                rng.shuffle(order)
                for i in order + rng.choices(order, k=1):
                    self.shard(i, n, "--stage", stage, env={"MIGRATE_PAIR_ROWS": "32"})
            with self.subTest(ns=ns):
                self.assert_same()
                self.assertEqual(self.settings("lease%"), [])

    def test_all_at_once(self):
        self.p.run(out="lite", expect=3)
        for stage in STAGES:
            calls = [self.start_shard(i, 3, "--stage", stage, env={"MIGRATE_CHUNK_ROWS": "50", "MIGRATE_PAIR_ROWS": "32"}) for i in (1, 2, 3, 2)]
            for call in calls:
                out, err = call.communicate(timeout=180)
                self.assertIn(call.returncode, (0, 3), f"{stage}: {out} {err}")
            # Who found another one at its part leaves it; whoever comes last sees that nothing is missing.
            self.shard(1, 3, "--stage", stage)
        self.assert_same()
        self.assertEqual(self.settings("lease%"), [])

    def verdicts(self):
        return [timeless(result) for result, in sql("SELECT HEX(result) FROM reconciliation ORDER BY reconciliation_id") for result in [bytes.fromhex(result)]]

    def test_reconcile_by_shards_finds_what_one_finds(self):
        for stage in STAGES[:4]:
            self.server("run", "plan.yaml", "--stage", stage)
        sql("UPDATE record SET city = 'Nowhere' ORDER BY record_id LIMIT 3; DELETE FROM person_identifier ORDER BY value_hash LIMIT 1;"
            "UPDATE person SET record_count = 9 WHERE person_id = 5; INSERT INTO person_record SELECT 7, person_id, import_id, confidence FROM person_record LIMIT 1")
        whole = self.server("run", "plan.yaml", "--stage", "reconcile")
        self.assertEqual(whole.code, 4, whole)
        told = [line for line in whole.stderr.splitlines() if "differ" in line]
        self.assertIn("person_record", sql("SELECT result FROM reconciliation")[0][0])
        for i in (3, 1):
            self.assertIn("missing", self.shard(i, 3, "--stage", "reconcile").stdout)
        status = self.server("status", "plan.yaml", "--json").json()["shards"]
        self.assertEqual((status["n"], status["stages"][-1]["stage"], status["stages"][-1]["missing"]), (3, "reconcile", [2]))
        for i in (2, 3):  # and one who comes late
            last = self.shard(i, 3, "--stage", "reconcile", expect=(4,))
            self.assertEqual([line for line in last.stderr.splitlines() if "differ" in line], told)
        first, second = self.verdicts()
        self.assertEqual(first, second)
        repaired = self.server("repair", "plan.yaml")
        self.assertEqual(repaired.code, 0, repaired)
        # The others' parts are of what was there before.
        self.assertIn("earlier state of the target", self.shard(1, 2, "--stage", "reconcile", expect=(0,)).stderr)
        calls = [self.start_shard(i, 2, "--stage", "reconcile") for i in (1, 2, 2)]
        codes = []
        for call in calls:
            out, err = call.communicate(timeout=180)
            codes.append(call.returncode)
            self.assertIn(call.returncode, (0, 3), f"{out} {err}")
        self.assertIn(3, codes)
        self.assertEqual([json.loads(v)["verdict"] for v in self.verdicts()][-1], "match")
        self.assertEqual(sql("SELECT state FROM import"), [["done"]])
        self.assertEqual(self.settings("lease%"), [])

    def load_begun(self, i):
        """A shard in the midst of its load, or None if it was too fast."""
        self.fresh()
        for stage in STAGES[:2]:
            self.shard(1, 1, "--stage", stage)
        process = self.start_shard(i, 2, "--stage", "load", env={"MIGRATE_CHUNK_ROWS": "10", "MIGRATE_LEASE_SECONDS": "2"})
        while process.poll() is None:
            tables = sql(f"SELECT count(*) FROM information_schema.tables WHERE table_schema = '{DATABASE}' AND table_name = 'checkpoint'")
            if tables == [["1"]] and sql("SELECT count(*) FROM checkpoint WHERE stage = 'load'") != [["0"]]:
                return process
            time.sleep(0.01)
        process.communicate()
        return None

    def in_the_midst(self, i):
        for _ in range(20):
            process = self.load_begun(i)
            if process is not None:
                return process
        self.fail("no load could be met in its midst")

    def paused_between_commits(self, i):
        """Within a commit it holds the lease's row, which test_lease is about."""
        process = self.in_the_midst(i)
        while True:
            process.send_signal(signal.SIGSTOP)
            try:
                if not self.settings("lease_member %"):
                    raise RuntimeError("it has ended")
                sql("BEGIN; SELECT value FROM setting WHERE name = 'lease' FOR UPDATE NOWAIT; ROLLBACK")
                return process
            except AssertionError:
                process.send_signal(signal.SIGCONT)
                time.sleep(0.005)
            except RuntimeError:
                process.send_signal(signal.SIGCONT)
                process.communicate()
                process = self.in_the_midst(i)

    def test_a_shard_that_is_killed_in_its_load_is_called_again(self):
        self.p.run(out="lite", expect=3)
        process = self.in_the_midst(1)
        process.kill()
        process.communicate()
        self.shard(2, 2, "--stage", "load")
        for stage in STAGES[2:]:
            for i in (1, 2):
                self.shard(i, 2, "--stage", stage)
        self.assert_same()

    def test_who_takes_the_target_over_fences_all_shards_out(self):
        process = self.paused_between_commits(1)
        try:
            self.assertEqual(len(self.settings("lease_member %")), 1)
            self.assertTrue(json.loads(self.settings("lease")[0][1])["group"].startswith("shards "))
            # Another workspace, so another machine's run: it waits until the lease has lapsed.
            plan = self.p.plan_file.read_text()
            self.p.write("other.yaml", plan.replace("name: p\n", "name: q\n").replace("${OUT}/ws", "${OUT}/ws2"))
            end = time.monotonic() + 60
            while True:
                other = self.server("run", "other.yaml", env={"MIGRATE_LEASE_SECONDS": "2"})
                if other.code != 1 or time.monotonic() > end:
                    break
                self.assertIn("another run of migrate writes to this target", other.stderr)
                time.sleep(0.2)
            self.assertEqual(other.code, 3, other)
            self.assertIn("taken over from", other.stderr)
            before = sql("CHECKSUM TABLE record, person, checkpoint EXTENDED")
        finally:
            process.send_signal(signal.SIGCONT)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1, f"{out} {err}")
        # Its sessions were ended with the takeover, and the next one finds the lease gone.
        self.assertEqual(sql("CHECKSUM TABLE record, person, checkpoint EXTENDED"), before)
        early = self.server("run", "other.yaml", "--stage", "reconcile")
        self.assertEqual(early.code, 2)
        self.assertIn("import 1 of the plan p has not ended its load", early.stderr)
        self.assertEqual(self.server("run", "plan.yaml").code, 3)
        self.assertEqual(self.server("run", "other.yaml", "--stage", "reconcile").code, 3)

    def test_a_table_of_a_server_is_one_shards(self):
        sql(f"DROP DATABASE IF EXISTS {LIVE}; CREATE DATABASE {LIVE}", "mysql")
        self.addCleanup(sql, f"DROP DATABASE IF EXISTS {LIVE}", "mysql")
        values = ",".join(f"({i}, 'Ann{i % 40}', 'Lee{i % 90}')" for i in range(500))
        sql(f"CREATE TABLE people (id INT PRIMARY KEY, first VARCHAR(20), last VARCHAR(20)); INSERT INTO people VALUES {values}", LIVE)
        self.p.write("plan.yaml", self.p.plan_file.read_text() +
                     f"  live: {{type: mysql, url: \"mysql://{USER}@{HOST}:{PORT}/{LIVE}\", password: {{env: TARGET_PASSWORD}}, table: people, "
                     "key: id, fields: {first_name: first, last_name: last}}\n")
        self.p.run(out="lite", expect=3, env={"TARGET_PASSWORD": PASSWORD})
        for stage in STAGES:
            for i in (2, 1, 2) if stage != "extract" else (2, 1):
                self.shard(i, 2, "--stage", stage)
        self.assert_same()
        # All is known: a new look reads the table, finds nothing new, and changes nothing.
        before = sql("CHECKSUM TABLE record, person, import, audit_event EXTENDED")
        for i in (1, 2):
            last = self.shard(i, 2, "--stage", "extract")
        self.assertIn("nothing new", last.stdout)
        self.assertEqual(sql("CHECKSUM TABLE record, person, import, audit_event EXTENDED"), before)


if __name__ == "__main__":
    unittest.main()
