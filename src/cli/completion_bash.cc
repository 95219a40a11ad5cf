// One function and tables: per command its options, those that take a value, and what its positionals are. COMP_WORDS
// is used as it comes, so that no package of helper functions is needed; '=' is a word of its own in it.
#include <fmt/core.h>

#include "completion.h"

namespace migrate::cli {
namespace {

constexpr char kHead[] = R"sh(# bash completion for migrate, made by `migrate completion bash`.

# The words of $1 that begin with $2.
_migrate_words() {
  COMPREPLY=($(compgen -W "$1" -- "$2"))
}

# Names of files that begin with $2: $1 is plan, file or folder.
_migrate_files() {
  local IFS=$'\n' name
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -d -- "$2"))
  [[ $1 == folder ]] && return
  while IFS= read -r name; do
    [[ -d $name || $1 == plan && $name != *.@(yaml|yml) ]] || COMPREPLY+=("$name")
  done < <(compgen -f -- "$2")
}

# Sets word to $1 without its quotes. Nothing of what was typed is ever evaluated.
_migrate_unquoted() {
  word=$1
  case $word in
    \'*) word=${word#\'} word=${word%\'} ;;
    \"*) word=${word#\"} word=${word%\"} ;;
    *) word=${word//\\/} ;;
  esac
  [[ $word != '~/'* ]] || word=$HOME/${word:2}
}

# What is expected, $1, as far as it begins with $2.
_migrate_value() {
  local name
  case $1 in
    plan | file | folder) _migrate_files "$1" "$2" ;;
    source)
      local IFS=$'\n'
      [[ -n $plan ]] && COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" __sources "$plan" 2>/dev/null)" -- "$2"))
      ;;
    none) ;;
    *) _migrate_words "$1" "$2" ;;
  esac
}

)sh";

constexpr char kBody[] = R"sh(
_migrate() {
  local cur=${COMP_WORDS[COMP_CWORD]} path= plan= word option= position=0 i extglob
  local commands options positionals
  extglob=$(shopt -p extglob)
  shopt -s extglob
  COMPREPLY=()
  [[ $cur == = ]] && cur=
  _migrate_table ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == = ]]; then
      continue
    elif [[ -n $option ]]; then
      option=
    elif [[ $word == -* ]]; then
      _migrate_option "$path" "$word" >/dev/null && option=$word
    elif [[ -n $commands ]]; then
      [[ " $commands " == *" $word "* ]] || { $extglob; return; }
      path=${path:+$path }$word
      _migrate_table "$path"
    else
      [[ ${positionals[position]} == plan ]] && _migrate_unquoted "$word" && plan=$word
      [[ ${positionals[position]} == *... ]] || ((position++))
    fi
  done
  _migrate_unquoted "$cur"
  cur=$word
  if [[ -n $option ]]; then
    _migrate_value "$(_migrate_option "$path" "$option")" "$cur"
  elif [[ $cur == -* ]]; then
    _migrate_words "$options" "$cur"
  elif [[ -n $commands ]]; then
    _migrate_words "$commands" "$cur"
  elif ((position < ${#positionals[@]})); then
    _migrate_value "${positionals[position]%...}" "$cur"
  fi
  $extglob
}

complete -F _migrate migrate
)sh";

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : " ") + w;
  return out;
}

std::string KindWord(const Argument& a) {
  switch (KindOf(a)) {
    case ValueKind::kChoices:
      return Joined(a.choices);
    case ValueKind::kPlan:
      return "plan";
    case ValueKind::kFile:
      return "file";
    case ValueKind::kFolder:
      return "folder";
    case ValueKind::kSource:
      return "source";
    case ValueKind::kNone:
      break;
  }
  return "none";
}

void AddTables(const Command& c, std::string* table, std::string* values) {
  std::vector<std::string> commands, options;
  std::string positionals;
  for (const Command& s : c.subcommands) commands.push_back(s.name());
  for (const Argument& a : c.options) {
    options.push_back(a.name());
    if (a.value.empty()) continue;
    for (const std::string& n : a.names) *values += fmt::format("    '{} {}') echo '{}' ;;\n", c.path, n, KindWord(a));
  }
  for (const Argument& a : c.positionals)
    positionals += (positionals.empty() ? "'" : " '") + KindWord(a) + (a.repeatable ? "...'" : "'");
  *table += fmt::format("    '{}') commands='{}' options='{}' positionals=({}) ;;\n", c.path, Joined(commands),
                        Joined(options), positionals);
  for (const Command& s : c.subcommands) AddTables(s, table, values);
}

}  // namespace

ValueKind KindOf(const Argument& a) {
  if (!a.choices.empty()) return ValueKind::kChoices;
  if (a.positional) {
    if (a.name() == "PLAN") return ValueKind::kPlan;
    return a.name() == "SOURCE" || a.name() == "FILE" ? ValueKind::kFile : ValueKind::kNone;
  }
  if (a.value == "FOLDER" || a.name() == "--scratch") return ValueKind::kFolder;
  if (a.value == "FILE" || a.name() == "--output") return ValueKind::kFile;
  return a.value == "SOURCE" || a.name() == "--source" ? ValueKind::kSource : ValueKind::kNone;
}

std::string BashCompletion(const Command& root) {
  std::string table, values;
  AddTables(root, &table, &values);
  return std::string(kHead) +
         "# Sets commands, options and positionals of the command $1.\n_migrate_table() {\n  case $1 in\n" + table +
         "  esac\n}\n\n# Prints what stands behind option $2 of command $1; fails if nothing does.\n"
         "_migrate_option() {\n  case \"$1 $2\" in\n" +
         values + "    *) return 1 ;;\n  esac\n}\n" + kBody;
}

}  // namespace migrate::cli
