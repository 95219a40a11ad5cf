#include "migrate/base/doing.h"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>

namespace migrate {
namespace {

using Clock = std::chrono::steady_clock;

struct Entry {
  std::string text;
  Clock::time_point since;
};

// Of one thread; the mutex is for those who look.
struct Slot {
  std::mutex mutex;
  std::vector<Entry> entries;  // those behind `depth` keep their memory
  size_t depth = 0;
};

struct Registry {
  std::mutex mutex;
  uint64_t next = 1;
  std::map<uint64_t, std::shared_ptr<Slot>> slots;
};

// Never destroyed: threads may end after it would be.
Registry& All() {
  static Registry* const all = new Registry();
  return *all;
}

struct OwnSlot {
  OwnSlot() : slot(std::make_shared<Slot>()) {
    std::lock_guard lock(All().mutex);
    number = All().next++;
    All().slots[number] = slot;
  }
  ~OwnSlot() {
    std::lock_guard lock(All().mutex);
    All().slots.erase(number);
  }
  std::shared_ptr<Slot> slot;
  uint64_t number = 0;
};

Slot& Own() {
  thread_local OwnSlot own;
  return *own.slot;
}

}  // namespace

Doing::Doing(std::string_view what, std::string_view where) {
  Slot& slot = Own();
  std::lock_guard lock(slot.mutex);
  if (slot.depth == slot.entries.size()) slot.entries.emplace_back();
  Entry& entry = slot.entries[slot.depth++];
  entry.text.assign(what);
  if (!where.empty()) entry.text.append(" ").append(where);
  entry.since = Clock::now();
}

Doing::~Doing() {
  Slot& slot = Own();
  std::lock_guard lock(slot.mutex);
  --slot.depth;
}

std::vector<DoingNow> WhatThreadsDo() {
  std::vector<DoingNow> all;
  std::lock_guard lock(All().mutex);
  for (const auto& [number, slot] : All().slots) {
    std::lock_guard own(slot->mutex);
    if (slot->depth == 0) continue;
    const Entry& entry = slot->entries[slot->depth - 1];
    all.push_back({number, std::chrono::duration<double>(Clock::now() - entry.since).count(), entry.text});
  }
  return all;
}

}  // namespace migrate
