"""Every nasty input of the catalogue (wild/), held against the tool: where each row went, and that the books balance.

    python3 tests/e2e/test_wild.py --table       # the table of docs/sources.md
    python3 tests/e2e/test_wild.py --write       # puts it there
"""
import base64
import concurrent.futures
import csv
import io
import math
import sys
import unittest

from common import ROOT, Case, Project, payload, record_id, row_sha256
from wild import csv_files, csv_rows, csv_text, refused, sqlite_tables, values
from wild.case import line_of, starts_of
from wild.sequences import SEQUENCES

csv.field_size_limit(1 << 30)
LOADED = [case for module in (csv_text, csv_rows, csv_files, sqlite_tables, values) for case in module.CASES]
REFUSED = refused.CASES
DOCUMENT = ROOT / "docs" / "sources.md"
BEGIN, END = "<!-- table: python3 tests/e2e/test_wild.py --write -->", "<!-- end of table -->"


def canonical(row):
    """The payload that formats.md describes."""
    cells = []
    for v in row:
        if isinstance(v, bytes):
            v = {"base64": base64.b64encode(v).decode()}
        elif isinstance(v, float) and math.isinf(v):
            v = {"real": str(v)}
        cells.append(v)
    return payload(cells)


def exported(value):
    """What `export source` writes for a cell."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return "base64:" + base64.b64encode(value).decode()
    return str(value)


def key_of(case, row, columns):
    if case.key.startswith("["):
        raise AssertionError(f"{case.what}: a key of several columns needs `keys`")
    return exported(row[columns.index(case.key.strip('"'))])


def expected_rows(case):
    """[(columns, row)] of all loaded rows."""
    if case.by_file:
        return [(columns, row) for columns, rows in case.by_file.values() for row in rows]
    return [(case.columns, row) for row in case.rows or ()]


def expected_rejects(case, folder):
    """Sorted (path, line, offset, source_key, reason, raw); line and offset are counted here, in the file's text."""
    out = []
    for reject in case.rejects:
        if case.kind == "sqlite":
            out += [(str(folder / (case.path or "in.db")), 0, 0, reject.key, reject.reason, reject.raw)] * reject.times
            continue
        name = reject.file or (next(iter(case.files)) if isinstance(case.files, dict) else "in.csv")
        if reject.offset is not None and reject.offset >= 0:
            out.append((str(folder / name), reject.line, reject.offset, reject.key, reject.reason, reject.raw))
            continue
        data = case.data()
        offsets = starts_of(data, reject.raw)
        if reject.offset == -1:  # of rows that are alike any may stay
            offsets = offsets[-1:]
        assert len(offsets) == reject.times, f"{case.what}: {reject.raw[:40]} is there {len(offsets)} times"
        for offset in offsets:
            line = line_of(data, offset)
            assert reject.line in (None, line), f"{case.what}: {reject.raw[:40]} is on line {line}"
            out.append((str(folder / name), line, offset, reject.key, reject.reason, reject.raw))
    return sorted(out, key=repr)


