"""The report page of real runs: every command on it lists as many rows as the number says, also after later imports; the
page can be read without a picture, a mouse or colours, and the text form says the same in 80 columns."""
import csv
import html.parser
import io
import json
import random
import re
import sqlite3
import subprocess
import unittest

from common import MIGRATE, Case
from people import FIELDS, HEADER, csv_text, rows

VOID = {"meta", "br"}


class Page(html.parser.HTMLParser):
    """Elements in order: (tag, attributes, text within)."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = [tag, dict(attributes), ""]
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.elements.append([tag, dict(attributes), ""])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, tag

    def handle_data(self, data):
        for element in self.open:
            element[2] += data

    def all(self, tag, **attributes):
        return [e for e in self.elements if e[0] == tag and all(e[1].get(k) == v for k, v in attributes.items())]


class RealRuns(Case):
    """Three imports: rejects and repeated keys; newer, older and equal rows; a snapshot that lost rows; persons that a new
    record joins into one."""

    @classmethod
    def setUpClass(cls):
        cls.shared = p = cls.make_class_project()
        rng = random.Random(7)
        people = list(rows(rng, 600))
        p.write("my data/a_1.csv", csv_text(people[:250], rng, 0.03))
        p.write("my data/b's.csv", csv_text([["b" + r[0], *r[1:]] for r in people[250:330]], rng, 0.03))
        columns = ", ".join(f'"{c}"' for c in HEADER)
        p.sqlite("my data/old.db", f"CREATE TABLE t ({columns});", "t", [tuple([int(r[0]), *r[1:]]) for r in people[330:420]])
        sources = (f'  a: {{type: csv, path: "a_*.csv", key: id, fields: {FIELDS}}}\n'
                   f'  "b.list": {{type: csv, path: "b\'s.csv", key: id, fields: {FIELDS}}}\n'
                   f"  old: {{type: sqlite, path: old.db, table: t, key: id, fields: {FIELDS}}}")
        p.plan(sources)
        p.path("plan.yaml").rename(p.path("my data/the plan's.yaml"))
        cls.plan = "my data/the plan's.yaml"
        cls.run_one(3)
        # Two persons become one, whatever the matcher thinks of them.
        linked = p.migrate("review", "link", cls.plan, f"a:{people[100][0]}", f"a:{people[110][0]}", "--later", "--by", "ann",
                           "--reason", "known")
        assert linked.code == 0, str(linked)
        newer = [[*r[:4], f"new{i}@example.com", *r[5:-1], "2026-01-01 00:00:00"] for i, r in enumerate(people[:20])]
        older = [[*r[:-1], "1999-01-01 00:00:00"] for r in people[20:35]]
        # One record with the e-mail of one person and the phone, name and birth date of another.
        p.write("my data/a_2.csv", csv_text([*newer, *older, *people[40:60], *people[420:520]], rng, 0.02))
        with sqlite3.connect(p.path("my data/old.db")) as db:
            db.execute("DELETE FROM t WHERE rowid % 9 = 0")
            db.execute("UPDATE t SET city = 'Elsewhere', changed = '2026-02-02 00:00:00' WHERE rowid % 7 = 0")
        db.close()
        cls.run_one(3)
        p.write("my data/a_3.csv", csv_text([["z" + r[0], *r[1:]] for r in people[:60]] + people[520:600]))
        cls.run_one(3)

    @classmethod
    def run_one(cls, code):
        result = cls.shared.migrate("run", cls.plan)
        assert result.code == code, str(result)

    def make_project(self):
        return self.shared

    def pages(self):
        for n in (1, 2, 3):
            yield n, self.p.migrate("report", self.plan, "--import", n).stdout

    def shell(self, command):
        """Runs a command as an operator would who copied it from the page."""
        folder = self.p.path("bin")
        folder.mkdir(exist_ok=True)
        if not (folder / "migrate").exists():
            (folder / "migrate").symlink_to(MIGRATE)
        env = self.p.environment()
        return subprocess.run(["bash", "-c", command], cwd=self.p.folder, env={**env, "PATH": f"{folder}:{env['PATH']}"},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_every_command_lists_as_many_rows_as_its_number_says(self):
        seen = set()
        for n, text in self.pages():
            page = Page(text)
            lines = [e for e in page.all("div") if "data-rows" in e[1]]
            self.assertGreater(len(lines), 12)
            for line in lines:
                command = re.search(rf"migrate rows .* --import {n}", line[2])[0]
                shown = int(line[1]["data-rows"])
                self.assertIn(f"{shown:,}", line[2])
                number = command.split("yaml' ")[1].split()[0]
                with self.subTest(f"import {n}: {command}"):
                    p = self.shell(command)
                    if n < 3 and number in ("read", "usable", "flagged"):
                        self.assertEqual((p.returncode, p.stdout), (2, b""))
                        self.assertIn(b"are kept until the next import", p.stderr)
                        continue
                    self.assertEqual((p.returncode, p.stderr), (0, b""), command)
                    listed = p.stdout.decode()
                    self.assertEqual(len(list(csv.reader(io.StringIO(listed, newline="")))) - 1, shown, command)
                    self.assertEqual(int(self.shell(command + " --count").stdout), shown)
                    found = json.loads(self.shell(command + " --json").stdout)
                    self.assertEqual((found["count"], found["import"]), (shown, n))
                seen.add(number)
        self.assertGreaterEqual(seen, {"inserted", "updated", "superseded", "quarantined", "unreadable", "records", "persons",
                                       "persons-created", "persons-merged", "gone", "read", "usable", "flagged"})

    def test_the_numbers_are_those_of_the_report(self):
        for n, text in self.pages():
            flow = self.p.report(n)["flow"]
            for name, key in [("inserted", "inserted"), ("updated", "updated"), ("superseded", "superseded"), ("gone", "gone"),
                              ("quarantined", "quarantined"), ("records", "records_total"), ("persons", "persons_total"),
                              ("persons-created", "persons_created"), ("persons-merged", "persons_merged"),
                              ("persons-changed", "persons_changed"), ("persons-split", "persons_split")]:
                found = self.p.migrate("rows", self.plan, name, "--import", n, "--count")
                self.assertEqual(found.stdout, f"{flow[key]}\n", (n, name))

    def test_a_number_links_to_its_command(self):
        for _, text in self.pages():
            page = Page(text)
            rows = {e[1]["id"]: int(e[1]["data-rows"]) for e in page.all("div") if "data-rows" in e[1]}
            links = [e for e in page.all("a") if e[1]["href"].startswith("#n") and e[1]["href"][1:] in rows]
            self.assertGreater(len(links), 15)
            for link in links:
                self.assertEqual(link[2], f"{rows[link[1]['href'][1:]]:,}")
            self.assertEqual(rows.keys(), {e[1]["href"][1:] for e in links})

    def test_the_commands_to_go_on_with_can_be_run(self):
        for _, text in self.pages():
            commands = [e[2] for e in Page(text).all("code") if e[2].startswith("migrate ")]
            self.assertGreater(len(commands), 15)
            for command in commands:
                p = self.shell(command.removesuffix(" ID") + (" 1" if command.endswith(" ID") else ""))
                if p.returncode == 2 and b"until the next import" in p.stderr:
                    continue
                self.assertEqual((p.returncode, p.stderr), (0, b""), command)

    def test_filters_and_their_faults(self):
        p = self.p
        count = lambda *args: int(p.migrate("rows", self.plan, *args, "--count").stdout)
        self.assertEqual(sum(count("inserted", "--source", s) for s in ("a", "b.list", "old")), count("inserted"))
        self.assertEqual(count("inserted", "--source", "a", "--file", "a_3.csv"), count("inserted", "--source", "a"))
        self.assertEqual(count("inserted", "--file", "3.csv"), 0)
        self.assertEqual(count("persons", "--records", "1") + count("persons", "--records", "2-"), count("persons"))
        text = p.migrate("rows", self.plan, "persons", "--limit", "3").stdout
        self.assertEqual(len(text.splitlines()), 4)
        for args, words in [(["persons", "--source", "a"], "--source says nothing about 'persons'"),
                            (["inserted", "--import", "9"], "there is no import 9"),
                            (["persons", "--records", "many"], "--records many: not a number of records"),
                            (["inserted", "--records", "2"], "--records says nothing about 'inserted'"),
                            (["usable"], "'usable' needs --field FIELD"),
                            (["usable", "--field", "hair"], "there is no field 'hair'"),
                            (["read", "--field", "email"], "--field says nothing about 'read'"),
                            (["insertd"], "did you mean 'inserted'?")]:
            self.assert_fails(p.migrate("rows", self.plan, *args), 2, words)

    def test_headings_ids_labels_and_focus_are_in_order(self):
        for _, text in self.pages():
            page = Page(text)
            self.assertEqual(page.open, [])
            levels = [int(e[0][1]) for e in page.elements if re.fullmatch(r"h[1-6]", e[0])]
            self.assertEqual((levels[0], levels.count(1)), (1, 1))
            for a, b in zip(levels, levels[1:]):
                self.assertLessEqual(b, a + 1, "a heading level is skipped")
            ids = [e[1]["id"] for e in page.elements if "id" in e[1]]
            self.assertEqual(len(ids), len(set(ids)))
            for e in page.elements:
                for name in ("aria-labelledby",):
                    for target in e[1].get(name, "").split():
                        self.assertIn(target, ids)
                self.assertIn(e[1].get("tabindex", "0"), ("0", "-1"), "the order of the page is the order of the keys")
                self.assertFalse([name for name in e[1] if name.startswith("on")], e)
            links = page.all("a")
            self.assertEqual(links[0][1]["href"], "#content", "the skip link comes first")
            for e in links:
                self.assertIn(e[1]["href"][1:], ids)
            self.assertEqual(page.all("html")[0][1]["lang"], "en")
            for tag in ("main", "nav", "header", "footer"):
                self.assertEqual(len(page.all(tag)), 1, tag)
            for e in page.all("svg"):
                self.assertTrue(e[1].get("aria-hidden") == "true" or "aria-labelledby" in e[1], e)
            for table in page.all("table"):
                self.assertEqual(table[1].get("role"), "table")
            for e in page.all("td"):
                self.assertTrue("data-label" in e[1] or "colspan" in e[1], e)

    def test_contrast_is_at_least_4_5_in_both_lights_and_on_paper(self):
        css = self.p.migrate("report", self.plan).stdout.split("<style>")[1].split("</style>")[0]
        blocks = re.findall(r":root\{([^}]*)\}", css)
        self.assertEqual(len(blocks), 3)
        colours = {}
        for name, block in zip(("light", "dark", "paper"), blocks):
            colours = {**colours, **dict(re.findall(r"--([\w-]+):(#[0-9a-f]+)", block))}
            pairs = [("ink", b) for b in ("paper", "panel", "good-bg", "warn-bg", "bad-bg", "track")]
            pairs += [("soft", "paper"), ("soft", "panel"), ("blue", "paper"), ("blue", "panel"), ("green", "panel"), ("red", "panel")]
            for front, back in pairs:
                self.assertGreaterEqual(contrast(colours[front], colours[back]), 4.5, (name, front, back))
            for fill in ("blue", "teal", "grey", "sand", "red", "plum", "amber", "green"):
                self.assertGreaterEqual(contrast(colours[fill], colours["panel"]), 3, (name, fill))

    def test_text_fits_80_columns_and_says_the_same(self):
        for n, _ in self.pages():
            text = self.p.migrate("report", self.plan, "--import", n, "--text").stdout
            for line in text.splitlines():
                if not line.lstrip().startswith("migrate "):
                    self.assertLessEqual(len(line), 80, line)
            flow = self.p.report(n)["flow"]
            for key in ("counted", "quarantined", "inserted", "updated", "unchanged", "superseded", "loaded"):
                self.assertIn(f"{flow[key]:,} {key}", text)
            self.assertIn(f"{flow['persons_total']:,} persons", text)


def contrast(a, b):
    def luminance(colour):
        digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
        parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


if __name__ == "__main__":
    unittest.main()
