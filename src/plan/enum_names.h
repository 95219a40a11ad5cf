// The words of the plan language for the values of its enums, in the order of the enums.
#pragma once

#include <array>

namespace migrate::plan {

inline constexpr std::array<const char*, 3> kTypes = {"csv", "sqlite", "mysql"};
inline constexpr std::array<const char*, 2> kModes = {"append", "snapshot"};
inline constexpr std::array<const char*, 3> kDateOrders = {"mdy", "dmy", "ymd"};
inline constexpr std::array<const char*, 3> kExcelSerials = {"false", "1900", "1904"};
inline constexpr std::array<const char*, 3> kCompressions = {"none", "lz4", "zlib"};
inline constexpr std::array<const char*, 3> kKeepSegments = {"keep", "import", "stage"};
inline constexpr std::array<const char*, 5> kStrategies = {"most_recent", "most_frequent", "longest", "source_priority",
                                                           "most_complete"};

}  // namespace migrate::plan
