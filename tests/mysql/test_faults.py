"""A MySQL or MariaDB source whose server is harmed while it is read: an error or every row, never fewer.

Starts a server of its own (MIGRATE_TEST_SERVER_KIND: mysql80 or mariadb) and kills, stops and starts it. A sample of the
moments; all of them with MIGRATE_TEST_ALL."""
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import harm  # noqa: E402, I001  (sets the path to the others)
import common  # noqa: E402
import servers  # noqa: E402

KIND = os.environ["MIGRATE_TEST_SERVER_KIND"]
STREAM_ROWS = os.environ["MIGRATE_STREAM_ROWS"]
ALL = common.ALL
ROWS = 20000
# Exactly the rights that docs/sources.md names.
RIGHTS = "REPLICA MONITOR" if KIND == "mariadb" else "REPLICATION CLIENT"


def setUpModule():
    global FOLDER, SERVER, URL, _folder
    _folder = tempfile.TemporaryDirectory()
    FOLDER = pathlib.Path(_folder.name) / "server"
    SERVER = harm.Server(KIND, FOLDER)
    URL = SERVER.url
    # More than the sockets between client and server hold, and several chunks.
    sql("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(60), mail VARCHAR(80), pad VARCHAR(2000)) "
        "CHARACTER SET utf8mb4")
    for begin in range(1, ROWS + 1, 5000):
        sql("INSERT INTO people VALUES " + ",".join(
            f"({i}, 'Ann{i % 97} Lee{i % 89}', 'p{i}@example.org', REPEAT('x', {i % 200 + 1000}))"
            for i in range(begin, begin + 5000)))
    sql("ANALYZE TABLE people")
    make_reader()


def tearDownModule():
    servers.stop(FOLDER)
    _folder.cleanup()


def make_reader():
    sql("DROP USER IF EXISTS reader@'%'; CREATE USER reader@'%' IDENTIFIED BY 'pw'; GRANT SELECT, LOCK TABLES ON test.* "
        f"TO reader@'%'; GRANT {RIGHTS} ON *.* TO reader@'%'")


def sql(text, check=True):
    return SERVER.sql(text, check=check)


def reader_connections():
    return SERVER.connections("reader")


