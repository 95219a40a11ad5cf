"""migrate explain: the resolved plan, what each stage will do, and whether rows and disk come out as estimated."""
import gzip
import hashlib
import json
import os
import pathlib
import subprocess
import unittest

from common import MIGRATE, Case

DATAGEN = os.environ.get("MIGRATE_DATAGEN") or str(pathlib.Path(MIGRATE).parent / "migrate-datagen")
GOOD = "  a: {type: csv, path: 'a*.csv*', key: id, fields: {full_name: name, email: mail}}\n"


class Explain(Case):
    def explain(self, *args, code=0, **kw):
        result = self.p.migrate("explain", self.p.plan_file, *args, **kw)
        self.assertEqual(result.code, code, str(result))
        return result

    def json(self, *args, **kw):
        j = self.explain("--json", *args, **kw).json()
        self.assertEqual(j["schema"], 1)
        return j


class Words(Explain):
    def test_touches_nothing(self):
        self.p.plan(GOOD)
        self.p.write("a.csv", "id,name,mail\n1,Ann,a@x.com\n")
        self.p.path("out").mkdir()
        before = self.p.listing()
        for args in ((), ("--json",), ("--offline",), ("--threads", "4", "--memory", "1GiB")):
            self.explain(*args)
        self.assertEqual(self.p.listing(), before)
        self.p.run()
        before = self.p.listing()
        self.explain()
        self.assertEqual(self.p.listing(), before)

    def test_yaml_is_the_plan_again(self):
        self.p.plan("""\
  a: {type: csv, path: "a $${x}: #.csv", key: [id, "no"], mode: snapshot, delimiter: tab, ignore: ["~"],
      fields: {full_name: {join: [first, "last: name"], with: ", "}, email: [mail, "mail 2"], opt_out: {call: c, sms: s},
               birth_date: {column: dob, format: ["%d/%m/%Y", "%Y"]}, country: {const: "NO"}, job: "null"}}
  b: {type: csv, path: b.csv, unknown_layout: quarantine,
      layouts: [{fields: {full_name: name}, encoding: latin-1}, {fields: {last_name: "01234"}, ignore: [x, 'y"z']}]}
  c: {type: sqlite, path: c.db, query: "SELECT * FROM t -- all\\nWHERE a = '${VALUE}'", key: id, fields: {full_name: n, opt_out: {const: true}}}
""", "attributes: {job: {type: category}}\ndedupe: {survivorship: {email: longest}}\nreconcile: {max_quarantined: \"0.1%\"}\n"
             "stages: [extract, load]")
        env = {"VALUE": "it's"}
        first = self.json("--offline", env=env)
        self.p.write("plan.yaml", first["yaml"])
        again = self.json("--offline", env=env)
        for j in (first, again):
            for key in ("hash", "file"):
                del j["resolved"][key]
            j["resolved"]["target"]["url"] = None  # relative in the plan
        self.assertEqual(again["resolved"], first["resolved"])

    def test_origin_of_defaults_stands_beside_them(self):
        self.p.plan(GOOD)
        text = self.explain("--offline").stdout
        for line in ("mode: append                        # default of csv sources",
                     "partitions: 32                        # default: ",
                     "country: US                           # default: ",
                     "# model: none (default: learned at the first import, then kept in the target)",
                     "# max_quarantined: none (default: no limit)"):
            self.assertIn(line, text)
        self.p.plan(GOOD, "normalize: {country: GB, date_order: dmy}")
        text = self.explain("--offline").stdout
        self.assertIn("  country: GB\n  date_order: dmy\n", text)

    def test_secrets_are_redacted(self):
        self.p.write("plan.yaml", """\
name: p
target:
  url: mysql://${DB_USER:-bob}@h/d
  password: {command: "echo hunter2"}
sources:
  a: {type: sqlite, path: a.db, query: "SELECT '${API_TOKEN}' AS t, id FROM x", key: id, fields: {full_name: id}}
  b: {type: mysql, url: "mysql://${DB_USER:?who}@h/d", password: {env: DB_PASSWORD}, table: t, key: id, fields: {full_name: id}}
""")
        env = {"API_TOKEN": "s3cr3t-t0ken", "DB_USER": "alice", "DB_PASSWORD": "hunter3"}
        for args in (("--offline",), ("--offline", "--json")):
            out = self.explain(*args, env=env).stdout
            for secret in ("hunter2", "hunter3", "s3cr3t"):
                self.assertNotIn(secret, out)
            self.assertIn("alice@h", out)
            self.assertIn("SELECT '***' AS t", out)
            self.assertIn("DB_PASSWORD", out)

    def test_inputs_new_known_copied_and_rewritten(self):
        self.p.plan(GOOD)
        self.p.write("a1.csv", "id,name,mail\n1,Ann,a@x.com\n2,Bob\n")
        states = lambda: {os.path.basename(i["file"]): i["state"] for i in self.json()["inputs"]}
        self.assertEqual(states(), {"a1.csv": "new"})
        j = self.json()
        self.assertEqual([i["rows"] for i in j["inputs"]], [2])
        self.assertEqual(j["inputs"][0]["rows_error"], 0)
        self.assertEqual(j["rows"], {"read": 2, "error": 0, "quarantined": 1, "inserted": 1, "at_hand": 0})
        self.p.run()
        self.p.write("a2.csv", "id,name,mail\n1,Ann,a@x.com\n2,Bob\n")  # the content of a1 under another name
        self.p.write("a3.csv", "id,name,mail\n3,Cy,c@x.com\n")
        self.p.write_gzip("a4.csv.gz", "id,name,mail\n4,Di,d@x.com\n5,Ed,e@x.com\n")
        self.assertEqual(states(), {"a1.csv": "imported before", "a2.csv": "copy", "a3.csv": "new", "a4.csv.gz": "new"})
        j = self.json()
        self.assertEqual(j["rows"]["read"], 3)
        self.assertEqual(j["memory"]["records"], 4)
        text = self.explain().stdout
        self.assertIn("skipped: same content as " + str(self.p.path("a1.csv")), text)
        self.assertIn("target " + str(self.p.target()) + " is there: 1 record of 1 person, 1 import", text)
        for name in ("a2.csv", "a3.csv", "a4.csv.gz"):
            self.p.path(name).unlink()
        self.p.write("a1.csv", "id,name,mail\n1,Ann,a@x.com\n2,Bob,b@x.com\n3,Cy,c@x.com\n")
        j = self.json()
        self.assertEqual(j["inputs"][0]["in_target"], 1)
        self.assertEqual(j["rows"], {"read": 3, "error": 0, "quarantined": 0, "inserted": 2, "at_hand": 0})
        self.p.run()
        j = self.json()
        self.assertEqual((j["rows"]["read"], j["seconds"], [d["bytes"] for d in j["disk"]][:2]), (0, 0, [0, 0]))

    def test_stages_say_what_they_do_for_this_plan(self):
        self.p.plan("""\
  a: {type: csv, path: 'a*.csv*', fields: {full_name: name, job: job}}
  t: {type: sqlite, path: old.db, table: t, key: [id, v], fields: {last_name: name}}
""", "attributes: {job: {type: category}}\nnormalize: {country: GB, date_order: dmy}\nreconcile: {sample: 7, max_quarantined: 1}\n"
             "dedupe: {match_probability: 0.9, survivorship: {email: longest}}")
        self.p.write("a.csv", "name,job\nAnn,cook\n")
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER, v INTEGER, name TEXT)", "t", [(1, 1, "Roe"), (1, 2, "Poe")])
        text = self.explain().stdout
        for words in ("key the row's position in its file, append", "table t of " + str(self.p.path("old.db")) + ", key id + v, snapshot",
                      "2 rows (COUNT(*))", "1 row (counted)", "creates " + str(self.p.target()),
                      "as of GB, dates like 03/04/1972 as dmy", "attribute job is compared as a category", "of email the longest",
                      "from a probability of 0.9 on", "7 records normalized again", "if more than 1 row would be quarantined",
                      "fields: full_name, last_name, job"):
            self.assertIn(words, text)
        self.p.run()
        self.assertIn("model: the one that the target learned", self.explain().stdout)
        self.p.write("plan.yaml", self.p.plan_file.read_text().replace("GB", "US"))
        self.assertIn("model: learned anew", self.explain().stdout)

    def test_unfinished_import_is_told(self):
        self.p.plan(GOOD)
        self.p.write("a.csv", "id,name,mail\n1,Ann,a@x.com\n2,Bob,b@x.com\n")
        self.p.run("--stage", "extract")
        self.assertEqual(self.json()["rows"]["at_hand"], 2)
        self.assertIn("the 2 rows in work/ are not read again", self.explain().stdout)
        self.p.run()
        self.assertEqual(self.json()["rows"]["at_hand"], 0)

    def test_offline_opens_nothing(self):
        self.p.plan(GOOD)
        self.assertIn("a*.csv*", self.explain("--offline").stdout)
        j = self.json("--offline")
        self.assertEqual([s["stage"] for s in j["stages"]], ["extract", "normalize", "load", "dedupe", "reconcile"])
        self.assertNotIn("inputs", j)
        self.assert_fails(self.p.migrate("explain", self.p.plan_file), 2, "no file matches")

    def test_warns_of_too_little_memory(self):
        self.p.plan(GOOD)
        self.p.write("a.csv", "id,name,mail\n1,Ann,a@x.com\n")
        self.assertTrue(any("--memory allows 64 MiB" in w for w in self.json("--memory", "64MiB", "--threads", "64")["warnings"]))
        self.assert_fails(self.p.migrate("explain", self.p.plan_file, "--memory", "lots"), 2, "--memory lots")

    def test_rate_of_the_last_import_is_taken(self):
        self.p.plan(GOOD)
        self.p.write("a1.csv", "id,name,mail\n1,Ann,a@x.com\n")
        self.p.run()
        path = self.p.path("out") / "ws/reports/1.json"
        report = json.loads(path.read_text())
        self.assertGreaterEqual(report["threads"], 1)
        for s in report["stages"]:
            if s["stage"] == "normalize":
                s.update(rows=20_000, seconds=40.0)
        report["threads"] = 1
        path.write_text(json.dumps(report))
        self.p.write("a2.csv", "id,name,mail\n" + "".join(f"{n},A B,a{n}@x.com\n" for n in range(2, 5002)))
        one, two = self.json("--threads", "1"), self.json("--threads", "2")
        stage = lambda j: next(s for s in j["stages"] if s["stage"] == "normalize")
        self.assertEqual(stage(one)["rate_from"], "import 1 of this plan")
        self.assertAlmostEqual(stage(one)["seconds"], 10, delta=0.01)
        self.assertAlmostEqual(stage(two)["seconds"], 10 * (0.05 + 0.95 / 2), delta=0.01)
        self.assertEqual(next(s for s in one["stages"] if s["stage"] == "dedupe")["rate_from"], "docs/performance.md")


