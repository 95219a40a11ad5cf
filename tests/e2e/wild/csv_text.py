"""CSV: how the bytes become lines of text: line ends, encodings, delimiters, packing."""
import gzip

from .case import Reject, Wild, gz, position_key, zst

S = "CSV: line ends, encodings, delimiters, packing"
ANN, BOB, CY = ("1", "Ann Lee"), ("2", "Bob Ray"), ("3", "Cy Orr")
THREE = (ANN, BOB, CY)
PLAIN = b"id,name\n1,Ann Lee\n2,Bob Ray\n3,Cy Orr\n"
ACCENTS = (("1", "José Núñez"), ("2", "Zoë Müller"), ("3", "Åse Çelik"))
ACCENT_TEXT = "id,name\n1,José Núñez\n2,Zoë Müller\n3,Åse Çelik\n"
SPLIT = {"1": {"first_name": "José", "last_name": "Núñez"}, "2": {"first_name": "Zoë", "last_name": "Müller"},
         "3": {"first_name": "Åse", "last_name": "Çelik"}}
MEMBERS = gz(b"id,name\n1,Ann Lee\n2,Bo") + gz(b"b Ray\n3,Cy Orr\n")

EMOJI_ROWS = tuple((str(i), "Ann Lee", "😀é" * 999 + "a" * (i % 7)) for i in range(1, 801))
EMOJI = ("id,name,note\n" + "".join(",".join(row) + "\r\n" for row in EMOJI_ROWS)).encode("utf-16")
LATE_ROWS = tuple((str(i), "Ann Lee", "x" * 60_000) for i in range(1, 21))
LATE = b"id,name,note\n" + b"".join(",".join(row).encode() + b"\n" for row in LATE_ROWS) + b"99,Jos\xe9,\n98,Bob Ray,\n"


def both(text):
    """Offsets in a UTF-16 file count in its UTF-8 text."""
    return {"files": text.encode("utf-16"), "text": text.encode()}


