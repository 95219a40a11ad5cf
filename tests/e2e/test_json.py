"""--json on every command, in many states, held against the schemas in docs/schema: one object on stdout, one a line on
stderr, nothing that the schema does not know."""
import json
import signal
import unittest

import jsonschema

from common import ROOT, Case, stop

SCHEMAS = {p.name.removesuffix(".schema.json"): json.loads(p.read_text()) for p in (ROOT / "docs/schema").glob("*.json")}
VALIDATORS = {name: jsonschema.Draft7Validator(schema) for name, schema in SCHEMAS.items()}
HEADER = ["id", "first", "last", "mail", "phone", "changed"]
ROWS = [["1", "Ann", "Lee", "ann@example.org", "617-555-0142", "2024-01-01"],
        ["2", "Anne", "Lee", "ann@example.org", "617-555-0142", "2024-02-01"],
        ["3", "Bob", "Ray", "bob@example.org", "", "2024-01-05"]]
PLAN = ('  a: {type: csv, path: "a*.csv", key: id, fields: {first_name: first, last_name: last, email: mail, phone: phone, '
        "updated_at: changed}}\n  old: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}")
# Commands whose result on success is described by another command's schema.
SAME = {"run": "report"}


def strict(schema, path=""):
    """Objects of a schema that would let unknown keys pass."""
    if isinstance(schema, list):
        return [hit for i, s in enumerate(schema) for hit in strict(s, f"{path}/{i}")]
    if not isinstance(schema, dict):
        return []
    hits = [path] if "properties" in schema and schema.get("additionalProperties") is not False else []
    return hits + [hit for key, s in schema.items() for hit in strict(s, f"{path}/{key}")]


class Schemas(unittest.TestCase):
    def test_they_are_schemas_and_let_nothing_unknown_pass(self):
        self.assertGreater(len(SCHEMAS), 10)
        for name, schema in SCHEMAS.items():
            jsonschema.Draft7Validator.check_schema(schema)
            self.assertEqual(schema["$schema"], "http://json-schema.org/draft-07/schema#")
            self.assertEqual(strict(schema), [], name)

    def test_they_would_see_a_key_too_many(self):
        self.assertTrue(VALIDATORS["failure"].is_valid({"schema": 1, "ok": False, "exit_code": 2, "error": "x", "hint": ""}))
        self.assertFalse(VALIDATORS["failure"].is_valid({"schema": 1, "ok": False, "exit_code": 2, "error": "x", "hint": "", "more": 1}))
        self.assertFalse(VALIDATORS["events"].is_valid({"schema": 1, "event": "note", "text": "x", "stage": "load"}))


