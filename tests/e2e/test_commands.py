"""Every command that a message proposes exists."""
import re
import unittest

from common import ROOT, Case

# Commands that the contract knows, there or not: the word alone makes a mention of it one that is checked.
KNOWN = set("run validate explain status report export show find imports rollback rejects why model review history audit "
            "repair schema watch init".split())
# Of these the second word is a command too.
MODEL_FORMAT = "migrate matching model"  # what a model file says of itself
WITH_SECOND = {"export", "imports", "rejects", "model", "review", "audit", "schema"}


def literals(text):
    """The string literals of a C++ source; neighbours joined, comments left out."""
    token = re.compile(r'//[^\n]*|R"(\w*)\((.*?)\)\1"|"((?:\\.|[^"\\\n])*)"|\'(?:\\.|[^\'\\])*\'', re.S)
    found, end, joined = [], None, False
    for m in token.finditer(text):
        value = m[2] if m[2] is not None else m[3]
        if value is None:
            continue
        if end is not None and not text[end:m.start()].strip():
            found[-1] += value
        else:
            found.append(value)
        end = m.end()
    return found


def mentions(text):
    """(command, second word or '') in the literals of a source."""
    for literal in literals(text):
        for m in re.finditer(r"(^|.)\bmigrate ([a-z]+)\b(?: ([a-z]+)\b)?", literal, re.S):
            before, command, second = m[1], m[2], m[3] or ""
            if command in KNOWN or (before in ("", "`", "\n", ":") and literal != MODEL_FORMAT):
                yield command, second if command in WITH_SECOND else ""
        for m in re.finditer(r"`([a-z]+)(?: ([a-z]+))?[^`]*`", literal):
            if m[1] in KNOWN:
                yield m[1], m[2] or "" if m[1] in WITH_SECOND else ""
    if '"migrate " + command' in text:
        for m in re.finditer(r'add\("([a-z]+)(?: ([a-z]+))?", "', text):
            yield m[1], m[2] or ""


class Commands(Case):
    def exists(self, command, second):
        top = self.p.migrate(command, "--help")
        if top.code != 0:
            return False
        if not second:
            return True
        return re.search(rf"\b{second}\b", top.stdout) is not None

    def test_mentions_are_found(self):
        text = '''x = "run `migrate rejects list` or "  // "migrate nothing here"
              "migrate model train PLAN"; y = "this migrate writes; of migrate or a file"; z = "`review next` decides";'''
        self.assertEqual(sorted(set(mentions(text))), [("model", "train"), ("rejects", "list"), ("review", "next")])

    def test_every_command_that_a_message_names_exists(self):
        seen, wrong = set(), []
        for path in sorted((ROOT / "src").rglob("*.cc")):
            for command, second in mentions(path.read_text(encoding="utf-8")):
                if (command, second) not in seen and not self.exists(command, second):
                    wrong.append(f"{path.relative_to(ROOT)}: migrate {command} {second}")
                seen.add((command, second))
        self.assertGreater(len(seen), 10, "the mentions are found at all")
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
