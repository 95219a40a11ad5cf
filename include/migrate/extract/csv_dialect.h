// Delimiter and encoding of a CSV file, as declared or as found in its first bytes, with the evidence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/extract/csv_grammar.h"
#include "migrate/extract/text_encoding.h"

namespace migrate::extract {

// What of a file is looked at.
inline constexpr size_t kSampleBytes = 1 << 20;
inline constexpr size_t kSampleRecords = 200;

struct Dialect {
  CsvGrammar grammar;  // one_column: the header has one field
  Encoding encoding = Encoding::kUtf8;
  std::vector<std::string> findings;
};

// `whole`: the sample is the whole file, so its last record is complete. `utf8_certain`: a byte order mark or a
// transcoded file settles the encoding, whatever was declared. `delimiter` and `encoding` as the plan says, "" to find
// them; an unknown one is an error (kPlan). What is declared is used (a mark apart); a finding says so where the sample
// speaks against it.
//
// Encoding: UTF-8 if the sample has more valid multi-byte sequences than bytes that belong to none (or has neither),
// else windows-1252. Delimiter: of , ; TAB | the one for which at least 90 % of the first kSampleRecords rows have as
// many fields as the header, the most fields first; failing that the one with the greatest share. If none splits the
// header: one column.
Result<Dialect> FindDialect(std::string_view sample, bool whole, bool utf8_certain, const std::string& delimiter,
                            const std::string& encoding);

}  // namespace migrate::extract
