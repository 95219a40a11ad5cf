"""Two runs on one SQLite target exclude each other, also where the first is paused and wakes up (leases.py)."""
import signal
import sqlite3
import time
import unittest

import leases


class Lease(leases.Leases):
    def target_env(self):
        return {"TARGET_FILE": str(self.p.path("shared.db"))}

    def fresh_target(self):
        for path in self.p.folder.glob("shared.db*"):
            path.unlink()

    def holder(self):
        beside = self.p.path("shared.db-lease")
        return beside.read_text() if beside.exists() else None

    def dump(self):
        db = sqlite3.connect(f"file:{self.p.path('shared.db')}?mode=ro", uri=True)
        try:
            return list(db.iterdump())
        finally:
            db.close()

    def test_who_was_paused_writes_nothing(self):
        self.trials()

    def test_who_is_at_work_keeps_it(self):
        self.stays_out()

    def test_who_was_killed_is_not_waited_for(self):
        self.after_a_kill()

    def test_a_dry_run_beside_a_run_needs_no_lease(self):
        self.fresh_target()
        self.assertIn(self.run_beside("one").code, (0, 3))
        self.p.path("a_1.csv").write_bytes(self.p.path("a_1.csv").read_bytes() + b"z1,Ann,Bell,,,,,,,,\r\n")
        first = None
        while first is None:
            first = self.begin("two", 0)
        for _ in range(20):
            dry = self.p.migrate("run", self.p.plan_file, "--dry-run", out="three", env=self.env())
            if "another run" not in dry.stderr:
                break
            first.send_signal(signal.SIGCONT)  # it was stopped while it commits: nobody can read then
            time.sleep(0.003)
            first.send_signal(signal.SIGSTOP)
        self.assertNotIn("another run", dry.stderr)
        self.assertIn(self.end(first).code, (0, 3))


if __name__ == "__main__":
    unittest.main()
