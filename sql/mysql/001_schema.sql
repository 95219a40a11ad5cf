-- The target in MySQL 8, Aurora MySQL 3 and MariaDB 10.11, schema version 1. The same tables as in sql/sqlite, with
-- PARTITION BY HASH where rows are many: record and person_record by record_id, person by person_id, person_identifier by
-- value_hash, histories like their tables. Their number is target.partitions of the plan at the first load.
--
-- Texts compare by bytes (utf8mb4_0900_bin in MySQL, utf8mb4_nopad_bin in MariaDB), which is exact and cheap; only last_name, which people search, ignores case.
-- Columns that hold nothing but ASCII say so. Only primary keys are unique. No foreign keys: partitioned tables take none.
-- What a record costs in each table is measured in docs/performance.md.

CREATE TABLE IF NOT EXISTS setting (
  name  VARCHAR(191) NOT NULL,
  value LONGTEXT NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

-- Written before the other tables: tables that a crash left half made are this tool's own, and are completed with the
-- same number of partitions.
REPLACE INTO setting (name, value) VALUES ('application', 'migrate'), ('schema_partitions', '{partitions}'),
  ('schema_compression', '{compression}');

CREATE TABLE IF NOT EXISTS source (
  source_id INT UNSIGNED NOT NULL,
  name      VARCHAR(191) NOT NULL,
  PRIMARY KEY (source_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS source_schema (
  schema_id INT UNSIGNED NOT NULL,
  source_id INT UNSIGNED NOT NULL,
  columns   LONGTEXT NOT NULL,
  PRIMARY KEY (schema_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS import (
  import_id    INT UNSIGNED NOT NULL,
  state        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  plan_name    VARCHAR(191) NOT NULL,
  plan_hash    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tool_version VARCHAR(64) NOT NULL,
  operator     VARCHAR(255) NOT NULL,
  host         VARCHAR(255) NOT NULL,
  started_at   VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  finished_at  VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin,
  row_limit    BIGINT,
  counts       LONGTEXT,
  PRIMARY KEY (import_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS import_file (
  import_id   INT UNSIGNED NOT NULL,
  file_no     INT UNSIGNED NOT NULL,
  source_id   INT UNSIGNED NOT NULL,
  path        TEXT NOT NULL,
  what        MEDIUMTEXT NOT NULL,
  bytes       BIGINT NOT NULL,
  sha256      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  schema_id   INT UNSIGNED,
  layout      INT NOT NULL DEFAULT 0,
  state       VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  same_as     TEXT,
  counted     BIGINT NOT NULL DEFAULT 0,
  extracted   BIGINT NOT NULL DEFAULT 0,
  quarantined BIGINT NOT NULL DEFAULT 0,
  digest      VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  findings    LONGTEXT NOT NULL,
  PRIMARY KEY (import_id, file_no)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS checkpoint (
  import_id INT UNSIGNED NOT NULL,
  stage     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  part      BIGINT NOT NULL,
  value     LONGTEXT NOT NULL,
  PRIMARY KEY (import_id, stage, part)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS quarantine (
  quarantine_id BIGINT UNSIGNED NOT NULL,
  import_id     INT UNSIGNED NOT NULL,
  source_id     INT UNSIGNED NOT NULL,
  file_no       INT UNSIGNED NOT NULL,
  row_no        BIGINT UNSIGNED NOT NULL,
  line          BIGINT UNSIGNED NOT NULL,
  byte_offset   BIGINT UNSIGNED NOT NULL,
  source_key    TEXT,
  reason        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  detail        TEXT NOT NULL,
  raw           LONGBLOB NOT NULL,
  state         VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open',
  PRIMARY KEY (quarantine_id),
  INDEX quarantine_import (import_id, file_no, byte_offset)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS bucket (
  table_name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  bucket     BIGINT UNSIGNED NOT NULL,
  digest     VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `rows`     LONGBLOB NOT NULL,
  PRIMARY KEY (table_name, bucket)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages};

CREATE TABLE IF NOT EXISTS source_digest (
  source_id   INT UNSIGNED NOT NULL,
  `partition` INT UNSIGNED NOT NULL,
  digest      VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (source_id, `partition`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS reconciliation (
  reconciliation_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  import_id         INT UNSIGNED NOT NULL,
  at                VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  verdict           VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  result            LONGTEXT NOT NULL,
  PRIMARY KEY (reconciliation_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS decision (
  decision_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  record_a    BIGINT UNSIGNED NOT NULL,
  record_b    BIGINT UNSIGNED NOT NULL,
  who         VARCHAR(255) NOT NULL,
  reason      TEXT NOT NULL,
  at          VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (decision_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS audit_event (
  event_id BIGINT UNSIGNED NOT NULL,
  at       VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  detail   LONGTEXT NOT NULL,
  hash     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (event_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS record (
  record_id   BIGINT UNSIGNED NOT NULL,
  source_id   INT UNSIGNED NOT NULL,
  source_key  VARCHAR(512) NOT NULL,
  import_id   INT UNSIGNED NOT NULL,
  file_no     INT UNSIGNED NOT NULL,
  line        BIGINT UNSIGNED NOT NULL,
  schema_id   INT UNSIGNED NOT NULL,
  gone_import INT UNSIGNED,
{fields}
  opt_out     TINYINT UNSIGNED NOT NULL,
  flags       INT UNSIGNED NOT NULL,
  more        LONGTEXT,
  attributes  LONGTEXT,
  payload     LONGBLOB NOT NULL,
  row_sha256  BINARY(32) NOT NULL,
  PRIMARY KEY (record_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages}
PARTITION BY HASH (record_id) PARTITIONS {partitions};

CREATE TABLE IF NOT EXISTS record_history (
  record_id    BIGINT UNSIGNED NOT NULL,
  ended_import INT UNSIGNED NOT NULL,
  seq          INT UNSIGNED NOT NULL,
  source_id    INT UNSIGNED NOT NULL,
  source_key   VARCHAR(512) NOT NULL,
  import_id    INT UNSIGNED NOT NULL,
  file_no      INT UNSIGNED NOT NULL,
  line         BIGINT UNSIGNED NOT NULL,
  schema_id    INT UNSIGNED NOT NULL,
  gone_import  INT UNSIGNED,
{fields}
  opt_out      TINYINT UNSIGNED NOT NULL,
  flags        INT UNSIGNED NOT NULL,
  more         LONGTEXT,
  attributes   LONGTEXT,
  payload      LONGBLOB NOT NULL,
  row_sha256   BINARY(32) NOT NULL,
  PRIMARY KEY (record_id, ended_import, seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages}
PARTITION BY HASH (record_id) PARTITIONS {partitions};

CREATE TABLE IF NOT EXISTS person (
  person_id    BIGINT UNSIGNED NOT NULL,
  import_id    INT UNSIGNED NOT NULL,
  record_count INT UNSIGNED NOT NULL,
  confidence   DECIMAL(7,6) NOT NULL,
{fields}
  opt_out      TINYINT UNSIGNED NOT NULL,
  attributes   LONGTEXT,
  provenance   LONGTEXT,
  PRIMARY KEY (person_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages}
PARTITION BY HASH (person_id) PARTITIONS {partitions};

CREATE TABLE IF NOT EXISTS person_history (
  person_id    BIGINT UNSIGNED NOT NULL,
  ended_import INT UNSIGNED NOT NULL,
  import_id    INT UNSIGNED NOT NULL,
  record_count INT UNSIGNED NOT NULL,
  confidence   DECIMAL(7,6) NOT NULL,
{fields}
  opt_out      TINYINT UNSIGNED NOT NULL,
  attributes   LONGTEXT,
  provenance   LONGTEXT,
  members      LONGTEXT NOT NULL,
  PRIMARY KEY (person_id, ended_import)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages}
PARTITION BY HASH (person_id) PARTITIONS {partitions};

CREATE TABLE IF NOT EXISTS person_record (
  record_id  BIGINT UNSIGNED NOT NULL,
  person_id  BIGINT UNSIGNED NOT NULL,
  import_id  INT UNSIGNED NOT NULL,
  confidence DECIMAL(7,6) NOT NULL,
  PRIMARY KEY (record_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages}
PARTITION BY HASH (record_id) PARTITIONS {partitions};

CREATE TABLE IF NOT EXISTS person_identifier (
  value_hash BIGINT UNSIGNED NOT NULL,
  kind       ENUM('email', 'phone') CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  person_id  BIGINT UNSIGNED NOT NULL,
  value      VARCHAR(320) NOT NULL,
  PRIMARY KEY (value_hash, kind, person_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages}
PARTITION BY HASH (value_hash) PARTITIONS {partitions};

CREATE TABLE IF NOT EXISTS person_alias (
  alias_id  BIGINT UNSIGNED NOT NULL,
  person_id BIGINT UNSIGNED NOT NULL,
  kind      VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  import_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (alias_id, person_id, kind, import_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages};
