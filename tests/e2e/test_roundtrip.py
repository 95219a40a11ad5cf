"""Whatever a source holds, `export source` gives exactly that back, and ids and digests are what Python computes."""
import base64
import json
import random
import struct
import unittest

from common import Case, parse_csv, payload, record_id, row_sha256

PIECES = ["", "a", "Ann", "O'Brien", ",", ";", "\t", '"', '""', "\n", "\r\n", "\r", " ", "  x ", "\\", "\\n", "é", "ß", "日本", "😀",
          "\u2028", "\u00a0", "\ufeff", "0", "007", "-1.50", "1e5", "NULL", "null", "true", "=1+1", "\x01", "\x1f", "\x7f", "{", "]", "%s"]
HEADER = ["id", "name", "note", "more, \"quoted\"", "z"]


def cells(rng, columns):
    return ["".join(rng.choice(PIECES) for _ in range(rng.randrange(5))) for _ in range(columns)]


def quoted(value, delimiter, always):
    """As RFC 4180 has it; csv.writer leaves a lone CR bare where lines end with LF."""
    need = always or any(c in value for c in (delimiter, '"', "\r", "\n"))
    return '"' + value.replace('"', '""') + '"' if need else value


def plain(row):
    return [f"base64:{base64.b64encode(v).decode()}" if isinstance(v, bytes) else v for v in row]


