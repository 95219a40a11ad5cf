// How a command and its options are declared: a thin cover over CLI11, of which the mere header takes the compiler as
// long as ten of these files. Handles, to be copied; what they point to lives as long as the application in main().
// A variable that an option is bound to must outlive the parsing.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
class Validator;
}  // namespace CLI

namespace migrate::cli {

// What a value has to be.
class Rule {
 public:
  explicit Rule(const CLI::Validator& of);
  const CLI::Validator& of() const { return *of_; }

 private:
  std::shared_ptr<const CLI::Validator> of_;
};
Rule OneOf(std::vector<std::string> words);
Rule Within(double low, double high);
Rule Within(unsigned low, unsigned high);
Rule Within(uint64_t low, uint64_t high);
Rule Positive();
Rule NotNegative();
Rule AtMostBytes(size_t most);

// Of --threads.
Rule Threads();

class Parameter {
 public:
  explicit Parameter(CLI::Option* option) : option_(option) {}
  const Parameter& Required() const;
  const Parameter& Type(const std::string& name) const;    // what stands for its value in the help
  const Parameter& Group(const std::string& title) const;  // the heading in the help
  const Parameter& Must(const Rule& rule) const;
  const Parameter& Needs(const std::string& other) const;
  const Parameter& Excludes(const Parameter& other) const;
  const Parameter& Excludes(std::initializer_list<const char*> others) const;
  bool given() const;

 private:
  CLI::Option* option_;
};

class Syntax {
 public:
  Syntax(CLI::App& app) : app_(&app) {}  // NOLINT: a command is what its handle stands for
  const CLI::App& app() const { return *app_; }

  Syntax Subcommand(const std::string& name, const std::string& purpose) const;
  void NeedsSubcommand() const;
  void Hide() const;  // from the help
  void Footer(const std::string& text) const;
  void WhenChosen(std::function<void()> what) const;

  // A name that begins with dashes is an option's, another one a word's at that place.
  Parameter Option(const std::string& name, std::string& value, const std::string& text) const;
  Parameter Option(const std::string& name, std::vector<std::string>& values, const std::string& text) const;
  Parameter Option(const std::string& name, std::vector<int64_t>& values, const std::string& text) const;
  Parameter Option(const std::string& name, int64_t& value, const std::string& text) const;
  Parameter Option(const std::string& name, uint64_t& value, const std::string& text) const;
  Parameter Option(const std::string& name, std::optional<uint64_t>& value, const std::string& text) const;
  Parameter Option(const std::string& name, unsigned& value, const std::string& text) const;
  Parameter Option(const std::string& name, double& value, const std::string& text) const;
  Parameter Flag(const std::string& name, bool& value, const std::string& text) const;

 private:
  CLI::App* app_;
};

}  // namespace migrate::cli
