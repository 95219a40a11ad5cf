// The audit events of a run that makes no import.
#pragma once

#include <string>
#include <vector>

#include "context.h"

namespace migrate::run {

// Detail of the event "run_ended", of a run that has left no other at its end (stages done again, a mismatch): plan,
// stages, the import they were done for (null: none), exit code, verdict of the reconciliation with the number of
// damaged rows (null: there was none), and who asked.
std::string RunEvent(const Context& c, const std::vector<plan::Stage>& stages, int exit_code);

// Adds the event "run_unchanged", of a run that found nothing new. c->db is open.
Status AuditUnchanged(Context* c);

}  // namespace migrate::run
