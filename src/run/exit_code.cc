#include "migrate/run/run.h"

namespace migrate::run {

int ExitCode(const Status& status) {
  if (status.ok()) return 0;
  switch (status.kind()) {
    case ErrorKind::kFailed:
      return 1;
    case ErrorKind::kPlan:
      return 2;
    case ErrorKind::kMismatch:
      return 4;
    case ErrorKind::kQuarantineLimit:
      return 5;
    case ErrorKind::kCancelled:
      return 130;
  }
  return 1;
}

}  // namespace migrate::run
