"""`migrate run` with a MySQL or MariaDB source, against the server that MIGRATE_TEST_MYSQL_FILE (or _URL) names."""
import pathlib
import signal
import sqlite3
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import common  # noqa: E402
from database import DATABASE, HOST, PASSWORD, PORT, URL, USER, client as sql  # noqa: E402

ROWS = 5000


class Source(common.Case):
    def setUp(self):
        super().setUp()
        sql("DROP TABLE IF EXISTS people; CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(60), mail VARCHAR(80), "
            "zip INT(5) ZEROFILL, changed DATETIME NULL, note VARCHAR(200)) CHARACTER SET utf8mb4")
        values = [f"({i}, 'Ann{i % 97} Lee{i % 89}', 'p{i}@example.org', {i % 99999}, '2020-01-01 00:00:{i % 60:02}', "
                  f"REPEAT('x', {i % 200}))" for i in range(1, ROWS + 1)]
        sql("INSERT INTO people VALUES " + ",".join(values))
        self.p = self.make_project()
        self.plan()

    def plan(self, what="table: people", mode="snapshot"):
        self.p.plan(f"  crm: {{type: mysql, url: \"{URL}\", password: {{env: CRM_PASSWORD}}, {what}, key: id, mode: {mode},\n"
                    "        fields: {full_name: name, email: mail, zip: zip, updated_at: changed}}")

    def run_plan(self, *args, **kw):
        return self.p.run(*args, env={"CRM_PASSWORD": PASSWORD}, **kw)

    def test_a_table_its_changes_and_its_deletes(self):
        first = self.run_plan(expect=0)
        self.assertIn(f"{ROWS} rows in = {ROWS} loaded + 0 quarantined", first.stdout)
        exported = self.p.migrate("export", "source", self.p.plan_file, "--name", "crm").stdout
        header, rows = common.parse_csv(exported)
        self.assertEqual(header, ["id", "name", "mail", "zip", "changed", "note"])
        served = [line.split("\t") for line in sql("SELECT * FROM people ORDER BY CAST(id AS CHAR)").splitlines()]
        self.assertEqual([list(r.values()) for r in rows], served, "exactly the values that the server holds")
        again = self.run_plan(expect=0)
        self.assertIn("nothing new", again.stdout)
        sql("UPDATE people SET mail = 'new@example.org', changed = NOW() WHERE id = 7; DELETE FROM people WHERE id = 9; "
            "INSERT INTO people VALUES (6001, 'Zoë O\\'Hara', NULL, 501, NULL, NULL)")
        third = self.run_plan("--json", expect=0).json()
        self.assertEqual((third["flow"]["inserted"], third["flow"]["updated"], third["flow"]["gone"]), (1, 1, 1))
        self.assertIn("nothing new", self.run_plan(expect=0).stdout)

    def test_a_table_that_is_gone_once_it_is_extracted(self):
        self.run_plan(out="plain", expect=0)
        links = self.p.migrate("export", "links", self.p.plan_file, out="plain").stdout
        self.run_plan("--stage", "extract", expect=0)
        sql("DROP TABLE people")
        done = self.run_plan(expect=0)
        self.assertIn(f"the import goes on with {ROWS} rows as they were extracted", done.stderr)
        self.assertIn(f"{ROWS} rows in = {ROWS} loaded + 0 quarantined", done.stdout)
        self.assertEqual(self.p.migrate("export", "links", self.p.plan_file).stdout, links)
        self.assertIn("people", self.run_plan(expect=2).stderr)

    def test_any_number_of_threads_and_a_query_give_the_same(self):
        self.run_plan("--threads", "1", out="one", expect=0)
        self.run_plan("--threads", "3", out="three", expect=0)
        one = self.p.migrate("export", "links", self.p.plan_file, out="one").stdout
        self.assertEqual(self.p.migrate("export", "links", self.p.plan_file, out="three").stdout, one)
        self.plan("query: SELECT * FROM people")
        self.run_plan(out="query", expect=0)
        self.assertEqual(self.p.migrate("export", "links", self.p.plan_file, out="query").stdout, one)

    def test_parts_by_a_time_and_by_a_key(self):
        """extract: {incremental: ...}; the server's times and numbers, a table, a query, rows without a value, a kill."""
        for column, what in (("changed, overlap: 2s", "table: people"), ("id, overlap: 10", "table: people"),
                             ("changed, overlap: 2s", "query: SELECT * FROM people WHERE id > 0;")):
            self.setUp()
            out = f"o{column[0]}{what[0]}"
            self.plan(f"extract: {{incremental: {column}}}, {what}", mode="append")
            self.run_plan(out=out, expect=0)
            self.assertIn("nothing new", self.run_plan(out=out, expect=0).stdout)
            sql("UPDATE people SET mail = 'unseen@example.org' WHERE id = 8; "
                "INSERT INTO people VALUES (6001, 'Zoe Hara', NULL, 501, NOW(), NULL), (6002, 'Eve Ash', NULL, 501, NULL, NULL)")
            process = self.p.start("run", self.p.plan_file, out=out, env={"CRM_PASSWORD": PASSWORD})
            time.sleep(0.1)
            process.kill()
            process.communicate()
            self.run_plan(out=out, expect=0)  # goes on with it, or finds nothing new where it was too quick to be killed
            flow = self.p.migrate("report", self.p.plan_file, "--json", out=out, env={"CRM_PASSWORD": PASSWORD}).json()["flow"]
            self.assertEqual((flow["inserted"], flow["updated"]), (2, 0), flow)
            self.assertLess(flow["counted"], ROWS / 2)
            self.assertEqual(self.p.query("SELECT count(*) FROM record WHERE email = 'unseen@example.org'", out=out), [(0,)])

    def test_bytes_are_no_watermark(self):
        sql("ALTER TABLE people ADD seq VARBINARY(20); UPDATE people SET seq = '0) OR (1=1'")
        self.plan("extract: {incremental: seq}, table: people", mode="append")
        refused = self.p.migrate("run", self.p.plan_file, env={"CRM_PASSWORD": PASSWORD})
        self.assertEqual(refused.code, 2, refused)
        self.assertIn("column seq holds bytes", refused.stderr)

    def test_watch_takes_new_rows_and_stops(self):
        for options in ("table: people", "extract: {incremental: id, overlap: 10}, table: people"):
            self.setUp()
            out = "w" + str(len(options))
            self.plan(options, mode="append" if "extract" in options else "snapshot")
            process = self.p.start("watch", self.p.plan_file, "--interval", "300ms", out=out, env={"CRM_PASSWORD": PASSWORD})
            self.addCleanup(common.stop, process)

            def wait_for(count):
                end = time.monotonic() + 60
                while time.monotonic() < end:
                    try:
                        if self.p.query("SELECT count(*) FROM person_record", out=out) == [(count,)] and \
                                self.p.query("SELECT count(*) FROM import WHERE state <> 'done'", out=out) == [(0,)]:
                            return
                    except sqlite3.Error:  # not there yet, or a run commits
                        pass
                    time.sleep(0.05)
                self.fail(f"{count} records are not there after a minute: {common.stop(process)}")

            wait_for(ROWS)
            sql("INSERT INTO people VALUES (6001, 'Zoe Hara', NULL, 501, NOW(), NULL)")
            wait_for(ROWS + 1)
            sql("INSERT INTO people VALUES (6002, 'Eve Ash', NULL, 501, NOW(), NULL)")
            wait_for(ROWS + 2)
            time.sleep(1)  # some rounds with nothing new
            stopped = common.stop(process, signal.SIGTERM)
            self.assertEqual(stopped.code, 0, stopped)
            self.assertEqual(self.p.query("SELECT count(*) FROM import", out=out), [(3,)], "one import each, none without new rows")
            self.assertEqual(self.p.query("SELECT count(*) FROM audit_event WHERE kind = 'run_unchanged'", out=out), [(0,)])

    def test_killed_and_run_again(self):
        for after in (0.05, 0.15, 0.3):
            process = self.p.start("run", self.p.plan_file, env={"CRM_PASSWORD": PASSWORD})
            time.sleep(after)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        self.run_plan(expect=0)
        self.assertEqual(len(common.parse_csv(self.p.migrate("export", "links", self.p.plan_file).stdout)[1]), ROWS)

    def test_what_is_wrong_is_said_before_anything_is_touched(self):
        denied = self.p.migrate("run", self.p.plan_file, env={"CRM_PASSWORD": "wrong-s3cret"})
        self.assertEqual(denied.code, 2, denied)
        self.assertIn("check user, password", denied.stderr)
        self.assertNotIn("wrong-s3cret", denied.stdout + denied.stderr)
        self.plan("table: peopel")
        missing = self.p.migrate("run", self.p.plan_file, env={"CRM_PASSWORD": PASSWORD})
        self.assertEqual(missing.code, 2, missing)
        self.assertIn("did you mean 'people'", missing.stderr)
        self.assertIn("plan.yaml:", missing.stderr)
        self.assertFalse(self.p.path("out/people.db").exists())

    def test_passwords_from_file_and_command(self):
        user = "migrate_reader"
        sql(f"DROP USER IF EXISTS {user}@'%'; CREATE USER {user}@'%' IDENTIFIED BY 'pa ss'; "
            f"GRANT SELECT ON {DATABASE}.* TO {user}@'%'")
        self.p.write("secret", "pa ss\n")
        for number, secret in enumerate(("file: secret", "command: \"echo 'pa ss'\"")):
            self.p.plan(f"  crm: {{type: mysql, url: \"{URL.replace(USER + '@', user + '@')}\", password: {{{secret}}}, "
                        "table: people, key: id, fields: {full_name: name}}")
            result = self.p.run(out=f"o{number}", expect=0)
            self.assertIn("one session", result.stderr)
            self.assertNotIn("pa ss", result.stdout + result.stderr)


