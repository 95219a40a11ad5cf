// Normalizer allocates nothing for rows of plain ASCII once the record has its capacity.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "migrate/normalize/normalizer.h"

namespace {
thread_local size_t allocations = 0;
}

// Not inlined: g++ would take free() of what it sees come from new for a mistake.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace migrate::normalize {
namespace {

TEST(Allocation, NoneInTheSteadyState) {
  const Field fields[] = {Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kSex,
                          Field::kBirthDate, Field::kEmail,      Field::kPhone,    Field::kStreet,
                          Field::kCity,      Field::kState,      Field::kZip};
  std::vector<BoundField> bound;
  for (uint32_t i = 0; i < std::size(fields); ++i) {
    BoundField b;
    b.slot = static_cast<int>(fields[i]);
    b.columns = {i};
    bound.push_back(b);
  }
  const Normalizer normalizer({}, {}, bound);
  const std::vector<std::vector<const char*>> rows = {
      {"MARY", "ANN", "VAN DER BERG", "female", "03/19/1972", "Mary.Ann.Vanderberg1972@Example.com",
       "(206) 555-9857 x1234", "12345 NORTH WASHINGTON BOULEVARD APARTMENT 1234", "LOS ANGELES", "California",
       "62704-1234"},
      {"john", "", "O'BRIEN JR", "M", "1972-03-19", "john@x.org", "206-555-9857", "P.O. Box 12", "St. Louis", "MO",
       "63101"},
      {"UNKNOWN", "", "Smith", "", "0000-00-00", "none", "0000000000", "12 Main St #4", "Boston", "ZZ", "1234"}};
  std::vector<std::vector<Cell>> cells;
  for (const auto& row : rows) {
    cells.emplace_back();
    for (const char* text : row) cells.back().push_back({CellType::kText, text});
  }
  Record record;
  for (const auto& row : cells) normalizer.Normalize(row, &record);
  const size_t before = allocations;
  for (int round = 0; round < 100; ++round)
    for (const auto& row : cells) normalizer.Normalize(row, &record);
  EXPECT_EQ(allocations, before);
  EXPECT_GT(before, 0u) << "nothing was counted";
}

}  // namespace
}  // namespace migrate::normalize
