#!/usr/bin/env python3
"""The matcher beside Splink over the same generated people, in the same run.

    tests/bench/bench_dedupe.py [--records N] [--seed S] [--threads T] [--turns K] [--no-splink]

Makes N people (default 1,000,000) with ../shared/tools/gen_people.py where it is, else with migrate-datagen; installs
Splink 5 (DuckDB engine) into build/bench/splink; runs splink_people.py and match_csv over the file, the latter also with the
model that it has learned, turn by turn. Prints wall time, processor time and peak memory of the whole process, of Splink
also without its training, and the pairwise F1 of both from the same scorer; best of K turns. On a machine that is busy
with other work processor time says more. Needs match_csv (ninja -C build match_csv migrate-datagen).
"""
import argparse
import collections
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import bench

SPLINK = "splink==5.0.0"
FIELDS = ["id=id", "first_name=first_name", "last_name=last_name", "birth_date=dob", "email=email", "phone=phone", "street=street",
          "city=city", "state=state", "zip=zip"]


def people(folder, records, seed):
    """The file, and {id: person}."""
    out, truth = folder / f"people-{records}-{seed}.csv", folder / f"people-{records}-{seed}.truth.csv"
    tool = bench.ROOT.parent / "shared" / "tools" / "gen_people.py"
    if not out.exists():
        if tool.exists():
            subprocess.run([sys.executable, tool, "--seed", str(seed), str(records), out], check=True)
        else:
            subprocess.run([bench.BUILD / "migrate-datagen", "--records", str(records), "--seed", str(seed), "--csv", out, "--truth",
                            truth], check=True)
    return out, out if tool.exists() else truth


def read(path, column):
    with open(path, newline="", encoding="utf-8") as f:
        rows = csv.reader(f)
        header = next(rows)
        key, value = [header.index(c) for c in ("source_key" if "source_key" in header else "id", column)]
        return {row[key]: row[value] for row in rows}


def f1(truth, clusters):
    """Pairwise: from the sizes of persons, of clusters, and of what they have in common."""
    def pairs(sizes):
        return sum(n * (n - 1) // 2 for n in sizes.values())
    real, found = pairs(collections.Counter(truth.values())), pairs(collections.Counter(clusters.values()))
    both = pairs(collections.Counter((person, clusters[key]) for key, person in truth.items()))
    return both / found, both / real, 2 * both / (found + real)


def measured(command, **options):
    """Output, wall seconds, processor seconds and peak MiB of a process."""
    began = time.monotonic()
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    out, err = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command[0]}: exit {child.returncode}\n{err[-2000:]}")
    return out, err, {"wall": time.monotonic() - began, "cpu": usage.ru_utime + usage.ru_stime, "mib": usage.ru_maxrss / 1024}


def splink(folder, file, threads):
    python = folder / "splink" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "splink"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", SPLINK], check=True)
    script = pathlib.Path(__file__).parent / "splink_people.py"
    out, _, whole = measured([python, script, file, folder / "splink.csv", "--threads", threads])
    steps = json.loads(out.strip().splitlines()[-1])
    # Starting Python is in neither figure of the steps, and stays in both here.
    rest = {k: whole[k] - steps["training"][k] for k in ("wall", "cpu")} | {"mib": whole["mib"]}
    return whole, rest


def ours(folder, file, threads, model):
    command = [bench.BUILD / "tests" / "quality" / "match_csv", file, folder / "ours.csv", *FIELDS, "--threads", threads, "--stats"]
    command += ["--model", folder / "model.json"] if model else ["--model-out", folder / "model.json"]
    _, err, whole = measured(command)
    return whole, re.search(r"scored ([0-9.]+M) pairs a second", err).group(1)


def best(turns):
    """Of each figure the least, apart: what else the machine does disturbs them differently."""
    return {k: min(t[k] for t in turns) for k in ("wall", "cpu", "mib")}


def row(name, turn, score):
    print(f"| {name} | {turn['wall']:.1f} | {turn['cpu']:.1f} | {turn['mib']:.0f} | {score} |", flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--records", type=int, default=1_000_000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--turns", type=int, default=2)
    ap.add_argument("--no-splink", action="store_true")
    a = ap.parse_args()
    folder = bench.DATA
    folder.mkdir(parents=True, exist_ok=True)
    file, truth_file = people(folder, a.records, a.seed)
    truth = read(truth_file, "truth" if truth_file == file else "cluster")
    turns = collections.defaultdict(list)
    rate = ""
    for _ in range(a.turns):
        if not a.no_splink:
            whole, rest = splink(folder, file, a.threads)
            turns["Splink 5, with its training"].append(whole)
            turns["Splink 5, without"].append(rest)
        for name, model in (("match_csv, with training", False), ("match_csv, with the model given", True)):
            whole, rate = ours(folder, file, a.threads, model)
            turns[name].append(whole)
    print(f"{a.records:,} people, seed {a.seed}, {a.threads} threads, load of the machine {os.getloadavg()[0]:.1f}; scored pairs a "
          f"second of one core: {rate}\n")
    print("| | wall s | processor s | peak MiB | precision / recall / F1 |\n|---|---|---|---|---|")
    scores = {name: f1(truth, read(folder / f"{name}.csv", "cluster")) for name in (["ours"] if a.no_splink else ["splink", "ours"])}
    for name, runs in turns.items():
        row(name, best(runs), " / ".join(f"{x:.4f}" for x in scores["splink" if "Splink" in name else "ours"]))
    if a.no_splink:
        return
    for theirs, mine in (("Splink 5, with its training", "match_csv, with training"), ("Splink 5, without", "match_csv, with the model given")):
        x, y = best(turns[theirs]), best(turns[mine])
        print(f"\n{theirs} ÷ {mine}: wall {x['wall'] / y['wall']:.1f}, processor {x['cpu'] / y['cpu']:.1f}, memory {x['mib'] / y['mib']:.1f}")


if __name__ == "__main__":
    main()
