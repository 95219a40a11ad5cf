// What has changed since the last import: the columns of a source, and the plan.
#pragma once

#include <string>
#include <vector>

#include "context.h"

namespace migrate::run {

// How columns differ: "added x; removed y; renamed a to b; type of c changed from INTEGER to TEXT; the order of the
// columns changed". "" if they do not. A column is taken for renamed if one went and another came at its place.
std::string ColumnsDiffer(const std::vector<extract::Column>& before, const std::vector<extract::Column>& now);

// Holds each input's columns against those that its source had in the last import that read it (of several files of
// one layout any will do). A difference is said; with contract: freeze it is a kPlan error, before anything is read.
// And whether the plan has changed since this target's last import, with the number of records that are made anew.
Status CheckContracts(const Context& c);

// Warns of files without a key that came before with other content: their rows will be there twice. After PlanWork.
Status SayDoubled(const Context& c);

}  // namespace migrate::run
