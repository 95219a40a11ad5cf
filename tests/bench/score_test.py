"""Tests of migrate-score: MIGRATE_SCORE (default: ./migrate-score) is the program."""

import itertools
import json
import os
import random
import resource
import subprocess
import tempfile
import unittest

PROGRAM = os.path.abspath(os.environ.get("MIGRATE_SCORE", "./migrate-score"))


def score(truth, predicted, *options, limit=0):
    """Exit code, the scores or the message. `truth`, `predicted`: the files' texts."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("truth.csv", truth), ("predicted.csv", predicted)):
            with open(os.path.join(folder, name), "w", newline="") as file:
                file.write(text)
        bound = (lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))) if limit else None
        done = subprocess.run([PROGRAM, "truth.csv", "predicted.csv", "--folder", folder, *map(str, options)], cwd=folder,
                              capture_output=True, text=True, preexec_fn=bound)
        left = set(os.listdir(folder)) - {"truth.csv", "predicted.csv"}
        assert not left, left
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr


def table(clusters):
    return "id,cluster\n" + "".join(f"{i},{c}\n" for i, c in clusters.items())


def ratio(a, b, empty=1.0):
    return a / b if b else empty


def f1(a, b):
    return 2 * a * b / (a + b) if a + b else 0.0


def brute_force(truth, predicted):
    """By the definitions: pair by pair, row by row."""
    predicted = {i: predicted.get(i, ("alone", i)) for i in truth}
    pairs = list(itertools.combinations(truth, 2))
    same = lambda clusters: {p for p in pairs if clusters[p[0]] == clusters[p[1]]}
    true_pairs, found = same(truth), same(predicted)
    tp = len(true_pairs & found)
    precision, recall = ratio(tp, len(found)), ratio(tp, len(true_pairs))
    members = lambda clusters, i: {j for j in truth if clusters[j] == clusters[i]}
    both = {i: len(members(truth, i) & members(predicted, i)) for i in truth}
    b3p = sum(both[i] / len(members(predicted, i)) for i in truth) / len(truth)
    b3r = sum(both[i] / len(members(truth, i)) for i in truth) / len(truth)
    return {"n": len(truth), "pairs_true": len(true_pairs), "pairs_pred": len(found), "tp": tp, "precision": precision,
            "recall": recall, "f1": f1(precision, recall), "b3_precision": b3p, "b3_recall": b3r, "b3_f1": f1(b3p, b3r),
            "clusters_true": len(set(truth.values())), "clusters_pred": len(set(predicted.values()))}


class Scores(unittest.TestCase):
    def check(self, truth, predicted, *options):
        code, got = score(table(truth), table(predicted), *options)
        self.assertEqual(code, 0, got)
        for name, value in brute_force(truth, predicted).items():
            self.assertAlmostEqual(got[name], value, delta=0.6e-6, msg=name)

    def test_against_brute_force(self):
        rng = random.Random(1)
        for n in (1, 2, 3, 7, 40, 80):
            for share in (1, 2, 10):
                truth = {f"r{i}": f"t{rng.randrange(max(1, n // share))}" for i in range(n)}
                predicted = {i: f"p{rng.randrange(max(1, n // share))}" if rng.random() < 0.3 else c for i, c in truth.items()
                             if rng.random() < 0.9}
                self.check(truth, predicted)

    def test_many_parts(self):
        rng = random.Random(2)
        truth = {f"row number {i} of a long name": f"t{rng.randrange(20_000)}" for i in range(40_000)}
        predicted = {i: c if rng.random() < 0.8 else f"p{rng.randrange(9)}" for i, c in truth.items()}
        one, many = score(table(truth), table(predicted)), score(table(truth), table(predicted), "--memory", 1)
        self.assertEqual(one, many)
        self.assertEqual(one[0], 0, one)

    def test_known_case(self):
        self.assertEqual(
            score("id,cluster\n1,a\n2,a\n3,a\n4,b\n", "id,cluster\n1,x\n2,x\n3,y\n4,y\n")[1],
            {"n": 4, "pairs_true": 3, "pairs_pred": 2, "tp": 1, "precision": 0.5, "recall": 0.333333, "f1": 0.4,
             "b3_precision": 0.75, "b3_recall": 0.666667, "b3_f1": 0.705882, "clusters_true": 2, "clusters_pred": 2,
             "unpredicted": 0})

    def test_links_of_a_run(self):
        truth = 'id,cluster,source,source_key\nx,1,a,"[""k"",1]"\ny,1,b,k\nz,2,b,"a\nline"\n'
        links = '\ufeffsource,source_key,record_id,person_id\r\nb,k,7,50\r\na,"[""k"",1]",8,50\r\nb,"a\nline",9,51\r\n'
        code, got = score(truth, links)
        self.assertEqual((code, got["f1"], got["b3_f1"], got["n"]), (0, 1, 1, 3))

    def test_memory_is_bounded(self):
        n = 300_000
        truth = table({f"record number {i}": i // 3 for i in range(n)})
        code, got = score(truth, truth, "--memory", 2, limit=100 << 20)
        self.assertEqual((code, got["f1"] if code == 0 else got), (0, 1))


class Mistakes(unittest.TestCase):
    def test_messages(self):
        good = "id,cluster\n1,a\n2,a\n"
        for truth, predicted, message in (
            (good, "id,cluster\n1,a\n1,a\n", "predicted.csv: rows 1 and 2 have the same id"),
            (good, "id,cluster\n1,a\n5,a\n", "predicted.csv: the id of row 2 is not in truth.csv"),
            (good, "id,cluster\n0,a\n", "the id of row 1 is not in truth.csv"),
            (good, "id,cluster\n1,\n", "predicted.csv:2: no cluster"),
            (good, "id,cluster\n1,a,b\n", "predicted.csv:2: 3 fields, the header has 2"),
            (good, "id,group\n1,a\n", "predicted.csv: no column cluster or person_id"),
            (good, "key,cluster\n1,a\n", "predicted.csv: no column id"),
            ("id,cluster\n1,a\n1,b\n", good, "truth.csv: rows 1 and 2 have the same id"),
            ("", good, "truth.csv: empty"),
        ):
            code, text = score(truth, predicted)
            self.assertEqual(code, 2, text)
            self.assertIn(message, text)


if __name__ == "__main__":
    unittest.main()
