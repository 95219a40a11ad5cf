#!/usr/bin/env python3
"""What proof costs, in processor's time (system time included; of the server too), the best of several turns.

    tests/bench/bench_integrity.py [--kind sqlite|mysql80|mariadb] [--rows N] [--threads T] [--turns K] [--damages D]

Into a target of that kind (default sqlite), N generated records (default 2,000,000):
  - the stage load with history, digests, checkpoints and books, beside a load of the same rows of `record` without them: a
    prepared INSERT in key order, rows from memory (bench_load), or on a server LOAD DATA LOCAL of a file in key order;
  - the stage reconcile beside the stages that brought the records in, and beside the whole import;
  - repair of D deleted rows each of record, person and person_identifier (default 1000), the search in the sources included.
A server is started for it as in bench_target.py. Prints Markdown rows for docs/performance.md.
"""
import argparse
import contextlib
import json
import os
import pathlib
import resource
import shutil
import sqlite3
import subprocess
import time

import bench
import bench_target

STAGES = ("extract", "normalize", "load", "dedupe", "reconcile")
DELETED = (("record", "record_id"), ("person", "person_id"), ("person_identifier", "value_hash"))


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Clock:
    """The least that each work took, of a process and of the server that it asks: processor, wall."""

    def __init__(self, server_pid):
        self.server_pid, self.cpu, self.wall = server_pid, {}, {}

    def now(self):
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime + (cpu_of(self.server_pid) if self.server_pid else 0), time.monotonic()

    def run(self, what, *command, stdin=None):
        cpu, wall = self.now()
        done = subprocess.run([str(c) for c in command], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        cpu, wall = self.now()[0] - cpu, self.now()[1] - wall
        assert done.returncode in (0, 3), done.stderr.decode()[-2000:]
        self.put(what, cpu, wall)
        return done.stdout.decode()

    def put(self, what, cpu, wall):
        self.cpu[what] = min(cpu, self.cpu.get(what, cpu))
        self.wall[what] = min(wall, self.wall.get(what, wall))


def bare_into_sqlite(clock, out):
    told = json.loads(clock.run("-", bench.tool("bench_load"), out / "people.db", out / "bare.db"))
    clock.put("bare", told["cpu_seconds"], told["seconds"])
    os.unlink(out / "bare.db")


def bare_into_server(clock, server, folder):
    bench_target.dump(server, folder, ["record"])
    server.sql("DROP DATABASE IF EXISTS bare; CREATE DATABASE bare; CREATE TABLE bare.record LIKE bench.record", "")
    clock.run("bare", *server.command("bare"), "-e", f"LOAD DATA LOCAL INFILE '{folder}/record.tsv' INTO TABLE record CHARACTER SET binary")
    server.sql("DROP DATABASE bare", "")
    (folder / "record.tsv").unlink()


def delete_rows(server, out, damages):
    for table, key in DELETED:
        if server:
            server.sql(f"DELETE FROM {table} ORDER BY {key} LIMIT {damages}")
            continue
        with contextlib.closing(sqlite3.connect(out / "people.db")) as db, db:
            db.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} ORDER BY {key} LIMIT {damages})")


def turn(clock, a, server, folder):
    path, out = bench.plan(a.rows)
    if server:
        server.sql("DROP DATABASE IF EXISTS bench; CREATE DATABASE bench", "")
        path.write_text(path.read_text().replace(f"sqlite:{out}/people.db", server.url.replace("/test", "/bench")))
    for stage in STAGES:
        clock.run(stage, bench.tool("migrate"), "run", path, "--stage", stage, "--threads", a.threads, "--quiet")
        if stage == "load" and server:
            bare_into_server(clock, server, folder)
        elif stage == "load":
            bare_into_sqlite(clock, out)
    delete_rows(server, out, a.damages)
    clock.run("repair", bench.tool("migrate"), "repair", path, "--threads", a.threads, "--quiet")
    shutil.rmtree(out, ignore_errors=True)


def told(clock, *works):
    return f"{sum(clock.cpu[w] for w in works):.1f} s ({sum(clock.wall[w] for w in works):.1f} s)"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--kind", choices=["sqlite", "mysql80", "mariadb"], default="sqlite")
    ap.add_argument("--rows", type=int, default=2_000_000)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--turns", type=int, default=3)
    ap.add_argument("--damages", type=int, default=1000)
    ap.add_argument("--buffer-pool", default="8G")
    a = ap.parse_args()
    folder = bench.DATA / f"integrity-{a.kind}"
    server = bench_target.Server(folder, a.kind, a.buffer_pool) if a.kind != "sqlite" else None
    try:
        clock = Clock(int((folder / "started").read_text()) if server else None)
        for _ in range(a.turns):
            turn(clock, a, server, folder)
    finally:
        if server:
            bench_target.servers.stop(folder)
            shutil.rmtree(folder, ignore_errors=True)
    into, cpu = f"{a.kind}, {a.rows:,} records, {a.threads} threads", clock.cpu
    brought = sum(cpu[s] for s in STAGES[:3])
    bench.row(f"load into {into}, with history, digests, checkpoints, books: CPU (wall)", told(clock, "load"),
              f"bare {'LOAD DATA LOCAL' if server else 'prepared INSERT'}: {told(clock, 'bare')}", f"{cpu['load'] / cpu['bare']:.2f} ×", "≤ 1.1 ×")
    bench.row("reconcile of them", told(clock, "reconcile"),
              f"extract, normalize, load: {told(clock, *STAGES[:3])}; the whole import: {told(clock, *STAGES)}",
              f"{cpu['reconcile'] / brought:.0%}; {cpu['reconcile'] / sum(cpu[s] for s in STAGES):.0%} of the whole", "≤ 25 %")
    bench.row(f"repair of {3 * a.damages:,} deleted rows, two passes over all tables and the search included", told(clock, "repair"), "–", "–", "–")


if __name__ == "__main__":
    main()
