#!/usr/bin/env python3
"""Loading into MySQL 8.0, beside what the server itself can do with the same rows in the same run.

    tests/bench/bench_target.py [--rows N] [--threads T] [--keep]     (default 2,000,000 rows, 2 threads)

A server is started for it (tests/servers/servers.py) with --innodb-buffer-pool-size=8G --innodb-redo-log-capacity=4G, flush and
doublewrite at their defaults, no binary log. Prints Markdown rows for docs/performance.md:

- the first load of `record`, beside bare LOAD DATA LOCAL of the same rows in the same order
- the person tables written by dedupe and all secondary indexes, beside LOAD DATA LOCAL of the same rows and ADD INDEX
- both beside INSERT statements of 1,000 rows with the indexes in place (a tenth of the rows, which flatters them)
- a second run over unchanged data, and one in which 5 % of the rows have changed
- bytes a source record, by table
"""
import argparse
import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

import bench

sys.path.insert(0, str(bench.ROOT / "tests" / "servers"))
import servers  # noqa: E402

SERVER = {"mysql80": ["--innodb-redo-log-capacity=4G"], "mariadb": ["--innodb-log-file-size=4G"]}
TABLES = ["record", "person", "person_record", "person_identifier"]
INDEXES = {
    "person": "ADD INDEX person_email (email), ADD INDEX person_phone (phone_e164), "
              "ADD INDEX person_last_name_zip (last_name, zip)",
    "person_record": "ADD INDEX person_record_person (person_id)",
}


class Server:
    def __init__(self, folder, kind="mysql80", buffer_pool="8G"):
        self.url = servers.start(kind, folder, [f"--innodb-buffer-pool-size={buffer_pool}", *SERVER[kind]])
        self.port = re.search(r":(\d+)/", self.url)[1]

    def command(self, database=""):
        return ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{self.port}", "-uroot", "--local-infile=1", "-N", "-B", database]

    def sql(self, text, database="bench"):
        done = subprocess.run(self.command(database), input=text.encode(), capture_output=True)
        if done.returncode != 0:
            sys.exit(f"{text[:200]}\n{done.stderr.decode()}")
        return done.stdout.decode()

    def timed(self, text, database):
        begun = time.monotonic()
        self.sql(text, database)
        return time.monotonic() - begun


def run(plan, *args):
    """The report, and how long each step of dedupe took (to about a second, which is how often progress is said)."""
    done = subprocess.run([bench.tool("migrate"), "run", str(plan), *args, "--json"], capture_output=True)
    if done.returncode not in (0, 3):
        sys.exit(f"exit code {done.returncode}\n{done.stderr.decode()[-2000:]}")
    steps = {}
    before = 0.0
    for line in done.stderr.decode().splitlines():
        event = json.loads(line)
        if event.get("stage") == "dedupe" and "seconds" in event:
            steps[event.get("detail", "")] = steps.get(event.get("detail", ""), 0) + event["seconds"] - before
            before = event["seconds"]
    return json.loads(done.stdout), steps


def dump(server, folder, tables=TABLES):
    """The rows of each table, partition by partition in key order, as LOAD DATA reads them."""
    for table in tables:
        key = {"record": "record_id", "person": "person_id", "person_record": "record_id",
               "person_identifier": "value_hash, kind, person_id"}[table]
        with open(folder / f"{table}.tsv", "wb") as out:
            for p in range(32):
                part = folder / f"{table}.{p}"
                server.sql(f"SELECT * FROM {table} PARTITION (p{p}) ORDER BY {key} INTO OUTFILE '{part}' CHARACTER SET binary")
                with open(part, "rb") as f:
                    shutil.copyfileobj(f, out)
                part.unlink()


def empty_copy(server, name, with_indexes):
    server.sql(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}", "")
    for table in TABLES:
        server.sql(f"CREATE TABLE {name}.{table} LIKE bench.{table}")
        if not with_indexes and table in INDEXES:
            drop = ", ".join("DROP INDEX " + i for i in re.findall(r"ADD INDEX (\w+)", INDEXES[table]))
            server.sql(f"ALTER TABLE {name}.{table} {drop}")


def bare_load(server, folder):
    empty_copy(server, "bare", False)
    load = {t: server.timed(f"LOAD DATA LOCAL INFILE '{folder}/{t}.tsv' INTO TABLE {t} CHARACTER SET binary", "bare") for t in TABLES}
    index = sum(server.timed(f"ALTER TABLE {t} {how}", "bare") for t, how in INDEXES.items())
    return load, index


def insert_script(server, folder, table, rows):
    """INSERT statements of about a thousand rows (half a megabyte) each."""
    with open(folder / f"{table}.sql", "wb") as out:
        subprocess.run(["mariadb-dump", "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-uroot", "--no-create-info", "--hex-blob",
                        "--skip-add-locks", "--skip-disable-keys", "--skip-tz-utc", "--net-buffer-length=450000",
                        f"--where=1 LIMIT {rows}", "bench", table], stdout=out, check=True)
    return rows


