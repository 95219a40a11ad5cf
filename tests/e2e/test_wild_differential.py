"""Random files and databases through the whole tool, held against what Python's csv and sqlite3 modules read.

2,400 CSV files in 30 dialects, 1,440 files of any bytes, and 120 tables; MIGRATE_TEST_ALL=1 takes six times as many, MIGRATE_TEST_SEED another seed.
CSV: inputs on which both are defined. Python lets text follow a closing quote and takes a line of blanks for a row, so no
file has them (wild/csv_rows.py has); all else is in: quotes within plain fields, quoted line ends, blank lines, ragged rows,
any line end, packed or not.
"""
import base64
import csv
import hashlib
import io
import os
import random
import shutil
import sqlite3
import struct
import unittest

from common import ALL, Case
from test_wild import canonical, exported
from wild.case import gz, zst
from wild.grammar import read

SEED = int(os.environ.get("MIGRATE_TEST_SEED", "7"))
SEEDS = range(SEED, SEED + (6 if ALL else 1))  # each a project of its own
FILES, TABLES = 80, 120                         # files of each dialect; tables
ENCODINGS = {"utf-8": "abc é€😀ñ日\u2028\ufeff\x00\x1f\x7f", "utf-16": "abc é€😀ñ日\u2028\x00\x1f",
             "latin-1": "abc éñß¿\xa0\x7f\x01", "windows-1252": "abc é€“ñ”ß\x01",
             "utf-8-sig": "abc é😀"}
DELIMITERS = {",": ",", ";": ";", "\t": "\\t", "|": "|", "^": "^", "\x1f": "\\x1f"}
COMMON = "abcdefgh  0123'\\#=@-"


