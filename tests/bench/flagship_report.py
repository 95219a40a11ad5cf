"""The table of tests/bench/flagship, and its place in docs/performance.md."""
import json
import re

import flagship_disk as disk

HEADING = "## The flagship run"
GOLDEN = ("writing ", "indexes")  # so begin the steps of dedupe that are of it
INTRO = f"""{HEADING}
`tests/bench/flagship N`: 40/84 of the records in a MySQL table, 28/84 in a SQLite file, 16/84 in five CSV files of as many
layouts, into MySQL 8.0 with 32 partitions; sources, workspace and server on one disk, the server on the same two cores. "CPU s"
are the processor seconds of tool (or client) and server together: where other work runs beside, their ratio says more than that
of the wall clock. Peak memory of the tool is the kernel's figure for the stage's process; the server's includes its buffer pool.
Yardsticks: csv.h and the C APIs streaming the same rows with one thread; LOAD DATA LOCAL of the same rows in the same order and
ADD INDEX, one connection; the plain SQL digest of all tables, one connection. A stage without one counts in the last line as what
it took. Rows a second and MB/s are of wall time; MB are the sources' bytes for extract, the workspace's for normalize, the files'
of the target for load and reconcile.
"""


def from_json(text):
    return json.loads(text)


def mib(size):
    return f"{size / 2**20:,.0f}"


def cost(used):
    return used["cpu"] + used["server_cpu"]


def split_dedupe(used):
    """(seconds, CPU seconds) of matching and of the golden load (persons, links, identifiers, indexes)."""
    golden = tuple(sum(spent for step, spent in used[what].items() if step.startswith(GOLDEN)) for what in ("steps", "steps_cpu"))
    return (max(0.0, used["seconds"] - golden[0]), max(0.0, cost(used) - golden[1])), golden


def rows_of(done):
    """(stage, (seconds, CPU seconds), bytes, measures, yardstick or None, goal) in the order of the run."""
    y = done["yardsticks"]
    matching, golden = split_dedupe(done["dedupe"])

    def whole(stage):
        return done[stage]["seconds"], cost(done[stage])
    return [
        ("extract", whole("extract"), sum(done["generate"]["bytes"].values()), done["extract"], done["yardstick of extract"], "≤ 1.18"),
        ("normalize", whole("normalize"), done["extract"]["left"]["raw segments"], done["normalize"], None, "1M records/s"),
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
                     f"{ours[1] / seconds / cores:.0%} | {mib(used['peak'])} | {mib(used['server_peak'])} | {mib(disk_of(used, stage))} | {beside} | "
                     f"{goal} |")
    peak, server = (max(row[3][what] for row in rows) for what in ("peak", "server_peak"))
    most = max(moment["bytes"] for step in done.values() for moment in step.get("disk", {}).values())
    lines.append(f"| all | {all_ours[0]:.1f} | {n / all_ours[0]:,.0f} | – | {all_ours[1]:.1f} | {all_ours[1] / all_ours[0] / cores:.0%} | "
                 f"{mib(peak)} | {mib(server)} | {mib(most)} | {all_theirs[0]:.1f} | {all_theirs[1]:.1f} | "
                 f"{all_ours[0] / all_theirs[0]:.2f} | {all_ours[1] / all_theirs[1]:.2f} | ≤ 1.3 |")
    return lines


def moment_of(used, stage):
    """The moment of most disk of a stage, which of dedupe is a part."""
    moments = used["disk"]
    if stage.startswith("dedupe"):
        own = {step: m for step, m in moments.items() if step.startswith(GOLDEN) == ("golden" in stage)}
        moments = own or moments
    return max(moments.values(), key=lambda m: m["bytes"])


def disk_of(used, stage):
    return moment_of(used, stage)["bytes"]


def disk_table(n, done, compression):
    """Bytes a record at the moment at which a stage took most, place by place, beside what was foretold."""
    rows = [("generate", "generate", "generate"), ("extract", "extract", "extract"), ("normalize", "normalize", "normalize"), ("load", "load", "load"),
            ("dedupe: matching", "dedupe", "dedupe: matching"), ("dedupe: golden load, indexes", "dedupe", "dedupe: indexes"),
            ("reconcile", "reconcile", "reconcile"), ("score", "score", "score")]
    columns = ["sources", "raw segments", "record segments", "matcher's state", "sort runs and lists", "target", "unnamed temporary files",
               "links and truth", "redo and undo log"]
    foretold = disk.places(n, compression)
    lines = ["| stage, bytes a record at its peak | " + " | ".join(columns) + " | the rest | all | without logs and rest | foretold |",
             "|---" * (len(columns) + 5) + "|"]
    for name, step, forecast in rows:
        moment = moment_of(done[step], name)
        of = {place: size / n for place, size in moment["places"].items()}
        rest = sum(size for place, size in of.items() if place not in columns)
        own = sum(of.get(place, 0) for place in columns[:-1])
        lines.append(f"| {name} | " + " | ".join(f"{of.get(place, 0):.0f}" if of.get(place, 0) >= 0.5 else "–" for place in columns) +
                     f" | {rest:.0f} | {moment['bytes'] / n:.0f} | {own:.0f} | {sum(foretold[forecast].values()) / n:.0f} |")
    most = max(moment["bytes"] for step in done.values() for moment in step.get("disk", {}).values())
    return lines + ["", f"Most disk at any moment: {most / 2**30:.1f} GiB, foretold {disk.needed(n, compression) / 2**30:.1f} GiB."]


