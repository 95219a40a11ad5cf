"""Inputs that are refused: one clear message with the place, the exit code, and no target, whatever stood in the plan."""
import os
import socket
import sqlite3
import struct

from .case import Wild, gz, zst
from .sqlite_tables import TABLE, db, foreign, hot_journal

C = "CSV files that are refused"
D = "SQLite files that are refused"
ANN = b"id,name\n1,Ann Lee\n"
NOISE = b"id,name\n" + b"".join(b"%d,Ann Lee %d\n" % (i, i * 7919) for i in range(60_000))
PACKED = gz(NOISE)


def damaged(data):
    data = bytearray(data)
    data[len(data) // 2] ^= 0x55
    return bytes(data)


def refuse(section, what, files, code, *error, **kw):
    return Wild(section, what, files, code=code, error=error, kind="sqlite" if section is D else "csv", columns=None,
                **kw)


def table(what, files, code, *error, **kw):
    kw.setdefault("options", "table: t")
    return refuse(D, what, files, code, *error, **kw)


def unix_socket(folder):
    here = os.getcwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("in.csv")
    os.chdir(here)


def corrupt(folder):
    db(TABLE, [(i, f"Ann Lee {i}") for i in range(1, 20_001)])(folder)
    data = bytearray((folder / "in.db").read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle:middle + 4096] = bytes(b ^ 0xA5 for b in data[middle:middle + 4096])
    (folder / "in.db").write_bytes(data)


def cut_short(folder):
    db(TABLE, [(i, f"Ann Lee {i}") for i in range(1, 20_001)])(folder)
    data = (folder / "in.db").read_bytes()
    (folder / "in.db").write_bytes(data[:len(data) // 3])


def missing_function(folder):
    con = sqlite3.connect(folder / "in.db")
    con.create_function("secret", 1, lambda x: x, deterministic=True)
    con.executescript(TABLE + "CREATE VIEW v AS SELECT id, secret(name) AS name FROM t;")
    con.close()


def encrypted(folder):
    (folder / "in.db").write_bytes(bytes((i * 7919 >> 3) & 255 for i in range(8192)))


def loop(folder):
    (folder / "in.csv").symlink_to("in.csv")


CASES = [
    refuse(C, "no file matches the pattern", lambda d: None, 2, "no file matches", path="none*.csv"),
    refuse(C, "a folder in the pattern", lambda d: ((d / "a.csv").mkdir(), (d / "b.csv").write_bytes(ANN)), 2, "a.csv",
           "is a folder", path="*.csv"),
    refuse(C, "a FIFO", lambda d: os.mkfifo(d / "in.csv"), 2, "in.csv"),
    refuse(C, "a device", lambda d: (d / "in.csv").symlink_to("/dev/null"), 2, "in.csv"),
    refuse(C, "a socket", unix_socket, 2, "in.csv"),
    refuse(C, "a symbolic link to nowhere", lambda d: (d / "in.csv").symlink_to("none"), 2, "in.csv"),
    refuse(C, "a symbolic link to itself", loop, 2, "in.csv"),
    refuse(C, "gzip, truncated", PACKED[:len(PACKED) // 2], 1, "in.csv", "truncated at byte", "gzip -t"),
    refuse(C, "gzip, truncated within its first bytes", PACKED[:12], 1, "in.csv", "truncated"),
    refuse(C, "gzip, damaged", damaged(PACKED), 1, "in.csv", "damaged at byte", late=True),
    refuse(C, "gzip with garbage behind", gz(ANN) + b"garbage", 1, "in.csv",
           "what follows the compressed data is no gzip member"),
    refuse(C, "gzip whose second member is truncated", gz(ANN) + PACKED[:2000], 1, "in.csv", "truncated"),
    refuse(C, "gzip whose checksum is wrong", gz(ANN)[:-8] + b"\0\0\0\0" + gz(ANN)[-4:], 1, "in.csv", "damaged"),
    refuse(C, "Zstandard, truncated", zst(NOISE)[:-100_000], 1, "in.csv", "truncated", late=True),
    refuse(C, "Zstandard with garbage behind", zst(ANN) + b"garbage", 1, "in.csv", "damaged"),
    refuse(C, "Zstandard, damaged", zst(ANN)[:4] + b"\xff" + zst(ANN)[5:], 1, "in.csv", "damaged"),
    refuse(C, "Zstandard that needs a window of 2 GiB", struct.pack("<IBB", 0xFD2FB528, 0, 21 << 3) + struct.pack("<I",
        1 | len(ANN) << 3)[:3] + ANN, 1, "in.csv"),
    refuse(C, "UTF-16 without mark whose header is in another script, not pinned",
           "№,имя\n1,Анна\n".encode("utf-16-le"), 2, "in.csv", fields="{full_name: имя}", key="№"),
    refuse(C, "an Excel file named .csv", b"PK\x03\x04" + b"\0" * 100, 2, "a zip archive or an Excel file",
           "save the sheet as CSV"),
    refuse(C, "an old Excel file", b"\xd0\xcf\x11\xe0" + b"\0" * 100, 2, "an old Excel file"),
    refuse(C, "xz", b"\xfd7zXZ\0" + b"\0" * 100, 2, "an xz archive"),
    refuse(C, "bzip2", b"BZh91AY&SY" + b"\0" * 100, 2, "a bzip2 archive"),
    refuse(C, "a SQLite database as CSV", lambda d: (db(TABLE, [(1, "Ann")])(d), (d / "in.db").rename(d / "in.csv")), 2,
           "a SQLite database", "type sqlite"),
    refuse(C, "a header with a quote that does not close", b'id,"name\n1,Ann Lee\n', 2, "in.csv:1",
           "the header has a quote that is not closed"),
    refuse(C, "a header with text behind a quote", b'id,"na"me\n1,Ann Lee\n', 2, "in.csv:1",
           "text after a closing quote"),
    refuse(C, "a header that is not in the pinned encoding", b"id,name,gr\xf6sse\n1,Ann Lee,x\n", 2, "in.csv:1",
           "the header is not utf-8", options="encoding: utf-8"),
    refuse(C, "more than 65,536 columns", b",".join(b"c%d" % i for i in range(65_537)) + b"\n", 2, "65537 fields",
           key=None, fields="{full_name: c1}"),
    refuse(C, "no line end within 64 MiB", lambda d: (d / "in.csv").write_bytes(b"id,name\n" + b"x" * (66 << 20)), 1,
           "no record end within 64 MiB", late=True),
    refuse(C, "a mapped column that is missing", b"id,e_mail,naem\n1,x,y\n", 2, "'name'", "did you mean 'naem'",
           "plan.yaml:"),
    refuse(C, "the line `sep=;` of Excel above the header", b"sep=;\nid;name\n1;Ann Lee\n", 2, "'id'", "'name'",
           "sep="),
    refuse(C, "a second header in mid-file, in another column order", b"id,name\n1,Ann Lee\nname,id\nBob Ray,2\n", 1,
           "line 3", "another order", "split the file", late=True),
    refuse(C, "a mapped column in other case", b"id,Name\n1,x\n", 2, "'name'", "did you mean 'Name'"),
    refuse(C, "the key column is missing", b"name\nAnn Lee\n", 2, "'id'"),
    refuse(C, "a file of another layout, `unknown_layout: error`", {"a.csv": ANN, "b.csv": b"x;y\n5;6\n"}, 2, "b.csv",
           "fits none of the 2 layouts", "x, y", path="*.csv", fields="",
           options="layouts: [{fields: {full_name: name}}, {fields: {full_name: nom}}]"),
    refuse(C, "one file of many lacks a mapped column", {"a.csv": ANN, "b.csv": b"id,nom\n2,Bob\n"}, 2, "b.csv",
           "'name'", path="*.csv"),
    refuse(C, "the pinned delimiter is not the file's", ANN, 2, "'id'", options='delimiter: ";"'),
    refuse(C, "a delimiter of two characters", ANN, 2, "delimiter", options='delimiter: "||"'),
    refuse(C, "a quote as delimiter", ANN, 2, "delimiter", options="delimiter: '\"'"),
    refuse(C, "an encoding that is not known", ANN, 2, "encoding", options="encoding: utf-7"),
    refuse(C, "UTF-32", "id,name\n1,Ann Lee\n".encode("utf-32"), 2, "in.csv"),
    table("not a database", {"in.db": b"id,name\n1,Ann\n" * 100}, 2, "in.db", "is not a SQLite database"),
    table("a database that is encrypted", encrypted, 2, "in.db", "is not a SQLite database"),
    table("an empty file", {"in.db": b""}, 2, "in.db", "there is no table 't'"),
    table("a folder", lambda d: (d / "in.db").mkdir(), 2, "in.db", "is a folder"),
    table("no such file", lambda d: None, 2, "in.db"),
    table("a damaged page", corrupt, 1, "in.db", "malformed", ".recover", late=True),
    table("a file cut short", cut_short, 1, "in.db", "malformed"),
    table("a journal that a crashed program left", hot_journal, 1, "in.db"),
    table("no such table", db("CREATE TABLE contacts (id, name)"), 2, "there is no table 'contact'",
          "did you mean 'contacts'", options="table: contact"),
    table("no such column", db("CREATE TABLE t (id, nam)"), 2, "'name'", "did you mean 'nam'"),
    table("no such key column", db("CREATE TABLE t (nr, name)"), 2, "'id'"),
    table("a query that is no SELECT", db(TABLE), 2, "the query is not a SELECT", options='query: "DELETE FROM t"'),
    table("a query of two statements", db(TABLE), 2, "more than one statement",
          options='query: "SELECT 1 AS id; SELECT 2"'),
    table("a query with a mistake", db(TABLE), 2, "syntax error", options='query: "SELEC id, name FROM t"'),
    table("a query that names a column that is not there", db(TABLE), 2, "nam",
          options='query: "SELECT id, nam AS name FROM t"'),
    table("a query with a parameter", db(TABLE, [(1, "Ann")]), 2, "query",
          options='query: "SELECT id, name FROM t WHERE id = ?"'),
    table("a PRAGMA as query", db(TABLE), 2, "no column 'id'", options='query: "PRAGMA user_version"'),
    table("a view whose function is not there", missing_function, 2, "secret", options="table: v"),
    table("a virtual table whose module is not there", foreign, 2, "spatial_thing", options="table: geo"),
    table("a view over a table that is gone", db(TABLE + "CREATE VIEW v AS SELECT * FROM gone"), 2, "gone",
          options="table: v"),
    table("a CSV file as SQLite", {"in.db": ANN}, 2, "is not a SQLite database"),
]
