"""One nasty input and where each of its rows must go.

An entry is a small generator (bytes, or a function of the folder), a source of a plan, and the expectation: the rows that
are loaded with their exact values, the normalized values of some, the rows in quarantine with reason, line, byte offset
and bytes, or the error. Nothing here runs the tool; test_wild.py does, and prints the table of docs/sources.md.
"""
import dataclasses
import gzip
import hashlib
import struct
import typing


@dataclasses.dataclass(frozen=True)
class Reject:
    """A row in quarantine. `raw`: its bytes without the line end. Of a CSV file, `offset` is looked up in `data` (the
    unpacked text of the file) where it is not given, and the line is counted up to there."""
    reason: str
    raw: bytes
    key: str = ""
    offset: typing.Optional[int] = None
    file: typing.Optional[str] = None
    line: typing.Optional[int] = None
    times: int = 1  # so many rows alike; their offsets are the places of `raw` at the beginning of a line


@dataclasses.dataclass
class Wild:
    section: str
    what: str                     # what is odd about it, in the words of the table
    files: object                 # {name: bytes}, or a function(folder) that makes them; bytes alone: the file in.csv
    rows: tuple = ()              # loaded rows, exactly; CSV: texts; tables: None, int, float, str, bytes
    rejects: tuple = ()
    columns: typing.Optional[tuple] = ("id", "name")
    fields: str = "{full_name: name}"
    key: typing.Optional[str] = "id"
    keys: typing.Optional[tuple] = None   # source keys of `rows`, where they are not the text of the key column
    kind: str = "csv"
    path: str = ""                # default: in.csv; in.db
    options: str = ""             # further keys of the source, flow style
    text: typing.Optional[bytes] = None   # the file's text where it is not its bytes: unpacked, from UTF-16
    record: dict = dataclasses.field(default_factory=dict)  # source key -> {column of target.record: value}
    said: tuple = ()              # words that the findings of the input must hold
    skipped: int = 0              # rows of files that are skipped as duplicates of others
    again: int = 0                # loaded rows whose key another file of the source has too: unchanged, or history
    code: int = 0                 # exit code of an input that is refused
    error: tuple = ()             # words of the message
    big: bool = False             # megabytes: kept apart, so that the others stay quick
    late: bool = False            # only reading the whole file shows it: `validate` does not
    note: str = ""                # for the table: how the values come out
    by_file: dict = dataclasses.field(default_factory=dict)  # several layouts: file -> (columns, rows)

    def source(self, name, folder):
        path = self.path or ("in.db" if self.kind == "sqlite" else "in.csv")
        parts = [f"type: {self.kind}", f"path: {quote(f'{folder}/{path}')}"]
        if self.key:
            parts.append(f"key: {self.key}")
        if self.options:
            parts.append(self.options)
        if self.fields:
            parts.append(f"fields: {self.fields}")
        return f"  {name}: {{{', '.join(parts)}}}"

    def make(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        files = self.files
        if callable(files):
            files(folder)
            return
        for name, data in ({"in.csv": files} if isinstance(files, bytes) else files).items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def data(self):
        """The text of its one file, in which rejects are looked up."""
        if self.text is not None:
            return self.text
        if isinstance(self.files, bytes):
            return self.files
        assert isinstance(self.files, dict) and len(self.files) == 1, f"{self.what}: say where the rejects lie"
        return next(iter(self.files.values()))

    def quarantined(self):
        """{reason: rows}"""
        counts = {}
        for reject in self.rejects:
            counts[reject.reason] = counts.get(reject.reason, 0) + reject.times
        return counts

    def loaded(self):
        if self.rows is None:
            return len(self.keys)
        return len(self.rows) + sum(len(rows) for _, rows in self.by_file.values())


def quote(text):
    """A YAML scalar in double quotes."""
    out = "".join(f"\\x{ord(c):02x}" if ord(c) < 32 else f"\\{c}" if c in '"\\' else c for c in text)
    return f'"{out}"'.replace("${", "$${")


def line_of(data, offset):
    """The physical line, from 1, on which the byte lies: lines end with LF, CR LF, or CR."""
    before = data[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def starts_of(data, raw):
    """Offsets at which `raw` begins a physical line and ends it; the first line of the file is the header and counts not."""
    found, at = [], data.find(raw, 1)
    while at >= 0:
        if data[at - 1:at] in (b"\n", b"\r") and data[at + len(raw):at + len(raw) + 1] in (b"\n", b"\r", b""):
            found.append(at)
        at = data.find(raw, at + 1)
    return found


def position_key(data, row):
    """The key of a row of a CSV file without key column; `data`: the file as it lies."""
    return f"{hashlib.sha256(data).hexdigest()[:16]}#{row}"


def gz(data):
    return gzip.compress(data, mtime=0)


def zst(data, block=100_000):
    """A Zstandard frame of raw blocks (RFC 8878, 3.1.1): magic, header with the content's size in 8 bytes, blocks."""
    out = struct.pack("<IBQ", 0xFD2FB528, 0b11100000, len(data))
    blocks = [data[i:i + block] for i in range(0, len(data), block)] or [b""]
    for n, part in enumerate(blocks):
        out += struct.pack("<I", (n == len(blocks) - 1) | len(part) << 3)[:3] + part
    return out


def people(first, last):
    """Rows (id, name) that are harmless."""
    return tuple((str(i), f"Ann{'abcdefghij'[i % 10]} Lee") for i in range(first, last + 1))


def text_of(rows, delimiter=",", end="\n"):
    return "".join(delimiter.join(row) + end for row in rows)
