"""What a person or a record looked like, when, and by whose doing."""
import unittest

from common import Case

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
        self.assertEqual(self.p.migrate("review", "undo", "plan.yaml", 1).code, 0)
        self.assertEqual({r["source_key"]: r["person_id"] for r in self.p.export("links")}["1"], ann)
        self.p.run("--stage", "reconcile", expect=0)

    def test_an_id_that_was_rolled_back_keeps_answering(self):
        bob = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "2")
        self.p.migrate("rollback", "plan.yaml", 2)
        gone = self.p.migrate("show", "plan.yaml", bob)
        self.assert_fails(gone, 2, f"person {bob} ended with import 3", f"migrate history PLAN {bob}")
        self.p.migrate("imports", "release", "plan.yaml", 2)
        self.p.run(expect=0)
        back = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == "2")
        self.assertNotEqual(back, bob)
        view = self.p.migrate("show", "plan.yaml", bob, "--json").json()
        self.assertEqual((view["person_id"], view["followed"][0]["kind"]), (int(back), "came_back_as"))
        self.assertIn(f"its records came back as {back} with import 4", self.p.migrate("show", "plan.yaml", bob).stdout)

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
