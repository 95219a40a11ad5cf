"""A MySQL or MariaDB target holds, after any sequence of imports, what a SQLite target holds; read commands, dry runs and
`schema` work on it. Against the server that MIGRATE_TEST_MYSQL_FILE (or _URL) names."""
import os
import random
import subprocess
import time
import unittest

from both import DATABASE, TABLES, Both, sql
from database import HOST, PASSWORD, PORT, USER
from people import HEADER, mixed_project, rows


class Target(Both):
    def test_the_same_tables_as_in_sqlite_through_several_imports(self):
        self.run_both()
        self.assert_same()
        again = self.server("run", "plan.yaml")
        self.assertEqual(again.code, 3)  # its rejects are still open
        self.assertIn("nothing new", again.stdout)
        for seed in (1, 2):
            rng = random.Random(seed)
            lines = self.p.path("a_1.csv").read_bytes().split(b"\r\n")
            body = [line for line in lines[1:] if line and rng.random() < 0.9]  # some rows are gone,
            body = [line.rsplit(b",", 1)[0] + b",2025-0%d-01 00:00:00" % seed if line.count(b",") == 10 and rng.random() < 0.2
                    else line for line in body]  # some are newer, some come in
            fresh = [",".join(r).encode() for r in rows(rng, 60, prefix=f"n{seed}-")]
            self.p.path("a_1.csv").write_bytes(b"\r\n".join([lines[0], *body, *fresh]) + b"\r\n")
            self.p.sqlite("old.db", f"DELETE FROM contacts WHERE rowid % {17 + seed} = 0; "
                          f"UPDATE contacts SET phone = '6175550{seed}00', changed = '2025-0{seed}-02 00:00:00' "
                          f"WHERE rowid % {11 + seed} = 0")
            lite, there = self.run_both("--json")
            self.assertEqual({k: v for k, v in lite.json()["flow"].items()}, {k: v for k, v in there.json()["flow"].items()})
            self.assert_same()

    def test_pages_are_packed_and_segments_go_and_nothing_else_changes(self):
        self.plan_text += "\nretention: {segments: stage}\n"
        self.set_target("partitions: 4, compression: zlib")
        self.assertEqual(self.server("run", "plan.yaml").code, 3)
        options = sql("SELECT lower(create_options) FROM information_schema.tables WHERE table_schema = DATABASE() AND "
                      "table_name IN ('record', 'person', 'bucket')")
        self.assertEqual(len(options), 3)
        for (text,) in options:
            self.assertRegex(text, "compression=.zlib|page_compressed")
        self.assertEqual(self.server("schema", "check", "plan.yaml").code, 0)
        self.assertRegex(self.server("schema", "show", "plan.yaml").stdout, "COMPRESSION='zlib'|PAGE_COMPRESSED=1")
        self.set_target("partitions: 4, compression: lz4")
        again = self.server("run", "plan.yaml", "--stage", "reconcile")
        self.assertEqual(again.code, 3, again)
        self.assertIn("made with compression: zlib, and stay so; target.compression: lz4 is not used", again.stderr)
        self.set_target()
        self.p.run(out="lite", expect=3)
        self.assert_same()

    def test_threads_and_chunks_do_not_show(self):
        self.run_both("--threads", "1")
        self.assert_same()
        sql(f"DROP DATABASE {DATABASE}; CREATE DATABASE {DATABASE}", "mysql")
        self.p.path("server").rename(self.p.path("gone"))
        self.assertEqual(self.server("run", "plan.yaml", "--threads", "3", env={"MIGRATE_CHUNK_ROWS": "37"}).code, 3)
        self.assert_same()

    def test_each_row_lies_in_the_partition_that_its_key_says(self):
        self.run_both()
        for table in ("record", "person", "person_record", "person_identifier", "record_history", "person_history"):
            key = TABLES[table].split(",")[0]
            for p in range(4):
                self.assertEqual(sql(f"SELECT count(*) FROM {table} PARTITION (p{p}) WHERE {key} % 4 <> {p}"), [["0"]], table)

    def test_a_dry_run_foretells_what_the_run_does(self):
        for _ in range(2):
            forecast = self.server("run", "plan.yaml", "--dry-run", "--json").json()
            before = sql("SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()")
            run = self.server("run", "plan.yaml", "--json").json()
            self.assertEqual(forecast["forecast"]["inserted"], run["flow"]["inserted"])
            for name in ("inserted", "updated", "unchanged", "quarantined", "persons_created", "persons_merged", "persons_total"):
                self.assertEqual(forecast["flow"][name], run["flow"][name], name)
            lines = self.p.path("a_2.csv").read_bytes().split(b"\r\n")
            self.p.path("a_2.csv").write_bytes(b"\r\n".join(lines[:1] + lines[40:]) + b"\r\n")
        self.assertNotEqual(before, [["0"]], "the second dry run was one of a filled target")

    def test_a_dry_run_counts_with_what_was_extracted(self):
        self.assertEqual(self.server("run", "plan.yaml").code, 3)
        for n, retention in ((3, ""), (4, "\nretention: {segments: stage}\n")):
            self.plan_text += retention
            self.set_target()
            self.assertIn(self.server("run", "plan.yaml").code, (0, 3))
            lines = self.p.path("a_1.csv").read_bytes().split(b"\r\n")
            fresh = [",".join(r).encode() for r in rows(random.Random(n), 30, prefix=f"g{n}-")]
            self.p.write(f"a_{n}.csv", b"\r\n".join([lines[0], *fresh]) + b"\r\n")
            stages = ["extract", "normalize"] + (["load"] if retention else [])
            early = self.server("run", "plan.yaml", *[w for s in stages for w in ("--stage", s)])
            self.assertIn(early.code, (0, 3), early)
            self.p.path(f"a_{n}.csv").unlink()
            dry = self.server("run", "plan.yaml", "--dry-run", "--json")
            run = self.server("run", "plan.yaml", "--json").json()
            if retention:
                self.assertEqual(dry.code, 1, dry)
                self.assertIn("cannot count what the run would do", dry.stderr)
                self.assertIn("cut for the server's partitions", dry.stderr)
                continue
            for name in ("inserted", "updated", "unchanged", "quarantined", "persons_created", "persons_merged", "persons_total"):
                self.assertEqual(dry.json()["flow"][name], run["flow"][name], name)

    def test_a_dry_run_needs_no_right_to_write(self):
        self.run_both()
        sql("DROP USER IF EXISTS target_reader; CREATE USER target_reader IDENTIFIED BY 'Reader-1'; "
            f"GRANT SELECT ON {DATABASE}.* TO target_reader")
        self.addCleanup(sql, "DROP USER IF EXISTS target_reader", "mysql")
        who = {"TARGET": f"mysql://target_reader@{HOST}:{PORT}/{DATABASE}", "TARGET_PASSWORD": "Reader-1"}
        lines = self.p.path("a_2.csv").read_bytes().split(b"\r\n")
        self.p.path("a_2.csv").write_bytes(b"\r\n".join(lines[:1] + lines[40:]) + b"\r\n")
        self.assertEqual(self.server("run", "plan.yaml", "--dry-run", env=who).code, 3)
        self.assertEqual(self.server("show", "plan.yaml", "1", env=who).code, 0)
        refused = self.server("run", "plan.yaml", env=who)
        self.assertNotEqual(refused.code, 0)
        self.assertIn("denied", refused.stderr)

    def test_commands_that_read(self):
        self.run_both()
        lite = {"out": "lite"}
        for args in (["rows", "plan.yaml", "inserted"], ["rows", "plan.yaml", "persons"], ["rows", "plan.yaml", "quarantined"],
                     ["rejects", "list", "plan.yaml"], ["rejects", "show", "plan.yaml", "1"], ["show", "plan.yaml", "3"],
                     ["find", "plan.yaml", "--last-name", "smith", "--zip", "02116"], ["find", "plan.yaml", "--last-name", "NÚÑEZ"],
                     ["rejects", "list", "plan.yaml", "--json", "--limit", "5"], ["model", "show", "plan.yaml"],
                     ["review", "list", "plan.yaml"], ["why", "plan.yaml", "1", "2"], ["rejects", "list", "plan.yaml", "--file", "a_1.csv"]):
            ours, theirs = self.p.migrate(*args, **lite), self.server(*args)
            self.assertEqual(ours.code, theirs.code, f"{args}: {theirs}")
            self.assertEqual(ours.stdout, theirs.stdout, args)
        for args in (["status", "plan.yaml"], ["imports", "list", "plan.yaml"], ["explain", "plan.yaml"], ["validate", "plan.yaml"]):
            self.assertEqual(self.server(*args).code, 0, args)

    def test_explain_tells_what_an_empty_server_is_set_to(self):
        told = self.server("explain", "plan.yaml", "--json").json()["server"]
        self.assertEqual(told["here"], HOST in ("127.0.0.1", "localhost"))
        self.assertEqual([s["variable"] for s in told["settings"]][0], "innodb_buffer_pool_size")
        self.assertEqual(len(told["settings"]), 2)
        pool = told["settings"][0]
        self.assertEqual((pool["now"], pool["recommended"]), (int(sql("SELECT @@innodb_buffer_pool_size")[0][0]), 128 << 20))
        text = self.server("explain", "plan.yaml").stdout
        for s in told["settings"]:
            self.assertIn("server   " + s["variable"], text)

    def test_schema(self):
        shown = self.server("schema", "show", "plan.yaml").stdout
        self.assertIn("PARTITION BY HASH (record_id) PARTITIONS 4", shown)
        self.assertEqual(self.server("schema", "check", "plan.yaml").code, 2)  # there is none
        self.assertIn("were made", self.server("schema", "apply", "plan.yaml").stdout)
        self.assertIn("already", self.server("schema", "apply", "plan.yaml").stdout)
        self.assertEqual(self.server("schema", "check", "plan.yaml").code, 0)
        self.assertEqual(self.server("run", "plan.yaml").code, 3)
        self.assertEqual(self.server("schema", "check", "plan.yaml").code, 0)
        sql("ALTER TABLE person MODIFY city VARCHAR(10); ALTER TABLE source ADD note TEXT; DROP TABLE decision")
        check = self.server("schema", "check", "plan.yaml")
        self.assertEqual(check.code, 4)
        for words in ("table person: column city is varchar(10), expected varchar(255)", "column note does not belong there",
                      "table decision is missing"):
            self.assertIn(words, check.stderr)

    def test_the_ddl_by_one_account_and_the_runs_by_another(self):
        sql("DROP USER IF EXISTS target_loader; CREATE USER target_loader IDENTIFIED BY 'Loader-1'; "
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {DATABASE}.* TO target_loader")
        self.addCleanup(sql, "DROP USER IF EXISTS target_loader", "mysql")
        who = {"TARGET": f"mysql://target_loader@{HOST}:{PORT}/{DATABASE}", "TARGET_PASSWORD": "Loader-1"}
        refused = self.server("run", "plan.yaml", env=who)
        self.assertEqual(refused.code, 1)
        self.assertIn("makes the tables", refused.stderr)
        sql(self.server("schema", "show", "plan.yaml").stdout)  # as a database administrator would
        self.assertEqual(self.server("schema", "check", "plan.yaml").code, 0)
        self.assertEqual(self.server("run", "plan.yaml", env=who).code, 3)
        sql(f"DROP DATABASE {DATABASE}; CREATE DATABASE {DATABASE}", "mysql")
        self.p.path("server").rename(self.p.path("gone"))
        self.assertEqual(self.server("schema", "apply", "plan.yaml").code, 0)
        loaded = self.server("run", "plan.yaml", env=who)
        self.assertEqual(loaded.code, 3, loaded)
        self.assertIn("the secondary indexes were not made", loaded.stderr)
        self.assertEqual(self.server("schema", "apply", "plan.yaml").code, 0)
        self.assertEqual(sql("SELECT count(DISTINCT index_name) FROM information_schema.statistics WHERE table_schema = "
                             "DATABASE() AND index_name LIKE 'person\\_%'"), [["4"]])

    def test_tables_that_a_crash_left_half_made_keep_their_partitions(self):
        self.server("schema", "apply", "plan.yaml")
        sql("DELETE FROM setting WHERE name = 'schema_version'; DROP TABLE person; DROP TABLE decision; DROP TABLE review_pair")
        self.set_target("partitions: 8")
        run = self.server("run", "plan.yaml")
        self.assertEqual(run.code, 1)  # it did not see them before it cut its records
        self.assertIn("run the same command again", run.stderr)
        again = self.server("run", "plan.yaml")
        self.assertEqual(again.code, 3, again)
        self.assertIn("the target has 4 partitions", again.stderr)
        self.assertEqual(self.server("schema", "check", "plan.yaml").code, 0)

    def test_a_first_load_that_another_plan_made_meanwhile(self):
        self.set_target("partitions: 8")
        self.assertEqual(self.server("run", "plan.yaml", "--stage", "extract", "--stage", "normalize").code, 0)
        other = self.make_class_project()
        mixed_project(other, 90, seed=5)
        other.write("plan.yaml", other.plan_file.read_text().replace("name: p", "name: other").replace(
            '{url: "sqlite:${OUT}/people.db"}', '{url: "${TARGET}", password: {env: TARGET_PASSWORD}, partitions: 4}'))
        env = {"TARGET": f"mysql://{USER}@{HOST}:{PORT}/{DATABASE}", "TARGET_PASSWORD": PASSWORD}
        self.assertIn(other.migrate("run", "plan.yaml", env=env).code, (0, 3))
        run = self.server("run", "plan.yaml")
        self.assertEqual(run.code, 3, run)
        self.assertEqual(sql("SELECT count(*) FROM record r JOIN source s USING (source_id) WHERE s.name = 'files'")[0][0] > "400", True)

    def test_a_beginning_that_is_rolled_back_was_no_import(self):
        self.run_both()
        events = int(sql("SELECT max(event_id) FROM audit_event")[0][0])
        holder = subprocess.Popen(["mariadb", "--no-defaults", f"-h{HOST}", f"-P{PORT}", f"-u{USER}", DATABASE], text=True,
                                  stdin=subprocess.PIPE, env={**os.environ, "MYSQL_PWD": PASSWORD})
        self.addCleanup(holder.wait)
        self.addCleanup(holder.stdin.close)
        holder.stdin.write("START TRANSACTION; " + "".join(
            f"INSERT INTO audit_event VALUES ({events + n}, '', '', '', ''); " for n in range(1, 4)) + "\n")
        holder.stdin.flush()
        while sql("SELECT count(*) FROM information_schema.innodb_trx WHERE trx_rows_modified = 3") == [["0"]]:
            time.sleep(0.05)
        self.p.path("a_3.csv").write_bytes(b"\r\n".join(self.p.path("a_1.csv").read_bytes().split(b"\r\n")[:9]) + b"\r\n")
        env = {"TARGET": f"mysql://{USER}@{HOST}:{PORT}/{DATABASE}", "TARGET_PASSWORD": PASSWORD}
        process = self.p.start("run", "plan.yaml", out="server", env=env)
        waiting = []
        for _ in range(200):
            waiting = [r[0] for r in sql("SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND "
                                         "info LIKE '%audit_event%FOR UPDATE'")]
            if waiting:
                break
            time.sleep(0.05)
        self.assertTrue(waiting, "the run waits for the lock of its first audit event")
        sql(f"KILL {waiting[0]}")
        time.sleep(0.2)
        holder.stdin.write("ROLLBACK;\n")
        holder.stdin.flush()
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 3, err)
        self.assertIn(b"trying again", err)
        self.assertEqual(sql("SELECT import_id, state FROM import ORDER BY 1"), [["1", "done"], ["2", "done"]])
        self.assertEqual(sql("SELECT count(*) FROM audit_event WHERE kind = 'import_begun'"), [["2"]])

    def test_what_others_made_is_left_alone(self):
        sql("CREATE TABLE person (a INT)")
        result = self.server("run", "plan.yaml")
        self.assertEqual(result.code, 2)
        self.assertIn("holds tables that this tool did not make", result.stderr)
        sql("DROP TABLE person; CREATE TABLE setting (name VARCHAR(20) PRIMARY KEY, value TEXT); "
            "INSERT INTO setting VALUES ('schema_version', '1')")
        self.assertEqual(self.server("run", "plan.yaml").code, 2)
        sql("DROP TABLE setting")
        self.assertEqual(self.server("run", "plan.yaml").code, 3)
        sql("UPDATE setting SET value = '2' WHERE name = 'schema_version'")
        newer = self.server("run", "plan.yaml")
        self.assertEqual(newer.code, 2)
        self.assertIn("has schema version 2", newer.stderr)

    def test_the_server_s_settings_stay(self):
        shown = "SHOW GLOBAL VARIABLES WHERE variable_name NOT LIKE '%timestamp%' AND variable_name NOT LIKE 'gtid%'"
        before = sql(shown)
        self.run_both()
        self.assertEqual(sql(shown), before)

    def test_what_a_server_gives_its_sessions_does_not_matter(self):
        globals_ = {"autocommit": "0", "sql_select_limit": "50", "sql_safe_updates": "1", "completion_type": "1"}
        before = {name: sql(f"SELECT @@GLOBAL.{name}")[0][0] for name in globals_}

        def restore():
            sql("".join(f"SET GLOBAL {n} = {v if v.isdigit() else repr(v)};" for n, v in before.items()), "mysql")
        self.addCleanup(restore)
        for change in (False, True):
            if change:
                lines = self.p.path("a_1.csv").read_bytes().split(b"\r\n")
                self.p.path("a_1.csv").write_bytes(b"\r\n".join(lines[:200]) + b"\r\n")
            sql("".join(f"SET GLOBAL {n} = {v};" for n, v in globals_.items()), "mysql")
            there = self.server("run", "plan.yaml")
            restore()
            self.assertEqual(there.code, 3, there)
            self.p.run(out="lite", expect=3)
            self.assert_same()

    def test_a_plan_that_moves_from_sqlite_to_a_server_and_back(self):
        self.p.run(out="server", expect=3)  # SQLite, in the same workspace
        moved = self.server("run", "plan.yaml")
        self.assertEqual(moved.code, 3, moved)
        back = self.p.run(out="server", env={"TARGET": f"sqlite:{self.p.path('back.db')}"})
        self.assertEqual(back.code, 3, back)

    def test_odd_values_arrive_as_they_are(self):
        table = [[f"k{i}", "Zoë", value, "", "", "", value, "", "", "", ""] for i, value in enumerate(
            ["tab\there", "back\\slash", "quote ' and \"", "new\nline", "\\N", "NULL", "\u00a0", "😀 emoji", "日本", "a" * 300,
             "trailing  ", "%_like", "\\t literal", "semi;colon -- comment"])]
        keys = ["same-long-prefix-of-keys", "same-long-prefix-of-keys-9", "same-long-prefix-of-keys-10", "same-lon", "same-lo", "same-lon\x01",
                "Same-long", "é", "\U0001f600", "~", "a" * 255, "a" * 254]
        table += [[key, "Ann", "Key", "", "", "", "", "", "", "", ""] for key in keys]
        self.p.write_csv("a_9.csv", HEADER, table, quoting=1)
        self.run_both()
        self.assert_same()


if __name__ == "__main__":
    unittest.main()
