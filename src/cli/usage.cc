#include "usage.h"

#include <fmt/core.h>

#include <algorithm>

#include "manual.h"
#include "migrate/plan/diagnostic.h"

namespace migrate::cli {
namespace {

struct Line {
  const Command* command;          // the last one that the words name
  const CLI::App* app;             // the same in CLI11's tree
  std::vector<std::string> words;  // behind it
};

Line FindLine(const Command& root, const CLI::App& app, const std::vector<std::string>& args) {
  Line line{&root, &app, {}};
  size_t i = 0;
  for (; i < args.size() && !line.command->subcommands.empty(); ++i) {
    const CLI::App* next = nullptr;
    for (const CLI::App* s : line.app->get_subcommands([](const CLI::App*) { return true; }))
      if (s->get_name() == args[i]) next = s;
    if (next == nullptr) break;
    const std::string path = line.command->path.empty() ? args[i] : line.command->path + " " + args[i];
    const Command* found = FindCommand(root, path);
    if (found == nullptr) break;
    line.app = next;
    line.command = found;
  }
  line.words.assign(args.begin() + static_cast<long>(i), args.end());
  return line;
}

std::string Called(const Command& c) { return c.path.empty() ? "migrate" : "migrate " + c.path; }

std::string HelpHint(const Command& c) { return fmt::format("`{} --help` tells more", Called(c)); }

std::string UsageHint(const Command& c) { return "usage: " + UsageLine(c) + "; " + HelpHint(c); }

const Argument* FindOption(const Command& c, const std::string& name) {
  for (const auto* list : {&c.options, &c.positionals})
    for (const Argument& a : *list)
      for (const std::string& n : a.names)
        if (n == name) return &a;
  return nullptr;
}

// The first word that looks like an option of the command and is none.
std::optional<Status> UnknownOption(const Command& root, const Line& line) {
  bool is_value = false;
  for (const std::string& word : line.words) {
    if (word == "--") break;
    bool value = std::exchange(is_value, false);
    if (value || word.size() < 2 || word[0] != '-') continue;
    const std::string name = word.substr(0, word.find('='));
    if (const Argument* a = FindOption(*line.command, name)) {
      is_value = !a->value.empty() && name == word;
      continue;
    }
    std::vector<std::string> names;
    for (const Argument& a : line.command->options) names.push_back(a.name());
    std::string hint, meant = plan::Nearest(name, names);
    if (!meant.empty()) {
      hint = "did you mean " + meant + "? ";
    } else if (line.command == &root) {
      for (const Command* c : Leaves(root))
        if (FindOption(*c, name) != nullptr) hint = "options stand behind the command. ";
    }
    return Status::Plan(fmt::format("`{}` has no option '{}'", Called(*line.command), name),
                        hint + HelpHint(*line.command));
  }
  return std::nullopt;
}

// A command, or its second word, that is missing or unknown.
std::optional<Status> UnknownCommand(const Line& line) {
  const Command& c = *line.command;
  if (c.subcommands.empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const Command& s : c.subcommands) names.push_back(s.name());
  std::string list;
  for (const std::string& n : names) list += (list.empty() ? "" : ", ") + n;
  std::string word;
  for (const std::string& w : line.words)
    if (w[0] != '-') {
      word = w;
      break;
    }
  if (std::find(names.begin(), names.end(), word) != names.end()) return std::nullopt;
  if (word.empty()) {
    if (c.path.empty())
      return Status::Plan("which command?", "for example `migrate run PLAN`; `migrate --help` lists them all");
    return Status::Plan(fmt::format("`{}` needs a word more: {}", Called(c), list),
                        fmt::format("for example `{} {} PLAN`", Called(c), names.front()));
  }
  std::string meant = plan::Nearest(word, names);
  std::string hint = meant.empty() ? "" : fmt::format("did you mean `{} {}`? ", Called(c), meant);
  if (c.path.empty())
    return Status::Plan(fmt::format("there is no command '{}'", word), hint + "`migrate --help` lists the commands");
  return Status::Plan(fmt::format("there is no command '{} {}'", c.path, word), hint + "it knows " + list);
}

std::optional<Status> MissingArgument(const Line& line) {
  for (const Argument& a : line.command->positionals) {
    const CLI::Option* o = line.app->get_option_no_throw(a.name());
    if (!a.required || o == nullptr || o->count() > 0) continue;
    const Manual& m = ManualOf(line.command->path);
    std::string hint = m.examples.empty() ? UsageHint(*line.command)
                                          : fmt::format("for example `migrate {}`", m.examples.front().line);
    std::string what = a.name() == "PLAN" ? "a plan file" : fmt::format("{} ({})", a.name(), a.text);
    return Status::Plan(fmt::format("`{}` needs {}", Called(*line.command), what), hint);
  }
  return std::nullopt;
}

// A value that an option does not take. CLI11 puts the option's name first: "--threads: Value 0 not in range 1 to 9".
Status BadValue(const Line& line, const std::string& what) {
  for (const auto* list : {&line.command->options, &line.command->positionals})
    for (const Argument& a : *list) {
      if (what.find(a.name()) == std::string::npos) continue;
      const CLI::Option* o = line.app->get_option_no_throw(a.name());
      std::string value;
      std::vector<std::string> given = o == nullptr ? std::vector<std::string>{} : o->results();
      for (const std::string& g : given)
        if (value.empty() || std::find(a.choices.begin(), a.choices.end(), g) == a.choices.end()) value = g;
      if (!a.choices.empty()) {
        std::string meant = plan::Nearest(value, a.choices);
        return Status::Plan(fmt::format("{} '{}': {}", a.name(), value, "not " + plan::OneOf(a.choices)),
                            meant.empty() ? UsageHint(*line.command) : "did you mean '" + meant + "'?");
      }
      std::string why = "not a value that it takes";
      if (size_t range = what.find("not in range"); range != std::string::npos)
        why = "not in the range" + what.substr(range + 12);
      if (size_t own = what.find(": it has "); own != std::string::npos) {
        why = what.substr(own + 2);
        if (value.size() > 40) value = value.substr(0, 37) + "...";  // bytes: an end of another is shown as such
      }
      if (a.value == "N" && value.find_first_not_of("-.0123456789") != std::string::npos) why = "not a number";
      return Status::Plan(fmt::format("{} '{}': {}", a.name(), value, why), a.name() + ": " + a.text);
    }
  return Status::Plan(what, UsageHint(*line.command));
}

std::string OptionIn(const Command& c, const std::string& text) {
  for (const Argument& a : c.options)
    if (text.find(a.name()) != std::string::npos) return a.name();
  return "";
}

}  // namespace

Status UsageError(const CLI::App& app, const std::vector<std::string>& args, const CLI::ParseError& error) {
  const Command root = ReadCommands(app);
  const Line line = FindLine(root, app, args);
  const Command& c = *line.command;
  const std::string what = error.what();
  // An option before the command is the mistake then, unless it is one that all commands have.
  const std::string first = line.words.empty() ? "" : line.words.front();
  if (first.empty() || first[0] != '-' || first == "--json" || first == "--quiet" || first == "--verbose")
    if (auto s = UnknownCommand(line)) return *s;
  if (auto s = UnknownOption(root, line)) return *s;
  if (auto s = UnknownCommand(line)) return *s;
  if (dynamic_cast<const CLI::ValidationError*>(&error) || dynamic_cast<const CLI::ConversionError*>(&error))
    return BadValue(line, what);
  if (dynamic_cast<const CLI::RequiredError*>(&error))
    if (auto s = MissingArgument(line)) return *s;
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error))
    if (std::string name = OptionIn(c, what); !name.empty()) {
      const Argument* a = FindOption(c, name);
      return Status::Plan(fmt::format("{} needs a value", name), fmt::format("{} {}: {}", name, a->value, a->text));
    }
  if (dynamic_cast<const CLI::ExcludesError*>(&error)) {
    size_t at = what.find(" excludes ");
    return Status::Plan(what.substr(0, at) + " and " + what.substr(at + 10) + " cannot be given together",
                        UsageHint(c));
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
    std::vector<std::string> rest = app.remaining(true);
    return Status::Plan(fmt::format("`{}`: '{}' is one argument too many", Called(c), rest.empty() ? "" : rest.front()),
                        UsageHint(c));
  }
  return Status::Plan(what, UsageHint(c));
}

}  // namespace migrate::cli