def bytes_line(n, done):
    """Bytes a record, place by place."""
    places = {name: size / n for name, size in done["generate"]["bytes"].items()}
    places["raw segments"] = done["extract"]["left"]["raw segments"] / n
    places["record segments"] = done["normalize"]["left"]["record segments"] / n
    listed = sorted(done["bytes"]["indexes"].items(), key=lambda item: -item[1])
    indexes = ", ".join(f"{name} {size / n:.0f}" for name, size in listed if size / n >= 1)
    pages = sum(done["bytes"]["indexes"].values()) / n
    return ("Bytes a record of the run: " + ", ".join(f"{name} {size:.0f}" for name, size in places.items()) +
            f". In the target {pages:.0f} of pages ({indexes}), {done['bytes']['files'] / n:.0f} of files, of which "
            f"{done['reconcile']['target'] / n:.0f} lie on the disk.")


def section(n, state, machine):
    done, score, y = state.done, state.done["score"], state.done["yardsticks"]
    again = [step for step, used in done.items() if used.get("attempts", 1) > 1]
    resumed = [step for step in again if "steps" in done[step] and step != "generate"]  # the stages
    load, streamed, compression = y["load"], done["yardstick of extract"], state.kept["identity"]["compression"]
    heading = f"### {n:,} records" + (f", pages packed by {compression}" if compression != "none" else "")
    lines = [heading, "",
             f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, load average {machine['load']:.1f} at the end "
             f"(other work runs beside where it is above 2). Server: `{state.notes.get('server', '')}`; "
             f"target.compression: {compression}. Generated in "
             f"{done['generate']['seconds']:.0f} s.", "", *stage_table(n, done, machine["cores"]), "",
             f"Yardsticks: csv.h {streamed['rates']['csv']:,.0f} rows/s, SQLite's C API {streamed['rates']['sqlite']:,.0f}, MySQL's "
             f"{streamed['rates']['mysql']:,.0f}; LOAD DATA of {load['partitions']} of 32 partitions ({load['sample']:,} records), scaled.", "",
             *disk_table(n, done, compression), "", bytes_line(n, done), "",
             f"Verified: {done['counts']['source rows']:,} rows generated = {done['reconcile']['flow']['counted']:,} counted = "
             f"{done['counts']['record']:,} loaded + {done['counts']['quarantined']:,} quarantined; digests: {done['reconcile']['verdict']}; "
             f"{done['counts']['person']:,} persons ({score['clusters_true']:,} in truth): precision {score['precision']:.4f}, recall "
             f"{score['recall']:.4f}, F1 {score['f1']:.4f}, B³ {score['b3_f1']:.4f}."]
    sittings = {used.get("sitting", "") for used in done.values()}
    if len(sittings) > 1:
        lines += ["", f"Taken in {len(sittings)} sittings: times of the wall clock of different ones do not compare, processor seconds do."]
    if resumed:
        lines += ["", f"Resumed after an interruption, so times and costs of more than one sitting: {', '.join(resumed)}."]
    if len(again) > len(resumed):
        lines += ["", f"Done again after an interruption: {', '.join(step for step in again if step not in resumed)}."]
    return "\n".join(lines) + "\n"


def put(path, text):
    """Puts a section into the document, in the place of an older one, ascending by records."""
    document = path.read_text(encoding="utf-8")
    if HEADING not in document:
        document = document.rstrip("\n") + "\n\n" + INTRO
    before, rest = document.split(HEADING, 1)
    after = re.search(r"^## ", rest, re.M)
    own, after = (rest[:after.start()], rest[after.start():]) if after else (rest, "")
    intro, *sections = re.split(r"^(?=### )", own, flags=re.M)
    of = {}  # by records and the rest of the heading
    for part in [*sections, text]:
        heading = part.split("\n", 1)[0]
        of[int(heading.split()[1].replace(",", "")), heading] = part.strip("\n") + "\n"
    body = "\n".join([intro.strip("\n") + "\n", *(of[key] for key in sorted(of))])
    path.write_text(before + HEADING + "\n" + body + ("\n" + after if after else ""), encoding="utf-8")
