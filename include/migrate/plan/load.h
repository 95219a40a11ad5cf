// Loads a plan file: YAML -> a checked Plan with its defaults, or everything that is wrong with it at once.
//
//   LoadResult loaded = LoadPlan("people.yaml", {.version = MIGRATE_VERSION});
//   if (!loaded.plan) return Status::Plan(loaded.Text());
//   Run(*loaded.plan);
//
// Nothing but the plan file is opened: sources, target, certificates and secrets are looked at by those who use them.
// The plan language is that of docs/plan.md; its structure stands in plan/schema.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/plan/diagnostic.h"
#include "migrate/plan/plan.h"

namespace migrate::plan {

struct LoadOptions {
  // Of the program, "0.1.0", for the plan's `requires`; "" takes every requirement for fulfilled.
  std::string version;
  // The value of an environment variable, nullopt if it is not set; null is: the environment of the process.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

// Either a plan and no diagnostics, or no plan and at least one.
struct LoadResult {
  std::optional<Plan> plan;
  std::vector<Diagnostic> diagnostics;  // in the order of their places

  bool ok() const { return plan.has_value(); }
  // All diagnostics as they are printed; "" if ok.
  std::string Text() const { return DiagnosticsText(diagnostics); }
};

// Diagnostics name the file as `path` does; paths within the plan start at its folder. Never throws. A plan has at most
// 4 MiB, is UTF-8 and a regular file or a pipe.
LoadResult LoadPlan(const std::string& path, const LoadOptions& options = {});

// The same for a text that pretends to be the file `path`; nothing is opened.
LoadResult LoadPlanText(std::string_view text, const std::string& path, const LoadOptions& options = {});

}  // namespace migrate::plan
