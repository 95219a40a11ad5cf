#!/usr/bin/env python3
"""Makes docs/messages.md from the tests that assert messages verbatim.

messages.py BUILD compares, messages.py BUILD --write renews. BUILD holds plan_test and migrate. The tests append what
they assert to the file that MIGRATE_MESSAGES names: one JSON object a line with section, text and, where the text alone
does not say it, what it means. Exit status: 0 current, 1 stale or a test fails.
"""
import difflib
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/messages.md"
HEAD = """# Messages

Every message says what failed, where and why, and proposes one mend. This table is made by
`tests/messages.py build --write` from the tests that assert each message word for word; do not edit it.

A message about a plan has the form

```
FILE:LINE:COLUMN: error: WHAT IS WRONG
THE LINE ITSELF
    ^
  WHAT IS EXPECTED; did you mean 'WORD'?
```

and one about anything else `migrate: error: WHERE: WHAT IS WRONG`, with the mend in the line below. All errors of a plan
come at once, with a blank line between two. With `--json` the same stands in `error` and `hint`.
"""


def collect(build):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "messages")
        env = {**os.environ, "MIGRATE_MESSAGES": file, "MIGRATE": str(pathlib.Path(build, "migrate").resolve()),
               "PYTHONDONTWRITEBYTECODE": "1"}
        for command, cwd in (([str(pathlib.Path(build, "tests/plan_test").resolve()), "--gtest_brief=1",
                               "--gtest_filter=PlanErrors.*"], ROOT),
                             ([sys.executable, "-m", "unittest", "-q", "test_messages"], ROOT / "tests/e2e")):
            p = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if p.returncode != 0:
                sys.exit(f"{' '.join(command)} fails:\n{p.stdout.decode()[-4000:]}")
        with open(file, encoding="utf-8") as f:
            return [json.loads(line) for line in f]


def parts(text):
    """One diagnostic: (message, what it means, mend)."""
    lines = text.rstrip("\n").split("\n")
    mend = [line.strip() for line in lines[1:] if line.startswith("  ") and not line.strip() == "^"]
    carets = [i for i, line in enumerate(lines) if line.strip() == "^"]
    if carets:  # the line above the caret is the plan's own
        mend = [line.strip() for line in lines[carets[0] + 1:]]
    means = re.sub(r"^.*?: error: ", "", lines[0])
    # Of an input the mend stands in brackets behind the message.
    if not mend and (m := re.search(r" \(([^()]+)\)$", means)):
        mend = [m[1]]
    return "\n".join(lines), means, " ".join(mend)


def cell(text):
    return html.escape(text, quote=False).replace("|", "&#124;").replace("`", "&#96;")


def render(messages):
    sections = {}
    for m in messages:
        for text in m["text"].split("\n\n"):
            whole, means, mend = parts(text)
            rows = sections.setdefault(m["section"], [])
            row = f"<tr><td><pre>{cell(whole)}</pre></td><td>{cell(m.get('means') or means)}</td><td>{cell(mend)}</td></tr>"
            if row not in rows:
                rows.append(row)
    out = HEAD + f"\n{sum(map(len, sections.values()))} messages.\n"
    for section, rows in sections.items():
        out += f"\n## {section}\n\n<table>\n<tr><th>message</th><th>what it means</th><th>mend</th></tr>\n" + "\n".join(rows) + "\n</table>\n"
    return out


def main(build, *options):
    made = render(collect(build))
    if "--write" in options:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    kept = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if made == kept:
        return 0
    print("".join(difflib.unified_diff(kept.splitlines(True), made.splitlines(True), "docs/messages.md", "made anew", n=0))[:4000])
    print("docs/messages.md is stale: a message has changed. Renew it with\n  tests/messages.py build --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
