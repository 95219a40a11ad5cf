#!/usr/bin/env python3
"""The benches of the whole executable, each beside its yardstick in the same run.

    tests/bench/bench.py extract     CSV extract, digests and segments included, beside csv.h
    tests/bench/bench.py normalize   records a second and thread
    tests/bench/bench.py load        load into SQLite beside a bare prepared INSERT of the same rows
    tests/bench/bench.py run         a whole run: time and peak memory
    tests/bench/bench.py explain     what explain foretells of such a run: time, disk, rows
    tests/bench/bench.py mysql       a MySQL 8.0 source beside the C client streaming the same rows into nothing
    tests/bench/bench.py all         all of them; prints Markdown rows for docs/performance.md

Options: --rows N (default 2,000,000; `extract` 8,064,000, `run`, `explain` and `mysql` 1,000,000), --threads T (default 2), --keep. Data is generated once into
build/bench by migrate-datagen, seed 1.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
DATA = BUILD / "bench"
PLAN = """name: bench
workspace: {out}/workspace
target: {{url: "sqlite:{out}/people.db"}}
sources:
  people:
    type: csv
    path: {csv}
    key: id
    fields: {{first_name: first_name, last_name: last_name, birth_date: dob, email: email, phone: phone, street: street,
              city: city, state: state, zip: zip, updated_at: updated_at}}
