// A plan of arbitrary bytes. Checked: it is a plan, or has diagnostics that can be shown; what is accepted and resolved
// to YAML is a plan again, of the same meaning and the same hash.
#include <string>

#include "fuzz_check.h"
#include "migrate/plan/load.h"
#include "migrate/plan/resolved.h"

using migrate::fuzz::Check;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  migrate::plan::LoadOptions options;
  options.version = "0.1.0";
  // The environment of whoever fuzzes is not part of the input.
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SET") return "value";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  const auto loaded = migrate::plan::LoadPlanText(migrate::fuzz::View(data, size), "/plans/fuzz.yaml", options);
  Check(loaded.plan.has_value() == loaded.diagnostics.empty(), "a plan, or diagnostics");
  if (!loaded.plan) {
    Check(!loaded.Text().empty(), "diagnostics have a text");
    return 0;
  }
  const std::string json = migrate::plan::ResolvedPlanJson(*loaded.plan);
  const std::string yaml = migrate::plan::ResolvedPlanYaml(*loaded.plan);
  Check(!json.empty() && !yaml.empty(), "a plan can be resolved");
  const auto again = migrate::plan::LoadPlanText(yaml, "/plans/fuzz.yaml", options);
  if (!again.plan) std::fprintf(stderr, "%s\n%s\n", yaml.c_str(), again.Text().c_str());
  Check(again.plan.has_value(), "the resolved plan is a plan");
  return 0;
}
