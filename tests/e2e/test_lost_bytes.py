"""Bytes that are lost on the way: a segment with one flipped bit or cut short, a source file that ends before its end. Found,
said, and never loaded in silence."""
import gzip
import os
import random
import re
import unittest

from common import ALL, ROOT, Case
from people import mixed_project

LIBRARY = os.environ.get("MIGRATE_FAULTS") or str(ROOT / "build/tests/faults/libfaults.so")
HARMS = 40 if ALL else 6


def flip(rng, path):
    data = bytearray(path.read_bytes())
    i = rng.randrange(len(data))
    data[i] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(data))
    return f"bit {i} of {path.name}"


def cut(rng, path):
    data = path.read_bytes()
    path.write_bytes(data[:rng.randrange(len(data))])
    return f"{path.name} cut short"


class Segments(Case):
    def setUp(self):
        super().setUp()
        mixed_project(self.p, 500, seed=51)
        self.p.run(out="sound", expect=3)

    def harmed(self, stages, pattern, seed):
        """Each stage up to here, then harm to one of its files, then the whole run until it ends."""
        rng = random.Random(seed)
        for i in range(HARMS):
            out = f"harm_{i}"
            for stage in stages:
                self.p.run("--stage", stage, out=out, expect=(0, 3))
            files = sorted(self.p.path(out).glob(f"ws/work/{pattern}"))
            what = rng.choice((flip, cut))(rng, rng.choice(files))
            with self.subTest(what=what):
                result = self.p.migrate("run", "plan.yaml", out=out)
                self.assertIn(result.code, (1, 3), f"{what}: {result}")
                if result.code == 1:
                    # The message names the way out, and it is one.
                    self.assertRegex(result.stderr, r"seg|manifest", what)
                    hint = re.search(r"--from (\w+)", result.stderr)
                    self.p.run(*(["--from", hint[1]] if hint else []), out=out, expect=3)
                self.assertEqual(self.p.exports(out=out), self.p.exports(out="sound"), what)
                self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", "reconcile", out=out).code, 3, what)

    def test_raw_segments(self):
        self.harmed(["extract"], "raw-*.seg", 1)

    def test_record_segments(self):
        self.harmed(["extract", "normalize"], "rec-*.seg", 2)

    def test_the_manifest(self):
        self.harmed(["extract", "normalize"], "manifest.jsonl", 3)


class Sources(Case):
    """The reader is told that the file ends where it does not: by the file's size and the independent count this is no end."""

    def lost(self, name, at, size, key=""):
        result = self.p.migrate("run", "plan.yaml", env={"LD_PRELOAD": LIBRARY, "FAULT_READ_END": f"/{name}", "FAULT_READ_BYTES": str(at)})
        self.assertIn(result.code, (1, 4), f"{at} of {size} bytes of {name}: {result}")
        self.assertIn(name, result.stderr)
        self.assertFalse(self.p.target().exists() and self.p.query("SELECT count(*) FROM import")[0][0], "nothing was loaded")

    def test_a_csv_file_that_loses_its_tail(self):
        lines = ["id,name,city"] + [f"{i},Person {i},Boston" for i in range(20000)]
        data = ("\n".join(lines) + "\n").encode()
        self.p.write("a.csv", data)
        self.p.plan("  a: {type: csv, path: a.csv, key: id, fields: {full_name: name, city: city}}")
        ends = [data.index(b"\n", len(data) * n // 7) + 1 for n in range(1, 7)]  # whole rows: nothing else looks wrong
        for at in [*ends, len(data) // 2 + 3, len(data) - 1]:
            with self.subTest(at=at):
                self.lost("a.csv", at, len(data))

    def test_a_packed_file_that_loses_its_tail(self):
        data = gzip.compress("".join(f"{i},Person {i}\n" for i in range(5000)).encode())
        self.p.write("a.csv.gz", data)
        self.p.plan("  a: {type: csv, path: a.csv.gz, fields: {full_name: name}}")
        for at in (len(data) // 2, len(data) - 4):
            with self.subTest(at=at):
                self.lost("a.csv.gz", at, len(data))

    def test_a_database_that_loses_its_tail(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);", "t", [(i, f"Person {i}") for i in range(20000)])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
        size = self.p.path("old.db").stat().st_size
        for at in (size // 2 // 4096 * 4096, size - 4096):
            with self.subTest(at=at):
                self.lost("old.db", at, size)


if __name__ == "__main__":
    unittest.main()
