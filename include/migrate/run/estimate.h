// What a run of a plan will cost, before it runs: rows, disk, memory, time. Pure functions over what was seen of the
// inputs (a sample of rows, run through the real mapping) and of the target; `migrate explain` prints them.
//
// Every constant is a figure of a format or a measurement, named beside it. On data of migrate-datagen rows and disk
// come out within 15 % (tests/e2e/test_explain.py), time within a factor of two on a quiet machine
// (tests/bench/bench.py explain).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "migrate/plan/plan.h"
#include "migrate/record/record.h"

namespace migrate::run {

// Sums over sampled rows. Add(Shape) joins samples; Scaled() turns one into what it stands for.
struct Shape {
  double rows = 0;     // good ones and rejects
  double rejects = 0;  // of them
  double reject_bytes = 0;
  double raw = 0, records = 0;              // bytes in segments, packed as the stages pack them
  double row_bytes = 0;                     // record row of the target: key, payload, values, attributes
  double person_bytes = 0;                  // values and attributes that a person keeps
  double sort_bytes = 0;                    // of the record without its payload, as dedupe sorts it
  double emails = 0, phones = 0, zips = 0;  // records that have one
  double email_bytes = 0, phone_bytes = 0, name_zip_bytes = 0;  // of the first ones, as the indexes hold them
  double identifiers = 0, identifier_bytes = 0;                 // all e-mails and phones

  double good() const { return rows - rejects; }
  void Add(const Shape& other);
  Shape Scaled(double factor) const;
};

// Adds what one normalized record costs, segments aside.
void AddRecordCost(const Record& record, const std::vector<Attribute>& attributes, Shape* shape);

// Bytes by what they are for.
struct Disk {
  uint64_t raw_segments = 0, record_segments = 0;  // workspace, until the next import
  uint64_t sort_runs = 0;                          // workspace, during dedupe
  uint64_t report = 0;                             // workspace, to stay
  uint64_t target = 0;                             // growth of the target file
  uint64_t journal = 0;                            // beside the target during a transaction, at most
  uint64_t temporary = 0;                          // where SQLite sorts an index that is built
};

// Persons a record before anything is known of the data: what migrate-datagen's people came to in docs/performance.md.
inline constexpr double kPersonsARecord = 0.75;

// How much there will be after the run.
struct Volume {
  Shape read;                   // what extract will read
  double inserted = 0;          // records that are new to the target
  uint64_t records_before = 0;  // in the target
  uint64_t target_bytes = 0;    // size of its file now
  double persons_a_record = kPersonsARecord;
  bool indexes_there = false;
};

// Memory of each of dedupe's sorts under --memory (0: none given).
uint64_t SortBudget(uint64_t memory_bytes);

Disk EstimateDisk(const Volume& volume, uint64_t sort_budget);

// A folder, the file system it lies on, and what will be needed and is free there.
struct PlaceNeed {
  std::string path;
  uint64_t device = 0, bytes = 0, free = 0;
};
// One sentence for each file system that has too little for all that will lie on it.
std::vector<std::string> WhatDoesNotFit(const std::vector<PlaceNeed>& places);

// What this version takes at its peak in each stage, in the order of plan::Stage; dedupe's is the peak of a run. Rough
// for the other stages.
std::array<uint64_t, 5> EstimateMemory(double records, unsigned threads, uint64_t sort_budget);

// Rows a second of one stage, and on how many threads that was.
struct Rate {
  double rows_per_second = 0;
  unsigned threads = 2;
  std::string from;  // "import 3 on this machine" or "docs/performance.md"
};
// The figures of docs/performance.md: two threads of an AMD EPYC.
Rate DocumentedRate(plan::Stage stage);
// The share of a stage's work that threads divide among them.
double ParallelShare(plan::Stage stage);
// Seconds for so many rows on so many threads, by Amdahl's law from the rate's threads to these.
double EstimateSeconds(plan::Stage stage, double rows, const Rate& rate, unsigned threads);

}  // namespace migrate::run