FIRST = "James Mary John Linda Robert Susan Michael Karen David Lisa".split()
LAST = "Smith Johnson Williams Brown Jones Garcia Miller Davis".split()


class Init(common.Case):
    """`migrate init` looks at a server's tables; what it writes runs."""

    def setUp(self):
        super().setUp()
        sql("DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; USE shop; "
            "CREATE TABLE customers (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, first_name VARCHAR(40), last_name "
            "VARCHAR(40), email VARCHAR(80), phone VARCHAR(30), dob DATE, secret INT INVISIBLE) CHARACTER SET utf8mb4; "
            "CREATE TABLE orders (id INT PRIMARY KEY, amount DECIMAL(10,2)); INSERT INTO orders VALUES (1, 2.5), (2, 3.5); "
            "CREATE TABLE newsletter (mail VARCHAR(80) NOT NULL, name VARCHAR(40), UNIQUE KEY m (mail)); "
            "CREATE TABLE keyless (name VARCHAR(40), mail VARCHAR(80)); "
            "CREATE VIEW people_view AS SELECT id, first_name, last_name, email FROM customers; "
            "DROP USER IF EXISTS looker@'%'; CREATE USER looker@'%' IDENTIFIED BY 'se cret'; "
            "GRANT SELECT, LOCK TABLES ON shop.* TO looker@'%'")
        people = ",".join(f"('{FIRST[i % 10]}','{LAST[i % 8]}','{FIRST[i % 10].lower()}{i}@example.org',"
                          f"'(206) 555-{i % 10000:04}','{1930 + i % 60}-{i % 9 + 1:02}-{i % 28 + 1:02}')" for i in range(15000))
        sql(f"INSERT INTO shop.customers (first_name, last_name, email, phone, dob) VALUES {people}; "
            "DELETE FROM shop.customers WHERE id % 3 = 0; "
            "INSERT INTO shop.newsletter VALUES " + ",".join(f"('s{i}@example.com','{FIRST[i % 10]} {LAST[i % 7]}')" for i in range(300))
            + "; INSERT INTO shop.keyless SELECT name, 'one@example.com' FROM shop.newsletter")
        self.p = self.make_project()
        self.url = f"mysql://looker@{HOST}:{PORT}/shop"
        self.env = {"SHOP_PW": "se cret"}

    def init(self, *args):
        return self.p.migrate("init", *args, "--password-env", "SHOP_PW", env=self.env)

    def test_a_plan_of_a_servers_tables_that_runs(self):
        made = self.init(self.url, "--output", "plan.yaml")
        self.assertEqual(made.code, 0, made)
        text = self.p.plan_file.read_text()
        for line in ("type: mysql", f'url: "{self.url}"', "password: {env: SHOP_PW}", "table: customers", "key: id",
                     "table: newsletter", "key: mail", "mode: snapshot", "birth_date: dob", "email: email",
                     "declared as the key of the table"):
            self.assertIn(line, text)
        self.assertNotIn("se cret", text + made.stdout + made.stderr)
        left_out = text[text.index("# Left out:"):].replace("\n# ", "").replace("  ", " ")
        self.assertIn("table orders", left_out)
        self.assertIn("no column tells its rows apart", left_out)
        self.assertIn(f"migrate init {self.url}:people_view", " ".join(left_out.split()))
        checked = self.p.migrate("validate", self.p.plan_file, env=self.env)
        self.assertEqual(checked.code, 0, checked)
        explained = self.p.migrate("explain", self.p.plan_file, env=self.env)
        self.assertIn("10,000 rows (COUNT(*))", explained.stdout)
        run = self.p.run("--json", env=self.env, expect=0)
        self.assertEqual(run.json()["flow"]["inserted"], 10300)

    def test_one_table_or_view(self):
        made = self.init(self.url + ":people_view")
        self.assertEqual(made.code, 0, made)
        self.assertIn("table: people_view", made.stdout)
        self.assertNotIn("customers", made.stdout)
        self.assert_fails(self.init(self.url + ":custmers"), 2, "there is no table 'custmers'", "customers, keyless, newsletter")

    def test_logins_that_fail(self):
        self.assert_fails(self.p.migrate("init", self.url), 2, "Access denied", "the variable MIGRATE_PASSWORD is not set")
        self.assert_fails(self.init(self.url.replace("looker@", "looker:hunter2@")), 2, "looker:***@", "holds a password")
        self.assert_fails(self.init(f"mysql://looker@{HOST}:{PORT}"), 2, "names no database")
        self.assert_fails(self.p.migrate("init", self.url, "--password-env", "se cret"), 2,
                          "--password-env wants the name of an environment variable, not a password")
        self.assert_fails(self.init(self.url, "--tls-mode", "maybe"), 2, "--tls-mode is 'maybe'")

    def test_the_rows_that_are_looked_at_lie_all_through_the_table(self):
        found = self.init(self.url + ":customers", "--json").json()["sources"][0]
        self.assertEqual((found["type"], found["rows_first"], found["all_rows"]), ("mysql", 10000, False))
        sql("INSERT INTO shop.customers (id, first_name, last_name) SELECT id + 20000, 'Zoe', 'Last' FROM shop.customers")
        found = self.init(self.url + ":customers", "--json").json()["sources"][0]
        self.assertGreater(found["rows_spread"], 1000)
        self.assertLessEqual(found["rows_spread"], 2500)


if __name__ == "__main__":
    unittest.main()
