"""why, model and review: explained in the numbers of the run, steered by decisions that outlive every rerun."""
import json
import random
import unittest

from common import Case
from people import FIELDS, csv_text, rows

SOURCE = f'  a: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}'


class Matched(Case):
    """One project, matched once, with every field of a pair in doubt somewhere."""

    def setUp(self):
        super().setUp()
        rng = random.Random(61)
        self.table = list(rows(rng, 1200, repeat=0.4))
        for row in self.table:  # take away what would settle it
            for column in (3, 4, 5, 6):
                if rng.random() < 0.5:
                    row[column] = ""
        self.p.plan(SOURCE, "dedupe: {review_probability: 0.01}")
        self.p.write("a_1.csv", csv_text(self.table))
        self.p.run(expect=0)

    def why(self, a, b):
        result = self.p.migrate("why", "plan.yaml", a, b, "--json")
        self.assertEqual(result.code, 0, str(result))
        return result.json()

    def review(self, *args, code=0):
        result = self.p.migrate("review", *args)
        self.assertEqual(result.code, code, str(result))
        return result

    def persons(self):
        return {r["record_id"]: r["person_id"] for r in self.p.export("links")}

    def pairs(self, count):
        return [(str(a), str(b), p, pooled) for a, b, p, pooled in self.p.query(
            "SELECT record_a, record_b, probability, pooled FROM review_pair ORDER BY gain DESC LIMIT ?", count)]


class Why(Matched):
    def test_the_score_is_that_of_the_run(self):
        pairs = self.pairs(12)
        self.assertEqual(len(pairs), 12)
        for a, b, probability, pooled in pairs:
            found = self.why(a, b)
            self.assertAlmostEqual(found["probability"], probability, delta=1e-6)
            self.assertAlmostEqual(found["pooled_probability"], pooled, delta=1e-6)
            self.assertFalse(found["one_person"])
            self.assertIn("review_band" if probability < 0.95 else "pooled_against", [c["code"] for c in found["causes"]])
            total = found["prior"] + sum(s["weight"] for s in found["steps"]) - found["household_loss"]
            self.assertAlmostEqual(total, found["log_odds"], delta=1e-3)
            self.assertTrue(any(block["outcome"] == "proposes" for block in found["blocks"]))

    def test_it_stays_that_of_the_run_after_an_increment(self):
        before = [(a, b, self.why(a, b)["probability"]) for a, b, _, _ in self.pairs(5)]
        self.p.write("a_2.csv", csv_text(list(rows(random.Random(62), 300, prefix="n"))))
        self.p.run(expect=0)
        self.assertEqual([(a, b, self.why(a, b)["probability"]) for a, b, _ in before], before)

    def test_one_person_says_what_brought_its_records_together(self):
        members = {}
        for record, person in self.persons().items():
            members.setdefault(person, []).append(record)
        seen = set()
        for person, records in members.items():
            if len(records) < 3:
                continue
            found = self.why(records[0], records[-1])
            self.assertTrue(found["one_person"])
            self.assertTrue(found["causes"], found)
            seen.add(found["causes"][0]["code"])
            self.assertEqual((found["chain"][0]["a"], found["chain"][-1]["b"]), (records[0], records[-1]))
            if len(seen) == 2:
                return
        self.assertIn("direct", seen)

    def test_ids_of_all_kinds_and_wrong_ones(self):
        record = str(self.p.query("SELECT record_id FROM record WHERE source_key = '7'")[0][0])
        self.assertEqual(self.why("a:7", "a:9")["a"]["record_id"], record)
        self.assertEqual(self.why(record, "a:9")["b"]["source_key"], "9")
        person = self.persons()[record]
        self.assertEqual(str(self.why(person, "a:9")["a"]["person_id"]), person)
        for a, b, words in [("a:7", "a:7", "same record"), ("a:none", "a:7", "no record has the key"), ("x", "a:7", "no id"),
                            ("999999999", "a:7", "no person and no record"), (person, person, "same person")]:
            self.assert_fails(self.p.migrate("why", "plan.yaml", a, b), 2, words)

    def test_text_is_a_waterfall(self):
        a, b, _, _ = self.pairs(1)[0]
        text = self.p.migrate("why", "plan.yaml", a, b).stdout
        for word in ("not one person", "prior", "household", "log2 odds", "frequency", "probability"):
            self.assertIn(word, text)


