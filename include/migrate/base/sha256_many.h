// SHA-256 of many short messages at once, for the digests of rows. A core's SHA instructions wait for their own
// results; two messages that take turns fill that wait, so a pair costs little more than one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "migrate/base/hash.h"

namespace migrate {

enum class Sha256Engine : uint8_t {
  kOpenSsl,  // one message after the other
  kTwoLanes  // SHA-NI, two messages in turn; x86-64 processors that have the instructions
};
// What this processor can do best, asked once (CPUID).
Sha256Engine BestSha256Engine();

// digests[i] = SHA-256(messages[i]); as many digests as messages. Gains where there are many messages a call (16 or
// more) of some hundred bytes. Thread-safe, allocates nothing. kTwoLanes only where BestSha256Engine() says so.
void Sha256Many(std::span<const std::string_view> messages, Sha256* digests, Sha256Engine engine = BestSha256Engine());

// The same of messages that lie one behind the other: message i begins where the one before it ends, and ends at
// ends[i]. `messages` is the caller's to keep, so that nothing is allocated again.
void Sha256Stretches(std::string_view bytes, std::span<const size_t> ends, std::vector<std::string_view>* messages,
                     std::vector<Sha256>* digests);

}  // namespace migrate
