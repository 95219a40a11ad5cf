"""The table of tests/bench/flagship, and its place in docs/performance.md."""
import json
import re

HEADING = "## The flagship run"
INTRO = f"""{HEADING}
`tests/bench/flagship N`: 40/84 of the records in a MySQL table, 28/84 in a SQLite file, 16/84 in five CSV files of as many
layouts, into MySQL 8.0 with 32 partitions; sources, workspace and server on the same disk, the server on the same two cores.
"CPU s" are processor seconds of tool (or client) and server together; on a busy machine their ratio says more than that of the
wall clock. Peak memory of the tool is the kernel's figure for
the process of the stage; that of the server includes its buffer pool. Yardsticks: csv.h and the C APIs streaming the same
rows with one thread; LOAD DATA LOCAL of the same rows in the same order and ADD INDEX, one connection; the plain SQL digest of
all tables, one connection.
"""


def from_json(text):
    return json.loads(text)


def mib(size):
    return f"{size / 2**20:,.0f}"


def cost(used):
    return used["cpu"] + used["server_cpu"]


def split_dedupe(used):
    """(seconds, CPU seconds) of matching and of the golden load (persons, links, identifiers, indexes)."""
    golden = tuple(sum(used[what].get(step, 0) for step in ("writing persons", "indexes")) for what in ("steps", "steps_cpu"))
    return (max(0.0, used["seconds"] - golden[0]), max(0.0, cost(used) - golden[1])), golden


def rows_of(done):
    """(stage, (seconds, CPU seconds), bytes, measures, yardstick or None, goal) in the order of the run."""
    y = done["yardsticks"]
    matching, golden = split_dedupe(done["dedupe"])

    def whole(stage):
        return done[stage]["seconds"], cost(done[stage])
    return [
        ("extract", whole("extract"), sum(done["generate"]["bytes"].values()), done["extract"], y["extract"], "≤ 1.18"),
        ("normalize", whole("normalize"), done["extract"]["workspace"], done["normalize"], None, "1M records/s"),
        ("load", whole("load"), done["load"]["target"], done["load"], y["load"]["record"], "≤ 1.15"),
        ("dedupe: matching", matching, 0, done["dedupe"], None, ""),
        ("dedupe: golden load, indexes", golden, 0, done["dedupe"], y["load"]["golden"], "≤ 1.15"),
        ("reconcile", whole("reconcile"), done["dedupe"]["target"], done["reconcile"], y["reconcile"], "≤ 1.1"),
    ]


