-- Versions of the truth: what kind of import each one is, what was taken back, and the chains that show a target's age.
-- Made with the other tables, and in targets that were made before.

-- One row an import, from the moment it loads. `root` and `chain` are filled in when it ends: root is a hash over the
-- digests of all tables then, chain one over the chain of the import that ended before and over this one.
CREATE TABLE IF NOT EXISTS import_version (
  import_id      INTEGER PRIMARY KEY,
  kind           TEXT NOT NULL,        -- run, rollback
  undoes         INTEGER,              -- rollback: the import that it takes back
  keep_later     INTEGER NOT NULL,     -- rollback: rows that a later import changed stayed as that one made them
  rolled_back_by INTEGER,              -- the rollback that took it back
  released       INTEGER NOT NULL,     -- 1: its inputs may come in again although it was taken back
  snapshots      TEXT NOT NULL,        -- JSON: source_ids of which it held everything there was
  root           TEXT NOT NULL,
  chain          TEXT NOT NULL
);

-- Rows that an import found there as they came, so that they stay when the import that brought them is taken back. Per
-- bucket of record_id: varint difference to the id before, varint file_no, varint line, first 4 bytes of row_sha256.
-- Not kept for tables of which the import held everything: there every record that is not gone was seen.
CREATE TABLE IF NOT EXISTS import_seen (
  bucket    INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  rows      BLOB NOT NULL,
  PRIMARY KEY (bucket, import_id)
) WITHOUT ROWID;

-- Images that a rollback took out of record and record_history, so that it can be taken back itself.
CREATE TABLE IF NOT EXISTS record_undone (
  record_id       INTEGER NOT NULL,
  undone_import   INTEGER NOT NULL,    -- that had brought the image, or marked the record gone
  seq             INTEGER NOT NULL,
  rollback_import INTEGER NOT NULL,
  ended_import    INTEGER,             -- NULL: it was the record's present image
  person_id       INTEGER,             -- of the record then, if it went as a whole
  source_id   INTEGER NOT NULL, source_key TEXT NOT NULL, import_id INTEGER NOT NULL, file_no INTEGER NOT NULL,
  line        INTEGER NOT NULL, schema_id INTEGER NOT NULL, gone_import INTEGER,
  full_name   TEXT, first_name TEXT, middle_name TEXT, last_name TEXT, suffix TEXT, sex TEXT, birth_date TEXT,
  email       TEXT, phone_e164 TEXT, street TEXT, unit TEXT, city TEXT, state TEXT, zip TEXT, country TEXT,
  national_id TEXT, updated_at TEXT, opt_out INTEGER NOT NULL, flags INTEGER NOT NULL, more TEXT, attributes TEXT,
  payload     BLOB NOT NULL, row_sha256 BLOB NOT NULL,
  PRIMARY KEY (record_id, undone_import, seq)
) WITHOUT ROWID;
