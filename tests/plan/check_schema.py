#!/usr/bin/env python3
"""Holds docs/plan.schema.json against tests/plan/agreement.txt, config/*.yaml and any plan files given as arguments.

The C++ test plan.Schema.ParserAgrees holds the parser against the same agreement.txt, so the two judge alike.
Exit status: 0 all agree, 1 a disagreement, 2 jsonschema or PyYAML is missing.
"""
import json
import pathlib
import sys

try:
    import jsonschema
    import yaml
except ImportError as e:
    print(f"check_schema.py needs jsonschema and PyYAML: {e}", file=sys.stderr)
    sys.exit(2)

ROOT = pathlib.Path(__file__).resolve().parents[2]


def cases():
    """Yields (kind, title, text) for each part of agreement.txt."""
    for part in (ROOT / "tests/plan/agreement.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        head, text = part.split("\n", 1)
        kind, title = head.split(": ", 1)
        yield kind, title, text


def main(files):
    schema = json.loads((ROOT / "docs/plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failures = seen = 0
    judged = [(kind != "invalid", f"{kind}: {title}", text) for kind, title, text in cases()]
    for path in sorted((ROOT / "config").glob("*plan*.yaml")) + [pathlib.Path(f) for f in files]:
        judged.append((True, str(path), path.read_text(encoding="utf-8")))
    for expected, title, text in judged:
        seen += 1
        errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(yaml.safe_load(text))]
        if (not errors) != expected:
            failures += 1
            print(f"FAILED {title}: the schema says {errors or 'valid'}", file=sys.stderr)
    print(f"{seen} plans, {failures} disagreements")
    return 1 if failures or seen < 30 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
