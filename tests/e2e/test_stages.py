"""What is run and what is not: reruns, --limit, stages, globs, duplicates, layouts, empty and packed files."""
import sqlite3
import subprocess
import unittest

from common import MIGRATE, Case, payload

PLAN = '  a: {type: csv, path: "a*.csv*", key: id, fields: {full_name: name, email: mail}}'
ROWS = [["1", "Ann Lee", "ann@example.org"], ["2", "Bob Ray", "bob@example.org"], ["3", "Ann Lee", "ann@example.org"],
        ["4", "Carl Fox", "carl@example.org"], ["5", "Dan Poe", "dan@example.org"]]
HEADER = ["id", "name", "mail"]


class Rerun(Case):
    def assert_rerun_changes_one_audit_event(self, code):
        before = self.p.tables(all_columns=True)
        files = self.p.listing("out/ws/reports")
        result = self.p.run(expect=code)
        self.assertIn("nothing new", result.stdout)
        after = self.p.tables(all_columns=True)
        self.assertEqual(len(after.pop("audit_event")), len(before.pop("audit_event")) + 1)
        self.assert_same_tables(before, after)
        self.assertEqual(self.p.listing("out/ws/reports"), files)

    def test_rerun_over_unchanged_inputs_makes_one_audit_event_and_says_so(self):
        self.p.write_csv("a.csv", HEADER, ROWS)
        self.p.plan(PLAN)
        self.p.run(expect=0)
        self.assert_rerun_changes_one_audit_event(0)
        self.assert_rerun_changes_one_audit_event(0)

    def test_rerun_with_open_rejects_exits_3(self):
        self.p.write_csv("a.csv", HEADER, [*ROWS, ["6", "short"]])
        self.p.plan(PLAN)
        self.p.run(expect=3)
        self.assert_rerun_changes_one_audit_event(3)

    def test_rerun_after_the_workspace_was_deleted_makes_no_import(self):
        self.p.write_csv("a.csv", HEADER, ROWS)
        self.p.plan(PLAN)
        self.p.run(expect=0)
        before = self.p.tables(all_columns=True)
        for path in sorted(self.p.path("out/ws").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        for _ in range(2):
            self.assertIn("nothing new", self.p.run(expect=0).stdout)
        after = self.p.tables(all_columns=True)
        self.assertEqual(len(after.pop("audit_event")), len(before.pop("audit_event")) + 2)
        self.assert_same_tables(before, after)

    def test_reruns_after_a_file_was_taken_away_make_no_import(self):
        self.p.write_csv("a1.csv", HEADER, ROWS[:3])
        self.p.write_csv("a2.csv", HEADER, ROWS[3:])
        self.p.plan(PLAN)
        self.p.run(expect=0)
        self.p.path("a2.csv").unlink()
        for _ in range(2):
            self.assertIn("nothing new", self.p.run(expect=0).stdout)
        self.assertEqual(self.p.query("SELECT count(*) FROM import"), [(1,)])
        self.assertEqual(len(self.p.export("links")), 5)

    def test_a_plan_that_changes_and_changes_back_is_applied_each_time(self):
        self.p.write("a.csv", "id,name,nick\n1,Ann Lee,Annie Lea\n")
        plans = {"Lee": PLAN.replace(", email: mail", ""), "Lea": PLAN.replace("name, email: mail", "nick")}
        for last in ("Lee", "Lea", "Lee", "Lea"):
            self.p.plan(plans[last])
            self.p.run(expect=0)
            self.assertEqual([r["last_name"] for r in self.p.export("persons")], [last])
            self.assertIn("nothing new", self.p.run(expect=0).stdout)

    def test_two_plans_may_share_a_target(self):
        self.p.write_csv("a.csv", HEADER, ROWS[:3])
        self.p.write_csv("b.csv", HEADER, ROWS[3:])
        self.p.plan(PLAN)
        plan = self.p.path("plan.yaml").read_text()
        self.p.write("other.yaml", plan.replace("name: p", "name: other", 1).replace("/ws", "/ws2").replace("  a:", "  b:").replace("a*", "b*"))
        for name in ("plan.yaml", "other.yaml"):
            self.assertEqual(self.p.migrate("run", name).code, 0)
        for name in ("plan.yaml", "other.yaml") * 2:
            result = self.p.migrate("run", name)
            self.assertIn("nothing new", result.stdout, str(result))
            self.assertEqual(self.p.migrate("run", name, "--stage", "reconcile").code, 0)
        self.assertEqual(self.p.query("SELECT count(*) FROM import"), [(2,)])
        self.assertEqual(len(self.p.export("links")), 5)

    def test_two_plans_share_one_model_until_its_plan_changes(self):
        people = lambda low, high: "id,name\n" + "".join(f"{i},Ann Lee{i}\n" for i in range(low, high))
        source = "  %s: {type: csv, path: '%s_*.csv', key: id, fields: {full_name: name}}"

        def write_plan(name, more=""):
            self.p.plan(source % (name, name), extra=more, name=name)
            self.p.write(f"{name}.yaml", self.p.path("plan.yaml").read_text().replace("/ws", "/ws_" + name))

        def model(name):
            shown = self.p.migrate("model", "show", f"{name}.yaml", "--json")
            self.assertEqual(shown.code, 0, shown)
            return shown.json()["version"]
        for name in ("a", "b"):
            write_plan(name)
            self.p.write(f"{name}_1.csv", people(0, 30))
            self.assertEqual(self.p.migrate("run", f"{name}.yaml").code, 0)
        self.assertEqual((model("a"), model("b")), (1, 1))
        self.p.write("a_2.csv", people(40, 50))
        self.assertEqual(self.p.migrate("run", "a.yaml").code, 0)
        self.assertEqual((model("a"), model("b")), (1, 1))
        write_plan("a", "normalize: {country: GB}")
        self.assertEqual(self.p.migrate("run", "a.yaml").code, 0)
        self.assertEqual((model("a"), model("b")), (2, 2))

    def test_an_output_that_is_a_link_stays_one(self):
        self.p.write_csv("a.csv", HEADER, ROWS)
        self.p.plan(PLAN)
        self.p.run()
        self.p.write("real.csv", "old")
        for link, to in (("link.csv", "real.csv"), ("dangling.csv", "new.csv")):
            self.p.path(link).symlink_to(self.p.path(to))
            self.assertEqual(self.p.migrate("export", "links", "plan.yaml", "--output", self.p.path(link)).code, 0)
            self.assertTrue(self.p.path(link).is_symlink())
            self.assertIn("source,source_key", self.p.path(to).read_text())

    def test_a_full_disk_behind_stdout_is_an_error(self):
        self.p.write_csv("a.csv", HEADER, ROWS)
        self.p.plan(PLAN)
        self.p.run(expect=0)
        for args in (["run", "--json"], ["export", "links"], ["rejects", "list"], ["report"], ["status"]):
            with open("/dev/full", "w") as full, self.subTest(args):
                p = subprocess.run([MIGRATE, *args, "plan.yaml"], env=self.p.environment(), cwd=self.p.folder, stdout=full, stderr=subprocess.PIPE)
                self.assertEqual(p.returncode, 1)
                self.assertIn(b"space", p.stderr)

    def test_rerun_over_a_sqlite_source_makes_no_import(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, name)", "t", [(1, "Ann Lee"), (2, "Bob Ray")])
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
        self.p.run(expect=0)
        self.assert_rerun_changes_one_audit_event(0)


class Stages(Case):
    def setUp(self):
        super().setUp()
        self.p.write_csv("a.csv", HEADER, ROWS)
        self.p.plan(PLAN)

    def test_limit_takes_the_first_rows_and_a_full_run_then_takes_the_rest(self):
        self.p.run("--limit", 2, expect=0)
        self.assertEqual([row["source_key"] for row in self.p.export("links")], ["1", "2"])
        self.assertEqual(self.p.report()["limit"], 2)
        self.p.run(expect=0)
        self.assertEqual([row["source_key"] for row in self.p.export("links")], ["1", "2", "3", "4", "5"])
        self.assertEqual(self.p.report(2)["flow"]["inserted"], 3)

    def test_stages_one_by_one_give_what_a_whole_run_gives(self):
        for stage in ("extract", "normalize", "load", "dedupe", "reconcile"):
            self.p.run("--stage", stage, expect=0, out="single")
        self.p.run(expect=0, out="whole")
        self.assertEqual(self.p.exports(out="single"), self.p.exports(out="whole"))
        self.assert_same_tables(self.p.tables(out="single", leave_out={"reconciliation"}),
                                self.p.tables(out="whole", leave_out={"reconciliation"}))
        self.assertIn("nothing new", self.p.run(expect=0, out="single").stdout)

    def test_two_stages_at_once_and_from(self):
        self.p.run("--stage", "extract", "--stage", "normalize", expect=0)
        self.assertFalse(self.p.target().exists())
        self.p.run("--from", "load", expect=0)
        self.p.run(expect=0, out="whole")
        self.assertEqual(self.p.exports(), self.p.exports(out="whole"))

    def test_dedupe_again_changes_no_person(self):
        self.p.run(expect=0)
        before = self.p.exports()
        self.p.run("--from", "dedupe", expect=0)
        self.assertEqual(self.p.exports(), before)
        self.p.run("--stage", "dedupe", "--stage", "reconcile", expect=0)
        self.assertEqual(self.p.exports(), before)

    def test_from_extract_over_unchanged_inputs_changes_no_record(self):
        self.p.run(expect=0)
        before = self.p.exports()
        self.p.run("--from", "extract", expect=0)
        self.assertEqual(self.p.exports(), before)
        self.assertEqual(self.p.query("SELECT count(*) FROM record_history"), [(0,)])
        self.p.run("--stage", "reconcile", expect=0)

    def test_a_later_stage_before_the_first_import_is_refused(self):
        for stage in ("dedupe", "reconcile"):
            self.assert_fails(self.p.migrate("run", "plan.yaml", "--stage", stage), 2, "loaded")
        self.assertFalse(self.p.target().exists())

    def test_stages_that_the_plan_gets_later_are_done_then(self):
        self.p.plan(PLAN, "stages: [extract, normalize, load]")
        self.p.run(expect=0)
        self.assertEqual(self.p.export("persons"), [])
        self.p.plan(PLAN)
        self.p.run(expect=0)
        self.p.run(expect=0, out="whole")
        self.assertEqual(self.p.exports(), self.p.exports(out="whole"))

    def test_quiet_says_nothing_on_stderr(self):
        self.assertEqual(self.p.run("--quiet", expect=0).stderr, "")


class Files(Case):
    def test_a_glob_takes_every_file_in_bytewise_order(self):
        for i, name in enumerate(("a10.csv", "a2.csv", "aB.csv", "aa.csv")):
            self.p.write_csv(name, HEADER, [ROWS[i]])
        self.p.write_csv("b.csv", HEADER, [ROWS[4]])
        self.p.plan(PLAN)
        files = self.p.run("--json", expect=0).json()["sources"][0]["files"]
        self.assertEqual([f["path"].rsplit("/", 1)[1] for f in files], ["a10.csv", "a2.csv", "aB.csv", "aa.csv"])
        self.assertEqual(len(self.p.export("links")), 4)

    def test_the_same_file_under_two_names_is_skipped_counted_and_named(self):
        self.p.write_csv("a1.csv", HEADER, ROWS)
        self.p.write_csv("a2.csv", HEADER, ROWS)
        self.p.plan(PLAN)
        result = self.p.run("--json", expect=0)
        files = result.json()["sources"][0]["files"]
        self.assertEqual([f["state"] for f in files], ["imported", "duplicate"])
        self.assertEqual(files[1]["same_as"], str(self.p.path("a1.csv")))
        self.assertEqual(files[1]["counted"], 5)
        self.assertIn("a2.csv: skipped", result.stderr)
        self.assertEqual(len(self.p.export("links")), 5)
        self.assertEqual(self.p.query("SELECT count(*) FROM record_history"), [(0,)])

    def test_a_file_that_comes_again_under_another_name_is_skipped(self):
        self.p.plan(PLAN.replace("key: id, ", ""))
        self.p.write_csv("a1.csv", HEADER, ROWS)
        self.p.run(expect=0)
        before = self.p.exports()
        self.p.path("a1.csv").rename(self.p.path("a9.csv"))
        result = self.p.run(expect=0)
        self.assertIn("a9.csv", result.stdout + result.stderr)
        self.assertEqual(self.p.exports(), before)

    def test_a_packed_file_is_read_as_its_content(self):
        text = self.p.write_csv("plain.csv", HEADER, ROWS).read_text()
        self.p.write_gzip("a.csv.gz", text)
        self.p.plan(PLAN)
        self.p.run(expect=0)
        stored = self.p.query("SELECT source_key, payload FROM record ORDER BY source_key")
        self.assertEqual([(k, bytes(data)) for k, data in stored], [(row[0], payload(row)) for row in ROWS])

    def test_a_header_only_and_an_empty_file_bring_no_rows(self):
        self.p.write("a1.csv", "id,name,mail\n")
        self.p.write("a2.csv", "")
        self.p.write_gzip("a3.csv.gz", "")
        self.p.plan(PLAN)
        result = self.p.run("--json", expect=0)
        self.assertEqual(result.json()["flow"]["counted"], 0)
        self.assertEqual(self.p.export("links"), [])
        self.assertEqual(self.p.export("persons"), [])
        self.p.write_csv("a4.csv", HEADER, ROWS)
        self.p.run(expect=0)
        self.assertEqual(len(self.p.export("links")), 5)

    def test_each_file_takes_the_first_layout_that_fits(self):
        self.p.write("a1.csv", "id,name,mail\n1,Ann Lee,ann@example.org\n")
        self.p.write("a2.csv", "nr;Vorname;Nachname;id\n7;Jörg;Groß;2\n".encode("cp1252"))
        self.p.plan("""
  a:
    type: csv
    path: a*.csv
    key: id
    layouts:
      - fields: {full_name: name, email: mail}
      - fields: {first_name: Vorname, last_name: Nachname}
        encoding: windows-1252
        delimiter: ";"
""")
        self.p.run(expect=0)
        stored = dict(self.p.query("SELECT source_key, payload FROM record"))
        self.assertEqual(bytes(stored["2"]), payload(["7", "Jörg", "Groß", "2"]))
        rows = self.p.export("source", "--name", "a", "--file", self.p.path("a2.csv"))
        self.assertEqual(rows, [{"nr": "7", "Vorname": "Jörg", "Nachname": "Groß", "id": "2"}])
        self.assertEqual({(r["first_name"], r["last_name"]) for r in self.p.export("persons")}, {("Ann", "Lee"), ("Jörg", "Groß")})

    def test_rows_of_an_unknown_layout_are_quarantined_if_the_plan_says_so(self):
        self.p.write_csv("a1.csv", HEADER, ROWS)
        self.p.write("a2.csv", "x,y\n1,2\n3,4\n")
        self.p.plan("""
  a:
    type: csv
    path: a*.csv
    key: id
    layouts: [{fields: {full_name: name}}, {fields: {full_name: nom}}]
    unknown_layout: quarantine
""")
        self.p.run(expect=3)
        rejects = self.p.export("rejects")
        self.assertEqual([r["reason"] for r in rejects], ["unknown_layout"] * 2)
        self.assertEqual(len(self.p.export("links")), 5)

    def test_views_and_queries_are_read(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, name); CREATE VIEW v AS SELECT id, name FROM t WHERE id > 1;", "t",
                      [(1, "Ann Lee"), (2, "Bob Ray"), (3, "Carl Fox")])
        self.p.plan("""
  view: {type: sqlite, path: old.db, table: v, key: id, fields: {full_name: name}}
  query: {type: sqlite, path: old.db, query: "SELECT id AS number, upper(name) AS caps FROM t WHERE id < 3", key: number, fields: {full_name: caps}}
""")
        self.p.run(expect=0)
        links = [(row["source"], row["source_key"]) for row in self.p.export("links")]
        self.assertEqual(links, [("query", "1"), ("query", "2"), ("view", "2"), ("view", "3")])
        self.assertEqual(self.p.export("source", "--name", "query"),
                         [{"number": "1", "caps": "ANN LEE"}, {"number": "2", "caps": "BOB RAY"}])

    def test_rows_in_a_write_ahead_log_are_read(self):
        db = sqlite3.connect(self.p.path("old.db"))
        self.addCleanup(db.close)
        db.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (id, name); INSERT INTO t VALUES (1, 'Ann Lee');")
        self.p.plan("  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
        self.p.run(expect=0)
        self.assertEqual(len(self.p.export("links")), 1)
        db.execute("INSERT INTO t VALUES (2, 'Bob Ray')")
        db.commit()
        self.p.run(expect=0)
        self.assertEqual(len(self.p.export("links")), 2)


class AfterARollback(Case):
    """Inputs of an import that was rolled back stay out, however the run is asked for, until they are released."""

    def project(self, table):
        self.p.plan(PLAN + ("""
  t: {type: sqlite, path: t.db, table: t, key: id, extract: {incremental: at, overlap: 0}, fields: {full_name: name}}"""
                            if table else ""))
        self.p.write_csv("a1.csv", HEADER, ROWS[:1])
        if table:
            self.p.sqlite("t.db", "CREATE TABLE t(id, name, at INTEGER)", "t", [("7", "Ed Fox", 1)])
        self.p.run(expect=0)
        self.p.write_csv("a2.csv", HEADER, ROWS[1:3])
        if table:
            self.p.sqlite("t.db", "", "t", [("8", "Flo Gay", 2)])
        self.p.run(expect=0)

    def keys(self):
        return sorted(k for k, in self.p.query("SELECT source_key FROM record"))

    def test_held_inputs_stay_out_when_everything_is_read_again(self):
        for how in (["--from", "extract"], ["--stage", "extract"], ["--stage", "extract", "--stage", "normalize"]):
            for table in (False, True) if how[0] == "--from" else (True,):
                for behind in (True, False):  # the rollback comes before, or between the stages
                    with self.subTest(table=table, how=how, behind=behind):
                        self.p = self.make_project()
                        self.project(table)
                        taken = [2] if behind or how[0] != "--from" else [3, 2]
                        steps = [["run", "plan.yaml", *how], *(["rollback", "plan.yaml", n] for n in taken)]
                        for step in reversed(steps) if behind else steps:
                            self.assertEqual(self.p.migrate(*step).code, 0)
                        for _ in range(2):
                            last = self.p.run(expect=0)
                        self.assertIn("nothing new", last.stdout)
                        self.assertIn("imports release", last.stderr)
                        self.assertEqual(self.keys(), ["1", "7"] if table else ["1"])
                        for number in taken:
                            self.p.migrate("imports", "release", "plan.yaml", number)
                        self.p.run(expect=0)
                        self.assertEqual(len(self.keys()), 5 if table else 3)

    def test_known_files_read_again_by_name_are_loaded_beside_a_part(self):
        self.project(True)
        self.p.sqlite("t.db", "", "t", [("9", "Guy Hay", 3)])
        for stage in ("extract", "normalize", "load"):
            self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", stage).code, 0)
        self.assertIn("reconciled by SHA-256: match", self.p.run(expect=0).stdout)
        self.assertEqual(self.keys(), ["1", "2", "3", "7", "8", "9"])
        self.assertIn("nothing new", self.p.run(expect=0).stdout)


class Memory(Case):
    def test_less_than_dedupe_needs_is_refused_before_anything_is_written(self):
        self.p.write_csv("a.csv", HEADER, ROWS)
        self.p.plan(PLAN)
        refused = self.p.migrate("run", self.p.plan_file, "--memory", "512MiB")
        self.assert_fails(refused, 1, "dedupe: 5 records need 513 MiB (90 bytes each and 512 MiB), --memory allows 512 MiB",
                          "--memory 513MiB")
        self.assertFalse(self.p.target().exists())
        for stage in ("extract", "normalize", "load"):  # they need less
            self.p.run("--stage", stage, "--memory", "512MiB", expect=0)
        refused = self.p.migrate("run", self.p.plan_file, "--stage", "dedupe", "--memory", "512MiB")
        self.assert_fails(refused, 1, "dedupe: 5 records need 513 MiB")
        self.assertEqual(self.p.query("SELECT count(*) FROM person"), [(0,)])
        self.p.run("--memory", "513MiB", expect=0)
        self.assertEqual(len(self.p.export("links")), 5)


if __name__ == "__main__":
    unittest.main()