class Loaded(Case):
    """All small inputs that can be read, as the sources of one plan and one run."""
    CASES = [case for case in LOADED if not case.big]

    @classmethod
    def setUpClass(cls):
        cls.p = cls.make_class_project()
        cls.folders, lines = {}, []
        for n, case in enumerate(cls.CASES):
            name = f"s{n:03}"
            cls.folders[name] = cls.p.path(f"in/{name}")
            case.make(cls.folders[name])
            lines.append(case.source(name, f"in/{name}"))
        cls.p.plan("\n".join(lines))
        cls.before = cls.listing()
        cls.p.run("--quiet", expect=3)
        cls.books = {source["name"]: source for source in cls.p.report()["sources"]}

    def setUp(self):
        pass  # the project is the class's

    @classmethod
    def listing(cls):
        """Without -shm files: SQLite keeps in them who reads a log at the moment, no data."""
        return {path: state for path, state in cls.p.listing("in").items() if state[2] and not path.endswith("-shm")}

    def cases(self):
        return [(name, folder, case) for (name, folder), case in zip(self.folders.items(), self.CASES)]

    def test_sources_are_left_as_they_were(self):
        self.assertEqual(self.listing(), self.before)

    def test_every_row_is_loaded_or_quarantined_and_the_books_balance(self):
        report = self.p.report()
        self.assertEqual(report["reconciliation"]["verdict"], "match")
        books = {b["source"]: b for b in report["reconciliation"]["books"] if b["partition"] == -1}
        for name, _, case in self.cases():
            with self.subTest(case.what, source=name):
                quarantined, source, book = sum(case.quarantined().values()), self.books[name], books[name]
                rows = case.loaded() + case.again + quarantined
                self.assertEqual(sum(source[k] for k in ("inserted", "updated", "unchanged", "superseded")),
                                 case.loaded() + case.again)
                self.assertEqual((source["counted"], source["quarantined"]), (rows, quarantined))
                self.assertEqual(sum(f["counted"] for f in source["files"] if f["state"] == "duplicate"), case.skipped)
                self.assertTrue(book["ok"])
                self.assertEqual(book["counted"], book["loaded"] + book["quarantined"])

    def test_loaded_rows_are_exactly_what_was_written(self):
        stored = {}
        for source, key, rid, data, digest in self.p.query(
                "SELECT name, source_key, record_id, payload, row_sha256 FROM record JOIN source USING (source_id)"):
            stored.setdefault(source, {})[key] = (rid, bytes(data), bytes(digest))
        for name, _, case in self.cases():
            with self.subTest(case.what, source=name):
                rows = expected_rows(case)
                keys = case.keys or [key_of(case, row, columns) for columns, row in rows]
                if case.rows is None:
                    self.assertEqual(set(stored.get(name, {})), set(case.keys))
                    continue
                want = {}
                for key, (_, row) in zip(keys, rows):
                    data = canonical(row)
                    want[key] = (record_id(name, key), data, row_sha256(name, key, data))
                self.assertEqual(len(want), len(rows), "the keys of the expectation differ")
                got = stored.get(name, {})
                self.assertEqual(sorted(got), sorted(want))
                for key in want:
                    self.assertEqual(got[key][1][:3000], want[key][1][:3000], key)
                    self.assertEqual(got[key], want[key], key)

    def test_export_source_gives_the_rows_back(self):
        work = []
        for name, folder, case in self.cases():
            if case.rows is None:
                continue
            if case.by_file:
                work += [(name, case, ("--file", str(folder / file)), columns, rows) for file, (columns,
                    rows) in case.by_file.items()]
            elif case.columns:
                work.append((name, case, (), case.columns, case.rows))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            texts = list(pool.map(lambda w: self.p.migrate("export", "source", "plan.yaml", "--name", w[0], *w[2]),
                                  work))
        for (name, case, _, columns, rows), result in zip(work, texts):
            with self.subTest(case.what, source=name):
                self.assertEqual(result.code, 0, str(result))
                got = list(csv.reader(io.StringIO(result.stdout, newline=""), strict=True))
                self.assertEqual(got[0], list(columns))
                want = [[exported(v) for v in row] for row in rows]
                self.assertEqual(sorted(map(short, got[1:])), sorted(map(short, want)))
                if case.key and not case.keys:
                    at = columns.index(case.key.strip('"'))
                    self.assertEqual(short(got[1:]), short(sorted(want, key=lambda row: row[at].encode())))

    def test_quarantined_rows_are_named_with_place_and_bytes(self):
        found = {}
        for r in self.p.export("rejects"):
            raw = base64.b64decode(r["raw_base64"])
            found.setdefault(r["source"], []).append(
                (r["file"], int(r["line"]), int(r["byte_offset"]), r["source_key"], r["reason"], raw))
        for name, folder, case in self.cases():
            with self.subTest(case.what, source=name):
                got = sorted(found.get(name, []), key=repr)
                if case.rows is None:
                    self.assertEqual([r[3:5] for r in got], [(r.key, r.reason) for r in case.rejects])
                    continue
                self.assertEqual(short(got), short(expected_rejects(case, folder)))
                self.assertEqual(got, expected_rejects(case, folder))

    def test_values_are_normalized_as_they_should(self):
        for name, _, case in self.cases():
            for key, values in case.record.items():
                with self.subTest(case.what, source=name, key=key):
                    got = self.p.query(f"SELECT {','.join(values)} FROM record JOIN source USING (source_id) WHERE name = ? AND source_key = ?", name, key)
                    self.assertEqual(got, [tuple(values.values())])

    def test_what_was_found_is_said_with_its_evidence(self):
        for name, _, case in self.cases():
            text = "\n".join(f for file in self.books[name]["files"] for f in file["findings"])
            for words in case.said:
                with self.subTest(case.what, source=name):
                    self.assertIn(words, text)

    def test_it_stands_so_for_any_number_of_threads(self):
        again = self.p.migrate("run", "plan.yaml", "--threads", "1", "--quiet", out="one")
        self.assertEqual(again.code, 3, str(again))
        self.assertEqual(self.p.exports(out="one"), self.p.exports())

    def test_validate_takes_them_and_a_dry_run_foretells_the_run(self):
        valid = self.p.migrate("validate", "plan.yaml", out="dry")
        self.assertEqual(valid.code, 0, valid.stderr[-2000:])
        dry = self.p.migrate("run", "plan.yaml", "--dry-run", "--json", "--quiet", out="dry")
        self.assertEqual(dry.code, 3, dry.stderr[-2000:])
        flow, forecast = self.p.report()["flow"], dry.json()["forecast"]
        self.assertEqual({k: forecast[k] for k in flow}, flow)
        self.assertFalse(self.p.target("dry").exists())

    def test_a_second_run_finds_nothing_new(self):
        again = self.p.migrate("run", "plan.yaml")
        self.assertEqual(again.code, 3, str(again))
        self.assertIn("nothing new", again.stdout)


