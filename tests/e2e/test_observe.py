"""Watching a run from outside: log, metrics file, stall watchdog, status of a run that goes on, command at the end."""
import json
import os
import pathlib
import re
import signal
import sqlite3
import stat
import time
import unittest

from common import SLOWED, Case, Result, stop

PLAN = "  a: {type: csv, path: \"a*.csv\", key: id, fields: {full_name: name, email: mail}}"
HEADER = ["id", "name", "mail"]
STAGES = ["extract", "normalize", "load", "dedupe", "reconcile"]


def rows(n, first=1):
    return [[str(i), f"Ann Lee{i}", f"ann{i}@example.org"] for i in range(first, first + n)]


METRIC = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)')
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?Inf|NaN")


def parse_metrics(data):
    """A strict reader of Prometheus' text format: {(name, frozenset of labels): value}. What its own parsers would
    refuse or guess at is an AssertionError."""
    text = data.decode("utf-8")
    assert text.endswith("\n") and "\r" not in text
    found, types, helped, closed, current = {}, {}, set(), set(), None
    for line in text[:-1].split("\n"):
        if line.startswith("# "):
            kind, name, rest = line[2:].split(" ", 2)
            assert kind in ("HELP", "TYPE"), line
            if name != current:
                closed.add(current)
                current = name
            assert name not in closed, f"{name}: its lines stand apart"
            if kind == "HELP":
                assert name not in helped and name not in types, line
                helped.add(name)
                assert re.fullmatch(r"(?:[^\\\n]|\\\\|\\n)+", rest), line
            else:
                assert name not in types and rest in ("counter", "gauge", "histogram", "summary", "untyped"), line
                types[name] = rest
            continue
        m = METRIC.fullmatch(line)
        assert m, line
        name, labels, value = m.groups()
        assert name == current and name in types and name in helped, f"{line}: no HELP and TYPE before it"
        assert NUMBER.fullmatch(value), line
        pairs, at = [], 0
        while labels and at < len(labels):
            p = LABEL.match(labels, at)
            assert p, line
            pairs.append((p[1], p[2].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")))
            at = p.end()
        assert len({k for k, _ in pairs}) == len(pairs), line
        key = (name, frozenset(pairs))
        assert key not in found, f"{line}: twice"
        found[key] = float(value)
    for name, kind in types.items():
        assert (kind == "counter") == name.endswith("_total"), f"{name}: a {kind}"
    return found


class StrictParser(unittest.TestCase):
    def test_it_refuses_what_is_no_metrics_file(self):
        good = b'# HELP m x\n# TYPE m gauge\nm{a="b"} 1\n'
        self.assertEqual(parse_metrics(good), {("m", frozenset({("a", "b")})): 1})
        for bad in (b'm 1\n', good[:-1], good + good, good.replace(b"gauge", b"gouge"), good.replace(b'"b"', b'b'),
                    good.replace(b'"b"', b'"b\\x"'), good.replace(b" 1\n", b" one\n"), good.replace(b'm{', b'1m{'),
                    good + b'm{a="b"} 2\n', good.replace(b"gauge", b"counter"), good.replace(b'a="b"', b'a="b",a="c"')):
            with self.subTest(bad), self.assertRaises((AssertionError, ValueError)):
                parse_metrics(bad)


class Watched(Case):
    def setUp(self):
        super().setUp()
        self.p.write_csv("a1.csv", HEADER, rows(50))
        self.p.write("a2.csv", "id,name,mail\n51,Bob Ray,bob@example.org\n,No Key,no@example.org\n")
        self.p.plan(PLAN)

    def metrics(self, name="m.prom"):
        return parse_metrics(self.p.path(name).read_bytes())

    def value(self, metrics, name, **labels):
        return metrics[(name, frozenset({"plan": "p", **labels}.items()))]

    def log(self, name="run.log"):
        return [json.loads(line) for line in self.p.path(name).read_text().splitlines()]

    def held_run(self, *args):
        """A run that loads 20,000 rows in many commits, and a reader whose transaction holds the next of them up:
        (process, the reader's connection)."""
        self.p.run()
        self.p.write_csv("a3.csv", HEADER, rows(20_000, 1000))
        run = self.p.start("run", "plan.yaml", *args, env={"MIGRATE_CHUNK_ROWS": "50"})
        db = sqlite3.connect(self.p.target(), isolation_level=None, timeout=60)
        self.addCleanup(db.close)
        count = "SELECT count(*) FROM record"
        before = db.execute(count).fetchone()[0]
        self.wait_for(lambda: db.execute(count).fetchone()[0] > before, run)
        db.execute("BEGIN")
        db.execute(count).fetchone()
        return run, db

    def wait_for(self, what, run, seconds=60):
        end = time.monotonic() + seconds
        while not what():
            if run.poll() is not None or time.monotonic() > end:
                self.fail(f"it did not come: {stop(run)}")
            time.sleep(0.05)


class Log(Watched):
    def test_json_lines_tell_the_run(self):
        self.p.run("--log", "run.log", "--log-format", "json")
        lines = self.log()
        self.assertEqual(len({line["run"] for line in lines}), 1)
        self.assertTrue(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in lines))
        self.assertTrue(all(line["plan"] == "p" and line["level"] in ("debug", "info", "warning", "error") for line in lines))
        self.assertEqual([line["stage"] for line in lines if line["event"] == "stage_done"], STAGES)
        begun, ended = lines[0], lines[-1]
        self.assertEqual((begun["event"], begun["dry_run"]), ("run_begun", 0))
        self.assertEqual((ended["event"], ended["exit_code"], ended["import"]), ("run_ended", 3, 1))
        self.assertEqual([line["rows"] for line in lines if line["event"] == "stage_done"][:3], [52, 51, 51])
        self.assertEqual(stat.S_IMODE(self.p.path("run.log").stat().st_mode), 0o600)
        # A second run appends, under an id of its own.
        self.p.run("--log", "run.log", "--log-format", "json")
        self.assertEqual(self.log()[:len(lines)], lines)
        self.assertEqual(len({line["run"] for line in self.log()}), 2)

    def test_text_is_a_line_an_event_and_levels_leave_out(self):
        self.p.run("--log", "run.log")
        text = self.p.path("run.log").read_text()
        self.assertRegex(text, r"(?m)^\S+Z info run=[0-9a-f]{16} plan=p extract: 52 rows read")
        self.assertNotIn("\n\n", text)
        self.p.run("--log", "quiet.log", "--log-level", "error")
        self.assertEqual(self.p.path("quiet.log").read_text(), "")

    def test_errors_say_where_why_and_what_to_do(self):
        self.p.path("out").mkdir(exist_ok=True)
        self.p.target().write_text("this is no database, but it is long enough to be taken for one" * 20)
        result = self.p.migrate("run", "plan.yaml", "--log", "run.log", "--log-format", "json")
        self.assertNotIn(result.code, (0, 3))
        error = [line for line in self.log() if line["event"] == "error"]
        self.assertEqual(len(error), 1)
        self.assertEqual((error[0]["level"], error[0]["exit_code"]), ("error", result.code))
        self.assertIn("people.db", error[0]["text"])
        self.assertIn(error[0]["text"], result.stderr)
        self.assertTrue(error[0]["hint"])

    def test_a_plan_that_cannot_be_read_is_logged_too(self):
        self.p.write("plan.yaml", "name: p\nnope: 1\n")
        result = self.p.migrate("run", "plan.yaml", "--log", "run.log", "--log-format", "json", "--metrics", "m.prom")
        self.assertEqual(result.code, 2)
        error = self.log()[-1]
        self.assertEqual((error["event"], error["exit_code"]), ("error", 2))
        self.assertIn("nope", error["text"])
        found = parse_metrics(self.p.path("m.prom").read_bytes())
        self.assertEqual(found[("migrate_run_exit_code", frozenset({("plan", "plan")}))], 2)

    def test_neither_secrets_nor_values_of_persons(self):
        self.p.write("plan.yaml", "name: p\nworkspace: ${OUT}/ws\ntarget: {url: \"sqlite:${OUT}/people.db\"}\n"
                                  f"sources:\n{PLAN}\n  s: {{type: mysql, url: \"mysql://u@127.0.0.1:1/d\", "
                                  "password: {env: DB_PASSWORD}, table: t, key: id, fields: {email: e}}\n")
        secret = "hunter2-very-secret"
        result = self.p.migrate("run", "plan.yaml", "--log", "run.log", "--log-level", "debug", env={"DB_PASSWORD": secret})
        self.assertEqual(result.code, 1, str(result))
        self.p.plan(PLAN)
        self.p.run("--log", "run.log", "--log-level", "debug", "--metrics", "m.prom", out="two")
        self.p.execute("UPDATE record SET last_name = 'Tampered' WHERE source_key = '7'", out="two")
        self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--log", "run.log", out="two")
        text = self.p.path("run.log").read_text()
        self.assertIn("mismatch", text.lower())
        self.assertIn("127.0.0.1", text)
        for word in (secret, "Ann", "Lee7", "ann7@", "Tampered", "bob@"):
            self.assertNotIn(word, text)
            self.assertNotIn(word, self.p.path("m.prom").read_text())

    def test_a_crash_leaves_what_was_written(self):
        run, holder = self.held_run("--log", "run.log", "--log-format", "json")
        self.wait_for(lambda: self.p.path("run.log").exists() and "normalize" in self.p.path("run.log").read_text(), run)
        stop(run, signal.SIGKILL)
        holder.close()
        events = [line.get("stage") for line in self.log() if line["event"] == "stage_done"]
        self.assertEqual(events, ["extract", "normalize"])

    def test_a_log_that_cannot_be_opened_stops_the_run_before_it_begins(self):
        result = self.p.migrate("run", "plan.yaml", "--log", "no/such/folder/run.log")
        self.assert_fails(result, 2, "no/such/folder/run.log: cannot open the log: No such file or directory")
        self.assertFalse(self.p.target().exists())
        result = self.p.migrate("run", "plan.yaml", "--metrics", "no/such/folder/m.prom")
        self.assert_fails(result, 2, "no/such/folder/m.prom")

    def test_a_full_disk_under_the_log_ends_nothing(self):
        result = self.p.run("--log", "/dev/full")
        self.assertIn("warning: /dev/full: the log cannot be written", result.stderr)


class Metrics(Watched):
    def test_what_a_run_leaves(self):
        before = time.time()
        self.p.run("--metrics", "m.prom")
        m = self.metrics()
        self.assertEqual(self.value(m, "migrate_run_exit_code"), 3)
        self.assertEqual(self.value(m, "migrate_run_active"), 0)
        self.assertEqual(self.value(m, "migrate_import"), 1)
        self.assertEqual(self.value(m, "migrate_open_rejects"), 1)
        self.assertEqual(self.value(m, "migrate_rows", stage="extract", source="a", outcome="read"), 51)
        self.assertEqual(self.value(m, "migrate_rows", stage="extract", source="a", outcome="quarantined"), 1)
        self.assertEqual(self.value(m, "migrate_rows", stage="normalize", source="a", outcome="normalized"), 51)
        self.assertEqual(self.value(m, "migrate_rows", stage="load", source="a", outcome="inserted"), 51)
        self.assertEqual(self.value(m, "migrate_persons", kind="total"), 51)
        self.assertEqual(self.value(m, "migrate_persons", kind="created"), 51)
        self.assertEqual(self.value(m, "migrate_source_bytes", source="a"),
                         sum(self.p.path(f).stat().st_size for f in ("a1.csv", "a2.csv")))
        for stage in STAGES:
            self.assertGreaterEqual(self.value(m, "migrate_stage_seconds", stage=stage), 0)
        self.assertGreater(self.value(m, "migrate_resident_memory_bytes"), 1 << 20)
        self.assertGreaterEqual(self.value(m, "migrate_last_success_timestamp_seconds"), before - 1)
        self.assertEqual(stat.S_IMODE(self.p.path("m.prom").stat().st_mode) & 0o600, 0o600)
        self.assertFalse(self.p.path("m.prom.tmp").exists())

    def test_a_failure_keeps_the_last_success(self):
        self.p.run("--metrics", "m.prom")
        success = self.value(self.metrics(), "migrate_last_success_timestamp_seconds")
        self.p.execute("UPDATE record SET last_name = 'X' WHERE source_key = '7'")
        self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--metrics", "m.prom")
        m = self.metrics()
        self.assertEqual(self.value(m, "migrate_run_exit_code"), 4)
        self.assertEqual(self.value(m, "migrate_last_success_timestamp_seconds"), success)

    def test_names_that_need_escapes(self):
        self.p.write("plan.yaml", self.p.plan_file.read_text().replace("a*.csv", "a1.csv"))
        self.p.run("--metrics", "m \"1\".prom")
        parse_metrics(self.p.path("m \"1\".prom").read_bytes())

    def test_a_run_with_nothing_to_do_and_a_dry_run(self):
        self.p.run("--metrics", "m.prom")
        self.p.run("--metrics", "m.prom")
        m = self.metrics()
        self.assertEqual(self.value(m, "migrate_run_exit_code"), 3)
        self.p.run("--dry-run", "--metrics", "dry.prom")
        m = self.metrics("dry.prom")
        self.assertEqual(self.value(m, "migrate_run_dry_run"), 1)
        self.assertNotIn(("migrate_last_success_timestamp_seconds", frozenset({("plan", "p")})), m)


class Plan(Watched):
    def test_the_plan_says_the_same_and_options_go_before_it(self):
        self.p.plan(PLAN, "observe: {log: logs/p.log, log_format: json, metrics: p.prom, notify: 'echo $MIGRATE_EXIT > ended'}")
        self.p.path("logs").mkdir()
        hash_before = json.loads(self.p.migrate("explain", "plan.yaml", "--json").stdout)["resolved"]["hash"]
        self.p.run("--metrics", "typed.prom")
        self.assertEqual(self.log("logs/p.log")[-1]["event"], "run_ended")
        self.assertFalse(self.p.path("p.prom").exists())
        self.assertTrue(self.p.path("typed.prom").exists())
        self.assertEqual(self.p.path("ended").read_text(), "3\n")
        self.p.plan(PLAN)
        self.assertEqual(json.loads(self.p.migrate("explain", "plan.yaml", "--json").stdout)["resolved"]["hash"], hash_before)

    def test_a_dry_run_leaves_what_the_plan_says_alone(self):
        self.p.plan(PLAN, "observe: {log: p.log, metrics: p.prom, notify: 'touch ended'}")
        self.p.run("--dry-run")
        for name in ("p.log", "p.prom", "ended"):
            self.assertFalse(self.p.path(name).exists(), name)

    def test_explain_masks_the_command(self):
        self.p.plan(PLAN, "observe: {notify: 'curl https://example.org/secret-hook'}")
        for result in (self.p.migrate("explain", "plan.yaml"), self.p.migrate("explain", "plan.yaml", "--json")):
            self.assertEqual(result.code, 0, str(result))
            self.assertNotIn("secret-hook", result.stdout)


class Notify(Watched):
    NOTE = "env | grep ^MIGRATE_ | sort > note; printf %s \"$MIGRATE_SUMMARY\" > summary"

    def test_what_it_is_told(self):
        self.p.run("--notify", self.NOTE)
        note = dict(line.split("=", 1) for line in self.p.path("note").read_text().splitlines() if line.startswith("MIGRATE_"))
        self.assertEqual((note["MIGRATE_EXIT"], note["MIGRATE_IMPORT"]), ("3", "1"))
        self.assertEqual(pathlib.Path(note["MIGRATE_PLAN"]), self.p.plan_file)
        self.assertTrue(pathlib.Path(note["MIGRATE_REPORT"]).is_file())
        self.assertIn("import 1: 52 rows in = 51 loaded + 1 quarantined", self.p.path("summary").read_text())

    def test_it_does_not_get_the_passwords_of_the_plan(self):
        plan = self.p.path("plan.yaml").read_text()
        self.p.write("plan.yaml", plan.replace("target: {", "target: {password: {env: TOP_SECRET}, "))
        self.p.run("--notify", "env > note", env={"TOP_SECRET": "hunter2", "OTHER": "here"})
        note = self.p.path("note").read_text()
        self.assertIn("OTHER=here", note)
        self.assertNotIn("hunter2", note)

    def test_failures_are_told_too(self):
        self.p.write("plan.yaml", "name: [\n")
        result = self.p.migrate("run", "plan.yaml", "--notify", self.NOTE)
        self.assertEqual(result.code, 2)
        self.assertIn("MIGRATE_EXIT=2\n", self.p.path("note").read_text())
        self.assertIn("plan.yaml", self.p.path("summary").read_text())

    def test_its_own_failure_is_a_warning(self):
        result = self.p.run("--notify", "echo no route >&2; exit 7")
        self.assertIn("warning: the notify command ended with exit code 7: no route", result.stderr)
        result = self.p.run("--notify", "kill -9 $$")
        self.assertIn("warning: the notify command ended with signal 9", result.stderr)

    def test_what_it_prints_does_not_disturb_json(self):
        result = self.p.run("--json", "--notify", "echo hello; echo hello >&2")
        self.assertEqual(result.json()["exit_code"], 3)
        for line in result.stderr.splitlines():
            json.loads(line)

    def test_it_may_run_migrate_itself(self):
        self.p.run("--notify", f"{os.environ.get('MIGRATE') or 'true'} status plan.yaml > status.txt || exit 1")
        if os.environ.get("MIGRATE"):
            self.assertIn("running    no", self.p.path("status.txt").read_text())


class Stall(Watched):
    """A reader of the target that does not end keeps the commits of a run waiting: nothing moves."""

    def test_it_says_where_and_goes_on_when_it_can(self):
        run, holder = self.held_run("--stall-after", f"{700 * SLOWED}ms", "--log", "run.log", "--log-format", "json",
                                    "--metrics", "m.prom")
        self.wait_for(lambda: self.p.path("run.log").exists() and "no progress" in self.p.path("run.log").read_text(), run)
        self.wait_for(lambda: self.value(self.metrics(), "migrate_stalled") == 1, run)
        self.assertEqual(self.value(self.metrics(), "migrate_run_active"), 1)
        holder.close()
        result = stop_gently(run)
        self.assertEqual(result.code, 3, str(result))
        stalled = [line for line in self.log() if "no progress" in line.get("text", "")][0]
        self.assertEqual(stalled["level"], "warning")
        self.assertRegex(stalled["text"], r"no progress for \d+ s: (load|before the first stage).*the process waits; "
                                          r"worker \d+ for \d+ s: waiting for .*people\.db: `COMMIT`")
        self.assertIn("warning: " + stalled["text"], result.stderr)
        self.assertTrue(any("progress again" in line.get("text", "") for line in self.log()))
        self.assertEqual(self.value(self.metrics(), "migrate_stalled"), 0)

    def test_status_of_a_run_that_goes_on(self):
        run, holder = self.held_run("--stall-after", f"{500 * SLOWED}ms")
        status = {}

        def stalled():
            result = self.p.migrate("status", "plan.yaml", "--json")
            status.update(result.json())
            return status.get("now", {}).get("stalled")

        self.wait_for(stalled, run)
        now = status["now"]
        self.assertEqual(now["pid"], run.pid)
        self.assertIn(f"process {run.pid} of ", status["running"])
        self.assertEqual([s["stage"] for s in now["stages_done"]], ["extract", "normalize"])
        self.assertGreater(now["memory_bytes"], 1 << 20)
        text = self.p.migrate("status", "plan.yaml").stdout
        self.assertRegex(text, r"(?m)^finished   extract \(\d+ s\), normalize")
        self.assertRegex(text, r"(?m)^process    for \d+ s, \d+ MiB of memory")
        self.assertRegex(text, r"(?m)^STALLED    no progress for ")
        watch = self.p.start("status", "plan.yaml", "--watch", "--every", "0.1", "--json")
        time.sleep(0.5)
        holder.close()
        self.assertEqual(stop_gently(run).code, 3)
        seen = stop_gently(watch)
        self.assertEqual(seen.code, 0, str(seen))
        seen = [json.loads(line) for line in seen.stdout.splitlines()]
        self.assertGreater(len(seen), 1)
        self.assertTrue(any("now" in s for s in seen))
        self.assertIsNone(seen[-1]["running"])
        self.assertFalse((self.p.path("out") / "ws" / "status.json").exists())

    def test_status_after_a_kill_says_so(self):
        run, holder = self.held_run()
        self.wait_for(lambda: (self.p.path("out") / "ws" / "status.json").exists(), run)
        stop(run, signal.SIGKILL)
        holder.close()
        status = self.p.migrate("status", "plan.yaml", "--json").json()
        self.assertIsNone(status["running"])
        self.assertEqual(status["died"]["pid"], run.pid)
        self.assertIn("did not end by itself", self.p.migrate("status", "plan.yaml").stdout)
        self.p.run()
        self.assertNotIn("died", self.p.migrate("status", "plan.yaml", "--json").json())


def stop_gently(process):
    """Waits for the end that comes by itself."""
    out, err = process.communicate(timeout=120)
    return Result(process.returncode, out.decode(), err.decode())


if __name__ == "__main__":
    unittest.main()
