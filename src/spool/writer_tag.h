// A name for what this process writes in a folder that processes of several machines share: pids recur there.
#pragma once

#include <string>

namespace migrate::spool {

const std::string& WriterTag();  // 16 random hex digits, drawn once

}  // namespace migrate::spool
