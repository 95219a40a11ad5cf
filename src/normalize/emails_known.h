// Addresses that are nobody's, and domains that are slips of others. Private to this room.
#pragma once

#include <string_view>

namespace migrate::normalize {

// noreply@ and its like anywhere; test@test.com, none@example.com: stand-ins at stand-in domains; a@a.com.
bool IsNobody(std::string_view local, std::string_view domain);

// gmial.com, hotmail.con: one slip away from a well-known domain, or with an ending that is no top-level domain.
bool IsSlip(std::string_view domain);

}  // namespace migrate::normalize
