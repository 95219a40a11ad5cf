"""A source that is written, cut, rewritten or replaced while it is read (where strace is there to stop the run at a call).

The run is stopped at one of its calls on the file, the file is changed, the run goes on. It must either say that the file
changed and load nothing, or load exactly one of both contents, under that content's digest and keys; and the next run must
end where the new content is. MIGRATE_TEST_ALL=1 takes every change at every call.
"""
import concurrent.futures
import hashlib
import itertools
import os
import re
import signal
import sqlite3
import subprocess
import time
import unittest

from common import ALL, MIGRATE, Case, Project, payload
from test_crash_points import strace_works
from wild.case import position_key

ROWS = [[f"{i}", f"Ann{'abcdefgh'[i % 8]} Lee", "x" * 65_000] for i in range(1, 41)]  # 2.6 MB: read in several calls


def text(rows):
    return ("id,name,note\n" + "".join(",".join(row) + "\n" for row in rows)).encode()


OTHERS = [[i, name.replace("Ann", "Bob"), note] for i, name, note in ROWS]


def append(path):
    with path.open("ab") as file:
        file.write(b"99,Zoe Ray,new\n")
    return [*ROWS, ["99", "Zoe Ray", "new"]]


def truncate(path):
    os.truncate(path, len(text(ROWS[:20])))
    return ROWS[:20]


def rewrite(path):
    with path.open("r+b") as file:
        file.write(text(OTHERS))
    return OTHERS


def replace(path):
    new = path.with_name("new")
    new.write_bytes(text(OTHERS))
    new.rename(path)
    return OTHERS


def remove(path):
    path.unlink()


CHANGES = (append, truncate, rewrite, replace, remove)


