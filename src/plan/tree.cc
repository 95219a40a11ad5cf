#include "tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <optional>
#include <sstream>

#include "interpolate.h"

namespace migrate::plan {
namespace {

constexpr size_t kNodesMax = 100'000;  // aliases of aliases grow exponentially; a real plan has a few hundred nodes

struct Refused {
  Position at;
  std::string message, expected;
};

// What mends the commonest of yaml-cpp's errors.
std::string Mend(const std::string& message) {
  if (message.find("illegal map value") != std::string::npos) return "quotes around a text that holds ': '";
  if (message.find("tab") != std::string::npos) return "spaces: YAML allows no tabs as indentation";
  if (message.find("end of sequence flow") != std::string::npos) return "a ']' that closes the list";
  if (message.find("end of map flow") != std::string::npos) return "a '}' that closes the mapping";
  if (message.find("anchor is not defined") != std::string::npos) return "quotes around a text that begins with '*'";
  return "valid YAML";
}

size_t CountNodes(const Node& node) {
  size_t n = 1;
  for (const Node& item : node.items) n += CountNodes(item);
  for (const Entry& entry : node.entries) n += CountNodes(entry.value);
  return n;
}

bool LooksSecret(const std::string& key) {
  for (std::string_view word : {"passw", "passphrase", "secret", "token", "pwd"})
    if (key.find(word) != std::string::npos) return true;
  return EditDistance(key, "password", 2) <= 2;
}

bool NamesSecretSource(const std::string& key) {
  return key == "env" || key == "file" || key == "command" || key == "aws_iam" || key == "region" || key == "prompt";
}

// Builds the tree from the parser's events and masks literal secrets as they come by.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view text, SourceText* source, Node* root) : source_(source), root_(root), text_(text) {
    line_begins_.push_back(0);
    for (size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') line_begins_.push_back(i + 1);
  }

