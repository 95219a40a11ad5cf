#!/usr/bin/env python3
"""Is docs/migrate.1 what the tool prints? check_man.py MIGRATE compares, check_man.py MIGRATE --write renews it.

Exit status: 0 it is, 1 it is stale.
"""
import difflib
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/migrate.1"


def main(migrate, *options):
    made = subprocess.run([migrate, "help", "--man"], stdout=subprocess.PIPE, check=True).stdout.decode()
    if "--write" in options:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    kept = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if made == kept:
        return 0
    print("".join(difflib.unified_diff(kept.splitlines(True), made.splitlines(True), "docs/migrate.1", "migrate help --man", n=1))[:4000])
    print("docs/migrate.1 is stale: a command or its help has changed. Renew it with\n"
          "  build/migrate help --man >docs/migrate.1", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
