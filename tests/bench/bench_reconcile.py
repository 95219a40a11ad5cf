#!/usr/bin/env python3
"""Reconciliation of a target on MySQL beside the plain SQL digest query, in the same run.

    tests/bench/bench_reconcile.py [--rows N] [--threads T] [--kind mysql80|mariadb] [--turns K]

Starts a server of its own below build/bench, loads N generated records (default 2,000,000) through all stages, then turn by
turn: the stage reconcile, and the yardstick SELECT COUNT(*), BIT_XOR(UNHEX(SHA2(CONCAT_WS(all columns), 256))) over each
table, on one connection. Wall time and the CPU time of client and server, the best of K turns each; prints Markdown rows for
docs/performance.md. On MariaDB the yardstick's BIT_XOR gives 0, but does the same work up to it.
"""
import argparse
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

import bench

sys.path.insert(0, str(bench.ROOT / "tests" / "servers"))
import servers  # noqa: E402

TABLES = ["record", "record_history", "quarantine", "person", "person_history", "person_record", "person_identifier", "person_alias"]


def query(port, sql):
    done = subprocess.run(["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot", "-N", "-B", "test", "-e", sql],
                          stdout=subprocess.PIPE, check=True)
    return done.stdout.decode(errors="replace")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(pid, work):
    """Wall time, CPU of the server and of the processes that `work` started, and its result."""
    def used():
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cpu_seconds(pid) + children.ru_utime + children.ru_stime
    cpu, wall = used(), time.monotonic()
    result = work()
    return time.monotonic() - wall, used() - cpu, result


def yardstick(port):
    for table in TABLES:
        columns = query(port, f"SELECT CONCAT('`', column_name, '`') FROM information_schema.columns WHERE table_schema = 'test' "
                              f"AND table_name = '{table}' ORDER BY ordinal_position").split()
        query(port, f"SELECT COUNT(*), HEX(BIT_XOR(UNHEX(SHA2(CONCAT_WS('#', {', '.join(columns)}), 256)))) FROM {table}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rows", type=int, default=2_000_000)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--turns", type=int, default=3)
    ap.add_argument("--kind", choices=["mysql80", "mariadb"], default="mysql80")
    ap.add_argument("--buffer-pool", default="8G")
    a = ap.parse_args()
    folder = bench.DATA / f"server-{a.kind}"
    options = [f"--innodb-buffer-pool-size={a.buffer_pool}"]
    url = servers.start(a.kind, folder, options + (["--innodb-redo-log-capacity=4G"] if a.kind == "mysql80" else []))
    port, pid = url.split(":")[2].split("/")[0], int((folder / "started").read_text())
    try:
        path, out = bench.plan(a.rows)
        path.write_text(path.read_text().replace(f"sqlite:{out}/people.db", url))
        bench.migrate(path, "--threads", a.threads)
        ours, theirs = [], []
        for _ in range(a.turns):
            ours.append(timed(pid, lambda: bench.stage(bench.migrate(path, "--stage", "reconcile", "--threads", a.threads), "reconcile")))
            theirs.append(timed(pid, lambda: yardstick(port)))
        seconds, bare = min(o[2]["seconds"] for o in ours), min(t[0] for t in theirs)
        ours_cpu, bare_cpu = min(o[1] for o in ours), min(t[1] for t in theirs)
        rows = ours[0][2]["rows"]
        bench.row(f"reconcile on {a.kind}, {a.rows:,} records ({rows:,} rows in all tables), {a.threads} connections; buffer pool {a.buffer_pool}",
                  f"{seconds:.1f} s; CPU {ours_cpu:.1f} s",
                  f"plain SQL digest query: {bare:.1f} s; CPU {bare_cpu:.1f} s", f"{ours_cpu / bare_cpu:.2f} × its CPU", "≤ 1.1 ×")
    finally:
        servers.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)


if __name__ == "__main__":
    main()
