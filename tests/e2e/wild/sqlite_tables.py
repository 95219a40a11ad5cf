"""SQLite: what a table, view or query may hold, and the state its file may be in."""
import shutil
import sqlite3

from .case import Reject, Wild

T = "SQLite: values"
D = "SQLite: tables, views, queries"
F = "SQLite: the file"
ANN, BOB, CY = (1, "Ann Lee"), (2, "Bob Ray"), (3, "Cy Orr")
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);"


def db(script, rows=(), table="t", before=""):
    """Makes in.db by a script, then rows for one table."""
    def make(folder):
        con = sqlite3.connect(folder / "in.db")
        con.executescript(before)
        con.executescript(script)
        if rows:
            con.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        con.commit()
        con.close()
    return make


def wal(keep_shm):
    """A database that was copied while a program had it open: its last rows are in the -wal file."""
    def make(folder):
        con = sqlite3.connect(folder / "live.db")
        con.execute("PRAGMA journal_mode = WAL")
        con.executescript(TABLE + "INSERT INTO t VALUES (1, 'Ann Lee');")
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        con.execute("INSERT INTO t VALUES (2, 'Bob Ray')")
        con.commit()
        for end in ("", "-wal", "-shm")[:3 if keep_shm else 2]:
            shutil.copy(folder / f"live.db{end}", folder / f"in.db{end}")
        con.close()
    return make


def wal_alone(folder):
    """A database in WAL mode, closed properly: no file beside it."""
    con = sqlite3.connect(folder / "in.db")
    con.execute("PRAGMA journal_mode = WAL")
    con.executescript(TABLE + "INSERT INTO t VALUES (1, 'Ann Lee');")
    con.close()


def linked_wal(folder):
    """A link to a database elsewhere; its log lies beside the file, not beside the link."""
    (folder / "real").mkdir()
    wal(True)(folder / "real")
    (folder / "real" / "live.db").unlink()
    (folder / "in.db").symlink_to("real/in.db")


def foreign(folder):
    """Beside table t a view of a table that is gone, and a virtual table whose module only its program has."""
    db(TABLE + "CREATE VIEW v AS SELECT * FROM gone;", [ANN])(folder)
    con = sqlite3.connect(folder / "in.db")
    con.executescript("PRAGMA writable_schema = ON; INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) "
                      "VALUES ('table', 'geo', 'geo', 0, 'CREATE VIRTUAL TABLE geo USING spatial_thing(x)');")
    con.close()


def hot_journal(folder):
    """A program died in the middle of a transaction: the journal says what to undo."""
    con = sqlite3.connect(folder / "live.db", isolation_level=None)
    con.executescript("PRAGMA cache_size = 1; PRAGMA cache_spill = 1;" + TABLE)
    con.executemany("INSERT INTO t VALUES (?, ?)", [(i, "Ann Lee") for i in range(1, 2001)])
    con.execute("BEGIN")
    con.execute("UPDATE t SET name = 'Wrong Name'")
    for end in ("", "-journal"):
        shutil.copy(folder / f"live.db{end}", folder / f"in.db{end}")
    con.execute("ROLLBACK")
    con.close()


def table(section, what, script, rows, inserted=None, **kw):
    """`inserted`: the rows as put in, where they are not as they come out; () if the script puts them in."""
    kw.setdefault("options", "table: t")
    return Wild(section, what, db(script, rows if inserted is None else inserted, before=kw.pop("before", "")),
                tuple(rows), kind="sqlite", **kw)


BIG, SMALL = 2**63 - 1, -(2**63)