class Steward(Matched):
    def test_link_unlink_undo_and_reruns(self):
        a, b, _, _ = self.pairs(1)[0]
        before = self.persons()
        self.assertNotEqual(before[a], before[b])
        self.review("link", "plan.yaml", a, b, "--reason", "asked them", "--by", "ann")
        linked = self.persons()
        self.assertEqual(linked[a], linked[b])
        merged = {r for r in before if before[r] in (before[a], before[b])}
        self.assertEqual(len({linked[r] for r in merged}), 1, "whole persons are joined")
        self.assertEqual(self.why(a, b)["causes"][0]["code"], "must_link")
        for old in (before[a], before[b]):  # any id ever given out answers
            self.assertEqual(str(self.p.migrate("show", "plan.yaml", old, "--json").json()["person_id"]), linked[a])
        self.p.run("--from", "dedupe", expect=0)
        self.p.write("a_2.csv", csv_text(list(rows(random.Random(63), 50, prefix="n"))))
        self.p.run(expect=0)
        self.assertEqual(self.persons()[a], self.persons()[b], "it outlives reruns and imports")
        refused = self.review("undo", "plan.yaml", "7", code=2)
        self.assertIn("no decision 7", refused.stderr)
        self.review("undo", "plan.yaml", "1")
        after = self.persons()
        self.assertNotEqual(after[a], after[b])
        groups = lambda persons: {frozenset(r for r in before if persons[r] == p) for p in {persons[r] for r in before}}
        self.assertEqual(groups(after) - groups(before), set(), "all is as it was, but for ids")
        decisions = json.loads(self.review("list", "plan.yaml", "--decisions", "--json").stdout)["decisions"]
        self.assertEqual([(d["decision"], d["kind"], d["who"], d["reason"], d["undone_by"]) for d in decisions[1:]],
                         [(1, "link", "ann", "asked them", 2)])
        self.p.run("--stage", "reconcile", expect=0)

    def test_unlink_splits_and_keeps_apart(self):
        before = self.persons()
        groups = {}
        for record, person in before.items():
            groups.setdefault(person, []).append(record)
        a, b = next(g for g in groups.values() if len(g) == 2)
        self.review("unlink", "plan.yaml", a, b)
        after = self.persons()
        self.assertNotEqual(after[a], after[b])
        self.assertIn(before[a], (after[a], after[b]), "one of them keeps the id")
        alias = self.p.query("SELECT alias_id, kind FROM person_alias")
        self.assertEqual(alias, [(int(before[a]), "split_from")])
        self.assertEqual(self.why(a, b)["causes"][0]["code"], "cannot_link")
        self.assertEqual({r: p for r, p in after.items() if r not in (a, b)},
                         {r: p for r, p in before.items() if r not in (a, b)})
        self.p.run("--from", "dedupe", expect=0)
        self.assertNotEqual(self.persons()[a], self.persons()[b])
        person, records = next((p, g) for p, g in groups.items() if len(g) > 2)
        self.assert_fails(self.p.migrate("review", "unlink", "plan.yaml", person, records[0]), 2, "both records belong to")

    def test_contradictions_are_named(self):
        records = [str(r) for (r,) in self.p.query("SELECT record_id FROM record ORDER BY record_id LIMIT 3")]
        a, b, c = records
        self.review("link", "plan.yaml", a, b, "--later")
        self.review("link", "plan.yaml", b, c, "--later")
        self.assert_fails(self.p.migrate("review", "unlink", "plan.yaml", a, c, "--later"), 2, "decisions 1, 2")
        self.review("undo", "plan.yaml", "2", "--later")
        self.review("unlink", "plan.yaml", a, c, "--later")
        self.assert_fails(self.p.migrate("review", "link", "plan.yaml", b, c, "--later"), 2, "decision 4")
        self.review("apply", "plan.yaml")
        persons = self.persons()
        self.assertEqual(persons[a], persons[b])
        self.assertNotEqual(persons[a], persons[c])

    def test_undo_puts_what_was_replaced_in_force_again(self):
        a, b, c = [str(r) for (r,) in self.p.query("SELECT record_id FROM record ORDER BY record_id LIMIT 3")]
        undone = lambda: {d["decision"]: d["undone_by"] for d in
                          json.loads(self.review("list", "plan.yaml", "--decisions", "--json").stdout)["decisions"] if d["kind"] != "undo"}
        for kind in ("unlink", "link", "unlink"):
            self.review(kind, "plan.yaml", a, b, "--later")
        self.assertEqual(undone(), {1: 2, 2: 3, 3: None})
        self.review("undo", "plan.yaml", "3", "--later")
        self.assertEqual(undone(), {1: 2, 2: None, 3: 4})
        self.review("undo", "plan.yaml", "2", "--later")
        self.assertEqual(undone(), {1: None, 2: 5, 3: 4})
        self.review("link", "plan.yaml", a, b, "--later")
        self.assertEqual(undone(), {1: 6, 2: 5, 3: 4, 6: None})
        self.review("link", "plan.yaml", b, c, "--later")
        self.assertEqual(self.p.migrate("review", "undo", "plan.yaml", "6", "--later").code, 0)
        self.review("link", "plan.yaml", a, b, "--later")
        self.review("link", "plan.yaml", a, c, "--later")
        refused = self.p.migrate("review", "undo", "plan.yaml", "9", "--later")  # 1 would keep a and b apart, whom c links
        self.assert_fails(refused, 2, "decisions 7, 10 of a steward say otherwise")

    def test_words_that_no_server_has_room_for_are_refused(self):
        a, b = [str(r) for (r,) in self.p.query("SELECT record_id FROM record ORDER BY record_id LIMIT 2")]
        self.assert_fails(self.p.migrate("review", "link", "plan.yaml", a, b, "--by", "x" * 256), 2, "--by", "may have 255")
        self.assert_fails(self.p.migrate("review", "link", "plan.yaml", a, b, "--reason", "x" * 10001), 2, "--reason", "may have 10000")

    def test_the_list_leaves_out_what_is_decided(self):
        total = json.loads(self.review("list", "plan.yaml", "--json").stdout)["total"]
        self.assertGreater(total, 3)
        first = json.loads(self.review("next", "plan.yaml", "--json").stdout)
        self.assertEqual(first["left"], total)
        self.review("unlink", "plan.yaml", first["why"]["a"]["record_id"], first["why"]["b"]["record_id"], "--later")
        second = json.loads(self.review("next", "plan.yaml", "--json").stdout)
        self.assertEqual(second["left"], total - 1)
        self.assertLessEqual(second["gain"], first["gain"])

    def test_a_pinned_value_holds_and_is_one_of_a_records(self):
        row = self.p.query("SELECT p.person_id, p.last_name, r.last_name FROM person p JOIN person_record l USING (person_id) "
                           "JOIN record r USING (record_id) WHERE r.last_name <> p.last_name LIMIT 1")[0]
        person, shown, other = str(row[0]), row[1], row[2]
        self.review("pin", "plan.yaml", person, "last_name", "Nobody's", code=2)
        self.review("pin", "plan.yaml", person, "last_name", other)
        golden = lambda: self.p.query("SELECT last_name FROM person WHERE person_id = ?", int(person))[0][0]
        self.assertEqual(golden(), other)
        self.p.run("--from", "dedupe", expect=0)  # reconcile makes golden values anew
        self.assertEqual(golden(), other)
        self.review("undo", "plan.yaml", "1")
        self.assertEqual(golden(), shown)