class LoadedBig(Loaded):
    """The inputs of megabytes."""
    CASES = [case for case in LOADED if case.big]


class Refused(Case):
    def refuse(self, numbered):
        number, case = numbered
        p = Project(self.p.path(f"r{number:03}"))
        p.folder.mkdir()
        case.make(p.path("in"))
        p.plan(case.source("a", "in"))
        before = set(p.path("in").rglob("*"))
        return p, before, [p.migrate(*command, timeout=60) for command in (("run", "plan.yaml"), ("validate",
            "plan.yaml"))]

    def test_each_is_refused_with_a_clear_message_and_nothing_is_touched(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for case, (p, before, results) in zip(REFUSED, pool.map(self.refuse, enumerate(REFUSED))):
                with self.subTest(case.what):
                    self.assert_fails(results[0], case.code, *case.error)
                    self.assertFalse(p.target().exists())
                    self.assertEqual(list(p.path("out").rglob("reports/*")), [])
                    self.assertEqual(set(p.path("in").rglob("*")), before, "no file is made beside a source")
                    if not case.late:
                        self.assertEqual(results[1].code, case.code, f"validate: {results[1]}")


def short(value):
    """For messages a person can read: long texts and bytes are cut, and given their length."""
    if isinstance(value, (str, bytes)):
        return value if len(value) < 200 else value[:50] + (b" ... %d" if isinstance(value,
            bytes) else " ... %d") % len(value)
    return [short(v) for v in value] if isinstance(value, (list, tuple)) else value


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def table():
    lines, section = [], None
    for case in LOADED + REFUSED:
        if case.section != section:
            section = case.section
            lines += ["", f"### {section}", ""]
            lines += (["| input | exit | what the message says |", "|---|---|---|"] if case.code else
                      ["| input | rows | loaded | quarantined | |", "|---|---|---|---|---|"])
        if case.code:
            lines.append(f"| {cell(case.what)} | {case.code} | {cell(' … '.join(case.error))} |")
            continue
        reasons = ", ".join(f"{n:,} `{reason}`" for reason, n in sorted(case.quarantined().items()))
        loaded = case.loaded() if case.rows is not None else len(case.keys)
        note = case.note + ("; " if case.note and case.skipped else "") + (f"{case.skipped} skipped as duplicates" if case.skipped else "")
        rows = loaded + case.again + case.skipped + sum(case.quarantined().values())
        lines.append(f"| {cell(case.what)} | {rows:,} | {loaded:,} | {reasons} | {cell(note)} |")
    lines += ["", "### From one import to the next", "",
              "| what happens between two imports | mode | what becomes of the rows |", "|---|---|---|"]
    for sequence in SEQUENCES:
        mode = "append" if "append" in sequence.what else "snapshot"
        lines.append(f"| {cell(sequence.what)} | {mode} | {cell(sequence.note)} |")
    return "\n".join(lines).strip() + "\n"


def split_document():
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    held, after = rest.split(END)
    return before + BEGIN, held, END + after


class Document(unittest.TestCase):
    def test_the_catalogue_is_large_and_says_each_thing_once(self):
        whats = [(case.section, case.what) for case in LOADED + REFUSED] + [sequence.what for sequence in SEQUENCES]
        self.assertEqual(len(whats), len(set(whats)))
        self.assertGreaterEqual(len(whats), 120)

    def test_the_table_in_sources_md_is_current(self):
        self.assertEqual(split_document()[1].strip(), table().strip(),
                         "python3 tests/e2e/test_wild.py --write puts the new table there")


def main():
    if sys.argv[1:] == ["--table"]:
        print(table(), end="")
    elif sys.argv[1:] == ["--write"]:
        before, _, after = split_document()
        DOCUMENT.write_text(f"{before}\n{table()}{after}")
    else:
        unittest.main()


if __name__ == "__main__":
    main()
