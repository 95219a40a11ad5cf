#include "writer_tag.h"

#include <fmt/core.h>

#include <random>

namespace migrate::spool {

const std::string& WriterTag() {
  static const std::string tag = [] {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
  }();
  return tag;
}

}  // namespace migrate::spool
