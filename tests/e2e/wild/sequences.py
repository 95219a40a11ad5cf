"""Sources that change from one import to the next: what `mode: snapshot` marks gone, and what it must not."""
import dataclasses
import sqlite3

from .case import position_key


@dataclasses.dataclass(frozen=True)
class Step:
    """What lies there at one import, and what `export source` must give behind it. `files`: {name: bytes}, or the rows of
    table t. `rows`: of the rows that are present; `gone`: keys of records that are marked gone."""
    files: object
    rows: tuple
    gone: tuple = ()


@dataclasses.dataclass(frozen=True)
class Sequence:
    what: str
    steps: tuple
    note: str
    options: str = "mode: snapshot"
    key: str = "id"
    path: str = "*.csv"
    fields: str = "{full_name: name}"
    columns: tuple = ("id", "name")

    def table(self):
        return not isinstance(self.steps[0].files, dict)

    def source(self, name, folder):
        place = "type: sqlite, path: \"{}/in.db\", table: t" if self.table() else "type: csv, path: \"{}/{}\""
        key = f"key: {self.key}, " if self.key else ""
        options = f"{self.options}, " if self.options else ""
        return f"  {name}: {{{place.format(folder, self.path)}, {key}{options}fields: {self.fields}}}"

    def make(self, folder, number):
        folder.mkdir(parents=True, exist_ok=True)
        files = self.steps[min(number, len(self.steps) - 1)].files
        if not self.table():
            for path in folder.iterdir():
                if path.name not in files:
                    path.unlink()
            for name, data in files.items():
                (folder / name).write_bytes(data)
            return
        con = sqlite3.connect(folder / "in.db")
        with con:
            con.execute("CREATE TABLE IF NOT EXISTS t (id, name)")
            con.execute("DELETE FROM t")
            con.executemany("INSERT INTO t VALUES (?, ?)", files)
        con.close()

    def expected(self, number):
        return self.steps[min(number, len(self.steps) - 1)]


A, B, C = ("1", "Ann Lee"), ("2", "Bob Ray"), ("3", "Cy Orr")
B2 = ("2", "Bob Poe")


def f(*rows, end=b""):
    return b"id,name\n" + b"".join(",".join(r).encode() + b"\n" for r in rows) + end


def n(*rows):
    return tuple((int(i), name) for i, name in rows)


FIRST, SECOND = f(A, B), f(B, C)
BROKEN = b"3\n"
DATED = b"id,name,at\n"

