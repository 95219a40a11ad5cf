"""Trials of target_faults.py: a small input, an undisturbed run of it, and runs that are harmed and compared with that."""
import contextlib
import csv
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

import harm  # noqa: I001  (sets the path to the others)
import common

KIND = os.environ.get("MIGRATE_TEST_SERVER_KIND", "mysql80")
DATAGEN = os.environ.get("MIGRATE_DATAGEN") or str(pathlib.Path(common.MIGRATE).parent / "migrate-datagen")
ALL = common.ALL
SEED = int(os.environ.get("MIGRATE_TEST_SEED", "20260401"))
RECORDS, PARTITIONS, CHUNK_ROWS = 6000, 8, 100
SETTINGS = ["--innodb-buffer-pool-size=64M"]

# docs/aurora.md lists these; the tests run under them, and Grants checks that each is needed.
RUN_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
INDEX_RIGHTS = ("ALTER",)  # of the first run, which adds the indexes
SCHEMA_RIGHTS = ("CREATE", "SELECT", "INSERT", "DELETE")
READ_RIGHTS = ("SELECT",)

# What differs between two runs that are otherwise the same: times, hosts, operators and attempts. All else is compared.
VOLATILE_TABLES = {"audit_event"}  # one more event an attempt; its chain of hashes holds times
VOLATILE_COLUMNS = {"import": {"started_at", "finished_at", "host", "operator"}, "reconciliation": {"at", "result"}}
# Of the checkpoints of load: a chunk that was broken off is counted by the attempt that follows, or not.
# And those of control tables: digests over times, hosts and folders.
VOLATILE_CHECKPOINT = re.compile(r'"(chunks|duplicates)":[^"]*,|"import(_file)?":"[^"]*",')
HEX_COLUMNS = {"payload", "row_sha256", "raw", "digest", "value_hash", "hash", "more", "rows"}
TABLE = "== "  # begins no row: those begin with an id, a name or a hash
VOLATILE_SETTINGS = {"run_key"}  # names the moment at which the inputs were first seen

PLAN = """name: people
workspace: ${OUT}/ws
target: {url: "mysql://${LOADER}@127.0.0.1:${PORT}/${DB}", password: {env: LOADER_PASSWORD}, tls: {mode: "${TLS:-disabled}"}, partitions: %d}
sources:
  a:
    {type: csv, path: "a*.csv", key: id, fields: {first_name: first_name, last_name: last_name, birth_date: dob,
     email: email, phone: phone, street: street, city: city, state: state, zip: zip, updated_at: updated_at}}
  old:
    {type: sqlite, path: "${OLD}", table: contacts, key: id, fields: {first_name: fname, last_name: lname, suffix: suffix,
     sex: sex, birth_date: {column: born, format: "%%m/%%d/%%Y"}, email: mail, phone: [phone, phone2], street: addr1,
     unit: addr2, city: city, state: state, zip: zip, opt_out: do_not_contact, updated_at: changed}}
normalize: {country: US}
stages: [%s]
"""
STAGES = "extract, normalize, load, dedupe, reconcile"


