-- Secondary indexes: built after the first load, kept afterwards. A record is found by its source_key through
-- record_id, which is a hash of it, so that needs no index.
CREATE INDEX IF NOT EXISTS person_email ON person (email);
CREATE INDEX IF NOT EXISTS person_phone ON person (phone_e164);
CREATE INDEX IF NOT EXISTS person_last_name_zip ON person (last_name COLLATE NOCASE, zip);
CREATE INDEX IF NOT EXISTS person_record_person ON person_record (person_id);
