"""What the end-to-end tests share: a project in a temporary folder, the executable, its exports and its tables.

The executable is build/migrate of the repository, or the one that the environment variable MIGRATE names.
MIGRATE_TEST_ALL=1 widens the samples of test_crash and test_damage to hundreds.
"""
import csv
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MIGRATE = os.environ.get("MIGRATE") or str(ROOT / "build" / "migrate")
ALL = os.environ.get("MIGRATE_TEST_ALL") == "1"
SLOWED = int(os.environ.get("MIGRATE_TEST_SLOWED", "1"))  # how many times, by a sanitizer: what is a matter of time waits so much longer
BUILT_IN = ("full_name first_name middle_name last_name suffix sex birth_date email phone street unit city state zip "
            "address country national_id updated_at opt_out").split()

# Hundreds of small databases are written and synced: in memory where there is a place for it, unless TMPDIR says otherwise.
TEMPORARY = "/dev/shm" if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK) else None

# Times, hosts and operators differ between two runs that are otherwise the same; so do attempts and their events.
UNEQUAL_TABLES = {"audit_event", "audit_head", "checkpoint"}
UNEQUAL_COLUMNS = {("import", c) for c in ("started_at", "finished_at", "host", "operator")} | {("reconciliation", "at"), ("quarantine_fix", "at")}


class Result:
    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    def json(self):
        return json.loads(self.stdout)

    def __str__(self):
        return f"exit {self.code}\n--- stdout\n{self.stdout[:3000]}\n--- stderr\n{self.stderr[:3000]}"


def record_id(source, key):
    digest = hashlib.sha256(f"{source}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") & (2**63 - 1)


def payload(row):
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def row_sha256(source, key, payload_bytes):
    return hashlib.sha256(f"{source}\0{key}\0".encode() + payload_bytes).digest()


def parse_csv(text):
    """(header, rows as dicts); every row must have as many fields as the header."""
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert rows, "an export has a header"
    for row in rows[1:]:
        assert len(row) == len(rows[0]), row
    return rows[0], [dict(zip(rows[0], row)) for row in rows[1:]]


def timeless(result):
    """A reconciliation's result without its time and the number of audit events, which counts attempts."""
    result = json.loads(result)
    del result["at"]
    for check in result["checks"]:
        if check["name"] == "audit chain":
            del check["detail"]
    return json.dumps(result, sort_keys=True)


def links_order(row):
    return row["source"].encode(), row["source_key"].encode()


