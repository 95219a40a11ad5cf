"""The command line's face: help, wrong usage in words, the man page, and completion in the shells that are installed."""
import json
import re
import shutil
import subprocess
import unittest

from common import MIGRATE, ROOT, Case

PLAN = """
  crm: {type: csv, path: a.csv, key: id, fields: {full_name: name}}
  old.list: {type: csv, path: b.csv, key: id, fields: {full_name: name}}
"""


def tree():
    out = subprocess.run([MIGRATE, "help", "--json"], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(out)["commands"]


def help_of(*words):
    p = subprocess.run([MIGRATE, *words, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (p.returncode, p.stderr) == (0, b""), (words, p)
    return p.stdout.decode()


class Help(unittest.TestCase):
    def test_every_command_has_purpose_usage_two_examples_exit_codes_and_options(self):
        for c in tree():
            with self.subTest(c["command"]):
                text = help_of(*c["command"].split())
                self.assertIn(c["usage"], text)
                self.assertTrue(c["purpose"] and "\n" not in c["purpose"])
                self.assertLess(len(c["purpose"]), 90)
                self.assertGreaterEqual(len(c["examples"]), 2)
                self.assertIn(0, [e["code"] for e in c["exit_codes"]])
                self.assertIn(2, [e["code"] for e in c["exit_codes"]])
                for heading in ("Examples:", "Exit codes:", "Every command:", "See also:"):
                    self.assertIn(f"\n{heading}", text)
                for a in c["arguments"] + c["options"]:
                    self.assertTrue(a["text"], a)
                    self.assertIn(a["names"][-1], text)

    def test_usage_has_the_contracts_order(self):
        for c in tree():
            names = [a["names"][0] for a in c["arguments"]]
            self.assertTrue(c["usage"].endswith(" [options]"))
            if "PLAN" in names:
                self.assertIn(names.index("PLAN"), (0, 1), c)
                self.assertTrue(names[0] in ("PLAN", "WHAT"), c)

    def test_examples_are_commands_that_the_tool_reads(self):
        """Each example parses: with a plan that is not there it fails over the plan, not over its own words."""
        known = {c["command"] for c in tree()}
        for c in tree():
            for e in c["examples"]:
                words = subprocess.run(["bash", "-c", f"printf '%s\\n' {e['command'].split('>')[0]}"], stdout=subprocess.PIPE,
                                       check=True).stdout.decode().splitlines()
                self.assertTrue(any(" ".join(words[1:3]).startswith(k) for k in known), e)
                if c["command"] in ("help", "completion", "init"):
                    continue
                with self.subTest(e["command"]):
                    p = subprocess.run([MIGRATE, *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/")
                    self.assertEqual(p.returncode, 2, p)
                    self.assertIn(b"people.yaml", p.stderr)
                    self.assertNotIn(b"has no option", p.stderr)

    def test_lines_fit_a_terminal(self):
        for words in [[]] + [c["command"].split() for c in tree()]:
            for line in help_of(*words).splitlines():
                self.assertLessEqual(len(line), 96 if line.startswith("  migrate ") else 80, line)

    def test_the_overview_names_every_command(self):
        text = help_of()
        for c in tree():
            words = c["command"].split()
            self.assertRegex(text, rf"(?m)^  {words[0]}\b")
            if len(words) > 1:
                self.assertRegex(text, rf"(?m)^  {words[0]} .*\b{words[1]}\b")
        self.assertNotIn("__", text)
        self.assertEqual(text, subprocess.run([MIGRATE, "help"], stdout=subprocess.PIPE).stdout.decode())
        self.assertEqual(help_of("run"), subprocess.run([MIGRATE, "help", "run"], stdout=subprocess.PIPE).stdout.decode())


class Wrong(Case):
    # arguments -> words of the message
    TABLE = [
        ([], "which command?", "migrate run PLAN"),
        (["fly"], "there is no command 'fly'", "`migrate --help` lists the commands"),
        (["exprt", "links", "p"], "there is no command 'exprt'", "did you mean `migrate export`?"),
        (["rejects"], "`migrate rejects` needs a word more: list, show", "for example `migrate rejects list PLAN`"),
        (["rejects", "lst", "p"], "there is no command 'rejects lst'", "did you mean `migrate rejects list`?"),
        (["run"], "`migrate run` needs a plan file", "for example `migrate run people.yaml`"),
        (["show", "p.yaml"], "`migrate show` needs ID (", "for example `migrate show people.yaml 17`"),
        (["export", "links"], "`migrate export` needs a plan file", "for example `migrate export"),
        (["run", "p", "--stge", "load"], "`migrate run` has no option '--stge'", "did you mean --stage?"),
        (["run", "p", "--fly=1"], "`migrate run` has no option '--fly'", "`migrate run --help` tells more"),
        (["run", "--dryrun"], "`migrate run` has no option '--dryrun'", "did you mean --dry-run?"),
        (["--stage", "load", "run", "p"], "`migrate` has no option '--stage'", "options stand behind the command"),
        (["run", "p", "--stage", "lod"], "--stage 'lod': not one of 'extract', 'normalize'", "did you mean 'load'?"),
        (["run", "p", "--stage", "load", "--stage", "x"], "--stage 'x': not one of", "usage: migrate run PLAN"),
        (["run", "p", "--stage"], "--stage needs a value", "only this stage"),
        (["run", "p", "--threads", "0"], "--threads '0': not in the range", "one per processor"),
        (["run", "p", "--threads", "many"], "--threads 'many': not a number", "one per processor"),
        (["run", "p", "--from", "load", "--stage", "load"], "cannot be given together", "usage: migrate run PLAN"),
        (["run", "p", "q"], "`migrate run`: 'q' is one argument too many", "usage: migrate run PLAN [options]"),
        (["export", "all", "p"], "WHAT 'all': not one of 'links', 'persons', 'rejects', 'source'", "usage: migrate export"),
        (["report", "p", "--import", "-1"], "--import '-1': not", "number of the import"),
        (["help", "fly"], "there is no command 'fly'", "`migrate --help` lists the commands"),
        (["completion", "tcsh"], "SHELL 'tcsh': not one of 'bash', 'zsh', 'fish'", "usage: migrate completion SHELL"),
    ]

    def test_wrong_usage_is_told_in_words_with_what_was_probably_meant(self):
        for args, words, hint in self.TABLE:
            with self.subTest(args):
                result = self.p.migrate(*args)
                self.assert_fails(result, 2)
                lines = result.stderr.splitlines()
                self.assertEqual(len(lines), 2, result.stderr)
                self.assertTrue(lines[0].startswith("migrate: error: " + words) or words in lines[0], result.stderr)
                self.assertTrue(lines[1].startswith("  "), result.stderr)
                self.assertIn(hint, lines[1])

    def test_wrong_usage_with_json_is_one_object_and_one_event(self):
        for args, words, hint in self.TABLE:
            with self.subTest(args):
                result = self.p.migrate(*args, "--json")
                self.assertEqual(result.code, 2)
                if args and args[-1] == "--stage":
                    continue  # --json is its value then
                found = result.json()
                self.assertEqual((found["schema"], found["ok"], found["exit_code"]), (1, False, 2))
                self.assertIn(words, found["error"])
                self.assertIn(hint, found["hint"])
                self.assertEqual([json.loads(line)["event"] for line in result.stderr.splitlines()], ["error"])

    def test_version(self):
        self.assertRegex(self.p.migrate("--version").stdout, r"^migrate \d+\.\d+\.\d+\n$")


class ManPage(unittest.TestCase):
    def test_it_names_every_command_and_option(self):
        page = subprocess.run([MIGRATE, "help", "--man"], stdout=subprocess.PIPE, check=True).stdout.decode()
        plain = re.sub(r"\\f[BIR]", "", page).replace("\\-", "-")
        for c in tree():
            self.assertIn(f".SS {c['usage']}\n", plain)
            for a in c["options"]:
                self.assertIn(a["names"][-1], plain)

    def test_groff_takes_it_without_a_warning(self):
        page = subprocess.run([MIGRATE, "help", "--man"], stdout=subprocess.PIPE, check=True).stdout
        p = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-rLL=78n"], input=page, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((p.returncode, p.stderr.decode()), (0, ""))
        self.assertIn(b"EXIT STATUS", re.sub(b".\x08|\x1b\\[[0-9]*m", b"", p.stdout))


class Bash(Case):
    """The real shell, non-interactive: the function is called as readline would call it."""

    def complete(self, *words):
        """What bash offers for the last word."""
        script = self.p.path("complete.bash")
        if not script.exists():
            script.write_text(self.p.migrate("completion", "bash").stdout)
        line = "\n".join(words)
        driver = (f"source complete.bash\nmapfile -t COMP_WORDS <<'END'\n{line}\nEND\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
                  "_migrate\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
        p = subprocess.run(["bash", "--norc", "-c", driver], cwd=self.p.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=self.p.environment())
        self.assertEqual((p.returncode, p.stderr), (0, b""), words)
        return sorted(line for line in p.stdout.decode().splitlines() if line)

    def test_commands_options_values_files_and_sources(self):
        self.p.plan(PLAN)
        self.p.write("other.yml", "x")
        self.p.write("my plan.yaml", self.p.path("plan.yaml").read_text())
        self.p.write("note.txt", "")
        self.p.path("folder").mkdir()
        top = sorted({c["command"].split()[0] for c in tree()})
        m = MIGRATE
        for words, expected in [
                ([m, ""], top),
                ([m, "exp"], ["explain", "export"]),
                ([m, "rejects", "sh"], ["show"]),
                ([m, "imports", ""], ["accept", "diff", "list", "release", "show"]),
                ([m, "run", "p"], ["plan.yaml"]),
                ([m, "run", "--threads", "2", "o"], ["other.yml", "out"]),
                ([m, "run", ""], ["folder", "my plan.yaml", "other.yml", "out", "plan.yaml"]),
                ([m, "run", "plan.yaml", "--dr"], ["--dry-run"]),
                ([m, "run", "plan.yaml", "--stage", "e"], ["extract"]),
                ([m, "run", "plan.yaml", "--stage", "=", "re"], ["reconcile"]),
                ([m, "run", "plan.yaml", "--stage", "="], ["dedupe", "extract", "load", "normalize", "reconcile"]),
                ([m, "run", "plan.yaml", "--scratch", "f"], ["folder"]),
                ([m, "run", "plan.yaml", ""], []),
                ([m, "export", ""], ["links", "persons", "rejects", "source"]),
                ([m, "export", "source", "other"], ["other.yml"]),
                ([m, "export", "source", "plan.yaml", "--name", ""], ["crm", "old.list"]),
                ([m, "export", "source", "plan.yaml", "--name", "o"], ["old.list"]),
                ([m, "export", "source", "my\\ plan.yaml", "--name", "c"], ["crm"]),
                ([m, "export", "source", "'my plan.yaml'", "--name", "c"], ["crm"]),
                ([m, "export", "source", '"my plan.yaml"', "--name", "c"], ["crm"]),
                ([m, "run", "my\\ p"], ["my plan.yaml"]),
                ([m, "run", "'my p"], ["my plan.yaml"]),
                ([m, "export", "source", "$(touch evil)", "--name", ""], []),
                ([m, "export", "source", "`touch evil`;touch${IFS}evil", "--name", "$(touch evil)"], []),
                ([m, "run", "$(touch evil)"], []),
                ([m, "export", "source", "none.yaml", "--name", ""], []),
                ([m, "report", "plan.yaml", "--output", "no"], ["note.txt"]),
                ([m, "completion", ""], ["bash", "fish", "zsh"]),
                ([m, "nothing", "x"], []),
        ]:
            with self.subTest(words[1:]):
                self.assertEqual(self.complete(*words), expected)

        self.assertFalse(self.p.path("evil").exists(), "what is typed must not be run")

    def test_every_option_of_every_command_is_offered(self):
        for c in tree():
            found = self.complete(MIGRATE, *c["command"].split(), "-")
            self.assertEqual(found, sorted(o["names"][-1] for o in c["options"]), c["command"])

    def test_options_with_a_fixed_set_of_values_offer_it(self):
        for c in tree():
            for o in c["options"]:
                if o["choices"]:
                    found = self.complete(MIGRATE, *c["command"].split(), "plan.yaml", o["names"][-1], "")
                    self.assertEqual(found, sorted(o["choices"]))

    def test_bash_finds_no_fault_in_the_script(self):
        text = self.p.migrate("completion", "bash").stdout
        self.assertEqual(subprocess.run(["bash", "-n"], input=text.encode(), stderr=subprocess.PIPE).stderr, b"")

    def test_it_changes_no_option_of_the_shell(self):
        self.p.plan(PLAN)
        self.complete(MIGRATE, "run", "")
        driver = ("source complete.bash; shopt -u extglob; COMP_WORDS=(migrate run ''); COMP_CWORD=2; _migrate; shopt extglob\n"
                  "COMP_WORDS=(migrate fly ''); _migrate; shopt extglob")
        p = subprocess.run(["bash", "--norc", "-c", driver], cwd=self.p.folder, stdout=subprocess.PIPE, env=self.p.environment())
        self.assertEqual(p.stdout.split(), [b"extglob", b"off"] * 2)


class OtherShells(Case):
    """zsh and fish: their own syntax check where they are installed, and always that every word of the tree is there."""

    def script(self, shell):
        result = self.p.migrate("completion", shell)
        self.assertEqual((result.code, result.stderr), (0, ""))
        return result.stdout

    def test_zsh_names_every_command_and_option_in_its_function(self):
        text = self.script("zsh")
        self.assertTrue(text.startswith("#compdef migrate\n"))
        bodies = dict(re.findall(r"(?ms)^(_migrate\w*)\(\) \{\n(.*?)^\}", text))
        for c in tree():
            body = bodies["_migrate_" + c["command"].replace(" ", "_")]
            for o in c["options"]:
                self.assertRegex(body, rf"'[^']*{re.escape(o['names'][-1])}\[", c["command"])
                if o["choices"]:
                    self.assertIn(f":({' '.join(o['choices'])})'", body)
            for a in c["arguments"]:
                self.assertIn(f":{a['names'][0]}:", body)
        self.assert_balanced(text)

    def test_fish_names_every_command_and_option_under_its_condition(self):
        text = self.script("fish")
        lines = text.splitlines()
        for c in tree():
            at = f"-n '__migrate_at '\\''{c['command']}'\\'''"
            own = [line for line in lines if at in line]
            for o in c["options"]:
                found = [line for line in own if f" -l {o['names'][-1][2:]} " in line]
                self.assertEqual(len(found), 1, (c["command"], o))
                self.assertEqual(" -x" in found[0] or " -r" in found[0], o["value"] is not None)
        self.assertEqual(len(re.findall(r"(?m)^ *(?:function|for|if)\b", text)), len(re.findall(r"(?m)^ *end$", text)))
        for line in lines:
            if not line.startswith("#"):
                self.assertEqual(line.replace("'\\''", "").count("'") % 2, 0, line)

    def assert_balanced(self, text):
        """Quotes, and outside them brackets, of every line of a shell function are closed."""
        for name, body in re.findall(r"(?ms)^(_migrate\w*)\(\) \{\n(.*?)^\}", text):
            self.assertEqual(body.replace("'\\''", "").count("'") % 2, 0, name)
            self.assertEqual(len(re.findall(r"(?m)\bcase\b.* in$", body)), len(re.findall(r"(?m)^ *esac$", body)), name)

    def test_the_shells_own_check(self):
        for shell in ("zsh", "fish"):
            if shutil.which(shell):
                p = subprocess.run([shell, "-n", "/dev/stdin"], input=self.script(shell).encode(), stderr=subprocess.PIPE)
                self.assertEqual((p.returncode, p.stderr), (0, b""), shell)

    def test_source_names_are_said_fast_and_faults_silently(self):
        self.p.plan(PLAN)
        result = self.p.migrate("__sources", "plan.yaml")
        self.assertEqual((result.code, result.stdout, result.stderr), (0, "crm\nold.list\n", ""))
        result = self.p.migrate("__sources", "none.yaml")
        self.assertEqual((result.code, result.stdout, result.stderr), (2, "", ""))

    def test_with_json_the_script_is_within_the_object(self):
        found = self.p.migrate("completion", "fish", "--json").json()
        self.assertEqual((found["shell"], found["script"]), ("fish", self.script("fish")))


if __name__ == "__main__":
    unittest.main()
