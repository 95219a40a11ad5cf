#!/usr/bin/env python3
"""product.py MIGRATE [SET...] [--size N] [--seed S] [--keep DIR] [--traps] [--floors]

Measures the whole product: makes a data set with known truth (worlds.py), writes a plan that names its columns and
nothing else, runs `migrate run` with default settings and `migrate export links`, and prints precision, recall and F1 of
the pairs, B-cubed F1, and with --traps precision and recall by trap. With --floors it fails where a set is below its
floors; without SET these are the sets that have any. All sets: `product.py MIGRATE all`.
"""
import argparse
import csv
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import worlds


# Least precision and recall at 4,000 records, by set and where a trap is named by trap. Below what seeds 1 to 3 reach, so
# that they catch a regression and no noise.
FLOORS = {
    "febrl": (.999, .998), "voters": (.999, .99), "crm": (.99, .93), "donors": (.985, .985), "heavy": (.999, .99), "marriage": (.99, .975),
    "generations": (.995, .93), "namesakes": (.995, .97), "junk": (.99, .95), "nothing_twice": (1, 1), "german": (.99, .97), "brazilian": (.99, .96),
    "pinyin": (.99, .965), "han": (.995, .985), "arabic": (.99, .98), "firms_us": (.99, .96), "firms_de": (.99, .94), "firms_in": (.99, .96),
    "name_phone": (.98, .60), "name_birth": (.99, .86), "name_address": (.98, .66), "families_few": (.97, .78), "dirty": (.99, .89), "dirty_heavy": (.99, .95),
    ("voters", "married"): (.99, .97), ("voters", "moved"): (.99, .95), ("generations", "father and son"): (.99, .91), ("marriage", "married"): (.985, .96),
    "mailing": (.99, .96), "emails": (.985, .99), "numbers": (.99, .99),
    ("hospital", "twin"): (.97, .95), ("hospital", "patient"): (.99, .98),
}