class EveryCommand(Case):
    def setUp(self):
        super().setUp()
        self.p.write_csv("a1.csv", HEADER, ROWS)
        self.p.sqlite("old.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, name)", "t", [(1, "Ann Lee"), (2, "Carl Fox")])
        self.p.plan(PLAN)

    def assert_valid(self, name, value):
        errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in VALIDATORS[name].iter_errors(value)]
        self.assertEqual(errors, [], name)

    def check(self, command, *args, code=0, plan="plan.yaml", schema=None):
        """Runs it with --json and holds both streams against their schemas; the result as a value."""
        words = command.split()
        positional = [] if plan is None else [plan]
        if words[0] == "export":
            positional = [words.pop(), *positional]
        result = self.p.migrate(*words, *positional, *args, "--json")
        with self.subTest(f"{command} {args} -> {code}"):
            self.assertEqual(result.code, code, str(result))
            for line in result.stderr.splitlines():
                self.assert_valid("events", json.loads(line))
            found = json.loads(result.stdout)
            name = schema or SAME.get(command, "export" if words[0] == "export" else command.replace(" ", "-"))
            if code not in (0, 3) and schema is None:
                name = "failure"
            self.assert_valid(name, found)
            if name == "failure":
                self.assertEqual(found["exit_code"], code)
                self.assertTrue(found["error"])
                last = json.loads(result.stderr.splitlines()[-1])
                self.assertEqual((last["event"], last["exit_code"], last["text"]), ("error", code, found["error"]))
            elif code == 0:
                self.assertNotIn('"event":"error"', result.stderr)
            return found

    def commands(self):
        """Every command with a plan that reads: (command, arguments)."""
        return [("validate", []), ("validate", ["--offline"]), ("validate", ["--rows", "2"]), ("explain", []),
                ("explain", ["--offline"]), ("explain", ["--memory", "2GiB", "--threads", "3"]), ("status", []),
                ("imports list", []), ("imports show", ["1"]), ("imports diff", ["1"]), ("history", ["1"]), ("history", ["a:1"]),
                ("show", ["1", "--as-of", "1"]), ("audit verify", []), ("audit export", ["--output", "x.jsonl"]), ("rejects list", []), ("rejects list", ["--limit", "1"]),
                ("rejects list", ["--reason", "too_few_fields", "--all"]), ("rejects export", ["--output", "x.csv"]), ("report", []),
                ("show", ["1"]), ("find", ["--email", "ann@example.org"]), ("find", ["--phone", "617-555-0142"]),
                ("find", ["--last-name", "Lee", "--zip", "02116"]),
                ("why", ["a:1", "a:2"]), ("why", ["a:1", "old:2"]), ("why", ["a:1", "a:2", "--blocks"]), ("model show", []),
                ("model export", ["--output", "x.json"]), ("review list", []), ("review list", ["--decisions"]), ("review next", []),
                ("schema show", []), ("schema check", []),
                ("rows", ["persons"]), ("rows", []), ("rows", ["quarantined", "--output", "x.csv"]), ("rows", ["read"]),
                ("export links", ["--output", "x.csv"]), ("export persons", ["--output", "x.csv"]),
                ("export rejects", ["--output", "x.csv"]), ("export source", ["--name", "old", "--output", "x.csv"])]

    def test_the_list_here_has_every_command(self):
        tree = {c["command"] for c in self.check("help", plan=None)["commands"]}
        covered = {"export" if c.startswith("export") else c for c, _ in self.commands()}
        steering = {"model train", "schema apply", "repair", "rollback", "imports release", "imports accept", "watch", "rejects fix", "rejects replay",
                    *(f"review {w}" for w in ("link", "unlink", "pin", "undo", "apply"))}
        self.assertEqual(tree - covered - steering - {"run", "rejects show", "help", "completion", "init"}, set())
        for shell in ("bash", "zsh", "fish"):
            self.check("completion", shell, plan=None)

    def test_init(self):
        self.check("init", "a1.csv", "old.db", plan=None)
        self.assertEqual(self.check("init", "a1.csv", "--output", "new.yaml", "--name", "new", plan=None)["name"], "new")
        self.check("validate", plan="new.yaml")
        self.check("init", "a1.csv", "--output", "new.yaml", plan=None, code=2)
        self.check("init", "none.csv", plan=None, code=2)
        self.check("init", plan=None, code=2)
        self.p.write("notes.txt", "no person here\n")
        self.check("init", "notes.txt", plan=None, code=2)

    def test_warnings_of_validate_fail_if_strict(self):
        self.p.write("a1.csv", ",".join(HEADER) + "\n" + "".join(f"{i},Ann,Lee,no mail,x,2024-01-01\n" for i in range(50)))
        self.assertGreater(self.check("validate")["warnings"], 0)
        result = self.p.migrate("validate", "plan.yaml", "--strict", "--json")
        self.assertEqual((result.code, result.json()["ok"], result.json()["exit_code"]), (2, False, 2))
        self.assert_valid("validate", result.json())

    def test_before_the_first_run(self):
        self.check("rows", "persons", code=2)
        reading = {"rejects list", "rejects export", "show", "find", "imports list", "report", "why", "model show", "model export",
                   "review list", "review next", "schema check", "imports show", "imports diff", "history", "audit verify", "audit export"}
        for command, args in self.commands():
            fails = command in reading or command.startswith("export") or command == "rows" and args
            self.check(command, *args, code=2 if fails else 0)
        self.check("rejects show", "1", code=2)

    def test_ok_then_nothing_new_then_an_increment_with_rejects(self):
        first = self.check("run")
        self.assertEqual((first["exit_code"], first["import"]), (0, 1))
        for command, args in self.commands():
            self.check(command, *args)
        self.assertEqual(self.check("run")["import"], None)
        self.p.write("a2.csv", ",".join(HEADER) + "\n4,Dan\n1,Ann,Lee-Fox,ann@example.org,,2025-01-01\nx,\"a\"b,,,,\n")
        second = self.check("run", code=3)
        self.assertEqual((second["import"], second["flow"]["quarantined"]), (2, 2))
        for command, args in self.commands():
            self.check(command, *args)
        for reject in self.p.query("SELECT quarantine_id FROM quarantine"):
            self.check("rejects show", str(reject[0]))
        self.check("rejects show", "99", code=2)
        self.check("run", code=3)
        ragged = str(self.p.query("SELECT quarantine_id FROM quarantine WHERE reason = 'too_few_fields'")[0][0])
        self.assertFalse(self.check("rejects fix", ragged, "--set", "mail=x@example.org")["readable"])
        self.p.write("row.csv", "4,Dan,Roe,,,2025-02-01\n")
        self.assertTrue(self.check("rejects fix", ragged, "--raw", "row.csv")["readable"])
        self.assertEqual(self.check("rejects replay", code=3)["replayed"], 1)
        self.assertEqual(self.check("rejects replay", code=3)["import"], None)
        self.check("rejects replay", "99", code=2)
        self.check("rejects list", "--all", "--limit", "5")
        self.check("rejects show", ragged)
        self.check("watch", "--once", code=3)
        self.assertEqual(self.check("report", "--import", "1")["import"], 1)
        self.check("report", "--import", "9", code=2)
        self.check("show", "99", code=2)
        self.check("show", str(self.p.query("SELECT record_id FROM record")[0][0]))
        self.check("find", code=2)

    def test_dry_run_limit_and_single_stages(self):
        self.assertTrue(self.check("run", "--dry-run")["dry_run"])
        self.assertEqual(self.check("run", "--limit", "1")["limit"], 1)
        for stage in ("extract", "normalize", "load", "dedupe", "reconcile"):
            self.check("run", "--stage", stage)
        self.check("run", "--from", "dedupe")
        self.check("status")

    def test_steering(self):
        for command, args in [("model train", []), ("review apply", []), ("review link", ["a:1", "a:3"])]:
            self.check(command, *args, code=2)
        self.check("run")
        self.assertEqual(self.check("model train")["version"], 2)
        self.check("model export", code=2)
        self.assertFalse(self.check("review link", "a:1", "a:3", "--later", "--reason", "x", "--by", "ann")["applied"])
        self.assertTrue(self.check("review undo", "1")["applied"])
        self.check("review unlink", "a:1", "a:2")
        self.check("review pin", "1", "last_name", "Lee")
        self.check("review pin", "1", "last_name", "Nobody", code=2)
        self.check("review undo", "1", code=2)
        self.check("review list", "--decisions")
        self.check("review next")
        self.check("review apply")
        self.check("why", "a:1", "a:2")
        self.check("why", "a:1", "a:1", code=2)
        self.assertFalse(self.check("schema apply")["made"])
        self.p.execute("DROP TABLE decision_pin")
        self.assertEqual(self.check("schema check", code=4, schema="schema-check")["differences"], ["table decision_pin is missing"])

    def test_rollback(self):
        self.check("rollback", "1", code=2)
        self.check("run")
        self.assertTrue(self.check("rollback", "1", "--dry-run")["dry_run"])
        self.assertEqual(self.check("rollback", "1")["direction"], "back")
        self.assertTrue(self.check("rollback", "1")["already"])
        self.check("imports list")
        self.check("imports diff", "1", "2")
        self.check("history", "1")
        self.check("run")
        self.check("imports release", "1")
        self.check("imports release", "1", code=2)
        self.assertEqual(self.check("rollback", "2")["direction"], "again")
        self.check("imports accept")
        self.p.execute("UPDATE audit_event SET detail = '{}' WHERE event_id = 1")
        self.assertEqual(self.check("audit verify", code=4, schema="audit-verify")["first_bad"], 1)

    def test_plan_errors(self):
        self.p.write("bad.yaml", "name: p\ntarget: {url: \"sqlite:x.db\"}\nsources: {a: {type: csv, path: a.csv, feilds: {}}}\n")
        for command, args in [*self.commands(), ("run", []), ("run", ["--dry-run"]), ("rejects show", ["1"])]:
            for plan in ("bad.yaml", "none.yaml"):
                found = self.check(command, *args, plan=plan, code=2)
                self.assertIn(plan, found["error"])

    def test_usage_errors(self):
        for command, args in [("run", ["--fly"]), ("run", ["--threads", "0"]), ("run", ["--memory", "much"]), ("show", []),
                              ("rejects show", []), ("report", ["--import", "x"]), ("find", ["--mail", "x"])]:
            self.check(command, *args, code=2)
        self.check("watch", "--interval", "soon", code=2)
        self.check("rejects fix", "1", code=2)
        self.check("fly", code=2, plan=None)
        self.check("export links", code=2)

    def test_missing_sources(self):
        self.p.path("old.db").unlink()
        self.check("run", code=2)
        self.check("validate", code=2)
        self.check("validate", "--offline")

    def test_quarantine_limit(self):
        self.p.write("a2.csv", ",".join(HEADER) + "\n4,Dan\n")
        self.p.plan(PLAN, "reconcile: {max_quarantined: 0}")
        self.assertEqual(self.check("run", code=5, schema="report")["exit_code"], 5)
        self.check("status")

    def test_mismatch(self):
        self.check("run")
        self.p.execute("UPDATE record SET email = 'x@example.org' WHERE source_key = '1'")
        found = self.check("run", "--stage", "reconcile", code=4, schema="report")
        self.assertEqual(found["reconciliation"]["verdict"], "mismatch")
        self.assertTrue(found["reconciliation"]["damage"])
        for command in ("status", "imports list", "report"):
            self.check(command)

    def test_shards(self):
        self.check("run")
        self.p.write_csv("a2.csv", HEADER, [["4", "Dan", "Fay", "dan@example.org", "", "2024-01-07"]])
        self.assertEqual(self.check("run", "--stage", "extract", "--shard", "1/3", schema="report")["missing"], [2])
        for command in ("status", "report"):
            shards = self.check(command)["shards"]
            self.assertEqual((shards["n"], [s["stage"] for s in shards["stages"]]), (3, ["extract"]))
            self.assertEqual(shards["stages"][0]["missing"], [2])
        self.assertEqual(self.check("status", "--shards", "1")["shards"]["stages"][0]["missing"], [1])
        self.check("run", "--stage", "extract", "--shard", "2/3", schema="report")
        shards = self.check("status")["shards"]
        self.assertEqual([(s["stage"], s["complete"]) for s in shards["stages"]], [("extract", True), ("normalize", False)])
        self.check("run", "--shard", "1/1", schema="report")
        for command in ("status", "report"):
            self.assertNotIn("shards", self.check(command))

    def test_repair_and_rows_of_the_sources(self):
        self.check("repair", code=2)
        self.check("run")
        self.assertFalse(self.check("repair")["damaged"])
        self.assertEqual(self.check("run", "--stage", "reconcile", "--verify-source")["reconciliation"]["source_rows"]["damaged"], 0)
        self.p.sqlite("old.db", "UPDATE t SET name = 'Ann Leigh' WHERE id = 1")
        self.assertEqual(self.check("run", "--stage", "reconcile", "--verify-source")["reconciliation"]["source_rows"]["changed"], 1)
        self.p.execute("DELETE FROM record WHERE source_key = '3'")
        self.p.execute("UPDATE person SET first_name = 'x' WHERE person_id = 1")
        self.check("run", "--stage", "reconcile", "--verify-source", code=4, schema="report")
        self.assertEqual(len(self.check("repair", "--dry-run")["tables"]), 2)
        self.assertEqual(self.check("repair")["verdict"], "match")
        self.p.sqlite("old.db", "UPDATE t SET name = 'Ann Lee' WHERE id = 1")
        self.assertIsNotNone(self.check("run", "--dry-run")["fingerprints"]["target"])
        self.p.execute("DELETE FROM audit_event WHERE event_id = 1")
        self.check("run", "--stage", "reconcile", code=4, schema="report")
        self.check("repair", code=4, schema="repair")

    def test_damaged_target(self):
        self.check("run")
        self.p.write("out/people.db", "not a database, not at all\n" * 400)
        for command, args in self.commands():
            words = command.split()[0]
            if words in ("validate", "explain", "report") and args != []:
                continue
            if words in ("rejects", "show", "find", "imports", "status", "export", "why", "model", "review", "history", "audit") or args[:1] == ["persons"]:
                positional = [command.split()[1], "plan.yaml"] if words == "export" else ["plan.yaml"]
                name = command.split()[:1] if words == "export" else command.split()
                result = self.p.migrate(*name, *positional, *args, "--json")
                self.assertIn(result.code, (1, 2), str(result))
                self.assert_valid("failure", json.loads(result.stdout))
        result = self.p.migrate("run", "plan.yaml", "--json")
        self.assertIn(result.code, (1, 2))
        self.assert_valid("failure", json.loads(result.stdout))

    def test_cancelled_and_running(self):
        self.p.write_csv("a3.csv", HEADER, ([f"r{i}", f"Ann{i % 97}", f"Lee{i % 89}", f"a{i}@example.org", "", "2024-01-01"]
                                            for i in range(60000)))
        process = self.p.start("run", "plan.yaml", "--json", "--threads", "1")
        while not self.p.path("out/ws/work/manifest.jsonl").exists() and process.poll() is None:
            pass
        self.check("status")
        result = stop(process, signal.SIGINT)
        self.assertEqual(result.code, 130, str(result))
        found = json.loads(result.stdout)
        self.assert_valid("report" if "flow" in found else "failure", found)
        for line in result.stderr.splitlines():
            self.assert_valid("events", json.loads(line))
        self.assertIn("stopping after the chunk", result.stderr)
        self.check("status")


class Printed(Case):
    def test_output_of_export_and_report_is_written_beside_the_object(self):
        self.p.write_csv("a1.csv", HEADER, [*ROWS, ["4", 'quote "and"\nline', "Fox", "", "", ""]])
        self.p.plan(PLAN.split("\n")[0])
        self.p.run(expect=0)
        found = self.p.migrate("export", "source", "plan.yaml", "--name", "a", "--output", "a.out", "--json").json()
        data = self.p.path("a.out").read_bytes()
        self.assertEqual((found["rows"], found["bytes"], found["output"]), (4, len(data), "a.out"))
        found = self.p.migrate("report", "plan.yaml", "--output", "page.html", "--json").json()
        self.assertEqual(found["import"], 1)
        self.assertTrue(self.p.path("page.html").read_text().startswith("<!DOCTYPE html>"))


if __name__ == "__main__":
    unittest.main()