CASES = [
    Wild(S, "LF line ends", PLAIN, THREE, said=("delimiter ','",)),
    Wild(S, "CRLF line ends", PLAIN.replace(b"\n", b"\r\n"), THREE),
    Wild(S, "CR-only line ends (old Mac)", PLAIN.replace(b"\n", b"\r"), THREE),
    Wild(S, "CRLF, LF and CR mixed", b"id,name\r\n1,Ann Lee\n2,Bob Ray\r3,Cy Orr\r\n", THREE),
    Wild(S, "CR LF and CR mixed, broken row behind each", b"id,name\r\n1,Ann Lee\r2\r\n3,Cy Orr\r4,x,y\n", (ANN, CY),
         (Reject("too_few_fields", b"2", "2", line=3), Reject("too_many_fields", b"4,x,y", "4", line=5))),
    Wild(S, "last line without an end", PLAIN[:-1], THREE),
    Wild(S, "last line ends with CR alone", PLAIN[:-1] + b"\r", THREE),
    Wild(S, "UTF-8 with byte order mark", b"\xef\xbb\xbf" + PLAIN + b"4\n", THREE,
         (Reject("too_few_fields", b"4", "4"),),
         said=("UTF-8 byte order mark",), note="the mark is no part of the first column's name"),
    Wild(S, "UTF-16 little-endian with mark", both(ACCENT_TEXT)["files"], ACCENTS, record=SPLIT,
         said=("UTF-16 little-endian",)),
    Wild(S, "UTF-16 big-endian with mark", b"\xfe\xff" + ACCENT_TEXT.encode("utf-16-be"), ACCENTS, record=SPLIT,
         said=("UTF-16 big-endian",)),
    Wild(S, "UTF-16 little-endian without mark", ACCENT_TEXT.encode("utf-16-le"), ACCENTS, said=("by its zero bytes",)),
    Wild(S, "UTF-16 big-endian without mark", ACCENT_TEXT.encode("utf-16-be"), ACCENTS, said=("by its zero bytes",)),
    Wild(S, "UTF-16, header in another script, `encoding: utf-16`", "№,имя\n1,Анна Ли\n".encode("utf-16-le"),
         (("1", "Анна Ли"),),
         columns=("№", "имя"), key="№", fields="{full_name: имя}", options="encoding: utf-16", said=("declared",)),
    Wild(S, "UTF-16 with emoji (surrogate pairs)", both("id,name\n1,Ann 😀 Lee\n")["files"], (("1", "Ann 😀 Lee"),)),
    Wild(S, "UTF-16 with a lone surrogate in one row", "id,name\n1,Ann Lee\n2,B".encode("utf-16-le") + b"\x00\xd8" +
         "b\n3,Cy Orr\n".encode("utf-16-le"), (ANN, CY), (Reject("undecodable_bytes", b"2,B\xed\xa0\x80b", "2"),),
         text=b"id,name\n1,Ann Lee\n2,B\xed\xa0\x80b\n3,Cy Orr\n"),
    Wild(S, "UTF-16 with an odd last byte", "id,name\n1,Ann Lee\n2,Bob".encode("utf-16-le") + b"x", (ANN,),
         (Reject("undecodable_bytes", b"2,Bob\xff", "2"),), text=b"id,name\n1,Ann Lee\n2,Bob\xff"),
    Wild(S, "UTF-16 with CRLF and a ragged row", both("id,name\r\n1,Ann Lee\r\n2\r\n")["files"], (ANN,),
         (Reject("too_few_fields", b"2", "2"),), text=b"id,name\r\n1,Ann Lee\r\n2\r\n",
         note="offsets count in its UTF-8 form"),
    Wild(S, "UTF-16, 5 MB with emoji, gzip of three members",
         gz(EMOJI[:1_000_001]) + gz(EMOJI[1_000_001:3_000_000]) + gz(EMOJI[3_000_000:]), EMOJI_ROWS, columns=("id",
             "name", "note"), big=True),
    Wild(S, "UTF-8 mark before a quoted header", b'\xef\xbb\xbf"id","name"\n"1","Ann Lee"\n', (ANN,)),
    Wild(S, "UTF-16, gzipped", gz(ACCENT_TEXT.encode("utf-16")), ACCENTS, said=("gzip", "UTF-16")),
    Wild(S, "Latin-1, found", ACCENT_TEXT.encode("latin-1"), ACCENTS, record=SPLIT, said=("encoding windows-1252",),
         note="read as windows-1252, which is the same for all printable characters"),
    Wild(S, "Latin-1, `encoding: latin-1`", ACCENT_TEXT.encode("latin-1") + b"4,\x80\x9f\n",
         ACCENTS + (("4", "\x80\x9f"),),
         options="encoding: latin-1", said=("declared",)),
    Wild(S, "windows-1252 with € and curly quotes", "id,name\n1,“Ann” O’Neil €\n".encode("cp1252"),
         (("1", "“Ann” O’Neil €"),),
         said=("encoding windows-1252",)),
    Wild(S, "windows-1252 with a byte that it does not define", b"id,name\n1,Jos\xe9 Lee\n2,Bo\x81b\n",
         (("1", "José Lee"),),
         (Reject("undecodable_bytes", b"2,Bo\x81b", "2"),)),
    Wild(S, "UTF-8 with one Latin-1 row",
         "id,name\n1,José Núñez\n2,Zoë Müller\n".encode() + b"3,Jos\xe9\n4,\xc5se\xff Lee\n",
         ACCENTS[:2], (Reject("undecodable_bytes", b"3,Jos\xe9", "3"), Reject("undecodable_bytes", b"4,\xc5se\xff Lee",
             "4")),
         said=("encoding utf-8",)),
    Wild(S, "as many broken as good characters", "id,name\n1,José\n".encode() + b"2,Jos\xe9\n", (("1", "JosÃ©"),
        ("2", "José")),
         said=("encoding windows-1252", "1 multi-byte"), note="one of each: windows-1252, and said; pin `encoding`"),
    Wild(S, "ASCII for more than 1 MiB, then Latin-1", LATE, LATE_ROWS + (("98", "Bob Ray", ""),),
         (Reject("undecodable_bytes", b"99,Jos\xe9,", "99"),), columns=("id", "name", "note"),
         said=("ASCII",), big=True, note="the first MiB decides; pin `encoding`"),
    Wild(S, "UTF-8 pinned against a Latin-1 file", b"id,name\n1,Jos\xe9\n2,Bob Ray\n", (BOB,),
         (Reject("undecodable_bytes", b"1,Jos\xe9", "1"),), options="encoding: utf-8"),
    Wild(S, "Latin-1 pinned against a UTF-8 mark", b"\xef\xbb\xbf" + ACCENT_TEXT.encode(), ACCENTS,
         options="encoding: latin-1",
         said=("the declared encoding latin-1 is not used",), note="the mark settles it"),
    Wild(S, "overlong and surrogate UTF-8", b"id,name\n1,Ann Lee\n2,\xc0\xafx\n3,\xed\xa0\x80y\n4,\xf4\x90\x80\x80\n",
         (ANN,),
         (Reject("undecodable_bytes", b"2,\xc0\xafx", "2"), Reject("undecodable_bytes", b"3,\xed\xa0\x80y", "3"),
          Reject("undecodable_bytes", b"4,\xf4\x90\x80\x80", "4")), options="encoding: utf-8"),
    Wild(S, "text that was encoded to UTF-8 twice", "id,name\n1,José Núñez\n".encode().decode("cp1252").encode("utf-8"),
         (("1", "JosÃ© NÃºÃ±ez"),), record={"1": {"first_name": "José", "last_name": "Núñez"}},
         note="kept as read; repaired when normalized"),
    Wild(S, "tab as delimiter", PLAIN.replace(b",", b"\t"), THREE, said=("delimiter TAB",)),
    Wild(S, "; as delimiter", PLAIN.replace(b",", b";"), THREE, said=("delimiter ';'",)),
    Wild(S, "| as delimiter", PLAIN.replace(b",", b"|"), THREE, said=("delimiter '|'",)),
    Wild(S, "^ as delimiter, pinned", PLAIN.replace(b",", b"^"), THREE, options='delimiter: "^"'),
    Wild(S, "0x1F (unit separator) as delimiter, pinned", PLAIN.replace(b",", b"\x1f"), THREE,
         options='delimiter: "\\x1f"'),
    Wild(S, "~ as delimiter, pinned, commas in the names", b"id~name\n1~Lee, Ann\n", (("1", "Lee, Ann"),),
         options='delimiter: "~"',
         record={"1": {"first_name": "Ann", "last_name": "Lee"}}),
    Wild(S, "^ as delimiter, not pinned", PLAIN.replace(b",", b"^"), (("1^Ann Lee",), ("2^Bob Ray",), ("3^Cy Orr",)),
         columns=("id^name",), key=None, keys=tuple(position_key(PLAIN.replace(b",", b"^"), n) for n in (1, 2, 3)),
         fields="{full_name: id^name}", said=("one column",), note="only , ; TAB | are looked for"),
    Wild(S, "`;` pinned, the file has commas", b"id,name;note\n1,Ann Lee;x\n", (("1,Ann Lee", "x"),),
         columns=("id,name", "note"),
         key='"id,name"', fields='{full_name: "id,name"}', options='delimiter: ";"'),
    Wild(S, "decimal commas with ; as delimiter", b"id;name;paid\n1;Ann Lee;12,50\n2;Bob Ray;1.003,00\n3;Cy Orr;7,5\n",
         (("1", "Ann Lee", "12,50"), ("2", "Bob Ray", "1.003,00"), ("3", "Cy Orr", "7,5")), columns=("id", "name",
             "paid")),
    Wild(S, "both , and ; in every line", b"id;name;note\n1;Lee, Ann;a,b\n2;Ray, Bob;c,d\n",
         (("1", "Lee, Ann", "a,b"), ("2", "Ray, Bob", "c,d")), columns=("id", "name", "note"), said=("delimiter ';'",),
         record={"1": {"first_name": "Ann", "last_name": "Lee"}}),
    Wild(S, "blanks behind every comma", b"id, name\n1, Ann Lee\n", (("1", " Ann Lee"),),
         record={"1": {"first_name": "Ann", "last_name": "Lee"}}, note="names of columns are trimmed, values kept"),
    Wild(S, "gzip", gz(PLAIN), THREE, said=("gzip",)),
    Wild(S, "gzip without .gz in its name", {"in.csv": gz(PLAIN)}, THREE, said=("magic bytes 1f 8b",)),
    Wild(S, "plain text named .gz", {"in.csv.gz": PLAIN}, THREE, path="in.csv.gz"),
    Wild(S, "gzip of several members, cut in mid-row", MEMBERS, THREE),
    Wild(S, "gzip with an empty member and zeros behind", gz(PLAIN) + gz(b"") + b"\0" * 512, THREE),
    Wild(S, "gzip with a name and comment in its header",
         gzip.compress(b"")[:3] + b"\x18" + b"\0" * 6 + b"in.csv\0made by x\0" +
         gzip.compress(PLAIN)[10:], THREE),
    Wild(S, "gzip with a ragged row", gz(PLAIN + b"4\n"), THREE, (Reject("too_few_fields", b"4", "4"),),
         text=PLAIN + b"4\n",
         note="line and offset count in the unpacked file"),
    Wild(S, "gzip of an empty file", gz(b""), (), columns=None),
    Wild(S, "Zstandard", zst(PLAIN), THREE, said=("zstd",)),
    Wild(S, "Zstandard of several frames, cut in mid-row", zst(PLAIN[:23]) + zst(PLAIN[23:]), THREE),
    Wild(S, "Zstandard with a skippable frame behind", zst(PLAIN) + b"\x50\x2a\x4d\x18\x04\0\0\0abcd", THREE),
]
