-- Secondary indexes: built after the first load, kept afterwards. One statement a table, so that its rows are read once.
ALTER TABLE person ADD INDEX person_email (email), ADD INDEX person_phone (phone_e164),
  ADD INDEX person_last_name_zip (last_name, zip);
ALTER TABLE person_record ADD INDEX person_record_person (person_id);
