// What parts of a reconcile found, by label and as text (migrate/reconcile/parts.h); nothing is kept and nothing is
// there where no parts were asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "migrate/reconcile/parts.h"
#include "server_check.h"
#include "sqlite_check.h"

namespace migrate::reconcile {

std::string EncodeFound(const std::string& label, const ServerCheck& found);
std::string EncodeFound(const std::string& label, const SqliteStretch& found);
std::string EncodeFound(const std::string& label, const KeySet& found);
std::string EncodeFound(const std::string& label, const std::vector<Check>& found);
// false: it is not that.
bool DecodeFound(const std::string& text, const std::string& label, ServerCheck* found);
bool DecodeFound(const std::string& text, const std::string& label, SqliteStretch* found);
bool DecodeFound(const std::string& text, const std::string& label, KeySet* found);
bool DecodeFound(const std::string& text, const std::string& label, std::vector<Check>* found);

class PartKeeper {
 public:
  PartKeeper(const Parts* parts, const std::vector<std::string>& labels) : parts_(parts) {
    for (size_t i = 0; i < labels.size(); ++i) numbers_.emplace(labels[i], static_cast<uint32_t>(i));
  }
  bool only() const { return parts_ != nullptr && parts_->only; }
  // It is there; *found then has it.
  template <class Found>
  bool Has(const std::string& label, Found* found) const {
    std::string text;
    const auto number = numbers_.find(label);
    return parts_ != nullptr && number != numbers_.end() && parts_->read(number->second, &text) &&
           DecodeFound(text, label, found);
  }
  // This process is to read it, if it is not there.
  bool Mine(const std::string& label) const {
    if (!only()) return true;
    const auto number = numbers_.find(label);
    return number != numbers_.end() && parts_->mine(number->second);
  }
  template <class Found>
  Status Keep(const std::string& label, const Found& found) const {
    const auto number = numbers_.find(label);
    if (parts_ == nullptr || number == numbers_.end()) return {};
    return parts_->write(number->second, label, EncodeFound(label, found));
  }

 private:
  const Parts* parts_;
  std::map<std::string, uint32_t> numbers_;
};

}  // namespace migrate::reconcile
