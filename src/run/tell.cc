#include "tell.h"

namespace migrate::run {
namespace {

using progress::RunFacts;
using Outcomes = std::map<std::string, std::map<std::string, uint64_t>>;  // by source

const std::string& SourceOf(const Context& c, const spool::ManifestLine& line) {
  return c.plan.sources[c.inputs[line.file].source].name;
}

Outcomes Extracted(const Context& c) {
  Outcomes rows;
  for (const auto& line : c.manifest->Lines("raw")) {
    rows[SourceOf(c, line)]["read"] += line.Number("rows");
    rows[SourceOf(c, line)]["quarantined"] += line.Number("rejects");
  }
  return rows;
}

Outcomes Normalized(const Context& c) {
  Outcomes rows;
  for (const auto& line : c.manifest->Lines("records")) rows[SourceOf(c, line)]["normalized"] += line.Number("rows");
  return rows;
}

Outcomes Loaded(const Context& c) {
  Outcomes rows;
  for (size_t s = 0; s < c.source_ids.size() && s < c.plan.sources.size(); ++s) {
    auto found = c.loaded.find(static_cast<uint32_t>(c.source_ids[s]));
    if (found == c.loaded.end()) continue;
    const load::Counts& n = found->second;
    rows[c.plan.sources[s].name] = {{"inserted", n.inserted},      {"updated", n.updated},
                                    {"unchanged", n.unchanged},    {"superseded", n.superseded},
                                    {"quarantined", n.duplicates}, {"gone", n.gone}};
  }
  return rows;
}

}  // namespace

void TellInputs(const Context& c) {
  std::map<std::string, uint64_t> bytes;
  for (const Input& i : c.inputs)
    if (i.state == Input::State::kImport) bytes[c.plan.sources[i.source].name] += i.bytes;
  c.options.board->Update([&](RunFacts* f) {
    f->source_bytes = bytes;
    f->import = c.import_id;
  });
}

void TellStage(const Context& c, plan::Stage stage) {
  const std::string name(plan::kStageNames[static_cast<size_t>(stage)]);
  Outcomes rows;
  if (stage == plan::Stage::kExtract) rows = Extracted(c);
  if (stage == plan::Stage::kNormalize) rows = Normalized(c);
  if (stage == plan::Stage::kLoad) rows = Loaded(c);
  c.options.board->Update([&](RunFacts* f) {
    f->import = c.import_id;
    if (!rows.empty()) f->rows[name] = rows;
    if (c.persons.total > 0)
      f->persons = {{"total", c.persons.total},
                    {"created", c.persons.created},
                    {"changed", c.persons.changed},
                    {"merged", c.persons.merged},
                    {"split", c.persons.split}};
  });
}

}  // namespace migrate::run
