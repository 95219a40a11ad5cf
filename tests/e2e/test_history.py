"""What a person or a record looked like, when, and by whose doing."""
import unittest

from common import Case
from people import FIRST, LAST

HEADER = ["id", "first", "last", "mail", "changed"]
PLAN = ('  a: {type: csv, path: "a_*.csv", key: id, fields: {first_name: first, last_name: last, email: mail, updated_at: changed}}')


class History(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)
        self.p.write_csv("a_1.csv", HEADER, [["1", "Ann", "Lee", "ann@example.org", "2020-01-01"]])
        self.p.run(expect=0)
        self.p.write_csv("a_2.csv", HEADER, [["1", "Ann", "Poe", "ann@example.org", "2021-01-01"],
                                             ["2", "Bob", "Ray", "bob@example.org", "2021-01-01"]])
        self.p.run(expect=0)

    def history(self, of):
        result = self.p.migrate("history", "plan.yaml", of, "--json")
        self.assertEqual(result.code, 0, str(result))
        return result.json()

    def test_of_a_record_says_what_changed_and_from_which_row(self):
        found = self.history("a:1")
        self.assertEqual([(e["import"], e["what"]) for e in found["events"]], [(1, "appeared"), (2, "changed")])
        self.assertEqual([(c["field"], c["before"], c["after"]) for c in found["events"][1]["changes"]],
                         [("last_name", "Lee", "Poe"), ("updated_at", "2020-01-01 00:00:00", "2021-01-01 00:00:00")])
        row = found["events"][1]["source_row"]
        self.assertEqual((row["record"], row["line"], row["import"]), ("a:1", 2, 2))
        self.assertTrue(row["file"].endswith("a_2.csv"))

    def test_of_a_person_names_its_records_and_who_did_it(self):
        person = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "1")
        found = self.history(person)
        self.assertEqual((found["kind"], [e["what"] for e in found["events"]]), ("person", ["appeared", "changed"]))
        self.assertEqual(found["events"][0]["added"], ["a:1"])
        change = found["events"][1]["changes"][0]
        self.assertEqual((change["field"], change["after"], change["from"]), ("last_name", "Poe", "a:1"))
        self.assertTrue(found["events"][0]["who"])
        text = self.p.migrate("history", "plan.yaml", person).stdout
        self.assertIn("last_name    Lee -> Poe   from a:1", text)

    def test_what_was_rolled_back_stays_in_sight(self):
        bob = next(r for r in self.p.export("links") if r["source_key"] == "2")
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        events = self.history("a:1")["events"]
        self.assertEqual([(e["import"], e["import_kind"], e["what"]) for e in events],
                         [(1, "run", "appeared"), (2, "run", "changed"), (3, "rollback", "changed")])
        self.assertEqual(events[2]["changes"][0]["after"], "Lee")
        self.assertEqual([e["what"] for e in self.history("a:2")["events"]], ["appeared", "rolled back"])
        self.assertEqual([e["what"] for e in self.history(bob["person_id"])["events"]], ["appeared", "ended"])
        then = self.p.migrate("show", "plan.yaml", bob["person_id"], "--as-of", 2, "--json").json()
        self.assertEqual([m["source_key"] for m in then["members"]], ["2"])

    def test_rollbacks_that_were_taken_back_are_events_too(self):
        self.p.write_csv("a_3.csv", HEADER, [["1", "Ann", "Roe", "ann@example.org", "2022-01-01"],
                                             ["2", "Bob", "Ray", "bob@example.org", "2021-01-01"]])
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 3).code, 0)  # 4: Poe
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)  # 5: Lee; Bob goes, for import 3 does not stand
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 5).code, 0)  # 6: Poe
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 4).code, 0)  # 7: Roe
        found = self.history("a:1")["events"]
        self.assertEqual([(e["import"], e["import_kind"], next(c["after"] for c in e["changes"] if c["field"] == "last_name"))
                          for e in found],
                         [(1, "run", "Lee"), (2, "run", "Poe"), (3, "run", "Roe"), (4, "rollback", "Poe"), (5, "rollback", "Lee"),
                          (6, "rollback", "Poe"), (7, "rollback", "Roe")])
        self.assertEqual([(e["import"], e["what"]) for e in self.history("a:2")["events"]],
                         [(2, "appeared"), (5, "rolled back"), (6, "appeared")])
        person = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "1")
        for as_of, name in ((3, "Roe"), (4, "Poe"), (5, "Lee"), (6, "Poe"), (7, "Roe")):
            then = self.p.migrate("show", "plan.yaml", person, "--as-of", as_of, "--json").json()
            member = {v["name"]: v["value"] for v in then["members"][0]["values"]}
            self.assertEqual((member["last_name"], {v["name"]: v["value"] for v in then["values"]}["last_name"]), (name, name))

    def test_a_row_that_another_import_held_too_did_not_go(self):
        self.p.write_csv("a_3.csv", HEADER, [["2", "Bob", "Ray", "bob@example.org", "2021-01-01"]])
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)  # Bob came with import 3, too
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 4).code, 0)
        self.assertEqual([(e["import"], e["what"]) for e in self.history("a:2")["events"]], [(2, "appeared")])

    def test_what_a_steward_changed_is_an_import_of_its_own(self):
        links = {r["source_key"]: r["person_id"] for r in self.p.export("links")}
        ann, bob = links["1"], links["2"]
        self.assertEqual(self.p.migrate("review", "link", "plan.yaml", "a:1", "a:2", "--reason", "one and the same").code, 0)
        self.assertEqual([(e["import"], e["import_kind"], e["what"]) for e in self.history(ann)["events"]],
                         [(1, "run", "appeared"), (2, "run", "changed"), (3, "matching", "changed")])
        self.assertEqual(self.history(ann)["events"][2]["added"], ["a:2"])
        self.assertEqual(self.history(bob)["events"][-1]["what"], "ended")
        before = self.p.migrate("show", "plan.yaml", bob, "--as-of", 2, "--json").json()
        self.assertEqual([m["source_key"] for m in before["members"]], ["2"])
        listed = self.p.migrate("imports", "list", "plan.yaml", "--json").json()["imports"]
        self.assertEqual([(i["kind"], i["state"]) for i in listed], [("run", "done"), ("run", "done"), ("matching", "done")])
        again = self.p.run("--stage", "dedupe", expect=0)
        self.assertIn("0 new, 0 merged", again.stderr)
        self.assertEqual(self.p.query("SELECT count(*) FROM import"), [(3,)], "nothing has changed that decides")
        self.assertIn("nothing new", self.p.run(expect=0).stdout)
        refused = self.p.migrate("rollback", "plan.yaml", 3)
        self.assertEqual((refused.code, "review undo" in refused.stderr), (2, True), refused)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0, "the run behind it")
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 4).code, 0)
        self.assertEqual(self.p.migrate("review", "undo", "plan.yaml", 1, "--later").code, 0)
        self.assertIn("--stage dedupe matches anew", self.p.run(expect=0).stdout)
        self.assertEqual(self.p.migrate("review", "apply", "plan.yaml").code, 0)
        self.assertNotIn("matches anew", self.p.run(expect=0).stdout)
        self.assertEqual({r["source_key"]: r["person_id"] for r in self.p.export("links")}["1"], ann)
        self.p.run("--stage", "reconcile", expect=0)

    def test_a_matching_that_died_is_ended_by_the_next_run(self):
        self.p.run(expect=0)  # nothing new: the work at hand is no import's
        for death in ("last person", "before the end"):
            self.assertEqual(self.p.migrate("review", "link", "plan.yaml", "a:1", "a:2", "--later").code, 0)
            self.p.execute("CREATE TRIGGER dies BEFORE " + ("DELETE ON person" if death == "last person" else
                           "INSERT ON audit_event WHEN new.kind = 'matched'") + " BEGIN SELECT RAISE(FAIL, 'dies'); END")
            self.assertEqual(self.p.migrate("review", "apply", "plan.yaml").code, 1, death)
            self.p.execute("DROP TRIGGER dies")
            status = self.p.migrate("status", "plan.yaml", "--json").json()
            self.assertIn("was begun and did not end", status["finding"], death)
            self.p.run(expect=0)
            last = self.p.migrate("imports", "list", "plan.yaml", "--json").json()["imports"][-1]
            self.assertEqual((last["kind"], last["state"], last["counts"]["merged"]), ("matching", "done", 1), death)
            self.assertIn("nothing new", self.p.run(expect=0).stdout)
            self.p.run("--stage", "reconcile", expect=0)
            self.assertEqual(self.p.migrate("review", "undo", "plan.yaml", self.p.query("SELECT max(decision_id) FROM decision")[0][0]).code, 0)
        self.assertEqual(self.p.migrate("status", "plan.yaml", "--json").json()["import"]["reconciliation"], "match")

    def test_an_id_that_was_rolled_back_keeps_answering(self):
        bob = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "2")
        self.p.migrate("rollback", "plan.yaml", 2)
        gone = self.p.migrate("show", "plan.yaml", bob)
        self.assert_fails(gone, 2, f"person {bob} ended with import 3", f"migrate history plan.yaml {bob}")
        self.p.migrate("imports", "release", "plan.yaml", 2)
        self.p.run(expect=0)
        back = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "2")
        self.assertNotEqual(back, bob)
        view = self.p.migrate("show", "plan.yaml", bob, "--json").json()
        self.assertEqual((view["person_id"], view["followed"][0]["kind"]), (int(back), "came_back_as"))
        self.assertIn(f"its records came back as {back} with import 4", self.p.migrate("show", "plan.yaml", bob).stdout)
        aliases = "SELECT alias_id, person_id, kind, import_id FROM person_alias"
        self.assertEqual(self.p.query(aliases), [(int(bob), int(back), "came_back_as", 4)])
        self.assertIn(f"{bob} was rolled back; its records came back as {back} by import 4",
                      self.p.migrate("history", "plan.yaml", bob).stdout)
        self.p.run("--stage", "reconcile", expect=0)
        self.assertEqual(self.p.migrate("rows", "plan.yaml", "persons-split", "--count").stdout, "0\n")
        self.p.run("--stage", "dedupe", expect=0)
        self.assertEqual(len(self.p.query(aliases)), 1)
        # Once more: both ids lead to the person of today, and a rollback that is taken back brings its id with it.
        for command in (("rollback", 4), ("imports", "release", 4)):
            self.assertEqual(self.p.migrate(*command[:-1], "plan.yaml", command[-1]).code, 0)
        self.assert_fails(self.p.migrate("show", "plan.yaml", bob), 2, f"person {bob} ended with import 3")
        self.p.run(expect=0)
        now = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "2")
        for old in (bob, back):
            self.assertEqual(self.p.migrate("show", "plan.yaml", old, "--json").json()["person_id"], int(now))
        for number in (6, 7):
            self.assertEqual(self.p.migrate("rollback", "plan.yaml", number).code, 0)
        self.assertEqual(next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "2"), now)
        self.p.run("--stage", "reconcile", expect=0)

    def test_many_ids_that_were_rolled_back(self):
        """More than are asked for at once, each with two records: its alias is written once."""
        twice = [[f"{i}-{k}", FIRST[i % len(FIRST)], LAST[i * 7 % len(LAST)], f"z{i}y@example.org", "2021-03-01"]
                 for i in range(600) for k in range(2)]
        self.p.write_csv("a_3.csv", HEADER, twice)
        self.p.run(expect=0)
        before = {r["source_key"]: int(r["person_id"]) for r in self.p.export("links")}
        for command in (("rollback",), ("imports", "release")):
            self.assertEqual(self.p.migrate(*command, "plan.yaml", 3).code, 0)
        self.p.run(expect=0)
        after = {r["source_key"]: int(r["person_id"]) for r in self.p.export("links")}
        wanted = sorted({(before[row[0]], after[row[0]]) for row in twice})
        self.assertGreater(len(wanted), 550)
        self.assertEqual(self.p.query("SELECT alias_id, person_id FROM person_alias ORDER BY 1, 2"), wanted)
        self.p.run("--stage", "reconcile", expect=0)

    def test_an_id_that_was_merged_leads_where_it_went(self):
        """Its alias of the merge is enough: the record that comes back later leads elsewhere."""
        links = {r["source_key"]: r["person_id"] for r in self.p.export("links")}
        self.assertEqual(self.p.migrate("review", "link", "plan.yaml", "a:1", "a:2", "--reason", "one").code, 0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        self.assertEqual(self.p.migrate("imports", "release", "plan.yaml", 2).code, 0)
        self.p.run(expect=0)
        self.assertEqual(self.p.query("SELECT kind FROM person_alias WHERE alias_id = ?", links["2"]), [("merged_into",)])
        self.p.run("--stage", "reconcile", expect=0)

    def test_what_was_is_the_same_when_a_rollback_is_taken_back(self):
        """Of a person that lost a record, and of one that went as a whole."""
        self.p.write_csv("a_3.csv", HEADER, [["3", "Ann", "Poe", "ann@example.org", "2021-02-01"]])
        self.p.run(expect=0)
        links = {r["source_key"]: r["person_id"] for r in self.p.export("links")}
        ann, bob = links["1"], links["2"]
        self.assertEqual(links["3"], ann)
        now = {"members": ["1", "3"]}

        def members(person, as_of):
            view = self.p.migrate("show", "plan.yaml", person, "--as-of", as_of, "--json").json()
            self.assertEqual(view["record_count"], len(view["members"]))
            return [m["source_key"] for m in view["members"]]

        def roll(n):
            self.assertEqual(self.p.migrate("rollback", "plan.yaml", n).code, 0)
        for undo in (3, 4, 3, 6, 2):  # 3 goes, comes back, goes, comes back; then 2
            roll(undo)
            self.assertEqual((members(ann, 2), sorted(members(ann, 3)), members(bob, 3)), (["1"], now["members"], ["2"]))
        self.p.write_csv("a_4.csv", HEADER, [["2", "Cy", "Fox", "cy@example.org", "2022-01-01"]])
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 8, "--keep-later").code, 0)
        self.assertEqual(members(bob, 3), ["2"])
        events = self.history(bob)["events"]
        self.assertEqual([(e["added"], e["removed"]) for e in events], [(["a:2"], []), ([], ["a:2"])])
        self.assertEqual(events[0]["changes"][0]["from"], "a:2")
        self.assertIn("its records came back as", self.p.migrate("show", "plan.yaml", bob).stdout)
        self.p.run("--stage", "reconcile", expect=0)

    def test_as_of_an_import_or_a_day(self):
        person = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "1")

        def last_name(as_of):
            result = self.p.migrate("show", "plan.yaml", person, "--as-of", as_of, "--json")
            self.assertEqual(result.code, 0, str(result))
            found = result.json()
            member = {v["name"]: v["value"] for v in found["members"][0]["values"]}
            self.assertEqual(member["last_name"], {v["name"]: v["value"] for v in found["values"]}["last_name"])
            return member["last_name"]
        self.assertEqual([last_name(1), last_name(2), last_name("2999-01-01")], ["Lee", "Poe", "Poe"])
        self.assert_fails(self.p.migrate("show", "plan.yaml", person, "--as-of", "2001-01-01"), 2, "no import had ended then")
        self.assert_fails(self.p.migrate("show", "plan.yaml", person, "--as-of", "soon"), 2, "neither the number of an import nor a date")
        self.assert_fails(self.p.migrate("show", "plan.yaml", 99, "--as-of", 1), 2, "no person and no record had the id 99")

    def test_imports_differ_by_records_and_persons(self):
        found = self.p.migrate("imports", "diff", "plan.yaml", 1, 2, "--json").json()
        self.assertEqual(found["records"]["counts"], {"new": 1, "changed": 1, "gone": 0})
        self.assertEqual(found["persons"]["counts"]["new"] + found["persons"]["counts"]["split"], 1)
        self.assertEqual(found["persons"]["counts"]["changed"], 1)
        rows = {r["record"]: r for r in found["records"]["rows"]}
        self.assertEqual(rows["a:1"]["changes"][0], {"field": "last_name", "before": "Lee", "after": "Poe"})
        self.assertEqual(self.p.migrate("imports", "diff", "plan.yaml", 2, "--json").json(), found)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        again = self.p.migrate("imports", "diff", "plan.yaml", 1, 2, "--json").json()
        self.assertEqual(again["records"], found["records"])
        nothing = self.p.migrate("imports", "diff", "plan.yaml", 1, 3, "--json").json()
        self.assertEqual(nothing["records"]["counts"], {"new": 0, "changed": 0, "gone": 0})

    def test_imports_show_has_inputs_counts_and_digests(self):
        found = self.p.migrate("imports", "show", "plan.yaml", 2, "--json").json()
        self.assertEqual([(i["source"], i["state"], i["counted"]) for i in found["inputs"]], [("a", "unchanged", 1), ("a", "imported", 2)])
        self.assertEqual((len(found["import"]["root"]), len(found["import"]["chain"])), (64, 64))
        self.assertEqual(found["import"]["counts"]["updated"], 1)
        self.assert_fails(self.p.migrate("imports", "show", "plan.yaml", 9), 2, "there is no import 9")


if __name__ == "__main__":
    unittest.main()
