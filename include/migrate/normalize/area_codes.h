// The North American Numbering Plan (country code 1) by area code: an own table, because the metadata of the packaged
// libphonenumber refuses codes that came into service after it.
#pragma once

#include <string_view>

namespace migrate::normalize {

// State of the table: area codes in service or announced to enter it by this date (nanpa.com, CNAC).
inline constexpr std::string_view kAreaCodesVersion = "2025-12";

// ISO 3166-1 alpha-2 of the country or territory an area code (200 to 999) serves; "001" for codes that belong to no
// country (toll-free 8YY, personal 5YY, premium 900); "" if the code is not in service.
std::string_view AreaCodeCountry(int area_code);

// True for the countries that share country code 1 (US, CA, PR, JM, ...).
bool IsNanpCountry(std::string_view country);

}  // namespace migrate::normalize
