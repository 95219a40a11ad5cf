"""The yardsticks of tests/bench/flagship: what the libraries and the server can do with the same rows, in the same run.

Each is {seconds, cpu} for all rows of the run, cpu of client and server together; where only a part was measured (`sample`), it is
scaled by rows.
"""
import re
import shutil
import time

import bench
import bench_reconcile
import bench_target
import flagship_measure as measure

KEYS = {"record": "record_id", "person": "person_id", "person_record": "record_id", "person_identifier": "value_hash, kind, person_id"}
PARTITIONS = 32


CSV_LAYOUTS = (("main", 11, ","), ("campaign", 10, ","), ("semicolon", 15, ";"))  # those that csv.h can read


def watched(run, *command):
    """{seconds, cpu, rows}; rows: the number that the command prints first, if it prints one."""
    log = run.folder / "yardstick.log"
    used = measure.watch([str(part) for part in command], run.pid, "", log)
    text = open(measure.results(log), encoding="utf-8", errors="replace").read().split()
    return {"seconds": used["seconds"], "cpu": used["cpu"] + used["server_cpu"], "rows": int(text[0]) if text and text[0].isdigit() else 0}


def scaled(parts, rows):
    """The sum of the parts, scaled to that many rows."""
    factor = rows / max(1, sum(part["rows"] for part in parts))
    return {"seconds": factor * sum(part["seconds"] for part in parts), "cpu": factor * sum(part["cpu"] for part in parts), "rows": rows}


def extract(run):
    """csv.h, and the C APIs streaming the tables, one thread or connection each."""
    stream = bench.tool("bench_stream")
    csv = scaled([watched(run, stream, "csv", run.folder / f"{name}.csv", columns, delimiter) for name, columns, delimiter in CSV_LAYOUTS],
                 16 / 84 * run.n)
    sqlite = scaled([watched(run, stream, "sqlite", run.folder / "legacy.db", "contacts")], 28 / 84 * run.n)
    mysql = scaled([watched(run, stream, "mysql", "127.0.0.1", run.port, "root", "source", "customers")], 40 / 84 * run.n)
    parts = {"csv": csv, "sqlite": sqlite, "mysql": mysql}
    return {"rates": {kind: part["rows"] / part["seconds"] for kind, part in parts.items()},
            "seconds": sum(part["seconds"] for part in parts.values()), "cpu": sum(part["cpu"] for part in parts.values())}


def load(run):
    """LOAD DATA LOCAL of the target's own rows in their order on one connection, then ADD INDEX; of as many whole partitions as
    hold about `sample` records."""
    parts = max(1, min(PARTITIONS, round(PARTITIONS * run.args.sample / run.n)))
    out = run.folder / "dump"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    out.chmod(0o777)
    run.sql("DROP DATABASE IF EXISTS bare; CREATE DATABASE bare")
    parts_of = {"record": [], "golden": []}
    client = run.client("bare")
    for table in bench_target.TABLES:
        to = parts_of["record" if table == "record" else "golden"]
        run.sql(f"CREATE TABLE bare.{table} LIKE test.{table}")
        if table in bench_target.INDEXES:
            names = re.findall(r"ADD INDEX (\w+)", bench_target.INDEXES[table])
            run.sql(f"ALTER TABLE bare.{table} " + ", ".join("DROP INDEX " + name for name in names))
        rows = out / table
        with open(rows, "wb") as all_rows:
            for p in range(parts):
                part = out / f"{table}.{p}"
                run.sql(f"SELECT * FROM test.{table} PARTITION (p{p}) ORDER BY {KEYS[table]} INTO OUTFILE '{part}' CHARACTER SET binary")
                with open(part, "rb") as one:
                    shutil.copyfileobj(one, all_rows, 1 << 20)
                part.unlink()
        to.append(watched(run, *client, f"LOAD DATA LOCAL INFILE '{rows}' INTO TABLE {table} CHARACTER SET binary"))
        rows.unlink()
    for table, how in bench_target.INDEXES.items():
        parts_of["golden"].append(watched(run, *client, f"ALTER TABLE {table} {how}"))
    sample = int(run.sql("SELECT COUNT(*) FROM bare.record"))
    records = int(run.sql("SELECT COUNT(*) FROM test.record"))
    run.sql("DROP DATABASE bare")
    shutil.rmtree(out)
    factor = records / max(1, sample)
    return {"partitions": parts, "sample": sample,
            **{name: {what: factor * sum(part[what] for part in all_parts) for what in ("seconds", "cpu")} for name, all_parts in parts_of.items()}}


def reconcile(run):
    """COUNT and BIT_XOR of a SHA-256 over all columns, table by table, on one connection."""
    cpu, begun = measure.cpu_seconds(run.pid), time.monotonic()
    bench_reconcile.yardstick(run.port)
    return {"seconds": time.monotonic() - begun, "cpu": measure.cpu_seconds(run.pid) - cpu}


def behind(run):
    """Those that need the target."""
    return {"load": load(run), "reconcile": reconcile(run)}
