-- Versions of the truth; sql/sqlite/004_versions.sql says what the columns mean.

CREATE TABLE IF NOT EXISTS import_version (
  import_id      INT UNSIGNED NOT NULL,
  kind           VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  undoes         INT UNSIGNED,
  keep_later     TINYINT UNSIGNED NOT NULL,
  rolled_back_by INT UNSIGNED,
  released       TINYINT UNSIGNED NOT NULL,
  snapshots      TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  root           VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  chain          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (import_id)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS import_seen (
  bucket    BIGINT UNSIGNED NOT NULL,
  import_id INT UNSIGNED NOT NULL,
  `rows`    LONGBLOB NOT NULL,
  PRIMARY KEY (bucket, import_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC{pages};

CREATE TABLE IF NOT EXISTS record_undone (
  record_id       BIGINT UNSIGNED NOT NULL,
  undone_import   INT UNSIGNED NOT NULL,
  seq             INT UNSIGNED NOT NULL,
  rollback_import INT UNSIGNED NOT NULL,
  ended_import    INT UNSIGNED,
  person_id       BIGINT UNSIGNED,
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
  PRIMARY KEY (record_id, undone_import, seq)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {bin} ROW_FORMAT=DYNAMIC{pages}
PARTITION BY HASH (record_id) PARTITIONS {partitions};
