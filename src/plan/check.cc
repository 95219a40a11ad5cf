#if defined(__GNUC__) && !defined(__clang__)
// gcc 12 takes a move within <regex> for a read of what was never set (gcc bug 105562) when it instruments the code.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <regex>
#include <set>

namespace migrate::plan {
namespace {

using Kind = Shape::Kind;

constexpr size_t kPatternTextMax = 256;  // std::regex recurses by the character

bool Matches(const std::string& text, const std::string& pattern) {
  return text.size() <= kPatternTextMax && std::regex_search(text, std::regex(pattern));
}

Node::Kind NodeKind(Kind kind) {
  switch (kind) {
    case Kind::kList:
      return Node::Kind::kList;
    case Kind::kMap:
    case Kind::kSwitch:
      return Node::Kind::kMap;
    default:
      return Node::Kind::kText;
  }
}

std::vector<std::string> KeyNames(const Shape& map) {
  std::vector<std::string> names;
  for (const Key& key : map.keys) names.push_back(key.name);
  return names;
}

const Key* FindKey(const Shape& map, const std::string& name) {
  for (const Key& key : map.keys)
    if (key.name == name) return &key;
  return nullptr;
}

std::string Join(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

class Checker {
 public:
  Checker(const SourceText& source, std::vector<Diagnostic>* out) : source_(source), out_(out) {}

  // `owner` is the place of the key that `node` stands behind, or the node's own.
  void Check(Node* node, const Shape& shape, const std::string& path, Position owner) {
    if (node->bad) return;
    if (shape.kind == Kind::kEither) return CheckEither(node, shape, path, owner);
    if (node->kind == Node::Kind::kNull) return Bad(node, owner, path + " has no value", shape.expected);
    if (node->kind != NodeKind(shape.kind)) return WrongKind(node, shape, path);
    switch (shape.kind) {
      case Kind::kList:
        return CheckList(node, shape, path);
      case Kind::kMap:
        return CheckMap(node, shape, path, owner);
      case Kind::kSwitch:
        return CheckSwitch(node, shape, path, owner);
      default:
        return CheckText(node, shape, path);
    }
  }

  void CheckDuplicates(Node* node, const std::string& path) {
    for (Node& item : node->items) CheckDuplicates(&item, path);
    std::set<std::string> seen;
    for (Entry& entry : node->entries) {
      if (!seen.insert(entry.key).second)
        Bad(&entry.value, entry.at, "duplicate key '" + entry.key + "'" + In(path),
            fmt::format("each key once; the first is in line {}", FindEntry(*node, entry.key)->at.line));
      CheckDuplicates(&entry.value, Join(path, entry.key));
    }
  }

 private:
  static std::string In(const std::string& path) { return path.empty() ? "" : " in " + path; }
  static std::string Subject(const std::string& path) { return path.empty() ? "the plan" : path; }

  void Bad(Node* node, Position at, std::string message, std::string expected, std::string suggestion = "") {
    if (node) node->bad = true;
    out_->push_back(source_.Make(at, std::move(message), std::move(expected), std::move(suggestion)));
  }

  void WrongKind(Node* node, const Shape& shape, const std::string& path) {
    bool literal = node->kind == Node::Kind::kText && !shape.literal_refused.empty();
    Bad(node, node->at, literal ? path + ": " + shape.literal_refused : path + " is " + std::string(KindName(*node)),
        shape.expected);
  }

  void CheckEither(Node* node, const Shape& shape, const std::string& path, Position owner) {
    if (node->kind == Node::Kind::kNull) return Bad(node, owner, path + " has no value", shape.expected);
    for (const auto& [name, form] : shape.cases)
      if (NodeKind(form.kind) == node->kind) return Check(node, form, path, owner);
    WrongKind(node, shape, path);
  }

  void CheckText(Node* node, const Shape& shape, const std::string& path) {
    const std::string& text = node->text;
    bool good = true;
    std::string suggestion;
    switch (shape.kind) {
      case Kind::kInteger: {
        std::optional<int64_t> n = ParseInteger(text);
        good = n && static_cast<double>(*n) >= shape.min && static_cast<double>(*n) <= shape.max;
        break;
      }
      case Kind::kNumber: {
        std::optional<double> x = ParseDecimal(text);
        good = x && *x >= shape.min && *x <= shape.max;
        break;
      }
      case Kind::kShare:
        good = ParseLimit(text).has_value();
        break;
      case Kind::kChoice:
        good = std::find(shape.choices.begin(), shape.choices.end(), text) != shape.choices.end();
        if (!good) suggestion = Nearest(text, shape.choices);
        break;
      default:
        if (text.empty()) return Bad(node, node->at, path + " is empty", shape.expected);
        good = shape.pattern.empty() || Matches(text, shape.pattern);
    }
    if (!good) Bad(node, node->at, path + " is " + Quoted(text), shape.expected, suggestion);
  }

  void CheckList(Node* node, const Shape& shape, const std::string& path) {
    if (node->items.empty() && shape.nonempty) return Bad(node, node->at, path + " is empty", shape.expected);
    std::set<std::string> seen;
    for (Node& item : node->items) {
      Check(&item, *shape.item, "an entry of " + path, item.at);
      if (!item.bad && item.kind == Node::Kind::kText && !seen.insert(item.text).second)
        Bad(&item, item.at, Quoted(item.text) + " stands twice in " + path, shape.expected + ", each once");
    }
  }

  void CheckMap(Node* node, const Shape& shape, const std::string& path, Position owner) {
    for (Entry& entry : node->entries) {
      if (entry.value.bad) continue;
      if (const Key* key = FindKey(shape, entry.key))
        Check(&entry.value, key->shape, Join(path, entry.key), entry.at);
      else
        CheckFurtherKey(&entry, shape, path);
    }
    if (node->entries.empty() && shape.nonempty) Bad(node, node->at, path + " is empty", shape.expected);
    for (const Key& key : shape.keys)
      if (key.needed && !FindEntry(*node, key.name))
        Bad(nullptr, owner, Subject(path) + " has no '" + key.name + "'", key.shape.expected);
    for (const auto& [key, other] : shape.goes_with)
      if (Entry* entry = FindEntry(*node, key); entry && !FindEntry(*node, other))
        return Bad(&entry->value, entry->at, fmt::format("'{}' without '{}'{}", key, other, In(path)), shape.expected);
    for (const std::vector<std::string>& group : shape.exactly_one) CheckExactlyOne(node, shape, group, path, owner);
  }

  void CheckFurtherKey(Entry* entry, const Shape& shape, const std::string& path) {
    if (!shape.item) {
      std::vector<std::string> names = KeyNames(shape);
      Bad(&entry->value, entry->at, "unknown key " + Quoted(entry->key) + In(path), OneOf(names),
          Nearest(entry->key, names));
    } else if (!shape.pattern.empty() && !Matches(entry->key, shape.pattern)) {
      Bad(&entry->value, entry->at, "bad name " + Quoted(entry->key) + In(path), shape.item_name);
    } else {
      Check(&entry->value, *shape.item, Join(path, entry->key), entry->at);
    }
  }

  void CheckExactlyOne(Node* node, const Shape& shape, const std::vector<std::string>& group, const std::string& path,
                       Position owner) {
    const Entry* first = nullptr;
    for (Entry& entry : node->entries) {
      if (std::find(group.begin(), group.end(), entry.key) == group.end()) continue;
      if (first && first->key != entry.key)
        Bad(&entry.value, entry.at, fmt::format("both '{}' and '{}'{}", first->key, entry.key, In(path)),
            "exactly " + OneOf(group));
      if (!first) first = &entry;
    }
    // A key that is written wrong, or belongs elsewhere, was reported; it is probably the one that is missed here.
    bool reported = std::any_of(node->entries.begin(), node->entries.end(),
                                [&](const Entry& e) { return e.value.bad && !FindKey(shape, e.key); });
    if (!first && !reported && !node->bad)
      Bad(node, owner, Subject(path) + " has none of " + OneOf(group).substr(7), "exactly " + OneOf(group));
  }

  void CheckSwitch(Node* node, const Shape& shape, const std::string& path, Position owner) {
    const Shape& first = shape.cases.front().shape;
    Entry* which = FindEntry(*node, shape.discriminator);
    if (which) Check(&which->value, FindKey(first, shape.discriminator)->shape, Join(path, which->key), which->at);
    if (!which)
      Bad(nullptr, owner, path + " has no '" + shape.discriminator + "'",
          FindKey(first, shape.discriminator)->shape.expected);
    const Shape* chosen = nullptr;
    for (const auto& [name, form] : shape.cases)
      if (which && !which->value.bad && which->value.text == name) chosen = &form;
    for (Entry& entry : node->entries) CheckBelongs(&entry, shape, chosen, path);
    if (chosen) CheckMap(node, *chosen, path, owner);
  }

  // A key of another case gets a message of its own. Where the case is not known, the keys of all are.
  void CheckBelongs(Entry* entry, const Shape& shape, const Shape* chosen, const std::string& path) {
    if (entry->value.bad || entry->key == shape.discriminator || (chosen && FindKey(*chosen, entry->key))) return;
    std::vector<std::string> owners, all;
    const Key* key = nullptr;
    std::string chosen_name;
    for (const auto& [name, form] : shape.cases) {
      if (&form == chosen) chosen_name = name;
      for (const std::string& known : KeyNames(form))
        if (std::find(all.begin(), all.end(), known) == all.end()) all.push_back(known);
      if (const Key* found = FindKey(form, entry->key)) {
        key = key ? key : found;
        owners.push_back(name);
      }
    }
    if (!chosen && key) return Check(&entry->value, key->shape, Join(path, entry->key), entry->at);
    if (chosen && !key) return;  // CheckMap reports it
    if (!key)
      return Bad(&entry->value, entry->at, "unknown key " + Quoted(entry->key) + In(path), OneOf(all),
                 Nearest(entry->key, all));
    Bad(&entry->value, entry->at,
        fmt::format("'{}' does not belong to a {} source ({}), but to {}", entry->key, chosen_name, path,
                    fmt::join(owners, " and ")),
        OneOf(KeyNames(*chosen)));
  }

  const SourceText& source_;
  std::vector<Diagnostic>* out_;
};

}  // namespace

void CheckTree(Node* root, const Shape& shape, const SourceText& source, std::vector<Diagnostic>* out) {
  Checker checker(source, out);
  checker.CheckDuplicates(root, "");
  checker.Check(root, shape, "", root->at);
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0') || text[0] == '-') return std::nullopt;
  int64_t n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

std::optional<double> ParseDecimal(std::string_view text) {
  if (text.empty() || text[0] == '-' || text.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  double x = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return x;
}

std::optional<Limit> ParseLimit(std::string_view text) {
  Limit limit;
  if (!text.empty() && text.back() == '%') {
    std::optional<double> percent = ParseDecimal(text.substr(0, text.size() - 1));
    if (!percent || *percent > 100) return std::nullopt;
    limit.share = *percent / 100;
    return limit;
  }
  std::optional<int64_t> rows = ParseInteger(text);
  if (!rows) return std::nullopt;
  limit.rows = static_cast<uint64_t>(*rows);
  return limit;
}

std::string Quoted(std::string_view value) {
  std::string text = MaskUrls(value);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  if (text.size() > 60) {
    size_t end = 57;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end) + "...";
  }
  return "'" + text + "'";
}

}  // namespace migrate::plan