  // Masks what a secret's key was followed by, when the text ended there or could not be parsed.
  void Close() { Touch(source_->End()); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Position at = Begin(mark);
    Node node;
    node.at = at;
    Add(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Position at = Begin(mark);
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{at, "an alias stands within its own anchor", ""};
    Node copy = found->second;
    count_ += CountNodes(copy);
    Add(std::move(copy), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& value) override {
    Position at = Begin(mark);
    bool is_key = !stack_.empty() && stack_.back().node.kind == Node::Kind::kMap && !stack_.back().key;
    if (!is_key && SecretValue()) secret_ = at;
    if (!QuotesClosed(mark)) throw Refused{at, "a quoted text is not closed", "a quote at its end"};
    if (value.find('\0') != std::string::npos || !IsUtf8(value))
      throw Refused{at, "a text with a NUL character", "text"};
    Node node;
    node.kind = Node::Kind::kText;
    node.at = at;
    node.text = value;
    Add(std::move(node), anchor);
    // The value may turn out to be what cannot be parsed, so it is masked from its key on until it is known.
    if (is_key && SecretValue()) {
      secret_ = {at.line, at.column + static_cast<int>(value.size())};
      pending_ = true;
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Push(Node::Kind::kList, mark, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Push(Node::Kind::kMap, mark, anchor);
  }
  void OnSequenceEnd() override { Pop(); }
  void OnMapEnd() override { Pop(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<std::pair<std::string, Position>> key;
  };

  // Every event that has a place goes through here: the place ends a secret that came before it.
  Position Begin(const YAML::Mark& mark) {
    Position at = source_->At(mark.line, mark.column);
    if (pending_)
      secret_.reset();
    else
      Touch(at);
    pending_ = false;
    if (++count_ > kNodesMax) throw Refused{at, "the plan is too large: more than 100000 values", ""};
    return at;
  }
  void Touch(Position at) {
    if (secret_) source_->Mask(*secret_, at);
    secret_.reset();
  }
  // yaml-cpp ends a quoted scalar at the end of the file without a word.
  bool QuotesClosed(const YAML::Mark& mark) const {
    if (mark.line < 0 || static_cast<size_t>(mark.line) >= line_begins_.size()) return true;
    size_t i = line_begins_[static_cast<size_t>(mark.line)] + static_cast<size_t>(mark.column);
    if (i >= text_.size() || (text_[i] != '"' && text_[i] != '\'')) return true;
    char quote = text_[i];
    for (++i; i < text_.size(); ++i) {
      if (text_[i] == '\\' && quote == '"') {
        ++i;
      } else if (text_[i] == quote) {
        if (quote == '"' || i + 1 == text_.size() || text_[i + 1] != quote) return true;
        ++i;
      }
    }
    return false;
  }
  // Whether a text at the present place is a literal secret. Names of fields and columns never are.
  bool SecretValue() const {
    bool secret = false;
    for (const Open& open : stack_) {
      if (!open.key) continue;
      const std::string& key = open.key->first;
      if (key == "fields" || key == "attributes" || key == "layouts") return false;
      if (secret && NamesSecretSource(key)) return false;
      secret = secret || LooksSecret(key);
    }
    return secret;
  }
  void Push(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    Open open;
    open.node.at = Begin(mark);
    open.node.kind = kind;
    open.anchor = anchor;
    stack_.push_back(std::move(open));
  }
  void Pop() {
    Open open = std::move(stack_.back());
    stack_.pop_back();
    Add(std::move(open.node), open.anchor);
  }
  void Add(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      *root_ = std::move(node);
      return;
    }
    Open& open = stack_.back();
    if (open.node.kind == Node::Kind::kList) {
      open.node.items.push_back(std::move(node));
    } else if (!open.key) {
      if (node.kind != Node::Kind::kText)
        throw Refused{node.at, "a key is " + std::string(KindName(node)), "a text as the key"};
      open.key.emplace(std::move(node.text), node.at);
    } else {
      open.node.entries.push_back(Entry{std::move(open.key->first), open.key->second, std::move(node)});
      open.key.reset();
    }
  }

  SourceText* source_;
  Node* root_;
  std::string_view text_;
  std::vector<size_t> line_begins_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::optional<Position> secret_;  // where a secret began whose end is not known yet
  bool pending_ = false;            // secret_ begins behind its key: the value has not come yet
  size_t count_ = 0;
};

// A refusal to know more than one document: the second would be ignored without a word.
class NoMore : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { throw mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

}  // namespace

std::string_view KindName(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "empty";
    case Node::Kind::kText:
      return "a single value";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a mapping";
  }
  return "";
}

Entry* FindEntry(Node& map, std::string_view key) {
  for (Entry& entry : map.entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

std::vector<Diagnostic> ParseTree(std::string_view text, SourceText* source, Node* root) {
  std::istringstream in{std::string(text)};
  Builder builder(text, source, root);
  const std::string expected = "a mapping with 'name', 'target' and 'sources'";
  try {
    YAML::Parser parser(in);
    bool any = parser.HandleNextDocument(builder);
    builder.Close();
    if (!any || root->kind == Node::Kind::kNull) return {source->Make({}, "the plan is empty", expected)};
    NoMore more;
    parser.HandleNextDocument(more);
  } catch (const Refused& refused) {
    builder.Close();
    return {source->Make(refused.at, refused.message, refused.expected)};
  } catch (const YAML::Mark& second) {
    return {source->Make(source->At(second.line, second.column), "a second YAML document begins",
                         "one document: nothing behind '---' would be read")};
  } catch (const YAML::Exception& e) {
    builder.Close();
    return {source->Make(source->At(e.mark.line, e.mark.column), "YAML: " + e.msg, Mend(e.msg))};
  }
  if (root->kind != Node::Kind::kMap)
    return {source->Make(root->at, "the plan is " + std::string(KindName(*root)), expected)};
  return {};
}

}  // namespace migrate::plan
