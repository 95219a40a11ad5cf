"""An import that follows another one matches only what is new, by the state that the last matching left: every table is
then what matching everything gives."""
import random
import shutil
import unittest

from common import Case
from people import FIELDS, changed, csv_text, person, rows

PLAN = f"""  a: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}
  s: {{type: csv, path: "s_*.csv", key: id, mode: snapshot, fields: {FIELDS}}}"""


class MatchState(Case):
    def state(self, out):
        return self.p.path(out) / "ws" / "match"

    def inode(self, out):
        return (self.state(out) / "records").stat().st_ino

    def both(self, expect=0, again=True):
        """Runs with the state, and without one; True if the first used it."""
        before = self.inode("inc") if (self.state("inc") / "records").exists() else None
        ran = self.p.run(expect=expect, out="inc")
        shutil.rmtree(self.state("full"), ignore_errors=True)
        self.p.run(expect=expect, out="full")
        self.same()
        self.assertNotIn("all records are matched", ran.stderr if again else "")
        return before == self.inode("inc")

    def same(self):
        self.assert_same_tables(self.p.tables(out="inc", leave_out=("decision", "audit_head")), self.p.tables(out="full", leave_out=("decision", "audit_head")))
        self.assertEqual(self.p.exports(out="inc"), self.p.exports(out="full"))

    def start(self, seed, n=2600):
        self.p.plan(PLAN)
        rng = random.Random(seed)
        self.table = list(rows(rng, n))
        self.p.write("a_0.csv", csv_text(self.table[:n // 2]))
        self.p.write("s_0.csv", csv_text([["s" + r[0], *r[1:]] for r in self.table[n // 2:]]))
        self.both()
        return rng

    def increment(self, rng, number):
        """A file of new rows: strangers, persons that are there already, and rows that are there with other values."""
        new = [[f"n{number}_{i}", *person(rng), "2024-01-01 00:00:00"] for i in range(8)]
        for i in range(12):
            new.append([f"m{number}_{i}", *changed(rng, rng.choice(self.table)[1:-1]), "2024-02-01 00:00:00"])
        half = self.table[:len(self.table) // 2]
        for row in rng.sample(half, 8):
            new.append([row[0], *changed(rng, person(rng) if rng.random() < 0.3 else row[1:-1]), f"2025-01-{number:02} 00:00:00"])
        self.table += new[:20]
        self.p.write(f"a_{number}.csv", csv_text(new))

    def test_tables_are_those_of_a_full_match_through_a_sequence_of_imports(self):
        rng = self.start(61)
        for number in range(1, 5):
            self.increment(rng, number)
            self.assertTrue(self.both(), "the state was used")
        # A snapshot without some rows, and with some that have changed.
        rest = [["s" + r[0], *changed(rng, r[1:-1]), "2025-03-01 00:00:00"] if rng.random() < 0.05 else ["s" + r[0], *r[1:]]
                for r in self.table[1300:2600] if rng.random() < 0.9]
        self.p.write("s_0.csv", csv_text(rest))
        self.both(again=False)

    def test_stewards_words_between_imports(self):
        rng = self.start(62)
        for number in range(1, 4):
            links = self.p.export("links", out="full")
            persons = {}
            for row in links:
                persons.setdefault(row["person_id"], []).append(row["record_id"])
            some = [ids for ids in persons.values() if len(ids) > 1]
            for out in ("inc", "full"):
                for a, b in ((links[number * 7]["record_id"], links[-number * 11]["record_id"]),):
                    self.p.migrate("review", "link", "plan.yaml", a, b, "--by", "ann", "--reason", "known", out=out)
                a, b = some[number * 3][:2]
                self.p.migrate("review", "unlink", "plan.yaml", a, b, "--by", "ann", "--reason", "known", out=out)
            self.increment(rng, number)
            self.assertTrue(self.both())

    def test_a_pin_between_imports_holds_and_goes(self):
        rng = self.start(66, 2000)
        row = self.p.query("SELECT p.person_id, r.last_name FROM person p JOIN person_record l USING (person_id) JOIN record r USING "
                           "(record_id) WHERE r.last_name <> p.last_name ORDER BY p.person_id LIMIT 1", out="inc")[0]
        golden = lambda: self.p.query("SELECT last_name FROM person WHERE person_id = ?", row[0], out="inc")[0][0]
        shown = golden()
        for number, (words, value) in enumerate(((("pin", row[0], "last_name", row[1]), row[1]), (("undo", 1), shown)), 1):
            for out in ("inc", "full"):
                done = self.p.migrate("review", words[0], "plan.yaml", *words[1:], "--by", "ann", "--reason", "known", out=out)
                self.assertEqual(done.code, 0, done)
            self.increment(rng, number)
            self.assertTrue(self.both())
            self.assertEqual(golden(), value)

    def test_threads_memory_and_chunks_change_nothing(self):
        rng = self.start(67, 2000)
        ways = ((("--threads", "1"), {}), (("--threads", "5", "--memory", "513MiB"), {}), (("--memory", "4GiB"), {"MIGRATE_CHUNK_ROWS": "7"}))
        for number, (args, env) in enumerate(ways, 1):
            self.increment(rng, number)
            before = self.inode("inc")
            ran = self.p.run(*args, expect=0, out="inc", env=env)
            self.assertEqual(before, self.inode("inc"), ran.stderr)
            self.p.run(expect=0, out="full")
            self.same()

    def test_what_is_damaged_or_foreign_costs_time_only(self):
        rng = self.start(63, 2000)
        number = 0
        for name in ("state", "entries", "slots", "records"):
            for spoil in ("cut", "flip", "gone"):
                number += 1
                path = self.state("inc") / name
                data = bytearray(path.read_bytes())
                if spoil == "cut":
                    path.write_bytes(data[:len(data) // 2])
                elif spoil == "flip":
                    for at in range(7, len(data), 64):
                        data[at] ^= 1
                    path.write_bytes(data)
                else:
                    path.unlink()
                self.increment(rng, number)
                with self.subTest(name, spoil=spoil):
                    self.assertFalse(self.both(again=False), "everything was matched")

    def test_another_plan_matches_everything(self):
        rng = self.start(64, 2000)
        self.p.plan(PLAN, "dedupe: {review_probability: 0.5}")
        self.increment(rng, 1)
        self.assertFalse(self.both(again=False))

    def test_an_import_by_another_workspace_is_noticed(self):
        rng = self.start(65, 2000)
        self.increment(rng, 1)
        shutil.copytree(self.state("inc"), self.p.path("kept"))
        self.both()
        shutil.rmtree(self.state("inc"))
        shutil.copytree(self.p.path("kept"), self.state("inc"))
        self.increment(rng, 2)
        self.assertFalse(self.both(again=False), "a state of two imports before is not used")


if __name__ == "__main__":
    unittest.main()
