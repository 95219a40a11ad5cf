// Records a second through Normalizer on one thread: 11 columns of US data made in the program, in the mixture of
// styles that real files have. Usage: bench_normalize [rows]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "migrate/normalize/normalizer.h"

namespace {

using migrate::BoundField;
using migrate::Cell;
using migrate::CellType;
using migrate::Field;
using migrate::Record;

constexpr Field kColumns[] = {Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kSex,
                              Field::kBirthDate, Field::kEmail,      Field::kPhone,    Field::kStreet,
                              Field::kCity,      Field::kState,      Field::kZip};

using Pool = std::vector<const char*>;
const Pool kFirst = {"Mary",    "JOHN",  "Patricia", "robert",    "Jennifer",
                     "Michael", "LINDA", "William",  "Elizabeth", "David"};
const Pool kLast = {"Smith",  "JOHNSON",      "Williams", "O'Brien",     "MCDONALD",
                    "Garcia", "van der Berg", "Davis",    "Smith-Jones", "Lopez"};
const Pool kStreet = {"Main Street",    "N Oak Ave",      "North Maple Drive", "ELM ST",   "Washington Boulevard",
                      "5th Ave Apt 12", "Lake View Road", "Park Lane",         "Cedar Ct", "Old Mill Rd"};
const Pool kCity = {"Springfield", "SEATTLE",     "New York", "St. Louis", "Boston",
                    "Chicago",     "Los Angeles", "Houston",  "Phoenix",   "Dallas"};
const Pool kState = {"IL", "WA", "NY", "MO", "MA", "Illinois", "CA", "TX", "AZ", "tx"};
const Pool kDomain = {"gmail.com", "Yahoo.com", "hotmail.com", "aol.com", "comcast.net"};

std::vector<std::string> MakeRow(std::mt19937_64* rng) {
  const auto pick = [&](const Pool& pool) { return std::string(pool[(*rng)() % pool.size()]); };
  const auto number = [&](unsigned from, unsigned to) { return std::to_string(from + (*rng)() % (to - from)); };
  const std::string area = number(201, 989), exchange = number(200, 999), line = number(1000, 9999);
  const std::string month = number(10, 13), day = number(10, 29), year = number(1930, 2008);
  const Pool sexes = {"F", "M", "female", ""};
  const Pool middles = {"", "", "A", "Lee"};
  return {pick(kFirst),
          pick(middles),
          pick(kLast),
          pick(sexes),
          (*rng)() % 2 == 0 ? year + "-" + month + "-" + day : month + "/" + day + "/" + year,
          pick(kFirst) + "." + number(1, 9999) + "@" + pick(kDomain),
          (*rng)() % 2 == 0 ? area + "-" + exchange + "-" + line : "(" + area + ") " + exchange + "-" + line,
          number(1, 9999) + " " + pick(kStreet),
          pick(kCity),
          pick(kState),
          number(10000, 99999)};
}

}  // namespace

int main(int argc, char** argv) {
  const size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  std::vector<BoundField> fields;
  for (uint32_t i = 0; i < std::size(kColumns); ++i) {
    BoundField bound;
    bound.slot = static_cast<int>(kColumns[i]);
    bound.columns = {i};
    fields.push_back(bound);
  }
  const migrate::normalize::Normalizer normalizer({}, {}, fields);
  std::mt19937_64 rng(1);
  std::vector<std::vector<std::string>> texts(10'000);
  std::vector<std::vector<Cell>> cells(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    texts[i] = MakeRow(&rng);
    for (const std::string& text : texts[i]) cells[i].push_back({CellType::kText, text});
  }
  Record record;
  size_t bytes = 0;
  const std::clock_t begin = std::clock();  // processor time: other work on the machine does not count
  for (size_t i = 0; i < rows; ++i) {
    normalizer.Normalize(cells[i % cells.size()], &record);
    for (const std::string& value : record.values) bytes += value.size();
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf("%zu records, %zu bytes out, %.2f s: %.0f records/s\n", rows, bytes, seconds,
              static_cast<double>(rows) / seconds);
  return 0;
}
