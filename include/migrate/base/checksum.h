// A checksum against damage by disks and cables (not against people): XXH64 with seed 0, as Yann Collet specifies it in
// "xxHash fast digest algorithm", doc/xxhash_spec.md of the xxHash project. Some 10 GB/s a core.
#pragma once

#include <cstdint>
#include <string_view>

namespace migrate {

uint64_t Xxh64(std::string_view bytes);

}  // namespace migrate
