"""What tests/bench/flagship measures with: time, processor time, memory and disk of a command and of the server beside it."""
import contextlib
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import time

import flagship_disk as disk


class State:
    """The steps that are done, with what they measured, in FOLDER/state.json; replaced as a whole after each."""

    def __init__(self, folder, identity):
        self.path = pathlib.Path(folder) / "state.json"
        kept = json.loads(self.path.read_text()) if self.path.exists() else {"identity": identity, "done": {}, "begun": {}, "notes": {}}
        kept.setdefault("so_far", {})
        if kept["identity"] != identity:
            raise SystemExit(f"flagship: {folder} holds a run of {kept['identity']}, not of {identity}: remove it or take another --folder")
        self.kept = kept
        self.write()

    @staticmethod
    def identity_in(folder):
        """Of an earlier sitting; {} without one."""
        path = pathlib.Path(folder) / "state.json"
        return json.loads(path.read_text())["identity"] if path.exists() else {}

    @property
    def done(self):
        return self.kept["done"]

    @property
    def notes(self):
        return self.kept["notes"]

    def write(self):
        new = self.path.with_suffix(".new")
        with open(new, "w", encoding="utf-8") as file:
            json.dump(self.kept, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.path)

    def note(self, name, text):
        self.notes[name] = text
        self.write()

    def begin(self, step):
        """How often the step has been begun, this time included."""
        self.kept["begun"][step] = self.kept["begun"].get(step, 0) + 1
        self.write()
        return self.kept["begun"][step]

    def finish(self, step, result):
        self.done[step] = result
        self.kept["so_far"].pop(step, None)
        self.write()

    def so_far(self, step):
        """Of a step that an earlier sitting did not finish: what was measured of it, {} at first."""
        return self.kept["so_far"].get(step, {})

    def keep(self, step, used):
        self.kept["so_far"][step] = used
        self.write()


