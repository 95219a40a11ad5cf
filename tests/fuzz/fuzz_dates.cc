// Dates and moments by every order, pivot and system of serials, and by formats: "YYYY-MM-DD" or a part of it, a day
// that the calendar has, and the same again. What stands before a '|' in the input is taken for a format.
#include "fuzz_rules.h"
#include "migrate/normalize/dates.h"

namespace migrate::normalize {
namespace {

int Number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    Require(IsDigit(c), "no digit in a date", digits);
    value = value * 10 + (c - '0');
  }
  return value;
}

void RequireDay(std::string_view date, std::string_view text) {
  Require(date.size() == 4 || date.size() == 7 || date.size() == 10, "neither a day nor a part of one", text);
  const int year = Number(date.substr(0, 4));
  Require(year >= kFirstYear && year <= kLastYear, "a year outside the bounds", text);
  if (date.size() == 4) return;
  const int month = Number(date.substr(5, 2));
  Require(date[4] == '-' && month >= 1 && month <= 12, "no month", text);
  if (date.size() == 7) return;
  constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int day = Number(date.substr(8, 2));
  Require(date[7] == '-' && day >= 1 && day <= kDays[month - 1], "no day", text);
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  Require(leap || month != 2 || day < 29, "the 29th of February", text);
}

void RequireMoment(std::string_view moment, std::string_view text) {
  Require(moment.size() >= 19 && moment[10] == ' ' && moment[13] == ':' && moment[16] == ':', "no moment", text);
  RequireDay(moment.substr(0, 10), text);
  Require(Number(moment.substr(11, 2)) < 24 && Number(moment.substr(14, 2)) < 60 && Number(moment.substr(17, 2)) < 60,
          "no time of day", text);
}

}  // namespace
}  // namespace migrate::normalize

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace migrate::normalize;
  const FuzzInput input = ReadFuzzInput(data, size, Form::kCode);
  std::string_view text = input.text;
  std::vector<std::string> formats;
  if (const size_t bar = text.find('|'); bar != std::string_view::npos) {
    if (IsDateFormat(text.substr(0, bar))) formats.emplace_back(text.substr(0, bar));
    text = text.substr(bar + 1);
  }
  const unsigned option = input.option();
  DateRules rules;
  rules.order = static_cast<migrate::DateOrder>(input.choice % 3);
  rules.excel = static_cast<migrate::ExcelSerials>(option % 3);
  rules.numeric = option >= 16;
  rules.pivot = static_cast<int>(input.choice) * 99 / 255;
  rules.formats = &formats;
  DateRules plain = rules;
  plain.formats = nullptr;
  plain.numeric = false;
  std::string value, again;
  RequireValue(NormalizeDate(text, rules, &value), value, 10, text);
  if (!value.empty()) {
    RequireDay(value, text);
    NormalizeDate(value, plain, &again);
    Require(again == value, "not idempotent", text);
    IsPlausibleBirth(value, "2026-01-31");
  }
  const auto type = static_cast<migrate::CellType>(1 + option % 4);
  RequireValue(NormalizeTimestamp(text, type, rules, &value), value, 26, text);
  if (!value.empty()) {
    RequireMoment(value, text);
    NormalizeTimestamp(value, migrate::CellType::kText, plain, &again);
    Require(again == value, "not idempotent", text);
  }
  return 0;
}