SEQUENCES = (
    Sequence("a table row is deleted, and comes back", (Step(n(A, B), (A, B)), Step(n(A), (A,), ("2",)),
                                                        Step(n(A, B), (A, B))), "gone, then present again", ""),
    Sequence("a table row is deleted, and comes back changed", (Step(n(A, B), (A, B)), Step(n(A), (A,), ("2",)),
        Step(n(A, B2), (A, B2))), "gone, then present with its new values", ""),
    Sequence("a table is emptied", (Step(n(A, B), (A, B)), Step((), (), ("1", "2"))), "all gone", ""),
    Sequence("a table with `mode: append`", (Step(n(A, B), (A, B)), Step(n(A), (A, B)), Step(n(A, C), (A, B, C))),
             "never gone", "mode: append"),
    Sequence("a CSV snapshot loses a row, and gets it back", (Step({"a.csv": f(A, B)}, (A, B)),
        Step({"a.csv": f(A)}, (A,), ("2",)), Step({"a.csv": f(B, A)}, (A, B))), "gone, then present again"),
    Sequence("an append file loses a row", (Step({"a.csv": f(A, B)}, (A, B)), Step({"a.csv": f(A)}, (A, B))),
             "never gone", ""),
    Sequence("an append file is deleted", (Step({"a.csv": f(A), "b.csv": f(B)}, (A, B)), Step({"a.csv": f(A)}, (A, B))),
             "never gone", ""),
    Sequence("a file leaves a snapshot of two", (Step({"a.csv": f(A), "b.csv": f(B)}, (A, B)),
                                                 Step({"b.csv": f(B)}, (B,), ("1",)),
                                                 Step({"a.csv": f(A), "b.csv": f(B)}, (A, B))),
                                                 "its rows gone, then present again"),
    Sequence("a snapshot file is renamed", (Step({"a.csv": f(A, B)}, (A, B)), Step({"b.csv": f(A, B)}, (A, B))),
             "nothing gone: files are known by content"),
    Sequence("a row moves from one file of a snapshot to another", (Step({"a.csv": f(A, B), "b.csv": f(C)}, (A, B, C)),
        Step({"a.csv": f(A), "b.csv": f(C, B)}, (A, B, C))), "nothing gone"),
    Sequence("a snapshot with a row in quarantine", (Step({"a.csv": f(A, B)}, (A, B)),
                                                     Step({"a.csv": f(A, end=BROKEN)}, (A, B)), Step({"a.csv": f(A, C)},
                                                         (A, C), ("2",))),
             "nothing is called gone while a row cannot be read: it may be the one that is missed"),
    Sequence("a snapshot with a row of undecodable bytes", (Step({"a.csv": f(A, B)}, (A, B)),
                                                            Step({"a.csv": f(A, end=b"3,\xff\n")}, (A, B))),
                                                            "nothing gone", "mode: snapshot, encoding: utf-8"),
    Sequence("a snapshot with an empty key", (Step({"a.csv": f(A, B)}, (A, B)),
                                              Step({"a.csv": f(A, end=b",Bob Ray\n")}, (A, B))), "nothing gone"),
    Sequence("a snapshot with an unclosed quote", (Step({"a.csv": f(A, B)}, (A, B)),
                                                   Step({"a.csv": f(A, end=b'2,"Bob\n')}, (A, B))), "nothing gone"),
    Sequence("a snapshot table with a NULL key", (Step(n(A, B), (A, B)),
                                                  Step(((1, "Ann Lee"), (None, "Bob Ray")), (A, B))), "nothing gone",
                                                  ""),
    Sequence("one file of a snapshot has an unknown layout", (Step({"a.csv": f(A), "b.csv": f(B)}, (A, B)),
        Step({"a.csv": f(A), "b.csv": b"x,y\n2,z\n"}, (A, B))), "nothing gone",
             "mode: snapshot, unknown_layout: quarantine"),
    Sequence("a snapshot with its header alone", (Step({"a.csv": f(A, B)}, (A, B)),
                                                  Step({"a.csv": f()}, (), ("1", "2"))),
                                                  "all gone: an empty list is a list"),
    Sequence("a snapshot of no bytes (a failed export)", (Step({"a.csv": f(A, B)}, (A, B)),
                                                          Step({"a.csv": b""}, (A, B))),
                                                          "nothing gone: without a header it is no list"),
    Sequence("a snapshot with a header repeated", (Step({"a.csv": f(A, B)}, (A, B)),
                                                   Step({"a.csv": f(A, end=f(C))}, (A, B, C))),
                                                   "nothing gone, as with any row in quarantine: take the header out"),
    Sequence("a snapshot with a key twice", (Step({"a.csv": f(A, B)}, (A, B)), Step({"a.csv": f(A, A)}, (A,), ("2",))),
             "gone: of the row in quarantine the key is known"),
    Sequence("a snapshot without key column, a row is added in front", (Step({"a.csv": FIRST}, (A, B)),
        Step({"a.csv": SECOND}, (B, C), (position_key(FIRST, 1), position_key(FIRST, 2)))),
             "all rows are other records: give a snapshot a key", key=""),
    Sequence("an append file without key column is rewritten", (Step({"a.csv": FIRST}, (A, B)),
        Step({"a.csv": SECOND}, (A, B, B, C))), "both contents stay: give it a key, or write new files", "", key=""),
    Sequence("an append file gets an older version of a row",
             (Step({"a.csv": DATED + b"1,Ann Lee,2024-05-01\n"}, (("1", "Ann Lee", "2024-05-01"),)),
             Step({"a.csv": DATED + b"1,Ann Old,2023-01-01\n"}, (("1", "Ann Lee", "2024-05-01"),))),
             "the newer stays, the older is history", "", fields="{full_name: name, updated_at: at}", columns=("id",
                 "name", "at")),
    Sequence("an append file gets a newer version of a row",
             (Step({"a.csv": DATED + b"1,Ann Lee,2024-05-01\n"}, (("1", "Ann Lee", "2024-05-01"),)),
             Step({"a.csv": DATED + b"1,Ann New,2025-01-01\n"}, (("1", "Ann New", "2025-01-01"),))),
             "the newer is current, the older history", "", fields="{full_name: name, updated_at: at}", columns=("id",
                 "name", "at")),
    Sequence("an append file grows", (Step({"a.csv": f(A)}, (A,)), Step({"a.csv": f(A, B)}, (A, B)),
                                      Step({"a.csv": f(A, B, C)}, (A, B, C))), "the new rows are added", ""),
    Sequence("a snapshot gets an older version of a row",
             (Step({"a.csv": DATED + b"1,Ann Lee,2024-05-01\n"}, (("1", "Ann Lee", "2024-05-01"),)),
             Step({"a.csv": DATED + b"1,Ann Old,2023-01-01\n"}, (("1", "Ann Lee", "2024-05-01"),))),
             "`updated_at` decides here too: the older is history", fields="{full_name: name, updated_at: at}",
             columns=("id", "name", "at")),
)
