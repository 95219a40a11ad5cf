#!/usr/bin/env python3
"""Is docs/runbook.md about the tool that is built? check_runbook.py MIGRATE

Checked: every exit code of `run` has a row, and no other; every message that a table quotes is one that the sources can
print, or one of a library or server that is named here; every reason of quarantine has a row; every `migrate COMMAND` and
every option that it shows exists; links lead to headings. Exit status: 0 it is, 1 it is not.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/runbook.md"
# Texts that reach the operator from elsewhere: the C library, SQLite (sqlite3_errstr), MySQL and MariaDB.
FOREIGN = {os.strerror(n) for n in range(1, 134)} | {
    "database or disk is full", "database is locked", "attempt to write a readonly database", "unable to open database file",
    "database disk image is malformed", "disk I/O error", "Lost connection to server", "Server has gone away",
    "Can't connect to server", "Access denied", "Unknown database",
    "Got error 1 \"Operation not permitted\" from storage engine InnoDB"}
# What stands for values in a quoted message.
BLANK = r"\bN\b|\bM\b|…|PATH|FILE|\bSERVER\b|STATEMENT"


def printable():
    """Every text of the sources: adjacent literals are one, and what is put in is a blank."""
    texts = []
    for path in sorted((ROOT / "src").rglob("*.cc")) + sorted((ROOT / "include").rglob("*.h")) + sorted((ROOT / "src").rglob("*.h")):
        source = path.read_text(encoding="utf-8")
        for run in re.findall(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*', source):
            text = "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', run))
            texts.append(re.sub(r"\{[^}]*\}", "\0", text.replace('\\"', '"').replace("\\n", "\n")))
    return "\n".join(texts)


def words(text):
    return re.sub(r"\s+", " ", text).strip(" ,.:;()")


def composed(piece, sources):
    """Sources put messages together: up to three parts that they have, one of them most of the piece."""
    w = piece.split()
    cuts = [(w[:i], w[i:j], w[j:]) for i in range(len(w) + 1) for j in range(i, len(w) + 1)]
    return any(all(" ".join(part) in sources for part in cut) and max(map(len, cut)) * 3 >= 2 * len(w) for cut in cuts)


def known(message, sources):
    """A quoted message is known if each piece between its blanks is."""
    if any(f.lower() in message.lower() for f in FOREIGN):
        return True
    return all(composed(p.lower(), sources.lower()) for p in map(words, re.split(BLANK, message)) if len(p) > 2)


def tables(page):
    """(heading, rows of cells) of each table."""
    heading, rows = "", []
    for line in page.splitlines() + [""]:
        if line.startswith("|"):
            rows.append([c.strip() for c in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
            continue
        if rows:
            yield heading, rows[2:]
            rows = []
        if line.startswith("#"):
            heading = line.lstrip("# ")


def quoted(cell):
    return [words(q) for q in re.findall(r"``\s*(.+?)\s*``|`([^`]+)`", cell) for q in q if q]


def slug(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def main(migrate):
    page, failures = PAGE.read_text(encoding="utf-8"), []
    sources = re.sub(r"\s+", " ", printable())
    manual = {c["command"]: c for c in json.loads(subprocess.run([migrate, "help", "--json"], stdout=subprocess.PIPE, check=True).stdout)["commands"]}
    seen = {}
    for heading, rows in tables(page):
        seen[heading] = [row[0] for row in rows]
        if heading.startswith(("By message", "Mismatch")):
            failures += [f"{heading}: nothing prints `{q}`" for row in rows for q in quoted(row[0])
                         if not known(q, sources) and "/" not in q]
    codes = {str(e["code"]) for e in manual["run"]["exit_codes"]}
    listed = {c for c in seen.get("By exit code", []) if c.isdigit()}
    failures += [f"exit code {c} has no row" for c in sorted(codes - listed)] + [f"there is no exit code {c}" for c in sorted(listed - codes)]
    reasons = set(re.findall(r'"([a-z_]+)"', (ROOT / "include/migrate/record/reasons.h").read_text()))
    rows = {q for c in seen.get("Quarantine (exit 3 and 5)", []) for q in quoted(c)}
    failures += [f"reason {r} has no row" for r in sorted(reasons - rows)] + [f"there is no reason {r}" for r in sorted(rows - reasons)]
    for text in re.findall(r"`(migrate [^`\n]+)`|^(migrate [^\n#]+)", page, re.M):
        line = next(t for t in text if t).split()
        names = [line[1], " ".join(line[1:3])]
        found = next((manual[n] for n in reversed(names) if n in manual), None)
        if found is None and line[1].islower():
            failures.append(f"there is no command: {' '.join(line)}")
        options = {n for o in (found or {}).get("options", []) for n in o["names"]}
        failures += [f"{found['command']} has no {w}: {' '.join(line)}" for w in line if found and w.startswith("--") and w not in options]
    headings = {slug(h.lstrip("# ")) for h in page.splitlines() if h.startswith("#")}
    failures += [f"a link leads nowhere: #{a}" for a in re.findall(r"\]\(#([^)]+)\)", page) if a not in headings]
    print("\n".join(failures))
    print(f"{sum(map(len, seen.values()))} rows, {len(failures)} failures")
    return 1 if failures or len(seen) < 5 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
