"""Where the bytes of tests/bench/flagship lie: what is foretold of each place before a run, and what is there during it.

A place is a kind of file: sources, raw segments, record segments, other files of the workspace, the target's files, the server's
logs, its temporary files, and what is left. What a process has deleted and still holds open (sort runs of an index) counts as well.
"""
import os
import pathlib
import re
import shutil

# Bytes a record of each place where a stage has its peak, as they were measured (docs/performance.md). What goes as the plan's
# `retention` says, and sources that are deleted behind extract, are not there any more.
SOURCES, RAW, RECORDS = 146, 220, 356
TARGET = {  # by compression: pages after load; with persons, links and identifiers; with the secondary indexes
    "none": (450, 860, 1060),
    "lz4": (350, 620, 710),  # of 50 million
    "zlib": (285, 600, 690),
}
SORT_RUNS, LISTS, INDEX_SORT, SCORE = 130, 110, 20, 80

GIB = 1 << 30


def places(n, compression):
    """{stage: {place: bytes}} of n records."""
    load, golden, whole = TARGET[compression]
    a_record = {
        "generate": {"sources": SOURCES},
        "extract": {"sources": SOURCES, "raw segments": RAW},
        "normalize": {"raw segments": RAW, "record segments": RECORDS},
        "load": {"record segments": RECORDS, "target": load},
        "dedupe: matching": {"target": load, "sort runs and lists": SORT_RUNS + LISTS},
        "dedupe: golden load": {"target": golden, "sort runs and lists": LISTS},
        "dedupe: indexes": {"target": whole, "index sorts": INDEX_SORT},
        "reconcile": {"target": whole},
        "score": {"target": whole, "links and truth": SCORE},
    }
    return {stage: {place: n * size for place, size in of.items()} for stage, of in a_record.items()}


def redo_bytes(n):
    return GIB if n <= 1_000_000 else 2 * GIB


def fixed(n):
    """Redo log, undo, the server's own files; what 32 partitions of each table grow ahead of their pages; yardsticks' rows."""
    ahead = min(2500 * n, 3 * GIB // 2)
    return redo_bytes(n) + GIB // 2 + ahead


def needed(n, compression):
    return fixed(n) + max(sum(of.values()) for of in places(n, compression).values())


def at_most(room, compression):
    """As many records as fit into `room` bytes."""
    low, high = 0, 1 << 40
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if needed(middle, compression) <= room else (low, middle - 1)
    return low


def choose(n, room):
    """The least compression with which n records fit; the most there is where none does."""
    for compression in TARGET:
        if needed(n, compression) <= room:
            return compression
    return "zlib"


def foretold(n, compression):
    """Lines for people."""
    lines = [f"disk for {n:,} records, compression of the target: {compression}; sources are deleted once they are extracted, segments go "
             "as retention: {segments: stage} says:"]
    for stage, of in places(n, compression).items():
        parts = ", ".join(f"{place} {size / n:.0f}" for place, size in of.items())
        lines.append(f"  {stage}: {sum(of.values()) / GIB:.1f} GiB ({parts} bytes a record)")
    lines.append(f"  besides at any time, for redo log, undo, files that grow ahead: {fixed(n) / GIB:.1f} GiB; so at most {needed(n, compression) / GIB:.1f} GiB")
    return "\n".join(lines)


KINDS = [(re.compile(pattern), place) for pattern, place in (
    (r"^links\.csv$|^score", "links and truth"), (r"^server/data/test/", "target"), (r"^server/data/source/|\.csv$|^legacy\.db", "sources"), (r"^server/data/bare/|^dump/", "yardsticks"),
    (r"^server/data/(#innodb_redo|undo_)", "redo and undo log"), (r"^server/", "server's other files"),
    (r"/work/raw-", "raw segments"), (r"/work/rec-", "record segments"), (r"/work/(persons/|.*\.run$)", "sort runs and lists"),
    (r"/match/", "matcher's state"), (r"", "other"))]


def open_deleted(pid):
    """Bytes on the disk of files that the process holds open and that have no name any more."""
    total = 0
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                seen = os.stat(f"/proc/{pid}/fd/{fd}")
                if seen.st_nlink == 0 and os.path.isabs(os.readlink(f"/proc/{pid}/fd/{fd}")):
                    total += seen.st_blocks * 512
            except OSError:
                pass
    except OSError:
        pass
    return total


def used(folder, pids=()):
    """{place: bytes on the disk} now."""
    found = {}
    folder = pathlib.Path(folder)
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            try:
                size = os.lstat(path).st_blocks * 512
            except FileNotFoundError:
                continue
            below = os.path.relpath(path, folder)
            place = next(place for pattern, place in KINDS if pattern.search(below))
            found[place] = found.get(place, 0) + size
    found["unnamed temporary files"] = sum(open_deleted(pid) for pid in pids)
    return found


class Peak:
    """The moment at which most is used."""

    def __init__(self):
        self.places, self.bytes = {}, 0

    def look(self, now):
        if sum(now.values()) > self.bytes:
            self.places, self.bytes = dict(now), sum(now.values())


def free(folder):
    return shutil.disk_usage(folder).free
