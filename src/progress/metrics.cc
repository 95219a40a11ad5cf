// The format: prometheus.io/docs/instrumenting/exposition_formats ("Text-based format"). A HELP text escapes \ and line
// ends, a label's value the quote as well; all lines of one metric stand together.
#include <fmt/core.h>

#include <cstdlib>

#include "migrate/progress/board.h"

namespace migrate::progress {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

constexpr char kLastSuccess[] = "migrate_last_success_timestamp_seconds";

// Bytes that are no UTF-8 would make the collector refuse the whole file; they become '?'.
std::string Escaped(const std::string& value) {
  std::string out;
  for (size_t i = 0; i < value.size();) {
    const auto c = static_cast<unsigned char>(value[i]);
    const size_t size = c < 0x80                ? 1
                        : c >= 0xC2 && c < 0xE0 ? 2
                        : c >= 0xE0 && c < 0xF0 ? 3
                        : c >= 0xF0 && c < 0xF5 ? 4
                                                : 0;
    bool whole = size > 0 && i + size <= value.size();
    for (size_t k = 1; whole && k < size; ++k) whole = (static_cast<unsigned char>(value[i + k]) & 0xC0) == 0x80;
    if (!whole) {
      out += '?';
      ++i;
      continue;
    }
    if (c == '\\')
      out += "\\\\";
    else if (c == '"')
      out += "\\\"";
    else if (c == '\n')
      out += "\\n";
    else
      out.append(value, i, size);
    i += size;
  }
  return out;
}

class Writer {
 public:
  explicit Writer(const std::string& plan) : plan_(plan) {}
  void Metric(const char* name, const char* type, const char* help) {
    name_ = name;
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  // Every sample carries the plan: one collector may read the files of several.
  void Sample(double value, const Labels& labels = {}) {
    out_ += fmt::format("{}{{plan=\"{}\"", name_, Escaped(plan_));
    for (const auto& [label, text] : labels) out_ += fmt::format(",{}=\"{}\"", label, Escaped(text));
    // Whole numbers as such; fractions to the microsecond, the same in every locale.
    const bool whole = value < 1e15 && value > -1e15 && value == static_cast<double>(static_cast<int64_t>(value));
    out_ += whole ? fmt::format("}} {}\n", static_cast<int64_t>(value)) : fmt::format("}} {:.6f}\n", value);
  }
  void One(const char* name, const char* type, const char* help, double value, const Labels& labels = {}) {
    Metric(name, type, help);
    Sample(value, labels);
  }
  std::string Text() { return std::move(out_); }

 private:
  const std::string plan_;
  std::string name_, out_;
};

double D(uint64_t n) { return static_cast<double>(n); }

void RunMetrics(const RunFacts& f, Writer* w) {
  w->One("migrate_build_info", "gauge", "The version of migrate that runs, or ran last.", 1,
         {{"version", f.tool_version}});
  w->One("migrate_run_info", "gauge", "The id of the run, as on each line of its log.", 1, {{"run", f.run_id}});
  w->One("migrate_run_active", "gauge", "1 while the run goes on, 0 after its end.", f.ended_at ? 0 : 1);
  w->One("migrate_run_dry_run", "gauge", "1 if the run only forecasts.", f.dry_run ? 1 : 0);
  w->One("migrate_run_start_timestamp_seconds", "gauge", "When the run began.", f.started_at);
  if (f.ended_at) w->One("migrate_run_end_timestamp_seconds", "gauge", "When the run ended.", *f.ended_at);
  if (f.exit_code) w->One("migrate_run_exit_code", "gauge", "Exit code of the run that ended.", *f.exit_code);
  if (f.last_success_at)
    w->One(kLastSuccess, "gauge", "When a run last ended with exit code 0 or 3.", *f.last_success_at);
  w->One("migrate_import", "gauge", "Number of the import at hand; 0 while there is none.",
         static_cast<double>(f.import));
  w->One("migrate_run_warnings", "gauge", "Warnings of the run so far.", D(f.warnings));
}

void StageMetrics(const RunFacts& f, Writer* w) {
  std::vector<StageFacts> stages = f.done;
  if (!f.now.stage.empty()) stages.push_back({f.now.stage, f.now.seconds, f.now.rows});
  if (!stages.empty()) {
    w->Metric("migrate_stage_seconds", "gauge", "How long each stage of the run took, or takes so far.");
    for (const StageFacts& s : stages) w->Sample(s.seconds, {{"stage", s.stage}});
    w->Metric("migrate_stage_rows", "gauge",
              "Rows that each stage of the run has been through; of the stage at work its step's, where that counts "
              "its own.");
    for (const StageFacts& s : stages) w->Sample(D(s.rows), {{"stage", s.stage}});
  }
  w->Metric("migrate_stage_active", "gauge", "1 for the stage at work.");
  for (const StageFacts& s : stages) w->Sample(s.stage == f.now.stage ? 1 : 0, {{"stage", s.stage}});
  if (f.now.total > 0)
    w->One("migrate_stage_rows_expected", "gauge",
           "Rows that the stage at work, or its step, will have been through at its end.", D(f.now.total),
           {{"stage", f.now.stage}});
  if (!f.rows.empty()) {
    w->Metric("migrate_rows", "gauge", "Rows by stage, source and what became of them.");
    for (const auto& [stage, sources] : f.rows)
      for (const auto& [source, outcomes] : sources)
        for (const auto& [outcome, rows] : outcomes)
          w->Sample(D(rows), {{"stage", stage}, {"source", source}, {"outcome", outcome}});
  }
}

void ResultMetrics(const RunFacts& f, Writer* w) {
  if (!f.source_bytes.empty()) {
    w->Metric("migrate_source_bytes", "gauge", "Bytes of the inputs that the run imports, by source; 0 for servers.");
    for (const auto& [source, bytes] : f.source_bytes) w->Sample(D(bytes), {{"source", source}});
  }
  if (!f.persons.empty()) {
    w->Metric("migrate_persons", "gauge", "Persons after dedupe, and how many of them it created, changed or merged.");
    for (const auto& [kind, n] : f.persons) w->Sample(D(n), {{"kind", kind}});
  }
  if (f.open_rejects)
    w->One("migrate_open_rejects", "gauge", "Rows of the inputs that are in quarantine.", D(*f.open_rejects));
}

void ProcessMetrics(const RunFacts& f, Writer* w) {
  w->One("migrate_idle_seconds", "gauge", "Since when nothing moved.", f.idle_seconds);
  w->One("migrate_stalled", "gauge", "1 if nothing moved for as long as --stall-after says.", f.stall ? 1 : 0);
  w->One("migrate_resident_memory_bytes", "gauge", "Memory of the process.", D(f.resources.resident_bytes));
  w->One("migrate_resident_memory_peak_bytes", "gauge", "Most memory the process has had.",
         D(f.resources.resident_peak_bytes));
  w->One("migrate_cpu_seconds_total", "counter", "CPU time of the process, user and system.", f.resources.cpu_seconds);
  w->Metric("migrate_io_bytes_total", "counter", "Bytes the process has read and written, files and sockets.");
  w->Sample(D(f.resources.read_bytes), {{"direction", "read"}});
  w->Sample(D(f.resources.written_bytes), {{"direction", "written"}});
}

}  // namespace

std::string MetricsText(const RunFacts& f) {
  Writer w(f.plan);
  RunMetrics(f, &w);
  StageMetrics(f, &w);
  ResultMetrics(f, &w);
  ProcessMetrics(f, &w);
  return w.Text();
}

std::optional<double> LastSuccessIn(const std::string& text) {
  const std::string head = std::string("\n") + kLastSuccess + "{";
  const size_t at = text.find(head);
  if (at == std::string::npos) return std::nullopt;
  const size_t line_end = std::min(text.find('\n', at + 1), text.size());
  const size_t value = text.rfind("} ", line_end);
  if (value == std::string::npos || value < at) return std::nullopt;
  char* end = nullptr;
  const std::string number = text.substr(value + 2, line_end - value - 2);
  const double seconds = std::strtod(number.c_str(), &end);
  return end != number.c_str() && *end == '\0' && seconds > 0 ? std::optional<double>(seconds) : std::nullopt;
}

}  // namespace migrate::progress
