// The YAML document as a tree that keeps what yaml-cpp's own nodes lose: repeated keys, and the place of everything.
//
// Scalars are texts, whatever they look like: `01234`, `no` and `1e3` stay as written. Only an empty plain scalar, `~`
// and `null` are kNull. Aliases are copies of their anchor's node, with the places of the anchor's text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/plan/diagnostic.h"

namespace migrate::plan {

struct Entry;

struct Node {
  enum class Kind : uint8_t { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  Position at;
  std::string text;            // kText
  std::vector<Node> items;     // kList
  std::vector<Entry> entries;  // kMap, in the order of the file, repeated keys included
  bool bad = false;            // a diagnostic was made for it: not to be read any further
};

struct Entry {
  std::string key;
  Position at;  // of the key
  Node value;
};

// "a text", "a list", "a mapping"; for messages.
std::string_view KindName(const Node& node);

// The first entry with that key, whatever its state, or null.
Entry* FindEntry(Node& map, std::string_view key);

// Parses one YAML document. Syntax errors (also quotes that are not closed, which yaml-cpp lets pass), an empty file, a
// second document, keys that are no texts, and trees of more than 100,000 nodes give diagnostics; the tree is usable if
// there are none. Literal secrets (a text under `password` and keys that look like it) are masked in `source`, also
// where the syntax error itself follows.
std::vector<Diagnostic> ParseTree(std::string_view text, SourceText* source, Node* root);

}  // namespace migrate::plan
