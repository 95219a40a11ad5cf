"""Versioned imports on a server: rollback, release, history, diff, audit, stewards' words, mended rejects. Each command is given
to a server and to a SQLite target; what both hold and print must be the same but for times."""
import random
import re
import time
import unittest

from both import Both, common, sql

TIMES = re.compile(r'20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.]*Z')
# Hashes over times, and what one target has and the other not.
VOLATILE = re.compile(r'("(hash|chain|first|last|head)": )"[0-9a-f]{64}"|hash [0-9a-f]{64}')


def calm(text):
    return VOLATILE.sub(r"\1HASH", TIMES.sub("TIME", text)).replace("/lite/", "/server/")


class Versions(Both):
    def both(self, *args, expect=0, compare=True):
        lite, there = self.p.migrate(*args, out="lite"), self.server(*args)
        self.assertEqual(lite.code, expect, f"{args} {lite}")
        self.assertEqual(there.code, expect, f"{args} {there}")
        if compare:
            self.assertEqual(calm(lite.stdout), calm(there.stdout), args)
        return there

    def second_import(self):
        lines = self.p.path("a_1.csv").read_bytes().split(b"\r\n")
        newer = [line.rsplit(b",", 1)[0] + b",2025-01-01 00:00:00" if i % 3 == 0 and line.count(b",") == 10 else line
                 for i, line in enumerate(lines[1:]) if i % 10]
        twins = [b"t" + line for line in lines[20:60] if line.count(b",") == 10]  # the same people under other keys
        self.p.path("a_1.csv").write_bytes(b"\r\n".join([lines[0], *filter(None, newer), *twins]) + b"\r\n")
        self.p.sqlite("old.db", "DELETE FROM contacts WHERE rowid % 9 = 0; "
                      "UPDATE contacts SET phone = '6175550100', changed = '2025-02-02 00:00:00' WHERE rowid % 7 = 0")

    def test_rollback_and_what_tells_of_the_past(self):
        self.run_both()
        before = self.server("export", "links", "plan.yaml").stdout
        golden = self.server("export", "persons", "plan.yaml").stdout
        self.second_import()
        self.run_both()
        after = self.server("export", "links", "plan.yaml").stdout
        self.assertTrue(before != after)
        self.both("imports", "diff", "plan.yaml", 2, "--json")
        self.both("imports", "diff", "plan.yaml", 1, 2, "--limit", 7)
        changed = sql("SELECT record_id FROM record_history ORDER BY record_id LIMIT 1")[0][0]
        merged = sql("SELECT person_id FROM person_history ORDER BY person_id LIMIT 1")[0][0]
        held = sql("SELECT COUNT(*) FROM record")[0][0]

        self.both("rollback", "plan.yaml", 2, "--dry-run")
        self.assertEqual(sql("SELECT COUNT(*) FROM record")[0][0], held, "a dry run changes nothing")
        self.both("rollback", "plan.yaml", 2)
        self.assert_same()
        self.assertTrue(self.server("export", "links", "plan.yaml").stdout == before)
        self.assertTrue(self.server("export", "persons", "plan.yaml").stdout == golden)
        for args in (("imports", "list"), ("imports", "list", "--json"), ("imports", "show", 3, "--json"), ("history", changed),
                     ("history", changed, "--json"), ("history", merged), ("show", merged, "--as-of", 2, "--json"),
                     ("show", merged, "--json")):
            command = args[:2] if args[0] == "imports" else args[:1]
            self.both(*command, "plan.yaml", *args[len(command):])
        self.both("audit", "verify", "plan.yaml", compare=False)
        lite, there = self.run_both()
        self.assertIn("held after a rollback", there.stdout)
        self.both("rollback", "plan.yaml", 3)
        self.assert_same()
        self.assertTrue(self.server("export", "links", "plan.yaml").stdout == after)
        self.both("run", "plan.yaml", "--stage", "reconcile", expect=3, compare=False)
        self.both("imports", "list", "plan.yaml")

    def test_a_rollback_under_a_later_import(self):
        self.run_both()
        self.second_import()
        self.run_both()
        self.p.write("a_9.csv", self.p.path("a_2.csv").read_bytes().split(b"\r\n")[0] +
                     b"\r\nx9-1,Ann,Lee,1980-01-01,ann@example.org,6175550199,1 Elm St,Boston,MA,02116,2025-03-01 00:00:00\r\n")
        self.run_both()
        refused = self.server("rollback", "plan.yaml", 1)
        self.assertEqual(refused.code, 1, refused)
        self.assertIn("--keep-later", refused.stderr)
        self.both("rollback", "plan.yaml", 2)
        self.assert_same()
        self.assertEqual(sql("SELECT COUNT(*) FROM record WHERE source_key = 'x9-1'"), [["1"]])
        self.both("rollback", "plan.yaml", 1, "--keep-later")
        self.assert_same()
        self.both("imports", "release", "plan.yaml", 1)
        self.run_both()
        self.assert_same()
        self.both("audit", "verify", "plan.yaml", compare=False)

    def test_a_rollback_that_is_killed_goes_on(self):
        self.run_both()
        self.second_import()
        self.run_both()
        self.both("rollback", "plan.yaml", 2, "--dry-run")
        self.assertEqual(self.p.migrate("rollback", "plan.yaml", 2, out="lite").code, 0)
        rng, env = random.Random(3), {**self.server_env(), "MIGRATE_CHUNK_ROWS": "40"}
        for _ in range(8):
            process = self.p.start("rollback", "plan.yaml", 2, out="server", env=env)
            time.sleep(rng.uniform(0.05, 0.8))
            common.stop(process)
        done = self.server("rollback", "plan.yaml", 2)
        self.assertIn(done.code, (0, 2), done)  # 2: none of them was killed in time
        self.assert_same()
        self.assertEqual(sql("SELECT COUNT(*), MAX(import_id) FROM import"), [["3", "3"]])

    def test_stewards_and_mended_rejects(self):
        self.run_both()
        singles = [r[0] for r in sql("SELECT person_id FROM person WHERE record_count = 1 ORDER BY person_id LIMIT 2")]
        pair = [r[0] for r in sql("SELECT record_id FROM person_record WHERE person_id = (SELECT person_id FROM person WHERE "
                                  "record_count > 1 ORDER BY person_id LIMIT 1) ORDER BY record_id LIMIT 2")]
        self.both("review", "link", "plan.yaml", *singles, "--reason", "seen", compare=False)
        self.both("review", "unlink", "plan.yaml", *pair, compare=False)
        self.assert_same()
        self.both("review", "list", "plan.yaml", "--json")
        number = sql("SELECT quarantine_id FROM quarantine WHERE reason = 'null_key' LIMIT 1")[0][0]
        self.both("rejects", "show", "plan.yaml", number)
        self.both("rejects", "fix", "plan.yaml", number, "--set", "id=mended-1", compare=False)
        self.both("rejects", "replay", "plan.yaml", expect=3, compare=False)
        self.assert_same()
        self.assertEqual(sql(f"SELECT state FROM quarantine WHERE quarantine_id = {number}"), [["replayed"]])
        last = sql("SELECT MAX(import_id) FROM import")[0][0]
        self.both("rollback", "plan.yaml", last, compare=False)
        self.assert_same()
        self.assertEqual(sql(f"SELECT state FROM quarantine WHERE quarantine_id = {number}"), [["open"]])
        self.both("run", "plan.yaml", "--stage", "reconcile", expect=3, compare=False)


if __name__ == "__main__":
    unittest.main()