class Dialect:
    """A source: its delimiter and encoding are pinned, and every file has the same columns."""

    def __init__(self, rng, name, delimiter, encoding):
        self.rng, self.name, self.delimiter, self.encoding = rng, name, delimiter, encoding
        self.header = [f"column {i}" for i in range(rng.randint(2, 9))]
        # The byte order mark and the sign of the delimiter would not be values at every place.
        self.alphabet = [c for c in COMMON + ENCODINGS[encoding] if c != delimiter]

    def field(self):
        rng = self.rng
        text = "".join(rng.choice(self.alphabet) for _ in range(rng.choice([0, 1, 2, 5, 9, 40])))
        kind = rng.random()
        if kind < 0.15:
            text += rng.choice([self.delimiter, '"', "\n", "\r\n", "\r", '""', f'"{self.delimiter}"', "\n\n",
                                '\n"']) + text
        elif kind < 0.2 and text[:1].isalpha():
            return text + '"' + text  # a quote within a plain field
        must = any(c in text for c in (self.delimiter, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if must or rng.random() < 0.15 else text

    def line(self):
        width = len(self.header) if self.rng.random() < 0.97 else self.rng.randint(1, len(self.header) + 3)
        line = self.delimiter.join(self.field() for _ in range(width))
        return line if line.strip(" \t") and not line.startswith("\ufeff") else "x" + line

    def text(self):
        rng = self.rng
        end = rng.choice(["\n", "\r\n", "\r", "mixed"])
        out = ""
        for line in [self.delimiter.join(self.header)] + [self.line() for _ in range(rng.choice([0, 1, 2, 6, 12]))]:
            if rng.random() < 0.03:
                out += rng.choice(["\n", "\r\n"])
            out += line + (rng.choice(["\n", "\r\n", "\r"]) if end == "mixed" else end)
        return out if rng.random() < 0.8 else out.rstrip("\r\n") if not out.rstrip("\r\n").endswith('"') else out

    def bytes(self, text):
        data = text.encode("cp1252" if self.encoding == "windows-1252" else self.encoding)
        return self.rng.choice([lambda d: d] * 6 + [gz, zst, lambda d: gz(d[:len(d) // 2]) + gz(d[len(d) // 2:])])(data)

    def plan(self):
        shown = {"utf-8-sig": "utf-8"}.get(self.encoding, self.encoding)
        return (f'  {self.name}: {{type: csv, path: "{self.name}/*", delimiter: "{DELIMITERS[self.delimiter]}", encoding: {shown}, '
                f"fields: {{full_name: {self.header[0]}}}}}")


def python_reads(text, delimiter):
    """[(line, row)] of all records but the header."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    for row in reader:
        if row:
            rows.append((line, row))
        line = reader.line_num + 1
    return rows[1:]


def as_text(data):
    """A TEXT cell; bytes if it is no text (as || makes of blobs)."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


class Seeded(Case):
    """One check for every seed."""

    def each(self, check):
        for seed in SEEDS:
            self.p = self.make_project()
            with self.subTest(seed=seed):
                check(random.Random(seed))
            shutil.rmtree(self.p.folder)


class Csv(Seeded):
    def test_2400_random_files_come_out_as_python_reads_them(self):
        self.each(self.check)

    def check(self, rng):
        dialects = [Dialect(rng, f"d{n:02}", delimiter, encoding)
                    for n, (delimiter, encoding) in enumerate((d, e) for d in DELIMITERS for e in ENCODINGS)]
        loaded, rejected, files = {}, [], 0
        for dialect in dialects:
            rows, seen = {}, set()
            for n in range(FILES):
                text = dialect.text()
                data = dialect.bytes(text)
                path = self.p.write(f"{dialect.name}/{n:05}", data)
                digest = hashlib.sha256(data).hexdigest()[:16]
                files += 1
                if digest in seen:
                    continue
                seen.add(digest)
                for number, (line, row) in enumerate(python_reads(text, dialect.delimiter), 1):
                    key = f"{digest}#{number}"
                    if len(row) == len(dialect.header):
                        rows[key] = row
                    else:
                        rejected.append((dialect.name, str(path), line, key,
                                         "too_few_fields" if len(row) < len(dialect.header) else "too_many_fields"))
            loaded[dialect.name] = rows
        self.p.plan("\n".join(d.plan() for d in dialects), "stages: [extract, normalize, load]")
        self.p.run("--quiet")
        compared = 0
        for dialect in dialects:
            text = self.p.export_text("source", "--name", dialect.name)
            header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
            want = [row for _, row in sorted(loaded[dialect.name].items(), key=lambda item: item[0].encode())]
            self.assertEqual(header, dialect.header)
            with self.subTest(dialect=(dialect.delimiter, dialect.encoding)):
                for got, expected in zip(rows, want):
                    self.assertEqual(got, expected)
                self.assertEqual(len(rows), len(want))
            compared += len(want)
        got = [(r["source"], r["file"], int(r["line"]), r["source_key"], r["reason"]) for r in self.p.export("rejects")]
        self.assertEqual(sorted(got), sorted(rejected))
        print(f"{files} CSV files, {compared} rows and {len(rejected)} rejects as Python reads them")


class Grammar(Seeded):
    """Files of any bytes behind a good header, against the grammar of formats.md written down once more (wild/grammar.py)."""
    PIECES = [b'"', b'"', b'"', b'""', b'" ', b"\n", b"\n", b"\r\n", b"\r", b" ", b"\t", b"a", b"bc", b"Ann Lee", b"0",
              b"#", b"\\", b"\xff", b"\x81", b"\xc3", b"\0",
              b"\x1a", b"\xef\xbb\xbf", "é😀".encode(), b"c0", b"x" * 300]

    def noise(self, rng, pieces, delimiter):
        """Pieces in any order, and lines of three fields of pieces, of which some are quoted."""
        out = b""
        for _ in range(rng.choice([1, 2, 5, 12])):
            if rng.random() < 0.3:
                out += b"".join(rng.choice(pieces) for _ in range(rng.choice([0, 1, 5, 30])))
                continue
            fields = [b"".join(rng.choice(self.PIECES) for _ in range(rng.choice([0, 1, 1, 2]))) for _ in range(3)]
            fields = [b'"' + f.replace(b'"', b'""') + b'"' if rng.random() < 0.3 else f.replace(b"\n",
                b"").replace(b"\r", b"") for f in fields]
            out += delimiter.join(fields) + rng.choice([b"\n", b"\r\n", b"\r"])
        return out

    def test_every_byte_of_random_files_goes_where_the_grammar_says(self):
        self.each(self.check)

    def check(self, rng):
        plan, loaded, rejected, files = [], {}, [], 0
        for delimiter in DELIMITERS:
            for encoding in ("utf-8", "latin-1", "windows-1252"):
                name = f"g{len(plan):02}"
                plan.append(f'  {name}: {{type: csv, path: "{name}/*", delimiter: "{DELIMITERS[delimiter]}", encoding: {encoding}, fields: {{full_name: c0}}}}')
                rows, seen = loaded.setdefault(name, {}), set()
                pieces = self.PIECES + [delimiter.encode()] * 8 + [delimiter.join(["c0", "c1", "c2"]).encode()]
                for n in range(FILES):
                    data = delimiter.join(["c0", "c1", "c2"]).encode() + b"\n" + self.noise(rng, pieces,
                        delimiter.encode())
                    path = self.p.write(f"{name}/{n:05}", data)
                    digest = hashlib.sha256(data).hexdigest()[:16]
                    files += 1
                    if digest in seen:
                        continue
                    seen.add(digest)
                    for number, line, offset, fields, raw in read(data, delimiter, encoding)[1]:
                        key = f"{digest}#{number}"
                        if isinstance(fields, list):
                            rows[key] = fields
                        else:
                            rejected.append((name, str(path), line, offset, key, fields, raw))
        self.p.plan("\n".join(plan), "stages: [extract, normalize, load]")
        self.p.run("--quiet", expect=3)
        for name, rows in loaded.items():
            header, *got = csv.reader(io.StringIO(self.p.export_text("source", "--name", name), newline=""),
                                      strict=True)
            with self.subTest(plan[int(name[1:])]):
                for row, (key, want) in zip(got, sorted(rows.items(), key=lambda item: item[0].encode())):
                    self.assertEqual(row, want, key)
                self.assertEqual(len(got), len(rows))
        got = [(r["source"], r["file"], int(r["line"]), int(r["byte_offset"]), r["source_key"], r["reason"],
                base64.b64decode(r["raw_base64"]))
               for r in self.p.export("rejects")]
        for one, two in zip(sorted(got), sorted(rejected)):
            self.assertEqual(one, two)
        self.assertEqual(len(got), len(rejected))
        print(f"{files} files of any bytes, {sum(map(len, loaded.values()))} rows and {len(rejected)} rejects as the grammar says")


class Sqlite(Seeded):
    def value(self, rng):
        return rng.choice([
            lambda: None, lambda: rng.randrange(-2**63, 2**63),
            lambda: rng.choice([0, 1, -1, 501, 2065550101, 2**53 + 1, 2**63 - 1, -2**63]),
            lambda: struct.unpack("d", rng.randbytes(8))[0],
            lambda: rng.choice([0.0, -0.0, 1.0, 1e22, 0.1, 5e-324, 1e308, 2065550101.0, float("inf")]),
            lambda: rng.randbytes(rng.choice([0, 5, 30, 30, 600, 5000 * (rng.random() < 0.1)])),
            lambda: "".join(rng.choice("abc é€😀\"'\n\r\t\\,\x01") for _ in range(rng.randrange(12))), lambda: "",
            lambda: str(rng.randrange(1000)).zfill(5), lambda: "né" * (20000 if rng.random() < 0.02 else 3)])()

    def table(self, rng, db, n):
        """Makes table (or view) number n; returns (name, key column)."""
        kinds = ["", " INTEGER", " TEXT", " REAL", " NUMERIC", " BLOB", " VARCHAR(20)", " DATE"]
        columns = [f'"c {i}"{rng.choice(kinds)}' for i in range(rng.randint(1, 8))]
        rowid = rng.choice(["k INTEGER PRIMARY KEY", "k INTEGER", "k TEXT", "k"])
        kind = rng.choice(["table", "table", "without", "view", "generated"])
        keys = rng.sample(range(-2**40, 2**40) if rng.random() < 0.3 else range(1, 400), rng.choice([0, 1, 7, 40, 390]))
        name = f"t{n}"
        if kind == "without":
            rowid = "k INTEGER NOT NULL PRIMARY KEY"
        extra = [', g TEXT AS (typeof("c 0") || k) STORED', ", h AS (k + 1) VIRTUAL"] if kind == "generated" else []
        db.execute(f"CREATE TABLE {name} ({rowid}, {', '.join(columns)}{''.join(extra)}) {'WITHOUT ROWID' if kind == 'without' else ''}")
        # Rows that are shorter than the table, holes, pages that were freed and taken again.
        if kind == "table" and keys:
            db.execute(f"INSERT INTO {name} (k) VALUES (-7)")
            for i, default in enumerate(["", " DEFAULT 7", " DEFAULT 'né'", " REAL DEFAULT 1", " DEFAULT x'ff00'"]):
                if rng.random() < 0.4:
                    db.execute(f"ALTER TABLE {name} ADD COLUMN d{i}{default}")
        names = ", ".join(["k"] + [f'"c {i}"' for i in range(len(columns))])
        db.executemany(f"INSERT INTO {name} ({names}) VALUES ({','.join('?' * (len(columns) + 1))})",
                       [(k, *(self.value(rng) for _ in columns)) for k in keys])
        if rng.random() < 0.3:
            db.execute(f"DELETE FROM {name} WHERE k % 3 = 0")
            if kind == "table" and len(columns) > 2:
                db.execute(f'ALTER TABLE {name} DROP COLUMN "c 1"')
        if kind == "view":
            db.execute(f'CREATE VIEW v{n} AS SELECT *, CASE WHEN typeof("c 0") <> \'blob\' THEN "c 0" || 1 END AS joined FROM {name} WHERE k % 3 <> 1')
            return f"v{n}"
        return name

    def test_random_tables_come_out_as_python_reads_them(self):
        self.each(self.check)

    def check(self, rng):
        plan, expected = [], {}
        for n in range(TABLES):
            if n % 20 == 0:
                path = self.p.path(f"s{n}.db")
                db = sqlite3.connect(path)
                db.text_factory = as_text
                db.execute(f"PRAGMA encoding = '{rng.choice(['UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'])}'")
                db.execute(f"PRAGMA page_size = {rng.choice([512, 4096, 65536])}")
                db.execute(f"PRAGMA auto_vacuum = {rng.randrange(3)}")
                db.execute(f"PRAGMA journal_mode = {rng.choice(['delete', 'wal'])}")
            name = self.table(rng, db, n)
            plan.append(f"  q{n}: {{type: sqlite, path: s{n // 20 * 20}.db, table: {name}, key: k, fields: {{full_name: c 0}}}}")
            cursor = db.execute(f"SELECT * FROM {name}")
            expected[f"q{n}"] = [c[0] for c in cursor.description], cursor.fetchall()
            if n % 20 == 19 or n == TABLES - 1:
                db.commit()
                db.close()
        self.p.plan("\n".join(plan), "stages: [extract, normalize, load]")
        self.p.run("--quiet", expect=0)
        stored = {}
        for source, data in self.p.query("SELECT name, payload FROM record JOIN source USING (source_id)"):
            stored.setdefault(source, []).append(bytes(data))
        for number, (source, (columns, rows)) in enumerate(expected.items()):
            with self.subTest(plan[number]):
                self.assertEqual(sorted(stored.get(source, [])), sorted(canonical(row) for row in rows))
        for source in rng.sample(sorted(expected), 30):
            columns, rows = expected[source]
            header, *got = csv.reader(io.StringIO(self.p.export_text("source", "--name", source), newline=""),
                                      strict=True)
            with self.subTest(source):
                self.assertEqual(header, columns)
                self.assertEqual(sorted(got), sorted([exported(v) for v in row] for row in rows))
        print(f"{TABLES} SQLite tables and views, {sum(len(rows) for _, rows in expected.values())} rows as Python reads them")


if __name__ == "__main__":
    unittest.main()
