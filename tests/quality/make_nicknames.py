#!/usr/bin/env python3
"""make_nicknames.py NICKNAMES.csv OUT.cc

Writes the compiled-in nickname table (src/dedupe/nickname_table.cc) from config/nicknames.csv.
The same input gives the same bytes; tests/dedupe/nicknames_test.cc holds the two against each other.
"""
import csv
import sys

pairs = {}
with open(sys.argv[1], newline="", encoding="utf-8") as f:
    for row in csv.reader(line for line in f if not line.startswith("#")):
        if row and row[0] != "name":
            pairs.setdefault(row[0], set()).add(row[1])
entries = [" ".join([name, *sorted(nicks)]) + ";" for name, nicks in sorted(pairs.items())]
lines, line = [], ""
for e in entries:
    while e:
        room = 114 - len(line)
        line, e = line + e[:room], e[room:]
        if len(line) == 114:
            lines.append(line)
            line = ""
if line:
    lines.append(line)
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("""// Formal first names and their nicknames, "name nickname...;", sorted. Written by tests/quality/make_nicknames.py from
// config/nicknames.csv: facts from https://github.com/carltonnorthern/nicknames, Apache License 2.0.
#include "migrate/dedupe/nicknames.h"

namespace migrate::dedupe {

const std::string_view kNicknameTable =
""")
    out.write("\n".join(f'    "{x}"' for x in lines) + ";\n\n}  // namespace migrate::dedupe\n")