def write_set(world, folder):
    """data.csv and plan.yaml. JSON is YAML."""
    import json
    columns = []
    for value in world.fields.values():
        for c in value.get("join", [value.get("column")]) if isinstance(value, dict) else [value]:
            if c not in columns:
                columns.append(c)
    with open(os.path.join(folder, "data.csv"), "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(["id", "truth"] + columns)
        for i, (truth, _, row) in enumerate(world.rows):
            out.writerow([i, truth] + [row.get(c, "") for c in columns])
    plan = {"name": "set", "target": {"url": "sqlite:people.db"}, "normalize": {"country": world.country, "date_order": world.order},
            "sources": {"data": {"type": "csv", "path": "data.csv", "key": "id", "encoding": "utf-8", "delimiter": ",", "ignore": ["truth"], "fields": world.fields}}}
    if world.attributes:
        plan["attributes"] = world.attributes
    with open(os.path.join(folder, "plan.yaml"), "w", encoding="utf-8") as f:
        json.dump(plan, f, ensure_ascii=False, indent=1)


def pairs(sizes):
    return sum(k * (k - 1) // 2 for k in sizes)


def score(truth, found):
    both, t, p = Counter(zip(truth, found)), Counter(truth), Counter(found)
    tp, tt, pp = pairs(both.values()), pairs(t.values()), pairs(p.values())
    precision, recall = tp / pp if pp else 1.0, tp / tt if tt else 1.0
    n = max(1, len(truth))
    b_p = sum(k * k / p[c] for (_, c), k in both.items()) / n
    b_r = sum(k * k / t[c] for (c, _), k in both.items()) / n
    mean = lambda a, b: 2 * a * b / (a + b) if a + b else 0.0
    return dict(precision=precision, recall=recall, f1=mean(precision, recall), b3=mean(b_p, b_r), false=pp - tp, missed=tt - tp)


def by_trap(world, found):
    """Pairs of which a record is of the trap: (precision, recall)."""
    clusters, persons = defaultdict(list), defaultdict(list)
    for (truth, trap, _), c in zip(world.rows, found):
        clusters[c].append((truth, trap))
        persons[truth].append((c, trap))
    out = {}
    for trap in sorted({t for _, t, _ in world.rows}):
        sums = []
        for groups in (clusters, persons):
            all_pairs = right = 0
            for g in groups.values():
                inside = Counter(key for key, _ in g)
                other = Counter(key for key, t in g if t != trap)
                all_pairs += pairs([len(g)]) - pairs([sum(other.values())])
                right += pairs(inside.values()) - pairs(other.values())
            sums.append(right / all_pairs if all_pairs else 1.0)
        out[trap] = tuple(sums)
    return out


def run(migrate, world, folder):
    write_set(world, folder)
    begin = time.time()
    done = subprocess.run([migrate, "run", "plan.yaml", "--quiet"], cwd=folder, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"migrate run: exit {done.returncode}\n{done.stdout}{done.stderr}")
    seconds = time.time() - begin
    links = subprocess.run([migrate, "export", "links", "plan.yaml"], cwd=folder, capture_output=True, text=True, check=True).stdout
    person = {row["source_key"]: row["person_id"] for row in csv.DictReader(links.splitlines())}
    # A record that was quarantined is a person of its own.
    return [person.get(str(i), f"none {i}") for i in range(len(world.rows))], seconds, len(world.rows) - len(person)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("migrate")
    ap.add_argument("sets", nargs="*")
    ap.add_argument("--size", type=int, default=4000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--keep")
    ap.add_argument("--traps", action="store_true")
    ap.add_argument("--floors", action="store_true")
    a = ap.parse_intermixed_args()
    total, below = [], []
    with_floors = [n for n in worlds.SETS if n in FLOORS or any(isinstance(k, tuple) and k[0] == n for k in FLOORS)]
    names = list(worlds.SETS) if a.sets == ["all"] else a.sets or (with_floors if a.floors else list(worlds.SETS))
    check = lambda key, p, rec: a.floors and key in FLOORS and (p < FLOORS[key][0] or rec < FLOORS[key][1]) and below.append(f"{key}: precision {p:.4f}, recall {rec:.4f}, floors {FLOORS[key]}")
    print(f"{'set':20} {'records':>7} {'precision':>9} {'recall':>7} {'F1':>7} {'B3':>7} {'false':>6} {'missed':>6} {'lost':>5} {'s':>5}")
    for name in names:
        world = worlds.SETS[name](random.Random(f"{name} {a.seed}"), a.size)
        with tempfile.TemporaryDirectory() as temporary:
            folder = temporary
            if a.keep:
                folder = os.path.join(a.keep, name)
                subprocess.run(["rm", "-rf", folder], check=True)
                os.makedirs(folder)
            found, seconds, lost = run(os.path.abspath(a.migrate), world, folder)
            s = score([t for t, _, _ in world.rows], found)
            total.append(s["f1"])
            check(name, s["precision"], s["recall"])
            print(f"{name:20} {len(found):7} {s['precision']:9.4f} {s['recall']:7.4f} {s['f1']:7.4f} {s['b3']:7.4f} {s['false']:6} {s['missed']:6} {lost:5} {seconds:5.1f}", flush=True)
            for trap, (p, rec) in by_trap(world, found).items() if a.traps or a.floors else ():
                check((name, trap), p, rec)
                if a.traps:
                    print(f"    {trap:16}         {p:9.4f} {rec:7.4f}")
            if a.keep:
                with open(os.path.join(folder, "found.csv"), "w", encoding="utf-8") as f:
                    f.writelines(["id,truth,cluster\n"] + [f"{i},{t},{c}\n" for i, ((t, _, _), c) in enumerate(zip(world.rows, found))])
    print(f"mean F1 {sum(total) / len(total):.4f}")
    for line in below:
        print("BELOW ITS FLOOR: " + line)
    sys.exit(1 if below else 0)


if __name__ == "__main__":
    main()
