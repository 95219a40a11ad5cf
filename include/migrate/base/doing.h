// What each thread of this process is doing just now, for the watchdog, `status` and the log: a run that stands still
// should say where.
//
//   Doing doing("reading", "campaign.csv, chunk 12 from line 340112");   // until the end of the scope
//
// Scopes nest; the innermost is what counts. One costs two short locks that nobody else wants and a copy of its words:
// right for a chunk, a statement, a wait, not for a row. No values of persons in the words: they reach logs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace migrate {

class Doing {
 public:
  Doing(std::string_view what, std::string_view where);
  ~Doing();
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;
};

struct DoingNow {
  uint64_t worker = 0;  // threads are numbered from 1 as they first do something
  double seconds = 0;   // for how long already
  std::string text;     // "reading campaign.csv, chunk 12 from line 340112"
};

// All threads that are inside a scope, by number.
std::vector<DoingNow> WhatThreadsDo();

}  // namespace migrate