CASES = [
    # Values
    table(T, "blobs", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, photo BLOB)",
          [(1, "Ann Lee", b"\xff\xd8\x00\x01"), (2, "Bob Ray", b"")],
          columns=("id", "name", "photo"), note="exported as base64"),
    table(T, "text in a BLOB", TABLE.replace("name TEXT", "name BLOB"), [(1, b"Ann Lee")],
          note="bytes stay bytes; see `CAST` in a query"),
    table(T, "Latin-1 bytes stored as TEXT",
          TABLE + "INSERT INTO t VALUES (1, CAST(x'4a6f73e9' AS TEXT)), (2, 'Bob Ray');", [(1, b"Jos\xe9"), BOB], (),
          note="kept as bytes"),
    table(T, "ZIP codes and phones in INTEGER columns",
          "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, zip INTEGER, phone INTEGER)",
          [(1, "Ann Lee", 501, 2065550101), (2, "Bob Ray", 2116, 16175550142)], columns=("id", "name", "zip", "phone"),
          fields="{full_name: name, zip: zip, phone: phone}",
          record={"1": {"zip": "00501", "phone_e164": "+12065550101"}, "2": {"zip": "02116",
              "phone_e164": "+16175550142"}}, note="lost zeros of ZIP codes come back"),
    table(T, "ZIP codes as TEXT without their zero", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, zip TEXT)",
          [(1, "Ann Lee", "2116"), (2, "Bob Ray", "02116")],
          columns=("id", "name", "zip"), fields="{full_name: name, zip: zip}", record={"2": {"zip": "02116"}},
          note="kept as they are"),
    table(T, "phones that are REAL", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, phone REAL)",
          [(1, "Ann Lee", 2065550101.0), (2, "Bob Ray", 1.6175550142e10)],
          columns=("id", "name", "phone"), fields="{full_name: name, phone: phone}",
          record={"1": {"phone_e164": "+12065550101"}, "2": {"phone_e164": "+16175550142"}}),
    table(T, "ZIP codes that are REAL", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, zip REAL)",
          [(1, "Ann Lee", 2116.0)],
          columns=("id", "name", "zip"), fields="{full_name: name, zip: zip}", record={"1": {"zip": "02116"}}),
    table(T, "every type in every column", "CREATE TABLE t (id, a, b)", [(1, None, 1.5), ("x", 7, b"\x00"),
        (2.5, "Ann Lee", ""), (-3, 2**53 + 1, "1")],
          columns=("id", "a", "b"), fields="{full_name: a}"),
    table(T, "integers at the ends of 64 bits", "CREATE TABLE t (id, n)", [(1, BIG), (2, SMALL), (3, 2**53 + 1),
        (4, 0)], columns=("id", "n"), fields="{national_id: n}"),
    table(T, "reals: -0.0, 1e308, 5e-324, 0.1, 1e22", "CREATE TABLE t (id, n)", [(1, -0.0), (2, 1e308), (3, 5e-324),
        (4, 0.1), (5, 1e22), (6, 123456789012345680.0)],
          columns=("id", "n"), fields="{national_id: n}"),
    table(T, "infinity and not-a-number",
          "CREATE TABLE t (id, n); INSERT INTO t VALUES (1, 9e999), (2, -9e999), (3, 9e999 - 9e999);",
          [(1, float("inf")), (2, float("-inf")), (3, None)], (), columns=("id", "n"), fields="{national_id: n}",
          note="SQLite keeps NaN as NULL"),
    table(T, "NULL, empty text, 'NULL', blanks", "CREATE TABLE t (id, name)", [(1, None), (2, ""), (3, "NULL"),
        (4, "  ")],
          record={"3": {"first_name": None, "last_name": None}}, note="NULL and the empty text stay apart"),
    table(T, "texts with NUL, quotes, line ends", "CREATE TABLE t (id, name)", [(1, "Ann\0Lee"), (2, 'a"b'),
        (3, "a\r\nb"), (4, "\x01\x1f")]),
    table(T, "dates as text, Julian day, seconds", "CREATE TABLE t (id, dob)", [(1, "1980-01-02"),
        (2, "1980-01-02 03:04:05"), (3, 315619200), (4, 2444240.5)],
          columns=("id", "dob"), fields="{birth_date: dob}", record={"1": {"birth_date": "1980-01-02"},
              "2": {"birth_date": "1980-01-02"}, "4": {"birth_date": None}},
          note="numbers are no dates unless the plan gives a format"),
    Wild(T, "a cell of 17 MB", db(TABLE, [(1, "x" * 17_000_000), BOB]), (BOB,),
         (Reject("row_too_long", b'[1,"' + b"x" * 17_000_000 + b'"]', key="1"),), kind="sqlite", options="table: t", big=True),
    table(T, "a cell of 2 MB", TABLE, [(1, "x" * 2_000_000), BOB], big=True),
    table(T, "a database in UTF-16", TABLE, [(1, "José Núñez"), (2, "名前 😀")], before="PRAGMA encoding = 'UTF-16le';"),
    table(T, "a database in UTF-16 big-endian", TABLE, [(1, "José Núñez")], before="PRAGMA encoding = 'UTF-16be';"),
    # Tables
    table(D, "row ids with gaps, negative, at both ends", TABLE, [(SMALL, "Ann Lee"), (-5, "Bob Ray"), (0, "Cy Orr"),
        (10**12, "Dee Fox"), (BIG, "Eve Gray")]),
    table(D, "20,000 rows, then a gap of 2**40, then 10 more", TABLE,
          [(i, f"Ann {'abcdefghij'[i % 10]}") for i in (*range(1, 20_001), *range(2**40, 2**40 + 10))], big=True),
    table(D, "a STRICT table with AUTOINCREMENT",
          "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL) STRICT", [ANN, BOB]),
    table(D, "a full-text table (FTS5)", "CREATE VIRTUAL TABLE t USING fts5(id, name)", [("1", "Ann Lee"),
        ("2", "Bob Ray")]),
    table(D, "blanks around column names", 'CREATE TABLE t (" id" INTEGER PRIMARY KEY, "name " TEXT)', [ANN],
          note="names are trimmed, as in CSV"),
    table(D, "an empty table", TABLE, []),
    table(D, "WITHOUT ROWID, key of two columns",
          "CREATE TABLE t (a TEXT, b INTEGER, name TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID",
          [("x", 1, "Ann Lee"), ("x", 2, "Bob Ray")], columns=("a", "b", "name"), key="[a, b]", keys=('["x","1"]',
              '["x","2"]')),
    table(D, "a table that hides rowid behind its columns",
          "CREATE TABLE t (rowid TEXT, _rowid_ TEXT, oid TEXT, name TEXT)", [("a", "b", "c", "Ann Lee"),
              ("d", "e", "f", "Bob Ray")],
          columns=("rowid", "_rowid_", "oid", "name"), key="rowid"),
    table(D, "generated columns",
          "CREATE TABLE t (id INTEGER PRIMARY KEY, f TEXT, l TEXT, name TEXT AS (f || ' ' || l) STORED, n INT AS (length(l)) VIRTUAL); "
          "INSERT INTO t (id, f, l) VALUES (1, 'Ann', 'Lee');", [(1, "Ann", "Lee", "Ann Lee", 3)], (), columns=("id",
              "f", "l", "name", "n"),
          record={"1": {"first_name": "Ann", "last_name": "Lee"}}),
    table(D, "a view", TABLE + "CREATE VIEW v AS SELECT id, upper(name) AS name FROM t WHERE id < 3;", [(1, "ANN LEE"),
        (2, "BOB RAY")], [ANN, BOB, CY],
          options="table: v", record={"1": {"first_name": "Ann"}}),
    table(D, "a query with a semicolon and a comment", TABLE, [(1, "Ann Lee"), (2, "Bob Ray")], [ANN, BOB, CY],
          options='query: "SELECT id, name FROM t WHERE id < 3; -- no more"'),
    table(D, "a query with CTE, join and window", TABLE, [(1, "Ann Lee", 1), (3, "Cy Orr", 2)], [ANN, BOB, CY],
          columns=("id", "name", "n"),
          options='query: "WITH odd AS (SELECT * FROM t WHERE id % 2) SELECT odd.id, name, row_number() OVER (ORDER BY id) AS n FROM odd"'),
    table(D, "a query that casts bytes to text", TABLE.replace("name TEXT", "name BLOB"), [(1, "Ann Lee")],
          [(1, b"Ann Lee")],
          options='query: "SELECT id, CAST(name AS TEXT) AS name FROM t"', record={"1": {"last_name": "Lee"}}),
    table(D, "a query whose columns have one name", TABLE, [(1, "Ann Lee", 1)], [ANN], columns=("id", "name", "id_2"),
          options='query: "SELECT id, name, id FROM t"'),
    table(D, "a query that gives no rows", TABLE, [], [ANN], options='query: "SELECT id, name FROM t WHERE 0"'),
    table(D, "quotes, blanks, Unicode and keywords in names",
          'CREATE TABLE "my ""big"" table" ("id" INTEGER PRIMARY KEY, "last name" TEXT, "größe" TEXT, "select" TEXT); '
          """INSERT INTO "my ""big"" table" VALUES (1, 'Lee', 'x', 'y');""", [(1, "Lee", "x", "y")], (), columns=("id",
              "last name", "größe", "select"),
          options="table: 'my \"big\" table'", fields="{last_name: last name, city: größe, street: select}",
          record={"1": {"last_name": "Lee", "city": "X"}}),

    Wild(D, "table name in other case", db(TABLE.replace("TABLE t", "TABLE Contacts"), [ANN], "Contacts"), (ANN,),
         kind="sqlite", options="table: CONTACTS"),
    Wild(D, "NULL and empty keys", db("CREATE TABLE t (id, name)",
                                      [(1, "Ann Lee"), (None, "Bob Ray"), ("", "Cy Orr"), (b"\xff", "Dee Fox")]),
                                      (ANN,),
         (Reject("null_key", b'[null,"Bob Ray"]'), Reject("null_key", b'["","Cy Orr"]'), Reject("undecodable_bytes",
             b'[{"base64":"/w=="},"Dee Fox"]')),
         kind="sqlite", options="table: t", note="of a table the payload is kept as the row's bytes"),
    Wild(D, "a key twice", db("CREATE TABLE t (id, name, at)",
                              [(1, "Ann Lee", "2024-01-01"), (1, "Ann Ray", "2024-02-02"), (2, "Bob Ray",
                                  "2024-01-01")]),
         ((1, "Ann Ray", "2024-02-02"), (2, "Bob Ray", "2024-01-01")),
         (Reject("duplicate_key", b'[1,"Ann Lee","2024-01-01"]', "1"),), kind="sqlite",
         columns=("id", "name", "at"), options="table: t", fields="{full_name: name, updated_at: at}"),
    Wild(D, "keys 1, '1' and 1.0", db("CREATE TABLE t (id, name)", [(1, "Ann Lee"), ("1", "Ann Lee"), (1.0, "Cy Orr")]),
         None,
         (Reject("duplicate_key", None, "1"),), kind="sqlite", options="table: t", keys=("1", "1.0"),
         note="1 and '1' are one key, 1.0 is another"),
    table(D, "1,999 columns", "CREATE TABLE t (" + ", ".join(f"c{i}" for i in range(1999)) + ")", [tuple(range(1999))],
          columns=tuple(f"c{i}" for i in range(1999)),
          key="c0", fields="{national_id: c1998}"),
    # Files
    Wild(F, "write-ahead log beside it", wal(True), (ANN, BOB), kind="sqlite", options="table: t", said=("WAL mode",),
         note="rows of the log are read"),
    Wild(F, "write-ahead log without -shm", wal(False), (ANN, BOB), kind="sqlite", options="table: t"),
    Wild(F, "WAL mode, closed properly", wal_alone, (ANN,), kind="sqlite", options="table: t", said=("as immutable",),
         note="no file is made beside it"),
    Wild(F, "a symbolic link to a database with a write-ahead log", linked_wal, (ANN, BOB), kind="sqlite",
         options="table: t", note="the log beside the file itself is read"),
    Wild(F, "a journal that is kept (journal_mode = PERSIST)", db(TABLE, [ANN],
        before="PRAGMA journal_mode = PERSIST;"), (ANN,), kind="sqlite", options="table: t"),
    Wild(F, "a broken view and a table of an unknown module beside it", foreign, (ANN,), kind="sqlite",
         options="table: t"),
    Wild(F, "blanks, %, ? and # in the file's name", lambda d: (db(TABLE, [ANN])(d),
        (d / "in.db").rename(d / "my 50%?#.db")), (ANN,), kind="sqlite", path="my 50%?#.db", options="table: t"),
    Wild(F, "auto-vacuumed, pages of 512 bytes", db(TABLE, [(i, "Ann Lee") for i in range(1, 301)],
                                                    before="PRAGMA page_size = 512; PRAGMA auto_vacuum = FULL;"),
         tuple((i, "Ann Lee") for i in range(1, 301)), kind="sqlite", options="table: t"),
]
