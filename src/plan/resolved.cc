#include "migrate/plan/resolved.h"

#include <nlohmann/json.hpp>

#include "enum_names.h"
#include "migrate/base/hash.h"
#include "migrate/plan/diagnostic.h"

namespace migrate::plan {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 6> kSecretKinds = {"none", "env", "file", "command", "aws_iam", "prompt"};

template <class Names, class Enum>
std::string NameOf(const Names& names, Enum value) {
  return std::string(names[static_cast<size_t>(value)]);
}

std::string SlotName(const Plan& plan, int slot) {
  if (slot < kFieldCount) return std::string(kFieldNames[static_cast<size_t>(slot)]);
  return plan.attributes[static_cast<size_t>(slot - kFieldCount)].name;
}

json MappingJson(const FieldMapping& mapping) {
  switch (mapping.kind) {
    case FieldMapping::Kind::kConstant:
      return {{"const", mapping.constant}};
    case FieldMapping::Kind::kJoin:
      return {{"join", mapping.columns}, {"with", mapping.with}};
    case FieldMapping::Kind::kOptOut: {
      json channels = json::object();
      for (size_t i = 0; i < kOptOutChannels.size(); ++i)
        if (!mapping.channel_columns[i].empty()) channels[std::string(kOptOutChannels[i])] = mapping.channel_columns[i];
      return channels;
    }
    case FieldMapping::Kind::kColumns:
      break;
  }
  json columns = {{"columns", mapping.columns}};
  if (!mapping.formats.empty()) columns["format"] = mapping.formats;
  return columns;
}

json LayoutJson(const Plan& plan, const Layout& layout) {
  json fields = json::object();
  for (const FieldMapping& mapping : layout.fields) fields[SlotName(plan, mapping.slot)] = MappingJson(mapping);
  return {
      {"fields", fields}, {"ignore", layout.ignore}, {"encoding", layout.encoding}, {"delimiter", layout.delimiter}};
}

// What both forms have of a source; paths and URLs are theirs.
json SourceJson(const Plan& plan, const Source& source) {
  json out = {{"name", source.name},
              {"type", NameOf(kTypes, source.type)},
              {"mode", NameOf(kModes, source.mode)},
              {"key", source.key}};
  for (const Layout& layout : source.layouts) out["layouts"].push_back(LayoutJson(plan, layout));
  if (source.type == SourceType::kCsv) {
    out["unknown_layout"] = source.quarantine_unknown_layout ? "quarantine" : "error";
  } else if (!source.table.empty()) {
    out["table"] = source.table;
  } else {
    out["query"] = source.query;
  }
  return out;
}

void AddMeaning(const Plan& plan, bool absolute, json* out) {
  (*out)["attributes"] = json::array();
  for (const Attribute& attribute : plan.attributes)
    (*out)["attributes"].push_back({{"name", attribute.name}, {"type", NameOf(kAttributeTypeNames, attribute.type)}});
  (*out)["normalize"] = {{"country", plan.normalize.country},
                         {"date_order", NameOf(kDateOrders, plan.normalize.date_order)},
                         {"two_digit_year_pivot", plan.normalize.two_digit_year_pivot},
                         {"excel_serials", NameOf(kExcelSerials, plan.normalize.excel_serials)},
                         {"as_of", plan.normalize.as_of}};
  json survivorship = {{"default", NameOf(kStrategies, plan.dedupe.default_strategy)}};
  for (const auto& [name, strategy] : plan.dedupe.strategies) survivorship[name] = NameOf(kStrategies, strategy);
  (*out)["dedupe"] = {{"match_probability", plan.dedupe.match_probability},
                      {"review_probability", plan.dedupe.review_probability},
                      {"survivorship", survivorship},
                      {"model", absolute ? plan.dedupe.model : plan.dedupe.model_as_written}};
}

json TlsJson(const Tls& tls) { return {{"mode", tls.mode}, {"ca", tls.ca}}; }

json ThrottleJson(const Throttle& t) {
  json out = json::object();
  if (t.rows_per_second > 0) out["rows_per_second"] = t.rows_per_second;
  if (t.bytes_per_second > 0) out["bytes_per_second"] = t.bytes_per_second;
  if (t.max_replica_lag) out["max_replica_lag_seconds"] = *t.max_replica_lag;
  if (t.max_threads_running) out["max_threads_running"] = *t.max_threads_running;
  return out;
}

json TargetJson(const Target& target) {
  json out = {{"url", MaskUrls(target.url)},
              {"partitions", target.partitions},
              {"password", NameOf(kSecretKinds, target.password.kind)}};
  if (target.sqlite) {
    out["path"] = target.path;
  } else {
    out["tls"] = TlsJson(target.tls);
    out["compression"] = NameOf(kCompressions, target.compression);
    if (!target.reader_url.empty()) out["reader_url"] = MaskUrls(target.reader_url);
  }
  return out;
}

json ObserveJson(const Observe& o) {
  json out = json::object();
  if (!o.log.empty()) out["log"] = o.log;
  if (o.log_json) out["log_format"] = *o.log_json ? "json" : "text";
  if (o.log_level) out["log_level"] = NameOf(kLogLevelNames, *o.log_level);
  if (!o.metrics.empty()) out["metrics"] = o.metrics;
  if (o.stall_after) out["stall_after_seconds"] = *o.stall_after;
  if (!o.notify.empty()) out["notify"] = "***";  // its arguments may be secret
  return out;
}

}  // namespace

