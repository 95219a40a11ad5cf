// The rows of a plan's sources, read once more for some purpose: a repair, or a proof of what was loaded.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "context.h"
#include "migrate/record/record.h"
#include "migrate/run/inputs.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// Where rows come from. Of a segment: the file that it was made of, as the import at hand has it.
struct RowOrigin {
  std::string source;  // name in the plan
  std::string path, sha256;
  std::string raw_delimiter;
};

struct RowTaker {
  // The views of a row live until the call returns.
  std::function<Status(const RowOrigin&, const RawRow&)> row;
  std::function<Status(const RowOrigin&, const Reject&)> reject;
  std::function<void(uint64_t rows)> progress;  // so far; may be empty
  const Cancel* cancel = nullptr;
};

// The inputs of the plan that can be opened now, with their SHA-256; of the others a line in *notes. Nothing is
// written.
std::vector<Input> OpenableInputs(const plan::Plan& plan, unsigned threads, std::vector<std::string>* notes);

// Every row of an input, in order. An error in the middle is the input's: what came before it was sound.
Status EachRow(const plan::Plan& plan, const Input& input, Servers* servers, const RowTaker& taker);

// Every row that the workspace holds as it was read for the last import of this plan; nothing if it holds none, or
// those of an import that the target does not know. A segment that is damaged is left out, with a line in *notes.
Status EachRowInWork(const plan::Plan& plan, store::Connection* db, const RowTaker& taker,
                     std::vector<std::string>* notes);

}  // namespace migrate::run
