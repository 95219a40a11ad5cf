"""CSV: which files a source is: names, patterns, links, duplicates, layouts."""
import os
import pathlib

from .case import Reject, Wild, gz, people, position_key

F = "CSV: files and patterns"
L = "CSV: layouts"
ANN, BOB, CY = ("1", "Ann Lee"), ("2", "Bob Ray"), ("3", "Cy Orr")


def one(row):
    return ("id,name\n" + ",".join(row) + "\n").encode()


def linked(folder):
    (folder / "real.dat").write_bytes(one(ANN))
    (folder / "in.csv").symlink_to("real.dat")
    (folder / "more").mkdir()
    (folder / "more" / "in2.csv").write_bytes(one(BOB))
    (folder / "link").symlink_to("more")


def hard_links(folder):
    (folder / "a.csv").write_bytes(one(ANN))
    os.link(folder / "a.csv", folder / "b.csv")
    (folder / "c.csv").symlink_to("a.csv")


GERMAN = "Nr;Vorname;Nachname\n7;Jürgen;Groß\n".encode("latin-1")
TWO_LAYOUTS = ("layouts: [{fields: {first_name: Vorname, last_name: Nachname}, delimiter: \";\", encoding: latin-1}, "
               "{fields: {full_name: name}}]")

CASES = [
    Wild(F, "blanks, quotes, & and $ in the name", {"my file & 'co' $x.csv": one(ANN)}, (ANN,),
         path="my file & 'co' $x.csv"),
    Wild(F, "Unicode in the name", {"Größe 名前 😀.csv": one(ANN)}, (ANN,), path="Größe 名前 😀.csv"),
    Wild(F, "a name with [, *, ? (escaped in the pattern)", {"a[1]*?.csv": one(ANN), "a1xx.csv": b"other\n"}, (ANN,),
         path="a\\[1]\\*\\?.csv"),
    Wild(F, "a line end in the name", {"in\nnew.csv": one(ANN) + b"9\n"}, (ANN,),
         (Reject("too_few_fields", b"9", "9", file="in\nnew.csv", line=3, offset=18),), path="in?new.csv"),
    Wild(F, "bytes in the name that are not UTF-8",
         lambda d: pathlib.Path(os.fsdecode(os.fsencode(d) + b"/in\xff.csv")).write_bytes(one(ANN)), (ANN,),
         path="in*.csv"),
    Wild(F, "a name that begins with -", {"--help.csv": one(ANN)}, (ANN,), path="*.csv"),
    Wild(F, "several files by one pattern, packed and not", {"c1.csv": one(ANN), "c2.csv.gz": gz(one(BOB)),
        "c3.csv": one(CY)[:-1]}, (ANN, BOB, CY), path="c*.csv*"),
    Wild(F, "an empty and a header-only file among others", {"a.csv": b"", "b.csv": b"id,name\n", "c.csv": one(ANN)},
         (ANN,), path="*.csv"),
    Wild(F, "files of one source in other column order", {"a.csv": one(ANN), "b.csv": b"name,id\nBob Ray,2\n"},
         path="*.csv", columns=None,
         by_file={"a.csv": (("id", "name"), (ANN,)), "b.csv": (("name", "id"), (("Bob Ray", "2"),))},
         record={"1": {"first_name": "Ann", "last_name": "Lee"}, "2": {"first_name": "Bob", "last_name": "Ray"}},
         note="columns go by name"),
    Wild(F, "files of one source, one with more columns", {"a.csv": one(ANN), "b.csv": b"id,nick,name\n2,x,Bob Ray\n"},
         path="*.csv", columns=None,
         by_file={"a.csv": (("id", "name"), (ANN,)), "b.csv": (("id", "nick", "name"), (("2", "x", "Bob Ray"),))}),
    Wild(F, "files of one source in other encodings and delimiters", {"a.csv": "id,name\n1,José Lee\n".encode(),
        "b.csv": "id;name\r\n2;José Ray\r\n".encode("latin-1"),
         "c.csv": "id\tname\n3\tJosé Orr\n".encode("utf-16")}, (("1", "José Lee"), ("2", "José Ray"),
             ("3", "José Orr")), path="*.csv"),
    Wild(F, "the same file twice under two names", {"a.csv": one(ANN), "b.csv": one(ANN)}, (ANN,), path="*.csv",
         skipped=1, note="read once; the second is named as a duplicate"),
    Wild(F, "hard link and symbolic link to one file", hard_links, (ANN,), path="*.csv", skipped=2),
    Wild(F, "a symbolic link, and a folder behind one", linked, (ANN,), path="in.csv"),
    Wild(F, "a pattern through a linked folder", linked, (BOB,), path="link/*.csv"),
    Wild(F, "the same rows packed and not", {"a.csv": one(ANN), "a.csv.gz": gz(one(ANN))}, (ANN,), path="a.csv*",
         again=1, note="two contents, one key: unchanged by the second"),
    Wild(F, "the same rows packed and not, no key column", {"a.csv": one(ANN), "a.csv.gz": gz(one(ANN))}, (ANN, ANN),
         path="a.csv*", key=None,
         keys=(position_key(one(ANN), 1), position_key(gz(one(ANN)), 1)),
         note="two records of one person: give the source a key"),
    Wild(F, "a key in two files of one source", {"a.csv": b"id,name,at\n1,Ann Lee,2024-05-01\n",
                                                 "b.csv": b"id,name,at\n1,Ann Ray,2024-01-01\n"},
                                                 (("1", "Ann Lee", "2024-05-01"),),
         path="*.csv", again=1, columns=("id", "name", "at"), fields="{full_name: name, updated_at: at}",
         note="the newer by `updated_at` is current, the other is history"),
    Wild(F, "300 files by one pattern", {f"p{i:03}.csv": one(people(i, i)[0]) for i in range(1, 301)}, people(1, 300),
         path="p*.csv"),
    Wild(L, "two layouts by one pattern", {"a.csv": GERMAN, "b.csv": one(ANN)}, fields="", key=None, path="*.csv",
         options=TWO_LAYOUTS, columns=None,
         by_file={"a.csv": (("Nr", "Vorname", "Nachname"), (("7", "Jürgen", "Groß"),)), "b.csv": (("id", "name"),
             (ANN,))},
         keys=(position_key(GERMAN, 1), position_key(one(ANN), 1)),
         record={position_key(GERMAN, 1): {"first_name": "Jürgen", "last_name": "Groß"}}),
    Wild(L, "unknown layout, `unknown_layout: quarantine`", {"a.csv": one(ANN), "b.csv": b"x;y\n5;6\n7\n"}, (ANN,),
         path="*.csv", options="unknown_layout: quarantine", columns=None,
         rejects=(Reject("unknown_layout", b"5;6", position_key(b"x;y\n5;6\n7\n", 1), offset=4, file="b.csv", line=2),
                  Reject("too_few_fields", b"7", position_key(b"x;y\n5;6\n7\n", 2), offset=8, file="b.csv", line=3)),
         by_file={"a.csv": (("id", "name"), (ANN,))}, note="rows wait with their bytes"),
]
CASES[-1].rows = ()
