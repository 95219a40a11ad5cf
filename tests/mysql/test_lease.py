"""Two runs on one target of a server exclude each other, also where the first is paused and wakes up (e2e/leases.py).
Against the server that MIGRATE_TEST_MYSQL_FILE (or _URL) names."""
import contextlib
import threading
import time
import unittest

from test_target import HOST, PASSWORD, PORT, USER, sql  # noqa: I001  (sets the path to the others)
import leases

DATABASE = "lease_test"
TABLES = ("record record_history person person_history person_record person_identifier person_alias quarantine import "
          "import_file checkpoint bucket source_digest audit_event setting reconciliation").split()


class Lease(leases.Leases):
    SECONDS = 3.0

    def setUp(self):
        super().setUp()
        self.addCleanup(sql, f"DROP DATABASE IF EXISTS {DATABASE}", "mysql")

    def project(self, rows):
        super().project(rows)
        plan = self.p.plan_file.read_text()
        self.p.write("plan.yaml", plan.replace('{url: "sqlite:${TARGET_FILE:-shared.db}"}',
                                               '{url: "${TARGET}", password: {env: TARGET_PASSWORD}, partitions: 4}'))
        self.assertNotEqual(plan, self.p.plan_file.read_text())

    def target_env(self):
        return {"TARGET": f"mysql://{USER}@{HOST}:{PORT}/{DATABASE}", "TARGET_PASSWORD": PASSWORD}

    def fresh_target(self):
        sql(f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE}", "mysql")

    def holder(self):
        try:
            found = sql("SELECT value FROM setting WHERE name = 'lease'", DATABASE)
        except AssertionError:
            return None  # no table yet
        return found[0][0] if found else None

    def dump(self):
        return sql("CHECKSUM TABLE " + ", ".join(TABLES) + " EXTENDED", DATABASE)

    def held_elsewhere(self, milliseconds):
        """By a process of another machine, whose lease holds for so long."""
        sql("INSERT INTO setting VALUES ('lease', '{\"token\": \"x\", \"by\": \"process 7 of ann on host3\", \"since\": "
            "\"2026-01-01T00:00:00Z\", \"since_ms\": 0, \"boot\": \"b\", \"space\": \"s\", \"pid\": 7, \"started\": 1}'), "
            f"('lease_until', JSON_OBJECT('token', 'x', 'until', CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) + {milliseconds} AS SIGNED)))",
            DATABASE)

    def taken_over(self):
        again = self.p.migrate("run", self.p.plan_file, "--stage", "reconcile", out="one", env=self.env())
        self.assertIn(again.code, (0, 3), again)
        self.assertIn("taken over from process 7 of ann on host3, since 2026-01-01T00:00:00Z, whose lease has lapsed", again.stderr)
        self.assertIsNone(self.holder())

    def test_who_was_paused_writes_nothing(self):
        self.trials()

    def test_who_is_at_work_keeps_it(self):
        self.stays_out()

    def test_who_was_killed_is_not_waited_for(self):
        self.after_a_kill()

    def test_the_lease_of_a_run_elsewhere_whose_session_is_over_is_waited_for(self):
        """A failover ends all sessions while their runs live: only the lease tells that they will be back."""
        self.fresh_target()
        self.assertIn(self.run_beside("one").code, (0, 3))
        self.held_elsewhere(1500)
        self.taken_over()

    def test_who_was_paused_while_it_commits_is_ended(self):
        """There it has the lease's row locked, and the server keeps its session."""
        self.fresh_target()
        self.assertIn(self.run_beside("one").code, (0, 3))
        self.held_elsewhere(60000)
        sql("CREATE TABLE big (id INT AUTO_INCREMENT PRIMARY KEY, pad CHAR(200))", DATABASE)

        def pause():
            many = "INSERT INTO big (pad) SELECT REPEAT('x', 200) FROM big; " * 18  # it takes a while to undo them
            with contextlib.suppress(AssertionError):  # its session is ended
                sql(f"BEGIN; INSERT INTO big (pad) VALUES ('x'); {many} SELECT * FROM setting WHERE name = 'lease' LOCK IN SHARE MODE; "
                    f"SELECT GET_LOCK('migrate/{DATABASE}', 0); SELECT SLEEP(300)", DATABASE)
        paused = threading.Thread(target=pause)
        paused.start()
        self.addCleanup(paused.join)
        while sql(f"SELECT IS_USED_LOCK('migrate/{DATABASE}')", DATABASE)[0][0] == "NULL":
            self.assertTrue(paused.is_alive())
            time.sleep(0.05)
        busy = self.p.migrate("run", self.p.plan_file, "--stage", "reconcile", out="one", env=self.env(MIGRATE_LEASE_SECONDS="60"))
        self.assertEqual(busy.code, 1, busy)
        self.assertIn("another run of migrate writes to this target: process 7 of ann on host3", busy.stderr)
        sql("UPDATE setting SET value = JSON_OBJECT('token', 'x', 'until', 0) WHERE name = 'lease_until'", DATABASE)
        self.taken_over()
        self.assertEqual(sql("SELECT COUNT(*) FROM big", DATABASE), [["0"]])


if __name__ == "__main__":
    unittest.main()
