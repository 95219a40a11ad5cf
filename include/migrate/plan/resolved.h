// The resolved plan as JSON and as YAML, and the hash by which a run knows that its plan still means the same.
#pragma once

#include <string>

#include "migrate/plan/plan.h"

namespace migrate::plan {

// The whole plan with its defaults, as one line of JSON with sorted keys; sources and attributes are lists, as their
// order counts. Secrets appear as their kind alone ("env", "file", "command", "aws_iam", "prompt"), paths are absolute.
std::string ResolvedPlanJson(const Plan& plan);

// The same for people: YAML that loads to the same plan (paths absolute), where the plan does not write a value with
// "# default: why" beside it; keys without a value stand as comments. Redacted: the command of a password, passwords in
// URLs, and values of environment variables whose names sound secret (MaskVariables).
std::string ResolvedPlanYaml(const Plan& plan);

// `text` with *** for the values of those of the plan's variables that came from the environment under a name like
// API_TOKEN or DB_PASSWORD, wherever they stand.
std::string MaskVariables(const Plan& plan, std::string text);

// The canonical JSON that the hash is made of: of everything that decides what a run makes of the same inputs. In:
// sources (name, type, mode, key, layouts, table or query, path as written, database of a URL), attributes, normalize,
// dedupe. Out: where a server stands and who logs in, workspace, target, secrets, TLS, reconcile, stages, names of
// the plan and its file.
std::string MeaningJson(const Plan& plan);

// SHA-256 of MeaningJson, 64 hex digits.
std::string PlanHash(const Plan& plan);

}  // namespace migrate::plan
