#include "datagen_traps.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace migrate::datagen {
namespace {

constexpr std::array<std::pair<std::string_view, uint32_t Traps::*>, 17> kTraps = {{
    {"households", &Traps::households},
    {"twins", &Traps::twins},
    {"father_and_son", &Traps::father_and_son},
    {"family_email", &Traps::family_email},
    {"namesakes", &Traps::namesakes},
    {"offices", &Traps::offices},
    {"typos", &Traps::typos},
    {"nicknames", &Traps::nicknames},
    {"maiden", &Traps::maiden},
    {"swapped_date", &Traps::swapped_date},
    {"swapped_name", &Traps::swapped_name},
    {"moved", &Traps::moved},
    {"other_email", &Traps::other_email},
    {"other_phone", &Traps::other_phone},
    {"gaps", &Traps::gaps},
    {"junk", &Traps::junk},
    {"foreign", &Traps::foreign},
}};

}  // namespace

bool SetTrap(std::string_view name, double share, Traps& traps) {
  if (!(share >= 0 && share <= 1)) return false;
  for (const auto& [known, member] : kTraps) {
    if (known != name) continue;
    traps.*member = static_cast<uint32_t>(share * 100'000 + 0.5);
    return true;
  }
  return false;
}

std::string TrapsText(const Traps& traps) {
  std::string text;
  for (const auto& [name, member] : kTraps)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, traps.*member / 100'000.0);
  return text;
}

}  // namespace migrate::datagen
