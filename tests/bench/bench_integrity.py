#!/usr/bin/env python3
"""What proof costs, in the processor's time of one process (system time included), the best of several turns.

    tests/bench/bench_integrity.py [--rows N] [--threads T] [--turns K] [--damages D]

Into SQLite, N generated records (default 2,000,000):
  - load with history, digests, checkpoints and books, beside a bare prepared INSERT of the same rows (bench_load);
  - reconcile beside the stages that brought the records in, and beside the whole import;
  - repair of D deleted rows each of record, person and person_identifier (default 1000), the search in the sources included.
Prints Markdown rows for docs/performance.md.
"""
import argparse
import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess

import bench

STAGES = ("extract", "normalize", "load", "dedupe", "reconcile")


def cpu(*command):
    """Seconds of processor that a command took, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 3), done.stderr.decode()[-2000:]
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime), done.stdout.decode()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rows", type=int, default=2_000_000)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--turns", type=int, default=3)
    ap.add_argument("--damages", type=int, default=1000)
    a = ap.parse_args()
    best = dict.fromkeys((*STAGES, "bare", "repair"), float("inf"))
    for turn in range(a.turns):
        path, out = bench.plan(a.rows)
        for stage in STAGES:
            seconds, _ = cpu(bench.tool("migrate"), "run", path, "--stage", stage, "--threads", a.threads, "--quiet")
            best[stage] = min(best[stage], seconds)
            if stage == "load":
                seconds, _ = cpu(bench.tool("bench_load"), out / "people.db", out / "bare.db")
                best["bare"] = min(best["bare"], seconds)
                os.unlink(out / "bare.db")
        with contextlib.closing(sqlite3.connect(out / "people.db")) as db, db:
            for table, key in (("record", "record_id"), ("person", "person_id"), ("person_identifier", "value_hash")):
                db.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} ORDER BY {key} LIMIT {a.damages})")
        seconds, _ = cpu(bench.tool("migrate"), "repair", path, "--threads", a.threads, "--quiet")
        best["repair"] = min(best["repair"], seconds)
    shutil.rmtree(out, ignore_errors=True)
    brought = best["extract"] + best["normalize"] + best["load"]
    whole = sum(best[s] for s in STAGES)
    bench.row(f"load into SQLite, {a.rows:,} records, with history, digests, checkpoints, books: CPU", f"{best['load']:.1f} s",
              f"bare prepared INSERT: {best['bare']:.1f} s (its rows are in memory)", f"{best['load'] / best['bare']:.2f} ×", "≤ 1.1 ×")
    bench.row("reconcile of them: CPU", f"{best['reconcile']:.1f} s", f"extract, normalize, load: {brought:.1f} s; the whole import: {whole:.1f} s",
              f"{best['reconcile'] / brought:.0%}; {best['reconcile'] / whole:.0%} of the whole", "≤ 25 %")
    bench.row(f"repair of {3 * a.damages:,} deleted rows, two passes over all tables and the search included: CPU", f"{best['repair']:.1f} s", "–", "–", "–")


if __name__ == "__main__":
    main()