class Stopped:
    """A run that is stopped at the n-th `call` on the file; then it is changed, and the run goes on."""

    def __init__(self, project, file, call, n):
        self.log = project.path("strace.log")
        command = ["strace", "-f", "-qq", "-o", self.log, "-P", file, "-e", "trace=openat,pread64",
                   "-e", f"inject={call}:signal=SIGSTOP:when={n}", MIGRATE, "run", "plan.yaml", "--quiet", "--threads",
                   "1"]
        self.process = subprocess.Popen(command, env=project.environment(), cwd=project.folder,
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.stopped = self.wait()

    def wait(self):
        while self.process.poll() is None:
            found = re.search(r"^(\d+) +--- stopped by SIGSTOP ---", self.log.read_text() if self.log.exists() else "",
                              re.M)
            if found:
                return int(found[1])
            time.sleep(0.005)
        return None

    def finish(self):
        if self.stopped:
            os.kill(self.stopped, signal.SIGCONT)
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, err


def calls_of(project, file):
    """{call: how often the run makes it on the file}"""
    log = project.path("calls.log")
    subprocess.run(["strace", "-f", "-qq", "-o", log, "-P", file, "-e", "trace=openat,pread64", MIGRATE, "run",
                    "plan.yaml", "--quiet", "--threads", "1"],
                   env=project.environment("count"), cwd=project.folder, stdin=subprocess.DEVNULL, capture_output=True,
                   check=True)
    lines = [line.split(None, 1) for line in log.read_text().splitlines() if "(" in line and "resumed>" not in line]
    main = [call.split("(")[0] for pid, call in lines if pid == lines[0][0]]
    return {call: main.count(call) for call in set(main)}


if strace_works():
    class Changes(Case):
        def project(self, number, make):
            p = Project(self.p.path(f"c{number:03}"))
            p.folder.mkdir()
            make(p)
            return p

        def each(self, points, check):
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for point, fault in zip(points, pool.map(check, range(len(points)), points)):
                    with self.subTest(str(point)):
                        self.assertIsNone(fault)

        def csv(self, p):
            p.write("in.csv", text(ROWS))
            os.utime(p.path("in.csv"), (1e9, 1e9))
            p.plan("  a: {type: csv, path: in.csv, fields: {full_name: name}}")

        def loaded(self, p):
            """{source_key: payload}, and the digests of the files that were read"""
            if not p.target().exists():
                return {}, []
            rows = {key: bytes(data) for key, data in p.query("SELECT source_key, payload FROM record")}
            return rows, [sha for sha,
                          in p.query("SELECT sha256 FROM import_file WHERE state = 'imported' ORDER BY import_id")]

        def expected(self, rows):
            data = text(rows)
            return {position_key(data, n): payload(row) for n, row in enumerate(rows,
                1)}, hashlib.sha256(data).hexdigest()

        def check_csv(self, number, point):
            change, call, n = point
            p = self.project(number, self.csv)
            path = p.path("in.csv")
            run = Stopped(p, path, call, n)
            if not run.stopped:
                return f"never stopped: {run.finish()}"
            rows = change(path)
            code, message = run.finish()
            old, new = self.expected(ROWS), self.expected(rows) if rows else ({}, "")
            found, digests = self.loaded(p)
            if code == 1:
                if "in.csv" not in message or found:
                    return f"exit 1, {len(found)} rows loaded: {message}"
            elif code == 2 and rows is None:
                if found:
                    return f"exit 2, {len(found)} rows loaded"
            elif code != 0 or (found, digests) not in [(old[0], [old[1]]), (new[0], [new[1]])]:
                keys = {key.split("#")[0] for key in found}
                return f"exit {code}, {len(found)} rows with keys {keys}, digests {digests}; old {old[1]}, new {new[1]}; {message}"
            if rows is None:
                return None
            before = found
            again = p.migrate("run", "plan.yaml", "--quiet")
            found, _ = self.loaded(p)
            return None if again.code == 0 and found == {**before,
                                                         **new[0]} else f"the next run: {len(found)} rows, {again}"

        def test_a_csv_file_changed_at_any_call_is_noticed_or_read_whole(self):
            calls = calls_of(self.project(0, self.csv), self.p.path("c000/in.csv"))
            points = [(call, n) for call in sorted(calls) for n in range(1, calls[call] + 1)]
            self.assertGreater(len(points), 8)
            if ALL:
                points = [(change, *point) for change, point in itertools.product(CHANGES, points)]
            else:
                points = [(change, *point) for change, point in zip(itertools.cycle(CHANGES), points)]
            self.each([None, *points], lambda number, point: point and self.check_csv(number, point))

        def sqlite(self, mode):
            def make(p):
                p.sqlite("in.db", f"PRAGMA page_size = 512; PRAGMA journal_mode = {mode}; CREATE TABLE t (id INTEGER PRIMARY KEY, name)", "t",
                         [(i, f"Ann{'abcdefgh'[i % 8]} Lee") for i in range(1, 2001)])
                p.plan("  a: {type: sqlite, path: in.db, table: t, key: id, fields: {full_name: name}}")
            return make

        def check_sqlite(self, number, point):
            mode, n = point
            p = self.project(number, self.sqlite(mode))
            path = p.path("in.db")
            keep = sqlite3.connect(path) if mode == "wal" else None  # a log lies beside it as long as someone has it open
            if keep:
                keep.execute("UPDATE t SET name = 'Ann Poe' WHERE id = 1")
                keep.commit()
            run = Stopped(p, path, "pread64", n)
            if not run.stopped:
                run.finish()
                return None  # fewer calls: all was read
            db = sqlite3.connect(path, timeout=0)
            try:
                with db:
                    db.execute("UPDATE t SET name = 'Bob Ray'")
                wrote = True
            except sqlite3.OperationalError:
                wrote = False  # the reader's lock keeps the writer out
            db.close()
            code, message = run.finish()
            names = {name == "Bob Ray" for name,
                     in p.query("SELECT trim(coalesce(first_name, '') || ' ' || last_name) FROM record")} if p.target().exists() else set()
            if keep:
                keep.close()
            if code == 1 and not names:
                return None if "in.db" in message else message
            if code != 0 or len(names) != 1:
                return f"exit {code}, a mixture of old and new rows: {names}, {message}"
            again = p.migrate("run", "plan.yaml", "--quiet")
            now = p.query("SELECT count(*) FROM record WHERE first_name = 'Bob'")[0][0]
            return None if again.code == 0 and now == (2000 if wrote else 0) else f"the next run: {now} rows, {again}"

        def test_a_table_that_a_writer_changes_is_one_state(self):
            points = [(mode, n) for mode in ("delete", "wal") for n in ((1, 3, 5, 9, 17, 33, 65) if ALL else (2, 9,
                33))]
            self.each(points, self.check_sqlite)


if __name__ == "__main__":
    unittest.main()