class Accuracy(Explain):
    """Rows and disk on generated data: within 15 %. What is left of a run is held against what was foretold."""

    def held(self, records, *layouts):
        files = []
        for layout in layouts:
            files += ["--csv", f"{layout}.csv", "--layout", layout]
        subprocess.run([DATAGEN, "--records", str(records), "--seed", "5", *files, "--sqlite", "old.db", "--plan", "plan.yaml"],
                       cwd=self.p.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        j = self.json()
        self.p.run()
        work = self.p.folder / ".migrate/people/work"
        size = lambda pattern: sum(f.stat().st_size for f in work.glob(pattern))
        parts = {p["what"]: p["bytes"] for d in j["disk"] for p in d["parts"]}
        reports = sum(f.stat().st_size for f in (self.p.folder / ".migrate/people/reports").iterdir())
        for what, real in (("raw segments", size("raw-*")), ("record segments", size("rec-*")),
                           ("tables and indexes", (self.p.folder / "people.db").stat().st_size)):
            self.assertLess(abs(parts[what] / real - 1), 0.15, f"{what}: {parts[what]} foretold, {real} taken")
        self.assertLess(abs(parts["report"] / reports - 1), 0.5)
        self.assertLess(abs(j["rows"]["read"] / records - 1), 0.15)
        return j

    def test_small(self):
        j = self.held(20_000, "main", "campaign", "semicolon")
        self.assertEqual(j["rows"]["read"], 20_000)
        self.assertEqual(j["rows"]["error"], 0)

    def test_files_that_are_sampled(self):
        j = self.held(130_000, "main", "campaign")
        estimated = [i for i in j["inputs"] if i["type"] == "csv"]
        self.assertTrue(all(i["rows_error"] > 0 for i in estimated))
        self.assertTrue(all("17 places" in i["counted_by"] for i in estimated))

    def test_rows_of_awkward_files(self):
        """Long fields with line ends, rows that grow, and archives: the estimate within 15 %."""
        self.p.plan("  a: {type: csv, path: 'a*', key: id, fields: {full_name: name, email: note}}\n")
        rows = 120_000
        quoted = "".join(f'{n},Ann Lee,"a ""note"" of\nline {n}, {"x" * (n % 90)}\n\n"\r\n' for n in range(rows))
        growing = "".join(f"{n},Ann,{'y' * (n // 1500)}\n" for n in range(rows, 2 * rows))
        self.p.write("a1.csv", "id,name,note\r\n" + quoted)
        self.p.write("a2.csv", "id,name,note\n" + growing)
        noise = "".join(f"{n},Ann,{hashlib.sha256(str(n).encode()).hexdigest() * 9}\n" for n in range(2 * rows, 2 * rows + 90_000))
        self.p.path("a3.csv.gz").write_bytes(gzip.compress(("id,name,note\n" + noise).encode(), 1))
        self.p.write("a4.csv", b"\xff\xfe" + ("id,name,note\n" + growing).encode("utf-16-le"))
        found = {os.path.basename(i["file"]): i for i in self.json()["inputs"]}
        for name, real in (("a1.csv", rows), ("a2.csv", rows), ("a3.csv.gz", 90_000), ("a4.csv", rows)):
            self.assertLess(abs(found[name]["rows"] / real - 1), 0.15, found[name])
        self.assertIn("17 places", found["a1.csv"]["counted_by"])
        self.assertIn("from its first", found["a3.csv.gz"]["counted_by"])


if __name__ == "__main__":
    unittest.main()
