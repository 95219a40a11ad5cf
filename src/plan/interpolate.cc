#include "interpolate.h"

#include <algorithm>

namespace migrate::plan {
namespace {

constexpr int kDepthMax = 16;  // of defaults within defaults

bool IsNameStart(char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool IsName(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

class Interpolator {
 public:
  Interpolator(const SourceText& source, const EnvironmentLookup& environment, std::vector<Variable>* variables,
               std::vector<Diagnostic>* out)
      : source_(source), environment_(environment), variables_(variables), out_(out) {}

  void Visit(Node* node) {
    for (Node& item : node->items) Visit(&item);
    for (Entry& entry : node->entries) Visit(&entry.value);
    if (node->kind != Node::Kind::kText || node->text.find('$') == std::string::npos) return;
    at_ = node->at;
    bool good = true;
    std::string value = Expand(node->text, 0, &good);
    node->bad = !good;
    node->text = std::move(value);
  }

 private:
  std::string Expand(std::string_view text, int depth, bool* good) {
    std::string out;
    for (size_t i = 0; i < text.size();) {
      if (text[i] != '$' || i + 1 == text.size() || (text[i + 1] != '$' && text[i + 1] != '{')) {
        out += text[i++];
      } else if (text[i + 1] == '$') {
        out += '$';
        i += 2;
      } else {
        size_t end = Close(text, i + 2);
        if (end == std::string_view::npos) {
          Fail(text.substr(i), "'${' is not closed", "${NAME}, ${NAME:-default} or ${NAME:?message}", good);
          return out;
        }
        out += Reference(text.substr(i, end + 1 - i), depth, good);
        i = end + 1;
      }
    }
    return out;
  }

  // The '}' that closes a reference whose inside begins at `i`.
  static size_t Close(std::string_view text, size_t i) {
    for (int open = 1; i < text.size(); ++i) {
      if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') {
        ++i;
      } else if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
        ++open;
        ++i;
      } else if (text[i] == '}' && --open == 0) {
        return i;
      }
    }
    return std::string_view::npos;
  }

  std::string Reference(std::string_view whole, int depth, bool* good) {
    std::string_view inside = whole.substr(2, whole.size() - 3);
    size_t n = 0;
    while (n < inside.size() && (n == 0 ? IsNameStart(inside[n]) : IsName(inside[n]))) ++n;
    std::string name(inside.substr(0, n));
    std::string_view rest = inside.substr(n), kind = rest.substr(0, 2);
    if (n == 0 || (!rest.empty() && kind != ":-" && kind != ":?") || depth > kDepthMax) {
      Fail(whole, "'" + std::string(whole) + "' is no reference to a variable",
           "${NAME}, ${NAME:-default} or ${NAME:?message}; a plain '$' before '{' is written '$$'", good);
      return "";
    }
    std::optional<std::string> value = environment_(name);
    if (value && !IsUtf8(*value)) {
      Fail(whole, "the value of the variable " + name + " is not UTF-8", "", good);
      return "";
    }
    if (value && (rest.empty() || !value->empty())) {
      variables_->push_back({name, true});
      return *value;
    }
    if (kind == ":-") {
      variables_->push_back({name, false});
      return Expand(rest.substr(2), depth + 1, good);
    }
    std::string message = name + (value ? " is empty" : " is not set");
    if (rest.size() > 2) message += ": " + std::string(rest.substr(2));
    Fail(whole, message,
         "an environment variable " + name + (kind == ":?" ? "" : ", or a default: ${" + name + ":-...}"), good);
    return "";
  }

  void Fail(std::string_view where, std::string message, std::string expected, bool* good) {
    *good = false;
    out_->push_back(source_.Make(source_.Find(at_, where), std::move(message), std::move(expected)));
  }

  const SourceText& source_;
  const EnvironmentLookup& environment_;
  std::vector<Variable>* variables_;
  std::vector<Diagnostic>* out_;
  Position at_;
};

}  // namespace

void Interpolate(Node* node, const SourceText& source, const EnvironmentLookup& environment,
                 std::vector<Variable>* variables, std::vector<Diagnostic>* out) {
  Interpolator(source, environment, variables, out).Visit(node);
  std::stable_sort(variables->begin(), variables->end(),
                   [](const Variable& a, const Variable& b) { return a.name < b.name; });
  variables->erase(std::unique(variables->begin(), variables->end(),
                               [](const Variable& a, const Variable& b) { return a.name == b.name; }),
                   variables->end());
}

bool IsUtf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    auto byte = [&](size_t k) { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0u; };
    unsigned lead = byte(i);
    size_t length = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : 4;
    if (lead >= 0x80 && (lead < 0xC2 || lead > 0xF4)) return false;
    for (size_t k = 1; k < length; ++k)
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    if ((lead == 0xE0 && byte(i + 1) < 0xA0) || (lead == 0xED && byte(i + 1) > 0x9F) ||
        (lead == 0xF0 && byte(i + 1) < 0x90) || (lead == 0xF4 && byte(i + 1) > 0x8F))
      return false;
    i += length;
  }
  return true;
}

}  // namespace migrate::plan
