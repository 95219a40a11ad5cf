-- The target in SQLite, schema version 1. The MySQL form has the same tables with PARTITION BY HASH.
-- Names follow the field (person_id, phone_e164, last_name, zip); only primary keys are unique.
-- A record costs about 700 bytes in all tables together, of which its payload and key are about 250: docs/formats.md.

-- Control tables -----------------------------------------------------------------------------------------------------

CREATE TABLE source (
  source_id INTEGER PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE
);

-- Column names and types of a source, kept once per version: the payload holds values only.
CREATE TABLE source_schema (
  schema_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  columns   TEXT NOT NULL              -- JSON: [{"name": ..., "type": ...}, ...]
);

-- One import: everything one `migrate run` brought in. state: loading, loaded, done, abandoned (its plan changed halfway).
CREATE TABLE import (
  import_id    INTEGER PRIMARY KEY,
  state        TEXT NOT NULL,
  plan_name    TEXT NOT NULL,
  plan_hash    TEXT NOT NULL,          -- hex
  tool_version TEXT NOT NULL,
  operator     TEXT NOT NULL,
  host         TEXT NOT NULL,
  started_at   TEXT NOT NULL,          -- UTC, ISO 8601
  finished_at  TEXT,
  row_limit    INTEGER,                -- --limit, NULL: none
  counts       TEXT                    -- JSON, filled in when done
);

-- The files and tables an import read. state: imported, duplicate (same content as duplicate_of_*), unchanged.
CREATE TABLE import_file (
  import_id   INTEGER NOT NULL,
  file_no     INTEGER NOT NULL,        -- from 0 within the import
  source_id   INTEGER NOT NULL,
  path        TEXT NOT NULL,
  what        TEXT NOT NULL,           -- 'csv', or the table or query that was read
  bytes       INTEGER NOT NULL,
  sha256      TEXT NOT NULL,           -- hex, of the file as it lies
  schema_id   INTEGER,
  layout      INTEGER NOT NULL DEFAULT 0,
  state       TEXT NOT NULL,
  same_as     TEXT,                    -- path of the file with the same content
  counted     INTEGER NOT NULL DEFAULT 0,   -- rows by the independent count
  extracted   INTEGER NOT NULL DEFAULT 0,   -- rows read
  quarantined INTEGER NOT NULL DEFAULT 0,   -- of them in quarantine
  digest      TEXT NOT NULL DEFAULT '',     -- count:xor:sum over row_sha256 of the rows read
  findings    TEXT NOT NULL DEFAULT '[]',   -- JSON: dialect and its evidence
  PRIMARY KEY (import_id, file_no)
) WITHOUT ROWID;

-- Parts of stages that are committed, each in the transaction of its rows.
CREATE TABLE checkpoint (
  import_id INTEGER NOT NULL,
  stage     TEXT NOT NULL,
  part      INTEGER NOT NULL,
  value     TEXT NOT NULL,             -- JSON: counts of the part
  PRIMARY KEY (import_id, stage, part)
) WITHOUT ROWID;

CREATE TABLE quarantine (
  quarantine_id INTEGER PRIMARY KEY,
  import_id     INTEGER NOT NULL,
  source_id     INTEGER NOT NULL,
  file_no       INTEGER NOT NULL,
  row_no        INTEGER NOT NULL,
  line          INTEGER NOT NULL,      -- 0: not a text file
  byte_offset   INTEGER NOT NULL,
  source_key    TEXT,
  reason        TEXT NOT NULL,
  detail        TEXT NOT NULL,
  raw           BLOB NOT NULL,         -- original bytes
  state         TEXT NOT NULL DEFAULT 'open'
);
CREATE INDEX quarantine_import ON quarantine (import_id, file_no, byte_offset);

-- Digests: what every table must hold, per stretch of about 4k keys (ledger/buckets.h has the row hash and the form of
-- `rows`, which names each row, so that a changed, missing or extra one can be named).
CREATE TABLE bucket (
  table_name TEXT NOT NULL,
  bucket     INTEGER NOT NULL,
  digest     TEXT NOT NULL,            -- count:xor:sum over the hashes of its rows, all columns included
  rows       BLOB NOT NULL,
  PRIMARY KEY (table_name, bucket)
) WITHOUT ROWID;

-- The books: row_sha256 of the current records, per source and partition.
CREATE TABLE source_digest (
  source_id INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  digest    TEXT NOT NULL,
  PRIMARY KEY (source_id, partition)
) WITHOUT ROWID;

CREATE TABLE reconciliation (
  reconciliation_id INTEGER PRIMARY KEY,
  import_id         INTEGER NOT NULL,
  at                TEXT NOT NULL,
  verdict           TEXT NOT NULL,     -- match, mismatch
  result            TEXT NOT NULL      -- JSON
);

-- A steward's word: kind link or unlink, of two records.
CREATE TABLE decision (
  decision_id INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,
  record_a    INTEGER NOT NULL,
  record_b    INTEGER NOT NULL,
  who         TEXT NOT NULL,
  reason      TEXT NOT NULL,
  at          TEXT NOT NULL
);

-- Append-only; hash = SHA-256(hash of the event before ‖ at ‖ 0x00 ‖ kind ‖ 0x00 ‖ detail), hex.
CREATE TABLE audit_event (
  event_id INTEGER PRIMARY KEY,
  at       TEXT NOT NULL,
  kind     TEXT NOT NULL,
  detail   TEXT NOT NULL,              -- JSON
  hash     TEXT NOT NULL
);

