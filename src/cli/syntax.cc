#include "syntax.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace migrate::cli {

Rule::Rule(const CLI::Validator& of) : of_(std::make_shared<CLI::Validator>(of)) {}

Rule OneOf(std::vector<std::string> words) { return Rule(CLI::IsMember(std::move(words))); }
Rule Within(double low, double high) { return Rule(CLI::Range(low, high)); }
Rule Within(unsigned low, unsigned high) { return Rule(CLI::Range(low, high)); }
Rule Within(uint64_t low, uint64_t high) { return Rule(CLI::Range(low, high)); }
Rule Positive() { return Rule(CLI::Range(int64_t{1}, int64_t{1} << 62, "POSITIVE")); }
Rule NotNegative() { return Rule(CLI::Range(int64_t{0}, int64_t{1} << 62, "NUMBER")); }
Rule Threads() { return Within(1u, 1024u); }

Rule AtMostBytes(size_t most) {
  const auto check = [most](const std::string& text) {
    return text.size() <= most
               ? std::string()
               : "it has " + std::to_string(text.size()) + " bytes, and may have " + std::to_string(most);
  };
  return Rule(CLI::Validator(check, "", ""));
}

const Parameter& Parameter::Required() const {
  option_->required();
  return *this;
}

const Parameter& Parameter::Type(const std::string& name) const {
  option_->type_name(name);
  return *this;
}

const Parameter& Parameter::Group(const std::string& title) const {
  option_->group(title);
  return *this;
}

const Parameter& Parameter::Must(const Rule& rule) const {
  option_->check(rule.of());
  return *this;
}

const Parameter& Parameter::Needs(const std::string& other) const {
  option_->needs(other);
  return *this;
}

const Parameter& Parameter::Excludes(const Parameter& other) const {
  option_->excludes(other.option_);
  return *this;
}

const Parameter& Parameter::Excludes(std::initializer_list<const char*> others) const {
  for (const char* other : others) option_->excludes(other);
  return *this;
}

bool Parameter::given() const { return option_->count() > 0; }

Syntax Syntax::Subcommand(const std::string& name, const std::string& purpose) const {
  return {*app_->add_subcommand(name, purpose)};
}

void Syntax::NeedsSubcommand() const { app_->require_subcommand(1); }
void Syntax::Hide() const { app_->group(""); }
void Syntax::Footer(const std::string& text) const { app_->footer(text); }
void Syntax::WhenChosen(std::function<void()> what) const { app_->callback(std::move(what)); }

Parameter Syntax::Option(const std::string& name, std::string& value, const std::string& text) const {
  return Parameter(app_->add_option(name, value, text));
}

Parameter Syntax::Option(const std::string& name, std::vector<std::string>& values, const std::string& text) const {
  return Parameter(app_->add_option(name, values, text));
}

Parameter Syntax::Option(const std::string& name, std::vector<int64_t>& values, const std::string& text) const {
  return Parameter(app_->add_option(name, values, text));
}

Parameter Syntax::Option(const std::string& name, int64_t& value, const std::string& text) const {
  return Parameter(app_->add_option(name, value, text));
}

Parameter Syntax::Option(const std::string& name, uint64_t& value, const std::string& text) const {
  return Parameter(app_->add_option(name, value, text));
}

Parameter Syntax::Option(const std::string& name, std::optional<uint64_t>& value, const std::string& text) const {
  return Parameter(app_->add_option(name, value, text));
}

Parameter Syntax::Option(const std::string& name, unsigned& value, const std::string& text) const {
  return Parameter(app_->add_option(name, value, text));
}

Parameter Syntax::Option(const std::string& name, double& value, const std::string& text) const {
  return Parameter(app_->add_option(name, value, text));
}

Parameter Syntax::Flag(const std::string& name, bool& value, const std::string& text) const {
  return Parameter(app_->add_flag(name, value, text));
}

}  // namespace migrate::cli