"""

COLUMNS = "first_name last_name dob email phone street city state zip updated_at".split()


def tool(name):
    for path in (BUILD / name, BUILD / "tests" / "bench" / name):
        if path.exists():
            return str(path)
    sys.exit(f"{name} is not built: cmake --build build")


def data(rows):
    csv = DATA / f"people-{rows}.csv"
    if not csv.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        subprocess.run([tool("migrate-datagen"), "--records", str(rows), "--seed", "1", "--csv", str(csv) + ".tmp", "--truth",
                        str(DATA / f"truth-{rows}.csv")], check=True, stdout=subprocess.DEVNULL)
        os.rename(str(csv) + ".tmp", csv)
    return csv


def plan(rows):
    csv, out = data(rows), DATA / f"out-{rows}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    path = DATA / f"plan-{rows}.yaml"
    path.write_text(PLAN.format(out=out, csv=csv))
    return path, out


def migrate(*args):
    done = subprocess.run([tool("migrate"), "run", *map(str, args), "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode not in (0, 3):
        sys.exit(f"migrate run {' '.join(map(str, args))}: exit code {done.returncode}\n{done.stdout.decode()[-2000:]}")
    return json.loads(done.stdout)


def stage(report, name):
    return next(s for s in report["stages"] if s["stage"] == name)


def row(what, value, yardstick, ratio, goal):
    print(f"| {what} | {value} | {yardstick} | {ratio} | {goal} |", flush=True)


def extract(a):
    """Turn by turn, the best of three each, so that a busy machine hits both alike. The hash of the whole file, which a
    run computes before it extracts, is no part of the stage and is told beside it."""
    rows = a.rows if a.rows_given else 8_064_000  # 1 GB
    rate = ours = 0.0
    for _ in range(3):
        bare = subprocess.run([tool("bench_csv"), str(data(rows)), "1"], stdout=subprocess.PIPE, check=True).stdout.decode()
        rate = max(rate, float(re.search(r"csv\.h[^\n]*?([\d.]+) rows/s", bare)[1]))
        path, _ = plan(rows)
        s = stage(migrate(path, "--stage", "extract", "--threads", a.threads), "extract")
        ours = max(ours, s["rows"] / s["seconds"])
    row(f"CSV extract, {s['rows']:,} rows × 11, {a.threads} threads, digests and segments", f"{ours:,.0f} rows/s",
        f"csv.h, one thread: {rate:,.0f} rows/s", f"{ours / rate:.2f} ×", "≥ 1.2 ×")
    hashed = float(re.search(r"SHA-256 of the file: ([\d.]+) s", bare)[1])
    row("SHA-256 of that file as it lies, before extract and no part of it", f"{hashed:.2f} s", "–", "–", "–")


def normalize(a):
    bare = subprocess.run([tool("bench_normalize")], stdout=subprocess.PIPE, check=True).stdout.decode().strip().splitlines()
    path, _ = plan(a.rows)
    report = migrate(path, "--stage", "extract", "--stage", "normalize", "--threads", a.threads)
    s = stage(report, "normalize")
    row("the rules alone, one thread", bare[-1].replace("|", "/"), "–", "–", "≥ 500k records/s a thread")
    row(f"the stage normalize, {a.threads} threads, segments read, sorted and written", f"{s['rows'] / s['seconds']:,.0f} records/s", "–", "–", "–")


def load(a):
    path, out = plan(a.rows)
    report = migrate(path, "--stage", "extract", "--stage", "normalize", "--stage", "load", "--threads", a.threads)
    ours = stage(report, "load")["seconds"]
    new = out / "bare.db"
    bare = json.loads(subprocess.run([tool("bench_load"), str(out / "people.db"), str(new)], stdout=subprocess.PIPE, check=True).stdout)
    row(f"load into SQLite, {bare['rows']:,} records, history, digests, checkpoints", f"{ours:.1f} s", f"bare INSERT: {bare['seconds']:.1f} s",
        f"{ours / bare['seconds']:.2f} ×", "≤ 1.5 × its time")


def run(a):
    rows = a.rows if a.rows_given else 1_000_000
    path, out = plan(rows)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    report = migrate(path, "--threads", a.threads)
    stages = ", ".join(f"{s['stage']} {s['seconds']:.1f}" for s in report["stages"])
    row(f"whole run, {rows:,} records ({stages} s)", f"{report['seconds']:.1f} s, peak {report['peak_rss_bytes'] / 2**20:,.0f} MiB", "–", "–", "peak < 1 GiB")
    links = subprocess.run([tool("migrate"), "export", "links", str(path)], stdout=subprocess.PIPE, check=True).stdout.decode()
    score(rows, links)
    del before


def explain(a):
    rows = a.rows if a.rows_given else 1_000_000
    path, out = plan(rows)
    for rates in ("rates of docs/performance.md", "rates of its own last import"):
        done = subprocess.run([tool("migrate"), "explain", str(path), "--json", "--threads", str(a.threads)], stdout=subprocess.PIPE, check=True)
        told = json.loads(done.stdout)
        report = migrate(path, "--threads", a.threads)
        parts = {p["what"]: p["bytes"] for place in told["disk"] for p in place["parts"]}
        real = {"raw segments": sum(f.stat().st_size for f in out.glob("workspace/work/raw-*")),
                "record segments": sum(f.stat().st_size for f in out.glob("workspace/work/rec-*")),
                "tables and indexes": (out / "people.db").stat().st_size}
        disk = ", ".join(f"{what} {parts[what] / size:.2f}" for what, size in real.items())
        seconds = sum(s["seconds"] for s in report["stages"])
        stages = ", ".join(f"{s['stage']} {t['seconds']:.1f}" for s, t in zip(report["stages"], told["stages"]))
        row(f"explain, {rates}: time of a run of {rows:,} records ({stages} s)", f"{told['seconds']:.1f} s", f"the run: {seconds:.1f} s",
            f"{told['seconds'] / seconds:.2f} ×", "0.5 to 2 ×")
        row("rows and bytes foretold by those taken", f"rows {told['rows']['read'] / rows:.3f}, {disk}",
            f"memory {told['memory']['peak'] / report['peak_rss_bytes']:.2f}", "–", "rows, disk 0.85 to 1.15")
        (out / "people.db").unlink()
        shutil.rmtree(out / "workspace" / "work")


def mysql(a):
    """The server starts with the settings of every bench (see README.md) and ends with it; its processor time is on the same
    machine, so two connections can only be faster where there are cores for four busy threads."""
    sys.path.insert(0, str(ROOT / "tests" / "servers"))
    import servers
    rows = a.rows if a.rows_given else 1_000_000
    folder = DATA / "mysql80"
    url = servers.start("mysql80", folder, ["--innodb-buffer-pool-size=8G", "--innodb-redo-log-capacity=4G"])
    port = url.rsplit(":", 1)[1].split("/")[0]
    try:
        load = (f"CREATE TABLE people (id INT PRIMARY KEY, {', '.join(c + ' VARCHAR(100)' for c in COLUMNS)}) CHARACTER SET utf8mb4; "
                f"LOAD DATA LOCAL INFILE '{data(rows)}' INTO TABLE people CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY "
                "ENCLOSED BY '\"' IGNORE 1 LINES; ANALYZE TABLE people")
        subprocess.run(["mariadb", "--no-defaults", "--local-infile=1", "-h127.0.0.1", f"-P{port}", "-uroot", "test", "-e", load],
                       check=True, stdout=subprocess.DEVNULL)
        text = subprocess.run([tool("bench_mysql"), "127.0.0.1", port, "root", "test", "people", "id", str(DATA / "segments"), "5"],
                              check=True, stdout=subprocess.PIPE).stdout.decode()
    finally:
        servers.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
    best = {m[1]: float(m[2]) for m in re.finditer(r"^(\S+, \d) .*?best +(\d+)", text, re.M)}
    row(f"MySQL source, {rows:,} rows × 11, one connection, digests and segments", f"{best['ours, 1']:,.0f} rows/s",
        f"C client, one connection: {best['client, 1']:,.0f} rows/s", f"{best['ours, 1'] / best['client, 1']:.2f} ×", "≥ 0.8 ×")
    row("the same, two connections", f"{best['ours, 2']:,.0f} rows/s", f"C client, two: {best['client, 2']:,.0f} rows/s",
        f"{best['ours, 2'] / best['ours, 1']:.2f} × one", "≥ 1.5 × one where cores are free")


def score(rows, links):
    """Pairwise precision, recall and F1 of the run against the generator's truth."""
    import csv
    from collections import Counter
    truth = {r["id"]: r["cluster"] for r in csv.DictReader(open(DATA / f"truth-{rows}.csv", newline=""))}
    both, t, p = Counter(), Counter(), Counter()
    for r in csv.DictReader(links.splitlines()):
        k, c = truth[r["source_key"]], r["person_id"]
        both[k, c] += 1
        t[k] += 1
        p[c] += 1
    pairs = [sum(n * (n - 1) // 2 for n in c.values()) for c in (both, t, p)]
    precision, recall = pairs[0] / max(1, pairs[2]), pairs[0] / max(1, pairs[1])
    row("its clusters against the truth", f"precision {precision:.4f}, recall {recall:.4f}", "–", f"F1 {2 * precision * recall / (precision + recall):.4f}", "–")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("what", choices=["extract", "normalize", "load", "run", "explain", "mysql", "all"])
    ap.add_argument("--rows", type=int)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--keep", action="store_true", help="keep the targets and workspaces")
    a = ap.parse_args()
    a.rows_given = a.rows is not None
    a.rows = a.rows or 2_000_000
    print("| what | figure | yardstick | ratio | goal |\n|---|---|---|---|---|")
    for name in ("extract", "normalize", "load", "run", "explain", "mysql") if a.what == "all" else (a.what,):
        globals()[name](a)
    if not a.keep:
        for out in DATA.glob("out-*"):
            shutil.rmtree(out)


if __name__ == "__main__":
    main()
