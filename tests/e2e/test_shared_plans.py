"""The plans of ../shared, as they stand: they run, and find who is who at least as well as they did."""
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import unittest

from common import ROOT, Case, parse_csv

SHARED = next((p for p in (ROOT.parent / "shared", pathlib.Path(os.environ.get("MIGRATE_SHARED", "/nonexistent")))
               if (p / "plans").is_dir()), None)
# The least F1 that is asked for at defaults, and what is reached and kept.
FLOORS = {"febrl3": (0.99, 0.999), "fake_1000": (0.80, 0.92), "historical_25k": (0.70, 0.90)}


def truth_of(name):
    """id -> cluster. A febrl3 id says it itself: rec-12-org, rec-12-dup-0."""
    if name == "febrl3":
        ids = [row["rec_id"] for row in parse_csv((SHARED / "datasets/febrl3.csv").read_text())[1]]
        return {i: re.match(r"rec-(\d+)-", i)[1] for i in ids}
    rows = parse_csv((SHARED / f"datasets/{name}.csv").read_text())[1]
    return {row["unique_id"]: row["cluster"] for row in rows}


if SHARED:
    class SharedPlans(Case):
        def score(self, name):
            plan = SHARED / f"plans/{name}.yaml"
            out = self.p.path("out") / name
            out.parent.mkdir(exist_ok=True)
            result = self.p.migrate("run", plan, "--json")
            self.assertIn(result.code, (0, 3), str(result)[:3000])
            self.assertEqual(result.json()["reconciliation"]["verdict"], "match")
            links = self.p.migrate("export", "links", plan)
            predicted = {row["source_key"]: row["person_id"] for row in parse_csv(links.stdout)[1]}
            truth = truth_of(name)
            self.assertEqual(set(predicted), set(truth), "every row became a record")
            for file, clusters in (("truth.csv", truth), ("links.csv", predicted)):
                self.p.write_csv(file, ["id", "cluster"], clusters.items())
            scored = subprocess.run([sys.executable, SHARED / "tools/score_clusters.py", self.p.path("truth.csv"),
                                     self.p.path("links.csv")], stdout=subprocess.PIPE, check=True)
            return json.loads(scored.stdout)

        def assert_floors(self, name):
            score = self.score(name)
            for floor in FLOORS[name]:
                self.assertGreaterEqual(score["f1"], floor, score)

        def test_febrl3(self):
            self.assert_floors("febrl3")

        def test_fake_1000(self):
            self.assert_floors("fake_1000")

        def test_historical_25k(self):
            self.assert_floors("historical_25k")

        def test_three_sources_validates(self):
            database = self.p.path("out/northwind.db")
            database.parent.mkdir()
            with sqlite3.connect(database) as db:
                db.executescript((SHARED / "datasets/northwind.sql").read_text())
            db.close()
            plan = SHARED / "plans/three_sources.yaml"
            result = self.p.migrate("validate", "--offline", plan, env={"SAKILA_PORT": "3306"})
            self.assertEqual(result.code, 0, str(result))
            without = self.p.migrate("validate", plan, env={"SAKILA_PORT": ""})
            self.assert_fails(without, 2, "port of the server with sakila", "three_sources.yaml:")


if __name__ == "__main__":
    unittest.main()