class Moments(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(20260301)

    def times(self, many, few):
        return range(many if ALL else few)


class DirectStream(Moments):
    """The stream of store/mysql.h itself."""

    def stream(self, harm, read_seconds=60):
        """What stream_rows says when `harm(connection)` is done at a random moment after its first row."""
        query = "SELECT a.* FROM people a JOIN (SELECT 1 UNION SELECT 2 UNION SELECT 3) b"
        p = subprocess.Popen([STREAM_ROWS, URL, str(read_seconds), query], stdout=subprocess.PIPE, text=True)
        connection = int(re.fullmatch(r"first (\d+)\n", p.stdout.readline())[1])
        time.sleep(self.random.random() * 0.5)
        harm(connection)
        out, _ = p.communicate(timeout=60)
        return out.strip()

    def check(self, out, hit):
        if out.startswith("error after"):
            self.assertLess(int(re.match(r"error after (\d+)", out)[1]), 3 * ROWS)
            self.assertNotIn("for good", out)
            hit.append(out)
        else:
            self.assertEqual(out, f"rows {3 * ROWS}")

    def test_killed_queries_and_connections(self):
        for statement in ("KILL QUERY", "KILL"):
            hit = []
            for _ in self.times(20, 4):
                self.check(self.stream(lambda c: sql(f"{statement} {c}", check=False)), hit)
            self.assertTrue(hit, statement)

    def test_killed_servers(self):
        hit = []
        for _ in self.times(12, 2):
            self.check(self.stream(lambda c: servers.kill(FOLDER)), hit)
            servers.again(FOLDER)
        self.assertTrue(hit)

    def test_a_server_that_stops_for_a_while_is_waited_for(self):
        def pause(_):
            os.kill(servers.pid_of(FOLDER), signal.SIGSTOP)
            time.sleep(2)
            os.kill(servers.pid_of(FOLDER), signal.SIGCONT)
        self.assertEqual(self.stream(pause), f"rows {3 * ROWS}")

    def test_a_server_that_stops_for_longer_is_taken_for_dead(self):
        begun = time.monotonic()
        try:
            out = self.stream(lambda _: os.kill(servers.pid_of(FOLDER), signal.SIGSTOP), read_seconds=2)
        finally:
            os.kill(servers.pid_of(FOLDER), signal.SIGCONT)
        self.assertRegex(out, r"error after \d+: .*\(error 2013\)$")
        self.assertLess(time.monotonic() - begun, 20)


class Tool(common.Case):
    """`migrate run`, slowed down so that the harm comes in the middle."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(20260302)
        self.p = self.make_project()

    def plan(self, more="", what="table: people", rate=12000):
        url = URL.replace("root@", "reader@")
        self.p.plan(f"  crm: {{type: mysql, url: \"{url}\", password: {{env: CRM_PASSWORD}}, {what}, key: id, {more}\n"
                    f"        throttle: {{rows_per_second: {rate}}}, fields: {{full_name: name, email: mail}}}}")

    def start(self, *args):
        return self.p.start("run", self.p.plan_file, "--threads", "2", *args, env={"CRM_PASSWORD": "pw"})

    def harmed(self, harm, *args, after=None):
        """Runs with `harm()` at a random moment; the finished process' exit code and what it said."""
        process = self.start(*args)
        time.sleep(0.4 + self.random.random() * 0.9 if after is None else after)
        harm()
        out, err = process.communicate(timeout=300)
        text = [t.decode() if isinstance(t, bytes) else t for t in (out, err)]
        return process.returncode, text[0], text[1]

    def rows(self):
        _, rows = common.parse_csv(self.p.migrate("export", "source", self.p.plan_file, "--name", "crm").stdout)
        return sorted((list(r.values()) for r in rows), key=lambda r: int(r[0]))

    def served(self):
        return [line.split("\t") for line in sql("SELECT * FROM people ORDER BY id").splitlines()]

    def findings(self):
        report = json.loads(self.p.path("out/ws/reports/1.json").read_text())
        return " | ".join(f for i in report["sources"][0]["files"] for f in i["findings"])

    def whole(self, result):
        code, out, err = result
        self.assertEqual(code, 0, err)
        self.assertEqual(self.rows(), self.served())
        return err

    def test_killed_connections_and_servers(self):
        def connections():
            for c in reader_connections():
                sql(f"KILL {c}", check=False)

        def queries():
            for c in reader_connections():
                sql(f"KILL QUERY {c}", check=False)

        def server():
            servers.kill(FOLDER)
            time.sleep(1)
            servers.again(FOLDER)
        for what in ("table: people", "query: SELECT * FROM people"):
            for harm in (connections, queries, server):
                with self.subTest(what=what, harm=harm.__name__):
                    noticed, wanted = 0, 5 if ALL else 1
                    for _ in range(4 * wanted):
                        self.p = self.make_project()
                        self.plan(what=what)
                        err = self.whole(self.harmed(harm))
                        if harm is queries:
                            noticed += 1
                        elif "it is read anew in another snapshot" in err:  # else all rows had been sent by then
                            self.assertIn("all rows are of the last snapshot", self.findings())
                            noticed += 1
                        if noticed == wanted:
                            break
                    self.assertEqual(noticed, wanted)

    def test_a_server_that_hangs_is_left_and_found_again(self):
        self.plan("read_timeout: 2s,")
        pid = servers.pid_of(FOLDER)

        def hang():
            os.kill(pid, signal.SIGSTOP)
            time.sleep(5)
            os.kill(pid, signal.SIGCONT)
        self.assertIn("(error 2013)", self.whole(self.harmed(hang)))

    def test_continue_keeps_what_is_finished_and_says_so(self):
        self.plan("on_snapshot_loss: continue,", rate=8000)

        def server():
            servers.kill(FOLDER)
            time.sleep(0.3)
            # The first row was read, the last was not; and the run is back as soon as the server is.
            servers.again(FOLDER, f"UPDATE test.people SET mail = 'after@example.org' WHERE id IN (1, {ROWS})")
        before = self.served()
        code, _, err = self.harmed(server, after=1.9)
        self.assertEqual(code, 0, err)
        self.assertRegex(err, r"rows stay, the rest is read in another snapshot")
        now = self.rows()
        self.assertEqual(now[0], before[0], "of the first snapshot")
        self.assertEqual(now[-1][2], "after@example.org", "of the second")
        self.assertEqual(now[1:-1], before[1:-1])
        self.assertIn("rows of 2 snapshots", self.findings())
        # The next run reads one state again.
        self.plan("on_snapshot_loss: continue,", rate=1000000)
        self.assertEqual(self.p.run(env={"CRM_PASSWORD": "pw"}).code, 0)
        self.assertEqual(self.rows(), self.served())

    def test_what_never_passes_ends_the_run_at_once(self):
        self.plan()

        def forbid():
            sql("ALTER USER reader@'%' IDENTIFIED BY 'changed'")
            for c in reader_connections():
                sql(f"KILL {c}", check=False)
        begun = time.monotonic()
        try:
            code, _, err = self.harmed(forbid)
        finally:
            make_reader()
        self.assertEqual(code, 2, err)
        self.assertIn("Access denied", err)
        self.assertLess(time.monotonic() - begun, 20)

    def test_a_wait_ends_when_the_operator_stops_the_run(self):
        self.plan()
        process = self.start()
        time.sleep(0.8)
        servers.kill(FOLDER)
        try:
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=15)
        finally:
            servers.again(FOLDER)
        self.assertEqual(process.returncode, 130)
        self.whole(self.harmed(lambda: None))

    def test_a_damaged_text_is_quarantined(self):
        """The file of a MyISAM table is changed behind the server's back."""
        sql("DROP TABLE IF EXISTS old; CREATE TABLE old (id INT PRIMARY KEY, name VARCHAR(40)) ENGINE=MyISAM CHARACTER SET "
            "utf8mb4; INSERT INTO old VALUES (1, 'Ann Lee'), (2, 'DAMAGED HERE'), (3, 'Bob Roy'); FLUSH TABLES old")
        file = FOLDER / "data/test/old.MYD"
        file.write_bytes(file.read_bytes().replace(b"DAMAGED", b"DAMAG\xffD"))
        sql("FLUSH TABLES old")
        self.p.plan(f"  crm: {{type: mysql, url: \"{URL}\", table: old, key: id, fields: {{full_name: name}}}}")
        self.assertEqual(self.p.run().code, 3)
        rejects = common.parse_csv(self.p.migrate("export", "rejects", self.p.plan_file).stdout)[1]
        self.assertEqual([(r["source_key"], r["reason"]) for r in rejects], [("2", "undecodable_bytes")])
        self.assertIn("column 'name'", rejects[0]["detail"])
        links = common.parse_csv(self.p.migrate("export", "links", self.p.plan_file).stdout)[1]
        self.assertEqual([r["source_key"] for r in links], ["1", "3"])


