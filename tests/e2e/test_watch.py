"""`migrate watch`: one import a round with something new, nothing where there is nothing, files left until they are whole,
a clean end on SIGTERM, and errors that are told and tried again."""
import json
import os
import signal
import time
import unittest

from common import Case, stop

HEADER = ["id", "first", "last", "mail"]
PLAN = '  a: {type: csv, path: "in/a*.csv", key: id%s, fields: {first_name: first, last_name: last, email: mail}}'


def old(path):
    """As if nobody had written to it for a while."""
    then = time.time() - 60
    os.utime(path, (then, then))


class Watch(Case):
    def setUp(self):
        super().setUp()
        self.p.path("in").mkdir()
        self.p.plan(PLAN % "")

    def csv(self, name, *rows):
        self.p.write_csv("new.tmp", HEADER, rows)
        old(self.p.path("new.tmp"))
        os.rename(self.p.path("new.tmp"), self.p.path("in/" + name))

    def watch(self, *args, interval="300ms"):
        process = self.p.start("watch", "plan.yaml", "--interval", interval, *args)
        self.addCleanup(lambda: process.poll() is None and stop(process))
        return process

    def imports(self):
        if not self.p.target().exists():
            return []
        try:
            return [s for s, in self.p.query("SELECT state FROM import ORDER BY import_id")]
        except Exception:  # while a run commits
            return []

    def wait_for(self, condition, what):
        end = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    def test_files_one_after_the_other_and_the_end(self):
        process = self.watch()
        time.sleep(1)
        self.assertEqual(self.imports(), [], "a folder without files is waited for")
        for n in (1, 2, 3):
            self.csv(f"a{n}.csv", [str(n), "Ann", f"Lee{n}", f"ann{n}@example.org"])
            self.wait_for(lambda n=n: self.imports() == ["done"] * n, f"import {n}")
        time.sleep(1.5)
        self.assertEqual(self.imports(), ["done"] * 3)
        ended = stop(process, signal.SIGTERM)
        self.assertEqual(ended.code, 0, ended)
        idle = [line for line in ended.stderr.splitlines() if "nothing new since" in line]
        self.assertLessEqual(len(idle), 4, "a line when it begins, not one a round")
        kinds = [k for k, in self.p.query("SELECT kind FROM audit_event")]
        self.assertNotIn("run_unchanged", kinds)
        self.assertEqual(ended.stdout.count("import "), 3)

    def test_a_file_that_is_being_written_is_left(self):
        self.csv("a1.csv", ["1", "Ann", "Lee", "ann@example.org"])
        process = self.watch(interval="1s")
        self.wait_for(lambda: self.imports() == ["done"], "the whole file")
        with open(self.p.path("in/a2.csv"), "w") as f:
            f.write(",".join(HEADER) + "\n")
            for i in range(30):
                f.write(f"b{i},Bob,Ray,bob{i}@example.org\n")
                f.flush()
                time.sleep(0.1)
        self.assertEqual(self.imports(), ["done"], "nothing of half a file")
        self.wait_for(lambda: self.imports() == ["done"] * 2, "the file when it is whole")
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(31,)])
        self.assertIn("still being written, left for the next round: ", stop(process, signal.SIGTERM).stderr)

    def test_a_snapshot_is_left_as_a_whole(self):
        self.p.plan(PLAN % ", mode: snapshot")
        self.csv("a1.csv", ["1", "Ann", "Lee", "ann@example.org"])
        self.csv("a2.csv", ["2", "Bob", "Ray", "bob@example.org"])
        first = self.p.migrate("watch", "plan.yaml", "--once")
        self.assertEqual(first.code, 0, first)
        self.csv("a1.csv", ["1", "Ann", "Lee", "new@example.org"])
        self.p.path("in/a2.csv").touch()
        self.assertEqual(self.p.migrate("watch", "plan.yaml", "--once").code, 0)
        self.assertEqual(self.p.query("SELECT count(*), count(gone_import) FROM record"), [(2, 0)])
        old(self.p.path("in/a2.csv"))
        self.assertEqual(self.p.migrate("watch", "plan.yaml", "--once").code, 0)
        self.assertEqual(self.p.query("SELECT count(*), count(gone_import), sum(email = 'new@example.org') FROM record"),
                         [(2, 0, 1)])

    def test_rows_that_come_to_a_database(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, name)", "t", [(1, "Ann Lee")])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
        process = self.watch()
        self.wait_for(lambda: self.imports() == ["done"], "what is there")
        self.p.sqlite("old.db", "INSERT INTO t VALUES (2, 'Bob Ray')")
        self.wait_for(lambda: self.imports() == ["done"] * 2, "the new row")
        self.assertEqual(stop(process, signal.SIGTERM).code, 0)

    def test_errors_are_told_and_tried_again(self):
        self.csv("a1.csv", ["1", "Ann", "Lee", "ann@example.org"])
        self.p.write("in/a2.csv", "who,what\n1,2\n")
        old(self.p.path("in/a2.csv"))
        process = self.watch()
        time.sleep(2)
        self.assertEqual(self.imports(), [])
        self.p.path("in/a2.csv").unlink()
        self.wait_for(lambda: self.imports() == ["done"], "when the file is mended")
        ended = stop(process, signal.SIGTERM)
        self.assertEqual(ended.code, 0)
        self.assertIn("a2.csv", ended.stderr)
        self.assertIn("trying again in", ended.stderr)

    def test_status_tells_of_it_between_two_rounds(self):
        process = self.watch(interval="1h")

        def waits():
            found = self.p.migrate("status", "plan.yaml", "--json").json().get("watch", {})
            return found if found.get("state") == "waiting" else None
        self.wait_for(lambda: waits() or process.poll() is not None, "the first round")
        found = waits()
        self.assertEqual((found["pid"], found["interval_seconds"]), (process.pid, 3600))
        self.assertGreater(found["next_at"], found["since"])
        text = self.p.migrate("status", "plan.yaml").stdout
        self.assertIn("running    no: a watch waits for what comes", text)
        self.assertIn(f"watch      process {process.pid} of ", text)
        self.assertIn(f"every 3600 s, looks at {found['next_at']}", text)
        self.assertEqual(stop(process).code, -signal.SIGKILL)
        self.assertNotIn("watch", self.p.migrate("status", "plan.yaml", "--json").json())
        process = self.watch()
        self.wait_for(lambda: waits() or process.poll() is not None, "the first round")
        self.assertEqual(stop(process, signal.SIGTERM).code, 0)
        self.assertIn("running    no\n", self.p.migrate("status", "plan.yaml").stdout)

    def test_once(self):
        self.assertEqual(self.p.migrate("watch", "plan.yaml", "--once").code, 0)
        self.csv("a1.csv", ["1", "Ann", "Lee", "ann@example.org"], ["", "Bob", "Ray", "b@example.org"])
        result = self.p.migrate("watch", "plan.yaml", "--once", "--json")
        self.assertEqual((result.code, json.loads(result.stdout)),
                         (3, {"schema": 1, "ok": True, "exit_code": 3, "imports": 1}))
        self.assertEqual(json.loads(self.p.migrate("watch", "plan.yaml", "--once", "--json").stdout)["imports"], 0)
        self.p.write("plan.yaml", "name: [")
        self.assertEqual(self.p.migrate("watch", "plan.yaml", "--once").code, 2)

    def test_stopped_in_a_round_it_is_resumed(self):
        self.p.write_csv("in/a1.csv", HEADER, [[str(i), "Ann", f"Lee{i}", f"a{i}@example.org"] for i in range(60000)])
        old(self.p.path("in/a1.csv"))
        process = self.watch()
        self.wait_for(lambda: self.p.target().exists() or process.poll() is not None, "the round")
        ended = stop(process, signal.SIGTERM)
        self.assertEqual(ended.code, 0, ended)
        self.assertIn("stopping after the chunk at hand", ended.stderr)
        again = self.p.migrate("watch", "plan.yaml", "--once")
        self.assertEqual(again.code, 0, again)
        self.assertEqual(self.p.query("SELECT count(*) FROM record"), [(60000,)])
        self.assertEqual(self.imports()[-1], "done")


if __name__ == "__main__":
    unittest.main()
