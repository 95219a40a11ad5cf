"""Sources that change between imports (wild/sequences.py): what snapshot marks gone and what it must not."""
import unittest

from common import Case
from wild.sequences import SEQUENCES


class Sequences(Case):
    def setUp(self):
        super().setUp()
        self.sequences = {f"q{number:02}": sequence for number, sequence in enumerate(SEQUENCES)}
        self.p.plan("\n".join(s.source(name, f"in/{name}") for name, s in self.sequences.items()))

    def make(self, number):
        for name, sequence in self.sequences.items():
            sequence.make(self.p.path(f"in/{name}"), number)

    def state(self, out="out"):
        gone = {}
        for name, key in self.p.query("SELECT name, source_key FROM record JOIN source USING (source_id) WHERE gone_import IS NOT NULL", out=out):
            gone.setdefault(name, []).append(key)
        return gone

    def rows(self, name, sequence, out="out"):
        return sorted(tuple(row.values()) for row in self.p.export("source", "--name", name, out=out))

    def check(self, number, out="out"):
        gone = self.state(out)
        for name, sequence in self.sequences.items():
            with self.subTest(sequence.what, step=number + 1):
                expected = sequence.expected(number)
                self.assertEqual(self.rows(name, sequence, out), sorted(expected.rows))
                self.assertEqual(sorted(gone.get(name, [])), sorted(expected.gone))

    def test_each_step_leaves_what_it_should(self):
        for number in range(max(len(s.steps) for s in SEQUENCES)):
            self.make(number)
            self.p.run("--quiet", expect=(0, 3))
            self.check(number)
        self.p.run("--quiet", expect=(0, 3))
        self.check(number)
        self.p.run("--stage", "reconcile", "--quiet", expect=(0, 3))

    def test_a_limit_and_a_dry_run_mark_nothing_gone(self):
        self.make(0)
        self.p.run("--quiet")
        self.make(1)
        self.p.run("--quiet", "--dry-run")
        self.check(0)
        self.p.run("--quiet", "--limit", "1")
        self.assertEqual(self.state(), {})
        self.p.run("--quiet")
        self.check(1)

    def test_an_import_that_was_skipped_changes_nothing_in_the_end(self):
        """From the first state straight to the last: present are the same rows, but what was there in between only."""
        self.make(0)
        self.p.run("--quiet")
        self.make(9)
        self.p.run("--quiet")
        for name, sequence in self.sequences.items():
            with self.subTest(sequence.what):
                first, last = sequence.expected(0), sequence.expected(9)
                self.assertEqual(self.rows(name, sequence), sorted(last.rows))
                self.assertLessEqual(set(self.state().get(name, [])), set(last.gone) | {row[0] for row in first.rows})


if __name__ == "__main__":
    unittest.main()