std::string ResolvedPlanJson(const Plan& plan) {
  json out = {{"file", plan.file}, {"name", plan.name}, {"workspace", plan.workspace}, {"hash", plan.hash}};
  if (!plan.requires_version.empty()) out["requires"] = plan.requires_version;
  out["target"] = TargetJson(plan.target);
  AddMeaning(plan, true, &out);
  for (const Source& source : plan.sources) {
    json one = SourceJson(plan, source);
    if (source.type == SourceType::kMysql) {
      one["url"] = MaskUrls(source.url);
      one["password"] = NameOf(kSecretKinds, source.password.kind);
      one["tls"] = TlsJson(source.tls);
      one["throttle"] = ThrottleJson(source.throttle);
      one["on_snapshot_loss"] = source.continue_on_snapshot_loss ? "continue" : "restart";
      one["read_timeout_seconds"] = source.read_timeout;
    } else {
      one["path"] = source.path;
    }
    out["sources"].push_back(std::move(one));
  }
  out["reconcile"] = {{"sample", plan.reconcile.sample}, {"max_quarantined", nullptr}};
  const Limit& limit = plan.reconcile.max_quarantined;
  if (limit.rows) out["reconcile"]["max_quarantined"] = *limit.rows;
  if (limit.share) out["reconcile"]["max_quarantined_share"] = *limit.share;
  out["retention"] = {{"segments", NameOf(kKeepSegments, plan.retention.segments)},
                      {"match", plan.retention.match ? "keep" : "drop"}};
  if (json observe = ObserveJson(plan.observe); !observe.empty()) out["observe"] = std::move(observe);
  for (Stage stage : plan.stages) out["stages"].push_back(NameOf(kStageNames, stage));
  return MaskVariables(plan, out.dump());
}

std::string MeaningJson(const Plan& plan) {
  json out;
  AddMeaning(plan, false, &out);
  for (const Source& source : plan.sources) {
    json one = SourceJson(plan, source);
    if (source.type == SourceType::kMysql)
      one["database"] = source.database;
    else
      one["path"] = source.path_as_written;
    out["sources"].push_back(std::move(one));
  }
  return out.dump();
}

std::string PlanHash(const Plan& plan) { return Sha256Hex(MeaningJson(plan)); }

}  // namespace migrate::plan
