// Writing of single values; all append to `out`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datagen_people.h"

namespace migrate::datagen {

// Decimal, with leading zeros up to `width`.
void AppendNumber(uint64_t n, size_t width, std::string& out);
// A CSV field (RFC 4180), in quotes if it must be.
void AppendField(std::string_view text, char delimiter, std::string& out);
// Dates; nothing where the year is 0.
void AppendIso(const Date& date, std::string& out);
void AppendMdy(const Date& date, size_t width, std::string& out);  // 1: 3/4/1971, 2: 03/04/1971
void AppendDmy(const Date& date, std::string& out);                // 04.03.1971
// "YYYY-MM-DD HH:MM:SS" of seconds from 1970-01-01 UTC.
void AppendTime(int64_t seconds, std::string& out);
// One of kPhoneStyles ways: 217-556-0101, (217) 556-0101, 2175560101, +1 217 556 0101, 217.556.0101, 1-217-556-0101;
// the extension as " x12". Nothing where `phone` is 0.
void AppendPhone(uint64_t phone, uint32_t style, uint32_t extension, std::string& out);
// Latin-1 of UTF-8 that has no letter beyond it (Windows-1252 agrees with it on letters).
std::string Latin1(std::string_view utf8);
// UTF-16, little-endian, without a mark. `utf8` must be valid.
void AppendUtf16(std::string_view utf8, std::string& out);

}  // namespace migrate::datagen
