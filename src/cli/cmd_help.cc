// `help`: the texts of help.h. The man page in docs/ is what `help --man` prints.
#include "command.h"
#include "help.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::vector<std::string> words;
  bool man = false;
};

int Main(const Syntax& app, const Options& o) {
  const Command root = ReadCommands(app.app());
  std::string path;
  for (const std::string& w : o.words) path += (path.empty() ? "" : " ") + w;
  const Command* command = FindCommand(root, path);
  if (command == nullptr)
    return Fail(o.common, Status::Plan("there is no command '" + path + "'", "`migrate --help` lists the commands"));
  if (o.common.json) return PrintResult(CommandsJson(root, MIGRATE_VERSION));
  return PrintResult(o.man ? ManPage(root, MIGRATE_VERSION) : HelpText(root, *command));
}

}  // namespace

void AddHelp(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("help", "Tells about a command, or about all");
  c.Option("COMMAND", o->words, "the command's words, such as run or rejects list");
  c.Flag("--man", o->man, "the man page, in roff");
  AddOutputFlags(c, &o->common);
  c.WhenChosen([o, action, app] { *action = [o, app] { return Main(app, *o); }; });
}

}  // namespace migrate::cli
