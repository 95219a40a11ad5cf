"""Messages word for word, with the place they name: what was done, what is said. docs/messages.md is made of these."""
import gzip
import unittest

from common import Case

GOOD = '  a: {type: csv, path: "a*.csv*", key: id, fields: {full_name: name}}'
TABLE = '  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}'
ROWS = 'id,name\n1,Ann Lee\n2,Bob Ray\n'
DATA = 'Inputs: files and tables'
RUN = 'Runs, target and workspace'
USAGE = 'Command line'
QUARANTINE = 'Rows in quarantine: place, reason, detail'

# (section, what it means, what is made beforehand, command, exit code, stderr); /data stands for the project's folder.
CASES = [
    (DATA, 'no file matches the pattern of a CSV source', lambda p: (p.plan(GOOD),),
     'run plan.yaml', 2, """\
plan.yaml:5:24: error: source a: no file matches /data/a*.csv*
  a: {type: csv, path: "a*.csv*", key: id, fields: {full_name: name}}
                       ^
  expected the path of a CSV file, or a pattern; it starts at the folder of the plan
"""),
    (DATA, 'a pattern names a folder', lambda p: (p.path('a.csv').mkdir(), p.plan(GOOD),),
     'run plan.yaml', 2, """\
plan.yaml:5:24: error: /data/a.csv: is a folder, not a file (a file, or a pattern such as folder/*.csv)
  a: {type: csv, path: "a*.csv*", key: id, fields: {full_name: name}}
                       ^
"""),
    (DATA, "a mapped column or key column is not in the file's header; each is named with its place in the plan", lambda p: (p.write('a.csv', 'nr,name\n1,Ann\n'), p.plan(GOOD),),
     'run plan.yaml', 2, """\
plan.yaml:5:40: error: a.csv: source 'a' has no column 'id'
  a: {type: csv, path: "a*.csv*", key: id, fields: {full_name: name}}
                                       ^
  expected one of 'nr', 'name'
"""),
    (DATA, 'a mapped column is not in the table', lambda p: (p.sqlite('old.db', 'CREATE TABLE t (id, nam)'), p.plan(TABLE),),
     'run plan.yaml', 2, """\
plan.yaml:5:74: error: source 't' has no column 'name'
  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}
                                                                         ^
  expected one of 'id', 'nam'; did you mean 'nam'?
"""),
    (DATA, 'the SQLite file is not there', lambda p: (p.plan(TABLE),),
     'run plan.yaml', 2, """\
plan.yaml:5:27: error: /data/old.db: cannot open: No such file or directory (check the path)
  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}
                          ^
"""),
    (DATA, 'the file is something else than a SQLite database', lambda p: (p.write('old.db', 'id,name\n' * 200), p.plan(TABLE),),
     'run plan.yaml', 2, """\
plan.yaml:5:27: error: /data/old.db: is not a SQLite database (check the path, or the type of the source)
  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}
                          ^
"""),
    (DATA, 'the table is not there', lambda p: (p.sqlite('old.db', 'CREATE TABLE tt (id, name)'), p.plan(TABLE),),
     'run plan.yaml', 2, """\
plan.yaml:5:42: error: /data/old.db: there is no table 't' (did you mean 'tt'?) (its tables and views are: tt)
  t: {type: sqlite, path: old.db, table: t, key: id, fields: {full_name: name}}
                                         ^
"""),
    (DATA, 'the query is not SQL', lambda p: (p.sqlite('old.db', 'CREATE TABLE t (id, name)'), p.plan(TABLE.replace('table: t', 'query: SELEC id FROM t')),),
     'run plan.yaml', 2, """\
plan.yaml:5:42: error: /data/old.db: query: near "SELEC": syntax error
  t: {type: sqlite, path: old.db, query: SELEC id FROM t, key: id, fields: {full_name: name}}
                                         ^
"""),
    (DATA, 'the query would change the source', lambda p: (p.sqlite('old.db', 'CREATE TABLE t (id, name)'), p.plan(TABLE.replace('table: t', 'query: DELETE FROM t')),),
     'run plan.yaml', 2, """\
plan.yaml:5:42: error: /data/old.db: the query is not a SELECT
  t: {type: sqlite, path: old.db, query: DELETE FROM t, key: id, fields: {full_name: name}}
                                         ^
"""),
    (DATA, 'a packed file ends too early', lambda p: (p.write('a.csv.gz', gzip.compress(ROWS.encode() * 5000, mtime=0)[:200]), p.plan(GOOD),),
     'run plan.yaml', 1, """\
migrate: error: /data/a.csv.gz: truncated at byte 200 of the archive: the file ends within compressed data
  fetch the file again, or test it with gzip -t or zstd -t
"""),
    (DATA, 'a file is of another kind than CSV', lambda p: (p.write('a.csv', b'PK\x03\x04' + b'x' * 100), p.plan(GOOD),),
     'run plan.yaml', 2, """\
plan.yaml:5:24: error: /data/a.csv: is a zip archive or an Excel file, not a CSV file (unpack it, or save the sheet as CSV)
  a: {type: csv, path: "a*.csv*", key: id, fields: {full_name: name}}
                       ^
"""),
    (DATA, 'the header itself cannot be read', lambda p: (p.write('a.csv', 'id,"name\n1,Ann\n'), p.plan(GOOD),),
     'run plan.yaml', 2, """\
plan.yaml:5:24: error: /data/a.csv:1: the header has a quote that is not closed, or text after a closing quote (mend the first line of the file)
  a: {type: csv, path: "a*.csv*", key: id, fields: {full_name: name}}
                       ^
"""),
    (DATA, "a file's header fits none of the plan's layouts", lambda p: (p.write('a.csv', 'nr;naam\n1;Ann\n'), p.plan('  a: {type: csv, path: a.csv, layouts: [{fields: {full_name: name}}, {fields: {full_name: nom}}]}'),),
     'run plan.yaml', 2, """\
plan.yaml:5:24: error: /data/a.csv: its header fits none of the 2 layouts of source a
  a: {type: csv, path: a.csv, layouts: [{fields: {full_name: name}}, {fields: {full_name: nom}}]}
                       ^
  expected a layout whose mapped columns are among: nr, naam; or unknown_layout: quarantine
"""),
    (DATA, 'the plan pins another encoding than the file can be read in', lambda p: (p.write('a.csv', b'id,n\xe9\n1,Ann\n'), p.plan(GOOD.replace('path:', 'encoding: utf-8, path:').replace('name}', '\u00e9}')),),
     'run plan.yaml', 2, """\
plan.yaml:5:41: error: /data/a.csv:1: the header is not utf-8 (byte E9 at byte 4 of the file) (set the encoding of the source in the plan)
  a: {type: csv, encoding: utf-8, path: "a*.csv*", key: id, fields: {full_name: é}}
                                        ^
"""),
    (RUN, 'reading commands find no target', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD),),
     'export links plan.yaml', 2, """\
migrate: error: /data/out/people.db: the target is not there: nothing has been loaded yet
  migrate run /data/plan.yaml
"""),
    (RUN, 'there is no report yet', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD),),
     'report plan.yaml', 2, """\
migrate: error: /data/out/ws/reports: no import has left a report here
  each import leaves one when it ends; `migrate imports list` shows the imports of the target
"""),
    (RUN, 'a stage is asked for before anything was loaded', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD),),
     'run plan.yaml --stage dedupe --quiet', 2, """\
migrate: error: /data/out/people.db: the target is not there: nothing has been loaded yet
  run without --stage
"""),
    (RUN, 'a stage is asked for whose input is not there', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD),),
     'run plan.yaml --stage load --quiet', 2, """\
migrate: error: load: the stage extract has not finished for these inputs
  run without --stage, or with --from extract
"""),
    (RUN, "the target's file is a database that this tool did not make; it is left alone", lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.path('out').mkdir(), p.sqlite('out/people.db', 'CREATE TABLE orders (id)'),),
     'run plan.yaml', 2, """\
migrate: error: /data/out/people.db: holds tables that this tool did not make; it is not used as a target
  name another file in target.url, or move that database away
"""),
    (RUN, "the target's file is no database", lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.write('out/people.db', 'a letter\n' * 500),),
     'run plan.yaml', 2, """\
migrate: error: /data/out/people.db: cannot open: file is not a database
  name a SQLite database, or move that file away
"""),
    (RUN, 'there is no such import to take back', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'rollback plan.yaml 7', 2, """\
migrate: error: there is no import 7
  `migrate imports list` shows the imports
"""),
    (RUN, 'the import was taken back before', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0), p.migrate('rollback', 'plan.yaml', 1), p.migrate('imports', 'release', 'plan.yaml', 1), p.run(expect=0),),
     'rollback plan.yaml 1', 2, """\
migrate: error: import 1 was rolled back already, by import 2
  `migrate rollback /data/plan.yaml 2` brings it back
"""),
    (RUN, 'only the inputs of an import that was rolled back are held', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'imports release plan.yaml 1', 2, """\
migrate: error: the inputs of import 1 are not held
  only those of an import that was rolled back are; `migrate imports list` shows which
"""),
    (RUN, 'later imports changed what the import had brought; nothing was changed', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0), p.write('a.csv', ROWS.replace('Ray', 'Roy')), p.run(expect=0),),
     'rollback plan.yaml 1', 1, """\
migrate: error: import 1 cannot be rolled back: 1 record was changed again by later imports:
  a:2 (record 3103295848805048602) by import 2
  roll the later imports back first, or let their rows stand: migrate rollback /data/plan.yaml 1 --keep-later
"""),
    (RUN, 'a rollback was killed: until it is finished no run writes', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0), p.migrate('rollback', 'plan.yaml', 1), p.execute("UPDATE import SET state = 'loading' WHERE import_id = 2"),),
     'run plan.yaml', 1, """\
migrate: error: /data/out/people.db: import 2, the rollback of import 1, was begun and did not end
  migrate rollback /data/plan.yaml 1 finishes it; where the target is damaged, migrate repair /data/plan.yaml comes before
"""),
    (RUN, 'the target was restored from an older backup', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0), p.execute("UPDATE import_version SET chain = 'x' WHERE import_id = 1"),),
     'run plan.yaml', 1, """\
migrate: error: /data/out/people.db: is not as this plan left it: its import 1 is not the one that ended in it. It was restored from an older backup, or is another target
  restore the newest backup; or `migrate imports accept /data/plan.yaml` goes on from what it holds: the next run brings in again what it lacks
"""),
    (RUN, 'somebody changed or removed an event of the audit trail', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0), p.execute("DELETE FROM audit_event WHERE event_id = 2"),),
     'audit verify plan.yaml', 4, """\
migrate: error: /data/out/people.db: the audit trail is broken at event 2: there were 2 when the last import ended, and 1 are there
  compare it with an earlier `migrate audit export`, or with a backup of the target
"""),
    (RUN, 'nothing ever had this id', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'history plan.yaml a:9', 2, """\
migrate: error: no person and no record ever had the id a:9
  `migrate find` searches by e-mail, phone or name
"""),
    (RUN, 'the workspace belongs to another plan', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0), p.plan(GOOD, name='other'),),
     'run plan.yaml', 2, """\
migrate: error: /data/out/ws: belongs to the plan 'p', not to 'other'
  give each plan a workspace of its own
"""),
    (RUN, 'the workspace was written by a newer version', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.write('out/ws/workspace.json', '{"format": 99, "plan": "p", "tool": "9.9"}'),),
     'run plan.yaml', 2, """\
migrate: error: /data/out/ws/workspace.json: has format 99, written by migrate 9.9; this is migrate 0.1.0 with format 1
  use that version of migrate, or name another workspace
"""),
    (RUN, 'more rows would be quarantined than the plan allows; nothing was loaded', lambda p: (p.write('a.csv', ROWS + '3\n'), p.plan(GOOD, 'reconcile: {max_quarantined: 0}'),),
     'run plan.yaml --quiet', 5, """\
migrate: error: 1 of 3 rows would be quarantined, more than reconcile.max_quarantined allows; the target was not touched
  `migrate run plan.yaml --dry-run` lists the reasons; mend the files or the mapping, or raise the limit
"""),
    (RUN, 'the target is not what was loaded; the report names each row and column', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0), p.execute("UPDATE record SET email = 'x' WHERE source_key = '1'"),),
     'run plan.yaml --stage reconcile --quiet', 4, """\
migrate: error: source and target differ in 1 place; first: record 408074298725870688 (a 1), column email: stored 'x', its payload says NULL
  the report and reconciliation.jsonl list every place; `migrate repair` puts back what the sources and the other tables still tell
"""),
    (RUN, 'no import has this number', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'report plan.yaml --import 9', 2, """\
migrate: error: /data/out/ws/reports/9.json: there is no such report
  `migrate imports list` shows the imports
"""),
    (RUN, 'there is no such person', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'show plan.yaml 999', 2, """\
migrate: error: no person and no record has the id 999
  `migrate find` searches by e-mail, phone or name
"""),
    (RUN, 'an id is a number', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'show plan.yaml Ann', 2, """\
migrate: error: `Ann` is no id
  give a person_id or record_id, as `migrate export links` and `migrate find` show them
"""),
    (RUN, 'find needs something to look for', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'find plan.yaml', 2, """\
migrate: error: nothing to search for
  give --email, --phone, or --last-name with --zip
"""),
    (RUN, 'no row in quarantine has this number', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'rejects show plan.yaml 9', 2, """\
migrate: error: no reject has the id 9
  `migrate rejects list plan.yaml --limit 100` shows the ids
"""),
    (RUN, 'the target holds no such source', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0),),
     'export source plan.yaml --name b', 2, """\
migrate: error: /data/out/people.db: holds no source `b`
  it holds: a
"""),
    (RUN, 'the output names a folder', lambda p: (p.write('a.csv', ROWS), p.plan(GOOD), p.run(expect=0), p.path('folder').mkdir(),),
     'export links plan.yaml --output folder', 2, """\
migrate: error: folder: is a folder, not a file
  name a file in it, such as folder/links.csv
"""),
    (RUN, 'no server answers where the target is said to be', lambda p: (p.write('a.csv', ROWS), p.write('plan.yaml', 'name: p\ntarget: {url: "mysql://u@127.0.0.1:1/d"}\nsources:\n' + GOOD + '\n'),),
     'run plan.yaml', 1, """\
migrate: error: target: u@127.0.0.1:1/d: cannot connect: Can't connect to server on '127.0.0.1' (115) (error 2002)
  is the server running, and may this machine reach that port?
"""),
    (USAGE, 'the plan file is not there', lambda p: None,
     'run none.yaml', 2, """\
none.yaml: error: cannot open: No such file or directory
  expected the path of a plan file
"""),
    (USAGE, 'an amount of memory that cannot be read', lambda p: (p.plan(GOOD),),
     'run plan.yaml --memory 8apples', 2, """\
migrate: error: --memory 8apples: not an amount of memory of at least 64MiB
  write it like 8GiB or 512MiB
"""),
    (USAGE, 'the command is not known', lambda p: None,
     'exprt links plan.yaml', 2, """\
migrate: error: there is no command 'exprt'
  did you mean `migrate export`? `migrate --help` lists the commands
"""),
    (USAGE, 'the option is not known', lambda p: None,
     'run plan.yaml --dryrun', 2, """\
migrate: error: `migrate run` has no option '--dryrun'
  did you mean --dry-run? `migrate run --help` tells more
"""),
    (USAGE, 'the plan is missing', lambda p: None,
     'run', 2, """\
migrate: error: `migrate run` needs a plan file
  for example `migrate run people.yaml`
"""),
    (USAGE, 'a word that is not one of a set', lambda p: None,
     'run plan.yaml --stage lod', 2, """\
migrate: error: --stage 'lod': not one of 'extract', 'normalize', 'load', 'dedupe', 'reconcile'
  did you mean 'load'?
"""),
    (USAGE, 'a number that is too small or too large', lambda p: None,
     'run plan.yaml --threads 0', 2, """\
migrate: error: --threads '0': not in the range 1 to 1024
  --threads: threads (default: one per processor)
"""),
    (USAGE, 'two options that exclude each other', lambda p: None,
     'run plan.yaml --stage load --from load', 2, """\
migrate: error: --stage and --from cannot be given together
  usage: migrate run PLAN [options]; `migrate run --help` tells more
"""),
]

