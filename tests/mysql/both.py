"""A project that is run into a server and into SQLite side by side, and the comparison of all that both hold."""
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import common  # noqa: E402
from database import HOST, PASSWORD, PORT, USER, client  # noqa: E402
from people import mixed_project  # noqa: E402

DATABASE = "target_test"
TABLES = {
    "record": "record_id", "record_history": "record_id, ended_import, seq", "person": "person_id",
    "person_history": "person_id, ended_import", "person_record": "record_id",
    "person_identifier": "value_hash, kind, person_id", "person_alias": "alias_id, person_id, kind, import_id",
    "quarantine": "quarantine_id", "source": "source_id", "source_schema": "schema_id"}


def sql(text, database=DATABASE):
    return [line.split("\t") for line in client(text, database).splitlines()]


class Both(common.Case):
    def setUp(self):
        super().setUp()
        sql(f"DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE}", "mysql")
        self.addCleanup(sql, f"DROP DATABASE IF EXISTS {DATABASE}", "mysql")
        self.p = self.make_project()
        mixed_project(self.p, 1200, seed=11)
        self.plan_text = self.p.plan_file.read_text()
        self.set_target()

    def set_target(self, options="partitions: 4"):
        self.p.write("plan.yaml", self.plan_text.replace(
            '{url: "sqlite:${OUT}/people.db"}', '{url: "${TARGET:-sqlite:${OUT}/people.db}", password: {env: TARGET_PASSWORD}, %s}'
            % options))

    def server_env(self):
        return {"TARGET": f"mysql://{USER}@{HOST}:{PORT}/{DATABASE}", "TARGET_PASSWORD": PASSWORD}

    def server(self, *args, **kw):
        return self.p.migrate(*args, out="server", env={**self.server_env(), **kw.pop("env", {})}, **kw)

    def run_both(self, *args, expect=3):
        lite = self.p.run(*args, out="lite", expect=expect)
        there = self.server("run", "plan.yaml", *args)
        self.assertEqual(there.code, expect, there)
        self.assertNotIn("MISMATCH", there.stdout)
        return lite, there

    def assert_same(self):
        for what in ("links", "persons", "rejects"):
            self.assertEqual(self.p.export_text(what, out="lite"), self.server("export", what, "plan.yaml").stdout, what)
        for source in ("files", "old"):
            args = ("export", "source", "plan.yaml", "--name", source)
            self.assertEqual(self.p.migrate(*args, out="lite").stdout, self.server(*args).stdout, source)
        db = sqlite3.connect(self.p.target("lite"))
        self.addCleanup(db.close)
        for table, order in TABLES.items():
            columns = [r[1] for r in db.execute(f"PRAGMA table_info({table})")]
            # As texts in hexadecimal digits; confidence has six decimals on a server.
            read = [f"printf('%.6f', {c})" if c == "confidence" else c for c in columns]
            ours = db.execute(f"SELECT {', '.join(f'CASE WHEN {c} IS NULL THEN 0 ELSE hex({c}) END' for c in read)} FROM {table} ORDER BY {order}").fetchall()
            theirs = sql(f"SELECT {', '.join(f'COALESCE(HEX(CAST({c} AS BINARY)), 0)' for c in columns)} FROM {table} ORDER BY {order}")
            self.assertEqual(len(ours), len(theirs), table)
            for a, b in zip(ours, theirs):
                self.assertEqual([str(v) for v in a], b, table)
