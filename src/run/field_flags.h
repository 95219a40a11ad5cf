// Which quality flag speaks of which field: as normalize counts fields for the report, and as the rows behind those
// counts are found again.
#pragma once

#include <utility>

#include "migrate/record/record.h"

namespace migrate::run {

inline constexpr std::pair<Field, uint32_t> kFieldFlags[] = {{Field::kLastName, kFlagName},
                                                             {Field::kBirthDate, kFlagBirthDate},
                                                             {Field::kEmail, kFlagEmail},
                                                             {Field::kPhone, kFlagPhone},
                                                             {Field::kStreet, kFlagAddress},
                                                             {Field::kState, kFlagState},
                                                             {Field::kZip, kFlagZip},
                                                             {Field::kSex, kFlagSex},
                                                             {Field::kNationalId, kFlagNationalId},
                                                             {Field::kUpdatedAt, kFlagUpdatedAt},
                                                             {Field::kOptOut, kFlagOptOut}};

}  // namespace migrate::run