# Rows that go to quarantine, each with its place, reason and detail.
REJECTS = {
    'a.csv:2: duplicate_key: the row at line 8 has the same key and is kept': 'another row of this file or snapshot has the same key',
    'a.csv:3: too_few_fields: 2 fields, the header has 3': 'the row has fewer fields than the header',
    'a.csv:4: too_many_fields: 4 fields, the header has 3': 'the row has more fields than the header',
    "a.csv:5: null_key: key column 'id' is empty": 'a key column is NULL or empty',
    'a.csv:6: bad_quote: after a closing quote a delimiter or a line end is needed, not what stands at byte 82': 'text follows a closing quote',
    "a.csv:7: undecodable_bytes: column 'name': byte FF at byte 100 of the file is not utf-8": "the bytes are no text in the file's encoding",
    'a.csv:9: unclosed_quote: the quote at byte 135 is not closed before the end of the file or within 1048576 bytes': 'a quote opens and never closes',
    'a.csv:11: repeated_header: the header line again': 'the header line again, in the middle of the file',
}
REJECTED = b'id,name,born\r\n1,Ann,1970-01-01\r\n2,Bob\r\n3,Cy,1971-01-01,x\r\n,Dan,1972-01-01\r\n4,"Eve"y,1973-01-01\r\n5,Fl\xff\xfe,1974-01-01\r\n1,Ann,1969-01-01\r\n6,"Gus,1975-01-01\r\n7,Hal,1976-01-01\r\nid,name,born\r\n'


class Messages(Case):
    def test_messages_word_for_word(self):
        for section, means, make, args, code, expected in CASES:
            with self.subTest(args=args, means=means):
                self.p = self.make_project()
                make(self.p)
                result = self.p.migrate(*args.split())
                self.assertEqual(result.code, code, str(result))
                self.assert_message(section, means, result.stderr.replace(str(self.p.folder), "/data"), expected)

    def test_rows_in_quarantine_say_where_they_stand(self):
        self.p.write("a.csv", REJECTED)
        self.p.plan("  a: {type: csv, path: a.csv, key: id, encoding: utf-8, fields: {full_name: name, birth_date: born}}")
        self.p.run(expect=3)
        groups = self.p.migrate("rejects", "list", "plan.yaml", "--json").json()["groups"]
        meanings = {g["reason"]: g["meaning"] for g in groups}
        found = {f"a.csv:{r['line']}: {r['reason']}: {r['detail']}": meanings[r["reason"]] for r in self.p.export("rejects")}
        self.assertEqual(found, REJECTS)
        for text, means in REJECTS.items():
            self.assert_message(QUARANTINE, means, text + "\n", text + "\n")


if __name__ == "__main__":
    unittest.main()