def multi_row_inserts(server, folder, rows):
    """Seconds for all rows, from a tenth of them: tables that are a tenth as large take an INSERT faster, not slower."""
    empty_copy(server, "inserts", True)
    seconds = 0.0
    for table in ("record", "person"):
        n = insert_script(server, folder, table, rows // 10)
        begun = time.monotonic()
        with open(folder / f"{table}.sql", "rb") as script:
            if subprocess.run(server.command("inserts"), stdin=script, stderr=subprocess.PIPE).returncode != 0:
                sys.exit(f"INSERT statements into {table} failed")
        seconds += (time.monotonic() - begun) * count(server, table) / max(1, n)
        (folder / f"{table}.sql").unlink()
    return seconds


def count(server, table):
    return int(server.sql(f"SELECT count(*) FROM {table}"))


def change_some(source, out, share):
    """Every 1/share-th row gets another phone number and a later date."""
    with open(source, newline="", encoding="utf-8") as f, open(out, "w", newline="", encoding="utf-8") as g:
        rows, writer = csv.reader(f), csv.writer(g, lineterminator="\n")
        header = next(rows)
        writer.writerow(header)
        phone, updated = header.index("phone"), header.index("updated_at")
        for n, r in enumerate(rows):
            if n % round(1 / share) == 0:
                r[phone] = f"617555{n % 10000:04d}"
                r[updated] = "2026-06-01 00:00:00"
            writer.writerow(r)


def bytes_by_table(server):
    """Bytes of the pages that each index (PRIMARY is the table itself) takes, and of the files, which grow ahead of them."""
    for table in server.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'bench'").split():
        server.sql(f"ANALYZE TABLE `{table}`")
    text = server.sql("SELECT table_name, index_name, stat_value * 16384 FROM mysql.innodb_index_stats WHERE database_name = "
                      "'bench' AND stat_name = 'size'")
    sizes = {}
    for line in text.splitlines():
        name, index, size = line.split("\t")
        table = re.split(r"#[pP]#", name)[0]
        table = table if table in TABLES or table == "bucket" else "others"
        sizes[table, index] = sizes.get((table, index), 0) + int(size)
    files = int(server.sql("SELECT SUM(file_size) FROM information_schema.innodb_tablespaces WHERE name LIKE 'bench/%'"))
    return sizes, files


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rows", type=int, default=2_000_000)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--keep", action="store_true")
    a = ap.parse_args()
    source = bench.data(a.rows)
    folder = bench.DATA / f"target-{a.rows}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server = Server(folder / "server")
    try:
        measure(a, source, folder, server)
    finally:
        servers.stop(folder / "server")
        if not a.keep:
            shutil.rmtree(folder, ignore_errors=True)


def measure(a, source, folder, server):
    threads = ["--threads", str(a.threads)]
    server.sql("CREATE DATABASE bench", "")
    people = folder / "people.csv"
    shutil.copy(source, people)
    plan = folder / "plan.yaml"
    plan.write_text(bench.PLAN.format(out=folder, csv=people).replace(
        f'"sqlite:{folder}/people.db"', f'"{server.url.rsplit("/", 1)[0]}/bench"'))
    subprocess.run([bench.tool("migrate"), "schema", "apply", str(plan)], check=True, stdout=subprocess.DEVNULL)
    first, steps = run(plan, *threads)
    load = bench.stage(first, "load")["seconds"]
    persons, indexes = sum(s for step, s in steps.items() if step.startswith("writing ")), steps.get("indexes", 0)
    print("steps of dedupe:", {k: round(v, 1) for k, v in steps.items()}, file=sys.stderr)
    sizes, files = bytes_by_table(server)
    dump(server, folder)
    bare, bare_indexes = bare_load(server, folder)
    bare_persons = sum(v for k, v in bare.items() if k != "record")
    bench.row(f"first load of record, {a.rows:,} rows, 32 partitions, {a.threads} threads", f"{load:.1f} s",
              f"LOAD DATA LOCAL: {bare['record']:.1f} s", f"{load / bare['record']:.2f} ×", "–")
    ours, theirs = load + persons + indexes, sum(bare.values()) + bare_indexes
    bench.row("persons, links, identifiers, all indexes", f"{persons:.1f} + {indexes:.1f} s",
              f"LOAD DATA LOCAL + ADD INDEX: {bare_persons:.1f} + {bare_indexes:.1f} s",
              f"{(persons + indexes) / (bare_persons + bare_indexes):.2f} ×", "–")
    bench.row("both together", f"{ours:.1f} s", f"{theirs:.1f} s", f"{ours / theirs:.2f} ×", "≤ 1.25 × its time")
    inserts = multi_row_inserts(server, folder, a.rows)
    part = load + persons * bare["person"] / max(0.1, bare_persons) + indexes
    bench.row("record and person with indexes", f"{part:.1f} s", f"INSERT of 1,000 rows, indexes in place: {inserts:.0f} s (from a tenth)",
              f"{inserts / part:.1f} × faster", "≥ 3 × faster")
    print("\n| table, index | bytes a source record |\n|---|---|")
    for (table, index), size in sorted(sizes.items(), key=lambda x: -x[1]):
        print(f"| {table}, {index} | {size / a.rows:.0f} |")
    print(f"| all | {sum(sizes.values()) / a.rows:.0f} (goal: at most 650) |")
    print(f"| the files | {files / a.rows:.0f} |\n", flush=True)
    whole = first["seconds"]
    begun = time.monotonic()
    run(plan, *threads)
    again = time.monotonic() - begun
    bench.row("second run over unchanged data", f"{again:.1f} s", f"first: {whole:.1f} s", f"{whole / again:.0f} × faster", "≥ 3 × faster")
    changed = folder / "changed.csv"
    change_some(source, changed, 0.05)
    changed.rename(people)
    third, _ = run(plan, *threads)
    reload = bench.stage(third, "load")["seconds"]
    bench.row("load of the file with 5 % of its rows changed", f"{reload:.1f} s", f"first load: {load:.1f} s", f"{reload / load:.2f} ×", "≤ 0.35 × its time")
    bench.row("that whole run", f"{third['seconds']:.1f} s", f"first run: {whole:.1f} s", f"{third['seconds'] / whole:.2f} ×", "–")
    print("\nserver: " + " ".join(SERVER["mysql80"]) + " --innodb-buffer-pool-size=8G" + ", flush and doublewrite at their defaults, no binary log", flush=True)


if __name__ == "__main__":
    main()
