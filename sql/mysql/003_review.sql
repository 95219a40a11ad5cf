-- What stewards look at and decide beside `decision`; sql/sqlite/003_review.sql says what the columns mean.

CREATE TABLE IF NOT EXISTS review_pair (
  record_a    BIGINT UNSIGNED NOT NULL,
  record_b    BIGINT UNSIGNED NOT NULL,
  probability DOUBLE NOT NULL,
  pooled      DOUBLE NOT NULL,
  gain        DOUBLE NOT NULL,
  reason      VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (record_a, record_b)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS decision_pin (
  decision_id BIGINT UNSIGNED NOT NULL,
  field       VARCHAR(64) CHARACTER SET utf8mb4 COLLATE {bin} NOT NULL,
  value       TEXT CHARACTER SET utf8mb4 COLLATE {bin} NOT NULL,
  PRIMARY KEY (decision_id)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS quarantine_fix (
  quarantine_id BIGINT UNSIGNED NOT NULL,
  fix_no        INT UNSIGNED NOT NULL,
  who           VARCHAR(191) CHARACTER SET utf8mb4 COLLATE {bin} NOT NULL,
  at            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  why           TEXT CHARACTER SET utf8mb4 COLLATE {bin} NOT NULL,
  raw           LONGBLOB,
  cells         LONGTEXT CHARACTER SET utf8mb4 COLLATE {bin} NOT NULL,
  PRIMARY KEY (quarantine_id, fix_no)
) ENGINE=InnoDB;
