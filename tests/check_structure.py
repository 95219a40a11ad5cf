#!/usr/bin/env python3
"""Checks what the build cannot: that rooms include only the rooms they may, and that every *_test.cc and *_test.py runs.

The rooms and their arrows are read from CMakeLists.txt; the build enforces them for headers in include/, this script also
for relative paths into another room's sources. Exit code 1 with one line per violation.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAGES = {"extract", "normalize", "load", "dedupe", "reconcile"}


def arrows():
    """{room: set of rooms it may include}."""
    may = {}
    for m in re.finditer(r"add_room\((\w+)\s+ROOMS([^)]*)\)", (ROOT / "CMakeLists.txt").read_text()):
        may[m[1]] = set(re.split(r"LIBS|PRIVATE", m[2])[0].split())
    return may


def includes(path):
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(encoding="utf-8"), re.M)


def main():
    may, bad = arrows(), []
    for room, allowed in may.items():
        if room in STAGES and allowed & STAGES:
            bad.append(f"CMakeLists.txt: stage {room} may include {sorted(allowed & STAGES)}")
    for room in list(may) + ["cli"]:
        for top in ("include/migrate", "src"):
            for path in sorted((ROOT / top / room).glob("*.*")):
                for inc in includes(path):
                    m = re.match(r"migrate/(\w+)/", inc)
                    if m and room != "cli" and m[1] != room and m[1] not in may[room]:
                        bad.append(f"{path.relative_to(ROOT)}: includes {inc}, a room it may not see")
                    if ".." in inc:
                        bad.append(f"{path.relative_to(ROOT)}: includes {inc}, a relative path")
    listed = (ROOT / "tests/CMakeLists.txt").read_text()
    rooms = re.search(r"foreach\(room ([^)]*)\)", listed)[1].split()
    for path in sorted((ROOT / "tests").rglob("*_test.cc")):
        room = path.parent.name
        if room not in [*rooms, "mysql"] or path.parent.parent != ROOT / "tests":
            bad.append(f"{path.relative_to(ROOT)}: no CMakeLists.txt builds it")
    for line in bad:
        print(line, file=sys.stderr)
    print(f"structure: {len(may)} rooms, {len(bad)} violations")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
