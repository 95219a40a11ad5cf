#include "gone_inputs.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "migrate/base/plural.h"

namespace migrate::run {
namespace {

constexpr char kComplete[] = "complete", kOver[] = "over";

// The inputs of the work in the workspace, by file_no, if extract is over for all of them. Memory: the manifest.
struct Extracted {
  std::string run_key;
  bool over = false;  // its import has ended, whatever became of it since
  std::vector<Input> inputs;
  uint64_t RowsOf(uint32_t file_no) const { return rows[file_no]; }
  std::vector<uint64_t> rows;  // by file_no
};

bool InputOf(const plan::Plan& plan, const spool::ManifestLine& line, Input* input) {
  const auto source = std::find_if(plan.sources.begin(), plan.sources.end(),
                                   [&](const plan::Source& s) { return s.name == line.Text("source"); });
  if (source == plan.sources.end()) return false;
  input->file_no = line.file;
  input->source = static_cast<size_t>(source - plan.sources.begin());
  input->path = line.Text("path");
  input->state = line.Text("state") == "import" ? Input::State::kImport : Input::State::kUnchanged;
  input->what = line.Text("what");
  input->bytes = line.Number("bytes");
  input->live = line.Text("live") == "yes";
  if (!input->live) input->sha256 = line.Text("sha256");
  input->layout = line.Text("layout") == "-1" ? -1 : static_cast<int>(line.Number("layout"));
  input->columns = ColumnsFromJson(line.Text("columns"));
  return input->layout < static_cast<int>(source->layouts.size());
}

Result<std::optional<Extracted>> ExtractedOf(const Context& c) {
  const std::string path = c.Work("manifest.jsonl");
  if (!PathExists(path)) return std::optional<Extracted>();
  // Not opened: the workspace is not locked yet.
  MIGRATE_ASSIGN(const auto lines, spool::ReadManifest(path));
  Extracted out;
  std::map<uint32_t, const spool::ManifestLine*> inputs;
  bool complete = false;
  std::string over;
  for (const auto& line : lines) {
    if (line.kind == "work") out.run_key = line.Text("run_key");
    if (line.kind == "input") inputs[line.file] = &line;
    if (line.kind == kOver) over = line.Text("run_key");
    complete |= line.kind == kComplete;
  }
  out.over = !over.empty() && over == out.run_key;
  if (!complete || inputs.empty() || inputs.rbegin()->first + 1 != inputs.size()) return std::optional<Extracted>();
  for (const auto& [file, line] : inputs)
    if (!InputOf(c.plan, *line, &out.inputs.emplace_back())) return std::optional<Extracted>();
  out.rows.resize(inputs.size());
  for (const auto& line : lines)
    if (line.kind == "raw" && line.file < out.rows.size())
      out.rows[line.file] += line.Number("rows") + line.Number("rejects");
  return std::optional<Extracted>(std::move(out));
}

// Bytes of a path that are no UTF-8 are replaced there.
std::string AsInManifest(const std::string& path) {
  using nlohmann::json;
  return json::parse(json(path).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

using NameOfInput = std::tuple<size_t, std::string, std::string>;
NameOfInput NameOf(const Input& i) { return {i.source, AsInManifest(i.path), i.what}; }

// By what an input is called. Does not outlive `inputs`.
using InputsByName = std::map<NameOfInput, const Input*>;
InputsByName ByName(const std::vector<Input>& inputs) {
  InputsByName by_name;
  for (const Input& i : inputs) by_name.try_emplace(NameOf(i), &i);
  return by_name;
}

// The extracted inputs in their order: those that are there as they were found, the others as they were extracted.
// Nothing where that does not explain all that is missing.
std::optional<std::vector<Input>> WithGone(const plan::Plan& plan, const Extracted& extracted,
                                           const std::vector<Input>& found, const std::vector<MissingSource>& missing,
                                           InputErrors* errors) {
  std::set<size_t> unexplained, missing_sources;
  for (const MissingSource& m : missing) missing_sources.insert(m.source);
  unexplained = missing_sources;
  const InputsByName by_name = ByName(found);
  std::vector<Input> inputs;
  for (Input input : extracted.inputs) {
    const uint32_t file_no = input.file_no;
    if (const auto there = by_name.find(NameOf(input)); there != by_name.end()) {
      input = *there->second;
    } else {
      if (input.live ? !missing_sources.contains(input.source) : PathExists(input.path)) return std::nullopt;
      input.gone = true;
      unexplained.erase(input.source);
      const plan::Source& source = plan.sources[input.source];
      if (input.layout >= 0)
        for (const plan::Diagnostic& d :
             BindInput(plan, source, source.layouts[static_cast<size_t>(input.layout)], &input))
          AddError(d.Text(), true, errors);
    }
    input.file_no = file_no;
    inputs.push_back(std::move(input));
  }
  if (!unexplained.empty()) return std::nullopt;
  return inputs;
}

std::string GoneNote(const Extracted& extracted, const std::vector<Input>& inputs,
                     const std::vector<MissingSource>& missing, size_t waiting) {
  std::string first, why = "it is not there any more";
  size_t gone = 0;
  uint64_t rows = 0;
  for (const Input& i : inputs) {
    if (!i.gone) continue;
    rows += extracted.RowsOf(i.file_no);
    if (gone++ > 0) continue;
    first = i.live ? i.path + " (" + i.what + ")" : i.path;
    for (const MissingSource& m : missing)
      if (m.source == i.source) why = m.why;
  }
  std::string text = fmt::format("{}{}: {}; the import goes on with {} as {} extracted", first,
                                 gone > 1 ? fmt::format(" and {}", Counted(gone - 1, "more input", "more inputs")) : "",
                                 why, Counted(rows, "row"), Plural(rows, "it was", "they were"));
  if (waiting > 0)
    text += fmt::format("; {} come since and {} for the next run", Counted(waiting, "input has", "inputs have"),
                        Plural(waiting, "waits", "wait"));
  return text;
}

Result<bool> IsOver(const Context& c, const Extracted& extracted) {
  if (extracted.over) return true;
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return false;
  Context work(c.plan, c.options, c.meter);
  work.run_key = extracted.run_key;
  MIGRATE_ASSIGN(auto import, ImportOfWork(work, db.get()));
  return import && import->state == "done";
}

}  // namespace

Status MarkExtracted(Context* c) {
  if (c->manifest->Find(kComplete, 0, 0) != nullptr) return {};
  return c->manifest->Append({kComplete, 0, 0, {{"stage", "extract"}}});
}

Status MarkOver(Context* c) {
  const auto* line = c->manifest->Find(kOver, 0, 0);
  if (line != nullptr && line->Text("run_key") == c->run_key) return {};
  return c->manifest->Append({kOver, 0, 0, {{"run_key", c->run_key}}});
}

Status ForgetExtracted(Context* c) {
  if (!c->manifest || c->manifest->Find(kComplete, 0, 0) == nullptr) return {};
  return c->manifest->Drop(kComplete);
}

namespace {

// As InputsOfRun; `found` is what is there. Nothing where all is there, or what is missing cannot be explained.
Result<std::optional<std::vector<Input>>> TakeGone(const Context& c, Ask ask, const std::vector<Input>& found,
                                                   bool sound, InputErrors* errors, std::string* note) {
  using Inputs = std::optional<std::vector<Input>>;
  MIGRATE_ASSIGN(const auto extracted, ExtractedOf(c));
  if (!extracted) return Inputs();
  const InputsByName here = ByName(found);
  const bool all = std::all_of(extracted->inputs.begin(), extracted->inputs.end(),
                               [&](const Input& i) { return here.contains(NameOf(i)); });
  if (all && sound) return Inputs();
  InputErrors others;
  std::vector<MissingSource> missing;
  const std::vector<Input> there = FindInputs(c.plan, &others, nullptr, &missing);
  if (!others.text.empty()) return Inputs();
  auto inputs = WithGone(c.plan, *extracted, there, missing, &others);
  if (!inputs || std::none_of(inputs->begin(), inputs->end(), [](const Input& i) { return i.gone; })) return Inputs();
  if (ask == Ask::kRun) {
    MIGRATE_ASSIGN(const bool over, IsOver(c, *extracted));
    if (over) return Inputs();
  }
  *errors = others;
  const InputsByName known = ByName(extracted->inputs);
  const auto waiting =
      std::count_if(there.begin(), there.end(), [&](const Input& i) { return !known.contains(NameOf(i)); });
  *note = GoneNote(*extracted, *inputs, missing, static_cast<size_t>(waiting));
  return inputs;
}

}  // namespace

Result<std::vector<Input>> InputsOfRun(const Context& c, Ask ask, std::string* note) {
  if (c.replay()) return *c.options.inputs;
  InputErrors errors;
  std::vector<Input> found = FindInputs(c.plan, &errors, c.options.only_files);
  if (ask != Ask::kAgain) {
    MIGRATE_ASSIGN(auto inputs, TakeGone(c, ask, found, errors.text.empty(), &errors, note));
    if (inputs) found = *std::move(inputs);
  }
  if (!errors.text.empty()) return Status(errors.plan ? ErrorKind::kPlan : ErrorKind::kFailed, errors.text, "");
  return found;
}

Status RefuseWithoutGone(const Context& c, Ask ask, const CannotGoOn& reason) {
  for (const Input& input : c.inputs)
    if (input.gone)
      return Status::Plan(fmt::format("{}: it is not there any more, and the import that has read it cannot go on: {}",
                                      input.path, reason.why),
                          reason.what_to_do + "; or begin anew without it, by --from extract");
  if (ask == Ask::kAgain) return {};
  // Rows that only the workspace has must not go with it, whoever asks: a replay, a watch.
  MIGRATE_ASSIGN(const auto extracted, ExtractedOf(c));
  if (!extracted) return {};
  const InputsByName here = ByName(c.inputs);
  for (const Input& input : extracted->inputs) {
    if (input.live || input.state != Input::State::kImport || PathExists(input.path)) continue;
    if (here.contains(NameOf(input))) continue;  // its name is no UTF-8
    MIGRATE_ASSIGN(const bool over, IsOver(c, *extracted));
    if (over) return {};
    return Status::Plan(fmt::format("{}: it is not there any more, and only the workspace {} still has its rows",
                                    input.path, c.plan.workspace),
                        "end that import first: migrate run " + c.plan.file);
  }
  return {};
}

}  // namespace migrate::run
