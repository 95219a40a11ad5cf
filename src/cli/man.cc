// The man page from the command tree. man(7): TH, SH, SS, TP, EX; roff has three characters to escape: \ and, at the
// beginning of a line, . and '. A plain - is a hyphen, \- the minus that can be copied from the page.
#include <fmt/core.h>

#include "help.h"
#include "manual.h"

namespace migrate::cli {
namespace {

std::string Roff(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'')
      out += "\\(aq";
    else if (c == '`')
      out += "\\(ga";
    else
      out.push_back(c);
  }
  if (out.starts_with('.')) out.insert(0, "\\&");
  return out;
}

// A sentence with `commands` in it: those in bold, without the marks.
std::string Prose(std::string_view text) {
  std::string out;
  bool bold = false;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find('`', begin), text.size());
    out += Roff(text.substr(begin, end - begin));
    if (end == text.size()) break;
    out += bold ? "\\fR" : "\\fB";
    bold = !bold;
    begin = end + 1;
  }
  return out;
}

// "migrate export WHAT PLAN [options]": literal words bold, what stands for something in italics.
std::string Synopsis(const Command& c) {
  std::string out, line = UsageLine(c);
  for (size_t begin = 0; begin < line.size();) {
    size_t end = std::min(line.find(' ', begin), line.size());
    std::string word = line.substr(begin, end - begin);
    bool placeholder = word.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ[") != std::string::npos;
    out += (out.empty() ? "" : " ") + std::string(placeholder ? "\\fI" : "\\fB") + Roff(word) + "\\fR";
    begin = end + 1;
  }
  return out;
}

std::string ArgumentText(const Argument& a) {
  std::string out = ".TP\n";
  for (const std::string& n : a.names) {
    if (&n != &a.names.front()) out += ", ";
    out += (a.positional ? "\\fI" : "\\fB") + Roff(n) + "\\fR";
  }
  if (!a.positional && !a.value.empty()) out += " \\fI" + Roff(a.value) + "\\fR";
  out += "\n" + Prose(a.text);
  if (!a.choices.empty() && a.text.find(a.choices.back()) == std::string::npos) {
    out += ": ";
    for (const std::string& c : a.choices) out += (&c == &a.choices.front() ? "" : ", ") + Roff(c);
  }
  return out + "\n";
}

std::string CommandText(const Command& c) {
  const Manual& m = ManualOf(c.path);
  std::string out = fmt::format(".SS {}\n{}\n.PP\n{}\n", Synopsis(c), Prose(c.purpose) + ".", Prose(m.about));
  if (m.about.empty()) out.erase(out.size() - 5);  // the empty paragraph
  for (const Argument& a : c.positionals)
    if (a.name() != "PLAN") out += ArgumentText(a);
  for (const Argument& a : c.options)
    if (a.group != kEveryCommand) out += ArgumentText(a);
  for (const Example& e : m.examples)
    out += fmt::format(".PP\n.EX\n    migrate {}\n.EE\n.RS 8\n{}\n.RE\n", Roff(e.line), Prose(e.does));
  return out;
}

std::string Codes() {
  std::string out;
  for (const ExitCode& e : ExitCodes()) out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", e.code, Prose(e.means));
  return out;
}

}  // namespace

std::string ManPage(const Command& root, std::string_view version) {
  std::string out = fmt::format(
      ".\\\" Made by `migrate help --man`; do not edit.\n.TH MIGRATE 1 \"\" \"migrate {}\" \"User Commands\"\n"
      ".SH NAME\nmigrate \\- {}\n.SH SYNOPSIS\n",
      version, Prose(root.purpose));
  for (const Command* c : Leaves(root)) out += Synopsis(*c) + "\n.br\n";
  out +=
      ".SH DESCRIPTION\n"
      "\\fBmigrate\\fR reads person records from CSV files and databases, brings names, phones, e\\-mails, addresses "
      "and "
      "dates into one form, loads every row into a target database, finds out which records are the same person, and "
      "proves the result by count and by SHA\\-256. What to read and where to put it stands in a \\fIPLAN\\fR, a YAML "
      "file. A row that cannot be read goes to quarantine with its reason and its original bytes.\n.PP\n"
      "Results go to standard output, messages to standard error.\n.SH OPTIONS OF EVERY COMMAND\n"
      ".TP\n\\fIPLAN\\fR\nThe plan file; relative paths in it start where it lies.\n";
  const Command* any = FindCommand(root, "run");
  for (const Argument& a : any != nullptr ? any->options : root.options)
    if (a.group == kEveryCommand) out += ArgumentText(a);
  for (const CommandGroup& g : CommandGroups()) {
    std::string body;
    for (std::string_view name : g.commands) {
      const Command* c = FindCommand(root, name);
      if (c == nullptr) continue;
      if (c->subcommands.empty()) body += CommandText(*c);
      for (const Command* leaf : Leaves(*c)) body += CommandText(*leaf);
    }
    if (!body.empty()) out += fmt::format(".SH {}\n{}", Roff(g.title), body);
  }
  return out + ".SH EXIT STATUS\n" + Codes() +
         ".PP\nIf several hold, the first of 130, 1, 4, 5, 3, 0.\n"
         ".SH ENVIRONMENT\n"
         ".TP\n\\fBNO_COLOR\\fR, \\fBTERM\\fR\nWith NO_COLOR set, or TERM=dumb, there is no live line.\n"
         ".TP\n\\fBTMPDIR\\fR\nWhere a dry run keeps its temporary files.\n"
         ".PP\nA plan may use further variables as \\fB${NAME}\\fR.\n"
         ".SH FILES\n"
         ".TP\n\\fI.migrate/NAME\\fR\nThe workspace beside the plan, unless the plan says otherwise: segments, "
         "reports, "
         "reconciliation.jsonl. It holds people\\(aqs data and is private (0700).\n";
}

}  // namespace migrate::cli
