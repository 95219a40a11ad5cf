"""Who asked not to be contacted stays so: opt_out by channel from every source to the person, as an OR over its members;
no strategy of survivorship applies to it, and a blank says nothing."""
import random
import unittest

from common import Case
from people import person

CALL, SMS, EMAIL, MAIL = 1, 2, 4, 8
ALL = CALL | SMS | EMAIL | MAIL
HEADER = ["id", "first", "last", "born", "email", "phone", "street", "city", "state", "zip"]
WHO = "first_name: first, last_name: last, birth_date: born, email: email, phone: phone, street: street, city: city, state: state, zip: zip"
PLAN = f"""
  crm: {{type: csv, path: crm.csv, key: id, fields: {{{WHO}, updated_at: changed, opt_out: {{call: no_call, email: no_mail}}}}}}
  old: {{type: sqlite, path: old.db, table: t, key: id, fields: {{{WHO}, updated_at: changed, opt_out: dnc}}}}
  stop: {{type: csv, path: stop.csv, key: id, fields: {{{WHO}, opt_out: {{const: true}}}}}}
  texts: {{type: csv, path: texts.csv, key: id, fields: {{{WHO}, opt_out: {{sms: stopped}}}}}}
"""
# crm: (call, email) of one row, or None where the source has no row of the person; old: dnc; stop: listed; texts: stopped.
# Then the bits that the person must have, and whether a value was unreadable.
PERSONS = [
    (("", ""), "", False, "", 0, False),
    (("0", "no"), "n", False, "false", 0, False),
    (("1", ""), "", False, "", CALL, False),
    (("", "yes"), None, False, "", EMAIL, False),
    (("0", "0"), "y", False, "0", ALL, False),
    (("Y", "0"), None, False, "STOP", CALL | SMS, False),
    (("x", "t"), "n", False, "true", CALL | EMAIL | SMS, False),
    (("0", "0"), "0", True, "0", ALL, False),
    (None, 1, False, None, ALL, False),
    (None, 0, False, None, 0, False),
    (("", ""), None, True, None, ALL, False),
    (("2020-01-01", ""), None, False, None, CALL, False),
    (("0000-00-00", "0000-00-00 00:00:00"), None, False, None, 0, False),
    (("unsubscribed", "opted in"), None, False, None, CALL, False),
    (("maybe", "0"), None, False, None, CALL, True),
    (("", "n/a"), "0", False, "", EMAIL, True),
    (("0", "0"), "see notes", False, "0", ALL, True),
    (("NULL", "null"), None, False, "", 0, False),
]


class OptOut(Case):
    def setUp(self):
        super().setUp()
        rng = random.Random(31)
        self.people = [person(rng) for _ in PERSONS]
        # Others, so that the matcher has a population to learn from.
        others = [[f"z{i}", *person(rng)] for i in range(400)]
        crm, old, stop, texts = [], [], [], []
        for i, (row, dnc, listed, stopped, _, _) in enumerate(PERSONS):
            who = [str(i), *self.people[i]]
            if row is not None:
                crm.append([*who, "2024-01-01", *row])
            if dnc is not None:
                old.append((*who, "2019-01-01", dnc))
            if listed:
                stop.append(who)
            if stopped is not None:
                texts.append([*who, stopped])
        for i, row in enumerate(others):
            crm.append([*row, "2024-01-01", "", ""])
            if i % 2 == 0:
                old.append((*row, "2019-01-01", ""))
        self.p.write_csv("crm.csv", [*HEADER, "changed", "no_call", "no_mail"], crm)
        self.p.write_csv("stop.csv", HEADER, stop)
        self.p.write_csv("texts.csv", [*HEADER, "stopped"], texts)
        self.p.sqlite("old.db", f"CREATE TABLE t ({', '.join([*HEADER, 'changed', 'dnc'])});", "t", old)

    def bits(self, i, out="out"):
        """The opt_out of the person, and the flag bits of its members."""
        rows = self.p.query("SELECT p.person_id, p.opt_out, r.flags, r.opt_out FROM record r JOIN person_record USING (record_id) "
                            "JOIN person p USING (person_id) WHERE r.source_key = ?", str(i), out=out)
        self.assertEqual(len({row[0] for row in rows}), 1, f"person {i} is one: {rows}")
        return rows[0][1], [row[2] for row in rows], [row[3] for row in rows]

    def check(self, out="out"):
        for i, (crm, dnc, listed, stopped, expected, unclear) in enumerate(PERSONS):
            with self.subTest(i=i, person=PERSONS[i]):
                opt_out, flags, members = self.bits(i, out)
                self.assertEqual(len(members), (crm is not None) + (dnc is not None) + listed + (stopped is not None))
                self.assertEqual(opt_out, expected)
                union = 0
                for member in members:
                    union |= member
                self.assertEqual(opt_out, union)
                self.assertEqual(any(f & 1 << 12 for f in flags), unclear, "the flag says that a value was not read")

    def test_channels_are_united_over_the_members(self):
        self.p.plan(PLAN)
        self.p.run(expect=0)
        self.check()

    def test_no_strategy_of_survivorship_changes_it(self):
        for strategy in ("most_recent", "most_frequent", "longest", "source_priority", "most_complete"):
            with self.subTest(strategy):
                self.p.plan(PLAN, f"dedupe: {{survivorship: {{default: {strategy}}}}}")
                self.p.run(expect=0, out=strategy)
                self.check(out=strategy)

    def test_export_names_the_channels(self):
        self.p.plan(PLAN)
        self.p.run(expect=0)
        links = {(r["source"], r["source_key"]): r["person_id"] for r in self.p.export("links")}
        persons = {r["person_id"]: r["opt_out"] for r in self.p.export("persons")}
        self.assertEqual(persons[links["crm", "0"]], "")
        self.assertEqual(persons[links["crm", "2"]], "call")
        self.assertEqual(persons[links["crm", "6"]], "call|sms|email")
        self.assertEqual(persons[links["old", "8"]], "all")
        self.assertEqual(sum(1 for v in persons.values() if v), sum(1 for p in PERSONS if p[4]))

    def test_a_later_blank_takes_nothing_back_from_another_member(self):
        """A newer row of one source that says nothing replaces that row's own word only."""
        self.p.plan(PLAN)
        self.p.run(expect=0)
        rows = [["4", *self.people[4], "2025-01-01", "", ""], ["2", *self.people[2], "2025-01-01", "", ""]]
        self.p.write_csv("crm.csv", [*HEADER, "changed", "no_call", "no_mail"], rows)
        self.p.run(expect=0)
        self.assertEqual(self.bits(4)[0], ALL, "old.db still says so")
        self.assertEqual(self.bits(2)[0], 0, "the row that said so says nothing any more")


if __name__ == "__main__":
    unittest.main()