-- The matching model in force and other single values: key model, bucket_shift, next_person_id, ...
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Records ------------------------------------------------------------------------------------------------------------

CREATE TABLE record (
  record_id   INTEGER PRIMARY KEY,     -- HASH(record_id)
  source_id   INTEGER NOT NULL,
  source_key  TEXT NOT NULL,
  import_id   INTEGER NOT NULL,        -- that brought this image
  file_no     INTEGER NOT NULL,
  line        INTEGER NOT NULL,
  schema_id   INTEGER NOT NULL,
  gone_import INTEGER,                 -- snapshot sources: the import that no longer saw it
  full_name TEXT, first_name TEXT, middle_name TEXT, last_name TEXT, suffix TEXT, sex TEXT, birth_date TEXT,
  email TEXT, phone_e164 TEXT, street TEXT, unit TEXT, city TEXT, state TEXT, zip TEXT, country TEXT,
  national_id TEXT, updated_at TEXT,
  opt_out     INTEGER NOT NULL,        -- bits: 1 call, 2 sms, 4 email, 8 mail
  flags       INTEGER NOT NULL,        -- quality flags, record.h
  more        TEXT,                    -- JSON: further values {"email": [...], "phone": [...]}
  attributes  TEXT,                    -- JSON object, plan's attributes that have a value
  payload     BLOB NOT NULL,           -- canonical JSON array of the source row
  row_sha256  BLOB NOT NULL
);

CREATE TABLE record_history (
  record_id    INTEGER NOT NULL,       -- HASH(record_id)
  ended_import INTEGER NOT NULL,       -- that replaced this image
  seq          INTEGER NOT NULL,
  source_id INTEGER NOT NULL, source_key TEXT NOT NULL, import_id INTEGER NOT NULL, file_no INTEGER NOT NULL,
  line INTEGER NOT NULL, schema_id INTEGER NOT NULL, gone_import INTEGER,
  full_name TEXT, first_name TEXT, middle_name TEXT, last_name TEXT, suffix TEXT, sex TEXT, birth_date TEXT,
  email TEXT, phone_e164 TEXT, street TEXT, unit TEXT, city TEXT, state TEXT, zip TEXT, country TEXT,
  national_id TEXT, updated_at TEXT, opt_out INTEGER NOT NULL, flags INTEGER NOT NULL, more TEXT, attributes TEXT,
  payload BLOB NOT NULL, row_sha256 BLOB NOT NULL,
  PRIMARY KEY (record_id, ended_import, seq)
) WITHOUT ROWID;

-- Persons ------------------------------------------------------------------------------------------------------------

CREATE TABLE person (
  person_id    INTEGER PRIMARY KEY,    -- HASH(person_id)
  import_id    INTEGER NOT NULL,       -- that gave it this image
  record_count INTEGER NOT NULL,
  confidence   REAL NOT NULL,          -- lowest probability with which a member belongs to it; 1 for a single record
  full_name TEXT, first_name TEXT, middle_name TEXT, last_name TEXT, suffix TEXT, sex TEXT, birth_date TEXT,
  email TEXT, phone_e164 TEXT, street TEXT, unit TEXT, city TEXT, state TEXT, zip TEXT, country TEXT,
  national_id TEXT, updated_at TEXT,
  opt_out      INTEGER NOT NULL,       -- OR over the members
  attributes   TEXT,
  provenance   TEXT                    -- JSON: {"field": ordinal of the member (by record_id, from 0), ...}; NULL: one record
);

CREATE TABLE person_history (
  person_id    INTEGER NOT NULL,
  ended_import INTEGER NOT NULL,
  import_id INTEGER NOT NULL, record_count INTEGER NOT NULL, confidence REAL NOT NULL,
  full_name TEXT, first_name TEXT, middle_name TEXT, last_name TEXT, suffix TEXT, sex TEXT, birth_date TEXT,
  email TEXT, phone_e164 TEXT, street TEXT, unit TEXT, city TEXT, state TEXT, zip TEXT, country TEXT,
  national_id TEXT, updated_at TEXT, opt_out INTEGER NOT NULL, attributes TEXT, provenance TEXT,
  members      TEXT NOT NULL,          -- JSON: record_ids it had
  PRIMARY KEY (person_id, ended_import)
) WITHOUT ROWID;

CREATE TABLE person_record (
  record_id  INTEGER PRIMARY KEY,      -- HASH(record_id); a record has one person
  person_id  INTEGER NOT NULL,
  import_id  INTEGER NOT NULL,         -- that put it there
  confidence REAL NOT NULL
);

-- Every e-mail and phone of a person; one lookup touches one partition.
CREATE TABLE person_identifier (
  value_hash INTEGER NOT NULL,         -- HASH(value_hash): first 8 bytes of SHA-256(kind ‖ 0x00 ‖ value), top bit cleared
  kind       TEXT NOT NULL,            -- email, phone
  person_id  INTEGER NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (value_hash, kind, person_id)
) WITHOUT ROWID;

-- Ids that were given out and are no person any more, or split: they keep answering. Never removed.
CREATE TABLE person_alias (
  alias_id  INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  kind      TEXT NOT NULL,             -- merged_into, split_from
  import_id INTEGER NOT NULL,
  PRIMARY KEY (alias_id, person_id, kind, import_id)
) WITHOUT ROWID;
