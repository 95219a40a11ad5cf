#!/usr/bin/env python3
"""Holds the CSV reader against Python's csv module.

    python3 tests/extract/csv_differential.py BUILD_DIR [N [SEED]]

Writes N (default 300) random files that are well-formed by RFC 4180 (quotes, doubled quotes, newlines in quotes, any
delimiter and line end, blank lines), and some ragged rows; reads each with BUILD_DIR/**/csv_dump, in chunks of a random
size, and with csv.reader. Rows, physical lines and counts must be equal. Python decodes a quote within a plain field
and blanks after a closing quote otherwise, so the files have neither; those are the grammar test's.
"""
import base64
import csv
import glob
import io
import json
import os
import random
import subprocess
import sys
import tempfile


def field(rng, delimiter, end):
    alphabet = "abc é€😀'0 \\" + (delimiter + '"\r\n' if rng.random() < 0.3 else "")
    text = "".join(rng.choice(alphabet) for _ in range(rng.choice([0, 1, 3, 8, 20, 70])))
    if rng.random() < 0.02:
        text += end * rng.randint(1, 3) + text
    must_quote = any(c in text for c in delimiter + '"\r\n')
    if must_quote or rng.random() < 0.1:
        return '"' + text.replace('"', '""') + '"'
    return text


def make_file(rng):
    delimiter = rng.choice(",;\t|")
    end = rng.choice(["\n", "\r\n", "\r"])
    columns = rng.randint(2, 12)
    lines = [delimiter.join(f"column {i}" for i in range(columns))]
    for _ in range(rng.choice([0, 1, 10, 100, 1000])):
        width = columns if rng.random() < 0.98 else rng.randint(1, columns + 2)
        line = delimiter.join(field(rng, delimiter, end) for _ in range(width))
        # A line of blanks only is a blank line to the reader and a row to Python.
        lines.append(line if line.strip(" \t") else "x" + line)
        if rng.random() < 0.02:
            lines.append("")
    text = end.join(lines) + (end if rng.random() < 0.8 else "")
    return text, delimiter, columns


def expected_rows(text, delimiter):
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    for row in reader:
        if row:
            rows.append((line, row))
        line = reader.line_num + 1
    return rows


def check(dump, folder, rng, number):
    text, delimiter, columns = make_file(rng)
    path = os.path.join(folder, "random.csv")
    with open(path, "wb") as f:
        f.write(text.encode("utf-8"))
    chunk = rng.choice([1, 7, 64, 1000, 100_000, 4 << 20])
    run = subprocess.run([dump, path, delimiter, str(chunk)], capture_output=True, check=False)
    if run.returncode != 0:
        raise SystemExit(f"file {number}: csv_dump failed: {run.stderr.decode()}")
    got = [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]
    header, *rows = expected_rows(text, delimiter)
    if got[0]["columns"] != header[1] or len(got) - 1 != len(rows):
        raise SystemExit(f"file {number} ({path}): {len(got) - 1} rows, Python has {len(rows)}")
    raw = text.encode("utf-8")
    for mine, (line, row) in zip(got[1:], rows):
        where = f"file {number}, line {line}"
        if mine["line"] != line:
            raise SystemExit(f"{where}: the reader says line {mine['line']}")
        if len(row) == columns:
            if mine.get("row") != row:
                raise SystemExit(f"{where}: {mine} is not {row}")
        else:
            reason = "too_few_fields" if len(row) < columns else "too_many_fields"
            bytes_of_row = base64.b64decode(mine.get("raw", ""))
            if mine.get("reject") != reason or not raw.startswith(bytes_of_row, mine["offset"]):
                raise SystemExit(f"{where}: {mine} is not {reason}")
    return len(rows)


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    found = [p for p in glob.glob(os.path.join(sys.argv[1], "**", "csv_dump"), recursive=True) if os.path.isfile(p)]
    if not found:
        raise SystemExit(f"no csv_dump under {sys.argv[1]}: build that target first")
    files = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    csv.field_size_limit(1 << 30)
    with tempfile.TemporaryDirectory() as folder:
        rows = sum(check(found[0], folder, rng, n) for n in range(files))
    print(f"{files} files, {rows} rows: the reader and Python's csv module agree")


if __name__ == "__main__":
    main()
