"""`migrate run` with a MySQL or MariaDB source, against the server that MIGRATE_TEST_MYSQL_FILE (or _URL) names."""
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import common  # noqa: E402

URL = os.environ.get("MIGRATE_TEST_MYSQL_URL") or pathlib.Path(os.environ["MIGRATE_TEST_MYSQL_FILE"]).read_text().strip()
PASSWORD = os.environ.get("MIGRATE_TEST_MYSQL_PASSWORD", "")
USER, REST = URL[len("mysql://"):].split("@")
HOST, REST = REST.split(":")
PORT, DATABASE = REST.split("/")
ROWS = 5000


def sql(text):
    p = subprocess.run(["mariadb", "--no-defaults", "--batch", "--skip-column-names", "--default-character-set=utf8mb4",
                        f"-h{HOST}", f"-P{PORT}", f"-u{USER}", DATABASE], input=text, capture_output=True, text=True,
                       env={**os.environ, "MYSQL_PWD": PASSWORD})
    assert p.returncode == 0, p.stderr
    return p.stdout


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

    def test_any_number_of_threads_and_a_query_give_the_same(self):
        self.run_plan("--threads", "1", out="one", expect=0)
        self.run_plan("--threads", "3", out="three", expect=0)
        one = self.p.migrate("export", "links", self.p.plan_file, out="one").stdout
        self.assertEqual(self.p.migrate("export", "links", self.p.plan_file, out="three").stdout, one)
        self.plan("query: SELECT * FROM people")
        self.run_plan(out="query", expect=0)
        self.assertEqual(self.p.migrate("export", "links", self.p.plan_file, out="query").stdout, one)

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


if __name__ == "__main__":
    unittest.main()
