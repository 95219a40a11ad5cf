"""Targets that are not as the workspace left them, and stewards' words where records came and went."""
import shutil
import unittest

from common import Case, record_id

HEADER = ["id", "first", "last", "mail", "street", "born", "changed"]
PLAN = ('  a: {type: csv, path: "a_*.csv", key: id, fields: {first_name: first, last_name: last, email: mail, street: street, '
        'birth_date: born, updated_at: changed}}')


def person(key, street="", changed="2020-01-01", first="Wolfgang", last="Amadeusson"):
    return [key, first, last, f"{first}.{last}@example.org".lower(), street, "1961-05-05", changed]


class Restored(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)
        self.others = [person(f"o{i}", f"{i} Elm St", first=f"First{i}", last=f"Last{i}") for i in range(40)]

    def write(self, number, *rows):
        self.p.write_csv(f"a_{number}.csv", HEADER, rows)

    def an_older_copy(self):
        self.write(1, *self.others)
        self.p.run(expect=0)
        shutil.copy(self.p.target(), self.p.path("backup.db"))
        self.write(2, person("k1"))
        self.p.run(expect=0)
        shutil.copy(self.p.path("backup.db"), self.p.target())

    def test_nothing_is_decided_in_an_older_copy(self):
        self.an_older_copy()
        for args in (("link", "a:o1", "a:o2"), ("link", "a:o1", "a:o2", "--later"), ("unlink", "a:o1", "a:o2"),
                     ("pin", 1, "street", "1 Elm St"), ("undo", 1)):
            self.assert_fails(self.p.migrate("review", args[0], "plan.yaml", *args[1:]), 1, "restored from an older backup",
                              "imports accept")
        self.assertEqual(self.p.query("SELECT count(*) FROM decision"), [(0,)])

    def test_a_dry_run_and_status_say_what_a_run_would(self):
        self.an_older_copy()
        self.write(3, person("k2"))
        self.assert_fails(self.p.migrate("run", "plan.yaml", "--dry-run"), 1, "restored from an older backup", "imports accept")
        self.assertIn("restored from an older backup", self.p.migrate("status", "plan.yaml").stdout)
        self.assertIn("restored from an older backup", self.p.migrate("status", "plan.yaml", "--json").json()["finding"])
        self.assertIn("older backup", self.p.migrate("audit", "verify", "plan.yaml").stderr)
        self.assertEqual(self.p.migrate("imports", "accept", "plan.yaml").code, 0)
        self.assertNotIn("NOTE", self.p.migrate("status", "plan.yaml").stdout)
        self.p.run(expect=0)

    def test_a_target_that_is_gone_is_said(self):
        self.write(1, *self.others)
        self.assertNotIn("holds nothing", self.p.run(expect=0).stderr)
        self.p.target().unlink()
        self.assertIn("holds nothing, though import 1 of this plan ended in it", self.p.run(expect=0).stderr)

    def test_a_model_that_does_not_fit_is_refused_before_a_row_is_read(self):
        self.write(1, *self.others)
        self.p.run(expect=0)
        self.assertEqual(self.p.migrate("model", "export", "plan.yaml", "--output", self.p.path("m.json")).code, 0)
        self.p.plan(PLAN.replace("street: street", "job: street"), "attributes: {job: {type: text}}\ndedupe: {model: m.json}")
        self.write(2, person("k1"))
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "learned with the attributes", "m.json")
        self.assertEqual(self.p.query("SELECT count(*) FROM import"), [(1,)])

    def test_a_frozen_contract_does_not_hinder_the_proof(self):
        self.write(1, *self.others)
        self.p.plan(PLAN.replace("key: id,", "key: id, contract: freeze,"))
        self.p.run(expect=0)
        self.p.write("a_2.csv", "id,first,last,mail,street,born,changed,more\nx,A,B,,,,,1\n")
        self.assert_fails(self.p.migrate("run", "plan.yaml"), 2, "more")
        self.assertEqual(self.p.migrate("run", "plan.yaml", "--stage", "reconcile").code, 0)


class Stewards(Case):
    def setUp(self):
        super().setUp()
        self.p.plan(PLAN)

    def write(self, number, *rows):
        self.p.write_csv(f"a_{number}.csv", HEADER, rows)

    def test_a_pin_outlives_the_record_it_was_written_for(self):
        keys = sorted((f"k{i}" for i in range(4)), key=lambda k: record_id("a", k))
        lowest, rest = keys[0], keys[1:]
        others = [person(f"o{i}", f"{i} Elm St", first=f"First{i}", last=f"Last{i}") for i in range(40)]
        self.write(1, person(rest[0], "1 Old St", "2001-01-01"), person(rest[1], "2 Mid St", "2005-01-01"),
                   person(rest[2], "3 New St", "2010-01-01"), *others)
        self.p.run(expect=0)
        self.write(2, person(lowest, "1 Old St", "2000-01-01"))
        self.p.run(expect=0)
        who = next(r["person_id"] for r in self.p.export("links") if r["source_key"] == lowest)
        self.assertEqual(self.p.migrate("review", "pin", "plan.yaml", who, "street", "1 Old St").code, 0)
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2).code, 0)
        self.assertEqual(self.p.query(f"SELECT street, record_count FROM person WHERE person_id = {who}"), [("1 Old St", 3)])

    def test_a_chain_of_decisions_is_told(self):
        self.write(1, *[person(f"k{i}", f"{i} Elm St", first=f"First{i}", last=f"Last{i}") for i in range(40)])
        self.p.run(expect=0)
        for a, b in (("a:k1", "a:k2"), ("a:k2", "a:k3")):
            self.assertEqual(self.p.migrate("review", "link", "plan.yaml", a, b, "--by", "Ann").code, 0)
        told = self.p.migrate("why", "plan.yaml", "a:k1", "a:k3").stdout
        self.assertRegex(told, r"stewards linked them over 1 other record: decision 1 by Ann at \S+, decision 2 by Ann")
        self.assertRegex(self.p.migrate("why", "plan.yaml", "a:k2", "a:k1").stdout, "a steward linked them: decision 1 by Ann")


class Arguments(Case):
    def test_days_and_numbers_that_do_not_exist(self):
        self.p.plan(PLAN)
        self.p.write_csv("a_1.csv", HEADER, [person("k")])
        self.p.run(expect=0)
        for day in ("2026-13-01", "2026-02-31"):
            self.assert_fails(self.p.migrate("show", "plan.yaml", 1, "--as-of", day), 2, "there is no such day")
        refused = self.p.migrate("rollback", "plan.yaml", 0)
        self.assertEqual(refused.code, 2)
        self.assertLess(len(refused.stderr), 300, refused)


if __name__ == "__main__":
    unittest.main()