def make_input(folder):
    """a.csv with a key that recurs and a row that cannot be split; old.db; and in later/ what changes afterwards."""
    folder.mkdir()
    subprocess.run([DATAGEN, "--records", str(RECORDS), "--csv", "a.csv", "--sqlite", "old.db"], cwd=folder, check=True,
                   capture_output=True)
    with open(folder / "a.csv", newline="") as f:
        rows = list(csv.reader(f))
    with open(folder / "a.csv", "a", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([*rows[5:9], ["ragged", "row"]])
    later = folder / "later"
    later.mkdir()
    shutil.copy(folder / "old.db", later / "old.db")
    shutil.copy(folder / "a.csv", later / "a.csv")
    key, mail = rows[0].index("id"), rows[0].index("email")
    changed = [list(r) for r in rows[1:] if int(re.sub(r"\D", "", r[key]) or 0) % 10 == 3]
    for r in changed:
        r[mail] = "new." + r[mail] if r[mail] else ""
    with open(later / "a2.csv", "w", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([rows[0], *changed])
    with contextlib.closing(sqlite3.connect(later / "old.db")) as db, db:
        db.execute("UPDATE contacts SET mail = 'moved' || rowid || '@example.org' WHERE rowid % 10 = 1")
        db.execute("UPDATE contacts SET phone = (SELECT c.phone FROM contacts c WHERE c.rowid = contacts.rowid + 1) "
                   "WHERE rowid % 20 = 7")
        db.execute("DELETE FROM contacts WHERE rowid % 25 = 4")


class World:
    """A server, the input, and what undisturbed runs made of it."""

    def __init__(self, folder, server, kinds=("first", "later")):
        self.folder, self.server, self.number = folder, server, 0
        self.input = folder / "input"
        if not self.input.exists():
            make_input(self.input)
        self.make_account()
        self.wanted = {}
        for kind in kinds:
            trial = Trial(self, kind)
            trial.run_well()
            self.wanted[kind] = trial.all()
            if kind == "first":
                self.base = trial
            else:
                trial.drop()

    def make_account(self, name="loader", rights=(*RUN_RIGHTS, *INDEX_RIGHTS, "CREATE")):
        self.server.sql(f"DROP USER IF EXISTS {name}@'%'; CREATE USER {name}@'%' IDENTIFIED BY 'pw'; "
                        f"GRANT {', '.join(rights)} ON `trial%`.* TO {name}@'%'")


class Trial(common.Project):
    """One database, one workspace, one run."""

    def __init__(self, world, kind, base=None):
        world.number += 1
        self.world, self.server, self.kind = world, world.server, kind
        folder = world.folder / f"p{world.number}"
        shutil.copytree(world.input / "later" if kind == "later" else world.input, folder,
                        ignore=shutil.ignore_patterns("later"))
        super().__init__(folder)
        self.write("plan.yaml", PLAN % (PARTITIONS, STAGES))
        self.database = f"trial{world.number}"
        self.settings = {"PORT": str(self.server.port), "DB": self.database, "LOADER": "loader", "LOADER_PASSWORD": "pw",
                         "OLD": "old.db", "MIGRATE_CHUNK_ROWS": str(CHUNK_ROWS), "MIGRATE_RETRY_SCALE": "0.1"}
        self.server.sql(f"CREATE DATABASE {self.database}")
        self.said, self.attempts = "", 0
        if kind == "later":
            self.copy(world.base)

    def copy(self, other):
        shutil.copytree(other.path("out"), self.path("out"))
        tables = self.server.sql(f"SHOW TABLES IN {other.database}").split()
        self.server.sql(";".join(f"CREATE TABLE {t} LIKE {other.database}.{t}; INSERT INTO {t} SELECT * FROM "
                                 f"{other.database}.{t}" for t in tables), self.database)

    def drop(self):
        self.server.sql(f"DROP DATABASE IF EXISTS {self.database}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, out="out", env=None):
        return super().environment(out, {**self.settings, **(env or {})})

    def begin(self):
        self.attempts += 1
        return self.start("run", self.plan_file, "--threads", "2", "--quiet")

    def end(self, process, seconds=300):
        out, err = process.communicate(timeout=seconds)
        text = out.decode("utf-8", "replace") + err.decode("utf-8", "replace")
        self.said += text
        return process.returncode, text

    def run_well(self):
        code, said = self.end(self.begin())
        assert code == 3, f"exit {code}: {said}"
        return said

    def progress(self):
        """(load, dedupe, done): the shares of partitions that have begun, and whether dedupe's tables are written."""
        out = self.server.sql(
            "SELECT count(CASE WHEN stage = 'load' THEN 1 END), count(CASE WHEN stage LIKE 'apply:%' THEN 1 END), "
            "count(CASE WHEN stage = 'dedupe' THEN 1 END) FROM checkpoint WHERE import_id = "
            f"{2 if self.kind == 'later' else 1}", self.database, check=False).split()
        return [int(n) for n in out] if len(out) == 3 else [0, 0, 0]

    def wait_for(self, process, moment):
        """Until load or dedupe is so far; False if the run ended before."""
        stage, share = moment
        while process.poll() is None:
            load, applied, done = self.progress()
            if stage == "load" and (load >= share * PARTITIONS or applied or done):
                return True
            if stage == "dedupe" and (applied > share * 3 * PARTITIONS or done):
                return True
            if stage == "indexes" and done:
                return True
            time.sleep(0.01)
        return False

    def tables(self):
        """Every table, in the order of its key, without what is volatile: table -> lines."""
        columns = {}
        for line in self.server.sql(
                f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{self.database}' "
                "ORDER BY table_name, ordinal_position").splitlines():
            name, column = line.split("\t")
            if name not in VOLATILE_TABLES:
                columns.setdefault(name, []).append(column)
        queries = []
        for name, names in columns.items():
            shown = ",".join(f"hex(`{c}`)" if c in HEX_COLUMNS else f"`{c}`" for c in names
                             if c not in VOLATILE_COLUMNS.get(name, ()))
            queries.append(f"SELECT '{TABLE}{name}'; SELECT {shown} FROM `{name}`;")
        # One call: a client's start costs more than most tables.
        parts = ("\n" + self.without_folder(self.server.sql(" ".join(queries), self.database))).split(f"\n{TABLE}")[1:]
        found = {}
        for part in parts:
            name, *lines = part.splitlines()
            if name == "setting":
                lines = [line for line in lines if line.split(" ")[0].split("\t")[0] not in VOLATILE_SETTINGS]
            if name == "checkpoint":
                lines = [VOLATILE_CHECKPOINT.sub("", line) for line in lines if "\taudit\t" not in line]  # holds a hash over times
            if name == "reconciliation":
                lines = [line.split("\t", 1)[1] for line in lines]  # who was stopped behind it reconciles once more
                lines = list(dict.fromkeys(lines))
            found[name] = sorted(lines)
        return found

    def without_folder(self, text):
        """Each trial has its own copy of the input."""
        return re.sub(re.escape(str(self.world.folder)) + r"/p\d+/", "", text)

    def indexes(self):
        return self.server.sql(f"SELECT table_name, index_name, column_name, seq_in_index FROM information_schema.statistics "
                               f"WHERE table_schema = '{self.database}' ORDER BY 1, 2, 4").splitlines()

    def all(self):
        return {**self.tables(), "(indexes)": self.indexes(),
                **{f"(export {what})": self.without_folder(text).splitlines()
                   for what, text in self.exports().items()}}


COUNTS = {}  # fault -> [trials, runs that noticed it, commands that were given again]


class Target(unittest.TestCase):
    """What the classes of tests share: a world, and the trial of one fault."""
    settings = SETTINGS
    kinds = ("first", "later")

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="migrate-flt-", dir=common.TEMPORARY))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.server = harm.Server(KIND, cls.folder / "server", cls.settings)
        cls.addClassCleanup(cls.server.stop)
        cls.world = World(cls.folder, cls.server, cls.kinds)

    def setUp(self):
        self.random = random.Random(f"{SEED} {self.id()}")
        self.trials = self.noticed = self.again = 0
        self.addCleanup(self.count)

    def count(self):
        COUNTS[self._testMethodName[len("test_"):]] = [self.trials, self.noticed, self.again]

    def moments(self, few, many, stages=("load", "dedupe")):
        """(kind, stage, share); the stages take turns, so that few moments meet all of them."""
        for i in range(many if ALL else few):
            yield self.random.choice(self.kinds), (stages[i % len(stages)], self.random.random())

    def trial(self, kind, moment, harm_it, expect=None, by_itself=False, **settings):
        """Runs, harms, ends; and compares. `expect`: what the run says of the harm if it notices."""
        trial = Trial(self.world, kind)
        trial.settings.update(settings)
        with self.subTest(kind=kind, moment=moment, database=trial.database):
            self.trials += 1
            process = trial.begin()
            try:
                if moment is None or trial.wait_for(process, moment):
                    harm_it(trial, process)
            finally:
                code, said = trial.end(process)
            revived = self.server.revive()
            if code not in (0, 3):
                self.check_failure(code, said, by_itself and not revived)
                self.again += 1
                said += trial.run_well()
            noticed = bool(re.search(expect, said)) if expect else True
            self.noticed += noticed
            trial.settings["PORT"] = str(self.server.port)  # the exports by no proxy
            self.compare(trial)
            trial.drop()
            return noticed
        return False

    def check_failure(self, code, said, by_itself=False):
        if code != -9:
            self.assertFalse(by_itself, f"exit {code}: {said}")
            self.assertEqual(code, 1, said)
            self.assertRegex(said, r"(?m)^error: |error")
            for trace in ("terminate called", "what():", "Sanitizer", "Assertion"):
                self.assertNotIn(trace, said)

    def compare(self, trial):
        wanted, found = self.world.wanted[trial.kind], trial.all()
        self.assertEqual(sorted(wanted), sorted(found))
        for name, lines in wanted.items():
            if lines == found[name]:
                continue
            lost = [x for x in lines if x not in set(found[name])][:3]
            new = [x for x in found[name] if x not in set(lines)][:3]
            self.fail(f"{name} of {trial.folder}: {len(lines)} and {len(found[name])} lines\n only undisturbed: "
                      f"{str(lost)[:1500]}\n only disturbed: {str(new)[:1500]}\n{trial.said}")
