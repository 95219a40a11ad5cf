#!/usr/bin/env python3
"""splink_people.py PEOPLE.csv CLUSTERS.csv [--threads N]: Splink over generated people, as a data scientist would tune it.

Reads id, first_name, last_name, dob, email, phone, street, city, state, zip; writes id,cluster. Prints one JSON line:
seconds (wall and processor) of each step. Needs splink 5 (DuckDB engine). With stock comparisons the telephone, street,
ZIP, city and last name of a household count as independent evidence and merge families, so all contact data is one
comparison here; names with term frequencies, nicknames are not known to Splink.
"""
import argparse
import json
import logging
import os
import time

import duckdb
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

READ = """
CREATE TABLE people AS
SELECT id AS unique_id,
       nullif(regexp_replace(lower(strip_accents(first_name)), '[^a-z]', '', 'g'), '') AS first_name,
       nullif(regexp_replace(lower(strip_accents(last_name)), '[^a-z]', '', 'g'), '') AS last_name,
       CASE WHEN dob = '1900-01-01' THEN NULL ELSE nullif(dob, '') END AS dob,
       CASE WHEN lower(email) IN ('noreply@example.com', 'none@none.com', 'test@test.com') THEN NULL
            ELSE nullif(lower(email), '') END AS email,
       CASE WHEN replace(digits, left(digits, 1), '') = '' THEN NULL ELSE nullif(right(digits, 10), '') END AS phone,
       nullif(regexp_replace(lower(street), '[^a-z0-9]', '', 'g'), '') AS street, nullif(zip, '') AS zip
FROM (SELECT *, regexp_replace(coalesce(phone, ''), '[^0-9]', '', 'g') AS digits FROM read_csv(?, all_varchar = true))
"""

EMAIL, PHONE = "email_l = email_r", "phone_l = phone_r"
PLACE = "(street_l = street_r AND zip_l = zip_r)"


def contact():
    """E-mail, telephone and address as one piece of evidence: what a household shares is counted once."""
    def level(condition, label):
        return {"sql_condition": condition, "label_for_charts": label}
    return cl.CustomComparison(
        output_column_name="contact",
        comparison_levels=[
            {"sql_condition": "(email_l IS NULL OR email_r IS NULL) AND (phone_l IS NULL OR phone_r IS NULL) AND "
                              "(street_l IS NULL OR street_r IS NULL)", "label_for_charts": "null",
             "is_null_level": True},
            level(f"{EMAIL} AND ({PHONE} OR {PLACE})", "email and more"),
            level(EMAIL, "email"),
            level(f"{PHONE} AND {PLACE}", "phone and address"),
            level(PHONE, "phone"),
            level(PLACE, "address"),
            level("levenshtein(email_l, email_r) <= 2 OR levenshtein(phone_l, phone_r) <= 1", "slip"),
            level("zip_l = zip_r", "zip"),
            level("ELSE", "else"),
        ])


SETTINGS = SettingsCreator(
    link_type="dedupe_only",
    retain_matching_columns=False,
    comparisons=[
        cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("last_name").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        contact(),
    ],
    blocking_rules_to_generate_predictions=[
        block_on("email"), block_on("phone"), block_on("first_name", "dob"), block_on("last_name", "dob"),
        block_on("first_name", "last_name", "zip"), block_on("dob", "zip"), block_on("street", "zip", "first_name"),
    ])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("people"), parser.add_argument("clusters")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    steps, clock = {}, [time.perf_counter(), time.process_time()]

    def step(name):
        now = [time.perf_counter(), time.process_time()]
        steps[name] = {"wall": round(now[0] - clock[0], 2), "cpu": round(now[1] - clock[1], 2)}
        clock[:] = now

    connection = duckdb.connect()
    connection.execute(f"SET threads = {args.threads}")
    connection.execute(READ, [args.people])
    linker = Linker(DuckDBAPI(connection).register("people"), SETTINGS)
    step("read")
    train = linker.training
    train.estimate_probability_two_random_records_match(
        [block_on("email", "first_name"), block_on("first_name", "last_name", "dob"), block_on("phone", "first_name")],
        recall=0.8)
    train.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    train.estimate_parameters_using_expectation_maximisation(block_on("first_name", "last_name"),
                                                             record_sample_proportion=1.0)
    train.estimate_parameters_using_expectation_maximisation(block_on("dob"), record_sample_proportion=1.0)
    step("training")
    predictions = linker.inference.predict(threshold_match_probability=0.5)
    step("scoring")
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, 0.95)
    step("clustering")
    connection.execute(f"COPY (SELECT unique_id AS id, cluster_id AS cluster FROM {clusters.physical_name}) TO "
                       f"'{args.clusters}' (HEADER)")
    step("writing")
    print(json.dumps(steps))


if __name__ == "__main__":
    main()