def stage_table(n, done, cores):
    lines = ["| stage | s | rows/s | MB/s | CPU s | of the cores | tool peak MiB | server peak MiB | disk MiB | yardstick s | its CPU s | "
             "ratio | of CPU | goal |", "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
    all_ours, all_theirs = [0.0, 0.0], [0.0, 0.0]
    rows = rows_of(done)
    for stage, ours, size, used, yardstick, goal in rows:
        theirs = (yardstick["seconds"], yardstick["cpu"]) if yardstick else ours
        for i in (0, 1):
            all_ours[i] += ours[i]
            all_theirs[i] += theirs[i]
        seconds = max(ours[0], 0.001)
        beside = (f"{theirs[0]:.1f} | {theirs[1]:.1f} | {ours[0] / theirs[0]:.2f} | {ours[1] / theirs[1]:.2f}" if yardstick
                  else "– | – | – | –")
        lines.append(f"| {stage} | {ours[0]:.1f} | {n / seconds:,.0f} | {f'{size / 1e6 / seconds:.0f}' if size else '–'} | {ours[1]:.1f} | "
                     f"{ours[1] / seconds / cores:.0%} | {mib(used['peak'])} | {mib(used['server_peak'])} | {mib(used['disk'])} | {beside} | "
                     f"{goal} |")
    peak, server, disk = (max(row[3][what] for row in rows) for what in ("peak", "server_peak", "disk"))
    lines.append(f"| all | {all_ours[0]:.1f} | {n / all_ours[0]:,.0f} | – | {all_ours[1]:.1f} | {all_ours[1] / all_ours[0] / cores:.0%} | "
                 f"{mib(peak)} | {mib(server)} | {mib(disk)} | {all_theirs[0]:.1f} | {all_theirs[1]:.1f} | "
                 f"{all_ours[0] / all_theirs[0]:.2f} | {all_ours[1] / all_theirs[1]:.2f} | ≤ 1.3 |")
    return lines


def bytes_line(n, done):
    """Bytes a record, place by place."""
    places = {name: size / n for name, size in done["generate"]["bytes"].items()}
    places["workspace after extract"] = done["extract"]["workspace"] / n
    places["after normalize"] = done["normalize"]["workspace"] / n
    places["after dedupe"] = done["dedupe"]["workspace"] / n
    listed = sorted(done["bytes"]["indexes"].items(), key=lambda item: -item[1])
    indexes = ", ".join(f"{name} {size / n:.0f}" for name, size in listed if size / n >= 1)
    pages = sum(done["bytes"]["indexes"].values()) / n
    return ("Bytes a record of the run: " + ", ".join(f"{name} {size:.0f}" for name, size in places.items()) +
            f". In the target {pages:.0f} of pages ({indexes}), {done['bytes']['files'] / n:.0f} of files.")


def section(n, state, machine):
    done, score, y = state.done, state.done["score"], state.done["yardsticks"]
    resumed = [step for step, used in done.items() if used.get("attempts", 1) > 1]
    load = y["load"]
    lines = [f"### {n:,} records", "",
             f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, load average {machine['load']:.1f} at the end "
             f"(other work runs beside where it is above 2). Server: `{state.notes.get('server', '')}`. Generated in "
             f"{done['generate']['seconds']:.0f} s.", "", *stage_table(n, done, machine["cores"]), "",
             f"Yardsticks: csv.h {y['extract']['rates']['csv']:,.0f} rows/s, SQLite's C API {y['extract']['rates']['sqlite']:,.0f}, MySQL's "
             f"{y['extract']['rates']['mysql']:,.0f}; LOAD DATA of {load['partitions']} of 32 partitions ({load['sample']:,} records), scaled. A stage without one counts in the last line as "
             "what it took.", "",
             bytes_line(n, done), "",
             f"Verified: {done['counts']['source rows']:,} rows generated = {done['reconcile']['flow']['counted']:,} counted = "
             f"{done['counts']['record']:,} loaded + {done['counts']['quarantined']:,} quarantined; digests: {done['reconcile']['verdict']}; "
             f"{done['counts']['person']:,} persons ({score['clusters_true']:,} in truth): precision {score['precision']:.4f}, recall "
             f"{score['recall']:.4f}, F1 {score['f1']:.4f}, B³ {score['b3_f1']:.4f}."]
    if resumed:
        lines += ["", f"Resumed after an interruption, times of the last sitting only: {', '.join(resumed)}."]
    return "\n".join(lines) + "\n"


def put(path, n, text):
    """Puts the section of `n` records into the document, in the place of an older one, ascending by records."""
    document = path.read_text(encoding="utf-8")
    if HEADING not in document:
        document = document.rstrip("\n") + "\n\n" + INTRO
    before, rest = document.split(HEADING, 1)
    after = re.search(r"^## ", rest, re.M)
    own, after = (rest[:after.start()], rest[after.start():]) if after else (rest, "")
    intro, *sections = re.split(r"^(?=### )", own, flags=re.M)
    of = {}
    for part in sections:
        of[int(part.split()[1].replace(",", ""))] = part.strip("\n") + "\n"
    of[n] = text.strip("\n") + "\n"
    body = "\n".join([intro.strip("\n") + "\n", *(of[key] for key in sorted(of))])
    path.write_text(before + HEADING + "\n" + body + ("\n" + after if after else ""), encoding="utf-8")