class Model(Matched):
    def test_train_makes_a_new_version_that_the_next_run_uses(self):
        show = lambda: self.p.migrate("model", "show", "plan.yaml", "--json").json()
        first = show()
        self.assertEqual((first["version"], first["learned_from_records"]), (1, 1200))
        self.p.write("a_2.csv", csv_text(list(rows(random.Random(64), 600, prefix="n"))))
        self.p.run(expect=0)
        self.assertEqual(show()["sha256"], first["sha256"], "increments keep the model")
        persons = self.persons()
        self.assertEqual(self.p.migrate("model", "train", "plan.yaml").code, 0)
        second = show()
        self.assertEqual((second["version"], second["learned_from_records"]), (2, 1800))
        self.assertNotEqual(second["sha256"], first["sha256"])
        self.assertEqual(self.persons(), persons, "persons wait for the next matching")
        self.p.run("--from", "dedupe", expect=0)
        self.assertEqual(show()["sha256"], second["sha256"])
        text = self.p.migrate("model", "show", "plan.yaml").stdout
        for word in ("lambda match", "last_name", "blocking key", "term frequencies", "version 2"):
            self.assertIn(word, text)

    def test_an_exported_model_ends_many_imports_where_one_batch_ends(self):
        """With decisions in between."""
        self.assertEqual(self.p.migrate("model", "export", "plan.yaml", "--output", "model.json").code, 0)
        a, b, _, _ = self.pairs(1)[0]
        groups = {}
        for record, person in self.persons().items():
            groups.setdefault(person, []).append(record)
        c, d = next(g for g in groups.values() if len(g) == 2)

        def decide(out):
            for kind, x, y in (("link", a, b), ("unlink", c, d)):
                result = self.p.migrate("review", kind, "plan.yaml", x, y, out=out)
                self.assertEqual(result.code, 0, str(result))
        self.p.plan(SOURCE, "dedupe: {review_probability: 0.01, model: model.json}")
        self.p.run(expect=0, out="batch")
        decide("batch")
        rng = random.Random(65)
        order = self.table[:]
        rng.shuffle(order)
        self.p.path("a_1.csv").unlink()
        cuts = [0, *sorted(rng.sample(range(1, len(order)), 7)), len(order)]
        for i, (start, end) in enumerate(zip(cuts, cuts[1:])):
            self.p.write(f"a_{i}.csv", csv_text(order[start:end]))
            self.p.run(expect=0, out="steps")
            if i == 6:
                known = {str(r) for (r,) in self.p.query("SELECT record_id FROM record", out="steps")}
                if {a, b, c, d} <= known:
                    decide("steps")
        if not self.p.query("SELECT count(*) FROM decision", out="steps")[0][0]:
            decide("steps")
        self.assertEqual(self.p.clusters(out="steps"), self.p.clusters(out="batch"))

        def golden(out):
            members = {}
            for row in self.p.export("links", out=out):
                members.setdefault(row["person_id"], []).append(row["source_key"])
            return {tuple(sorted(members[r.pop("person_id")])): r for r in self.p.export("persons", out=out)}
        self.assertEqual(golden("steps"), golden("batch"))

    def test_a_plan_with_a_model_file_does_not_train(self):
        self.p.migrate("model", "export", "plan.yaml", "--output", "model.json")
        self.p.plan(SOURCE, "dedupe: {model: model.json}")
        self.assert_fails(self.p.migrate("model", "train", "plan.yaml"), 2, "dedupe.model")
        self.assertEqual(self.p.migrate("model", "show", "plan.yaml", "--json").json()["version"], None)


if __name__ == "__main__":
    unittest.main()
