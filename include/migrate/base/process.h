// Which process is this, and is some other one gone for certain? Linux: pids are reused and mean something within one
// boot and one pid namespace only, so a process is known by all of them.
#pragma once

#include <cstdint>
#include <string>

namespace migrate {

struct ProcessId {
  std::string boot;   // of the machine's boot (/proc/sys/kernel/random/boot_id), "" if unknown
  std::string space;  // of the pid namespace, "" if unknown
  int64_t pid = 0;
  uint64_t started = 0;  // clock ticks between the boot and its start, 0 if unknown
  bool operator==(const ProcessId&) const = default;
};

ProcessId ThisProcess();

// True only if this process can see that the other one does not exist any more (a zombie does not). A process of
// another machine, another boot or another container is never provably gone.
bool ProvablyGone(const ProcessId& other);

}  // namespace migrate
