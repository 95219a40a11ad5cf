"""Tests of config/quickstart: make.py writes the committed sources, and they hold the problems they should."""

import collections
import csv
import io
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "config", "quickstart")


def content(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def records(text, delimiter):
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


class Quickstart(unittest.TestCase):
    def test_make_writes_the_committed_files(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, os.path.join(FOLDER, "make.py"), folder], check=True)
            for name in ("campaign_2019.csv", "campaign_2023.csv"):
                self.assertEqual(content(folder, name), content(FOLDER, name), name)
            dumps = []
            for path in (folder, FOLDER):
                db = sqlite3.connect(f"file:{os.path.abspath(path)}/legacy.db?mode=ro", uri=True)
                dumps.append(list(db.iterdump()))
                db.close()
            self.assertEqual(*dumps)

    def test_campaign_2019(self):
        raw = content(FOLDER, "campaign_2019.csv")
        self.assertTrue(raw.startswith(b"\xef\xbb\xbf"))
        with self.assertRaises(UnicodeDecodeError):
            raw.decode("utf-8")
        self.assertEqual(raw.count(b"\n"), raw.count(b"\r\n"))
        self.assertIn(b'""the tall one""', raw)
        self.assertIn(b'"moved recently;\r\nold address', raw)
        rows = records(raw.decode("utf-8", "surrogateescape"), ",")
        self.assertEqual(len(rows), 401)
        self.assertEqual(sum(any("\udc80" <= c <= "\udcff" for c in "".join(row)) for row in rows), 1)
        # Too few, too few, too many, and the last, whose quote is never closed.
        self.assertEqual([len(row) - len(rows[0]) for row in rows if len(row) != len(rows[0])], [-14, 3 + 1, -16, -16])
        keys = collections.Counter(row[0] for row in rows)
        self.assertEqual([key for key, n in keys.items() if n > 1], ["C19-0012"])

    def test_campaign_2023(self):
        raw = content(FOLDER, "campaign_2023.csv")
        with self.assertRaises(UnicodeDecodeError):
            raw.decode("cp1252")
        self.assertEqual(raw.count(b"\x81"), 1)
        self.assertIn(b"\x92", raw)
        self.assertIn(b"\n\n", raw)
        rows = [row for row in records(raw.decode("cp1252", "ignore"), ";") if row]
        self.assertEqual(len(rows), 251)
        self.assertEqual([len(row) for row in rows if len(row) != 10], [5, 12])

    def test_legacy(self):
        db = sqlite3.connect(f"file:{os.path.abspath(FOLDER)}/legacy.db?mode=ro", uri=True)
        one = lambda sql: db.execute(sql).fetchone()[0]
        self.assertEqual(one("SELECT count(*) FROM contacts"), 300)
        self.assertEqual(one("SELECT count(*) - count(DISTINCT id) FROM contacts"), 2)
        self.assertEqual(one("SELECT count(*) FROM contacts WHERE id IS NULL"), 1)
        self.assertEqual(one("SELECT count(*) FROM contacts WHERE typeof(fname) = 'blob'"), 1)
        self.assertGreater(one("SELECT count(*) FROM contacts WHERE typeof(zip) = 'integer' AND zip < 10000"), 10)
        self.assertGreater(one("SELECT count(*) FROM contacts WHERE typeof(phone) = 'integer'"), 50)
        self.assertGreater(one("SELECT count(*) FROM contacts WHERE email = ''"), 5)
        self.assertGreater(one("SELECT count(*) FROM contacts WHERE email IS NULL"), 5)
        self.assertLess(one("SELECT count(*) FROM reachable"), 300)
        db.close()

    def test_people_are_in_several_sources(self):
        seen = collections.defaultdict(set)
        rows = 0
        files = (("campaign_2019.csv", "utf-8-sig", ","), ("campaign_2023.csv", "cp1252", ";"))
        for name, encoding, delimiter in files:
            for row in records(content(FOLDER, name).decode(encoding, "replace"), delimiter)[1:]:
                if row and row[1].isdigit():
                    seen[row[1]].add(name)
                    rows += 1
        db = sqlite3.connect(f"file:{os.path.abspath(FOLDER)}/legacy.db?mode=ro", uri=True)
        for (number,) in db.execute("SELECT person_no FROM contacts"):
            seen[str(number)].add("legacy")
            rows += 1
        db.close()
        self.assertEqual(rows, 949)
        self.assertGreater(len(seen), 630)
        self.assertGreater(sum(len(sources) > 1 for sources in seen.values()), 120)

    def test_plan_maps_columns_that_are_there(self):
        plan = content(FOLDER, "plan.yaml").decode()
        header = records(content(FOLDER, "campaign_2019.csv").decode("utf-8-sig", "replace"), ",")[0]
        header += records(content(FOLDER, "campaign_2023.csv").decode("cp1252", "replace"), ";")[0]
        db = sqlite3.connect(f"file:{os.path.abspath(FOLDER)}/legacy.db?mode=ro", uri=True)
        header += [column[1] for column in db.execute("PRAGMA table_info(contacts)")]
        db.close()
        unused = [column for column in header if column not in plan]
        self.assertEqual(unused, [])


if __name__ == "__main__":
    unittest.main()
