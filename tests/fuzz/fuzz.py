#!/usr/bin/env python3
"""Runs the fuzz targets: fuzz.py [--seconds N] [--jobs N] [--keep] [NAME...]

Each target (all without NAME) fuzzes for N seconds (default 60) with what lies in tests/fuzz/corpus/NAME and in
build/asan+ubsan/corpus/NAME, where it leaves what it finds worth keeping. An input that fails is left in build/asan+ubsan/found/NAME;
`--keep` adds the smallest inputs that reach all that was reached to the tree's corpus, which every build replays.
Builds the preset `asan+ubsan` first (clang, AddressSanitizer, UBSan). Exit status: 0 nothing was found, 1 something was.
"""
import argparse
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "asan+ubsan"
TREE = ROOT / "tests" / "fuzz" / "corpus"
# Longest inputs that are worth trying; what is not named gets 4096 bytes.
LENGTHS = {"plan": 2048, "sqlite_pages": 301, "matching": 2048}
KEPT = 60  # inputs of a target in the tree


def names():
    return sorted(p.stem.removeprefix("fuzz_") for p in (ROOT / "tests/fuzz").glob("fuzz_*.cc"))


def build(targets):
    steps = (["cmake", "--preset", "asan+ubsan"], ["cmake", "--build", str(BUILD), "--target", *(f"fuzz_{t}" for t in targets)])
    for step in steps:
        p = subprocess.run(step, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if p.returncode != 0:
            sys.exit(p.stdout.decode(errors="replace")[-4000:])


def command(name):
    return [str(BUILD / "tests" / f"fuzz_{name}"), f"-max_len={LENGTHS.get(name, 4096)}", "-rss_limit_mb=2048", "-timeout=20"]


def fuzz(name, seconds):
    """(name, found, a line about it)"""
    grown, found = BUILD / "corpus" / name, BUILD / "found" / name
    for folder in (grown, found):
        folder.mkdir(parents=True, exist_ok=True)
    seeds = [str(TREE / name)] if (TREE / name).is_dir() else []
    before, begun = set(found.iterdir()), time.monotonic()
    p = subprocess.run([*command(name), f"-max_total_time={seconds}", f"-artifact_prefix={found}/", "-print_final_stats=1",
                        str(grown), *seeds], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    text = p.stderr.decode(errors="replace")
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    coverage = re.findall(r"cov: (\d+)", text)
    line = (f"{name:<14} {time.monotonic() - begun:6.0f} s  {int(runs[1]) if runs else 0:>11,} inputs  "
            f"{coverage[-1] if coverage else '?':>6} edges  {len(list(grown.iterdir()))} kept")
    if p.returncode == 0:
        return name, False, line
    new = sorted(str(f) for f in set(found.iterdir()) - before)
    return name, True, f"{line}\nFOUND by {name}: {' '.join(new)}\n{text[-6000:]}"


def keep(name):
    with tempfile.TemporaryDirectory() as merged:
        inputs = [str(d) for d in (TREE / name, BUILD / "corpus" / name) if d.is_dir()]
        subprocess.run([*command(name), "-merge=1", merged, *inputs], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (TREE / name).mkdir(exist_ok=True)
        had = {p.read_bytes() for p in (TREE / name).iterdir()}
        for path in sorted(pathlib.Path(merged).iterdir(), key=lambda p: (p.stat().st_size, p.name)):
            if len(had) >= KEPT:
                return
            if path.read_bytes() not in had:
                had.add(path.read_bytes())
                shutil.copy(path, TREE / name / f"reach_{path.name[:12]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*names(), []])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=1, help="targets at the same time")
    parser.add_argument("--keep", action="store_true")
    o = parser.parse_args()
    targets = o.names or names()
    build(targets)
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        results = []
        for result in pool.map(lambda name: fuzz(name, o.seconds), targets):
            print(result[2], flush=True)
            results.append(result)
    if o.keep:
        for name in targets:
            keep(name)
    return 1 if any(found for _, found, _ in results) else 0


if __name__ == "__main__":
    sys.exit(main())