class Project:
    """A folder with sources and a plan. OUT, a folder in it, takes workspace and target, so that one project can be run
    several times side by side."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.plan_file = self.folder / "plan.yaml"

    def path(self, name):
        return self.folder / name

    def write(self, name, data):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def write_csv(self, name, header, rows, **kw):
        text = io.StringIO(newline="")
        writer = csv.writer(text, **kw)
        writer.writerows([header, *rows])
        return self.write(name, text.getvalue())

    def write_gzip(self, name, data):
        return self.write(name, gzip.compress(data.encode() if isinstance(data, str) else data, mtime=0))

    def sqlite(self, name, script, table=None, rows=()):
        """Makes or changes a SQLite source: a script, then rows for one table."""
        with sqlite3.connect(self.path(name)) as db:
            db.executescript(script)
            if rows:
                db.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        db.close()
        return self.path(name)

    def plan(self, sources, extra="", name="p"):
        """Writes plan.yaml; `sources` is the YAML below `sources:`, already indented by two."""
        self.write("plan.yaml", f"name: {name}\nworkspace: ${{OUT}}/ws\ntarget: {{url: \"sqlite:${{OUT}}/people.db\"}}\n"
                                f"sources:\n{sources.rstrip()}\n{extra}\n")

    def environment(self, out="out", env=None):
        self.path(out).mkdir(exist_ok=True)
        return {**os.environ, "OUT": str(self.path(out)), "TMPDIR": str(self.folder), **(env or {})}

    def migrate(self, *args, out="out", env=None, timeout=300):
        p = subprocess.run([MIGRATE, *map(str, args)], env=self.environment(out, env), cwd=self.folder, timeout=timeout,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return Result(p.returncode, p.stdout.decode("utf-8", "surrogateescape"), p.stderr.decode("utf-8", "surrogateescape"))

    def run(self, *args, expect=(0, 3), **kw):
        """migrate run; checks the exit code."""
        result = self.migrate("run", self.plan_file, *args, **kw)
        if result.code not in ((expect,) if isinstance(expect, int) else expect):
            raise AssertionError(f"run {args}: expected exit {expect}: {result}")
        return result

    def start(self, *args, out="out", env=None):
        """Starts migrate and does not wait."""
        return subprocess.Popen([MIGRATE, *map(str, args)], env=self.environment(out, env), cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def export_text(self, what, *args, out="out"):
        result = self.migrate("export", what, self.plan_file, *args, out=out)
        if result.code != 0:
            raise AssertionError(f"export {what}: {result}")
        return result.stdout

    def export(self, what, *args, out="out"):
        return parse_csv(self.export_text(what, *args, out=out))[1]

    def exports(self, out="out"):
        return {what: self.export_text(what, out=out) for what in ("links", "persons", "rejects")}

    def clusters(self, out="out"):
        """The persons as sets of (source, source_key)."""
        persons = {}
        for row in self.export("links", out=out):
            persons.setdefault(row["person_id"], set()).add((row["source"], row["source_key"]))
        return {frozenset(members) for members in persons.values()}

    def target(self, out="out"):
        return self.path(out) / "people.db"

    def query(self, sql, *values, out="out"):
        db = sqlite3.connect(f"file:{self.target(out)}?mode=ro", uri=True)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def execute(self, sql, *values, out="out"):
        db = sqlite3.connect(self.target(out))
        try:
            with db:
                return db.execute(sql, values).rowcount
        finally:
            db.close()

    def report(self, n=1, out="out"):
        return json.loads((self.path(out) / "ws" / "reports" / f"{n}.json").read_text())

    def tables(self, out="out", leave_out=(), all_columns=False):
        """Every table in canonical order; without what differs between equal runs, unless all_columns."""
        db = sqlite3.connect(f"file:{self.target(out)}?mode=ro", uri=True)
        db.text_factory = bytes
        try:
            names = [n.decode() for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            result = {}
            for name in names:
                if name in leave_out or (not all_columns and name in UNEQUAL_TABLES):
                    continue
                columns = [c[1].decode() for c in db.execute(f"PRAGMA table_info({name})")]
                if not all_columns:
                    columns = [c for c in columns if (name, c) not in UNEQUAL_COLUMNS]
                rows = db.execute(f"SELECT {','.join(columns)} FROM {name}").fetchall()
                if name == "setting" and not all_columns:
                    rows = [r for r in rows if not r[0].startswith((b"run_key", b"lease", b"persons_stamp"))]
                if name == "reconciliation" and not all_columns:
                    # Who was stopped behind it reconciles once more: the last word on each import counts.
                    rows = list({r[1]: (*r[1:-1], timeless(r[-1])) for r in rows}.values())
                result[name] = sorted(rows, key=repr)
            return result
        finally:
            db.close()

    def listing(self, *names):
        """Every file below the folders, with content, mode and time of change."""
        found = {}
        for name in names or (".",):
            for path in sorted(self.path(name).rglob("*")):
                s = path.lstat()
                content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
                found[str(path)] = (s.st_mode, s.st_mtime_ns, content)
        return found


class Case(unittest.TestCase):
    """A test with a project of its own, removed at the end."""

    def setUp(self):
        self.p = self.make_project()

    @classmethod
    def make_class_project(cls):
        folder = tempfile.mkdtemp(prefix="migrate-e2e-", dir=TEMPORARY)
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        return Project(folder)

    def make_project(self):
        folder = tempfile.mkdtemp(prefix="migrate-e2e-", dir=TEMPORARY)
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return Project(folder)

    def assert_fails(self, result, code, *words):
        """The promise for every failure: its code, one clear message on stderr, nothing on stdout."""
        self.assertEqual(result.code, code, str(result))
        self.assertEqual(result.stdout, "", str(result))
        self.assertTrue(result.stderr.strip(), "a message on stderr")
        for word in words:
            self.assertIn(word, result.stderr)
        for trace in ("terminate called", "what():", "Sanitizer", "std::", "core dumped", "Assertion"):
            self.assertNotIn(trace, result.stderr)
        self.assertLess(len(result.stderr.splitlines()), 40, result.stderr)

    def assert_message(self, section, means, text, expected):
        """A message verbatim. Collected for docs/messages.md (tests/messages.py) if MIGRATE_MESSAGES names a file."""
        self.assertEqual(text, expected)
        if "MIGRATE_MESSAGES" in os.environ:
            with open(os.environ["MIGRATE_MESSAGES"], "a", encoding="utf-8") as f:
                f.write(json.dumps({"section": section, "means": means, "text": text}) + "\n")

    def assert_same_tables(self, first, second):
        self.assertEqual(sorted(first), sorted(second))
        for name in first:
            if first[name] == second[name]:
                continue
            gone = [r for r in first[name] if r not in second[name]][:3]
            new = [r for r in second[name] if r not in first[name]][:3]
            self.fail(f"table {name} differs: {len(first[name])} and {len(second[name])} rows\n only first: {gone}\n"
                      f" only second: {new}")


def stop(process, sig=signal.SIGKILL):
    """Ends a process that start() began; returns its exit code and output."""
    if process.poll() is None:
        process.send_signal(sig)
    out, err = process.communicate(timeout=120)
    return Result(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
