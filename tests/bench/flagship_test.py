"""Tests of tests/bench/flagship on a few records: the figures mean nothing, the books do."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FLAGSHIP = HERE / "flagship"
sys.path.insert(0, str(HERE))
import bench  # noqa: E402
import flagship_disk as disk  # noqa: E402
import flagship_measure as measure  # noqa: E402
import flagship_report as report  # noqa: E402

sys.path.insert(0, str(bench.ROOT / "tests" / "servers"))
import servers  # noqa: E402

N = 3000
ALL = os.environ.get("MIGRATE_TEST_ALL") == "1"  # the long ones, too


def flagship(folder, *options, n=N):
    return subprocess.run([sys.executable, FLAGSHIP, str(n), "--folder", str(folder), "--no-doc", *options], capture_output=True, text=True)


def servers_below(folder):
    """Process ids of servers whose data lie below the folder."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in path.read_bytes() and b"mysqld" in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


class WholeRun(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name) / "run"

    def tearDown(self):
        self.place.cleanup()

    def test_killed_in_the_middle_it_goes_on_and_cleans_up(self):
        process = subprocess.Popen([sys.executable, FLAGSHIP, str(N), "--folder", self.folder, "--no-doc"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        state = self.folder / "state.json"
        until = time.monotonic() + 300
        while time.monotonic() < until and process.poll() is None:
            if state.exists() and "load" in json.loads(state.read_text())["begun"]:
                break
            time.sleep(0.01)
        self.assertIsNone(process.poll(), "it ended before its load")
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = json.loads(state.read_text())
        self.assertIn("normalize", before["done"])
        self.assertNotIn("load", before["done"])
        self.assertEqual([path.name for path in self.folder.glob("*.csv")] + [path.name for path in self.folder.glob("*.db")], [],
                         "the sources go behind extract")

        done = flagship(self.folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        steps = re.findall(r"^\d\d:\d\d:\d\d (\w+)$", done.stdout, re.M)
        self.assertEqual(steps, ["load", "dedupe", "reconcile", "counts", "score", "bytes", "yardsticks"])
        self.assertIn(f"Verified: {N:,} rows generated = {N:,} counted = {N:,} loaded + 0 quarantined; digests: match", done.stdout)
        self.assertIn("times and costs of more than one sitting: load", done.stdout)
        self.assertIn("Taken in 2 sittings", done.stdout)
        f1 = float(re.search(r" F1 ([\d.]+)", done.stdout)[1])
        self.assertGreater(f1, 0.9)
        stages = ["extract", "normalize", "load", "dedupe: matching", "dedupe: golden load, indexes", "reconcile"]
        table = [line for line in done.stdout.splitlines() if line.startswith("| ")]
        self.assertEqual([line.split("|")[1].strip() for line in table[:8]], ["stage", *stages, "all"])
        self.assertEqual({line.count("|") for line in table[:8]}, {15})
        self.assertEqual([line.split("|")[1].strip() for line in table[8:]],
                         ["stage, bytes a record at its peak", "generate", *stages, "score"])
        self.assertEqual(len({line.count("|") for line in table[8:]}), 1)
        self.assertRegex(done.stdout, r"Most disk at any moment: [\d.]+ GiB, foretold [\d.]+ GiB")
        self.assertFalse(self.folder.exists(), "it cleans up")
        self.assertEqual(servers_below(self.folder), [])

    if ALL:
        def test_books_that_do_not_balance_fail(self):
            self.assertEqual(flagship(self.folder, "--keep").returncode, 0)
            state = self.folder / "state.json"
            kept = json.loads(state.read_text())
            kept["done"]["reconcile"]["flow"]["counted"] -= 1
            del kept["done"]["counts"]
            state.write_text(json.dumps(kept))
            done = flagship(self.folder, "--keep")
            self.assertEqual(done.returncode, 1)
            self.assertIn("the books do not balance: 2,999 rows were counted in the sources, 3,000 were generated", done.stderr)
            self.assertEqual(servers_below(self.folder), [])
            other = flagship(self.folder, "--seed", "2")
            self.assertEqual(other.returncode, 1)
            self.assertIn("holds a run of", other.stderr)

    def test_too_little_disk(self):
        done = flagship(self.folder, n=10**12)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing was started", done.stderr)
        self.assertFalse((self.folder / "server").exists())

    def test_too_little_memory(self):
        done = flagship(self.folder, "--memory", "6GiB", n=84_000_000)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the matching of 84,000,000 records needs --memory 7722MiB, not 6GiB", done.stderr)
        self.assertFalse(self.folder.exists())


class Disk(unittest.TestCase):
    def test_what_fits_is_what_is_needed(self):
        for compression in disk.TARGET:
            for room in (5 << 30, 44 << 30, 75 << 30):
                n = disk.at_most(room, compression)
                self.assertLessEqual(disk.needed(n, compression), room)
                self.assertGreater(disk.needed(n + 1, compression), room)
        self.assertEqual(disk.choose(1000, 100 << 30), "none")
        self.assertEqual(disk.choose(10**9, 1 << 30), "zlib")
        self.assertIn("at most", disk.foretold(1000, "none"))

    def test_places(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for path, size in (("main.csv", 5), ("links.csv", 1), ("server/data/test/record#p#p0.ibd", 9), ("server/data/#innodb_redo/r1", 2),
                               (".migrate/flagship/work/raw-0-1.seg", 3), (".migrate/flagship/work/persons/person.seg", 4)):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(b"x" * (size << 20))
            with open(folder / "main.csv", "rb") as held:
                (folder / "main.csv").unlink()
                found = disk.used(folder, (os.getpid(),))
                self.assertEqual(len(held.read()), 5 << 20)
            mib = {place: size >> 20 for place, size in found.items()}
            self.assertEqual(mib["unnamed temporary files"], 5)
            del mib["unnamed temporary files"]
            self.assertEqual(mib, {"links and truth": 1, "target": 9, "redo and undo log": 2, "raw segments": 3, "sort runs and lists": 4})


class Measure(unittest.TestCase):
    def test_what_a_cut_sitting_took_is_in_the_sum(self):
        with tempfile.TemporaryDirectory() as name:
            state = measure.State(name, {"n": 1})
            self.assertEqual(state.so_far("dedupe"), {})

            def look_on(*_):
                raise SystemExit(143)
            signal.signal(signal.SIGALRM, look_on)
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            try:
                with self.assertRaises(SystemExit):
                    measure.watch(["sleep", "60"], os.getpid(), name, f"{name}/log", so_far={}, keep=lambda used: state.keep("dedupe", used))
            finally:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
            state = measure.State(name, {"n": 1})  # another sitting
            first = state.so_far("dedupe")
            self.assertGreater(first["seconds"], 0.4)
            first["steps"], first["steps_cpu"] = {"scoring": 3.0}, {"scoring": 2.0}
            both = measure.watch(["sleep", "0.2"], os.getpid(), name, f"{name}/log", so_far=first)
            self.assertGreater(both["seconds"], first["seconds"] + 0.15)
            self.assertGreaterEqual(both["cpu"], first["cpu"])
            self.assertGreaterEqual(both["peak"], first["peak"])
            self.assertEqual(both["steps"], {"scoring": 3.0})
            self.assertIn("", both["disk"])
            state.finish("dedupe", both)
            self.assertEqual(state.so_far("dedupe"), {})


class Table(unittest.TestCase):
    def test_what_is_streamed_into_a_server_is_what_a_file_would_hold(self):
        rows = 410_000 if ALL else 5_000  # with ALL more than a transaction of each of two connections
        with tempfile.TemporaryDirectory() as folder:
            common = [bench.tool("migrate-datagen"), "--records", str(rows), "--threads", "2", "--trap", "foreign=1"]
            subprocess.run([*common, "--mysql-file", f"{folder}/rows.tsv"], check=True, stderr=subprocess.DEVNULL)
            url = servers.start("mysql80", f"{folder}/server")
            try:
                subprocess.run([*common, "--mysql", url], check=True, stderr=subprocess.DEVNULL)
                port = url.rsplit(":", 1)[1].split("/")[0]
                out = f"{folder}/server/tmp/out.tsv"
                done = servers.client(port, f"SELECT * FROM test.customers ORDER BY customer_id INTO OUTFILE '{out}' CHARACTER SET utf8mb4")
                self.assertEqual(done.returncode, 0, done.stderr)
                with open(out, "rb") as got, open(f"{folder}/rows.tsv", "rb") as expected:
                    for number, (a, b) in enumerate(zip(got, expected, strict=True)):
                        self.assertEqual(a, b, number)
                refused = subprocess.run([*common, "--mysql", url.replace(port, "1")], capture_output=True, text=True)
                self.assertEqual(refused.returncode, 1)
                self.assertIn("table customers: ", refused.stderr)
            finally:
                servers.stop(f"{folder}/server")


class Document(unittest.TestCase):
    def test_sections_are_put_in_order_and_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "performance.md"
            path.write_text("# Performance\n\n## Other\ntext\n")
            report.put(path, "### 1,000 records\n\nold figures\n")
            report.put(path, "### 100 records\n\nsmall\n")
            path.write_text(path.read_text() + "\n## Last\nend\n")
            report.put(path, "### 1,000 records\n\nnew figures\n")
            text = path.read_text()
            self.assertEqual(text.count(report.HEADING), 1)
            order = [text.index(part) for part in ("## Other", report.HEADING, "### 100 records", "### 1,000 records", "new figures", "## Last")]
            self.assertEqual(order, sorted(order))
            self.assertNotIn("old figures", text)
            report.put(path, "### 1,000 records\n\nnew figures\n")
            self.assertEqual(path.read_text(), text)


if __name__ == "__main__":
    unittest.main()