def size_of(path):
    """Bytes that the files below `path` take on the disk."""
    total = 0
    for top, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(top, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak(pid):
    """The peak of resident memory is counted from now on (Linux: proc(5), clear_refs)."""
    try:
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        pass  # then the peak is that of the server's whole life


def die_with_parent():
    """A stage whose flagship was killed would hold the workspace against the next sitting (Linux: prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def results(log):
    return f"{log}.json"


class Steps:
    """How long the steps of a stage took, and what they cost tool and server, by the progress that migrate tells in `log` about
    once a second: the time since the line before belongs to the step that a line names."""

    def __init__(self, log, stage, cpu):
        self.file, self.stage, self.cpu = open(log, encoding="utf-8", errors="replace"), stage, cpu
        self.seconds, self.cost, self.rest, self.now = {}, {}, "", ""
        self.last_seconds, self.last_cost = 0.0, cpu()

    def look(self):
        *lines, self.rest = (self.rest + self.file.read()).split("\n")
        for line in lines:
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("stage") != self.stage or "seconds" not in event:
                continue
            name, cost = event.get("detail", ""), self.cpu()
            self.now = name
            self.seconds[name] = self.seconds.get(name, 0) + event["seconds"] - self.last_seconds
            self.cost[name] = self.cost.get(name, 0) + cost - self.last_cost
            self.last_seconds, self.last_cost = event["seconds"], cost


KEEP_SECONDS = 10


def added(a, b):
    """What two sittings measured of a step, as one: times and costs are sums, peaks are the higher."""
    if not a:
        return b
    both = {name: a[name] + b[name] for name in ("seconds", "cpu", "server_cpu")}
    both.update({name: max(a[name], b[name]) for name in ("peak", "server_peak")})
    both["disk"] = {step: max((of["disk"][step] for of in (a, b) if step in of["disk"]), key=lambda moment: moment["bytes"])
                    for step in [*a["disk"], *(step for step in b["disk"] if step not in a["disk"])]}
    for name in ("steps", "steps_cpu"):
        both[name] = {step: a[name].get(step, 0) + b[name].get(step, 0) for step in [*a[name], *(step for step in b[name] if step not in a[name])]}
    return both


def watch(command, server, folder, log, good=(0,), stage="", so_far=None, keep=lambda used: None):
    """Runs a command to its end: wall and processor seconds, its peak of memory (of the kernel's books), the server's, and the
    most that `folder` took on the disk, place by place ("" as folder: not looked at); by step if it is a stage of migrate. Its results
    go to `log` with .json at its end, its messages to `log`. All of it is added to `so_far`; `keep` is told every ten seconds, for a
    sitting that will be cut."""
    forget_peak(server)
    server_cpu, begun, looked, kept = cpu_seconds(server), time.monotonic(), 0.0, time.monotonic()
    peaks = {}  # by step

    def used(cpu, peak):
        return added(so_far, {"seconds": time.monotonic() - begun, "cpu": cpu, "server_cpu": cpu_seconds(server) - server_cpu,
                              "peak": peak, "server_peak": peak_bytes(server),
                              "disk": {step: {"bytes": most.bytes, "places": most.places} for step, most in peaks.items()},
                              "steps": steps.seconds, "steps_cpu": steps.cost})
    with open(log, "wb") as messages, open(results(log), "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=messages, preexec_fn=die_with_parent)
        steps = Steps(log, stage, lambda: cpu_seconds(process.pid) + cpu_seconds(server))
        try:
            while True:
                # The process is looked at before it is waited for: a zombie still has its times.
                gone = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                steps.look()
                if gone:
                    break
                if folder and time.monotonic() - looked > 2:
                    peaks.setdefault(steps.now, disk.Peak()).look(disk.used(folder, (server, process.pid)))
                    looked = time.monotonic()
                if time.monotonic() - kept > KEEP_SECONDS:
                    keep(used(cpu_seconds(process.pid), peak_bytes(process.pid)))
                    kept = time.monotonic()
                time.sleep(min(0.2, 0.02 + (time.monotonic() - begun) / 500))  # looking is work, too
        except BaseException:
            process.terminate()
            _, _, usage = os.wait4(process.pid, 0)
            with contextlib.suppress(OSError):  # the server may be gone, too
                keep(used(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024))
            raise
        _, status, usage = os.wait4(process.pid, 0)
        if folder:
            peaks.setdefault(steps.now, disk.Peak()).look(disk.used(folder, (server,)))
    steps.file.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in good:
        with contextlib.suppress(OSError):
            keep(used(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024))
        tail = "".join(pathlib.Path(part).read_text(errors="replace")[-2000:] for part in (log, results(log)))
        raise SystemExit(f"flagship: exit code {process.returncode} of {' '.join(map(str, command))}\n{tail}")
    return used(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def of_report(log, stage):
    """What migrate's own report says of a stage."""
    result = json.loads(pathlib.Path(results(log)).read_text())
    done = next((s for s in result["stages"] if s["stage"] == stage), {})
    return {"rows": done.get("rows", 0), "stage_seconds": done.get("seconds", 0), "flow": result["flow"],
            "exit_code": result["exit_code"], "verdict": (result.get("reconciliation") or {}).get("verdict", ""),
            "pairs": (result.get("match") or {}).get("pairs_proposed", 0)}


def table_bytes(run, schema):
    """Bytes of the files of a schema."""
    return int(float(run.sql(f"SELECT COALESCE(SUM(file_size), 0) FROM information_schema.innodb_tablespaces WHERE name LIKE '{schema}/%'")))


def bytes_by_index(run):
    """Bytes of the pages of each index of the target (PRIMARY is the table itself), and of the files, which grow ahead of them."""
    tables = run.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'test'").split()
    run.sql("; ".join(f"ANALYZE TABLE test.`{t}`" for t in tables))
    sizes = {}
    for line in run.sql("SELECT table_name, index_name, stat_value * 16384 FROM mysql.innodb_index_stats WHERE database_name = "
                        "'test' AND stat_name = 'size'").splitlines():
        name, index, size = line.split("\t")
        table = name.split("#")[0]
        key = table if index == "PRIMARY" else index
        sizes[key] = sizes.get(key, 0) + int(size)
    return {"indexes": sizes, "files": table_bytes(run, "test")}


def machine():
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "?")
    memory = next(int(line.split()[1]) for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(memory / 2**20), "load": os.getloadavg()[0]}
