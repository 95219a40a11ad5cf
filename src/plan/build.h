// Reads a checked tree into a Plan, fills in the defaults, and checks what the schema cannot say.
#pragma once

#include <string>
#include <vector>

#include "migrate/plan/plan.h"
#include "tree.h"

namespace migrate::plan {

// Reads one plan; made for a single use. Bad nodes are left out: if there is any diagnostic, the Plan is of no use.
class PlanBuilder {
 public:
  // `version` is that of the program, for `requires`; "" takes every requirement for fulfilled.
  PlanBuilder(const SourceText& source, std::string version, Plan* plan, std::vector<Diagnostic>* out)
      : source_(source), version_(std::move(version)), plan_(plan), out_(out) {}

  // `plan->file` is set; the folder it lies in is where relative paths start.
  void Build(Node* root);

 private:
  // What a connection needs, of the target or of a source.
  struct Connection {
    Secret password;
    Tls tls;
  };

  void Name(Node* root);
  void Requires(const Node& node);
  void ReadTarget(Node* node);
  void ReadAttributes(Node* node);
  void ReadNormalize(Node* node);
  void ReadDedupe(Node* node);
  void ReadSurvivorship(Node* node);
  void ReadReconcile(Node* node);
  void ReadObserve(Node* node);
  void ReadRetention(Node* node);
  void ReadStages(Node* node);

  void ReadSource(Entry* entry);
  void ReadMode(Node* node, const std::string& path, Source* source);
  void ReadExtract(Node* node, const std::string& path, Source* source);
  void ReadTable(Node* node, Source* source);
  void ReadServer(Node* node, Source* source);
  void ReadThrottle(Node* node, const std::string& path, Throttle* throttle);
  void ReadCsvLayouts(Node* node, Source* source);
  void ReadLayout(Node* node, const std::string& path, Layout* layout);
  void ReadDelimiter(const Node& node, const std::string& path, Layout* layout);
  void ReadFields(Node* node, const std::string& path, Layout* layout);
  void ReadField(Node* node, const std::string& path, FieldMapping* mapping, std::vector<Position>* at);
  void ReadFormats(const Node& node, const std::string& path, FieldMapping* mapping);
  void ReadOptOut(Node* node, FieldMapping* mapping, std::vector<Position>* at);
  void CheckIgnored(const Layout& layout, const std::string& path);

  Connection ReadConnection(Node* node, const std::string& path);
  Secret ReadSecret(Node* node);

  std::string Absolute(const std::string& path) const;
  // The slot of a field or attribute, or -1 after a diagnostic at `at` (none if the plan's attributes are bad).
  int Slot(const std::string& name, Position at, const std::string& path);
  std::vector<std::string> FieldAndAttributeNames() const;
  void Default(const std::string& key, const std::string& value, const std::string& why);
  void Error(Position at, std::string message, std::string expected = "", std::string suggestion = "");

  const SourceText& source_;
  std::string version_;
  Plan* plan_;
  std::vector<Diagnostic>* out_;
  std::string folder_;
  bool attributes_known_ = true;
};

// The value behind `key` of a map that is not bad, or null. Of a repeated key the first.
Node* Good(Node* map, std::string_view key);
// The texts of a node that is one text or a list of texts, with their places.
std::vector<std::string> Texts(const Node& node, std::vector<Position>* at);

}  // namespace migrate::plan