class RoundTrip(Case):
    def assert_digests(self, source, rows):
        """rows: source_key -> payload bytes"""
        stored = self.p.query("SELECT source_key, record_id, payload, row_sha256 FROM record JOIN source USING (source_id) WHERE name = ?", source)
        self.assertEqual({k for k, *_ in stored}, set(rows))
        for key, rid, data, digest in stored:
            self.assertEqual((rid, bytes(data), bytes(digest)), (record_id(source, key), rows[key], row_sha256(source, key, rows[key])))

    def test_csv_in_every_dialect(self):
        rng = random.Random(51)
        plan, expected = [], {}
        for n, (encoding, delimiter, line_end, all_quoted) in enumerate(
                [(e, d, l, q) for e in ("utf-8", "utf-8-sig", "utf-16") for d in (",", ";", "\t", "|") for l in ("\n", "\r\n")
                 for q in (False, True)]):
            name = f"s{n}"
            rows = [[f"k{i}", *cells(rng, 4)] for i in range(40)]
            text = line_end.join(delimiter.join(quoted(v, delimiter, all_quoted) for v in row) for row in [HEADER, *rows]) + line_end
            self.p.write(f"{name}.csv", text.encode(encoding))
            shown = "\\t" if delimiter == "\t" else delimiter
            plan.append(f'  {name}: {{type: csv, path: {name}.csv, key: id, delimiter: "{shown}", encoding: {encoding.replace("-sig", "")}, '
                        f'fields: {{full_name: name}}}}')
            expected[name] = rows
        self.p.plan("\n".join(plan))
        self.p.run(expect=0)
        for name, rows in expected.items():
            with self.subTest(plan[int(name[1:])]):
                header, exported = parse_csv(self.p.export_text("source", "--name", name))
                self.assertEqual(header, HEADER)
                self.assertEqual([list(r.values()) for r in exported], sorted(rows, key=lambda r: r[0].encode()))
                self.assert_digests(name, {r[0]: payload(r) for r in rows})

    def test_single_byte_encodings(self):
        for encoding, name in (("latin-1", "latin-1"), ("cp1252", "windows-1252")):
            undefined = b"\x81\x8d\x8f\x90\x9d" if encoding == "cp1252" else b""
            every = bytes(b for b in range(1, 256) if b not in b'",\r\n' + undefined).decode(encoding)
            self.p.write("a.csv", f"id,name\n1,{every}\n".encode(encoding))
            self.p.plan(f"  a: {{type: csv, path: a.csv, key: id, delimiter: \",\", encoding: {name}, fields: {{full_name: name}}}}")
            with self.subTest(encoding):
                self.p.run(expect=0, out=encoding)
                self.assertEqual(self.p.export("source", "--name", "a", out=encoding), [{"id": "1", "name": every}])

    def test_blank_lines_and_a_missing_last_line_end(self):
        self.p.write("a.csv", "\n\nid,name\n\n1,Ann\n\r\n2,Bob\n\n3,Cy")
        self.p.plan("  a: {type: csv, path: a.csv, key: id, fields: {full_name: name}}")
        self.p.run(expect=0)
        self.assertEqual(self.p.export("source", "--name", "a"), [{"id": str(i), "name": n} for i, n in ((1, "Ann"), (2, "Bob"), (3, "Cy"))])

    def test_a_nul_byte_loses_nothing(self):
        data = b"id,name,note\n1,Ann,x\n2,Bo\x00b,y\n3,Cy,z\n"
        self.p.write("a.csv", data)
        self.p.plan("  a: {type: csv, path: a.csv, key: id, fields: {full_name: name}}")
        self.p.run()
        loaded = {r["source_key"] for r in self.p.export("links")}
        rejected = {base64.b64decode(r["raw_base64"]) for r in self.p.export("rejects")}
        self.assertEqual(len(loaded) + len(rejected), 3)
        self.assertTrue({"1", "3"} <= loaded)
        if "2" in loaded:
            self.assertIn(b"\\u0000", bytes(self.p.query("SELECT payload FROM record WHERE source_key = '2'")[0][0]))
        else:
            self.assertEqual(rejected, {b"2,Bo\x00b,y"})

    def test_sqlite_values_of_every_type_in_any_column(self):
        rng = random.Random(52)

        def value():
            return rng.choice([
                lambda: None, lambda: rng.randrange(-2**63, 2**63), lambda: rng.choice([0, 1, -1, 2**63 - 1, -2**63]),
                lambda: struct.unpack("d", rng.randbytes(8))[0], lambda: rng.choice([0.0, 1.0, 1e22, 1e21, 123456789012345680.0, 5e-324, 0.1, 1e16, 1e15]),
                lambda: rng.randbytes(rng.randrange(20)), lambda: "".join(cells(rng, 2)), lambda: ""])()
        rows = []
        for i in range(600):
            row = [i, *(value() for _ in range(4))]
            if not any(isinstance(v, float) and (v != v or v in (float("inf"), float("-inf"))) for v in row):
                rows.append(tuple(row))
        self.p.sqlite("old.db", "CREATE TABLE t (id, a, b, c, d)", "t", rows)
        self.p.plan("  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: a, phone: [b, c]}}")
        self.p.run(expect=0)
        stored = {k: bytes(data) for k, data in self.p.query("SELECT source_key, payload FROM record")}
        for row in rows:
            back = json.loads(stored[str(row[0])])
            back = [base64.b64decode(v["base64"]) if isinstance(v, dict) else v for v in back]
            self.assertEqual([(type(v), v) for v in back], [(type(v), v) for v in row])
        exported = parse_csv(self.p.export_text("source", "--name", "t"))[1]
        by_key = {r["id"]: list(r.values()) for r in exported}
        for row in rows:
            for shown, v in zip(by_key[str(row[0])], row):
                if isinstance(v, float):
                    self.assertEqual(float(shown), v)
                else:
                    self.assertEqual(shown, "" if v is None else plain([v])[0] if isinstance(v, bytes) else str(v))

    def test_sqlite_infinity_and_text_that_is_none(self):
        self.p.sqlite("old.db", "CREATE TABLE t (id, a); INSERT INTO t VALUES (1, 9e999), (2, -9e999), (3, CAST(x'ff41' AS TEXT));")
        self.p.plan("  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: a}}")
        self.p.run()
        stored = {k: bytes(data) for k, data in self.p.query("SELECT source_key, payload FROM record")}
        self.assertEqual(stored, {"1": b'[1,{"real":"inf"}]', "2": b'[2,{"real":"-inf"}]', "3": b'[3,{"base64":"/0E="}]'})

    def test_broken_rows_of_many_kinds_are_all_accounted_for(self):
        rng = random.Random(53)
        good, lines = {}, [b"id,name,note"]
        for i in range(3000):
            kind = rng.randrange(12)
            if kind == 0:
                lines.append(b"s%d,short" % i)
            elif kind == 1:
                lines.append(b"l%d,too,many,fields" % i)
            elif kind == 2:
                lines.append(b"u%d,\xff\xfe,x" % i)
            elif kind == 3:
                lines.append(b'q%d,"closed"text,x' % i)
            elif kind == 4:
                lines.append(b",no key,x")
            else:
                row = [f"g{i}", f"Name {i}", "two\nlines" if kind == 5 else "x"]
                good[row[0]] = payload(row)
                lines.append(",".join(f'"{v}"' if "\n" in v else v for v in row).encode())
        data = b"\n".join(lines) + b"\n"
        self.p.write("a.csv", data)
        self.p.plan("  a: {type: csv, path: a.csv, key: id, encoding: utf-8, fields: {full_name: name}}")
        flow = self.p.run("--json", expect=3).json()["flow"]
        self.assertEqual(flow["counted"], 3000)
        self.assert_digests("a", good)
        rejects = self.p.export("rejects")
        self.assertEqual(len(rejects) + len(good), 3000)
        for r in rejects:
            raw = base64.b64decode(r["raw_base64"])
            self.assertEqual(data[int(r["byte_offset"]):][:len(raw)], raw)
            self.assertEqual(data[:int(r["byte_offset"])].count(b"\n") + 1, int(r["line"]))
        reasons = {r["reason"] for r in rejects}
        self.assertEqual(reasons, {"too_few_fields", "too_many_fields", "undecodable_bytes", "bad_quote", "null_key"})


if __name__ == "__main__":
    unittest.main()
