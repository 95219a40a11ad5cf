-- What stewards look at and decide beside `decision`. Made with the other tables, and in targets that were made before.

-- Pairs of persons that a steward should look at, as the last matching left them; written anew by each. One row a pair of
-- persons: the two records that speak most for it. At most 100,000.
CREATE TABLE IF NOT EXISTS review_pair (
  record_a    INTEGER NOT NULL,        -- record_a < record_b
  record_b    INTEGER NOT NULL,
  probability REAL NOT NULL,           -- that the two records are of one person
  pooled      REAL NOT NULL,           -- that the two persons are one, from all their records
  gain        REAL NOT NULL,           -- bits that a decision gives times record pairs that it settles
  reason      TEXT NOT NULL,           -- band, refused, oversized
  PRIMARY KEY (record_a, record_b)
) WITHOUT ROWID;

-- The value of a decision of kind pin: `field` of the person that has record_a is to be `value`, as long as a member has it.
CREATE TABLE IF NOT EXISTS decision_pin (
  decision_id INTEGER PRIMARY KEY,
  field       TEXT NOT NULL,
  value       TEXT NOT NULL
);

-- Rows of the quarantine as somebody has mended them; the original bytes stay where they are. Only added to: each next one
-- counts on top of those before.
CREATE TABLE IF NOT EXISTS quarantine_fix (
  quarantine_id INTEGER NOT NULL,
  fix_no        INTEGER NOT NULL,      -- from 1
  who           TEXT NOT NULL,
  at            TEXT NOT NULL,         -- UTC
  why           TEXT NOT NULL,
  raw           BLOB,                  -- the whole row in the place of the original bytes, NULL: as it was
  cells         TEXT NOT NULL,         -- JSON: values by column that take the place of the row's own
  PRIMARY KEY (quarantine_id, fix_no)
) WITHOUT ROWID;
