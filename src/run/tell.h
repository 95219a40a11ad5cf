// What the stages know, told to the board: for metrics and `status`.
#pragma once

#include "context.h"

namespace migrate::run {

// The inputs of this run and the import, before a stage begins.
void TellInputs(const Context& c);

// What a stage that has ended made of its rows. Rows that an earlier attempt committed are among them.
void TellStage(const Context& c, plan::Stage stage);

}  // namespace migrate::run
