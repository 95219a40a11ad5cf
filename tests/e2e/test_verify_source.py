"""run --verify-source: rows drawn by seed from every source and partition, read from the sources once more, compared side
by side; what changed at the source since is told from what is damaged in the target."""
import hashlib
import unittest

from common import Case, row_sha256
from people import mixed_project


class VerifySource(Case):
    def setUp(self):
        super().setUp()
        mixed_project(self.p, 400, seed=41, extra="reconcile: {sample: 100000}")
        self.p.run(expect=3)

    def verify(self, code=3):
        result = self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--verify-source", "--json")
        self.assertEqual(result.code, code, str(result))
        return result.json()["reconciliation"]["source_rows"], result

    def test_every_row_of_an_unchanged_source_is_the_same(self):
        rows, _ = self.verify()
        records = self.p.query("SELECT count(*) FROM record")[0][0]
        self.assertEqual((rows["drawn"], rows["same"]), (records, records))
        self.assertEqual((rows["changed"], rows["gone"], rows["damaged"], rows["rows"]), (0, 0, 0, []))

    def test_a_sample_is_spread_over_sources_and_partitions_and_drawn_anew_each_time(self):
        plan = self.p.path("plan.yaml")
        plan.write_text(plan.read_text().replace("sample: 100000", "sample: 64"))
        first, _ = self.verify()
        second, _ = self.verify()
        self.assertEqual((first["drawn"], first["same"]), (64, 64))
        self.assertEqual(first["strata"], len(self.p.query(
            "SELECT DISTINCT source_id, partition FROM source_digest WHERE digest NOT LIKE '0:%'")))
        self.assertNotEqual(first["seed"], second["seed"])

    def test_rows_that_changed_at_the_source_are_shown_side_by_side_and_are_no_mismatch(self):
        self.p.sqlite("old.db", "UPDATE contacts SET city = 'Reykjavik' WHERE rowid = 3; DELETE FROM contacts WHERE rowid = 5;")
        rows, result = self.verify()
        self.assertEqual((rows["changed"], rows["gone"], rows["damaged"]), (1, 1, 0))
        changed = next(r for r in rows["rows"] if r["verdict"] == "changed")
        self.assertEqual([c["column"] for c in changed["columns"]], ["city"])
        self.assertTrue(changed["columns"][0]["source"].startswith("R***"))
        self.assertNotEqual(changed["columns"][0]["source"], changed["columns"][0]["target"])
        self.assertIn("changed at the source since", result.stderr)
        self.assertNotIn("Reykjavik", result.stdout + result.stderr)

    def test_a_damaged_target_is_told_from_a_changed_source(self):
        record_id, = self.p.query("SELECT record_id FROM record WHERE last_name IS NOT NULL ORDER BY record_id LIMIT 1")[0]
        self.p.execute("UPDATE record SET last_name = 'Xavier' WHERE record_id = ?", record_id)
        rows, result = self.verify(code=4)
        self.assertEqual((rows["changed"], rows["damaged"]), (0, 1))
        self.assertEqual([c["column"] for c in rows["rows"][0]["columns"]], ["last_name"])
        self.assertTrue(rows["rows"][0]["columns"][0]["target"].startswith("X"))
        self.assertIn("the target is damaged", result.stderr)

    def test_a_row_forged_with_its_own_hash_is_found_by_the_unchanged_source(self):
        record_id, key, payload = self.p.query(
            "SELECT record_id, source_key, payload FROM record r JOIN source s USING (source_id) WHERE s.name = 'old' LIMIT 1")[0]
        forged = payload.replace(b"example.com", b"example.org")
        self.assertNotEqual(forged, payload)
        self.p.execute("UPDATE record SET payload = ?, row_sha256 = ? WHERE record_id = ?", forged,
                       row_sha256("old", key, forged), record_id)
        rows, _ = self.verify(code=4)
        self.assertEqual((rows["changed"], rows["damaged"]), (0, 1))
        self.assertEqual([c["column"] for c in rows["rows"][0]["columns"]], ["email"])

    def test_what_another_plan_has_brought_is_not_called_gone(self):
        """Two plans with a source of one name; each reads its own file."""
        text = self.p.path("plan.yaml").read_text()
        self.p.write("other.csv", "id,mail\n9001,x@example.com\n9002,y@example.com\n")
        self.p.write("other.yaml", f"name: other\nworkspace: out/other\n{text[text.index('target:'):text.index('sources:')]}"
                                   "sources:\n  files: {type: csv, path: other.csv, key: id, fields: {email: mail}}\n")
        self.assertEqual(self.p.migrate("run", "other.yaml").code, 0)
        rows, result = self.verify()
        self.assertEqual((rows["elsewhere"], rows["gone"], rows["changed"], rows["damaged"]), (2, 0, 0, 0))
        self.assertIn("2 that other plans have brought not read again", result.stderr)
        again = self.p.migrate("run", "other.yaml", "--stage", "reconcile", "--verify-source", "--json").json()
        self.assertEqual(again["reconciliation"]["source_rows"]["same"], 2)
        self.assertEqual(again["flow"]["persons_total"], self.p.query("SELECT count(*) FROM person")[0][0])
        older = self.p.migrate("run", "plan.yaml", "--stage", "reconcile", "--json").json()
        self.assertEqual(older["import"], 1)
        self.assertEqual(older["flow"]["persons_total"], self.p.query("SELECT count(*) FROM person")[0][0])

    def test_a_source_that_is_away_is_no_verdict(self):
        """The row's file is another one now, so nothing is proven against it."""
        digest = hashlib.sha256(self.p.path("a_1.csv").read_bytes()).hexdigest()
        self.p.write("a_1.csv", self.p.path("a_1.csv").read_bytes().splitlines(keepends=True)[0])
        self.assertNotEqual(digest, hashlib.sha256(self.p.path("a_1.csv").read_bytes()).hexdigest())
        rows, _ = self.verify()
        self.assertGreater(rows["gone"], 100)
        self.assertEqual(rows["damaged"], 0)


if __name__ == "__main__":
    unittest.main()