class Throttled(common.Case):
    def setUp(self):
        super().setUp()
        self.p = self.make_project()

    def plan(self, throttle):
        url = URL.replace("root@", "reader@")
        self.p.plan(f"  crm: {{type: mysql, url: \"{url}\", password: {{env: CRM_PASSWORD}}, table: people, key: id,\n"
                    f"        throttle: {throttle}, fields: {{full_name: name, email: mail}}}}")

    def extract(self):
        report = self.p.run("--stage", "extract", "--json", "--threads", "2", env={"CRM_PASSWORD": "pw"}, expect=0)
        return next(s["seconds"] for s in report.json()["stages"] if s["stage"] == "extract"), report.stderr

    def test_the_rates_hold_for_all_readers_together(self):
        for throttle, least in (("{rows_per_second: 8000}", ROWS / 8000), ("{bytes_per_second: 8MB}", ROWS * 1130 / 8e6)):
            with self.subTest(throttle):
                self.p = self.make_project()
                self.plan(throttle)
                seconds, _ = self.extract()
                self.assertGreater(seconds, least * 0.9)
                self.assertLess(seconds, least * 3)

    def test_it_pauses_while_others_keep_the_server_busy(self):
        self.plan("{max_threads_running: 3}")
        busy = [subprocess.Popen([*SERVER.client(), "-e",
                                  "SELECT SLEEP(4)"], stdout=subprocess.DEVNULL) for _ in range(8)]
        time.sleep(0.5)
        seconds, said = self.extract()
        for b in busy:
            b.wait()
        self.assertGreater(seconds, 2)
        self.assertEqual(said.count("max_threads_running is 3"), 1, said)

    def test_it_pauses_while_the_replica_does_not_replicate(self):
        self.plan("{max_replica_lag: 5s}")
        sql("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='nobody'")
        process = self.p.start("run", self.p.plan_file, "--stage", "extract", env={"CRM_PASSWORD": "pw"})
        try:
            time.sleep(3)
            self.assertIsNone(process.poll(), "it waits")
        finally:
            sql("STOP SLAVE; RESET SLAVE ALL")
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("the replica does not replicate", err.decode() if isinstance(err, bytes) else err)

    def test_what_the_account_may_not_see_is_said(self):
        sql(f"REVOKE {RIGHTS} ON *.* FROM reader@'%'")
        try:
            self.plan("{max_replica_lag: 5s}")
            _, said = self.extract()
        finally:
            make_reader()
        self.assertIn("max_replica_lag has no effect: the account may not see it", said)
        self.plan("{max_replica_lag: 6s}")
        self.p = self.make_project()
        self.plan("{max_replica_lag: 6s}")
        self.assertIn("max_replica_lag has no effect: the server is no replica", self.extract()[1])


if __name__ == "__main__":
    unittest.main()
