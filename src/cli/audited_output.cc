#include "audited_output.h"

#include <nlohmann/json.hpp>

#include "migrate/base/bytes.h"
#include "migrate/base/clock.h"

namespace migrate::cli {

Status AuditedOutput::Write(std::string_view text) {
  bytes_ += text.size();
  hasher_.Update(text);
  for (const char c : text) {
    quoted_ ^= c == '"';
    lines_ += !quoted_ && c == '\n' ? 1 : 0;
  }
  return to_->Write(text);
}

void AuditedOutput::Note(const Common& common, const plan::Plan& plan, const std::string& what,
                         const std::string& source, const std::string& path, bool complete, int64_t unfinished_import) {
  if (bytes_ == 0) return;
  nlohmann::ordered_json event = {{"what", what},
                                  {"source", source},
                                  {"who", OperatorName()},
                                  {"output", path},
                                  {"rows", rows()},
                                  {"bytes", bytes_},
                                  {"sha256", Hex(AsView(hasher_.Finish()))},
                                  {"complete", complete}};
  if (unfinished_import != 0) event["unfinished_import"] = unfinished_import;
  Audit(common, plan, "export", event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace migrate::cli
